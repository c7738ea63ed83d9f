//! The locales of version 1: language, script and conventions of a prompt and its answer.
//!
//! A closed set, because graders are validated for each locale and never assumed to carry over.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A locale that graders know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Locale {
    /// English.
    #[serde(rename = "en")]
    En,
    /// Written standard Chinese, simplified.
    #[serde(rename = "zh-Hans")]
    ZhHans,
    /// Cantonese as written, traditional script.
    #[serde(rename = "yue-Hant")]
    YueHant,
    /// Portuguese as used in Macao; the decimal sign is a comma.
    #[serde(rename = "pt")]
    Pt,
}

/// A tag that is no locale of version 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown locale `{0}`; known: en, zh-Hans, yue-Hant, pt")]
pub struct UnknownLocale(String);

impl Locale {
    /// All locales.
    pub const ALL: [Self; 4] = [Self::En, Self::ZhHans, Self::YueHant, Self::Pt];

    /// The tag, as in prompts, records and pages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::ZhHans => "zh-Hans",
            Self::YueHant => "yue-Hant",
            Self::Pt => "pt",
        }
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl FromStr for Locale {
    type Err = UnknownLocale;

    fn from_str(tag: &str) -> Result<Self, UnknownLocale> {
        let found = Self::ALL.into_iter().find(|locale| locale.as_str() == tag);
        found.ok_or_else(|| UnknownLocale(tag.to_owned()))
    }
}
