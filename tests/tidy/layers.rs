//! Who may depend on whom, and which file is the home of a heavy crate or a dangerous call.

use std::{collections::BTreeMap, process::Command};

use crate::sources;

/// Each crate of ours with those of ours that it may use.
const ALLOWED: [(&str, &[&str]); 8] = [
    ("enclave/evidence", &[]),
    ("benchmarks", &["assay-evidence"]),
    ("enclave", &["assay-benchmarks", "assay-evidence"]),
    ("server/api", &[]),
    ("frontend", &["assay-api"]),
    ("frontend/glue", &["assay-evidence"]),
    ("frontend/verify", &["assay-evidence"]),
    (
        "server",
        &[
            "assay-api",
            "assay-benchmarks",
            "assay-evidence",
            "assay-frontend",
        ],
    ),
];

/// A crate or module and the only places that may name it.
const HOMES: [(&str, &[&str]); 9] = [
    ("sqlx", &["server/src/store"]),
    ("axum", &["server/src/http"]),
    (
        "wasmtime",
        &[
            "enclave/src/compiler",
            "enclave/src/runner",
            "enclave/src/engine",
            "enclave/src/native",
            "enclave/src/screen",
        ],
    ),
    ("wasmparser", &["enclave/src/screen", "enclave/src/encode"]),
    ("wit_component", &["enclave/src/encode"]),
    ("ring", &["enclave/evidence/src/crypto/native"]),
    ("ed25519_dalek", &["enclave/evidence/src/crypto/browser"]),
    ("p256", &["enclave/evidence/src/crypto/browser"]),
    ("sha2", &["enclave/evidence/src/crypto/browser"]),
];

#[test]
fn crates_depend_only_downwards() {
    for (folder, allowed) in ALLOWED {
        for (name, _) in dependencies(folder) {
            assert!(
                !name.starts_with("assay-") || allowed.contains(&name.as_str()),
                "{folder} must not depend on {name}"
            );
        }
    }
}

#[test]
fn heavy_crates_stay_at_home() {
    for (name, homes) in HOMES {
        let mut seen_at_home = false;
        for path in product_files() {
            let here = homes.iter().any(|home| path.starts_with(home));
            let named = sources::identifiers(&path).iter().any(|p| p[0] == name);
            assert!(
                !named || here,
                "{path} names {name}, whose home is {homes:?}"
            );
            seen_at_home |= named && here;
        }
        assert!(
            seen_at_home,
            "{name} is named nowhere at home: the rule checks nothing"
        );
    }
}

#[test]
fn the_server_links_no_engine_and_no_foreign_tls() {
    let tree = dependency_tree("assay-server");
    for name in [
        "wasmtime",
        "cranelift-codegen",
        "wasmparser",
        "openssl-sys",
        "aws-lc-sys",
        "native-tls",
    ] {
        assert!(
            !tree.contains(&format!("{name} v")),
            "assay-server links {name}"
        );
    }
    assert!(tree.contains("sqlx v"), "the tree was printed");
}

#[test]
fn the_enclave_links_no_network_and_no_database() {
    let tree = dependency_tree("assay-enclave");
    for name in [
        "axum",
        "sqlx",
        "hyper",
        "tokio",
        "openssl-sys",
        "aws-lc-sys",
        "leptos",
    ] {
        assert!(
            !tree.contains(&format!("{name} v")),
            "assay-enclave links {name}"
        );
    }
    assert!(tree.contains("wasmtime v"), "the tree was printed");
}

#[test]
fn programs_verify_with_one_backend_and_the_browser_with_the_other() {
    let linked = |tree: &str, name: &str| {
        let head = format!("{name} v");
        tree.lines().any(|line| line.starts_with(&head))
    };
    let native = dependency_tree("assay-evidence");
    let browser = dependency_tree_for("assay-evidence", "wasm32-unknown-unknown");
    for name in ["ed25519-dalek", "hkdf", "p256", "sha2"] {
        assert!(!linked(&native, name), "programs link {name}");
        assert!(linked(&browser, name), "the browser's backend lost {name}");
    }
    assert!(linked(&native, "ring"));
    for name in ["getrandom", "rand", "ring"] {
        assert!(!linked(&browser, name), "the browser's build links {name}");
    }
    // The curve of `age` comes along without signatures.
    for program in ["assay-server", "assay-enclave"] {
        let tree = dependency_tree(program);
        for name in ["ecdsa", "ed25519-dalek"] {
            assert!(!linked(&tree, name), "{program} links {name}");
        }
    }
}

