//! The house rules as tests: who may import whom, where heavy crates live, how files look.
//!
//! These read sources and manifests; they run nothing of the product.

mod layers;
mod look;
mod sources;
mod words;
