//! A published board under a query: one locale, all or one section, filtered and sorted.
//!
//! Rows, ranks and estimates are those of the board's bytes; only their order and number change here.
//! A tie stays in the order of the board, never in that of time.

use std::cmp::Ordering;

use assay_api::{
    AsOf, BenchmarkSummary, BoardPage, BoardQuery, BoardRow, Estimate, SortBy, SortOrder,
    SystemResult,
};
use assay_benchmarks::board::{Board, Row};
use assay_evidence::digest::Digest;

use super::{estimate::estimate, link, receipt::lane};
use crate::store::{Place, RunCounts};

/// A board as it was published.
pub struct Published {
    /// What the bytes say.
    pub board: Board,
    /// System id of each row, in its order.
    pub systems: Vec<String>,
    /// The snapshot record.
    pub snapshot: Place,
    /// Digest of the bytes.
    pub output: Digest,
}

/// The page; without a published board it has no rows.
pub fn page(
    as_of: AsOf,
    benchmark: BenchmarkSummary,
    asked: BoardQuery,
    published: Option<&Published>,
    counts: RunCounts,
) -> BoardPage {
    let query = understood(asked, &benchmark);
    let locale = query.locale.as_deref().unwrap_or_default();
    let section = query.section.as_deref();
    let all = published.map_or_else(Vec::new, |published| rows(published, locale, section));
    let rows_total = all.len() as u64;
    BoardPage {
        as_of,
        locales: benchmark.locales.clone(),
        sections: benchmark.sections.clone(),
        benchmark,
        rows: ordered(all, &query),
        query,
        rows_total,
        runs_aborted: counts.aborted,
        runs_open: counts.open,
        snapshot: published.map(|published| link::record(published.snapshot)),
        output_sha256: published.map(|published| published.output.to_string()),
    }
}

/// A system's lines on a board, one for each locale.
pub fn results_of(
    benchmark: &BenchmarkSummary,
    published: &Published,
    system: &str,
) -> Vec<SystemResult> {
    let of_locale = |locale: &String| {
        let found = rows(published, locale, None)
            .into_iter()
            .find(|row| row.system == system);
        found.map(|row| SystemResult {
            benchmark: benchmark.name.clone(),
            title: benchmark.title.clone(),
            locale: locale.clone(),
            row,
        })
    };
    benchmark.locales.iter().filter_map(of_locale).collect()
}

/// The query with its defaults filled in.
fn understood(asked: BoardQuery, benchmark: &BenchmarkSummary) -> BoardQuery {
    let sort = asked.sort.unwrap_or(SortBy::Estimate);
    let order = asked.order.unwrap_or(match sort {
        SortBy::System => SortOrder::Asc,
        SortBy::Estimate | SortBy::Answered | SortBy::Fuel => SortOrder::Desc,
    });
    BoardQuery {
        locale: asked.locale.or_else(|| benchmark.locales.first().cloned()),
        sort: Some(sort),
        order: Some(order),
        ..asked
    }
}

/// The rows that have an estimate in this locale and section, in the board's order.
fn rows(published: &Published, locale: &str, section: Option<&str>) -> Vec<BoardRow> {
    let board = &published.board;
    let Some(form) = &board.form else {
        return Vec::new();
    };
    let shown = |(row, system): (&Row, &String)| {
        let score = row.scores.iter().find(|score| {
            score.locale.as_deref() == Some(locale) && score.section.as_deref() == section
        })?;
        let rank = row
            .ranks
            .iter()
            .find(|rank| rank.locale == locale && rank.section.as_deref() == section)?;
        Some(BoardRow {
            rank: rank.rank.clone(),
            system: system.clone(),
            name: row.name.clone(),
            estimate: estimate(score),
            answered: row.counts.answered,
            items: row.counts.items,
            fuel: row.usage.fuel.clone(),
            form: form.form.clone(),
            edition: form.edition.clone(),
            station: row.station.clone(),
            lane: lane(row.lane).to_owned(),
            evidence_type: row.evidence_type.word().to_owned(),
            declared: row.declared.clone(),
            receipt: link::reference(&row.receipt),
            runs_aborted: row.runs.aborted,
        })
    };
    board
        .rows
        .iter()
        .zip(&published.systems)
        .filter_map(shown)
        .collect()
}

fn ordered(mut rows: Vec<BoardRow>, query: &BoardQuery) -> Vec<BoardRow> {
    if let Some(text) = &query.q {
        let text = text.to_lowercase();
        rows.retain(|row| row.name.to_lowercase().contains(&text));
    }
    let by = query.sort.unwrap_or(SortBy::Estimate);
    let falling = query.order == Some(SortOrder::Desc);
    rows.sort_by(|a, b| {
        let order = compare(a, b, by);
        if falling { order.reverse() } else { order }
    });
    rows
}

fn compare(a: &BoardRow, b: &BoardRow, by: SortBy) -> Ordering {
    match by {
        SortBy::Estimate => rate(&a.estimate, &b.estimate),
        SortBy::System => a.name.to_lowercase().cmp(&b.name.to_lowercase()),
        SortBy::Answered => a.answered.cmp(&b.answered),
        SortBy::Fuel => fuel(a).cmp(&fuel(b)),
    }
}

/// Rates as fractions; one over nothing is below all others.
fn rate(a: &Estimate, b: &Estimate) -> Ordering {
    match (a.den, b.den) {
        (0, 0) => Ordering::Equal,
        (0, _) => Ordering::Less,
        (_, 0) => Ordering::Greater,
        _ => {
            let left = u128::from(a.num) * u128::from(b.den);
            left.cmp(&(u128::from(b.num) * u128::from(a.den)))
        }
    }
}

fn fuel(row: &BoardRow) -> u128 {
    row.fuel.parse().unwrap_or(0)
}

#[cfg(test)]
mod tests;
