//! The bundle of a receipt: made from the log under its newest checkpoint, checked, then written.
//!
//! A bundle that this station's own policy does not verify is never written, and one that a later
//! manifest makes void is taken away.

use assay_evidence::{
    bundle::{Bundle, Member, Records},
    policy::Policy,
    record::{Receipt, RecordRef},
    verify,
};

use crate::{
    log::Logged,
    station::{Station, StationError},
    store::{Place, StoreError},
};

/// Writes the bundle of a logged receipt, unless it is there and holds all manifests.
pub(crate) async fn write(station: &Station, receipt: Place) -> Result<(), StationError> {
    let there = station.public().bundle(&receipt.leaf).await?;
    if there.is_some_and(|bytes| is_current(station, &bytes)) {
        return Ok(());
    }
    let bytes = Box::pin(assemble(station, receipt)).await?;
    if let Some(says) = refusal(&bytes, station.policy()) {
        station.public().remove_bundle(&receipt.leaf).await?;
        let receipt = receipt.leaf;
        return Err(StationError::Bundle { receipt, says });
    }
    Ok(station.public().put_bundle(&receipt.leaf, &bytes).await?)
}

fn is_current(station: &Station, bundle: &[u8]) -> bool {
    let manifests = station.chain().envelopes();
    Bundle::parse(bundle).is_ok_and(|bundle| manifests.eq(&bundle.manifests))
}

fn refusal(bundle: &[u8], policy: &Policy) -> Option<String> {
    let report = verify::bundle(bundle, policy);
    let check = report.failure()?;
    Some(format!("{}: {}", check.name, check.says))
}

async fn assemble(station: &Station, place: Place) -> Result<Vec<u8>, StationError> {
    let logged = record(station, place.index).await?;
    let receipt: Receipt = logged.predicate()?;
    let at = async |reference: &RecordRef| member(&record(station, reference.index).await?);
    let records = Records {
        commitment: at(&receipt.commitment).await?,
        evidence: at(&receipt.evidence).await?,
        intent: at(&receipt.intent).await?,
        receipt: member(&logged)?,
        submission: at(&receipt.submission).await?,
    };
    let heads = (receipt.before.size, receipt.start.size);
    let manifests = station.chain().envelopes().cloned().collect();
    let bundle = station.log().bundle(heads, records, manifests).await?;
    Ok(bundle.to_bytes())
}

async fn record(station: &Station, index: u64) -> Result<Logged, StationError> {
    let record = station.log().record_at(index).await?;
    Ok(record.ok_or(StoreError::Damaged("record"))?)
}

fn member(record: &Logged) -> Result<Member, StationError> {
    Ok(Member {
        envelope: record.envelope()?,
        index: record.place.index,
        key: record.key,
    })
}
