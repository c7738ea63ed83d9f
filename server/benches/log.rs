//! How fast the log takes, publishes and opens: records per second, time to the public checkpoint, alone and
//! with three witnesses on loopback, start.
//!
//! Prints a table, with what the disk and the signatures cost by themselves; asserts nothing but that every
//! record was logged. Records are signed before the clock runs.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Write as _,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use assay_evidence::{
    checkpoint::Checkpoint,
    cosignature::CosignerKey,
    digest::Digest,
    dsse::Envelope,
    keys::{Ed25519SigningKey, P256PublicKey, P256SigningKey},
    leaf,
    note::VerifierKey,
    policy::{Policy, Witness as Named},
    record::{Sha256Ref, Submission, SubmissionKind},
    statement::{Subject, sign_record, verify_record},
    tile::{self, FULL, TileAt, TileKind},
    tree::{Edge, tile_at},
};
use assay_server::{
    clock::Clock,
    collect::Collector,
    contradictions::Contradictions,
    entropy::Entropy,
    http::{serve::serve, witness_router},
    log::{Log, LogSigners, Setup},
    store::{
        index::{Index, IndexRow},
        lock::{Lock, StoredHead},
        witness::WitnessStore,
    },
    witness::Witness,
};
use tokio::{net::TcpListener, task::JoinSet};

const ORIGIN: &str = "log.bench.example";
/// Records of the sustained run, and callers that wait for one each.
const SUSTAINED: usize = 60_000;
const CALLERS: usize = 3_000;
/// Records of the latency run, and the pause between two.
const SPACED: usize = 1_500;
const SPACE: Duration = Duration::from_millis(7);
/// Leaves of the log that is opened.
const LARGE: u64 = 10_000_000;
const OPENINGS: usize = 21;

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let key = P256SigningKey::from_pkcs8(&P256SigningKey::generate_pkcs8()).expect("a fresh key");
    let records: Arc<[Envelope]> = (0..SUSTAINED).map(|n| record(n, &key)).collect();
    println!("log, files in {}", std::env::temp_dir().display());
    own_costs(&records, &key.public());
    runtime.block_on(async {
        sustained(&records, &key.public()).await;
        spaced("submit to public", &records[..SPACED], &key.public(), None).await;
        let witnesses = Witnesses::serve().await;
        let what = "with three witnesses, all needed";
        spaced(what, &records[..SPACED], &key.public(), Some(&witnesses)).await;
        one_by_one(&records[..20], &key.public()).await;
        large().await;
    });
}

fn setup(data: &Path) -> Setup {
    let key = Ed25519SigningKey::from_seed([7; 32]);
    Setup::in_folder(data, ORIGIN, key, Clock::wall()).expect("a writable folder")
}

async fn new_log(data: &Path, witnesses: Option<&Witnesses>) -> Log {
    Log::create(&setup(data)).await.expect("an empty folder");
    let mut setup = setup(data);
    if let Some(witnesses) = witnesses {
        setup.cosign = Arc::new(witnesses.collector());
    }
    let log = Log::open(setup).await.expect("a log that was just made");
    log.settled().await.expect("witnesses that answer, or none");
    log
}

/// Three witnesses, each with its own memory on the same disk, behind the real listener.
struct Witnesses {
    named: Vec<Named>,
    _folders: Vec<tempfile::TempDir>,
}

impl Witnesses {
    async fn serve() -> Self {
        let (mut named, mut folders) = (Vec::new(), Vec::new());
        for (seed, name) in (11..).zip(["b", "c", "d"]) {
            let folder = tempfile::tempdir().expect("a folder");
            let witness = witness(folder.path(), name, seed).await;
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
            let address = listener.local_addr().expect("it is bound");
            let url = format!("http://{address}");
            named.push(Named {
                name: name.to_owned(),
                key: witness.cosigner().clone(),
                url: Some(format!("{url}/witness")),
            });
            let router = witness_router(Arc::new(witness), &url, Entropy::system());
            tokio::spawn(serve(listener, router, std::future::pending()));
            folders.push(folder);
        }
        Self {
            named,
            _folders: folders,
        }
    }

