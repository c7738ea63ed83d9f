//! What the index says of a record, believed as far as the log's files bear it out.
//!
//! The row's hash must stand under the signed root at the row's index, and the record must give that hash.
//! A row that is missing is not noticed here.

use assay_evidence::{
    digest::Digest, dsse::Envelope, keys::P256PublicKey, leaf, tile::record_path, tree::Edge,
};
use bytes::Bytes;

use super::{LogError, batch::Entry, shared::Shared};
use crate::store::Place;

impl Shared {
    /// The record at a place, as it was served and parsed.
    pub async fn borne_out(
        &self,
        edge: &Edge,
        place: Place,
        key: &P256PublicKey,
    ) -> Result<(Bytes, Envelope), LogError> {
        if self.tiles.leaf(edge, place.index).await? != Some(place.leaf) {
            return Err(LogError::Index(place.index));
        }
        let path = record_path(&place.leaf);
        let bytes = self.files.read(&path).await?;
        let bytes = bytes.ok_or_else(|| LogError::Missing(path.clone()))?;
        let damaged = || LogError::Damaged(path.clone());
        let envelope = Envelope::parse(&bytes).map_err(|_| damaged())?;
        let data = leaf::data(&envelope, key).map_err(|_| damaged())?;
        if leaf::hash(&data) != place.leaf || envelope.to_bytes() != *bytes {
            return Err(damaged());
        }
        Ok((bytes, envelope))
    }

    /// Is the record at a place a duplicate of this one?
    pub async fn check_duplicate(
        &self,
        edge: &Edge,
        place: Place,
        entry: &Entry,
    ) -> Result<(), LogError> {
        let (_, envelope) = self.borne_out(edge, place, &entry.signer).await?;
        let once: Digest = leaf::duplicate_key(&envelope, &entry.signer);
        if once == entry.once {
            Ok(())
        } else {
            Err(LogError::Index(place.index))
        }
    }
}
