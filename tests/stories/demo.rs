//! A stranger runs the demo: real runs, bundles that verify, a second start that changes nothing.

use assay_tests::{World, world::text};
use serde_json::Value;

#[test]
fn the_demo_publishes_runs_whose_bundles_verify() {
    let world = World::unborn();
    let folder = world.path("demo");
    let said = demo_once(&world, &folder, &[]);

    let runs = said["runs"].as_array().expect("a list of runs");
    assert_eq!(runs.len(), 24, "six systems on two forms of two benchmarks");
    assert!(
        runs.iter().all(|run| run["state"] == "published"),
        "{runs:#?}"
    );
    let policy = said["policy"].as_str().expect("a policy file").to_owned();
    let mut arguments = vec!["verify", "--policy", &policy];
    arguments.extend(
        runs.iter()
            .map(|run| run["bundle"].as_str().expect("a file")),
    );
    world.assay(&arguments).expect_code(0);

    let again = demo_once(&world, &folder, &[]);
    assert_eq!(ids(&again), ids(&said), "a second start runs nothing again");
    let reset = demo_once(&world, &folder, &["--reset"]);
    assert_ne!(ids(&reset), ids(&said), "a reset begins anew");
}

#[test]
fn a_demo_folder_that_is_no_demo_is_left_alone() {
    let world = World::unborn();
    let folder = world.path("mine");
    std::fs::create_dir(&folder).expect("the folder is writable");
    std::fs::write(folder.join("thesis.txt"), "precious").expect("the folder is writable");
    for extra in [&[][..], &["--reset"][..]] {
        let mut arguments = vec!["demo", "--once", "--dir"];
        let dir = text(&folder);
        arguments.push(&dir);
        arguments.extend_from_slice(extra);
        let refused = world.assay(&arguments);
        assert_ne!(refused.code, 0);
        assert!(refused.err.contains(&dir), "{}", refused.err);
        let kept = std::fs::read_to_string(folder.join("thesis.txt"));
        assert_eq!(kept.expect("still there"), "precious");
    }
}

fn demo_once(world: &World, folder: &std::path::Path, extra: &[&str]) -> Value {
    let dir = text(folder);
    let mut arguments = vec![
        "demo",
        "--once",
        "--json",
        "--dir",
        &dir,
        "--listen",
        "127.0.0.1:0",
    ];
    arguments.extend_from_slice(extra);
    world.assay(&arguments).expect_code(0).json()
}

fn ids(said: &Value) -> Vec<&str> {
    let runs = said["runs"].as_array().expect("a list of runs");
    runs.iter().filter_map(|run| run["id"].as_str()).collect()
}
