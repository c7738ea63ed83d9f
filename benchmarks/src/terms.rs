//! The public terms of a form: what everybody may know of it while its items are sealed.
//!
//! Their digest stands in the form's commitment, so they are fixed before any run. They hold no
//! item, no family id and no seed.

use std::collections::{BTreeMap, BTreeSet};

use assay_evidence::{
    digest::Digest,
    json,
    record::{GraderRef, Lane, Limits},
};
use serde::{Deserialize, Serialize};

use crate::{form::Form, grade, locale::Locale, pack::Pack};

/// The terms; their bytes are JCS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Terms {
    /// `name@major.minor`.
    pub benchmark: String,
    /// Items of each kind in each section and locale, in the pack's order of sections and locales.
    pub blueprint: Vec<Cell>,
    /// Whether results enter a ranking.
    pub class: Class,
    /// Layers that a run must have: 32 hex digits, as in the receipt.
    pub confinement: String,
    /// Edition within the benchmark.
    pub edition: String,
    /// Families, each of which has one item in each locale.
    pub families: u64,
    /// Graders, one for each kind, sorted by name.
    pub graders: Vec<GraderRef>,
    /// Results appear on multiples of this many seconds; 0 for at once.
    pub grid: u64,
    /// Items.
    pub items: u64,
    /// Lanes in which the form may be run.
    pub lanes: Vec<Lane>,
    /// The form closes when its releases have cost this many bits.
    pub leak_budget_bits: u64,
    /// Licence of the items.
    pub licence: String,
    /// Limits per item.
    pub limits: Limits,
    /// Locales, in order.
    pub locales: Vec<Locale>,
    /// Parameters of the draw; empty in version 1.
    pub params: BTreeMap<String, String>,
    /// How results are released.
    pub release: Release,
    /// Sections, in order.
    pub sections: Vec<Section>,
    /// Standards that results are read under; empty in version 1.
    pub standards: Vec<String>,
    /// One sentence: what is measured.
    pub summary: String,
    /// Title for people.
    pub title: String,
    /// For what a variant is drawn.
    pub variant_scope: VariantScope,
}

/// Number of items of one section, locale and kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// Items.
    pub count: u64,
    /// `choice`, `exact` or `number`.
    pub kind: String,
    /// Locale.
    pub locale: Locale,
    /// Section id.
    pub section: String,
}

/// A section as the terms name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Stable id.
    pub id: String,
    /// Title for people.
    pub title: String,
}

/// What becomes of a form's items and results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Everyone sees the items; results never enter a ranking.
    Practice,
    /// The keeper alone sees the items; results enter the ranking.
    Sealed,
}

/// How results of a sealed form are released.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Release {
    /// Every receipt states its scores.
    Plain,
}

/// For what a variant of a family is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VariantScope {
    /// Once for the form: every submission meets the same items.
    Form,
}

/// What a station decides about a form; the rest follows from pack and form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Class.
    pub class: Class,
    /// Edition within the benchmark.
    pub edition: String,
    /// Layers that a run must have: 32 hex digits.
    pub confinement: String,
    /// Seconds between publications; 0 for at once.
    pub grid: u64,
    /// Bits that releases may cost.
    pub leak_budget_bits: u64,
    /// Limits per item.
    pub limits: Limits,
}

/// Why bytes are not terms.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TermsError {
    /// Not JSON, or not the members of terms.
    #[error("terms: {0}")]
    Json(#[from] json::JsonError),
    /// Other bytes than this crate would write.
    #[error("terms are not in canonical form; write them as JCS")]
    NotCanonical,
    /// Not a bitmap.
    #[error("confinement `{0}` is not 32 lower case hex digits")]
    Confinement(String),
    /// The counts contradict each other.
    #[error("blueprint counts {counted} items, terms say {stated}")]
    Count {
        /// Sum over the blueprint.
        counted: u64,
        /// `items`.
        stated: u64,
    },
}

impl Terms {
    /// The terms of a form that was drawn from a pack.
    pub fn of(pack: &Pack, form: &Form, setting: Setting) -> Result<Self, TermsError> {
        let families: BTreeSet<&str> = form.items.iter().map(|item| item.family.as_str()).collect();
        let sections = pack.sections.iter();
        let terms = Self {
            benchmark: pack.benchmark(),
            blueprint: blueprint(pack, form),
            class: setting.class,
            confinement: setting.confinement,
            edition: setting.edition,
            families: families.len() as u64,
            graders: grade::graders(),
            grid: setting.grid,
            items: form.items.len() as u64,
            lanes: vec![Lane::Sealed],
            leak_budget_bits: setting.leak_budget_bits,
            licence: pack.licence.clone(),
            limits: setting.limits,
            locales: pack.locales.clone(),
            params: BTreeMap::new(),
            release: Release::Plain,
            sections: sections
                .map(|section| Section {
                    id: section.id.clone(),
                    title: section.title.clone(),
                })
                .collect(),
            standards: Vec::new(),
            summary: pack.summary.clone(),
            title: pack.title.clone(),
            variant_scope: VariantScope::Form,
        };
        terms.checked()
    }

    /// The canonical bytes.
    pub fn bytes(&self) -> Vec<u8> {
        json::to_vec(self)
    }

    /// Digest of the bytes, as in the commitment.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.bytes())
    }

    /// Reads canonical bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, TermsError> {
        let terms: Self = json::from_slice(bytes)?;
        if terms.bytes() != bytes {
            return Err(TermsError::NotCanonical);
        }
        terms.checked()
    }

    fn checked(self) -> Result<Self, TermsError> {
        let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if self.confinement.len() != 32 || !self.confinement.bytes().all(is_hex) {
            return Err(TermsError::Confinement(self.confinement));
        }
        let counts = self.blueprint.iter().map(|cell| u128::from(cell.count));
        let counted = u64::try_from(counts.sum::<u128>()).unwrap_or(u64::MAX);
        if counted != self.items {
            return Err(TermsError::Count {
                counted,
                stated: self.items,
            });
        }
        Ok(self)
    }
}

fn blueprint(pack: &Pack, form: &Form) -> Vec<Cell> {
    let mut cells = Vec::new();
    for section in &pack.sections {
        for locale in &pack.locales {
            let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
            let here = form
                .items
                .iter()
                .filter(|item| item.section == section.id && item.locale == *locale);
            for item in here {
                *counts.entry(item.grader.kind()).or_default() += 1;
            }
            cells.extend(counts.into_iter().map(|(kind, count)| Cell {
                count,
                kind: kind.to_owned(),
                locale: *locale,
                section: section.id.clone(),
            }));
        }
    }
    cells
}

#[cfg(test)]
mod tests;
