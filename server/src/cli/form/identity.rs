//! The flag that names the identity of a form's author.

use std::path::PathBuf;

use age::x25519::Identity;
use clap::Args;

use super::super::fault::Fault;
use crate::seal::identity;

/// Where the identity lies.
#[derive(Debug, Args)]
pub struct IdentityFile {
    /// Age identity that `assay form seal --keep-identity` kept; it is read here and sent nowhere.
    #[arg(long = "identity", value_name = "FILE")]
    path: PathBuf,
}

impl IdentityFile {
    /// The identity.
    pub fn read(&self) -> Result<Identity, Fault> {
        identity::read(&self.path).map_err(Fault::refused)
    }
}
