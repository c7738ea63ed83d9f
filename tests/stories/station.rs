//! A station as outsiders see it: its public files, its open runs, its runs without a result.

use std::{fs, path::Path};

use assay_tests::{
    World, guests, processes,
    static_files::{StaticFiles, files_below},
    waiting,
    world::text,
};
use serde_json::Value;

use crate::{api, log};

/// Enough turns for an item to take tens of milliseconds.
const LOOPS: u64 = 12_000_000;

#[test]
fn any_static_web_server_over_the_public_folder_answers_as_the_station_does() {
    let mut world = World::new();
    world.publish_form("bay-knowledge", &[]);
    let component = world.programs.component("seeded-guess");
    let said = world.submit(&component, "Guess", "bay-knowledge");
    let document = api::closed(&world, said["self"].as_str().expect("a link"));
    let folder = world.station().join("data/public");
    let public = public_paths(&world, &document);
    let files = StaticFiles::serve(&folder);
    same_answers(&world, &files, &public);
    let lying_there: Vec<String> = files_below(&folder)
        .into_iter()
        .map(|path| format!("/{path}"))
        .collect();
    same_answers(&world, &files, &lying_there);
    for private in private_blobs(&world) {
        let path = blob_path(&private);
        assert_eq!(api::get(&world, &path).status, 404, "{path}");
        assert!(!lying_there.contains(&path));
    }
    drop(files);

    // What somebody removes comes back after the next start.
    world.crash_server();
    for name in ["blob", "bundle"] {
        fs::remove_dir_all(folder.join(name)).expect("it is there");
    }
    fs::remove_file(folder.join("policy")).expect("it is there");
    world.serve();
    let files = StaticFiles::serve(&folder);
    waiting::until("the public folder is whole again", || {
        let is_there = |path: &String| fetch(&files.address, path).0 == 200;
        public.iter().all(is_there).then_some(())
    });
    same_answers(&world, &files, &public);
}

#[test]
fn an_open_run_and_one_without_a_result_are_listed_with_age_and_reason() {
    let world = World::new();
    let form = world.publish_form("bay-reasoning", &[]);
    let component = world.path("slow.wasm");
    fs::write(&component, guests::slow(LOOPS)).expect("the folder is writable");
    world.submit(&component, "Slow", "bay-reasoning");
    let open = waiting::until("an open run on the station's page", || {
        let document = world.get("/api/v1/station");
        let open = document["runs_open"].as_array()?.first()?.clone();
        // The log shows an intent a moment before the run's row names it.
        open["run"].is_object().then_some(open)
    });
    assert_eq!(open["run"]["name"], "Slow");
    assert_eq!(open["run"]["form"], form["form"]);
    assert_eq!(open["overdue"], false);
    assert!(open["age_seconds"].is_u64(), "{open}");
    let intent = world.get(open["intent"]["href"].as_str().expect("a path"));
    assert_eq!(intent["payloadType"], "application/vnd.in-toto+json");

    let keeper = waiting::until("a keeper at work", || {
        processes::descendant_named(world.server_pid(), "role keeper")
    });
    processes::kill(keeper);
    let aborted = waiting::until("a run without a result on the station's page", || {
        let document = world.get("/en/station.json");
        assert_eq!(document["quorum"]["rule"], "none");
        Some(document["runs_aborted"].as_array()?.first()?.clone())
    });
    assert_eq!(aborted["run"]["reason"], "keeper-lost");
    assert!(aborted["age_seconds"].is_u64(), "{aborted}");
    let page = api::get(&world, "/en/station");
    let page = String::from_utf8(page.body).expect("a page is text");
    assert!(page.contains("keeper-lost"), "{page}");
}

/// Every path that the station's documents and records name, and that anybody may read.
fn public_paths(world: &World, document: &Value) -> Vec<String> {
    let mut paths = ["/policy", "/manifest.json"].map(str::to_owned).to_vec();
    for run in document["runs"].as_array().expect("a list") {
        paths.push(run["bundle"].as_str().expect("it is published").to_owned());
    }
    for (name, predicate) in log::records(world) {
        let digests = match name.as_str() {
            "form-commitment" => vec![&predicate["terms"]],
            "snapshot" => vec![
                &predicate["inputs"],
                &predicate["output"],
                &predicate["policies"][0],
            ],
            _ => vec![],
        };
        let hex = |blob: &Value| blob["sha256"].as_str().expect("a digest").to_owned();
        paths.extend(digests.into_iter().map(|blob| blob_path(&hex(blob))));
    }
    assert!(paths.len() >= 7, "{paths:?}");
    paths
}

/// Digests in records whose bytes stay with the station: adapters and sealed files.
fn private_blobs(world: &World) -> Vec<String> {
    let records = log::records(world);
    let adapters = records
        .iter()
        .filter(|(name, _)| name == "submission")
        .map(|(_, predicate)| predicate["adapter"]["sha256"].as_str().expect("a digest"));
    let forms = world.get("/api/v1/forms");
    let seals = forms["rows"].as_array().expect("a list").iter();
    let seals = seals.map(|form| form["seal_sha256"].as_str().expect("a digest"));
    let found: Vec<String> = adapters.chain(seals).map(str::to_owned).collect();
    for digest in &found {
        let kept = world
            .station()
            .join("data/blob")
            .join(&digest[..2])
            .join(digest);
        assert!(Path::new(&text(&kept)).is_file(), "the station has it");
    }
    assert_eq!(found.len(), 2);
    found
}

fn same_answers(world: &World, files: &StaticFiles, paths: &[String]) {
    for path in paths {
        let ours = api::get(world, path);
        let (status, body) = fetch(&files.address, path);
        assert_eq!((ours.status, status), (200, 200), "{path}");
        assert!(ours.body == body, "{path} differs");
    }
}

fn fetch(address: &str, path: &str) -> (u16, Vec<u8>) {
    let answer = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .new_agent()
        .get(format!("{address}{path}"))
        .call()
        .expect("the file server answers");
    let status = answer.status().as_u16();
    let body = answer.into_body().read_to_vec();
    (status, body.expect("a whole body"))
}

fn blob_path(hex: &str) -> String {
    format!("/blob/{}/{hex}", &hex[..2])
}
