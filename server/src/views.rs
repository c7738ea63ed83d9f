//! From rows, records and board bytes to the documents of the API; the pages render the same ones.
//!
//! Facts are looked up and laid out here. Nothing is estimated, ranked or signed: estimates come from
//! receipts, ranks from the board.

pub mod board;
pub mod estimate;
mod form;
pub mod link;
mod log;
pub mod receipt;
pub mod run;
pub mod station;

use assay_api::{
    AsOf, BenchmarkSummary, BoardPage, FormSummary, HomePage, ReceiptPage, RunPage, RunRow,
    StationSummary, SubmissionLine, SubmissionPage, SystemPage,
};
use assay_benchmarks::board::Board;
use assay_evidence::{
    digest::Digest,
    json,
    record::{Predicate as _, Receipt},
};

pub use log::log;

use self::board::Published;
use crate::{
    http::{problem::Problem, query},
    id::{RunId, SubmissionId},
    station::Station,
    store::{self, FormRow, Page, RunFilter, SubmissionRow},
};

/// Runs on the first page.
const LATEST_RUNS: u32 = 10;
/// Runs on a system's page and in a submission's document.
const RUNS_MAX: u32 = 200;

/// The first page.
pub async fn home(station: &Station) -> Result<HomePage, Problem> {
    let page = Page {
        before: None,
        limit: LATEST_RUNS,
    };
    let latest = station.store().runs(&RunFilter::default(), &page).await;
    let latest = latest.map_err(Problem::internal)?;
    Ok(HomePage {
        as_of: as_of(station),
        station: summary(station),
        benchmarks: benchmarks(station).await?,
        latest: run_rows(station, &latest).await?,
    })
}

