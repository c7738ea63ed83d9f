//! Every message is read as it was written, and no message that was cut or padded is read at all.

use super::*;
use crate::frame;

fn body(frame: &[u8]) -> (u8, &[u8]) {
    let (kind, body, _) = frame::first(frame).unwrap().unwrap();
    (kind, body)
}

/// Reads every shorter and one longer body; none may pass.
fn refuses_other_lengths<'a, T>(
    body: &'a [u8],
    longer: &'a [u8],
    read: impl Fn(&'a [u8]) -> Result<T, FrameError>,
) {
    for end in 0..body.len() {
        assert!(
            read(&body[..end]).is_err(),
            "cut at {end} of {}",
            body.len()
        );
    }
    assert_eq!(read(longer).err(), Some(FrameError::Trailing(1)));
}

fn padded(body: &[u8]) -> Vec<u8> {
    [body, &[0]].concat()
}

#[test]
fn a_prompt_keeps_every_field() {
    let prompt = Prompt {
        ticket: [7; 16],
        seed: u64::MAX,
        answer_bytes_max: 64,
        asks: 1,
        lang: "zh-Hans",
        turns: vec![(0, "be brief"), (1, "哪个最近？")],
        choices: vec!["水星", ""],
    };
    let mut out = Vec::new();
    prompt.write(&mut out).unwrap();
    let (kind, bytes) = body(&out);
    assert_eq!(kind, ITEM);
    assert_eq!(Prompt::read(bytes), Ok(prompt));
    refuses_other_lengths(bytes, &padded(bytes), Prompt::read);
}

#[test]
fn an_end_keeps_every_field() {
    let done = Done {
        ticket: [1; 16],
        outcome: Outcome::Answered,
        started: true,
        cut: false,
        fuel: 1 << 50,
        peak_pages: 17,
        answer: "Merkur",
    };
    let mut out = Vec::new();
    done.write(&mut out).unwrap();
    let (kind, bytes) = body(&out);
    assert_eq!(kind, DONE);
    assert_eq!(Done::read(bytes), Ok(done));
    refuses_other_lengths(bytes, &padded(bytes), Done::read);
}

#[test]
fn an_end_with_an_outcome_of_no_lane_is_refused() {
    let mut out = Vec::new();
    let done = Done {
        ticket: [0; 16],
        outcome: Outcome::Trap,
        started: false,
        cut: false,
        fuel: 0,
        peak_pages: 0,
        answer: "",
    };
    done.write(&mut out).unwrap();
    let (_, bytes) = body(&out);
    let mut bytes = bytes.to_vec();
    bytes[16] = 10;
    assert_eq!(Done::read(&bytes), Err(FrameError::Member("outcome", 10)));
}

#[test]
fn an_answer_above_the_limit_is_refused() {
    let answer = "x".repeat(crate::limits::ANSWER_BYTES + 1);
    let mut out = Vec::new();
    let done = Done {
        ticket: [0; 16],
        outcome: Outcome::Answered,
        started: true,
        cut: false,
        fuel: 0,
        peak_pages: 0,
        answer: &answer,
    };
    done.write(&mut out).unwrap();
    assert_eq!(
        Done::read(body(&out).1),
        Err(FrameError::TooLong(answer.len()))
    );
}

#[test]
fn a_load_keeps_every_field() {
    let load = Load {
        image: Digest([1; 32]),
        image_bytes: 5,
        config: Digest([2; 32]),
    };
    let mut out = Vec::new();
    load.write(&mut out).unwrap();
    let (_, bytes) = body(&out);
    assert_eq!(Load::read(bytes), Ok(load));
    refuses_other_lengths(bytes, &padded(bytes), Load::read);
}

#[test]
fn what_a_compiler_says_is_shortened_and_stripped_of_control_characters() {
    let compiled = Compiled {
        compile_ms: 3,
        layers: 0x20,
        imports: vec!["wasi:clocks\u{1b}[2J".to_owned(); IMPORTS_MAX + 5],
        refusal: Some(Refusal {
            code: "function-import".to_owned(),
            detail: "é".repeat(TEXT_BYTES_MAX),
        }),
    };
    let mut out = Vec::new();
    compiled.write(&mut out).unwrap();
    let (kind, bytes) = body(&out);
    let read = Compiled::read(kind, bytes).unwrap();
    assert_eq!(read.imports.len(), IMPORTS_MAX);
    assert_eq!(read.imports[0], "wasi:clocks\u{fffd}[2J");
    assert_eq!(read.refusal.unwrap().detail, "é".repeat(TEXT_BYTES_MAX / 2));
    refuses_other_lengths(bytes, &padded(bytes), |bytes| Compiled::read(kind, bytes));
}
