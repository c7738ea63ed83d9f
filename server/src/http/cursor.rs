//! Keyset cursors: where a list goes on, opaque and signed so that only ours come back.
//!
//! The key lives as long as the process; a cursor from before a restart is refused with the way out.

use assay_evidence::{hex, hkdf};

use super::problem::Problem;

const TAG_BYTES: usize = 16;

/// Makes and reads cursors.
#[derive(Clone)]
pub struct Cursors {
    key: [u8; 32],
}

impl Cursors {
    /// Cursors under a key drawn at start.
    pub const fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// A cursor for the row after this one in a list.
    pub fn after(&self, list: &str, id: &[u8; 16]) -> String {
        let mut bytes = id.to_vec();
        bytes.extend_from_slice(&self.tag(list, id));
        hex::encode(&bytes)
    }

    /// The row that a cursor of this list names.
    pub fn read(&self, list: &str, text: &str) -> Result<[u8; 16], Problem> {
        let bytes = hex::decode(text)
            .ok()
            .filter(|bytes| bytes.len() == 16 + TAG_BYTES);
        let id = bytes.and_then(|bytes| {
            let id: [u8; 16] = bytes[..16].try_into().ok()?;
            (bytes[16..] == self.tag(list, &id)).then_some(id)
        });
        id.ok_or_else(|| {
            Problem::invalid(
                "`after` is no cursor of this list; take it from `next`, or begin without it",
            )
        })
    }

    /// A cursor guards nothing secret: comparing it in variable time tells nobody anything of use.
    fn tag(&self, list: &str, id: &[u8; 16]) -> [u8; TAG_BYTES] {
        let full = hkdf::derive(&self.key, id, format!("assay/cursor/v1 {list}").as_bytes());
        full[..TAG_BYTES]
            .try_into()
            .expect("a derived key has 32 bytes")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_only_for_its_list_and_key() {
        let cursors = Cursors::new([7; 32]);
        let cursor = cursors.after("runs", &[1; 16]);
        assert_eq!(cursors.read("runs", &cursor).expect("our cursor"), [1; 16]);
        let refused = "`after` is no cursor of this list; take it from `next`, or begin without it";
        for (other, list, text) in [
            (Cursors::new([8; 32]), "runs", cursor.clone()),
            (cursors.clone(), "submissions", cursor.clone()),
            (cursors.clone(), "runs", cursor[2..].to_owned()),
            (cursors.clone(), "runs", "zz".to_owned()),
        ] {
            assert_eq!(other.read(list, &text).unwrap_err().detail, refused);
        }
    }
}
