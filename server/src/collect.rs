//! Collects cosignatures for the station's own heads, from the witnesses that its policy names.
//!
//! All are asked at once, each from the size that it holds, and the first quorum makes the head public.
//! Whoever fails is left alone for a while. It never signs, and it believes no line that it cannot verify.

mod ask;
mod state;

use std::{sync::Arc, time::Duration};

use assay_evidence::{
    cosignature::CosignerKey,
    policy::{NotAttested, Policy},
};
use futures_util::{StreamExt as _, future::BoxFuture, stream::FuturesUnordered};
use tokio::time::timeout;

pub use state::WitnessState;

use self::{ask::Ask, state::Asked};
use crate::{
    clock::Clock,
    log::{Cosign, Offer},
};

/// Longest time in which a quorum must come together.
const COLLECT_TIME: Duration = Duration::from_secs(10);

/// A public head of a quiet log is cosigned again after so long, well before its quorum turns stale.
const REFRESH_AFTER: Duration = Duration::from_mins(10);

/// Why no cosignatures can be collected under a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CollectError {
    /// Nobody can ask it.
    #[error("the policy says no address of the witness {0}; add its URL to the `witness` line")]
    NoAddress(String),
    /// Nobody vouches for itself.
    #[error(
        "the policy names this station's own witness as {0}; nobody vouches for itself, remove it"
    )]
    OwnWitness(String),
}

/// Asks the witnesses of a policy.
#[derive(Debug)]
pub struct Collector {
    policy: Policy,
    clock: Clock,
    asked: Vec<Arc<Asked>>,
}

impl Collector {
    /// For a policy whose witnesses all have an address and none of which is the station's `own`.
    pub fn new(policy: Policy, own: &CosignerKey, clock: Clock) -> Result<Self, CollectError> {
        let mut asked = Vec::with_capacity(policy.witnesses().len());
        for witness in policy.witnesses() {
            let name = || witness.name.clone();
            if witness.key.name() == own.name() || witness.key.key() == own.key() {
                return Err(CollectError::OwnWitness(name()));
            }
            let url = witness.url.as_deref();
            let url = url.ok_or_else(|| CollectError::NoAddress(name()))?;
            asked.push(Arc::new(Asked::new(witness, url)));
        }
        Ok(Self {
            policy,
            clock,
            asked,
        })
    }

    /// What each witness did last, in the order of the policy.
    pub fn witnesses(&self) -> Vec<WitnessState> {
        self.asked.iter().map(|asked| asked.state()).collect()
    }

    /// The note with lines of a quorum; none when all that answer are too few.
    async fn collect(&self, offer: &Offer<'_>) -> Option<String> {
        let now = self.clock.now();
        let mut answers: FuturesUnordered<_> = self
            .asked
            .iter()
            .filter(|asked| asked.is_due(now))
            .map(|asked| Ask::new(asked, offer, &self.clock).run())
            .collect();
        let mut note = offer.note.to_owned();
        loop {
            match self.policy.check(&note, Some(now.seconds())) {
                Ok(_) => return Some(note),
                Err(NotAttested::Unmet { .. }) => {}
                Err(error) => {
                    tracing::error!(%error, "the policy does not believe this station's own head");
                    return None;
                }
            }
            note.push_str(&answers.next().await?.unwrap_or_default());
        }
    }
}

impl Cosign for Collector {
    fn cosign<'a>(&'a self, offer: Offer<'a>) -> BoxFuture<'a, Option<String>> {
        Box::pin(async move {
            let collected = timeout(COLLECT_TIME, self.collect(&offer)).await;
            collected.unwrap_or(None)
        })
    }

    fn refreshes_after(&self) -> Option<Duration> {
        Some(REFRESH_AFTER)
    }
}

#[cfg(test)]
mod tests;
