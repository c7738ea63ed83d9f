//! Published boards, in the order of their snapshot records.

use assay_evidence::digest::Digest;
use sqlx::{Row as _, sqlite::SqliteRow};

use super::{
    BoardRow, Place, Store, StoreError,
    rows::{column_digest, column_u64, digest},
};
use crate::clock::Millis;
use crate::id::RunId;

impl Store {
    /// Notes a logged snapshot and moves the runs that it shows from marked to published.
    pub async fn board_logged(
        &self,
        board: &BoardRow,
        shown: &[RunId],
        now: Millis,
    ) -> Result<(), StoreError> {
        let mut transaction = self.write().await?;
        sqlx::query(
            "INSERT INTO board (benchmark, idx, leaf, inputs, output, size, declared) \
             VALUES ($1,$2,$3,$4,$5,$6,$7) ON CONFLICT DO NOTHING",
        )
        .bind(&board.benchmark)
        .bind(board.snapshot.index.cast_signed())
        .bind(board.snapshot.leaf.as_bytes().to_vec())
        .bind(board.inputs.as_bytes().to_vec())
        .bind(board.output.as_bytes().to_vec())
        .bind(board.size.cast_signed())
        .bind(&board.declared)
        .execute(&mut *transaction)
        .await?;
        for run in shown {
            super::runs::publish(&mut transaction, *run, board.snapshot, now).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// The newest board of a benchmark.
    pub async fn newest_board(&self, benchmark: &str) -> Result<Option<BoardRow>, StoreError> {
        let row = sqlx::query(
            "SELECT benchmark, idx, leaf, inputs, output, size, declared FROM board \
             WHERE benchmark = $1 ORDER BY idx DESC LIMIT 1",
        )
        .bind(benchmark)
        .fetch_optional(&self.readers)
        .await?;
        row.as_ref().map(read).transpose()
    }

    /// Blobs that anyone may read: terms of published forms, bodies of revealed ones, boards and their
    /// inputs. Seals are not among them, and of adapters only those of [`Self::open_adapters_on`].
    pub async fn public_blobs(&self) -> Result<Vec<Digest>, StoreError> {
        let found: Vec<Vec<u8>> = sqlx::query_scalar(
            "SELECT terms FROM form WHERE idx IS NOT NULL \
             UNION SELECT body FROM form_change WHERE body IS NOT NULL AND idx IS NOT NULL \
             UNION SELECT submission.adapter FROM form_change AS reveal \
               JOIN run ON run.form = reveal.form AND run.state IN ('marked', 'published') \
               JOIN submission ON submission.id = run.submission \
               WHERE reveal.body IS NOT NULL AND reveal.idx IS NOT NULL \
               AND submission.declares ->> '$.open' = 'yes' \
             UNION SELECT inputs FROM board UNION SELECT output FROM board",
        )
        .fetch_all(&self.readers)
        .await?;
        found.iter().map(|bytes| digest(bytes)).collect()
    }

    /// The highest log index that any row names; a log that ends before it was set back.
    pub async fn highest_index(&self) -> Result<Option<u64>, StoreError> {
        let highest: Option<i64> = sqlx::query_scalar(
            "SELECT max(idx) FROM (SELECT max(idx) AS idx FROM form UNION ALL \
             SELECT max(idx) FROM form_change UNION ALL \
             SELECT max(idx) FROM submission UNION ALL SELECT max(idx) FROM board UNION ALL \
             SELECT max(intent_idx) FROM run UNION ALL SELECT max(close_idx) FROM run)",
        )
        .fetch_one(&self.readers)
        .await?;
        Ok(highest.map(|index| index as u64))
    }
}

fn read(row: &SqliteRow) -> Result<BoardRow, StoreError> {
    Ok(BoardRow {
        benchmark: row.try_get("benchmark")?,
        snapshot: Place {
            index: column_u64(row, "idx")?,
            leaf: column_digest(row, "leaf")?,
        },
        inputs: column_digest(row, "inputs")?,
        output: column_digest(row, "output")?,
        size: column_u64(row, "size")?,
        declared: row.try_get("declared")?,
    })
}
