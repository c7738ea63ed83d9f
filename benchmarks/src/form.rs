//! A form: one edition of a benchmark's items, with the seed that drew and salts it.
//!
//! It seals nothing; it only turns into the body that the seal carries, and back.

use assay_evidence::seal::FormBody;

use crate::item::{Item, ItemError};

/// Most items of a form.
pub const ITEMS_MAX: usize = 40_000;

/// A drawn form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// 32 bytes that must stay secret while the form is sealed.
    pub seed: [u8; 32],
    /// Items in the order of their families, and of the pack's locales within a family.
    pub items: Vec<Item>,
}

/// Why a body is not a form of this program.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// An item cannot be read.
    #[error("item {index}: {source}")]
    Item {
        /// Index, from 0.
        index: usize,
        /// Why.
        source: ItemError,
    },
    /// No items, or too many.
    #[error("a form has 1 to {ITEMS_MAX} items, not {0}")]
    Count(usize),
    /// Items of two benchmarks.
    #[error("item {index} belongs to another benchmark than item 0")]
    Benchmark {
        /// Index of the first such item.
        index: usize,
    },
}

impl Form {
    /// The body that a sealed file carries.
    pub fn body(&self) -> FormBody {
        FormBody {
            seed: self.seed,
            items: self.items.iter().map(Item::bytes).collect(),
        }
    }

    /// Reads the items of a body.
    pub fn from_body(body: &FormBody) -> Result<Self, FormError> {
        if !(1..=ITEMS_MAX).contains(&body.items.len()) {
            return Err(FormError::Count(body.items.len()));
        }
        let items = body
            .items
            .iter()
            .enumerate()
            .map(|(index, bytes)| {
                Item::parse(bytes).map_err(|source| FormError::Item { index, source })
            })
            .collect::<Result<Vec<_>, _>>()?;
        match items
            .iter()
            .position(|item| item.benchmark != items[0].benchmark)
        {
            Some(index) => Err(FormError::Benchmark { index }),
            None => Ok(Self {
                seed: body.seed,
                items,
            }),
        }
    }
}
