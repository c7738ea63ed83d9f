//! Where the built programs and components lie, and how to run one to its end.

use std::{
    env,
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// Folders of what `make test` built before it ran the tests.
#[derive(Clone, Debug)]
pub struct Programs {
    /// Holds `assay` and `assay-enclave`.
    pub bin: PathBuf,
    /// Holds the example adapters as components.
    pub components: PathBuf,
}

impl Programs {
    /// Finds them by `ASSAY_BIN_DIR` and `ASSAY_COMPONENTS`, else in `target/`.
    ///
    /// # Panics
    /// When something is not built; the message says how to build it.
    pub fn find() -> Self {
        let target = root().join("target");
        let programs = Self {
            bin: folder("ASSAY_BIN_DIR", &target.join("debug")),
            components: folder("ASSAY_COMPONENTS", &target.join("adapters/components")),
        };
        for program in ["assay", "assay-enclave"] {
            let path = programs.bin.join(program);
            assert!(
                path.is_file(),
                "{} is not built; run `make test`",
                path.display()
            );
        }
        programs
    }

    /// A component of the examples.
    ///
    /// # Panics
    /// When it is not built.
    pub fn component(&self, name: &str) -> PathBuf {
        let path = self.components.join(format!("{name}.wasm"));
        assert!(
            path.is_file(),
            "{} is not built; run `make adapters`",
            path.display()
        );
        path
    }

    /// Runs `assay` with `arguments` to its end.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn assay<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Finished {
        let output = self
            .command("assay")
            .args(arguments)
            .output()
            .expect("assay starts");
        Finished::from(output)
    }

    /// A command for one of the programs, with a plain environment.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.bin.join(program));
        command
            .env_remove("ASSAY_URL")
            .env_remove("ASSAY_TOKEN")
            .env_remove("ASSAY_FORM_TOKEN")
            .env("ASSAY_LOG", "warn")
            .env("ASSAY_COMPONENTS", &self.components);
        command
    }
}

/// A program that ended.
#[derive(Debug)]
pub struct Finished {
    /// Exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Finished {
    /// Standard output as one JSON document.
    ///
    /// # Panics
    /// When it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{error}\n--- out\n{}\n--- err\n{}", self.out, self.err))
    }

    /// The same value, when the program ended with `code`.
    ///
    /// # Panics
    /// When it ended with another; the message holds what it printed.
    pub fn expect_code(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "--- out\n{}\n--- err\n{}",
            self.out, self.err
        );
        self
    }
}

impl From<Output> for Finished {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// The repository's root folder.
///
/// # Panics
/// Never: the tests crate lies in it.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the tests crate lies in the root folder")
        .to_owned()
}

fn folder(variable: &str, otherwise: &Path) -> PathBuf {
    env::var_os(variable).map_or_else(|| otherwise.to_owned(), PathBuf::from)
}
