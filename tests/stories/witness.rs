//! Stations that vouch for each other: a head is public with its quorum, and not without.

use std::{fs, net::TcpListener, thread};

use assay_evidence::policy::{Policy, Quorum};
use assay_tests::{World, waiting, world::text};
use serde_json::Value;

use crate::api;

/// The verifier key of a station's log as the line of a policy.
fn log_line(station: &World, address: &str) -> String {
    format!(
        "log {} http://{address}\nquorum none\n",
        station.born("log_key")
    )
}

/// An address of this machine at which nobody listens now.
fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("it is bound").to_string()
}

/// Lets a station's witness cosign the log of another.
fn cosign(watcher: &World, log: &World) {
    let folder = watcher.station();
    fs::write(
        folder.join("witnessed"),
        log_line(log, "unused.example.org"),
    )
    .expect("writable");
    configure(watcher, "# logs = \"witnessed\"", "logs = \"witnessed\"");
}

fn configure(world: &World, from: &str, to: &str) {
    let path = world.station().join("station.toml");
    let text = fs::read_to_string(&path).expect("init wrote it");
    assert!(text.contains(from), "{text}");
    fs::write(&path, text.replacen(from, to, 1)).expect("writable");
}

/// Demands that so many of these witnesses cosign the heads of a station.
fn demand(station: &World, witnesses: &[(&str, &World, &str)], quorum: usize) {
    let folder = text(&station.station());
    let mut arguments = vec!["station", "witnesses", &folder, "--quorum"];
    let quorum = quorum.to_string();
    arguments.push(&quorum);
    let words: Vec<[String; 3]> = witnesses
        .iter()
        .map(|(name, other, address)| {
            let url = format!("http://{address}/witness");
            [(*name).to_owned(), other.born("witness_key"), url]
        })
        .collect();
    for witness in &words {
        arguments.push("--witness");
        arguments.extend(witness.iter().map(String::as_str));
    }
    station.assay(&arguments).expect_code(0);
}

/// A station `a` that wants two of the witnesses `b`, `c` and `d`, which all run.
struct Watched {
    a: World,
    address: String,
    others: Vec<World>,
}

impl Watched {
    fn new() -> Self {
        let address = free_address();
        let mut a = World::set_up("a.example.org", &address);
        let names = ["b", "c", "d"];
        let mut others = Vec::new();
        let mut addresses = Vec::new();
        for name in names {
            let address = free_address();
            let mut other = World::set_up(&format!("{name}.example.org"), &address);
            cosign(&other, &a);
            other.serve();
            others.push(other);
            addresses.push(address);
        }
        let all = (0..3).map(|at| (names[at], &others[at], addresses[at].as_str()));
        demand(&a, &all.collect::<Vec<_>>(), 2);
        a.serve();
        Self { a, address, others }
    }

    fn log(&self) -> Value {
        self.a.get("/api/v1/log")
    }

    fn checkpoint(&self) -> String {
        let note = api::get(&self.a, "/checkpoint").body;
        String::from_utf8(note).expect("a note is text")
    }

    /// Who signed the public checkpoint, whose quorum must be there.
    fn signers(&self) -> Vec<String> {
        let policy = fs::read_to_string(self.a.policy()).expect("it was written");
        let policy = Policy::parse(&policy).expect("it is a policy");
        let attested = policy
            .check(&self.checkpoint(), None)
            .expect("the quorum is there");
        assert!(
            matches!(attested.quorum, Quorum::Met { .. }),
            "{:?}",
            attested.quorum
        );
        attested
            .cosigned
            .into_iter()
            .map(|line| line.witness)
            .collect()
    }
}

#[test]
fn a_receipt_names_the_witnesses_of_its_log() {
    let world = Watched::new();
    world.a.publish_form("bay-knowledge", &[]);
    let component = world.a.programs.component("seeded-guess");
    let said = world.a.submit(&component, "Coin flip", "bay-knowledge");
    let document = api::closed(&world.a, said["self"].as_str().expect("a link"));
    let run = &document["runs"][0];
    assert_eq!(run["state"], "published", "{run}");
    let bundle = api::get(&world.a, run["bundle"].as_str().expect("a path"));
    let file = world.a.path("result.json");
    fs::write(&file, &bundle.body).expect("the folder is writable");
    let (policy, file) = (text(&world.a.policy()), text(&file));
    let verified = world
        .a
        .assay(&["verify", "--policy", &policy, &file])
        .expect_code(0);
    let vouched = "the quorum watchers vouched for the checkpoint at ";
    assert!(verified.out.contains(vouched), "{}", verified.out);
    let log = world.log();
    assert_eq!(log["published"]["size"], log["stored"]["size"], "{log}");
    assert_eq!(log["published"]["quorum"]["freshness"], "fresh", "{log}");
    assert!(world.signers().len() >= 2);
    nobody_vouches_for_itself(&world.a);
    // The same bundle is no evidence for whoever trusts another witness.
    let strict = fs::read_to_string(&policy).expect("it was written");
    let other = world.a.path("other-policy");
    let other_witness = world.a.born("witness_key");
    let more = format!("witness e {other_witness}\nquorum e");
    fs::write(&other, strict.replacen("quorum watchers", &more, 1)).expect("writable");
    let refused = world
        .a
        .assay(&["verify", "--policy", &text(&other), &file])
        .expect_code(1);
    let lacks = "checkpoint lacks the quorum e: no cosignature by e";
    assert!(refused.out.contains(lacks), "{}", refused.out);
}

