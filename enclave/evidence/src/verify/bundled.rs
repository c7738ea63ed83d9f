//! The checks of a receipt bundle, in order.
//!
//! Each step adds one line to the report. The rules themselves are pure functions elsewhere.

use thiserror::Error;

use super::{
    attested, history,
    logged::{self, LoggedError, open_logged},
    report::{Facts, Report, Stopped},
    rules::{self, Announced, Held, Run},
    scores,
};
use crate::{
    bundle::{Bundle, Record},
    checkpoint::{Checkpoint, CheckpointError},
    digest::Digest,
    keys::Ed25519PublicKey,
    manifest::{Chain, ChainError, Role},
    note::{self, VerifierKey},
    policy::{Attested, NotAttested, Policy},
    record::{EnclaveEvidence, FormCommitment, Predicate, Receipt, RunIntent, Submission},
    wire::Proven,
};

/// Why a part of a bundle is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
enum PartError {
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    #[error(transparent)]
    NotAttested(#[from] NotAttested),
    #[error("the policy pins no manifest of {0}; add `# assay-manifest {0} SHA256`")]
    NoPin(String),
    #[error(
        "signature line {line} of the checkpoint is by no log key that the manifest allows at size {size}, or repeats one"
    )]
    OtherLine { line: usize, size: u64 },
    #[error(transparent)]
    Chain(#[from] ChainError),
    #[error("manifest is of {found} instead of {expected}")]
    ManifestOrigin { expected: String, found: String },
    #[error("manifest gives no log key that signed the checkpoint its role at size {0}")]
    LogKey(u64),
    #[error("a keyid is {found}, but the key has the id {expected}")]
    KeyIdHint { expected: String, found: String },
    #[error(
        "record is signed by the key {key}, which does not hold the role {roles} at index {index}"
    )]
    Role {
        key: String,
        roles: String,
        index: u64,
    },
    #[error(transparent)]
    Logged(#[from] LoggedError),
}

pub(super) fn check(
    report: &mut Report,
    text: &[u8],
    policy: &Policy,
    now: Option<u64>,
) -> Result<(), Stopped> {
    let bundle = report.check(
        "bundle",
        "the file is a receipt bundle in its one canonical form",
        Bundle::parse(text),
    )?;
    let origin = report.check(
        "policy",
        "the policy pins log and manifest of the bundle's station",
        pinned_origin(&bundle, policy),
    )?;
    let attested = attested::check(report, &bundle.checkpoint, &origin, policy, now)?;
    let chain = report.check(
        "manifest",
        format!(
            "the manifests of {origin} lead from the pinned one to version {}, each signed by its roots",
            bundle.manifests.len()
        ),
        chain(&bundle, policy, &attested),
    )?;
    report.not_checked(
        "later-manifests",
        format!(
            "no later manifest closes the range of a key before these records, after version {}",
            chain.newest().version
        ),
        "the bundle holds none later than this; ask the station or a mirror",
    );
    let opened = records(report, &bundle, &attested.checkpoint, &chain)?;
    let ruled = check_rules(report, &bundle, opened.run(), &attested.checkpoint, &chain);
    report.facts = Some(facts(opened, attested, chain));
    ruled?;
    report.not_checked(
        "single-close",
        "no earlier record closes the intent",
        "absence shows only in the whole log",
    );
    report.complete();
    Ok(())
}

/// What ties the five records together.
fn check_rules(
    report: &mut Report,
    bundle: &Bundle,
    run: Run,
    checkpoint: &Checkpoint,
    chain: &Chain,
) -> Result<(), Stopped> {
    report.check(
        "order",
        "commitment and submission precede the intent, and the intent the receipt",
        history::check_announced_order(run.announced)
            .and_then(|()| history::check_receipt_order(run)),
    )?;
    report.check(
        "heads",
        "the heads named by the receipt belong to the history of this checkpoint",
        history::check_heads(run, bundle, checkpoint),
    )?;
    report.check(
        "bindings",
        "receipt, intent, submission, commitment and evidence name the same run",
        rules::check_announcement(run.announced, chain)
            .and_then(|()| rules::check_receipt(run, chain)),
    )?;
    report.check(
        "scores",
        "counts add up and every estimate lies in its interval",
        scores::check(&run.receipt.predicate, &run.announced.commitment.predicate),
    )
}

fn pinned_origin(bundle: &Bundle, policy: &Policy) -> Result<String, PartError> {
    let origin = Checkpoint::peek(&bundle.checkpoint)?.origin;
    if policy.keys_for(&origin).is_empty() {
        return Err(NotAttested::UnknownLog(origin).into());
    }
    if policy.manifest_for(&origin).is_none() {
        return Err(PartError::NoPin(origin));
    }
    Ok(origin)
}

fn chain(bundle: &Bundle, policy: &Policy, attested: &Attested) -> Result<Chain, PartError> {
    let Checkpoint { origin, size, .. } = &attested.checkpoint;
    let Some(pinned) = policy.manifest_for(origin) else {
        return Err(PartError::NoPin(origin.clone()));
    };
    let chain = Chain::open(&bundle.manifests, pinned)?;
    if chain.origin() != origin {
        return Err(PartError::ManifestOrigin {
            expected: origin.clone(),
            found: chain.origin().to_owned(),
        });
    }
    let is_held = |key: &VerifierKey| chain.log_key_held(&key.key().key_id(), *size);
    if !attested.logs.iter().any(is_held) {
        return Err(PartError::LogKey(*size));
    }
    check_log_lines(bundle, &chain, &attested.checkpoint)?;
    check_root_hints(&chain)?;
    Ok(chain)
}

