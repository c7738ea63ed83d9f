//! Guests in the text format, made into components of world `sealed`: honest ones and hostile ones.
//!
//! What a guest does is chosen by the first letter of the prompt, so that one component meets a whole
//! form of different ends.
#![allow(dead_code)]

/// An adapter whose `respond` has this body; see [`PARAMETERS`] for what it can use.
pub fn component(definitions: &str, respond: &str) -> Vec<u8> {
    wat::parse_str(text(definitions, respond, IMPORTS, RESPOND_TYPE))
        .expect("the guest is well-formed")
}

/// The same adapter with another type of `respond`.
pub fn component_of_type(respond_type: &str) -> Vec<u8> {
    wat::parse_str(text("", "unreachable", IMPORTS, respond_type))
        .expect("the guest is well-formed")
}

/// The same adapter with something more to import.
pub fn component_importing(import: &str) -> Vec<u8> {
    let imports = format!("{import}\n{IMPORTS}");
    wat::parse_str(text("", "unreachable", &imports, RESPOND_TYPE))
        .expect("the guest is well-formed")
}

/// Answers with the first option, or with the prompt when there is none.
pub fn honest() -> Vec<u8> {
    component(
        "",
        &format!("{ANSWER_FIRST_OPTION}\n(call $answer (local.get $at) (local.get $length))"),
    )
}

/// Traps before any call.
pub fn never_starts() -> Vec<u8> {
    component("(func $start unreachable) (start $start)", "unreachable")
}

/// Behaves as the first letter of the prompt says.
///
/// `a` answers, `t` traps, `l` loops, `m` takes memory, `s` recurses, `d` declines, `f` reports a
/// fault, `o` answers with 1,000 bytes, `g` with 65,537, `p` with a pointer into nowhere, `u` with bad
/// UTF-8, `v` with a discriminant of no variant, `w` answers after a while.
pub fn as_told() -> Vec<u8> {
    let definitions = "
        (func $recurse (param i32) (result i32) (i32.add (i32.const 1) (call $recurse (local.get 0))))
        (func $fault (param i32) (result i32)
          (i32.store8 (i32.const 1024) (i32.const 1))
          (i32.store8 (i32.const 1028) (local.get 0))
          (i32.const 1024))
        (func $spin (param i32)
          (loop $again
            (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
            (br_if $again (local.get 0))))";
    let told = |letter: char, act: &str| {
        format!(
            "(if (i32.eq (local.get $letter) (i32.const {})) (then {act}))\n",
            letter as u32
        )
    };
    let respond = [
        "(local.set $letter (i32.load8_u (i32.load offset=4 (local.get $turns))))\n".to_owned(),
        told('t', "unreachable"),
        told('l', "(loop $forever (br $forever))"),
        told('m', "(loop $more (drop (memory.grow (i32.const 16))) (br $more))"),
        told('s', "(return (call $recurse (i32.const 0)))"),
        told('d', "(return (call $fault (i32.const 0)))"),
        told('f', "(return (call $fault (i32.const 2)))"),
        told('o', "(return (call $answer (i32.const 8192) (i32.const 1000)))"),
        told('g', "(return (call $answer (i32.const 8192) (i32.const 65537)))"),
        told('p', "(return (call $answer (i32.const -16) (i32.const 32)))"),
        told('u', "(i32.store8 (i32.const 8192) (i32.const 255)) (return (call $answer (i32.const 8192) (i32.const 1)))"),
        told('v', "(i32.store8 (i32.const 1024) (i32.const 9)) (return (i32.const 1024))"),
        told('w', "(call $spin (i32.const 60000000))"),
        ANSWER_FIRST_OPTION.to_owned(),
        "(call $answer (local.get $at) (local.get $length))".to_owned(),
    ]
    .concat();
    component(definitions, &respond)
}

/// Locals of `respond`: the flattened item, and some to work with.
const PARAMETERS: &str = "(param $turns i32) (param $turn_count i32) (param $asks i32)
    (param $choices i32) (param $choice_count i32) (param $lang i32) (param $lang_length i32)
    (param $max_bytes i32) (param $seed i64) (result i32)
    (local $letter i32) (local $at i32) (local $length i32)";

const ANSWER_FIRST_OPTION: &str = "
    (if (local.get $choice_count)
      (then
        (local.set $at (i32.load (local.get $choices)))
        (local.set $length (i32.load offset=4 (local.get $choices))))
      (else
        (local.set $at (i32.load offset=4 (local.get $turns)))
        (local.set $length (i32.load offset=8 (local.get $turns)))))";

const RESPOND_TYPE: &str = "(func (param \"item\" $item) (result $answer))";

const IMPORTS: &str = r#"
  (import "assay:adapter/types@1.0.0" (instance $types
    (type $speaker-is (enum "system" "user" "assistant"))
    (export "speaker" (type $speaker (eq $speaker-is)))
    (type $turn-is (record (field "speaker" $speaker) (field "text" string)))
    (export "turn" (type $turn (eq $turn-is)))
    (type $asks-is (enum "free-text" "one-choice" "many-choices" "number"))
    (export "asks" (type $asks (eq $asks-is)))
    (type $turns (list $turn))
    (type $texts (list string))
    (type $item-is (record
      (field "turns" $turns) (field "asks" $asks) (field "choices" $texts)
      (field "lang" string) (field "max-bytes" u32) (field "seed" u64)))
    (export "item" (type $item (eq $item-is)))
    (type $fault-is (enum "declined" "unsupported" "failed"))
    (export "fault" (type $fault (eq $fault-is)))))
  (alias export $types "item" (type $item-is))
  (alias export $types "fault" (type $fault-is))
  (import "item" (type $item (eq $item-is)))
  (import "fault" (type $fault (eq $fault-is)))"#;

fn text(definitions: &str, respond: &str, imports: &str, respond_type: &str) -> String {
    format!(
        r#"(component
  {imports}
  (core module $guest
    (memory (export "memory") 8)
    (global $free (mut i32) (i32.const 131072))
    (func (export "realloc") (param $old i32) (param $old_length i32) (param $align i32) (param $length i32) (result i32)
      (local $at i32)
      (local.set $at
        (i32.and
          (i32.add (global.get $free) (i32.sub (local.get $align) (i32.const 1)))
          (i32.sub (i32.const 0) (local.get $align))))
      (global.set $free (i32.add (local.get $at) (local.get $length)))
      (local.get $at))
    (func $answer (param $at i32) (param $length i32) (result i32)
      (i32.store8 (i32.const 1024) (i32.const 0))
      (i32.store (i32.const 1028) (local.get $at))
      (i32.store (i32.const 1032) (local.get $length))
      (i32.const 1024))
    {definitions}
    (func (export "respond") {PARAMETERS}
      {respond}))
  (core instance $instance (instantiate $guest))
  (type $answer (result string (error $fault)))
  (type $respond {respond_type})
  (func $lifted (type $respond)
    (canon lift (core func $instance "respond") (memory (core memory $instance "memory")) (realloc (core func $instance "realloc"))))
  (export "respond" (func $lifted)))"#
    )
}
