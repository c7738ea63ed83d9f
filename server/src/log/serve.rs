//! Reading the log: records, proofs at a published size, tiles and entry bundles.
//!
//! Nothing here writes, and nothing here shows a leaf that no published checkpoint covers. Every byte is
//! checked against the signed root on its way, so a damaged file is named and never served. The index only
//! finds: what it finds is checked alike, what it withholds is not noticed here.

use assay_evidence::{
    base64,
    bundle::{Before, Bundle, MEDIA_TYPE, Member, Record, Records, Start},
    digest::Digest,
    dsse::Envelope,
    keys::P256PublicKey,
    statement,
    tile::{self, FULL, TileAt, TileKind},
    tree::{Query, TILE_WIDTH, tile_at},
    wire::Proven,
};

use super::{Log, LogError, Logged, Published, shared::View};
use crate::store::{Place, index::IndexRow};

impl Log {
    /// A record by its leaf hash.
    pub async fn record(&self, leaf: &Digest) -> Result<Option<Logged>, LogError> {
        self.public(self.shared.index.by_hash(leaf).await?).await
    }

    /// A record by its index.
    pub async fn record_at(&self, index: u64) -> Result<Option<Logged>, LogError> {
        self.public(self.shared.index.by_index(index).await?).await
    }

    /// The record that closes a run-intent: a receipt or a run-abort. That there is none is the index's word.
    pub async fn closing(&self, intent: u64) -> Result<Option<Logged>, LogError> {
        self.public(self.shared.index.closing(intent).await?).await
    }

    /// Run-intents that nothing closes.
    pub async fn open_intents(&self) -> Result<Vec<Logged>, LogError> {
        let size = self.published().head.size;
        self.all(self.shared.index.open_intents(size).await?).await
    }

    /// All records of a type from an index on.
    pub async fn records_named(&self, name: &str, from: u64) -> Result<Vec<Logged>, LogError> {
        let size = self.published().head.size;
        self.all(self.shared.index.named(name, from, size).await?)
            .await
    }

    /// A record with its inclusion proof in the tree of a published size.
    pub async fn prove(&self, record: &Logged, size: u64) -> Result<Proven, LogError> {
        Ok(Proven {
            envelope: record.envelope()?,
            index: record.place.index,
            path: self.inclusion(record.place.index, size).await?,
            public_key: base64::encode(&record.key.spki_der()),
        })
    }

    /// Inclusion hashes of a leaf in the tree of a published size, leaf to root.
    ///
    /// # Panics
    /// When the leaf is not in a published tree of that size.
    pub async fn inclusion(&self, index: u64, size: u64) -> Result<Vec<Digest>, LogError> {
        self.prove_by(|view| {
            let at = size.min(view.published.head.size);
            Query::inclusion(index, at, view.edge.size())
        })
        .await
    }

    /// Consistency hashes between two published sizes.
    ///
    /// # Panics
    /// When the sizes are not in order.
    pub async fn consistency(&self, old: u64, new: u64) -> Result<Vec<Digest>, LogError> {
        self.prove_by(|view| {
            let new = new.min(view.published.head.size);
            Query::consistency(old, new, view.edge.size())
        })
        .await
    }

    /// The root at a published size.
    pub async fn root_at(&self, size: u64) -> Result<Digest, LogError> {
        let root = self
            .prove_by(|view| Query::root(size.min(view.published.head.size), view.edge.size()))
            .await?
            .pop();
        Ok(root.unwrap_or_else(|| Digest::of(b"")))
    }

