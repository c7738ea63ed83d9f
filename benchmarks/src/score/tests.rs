//! Counts and intervals of small runs.

use super::*;
use crate::{item::Grader, locale::Locale};

fn item(family: usize, locale: Locale, section: &str) -> Item {
    Item {
        benchmark: "b@1.0".to_owned(),
        family: format!("f{family}"),
        grader: Grader::Exact {
            aliases: vec!["x".to_owned()],
            rules: Vec::new(),
        },
        locale,
        max_bytes: 64,
        prompt: "?".to_owned(),
        section: section.to_owned(),
        weight: 1,
    }
}

fn mark(verdict: Verdict) -> Mark {
    Mark {
        points: "0".to_owned(),
        verdict,
        reason: None,
    }
}

#[test]
fn the_three_denominators_follow_from_the_verdicts() {
    let verdicts = [
        Verdict::Pass,
        Verdict::Pass,
        Verdict::Fail,
        Verdict::Refused,
        Verdict::Unparsed,
        Verdict::Void,
    ];
    let items: Vec<Item> = (0..6).map(|n| item(n, Locale::En, "a")).collect();
    let marks: Vec<Mark> = verdicts.into_iter().map(mark).collect();
    let scores = scores(&items, &marks);
    assert_eq!(scores.len(), 2);
    for score in scores {
        let counts = (
            score.num,
            score.den,
            score.decided,
            score.attempted,
            score.families,
        );
        assert_eq!(counts, (2, 5, 4, 3, 5));
        assert_eq!(score.interval, None);
    }
}

#[test]
fn rows_are_sorted_by_locale_and_section_with_totals_first() {
    let mut items = Vec::new();
    for locale in [Locale::ZhHans, Locale::En] {
        items.extend((0..10).map(|n| item(n, locale, "b")));
        items.extend((10..12).map(|n| item(n, locale, "a")));
    }
    let marks: Vec<Mark> = items.iter().map(|_| mark(Verdict::Pass)).collect();
    let rows: Vec<(String, Option<String>, bool)> = scores(&items, &marks)
        .into_iter()
        .map(|score| {
            (
                score.locale.expect("a locale"),
                score.section,
                score.interval.is_some(),
            )
        })
        .collect();
    let row = |locale: &str, section: Option<&str>, interval| {
        (locale.to_owned(), section.map(str::to_owned), interval)
    };
    assert_eq!(
        rows,
        [
            row("en", None, true),
            row("en", Some("a"), false),
            row("en", Some("b"), true),
            row("zh-Hans", None, true),
            row("zh-Hans", Some("a"), false),
            row("zh-Hans", Some("b"), true),
        ]
    );
}

#[test]
fn an_interval_needs_ten_families_of_one_item_each() {
    let interval = |families: usize, copies: usize| {
        let items: Vec<Item> = (0..families * copies)
            .map(|n| item(n % families, Locale::En, "a"))
            .collect();
        let marks: Vec<Mark> = items.iter().map(|_| mark(Verdict::Fail)).collect();
        scores(&items, &marks)[0].interval.clone()
    };
    assert_eq!(interval(9, 1), None);
    assert_eq!(interval(10, 2), None);
    let twenty = interval(20, 1).expect("twenty families");
    assert_eq!(
        (twenty.low.as_str(), twenty.high.as_str()),
        ("0.0000", "0.1612")
    );
    assert_eq!(
        (twenty.level.as_str(), twenty.method),
        ("0.95", IntervalMethod::Wilson)
    );
}

/// Two sections in one locale: twelve items of as many families, half of them passed.
fn checked(change: impl FnOnce(&mut Vec<Score>)) -> Result<(), ScoreFault> {
    let items: Vec<Item> = (0..12)
        .map(|n| item(n, Locale::En, if n < 2 { "a" } else { "b" }))
        .collect();
    let verdict = |n| {
        if n % 2 == 0 {
            Verdict::Pass
        } else {
            Verdict::Fail
        }
    };
    let marks: Vec<Mark> = (0..12).map(|n| mark(verdict(n))).collect();
    let mut scores = scores(&items, &marks);
    change(&mut scores);
    check(&items, &scores)
}

#[test]
fn scores_of_a_run_fit_the_items_and_no_others_do() {
    assert_eq!(checked(|_| {}), Ok(()));
    let rows: [fn(&mut Vec<Score>); 4] = [
        |scores| scores.swap(1, 2),
        |scores| drop(scores.pop()),
        |scores| scores[1].section = Some("c".to_owned()),
        |scores| scores[0].locale = None,
    ];
    for change in rows {
        assert_eq!(checked(change), Err(ScoreFault::Rows));
    }
    let sizes: [fn(&mut Vec<Score>); 4] = [
        |scores| scores[0].den += 1,
        |scores| scores[0].num = 13,
        |scores| scores[0].families = 11,
        |scores| scores[0].families = 13,
    ];
    for change in sizes {
        assert_eq!(checked(change), Err(ScoreFault::Size(1)));
    }
    let better = |score: &mut Score| {
        score.num += 1;
        score.interval = Some(interval(score.num, score.den));
    };
    assert_eq!(
        checked(|scores| better(&mut scores[0])),
        Err(ScoreFault::Sum(1))
    );
    assert_eq!(
        checked(|scores| scores[0].num += 1),
        Err(ScoreFault::Interval(1))
    );
    assert_eq!(
        checked(|scores| scores[0].interval = None),
        Err(ScoreFault::Interval(1))
    );
    assert_eq!(
        checked(|scores| scores[1].interval = Some(interval(1, 2))),
        Err(ScoreFault::Interval(2))
    );
}

#[test]
fn items_that_were_not_presented_leave_a_run_its_scores() {
    let items: Vec<Item> = (0..12).map(|n| item(n, Locale::En, "a")).collect();
    let verdict = |n| if n == 0 { Verdict::Void } else { Verdict::Pass };
    let marks: Vec<Mark> = (0..12).map(|n| mark(verdict(n))).collect();
    assert_eq!(check(&items, &scores(&items, &marks)), Ok(()));
}
