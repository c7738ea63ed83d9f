//! What a run derives from its secret: item order, item seeds and the salted tree of outcomes.
//!
//! All of it is unpredictable outside the enclave and recomputable after the reveal. Marks and
//! answers are made elsewhere.

use serde::{Deserialize, Serialize};

use crate::{
    digest::Digest,
    hkdf, json,
    record::Outcomes,
    seal::{numbered, salted_tree},
    tree::Tree,
};

const ORDER_LABEL: &[u8] = b"assay/order/v1";

/// The secret of a run, from the form seed and the run's nonce.
pub fn run_secret(form_seed: &[u8; 32], nonce: &Digest) -> [u8; 32] {
    hkdf::derive(form_seed, nonce.as_bytes(), b"assay/run-outcomes/v1")
}

/// The order in which a run asks its items: a permutation of `0..count`.
///
/// Key: HKDF(run secret, info "assay/order/v1"). Stream: u64be words of the blocks HKDF(key, info
/// "assay/order/v1" ‖ u64be block), block 0, 1, 2, …. Shuffle: Fisher–Yates from the last place
/// down; the partner of place i is a word modulo i + 1, words at or above the largest multiple of
/// i + 1 below 2^64 being skipped.
pub fn item_order(run_secret: &[u8; 32], count: u32) -> Vec<u32> {
    let mut order: Vec<u32> = (0..count).collect();
    let mut words = Words::new(run_secret);
    for place in (1..order.len()).rev() {
        let partner = words.below(place as u64 + 1) as usize;
        order.swap(place, partner);
    }
    order
}

/// The seed that the adapter is given with an item: the first 8 bytes, big-endian, of HKDF(run
/// secret, info "assay/item-seed/v1" ‖ digest of the item bytes).
pub fn item_seed(run_secret: &[u8; 32], item: &Digest) -> u64 {
    let info = [b"assay/item-seed/v1".as_slice(), item.as_bytes()].concat();
    let derived = hkdf::derive(run_secret, &[], &info);
    let (words, _) = derived.as_chunks::<8>();
    u64::from_be_bytes(words[0])
}

/// The salt of outcome `index`.
pub fn outcome_salt(run_secret: &[u8; 32], index: u64) -> [u8; 32] {
    hkdf::derive(run_secret, &[], &numbered(b"assay/item-outcome/v1", index))
}

/// What a run made of one item, as its leaf commits it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemOutcome {
    /// Place of the item in the form.
    pub item: u64,
    /// Points as a decimal string.
    pub points: String,
    /// Verdict of the graders.
    pub verdict: String,
}

/// The committed bytes of one outcome: canonical `{"item":…,"points":…,"verdict":…}`.
pub fn outcome_bytes(index: u64, points: &str, verdict: &str) -> Vec<u8> {
    json::to_vec(&ItemOutcome {
        item: index,
        points: points.to_owned(),
        verdict: verdict.to_owned(),
    })
}

/// Root and leaf count of the salted tree over (points, verdict) of all items, in item order.
pub fn tree(run_secret: &[u8; 32], outcomes: &[(&str, &str)]) -> Outcomes {
    let tree = leaves(run_secret, outcomes);
    Outcomes {
        leaves: tree.size(),
        root: tree.root(),
    }
}

/// The same tree with all its leaves.
pub fn leaves(run_secret: &[u8; 32], outcomes: &[(&str, &str)]) -> Tree {
    let contents = outcomes
        .iter()
        .enumerate()
        .map(|(index, (points, verdict))| outcome_bytes(index as u64, points, verdict));
    salted_tree(|index| outcome_salt(run_secret, index), contents)
}

/// The word stream of [`item_order`].
struct Words {
    key: [u8; 32],
    block: [u8; 32],
    drawn: u64,
}

impl Words {
    const PER_BLOCK: u64 = 4;

