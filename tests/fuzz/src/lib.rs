//! What must hold of every input to a parser of `assay-evidence`: no panic, one spelling, and nothing
//! believed that was not signed.
//!
//! Each property takes bytes, says whether they meant something to a parser, and panics when it is
//! broken. The programs in `targets/` let libFuzzer choose the bytes; nothing here chooses or times.

pub mod bytes;
pub mod documents;
pub mod golden;
pub mod seeds;
pub mod texts;
