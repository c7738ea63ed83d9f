//! The log as a page shows it: stored and public head, quorum and its age, witnesses, peers, alarms.

use assay_api::{
    ContradictionRow, CosignedRow, HeadRow, LogPage, PeerRow, PublicHead, QuorumRow, WitnessRow,
};
use assay_evidence::{
    policy::{Attested, Freshness, QUORUM_SECONDS_MAX, Quorum},
    time,
};

use super::link;
use crate::{
    clock::Millis,
    collect::WitnessState,
    http::problem::Problem,
    log::{Condition, HeadAt},
    peers::PeerState,
    station::Station,
    store::witness::Contradiction,
};

/// How the log is doing and who vouches for it.
pub async fn log(station: &Station) -> Result<LogPage, Problem> {
    let federation = station.federation();
    let now = station.clock().now();
    let status = station.log().status();
    let kept = federation.contradictions().all().await;
    let kept = kept.map_err(Problem::internal)?;
    let (condition, trouble) = match status.condition {
        Condition::Running => ("running", None),
        Condition::ReadOnly(says) => ("read-only", Some(says)),
        Condition::Stopped(says) => ("stopped", Some(says)),
    };
    let note = station.log().published().note;
    let attested = station.policy().check(&note, None).ok();
    let published = status.published.as_ref();
    Ok(LogPage {
        origin: station.facts().origin.clone(),
        condition: condition.to_owned(),
        trouble,
        published: published.map(|at| public_head(at, attested.as_ref(), now)),
        stored: head(&status.stored, now),
        waiting: status.waiting as u64,
        witnesses: federation.witnesses().into_iter().map(witness).collect(),
        witness_key: federation.witness().cosigner().to_string(),
        witnessed: federation.witness().origins().map(str::to_owned).collect(),
        peers: federation
            .peers()
            .into_iter()
            .map(|state| peer(state, &kept))
            .collect(),
        contradictions: kept.iter().map(contradiction).collect(),
        alarms: super::station::alarms(station, now).await,
    })
}

fn head(at: &HeadAt, now: Millis) -> HeadRow {
    HeadRow {
        size: at.head.size,
        root: at.head.root.to_string(),
        at: at.at.rfc3339(),
        age_s: now.seconds().saturating_sub(at.at.seconds()),
    }
}

fn public_head(at: &HeadAt, attested: Option<&Attested>, now: Millis) -> PublicHead {
    let cosigned = attested.map_or(&[][..], |attested| &attested.cosigned);
    let cosigned = cosigned.iter().map(|line| CosignedRow {
        witness: line.witness.clone(),
        cosigner: line.cosigner.clone(),
        at: time::from_seconds(line.time),
    });
    PublicHead {
        head: head(at, now),
        quorum: attested.and_then(|attested| quorum(&attested.quorum, now)),
        cosigned: cosigned.collect(),
    }
}

/// A quorum and its age; none under `quorum none`, where nobody states a time.
pub(super) fn quorum(quorum: &Quorum, now: Millis) -> Option<QuorumRow> {
    let Quorum::Met { name, time } = quorum else {
        return None;
    };
    let (freshness, age_s) = match quorum.freshness(now.seconds(), QUORUM_SECONDS_MAX) {
        Freshness::Unknown => return None,
        Freshness::Fresh(age) => ("fresh", age),
        Freshness::Stale(age) => ("stale", age),
    };
    Some(QuorumRow {
        name: name.clone(),
        at: time::from_seconds(*time),
        age_s,
        freshness: freshness.to_owned(),
    })
}

fn witness(state: WitnessState) -> WitnessRow {
    WitnessRow {
        name: state.name,
        cosigner: state.cosigner,
        size: state.size,
        at: state.time.map(time::from_seconds),
        trouble: state.trouble,
    }
}

fn peer(state: PeerState, kept: &[Contradiction]) -> PeerRow {
    PeerRow {
        frozen: kept.iter().any(|found| found.origin == state.origin),
        origin: state.origin,
        url: state.url,
        size: state.size,
        seen: state.seen.map(Millis::rfc3339),
        doubt: state.doubt,
        trouble: state.trouble,
    }
}

fn contradiction(found: &Contradiction) -> ContradictionRow {
    ContradictionRow {
        origin: found.origin.clone(),
        kind: found.kind.word().to_owned(),
        at: found.at.rfc3339(),
        note_a: found.note_a.clone(),
        note_b: found.note_b.clone(),
        record: found.leaf.as_ref().map(link::record_path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quorum_turns_stale_when_nobody_vouches_for_an_hour() {
        let met = Quorum::Met {
            name: "watchers".to_owned(),
            time: 1_800_000_000,
        };
        let after = |seconds: u64| quorum(&met, Millis((1_800_000_000 + seconds) * 1000));
        let shown = |row: Option<QuorumRow>| row.map(|row| (row.freshness, row.age_s));
        assert_eq!(shown(after(3600)), Some(("fresh".to_owned(), 3600)));
        assert_eq!(shown(after(3601)), Some(("stale".to_owned(), 3601)));
        assert_eq!(quorum(&Quorum::None, Millis(0)), None);
    }
}
