//! A typed confirmation before what cannot be undone.
//!
//! It asks on stderr and reads one line of stdin; what is to be done afterwards is the verb's business.

use std::io::{BufRead as _, Read as _, Write as _};

use clap::Args;

use super::fault::{Ended, Fault};

/// Longest answer that is read.
const ANSWER_BYTES_MAX: u64 = 256;

/// The flag that stands for a typed confirmation.
#[derive(Debug, Args)]
pub struct Confirm {
    /// Do not ask: I know that this cannot be undone.
    #[arg(long)]
    yes: bool,
}

impl Confirm {
    /// Goes on only with `--yes`, or once `word` was typed after this warning.
    pub fn ask(&self, warning: &str, word: &str) -> Ended {
        if self.yes {
            return Ok(());
        }
        let mut stderr = std::io::stderr();
        // Whoever does not see the question does not answer it.
        let _ = write!(stderr, "{warning}\nType {word} to go on: ");
        let _ = stderr.flush();
        let mut answer = String::new();
        let line = std::io::stdin()
            .lock()
            .take(ANSWER_BYTES_MAX)
            .read_line(&mut answer);
        if line.is_ok() && answer.trim() == word {
            return Ok(());
        }
        Err(Fault::Refused(format!(
            "not confirmed, so nothing was done; type {word} when asked, or use --yes"
        )))
    }
}
