//! The parts of a page that a browser brings to life. Every control works as a link or a form before.
//!
//! Islands hold no results: rows are children and stay the server's HTML. An island's name on the
//! page is a digest of its source, so the same source must be built for server and browser.

mod order;
mod sort_rows;
mod table;

pub use sort_rows::SortRows;

/// The islands of a page by the name that the generated JavaScript must export, in page order.
pub fn components_in(html: &str) -> Vec<&str> {
    html.split(" data-component=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::components_in;

    #[test]
    fn the_islands_of_a_page_are_listed_in_order() {
        let html = r#"<leptos-island data-component="B_2"><a data-component="A_1">"#;
        assert_eq!(components_in(html), ["B_2", "A_1"]);
        assert!(components_in("<p>data-component</p>").is_empty());
    }
}
