//! How files look: what they say first, how long they are, how long their functions are.

use syn::{spanned::Spanned, visit::Visit};

use crate::sources;

const FILE_LINES_MAX: usize = 400;
const FUNCTION_LINES_MAX: usize = 70;

#[test]
fn every_rust_file_says_first_what_it_is() {
    let silent: Vec<String> = sources::rust_files()
        .into_iter()
        .filter(|path| !sources::text(path).starts_with("//!"))
        .collect();
    assert!(silent.is_empty(), "no `//!` in the first line: {silent:#?}");
}

#[test]
fn no_file_outgrows_the_house_limit() {
    let mut long = Vec::new();
    for path in sources::rust_files() {
        let lines = lines_without_tests(&path);
        if lines > FILE_LINES_MAX && !is_test_file(&path) {
            long.push(format!("{path}: {lines} lines"));
        }
    }
    assert!(long.is_empty(), "over {FILE_LINES_MAX} lines: {long:#?}");
}

#[test]
fn no_function_outgrows_the_house_limit() {
    let mut long = Vec::new();
    for path in sources::rust_files() {
        let mut lengths = Lengths::default();
        lengths.visit_file(&sources::parse(&path));
        for (name, lines) in lengths.found {
            if lines > FUNCTION_LINES_MAX {
                long.push(format!("{path}: {name}: {lines} lines"));
            }
        }
    }
    assert!(
        long.is_empty(),
        "over {FUNCTION_LINES_MAX} lines: {long:#?}"
    );
}

#[test]
fn modules_are_named_by_their_file() {
    let found: Vec<String> = sources::files()
        .into_iter()
        .filter(|path| path.ends_with("/mod.rs"))
        .collect();
    assert!(found.is_empty(), "use foo.rs beside foo/: {found:#?}");
}

#[test]
fn file_names_say_an_idea() {
    const EMPTY_WORDS: [&str; 6] = ["utils", "util", "helpers", "common", "types", "manager"];
    let found: Vec<String> = sources::rust_files()
        .into_iter()
        .filter(|path| {
            let stem = path
                .rsplit('/')
                .next()
                .and_then(|name| name.split('.').next());
            stem.is_some_and(|stem| EMPTY_WORDS.contains(&stem))
        })
        .collect();
    assert!(found.is_empty(), "these names say nothing: {found:#?}");
}

#[test]
fn the_top_level_holds_nothing_unexpected() {
    const ALLOWED: [&str; 10] = [
        "Cargo.toml",
        "Cargo.lock",
        "Makefile",
        "README.md",
        "LICENSE",
        "server",
        "enclave",
        "frontend",
        "benchmarks",
        "tests",
    ];
    let mut found: Vec<String> = sources::files()
        .iter()
        .filter_map(|path| path.split('/').next().map(str::to_owned))
        .filter(|name| !name.starts_with('.') && !ALLOWED.contains(&name.as_str()))
        .collect();
    found.dedup();
    assert!(
        found.is_empty(),
        "does not belong at the top level: {found:?}"
    );
}

#[test]
fn packs_are_data_only() {
    let found: Vec<String> = sources::files()
        .into_iter()
        .filter(|path| path.starts_with("benchmarks/packs/"))
        .filter(|path| !belongs_in_a_pack(path))
        .collect();
    assert!(
        found.is_empty(),
        "a pack holds pack.toml, items/*.jsonl, README.md: {found:?}"
    );
}

fn belongs_in_a_pack(path: &str) -> bool {
    match path.split('/').skip(3).collect::<Vec<_>>()[..] {
        ["pack.toml" | "README.md"] => true,
        ["items", name] => sources::has_ending(name, "jsonl"),
        _ => false,
    }
}

fn is_test_file(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/")
}

/// Lines up to the end, without items under `#[cfg(test)]`.
fn lines_without_tests(path: &str) -> usize {
    let all = sources::text(path).lines().count();
    let test_lines: usize = sources::parse(path)
        .items
        .iter()
        .filter_map(|item| match item {
            syn::Item::Mod(module) if sources::is_test_only(&module.attrs) => {
                Some(lines_of(module.span()))
            }
            _ => None,
        })
        .sum();
    all - test_lines
}

fn lines_of(span: proc_macro2::Span) -> usize {
    span.end().line - span.start().line + 1
}

#[derive(Default)]
struct Lengths {
    found: Vec<(String, usize)>,
}

impl Lengths {
    fn add(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let lines = block.span().end().line - signature.span().start().line + 1;
        self.found.push((signature.ident.to_string(), lines));
    }
}

impl<'ast> Visit<'ast> for Lengths {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.add(&item.sig, &item.block);
        syn::visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.add(&item.sig, &item.block);
        syn::visit::visit_impl_item_fn(self, item);
    }
}
