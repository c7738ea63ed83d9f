//! Plain bytes: tiles and entry bundles, frames of a stream, form bodies.

use std::str::from_utf8;

use assay_evidence::{
    json,
    seal::{self, FormBody},
    tile,
    wire::{Ask, FrameKind, FrameReader, Tell, encode_frame},
};

/// Paths are spelt in one way; tiles and entry bundles are written as they were read.
pub fn tile(data: &[u8]) -> bool {
    let path = from_utf8(data).ok().and_then(tile::parse_path);
    if let Some(at) = path {
        assert_eq!(at.path().as_bytes(), data);
    }
    let Some((width, rest)) = data.split_first() else {
        return false;
    };
    let width = u16::from(*width) + 1;
    let entries = tile::parse_entries(rest, width);
    if let Ok(entries) = &entries {
        assert_eq!(entries.len(), usize::from(width));
        assert_eq!(tile::entry_bundle(entries), rest);
    }
    let hashes = tile::parse_hashes(rest, width);
    if let Ok(hashes) = &hashes {
        assert_eq!(hashes.len(), usize::from(width));
        assert_eq!(tile::hash_tile(hashes), rest);
    }
    path.is_some() || entries.is_ok() || hashes.is_ok()
}

/// However a stream is cut, the same frames come out of it, and they make up the stream again.
pub fn frame(data: &[u8]) -> bool {
    let Some((piece, stream)) = data.split_first() else {
        return false;
    };
    let whole = frames(stream.chunks(usize::MAX));
    let pieces = frames(stream.chunks(usize::from(*piece).max(1)));
    assert_eq!(whole, pieces);
    let written: Vec<u8> = whole
        .iter()
        .flat_map(|(kind, body)| encode_frame(*kind, body))
        .collect();
    assert!(stream.starts_with(&written));
    for (_, body) in &whole {
        if let Ok(ask) = json::from_slice::<Ask>(body) {
            assert_eq!(json::from_slice(&json::to_vec(&ask)), Ok(ask));
        }
        if let Ok(tell) = json::from_slice::<Tell>(body) {
            assert_eq!(json::from_slice(&json::to_vec(&tell)), Ok(tell));
        }
    }
    !whole.is_empty()
}

fn frames<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Vec<(FrameKind, Vec<u8>)> {
    let mut reader = FrameReader::new();
    let mut found = Vec::new();
    for piece in pieces {
        reader.push(piece);
        loop {
            match reader.next_frame() {
                Ok(Some(frame)) => found.push(frame),
                Ok(None) => break,
                Err(_) => return found,
            }
        }
    }
    found
}

/// A form body is written as it was read, sealed or not.
pub fn form(data: &[u8]) -> bool {
    let body = FormBody::parse(data);
    if let Ok(form) = &body {
        assert_eq!(form.to_bytes(), data);
        let plain = seal::plaintext(form);
        let opened = seal::open_plaintext(&plain).expect("its own plaintext opens");
        assert_eq!(opened.to_bytes(), data);
    }
    let plain = seal::open_plaintext(data);
    if let Ok(form) = &plain {
        assert_eq!(seal::plaintext(form), data);
    }
    body.is_ok() || plain.is_ok()
}
