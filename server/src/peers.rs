//! Follows the logs of other stations: looks at each every few seconds, and asks the others what they saw.
//!
//! A look that fails is told and repeated; a log that contradicts itself is frozen for good. What was
//! followed is cosigned by the station's witness. Records are not fetched: that is a mirror's work.

mod follow;
mod remote;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use assay_evidence::policy::Policy;
use tokio::{task::JoinSet, time::sleep};
use tokio_util::sync::CancellationToken;

pub use follow::{FollowError, Seen};

use self::{
    follow::{Followed, Follower},
    remote::Remote,
};
use crate::{
    clock::{Clock, Millis},
    contradictions::Contradictions,
    entropy::Entropy,
    store::witness::WitnessStore,
    witness::Witness,
};

/// Pause between two looks at one log, to which up to a quarter is added by chance.
const PAUSE: Duration = Duration::from_secs(5);

/// A peer as the configuration has it.
#[derive(Clone, Debug)]
pub struct PeerSetup {
    /// Origin of its log.
    pub origin: String,
    /// Keys, witnesses and quorum of its log.
    pub policy: Policy,
    /// Address of the station.
    pub url: String,
}

/// A followed log as pages show it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeerState {
    /// Whose.
    pub origin: String,
    /// Address that is asked.
    pub url: String,
    /// Size of its public head, once seen.
    pub size: Option<u64>,
    /// When it was seen last.
    pub seen: Option<Millis>,
    /// Why its head is not believed, although nothing is proven against it.
    pub doubt: Option<String>,
    /// Size of a head that a witness holds and the log did not show at the last look.
    pub unshown: Option<u64>,
    /// Why the last look ended early.
    pub trouble: Option<String>,
}

/// The followed logs.
pub struct Peers {
    follower: Follower,
    logs: Vec<Followed>,
    states: Mutex<Vec<PeerState>>,
}

impl Peers {
    /// Follows these logs; the witness vouches for what is seen.
    pub fn new(
        peers: &[PeerSetup],
        (store, contradictions): (WitnessStore, Contradictions),
        witness: Arc<Witness>,
        clock: Clock,
    ) -> Self {
        let followed = |peer: &PeerSetup| Followed {
            origin: peer.origin.clone(),
            keys: peer.policy.keys_for(&peer.origin),
            policy: peer.policy.clone(),
            remote: Remote::new(&peer.url),
        };
        let state = |peer: &PeerSetup| PeerState {
            origin: peer.origin.clone(),
            url: peer.url.clone(),
            ..PeerState::default()
        };
        Self {
            follower: Follower {
                store,
                contradictions,
                witness,
                clock,
            },
            logs: peers.iter().map(followed).collect(),
            states: Mutex::new(peers.iter().map(state).collect()),
        }
    }

    /// How each followed log was when it was looked at last.
    pub fn states(&self) -> Vec<PeerState> {
        self.lock().clone()
    }

    /// Looks at each log again and again until `stop`.
    pub(crate) fn start(
        self: &Arc<Self>,
        entropy: Entropy,
        stop: &CancellationToken,
        tasks: &mut JoinSet<()>,
    ) {
        for at in 0..self.logs.len() {
            let (peers, stop) = (Arc::clone(self), stop.clone());
            tasks.spawn(async move {
                let looks = async {
                    loop {
                        peers.look(at).await;
                        let [chance] = entropy.bytes();
                        sleep(PAUSE + PAUSE * u32::from(chance) / 1024).await;
                    }
                };
                stop.run_until_cancelled(looks).await;
            });
        }
    }

    /// One look at one log, and at what the witnesses of the other stations hold of it.
    pub(crate) async fn look(&self, at: usize) {
        let looked = self.look_at(at).await;
        let mut states = self.lock();
        let state = &mut states[at];
        match looked {
            Ok(seen) => {
                // Cosigned and not yet public is how it should be, but only for a moment.
                let hidden = state.unshown.filter(|size| *size > seen.size);
                let hidden = hidden.filter(|_| seen.unshown.is_some());
                let says = hidden.map(|size| {
                    format!("a head of {size} records was cosigned that it does not show")
                });
                state.size = Some(seen.size);
                state.seen = Some(self.follower.clock.now());
                state.doubt = seen.doubt.or(says);
                state.unshown = seen.unshown;
                state.trouble = None;
            }
            Err(error) => {
                let trouble = error.to_string();
                tracing::warn!(
                    origin = state.origin,
                    trouble,
                    "a look at a peer ended early"
                );
                state.trouble = Some(trouble);
            }
        }
    }

    async fn look_at(&self, at: usize) -> Result<Seen, FollowError> {
        let log = &self.logs[at];
        let mut seen = self.follower.look(log).await?;
        for (other, asked) in self.logs.iter().enumerate() {
            if other == at {
                continue;
            }
            let compared = self.follower.compare_with_witness(log, &asked.remote);
            match compared.await {
                Ok(unshown) => seen.unshown = seen.unshown.max(unshown),
                // A station that does not answer, or vouches for nothing, is told at its own look.
                Err(FollowError::Files(_) | FollowError::Checkpoint { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(seen)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<PeerState>> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
