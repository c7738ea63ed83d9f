//! Quorums that are met and those that are not, and who may lie without consequence.

use super::*;
use crate::{
    cosignature::{self, CosignatureError},
    digest::Digest,
    keys::Ed25519SigningKey,
    leaf,
    note::NoteError,
    tree::Tree,
    witness::{Offer, Recorded, Request},
};

const ORIGIN: &str = "log.example.org";
const T: u64 = 1_800_000_000;

fn key(seed: u8) -> Ed25519SigningKey {
    Ed25519SigningKey::from_seed([seed; 32])
}

fn log_key(seed: u8) -> VerifierKey {
    VerifierKey::new(ORIGIN, key(seed).public()).unwrap()
}

fn name(seed: u8) -> String {
    format!("witness{seed}.example.org")
}

/// Lines that define the witnesses `w10`, `w11` and so on.
fn witnesses(count: u8) -> String {
    let line = |seed| {
        let vkey = CosignerKey::new(&name(seed), key(seed).public()).unwrap();
        format!("witness w{seed} {vkey}\n")
    };
    (10..10 + count).map(line).collect()
}

fn policy(rest: &str) -> Policy {
    Policy::parse(&format!("log {}\n{rest}", log_key(1))).unwrap()
}

fn head(size: u64, root: &[u8]) -> Checkpoint {
    Checkpoint {
        origin: ORIGIN.into(),
        size,
        root: Digest::of(root),
    }
}

/// The log's line and those of these witnesses at these times.
fn note(head: &Checkpoint, cosigned: &[(u8, u64)]) -> String {
    let line = |(seed, time): &(u8, u64)| {
        cosignature::sign(head, &name(*seed), &key(*seed), *time).unwrap()
    };
    head.sign(&key(1)).unwrap() + &cosigned.iter().map(line).collect::<String>()
}

