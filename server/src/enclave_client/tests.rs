//! What is sent to a keeper and what is made of its answers, with a keeper that follows a script.

use assay_evidence::{
    keys::P256SigningKey,
    record::Lane,
    wire::{Assignment, Extension, Proven, Start},
};

use super::*;

/// Makes `enclave` a keeper that answers by `script`.
pub(super) fn play(enclave: &Enclave, script: impl Fn(&Ask) -> Option<Tell> + Send + 'static) {
    let (asks, mut queue) = mpsc::channel::<Message>(ASKS_MAX);
    *lock(&enclave.0.live) = Some(Live {
        generation: 0,
        asks,
        waiting: HashMap::new(),
    });
    let ready = Ready {
        sign_key: enclave.0.sign_key,
        seal_recipient: "age1".to_owned(),
        binary: Digest::of(b"binary"),
        runtime: Runtime {
            config_sha256: Digest::of(b"config"),
            lane: Lane::Sealed,
            name: "engine".to_owned(),
            target: "target".to_owned(),
            version: "1".to_owned(),
        },
        limits: Limits {
            fuel_per_item: "1".to_owned(),
            memory_bytes: 1,
            output_bytes: 1,
            wall_ms_per_item: 1,
        },
        graders: Vec::new(),
    };
    enclave.0.ready.send_replace(Some(Arc::new(ready)));
    let shared = Arc::downgrade(&enclave.0);
    tokio::spawn(async move {
        while let Some(message) = queue.recv().await {
            let (Some(tell), Some(shared)) = (script(&message.ask), shared.upgrade()) else {
                continue;
            };
            process::deliver(&shared, tell);
        }
    });
}

const RUN: &str = "run";

fn enclave() -> Enclave {
    let key = P256SigningKey::from_pkcs8(&P256SigningKey::generate_pkcs8()).unwrap();
    Enclave::absent(key.public())
}

fn envelope() -> Envelope {
    Envelope {
        payload: Vec::new(),
        payload_type: String::new(),
        signatures: Vec::new(),
    }
}

fn proven() -> Proven {
    Proven {
        envelope: envelope(),
        index: 0,
        path: Vec::new(),
        public_key: String::new(),
    }
}

/// Assigns a run to a keeper that answers by `script`; also what the keeper is asked from then on.
async fn assign(
    script: impl Fn(&Ask) -> Option<Tell> + Send + 'static,
) -> (
    Enclave,
    Result<Assigned, EnclaveError>,
    mpsc::UnboundedReceiver<Ask>,
) {
    let enclave = enclave();
    let (heard, asks) = mpsc::unbounded_channel();
    enclave.play(move |ask| match ask {
        Ask::Head { id } => Some(remembers(*id)),
        other => {
            let _ = heard.send(other.clone());
            script(other)
        }
    });
    let assignment = Assignment {
        extends: extension(),
        before: String::new(),
        close_by: String::new(),
        commitment: proven(),
        component: blob(b""),
        declared: String::new(),
        evidence: proven(),
        seal: blob(b""),
        submission: proven(),
    };
    let turn = enclave.turn().await.unwrap();
    let assigned = turn
        .assign(RUN, assignment, Arc::default(), Arc::default())
        .await;
    (enclave, assigned, asks)
}

fn announces(ask: &Ask) -> Option<Tell> {
    let run = RUN.to_owned();
    let envelope = envelope();
    match ask {
        Ask::Assign { .. } => Some(Tell::Intent { run, envelope }),
        Ask::Start { .. } => Some(Tell::Closed { run, envelope }),
        Ask::Screen { .. } | Ask::Attest { .. } | Ask::Head { .. } | Ask::Cancel { .. } => None,
    }
}

fn extension() -> Extension {
    Extension {
        from: 0,
        path: Vec::new(),
    }
}

fn remembers(id: u64) -> Tell {
    Tell::Head {
        id,
        head: None,
        frozen: None,
    }
}

fn cancel() -> Ask {
    Ask::Cancel {
        run: RUN.to_owned(),
        reason: AbortReason::Operator,
    }
}

#[tokio::test]
async fn a_run_that_is_let_go_before_its_start_is_cancelled() {
    let (_, assigned, mut asks) = assign(announces).await;
    assert!(matches!(asks.recv().await, Some(Ask::Assign { .. })));
    drop(assigned.unwrap());
    assert_eq!(asks.recv().await, Some(cancel()));
}

#[tokio::test]
async fn a_run_that_has_closed_is_not_cancelled() {
    let (enclave, assigned, mut asks) = assign(announces).await;
    let start = Start {
        checkpoint: String::new(),
        consistency: Vec::new(),
        extends: extension(),
        intent: proven(),
    };
    let turn = enclave.turn().await.unwrap();
    let mut running = turn.start(assigned.unwrap(), start).await.unwrap();
    assert!(matches!(running.next().await, Ok(News::Closed(_))));
    drop((enclave, running));
    assert!(matches!(asks.recv().await, Some(Ask::Assign { .. })));
    assert!(matches!(asks.recv().await, Some(Ask::Start { .. })));
    assert_eq!(asks.recv().await, None);
}

#[tokio::test]
async fn a_refusal_that_passes_is_told_apart_from_one_that_stays() {
    for (refused_with, passes) in [
        ("busy", true),
        ("ours", true),
        ("state", true),
        ("repeated", true),
        ("not-started", true),
        ("quorum", true),
        ("head-moved", true),
        ("head-lost", true),
        ("frozen", true),
        ("rollback", false),
        ("fork", false),
        ("grader", false),
        ("seal-digest", false),
    ] {
        let (_, assigned, mut asks) = assign(move |ask| {
            matches!(ask, Ask::Assign { .. }).then(|| Tell::Refused {
                run: RUN.to_owned(),
                code: refused_with.to_owned(),
                detail: "no".to_owned(),
            })
        })
        .await;
        match assigned.map(|_| ()).unwrap_err() {
            EnclaveError::NotNow { code, .. } => {
                assert!(passes && code == refused_with, "{code}");
            }
            EnclaveError::Refused { code, .. } => {
                assert!(!passes && code == refused_with, "{code}");
            }
            other => panic!("{other}"),
        }
        assert!(matches!(asks.recv().await, Some(Ask::Assign { .. })));
        // Only of a run that the keeper holds already is there anything to forget.
        let freed = (refused_with == "repeated").then(cancel);
        assert_eq!(asks.recv().await, freed, "{refused_with}");
    }
}
