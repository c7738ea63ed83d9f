//! The command line: what people and the server call, and the roles that the starter calls.

use std::{path::PathBuf, process::ExitCode};

use assay_evidence::{base64, digest::Digest};
use clap::{Parser, Subcommand};

use crate::{
    check, compiler, encode, head,
    inputs::{self, Output},
    keeper::{self, state::State},
    open_run::OpenRun,
    replay::{self, LimitsFrom, Replay, Sample},
    runner,
    starter::{self, HelperStderr},
    trial,
};

/// Runners at once when nobody says otherwise.
const RUNNERS_MAX_DEFAULT: usize = 8;

/// Runs foreign code on items that nobody outside may see, and signs what it found.
#[derive(Parser)]
#[command(name = "assay-enclave", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve one keeper: frames on stdin and stdout
    Serve {
        /// The keeper's folder, made by `keys`
        #[arg(long, value_name = "DIR")]
        state: PathBuf,
        /// Runner processes at once [default: one per core, at most 8]
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=64))]
        runners: Option<u8>,
        /// Let what compilers and runners write to stderr through, to find a fault of ours
        #[arg(long)]
        helper_stderr: bool,
    },
    /// Make a keeper's folder with its keys, and print their public parts
    Keys {
        /// The folder
        dir: PathBuf,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Show which head of its log a keeper remembers; exit code 1 while it takes no runs
    Head {
        /// The keeper's folder
        dir: PathBuf,
        /// Remember this checkpoint instead, and lift an alarm: only after finding out what happened
        #[arg(long, value_name = "FILE")]
        trust: Option<PathBuf>,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Would this component be accepted?
    Check {
        /// The component
        file: PathBuf,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Turn a core module into a component
    Encode {
        /// The core module
        input: PathBuf,
        /// The component to write
        output: PathBuf,
    },
    /// Run a component on a practice form and show every mark
    Try {
        #[command(flatten)]
        trial: TrialArguments,
        /// Let what compilers and runners write to stderr through
        #[arg(long)]
        helper_stderr: bool,
    },
    /// Run a component on a revealed form exactly as a keeper did, to compare with its receipt
    Replay {
        #[command(flatten)]
        replay: ReplayArguments,
    },
    /// Run one role; only the starter calls it
    #[command(hide = true)]
    Role {
        #[command(subcommand)]
        role: Role,
    },
}

#[derive(Subcommand)]
enum Role {
    Keeper {
        #[arg(long)]
        state: PathBuf,
        #[arg(long)]
        runners: usize,
    },
    Check {
        file: PathBuf,
        #[arg(long)]
        json: bool,
    },
    Trial {
        #[command(flatten)]
        trial: TrialArguments,
    },
    Replay {
        #[command(flatten)]
        replay: ReplayArguments,
    },
    Compiler,
    Runner,
}

#[derive(clap::Args)]
struct TrialArguments {
    /// The component
    #[arg(long, value_name = "FILE")]
    component: PathBuf,
    /// Body of the practice form
    #[arg(long, value_name = "FILE")]
    form_body: PathBuf,
    /// 64 hex digits; the same nonce gives the same outcomes root
    #[arg(long, value_name = "HEX")]
    nonce: Digest,
    /// Runner processes at once
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=64))]
    runners: Option<u8>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
struct ReplayArguments {
    /// Body of the revealed form
    #[arg(long, value_name = "FILE")]
    body: PathBuf,
    /// The public terms of the form, which state the limits
    #[arg(long, value_name = "FILE", required_unless_present = "limits")]
    terms: Option<PathBuf>,
    /// The limits of the receipt, as JSON
    #[arg(long, value_name = "JSON", conflicts_with = "terms")]
    limits: Option<String>,
    /// The component
    #[arg(long, value_name = "FILE")]
    component: PathBuf,
    /// Nonce of the run, 64 hex digits
    #[arg(long, value_name = "HEX")]
    nonce: Digest,
    /// Only so many items; then there are no outcomes root, counts, scores and fuel
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    sample: Option<u32>,
    /// Chooses the items of a sample [default: the nonce]
    #[arg(long, value_name = "HEX", requires = "sample")]
    sample_seed: Option<Digest>,
    /// Runner processes at once
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=64))]
    runners: Option<u8>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs what the command line asks for.
pub fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Serve {
            state,
            runners,
            helper_stderr,
        } => {
            let mut chief = words(&["keeper", "--state"]);
            chief.extend([
                path(&state),
                "--runners".to_owned(),
                runner_count(runners).to_string(),
            ]);
            start(&chief, stderr_of(helper_stderr))
        }
        Command::Keys { dir, json } => inputs::exit_code(keys(&dir, output_of(json))),
        Command::Head { dir, trust, json } => head::main(&dir, trust.as_deref(), output_of(json)),
        Command::Check { file, json } => {
            let mut chief = vec!["check".to_owned(), path(&file)];
            chief.extend(json.then(|| "--json".to_owned()));
            start(&chief, HelperStderr::Dropped)
        }
        Command::Encode { input, output } => {
            inputs::exit_code(encode::encode(&input, &output).map(|()| ExitCode::SUCCESS))
        }
        Command::Try {
            trial,
            helper_stderr,
        } => start(&trial.words(), stderr_of(helper_stderr)),
        Command::Replay { replay } => start(&replay.words(), HelperStderr::Dropped),
        Command::Role { role } => role.main(),
    }
}

