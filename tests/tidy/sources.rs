//! Finds the repository's own files and reads Rust with the eyes of a parser, not of grep.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use proc_macro2::{TokenStream, TokenTree};

/// The repository's root folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the tests crate lies in the root folder")
        .to_owned()
}

/// Files that belong to the repository: tracked, or new and not ignored.
pub fn files() -> Vec<String> {
    let output = Command::new("git")
        .current_dir(root())
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .output()
        .expect("git lists the files of the work tree");
    assert!(output.status.success(), "the tests run in a git work tree");
    let text = String::from_utf8(output.stdout).expect("file names are UTF-8");
    let mut files: Vec<String> = text
        .lines()
        .filter(|path| root().join(path).is_file())
        .map(str::to_owned)
        .collect();
    files.sort();
    files.dedup();
    assert!(files.len() > 50, "the listing found the repository");
    files
}

/// The repository's Rust files.
pub fn rust_files() -> Vec<String> {
    let mut files = files();
    files.retain(|path| has_ending(path, "rs"));
    files
}

/// Does the file's name end in a dot and `ending`?
pub fn has_ending(path: &str, ending: &str) -> bool {
    Path::new(path).extension().is_some_and(|e| e == ending)
}

/// Text of one file.
pub fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A parsed Rust file.
pub fn parse(path: &str) -> syn::File {
    syn::parse_file(&text(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// True for an item under `#[cfg(test)]`.
pub fn is_test_only(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .meta
                .require_list()
                .is_ok_and(|list| list.tokens.to_string() == "test")
    })
}

/// Every `a::b` path root and lone identifier outside test modules, comments and strings.
pub fn identifiers(path: &str) -> Vec<Vec<String>> {
    let file = parse(path);
    let mut found = Vec::new();
    for item in &file.items {
        if let syn::Item::Mod(module) = item
            && is_test_only(&module.attrs)
        {
            continue;
        }
        collect(quote_tokens(item), &mut found);
    }
    found
}

fn quote_tokens(item: &syn::Item) -> TokenStream {
    use syn::spanned::Spanned;
    // Re-lexing the item's own source keeps this free of a token-printing dependency.
    item.span()
        .source_text()
        .and_then(|source| source.parse().ok())
        .expect("an item that was parsed can be lexed again")
}

/// Joins identifiers that stand together as `a::b::c`.
fn collect(tokens: TokenStream, found: &mut Vec<Vec<String>>) {
    let mut path: Vec<String> = Vec::new();
    let mut colons = 0;
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => {
                if colons < 2 && !path.is_empty() {
                    found.push(std::mem::take(&mut path));
                }
                path.push(ident.to_string());
                colons = 0;
            }
            TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
            TokenTree::Group(group) => {
                found.push(std::mem::take(&mut path));
                collect(group.stream(), found);
                colons = 0;
            }
            _ => {
                found.push(std::mem::take(&mut path));
                colons = 0;
            }
        }
    }
    found.push(path);
    found.retain(|path| !path.is_empty());
}
