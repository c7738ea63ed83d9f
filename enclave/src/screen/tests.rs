//! What the screen accepts, and the code and words of each refusal.

use super::*;
use crate::guest;

fn code(bytes: &[u8]) -> Option<String> {
    screen(bytes).refusal.map(|refusal| refusal.code)
}

fn detail(bytes: &[u8]) -> String {
    screen(bytes)
        .refusal
        .map(|refusal| refusal.detail)
        .unwrap_or_default()
}

fn component(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap()
}

#[test]
fn an_adapter_of_the_sealed_world_is_accepted_with_its_type_only_imports() {
    let screened = screen(&guest::honest());
    assert_eq!(screened.refusal, None);
    assert!(screened.imports.is_empty());
}

#[test]
fn a_core_module_is_refused_with_the_command_that_makes_a_component() {
    let module = wat::parse_str("(module)").unwrap();
    assert_eq!(code(&module).as_deref(), Some("core-module"));
    assert_eq!(
        detail(&module),
        "a core module, not a component; run `assay adapter encode` on it"
    );
}

#[test]
fn files_of_other_kinds_are_known_by_their_heads() {
    for (bytes, expected) in [
        (b"".as_slice(), "empty"),
        (b"\x7fELF\x02\x01\x01", "elf"),
        (b"PK\x03\x04rest", "zip"),
        (b"\x1f\x8b\x08rest", "gzip"),
        (b"(component)", "text"),
        (b"\0asm\x02\0\x07\0", "unknown-version"),
        (b"MZ\x90", "not-wasm"),
        (b"\0as", "not-wasm"),
    ] {
        assert_eq!(code(bytes).as_deref(), Some(expected), "{bytes:?}");
    }
}

#[test]
fn native_code_of_the_engine_is_refused_as_such() {
    let engine = crate::engine::compiling().unwrap();
    let image = engine.precompile_component(&guest::honest()).unwrap();
    assert_eq!(code(&image).as_deref(), Some("precompiled"));
}

#[test]
fn a_component_above_the_size_cap_is_refused_before_it_is_read() {
    let mut bytes = guest::honest();
    bytes.resize(COMPONENT_BYTES_MAX as usize + 1, 0);
    assert_eq!(code(&bytes).as_deref(), Some("too-large"));
}

#[test]
fn a_component_cut_anywhere_before_its_custom_sections_is_refused() {
    const CUSTOM_SECTION: u8 = 0;
    let whole = guest::honest();
    for end in 0..whole.len() {
        let only_names_are_gone = whole[end] == CUSTOM_SECTION && end > whole.len() / 2;
        let refused = screen(&whole[..end]).refusal.is_some();
        assert!(
            refused || only_names_are_gone,
            "cut at {end} of {}",
            whole.len()
        );
    }
}