impl Role {
    fn main(self) -> ExitCode {
        match self {
            Self::Keeper { state, runners } => {
                trace_to_stderr();
                keeper::main(&state, runners)
            }
            Self::Check { file, json } => check::main(&file, output_of(json)),
            Self::Trial { trial } => {
                trace_to_stderr();
                let run = OpenRun {
                    component: trial.component,
                    body: trial.form_body,
                    nonce: trial.nonce,
                    runners: runner_count(trial.runners),
                };
                trial::main(&run, output_of(trial.json))
            }
            Self::Replay { replay } => {
                trace_to_stderr();
                replay::main(&replay.replay())
            }
            Self::Compiler => compiler::main(),
            Self::Runner => runner::main(),
        }
    }
}

impl TrialArguments {
    /// The same arguments for the role.
    fn words(&self) -> Vec<String> {
        let mut words = words(&["trial", "--component"]);
        words.extend([
            path(&self.component),
            "--form-body".to_owned(),
            path(&self.form_body),
        ]);
        words.extend(["--nonce".to_owned(), self.nonce.to_string()]);
        words.extend([
            "--runners".to_owned(),
            runner_count(self.runners).to_string(),
        ]);
        words.extend(self.json.then(|| "--json".to_owned()));
        words
    }
}

impl ReplayArguments {
    /// The same arguments for the role.
    fn words(&self) -> Vec<String> {
        let mut words = words(&["replay", "--body"]);
        words.push(path(&self.body));
        let terms = self.terms.as_deref().map(path);
        for (name, value) in [
            ("--terms", terms),
            ("--limits", self.limits.clone()),
            ("--component", Some(path(&self.component))),
            ("--nonce", Some(self.nonce.to_string())),
            ("--sample", self.sample.map(|items| items.to_string())),
            (
                "--sample-seed",
                self.sample_seed.map(|seed| seed.to_string()),
            ),
            ("--runners", Some(runner_count(self.runners).to_string())),
        ] {
            words.extend(value.into_iter().flat_map(|value| [name.to_owned(), value]));
        }
        words.extend(self.json.then(|| "--json".to_owned()));
        words
    }

    fn replay(self) -> Replay {
        let limits = self
            .terms
            .map(LimitsFrom::Terms)
            .or_else(|| self.limits.map(LimitsFrom::Json));
        let seed = self.sample_seed.unwrap_or(self.nonce);
        Replay {
            limits: limits.expect("the command line asks for one of the two"),
            sample: self.sample.map(|items| Sample {
                items: items as usize,
                seed,
            }),
            output: output_of(self.json),
            run: OpenRun {
                component: self.component,
                body: self.body,
                nonce: self.nonce,
                runners: runner_count(self.runners),
            },
        }
    }
}

fn start(chief: &[String], stderr: HelperStderr) -> ExitCode {
    inputs::exit_code(starter::run(chief, stderr).map_err(anyhow::Error::from))
}

fn keys(folder: &std::path::Path, output: Output) -> anyhow::Result<ExitCode> {
    let state = State::create(folder)?;
    let (sign, seal, binary) = (
        state.sign_public_key(),
        state.seal_recipient(),
        state.binary,
    );
    match output {
        Output::Json => println!(
            "{}",
            serde_json::json!({"sign_public_key": sign, "seal_recipient": seal, "binary": binary})
        ),
        Output::Text => {
            let id = state.sign.public().key_id();
            debug_assert_eq!(base64::encode(&state.sign.public().spki_der()), sign);
            println!(
                "signing key  {sign}\nkey id       {id}\nrecipient    {seal}\nprogram      {binary}"
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn runner_count(asked: Option<u8>) -> usize {
    asked.map_or_else(
        || {
            std::thread::available_parallelism()
                .map_or(1, usize::from)
                .min(RUNNERS_MAX_DEFAULT)
        },
        usize::from,
    )
}

/// Roles have no environment, so their level is fixed.
fn trace_to_stderr() {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_max_level(tracing::Level::INFO)
        .init();
}

fn output_of(json: bool) -> Output {
    if json { Output::Json } else { Output::Text }
}

fn stderr_of(passed: bool) -> HelperStderr {
    if passed {
        HelperStderr::Passed
    } else {
        HelperStderr::Dropped
    }
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Paths that are not UTF-8 cannot be handed on; they are refused by the role that opens them.
fn path(path: &std::path::Path) -> String {
    path.to_string_lossy().into_owned()
}
