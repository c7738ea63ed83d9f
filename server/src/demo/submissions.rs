//! The demo's adapters on their way: each is submitted for the forms that its system was not run on yet.

use std::collections::BTreeMap;

use assay_evidence::digest::Digest;

use super::{DemoError, Say, runs};
use crate::{
    id::RunId,
    station::{Registration, Station, register},
    store::{OPEN, RunRow, RunState, YES},
    token::Principal,
};

const PRINCIPAL: &str = "demo";

/// A form by benchmark and id.
pub(super) type FormOf = (&'static str, String);

/// Submits every adapter, declared open, for those forms that its system has no run on.
pub(super) async fn submit(
    station: &Station,
    adapters: &[(String, Vec<u8>)],
    forms: &[FormOf],
    say: &mut Say<'_>,
) -> Result<(), DemoError> {
    let principal = Principal(PRINCIPAL.to_owned());
    let all = runs(station).await?;
    for (name, bytes) in adapters {
        let system = register::system_id(&principal, name);
        let was_run = |form: &str| {
            let mut of_system = all.iter().filter(|run| run.system == system);
            of_system.any(|run| run.form == form)
        };
        let missing = forms.iter().filter(|(_, form)| !was_run(form));
        let benchmarks: Vec<String> = missing.map(|(name, _)| (*name).to_owned()).collect();
        if benchmarks.is_empty() {
            continue;
        }
        let registration = Registration {
            principal: principal.clone(),
            name: name.clone(),
            benchmarks,
            declares: BTreeMap::from([(OPEN.to_owned(), YES.to_owned())]),
            digest: Digest::of(bytes),
            key: None,
        };
        station
            .register_submission(&registration, &mut bytes.as_slice())
            .await?;
        say(format!("submitted {name}, {} bytes", bytes.len()));
    }
    Ok(())
}

/// Waits until all is done and says how each run fares.
pub(super) async fn wait(station: &Station, say: &mut Say<'_>) -> Result<(), DemoError> {
    let mut changes = station.changes();
    if station.is_settled().await? {
        return Ok(());
    }
    let ended = runs(station).await?.into_iter().filter(is_ended);
    let mut told: BTreeMap<RunId, RunState> = ended.map(|run| (run.id, run.state)).collect();
    loop {
        // Asked before the runs are read: what is told last is then how they ended.
        let settled = station.is_settled().await?;
        for run in runs(station).await? {
            if told.insert(run.id, run.state) != Some(run.state) {
                tell(&run, say);
            }
        }
        if settled || changes.changed().await.is_err() {
            return Ok(());
        }
    }
}

fn is_ended(run: &RunRow) -> bool {
    matches!(run.state, RunState::Published | RunState::Aborted)
}

fn tell(run: &RunRow, say: &mut Say<'_>) {
    let what = format!("{} on {}", run.name, run.form);
    match (run.state, &run.detail) {
        (RunState::Queued, _) => {}
        (RunState::Running, _) => say(format!("running    {what}")),
        (RunState::Marked, _) => say(format!("marked     {what}")),
        (RunState::Published, _) => say(format!("published  {what}")),
        (RunState::Aborted, detail) => {
            let why = detail.as_deref().unwrap_or_default();
            say(format!("aborted    {what}: {why}"));
        }
    }
}
