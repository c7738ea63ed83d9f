//! Paths of pages, and queries with default values left out.
//!
//! The server routes these; nothing else in this crate writes a path of a page.

use assay_api::{BoardQuery, SortBy, SortOrder};

use crate::Locale;

/// The first page.
pub fn home(locale: Locale) -> String {
    format!("{}/", locale.prefix())
}

/// The method page.
pub fn method(locale: Locale) -> String {
    format!("{}/method", locale.prefix())
}

/// The station's own page.
pub fn station(locale: Locale) -> String {
    format!("{}/station", locale.prefix())
}

/// A benchmark's board, without query.
pub fn board(locale: Locale, benchmark: &str) -> String {
    format!("{}/boards/{}", locale.prefix(), segment(benchmark))
}

/// A system.
pub fn system(locale: Locale, id: &str) -> String {
    format!("{}/systems/{}", locale.prefix(), segment(id))
}

/// A run.
pub fn run(locale: Locale, id: &str) -> String {
    format!("{}/runs/{}", locale.prefix(), segment(id))
}

/// A receipt, by the hex of its leaf hash.
pub fn receipt(locale: Locale, leaf: &str) -> String {
    format!("{}/receipts/{}", locale.prefix(), segment(leaf))
}

/// Where a reader checks a bundle; with the leaf hash of a receipt, that one's.
pub fn verify(locale: Locale, receipt: Option<&str>) -> String {
    let path = format!("{}/verify", locale.prefix());
    match receipt {
        Some(leaf) => format!("{path}?receipt={}", segment(leaf)),
        None => path,
    }
}

/// The document of a page: the same path with `.json`, and `index.json` below a trailing slash.
pub fn data(path: &str) -> String {
    if path.ends_with('/') {
        format!("{path}index.json")
    } else {
        format!("{path}.json")
    }
}

/// The query string of a board, `?` included; empty when everything is a default.
///
/// Defaults are the benchmark's first locale, all sections, no text, and the default order.
pub fn board_query(query: &BoardQuery, first_locale: Option<&str>) -> String {
    let locale = query
        .locale
        .as_deref()
        .filter(|tag| Some(*tag) != first_locale);
    let sort = sort_of(query);
    let order = order_of(query);
    let pairs = [
        ("locale", locale),
        ("section", query.section.as_deref()),
        ("q", query.q.as_deref().filter(|text| !text.is_empty())),
        (
            "sort",
            Some(sort_word(sort)).filter(|_| !is_default_sort(sort)),
        ),
        (
            "order",
            Some(order_word(order)).filter(|_| order != first_order(sort)),
        ),
    ];
    let parts: Vec<String> = pairs
        .into_iter()
        .filter_map(|(key, value)| value.map(|value| format!("{key}={}", segment(value))))
        .collect();
    if parts.is_empty() {
        String::new()
    } else {
        format!("?{}", parts.join("&"))
    }
}

/// The column in force.
pub fn sort_of(query: &BoardQuery) -> SortBy {
    query.sort.unwrap_or(SortBy::Estimate)
}

/// The direction in force.
pub fn order_of(query: &BoardQuery) -> SortOrder {
    query.order.unwrap_or(first_order(sort_of(query)))
}

/// The direction of a column when none is asked: names from A, numbers from the largest.
pub fn first_order(sort: SortBy) -> SortOrder {
    match sort {
        SortBy::System => SortOrder::Asc,
        SortBy::Estimate | SortBy::Answered | SortBy::Fuel => SortOrder::Desc,
    }
}

/// Whether a column is the one that boards are sorted by unasked.
pub fn is_default_sort(sort: SortBy) -> bool {
    sort == SortBy::Estimate
}

/// A column as the query spells it.
pub fn sort_word(sort: SortBy) -> &'static str {
    match sort {
        SortBy::Estimate => "estimate",
        SortBy::System => "system",
        SortBy::Answered => "answered",
        SortBy::Fuel => "fuel",
    }
}

/// A direction as the query spells it.
pub fn order_word(order: SortOrder) -> &'static str {
    match order {
        SortOrder::Desc => "desc",
        SortOrder::Asc => "asc",
    }
}

/// Percent-encodes all but RFC 3986's unreserved characters.
fn segment(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(hex_digit(byte >> 4));
            out.push(hex_digit(byte & 15));
        }
        out
    })
}

fn hex_digit(nibble: u8) -> char {
    char::from(b"0123456789ABCDEF"[usize::from(nibble)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(sort: Option<SortBy>, order: Option<SortOrder>) -> BoardQuery {
        BoardQuery {
            locale: Some("en".to_owned()),
            sort,
            order,
            ..BoardQuery::default()
        }
    }

    #[test]
    fn default_values_are_left_out_of_a_query() {
        let default = query(Some(SortBy::Estimate), Some(SortOrder::Desc));
        assert_eq!(board_query(&default, Some("en")), "");
        let names = query(Some(SortBy::System), Some(SortOrder::Asc));
        assert_eq!(board_query(&names, Some("en")), "?sort=system");
        let slow = query(Some(SortBy::Fuel), Some(SortOrder::Asc));
        assert_eq!(
            board_query(&slow, Some("pt")),
            "?locale=en&sort=fuel&order=asc"
        );
    }

    #[test]
    fn foreign_text_in_a_query_or_path_is_percent_encoded() {
        let mut asked = query(None, None);
        asked.q = Some("a&b=\"é/".to_owned());
        assert_eq!(board_query(&asked, Some("en")), "?q=a%26b%3D%22%C3%A9%2F");
        assert_eq!(system(Locale::En, "../x y"), "/en/systems/..%2Fx%20y");
    }

    #[test]
    fn the_document_of_a_page_has_the_path_of_the_page() {
        assert_eq!(data("/en/"), "/en/index.json");
        assert_eq!(data("/en/boards/x"), "/en/boards/x.json");
    }
}
