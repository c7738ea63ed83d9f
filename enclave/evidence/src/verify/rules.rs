//! The rules that tie the five records of a run together, and their refusals.
//!
//! Signatures and inclusion under the checkpoint were checked before; order and heads are next door.

use thiserror::Error;

use crate::{
    confinement::Confinement,
    digest::Digest,
    manifest::{Chain, Role},
    record::{
        EnclaveEvidence, FormCommitment, Receipt, RecordRef, RunIntent, Sha256Ref, Submission,
    },
    seed,
    statement::Subject,
    time,
    tree::ProofError,
};

/// A record that was found in the log.
#[derive(Clone, Debug)]
pub struct Held<P> {
    /// What it says.
    pub predicate: Box<P>,
    /// What it is about; at least one.
    pub subjects: Vec<Subject>,
    /// Its place.
    pub reference: RecordRef,
    /// Key id of its signer.
    pub signer: Digest,
}

/// What stands before a run: its intent and the records that the intent names.
#[derive(Clone, Copy)]
pub(crate) struct Announced<'a> {
    pub commitment: &'a Held<FormCommitment>,
    pub evidence: &'a Held<EnclaveEvidence>,
    pub intent: &'a Held<RunIntent>,
    pub submission: &'a Held<Submission>,
}

/// The five records of a run.
#[derive(Clone, Copy)]
pub(crate) struct Run<'a> {
    pub announced: Announced<'a>,
    pub receipt: &'a Held<Receipt>,
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
    #[error("enclave evidence names a manifest that the bundle does not hold")]
    Manifest,
    /// The seal cannot be opened by this enclave.
    #[error("commitment was not sealed for the enclave that ran it")]
    Recipient,
    /// A field that is not of its form.
    #[error("{0} is not of its form")]
    Form(&'static str),
}

/// Rules 3 and 6 as far as the intent goes: it and the records it names fit together.
pub(crate) fn check_announcement(announced: Announced, chain: &Chain) -> Result<(), RuleError> {
    let Announced {
        commitment,
        evidence,
        intent,
        submission,
    } = announced;
    check_references("intent", announced, |name| match name {
        Named::Commitment => &intent.predicate.commitment,
        Named::Evidence => &intent.predicate.evidence,
        Named::Submission => &intent.predicate.submission,
    })?;
    let (adapter, grader) = (&intent.predicate.adapter, &intent.predicate.grader);
    let submitted = &submission.predicate.adapter;
    same("adapter", "intent", "submission", adapter, submitted)?;
    let committed = &commitment.predicate.grader;
    same("grader", "intent", "commitment", grader, committed)?;
    about("intent", &intent.subjects, *adapter)?;
    about("submission", &submission.subjects, *submitted)?;
    about("evidence", &evidence.subjects, evidence.predicate.binary)?;
    check_signers(announced, chain)?;
    let named = &evidence.predicate.manifest.sha256;
    if !chain.digests().any(|digest| digest == named) {
        return Err(RuleError::Manifest);
    }
    let seal = &evidence.predicate.keys.seal;
    if !commitment.predicate.seal.recipients.contains(seal) {
        return Err(RuleError::Recipient);
    }
    check_intent_form(&intent.predicate)
}

/// Rules 3 and 6 for the receipt: it is about the run that was announced, and by the same enclave.
pub(crate) fn check_receipt(run: Run, chain: &Chain) -> Result<(), RuleError> {
    let Run { announced, receipt } = run;
    check_references("receipt", announced, |name| match name {
        Named::Commitment => &receipt.predicate.commitment,
        Named::Evidence => &receipt.predicate.evidence,
        Named::Submission => &receipt.predicate.submission,
    })?;
    let (intent, named) = (&announced.intent.reference, &receipt.predicate.intent);
    same("intent", "log", "receipt", intent, named)?;
    check_agreement(run)?;
    about("receipt", &receipt.subjects, receipt.predicate.adapter)?;
    let keys = &announced.evidence.predicate.keys;
    signed_by("receipt", receipt.signer, keys.sign)?;
    let index = receipt.reference.index;
    has_role(chain, Role::EnclaveSeal, keys.seal, index)?;
    check_receipt_form(&receipt.predicate)?;
    if receipt.predicate.seed != seed::run_seed(&receipt.predicate.start.root, &intent.leaf) {
        return Err(RuleError::Seed);
    }
    Ok(())
}

