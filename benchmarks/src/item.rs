//! One question with its key: the bytes that a form commits to.
//!
//! An [`Item`] that exists is complete and within its limits. What a system may see of it is its
//! [`Question`], which holds no key. Marking is elsewhere.

use std::collections::BTreeMap;

use assay_evidence::json;
use serde::{Deserialize, Serialize};

use crate::{
    grade,
    locale::Locale,
    pack::ANSWER_BYTES_MAX,
    rational,
    text::{self, Shape},
};

/// Most options of a `choice` item.
pub const OPTIONS_MAX: usize = 6;
/// Most aliases of an `exact` item, and most spellings of a unit.
pub const ALIASES_MAX: usize = 32;

/// One item; its JCS bytes are what the item tree commits to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Item {
    /// `name@major.minor`.
    pub benchmark: String,
    /// Family id; the same in every locale.
    pub family: String,
    /// Key and parameters.
    pub grader: Grader,
    /// Locale of prompt and answer.
    pub locale: Locale,
    /// Longest answer in bytes.
    pub max_bytes: u32,
    /// The question.
    pub prompt: String,
    /// Section id.
    pub section: String,
    /// Weight in estimates; version 1 knows only 1.
    pub weight: u32,
}

/// The key of an item, by kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", tag = "kind")]
pub enum Grader {
    /// One of lettered options.
    Choice {
        /// Texts, in the order of their letters.
        options: Vec<String>,
        /// Index of the right one, from 0.
        right: u32,
    },
    /// Equality with one of the aliases after the listed rules.
    Exact {
        /// Accepted texts.
        aliases: Vec<String>,
        /// Rules, applied in this order.
        rules: Vec<Rule>,
    },
    /// A number within a tolerance.
    Number {
        /// Absolute tolerance, a decimal.
        abs: String,
        /// Tolerance relative to the value, a decimal.
        rel: String,
        /// Unit that the answer must carry.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        unit: Option<Unit>,
        /// The number, a decimal or a fraction.
        value: String,
    },
}

/// What an `exact` item ignores, beyond the normalisation of every answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Letter case.
    FoldCase,
    /// Punctuation.
    StripPunctuation,
    /// Runs of spaces count as one.
    SqueezeSpaces,
}

/// The unit of a `number` item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Unit {
    /// `"ratio"`: a plain number, or a percentage that counts as hundredths.
    Ratio(RatioWord),
    /// Accepted spellings, one of which must stand beside the number.
    Spelled(Vec<String>),
}

/// The word `ratio`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RatioWord {
    /// The only one.
    Ratio,
}

/// Tolerance and unit of a `number` family, for all its locales.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NumberKey {
    pub abs: String,
    pub rel: String,
    pub unit: BTreeMap<Locale, Unit>,
}

/// What a system is shown of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The conversation; version 1 has one turn, of the user.
    pub turns: Vec<(Speaker, String)>,
    /// What kind of answer is wanted.
    pub asks: Asks,
    /// Option texts in the order of their letters; empty unless one is to be chosen.
    pub choices: Vec<String>,
    /// Locale tag.
    pub lang: String,
    /// Longest answer in bytes.
    pub max_bytes: u32,
}

/// Who speaks in a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// The one who asks.
    User,
}

/// What kind of answer is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// Any text.
    FreeText,
    /// The letter or the text of one option.
    OneChoice,
    /// A number.
    Number,
}

/// Why bytes are not an item.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ItemError {
    /// Not JSON, or not the members of an item.
    #[error("item: {0}")]
    Json(#[from] json::JsonError),
    /// Other bytes than this crate would write.
    #[error("item is not in canonical form; write it as JCS")]
    NotCanonical,
    /// A member is out of its range.
    #[error("item of family `{family}` ({locale}): {reason}")]
    Invalid {
        /// Family.
        family: String,
        /// Locale.
        locale: Locale,
        /// What is wrong.
        reason: String,
    },
}

impl Item {
    /// The canonical bytes.
    pub fn bytes(&self) -> Vec<u8> {
        json::to_vec(self)
    }

