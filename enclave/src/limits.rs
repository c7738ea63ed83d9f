//! The limits of the sealed lane, and how a form's own limits are kept inside them.
//!
//! Fuel binds before wall time and memory before the operating system: what a guest can bring about
//! must end the same way on every machine.

use assay_evidence::record::Limits;

/// Fuel for one call of `respond`.
pub const FUEL_PER_ITEM: u64 = 2_000_000_000;
/// Fuel for making the instance.
pub const FUEL_PER_INSTANCE: u64 = 1_000_000_000;
/// Wall time of an item, instance included.
pub const WALL_MS_PER_ITEM: u64 = 10_000;
/// The clock of the wall limit advances this often.
pub const TICK_MS: u64 = 10;
/// Linear memory, summed over all memories of an instance.
pub const MEMORY_BYTES: u64 = 256 * 1024 * 1024;
/// Table elements, summed over all tables.
pub const TABLE_ELEMENTS: u64 = 40_000;
/// Longest answer that is read at all; each item may ask for less.
pub const ANSWER_BYTES: usize = 64 * 1024;
/// Longest prompt, all texts together.
pub const PROMPT_BYTES: usize = 256 * 1024;
/// Bytes that one instance may make the host copy.
pub const HOSTCALL_FUEL: usize = 2 * 1024 * 1024;

/// What receipts of this enclave say.
pub fn sealed_lane() -> Limits {
    Limits {
        fuel_per_item: FUEL_PER_ITEM.to_string(),
        memory_bytes: MEMORY_BYTES,
        output_bytes: ANSWER_BYTES as u64,
        wall_ms_per_item: WALL_MS_PER_ITEM,
    }
}
