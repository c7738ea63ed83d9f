//! The harness of the stories: a real station in a temporary folder, with its real processes.
//!
//! It drives the two programs as their users do, by command line, HTTP and signals, and never
//! reaches into them.

pub mod folders;
pub mod forge;
pub mod guests;
pub mod processes;
pub mod programs;
pub mod static_files;
pub mod waiting;
pub mod world;

pub use programs::{Finished, Programs};
pub use world::World;
