//! Would this component be accepted? Decided before the compiler sees it, in the compiler's process.
//!
//! The first failure wins: size, the head of the file, validity with the features of the engine,
//! imports, the type of `respond`, and what an instance needs from the start. The walk rejects early and explains well; it does not bound the
//! cost of compiling, which the caps on the process do.

mod needs;
mod world;

use wasmparser::{
    Parser, Payload, Validator, WasmFeatures,
    component_types::{ComponentAnyTypeId, ComponentEntityType},
    types::TypesRef,
};

use crate::{blob::COMPONENT_BYTES_MAX, message::Refusal};

/// What a clean screen found, and what a refused one did before it stopped.
#[derive(Debug, Default)]
pub struct Screened {
    /// Function imports by name.
    pub imports: Vec<String>,
    /// None when the component may be compiled.
    pub refusal: Option<Refusal>,
}

/// Features that the engine has; a test compares its behaviour with the engine's.
const FEATURES: WasmFeatures = WasmFeatures::MUTABLE_GLOBAL
    .union(WasmFeatures::SATURATING_FLOAT_TO_INT)
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::REFERENCE_TYPES)
    .union(WasmFeatures::MULTI_VALUE)
    .union(WasmFeatures::BULK_MEMORY)
    .union(WasmFeatures::SIMD)
    .union(WasmFeatures::FLOATS)
    .union(WasmFeatures::EXTENDED_CONST)
    .union(WasmFeatures::COMPONENT_MODEL);

/// Screens the bytes of a submission.
pub fn screen(bytes: &[u8]) -> Screened {
    let mut screened = Screened::default();
    screened.refusal = judge(bytes, &mut screened.imports).err();
    screened
}

fn judge(bytes: &[u8], imports: &mut Vec<String>) -> Result<(), Refusal> {
    check_head(bytes)?;
    let types = Validator::new_with_features(FEATURES)
        .validate_all(bytes)
        .map_err(|error| {
            let what = one_line(error.message());
            refusal(
                "invalid",
                &format!(
                    "not a valid component at byte {}: {what}; rebuild it with a current toolchain",
                    error.offset()
                ),
            )
        })?;
    let types = types.as_ref();
    for name in import_names(bytes) {
        collect(&name, types, imports)?;
    }
    if let Some(name) = imports.first() {
        return Err(refusal(
            "function-import",
            &format!(
                "imports the function {name}, but the sealed world offers none; build without WASI and without host calls"
            ),
        ));
    }
    world::check_respond(types)?;
    needs::check(bytes)
}

fn check_head(bytes: &[u8]) -> Result<(), Refusal> {
    let size = bytes.len() as u64;
    if size > COMPONENT_BYTES_MAX {
        return Err(refusal(
            "too-large",
            &format!(
                "{size} bytes, more than {COMPONENT_BYTES_MAX}; strip debug sections and data"
            ),
        ));
    }
    let (code, detail) = match bytes {
        [] => ("empty", "the file is empty; give a WebAssembly component"),
        [0, b'a', b's', b'm', 0x0d, 0, 1, 0, ..] => return Ok(()),
        [0, b'a', b's', b'm', 1, 0, 0, 0, ..] => (
            "core-module",
            "a core module, not a component; run `assay adapter encode` on it",
        ),
        [0, b'a', b's', b'm', ..] => (
            "unknown-version",
            "a WebAssembly file of an unknown version; rebuild it as a component",
        ),
        [0x7f, b'E', b'L', b'F', ..] if wasmtime::Engine::detect_precompiled(bytes).is_some() => (
            "precompiled",
            "native code that an engine compiled; give the component it was compiled from",
        ),
        [0x7f, b'E', b'L', b'F', ..] => (
            "elf",
            "a native program, not a component; build it for wasm32",
        ),
        [b'P', b'K', 3 | 5, 4 | 6, ..] => {
            ("zip", "a zip archive; unpack it and give the component")
        }
        [0x1f, 0x8b, ..] => (
            "gzip",
            "compressed with gzip; unpack it and give the component",
        ),
        [b'(', ..] => (
            "text",
            "WebAssembly text; translate it to a binary component first",
        ),
        _ => (
            "not-wasm",
            "not a WebAssembly component; run `assay adapter encode` on a core module to make one",
        ),
    };
    Err(refusal(code, detail))
}

/// Names of the component's own imports, not those of components inside it.
fn import_names(bytes: &[u8]) -> Vec<String> {
    let mut depth = 0_u32;
    let mut names = Vec::new();
    for payload in Parser::new(0).parse_all(bytes).map_while(Result::ok) {
        match payload {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                names.extend(
                    section
                        .into_iter()
                        .map_while(Result::ok)
                        .map(|import| import.name.name.to_owned()),
                );
            }
            _ => {}
        }
    }
    names
}

/// Adds the functions behind one import; refuses what is neither a function nor only types.
fn collect(name: &str, types: TypesRef<'_>, functions: &mut Vec<String>) -> Result<(), Refusal> {
    let Some(item) = types.component_item_for_import(name) else {
        return Err(refusal(
            "import",
            &format!("imports {name}, which cannot be read; rebuild the component"),
        ));
    };
    match item.ty {
        ComponentEntityType::Func(_) => functions.push(one_line(name)),
        ComponentEntityType::Instance(id) => {
            let Some(instance) = types.get(id) else {
                return Ok(());
            };
            for (member, inner) in &instance.exports {
                match inner.ty {
                    ComponentEntityType::Func(_) => {
                        functions.push(one_line(&format!("{name}#{member}")));
                    }
                    other => check_type_only(&format!("{name}#{member}"), &other)?,
                }
            }
        }
        other => check_type_only(name, &other)?,
    }
    Ok(())
}

fn check_type_only(name: &str, item: &ComponentEntityType) -> Result<(), Refusal> {
    let name = one_line(name);
    let what = match item {
        ComponentEntityType::Type {
            created: ComponentAnyTypeId::Resource(_),
            ..
        } => "a resource",
        ComponentEntityType::Type { .. } => return Ok(()),
        ComponentEntityType::Module(_) => "a core module",
        ComponentEntityType::Value(_) => "a value",
        ComponentEntityType::Component(_) => "a component",
        ComponentEntityType::Instance(_) => "a nested instance",
        ComponentEntityType::Func(_) => "a function",
    };
    Err(refusal(
        "import",
        &format!("imports {what} as {name}; the sealed world offers types only"),
    ))
}

fn refusal(code: &str, detail: &str) -> Refusal {
    Refusal {
        code: code.to_owned(),
        detail: detail.to_owned(),
    }
}

/// Names come from foreign bytes: no line breaks, and not long.
fn one_line(text: &str) -> String {
    text.chars()
        .take(200)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests;
