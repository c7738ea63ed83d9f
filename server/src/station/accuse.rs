//! Accuses logs that told two stories, in records of this station's own log that anyone can check.
//!
//! The proof is all in the record, and whoever reads it decides anew whether it holds. Nothing is judged here.

use std::time::Duration;

use assay_evidence::{
    base64::Bytes,
    misbehaviour,
    record::{Misbehaviour, MisbehaviourKind},
    statement::sign_record,
};
use tokio::time::sleep;

use super::{Station, StationError};
use crate::store::witness::{Contradiction, ContradictionKind};

/// Pause after the log has refused an accusation.
const PAUSE: Duration = Duration::from_secs(30);

impl Station {
    /// Logs what is kept against other logs, now and whenever something is found, until the station stops.
    pub(super) async fn accuse(self) {
        let work = async {
            loop {
                match self.log_accusations().await {
                    Ok(()) => self.federation().contradictions().wait().await,
                    Err(error) => {
                        tracing::warn!(%error, "an accusation is not logged yet");
                        sleep(PAUSE).await;
                    }
                }
            }
        };
        self.stop().run_until_cancelled(work).await;
    }

    /// Logs every contradiction that is kept and not yet told.
    ///
    /// A crash between record and note repeats nothing: the same statement is logged once.
    async fn log_accusations(&self) -> Result<(), StationError> {
        let kept = self.federation().contradictions();
        for found in kept.all().await? {
            if found.leaf.is_none() {
                let record = accusation(&found, &self.facts().origin);
                let subjects = misbehaviour::subjects(&record);
                let signed = sign_record(self.recorder(), &subjects, &record);
                let key = self.recorder().public();
                let at = self.log().append(&signed, &key).await?;
                kept.set_accused(&found, &at.leaf).await?;
            }
        }
        Ok(())
    }
}

fn accusation(found: &Contradiction, station: &str) -> Misbehaviour {
    let note = |text: &String| Bytes(text.clone().into_bytes());
    Misbehaviour {
        declared: found.at.rfc3339(),
        hashes: found.hashes.clone(),
        kind: match found.kind {
            ContradictionKind::Split => MisbehaviourKind::Split,
            ContradictionKind::Fork => MisbehaviourKind::Fork,
        },
        note_a: note(&found.note_a),
        note_b: Some(note(&found.note_b)),
        proofs: Vec::new(),
        record: None,
        station: station.to_owned(),
        subject: found.origin.clone(),
    }
}

#[cfg(test)]
mod tests {
    use assay_evidence::{
        misbehaviour::{Accused, Standing},
        record::Predicate as _,
    };

    use super::*;
    use crate::{
        clock::Millis,
        station::testing::{World, chain_of},
        witness::testing::TestLog,
    };

    const ACCUSED: &str = "log.a.test";

    /// A split at `size`, or a fork from there to 300, of a log that tells two stories.
    fn found(kind: ContradictionKind, size: u64) -> Contradiction {
        let [one, other] = ["one", "other"].map(|story| TestLog::new(ACCUSED, 1, 300, (story, 3)));
        let (larger, hashes) = match kind {
            ContradictionKind::Split => (size, Vec::new()),
            ContradictionKind::Fork => {
                let way = other.tree.consistency(size, 300);
                let hashes = misbehaviour::fork_hashes(size, &other.tree.root_at(size), &way);
                (300, hashes)
            }
        };
        Contradiction {
            origin: ACCUSED.to_owned(),
            kind,
            note_a: one.note(size),
            note_b: other.note(larger),
            hashes,
            at: Millis(1_800_000_000_000),
            leaf: None,
        }
    }

    #[tokio::test]
    async fn what_a_log_did_is_logged_once_and_proven_by_the_record_alone() {
        let world = World::new().await;
        let station = &world.station;
        let kept = station.federation().contradictions();
        let two = [
            found(ContradictionKind::Split, 5),
            found(ContradictionKind::Fork, 256),
        ];
        for found in &two {
            kept.keep(found).await.unwrap();
        }
        station.log_accusations().await.unwrap();
        // As after a crash before the second was noted.
        station.log_accusations().await.unwrap();
        let logged = station.log().records_named(Misbehaviour::NAME, 0).await;
        let logged = logged.unwrap();
        assert_eq!(logged.len(), 2);
        let leaves: Vec<_> = logged
            .iter()
            .map(|logged| Some(logged.place.leaf))
            .collect();
        let told = kept.all().await.unwrap();
        assert_eq!(
            told.iter().map(|told| told.leaf).collect::<Vec<_>>(),
            leaves
        );
        let chain = chain_of(ACCUSED, TestLog::new(ACCUSED, 1, 0, ("", 0)).key());
        for logged in logged {
            let record: Misbehaviour = logged.predicate().unwrap();
            let accused = Accused {
                chain: &chain,
                body: None,
            };
            assert_eq!(misbehaviour::verify(&record, accused), Ok(Standing::Proven));
        }
    }
}