    /// Asks all of them.
    fn collector(&self) -> Collector {
        let policy = lone().with_witnesses(&self.named, self.named.len());
        let own = Ed25519SigningKey::from_seed([8; 32]).public();
        let own = CosignerKey::new("log.bench.example/witness", own).expect("a good name");
        let policy = policy.expect("a policy of three witnesses");
        Collector::new(policy, &own, Clock::wall()).expect("witnesses with addresses")
    }
}

async fn witness(data: &Path, name: &str, seed: u8) -> Witness {
    let store = WitnessStore::open(data).await.expect("a writable folder");
    let found = Contradictions::in_folder(store.clone(), data, Entropy::system()).await;
    let memory = (store, found.expect("a writable folder"));
    let key = Ed25519SigningKey::from_seed([seed; 32]);
    let station = format!("log.{name}.example");
    Witness::new(&station, key, &[lone()], memory, Clock::wall()).expect("a good name")
}

/// The policy of the log without witnesses.
fn lone() -> Policy {
    let key = Ed25519SigningKey::from_seed([7; 32]).public();
    let key = VerifierKey::new(ORIGIN, key).expect("a good name");
    let text = Policy::lone(&key, "http://127.0.0.1/", &Digest::of(b"manifest"));
    Policy::parse(&text).expect("a policy as it is written")
}

fn record(number: usize, key: &P256SigningKey) -> Envelope {
    let name = format!("system {number}");
    let adapter = Digest::of(name.as_bytes());
    let submission = Submission {
        adapter: Sha256Ref { sha256: adapter },
        declared: "2026-11-21T00:00:00Z".to_owned(),
        declares: BTreeMap::new(),
        kind: SubmissionKind::Wasm,
        name,
        on_behalf: true,
        replaces: None,
        station: ORIGIN.to_owned(),
        submitter: key.public().key_id(),
    };
    sign_record(key, &[Subject::new("adapter", adapter)], &submission)
}

/// What a sync, a small file and a signature cost here without a log.
fn own_costs(records: &[Envelope], key: &P256PublicKey) {
    let dir = tempfile::tempdir().expect("a folder");
    let mut syncs = Vec::new();
    for n in 0..50 {
        let mut file = File::create(dir.path().join(n.to_string())).expect("a new file");
        file.write_all(&[7; 4096]).expect("room on the disk");
        let began = Instant::now();
        file.sync_all().expect("a disk that syncs");
        syncs.push(began.elapsed());
    }
    row(
        "disk: one sync of a new file, median",
        &ms(median(&mut syncs)),
    );
    let began = Instant::now();
    for n in 0..2_000 {
        fs::write(dir.path().join(format!("small {n}")), [7; 1_200]).expect("room on the disk");
    }
    row(
        "disk: one small file, unsynced",
        &us(began.elapsed() / 2_000),
    );
    let began = Instant::now();
    for record in &records[..2_000] {
        verify_record(record, key).expect("it was signed for this key");
    }
    row(
        "one core: one P-256 signature checked",
        &us(began.elapsed() / 2_000),
    );
}

async fn sustained(records: &Arc<[Envelope]>, key: &P256PublicKey) {
    let dir = tempfile::tempdir().expect("a folder");
    let log = new_log(dir.path(), None).await;
    let began = Instant::now();
    let mut callers = JoinSet::new();
    for first in 0..CALLERS {
        let (log, records, key) = (log.clone(), Arc::clone(records), *key);
        callers.spawn(async move {
            for record in records.iter().skip(first).step_by(CALLERS) {
                log.append(record, &key).await.expect("a log that goes on");
            }
        });
    }
    callers.join_all().await;
    let took = began.elapsed();
    assert_eq!(log.published().head.size, SUSTAINED as u64);
    let rate = SUSTAINED as f64 / took.as_secs_f64();
    row(
        &format!("sustained, {SUSTAINED} records from {CALLERS} callers"),
        &format!("{rate:.0} records/s"),
    );
    log.close().await;
}

