//! The keeper role: holds the keys, believes only what its own policy proves, and signs how runs end.
//!
//! Three threads: this one reads and answers at once what needs no processes; one conducts runs, one
//! at a time; one screens components. The keeper never parses WebAssembly and has no network. When the
//! server closes its end, or the starter is gone, everything stops.

mod assignment;
mod attest;
mod conduct;
mod durable;
mod mail;
pub mod memory;
mod opening;
mod refusal;
pub mod state;
pub mod station;

use std::{
    collections::HashMap,
    io,
    path::Path,
    process::ExitCode,
    sync::{
        Arc, OnceLock,
        mpsc::{self, Receiver, SyncSender},
    },
    thread,
};

use assay_benchmarks::grade;
use assay_evidence::{
    digest::Digest,
    record::AbortReason,
    wire::{Ask, Assignment, Start, Tell},
};

use crate::{
    engine, limits,
    lock::{self, Role},
    native,
    steward::Steward,
};
use assignment::Announced;
use conduct::{Conductor, Run};
use mail::{Inbox, Mail, Outbox};
use memory::Memory;
use refusal::Refused;
use state::State;
use station::Station;

/// Runs assigned and not yet over.
const RUNS_MAX: usize = 16;
/// Screenings that wait.
const SCREENS_MAX: usize = 16;

