//! How an item ended: one byte of a closed list, and nothing else leaves a runner about a failure.

/// End of one item, with the byte that stands for it between roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Text was returned; cut at the item's limit if it was longer.
    Answered = 0,
    /// The system refused without text.
    Declined = 1,
    /// The guest returned another fault.
    GuestFault = 2,
    /// Any other trap, also while instantiating.
    Trap = 3,
    /// The deterministic budget was used up.
    Fuel = 4,
    /// The wall deadline passed.
    Time = 5,
    /// The memory or table budget refused.
    Memory = 6,
    /// The call stack was exhausted.
    Stack = 7,
    /// The returned data cannot be lifted.
    BadResult = 8,
    /// More than 64 KiB, or the hostcall fuel was used up.
    TooLarge = 9,
    /// The runner died twice on this item.
    Lost = 11,
    /// The engine refused to instantiate after a clean screen.
    Unwired = 12,
}

impl Outcome {
    /// Reads the byte; none stands for an outcome of a later lane.
    pub fn from_byte(byte: u8) -> Option<Self> {
        Some(match byte {
            0 => Self::Answered,
            1 => Self::Declined,
            2 => Self::GuestFault,
            3 => Self::Trap,
            4 => Self::Fuel,
            5 => Self::Time,
            6 => Self::Memory,
            7 => Self::Stack,
            8 => Self::BadResult,
            9 => Self::TooLarge,
            11 => Self::Lost,
            12 => Self::Unwired,
            _ => return None,
        })
    }

    /// The word people see.
    pub fn word(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Declined => "declined",
            Self::GuestFault => "guest-fault",
            Self::Trap => "trap",
            Self::Fuel => "fuel",
            Self::Time => "time",
            Self::Memory => "memory",
            Self::Stack => "stack",
            Self::BadResult => "bad-result",
            Self::TooLarge => "too-large",
            Self::Lost => "lost",
            Self::Unwired => "unwired",
        }
    }

    /// True for the outcomes that a receipt counts as answered.
    pub fn is_answered(self) -> bool {
        matches!(self, Self::Answered | Self::Declined)
    }

    /// True when the fuel figure is the same on every machine.
    pub fn has_exact_fuel(self) -> bool {
        self as u8 <= Self::Fuel as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_its_own_outcome_or_none() {
        for byte in 0..=u8::MAX {
            if let Some(outcome) = Outcome::from_byte(byte) {
                assert_eq!(outcome as u8, byte);
            } else {
                assert!(byte == 10 || byte > 12, "byte {byte} stands for nothing");
            }
        }
    }
}