    fn new(run_secret: &[u8; 32]) -> Self {
        Self {
            key: hkdf::derive(run_secret, &[], ORDER_LABEL),
            block: [0; 32],
            drawn: 0,
        }
    }

    fn next(&mut self) -> u64 {
        let (block, word) = (self.drawn / Self::PER_BLOCK, self.drawn % Self::PER_BLOCK);
        if word == 0 {
            self.block = hkdf::derive(&self.key, &[], &numbered(ORDER_LABEL, block));
        }
        self.drawn += 1;
        let (words, _) = self.block.as_chunks::<8>();
        u64::from_be_bytes(words[word as usize])
    }

    /// A uniform number below `bound`, which is not 0.
    fn below(&mut self, bound: u64) -> u64 {
        // 2^64 mod bound words at the top would favour small numbers.
        let surplus = (u64::MAX % bound + 1) % bound;
        loop {
            let word = self.next();
            if word <= u64::MAX - surplus {
                return word % bound;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{hex, seal::salted_leaf};

    fn secret() -> [u8; 32] {
        let seed = Digest::of(b"TEST ONLY form seed").0;
        run_secret(&seed, &Digest::of(b"TEST ONLY run nonce"))
    }

    #[test]
    fn the_outcome_vectors_hold() {
        assert_eq!(
            hex::encode(&secret()),
            "a8679346ae8721b05bc969f8c25a892aba21a4829a7064bf548bffe9e29a2244"
        );
        assert_eq!(
            hex::encode(&outcome_salt(&secret(), 0)),
            "47e257fd558d7e754d9c2b6569e2843658ef9f4bb3fd3486162fe1f877fd6a9e"
        );
        let bytes = outcome_bytes(0, "1", "pass");
        assert_eq!(bytes, br#"{"item":0,"points":"1","verdict":"pass"}"#);
        assert_eq!(
            salted_leaf(&outcome_salt(&secret(), 0), &bytes).to_string(),
            "c14ec1e7ccbaac7e9e081e90eac72be1b951ccc7ab88c7f303baa8437419abf8"
        );
    }

    #[test]
    fn the_tree_is_padded_and_bound_to_place_points_and_verdict() {
        let root = |outcomes: &[(&str, &str)]| tree(&secret(), outcomes);
        let base = root(&[("1", "pass"), ("0", "fail")]);
        assert_eq!(base.leaves, 64);
        assert_eq!(root(&[("1", "pass"); 65]).leaves, 128);
        assert_ne!(base.root, root(&[("0", "fail"), ("1", "pass")]).root);
        assert_ne!(base.root, root(&[("1", "fail"), ("0", "fail")]).root);
    }

    #[test]
    fn the_order_is_a_permutation_that_the_secret_alone_fixes() {
        let order = item_order(&secret(), 160);
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..160).collect::<Vec<_>>());
        assert_eq!(order, item_order(&secret(), 160));
        assert_ne!(order, item_order(&[0; 32], 160));
        assert_eq!(item_order(&secret(), 0), Vec::<u32>::new());
        assert_eq!(item_order(&secret(), 1), [0]);
    }

    #[test]
    fn no_place_is_favoured() {
        let mut seen = [[0_u32; 4]; 4];
        for nonce in 0..4000_u32 {
            let secret = Digest::of(&nonce.to_be_bytes()).0;
            for (place, item) in item_order(&secret, 4).into_iter().enumerate() {
                seen[place][item as usize] += 1;
            }
        }
        assert!(
            seen.iter()
                .flatten()
                .all(|count| (850..1150).contains(count)),
            "{seen:?}"
        );
    }

    #[test]
    fn item_seeds_differ_by_item_and_by_run() {
        let (a, b) = (Digest::of(b"item 0"), Digest::of(b"item 1"));
        assert_ne!(item_seed(&secret(), &a), item_seed(&secret(), &b));
        assert_ne!(item_seed(&secret(), &a), item_seed(&[0; 32], &a));
    }
}
