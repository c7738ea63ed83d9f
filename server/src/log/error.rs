//! Why a record was not logged, a file of the log not read, or a log not opened.
//!
//! Each refusal names the thing and the way out; none of them is retried here.

use std::path::PathBuf;

use assay_evidence::digest::Digest;

use super::{POOL_MAX, files::FilesError};
use crate::store::StoreError;

/// A refusal of the log.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The origin cannot name a log.
    #[error("\"{0}\" cannot name a log; use the public address without scheme and slash")]
    Origin(String),
    /// No log was ever made in this folder, or its lock store is gone.
    #[error(
        "{0} holds no log; \"assay station init\" makes a new station, and a station that had one needs \
         its own newest log.db back, never one from a backup"
    )]
    NoLog(PathBuf),
    /// A log cannot be made where one is.
    #[error("{0} holds a log already; make a new one in a new folder")]
    Exists(PathBuf),
    /// The head was signed by another key or for another origin.
    #[error(
        "{resource} belongs to another log: {says}; use the data folder and keys of one station"
    )]
    Foreign {
        /// Lock store or published checkpoint.
        resource: &'static str,
        /// Which check failed.
        says: String,
    },
    /// More is public than the lock store has signed.
    #[error(
        "log.db ends at {stored}, but a checkpoint of {public} records is public: log.db was restored from \
         a backup; put back the newest log.db, or make a new station under a new origin"
    )]
    SetBack {
        /// Size in the lock store.
        stored: u64,
        /// Size that is public.
        public: u64,
    },
    /// What is public contradicts what the lock store has signed.
    #[error(
        "the public checkpoint of {size} records has the root {public}, log.db has {stored}: the log was \
         forked; keep both folders as evidence and make a new station under a new origin"
    )]
    Fork {
        /// Size of the public checkpoint.
        size: u64,
        /// Its root.
        public: Digest,
        /// The root at that size of the log that log.db names.
        stored: Digest,
    },
    /// The clock stands before the last batch.
    #[error(
        "the clock says {now}, but the last batch was written at {last}; set the clock right, then start again"
    )]
    ClockBehind {
        /// What the clock says.
        now: String,
        /// When the last batch was written.
        last: String,
    },
    /// A file of the log is not there.
    #[error(
        "the log's file {0} is missing: the public folder is older than log.db or a file was removed; put \
         it back from a mirror"
    )]
    Missing(String),
    /// A file of the log is not what the signed root says.
    #[error(
        "the log's file {0} is damaged: it does not fit the signed root; put it back from a mirror"
    )]
    Damaged(String),
    /// The index says something else of a record than the log.
    #[error(
        "the index is wrong about record {0}: stop the server, remove index.db and start again; it is made \
         anew from the log's files"
    )]
    Index(u64),
    /// The envelope does not verify under the key it came with, or is not a record.
    #[error("the record is not valid: {0}; it was not logged")]
    BadRecord(String),
    /// The record names another station.
    #[error("the record is for the log {found}, this is {ours}; it was not logged")]
    OtherStation {
        /// What the record says.
        found: String,
        /// This log's origin.
        ours: String,
    },
    /// The record closes a run-intent that is closed, or that is not in this log.
    #[error(
        "run-intent {intent} is closed already or is not in this log; the record was not logged"
    )]
    NotOpen {
        /// Index that it names.
        intent: u64,
    },
    /// The batch did not read back as it was written.
    #[error(
        "the batch was dropped before it was signed, since {0} did not read back as written; add the record \
         again, and have memory and disk of this machine checked"
    )]
    Audit(String),
    /// Nothing can be added until somebody has looked at the disk.
    #[error("the log takes no records: {0}; then start the station again")]
    ReadOnly(String),
    /// The log has stopped.
    #[error("the log has stopped: {0}; then start the station again")]
    Stopped(String),
    /// Too many records wait.
    #[error("more than {POOL_MAX} records wait for the log; try again in a moment")]
    Busy,
    /// The files gave no answer.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// A database gave no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}
