//! Reorders a table in place, the way the server would have answered the followed link.
//!
//! Reads only attributes that the server wrote: on a header link `data-sort`, `data-kind`,
//! `data-first`, `data-next`, `data-asc`, `data-desc`, `data-said-asc`, `data-said-desc`; on a row
//! `data-<sort>`. When anything is missing, the link is followed as a link.

use leptos::wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlInputElement, MouseEvent, Window};

use super::order::{Direction, Key, Kind, compare};

const LINKS: &str = "a[data-sort]";

/// Sorts by the header link under a click, and says so in one sentence.
///
/// None when the click was for something else or must stay the browser's.
pub(super) fn follow(event: &MouseEvent) -> Option<String> {
    let held = event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key();
    if held || event.button() != 0 {
        return None;
    }
    let target: Element = event.target()?.dyn_into().ok()?;
    let link = target.closest(LINKS).ok()??;
    let table = link.closest("table").ok()??;
    let direction = Direction::read(&link.get_attribute("data-next")?)?;
    let href = link.get_attribute(direction.pick("data-asc", "data-desc"))?;
    let said = link.get_attribute(direction.pick("data-said-asc", "data-said-desc"))?;
    let window = web_sys::window()?;

    sort(&table, &link, direction)?;
    event.prevent_default();
    mark(&table, &link, direction);
    remember(&window, &href, &link.get_attribute("data-sort")?, direction);
    Some(said)
}

/// Appends the rows in their new order; equal rows keep theirs.
fn sort(table: &Element, link: &Element, direction: Direction) -> Option<()> {
    let kind = Kind::read(&link.get_attribute("data-kind")?);
    let attribute = format!("data-{}", link.get_attribute("data-sort")?);
    let body = table.query_selector("tbody").ok()??;
    let rows = body.children();
    let mut keyed: Vec<(Key, Element)> = (0..rows.length())
        .filter_map(|at| rows.item(at))
        .map(|row| {
            let key = Key::read(kind, &row.get_attribute(&attribute).unwrap_or_default());
            (key, row)
        })
        .collect();
    keyed.sort_by(|a, b| compare(&a.0, &b.0, direction));
    for (_, row) in keyed {
        body.append_child(&row).ok()?;
    }
    Some(())
}

/// States the order in `aria-sort` and points every header link at what it would do next.
fn mark(table: &Element, chosen: &Element, direction: Direction) {
    let Ok(links) = table.query_selector_all(LINKS) else {
        return;
    };
    for link in (0..links.length()).filter_map(|at| links.item(at)) {
        let Ok(link) = link.dyn_into::<Element>() else {
            continue;
        };
        let is_chosen = link == *chosen;
        if let Ok(Some(header)) = link.closest("th") {
            let _ = if is_chosen {
                header.set_attribute("aria-sort", direction.pick("ascending", "descending"))
            } else {
                header.remove_attribute("aria-sort")
            };
        }
        let next = if is_chosen {
            Some(direction.turned())
        } else {
            link.get_attribute("data-first")
                .and_then(|first| Direction::read(&first))
        };
        if let Some(next) = next {
            point(&link, next);
        }
    }
}

fn point(link: &Element, next: Direction) {
    let _ = link.set_attribute("data-next", next.pick("asc", "desc"));
    if let Some(href) = link.get_attribute(next.pick("data-asc", "data-desc")) {
        let _ = link.set_attribute("href", &href);
    }
}

/// Puts the order into the address and into the filter form, so that both keep it.
fn remember(window: &Window, href: &str, sort: &str, direction: Direction) {
    if let Ok(history) = window.history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(href));
    }
    for (name, value) in [("sort", sort), ("order", direction.pick("asc", "desc"))] {
        let input = window
            .document()
            .and_then(|page| {
                let selector = format!("input[type=hidden][name={name}]");
                page.query_selector(&selector).ok().flatten()
            })
            .and_then(|input| input.dyn_into::<HtmlInputElement>().ok());
        if let Some(input) = input {
            input.set_value(value);
            // A default is left out of the address, hence out of the form too.
            input.set_disabled(!href.contains(&format!("{name}=")));
        }
    }
}
