//! Who must have signed a bundle's checkpoint, and which lines a bundle may carry.

use super::{
    failure, verified,
    world::{Made, Plan, made},
};
use crate::{
    checkpoint::Checkpoint,
    cosignature::{self, CosignerKey},
    keys::Ed25519SigningKey,
    policy::{Policy, Quorum, Witness},
    verify::{self, CheckState},
};

const T: u64 = 1_767_139_200;

fn key(seed: u8) -> Ed25519SigningKey {
    Ed25519SigningKey::from_seed([seed; 32])
}

fn cosigner(seed: u8) -> String {
    format!("witness{seed}.example.org")
}

/// A sound bundle whose policy wants two of the witnesses 20, 21 and 22.
fn watched() -> Made {
    let mut made = made(&Plan::default());
    let witness = |seed: u8| Witness {
        name: format!("w{seed}"),
        key: CosignerKey::new(&cosigner(seed), key(seed).public()).unwrap(),
        url: None,
    };
    let witnesses = [20, 21, 22].map(witness);
    made.policy = made.policy.with_witnesses(&witnesses, 2).unwrap();
    made
}

fn cosign(made: &mut Made, seed: u8, time: u64) {
    let head = Checkpoint::peek(&made.bundle.checkpoint).unwrap();
    let line = cosignature::sign(&head, &cosigner(seed), &key(seed), time).unwrap();
    made.bundle.checkpoint += &line;
}

fn line_of(made: &Made, name: &str) -> (String, CheckState) {
    let report = verified(made);
    assert!(report.verified(), "{:?}", report.failure());
    let check = report.checks.into_iter().find(|check| check.name == name);
    check.map(|check| (check.says, check.state)).unwrap()
}

fn refused(made: &Made) -> (&'static str, String) {
    failure(&verified(made))
}

#[test]
fn a_quorum_is_checked_and_told_with_names_and_times() {
    let mut made = watched();
    cosign(&mut made, 22, T + 60);
    cosign(&mut made, 20, T);
    assert_eq!(
        line_of(&made, "quorum"),
        (
            "the quorum watchers vouched for the checkpoint at 2025-12-31T00:00:00Z: w20 (witness20.example.org) at 2025-12-31T00:00:00Z, w22 (witness22.example.org) at 2025-12-31T00:01:00Z".into(),
            CheckState::Passed
        )
    );
    let attested = verified(&made).facts.unwrap().attested;
    let (name, time) = ("watchers".to_owned(), T);
    assert_eq!(attested.quorum, Quorum::Met { name, time });
    assert_eq!(attested.cosigned.len(), 2);
}

#[test]
fn a_checkpoint_without_its_quorum_is_refused_by_the_names_that_lack() {
    let mut made = watched();
    cosign(&mut made, 21, T);
    assert_eq!(
        refused(&made),
        (
            "quorum",
            "checkpoint lacks the quorum watchers: no cosignature by w20, w22".into()
        )
    );
}

#[test]
fn a_witness_unknown_to_the_policy_is_reported_as_not_checked() {
    let mut made = made(&Plan::default());
    cosign(&mut made, 20, T);
    cosign(&mut made, 21, T);
    assert_eq!(
        line_of(&made, "cosigners"),
        (
            "witness20.example.org, witness21.example.org cosigned the checkpoint".into(),
            CheckState::NotChecked("by witnesses that the policy does not name".into())
        )
    );
    let mut made = watched();
    for seed in [20, 21, 23] {
        cosign(&mut made, seed, T);
    }
    let (says, _) = line_of(&made, "cosigners");
    assert_eq!(says, "witness23.example.org cosigned the checkpoint");
}

#[test]
fn without_a_quorum_it_is_still_told_who_cosigned() {
    let mut made = watched();
    let text = made.policy.to_string();
    let text = text.replacen("quorum watchers", "quorum none", 1);
    made.policy = Policy::parse(&text).unwrap();
    cosign(&mut made, 20, T);
    let (_, state) = line_of(&made, "quorum");
    assert_eq!(
        state,
        CheckState::NotChecked("the policy says `quorum none`: the station alone vouches for its log, although it was cosigned by w20 (witness20.example.org) at 2025-12-31T00:00:00Z".into())
    );
}

#[test]
fn lines_that_nobody_can_account_for_are_refused() {
    let altered = |change: &dyn Fn(&mut String)| {
        let mut made = watched();
        cosign(&mut made, 20, T);
        cosign(&mut made, 21, T);
        change(&mut made.bundle.checkpoint);
        refused(&made)
    };
    let last = |note: &str| note.trim_end().rsplit_once('\n').unwrap().1.to_owned();
    assert_eq!(
        altered(&|note| *note += &(last(note) + "\n")),
        (
            "checkpoint",
            "checkpoint has two signature lines by one key of witness21.example.org".into()
        )
    );
    let own = |note: &mut String| {
        let head = Checkpoint::peek(note).unwrap();
        *note += &(last(&head.sign(&key(9)).unwrap()) + "\n");
    };
    assert_eq!(
        altered(&own),
        (
            "manifest",
            "signature line 4 of the checkpoint is by no log key that the manifest allows at size 9, or repeats one".into()
        )
    );
    assert_eq!(
        altered(&|note| *note += "\u{2014} witness AAAAAAA=\n"),
        (
            "checkpoint",
            "checkpoint has a line by witness, which is no cosignature and whose key the policy does not name".into()
        )
    );
    let other = |note: &mut String| {
        *note = Checkpoint::peek(note).unwrap().sign(&key(1)).unwrap();
        *note = note.replacen("\n9\n", "\n8\n", 1);
    };
    assert_eq!(
        altered(&other),
        (
            "checkpoint",
            "checkpoint: signature line of log.example.org does not verify".into()
        )
    );
}

#[test]
fn a_cosignature_ahead_of_the_clock_is_refused_where_there_is_one() {
    let mut made = watched();
    cosign(&mut made, 20, T);
    cosign(&mut made, 21, T + 1);
    let text = made.bundle.to_bytes();
    assert!(verify::bundle_at(&text, &made.policy, T - 299).verified());
    let report = verify::bundle_at(&text, &made.policy, T - 300);
    assert_eq!(
        failure(&report),
        (
            "checkpoint",
            "checkpoint: cosignature of witness21.example.org is 301 s ahead of this clock, more than 300; check the clock".into()
        )
    );
}