fn nobody_vouches_for_itself(station: &World) {
    let (folder, key) = (text(&station.station()), station.born("witness_key"));
    let own = ["--witness", "me", &key, "http://127.0.0.1:1/witness"];
    let arguments = ["station", "witnesses", &folder, "--quorum", "1"];
    let refused = station
        .assay(&[arguments.as_slice(), &own].concat())
        .expect_code(1);
    let says = "the policy names this station's own witness as me; nobody vouches for itself";
    assert!(refused.err.contains(says), "{}", refused.err);
}

#[test]
fn a_head_waits_for_its_quorum_and_no_longer() {
    let mut world = Watched::new();
    world.others[1].crash_server();
    world.a.publish_form("bay-knowledge", &[]);
    assert_eq!(world.signers(), ["b", "d"]);

    world.others[2].crash_server();
    let public = world.checkpoint();
    let a = &world.a;
    let (others, log) = (&mut world.others, || a.get("/api/v1/log"));
    thread::scope(|scope| {
        let published = scope.spawn(|| a.publish_form("bay-reasoning", &[]));
        let log_says = waiting::until("a head that waits for its quorum", || {
            let says = log();
            let sizes = [&says["stored"]["size"], &says["published"]["size"]].map(Value::as_u64);
            let is_told = says["witnesses"][2]["trouble"].is_string();
            (sizes[0] > sizes[1] && is_told).then_some(says)
        });
        assert!(log_says["waiting"].as_u64() >= Some(1), "{log_says}");
        let note = api::get(a, "/checkpoint").body;
        assert_eq!(note, public.as_bytes());
        assert_eq!(api::get(a, "/en/").status, 200);
        assert!(!published.is_finished());
        others[2].serve();
        published.join().expect("it is published with its quorum");
    });
    assert_ne!(world.checkpoint(), public);
    assert_eq!(world.signers(), ["b", "d"]);
}

#[test]
fn a_station_that_starts_below_its_quorum_is_read_and_begins_once_it_is_back() {
    let mut world = Watched::new();
    world.a.publish_form("bay-knowledge", &[]);
    world.others[0].crash_server();
    world.others[1].crash_server();
    let component = world.a.programs.component("seeded-guess");
    world.a.submit(&component, "Coin flip", "bay-knowledge");
    waiting::until("a record that is stored and not public", || {
        let says = world.log();
        let sizes = [&says["stored"]["size"], &says["published"]["size"]].map(Value::as_u64);
        (sizes[0] > sizes[1]).then_some(())
    });
    let public = world.checkpoint();

    world.a.crash_server();
    world.a.launch(&world.address);
    let url = format!("http://{}/api/v1/log", world.address);
    let says = waiting::until("the public side of the station", || {
        let body = ureq::get(&url).call().ok()?.into_body().read_to_string();
        serde_json::from_str::<Value>(&body.expect("a whole answer")).ok()
    });
    assert!(
        says["stored"]["size"].as_u64() > says["published"]["size"].as_u64(),
        "{says}"
    );
    assert_eq!(says["published"]["quorum"]["freshness"], "fresh", "{says}");
    assert_eq!(world.checkpoint(), public);
    api::get(&world.a, "/readyz").problem(503, "busy");
    let bytes = fs::read(&component).expect("it was built");
    let late = api::submit(&world.a, "benchmark=bay-knowledge&name=Late", &bytes);
    let says = late.problem(503, "busy");
    assert!(
        says.ends_with("its newest records wait for their witnesses"),
        "{says}"
    );

    world.others[0].serve();
    waiting::until("the station has begun", || {
        (api::get(&world.a, "/readyz").status == 200).then_some(())
    });
    assert_ne!(world.checkpoint(), public);
    assert_eq!(world.signers(), ["b", "d"]);
}

#[test]
fn stations_that_watch_each_other_start_together_and_follow_each_other() {
    let names = ["a", "b", "c"];
    let addresses = names.map(|_| free_address());
    let origins = names.map(|name| format!("{name}.example.org"));
    let mut worlds: Vec<World> = (0..3)
        .map(|at| World::set_up(&origins[at], &addresses[at]))
        .collect();
    for at in 0..3 {
        let others: Vec<usize> = (0..3).filter(|other| *other != at).collect();
        let wanted = others
            .iter()
            .map(|&o| (names[o], &worlds[o], addresses[o].as_str()));
        demand(&worlds[at], &wanted.collect::<Vec<_>>(), 2);
        let mut peers = String::new();
        for &other in &others {
            let file = worlds[at].station().join(names[other]);
            fs::write(file, log_line(&worlds[other], &addresses[other])).expect("writable");
            peers = format!("{peers}[[peers]]\npolicy = \"{}\"\n\n", names[other]);
        }
        configure(&worlds[at], "[limits]\n", &format!("{peers}[limits]\n"));
    }
    thread::scope(|scope| {
        for world in &mut worlds {
            scope.spawn(|| world.serve());
        }
    });
    for world in &worlds {
        waiting::until("each station has seen the others", || {
            let log = world.get("/api/v1/log");
            let peers = log["peers"].as_array().expect("two peers").clone();
            assert!(peers.iter().all(|peer| peer["frozen"] == false), "{log}");
            peers
                .iter()
                .all(|peer| peer["size"].as_u64() > Some(0))
                .then_some(())
        });
        assert_eq!(
            world.get("/api/v1/log")["contradictions"],
            Value::Array(Vec::new())
        );
    }
}
