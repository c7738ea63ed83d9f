//! Marks answers: one pure function of item and answer, for every kind of item.
//!
//! A mark is never a guess: when no rule finds exactly one answer the verdict is `unparsed`. It
//! judges no style, calls no model, and reads at most [`ANSWER_BYTES_READ`] of an answer.

mod choice;
mod cues;
mod exact;
mod normalise;
mod number;
mod numeral;
mod reason;

pub use reason::Reason;

use std::sync::LazyLock;

use assay_evidence::{
    digest::{Digest, Hasher},
    json,
    record::GraderRef,
};
use serde::{Deserialize, Serialize};

use crate::{
    item::{Grader, Item, Rule},
    locale::Locale,
};

/// Bytes of an answer that graders read; what lies behind is cut at a character boundary.
pub const ANSWER_BYTES_READ: usize = 64 * 1024;

/// What came back for an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer<'a> {
    /// How the run of the item ended.
    pub state: State,
    /// The text; empty where there is none.
    pub text: &'a str,
}

/// How the run of an item ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// A text came back.
    Ok,
    /// The system declined without text.
    Declined,
    /// An empty text came back.
    Empty,
    /// A text came back that was cut at its limit; it is graded as it is.
    Truncated,
    /// Time or fuel ran out.
    Timeout,
    /// The system failed.
    Trap,
    /// We failed to ask or to read; the item is void for everybody.
    Transport,
}

/// A grader's finding on one answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// `1` or `0`, as in the outcome leaf.
    pub points: String,
    /// The verdict.
    pub verdict: Verdict,
    /// Why it is no pass.
    pub reason: Option<Reason>,
}

/// Closed list of verdicts of version 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The key is met.
    Pass,
    /// The key is not met.
    Fail,
    /// The system declined.
    Refused,
    /// No rule found one answer.
    Unparsed,
    /// Fault of item, grader or station; leaves every denominator.
    Void,
}

impl Verdict {
    /// The word, as in the outcome leaf.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Refused => "refused",
            Self::Unparsed => "unparsed",
            Self::Void => "void",
        }
    }
}

/// Marks one answer.
pub fn mark(item: &Item, answer: Answer<'_>) -> Mark {
    match judge(item, answer) {
        Ok(()) => Mark {
            points: "1".to_owned(),
            verdict: Verdict::Pass,
            reason: None,
        },
        Err(reason) => Mark {
            points: "0".to_owned(),
            verdict: reason.verdict(),
            reason: Some(reason),
        },
    }
}

/// The graders of this program as one reference: SHA-256 over the sorted 32-byte digests of the
/// graders of each kind, where each is the digest of a JCS object of name, version, parameters and
/// Unicode table versions.
pub fn grader() -> GraderRef {
    static BUNDLE: LazyLock<GraderRef> = LazyLock::new(|| {
        let mut digests: Vec<Digest> = graders().into_iter().map(|one| one.sha256).collect();
        digests.sort();
        let all = digests
            .iter()
            .fold(Hasher::new(), |all, one| all.update(one.as_bytes()));
        GraderRef {
            name: "assay-graders".to_owned(),
            sha256: all.finish(),
            version: VERSION.to_owned(),
        }
    });
    BUNDLE.clone()
}

/// The graders of this program, one for each kind, sorted by name.
pub fn graders() -> Vec<GraderRef> {
    let parameters = [
        ("choice", choice::parameters()),
        ("exact", exact::parameters()),
        ("number", number::parameters()),
    ];
    let reference = |(name, parameters): (&str, json::Value)| {
        let statement = serde_json::json!({
            "answerBytes": ANSWER_BYTES_READ,
            "name": name,
            "normalisation": normalise::parameters(),
            "parameters": parameters,
            "unicode": unicode_versions(),
            "version": VERSION,
        });
        let sha256 = Digest::of(&json::to_vec(&statement));
        GraderRef {
            name: name.to_owned(),
            sha256,
            version: VERSION.to_owned(),
        }
    };
    parameters.into_iter().map(reference).collect()
}

/// A text as options are compared: normalised, in lower case, without closing punctuation.
pub(crate) fn folded(text: &str) -> String {
    choice::folded(&normalise::text(text).unwrap_or_default())
}

/// True when no two options look alike.
pub(crate) fn are_distinct(options: &[String]) -> bool {
    let folded: Vec<String> = options.iter().map(|option| folded(option)).collect();
    (1..folded.len()).all(|last| !folded[..last].contains(&folded[last]))
}

/// True when nothing is left of an alias by its rules.
pub(crate) fn is_blank(alias: &str, rules: &[Rule]) -> bool {
    normalise::text(alias).map_or(true, |text| exact::apply(&text, rules).is_empty())
}

/// Raised by every change that can change a mark.
const VERSION: &str = "1.0.0";

fn judge(item: &Item, answer: Answer<'_>) -> Result<(), Reason> {
    match answer.state {
        State::Ok | State::Truncated => {}
        State::Declined => return Err(Reason::Declined),
        State::Empty => return Err(Reason::Empty),
        State::Timeout => return Err(Reason::Timeout),
        State::Trap => return Err(Reason::Trap),
        State::Transport => return Err(Reason::Transport),
    }
    let text = normalise::text(cut(answer.text))?;
    if text.is_empty() {
        return Err(Reason::Empty);
    }
    match &item.grader {
        Grader::Choice { options, right } => choice::judge(&text, options, *right as usize),
        Grader::Exact { aliases, rules } => exact::judge(&text, aliases, rules),
        Grader::Number {
            abs,
            rel,
            unit,
            value,
        } => {
            let key = number::Key {
                abs,
                rel,
                unit: unit.as_ref(),
                value,
            };
            number::judge(&text, key, decimal_sign(item.locale))
        }
    }
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(ANSWER_BYTES_READ)]
}

fn decimal_sign(locale: Locale) -> number::DecimalSign {
    match locale {
        Locale::Pt => number::DecimalSign::Comma,
        Locale::En | Locale::ZhHans | Locale::YueHant => number::DecimalSign::Point,
    }
}

/// Versions of the tables behind NFKC and behind letter case.
fn unicode_versions() -> json::Value {
    let (major, minor, update) = unicode_normalization::UNICODE_VERSION;
    let (case_major, case_minor, case_update) = char::UNICODE_VERSION;
    serde_json::json!({
        "case": format!("{case_major}.{case_minor}.{case_update}"),
        "normalisation": format!("{major}.{minor}.{update}"),
    })
}

#[cfg(test)]
mod tests;
