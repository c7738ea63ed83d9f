//! What a verified receipt says, in few words: the same on a command line and in a browser.
//!
//! Counts and bounds as signed; nothing is estimated here. Whether to believe it is the report's
//! business.

use serde::Serialize;

use super::Facts;
use crate::{
    digest::Digest,
    policy::{Cosigned, Quorum},
    record::{EvidenceType, Score, percent},
    time,
};

/// The facts of a receipt that people ask for first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Told {
    /// Name of the system, as its team wrote it.
    pub system: String,
    /// Benchmark with its version.
    pub benchmark: String,
    /// Form.
    pub form: String,
    /// Edition of the form.
    pub edition: String,
    /// Origin of the station's log.
    pub station: String,
    /// Leaf hash of the receipt.
    pub receipt: Digest,
    /// Its place in the log.
    pub index: u64,
    /// What was run.
    pub adapter_sha256: Digest,
    /// Hardware evidence behind the enclave's keys.
    pub evidence_type: EvidenceType,
    /// What that evidence cannot prove.
    pub evidence_sentence: &'static str,
    /// Absent under `quorum none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quorum: Option<ToldQuorum>,
    /// Cosignatures by witnesses of the policy, in its order.
    pub cosigned: Vec<ToldCosigned>,
    /// Estimates in signed order.
    pub estimates: Vec<ToldEstimate>,
}

/// The quorum of the checkpoint, and by when enough witnesses had vouched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ToldQuorum {
    /// Name of the witness or group.
    pub name: String,
    /// `YYYY-MM-DDTHH:MM:SSZ`.
    pub time: String,
}

/// A cosignature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ToldCosigned {
    /// The name that the policy gives the witness.
    pub witness: String,
    /// The name that the witness signs under.
    pub cosigner: String,
    /// `YYYY-MM-DDTHH:MM:SSZ`.
    pub time: String,
}

/// One estimate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ToldEstimate {
    /// Locale tag; absent in totals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Section; absent in totals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section: Option<String>,
    /// Passed items.
    pub num: u64,
    /// Presented items.
    pub den: u64,
    /// Their ratio with one decimal, `87.5`.
    pub percent: String,
    /// Lower and upper bound as signed; absent with too few families.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<(String, String)>,
}

impl From<&Facts> for Told {
    fn from(facts: &Facts) -> Self {
        let receipt = &facts.receipt;
        Self {
            system: facts.submission.name.clone(),
            benchmark: facts.commitment.benchmark.clone(),
            form: facts.commitment.form.clone(),
            edition: facts.commitment.edition.clone(),
            station: receipt.station.clone(),
            receipt: facts.receipt_ref.leaf,
            index: facts.receipt_ref.index,
            adapter_sha256: receipt.adapter.sha256,
            evidence_type: receipt.evidence_type,
            evidence_sentence: receipt.evidence_type.sentence(),
            quorum: quorum(&facts.attested.quorum),
            cosigned: facts
                .attested
                .cosigned
                .iter()
                .map(ToldCosigned::from)
                .collect(),
            estimates: receipt.scores.iter().map(ToldEstimate::from).collect(),
        }
    }
}

fn quorum(quorum: &Quorum) -> Option<ToldQuorum> {
    match quorum {
        Quorum::None => None,
        Quorum::Met { name, time } => Some(ToldQuorum {
            name: name.clone(),
            time: time::from_seconds(*time),
        }),
    }
}

impl From<&Cosigned> for ToldCosigned {
    fn from(cosigned: &Cosigned) -> Self {
        Self {
            witness: cosigned.witness.clone(),
            cosigner: cosigned.cosigner.clone(),
            time: time::from_seconds(cosigned.time),
        }
    }
}

impl From<&Score> for ToldEstimate {
    fn from(score: &Score) -> Self {
        let bounds = score.interval.as_ref();
        Self {
            locale: score.locale.clone(),
            section: score.section.clone(),
            num: score.num,
            den: score.den,
            percent: percent(score.permille()),
            interval: bounds.map(|bounds| (bounds.low.clone(), bounds.high.clone())),
        }
    }
}
