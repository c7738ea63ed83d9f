//! A plan of what goes wrong on the log's disk: asked before and after each step.

use std::{
    fmt, io,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use crate::log::files::Step;

/// Before a step is taken, or after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    Before,
    After,
}

type Asked = Box<dyn FnMut(Moment, Step, &Path) -> io::Result<()> + Send>;

/// By default nothing goes wrong.
#[derive(Clone, Default)]
pub(crate) struct Plan(Arc<Mutex<Option<Asked>>>);

impl Plan {
    /// From now on this is asked.
    pub fn set(&self, asked: impl FnMut(Moment, Step, &Path) -> io::Result<()> + Send + 'static) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(asked));
    }

    pub(crate) fn before(&self, step: Step, path: &Path) -> io::Result<()> {
        self.ask(Moment::Before, step, path)
    }

    pub(crate) fn after(&self, step: Step, path: &Path) -> io::Result<()> {
        self.ask(Moment::After, step, path)
    }

    fn ask(&self, moment: Moment, step: Step, path: &Path) -> io::Result<()> {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        asked
            .as_mut()
            .map_or(Ok(()), |asked| asked(moment, step, path))
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plan")
    }
}
