//! Every change of the log's disk goes through here, one named step at a time, and syncs are counted.
//!
//! Tests end the process at a step or let it fail. Nothing is retried.

use std::{
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// One kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Writes a file.
    Write,
    /// Makes a file durable.
    SyncFile,
    /// Gives a file its name.
    Rename,
    /// Makes the names in a folder durable.
    SyncFolder,
    /// Makes everything on the file system durable.
    SyncAll,
    /// Removes a file.
    Remove,
    /// Swaps the head in the lock store, which syncs once.
    Swap,
}

/// The count, shared by all that write for one log.
#[derive(Clone, Debug, Default)]
pub struct Steps {
    syncs: Arc<AtomicU64>,
    #[cfg(test)]
    pub(crate) plan: crate::log::tests::plan::Plan,
}

impl Steps {
    /// Takes a step on a file or folder.
    pub fn take<T>(
        &self,
        step: Step,
        path: &Path,
        act: impl FnOnce() -> io::Result<T>,
    ) -> io::Result<T> {
        self.count(step);
        #[cfg(test)]
        self.plan.before(step, path)?;
        let done = act()?;
        #[cfg(test)]
        self.plan.after(step, path)?;
        #[cfg(not(test))]
        let _ = path;
        Ok(done)
    }

    /// Takes the step that is not a file operation.
    pub async fn swap<T>(&self, act: impl Future<Output = T>) -> io::Result<T> {
        self.count(Step::Swap);
        #[cfg(test)]
        self.plan.before(Step::Swap, Path::new("log.db"))?;
        let done = act.await;
        #[cfg(test)]
        self.plan.after(Step::Swap, Path::new("log.db"))?;
        Ok(done)
    }

    /// Syncs so far.
    pub fn syncs(&self) -> u64 {
        self.syncs.load(Ordering::Relaxed)
    }

    fn count(&self, step: Step) {
        if step.is_sync() {
            self.syncs.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Step {
    /// Does the step wait for the disk?
    pub const fn is_sync(self) -> bool {
        matches!(
            self,
            Self::SyncFile | Self::SyncFolder | Self::SyncAll | Self::Swap
        )
    }
}
