//! The station's own page: keys, log, forms, and every run that is open or ended without a result.
//!
//! Open runs are the log's: an intent that nothing closes is listed even when no run is known for it.
//! Ages are counted by the station's clock and shown beside declared times, never in their place.

mod standing;

pub(super) use standing::alarms;

use std::collections::BTreeMap;

use assay_api::{AbortedRun, KeyLine, ManifestLine, OpenRun, StationForm, StationPage};
use assay_evidence::{
    digest::Digest,
    json,
    manifest::{Manifest, ManifestKey, Role, Until, Validity},
    record::{Predicate as _, RunIntent, StationManifestRecord},
};

use super::{as_of, form, link, run_row, summary};
use crate::{
    clock::Millis,
    http::problem::Problem,
    log::Logged,
    station::Station,
    store::{Page, RunFilter, RunRow, RunState},
};

/// Aborted runs that are listed; all of them are counted, and `/api/v1/runs` has them page by page.
const ABORTED_MAX: u32 = 50;

/// The page.
pub async fn page(station: &Station) -> Result<StationPage, Problem> {
    let now = station.clock().now();
    // A keeper that gives no answer is a fact about the station, not a failure of the page.
    let ready = station.enclave().ready().await.ok();
    let manifests = manifests(station, now).await?;
    let runs_open = open_runs(station, now).await?;
    let (runs_aborted, runs_aborted_total) = aborted_runs(station, now).await?;
    let waiting = station.store().count_in(RunState::Queued).await;
    Ok(StationPage {
        as_of: as_of(station),
        station: summary(station),
        made: now.rfc3339(),
        log_key: station.facts().log_key.to_string(),
        seal_recipient: ready.as_ref().map(|ready| ready.seal_recipient.clone()),
        enclave_sha256: ready.map(|ready| ready.binary.to_string()),
        log: standing::log(station, now),
        quorum: standing::quorum(station, now),
        keys: keys(station.manifest()),
        manifests,
        forms: forms(station).await?,
        runs_waiting: waiting.map_err(Problem::internal)?,
        runs_open,
        runs_aborted,
        runs_aborted_total,
        alarms: alarms(station, now).await,
    })
}

/// Versions as the log holds them, newest first.
async fn manifests(station: &Station, now: Millis) -> Result<Vec<ManifestLine>, Problem> {
    let logged = station.log().records_named(StationManifestRecord::NAME, 0);
    let mut lines = Vec::new();
    for record in logged.await.map_err(Problem::internal)? {
        let stated: StationManifestRecord = record.predicate().map_err(Problem::internal)?;
        let payload = &stated.manifest.payload;
        let manifest: Manifest = json::from_slice(payload).map_err(Problem::internal)?;
        lines.push(ManifestLine {
            version: stated.version,
            sha256: Digest::of(payload).to_string(),
            expired: manifest.expires < now.rfc3339(),
            expires: manifest.expires,
            record: link::record(record.place),
        });
    }
    lines.reverse();
    Ok(lines)
}

/// Every key of a manifest in each of its ranges; keys without one sign no records.
fn keys(manifest: &Manifest) -> Vec<KeyLine> {
    let mut lines = Vec::new();
    for (role, held) in &manifest.roles {
        for key in &held.keyids {
            let kind = manifest.keys.get(key).map_or("unknown", kind);
            let line = |range: Option<&Validity>| KeyLine {
                role: role.name().to_owned(),
                kind: kind.to_owned(),
                key: key.to_string(),
                from: range.filter(|_| signs_here(*role)).map(|range| range.from),
                until: range.and_then(|range| range.until.as_ref()).map(end),
            };
            let of_key = |range: &&Validity| range.keyid == *key && range.role == *role;
            let ranges: Vec<&Validity> = manifest.validity.iter().filter(of_key).collect();
            if ranges.is_empty() {
                lines.push(line(None));
            }
            lines.extend(ranges.into_iter().map(|range| line(Some(range))));
        }
    }
    lines
}

fn kind(key: &ManifestKey) -> &'static str {
    match key {
        ManifestKey::Ed25519(_) => "ed25519",
        ManifestKey::P256(_) => "p256",
        ManifestKey::Age(_) => "age",
    }
}

/// Does an index of this station's log say where a key of this role begins to count?
fn signs_here(role: Role) -> bool {
    match role {
        Role::Committee | Role::EnclaveSign | Role::Log | Role::Recorder => true,
        Role::EnclaveSeal | Role::Mirror | Role::Root | Role::Witness => false,
    }
}

fn end(until: &Until) -> String {
    match until {
        Until::At(index) => index.to_string(),
        Until::Origins(ends) => {
            let ends = ends
                .iter()
                .map(|(origin, size)| format!("{origin}: {size}"));
            ends.collect::<Vec<_>>().join(", ")
        }
    }
}

async fn forms(station: &Station) -> Result<Vec<StationForm>, Problem> {
    let rows = station.store().forms().await.map_err(Problem::internal)?;
    let mut forms = Vec::with_capacity(rows.len());
    for row in &rows {
        let Some(about) = form::summary(row) else {
            continue;
        };
        let left = station.store().unended_runs_on(&row.form).await;
        let left = left.map_err(Problem::internal)?;
        forms.push(StationForm {
            benchmark: row.benchmark.clone(),
            title: row.title.clone(),
            about,
            runs_waiting: left.waiting,
            runs_open: left.open,
        });
    }
    Ok(forms)
}

/// Intents that nothing closes, with the run that each announced.
async fn open_runs(station: &Station, now: Millis) -> Result<Vec<OpenRun>, Problem> {
    let running = station.store().runs_in(RunState::Running).await;
    let running = running.map_err(Problem::internal)?;
    let by_intent: BTreeMap<Digest, &RunRow> = running
        .iter()
        .filter_map(|run| Some((run.intent?.leaf, run)))
        .collect();
    let intents = station.log().open_intents().await;
    let mut open = Vec::new();
    for intent in intents.map_err(Problem::internal)? {
        let run = by_intent.get(&intent.place.leaf).copied();
        open.push(open_run(station, &intent, run, now).await?);
    }
    Ok(open)
}

async fn open_run(
    station: &Station,
    logged: &Logged,
    run: Option<&RunRow>,
    now: Millis,
) -> Result<OpenRun, Problem> {
    let intent: RunIntent = logged.predicate().map_err(Problem::internal)?;
    Ok(OpenRun {
        intent: link::record(logged.place),
        announced: intent.declared,
        overdue: intent.close_by < now.rfc3339(),
        due: intent.close_by,
        age_seconds: run.map(|run| age(run.changed, now)),
        run: match run {
            Some(run) => Some(run_row(station, run).await?),
            None => None,
        },
    })
}

async fn aborted_runs(station: &Station, now: Millis) -> Result<(Vec<AbortedRun>, u64), Problem> {
    let filter = RunFilter {
        state: Some(RunState::Aborted),
        ..RunFilter::default()
    };
    let newest = Page {
        before: None,
        limit: ABORTED_MAX,
    };
    let total = station.store().count_in(RunState::Aborted).await;
    let found = station.store().runs(&filter, &newest).await;
    let mut aborted = Vec::new();
    for run in found.map_err(Problem::internal)? {
        aborted.push(AbortedRun {
            run: run_row(station, &run).await?,
            age_seconds: age(run.changed, now),
        });
    }
    Ok((aborted, total.map_err(Problem::internal)?))
}

fn age(since: Millis, now: Millis) -> u64 {
    now.seconds().saturating_sub(since.seconds())
}
