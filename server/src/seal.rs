//! Turns a form into a sealed file and the commitment file that goes with it, and reads the latter.
//!
//! The sealed file can be opened by the named keepers only. The commitment file holds nothing secret:
//! the salted root, the public terms, and how the benchmark calls itself. Nothing is logged here.

pub mod identity;
pub mod opening;

use assay_benchmarks::{
    grade,
    pack::Pack,
    terms::{Class, Setting, Terms},
};
use assay_evidence::{
    digest::Digest,
    json,
    record::{FormCommitment, GraderRef, Items, Limits, Seal, SealFormat, Sha256Ref},
    seal as body,
};
use serde::{Deserialize, Serialize};

use crate::{config, store::FormClass};

/// First member of every commitment file.
pub const FORMAT: &str = "assay-form-commitment/v1";
/// Longest commitment file.
pub const COMMITMENT_BYTES_MAX: usize = 256 * 1024;
/// Keepers that one sealed file may name.
const RECIPIENTS_MAX: usize = 16;
/// Bits that the releases of a form may cost, for all principals together.
const LEAK_BUDGET_BITS: u64 = 400;
/// No layer is required of a run; the receipt says which were active.
const NO_LAYERS: &str = "00000000000000000000000000000000";

/// Why a form is not sealed, or a commitment file not read.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// No or too many recipients.
    #[error("name 1 to {RECIPIENTS_MAX} recipients with --to")]
    Recipients,
    /// A recipient is not an age X25519 recipient.
    #[error(
        "\"{0}\" is not an age recipient; it begins with age1 and \"assay station init\" prints it"
    )]
    Recipient(String),
    /// A form id or edition that cannot stand in a record.
    #[error("{0} must have 1 to 80 lowercase letters, digits, \".\" and \"-\"")]
    Name(&'static str),
    /// The pack gave no form.
    #[error("{0}")]
    Draw(String),
    /// Encryption gave up.
    #[error("the form could not be sealed: {0}")]
    Encrypt(String),
    /// The file is not a commitment file.
    #[error("this is not a commitment file of \"assay form seal\": {0}")]
    File(String),
}

/// How a sealed form is called and when it may be used.
#[derive(Clone, Debug)]
pub struct FormNames {
    /// Form id, unique at the station.
    pub form: String,
    /// Edition, such as `2026-11-a`.
    pub edition: String,
    /// Practice forms have public items; sealed ones are drawn from a secret seed.
    pub class: FormClass,
    /// First time a run may start (declared).
    pub not_before: String,
    /// The form is revealed by then (declared).
    pub reveal_by: String,
}

/// A commitment that lacks only the station and the time of its logging.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Draft {
    /// `name@major.minor`.
    pub benchmark: String,
    /// Edition.
    pub edition: String,
    /// Form id.
    pub form: String,
    /// Grader bundle.
    pub grader: GraderRef,
    /// Salted item tree.
    pub items: Items,
    /// First time a run may start.
    pub not_before: String,
    /// Revealed by then.
    pub reveal_by: String,
    /// The sealed file.
    pub seal: Seal,
}

/// What `assay form seal` writes beside the sealed file. JCS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommitmentFile {
    /// [`FORMAT`].
    pub format: String,
    /// The commitment to be.
    pub commitment: Draft,
    /// Digest of the sealed file.
    pub seal_sha256: Digest,
    /// The public terms, JCS text; their digest goes into the record.
    pub terms: String,
}

/// A sealed form: the age file, and the file that commits to it.
#[derive(Clone, Debug)]
pub struct SealedForm {
    /// The age file.
    pub seal: Vec<u8>,
    /// The commitment file.
    pub commitment: CommitmentFile,
}

impl CommitmentFile {
    /// Reads a commitment file; its seal is checked when the two meet.
    pub fn parse(text: &[u8]) -> Result<Self, SealError> {
        if text.len() > COMMITMENT_BYTES_MAX {
            let says = format!("it is longer than {COMMITMENT_BYTES_MAX} bytes");
            return Err(SealError::File(says));
        }
        let file: Self =
            json::from_slice(text).map_err(|error| SealError::File(error.to_string()))?;
        if file.format != FORMAT {
            let says = format!("its format is \"{}\", not \"{FORMAT}\"", file.format);
            return Err(SealError::File(says));
        }
        check_name("form", &file.commitment.form)?;
        check_name("edition", &file.commitment.edition)?;
        check_name("benchmark", file.benchmark_name())?;
        let terms = file.public_terms()?;
        if terms.benchmark != file.commitment.benchmark || terms.edition != file.commitment.edition
        {
            let says = "its terms are those of another benchmark or edition";
            return Err(SealError::File(says.to_owned()));
        }
        Ok(file)
    }

    /// The terms, read.
    pub fn public_terms(&self) -> Result<Terms, SealError> {
        Terms::parse(self.terms.as_bytes()).map_err(|error| SealError::File(error.to_string()))
    }

