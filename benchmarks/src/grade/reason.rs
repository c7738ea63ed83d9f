//! Why an answer got no point, as a closed list with a plain sentence each.
//!
//! Reasons are for the author of an adapter on a practice form; they never leave a sealed run.

use super::Verdict;

/// Why an answer is no pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Another option was chosen.
    OtherOption {
        /// Its letter.
        letter: char,
    },
    /// The text is none of the accepted ones.
    OtherText,
    /// The number lies outside the tolerance.
    OtherNumber {
        /// What was read.
        read: String,
    },
    /// The required unit is missing, or another one stands there.
    Unit,
    /// Declined without text.
    Declined,
    /// No text, or nothing is left of it by the normalisation.
    Empty,
    /// A `<think>` that is never closed.
    TruncatedReasoning,
    /// No rule found an answer.
    NoRule,
    /// Two answers, or one that can be read in two ways.
    Ambiguous,
    /// A letter that is no option, or a number beyond what is read.
    OutOfRange,
    /// Time or fuel ran out.
    Timeout,
    /// The system failed.
    Trap,
    /// The station failed.
    Transport,
}

impl Reason {
    /// Short stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::OtherOption { .. } => "other_option",
            Self::OtherText => "other_text",
            Self::OtherNumber { .. } => "other_number",
            Self::Unit => "unit",
            Self::Declined => "declined",
            Self::Empty => "empty",
            Self::TruncatedReasoning => "truncated_reasoning",
            Self::NoRule => "no_rule",
            Self::Ambiguous => "ambiguous",
            Self::OutOfRange => "out_of_range",
            Self::Timeout => "timeout",
            Self::Trap => "trap",
            Self::Transport => "transport",
        }
    }

    /// One sentence for people.
    pub fn sentence(&self) -> String {
        match self {
            Self::OtherOption { letter } => format!("The answer chooses {letter}, another option."),
            Self::OtherText => "The text equals none of the accepted answers.".to_owned(),
            Self::OtherNumber { read } => {
                format!("The answer was read as {read}, outside the tolerance.")
            }
            Self::Unit => "The required unit does not stand beside the number.".to_owned(),
            Self::Declined => "The system declined to answer.".to_owned(),
            Self::Empty => "The answer is empty.".to_owned(),
            Self::TruncatedReasoning => "The answer opens <think> and never closes it.".to_owned(),
            Self::NoRule => "No rule found an answer in the text.".to_owned(),
            Self::Ambiguous => "The text can be read as more than one answer.".to_owned(),
            Self::OutOfRange => {
                "The answer names a letter that is no option, or a number out of range.".to_owned()
            }
            Self::Timeout => "Time or fuel ran out before an answer.".to_owned(),
            Self::Trap => "The system failed before it answered.".to_owned(),
            Self::Transport => {
                "The station could not ask or read; the item counts for nobody.".to_owned()
            }
        }
    }

    /// The verdict that this reason leads to. An answer that never came is `unparsed`, like one
    /// that cannot be read: it counts against the submission, but says nothing about content.
    pub const fn verdict(&self) -> Verdict {
        match self {
            Self::OtherOption { .. } | Self::OtherText | Self::OtherNumber { .. } | Self::Unit => {
                Verdict::Fail
            }
            Self::Declined => Verdict::Refused,
            Self::Empty
            | Self::TruncatedReasoning
            | Self::NoRule
            | Self::Ambiguous
            | Self::OutOfRange
            | Self::Timeout
            | Self::Trap => Verdict::Unparsed,
            Self::Transport => Verdict::Void,
        }
    }
}
