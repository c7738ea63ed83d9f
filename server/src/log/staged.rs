//! A staged batch: all files of one step of the log in one file, with a digest at its end.
//!
//! ( u16be path length ‖ path ‖ u32be length ‖ bytes ) × n ‖ SHA-256 of all before. Its name says to which
//! size and root it leads. Whether that is true is the self-audit's question.

use assay_evidence::digest::Digest;
use bytes::{BufMut as _, Bytes, BytesMut};

use super::files::NewFile;

const DIGEST_BYTES: usize = 32;

/// Name of the batch that leads to this size and root.
pub fn name(size: u64, root: &Digest) -> String {
    format!("{size}-{root}")
}

/// The size and root that a batch of this name leads to.
pub fn parse_name(name: &str) -> Option<(u64, Digest)> {
    let (size, root) = name.split_once('-')?;
    let parsed = (size.parse().ok()?, root.parse().ok()?);
    (self::name(parsed.0, &parsed.1) == name).then_some(parsed)
}

/// The bytes of a batch.
///
/// # Panics
/// When a path is longer than 64 KiB or a file than 4 GiB; those of a log are far shorter.
pub fn encode(files: &[NewFile]) -> Bytes {
    let length: usize = files
        .iter()
        .map(|file| 6 + file.path.len() + file.bytes.len())
        .sum();
    let mut batch = BytesMut::with_capacity(length + DIGEST_BYTES);
    for file in files {
        batch.put_u16(u16::try_from(file.path.len()).expect("paths of a log are short"));
        batch.put_slice(file.path.as_bytes());
        batch.put_u32(u32::try_from(file.bytes.len()).expect("files of a log are short"));
        batch.put_slice(&file.bytes);
    }
    let digest = Digest::of(&batch);
    batch.put_slice(digest.as_bytes());
    batch.freeze()
}

/// The files of a batch; `None` when a byte of it is not as it was written.
pub fn decode(batch: &Bytes) -> Option<Vec<NewFile>> {
    let end = batch.len().checked_sub(DIGEST_BYTES)?;
    if Digest::of(&batch[..end]).as_bytes().as_slice() != &batch[end..] {
        return None;
    }
    let mut rest = batch.slice(..end);
    let mut files = Vec::new();
    while !rest.is_empty() {
        let length = u16::from_be_bytes(*take(&mut rest, 2)?.first_chunk()?);
        let path = take(&mut rest, usize::from(length))?;
        let length = u32::from_be_bytes(*take(&mut rest, 4)?.first_chunk()?);
        files.push(NewFile {
            path: String::from_utf8(path.to_vec()).ok()?,
            bytes: take(&mut rest, length as usize)?,
        });
    }
    Some(files)
}

fn take(rest: &mut Bytes, length: usize) -> Option<Bytes> {
    (length <= rest.len()).then(|| rest.split_to(length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> Vec<NewFile> {
        let file = |path: &str, bytes: &'static [u8]| NewFile {
            path: path.to_owned(),
            bytes: Bytes::from_static(bytes),
        };
        vec![file("tile/0/000.p/1", &[7; 32]), file("empty", b"")]
    }

    #[test]
    fn a_batch_has_the_bytes_of_the_specification() {
        let batch = encode(&files());
        let body = [
            b"\x00\x0etile/0/000.p/1\x00\x00\x00\x20".as_slice(),
            &[7; 32],
            b"\x00\x05empty\x00\x00\x00\x00",
        ]
        .concat();
        assert_eq!(batch[..body.len()], body);
        assert_eq!(batch[body.len()..], *Digest::of(&body).as_bytes());
        assert_eq!(decode(&batch).unwrap(), files());
        assert_eq!(decode(&encode(&[])).unwrap(), []);
    }

    #[test]
    fn no_cut_and_no_flipped_bit_is_read() {
        let batch = encode(&files());
        for end in 0..batch.len() {
            assert_eq!(decode(&batch.slice(..end)), None, "{end}");
        }
        for bit in 0..batch.len() * 8 {
            let mut flipped = batch.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(decode(&flipped.into()), None, "{bit}");
        }
    }

    #[test]
    fn a_name_has_one_spelling() {
        let root = Digest::of(b"");
        assert_eq!(parse_name(&name(300, &root)), Some((300, root)));
        for other in [
            format!("0300-{root}"),
            format!("300-{}", root.to_string().to_uppercase()),
            format!("300-{root}-"),
            "300".to_owned(),
        ] {
            assert_eq!(parse_name(&other), None, "{other}");
        }
    }
}
