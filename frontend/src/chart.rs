//! Drawings as SVG with presentation attributes only: a whisker on an axis from 0 to 100 per cent.
//!
//! Positions come from the document in per mille; nothing is computed but the place on paper.

use assay_api::Estimate;
use leptos::prelude::*;

use crate::{Locale, estimate, text};

/// Narrowest bar that is still seen, in per mille.
const BAR_MIN: u64 = 8;

/// An estimate as a dot with its interval as a bar; hollow without interval, empty without items.
///
/// All places are percentages, so the drawing takes any width without scaling its dot. The
/// quarters of the axis are lines of the stylesheet.
pub(crate) fn whisker(of: &Estimate, locale: Locale) -> AnyView {
    let known = of.den > 0;
    let bar = of.interval.as_ref().filter(|_| known).map(|interval| {
        let from = interval.low_permille.min(1000 - BAR_MIN);
        let width = interval.high_permille.saturating_sub(from).max(BAR_MIN);
        view! {
            <rect class="range" x=place(from) y="6" width=place(width) height="10" rx="2"></rect>
        }
    });
    let shape = if of.interval.is_some() {
        "dot"
    } else {
        "dot hollow"
    };
    let dot = known
        .then(|| view! { <circle class=shape cx=place(of.permille) cy="11" r="4.5"></circle> });
    view! {
        <svg class="whisker" width="160" height="22" role="img">
            <title>{estimate::in_words(of, locale)}</title>
            {bar}
            {dot}
        </svg>
    }
    .into_any()
}

/// The axis above a column of whiskers.
pub(crate) fn axis(locale: Locale) -> AnyView {
    let labels: Vec<_> = [(0, "start"), (50, "middle"), (100, "end")]
        .into_iter()
        .map(|(percent, anchor)| {
            view! {
                <text x=place(percent * 10) y="10" text-anchor=anchor>
                    {percent}
                </text>
            }
        })
        .collect();
    view! {
        <svg class="axis" width="160" height="18" role="img">
            <title>{text::axis_title(locale)}</title>
            {labels}
        </svg>
    }
    .into_any()
}

/// Per mille as a percentage of the axis, kept on it.
fn place(permille: u64) -> String {
    let permille = permille.min(1000);
    format!("{}.{}%", permille / 10, permille % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_stay_on_the_axis() {
        assert_eq!(place(0), "0.0%");
        assert_eq!(place(713), "71.3%");
        assert_eq!(place(1000), "100.0%");
        assert_eq!(place(5000), "100.0%");
    }
}
