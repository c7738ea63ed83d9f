//! One station in a temporary folder: set up, served, asked, crashed and started again.

use std::{
    io::{BufRead, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{
    processes,
    programs::{Finished, Programs, root},
    waiting,
};

/// Origin of the stations that stories set up.
pub const ORIGIN: &str = "story.example.org";

/// A station and the folder it lives in.
pub struct World {
    /// The built programs.
    pub programs: Programs,
    folder: TempDir,
    /// What `assay station init` printed.
    born: Value,
    server: Option<Server>,
}

/// Where the traces of a server go.
enum Traces {
    /// Warnings to the output of the test.
    Shown,
    /// All of them to a file.
    Kept(PathBuf),
}

struct Server {
    process: Child,
    address: String,
}

impl World {
    /// Sets up a station and serves it.
    ///
    /// # Panics
    /// When the programs are not built or the station does not come up.
    pub fn new() -> Self {
        let mut world = Self::set_up(ORIGIN, "127.0.0.1:0");
        world.serve();
        world
    }

    /// Sets up a station under a name that will listen at an address, and does not serve it yet.
    ///
    /// # Panics
    /// When the programs are not built or the station is refused.
    pub fn set_up(origin: &str, listen: &str) -> Self {
        let mut world = Self::unborn();
        let station = world.station();
        let arguments = [
            "station",
            "init",
            &text(&station),
            "--origin",
            origin,
            "--jurisdiction",
            "XX",
            "--listen",
            listen,
            "--json",
        ];
        world.born = world.programs.assay(arguments).expect_code(0).json();
        world
    }

    /// Only the folder and the programs.
    ///
    /// # Panics
    /// When the programs are not built.
    pub fn unborn() -> Self {
        Self {
            programs: Programs::find(),
            folder: TempDir::new().expect("a temporary folder"),
            born: Value::Null,
            server: None,
        }
    }

    /// A path in the world's own folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The station's folder.
    pub fn station(&self) -> PathBuf {
        self.path("station")
    }

    /// The policy that verifies the station's receipts.
    pub fn policy(&self) -> PathBuf {
        self.born("policy").into()
    }

    /// Address of the running server, such as `http://127.0.0.1:4711`.
    ///
    /// # Panics
    /// When it does not run.
    pub fn address(&self) -> &str {
        &self.server.as_ref().expect("the server runs").address
    }

    /// Starts the server of [`Self::station`] and waits for its address.
    ///
    /// # Panics
    /// When it ends instead.
    pub fn serve(&mut self) {
        let config = self.born("config");
        self.start(&["serve", "--config", &config, "--json"], Traces::Shown);
    }

    /// The same, with everything that the server and its enclave trace written to a file.
    ///
    /// # Panics
    /// When it ends instead.
    pub fn serve_traced(&mut self, traces: &Path) {
        let config = self.born("config");
        let traces = Traces::Kept(traces.to_owned());
        self.start(&["serve", "--config", &config, "--json"], traces);
    }

    /// Starts the server, which will listen at this address, and does not wait until it has begun.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn launch(&mut self, address: &str) {
        let config = self.born("config");
        let mut command = self.programs.command("assay");
        command.args(["serve", "--config", &config]);
        let process = command.stdout(Stdio::null()).spawn();
        self.server = Some(Server {
            address: format!("http://{address}"),
            process: process.expect("assay starts"),
        });
    }

    /// Starts the demo in `folder` and waits until it serves.
    ///
    /// # Panics
    /// When it ends instead.
    pub fn demo(&mut self, folder: &Path) {
        let folder = text(folder);
        let arguments = [
            "demo",
            "--dir",
            &folder,
            "--listen",
            "127.0.0.1:0",
            "--json",
        ];
        self.start(&arguments, Traces::Shown);
    }

    fn start(&mut self, arguments: &[&str], traces: Traces) {
        let mut command = self.programs.command("assay");
        if let Traces::Kept(path) = traces {
            let file = std::fs::File::create(path).expect("the folder is writable");
            command.env("ASSAY_LOG", "trace").stderr(file);
        }
        let mut process = command
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("assay starts");
        let out = process.stdout.take().expect("its output is piped");
        let line = BufReader::new(out)
            .lines()
            .map_while(Result::ok)
            .next()
            .unwrap_or_else(|| panic!("assay {arguments:?} ended before it served"));
        let said: Value = serde_json::from_str(&line).expect("the first line is a document");
        let address = said["address"].as_str().expect("it names its address");
        self.server = Some(Server {
            address: address.to_owned(),
            process,
        });
    }

    /// Process id of the server.
    ///
    /// # Panics
    /// When it does not run.
    pub fn server_pid(&self) -> u32 {
        self.server.as_ref().expect("the server runs").process.id()
    }

    /// Ends the server at once, as a power cut would, and all that it started.
    pub fn crash_server(&mut self) {
        if let Some(mut server) = self.server.take() {
            let family = processes::descendants(server.process.id());
            let _ = server.process.kill();
            let _ = server.process.wait();
            waiting::until("the children of the server are gone", || {
                family
                    .iter()
                    .all(|pid| !processes::is_alive(*pid))
                    .then_some(())
            });
        }
    }

    /// Runs `assay` against this station.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn assay(&self, arguments: &[&str]) -> Finished {
        let output = self.command(arguments).output().expect("assay starts");
        Finished::from(output)
    }

    /// Runs `assay` against this station and types `line` when it asks.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn assay_typing(&self, arguments: &[&str], line: &str) -> Finished {
        let mut process = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("assay starts");
        let mut typed = process.stdin.take().expect("its input is piped");
        // A program that ends without asking does not read.
        let _ = writeln!(typed, "{line}");
        drop(typed);
        Finished::from(process.wait_with_output().expect("assay ends"))
    }

    fn command(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = self.programs.command("assay");
        if let Some(server) = &self.server {
            command.env("ASSAY_URL", &server.address);
        }
        if self.born.is_object() {
            command
                .env("ASSAY_TOKEN", self.token())
                .env("ASSAY_FORM_TOKEN", self.born("form_token"));
        }
        command.args(arguments);
        command
    }

    /// A text that `assay station init` printed under `name`.
    ///
    /// # Panics
    /// When it printed none.
    pub fn born(&self, name: &str) -> String {
        let value = self.born[name].as_str();
        value
            .unwrap_or_else(|| panic!("init says no {name}: {}", self.born))
            .to_owned()
    }

    /// The submit token.
    pub fn token(&self) -> String {
        self.born("token")
    }

    /// `GET` of a file.
    ///
    /// # Panics
    /// When the answer is an error.
    pub fn file(&self, path: &str) -> Vec<u8> {
        let url = format!("{}{path}", self.address());
        ureq::get(&url)
            .call()
            .unwrap_or_else(|error| panic!("{url}: {error}"))
            .into_body()
            .read_to_vec()
            .unwrap_or_else(|error| panic!("{url}: {error}"))
    }

    /// `GET` of a document of the API.
    ///
    /// # Panics
    /// When the answer is an error or no JSON.
    pub fn get(&self, path: &str) -> Value {
        let text = self.get_text(path);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}: {text}"))
    }

    /// `GET` of a file that is text.
    ///
    /// # Panics
    /// When the answer is no success or no text.
    pub fn get_text(&self, path: &str) -> String {
        let url = format!("{}{path}", self.address());
        ureq::get(&url)
            .call()
            .unwrap_or_else(|error| panic!("{url}: {error}"))
            .into_body()
            .read_to_string()
            .unwrap_or_else(|error| panic!("{url}: {error}"))
    }

    /// Seals a form of a shipped pack for this station and publishes it.
    ///
    /// # Panics
    /// When sealing or publishing is refused.
    pub fn publish_form(&self, pack: &str, extra: &[&str]) -> Value {
        let sealed = self.seal_form(pack, extra);
        self.publish(&sealed)
    }

    /// Seals a form of a shipped pack for this station; the sealed file.
    ///
    /// # Panics
    /// When sealing is refused.
    pub fn seal_form(&self, pack: &str, extra: &[&str]) -> PathBuf {
        let recipient = self.recipient();
        let number = std::fs::read_dir(self.folder.path()).map_or(0, Iterator::count);
        let sealed = self.path(&format!("{pack}-{number}.age"));
        let (folder, file) = (pack_folder(pack), text(&sealed));
        let mut arguments = vec!["form", "seal", &folder, "--to", &recipient, "-o", &file];
        arguments.extend_from_slice(extra);
        self.assay(&arguments).expect_code(0);
        sealed
    }

    /// Publishes a sealed form.
    ///
    /// # Panics
    /// When it is refused.
    pub fn publish(&self, sealed: &Path) -> Value {
        self.assay(&["form", "publish", &text(sealed), "--json"])
            .expect_code(0)
            .json()
    }

    /// The `age1…` recipient of the station's enclave.
    pub fn recipient(&self) -> String {
        self.born("seal_recipient")
    }

    /// Submits an example adapter and returns the ids of its runs.
    ///
    /// # Panics
    /// When it is refused.
    pub fn submit(&self, component: &Path, name: &str, benchmark: &str) -> Value {
        self.assay(&[
            "submit",
            &text(component),
            "--name",
            name,
            "--benchmark",
            benchmark,
            "--json",
        ])
        .expect_code(0)
        .json()
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.crash_server();
    }
}

/// The folder of a shipped pack, or of one at this path.
fn pack_folder(pack: &str) -> String {
    if Path::new(pack).is_absolute() {
        return pack.to_owned();
    }
    text(&root().join("benchmarks/packs").join(pack))
}

/// A path as an argument.
///
/// # Panics
/// When it is not UTF-8.
pub fn text(path: &Path) -> String {
    path.to_str().expect("test paths are UTF-8").to_owned()
}
