//! The filter form of a board: a plain GET, and the filters in force with a link to drop each.
//!
//! Filters hide rows; ranks stay as they are.

use assay_api::{BoardPage, BoardQuery};
use leptos::prelude::*;

use super::{first_locale, shown_locale};
use crate::{Locale, format, links, text};

/// Longest search text, as the server accepts it.
const SEARCH_MAX: usize = 80;

/// Form and chips.
pub(super) fn filters(page: &BoardPage, locale: Locale) -> AnyView {
    view! {
        <form
            class="filters"
            role="search"
            aria-label=text::board_filter(locale)
            method="get"
            action=links::board(locale, &page.benchmark.name)
        >
            {language(page, locale)}
            {section(page, locale)}
            <div class="field grow">
                <label for="q">{text::board_search(locale)}</label>
                <input
                    id="q"
                    name="q"
                    type="search"
                    maxlength=SEARCH_MAX
                    autocomplete="off"
                    value=page.query.q.clone().unwrap_or_default()
                />
            </div>
            {order(&page.query)}
            <button type="submit">{text::board_apply(locale)}</button>
        </form>
        {chips(page, locale)}
    }
    .into_any()
}

fn language(page: &BoardPage, locale: Locale) -> AnyView {
    let options: Vec<_> = page
        .locales
        .iter()
        .map(|tag| {
            let selected = tag == shown_locale(page);
            view! {
                <option value=tag.clone() lang=tag.clone() selected=selected>
                    {format::language(tag)}
                </option>
            }
        })
        .collect();
    view! {
        <div class="field">
            <label for="locale">{text::board_language(locale)}</label>
            <select id="locale" name="locale">
                {options}
            </select>
        </div>
    }
    .into_any()
}

fn section(page: &BoardPage, locale: Locale) -> AnyView {
    let asked = page.query.section.as_deref();
    let options: Vec<_> = page
        .sections
        .iter()
        .map(|id| {
            view! {
                <option value=id.clone() selected=asked == Some(id)>
                    {format::section(id)}
                </option>
            }
        })
        .collect();
    view! {
        <div class="field">
            <label for="section">{text::board_section(locale)}</label>
            <select id="section" name="section">
                <option value="" selected=asked.is_none()>
                    {text::all_sections(locale)}
                </option>
                {options}
            </select>
        </div>
    }
    .into_any()
}

/// The order in force, so that the form keeps it; a default is disabled and so not sent.
fn order(query: &BoardQuery) -> AnyView {
    let sort = links::sort_of(query);
    let order = links::order_of(query);
    view! {
        <input
            type="hidden"
            name="sort"
            value=links::sort_word(sort)
            disabled=links::is_default_sort(sort)
        />
        <input
            type="hidden"
            name="order"
            value=links::order_word(order)
            disabled=order == links::first_order(sort)
        />
    }
    .into_any()
}

fn chips(page: &BoardPage, locale: Locale) -> Option<AnyView> {
    let query = &page.query;
    let without_section = BoardQuery {
        section: None,
        ..query.clone()
    };
    let without_text = BoardQuery {
        q: None,
        ..query.clone()
    };
    let section = query.section.as_deref().map(|id| {
        (
            text::board_chip_section(locale, &format::section(id)),
            without_section,
        )
    });
    let search = query
        .q
        .as_deref()
        .filter(|words| !words.is_empty())
        .map(|words| (text::board_chip_text(locale, words), without_text));
    let all: Vec<_> = section.into_iter().chain(search).collect();
    if all.is_empty() {
        return None;
    }
    let path = links::board(locale, &page.benchmark.name);
    let chips: Vec<_> = all
        .into_iter()
        .map(|(words, rest)| {
            let href = format!("{path}{}", links::board_query(&rest, first_locale(page)));
            view! {
                <li>
                    <a class="chip" href=href aria-label=text::board_chip_remove(locale, &words)>
                        <bdi>{words.clone()}</bdi>
                        <span class="cross" aria-hidden="true"></span>
                    </a>
                </li>
            }
        })
        .collect();
    let list = view! {
        <ul class="plain inline chips" aria-label=text::board_chips(locale)>
            {chips}
        </ul>
    };
    Some(list.into_any())
}