fn met(policy: &Policy, cosigned: &[(u8, u64)]) -> Option<u64> {
    match policy.check(&note(&head(7, b"r"), cosigned), None) {
        Ok(Attested {
            quorum: Quorum::Met { time, .. },
            ..
        }) => Some(time),
        Err(NotAttested::Unmet { .. }) => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_quorum_of_none_needs_the_log_alone_and_still_says_who_cosigned() {
    let policy = policy(&format!("{}quorum none\n", witnesses(1)));
    let attested = policy
        .check(&note(&head(7, b"r"), &[(10, T)]), None)
        .unwrap();
    assert_eq!(attested.checkpoint, head(7, b"r"));
    assert_eq!(attested.logs, [log_key(1)]);
    assert_eq!(attested.quorum, Quorum::None);
    let cosigned = Cosigned {
        witness: "w10".into(),
        cosigner: name(10),
        time: T,
    };
    assert_eq!(attested.cosigned, [cosigned]);
    assert_eq!(attested.quorum.freshness(T, 0), Freshness::Unknown);
}

#[test]
fn a_quorum_is_as_fresh_as_the_member_that_completes_it() {
    let policy = policy(&format!(
        "{}group g 2 w10 w11 w12\nquorum g\n",
        witnesses(3)
    ));
    assert_eq!(met(&policy, &[]), None);
    assert_eq!(met(&policy, &[(10, T)]), None);
    assert_eq!(met(&policy, &[(10, T), (12, T + 5)]), Some(T));
    let all = [(10, T), (11, T + 9), (12, T + 5)];
    assert_eq!(met(&policy, &all), Some(T + 5));
    // A second line of one witness is not a second witness, and its newest time counts.
    assert_eq!(met(&policy, &[(10, T), (10, T + 1)]), None);
    assert_eq!(met(&policy, &[(10, T), (10, T + 1), (11, T)]), Some(T));
}

#[test]
fn nested_groups_count_as_one_member_each() {
    let policy = policy(&format!(
        "{}group x 2 w10 w11 w12\ngroup y any w13 w14\ngroup both all x y\nquorum both\n",
        witnesses(5)
    ));
    assert_eq!(met(&policy, &[(10, T), (11, T), (12, T)]), None);
    assert_eq!(met(&policy, &[(13, T), (14, T), (10, T)]), None);
    let enough = [(10, T + 1), (12, T + 2), (13, T + 3)];
    assert_eq!(met(&policy, &enough), Some(T + 1));
    let refused = policy.check(&note(&head(7, b"r"), &[(10, T), (14, T)]), None);
    assert_eq!(
        refused.unwrap_err().to_string(),
        "checkpoint lacks the quorum both: no cosignature by w11, w12"
    );
}

#[test]
fn lines_of_unknown_keys_add_nothing_and_bad_lines_of_known_keys_refuse() {
    let policy = policy(&format!("{}quorum w10\n", witnesses(1)));
    let missing = Err(NotAttested::Unmet {
        name: "w10".into(),
        cosigned: vec![],
        missing: vec!["w10".into()],
    });
    assert_eq!(
        policy.check(&note(&head(7, b"r"), &[(11, T)]), None),
        missing
    );
    // The witness's key under another name, and the log's line copied under the witness's.
    let renamed = cosignature::sign(&head(7, b"r"), "another", &key(10), T).unwrap();
    let text = head(7, b"r").sign(&key(1)).unwrap();
    assert_eq!(policy.check(&(text.clone() + &renamed), None), missing);
    let other = note(&head(7, b"s"), &[(10, T)]);
    let (_, foreign) = other.trim_end().rsplit_once('\n').unwrap();
    let bad = NoteError::BadSignature(name(10));
    assert_eq!(
        policy.check(&format!("{text}{foreign}\n"), None),
        Err(CheckpointError::Cosignature(CosignatureError::Note(bad)).into())
    );
}

#[test]
fn a_log_may_sign_with_either_of_two_keys_but_must_sign() {
    let policy = Policy::parse(&format!(
        "log {}\nlog {}\nquorum none\n",
        log_key(1),
        log_key(2)
    ))
    .unwrap();
    let head = head(7, b"r");
    let signed = |seed| head.sign(&key(seed)).unwrap();
    let line = |seed| signed(seed).split_once("\n\n").unwrap().1.to_owned();
    let by = |note: &str| policy.check(note, None).map(|attested| attested.logs);
    assert_eq!(by(&signed(1)), Ok(vec![log_key(1)]));
    assert_eq!(by(&signed(2)), Ok(vec![log_key(2)]));
    assert_eq!(
        by(&(signed(2) + &line(1))),
        Ok(vec![log_key(1), log_key(2)])
    );
    assert_eq!(
        by(&signed(3)),
        Err(CheckpointError::Unsigned(ORIGIN.into()).into())
    );
    let other = Checkpoint {
        size: 8,
        ..head.clone()
    };
    let other = other.sign(&key(2)).unwrap();
    let spoiled = signed(1) + other.split_once("\n\n").unwrap().1;
    let bad = NoteError::BadSignature(ORIGIN.into());
    assert_eq!(by(&spoiled), Err(CheckpointError::Note(bad).into()));
}

#[test]
fn a_cosignature_from_the_future_refuses_only_whoever_has_a_clock() {
    let policy = policy(&format!("{}quorum w10\n", witnesses(1)));
    let note = note(&head(7, b"r"), &[(10, T)]);
    assert!(policy.check(&note, None).is_ok());
    assert!(policy.check(&note, Some(T - 300)).is_ok());
    let refused = CosignatureError::Future {
        name: name(10),
        ahead: 301,
    };
    assert_eq!(
        policy.check(&note, Some(T - 301)),
        Err(CheckpointError::Cosignature(refused).into())
    );
}

#[test]
fn a_quorum_older_than_an_hour_is_stale() {
    let quorum = Quorum::Met {
        name: "q".into(),
        time: T,
    };
    let at = |now| quorum.freshness(now, QUORUM_SECONDS_MAX);
    assert_eq!(at(T - 200), Freshness::Fresh(0));
    assert_eq!(at(T + 3600), Freshness::Fresh(3600));
    assert_eq!(at(T + 3601), Freshness::Stale(3601));
}

#[test]
fn a_checkpoint_of_another_log_is_refused_by_its_name() {
    let policy = Policy::parse(&format!("log {}\nquorum none\n", log_key(1))).unwrap();
    let other = Checkpoint {
        origin: "log.example.net".into(),
        ..head(7, b"r")
    };
    let refused = policy.check(&other.sign(&key(1)).unwrap(), None);
    assert_eq!(
        refused,
        Err(NotAttested::UnknownLog("log.example.net".into()))
    );
}

/// Two heads of one size, both signed by the log; three honest witnesses and one that signs all.
struct Schedules {
    heads: [Checkpoint; 2],
    bodies: [String; 2],
    lines: Vec<[String; 2]>,
    policy: Policy,
}

const HONEST: usize = 3;

impl Schedules {
    fn new(threshold: usize) -> Self {
        let tree = |last: &[u8]| [b"a", b"b", last].map(leaf::hash).into_iter().collect();
        let trees: [Tree; 2] = [tree(b"c"), tree(b"d")];
        let heads = trees.map(|tree| Checkpoint {
            origin: ORIGIN.into(),
            size: 3,
            root: tree.root(),
        });
        let bodies = heads.clone().map(|head| {
            let note = head.sign(&key(1)).unwrap();
            let (old, proof) = (0, vec![]);
            Request { old, proof, note }.to_body()
        });
        let line = |seed: u8| {
            let sign = |head| cosignature::sign(head, &name(seed), &key(seed), T).unwrap();
            heads.each_ref().map(sign)
        };
        let lines = (10..=13).map(line).collect();
        let policy = policy(&format!(
            "{}group g {threshold} w10 w11 w12 w13\nquorum g\n",
            witnesses(4)
        ));
        Self {
            heads,
            bodies,
            lines,
            policy,
        }
    }

    /// Which of the two heads get their quorum when the honest witnesses are asked in this order.
    fn run(&self, order: &[usize]) -> [bool; 2] {
        let mut recorded: [Option<Recorded>; HONEST] = [const { None }; HONEST];
        let mut notes = self
            .heads
            .each_ref()
            .map(|head| head.sign(&key(1)).unwrap());
        for (note, line) in notes.iter_mut().zip(&self.lines[HONEST]) {
            note.push_str(line);
        }
        for message in order {
            let (witness, side) = (message / 2, message % 2);
            let offer = Offer::open(self.bodies[side].as_bytes(), |_| vec![log_key(1)]).unwrap();
            let state = &mut recorded[witness];
            if offer.judge(state.as_ref()).is_ok() {
                let Checkpoint { size, root, .. } = *offer.checkpoint();
                *state = Some(Recorded { size, root });
                notes[side].push_str(&self.lines[witness][side]);
            }
        }
        notes.map(|note| self.policy.check(&note, None).is_ok())
    }
}

/// Every order of the messages, by exchanging each with each later one.
fn each_order(order: &mut [usize], from: usize, visit: &mut impl FnMut(&[usize])) {
    if from == order.len() {
        return visit(order);
    }
    for other in from..order.len() {
        order.swap(from, other);
        each_order(order, from + 1, visit);
        order.swap(from, other);
    }
}

/// How many of all orders in which two heads reach three honest witnesses give a quorum to both.
fn split_views(threshold: usize) -> (usize, usize) {
    let schedules = Schedules::new(threshold);
    let (mut orders, mut both) = (0, 0);
    each_order(&mut [0, 1, 2, 3, 4, 5], 0, &mut |order| {
        orders += 1;
        both += usize::from(schedules.run(order) == [true, true]);
    });
    (orders, both)
}

#[test]
fn no_order_of_messages_gives_two_quorums_of_three_when_one_of_four_lies() {
    assert_eq!(split_views(3), (720, 0));
}

#[test]
fn quorums_of_two_can_be_split_by_one_liar() {
    let (orders, both) = split_views(2);
    assert_eq!(orders, 720);
    assert!(both > 0, "the search above would find nothing");
}
