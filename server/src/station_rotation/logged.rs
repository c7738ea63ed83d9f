//! What was logged before the next manifest: earlier manifests, and what a key signed before its range ends.
//!
//! The time is the declared one of the record. It orders nothing; it only tells policies apart that
//! had time to follow from those that had not.

use assay_evidence::{
    digest::Digest,
    dsse::{Envelope, Signature},
    keys::P256PublicKey,
    manifest::{Chain, Manifest},
    record::{Predicate as _, StationManifestRecord},
    statement,
    tile::record_path,
};

use super::{OVERLAP_DAYS, RotationError};
use crate::{
    clock::Millis,
    config::Config,
    log::{
        LogError,
        files::{Folder, ReadFiles as _, Steps},
    },
    store::{
        Store, StoreError,
        index::{Index, IndexRow},
    },
};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// Is the newest version in the log? Then the next record is signed under it.
pub async fn check_newest(config: &Config, chain: &Chain) -> Result<(), RotationError> {
    let version = chain.newest().version;
    match logged_at(config, version).await? {
        Some(_) => Ok(()),
        None => Err(RotationError::Unlogged(version)),
    }
}

/// Is all in the log that the store keeps of a key's records? A start would log them under a manifest by
/// which the key signs no more.
pub async fn check_all_by(config: &Config, key: &Digest) -> Result<(), RotationError> {
    let store = Store::open(&config.data).await?;
    let envelopes = store.unlogged_envelopes().await;
    store.close().await;
    let mut records = 0;
    for envelope in envelopes? {
        let envelope = Envelope::parse(envelope.as_bytes());
        let envelope = envelope.map_err(|_| StoreError::Damaged("envelope"))?;
        let signed = |signature: &Signature| signature.keyid == key.to_string();
        records += u64::from(envelope.signatures.iter().any(signed));
    }
    if records > 0 {
        return Err(RotationError::Waiting { key: *key, records });
    }
    Ok(())
}

/// Have two log keys signed side by side for long enough, since the version that took in `newer`?
pub async fn check_overlap(
    config: &Config,
    chain: &Chain,
    newer: &Digest,
    now: Millis,
) -> Result<(), RotationError> {
    let since = logged_at(config, version_of(chain, newer)).await?;
    let earliest = Millis(now.0.saturating_sub(OVERLAP_DAYS * DAY_MS)).rfc3339();
    match since {
        Some(since) if since <= earliest => Ok(()),
        Some(since) => Err(RotationError::Overlap { since }),
        None => Err(RotationError::Overlap {
            since: "its next start".to_owned(),
        }),
    }
}

/// The version that took in a key.
fn version_of(chain: &Chain, key: &Digest) -> u64 {
    let lacks = |manifest: &&Manifest| !manifest.keys.contains_key(key);
    chain.manifests().take_while(lacks).count() as u64 + 1
}

/// The declared time of the record of a version, once it is logged.
async fn logged_at(config: &Config, version: u64) -> Result<Option<String>, RotationError> {
    let index = Index::open(&config.data).await?;
    let rows = index.named(StationManifestRecord::NAME, 0, i64::MAX.cast_unsigned());
    let rows = rows.await;
    index.close().await;
    let files = Folder::open(&config.data, Steps::default()).map_err(LogError::from)?;
    for row in rows? {
        let path = record_path(&row.hash);
        let bytes = files.read(&path).await.map_err(LogError::from)?;
        let record = bytes.and_then(|bytes| opened(&row, &bytes));
        let damaged = || LogError::BadRecord(format!("{path} is not the record of its leaf"));
        let record = record.ok_or_else(damaged)?;
        if record.version == version {
            return Ok(Some(record.declared));
        }
    }
    Ok(None)
}

fn opened(row: &IndexRow, envelope: &[u8]) -> Option<StationManifestRecord> {
    let key = P256PublicKey::from_spki_der(&row.signer).ok()?;
    let envelope = Envelope::parse(envelope).ok()?;
    let record = statement::open_record::<StationManifestRecord>(&envelope, &key).ok()?;
    Some(record.predicate)
}
