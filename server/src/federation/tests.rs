//! Configurations that give a station its place among others, and those that cannot.

use assay_evidence::{
    cosignature::CosignerKey,
    digest::Digest,
    note::VerifierKey,
    policy::{Policy, Witness as Named},
};
use tempfile::TempDir;

use super::*;
use crate::{clock::Millis, config::TEMPLATE};

const OWN: &str = "log.own.test";

fn key(seed: u8) -> Ed25519SigningKey {
    Ed25519SigningKey::from_seed([seed; 32])
}

fn log(origin: &str, seed: u8) -> VerifierKey {
    VerifierKey::new(origin, key(seed).public()).unwrap()
}

/// A folder with these policy files and a configuration that ends like this; the witness cosigns
/// `log.d.test` beside the peers.
async fn opened(own: &Policy, files: &[(&str, String)], more: &str) -> Result<Federation, String> {
    let dir = tempfile::tempdir().unwrap();
    let opened = opened_in(&dir, own, files, more).await;
    opened.map_err(|error| {
        let dir = dir.path().display().to_string();
        error.to_string().replace(&dir, "DIR")
    })
}

async fn opened_in(
    dir: &TempDir,
    own: &Policy,
    files: &[(&str, String)],
    more: &str,
) -> Result<Federation, FederationError> {
    let text = TEMPLATE
        .replace("%ORIGIN%", &format!("{OWN:?}"))
        .replace("%JURISDICTION%", "\"XX\"")
        .replace("%PUBLIC_URL%", "\"http://127.0.0.1:1\"")
        .replace("%LISTEN%", "\"127.0.0.1:1\"");
    let none = format!("log {}\nquorum none\n", log("log.d.test", 4));
    fs::write(dir.path().join("more"), none).unwrap();
    for (name, text) in files {
        fs::write(dir.path().join(name), text).unwrap();
    }
    let text = text.replace("# logs = \"witnessed\"", "logs = \"more\"");
    let text = text + more;
    let config = Config::parse(&text, &dir.path().join("station.toml")).unwrap();
    let whole = Whole::open(&config.data, Entropy::system()).await.unwrap();
    let clock = Clock::wound(Millis(1_800_000_000_000));
    Federation::open(&config, own, key(9), whole, &clock).await
}

fn lone() -> Policy {
    let text = Policy::lone(&log(OWN, 1), "http://127.0.0.1:1", &Digest::of(b"m"));
    Policy::parse(&text).unwrap()
}

fn watched(name: &str, key: CosignerKey, url: Option<&str>) -> Policy {
    let witness = Named {
        name: name.to_owned(),
        key,
        url: url.map(str::to_owned),
    };
    lone().with_witnesses(&[witness], 1).unwrap()
}

#[tokio::test]
async fn peers_and_other_logs_are_cosigned_and_peers_followed() {
    let address = "http://b.test/";
    let peer = format!("log {} {address}\nquorum none\n", log("log.b.test", 2));
    let files = [("b", peer)];
    let federation = opened(&lone(), &files, "[[peers]]\npolicy = \"b\"\n")
        .await
        .unwrap();
    let origins: Vec<&str> = federation.witness().origins().collect();
    assert_eq!(origins, ["log.b.test", "log.d.test"]);
    assert_eq!(federation.peers()[0].url, address);
    assert_eq!(federation.witnesses(), []);
    assert_eq!(
        federation.witness().cosigner().name(),
        "log.own.test/witness"
    );
}

#[tokio::test]
async fn nobody_vouches_for_itself() {
    let own = [("own", format!("log {}\nquorum none\n", log(OWN, 2)))];
    let refused = opened(&lone(), &own, "[[peers]]\npolicy = \"own\"\n")
        .await
        .err();
    assert_eq!(
        refused.unwrap(),
        "DIR/own: it names log.own.test, this station itself; nobody vouches for itself"
    );
    let witness = CosignerKey::new("log.own.test/witness", key(9).public()).unwrap();
    let refused = opened(&watched("me", witness, Some("http://a.test")), &[], "").await;
    assert_eq!(
        refused.err().unwrap(),
        "the policy names this station's own witness as me; nobody vouches for itself, remove it"
    );
}

#[tokio::test]
async fn a_witness_or_a_peer_without_an_address_is_refused() {
    let witness = CosignerKey::new("log.b.test/witness", key(2).public()).unwrap();
    let refused = opened(&watched("b", witness, None), &[], "").await;
    assert_eq!(
        refused.err().unwrap(),
        "the policy says no address of the witness b; add its URL to the `witness` line"
    );
    let peer = [("b", format!("log {}\nquorum none\n", log("log.b.test", 2)))];
    let refused = opened(&lone(), &peer, "[[peers]]\npolicy = \"b\"\n").await;
    assert_eq!(
        refused.err().unwrap(),
        "DIR/b: it says no address; add `url` to the peer"
    );
    let url = "[[peers]]\npolicy = \"b\"\nurl = \"http://b.test\"\n";
    assert_eq!(opened(&lone(), &peer, url).await.unwrap().peers().len(), 1);
}

#[tokio::test]
async fn a_policy_that_does_not_load_is_named_with_its_file() {
    let refused = opened(
        &lone(),
        &[("b", "x".to_owned())],
        "[[peers]]\npolicy = \"b\"\n",
    )
    .await;
    assert!(refused.err().unwrap().starts_with("DIR/b: policy line 1 "));
    let refused = opened(&lone(), &[], "[[peers]]\npolicy = \"b\"\n").await;
    assert!(refused.err().unwrap().starts_with("DIR/b: No such file"));
    let two = format!(
        "log {}\nlog {}\nquorum none\n",
        log("log.b.test", 2),
        log("log.c.test", 3)
    );
    let refused = opened(&lone(), &[("b", two)], "[[peers]]\npolicy = \"b\"\n").await;
    assert_eq!(
        refused.err().unwrap(),
        "DIR/b: the policy of a peer names the keys of its log alone"
    );
}
