//! One entry by itself: leaf, envelope, signature, statement, schema and station.
//!
//! All of it can be done on any core and in any order. What a record means among the others is the
//! replay's business.

use std::{fmt::Display, sync::Arc};

use super::finding::{Breach, Finding};
use crate::{
    digest::Digest,
    dsse::Envelope,
    leaf::{self, Leaf, LeafError},
    record::{
        Comparison, EnclaveEvidence, FormCommitment, FormReveal, FormState, Misbehaviour, Pairing,
        Predicate, Receipt, RecordRef, RunAbort, RunIntent, Snapshot, StationManifestRecord,
        Submission,
    },
    statement::{self, StatementError, Untyped},
    verify::Held,
};

/// An entry whose leaf was read, and whose envelope was not asked for yet.
pub struct Leafed {
    /// Its place in the log.
    pub index: u64,
    /// Its leaf hash.
    pub hash: Digest,
    leaf: Result<Leaf, LeafError>,
}

/// An entry after everything that can be said of it alone.
pub struct Entry {
    /// Its place in the log.
    pub index: u64,
    /// Its leaf hash.
    pub hash: Digest,
    /// What it says, or why it says nothing; `None` when its envelope was not asked for.
    pub content: Option<Result<Content, Finding>>,
}

/// What an entry says.
pub struct Content {
    /// What two entries of one record share.
    pub duplicate: Digest,
    /// The record.
    pub record: Record,
}

/// Whoever keeps the envelopes did not give one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing(pub String);

macro_rules! records {
    ($($variant:ident($type:ident)),+ $(,)?) => {
        /// A record of any type, shared by all that look at it.
        #[derive(Clone)]
        pub enum Record {
            $(
                #[doc = concat!("A record of type [`", stringify!($type), "`].")]
                $variant(Arc<Held<$type>>),
            )+
            /// A type that this version does not understand: mirrored, never shown as a result.
            Unknown(Arc<Held<String>>),
        }

        impl Record {
            /// Short name of the type, or the whole type URI of an unknown one.
            pub fn kind(&self) -> &str {
                match self {
                    $(Self::$variant(_) => $type::NAME,)+
                    Self::Unknown(held) => &held.predicate,
                }
            }

            /// Key id of the signer.
            pub fn signer(&self) -> Digest {
                match self {
                    $(Self::$variant(held) => held.signer,)+
                    Self::Unknown(held) => held.signer,
                }
            }

            fn of(statement: Untyped, origin: &str, reference: RecordRef, signer: Digest) -> Result<Self, Finding> {
                $(
                    if statement.predicate_type == statement::predicate_type::<$type>() {
                        let held = held::<$type>(statement, origin, reference, signer)?;
                        return Ok(Self::$variant(Arc::new(held)));
                    }
                )+
                Ok(Self::Unknown(Arc::new(Held {
                    predicate: Box::new(statement.predicate_type),
                    subjects: statement.subjects,
                    reference,
                    signer,
                })))
            }
        }
    };
}

records! {
    Manifest(StationManifestRecord),
    Evidence(EnclaveEvidence),
    Commitment(FormCommitment),
    Submission(Submission),
    Intent(RunIntent),
    Receipt(Receipt),
    Abort(RunAbort),
    Snapshot(Snapshot),
    Reveal(FormReveal),
    State(FormState),
    Misbehaviour(Misbehaviour),
    Comparison(Comparison),
    Pairing(Pairing),
}

impl Leafed {
    /// Reads the leaf of an entry.
    pub fn of(index: u64, entry: &[u8]) -> Self {
        Self {
            index,
            hash: leaf::hash(entry),
            leaf: Leaf::parse(entry),
        }
    }

    /// The entry without its envelope: nothing but its leaf is judged.
    pub fn alone(self) -> Entry {
        let (index, hash) = (self.index, self.hash);
        let refused = self.leaf.err().map(|fault| {
            let finding = Finding::at(index, Breach::of_leaf(&fault), fault);
            Err(finding)
        });
        Entry {
            index,
            hash,
            content: refused,
        }
    }

    /// The entry with the envelope that is served for it.
    pub fn with(self, origin: &str, envelope: Result<&[u8], Missing>) -> Entry {
        let (index, hash) = (self.index, self.hash);
        Entry {
            index,
            hash,
            content: Some(self.content(origin, envelope)),
        }
    }

    fn content(self, origin: &str, envelope: Result<&[u8], Missing>) -> Result<Content, Finding> {
        let index = self.index;
        let leaf = self
            .leaf
            .map_err(|fault| at(index, Breach::of_leaf(&fault), fault))?;
        let bytes = envelope.map_err(|Missing(why)| at(index, Breach::WithheldRecord, why))?;
        let envelope =
            Envelope::parse(bytes).map_err(|fault| at(index, Breach::WithheldRecord, fault))?;
        leaf.matches(&envelope)
            .map_err(|fault| at(index, Breach::of_leaf(&fault), fault))?;
        let statement =
            statement::read_untyped(&envelope).map_err(|fault| schema(index, &fault))?;
        let reference = RecordRef {
            index,
            leaf: self.hash,
            origin: origin.to_owned(),
        };
        Ok(Content {
            duplicate: leaf::duplicate_key(&envelope, &leaf.key),
            record: Record::of(statement, origin, reference, leaf.key.key_id())?,
        })
    }
}

fn held<P: Predicate>(
    statement: Untyped,
    origin: &str,
    reference: RecordRef,
    signer: Digest,
) -> Result<Held<P>, Finding> {
    let index = reference.index;
    let predicate = statement
        .predicate::<P>()
        .map_err(|fault| schema(index, &fault))?;
    let station = predicate.station();
    if station != origin {
        let says = format!("{} belongs to the log {station}", P::NAME);
        return Err(at(index, Breach::ForeignRecord, says));
    }
    Ok(Held {
        predicate,
        subjects: statement.subjects,
        reference,
        signer,
    })
}

fn at(index: u64, name: Breach, says: impl Display) -> Finding {
    Finding::at(index, name, says)
}

fn schema(index: u64, fault: &StatementError) -> Finding {
    at(index, Breach::BadSchema, fault)
}