#[test]
fn no_oracle_is_linked_into_what_ships() {
    let manifest: toml::Table = sources::text("tests/Cargo.toml")
        .parse()
        .expect("a manifest is TOML");
    let oracles = manifest["dev-dependencies"].as_table().expect("a table");
    for package in shipped() {
        let tree = dependency_tree(&package);
        assert!(tree.starts_with(&format!("{package} v")), "{tree}");
        for name in ["ct-merkle", "dsse", "signed_note", "tlog_tiles"] {
            assert!(oracles.contains_key(name), "{name} is no oracle any more");
            let linked = format!("{name} v");
            assert!(
                !tree.lines().any(|line| line.starts_with(&linked)),
                "{package} links {name}"
            );
        }
    }
}

/// Every package of the workspace but the tests.
fn shipped() -> Vec<String> {
    let workspace: toml::Table = sources::text("Cargo.toml")
        .parse()
        .expect("a manifest is TOML");
    let members = workspace["workspace"]["members"].as_array();
    members
        .expect("a list")
        .iter()
        .filter_map(toml::Value::as_str)
        .filter(|folder| *folder != "tests")
        .map(|folder| {
            let manifest: toml::Table = sources::text(&format!("{folder}/Cargo.toml"))
                .parse()
                .expect("a manifest is TOML");
            let name = manifest["package"]["name"].as_str();
            name.expect("a package has a name").to_owned()
        })
        .collect()
}

#[test]
fn pure_crates_do_nothing_but_compute() {
    const OUTSIDE: [&str; 6] = ["fs", "net", "process", "env", "thread", "time"];
    for path in product_files() {
        if !path.starts_with("enclave/evidence/src") && !path.starts_with("benchmarks/src") {
            continue;
        }
        for ident in sources::identifiers(&path) {
            let reaches_out =
                ident[0] == "std" && ident.get(1).is_some_and(|m| OUTSIDE.contains(&m.as_str()));
            assert!(!reaches_out, "{path} uses {}", ident.join("::"));
        }
    }
}

#[test]
fn only_one_place_in_each_program_reads_the_wall_clock() {
    assert_home(
        &["SystemTime", "now"],
        &["server/src/clock.rs", "enclave/src/clock.rs"],
    );
}

#[test]
fn only_the_configuration_reads_the_environment() {
    assert_home(
        &["env", "var"],
        &["server/src/config", "enclave/src/config"],
    );
    assert_home(
        &["env", "var_os"],
        &["server/src/config", "enclave/src/config"],
    );
}

#[test]
fn unsafe_code_has_one_home() {
    for path in product_files() {
        let named = sources::identifiers(&path)
            .iter()
            .flatten()
            .any(|word| word == "unsafe");
        assert!(
            !named || path == "enclave/src/native.rs",
            "{path} holds unsafe code"
        );
    }
}

/// Fails where an identifier path ends in `tail` outside `homes`.
fn assert_home(tail: &[&str], homes: &[&str]) {
    for path in product_files() {
        if homes.iter().any(|home| path.starts_with(home)) {
            continue;
        }
        for ident in sources::identifiers(&path) {
            let words: Vec<&str> = ident.iter().map(String::as_str).collect();
            assert!(!words.ends_with(tail), "{path} uses {}", ident.join("::"));
        }
    }
}

/// Rust files that ship: no tests, no build scripts, no adapters.
fn product_files() -> Vec<String> {
    let mut files = sources::rust_files();
    files.retain(|path| {
        path.contains("/src/")
            && !path.starts_with("tests/")
            && !path.starts_with("enclave/adapters/")
            && !path.ends_with("/tests.rs")
            && !path.contains("/tests/")
    });
    files
}

fn dependencies(folder: &str) -> BTreeMap<String, toml::Value> {
    let manifest: toml::Table = sources::text(&format!("{folder}/Cargo.toml"))
        .parse()
        .expect("a manifest is TOML");
    let mut all = BTreeMap::new();
    for kind in ["dependencies", "build-dependencies", "dev-dependencies"] {
        if let Some(toml::Value::Table(table)) = manifest.get(kind) {
            all.extend(table.clone());
        }
    }
    all
}

fn dependency_tree(package: &str) -> String {
    dependency_tree_of(&["-p", package])
}

fn dependency_tree_for(package: &str, target: &str) -> String {
    dependency_tree_of(&["-p", package, "--target", target])
}

fn dependency_tree_of(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .current_dir(sources::root())
        .args([
            "tree",
            "--locked",
            "--offline",
            "-e",
            "normal",
            "--prefix",
            "none",
        ])
        .args(arguments)
        .output()
        .expect("cargo prints a dependency tree");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("cargo prints UTF-8")
}
