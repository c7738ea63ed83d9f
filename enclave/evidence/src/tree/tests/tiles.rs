//! A log that grows by its edge and proves from its tiles agrees with the tree in memory.

use std::{collections::BTreeMap, convert::Infallible};

use super::*;
use crate::tile::{FULL, TileAt, TileKind};

/// A log as its tiles and its edge.
#[derive(Default)]
struct Tiled {
    tiles: BTreeMap<TileAt, Vec<Digest>>,
    edge: Edge,
    tree: Tree,
}

impl Tiled {
    fn of(size: u64) -> Self {
        let mut log = Self::default();
        log.grow(size);
        log
    }

    fn grow(&mut self, count: u64) {
        let from = self.edge.size();
        let leaves: Vec<Digest> = (from..from + count)
            .map(|i| leaf::hash(&i.to_be_bytes()))
            .collect();
        self.tree = leaves
            .iter()
            .fold(std::mem::take(&mut self.tree), |mut tree, leaf| {
                tree.push(*leaf);
                tree
            });
        for tile in self.edge.extend(leaves) {
            let before = self.tiles.insert(tile.at, tile.hashes);
            assert_eq!(before, None, "{:?} was written twice", tile.at);
        }
    }

    fn answer(&self, query: &Query) -> Vec<Digest> {
        let needed = query.tiles();
        let answer = query.answer(|at| {
            assert!(needed.contains(&at), "{at:?} was not named");
            self.tiles.get(&at).map(Vec::as_slice).ok_or(at)
        });
        answer.unwrap()
    }
}

fn read_edge(log: &Tiled) -> Edge {
    Edge::read(log.edge.size(), |at| {
        Ok::<_, Infallible>(log.tiles[&at].clone())
    })
    .unwrap()
}

#[test]
fn an_edge_has_the_root_of_the_tree_at_every_size() {
    let mut log = Tiled::default();
    assert_eq!(log.edge.root(), Digest::of(b""));
    for size in 1..=600 {
        log.grow(1);
        assert_eq!(log.edge.size(), size);
        assert_eq!(log.edge.root(), log.tree.root(), "{size}");
    }
    assert_eq!(log.edge.partial(0), &leaves(600)[512..]);
    assert_eq!(log.edge.partial(2), &[]);
}

#[test]
fn growth_gives_the_full_tiles_and_the_partial_ones_that_changed() {
    let mut log = Tiled::of(255);
    let grown: Vec<String> = log
        .edge
        .extend(leaves(258)[255..].iter().copied())
        .iter()
        .map(|tile| tile.at.path())
        .collect();
    assert_eq!(grown, ["tile/0/000", "tile/0/001.p/2", "tile/1/000.p/1"]);
    let grown: Vec<String> = log
        .edge
        .extend(leaves(259)[258..].iter().copied())
        .iter()
        .map(|tile| tile.at.path())
        .collect();
    assert_eq!(grown, ["tile/0/001.p/3"]);
    assert_eq!(log.edge.extend([]), []);
}

#[test]
fn a_full_level_is_handed_up_and_forgotten() {
    let mut log = Tiled::of(65_536);
    assert_eq!(log.edge.root(), log.tree.root());
    assert_eq!(Edge::tiles(65_536).len(), 1);
    assert_eq!(log.edge.partial(0), &[]);
    assert_eq!(log.edge.partial(1), &[]);
    assert_eq!(log.edge.partial(2), &[log.tree.root()]);
    assert_eq!(read_edge(&log), log.edge);
    log.grow(1);
    assert_eq!(log.edge.root(), log.tree.root());
    let far = Query::consistency(255, 65_537, 65_537);
    assert_eq!(log.answer(&far), log.tree.consistency(255, 65_537));
    let deep = Query::inclusion(300, 65_537, 65_537);
    assert_eq!(log.answer(&deep), log.tree.inclusion(300, 65_537));
}

#[test]
fn a_tile_is_partial_only_at_the_right_edge() {
    let width = |level, n, size| tile_at(level, n, size).width;
    assert_eq!(width(0, 0, 300), FULL);
    assert_eq!(width(0, 1, 300), 44);
    assert_eq!(width(1, 0, 70_000), FULL);
    assert_eq!(width(1, 1, 70_000), 17);
    assert_eq!(tile_at(2, 0, 70_000).kind, TileKind::Hashes(2));
}

proptest! {
    #[test]
    fn tiles_give_the_roots_and_proofs_of_the_tree(
        steps in prop::collection::vec(1_u64..400, 1..8),
        picks in prop::collection::vec(any::<(u64, u64)>(), 1..20),
    ) {
        let mut log = Tiled::default();
        for step in steps {
            log.grow(step);
            let size = log.edge.size();
            prop_assert_eq!(log.edge.root(), log.tree.root());
            prop_assert_eq!(&read_edge(&log), &log.edge);
            for (first, second) in &picks {
                let at = 1 + first % size;
                let (index, old) = (second % at, second % (at + 1));
                prop_assert_eq!(log.answer(&Query::root(at, size)), vec![log.tree.root_at(at)]);
                let inclusion = Query::inclusion(index, at, size);
                prop_assert_eq!(log.answer(&inclusion), log.tree.inclusion(index, at));
                let consistency = Query::consistency(old, at, size);
                prop_assert_eq!(log.answer(&consistency), log.tree.consistency(old, at));
            }
        }
    }
}
