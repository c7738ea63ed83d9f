//! The inside of a seal: form body, padding, and the salted tree that commits its items.
//!
//! Encryption is not here: whoever holds the recipients wraps the plaintext in an age file.

use thiserror::Error;
use zeroize::Zeroize;

use crate::{
    digest::{Digest, Hasher},
    hkdf,
    record::Items,
    tree::Tree,
};

/// Leaves are rounded up to a multiple of this, which hides small differences in item count.
pub const LEAF_GROUP: u64 = 64;
/// Most items in a form body.
pub const ITEMS_MAX: usize = 1 << 20;

const SEED_BYTES: usize = 32;
const COUNT_BYTES: usize = 4;
const LENGTH_BYTES: usize = 8;

/// A form's secret seed and the bytes of its items; both are wiped when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct FormBody {
    /// Salts and order come from it.
    pub seed: [u8; 32],
    /// Items, none of them empty.
    pub items: Vec<Vec<u8>>,
}

/// Why some bytes are no form body or no plaintext of a seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SealError {
    /// The bytes end too early.
    #[error("form body is cut short")]
    Short,
    /// Bytes after the last item.
    #[error("form body has bytes after its last item")]
    Trailing,
    /// No items.
    #[error("form body has no items")]
    NoItems,
    /// More than [`ITEMS_MAX`].
    #[error("form body has {0} items, more than 1048576")]
    TooMany(u32),
    /// An item without bytes.
    #[error("item {0} of the form body is empty")]
    EmptyItem(usize),
    /// Another length than Padmé gives, or a padding byte that is not zero.
    #[error("padding of the seal is not the one its length calls for")]
    Padding,
}

impl FormBody {
    /// Seed ‖ u32be count ‖ (u32be length ‖ item) for each item.
    ///
    /// # Panics
    /// When there are 2^32 items, or one of 4 GiB.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut body = self.seed.to_vec();
        body.extend(length_32(self.items.len()));
        for item in &self.items {
            body.extend(length_32(item.len()));
            body.extend(item);
        }
        body
    }

    /// Reads a form body.
    pub fn parse(body: &[u8]) -> Result<Self, SealError> {
        let (seed, rest) = body
            .split_first_chunk::<SEED_BYTES>()
            .ok_or(SealError::Short)?;
        let (count, mut rest) = rest
            .split_first_chunk::<COUNT_BYTES>()
            .ok_or(SealError::Short)?;
        let count = u32::from_be_bytes(*count);
        if count as usize > ITEMS_MAX {
            return Err(SealError::TooMany(count));
        }
        let mut form = Self {
            seed: *seed,
            items: Vec::new(),
        };
        for index in 0..count as usize {
            let (length, after) = rest
                .split_first_chunk::<COUNT_BYTES>()
                .ok_or(SealError::Short)?;
            let length = u32::from_be_bytes(*length) as usize;
            if length == 0 {
                return Err(SealError::EmptyItem(index));
            }
            let (item, after) = after.split_at_checked(length).ok_or(SealError::Short)?;
            form.items.push(item.to_vec());
            rest = after;
        }
        if !rest.is_empty() {
            return Err(SealError::Trailing);
        }
        if form.items.is_empty() {
            return Err(SealError::NoItems);
        }
        Ok(form)
    }
}

impl Drop for FormBody {
    fn drop(&mut self) {
        self.seed.zeroize();
        self.items.zeroize();
    }
}

/// u64be length ‖ body ‖ zeros up to the Padmé length: what is encrypted.
pub fn plaintext(form: &FormBody) -> Vec<u8> {
    let body = form.to_bytes();
    let mut plain = (body.len() as u64).to_be_bytes().to_vec();
    plain.extend(body);
    plain.resize(padme(plain.len() as u64) as usize, 0);
    plain
}

/// Reads a decrypted seal; the padding must be exact.
pub fn open_plaintext(plain: &[u8]) -> Result<FormBody, SealError> {
    let (length, rest) = plain
        .split_first_chunk::<LENGTH_BYTES>()
        .ok_or(SealError::Short)?;
    let length = usize::try_from(u64::from_be_bytes(*length)).map_err(|_| SealError::Short)?;
    let (body, padding) = rest.split_at_checked(length).ok_or(SealError::Short)?;
    if plain.len() as u64 != padded_bytes(length as u64) || padding.iter().any(|byte| *byte != 0) {
        return Err(SealError::Padding);
    }
    FormBody::parse(body)
}

/// Length of the plaintext that encloses a form body of this length.
pub fn padded_bytes(body_bytes: u64) -> u64 {
    padme(LENGTH_BYTES as u64 + body_bytes)
}

/// The Padmé length: at most 12 % more, and few distinct lengths.
pub fn padme(length: u64) -> u64 {
    if length < 2 {
        return length;
    }
    let exponent = length.ilog2();
    let significand = if exponent == 0 {
        0
    } else {
        exponent.ilog2() + 1
    };
    length.next_multiple_of(1 << (exponent - significand))
}

/// The salt of item `index`.
pub fn item_salt(form_seed: &[u8; 32], index: u64) -> [u8; 32] {
    hkdf::derive(form_seed, &[], &numbered(b"assay/form-item/v1", index))
}

/// Root and leaf count of a form's salted item tree.
pub fn items_tree(form: &FormBody) -> Items {
    let tree = items_leaves(form);
    Items {
        leaves: tree.size(),
        root: tree.root(),
    }
}

/// A form's salted item tree with all its leaves.
pub fn items_leaves(form: &FormBody) -> Tree {
    let salt = |index| item_salt(&form.seed, index);
    salted_tree(salt, form.items.iter().map(Vec::as_slice))
}

/// How records name a seal recipient: SHA-256 of its `age1…` text.
pub fn recipient_id(recipient: &str) -> Digest {
    Digest::of(recipient.as_bytes())
}

/// A tree whose leaves are SHA-256(0x00 ‖ salt ‖ content), filled up with leaves that have a salt and
/// no content.
pub(crate) fn salted_tree<C: AsRef<[u8]>>(
    salt: impl Fn(u64) -> [u8; 32],
    contents: impl ExactSizeIterator<Item = C>,
) -> Tree {
    let count = contents.len() as u64;
    let leaves = count.next_multiple_of(LEAF_GROUP);
    let mut tree = Tree::new();
    for (index, content) in (0..).zip(contents) {
        tree.push(salted_leaf(&salt(index), content.as_ref()));
    }
    for index in count..leaves {
        tree.push(salted_leaf(&salt(index), &[]));
    }
    tree
}

pub(crate) fn salted_leaf(salt: &[u8; 32], content: &[u8]) -> Digest {
    Hasher::new()
        .update(&[0])
        .update(salt)
        .update(content)
        .finish()
}

/// An HKDF info: a label and a u64be number.
pub(crate) fn numbered(label: &[u8], number: u64) -> Vec<u8> {
    [label, &number.to_be_bytes()].concat()
}

fn length_32(length: usize) -> [u8; 4] {
    u32::try_from(length)
        .expect("forms stay below 2^32 items and bytes")
        .to_be_bytes()
}

#[cfg(test)]
mod tests;