/// Runs the role until the server closes stdin.
pub fn main(folder: &Path, runners: usize) -> ExitCode {
    lock::end_on_panic(None);
    match start(folder, runners) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("assay-enclave: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn start(folder: &Path, runners: usize) -> anyhow::Result<()> {
    lock::first(Role::Chief)?;
    let steward = Arc::new(Steward::new(native::take_role_socket()?));
    let layers = lock::last(Role::Chief)?;
    let state = Arc::new(State::load(folder)?);
    let outbox = Arc::new(Outbox::new(io::stdout()));
    let conductor = Conductor::new(
        Arc::clone(&state),
        steward,
        Arc::clone(&outbox),
        runners,
        layers,
    );
    outbox.tell(&ready(&state));
    Keeper::new(state, outbox, Arc::new(conductor))?.serve()
}

fn ready(state: &State) -> Tell {
    Tell::Ready {
        sign_public_key: state.sign_public_key(),
        seal_recipient: state.seal_recipient(),
        binary: state.binary,
        runtime: engine::runtime(),
        limits: limits::sealed_lane(),
        graders: vec![grade::grader()],
    }
}

struct Keeper {
    state: Arc<State>,
    outbox: Arc<Outbox>,
    announced: HashMap<String, Announced>,
    started: HashMap<String, Arc<OnceLock<AbortReason>>>,
    runs: SyncSender<Run>,
    ended: Receiver<String>,
    screens: SyncSender<(u64, Vec<u8>)>,
}

impl Keeper {
    fn new(state: Arc<State>, outbox: Arc<Outbox>, conductor: Arc<Conductor>) -> io::Result<Self> {
        let (runs, to_run) = mpsc::sync_channel::<Run>(RUNS_MAX);
        let (has_ended, ended) = mpsc::channel();
        let (screens, to_screen) = mpsc::sync_channel::<(u64, Vec<u8>)>(SCREENS_MAX);
        let screener = Arc::clone(&conductor);
        thread::Builder::new()
            .name("runs".to_owned())
            .spawn(move || {
                for run in to_run {
                    let id = run.id.clone();
                    conductor.conduct(&run);
                    // The reader is gone only when the process is about to end.
                    let _ = has_ended.send(id);
                }
            })?;
        thread::Builder::new()
            .name("screens".to_owned())
            .spawn(move || {
                for (id, component) in to_screen {
                    screen(&screener, id, &component);
                }
            })?;
        Ok(Self {
            state,
            outbox,
            announced: HashMap::new(),
            started: HashMap::new(),
            runs,
            ended,
            screens,
        })
    }

    /// Reads until the server closes its end; whatever runs then dies with this process.
    fn serve(mut self) -> anyhow::Result<()> {
        let mut inbox = Inbox(io::stdin().lock());
        while let Some(mail) = inbox.next()? {
            for id in self.ended.try_iter() {
                self.started.remove(&id);
            }
            self.answer(mail);
        }
        Ok(())
    }

    fn answer(&mut self, mail: Mail) {
        let Mail { ask, blobs } = mail;
        let (id, result) = match ask {
            Ask::Screen { id, .. } => (id.to_string(), self.screen(id, blobs)),
            Ask::Attest {
                id,
                station,
                manifest,
                declared,
            } => {
                let result = self.attest(id, station, manifest, declared);
                (id.to_string(), result)
            }
            Ask::Head { id } => (id.to_string(), self.head(id)),
            Ask::Assign { run, assignment } => {
                let result = self.assign(run.clone(), &assignment, blobs);
                (run, result)
            }
            Ask::Start { run, start } => {
                let result = self.start(&run, &start);
                (run, result)
            }
            Ask::Cancel { run, reason } => {
                let result = self.cancel(&run, reason);
                (run, result)
            }
        };
        if let Err(refused) = result {
            self.outbox.refuse(id, &refused);
        }
    }

    /// The keeper speaks for the station of its own folder only.
    fn attest(
        &self,
        id: u64,
        station: String,
        manifest: Digest,
        declared: String,
    ) -> Result<(), Refused> {
        let own = Station::load(&self.state)?;
        if station != own.origin() || manifest != *own.manifest_digest() {
            return Err(Refused::OtherManifest {
                asked: format!("{station} ({manifest})"),
                own: format!("{} ({})", own.origin(), own.manifest_digest()),
            });
        }
        let envelope = attest::attest(&self.state, station, manifest, declared);
        self.outbox.tell(&Tell::Attested { id, envelope });
        Ok(())
    }

    fn head(&self, id: u64) -> Result<(), Refused> {
        let memory = Memory::open(&self.state)?;
        let head = memory.head()?.cloned();
        let frozen = memory.frozen();
        let frozen = frozen.map(|frozen| frozen.alarm.code().to_owned());
        self.outbox.tell(&Tell::Head { id, head, frozen });
        Ok(())
    }

    fn screen(&self, id: u64, blobs: Vec<Result<Vec<u8>, String>>) -> Result<(), Refused> {
        let [component] = blobs
            .try_into()
            .map_err(|_| Refused::Blob("one is due".to_owned()))?;
        let component = component.map_err(Refused::Blob)?;
        self.screens
            .try_send((id, component))
            .map_err(|_| Refused::Busy(SCREENS_MAX))
    }

    fn assign(
        &mut self,
        run: String,
        assignment: &Assignment,
        blobs: Vec<Result<Vec<u8>, String>>,
    ) -> Result<(), Refused> {
        let [seal, component] = blobs
            .try_into()
            .map_err(|_| Refused::Blob("two are due".to_owned()))?;
        let (seal, component) = (
            seal.map_err(Refused::Blob)?,
            component.map_err(Refused::Blob)?,
        );
        if self.announced.contains_key(&run) || self.started.contains_key(&run) {
            return Err(Refused::Repeated(run));
        }
        if self.announced.len() + self.started.len() >= RUNS_MAX {
            return Err(Refused::Busy(RUNS_MAX));
        }
        let station = Station::load(&self.state)?;
        let announced = assignment::announce(&self.state, &station, assignment, seal, component)?;
        let envelope = announced.envelope.clone();
        self.announced.insert(run.clone(), announced);
        self.outbox.tell(&Tell::Intent { run, envelope });
        Ok(())
    }

    fn start(&mut self, run: &str, start: &Start) -> Result<(), Refused> {
        let announced = self
            .announced
            .get(run)
            .ok_or_else(|| Refused::UnknownRun(run.to_owned()))?;
        let station = Station::load(&self.state)?;
        let permission = opening::permit(&self.state, &station, announced, start)?;
        let announced = self.announced.remove(run).expect("it was found above");
        let stop = Arc::new(OnceLock::new());
        let run = Run {
            id: run.to_owned(),
            announced,
            permission,
            stop: Arc::clone(&stop),
        };
        self.started.insert(run.id.clone(), stop);
        // There is room: assignments are refused beyond as many as the queue holds.
        self.runs.try_send(run).map_err(|_| Refused::Busy(RUNS_MAX))
    }

    fn cancel(&mut self, run: &str, reason: AbortReason) -> Result<(), Refused> {
        match reason {
            AbortReason::Operator | AbortReason::Cancelled | AbortReason::Limit => {}
            // What the adapter did or the machine lost is for the keeper to find.
            AbortReason::GuestFault
            | AbortReason::EndpointDown
            | AbortReason::KeeperRestart
            | AbortReason::KeeperLost => return Err(Refused::Reason(reason)),
        }
        if self.announced.remove(run).is_some() {
            return Err(Refused::NotStarted(run.to_owned()));
        }
        let stop = self
            .started
            .get(run)
            .ok_or_else(|| Refused::UnknownRun(run.to_owned()))?;
        // A second cancellation changes nothing.
        let _ = stop.set(reason);
        Ok(())
    }
}

fn screen(conductor: &Conductor, id: u64, component: &[u8]) {
    match conductor.finding(component) {
        Ok(finding) => conductor.outbox.tell(&Tell::Screened {
            id,
            report: finding.report.clone(),
        }),
        Err(error) => conductor
            .outbox
            .refuse(id.to_string(), &Refused::Ours(error.to_string())),
    }
}
