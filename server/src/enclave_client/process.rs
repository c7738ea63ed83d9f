//! The keeper as a process: its pipes, its frames, and starting it again when it dies.
//!
//! One task writes, one reads, one passes its stderr on as traces. It knows no runs.

use std::{collections::HashMap, io, process::Stdio, sync::Arc, time::Duration};

use assay_evidence::{
    json,
    wire::{FrameKind, Tell, chunks, decode_header, encode_frame},
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    process::{Child, ChildStderr, ChildStdin, ChildStdout, Command},
    sync::mpsc,
};

use super::{
    ASKS_MAX, EnclaveCommand, EnclaveError, Live, Message, Ready, Shared, decode_key, lock,
};

/// Pause before the first restart; doubled up to the longest.
const PAUSE: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// A keeper that lived so long was well; the pause starts over.
const HEALTHY: Duration = Duration::from_secs(30);
/// A keeper whose input is closed may take so long to end.
const FAREWELL: Duration = Duration::from_secs(2);
/// Places of a run's queue that progress may not take.
const PLACES_KEPT: usize = 4;
const TRACE_CHARS_MAX: usize = 2_000;

/// A keeper process that is up.
pub(super) struct Keeper {
    child: Child,
    output: BufReader<ChildStdout>,
    pub(super) ready: Arc<Ready>,
    asks: mpsc::Sender<Message>,
}

impl Keeper {
    /// Starts the process and reads its first document.
    pub(super) async fn spawn(command: &EnclaveCommand) -> Result<Self, EnclaveError> {
        let mut child = Command::new(&command.program)
            .arg("serve")
            .arg("--state")
            .arg(&command.state)
            .arg("--runners")
            .arg(command.runners.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|source| EnclaveError::Spawn {
                program: command.program.clone(),
                source,
            })?;
        let input = child.stdin.take().expect("stdin is piped");
        let mut output = BufReader::new(child.stdout.take().expect("stdout is piped"));
        tokio::spawn(trace(child.stderr.take().expect("stderr is piped")));
        let first = tokio::time::timeout(command.patience, read_tell(&mut output)).await;
        let ready = match first {
            Ok(Ok(tell)) => ready(tell)?,
            Ok(Err(error)) => {
                tracing::error!(%error, "the keeper ended before it was ready");
                return Err(EnclaveError::Lost);
            }
            Err(_) => return Err(EnclaveError::Lost),
        };
        let (asks, queue) = mpsc::channel(ASKS_MAX);
        tokio::spawn(write_all(input, queue));
        Ok(Self {
            child,
            output,
            ready: Arc::new(ready),
            asks,
        })
    }
}

/// Makes a keeper the one that is asked.
pub(super) fn adopt(shared: &Shared, keeper: &Keeper, generation: u64) {
    *lock(&shared.live) = Some(Live {
        generation,
        asks: keeper.asks.clone(),
        waiting: HashMap::new(),
    });
    shared.ready.send_replace(Some(keeper.ready.clone()));
}

/// Reads until the keeper dies, lets everyone know, starts another one; until told to stop.
pub(super) async fn keep_alive(shared: Arc<Shared>, first: Keeper) {
    let mut keeper = first;
    let mut pause = PAUSE;
    for generation in 1.. {
        let born = tokio::time::Instant::now();
        tokio::select! {
            () = shared.stop.cancelled() => return farewell(&shared, keeper).await,
            error = read_all(&shared, &mut keeper.output) => {
                tracing::warn!(%error, "the keeper was lost");
            }
        }
        abandon(&shared);
        // Gone already, or out of step with us: either way it must not go on signing.
        let _ = keeper.child.kill().await;
        if born.elapsed() > HEALTHY {
            pause = PAUSE;
        }
        let Some(next) = restart(&shared, &mut pause).await else {
            return;
        };
        keeper = next;
        adopt(&shared, &keeper, generation);
    }
}

/// Tries until a keeper with the same keys is up. `None` when told to stop.
async fn restart(shared: &Shared, pause: &mut Duration) -> Option<Keeper> {
    loop {
        tokio::select! {
            () = shared.stop.cancelled() => return None,
            () = tokio::time::sleep(*pause) => {}
        }
        *pause = (*pause * 2).min(PAUSE_MAX);
        match Keeper::spawn(&shared.command).await {
            Ok(keeper) if keeper.ready.sign_key == shared.sign_key => return Some(keeper),
            Ok(_) => {
                let error = EnclaveError::OtherKeys(shared.command.state.clone());
                tracing::error!(%error, "the keeper is not used");
            }
            Err(error) => tracing::error!(%error, "the keeper could not be started"),
        }
    }
}

