//! The table of a board: one row for each system, all whiskers on one axis.
//!
//! Header links carry what the sorting island needs; without it they are plain links.

use assay_api::{BoardPage, BoardQuery, BoardRow, SortBy, SortOrder};
use leptos::prelude::*;

use super::{first_locale, section_words, shown_locale};
use crate::islands::SortRows;
use crate::{Locale, chart, estimate, format, links, record, scroll, text};

/// The table, or in words why there is none.
pub(super) fn table(page: &BoardPage, locale: Locale) -> AnyView {
    if page.rows.is_empty() {
        return empty(page, locale);
    }
    let shown = text::board_shown(
        locale,
        &format::count(page.rows.len() as u64),
        &format::count(page.rows_total),
    );
    let hidden = page.rows_total > page.rows.len() as u64;
    let rows = rows(page, locale);
    view! {
        {hidden.then(|| view! { <p class="aside">{shown}</p> })}
        <SortRows>
            {scroll::region(text::board_region(locale), rows, locale)}
        </SortRows>
    }
    .into_any()
}

fn empty(page: &BoardPage, locale: Locale) -> AnyView {
    if page.rows_total == 0 {
        return view! { <p class="empty">{text::board_empty(locale)}</p> }.into_any();
    }
    let path = links::board(locale, &page.benchmark.name);
    let query = BoardQuery {
        locale: page.query.locale.clone(),
        ..BoardQuery::default()
    };
    let href = format!("{path}{}", links::board_query(&query, first_locale(page)));
    view! {
        <p class="empty">
            {text::board_empty_filter(locale, page.rows_total)} " "
            <a href=href>{text::board_clear(locale)}</a>
        </p>
    }
    .into_any()
}

fn rows(page: &BoardPage, locale: Locale) -> AnyView {
    let language = format::language(shown_locale(page));
    let caption = text::board_caption(locale, &language, &section_words(page, locale));
    let body: Vec<_> = page.rows.iter().map(|one| row(one, locale)).collect();
    view! {
        <table class="board">
            {scroll::caption(caption)}
            {header(page, locale)}
            <tbody>{body}</tbody>
        </table>
    }
    .into_any()
}

fn header(page: &BoardPage, locale: Locale) -> AnyView {
    let plain = |words: &'static str| view! { <th scope="col">{words}</th> }.into_any();
    let number =
        |words: &'static str| view! { <th scope="col" class="number">{words}</th> }.into_any();
    view! {
        <thead>
            <tr>
                <th scope="col" class="rank">
                    {text::board_rank(locale)}
                </th>
                <th scope="col" class="name" aria-sort=sorted(page, SortBy::System)>
                    {sort_link(page, SortBy::System, locale)}
                </th>
                <th scope="col" class="estimate" aria-sort=sorted(page, SortBy::Estimate)>
                    <div class="pair">
                        {sort_link(page, SortBy::Estimate, locale)} {chart::axis(locale)}
                    </div>
                </th>
                {number(text::board_passed(locale))}
                {plain(text::board_receipt(locale))}
                <th scope="col" class="number" aria-sort=sorted(page, SortBy::Answered)>
                    {sort_link(page, SortBy::Answered, locale)}
                </th>
                <th scope="col" class="number" aria-sort=sorted(page, SortBy::Fuel)>
                    {sort_link(page, SortBy::Fuel, locale)}
                </th>
                {plain(text::board_form(locale))}
                {plain(text::board_station(locale))}
            </tr>
        </thead>
    }
    .into_any()
}

/// The value of `aria-sort`; none for columns that are not in force.
fn sorted(page: &BoardPage, column: SortBy) -> Option<&'static str> {
    (links::sort_of(&page.query) == column).then(|| match links::order_of(&page.query) {
        SortOrder::Asc => "ascending",
        SortOrder::Desc => "descending",
    })
}

/// A header link: where it leads now, where it leads in each direction, and what to say then.
fn sort_link(page: &BoardPage, column: SortBy, locale: Locale) -> AnyView {
    let (name, kind) = match column {
        SortBy::System => (text::board_system(locale), "text"),
        SortBy::Estimate => (text::board_estimate(locale), "number"),
        SortBy::Answered => (text::board_answered(locale), "number"),
        SortBy::Fuel => (text::board_fuel(locale), "number"),
    };
    let first = links::first_order(column);
    let next = match sorted(page, column) {
        Some("ascending") => SortOrder::Desc,
        Some(_) => SortOrder::Asc,
        None => first,
    };
    let path = links::board(locale, &page.benchmark.name);
    let href = |order: SortOrder| {
        let query = BoardQuery {
            sort: Some(column),
            order: Some(order),
            ..page.query.clone()
        };
        format!("{path}{}", links::board_query(&query, first_locale(page)))
    };
    let (said_asc, said_desc) = if kind == "text" {
        (
            text::board_said_text_asc(locale, name),
            text::board_said_text_desc(locale, name),
        )
    } else {
        (
            text::board_said_asc(locale, name),
            text::board_said_desc(locale, name),
        )
    };
    view! {
        <a
            href=href(next)
            data-sort=links::sort_word(column)
            data-kind=kind
            data-first=links::order_word(first)
            data-next=links::order_word(next)
            data-asc=href(SortOrder::Asc)
            data-desc=href(SortOrder::Desc)
            data-said-asc=said_asc
            data-said-desc=said_desc
        >
            {name}
        </a>
    }
    .into_any()
}

fn row(of: &BoardRow, locale: Locale) -> AnyView {
    let aborted = (of.runs_aborted > 0).then(|| {
        view! { <span class="aside">{text::board_row_aborted(locale, of.runs_aborted)}</span> }
    });
    let answered = text::counts_of(
        locale,
        &format::count(of.answered),
        &format::count(of.items),
    );
    view! {
        <tr
            data-system=of.name.to_lowercase()
            data-estimate=format!("{}/{}", of.estimate.num, of.estimate.den)
            data-answered=of.answered
            data-fuel=of.fuel.clone()
        >
            <td class="rank">{of.rank.clone()}</td>
            <th scope="row" class="name">
                <a href=links::system(locale, &of.system)>
                    <bdi>{of.name.clone()}</bdi>
                </a>
                " "
                {aborted}
            </th>
            {estimate::cell(&of.estimate, locale)}
            <td class="number">
                {estimate::passed(&of.estimate, locale)}
                " "
                <span class="aside">{estimate::families_in_words(&of.estimate, locale)}</span>
            </td>
            <td>
                {record::receipt(&of.receipt, locale)}
                " "
                <span class="aside">{record::day(&of.declared, locale)}</span>
            </td>
            <td class="number">{answered}</td>
            <td class="number">{format::short(&of.fuel)}</td>
            <td>
                {of.edition.clone()} " " <span class="aside">
                    <code>{format::short_id(&of.form)}</code>
                </span>
            </td>
            <td>
                <bdi>{of.station.clone()}</bdi>
                " "
                <span class="aside">
                    {record::evidence(&of.evidence_type, locale)} " · " {of.lane.clone()}
                </span>
            </td>
        </tr>
    }
    .into_any()
}
