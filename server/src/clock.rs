//! The only place where the server reads the wall clock, and how it writes times.
//!
//! Times are declared, never proof of order: order comes from the log. Nothing here sleeps.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use assay_evidence::time;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(pub u64);

impl Millis {
    /// This moment and `seconds` more.
    pub fn plus_seconds(self, seconds: u64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }

    /// This moment and `millis` more.
    pub fn plus_millis(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// `YYYY-MM-DDTHH:MM:SSZ`, fractions cut off: the form that records and documents use.
    pub fn rfc3339(self) -> String {
        time::from_seconds(self.seconds())
    }

    /// Whole seconds since 1970, the unit of cosignatures.
    pub fn seconds(self) -> u64 {
        self.0 / 1000
    }
}

/// A source of the present time: the machine's, or one that a test winds.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    Wall,
    Wound(Arc<AtomicU64>),
}

impl Clock {
    /// The machine's clock.
    pub fn wall() -> Self {
        Self(Source::Wall)
    }

    /// A clock that stands still at `start` until it is wound.
    pub fn wound(start: Millis) -> Self {
        Self(Source::Wound(Arc::new(AtomicU64::new(start.0))))
    }

    /// Moves a wound clock forward; the machine's clock takes no orders.
    pub fn wind(&self, millis: u64) {
        if let Source::Wound(now) = &self.0 {
            now.fetch_add(millis, Ordering::SeqCst);
        }
    }

    /// Now.
    pub fn now(&self) -> Millis {
        match &self.0 {
            Source::Wall => Millis(
                SystemTime::now()
                    .duration_since(UNIX_EPOCH)
                    .map_or(0, |since| since.as_millis() as u64),
            ),
            Source::Wound(now) => Millis(now.load(Ordering::SeqCst)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_records_want_them() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400_999, "2000-02-29T00:00:00Z"),
            (1_767_139_200_000, "2025-12-31T00:00:00Z"),
        ] {
            assert_eq!(Millis(millis).rfc3339(), text);
        }
    }

    #[test]
    fn a_wound_clock_moves_only_when_wound() {
        let clock = Clock::wound(Millis(5));
        assert_eq!(clock.now(), Millis(5));
        clock.wind(7);
        assert_eq!(clock.now(), Millis(12));
    }
}
