//! Other people's implementations as judges: what we write they must read, and what they refuse we must refuse.
//!
//! They are dev-dependencies of this crate alone. Programs of others, which read files, are asked in
//! `outsiders/`; the golden bytes are made again from their seeds in `golden`.

// `cfg(test)` says nothing new to the compiler; it tells the linter that helpers here are test code.
#[cfg(test)]
mod envelopes;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod notes;
#[cfg(test)]
mod tiles;
#[cfg(test)]
mod tree;

/// The bytes of the golden log's entries.
fn records(count: u64) -> Vec<String> {
    (0..count).map(|index| format!("record {index}")).collect()
}

/// Our tree over the golden log's entries, or over more of the same kind.
fn tree_of(count: u64) -> assay_evidence::tree::Tree {
    records(count)
        .iter()
        .map(|record| assay_evidence::leaf::hash(record.as_bytes()))
        .collect()
}
