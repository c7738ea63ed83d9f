//! The bundle of a receipt: made from the log under its newest checkpoint, checked, then written.
//!
//! A bundle that this station's own policy does not verify is never written.

use assay_evidence::{
    bundle::{Member, Records},
    record::{Receipt, RecordRef},
    verify,
};

use crate::{
    log::Logged,
    station::{Station, StationError},
    store::{Place, StoreError},
};

/// Writes the bundle of a logged receipt, unless it is there.
pub(crate) async fn write(station: &Station, receipt: Place) -> Result<(), StationError> {
    if station.public().holds_bundle(&receipt.leaf).await {
        return Ok(());
    }
    let bytes = assemble(station, receipt).await?;
    let report = verify::bundle(&bytes, station.policy());
    if let Some(check) = report.failure() {
        return Err(StationError::Bundle {
            receipt: receipt.leaf,
            says: format!("{}: {}", check.name, check.says),
        });
    }
    Ok(station.public().put_bundle(&receipt.leaf, &bytes).await?)
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