/// Each line under the log's name is by one key that the manifest allows at this size, and verifies.
fn check_log_lines(
    bundle: &Bundle,
    chain: &Chain,
    checkpoint: &Checkpoint,
) -> Result<(), PartError> {
    let origin = &checkpoint.origin;
    let note = note::parse(&bundle.checkpoint).map_err(CheckpointError::Note)?;
    let mut unused = chain.log_keys_at(checkpoint.size);
    for (place, line) in note.lines.iter().enumerate() {
        if line.name != origin {
            continue;
        }
        let signer = unused
            .iter()
            .position(|key| key.verify(note.text.as_bytes(), &line.signature).is_ok())
            .filter(|position| is_id(line, unused[*position]))
            .ok_or(PartError::OtherLine {
                line: place + 1,
                size: checkpoint.size,
            })?;
        unused.remove(signer);
    }
    Ok(())
}

fn is_id(line: &note::SignatureLine, key: Ed25519PublicKey) -> bool {
    VerifierKey::new(line.name, key).is_ok_and(|key| key.id() == line.id)
}

/// Signatures are bound to keys by verification; the hints beside them only by this.
fn check_root_hints(chain: &Chain) -> Result<(), PartError> {
    for (envelope, signers) in chain.envelopes().zip(chain.signers()) {
        for (signature, signer) in envelope.signatures.iter().zip(signers) {
            check_hint(&signature.keyid, signer)?;
        }
    }
    Ok(())
}

fn check_hint(found: &str, signer: &Digest) -> Result<(), PartError> {
    let expected = signer.to_string();
    if found == expected {
        return Ok(());
    }
    Err(PartError::KeyIdHint {
        expected,
        found: found.to_owned(),
    })
}

/// The five records, opened.
struct Opened {
    commitment: Held<FormCommitment>,
    evidence: Held<EnclaveEvidence>,
    intent: Held<RunIntent>,
    receipt: Held<Receipt>,
    submission: Held<Submission>,
}

impl Opened {
    fn run(&self) -> Run<'_> {
        Run {
            announced: Announced {
                commitment: &self.commitment,
                evidence: &self.evidence,
                intent: &self.intent,
                submission: &self.submission,
            },
            receipt: &self.receipt,
        }
    }
}

fn records(
    report: &mut Report,
    bundle: &Bundle,
    checkpoint: &Checkpoint,
    chain: &Chain,
) -> Result<Opened, Stopped> {
    const ENCLAVE: &[Role] = &[Role::EnclaveSign];
    let records = &bundle.records;
    let place = (checkpoint, chain);
    Ok(Opened {
        evidence: record(report, "evidence", &records.evidence, ENCLAVE, place)?,
        commitment: record(
            report,
            "commitment",
            &records.commitment,
            &[Role::Recorder, Role::EnclaveSign],
            place,
        )?,
        // A team may sign its own submission: the bindings say whose key it must be.
        submission: record(report, "submission", &records.submission, &[], place)?,
        intent: record(report, "intent", &records.intent, ENCLAVE, place)?,
        receipt: record(report, "receipt", &records.receipt, ENCLAVE, place)?,
    })
}

fn record<P: Predicate>(
    report: &mut Report,
    name: &'static str,
    record: &Record,
    roles: &[Role],
    (checkpoint, chain): (&Checkpoint, &Chain),
) -> Result<Held<P>, Stopped> {
    let says = format!(
        "the {} stands in the log at index {}, signed by a key that may",
        P::NAME,
        record.index
    );
    report.check(name, says, held(record, roles, checkpoint, chain))
}

fn held<P: Predicate>(
    record: &Record,
    roles: &[Role],
    checkpoint: &Checkpoint,
    chain: &Chain,
) -> Result<Held<P>, PartError> {
    let proven = Proven::from(record.clone());
    check_role(&proven, roles, chain)?;
    let held = open_logged::<P>(&proven, checkpoint)?;
    for signature in &proven.envelope.signatures {
        check_hint(&signature.keyid, &held.signer)?;
    }
    Ok(held)
}

/// Did the signer hold one of the roles at this index? Without roles anybody may have signed.
fn check_role(proven: &Proven, roles: &[Role], chain: &Chain) -> Result<(), PartError> {
    let signer = logged::public_key(proven)?.key_id();
    let holds = |role: &Role| chain.key_held(*role, &signer, proven.index);
    if roles.is_empty() || roles.iter().any(holds) {
        return Ok(());
    }
    let names: Vec<_> = roles.iter().map(|role| role.name()).collect();
    Err(PartError::Role {
        key: signer.to_string(),
        roles: names.join(" or "),
        index: proven.index,
    })
}

fn facts(opened: Opened, attested: Attested, chain: Chain) -> Facts {
    Facts {
        attested,
        chain,
        commitment: opened.commitment.predicate,
        evidence: opened.evidence.predicate,
        intent: opened.intent.predicate,
        receipt: opened.receipt.predicate,
        receipt_ref: opened.receipt.reference,
        signer: opened.receipt.signer,
        submission: opened.submission.predicate,
    }
}