    /// A receipt bundle under the published checkpoint; `heads` are the sizes of `before` and `start`.
    pub async fn bundle(
        &self,
        heads: (u64, u64),
        records: Records<Member>,
        manifests: Vec<Envelope>,
    ) -> Result<Bundle, LogError> {
        let (before, start) = heads;
        let Published { note, head } = self.published();
        let before = Before {
            commitment: self.inclusion(records.commitment.index, before).await?,
            consistency: self.consistency(before, head.size).await?,
            submission: self.inclusion(records.submission.index, before).await?,
        };
        let start = Start {
            consistency: self.consistency(start, head.size).await?,
            intent: self.inclusion(records.intent.index, start).await?,
        };
        Ok(Bundle {
            before,
            checkpoint: note.to_string(),
            manifests,
            media_type: MEDIA_TYPE.to_owned(),
            records: Records {
                commitment: self.member(records.commitment, head.size).await?,
                evidence: self.member(records.evidence, head.size).await?,
                intent: self.member(records.intent, head.size).await?,
                receipt: self.member(records.receipt, head.size).await?,
                submission: self.member(records.submission, head.size).await?,
            },
            start,
        })
    }

    /// A tile or entry bundle by its path (`tile/0/000.p/5`, `tile/entries/000`), if the published
    /// checkpoint implies it.
    pub async fn tile(&self, path: &str) -> Result<Option<Vec<u8>>, LogError> {
        let Some(at) = tile::parse_path(path) else {
            return Ok(None);
        };
        let view = self.shared.view();
        if !is_implied(at, view.published.head.size) {
            return Ok(None);
        }
        let width = usize::from(at.width);
        Ok(Some(match at.kind {
            TileKind::Hashes(level) => {
                let stored = tile_at(level, at.n, view.edge.size());
                let hashes = self.shared.tiles.hashes(&view.edge, stored).await?;
                tile::hash_tile(&hashes[..width])
            }
            TileKind::Entries => {
                let entries = self.shared.tiles.entries(&view.edge, at.n).await?;
                tile::entry_bundle(&entries[..width])
            }
        }))
    }

    async fn member(&self, member: Member, size: u64) -> Result<Record, LogError> {
        Ok(Record {
            path: self.inclusion(member.index, size).await?,
            index: member.index,
            public_key: base64::encode(&member.key.spki_der()),
            dsse_envelope: member.envelope,
        })
    }

    async fn prove_by(&self, ask: impl FnOnce(&View) -> Query) -> Result<Vec<Digest>, LogError> {
        let view = self.shared.view();
        self.shared.tiles.answer(&view.edge, &ask(&view)).await
    }

    async fn all(&self, rows: Vec<IndexRow>) -> Result<Vec<Logged>, LogError> {
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            found.push(self.logged(row).await?);
        }
        Ok(found)
    }

    /// A found record, if it is public.
    async fn public(&self, row: Option<IndexRow>) -> Result<Option<Logged>, LogError> {
        let size = self.published().head.size;
        match row.filter(|row| row.index < size) {
            Some(row) => Ok(Some(self.logged(row).await?)),
            None => Ok(None),
        }
    }

    /// Reads the record of a row, which must be the one that the log has there.
    async fn logged(&self, row: IndexRow) -> Result<Logged, LogError> {
        let place = Place {
            index: row.index,
            leaf: row.hash,
        };
        let key = P256PublicKey::from_spki_der(&row.signer);
        let key = key.map_err(|_| LogError::Index(row.index))?;
        let edge = self.shared.view().edge;
        let (bytes, envelope) = self.shared.borne_out(&edge, place, &key).await?;
        if statement::predicate_name(&envelope).is_ok_and(|name| name == row.name) {
            Ok(Logged {
                place,
                name: row.name,
                bytes: bytes.into(),
                key,
            })
        } else {
            Err(LogError::Index(row.index))
        }
    }
}

/// Does a log of this size have all of the tile?
fn is_implied(at: TileAt, size: u64) -> bool {
    let hashes = match at.kind {
        TileKind::Hashes(level) => size.checked_shr(u32::from(level) * 8).unwrap_or(0),
        TileKind::Entries => size,
    };
    let end =
        at.n.checked_mul(TILE_WIDTH)
            .and_then(|from| from.checked_add(u64::from(at.width)));
    debug_assert!(at.width <= FULL, "a parsed path names at most a full tile");
    end.is_some_and(|end| end <= hashes)
}
