//! Bits of the self-report: which layer of confinement a process found to be in force around it.
//!
//! Bits that this program never sets stand in the evidence crate's list of names only.

/// No new privileges through exec.
pub const NO_NEW_PRIVS: u32 = 1 << 5;
/// Not dumpable, no core file.
pub const NOT_DUMPABLE: u32 = 1 << 6;
/// Filter B: an executable mapping is refused.
pub const FILTER_B: u32 = 1 << 11;
/// Write-execute is refused for the whole life of the memory.
pub const NO_WRITE_EXECUTE: u32 = 1 << 12;
/// Resource limits are in force.
pub const LIMITS: u32 = 1 << 13;
/// The image had its announced digest and seals.
pub const IMAGE_VERIFIED: u32 = 1 << 18;

/// Not a layer: the starter's word that the process was there to be looked at.
pub const SEEN: u32 = 1 << 31;

/// Bits that the starter can confirm from outside.
pub const VISIBLE: u32 = NO_NEW_PRIVS | FILTER_B;
