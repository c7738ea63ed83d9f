//! The layers that confined each role during a run, as the receipt's 32 hex digits and in words.
//!
//! The bits are set by the enclave's self-report; this module only names them.

use std::{fmt, str::FromStr};

use thiserror::Error;

use crate::hex;

/// Name and meaning of each layer; its position is its bit.
pub const LAYERS: [Layer; 22] = [
    layer("user-namespace", "own user namespace, no capabilities"),
    layer(
        "net-namespace",
        "own network namespace: only a loopback that is down",
    ),
    layer("mount-namespace", "own mount namespace"),
    layer("ipc-namespaces", "own ipc, uts and cgroup namespaces"),
    layer("pid-namespace", "own pid namespace"),
    layer("no-new-privs", "no new privileges"),
    layer("not-dumpable", "not dumpable, no core files"),
    layer(
        "landlock-files",
        "Landlock: opening a known path is refused",
    ),
    layer("landlock-net", "Landlock: bind and connect are refused"),
    layer(
        "landlock-scopes",
        "Landlock: signals and abstract sockets are refused",
    ),
    layer(
        "filter-calls",
        "system call filter: each listed call is refused",
    ),
    layer(
        "filter-executable",
        "system call filter: executable mappings are refused",
    ),
    layer(
        "no-write-execute",
        "memory is never writable and executable",
    ),
    layer("rlimits", "resource limits in force"),
    layer("cgroup", "cgroup caps on memory and processes"),
    layer("no-swap", "no active swap"),
    layer("no-shared-cores", "no page merging, no shared cores"),
    layer("no-compiler", "the program contains no compiler"),
    layer("image-verified", "native image authenticated and sealed"),
    layer("secrets-locked", "secrets locked in memory"),
    layer("attested-hardware", "runs inside attested hardware"),
    layer("own-user", "runs under a user of its own"),
];

/// One layer of confinement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layer {
    /// Stable kebab-case name.
    pub name: &'static str,
    /// What it means, in words.
    pub says: &'static str,
}

const fn layer(name: &'static str, says: &'static str) -> Layer {
    Layer { name, says }
}

/// The four maps of a receipt; zero for a role that did not run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Confinement {
    /// Map of the keeper.
    pub keeper: u32,
    /// Map of the compiler.
    pub compiler: u32,
    /// Map of the runner, ANDed over all its processes.
    pub runner: u32,
    /// Map of the courier.
    pub courier: u32,
}

/// The text is no set of four maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("confinement is not 32 lowercase hex digits with bits 0 to 21 alone")]
pub struct ConfinementError;

/// The layers of one map, lowest bit first.
pub fn layers(map: u32) -> impl Iterator<Item = &'static Layer> {
    LAYERS
        .iter()
        .enumerate()
        .filter(move |(bit, _)| map >> bit & 1 == 1)
        .map(|(_, layer)| layer)
}

/// The bit of a layer by its name.
pub fn bit(name: &str) -> Option<u32> {
    let position = LAYERS.iter().position(|layer| layer.name == name)?;
    u32::try_from(position).ok()
}

impl fmt::Display for Confinement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            keeper,
            compiler,
            runner,
            courier,
        } = self;
        write!(f, "{keeper:08x}{compiler:08x}{runner:08x}{courier:08x}")
    }
}

impl FromStr for Confinement {
    type Err = ConfinementError;

    fn from_str(text: &str) -> Result<Self, ConfinementError> {
        let bytes = hex::decode(text).map_err(|_| ConfinementError)?;
        let (maps, rest) = bytes.as_chunks::<4>();
        let &[keeper, compiler, runner, courier] = maps else {
            return Err(ConfinementError);
        };
        let [keeper, compiler, runner, courier] =
            [keeper, compiler, runner, courier].map(u32::from_be_bytes);
        let has_unknown = (keeper | compiler | runner | courier) >> LAYERS.len() != 0;
        if has_unknown || !rest.is_empty() {
            return Err(ConfinementError);
        }
        Ok(Self {
            keeper,
            compiler,
            runner,
            courier,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_maps_are_32_digits_and_back() {
        let maps = Confinement {
            keeper: 0x20_0020,
            compiler: 0x20,
            runner: 0x2_3820,
            courier: 0,
        };
        assert_eq!(maps.to_string(), "00200020000000200002382000000000");
        assert_eq!(maps.to_string().parse(), Ok(maps));
    }

    #[test]
    fn other_lengths_unknown_bits_and_upper_case_are_refused() {
        for bad in [
            "",
            "00",
            "00200020000000200002382000000000ff",
            "00400000000000000000000000000000",
            "0000000000000000000000000000000A",
        ] {
            assert_eq!(bad.parse::<Confinement>(), Err(ConfinementError), "{bad}");
        }
    }

    #[test]
    fn a_map_reads_as_words_in_bit_order() {
        let names: Vec<_> = layers(0x20_0021).map(|layer| layer.name).collect();
        assert_eq!(names, ["user-namespace", "no-new-privs", "own-user"]);
        assert_eq!(bit("own-user"), Some(21));
        assert_eq!(bit("unheard-of"), None);
    }
}