/// Forgets the keeper, which ends every wait on it.
fn abandon(shared: &Shared) {
    *lock(&shared.live) = None;
    shared.ready.send_replace(None);
}

/// Closes the keeper's input, which is its sign to end, and ends it if it does not.
async fn farewell(shared: &Shared, mut keeper: Keeper) {
    *lock(&shared.live) = None;
    drop(keeper.asks);
    if tokio::time::timeout(FAREWELL, keeper.child.wait())
        .await
        .is_err()
    {
        // It has been given its time; a failure to kill means that it is gone.
        let _ = keeper.child.kill().await;
    }
    shared.ready.send_replace(None);
}

/// Hands each tell to who waits for it; ends with the reason why there are no more.
async fn read_all(shared: &Shared, output: &mut BufReader<ChildStdout>) -> io::Error {
    loop {
        match read_tell(output).await {
            Ok(tell) => deliver(shared, tell),
            Err(error) => return error,
        }
    }
}

pub(super) fn deliver(shared: &Shared, tell: Tell) {
    let key = match &tell {
        Tell::Ready { .. } => return,
        Tell::Screened { id, .. } | Tell::Attested { id, .. } | Tell::Head { id, .. } => {
            id.to_string()
        }
        Tell::Intent { run, .. }
        | Tell::Progress { run, .. }
        | Tell::Closed { run, .. }
        | Tell::Refused { run, .. } => run.clone(),
    };
    let waits = lock(&shared.live)
        .as_ref()
        .and_then(|live| live.waiting.get(&key).cloned());
    let Some(waits) = waits else {
        if matches!(tell, Tell::Refused { .. }) {
            // Most often the answer to the cancellation of a run that nobody follows any more.
            return tracing::debug!(%key, "the keeper refused something that nobody waits for");
        }
        tracing::warn!(%key, "the keeper told something that nobody waits for");
        return;
    };
    // Only progress can pile up, and later progress replaces it. The last places are kept free for an
    // intent and a closing, which must not be lost.
    let crowded = matches!(tell, Tell::Progress { .. }) && waits.capacity() <= PLACES_KEPT;
    if crowded || waits.try_send(tell).is_err() {
        tracing::debug!(%key, "dropped news of a run that reads too slowly");
    }
}

async fn read_tell(output: &mut BufReader<ChildStdout>) -> io::Result<Tell> {
    let wrong = |says: String| io::Error::new(io::ErrorKind::InvalidData, says);
    let mut header = [0; 5];
    output.read_exact(&mut header).await?;
    let (kind, bytes) = decode_header(header).map_err(|error| wrong(error.to_string()))?;
    let mut body = vec![0; bytes];
    output.read_exact(&mut body).await?;
    match kind {
        FrameKind::Document => json::from_slice(&body).map_err(|error| wrong(error.to_string())),
        FrameKind::Chunk => Err(wrong("a chunk that no document announced".to_owned())),
    }
}

async fn write_all(mut input: ChildStdin, mut queue: mpsc::Receiver<Message>) {
    while let Some(message) = queue.recv().await {
        if let Err(error) = write(&mut input, &message).await {
            tracing::warn!(%error, "the keeper takes no more questions");
            return;
        }
    }
}

async fn write(input: &mut ChildStdin, message: &Message) -> io::Result<()> {
    let document = encode_frame(FrameKind::Document, &json::to_vec(&message.ask));
    input.write_all(&document).await?;
    for blob in &message.blobs {
        for chunk in chunks(blob) {
            let frame = encode_frame(FrameKind::Chunk, chunk);
            input.write_all(&frame).await?;
        }
    }
    input.flush().await
}

fn ready(tell: Tell) -> Result<Ready, EnclaveError> {
    let Tell::Ready {
        sign_public_key,
        seal_recipient,
        binary,
        runtime,
        limits,
        graders,
    } = tell
    else {
        return Err(super::unexpected(&tell));
    };
    Ok(Ready {
        sign_key: decode_key(&sign_public_key)
            .ok_or(EnclaveError::OutOfTurn("a ready without a P-256 key"))?,
        seal_recipient,
        binary,
        runtime,
        limits,
        graders,
    })
}

async fn trace(stderr: ChildStderr) {
    let mut lines = BufReader::new(stderr).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let line: String = line.chars().take(TRACE_CHARS_MAX).collect();
        tracing::info!(target: "assay_enclave", "{line}");
    }
}
