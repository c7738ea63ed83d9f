//! The forms of a demo: for each benchmark an edition whose life has ended in the open, and a sealed one.
//!
//! The first edition is sealed to the enclave and to an identity that the demo keeps, as an author would; the
//! second to the enclave alone, so that nobody can read it.

use std::path::{Path, PathBuf};

use assay_evidence::{digest::Digest, time};

use super::{DemoError, Say, pack, submissions::FormOf};
use crate::{
    entropy::Entropy,
    packs,
    seal::{self, FormNames, identity, opening},
    station::Station,
    store::{FormClass, FormReason, FormRow},
};

/// Letters of the two editions.
const FIRST: &str = "a";
const SECOND: &str = "b";

/// Where the demo's author keeps the identity.
pub(super) fn identity_path(dir: &Path) -> PathBuf {
    dir.join("author-identity")
}

/// First editions that still have to end: those of a new demo, or of one that was interrupted.
pub(super) async fn first(
    station: &Station,
    identity: &Path,
    entropy: Entropy,
    say: &mut Say<'_>,
) -> Result<Vec<FormOf>, DemoError> {
    let known = station.store().forms().await?;
    // A demo of an earlier release kept no identity, and its forms stay sealed.
    if !known.is_empty() && !identity.exists() {
        return Ok(Vec::new());
    }
    let author = identity::keep(identity, station.clock().now())?;
    let mut unrevealed = Vec::new();
    for name in packs::names() {
        let oldest = known.iter().rfind(|form| form.benchmark == name);
        let form = match oldest {
            Some(form) if form.revealed.is_some() => continue,
            Some(form) => form.form.clone(),
            None => publish(station, name, FIRST, Some(&author), entropy, say).await?,
        };
        unrevealed.push((name, form));
    }
    Ok(unrevealed)
}

/// Retires and reveals first editions, all of whose runs have ended.
pub(super) async fn end(
    station: &Station,
    forms: &[FormOf],
    identity: &Path,
    say: &mut Say<'_>,
) -> Result<(), DemoError> {
    for (_, form) in forms {
        station.retire_form(form, FormReason::Rotation).await?;
        let row = station.store().form(form).await?;
        let sealed = match &row {
            Some(FormRow { seal, .. }) => sealed_file(station, seal).await?,
            None => continue,
        };
        let body = opening::open(&sealed, &identity::read(identity)?)?;
        let revealed = station.reveal_form(form, &body.to_bytes()).await?;
        say(format!(
            "retired and revealed form {form}, {} items, as record {}",
            revealed.items, revealed.record.index
        ));
    }
    Ok(())
}

/// The sealed form of each embedded pack, published if there is none.
pub(super) async fn second(
    station: &Station,
    entropy: Entropy,
    say: &mut Say<'_>,
) -> Result<Vec<FormOf>, DemoError> {
    let mut forms = Vec::new();
    for name in packs::names() {
        let open = station.store().open_form(name).await?;
        let form = match open.filter(|form| form.class == FormClass::Sealed) {
            Some(form) => form.form,
            None => publish(station, name, SECOND, None, entropy, say).await?,
        };
        forms.push((name, form));
    }
    Ok(forms)
}

/// Draws, seals and publishes a form; its id.
async fn publish(
    station: &Station,
    name: &'static str,
    letter: &str,
    author: Option<&str>,
    entropy: Entropy,
    say: &mut Say<'_>,
) -> Result<String, DemoError> {
    let mut recipients = vec![station.seal_recipient().await?];
    recipients.extend(author.map(str::to_owned));
    let now = station.clock().now().rfc3339();
    let edition = format!("{}-{letter}", &now[..7]);
    let names = FormNames {
        form: format!("{name}-{edition}"),
        edition,
        class: FormClass::Sealed,
        reveal_by: time::years_later(&now, 1),
        not_before: now,
    };
    // The seed lives in this call only: whoever is to know the items must open the seal.
    let sealed = seal::seal_form(&pack(name)?, &entropy.bytes(), &recipients, &names)?;
    let published = station
        .publish_form(&sealed.commitment.to_bytes(), &sealed.seal)
        .await?;
    say(format!(
        "sealed form {} with fresh items, committed as record {}",
        published.form, published.commitment.index
    ));
    Ok(published.form)
}

/// A sealed file, as its author has it as well.
async fn sealed_file(station: &Station, digest: &Digest) -> Result<Vec<u8>, DemoError> {
    let bytes = station.blobs().read(digest).await?;
    bytes.ok_or(DemoError::Gone(*digest))
}