    /// Practice or sealed, as the terms say.
    pub fn class(terms: &Terms) -> FormClass {
        match terms.class {
            Class::Practice => FormClass::Practice,
            Class::Sealed => FormClass::Sealed,
        }
    }

    /// JCS bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        json::to_vec(self)
    }

    /// Short name of the benchmark, without its version.
    pub fn benchmark_name(&self) -> &str {
        let full = &self.commitment.benchmark;
        full.split_once('@').map_or(full.as_str(), |(name, _)| name)
    }

    /// The record's predicate, once station and time are known.
    pub fn predicate(&self, station: &str, declared: &str) -> FormCommitment {
        let draft = self.commitment.clone();
        FormCommitment {
            benchmark: draft.benchmark,
            declared: declared.to_owned(),
            edition: draft.edition,
            form: draft.form,
            grader: draft.grader,
            items: draft.items,
            not_before: draft.not_before,
            reveal_by: draft.reveal_by,
            seal: draft.seal,
            station: station.to_owned(),
            terms: Sha256Ref {
                sha256: Digest::of(self.terms.as_bytes()),
            },
            upstream: None,
        }
    }
}

/// Draws a form from a pack, seals it to keepers and commits to it.
///
/// The seed decides every item: for a sealed form it is fresh and leaves this function only inside the
/// sealed file; for a practice form it is the pack's public one.
pub fn seal_form(
    pack: &Pack,
    seed: &[u8; 32],
    recipients: &[String],
    names: &FormNames,
) -> Result<SealedForm, SealError> {
    check_name("form", &names.form)?;
    check_name("edition", &names.edition)?;
    let drawn = |error: &dyn std::fmt::Display| SealError::Draw(error.to_string());
    let form = pack.draw(seed).map_err(|error| drawn(&error))?;
    let terms = Terms::of(pack, &form, setting(names)).map_err(|error| drawn(&error))?;
    let form_body = form.body();
    let plaintext = body::plaintext(&form_body);
    let seal = encrypt(&plaintext, recipients)?;
    let mut ids: Vec<Digest> = recipients
        .iter()
        .map(|text| body::recipient_id(text))
        .collect();
    ids.sort();
    ids.dedup();
    let commitment = CommitmentFile {
        format: FORMAT.to_owned(),
        commitment: Draft {
            benchmark: pack.benchmark(),
            edition: names.edition.clone(),
            form: names.form.clone(),
            grader: grade::grader(),
            items: body::items_tree(&form_body),
            not_before: names.not_before.clone(),
            reveal_by: names.reveal_by.clone(),
            seal: Seal {
                bytes: seal.len() as u64,
                format: SealFormat::AgeV1,
                padded: plaintext.len() as u64,
                recipients: ids,
            },
        },
        seal_sha256: Digest::of(&seal),
        terms: String::from_utf8(terms.bytes()).map_err(|error| drawn(&error))?,
    };
    Ok(SealedForm { seal, commitment })
}

/// Limits per item of every form of this release.
pub fn limits() -> Limits {
    Limits {
        fuel_per_item: "2000000000".to_owned(),
        memory_bytes: 256 * 1024 * 1024,
        output_bytes: 64 * 1024,
        wall_ms_per_item: 10_000,
    }
}

fn setting(names: &FormNames) -> Setting {
    Setting {
        class: match names.class {
            FormClass::Practice => Class::Practice,
            FormClass::Sealed => Class::Sealed,
        },
        edition: names.edition.clone(),
        confinement: NO_LAYERS.to_owned(),
        grid: 0,
        leak_budget_bits: LEAK_BUDGET_BITS,
        limits: limits(),
    }
}

fn encrypt(plaintext: &[u8], recipients: &[String]) -> Result<Vec<u8>, SealError> {
    if !(1..=RECIPIENTS_MAX).contains(&recipients.len()) {
        return Err(SealError::Recipients);
    }
    let keepers = recipients
        .iter()
        .map(|text| {
            text.parse::<age::x25519::Recipient>()
                .map_err(|_| SealError::Recipient(text.clone()))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let gave_up = |error: &dyn std::fmt::Display| SealError::Encrypt(error.to_string());
    let encryptor =
        age::Encryptor::with_recipients(keepers.iter().map(|keeper| keeper as &dyn age::Recipient))
            .map_err(|error| gave_up(&error))?;
    let mut seal = Vec::new();
    let mut writer = encryptor
        .wrap_output(&mut seal)
        .map_err(|error| gave_up(&error))?;
    std::io::Write::write_all(&mut writer, plaintext).map_err(|error| gave_up(&error))?;
    writer.finish().map_err(|error| gave_up(&error))?;
    Ok(seal)
}

fn check_name(what: &'static str, name: &str) -> Result<(), SealError> {
    if config::is_short_name(name) {
        Ok(())
    } else {
        Err(SealError::Name(what))
    }
}
