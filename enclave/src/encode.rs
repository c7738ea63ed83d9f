//! `encode`: a core module that carries the world's metadata becomes a component.
//!
//! It runs on its author's own machine and module, so there is no quarantine; what it writes is
//! screened like any other upload.

use std::{fs, path::Path};

use anyhow::{Context, bail};

use crate::inputs;

/// Names that the toolchain's metadata section starts with.
const METADATA: &str = "component-type";

/// Reads `input`, writes the component to `output` in one piece.
pub fn encode(input: &Path, output: &Path) -> anyhow::Result<()> {
    let module = inputs::read_at_most(input, inputs::COMPONENT_FILE_BYTES_MAX)?;
    let component = component(&module).with_context(|| input.display().to_string())?;
    let beside = output.with_extension("new");
    fs::write(&beside, component).with_context(|| beside.display().to_string())?;
    fs::rename(&beside, output).with_context(|| output.display().to_string())
}

/// The component of a core module.
pub fn component(module: &[u8]) -> anyhow::Result<Vec<u8>> {
    match module {
        [0, b'a', b's', b'm', 1, 0, 0, 0, ..] => {}
        [0, b'a', b's', b'm', 0x0d, ..] => bail!("already a component; use it as it is"),
        _ => bail!("not a core WebAssembly module; give the .wasm file that the compiler wrote"),
    }
    if !has_metadata(module) {
        bail!(
            "holds no metadata of a world; build it with bindings for world `sealed` of assay:adapter@1.0.0"
        );
    }
    wit_component::ComponentEncoder::default()
        .module(module)
        .and_then(|encoder| encoder.validate(true).encode())
        .context(
            "cannot be made a component; it must import nothing and export what its world asks for",
        )
}

fn has_metadata(module: &[u8]) -> bool {
    wasmparser::Parser::new(0).parse_all(module).map_while(Result::ok).any(|payload| {
        matches!(payload, wasmparser::Payload::CustomSection(section) if section.name().starts_with(METADATA))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(bytes: &[u8]) -> String {
        component(bytes).unwrap_err().to_string()
    }

    /// A core module as a toolchain leaves it: plain names, and the world in a custom section.
    fn module_of_the_world() -> Vec<u8> {
        let text = r#"(module
            (memory (export "memory") 1)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 8))
            (func (export "respond") (param i32 i32 i32 i32 i32 i32 i32 i32 i64) (result i32) (i32.const 8)))"#;
        let mut module = wat::parse_str(text).unwrap();
        let mut resolve = wit_parser::Resolve::default();
        let contract = resolve
            .push_str("adapter.wit", include_str!("../wit/adapter.wit"))
            .unwrap();
        let world = resolve.select_world(&[contract], Some("sealed")).unwrap();
        let encoding = wit_component::StringEncoding::UTF8;
        wit_component::embed_component_metadata(&mut module, &resolve, world, encoding, false)
            .unwrap();
        module
    }

    #[test]
    fn a_core_module_of_the_contract_becomes_a_component_that_the_screen_accepts() {
        let component = component(&module_of_the_world()).unwrap();
        assert_eq!(crate::screen::screen(&component).refusal, None);
    }

    #[test]
    fn what_is_no_core_module_with_metadata_is_refused_with_the_way_out() {
        let module = wat::parse_str("(module)").unwrap();
        assert_eq!(
            refusal(&module),
            "holds no metadata of a world; build it with bindings for world `sealed` of assay:adapter@1.0.0"
        );
        assert_eq!(
            refusal(&wat::parse_str("(component)").unwrap()),
            "already a component; use it as it is"
        );
        assert_eq!(
            refusal(b"\x7fELF"),
            "not a core WebAssembly module; give the .wasm file that the compiler wrote"
        );
    }
}
