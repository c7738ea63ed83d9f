//! Opens a sealed form with the age identity that its author kept, on the author's own machine.
//!
//! Neither server nor keeper gives a sealed form away; this is the only way out before its reveal.
//! Everything stays in memory.

use std::io::Read as _;

use age::{DecryptError, Decryptor, Identity, x25519};
use assay_evidence::seal::{self, FormBody};
use zeroize::Zeroizing;

/// Why a sealed form is not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpeningError {
    /// Not an age file, or a damaged one.
    #[error("the sealed file cannot be opened: {0}")]
    File(String),
    /// The identity is none of the recipients.
    #[error(
        "the sealed file is not sealed for this identity; use the one that was kept by \"assay form seal --keep-identity\""
    )]
    OtherIdentity,
    /// Opened, and no form in it.
    #[error("there is no form in the sealed file: {0}")]
    Layout(#[from] seal::SealError),
}

/// The form body inside a sealed file.
pub fn open(sealed: &[u8], identity: &x25519::Identity) -> Result<FormBody, OpeningError> {
    let file = |error: &dyn std::fmt::Display| OpeningError::File(error.to_string());
    let decryptor = Decryptor::new_buffered(sealed).map_err(|error| file(&error))?;
    let identity: &dyn Identity = identity;
    let opened = decryptor.decrypt(std::iter::once(identity));
    let mut reader = opened.map_err(|error| match error {
        DecryptError::NoMatchingKeys => OpeningError::OtherIdentity,
        other => file(&other),
    })?;
    // As long as the file at most, so that nothing is moved and left behind unwiped.
    let mut plain = Zeroizing::new(Vec::with_capacity(sealed.len()));
    reader
        .read_to_end(&mut plain)
        .map_err(|error| file(&error))?;
    Ok(seal::open_plaintext(&plain)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(plain: &[u8], identity: &x25519::Identity) -> Vec<u8> {
        let recipient = identity.to_public().to_string();
        super::super::encrypt(plain, &[recipient]).unwrap()
    }

    fn body() -> FormBody {
        FormBody {
            seed: [7; 32],
            items: vec![b"item".to_vec()],
        }
    }

    #[test]
    fn the_identity_that_was_kept_opens_the_form_and_no_other_does() {
        let kept = x25519::Identity::generate();
        let file = sealed(&seal::plaintext(&body()), &kept);
        assert!(open(&file, &kept).unwrap() == body());
        let refused = open(&file, &x25519::Identity::generate()).map(|_| ());
        assert_eq!(
            refused.unwrap_err().to_string(),
            "the sealed file is not sealed for this identity; use the one that was kept by \"assay form seal --keep-identity\""
        );
    }

    #[test]
    fn a_file_cut_at_its_end_is_not_opened() {
        let kept = x25519::Identity::generate();
        let file = sealed(&seal::plaintext(&body()), &kept);
        let refused = open(&file[..file.len() - 1], &kept).map(|_| ());
        assert!(matches!(refused, Err(OpeningError::File(_))), "{refused:?}");
    }

    #[test]
    fn an_age_file_without_a_form_says_so() {
        let kept = x25519::Identity::generate();
        let refused = open(&sealed(b"a letter", &kept), &kept).map(|_| ());
        assert_eq!(
            refused.unwrap_err().to_string(),
            "there is no form in the sealed file: form body is cut short"
        );
    }
}