/// Benchmarks that have a published form, by name.
pub async fn benchmarks(station: &Station) -> Result<Vec<BenchmarkSummary>, Problem> {
    let forms = station.store().forms().await.map_err(Problem::internal)?;
    let mut names: Vec<&str> = forms.iter().map(|form| form.benchmark.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let mut summaries = Vec::with_capacity(names.len());
    for name in names {
        let of_it: Vec<&FormRow> = forms.iter().filter(|form| form.benchmark == name).collect();
        summaries.push(benchmark(station, &of_it).await?);
    }
    Ok(summaries)
}

/// Published forms, newest first.
pub async fn forms(station: &Station) -> Result<Vec<FormSummary>, Problem> {
    let forms = station.store().forms().await.map_err(Problem::internal)?;
    Ok(forms.iter().filter_map(form::summary).collect())
}

/// A benchmark's board under a raw query string.
pub async fn board(station: &Station, name: &str, raw: Option<&str>) -> Result<BoardPage, Problem> {
    let forms = station.store().forms().await.map_err(Problem::internal)?;
    let forms: Vec<&FormRow> = forms.iter().filter(|form| form.benchmark == name).collect();
    let Some(newest) = FormRow::leading(forms.iter().copied()) else {
        return Err(Problem::not_found(&format!("benchmark {}", quoted(name))));
    };
    let sections: Vec<String> = newest
        .sections
        .iter()
        .map(|section| section.id.clone())
        .collect();
    let query = query::board(raw, &newest.locales, &sections)?;
    let counts = station
        .store()
        .run_counts(name, None)
        .await
        .map_err(Problem::internal)?;
    let published = published_board(station, name).await?;
    let benchmark = benchmark(station, &forms).await?;
    Ok(board::page(
        as_of(station),
        benchmark,
        query,
        published.as_ref(),
        counts,
    ))
}

/// A system over its benchmarks.
pub async fn system(station: &Station, id: &str) -> Result<SystemPage, Problem> {
    let submissions = station
        .store()
        .submissions_of_system(id)
        .await
        .map_err(Problem::internal)?;
    let Some(newest) = submissions.first() else {
        return Err(Problem::not_found(&format!("system {}", quoted(id))));
    };
    let filter = RunFilter {
        system: Some(id.to_owned()),
        ..RunFilter::default()
    };
    let runs = station
        .store()
        .runs(
            &filter,
            &Page {
                before: None,
                limit: RUNS_MAX,
            },
        )
        .await;
    let runs = runs.map_err(Problem::internal)?;
    let mut results = Vec::new();
    for benchmark in benchmarks(station).await? {
        if let Some(published) = published_board(station, &benchmark.name).await? {
            results.extend(board::results_of(&benchmark, &published, id));
        }
    }
    let mut lines = Vec::with_capacity(submissions.len());
    for submission in &submissions {
        lines.push(submission_line(station, submission).await);
    }
    Ok(SystemPage {
        as_of: as_of(station),
        id: id.to_owned(),
        name: newest.name.clone(),
        submissions: lines,
        results,
        runs: run_rows(station, &runs).await?,
    })
}

/// One run with its history.
pub async fn run(station: &Station, id: &str) -> Result<RunPage, Problem> {
    let missing = || Problem::not_found(&format!("run {}", quoted(id)));
    let id: RunId = id.parse().map_err(|_| missing())?;
    let run = station
        .store()
        .run(id)
        .await
        .map_err(Problem::internal)?
        .ok_or_else(missing)?;
    let history = station
        .store()
        .run_history(id)
        .await
        .map_err(Problem::internal)?;
    Ok(run::page(
        as_of(station),
        run_row(station, &run).await?,
        &history,
    ))
}

/// Runs as lists show them.
pub async fn run_rows(station: &Station, runs: &[store::RunRow]) -> Result<Vec<RunRow>, Problem> {
    let mut rows = Vec::with_capacity(runs.len());
    for run in runs {
        rows.push(run_row(station, run).await?);
    }
    Ok(rows)
}

/// One receipt, by its leaf hash.
pub async fn receipt(station: &Station, leaf: &str) -> Result<ReceiptPage, Problem> {
    let missing = || Problem::not_found(&format!("receipt {}", quoted(leaf)));
    let leaf: Digest = leaf.parse().map_err(|_| missing())?;
    let record = station
        .log()
        .record(&leaf)
        .await
        .map_err(Problem::internal)?;
    let record = record
        .filter(|record| record.name == Receipt::NAME)
        .ok_or_else(missing)?;
    let run = station
        .store()
        .run_of_record(&leaf)
        .await
        .map_err(Problem::internal)?;
    let run = run.ok_or_else(missing)?;
    let form = station
        .store()
        .form(&run.form)
        .await
        .map_err(Problem::internal)?;
    let form = form.ok_or_else(missing)?;
    let about_form = form::summary(&form).ok_or_else(missing)?;
    let receipt: Receipt = record.predicate().map_err(Problem::internal)?;
    Ok(receipt::page(
        as_of(station),
        &receipt,
        record.place,
        &run,
        &form,
        about_form,
    ))
}

/// One submission, by its id.
pub async fn submission(station: &Station, id: &str) -> Result<SubmissionPage, Problem> {
    let missing = || Problem::not_found(&format!("submission {}", quoted(id)));
    let id: SubmissionId = id.parse().map_err(|_| missing())?;
    let found = station
        .store()
        .submission(id)
        .await
        .map_err(Problem::internal)?;
    submission_of(station, &found.ok_or_else(missing)?).await
}

/// A submission with its runs, oldest first.
pub async fn submission_of(
    station: &Station,
    submission: &SubmissionRow,
) -> Result<SubmissionPage, Problem> {
    let filter = RunFilter {
        submission: Some(submission.id),
        ..RunFilter::default()
    };
    let runs = station
        .store()
        .runs(
            &filter,
            &Page {
                before: None,
                limit: RUNS_MAX,
            },
        )
        .await;
    let mut runs = run_rows(station, &runs.map_err(Problem::internal)?).await?;
    runs.reverse();
    Ok(run::submission(submission, runs))
}

/// Submissions as lists show them.
pub async fn submission_rows(
    station: &Station,
    submissions: &[SubmissionRow],
) -> Result<Vec<SubmissionPage>, Problem> {
    let mut rows = Vec::with_capacity(submissions.len());
    for submission in submissions {
        rows.push(submission_of(station, submission).await?);
    }
    Ok(rows)
}

/// The newest board of a benchmark, with the system that each row belongs to.
async fn published_board(station: &Station, name: &str) -> Result<Option<Published>, Problem> {
    let Some(row) = station
        .store()
        .newest_board(name)
        .await
        .map_err(Problem::internal)?
    else {
        return Ok(None);
    };
    let bytes = station
        .blobs()
        .read(&row.output)
        .await
        .map_err(Problem::internal)?;
    let bytes =
        bytes.ok_or_else(|| Problem::internal("the bytes of a published board are gone"))?;
    let board: Board = json::from_slice(&bytes).map_err(Problem::internal)?;
    let mut systems = Vec::with_capacity(board.rows.len());
    for row in &board.rows {
        let submission = station
            .store()
            .submission_of_record(&row.submission.leaf)
            .await;
        let submission = submission.map_err(Problem::internal)?;
        systems.push(
            submission
                .map(|submission| submission.system)
                .unwrap_or_default(),
        );
    }
    Ok(Some(Published {
        board,
        systems,
        snapshot: row.snapshot,
        output: row.output,
    }))
}

fn as_of(station: &Station) -> AsOf {
    link::as_of(&station.log().published().head)
}

fn summary(station: &Station) -> StationSummary {
    let facts = station.facts();
    StationSummary {
        origin: facts.origin.clone(),
        jurisdiction: facts.jurisdiction.clone(),
        lone: facts.lone,
        manifest_sha256: facts.manifest_sha256.to_string(),
        evidence_type: facts.evidence_type.to_owned(),
        policy: facts.policy.clone(),
    }
}

/// A benchmark from its forms, newest first; there is at least one.
async fn benchmark(station: &Station, forms: &[&FormRow]) -> Result<BenchmarkSummary, Problem> {
    let newest =
        FormRow::leading(forms.iter().copied()).expect("a benchmark is known by its forms");
    let counts = station.store().run_counts(&newest.benchmark, None).await;
    let systems = station.store().systems_on(&newest.benchmark).await;
    Ok(BenchmarkSummary {
        name: newest.benchmark.clone(),
        version: newest.version.clone(),
        title: newest.title.clone(),
        summary: newest.summary.clone(),
        locales: newest.locales.clone(),
        sections: newest
            .sections
            .iter()
            .map(|section| section.id.clone())
            .collect(),
        forms: forms.iter().filter_map(|row| form::summary(row)).collect(),
        systems: systems.map_err(Problem::internal)?,
        runs_closed: counts.map_err(Problem::internal)?.closed,
    })
}

async fn run_row(station: &Station, run: &store::RunRow) -> Result<RunRow, Problem> {
    let place = match run.state {
        store::RunState::Queued => station
            .store()
            .run_place(run.id)
            .await
            .map_err(Problem::internal)?,
        store::RunState::Running
        | store::RunState::Marked
        | store::RunState::Published
        | store::RunState::Aborted => None,
    };
    Ok(run::row(run, place))
}

async fn submission_line(station: &Station, submission: &SubmissionRow) -> SubmissionLine {
    let adapter = &submission.adapter;
    let is_public = station.public().holds_blob(adapter).await;
    SubmissionLine {
        id: submission.id.to_string(),
        adapter_sha256: adapter.to_string(),
        registered: submission.created.rfc3339(),
        open: submission.is_open(),
        adapter: is_public.then(|| link::blob_path(adapter)),
    }
}

/// At most 80 characters of what the caller asked for.
fn quoted(text: &str) -> String {
    text.chars()
        .take(80)
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}
