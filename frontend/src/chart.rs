//! Drawings as SVG with presentation attributes only: a whisker on an axis from 0 to 100 per cent.
//!
//! Positions come from the document in per mille; nothing is computed but the place on paper.

use assay_api::Estimate;
use leptos::prelude::*;

use crate::{Locale, estimate, text};

/// Length of the axis; one unit is half a per cent.
const AXIS: u64 = 200;
/// Room left and right, so that a dot at an end is whole.
const MARGIN: u64 = 8;
const WIDTH: u64 = AXIS + 2 * MARGIN;

/// An estimate as a dot with its interval as a bar; hollow without interval, empty without items.
pub(crate) fn whisker(of: &Estimate, locale: Locale) -> AnyView {
    let known = of.den > 0;
    let bar = of.interval.as_ref().filter(|_| known).map(|interval| {
        let (from, to) = (
            tenths(interval.low_permille),
            tenths(interval.high_permille),
        );
        view! {
            <rect
                class="range"
                x=place(from)
                y="7"
                width=decimal(to.saturating_sub(from).max(10))
                height="8"
                rx="2"
            ></rect>
        }
    });
    let shape = if of.interval.is_some() {
        "dot"
    } else {
        "dot hollow"
    };
    let dot = known.then(|| {
        view! { <circle class=shape cx=place(tenths(of.permille)) cy="11" r="5"></circle> }
    });
    view! {
        <svg class="whisker" viewBox=format!("0 0 {WIDTH} 22") width=WIDTH height="22" role="img">
            <title>{estimate::in_words(of, locale)}</title>
            {ticks(0, 22)}
            {bar}
            {dot}
        </svg>
    }
    .into_any()
}

/// The axis above a column of whiskers.
pub(crate) fn axis(locale: Locale) -> AnyView {
    let labels: Vec<_> = [0, 50, 100]
        .into_iter()
        .map(|percent| {
            let anchor = match percent {
                0 => "start",
                100 => "end",
                _ => "middle",
            };
            let x = match percent {
                0 => 1,
                100 => WIDTH - 1,
                _ => WIDTH / 2,
            };
            view! {
                <text x=x y="10" text-anchor=anchor>
                    {percent}
                </text>
            }
        })
        .collect();
    view! {
        <svg class="axis" viewBox=format!("0 0 {WIDTH} 18") width=WIDTH height="18" role="img">
            <title>{text::axis_title(locale)}</title>
            {labels}
            {ticks(13, 18)}
        </svg>
    }
    .into_any()
}

/// Five thin lines at every quarter.
fn ticks(from: u64, to: u64) -> Vec<AnyView> {
    (0..=4)
        .map(|quarter| {
            let x = MARGIN + quarter * AXIS / 4;
            view! { <line class="tick" x1=x x2=x y1=from y2=to></line> }.into_any()
        })
        .collect()
}

/// Per mille as tenths of a unit of the drawing, kept on the axis.
fn tenths(permille: u64) -> u64 {
    permille.min(1000) * AXIS / 100
}

fn place(tenths: u64) -> String {
    decimal(MARGIN * 10 + tenths)
}

fn decimal(tenths: u64) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_the_axis_lie_inside_the_drawing() {
        assert_eq!(place(tenths(0)), "8.0");
        assert_eq!(place(tenths(1000)), "208.0");
        assert_eq!(place(tenths(5000)), "208.0");
        assert_eq!(place(tenths(713)), "150.6");
    }
}