    /// Reads canonical bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, ItemError> {
        let item: Self = json::from_slice(bytes)?;
        if item.bytes() != bytes {
            return Err(ItemError::NotCanonical);
        }
        item.checked()
    }

    /// The item itself when all its members are in range.
    pub(crate) fn checked(self) -> Result<Self, ItemError> {
        match self.complaint() {
            None => Ok(self),
            Some(reason) => Err(ItemError::Invalid {
                family: self.family,
                locale: self.locale,
                reason,
            }),
        }
    }

    /// What a system is shown: the prompt, and for a choice the lettered options below it.
    pub fn question(&self) -> Question {
        let mut prompt = self.prompt.clone();
        let (asks, choices) = match &self.grader {
            Grader::Choice { options, .. } => (Asks::OneChoice, options.clone()),
            Grader::Exact { .. } => (Asks::FreeText, Vec::new()),
            Grader::Number { .. } => (Asks::Number, Vec::new()),
        };
        if !choices.is_empty() {
            prompt.push('\n');
        }
        for (letter, option) in ('A'..).zip(&choices) {
            prompt.extend(["\n", letter.encode_utf8(&mut [0; 4]), ". ", option]);
        }
        Question {
            turns: vec![(Speaker::User, prompt)],
            asks,
            choices,
            lang: self.locale.to_string(),
            max_bytes: self.max_bytes,
        }
    }

    /// The key in words, for `assay try`.
    pub fn expected(&self) -> String {
        match &self.grader {
            Grader::Choice { options, right } => {
                let letter = char::from(b'A' + *right as u8);
                format!("{letter}. {}", options[*right as usize])
            }
            Grader::Exact { aliases, .. } => aliases.join(" | "),
            Grader::Number {
                value,
                unit: Some(Unit::Spelled(spellings)),
                ..
            } => {
                format!("{value} {}", spellings[0])
            }
            Grader::Number { value, .. } => value.clone(),
        }
    }

    fn complaint(&self) -> Option<String> {
        if self.benchmark.is_empty() || self.family.is_empty() || self.section.is_empty() {
            return Some("benchmark, family or section is empty".to_owned());
        }
        if self.weight != 1 {
            return Some("weight is not 1".to_owned());
        }
        if !(1..=ANSWER_BYTES_MAX).contains(&self.max_bytes) {
            return Some(format!("maxBytes is not between 1 and {ANSWER_BYTES_MAX}"));
        }
        let prompt = text::complaint(&self.prompt, Shape::Block);
        prompt
            .map(|complaint| format!("prompt: {complaint}"))
            .or_else(|| self.grader.complaint())
    }
}

impl Grader {
    /// The kind, as terms and reports name it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Choice { .. } => "choice",
            Self::Exact { .. } => "exact",
            Self::Number { .. } => "number",
        }
    }

    fn complaint(&self) -> Option<String> {
        match self {
            Self::Choice { options, right } => {
                lines_complaint("options", options, (2, OPTIONS_MAX)).or_else(|| {
                    let distinct = grade::are_distinct(options);
                    let complaint = if distinct {
                        "right is no option"
                    } else {
                        "options repeat"
                    };
                    let fits = distinct && (*right as usize) < options.len();
                    (!fits).then(|| complaint.to_owned())
                })
            }
            Self::Exact { aliases, rules } => lines_complaint("aliases", aliases, (1, ALIASES_MAX))
                .or_else(|| {
                    let blank = aliases.iter().find(|alias| grade::is_blank(alias, rules))?;
                    Some(format!("nothing of alias `{blank}` is left by its rules"))
                }),
            Self::Number {
                abs,
                rel,
                unit,
                value,
            } => {
                let tolerant = [abs, rel]
                    .into_iter()
                    .all(|text| rational::is_tolerance(text));
                if !tolerant || rational::parse(value).is_none() {
                    return Some("value, abs or rel is not a number in canonical form".to_owned());
                }
                match unit {
                    Some(Unit::Spelled(spellings)) => {
                        lines_complaint("unit", spellings, (1, ALIASES_MAX))
                    }
                    Some(Unit::Ratio(_)) | None => None,
                }
            }
        }
    }
}

fn lines_complaint(what: &str, texts: &[String], (low, high): (usize, usize)) -> Option<String> {
    if !(low..=high).contains(&texts.len()) {
        return Some(format!(
            "{what} has {} entries, not {low} to {high}",
            texts.len()
        ));
    }
    let bad = texts
        .iter()
        .find_map(|text| text::complaint(text, Shape::Line))?;
    Some(format!("{what}: {bad}"))
}

#[cfg(test)]
mod tests;
