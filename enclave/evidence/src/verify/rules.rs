//! The rules that tie the five records of a run together, and their refusals.
//!
//! Signatures and inclusion under the checkpoint were checked before; order and heads are next door.

use thiserror::Error;

use crate::{
    confinement::Confinement,
    digest::Digest,
    manifest::{Manifest, Role},
    record::{
        EnclaveEvidence, FormCommitment, Receipt, RecordRef, RunIntent, Sha256Ref, Submission,
    },
    seed,
    statement::Subject,
    time,
    tree::ProofError,
};

/// A record that was found in the log.
pub(super) struct Held<P> {
    pub predicate: P,
    pub subjects: Vec<Subject>,
    pub reference: RecordRef,
    pub signer: Digest,
}

/// The five records of a run.
pub(super) struct Run {
    pub commitment: Held<FormCommitment>,
    pub evidence: Held<EnclaveEvidence>,
    pub intent: Held<RunIntent>,
    pub receipt: Held<Receipt>,
    pub submission: Held<Submission>,
}

/// Which rule the records break.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RuleError {
    /// Rule 4: something comes too late.
    #[error("{earlier} at {earlier_at} does not precede {later} at {later_at}")]
    Order {
        /// What should come first.
        earlier: &'static str,
        /// Its index or size.
        earlier_at: u64,
        /// What should come after.
        later: &'static str,
        /// Its index or size.
        later_at: u64,
    },
    /// A head is of another log.
    #[error("{0} is of another log")]
    HeadOrigin(&'static str),
    /// Rule 5: a head is not of this history, or lacks a record.
    #[error("{what}: {reason}")]
    Head {
        /// What should hold.
        what: &'static str,
        /// What is wrong with its proof.
        reason: ProofError,
    },
    /// Rule 6: two records disagree.
    #[error("{1} and {2} disagree on the {0}")]
    Differs(&'static str, &'static str, &'static str),
    /// The seed does not follow from head and intent.
    #[error("seed of the receipt does not follow from its start head and intent")]
    Seed,
    /// A signer is not the key that the records name.
    #[error("{record} is signed by the key {signer} instead of {expected}")]
    Signer {
        /// Which record.
        record: &'static str,
        /// Who signed.
        signer: Digest,
        /// Who should have.
        expected: Digest,
    },
    /// A key lacks its role.
    #[error("key {key} does not hold the role {} at index {index}", .role.name())]
    Role {
        /// Key id.
        key: Digest,
        /// The role.
        role: Role,
        /// Leaf index.
        index: u64,
    },
    /// The evidence is for another manifest.
    #[error("enclave evidence names another manifest than the pinned one")]
    Manifest,
    /// The seal cannot be opened by this enclave.
    #[error("commitment was not sealed for the enclave that ran it")]
    Recipient,
    /// A field that is not of its form.
    #[error("{0} is not of its form")]
    Form(&'static str),
}

/// Rules 3 and 6: all records name each other, one enclave and one manifest.
pub(super) fn check_bindings(
    run: &Run,
    manifest: &Manifest,
    pinned: &Digest,
) -> Result<(), RuleError> {
    check_references(run)?;
    check_agreement(run)?;
    check_subjects(run)?;
    check_signers(run, manifest)?;
    if run.evidence.predicate.manifest.sha256 != *pinned {
        return Err(RuleError::Manifest);
    }
    check_forms(run)?;
    let receipt = &run.receipt.predicate;
    if receipt.seed != seed::run_seed(&receipt.start.root, &run.intent.reference.leaf) {
        return Err(RuleError::Seed);
    }
    Ok(())
}

fn check_references(run: &Run) -> Result<(), RuleError> {
    let (receipt, intent) = (&run.receipt.predicate, &run.intent.predicate);
    let records = [
        (
            "commitment",
            &run.commitment.reference,
            &receipt.commitment,
            &intent.commitment,
        ),
        (
            "submission",
            &run.submission.reference,
            &receipt.submission,
            &intent.submission,
        ),
        (
            "evidence",
            &run.evidence.reference,
            &receipt.evidence,
            &intent.evidence,
        ),
    ];
    for (name, here, by_receipt, by_intent) in records {
        same(name, "bundle", "receipt", here, by_receipt)?;
        same(name, "bundle", "intent", here, by_intent)?;
    }
    same(
        "intent",
        "bundle",
        "receipt",
        &run.intent.reference,
        &receipt.intent,
    )
}

fn check_agreement(run: &Run) -> Result<(), RuleError> {
    const PAIR: (&str, &str) = ("receipt", "intent");
    let (receipt, intent) = (&run.receipt.predicate, &run.intent.predicate);
    same("nonce", PAIR.0, PAIR.1, &receipt.nonce, &intent.nonce)?;
    same("limits", PAIR.0, PAIR.1, &receipt.limits, &intent.limits)?;
    same("adapter", PAIR.0, PAIR.1, &receipt.adapter, &intent.adapter)?;
    same("grader", PAIR.0, PAIR.1, &receipt.grader, &intent.grader)?;
    same("runtime", PAIR.0, PAIR.1, &receipt.runtime, &intent.runtime)?;
    same(
        "head `before`",
        PAIR.0,
        PAIR.1,
        &receipt.before,
        &intent.before,
    )?;
    let (commitment, submission) = (&run.commitment.predicate, &run.submission.predicate);
    same(
        "adapter",
        "receipt",
        "submission",
        &receipt.adapter,
        &submission.adapter,
    )?;
    same(
        "grader",
        "receipt",
        "commitment",
        &receipt.grader,
        &commitment.grader,
    )?;
    let kind = &run.evidence.predicate.kind;
    same(
        "evidence type",
        "receipt",
        "evidence",
        &receipt.evidence_type,
        kind,
    )
}

fn check_subjects(run: &Run) -> Result<(), RuleError> {
    let adapter = run.receipt.predicate.adapter;
    let binary = run.evidence.predicate.binary;
    about("receipt", &run.receipt.subjects, adapter)?;
    about("intent", &run.intent.subjects, adapter)?;
    about("submission", &run.submission.subjects, adapter)?;
    about("evidence", &run.evidence.subjects, binary)
}

fn check_signers(run: &Run, manifest: &Manifest) -> Result<(), RuleError> {
    let evidence = &run.evidence.predicate;
    signed_by("evidence", run.evidence.signer, evidence.keys.sign)?;
    signed_by("intent", run.intent.signer, evidence.keys.sign)?;
    signed_by("receipt", run.receipt.signer, evidence.keys.sign)?;
    let submission = &run.submission;
    signed_by(
        "submission",
        submission.signer,
        submission.predicate.submitter,
    )?;
    if submission.predicate.on_behalf {
        let index = submission.reference.index;
        has_role(manifest, Role::Recorder, submission.signer, index)?;
    }
    let index = run.receipt.reference.index;
    has_role(manifest, Role::EnclaveSeal, evidence.keys.seal, index)?;
    if !run
        .commitment
        .predicate
        .seal
        .recipients
        .contains(&evidence.keys.seal)
    {
        return Err(RuleError::Recipient);
    }
    Ok(())
}

fn check_forms(run: &Run) -> Result<(), RuleError> {
    let receipt = &run.receipt.predicate;
    let times = [
        ("declared time of the receipt", &receipt.declared),
        (
            "declared time of the intent",
            &run.intent.predicate.declared,
        ),
        ("closing time of the intent", &run.intent.predicate.close_by),
    ];
    for (name, text) in times {
        if !time::is_declared(text) {
            return Err(RuleError::Form(name));
        }
    }
    for (name, text) in [
        ("fuel limit", &receipt.limits.fuel_per_item),
        ("fuel used", &receipt.usage.fuel),
    ] {
        if text.parse::<u128>().map(|fuel| fuel.to_string()).as_ref() != Ok(text) {
            return Err(RuleError::Form(name));
        }
    }
    if receipt.confinement.parse::<Confinement>().is_err() {
        return Err(RuleError::Form("confinement of the receipt"));
    }
    Ok(())
}

fn same<T: PartialEq>(
    what: &'static str,
    here: &'static str,
    there: &'static str,
    a: &T,
    b: &T,
) -> Result<(), RuleError> {
    if a == b {
        return Ok(());
    }
    Err(RuleError::Differs(what, here, there))
}

fn about(record: &'static str, subjects: &[Subject], bytes: Sha256Ref) -> Result<(), RuleError> {
    match subjects {
        [only] if only.digest == bytes.sha256 => Ok(()),
        _ => Err(RuleError::Differs("subject", record, "its predicate")),
    }
}

fn signed_by(record: &'static str, signer: Digest, expected: Digest) -> Result<(), RuleError> {
    if signer == expected {
        return Ok(());
    }
    Err(RuleError::Signer {
        record,
        signer,
        expected,
    })
}

fn has_role(manifest: &Manifest, role: Role, key: Digest, index: u64) -> Result<(), RuleError> {
    if manifest.key_held(role, &key, index) {
        return Ok(());
    }
    Err(RuleError::Role { key, role, index })
}