#[test]
fn a_function_import_is_refused_by_name() {
    let direct = guest::component_importing(r#"(import "now" (func (result u64)))"#);
    assert_eq!(screen(&direct).imports, ["now"]);
    assert_eq!(code(&direct).as_deref(), Some("function-import"));
    let inside = guest::component_importing(
        r#"(import "wasi:clocks/wall-clock@0.2.0" (instance (export "now" (func (result u64)))))"#,
    );
    assert_eq!(
        screen(&inside).imports,
        ["wasi:clocks/wall-clock@0.2.0#now"]
    );
    assert_eq!(
        detail(&inside),
        "imports the function wasi:clocks/wall-clock@0.2.0#now, but the sealed world offers none; build without WASI and without host calls"
    );
}

#[test]
fn an_import_that_is_neither_function_nor_type_is_refused() {
    let resource = guest::component_importing(r#"(import "file" (type (sub resource)))"#);
    assert_eq!(
        detail(&resource),
        "imports a resource as file; the sealed world offers types only"
    );
    let module = guest::component_importing(r#"(import "m" (core module))"#);
    assert_eq!(code(&module).as_deref(), Some("import"));
}

#[test]
fn a_component_without_respond_or_with_another_type_of_it_is_refused() {
    assert_eq!(
        code(&component("(component)")).as_deref(),
        Some("no-respond")
    );
    let other = guest::component_of_type(r#"(func (param "item" $item) (result string))"#);
    assert_eq!(code(&other).as_deref(), Some("wrong-type"));
    assert!(detail(&other).contains("-> string"), "{}", detail(&other));
    let renamed = guest::component_of_type(r#"(func (param "question" $item) (result $answer))"#);
    assert_eq!(code(&renamed).as_deref(), Some("wrong-type"));
}

#[test]
fn features_that_the_engine_lacks_are_refused_as_invalid() {
    for fields in [
        "(memory 1) (memory 1)",
        "(memory i64 1)",
        "(memory 1 1 shared)",
        "(func return_call 0)",
        "(tag)",
        "(type (struct))",
    ] {
        let bytes = component(&format!("(component (core module {fields}))"));
        assert_eq!(code(&bytes).as_deref(), Some("invalid"), "{fields}");
    }
}

fn with(definitions: &str) -> Vec<u8> {
    guest::component_importing(definitions)
}

/// Core modules with these fields, each instantiated.
fn instances(fields: &[&str]) -> Vec<u8> {
    let each = fields.iter();
    let texts: Vec<String> = each
        .enumerate()
        .map(|(number, fields)| {
            format!("(core module $m{number} {fields}) (core instance (instantiate $m{number}))")
        })
        .collect();
    with(&texts.concat())
}

/// Does a runner's engine take what the compiler's engine makes of it?
fn is_loaded(bytes: &[u8]) -> bool {
    use crate::{blob, engine, native};
    let compiling = engine::compiling().unwrap();
    let image = compiling.precompile_component(bytes).unwrap();
    let file = blob::sealed("image", &image).unwrap();
    let digest = assay_evidence::digest::Digest::of(&image);
    let image = blob::AuthenticImage::open(&file, digest).unwrap();
    native::load(&engine::running().unwrap(), &image).is_ok()
}

#[test]
fn what_a_runner_has_no_room_for_is_refused_with_the_limit_and_the_last_that_fits_is_not() {
    // The guest itself has one instance and one memory of 8 pages.
    let nothing = ["", "(memory 0)", "(memory 0)", "(memory 0)"];
    let (few, many) = (vec![""; 127], vec![""; 128]);
    for (fits, exceeds, says) in [
        (
            vec!["(table 20000 funcref)"],
            vec!["(table 20001 funcref)"],
            "a table needs 20001 elements from the start, more than 20000; make do with less",
        ),
        (
            vec!["(table 0 funcref) (table 0 funcref)"],
            vec!["(table 0 funcref) (table 0 funcref) (table 0 funcref)"],
            "a core module needs 3 tables from the start, more than 2; make do with less",
        ),
        (
            vec!["(table 0 funcref)"; 8],
            vec!["(table 0 funcref)"; 9],
            "the component needs 9 tables from the start, more than 8; make do with less",
        ),
        (
            nothing.to_vec(),
            [&nothing[..], &["(memory 0)"]].concat(),
            "the component needs 5 memories from the start, more than 4; make do with less",
        ),
        (
            few,
            many,
            "the component needs 129 core instances from the start, more than 128; make do with less",
        ),
    ] {
        let (fits, exceeds) = (instances(&fits), instances(&exceeds));
        assert_eq!(screen(&fits).refusal, None);
        assert!(is_loaded(&fits));
        assert_eq!(code(&exceeds).as_deref(), Some("limits"));
        assert_eq!(detail(&exceeds), says);
        assert!(!is_loaded(&exceeds));
    }
}

#[test]
fn memories_and_tables_are_summed_over_all_instances() {
    assert_eq!(screen(&instances(&["(memory 4088)"])).refusal, None);
    assert_eq!(
        detail(&instances(&["(memory 4089)"])),
        "the component needs 4097 pages of memory from the start, more than 4096; make do with less"
    );
    let tables = ["(table 20000 funcref)", "(table 20000 funcref)"];
    assert_eq!(screen(&instances(&tables)).refusal, None);
    assert_eq!(
        detail(&instances(&[&tables[..], &["(table 1 funcref)"]].concat())),
        "the component needs 40001 table elements from the start, more than 40000; make do with less"
    );
}

#[test]
fn a_component_inside_counts_as_often_as_it_is_instantiated() {
    let inner = |times: usize| {
        with(&format!(
            "(core module $m (memory 1000))
             (component $inner
               (alias outer 1 $m (core module $again))
               (core instance (instantiate $again)))
             {}",
            "(instance (instantiate $inner))".repeat(times)
        ))
    };
    assert_eq!(screen(&inner(3)).refusal, None);
    assert!(is_loaded(&inner(3)));
    assert_eq!(
        detail(&inner(4)),
        "the component needs 5 memories from the start, more than 4; make do with less"
    );
}

#[test]
fn a_module_handed_to_a_component_inside_is_refused() {
    let handed = with(
        "(core module $m (memory 5000))
         (component $inner
           (import \"m\" (core module $again))
           (core instance (instantiate $again)))
         (instance (instantiate $inner (with \"m\" (core module $m))))",
    );
    assert_eq!(code(&handed).as_deref(), Some("limits"));
}
