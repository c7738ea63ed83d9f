//! Adapters that only tests need, written as component text and built here.

/// An adapter that answers `A` after `loops` turns of a busy loop.
///
/// # Panics
/// Never: the text is constant but for the number.
pub fn slow(loops: u64) -> Vec<u8> {
    guest(loops, "A")
}

/// An adapter that answers everything with one text of plain ASCII without quotes.
///
/// # Panics
/// When the text is longer than 1,000 bytes.
pub fn says(text: &str) -> Vec<u8> {
    assert!(
        text.len() <= 1_000,
        "the text has a place of its own in memory"
    );
    guest(1, text)
}

fn guest(loops: u64, answer: &str) -> Vec<u8> {
    let text = GUEST
        .replace("LOOPS", &loops.to_string())
        .replace("LENGTH", &answer.len().to_string())
        .replace("ANSWER", answer);
    wat::parse_str(text).expect("the text below is a component")
}

const GUEST: &str = r#"
(component
  (core module $code
    (memory (export "memory") 4)
    (global $free (mut i32) (i32.const 1024))
    (data (i32.const 16) "ANSWER")
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
      (global.set $free (i32.add (local.get $at) (local.get 3)))
      (local.get $at))
    (func (export "respond")
      (param i32 i32 i32 i32 i32 i32 i32 i32 i64) (result i32)
      (local $left i64)
      (local.set $left (i64.const LOOPS))
      (loop $again
        (local.set $left (i64.sub (local.get $left) (i64.const 1)))
        (br_if $again (i64.ne (local.get $left) (i64.const 0))))
      (i32.store8 (i32.const 0) (i32.const 0))
      (i32.store (i32.const 4) (i32.const 16))
      (i32.store (i32.const 8) (i32.const LENGTH))
      (i32.const 0)))
  (core instance $made (instantiate $code))
  (type $speaker-type (enum "system" "user" "assistant"))
  (export $speaker "speaker" (type $speaker-type))
  (type $turn-type (record (field "speaker" $speaker) (field "text" string)))
  (export $turn "turn" (type $turn-type))
  (type $asks-type (enum "free-text" "one-choice" "many-choices" "number"))
  (export $asks "asks" (type $asks-type))
  (type $item-type (record
    (field "turns" (list $turn))
    (field "asks" $asks)
    (field "choices" (list string))
    (field "lang" string)
    (field "max-bytes" u32)
    (field "seed" u64)))
  (export $item "item" (type $item-type))
  (type $fault-type (enum "declined" "unsupported" "failed"))
  (export $fault "fault" (type $fault-type))
  (type $respond-type (func (param "item" $item) (result (result string (error $fault)))))
  (func $respond (type $respond-type)
    (canon lift (core func $made "respond") (memory (core memory $made "memory")) (realloc (core func $made "realloc"))))
  (export "respond" (func $respond)))
"#;