async fn spaced(
    what: &str,
    records: &[Envelope],
    key: &P256PublicKey,
    witnesses: Option<&Witnesses>,
) {
    let dir = tempfile::tempdir().expect("a folder");
    let log = new_log(dir.path(), witnesses).await;
    let mut callers = JoinSet::new();
    let mut ticks = tokio::time::interval(SPACE);
    for record in records {
        ticks.tick().await;
        let (log, record, key) = (log.clone(), record.clone(), *key);
        callers.spawn(async move {
            let began = Instant::now();
            log.append(&record, &key).await.expect("a log that goes on");
            began.elapsed()
        });
    }
    let mut took = callers.join_all().await;
    took.sort();
    let rate = 1.0 / SPACE.as_secs_f64();
    row(
        &format!("{what} at {rate:.0} records/s, p50"),
        &ms(took[took.len() / 2]),
    );
    row("  p99", &ms(took[took.len() * 99 / 100]));
    log.close().await;
}

async fn one_by_one(records: &[Envelope], key: &P256PublicKey) {
    let dir = tempfile::tempdir().expect("a folder");
    let log = new_log(dir.path(), None).await;
    let before = log.syncs();
    for record in records {
        log.append(record, key).await.expect("a log that goes on");
    }
    let each = (log.syncs() - before) as f64 / records.len() as f64;
    row("syncs of a published batch", &format!("{each:.1}"));
    log.close().await;
}

/// Only the right edge of the large log is there; a start reads no more of it.
async fn large() {
    let dir = tempfile::tempdir().expect("a folder");
    write_right_edge(dir.path()).await;
    let mut took = Vec::new();
    for _ in 0..OPENINGS {
        let began = Instant::now();
        let log = Log::open(setup(dir.path()))
            .await
            .expect("a whole right edge");
        took.push(began.elapsed());
        assert_eq!(log.published().head.size, LARGE);
        log.close().await;
    }
    let worst = took.iter().max().copied().unwrap_or_default();
    let text = format!("{} (worst {})", ms(median(&mut took)), ms(worst));
    row(&format!("start of a log of {LARGE} records, median"), &text);
}

async fn write_right_edge(data: &Path) {
    let size = LARGE;
    let n = size / u64::from(FULL);
    let entries: Vec<Vec<u8>> = (n * u64::from(FULL)..size)
        .map(|index| format!("entry {index}").into_bytes())
        .collect();
    let hashes = |at: TileAt| -> Vec<Digest> {
        match at.kind {
            TileKind::Hashes(0) => entries.iter().map(|entry| leaf::hash(entry)).collect(),
            kind => (0..at.width)
                .map(|hash| Digest::of(format!("{kind:?} {hash}").as_bytes()))
                .collect(),
        }
    };
    let edge = Edge::read(size, |at| Ok::<_, std::convert::Infallible>(hashes(at)));
    let root = edge.expect("reading cannot fail").root();
    let public = data.join("public");
    for at in Edge::tiles(size) {
        put(&public.join(at.path()), &tile::hash_tile(&hashes(at)));
    }
    let width = tile_at(0, n, size).width;
    let bundle = tile::entry_bundle(&entries);
    put(&public.join(tile::entries_path(n, width)), &bundle);
    let checkpoint = Checkpoint {
        origin: ORIGIN.to_owned(),
        size,
        root,
    };
    let signers = LogSigners::from(Ed25519SigningKey::from_seed([7; 32]));
    let note = signers.sign(&checkpoint).expect("a name for a key");
    put(&public.join("checkpoint"), note.as_bytes());
    let lock = Lock::open(data).await.expect("a new lock store");
    let at = Clock::wall().now();
    let head = StoredHead {
        size,
        root,
        note,
        at,
    };
    lock.begin(&head).await.expect("an empty lock store");
    lock.close().await;
    let index = Index::open(data).await.expect("a new index");
    let last = IndexRow {
        index: size - 1,
        hash: leaf::hash(&entries[entries.len() - 1]),
        once: Digest::of(b"once"),
        name: "submission".to_owned(),
        closes: None,
        signer: Vec::new(),
    };
    index
        .add(&[last], (size, root))
        .await
        .expect("an empty index");
    index.close().await;
}

fn put(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("a writable folder");
    fs::write(path, bytes).expect("room on the disk");
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

fn us(time: Duration) -> String {
    format!("{:.0} us", time.as_secs_f64() * 1e6)
}

fn row(what: &str, figure: &str) {
    println!("  {what:<52} {figure:>22}");
}
