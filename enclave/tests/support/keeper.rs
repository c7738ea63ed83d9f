//! A running keeper, and the server's end of its frames.

use std::{
    io::{Read, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Stdio},
};

use assay_evidence::{
    json,
    wire::{self, Ask, FrameKind, Tell},
};

use super::{Station, program};

/// A running keeper and the server's end of its streams.
pub struct Keeper {
    child: Child,
    to: Option<ChildStdin>,
    from: ChildStdout,
}

impl Keeper {
    /// Starts one on the station's folder and hears that it is ready.
    pub fn start(station: &Station, runners: usize) -> Self {
        let mut keeper = Self::launch(&station.keeper_folder(), runners);
        let ready = keeper.hear();
        assert!(matches!(ready, Tell::Ready { .. }), "{ready:?}");
        keeper
    }

    fn launch(folder: &Path, runners: usize) -> Self {
        let mut child = program()
            .args([
                "serve",
                "--helper-stderr",
                "--runners",
                &runners.to_string(),
                "--state",
            ])
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (to, from) = (child.stdin.take(), child.stdout.take().unwrap());
        Self { child, to, from }
    }

    /// Sends a question and its blobs.
    pub fn ask(&mut self, ask: &Ask, blobs: &[&[u8]]) {
        let mut bytes = wire::encode_frame(FrameKind::Document, &json::to_vec(ask));
        for blob in blobs {
            for chunk in wire::chunks(blob) {
                bytes.extend(wire::encode_frame(FrameKind::Chunk, chunk));
            }
        }
        self.to.as_mut().unwrap().write_all(&bytes).unwrap();
    }

    /// The next document.
    pub fn hear(&mut self) -> Tell {
        let mut header = [0; 5];
        self.from
            .read_exact(&mut header)
            .expect("the keeper still speaks");
        let (kind, length) = wire::decode_header(header).unwrap();
        assert_eq!(kind, FrameKind::Document);
        let mut body = vec![0; length];
        self.from.read_exact(&mut body).unwrap();
        json::from_slice(&body).unwrap()
    }

    /// The next document that is no progress.
    pub fn hear_result(&mut self) -> Tell {
        loop {
            match self.hear() {
                Tell::Progress { .. } => {}
                other => return other,
            }
        }
    }

    /// Size of the head that it remembers, 0 for none, and the code of its alarm.
    pub fn head(&mut self) -> (u64, Option<String>) {
        self.ask(&Ask::Head { id: 9 }, &[]);
        match self.hear_result() {
            Tell::Head {
                id: 9,
                head,
                frozen,
            } => (head.map_or(0, |head| head.size), frozen),
            other => panic!("{other:?}"),
        }
    }

    /// Process id of the starter.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Closes the server's end and waits; the exit code.
    pub fn close(mut self) -> Option<i32> {
        drop(self.to.take());
        self.child.wait().unwrap().code()
    }

    /// Waits for the starter to end without closing anything.
    pub fn wait(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.to.take());
        // Already gone in most tests.
        let _ = self.child.wait();
    }
}

/// Processes below the starter with this word among their arguments.
pub fn processes(starter: u32, role: &str) -> Vec<u32> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse::<u32>().ok())
        else {
            continue;
        };
        let arguments = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let status = std::fs::read_to_string(entry.path().join("status")).unwrap_or_default();
        let is_child = status
            .lines()
            .any(|line| line == format!("PPid:\t{starter}"));
        if is_child
            && arguments
                .split(|byte| *byte == 0)
                .any(|word| word == role.as_bytes())
        {
            found.push(pid);
        }
    }
    found
}
