//! A station among others: its witness, who vouches for its own log, and the logs that it follows.
//!
//! It stands before the station opens and needs nothing of it: stations that watch each other could
//! otherwise never start together.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use assay_evidence::{keys::Ed25519SigningKey, note::NoteError, policy::Policy};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    clock::Clock,
    collect::{CollectError, Collector, WitnessState},
    config::Config,
    contradictions::{Contradictions, KeepError},
    entropy::Entropy,
    log::{Cosign, Lone},
    peers::{PeerSetup, PeerState, Peers},
    store::{StoreError, witness::WitnessStore},
    whole::Whole,
    witness::Witness,
};

/// Why a station cannot take its place among others.
#[derive(Debug, thiserror::Error)]
pub enum FederationError {
    /// A policy of the configuration cannot be used.
    #[error("{path}: {says}")]
    Policy {
        /// Which file.
        path: PathBuf,
        /// What is wrong and what is right.
        says: String,
    },
    /// The witness cannot have its name.
    #[error(transparent)]
    Name(#[from] NoteError),
    /// Nobody can be asked for cosignatures.
    #[error(transparent)]
    Collect(#[from] CollectError),
    /// Contradictions cannot be read or written.
    #[error(transparent)]
    Keep(#[from] KeepError),
    /// `witness.db`.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The other stations, as this one deals with them.
pub struct Federation {
    store: WitnessStore,
    contradictions: Contradictions,
    witness: Arc<Witness>,
    collector: Option<Arc<Collector>>,
    peers: Arc<Peers>,
}

impl Federation {
    /// Reads the policies of the configuration and opens `witness.db`.
    pub async fn open(
        config: &Config,
        own: &Policy,
        key: Ed25519SigningKey,
        whole: Whole,
        clock: &Clock,
    ) -> Result<Self, FederationError> {
        let store = WitnessStore::open(&config.data).await?;
        let contradictions = Contradictions::open(store.clone(), &config.data, whole).await?;
        let memory = || (store.clone(), contradictions.clone());
        let peers = peers(config)?;
        let mut logs: Vec<Policy> = peers.iter().map(|peer| peer.policy.clone()).collect();
        if let Some(path) = &config.witness.logs {
            logs.push(policy(path, &config.origin)?);
        }
        let witness = Witness::new(&config.origin, key, &logs, memory(), clock.clone())?;
        let witness = Arc::new(witness);
        let collector = if own.is_lone() {
            None
        } else {
            let own_key = witness.cosigner();
            Some(Collector::new(own.clone(), own_key, clock.clone())?)
        };
        let follow = Arc::clone(&witness);
        Ok(Self {
            peers: Arc::new(Peers::new(&peers, memory(), follow, clock.clone())),
            collector: collector.map(Arc::new),
            store,
            contradictions,
            witness,
        })
    }

    /// Answers logs of other stations.
    pub fn witness(&self) -> &Arc<Witness> {
        &self.witness
    }

    /// Who makes a head of the station's own log public.
    pub fn cosign(&self) -> Arc<dyn Cosign> {
        match &self.collector {
            Some(collector) => Arc::clone(collector) as Arc<dyn Cosign>,
            None => Arc::new(Lone),
        }
    }

    /// What each witness of the station's own policy did last; none under `quorum none`.
    pub fn witnesses(&self) -> Vec<WitnessState> {
        let collector = self.collector.as_ref();
        collector.map_or_else(Vec::new, |collector| collector.witnesses())
    }

    /// How each followed log was when it was looked at last.
    pub fn peers(&self) -> Vec<PeerState> {
        self.peers.states()
    }

    /// What proves that logs of others have told two stories.
    pub(crate) fn contradictions(&self) -> &Contradictions {
        &self.contradictions
    }

    /// Looks at the followed logs until `stop`.
    pub(crate) fn start(
        &self,
        entropy: Entropy,
        stop: &CancellationToken,
        tasks: &mut JoinSet<()>,
    ) {
        self.peers.start(entropy, stop, tasks);
    }

    /// Closes the file; the witness answers nobody after it.
    pub async fn close(&self) {
        self.store.close().await;
    }
}

fn peers(config: &Config) -> Result<Vec<PeerSetup>, FederationError> {
    let setup = |peer: &crate::config::PeerConfig| {
        let policy = policy(&peer.policy, &config.origin)?;
        let wrong = |says: &str| FederationError::Policy {
            path: peer.policy.clone(),
            says: says.to_owned(),
        };
        let origins: Vec<&str> = policy.origins().collect();
        let [origin] = origins[..] else {
            return Err(wrong(
                "the policy of a peer names the keys of its log alone",
            ));
        };
        let origin = origin.to_owned();
        let url = peer.url.as_deref().or_else(|| policy.url_for(&origin));
        let url = url.ok_or_else(|| wrong("it says no address; add `url` to the peer"))?;
        Ok(PeerSetup {
            url: url.to_owned(),
            origin,
            policy,
        })
    };
    config.peers.iter().map(setup).collect()
}

/// A policy about logs of other stations.
fn policy(path: &Path, own: &str) -> Result<Policy, FederationError> {
    let wrong = |says: String| FederationError::Policy {
        path: path.to_owned(),
        says,
    };
    let text = fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    let policy = Policy::parse(&text).map_err(|error| wrong(error.to_string()))?;
    if policy.origins().any(|origin| origin == own) {
        let says = format!("it names {own}, this station itself; nobody vouches for itself");
        return Err(wrong(says));
    }
    Ok(policy)
}

#[cfg(test)]
mod tests;
