//! Audits over HTTP: from any web server over the folder, and from one that answers badly.

use std::sync::atomic::Ordering;

use assay_evidence::tile::{BUNDLE_BYTES_MAX, TILE_BYTES_MAX};

use super::{
    web::{Fault, Web},
    *,
};

/// What lies in the sockets between two programs of one machine at most.
const IN_FLIGHT_MAX: u64 = 32 << 20;

impl Scene {
    fn served(&self, faults: &[(&str, Fault)]) -> (Audit, Web) {
        let web = Web::serve(&self.log.folder, faults);
        let station = web.address.clone();
        let audit = Audit {
            station,
            ..self.audit()
        };
        (audit, web)
    }

    /// What is found first when one file is served badly.
    fn found_over_http(&self, path: &str, fault: Fault) -> (Breach, String) {
        let (audit, _web) = self.served(&[(path, fault)]);
        let report = run(&audit).unwrap();
        found(&report).swap_remove(0)
    }
}

#[test]
fn any_web_server_over_the_folder_gives_the_same_audit() {
    let scene = Scene::new();
    let packed = [
        ("tile/0/000", Fault::Packed),
        ("tile/entries/001", Fault::Packed),
    ];
    for faults in [&[] as &[_], &packed] {
        let (audit, _web) = scene.served(faults);
        let report = run(&audit).unwrap();
        assert_eq!(found(&report), []);
        assert_eq!(report.checked, scene.report().checked);
    }
}

#[test]
fn a_tile_that_is_cut_wide_long_or_packed_badly_is_named() {
    let scene = Scene::new();
    let differs = "differs from the hashes of the entries";
    let long = "has more than 8192 bytes";
    let tiles = ["tile/0/000", "tile/0/002.p/88", "tile/1/000.p/2"];
    for (fault, says) in [
        (Fault::Short, differs),
        (Fault::Longer(1), "?"),
        (Fault::Longer(TILE_BYTES_MAX), long),
        (Fault::Bomb(TILE_BYTES_MAX), differs),
        (Fault::Bomb(TILE_BYTES_MAX + 1), long),
        (Fault::Bomb(64 << 20), long),
        (Fault::Endless, long),
        (Fault::NotPacked, "is sent as gzip and is none"),
    ] {
        for tile in tiles {
            let says = match says {
                // A full tile is as long as a tile may be, a partial one may only be as long as it is.
                "?" if tile == "tile/0/000" => long,
                "?" => differs,
                says => says,
            };
            let named = (Breach::BadTile, format!("{tile} {says}"));
            assert_eq!(scene.found_over_http(tile, fault), named, "{fault:?}");
        }
    }
}

#[test]
fn a_bundle_that_is_cut_wide_long_or_packed_badly_is_named() {
    let scene = Scene::new();
    let path = "tile/entries/001";
    let unended = ": bundle of 256 entries does not end with the last of them";
    let long = format!(" has more than {BUNDLE_BYTES_MAX} bytes");
    for (fault, says) in [
        (Fault::Short, unended),
        (Fault::Longer(1), unended),
        (Fault::Longer(BUNDLE_BYTES_MAX), &long),
        (Fault::Bomb(BUNDLE_BYTES_MAX + 1), &long),
        (Fault::Endless, &long),
        (Fault::NotPacked, " is sent as gzip and is none"),
    ] {
        let named = (Breach::BadEntry, format!("{path}{says}"));
        assert_eq!(scene.found_over_http(path, fault), named, "{fault:?}");
    }
}

#[test]
fn an_endless_checkpoint_is_cut_off() {
    let scene = Scene::new();
    let says = "checkpoint has more than 65536 bytes".to_owned();
    assert_eq!(
        scene.found_over_http("checkpoint", Fault::Endless),
        (Breach::BadCheckpoint, says)
    );
}

#[test]
fn of_an_endless_file_no_more_is_taken_than_it_may_have() {
    let scene = Scene::new();
    let (audit, web) = scene.served(&[("tile/entries/000", Fault::Endless)]);
    assert_eq!(run(&audit).unwrap().findings[0].name, Breach::BadEntry);
    let taken = web.taken.load(Ordering::Relaxed);
    assert!(taken < BUNDLE_BYTES_MAX as u64 + IN_FLIGHT_MAX, "{taken}");
}

#[test]
fn what_the_network_does_is_no_finding_and_names_the_file() {
    let scene = Scene::new();
    for (fault, says) in [
        (Fault::Status("503 Service Unavailable"), "status 503"),
        (Fault::BrokenOff, "Peer disconnected"),
    ] {
        let (audit, web) = scene.served(&[("tile/0/000", fault)]);
        let refused = run(&audit).unwrap_err().to_string();
        let address = &web.address;
        assert_eq!(
            refused,
            format!(
                "{address}/tile/0/000 does not answer: {says}; try again, what was checked so far is not kept"
            )
        );
    }
}
