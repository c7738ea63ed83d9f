//! Runs the glue generator over a module.
//!
//! Optimises nothing: an unoptimised module is larger, not wrong.

use anyhow::{Context as _, ensure};
use wasm_bindgen_cli_support::Bindgen;

/// A module that a browser can load.
pub struct Generated {
    /// JavaScript that instantiates the module and exports its functions.
    pub glue: String,
    /// The module.
    pub wasm: Vec<u8>,
    /// Names that the JavaScript exports.
    pub exports: Vec<String>,
}

/// Generates for `<script type="module">`, without type declarations, names and tool records.
pub fn generate(name: &str, module: Vec<u8>) -> anyhow::Result<Generated> {
    let mut output = Bindgen::new()
        .input_bytes(name, module)
        .web(true)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .omit_default_module_path(true)
        .generate_output()
        .with_context(|| format!("the glue generator refused the module {name}"))?;
    let foreign =
        output.snippets().values().map(Vec::len).sum::<usize>() + output.local_modules().len();
    ensure!(
        foreign == 0,
        "the module {name} brings {foreign} JavaScript files of its own, which no page would load; \
         remove the crate that brings them"
    );
    let glue = output.js().to_owned();
    Ok(Generated {
        exports: exports(&glue),
        glue,
        wasm: output.wasm_mut().emit_wasm(),
    })
}

fn exports(glue: &str) -> Vec<String> {
    glue.lines()
        .filter_map(|line| line.strip_prefix("export function "))
        .filter_map(|rest| rest.split('(').next())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_and_both_crates_are_of_one_version() {
        let lock = include_str!("../../../Cargo.lock");
        let versions: Vec<&str> = ["wasm-bindgen", "wasm-bindgen-cli-support"]
            .into_iter()
            .map(|name| version(lock, name))
            .collect();
        assert_eq!(versions[0], versions[1]);
        assert_eq!(versions[0], wasm_bindgen_shared_version());
    }

    /// The one version of a crate in a lock file.
    fn version<'a>(lock: &'a str, name: &str) -> &'a str {
        let head = format!("name = \"{name}\"\nversion = \"");
        let mut found = lock.split(&head).skip(1);
        let rest = found.next().expect("the crate is in the lock file");
        assert!(found.next().is_none(), "{name} is locked twice");
        rest.split('"').next().expect("a version ends with a quote")
    }

    fn wasm_bindgen_shared_version() -> &'static str {
        version(include_str!("../../../Cargo.lock"), "wasm-bindgen-shared")
    }

    #[test]
    fn exported_functions_are_listed_and_others_are_not() {
        let glue = "function a() {\nexport function SortRows_12(el) {\nexport { x };\n";
        assert_eq!(exports(glue), ["SortRows_12"]);
    }

    #[test]
    fn bytes_that_are_no_module_are_refused() {
        let refusal = generate("verify", b"not wasm".to_vec())
            .err()
            .expect("is refused");
        assert_eq!(
            refusal.to_string(),
            "the glue generator refused the module verify"
        );
    }
}
