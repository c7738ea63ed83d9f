//! What the frame codec refuses, and that it reads what it wrote.

use super::*;

fn sample() -> Vec<u8> {
    let mut out = Vec::new();
    FrameWriter::begin(&mut out, 9)
        .u8(7)
        .u32(70_000)
        .u64(1 << 40)
        .fixed(&[1, 2])
        .bytes("é".as_bytes())
        .end()
        .unwrap();
    out
}

#[test]
fn a_frame_is_read_as_it_was_written() {
    let out = sample();
    let (kind, body, whole) = first(&out).unwrap().unwrap();
    assert_eq!((kind, whole), (9, out.len()));
    let mut fields = FrameReader::new(body);
    assert_eq!(fields.u8(), Ok(7));
    assert_eq!(fields.u32(), Ok(70_000));
    assert_eq!(fields.u64(), Ok(1 << 40));
    assert_eq!(fields.fixed::<2>(), Ok(&[1, 2]));
    assert_eq!(fields.text(), Ok("é"));
    assert_eq!(fields.end(), Ok(()));
}

#[test]
fn a_frame_cut_anywhere_is_not_yet_a_frame() {
    let out = sample();
    for end in 0..out.len() {
        assert_eq!(first(&out[..end]), Ok(None), "cut at {end}");
    }
}

#[test]
fn a_body_cut_anywhere_ends_inside_a_field() {
    let out = sample();
    let (_, body, _) = first(&out).unwrap().unwrap();
    for end in 0..body.len() {
        let mut fields = FrameReader::new(&body[..end]);
        let read = fields
            .u8()
            .and_then(|_| fields.u32())
            .and_then(|_| fields.u64())
            .and_then(|_| fields.fixed::<2>().map(|_| ()))
            .and_then(|()| fields.text());
        assert_eq!(read, Err(FrameError::Short), "cut at {end}");
    }
}

#[test]
fn lengths_of_zero_and_above_the_limit_are_refused_before_any_body() {
    assert_eq!(first(&[0, 0, 0, 0]), Err(FrameError::Empty));
    let too_long = (FRAME_BYTES_MAX as u32 + 1).to_le_bytes();
    assert_eq!(
        first(&too_long),
        Err(FrameError::TooLong(FRAME_BYTES_MAX + 1))
    );
    assert_eq!(
        first(&u32::MAX.to_le_bytes()),
        Err(FrameError::TooLong(u32::MAX as usize))
    );
}

#[test]
fn a_frame_above_the_limit_is_not_written() {
    let mut out = sample();
    let before = out.clone();
    let refused = FrameWriter::begin(&mut out, 1)
        .bytes(&vec![0; FRAME_BYTES_MAX])
        .end();
    assert_eq!(refused, Err(FrameError::TooLong(FRAME_BYTES_MAX + 5)));
    assert_eq!(out, before);
}

#[test]
fn bytes_after_the_last_field_are_refused() {
    let mut fields = FrameReader::new(&[1, 2, 3]);
    fields.u8().unwrap();
    assert_eq!(fields.end(), Err(FrameError::Trailing(2)));
}

#[test]
fn a_count_larger_than_the_body_can_hold_is_refused() {
    let mut body = 1_000_000_u32.to_le_bytes().to_vec();
    body.extend_from_slice(&[0; 100]);
    assert_eq!(FrameReader::new(&body).count(4), Err(FrameError::Short));
}

#[test]
fn text_that_is_not_utf8_is_refused() {
    assert_eq!(
        FrameReader::new(&[2, 0, 0, 0, 0xc3, 0x28]).text(),
        Err(FrameError::Utf8)
    );
}
