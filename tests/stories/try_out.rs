//! A team tries its adapter at home on a practice form and sees what the station would see.

use assay_tests::{World, world::text};

use crate::api;

const ADAPTERS: [&str; 3] = ["seeded-guess", "always-declines", "table-expert-75"];

#[test]
fn every_example_adapter_gets_marks_and_reasons_at_home() {
    let world = World::unborn();
    for adapter in ADAPTERS {
        let component = text(&world.programs.component(adapter));
        for pack in ["bay-knowledge", "bay-reasoning"] {
            let tried = world
                .assay(&["try", &component, "--form", pack, "--json"])
                .expect_code(0)
                .json();
            let items = tried["items"].as_array().expect("a row for each item");
            assert!(items.len() >= 160, "{pack} has {} items", items.len());
            for item in items {
                assert!(item["verdict"].is_string(), "{item}");
                let passed = item["verdict"] == "pass";
                assert!(passed || item["reason"].is_string(), "no reason: {item}");
            }
        }
    }
}

#[test]
fn the_station_and_the_desk_agree_on_every_outcome() {
    let world = World::new();
    world.publish_form("bay-reasoning", &["--practice"]);
    for adapter in ADAPTERS {
        let component = world.programs.component(adapter);
        let bytes = std::fs::read(&component).expect("it is built");
        let target = format!("name={adapter}&benchmark=bay-reasoning");
        let this = api::submit(&world, &target, &bytes).json()["self"].clone();
        let document = api::closed(&world, this.as_str().expect("a link"));
        let receipt = receipt_of(&world, &document["runs"][0]);

        let nonce = receipt["nonce"].as_str().expect("a nonce");
        let tried = world
            .assay(&[
                "try",
                &text(&component),
                "--form",
                "bay-reasoning",
                "--nonce",
                nonce,
                "--json",
            ])
            .expect_code(0)
            .json();
        assert_eq!(tried["outcomes"], receipt["outcomes"], "{adapter}");
        assert_eq!(tried["counts"], receipt["counts"], "{adapter}");
        assert_eq!(tried["scores"], receipt["scores"], "{adapter}");
        assert_eq!(
            tried["usage"]["fuel"], receipt["usage"]["fuel"],
            "{adapter}"
        );
    }
}

/// The signed predicate of a run's receipt, read from the public record.
fn receipt_of(world: &World, run: &serde_json::Value) -> serde_json::Value {
    assert_eq!(run["state"], "published", "{run}");
    let envelope = world.get(run["receipt"]["href"].as_str().expect("a record"));
    let payload = envelope["payload"].as_str().expect("an envelope");
    let statement = assay_evidence::base64::decode(payload).expect("base64");
    let statement: serde_json::Value = serde_json::from_slice(&statement).expect("a statement");
    statement["predicate"].clone()
}