/// The records that intent and receipt both name.
enum Named {
    Commitment,
    Evidence,
    Submission,
}

fn check_references<'a>(
    by: &'static str,
    announced: Announced,
    named: impl Fn(Named) -> &'a RecordRef,
) -> Result<(), RuleError> {
    let found = &announced.commitment.reference;
    same("commitment", "log", by, found, named(Named::Commitment))?;
    let found = &announced.submission.reference;
    same("submission", "log", by, found, named(Named::Submission))?;
    let found = &announced.evidence.reference;
    same("evidence", "log", by, found, named(Named::Evidence))
}

fn check_agreement(run: Run) -> Result<(), RuleError> {
    const PAIR: (&str, &str) = ("receipt", "intent");
    let (receipt, intent) = (&run.receipt.predicate, &run.announced.intent.predicate);
    same("nonce", PAIR.0, PAIR.1, &receipt.nonce, &intent.nonce)?;
    same("limits", PAIR.0, PAIR.1, &receipt.limits, &intent.limits)?;
    same("adapter", PAIR.0, PAIR.1, &receipt.adapter, &intent.adapter)?;
    same("grader", PAIR.0, PAIR.1, &receipt.grader, &intent.grader)?;
    same("runtime", PAIR.0, PAIR.1, &receipt.runtime, &intent.runtime)?;
    let (here, there) = (&receipt.before, &intent.before);
    same("head `before`", PAIR.0, PAIR.1, here, there)?;
    let kind = &run.announced.evidence.predicate.kind;
    let stated = &receipt.evidence_type;
    same("evidence type", "receipt", "evidence", stated, kind)
}

fn check_signers(announced: Announced, chain: &Chain) -> Result<(), RuleError> {
    let keys = &announced.evidence.predicate.keys;
    signed_by("evidence", announced.evidence.signer, keys.sign)?;
    signed_by("intent", announced.intent.signer, keys.sign)?;
    check_submitter(announced.submission, chain)
}

/// A submission is signed by the key it names; on behalf of a team, by the recorder of its time.
pub(crate) fn check_submitter(
    submission: &Held<Submission>,
    chain: &Chain,
) -> Result<(), RuleError> {
    let submitter = submission.predicate.submitter;
    signed_by("submission", submission.signer, submitter)?;
    if submission.predicate.on_behalf {
        let index = submission.reference.index;
        has_role(chain, Role::Recorder, submission.signer, index)?;
    }
    Ok(())
}

fn check_intent_form(intent: &RunIntent) -> Result<(), RuleError> {
    is_declared("declared time of the intent", &intent.declared)?;
    is_declared("closing time of the intent", &intent.close_by)?;
    is_fuel("fuel limit", &intent.limits.fuel_per_item)
}

fn check_receipt_form(receipt: &Receipt) -> Result<(), RuleError> {
    is_declared("declared time of the receipt", &receipt.declared)?;
    is_fuel("fuel used", &receipt.usage.fuel)?;
    if receipt.confinement.parse::<Confinement>().is_err() {
        return Err(RuleError::Form("confinement of the receipt"));
    }
    Ok(())
}

fn is_declared(name: &'static str, text: &str) -> Result<(), RuleError> {
    if time::is_declared(text) {
        return Ok(());
    }
    Err(RuleError::Form(name))
}

fn is_fuel(name: &'static str, text: &str) -> Result<(), RuleError> {
    if text
        .parse::<u128>()
        .is_ok_and(|fuel| fuel.to_string() == text)
    {
        return Ok(());
    }
    Err(RuleError::Form(name))
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

fn has_role(chain: &Chain, role: Role, key: Digest, index: u64) -> Result<(), RuleError> {
    if chain.key_held(role, &key, index) {
        return Ok(());
    }
    Err(RuleError::Role { key, role, index })
}
