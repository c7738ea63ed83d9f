//! What writer, publisher and readers of one log share.
//!
//! Each field has one owner that changes it: the sequencer the edge and the stored head, the publisher
//! the public head and the waiting callers. Nothing here touches a disk.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError, RwLock,
    atomic::{AtomicUsize, Ordering},
};

use assay_evidence::{
    record::{Head, RecordRef},
    tree::Edge,
};
use tokio::sync::{oneshot, watch};

use super::{
    LogError, Published,
    files::Files,
    status::{ALARMS_MAX, Alarm, Condition, HeadAt, Status},
    tiles::Tiles,
};
use crate::{
    clock::{Clock, Millis},
    store::{Place, index::Index, lock::StoredHead},
};

/// Shared by all clones of a log and its tasks.
#[derive(Debug)]
pub(super) struct Shared {
    pub origin: Arc<str>,
    pub clock: Clock,
    pub files: Arc<dyn Files>,
    pub index: Index,
    pub tiles: Tiles,
    pub view: RwLock<View>,
    /// Size of the newest stored head; rung by the sequencer.
    pub stored: watch::Sender<u64>,
    /// Size of the newest public head; rung by the publisher.
    pub published: watch::Sender<u64>,
    pub condition: watch::Sender<Condition>,
    /// The last few, oldest first.
    pub alarms: watch::Sender<Vec<Alarm>>,
    /// Records taken and not yet answered.
    waiting: Arc<AtomicUsize>,
    /// Callers whose record is stored and not yet public.
    callers: Mutex<Vec<Caller>>,
}

/// The two heads of a log.
#[derive(Clone, Debug)]
pub(super) struct View {
    /// Right edge of the stored head: every file up to it is in place.
    pub edge: Arc<Edge>,
    pub stored: Arc<StoredHead>,
    pub published: Published,
    /// Since when; none before the first publication.
    pub public_since: Option<Millis>,
}

/// Somebody who waits for a record's publication.
#[derive(Debug)]
pub(super) struct Caller {
    pub place: Place,
    pub done: Answer,
}

/// Where the outcome of an append goes. Whoever drops it lets the caller read the log's condition.
#[derive(Debug)]
pub(super) struct Answer {
    to: oneshot::Sender<Result<RecordRef, LogError>>,
    _counted: Counted,
}

/// One of those that wait.
#[derive(Debug)]
struct Counted(Arc<AtomicUsize>);

impl Answer {
    /// Answers the caller; one that went away has its record logged all the same.
    pub fn send(self, outcome: Result<RecordRef, LogError>) {
        let _ = self.to.send(outcome);
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Shared {
    pub fn new(
        origin: Arc<str>,
        clock: Clock,
        files: Arc<dyn Files>,
        index: Index,
        view: View,
    ) -> Self {
        Self {
            origin,
            clock,
            tiles: Tiles::new(files.clone()),
            files,
            index,
            stored: watch::Sender::new(view.stored.size),
            published: watch::Sender::new(view.published.head.size),
            view: RwLock::new(view),
            condition: watch::Sender::new(Condition::Running),
            waiting: Arc::default(),
            callers: Mutex::default(),
            alarms: watch::Sender::default(),
        }
    }

    /// A consistent copy of both heads.
    pub fn view(&self) -> View {
        self.view
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Changes the heads.
    pub fn change(&self, change: impl FnOnce(&mut View)) {
        change(&mut self.view.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// Lets a caller wait for the publication of its record.
    pub fn wait(&self, callers: impl IntoIterator<Item = Caller>) {
        self.callers().extend(callers);
        // A publisher that has gone meanwhile answers nobody any more.
        if matches!(*self.condition.borrow(), Condition::Stopped(_)) {
            self.abandon();
        }
    }

    /// Answers every caller whose record is public by now.
    pub fn release(&self) {
        let size = self.view().published.head.size;
        let mut callers = self.callers();
        let (done, waiting): (Vec<Caller>, Vec<Caller>) = std::mem::take(&mut *callers)
            .into_iter()
            .partition(|caller| caller.place.index < size);
        *callers = waiting;
        drop(callers);
        for caller in done {
            let reference = caller.place.of(&self.origin);
            caller.done.send(Ok(reference));
        }
    }

    /// Records taken and not yet answered.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Where the outcome of one more append goes, and where it arrives.
    pub fn one_more(&self) -> (Answer, oneshot::Receiver<Result<RecordRef, LogError>>) {
        let (to, outcome) = oneshot::channel();
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let answer = Answer {
            to,
            _counted: Counted(Arc::clone(&self.waiting)),
        };
        (answer, outcome)
    }

    /// Records what an operator must look at.
    pub fn alarm(&self, says: &str) {
        tracing::error!("{says}");
        let alarm = Alarm {
            at: self.clock.now(),
            says: says.to_owned(),
        };
        self.alarms.send_modify(|alarms| {
            if alarms.len() == ALARMS_MAX {
                alarms.remove(0);
            }
            alarms.push(alarm);
        });
    }

    /// Goes to a worse condition, never back to a better one.
    pub fn worsen(&self, condition: &Condition) {
        let (Condition::ReadOnly(says) | Condition::Stopped(says)) = condition else {
            return;
        };
        self.alarm(says);
        self.condition.send_if_modified(|now| {
            let is_worse = match (&*now, condition) {
                (Condition::Running, _) | (Condition::ReadOnly(_), Condition::Stopped(_)) => true,
                (Condition::ReadOnly(_) | Condition::Stopped(_), _) => false,
            };
            if is_worse {
                now.clone_from(condition);
            }
            is_worse
        });
    }

    /// What an append is told while the log takes none.
    pub fn refusal(&self) -> LogError {
        match &*self.condition.borrow() {
            Condition::Running => LogError::Stopped("it is being closed".to_owned()),
            Condition::ReadOnly(says) => LogError::ReadOnly(says.clone()),
            Condition::Stopped(says) => LogError::Stopped(says.clone()),
        }
    }

    /// Everything that a page shows of the log.
    pub fn status(&self) -> Status {
        let view = self.view();
        let stored = Head {
            origin: self.origin.to_string(),
            root: view.stored.root,
            size: view.stored.size,
        };
        Status {
            stored: HeadAt {
                head: stored,
                at: view.stored.at,
            },
            published: view.public_since.map(|at| HeadAt {
                head: view.published.head,
                at,
            }),
            waiting: self.waiting(),
            alarms: self.alarms.borrow().clone(),
            condition: self.condition.borrow().clone(),
        }
    }

    /// Nobody is left to publish for these.
    pub fn abandon(&self) {
        self.callers().clear();
    }

    fn callers(&self) -> MutexGuard<'_, Vec<Caller>> {
        self.callers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
