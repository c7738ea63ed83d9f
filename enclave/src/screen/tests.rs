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
