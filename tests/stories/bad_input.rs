//! What bad input gets: one clear sentence, the right code, and nothing half-written.

use std::{fs, io::Write, net::TcpStream, path::Path};

use assay_tests::{World, programs::root, world::text};

use crate::api;

#[test]
fn uploads_that_are_no_adapter_are_refused_with_the_way_out() {
    let world = World::new();
    world.publish_form("bay-knowledge", &[]);
    let core = wat::parse_str("(module (func (export \"respond\")))").expect("valid text");
    let importing = wat::parse_str(
        "(component (import \"wasi:cli/exit@0.2.0\" (instance (export \"exit\" (func)))))",
    )
    .expect("valid text");
    let cases: [(&str, &[u8], &str, &str); 5] = [
        (
            "text",
            b"hello, this is not wasm at all",
            "not-wasm",
            "component",
        ),
        (
            "elf",
            b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0",
            "elf",
            "wasm32",
        ),
        ("core", &core, "core-module", "assay adapter encode"),
        ("imports", &importing, "function-import", "exit"),
        (
            "cut",
            &core[..core.len() / 2],
            "core-module",
            "assay adapter encode",
        ),
    ];
    for (name, bytes, code, way_out) in cases {
        let target = format!("name={name}&benchmark=bay-knowledge");
        let accepted = api::submit(&world, &target, bytes);
        assert!(
            (200..300).contains(&accepted.status),
            "{name}: {}",
            accepted.status
        );
        let this = accepted.json()["self"].as_str().expect("a link").to_owned();
        let document = api::screened(&world, &this);
        assert_eq!(document["state"], "refused", "{name}: {document}");
        assert_eq!(document["refusals"][0]["code"], code, "{name}: {document}");
        let detail = document["refusals"][0]["detail"]
            .as_str()
            .unwrap_or_default();
        assert!(detail.contains(way_out), "{name}: {detail}");
        assert_eq!(
            document["runs"].as_array().map(Vec::len),
            Some(0),
            "{document}"
        );

        let file = world.path(&format!("{name}.wasm"));
        fs::write(&file, bytes).expect("the folder is writable");
        let checked = world
            .assay(&["adapter", "check", &text(&file), "--json"])
            .expect_code(1);
        assert_eq!(checked.json()["code"], code, "{name}");
    }
}

#[test]
fn an_upload_over_the_limit_ends_early_and_leaves_nothing() {
    let world = World::new();
    let before = kept_files(&world.station());
    let two_gib = 2_u64 << 30;
    let answer = raw_upload(&world, two_gib, &[0; 4096]);
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(answer.contains("application/problem+json"), "{answer}");
    assert!(answer.contains("/problems/too-large"), "{answer}");
    assert_eq!(kept_files(&world.station()), before);
}

#[test]
fn a_truncated_upload_leaves_nothing() {
    let world = World::new();
    let before = kept_files(&world.station());
    let answer = raw_upload(&world, 100_000, &[7; 5_000]);
    assert!(!answer.starts_with("HTTP/1.1 2"), "{answer}");
    assert_eq!(kept_files(&world.station()), before);
    assert_eq!(
        world.get("/api/v1/submissions")["rows"],
        serde_json::json!([])
    );
}

#[test]
fn an_upload_that_is_not_what_it_announced_leaves_nothing() {
    let world = World::new();
    world.publish_form("bay-knowledge", &[]);
    let before = kept_files(&world.station());
    let answer = api::submit_announced(&world, "name=x&benchmark=bay-knowledge", b"one", b"two");
    let detail = answer.problem(400, "invalid-request");
    assert!(detail.to_lowercase().contains("digest"), "{detail}");
    assert_eq!(kept_files(&world.station()), before);
}

#[test]
fn unknown_things_and_wrong_tokens_are_problems() {
    let world = World::new();
    api::get(&world, "/api/v1/runs/nope").problem(404, "not-found");
    api::get(&world, "/api/v1/boards/nope").problem(404, "not-found");
    api::get(&world, "/api/v1/runs?colour=red").problem(400, "invalid-request");
    let missing = api::submit(&world, "name=x&benchmark=no-such-benchmark", b"x");
    assert!(
        missing
            .problem(404, "not-found")
            .contains("no-such-benchmark")
    );
}

#[test]
fn a_pack_with_faults_names_all_of_them_with_file_line_and_item() {
    let world = World::unborn();
    let pack = world.path("pack");
    fs::create_dir_all(pack.join("items")).expect("the folder is writable");
    let shipped = root().join("benchmarks/packs/bay-reasoning/pack.toml");
    fs::copy(shipped, pack.join("pack.toml")).expect("the folder is writable");
    let prompt = r#"{"en":"1+1?","zh-Hans":"1+1?","yue-Hant":"1+1?","pt":"1+1?"}"#;
    let good = format!(
        r#"{{"family":"sum","section":"arithmetic","kind":"number","prompt":{prompt},"value":"2","abs":"0","rel":"0"}}"#
    );
    let no_answer = format!(
        r#"{{"family":"gap","section":"arithmetic","kind":"number","prompt":{prompt},"abs":"0","rel":"0"}}"#
    );
    fs::write(
        pack.join("items/a.jsonl"),
        format!("{good}\n{good}\n{no_answer}\n"),
    )
    .expect("the folder is writable");

    let checked = world.assay(&["form", "check", &text(&pack)]).expect_code(1);
    let said = format!("{}{}", checked.out, checked.err);
    let line = |number: u8, family: &str| {
        said.lines()
            .any(|l| l.contains(&format!("items/a.jsonl:{number}: {family}: ")))
    };
    assert!(line(2, "sum"), "{said}");
    assert!(line(3, "gap"), "{said}");
    assert!(!line(1, "sum"), "{said}");

    let sealed = world.path("form.age");
    world
        .assay(&[
            "form",
            "seal",
            &text(&pack),
            "--to",
            "age1nobody",
            "-o",
            &text(&sealed),
        ])
        .expect_code(1);
    assert!(!sealed.exists(), "nothing is written for a faulty pack");
}

#[test]
fn a_form_sealed_for_another_enclave_is_not_published() {
    let world = World::new();
    let other = World::new();
    let sealed = text(&world.path("theirs.age"));
    let pack = text(&root().join("benchmarks/packs/bay-knowledge"));
    world
        .assay(&[
            "form",
            "seal",
            &pack,
            "--to",
            &other.recipient(),
            "-o",
            &sealed,
        ])
        .expect_code(0);
    let refused = world.assay(&["form", "publish", &sealed]).expect_code(1);
    assert!(refused.err.contains(&world.recipient()), "{}", refused.err);
    assert_eq!(world.get("/api/v1/forms")["rows"], serde_json::json!([]));
}

#[test]
fn a_config_with_an_unknown_key_names_line_and_nearest_key() {
    let world = World::new();
    let config = world.born("config");
    let text_before = fs::read_to_string(&config).expect("init wrote it");
    let broken = world.path("broken.toml");
    fs::write(&broken, text_before.replacen("origin", "orgin", 1)).expect("writable");
    let refused = world.assay(&["serve", "--config", &text(&broken)]);
    assert_ne!(refused.code, 0);
    assert!(refused.err.contains("orgin"), "{}", refused.err);
    assert!(refused.err.contains("origin"), "{}", refused.err);
    assert!(refused.err.contains("broken.toml:"), "{}", refused.err);
}

#[test]
fn wrong_use_ends_with_2_and_refusals_with_1() {
    let world = World::unborn();
    world.assay(&["verify"]).expect_code(2);
    world.assay(&["no-such-verb"]).expect_code(2);
    let missing = world.assay(&["verify", "--policy", "nowhere", "nothing.json"]);
    assert_eq!(missing.code, 1, "{missing:?}");
    assert!(missing.err.contains("nowhere"), "{}", missing.err);
}

/// Sends a head that promises `length` bytes, then `body`, then nothing more.
fn raw_upload(world: &World, length: u64, body: &[u8]) -> String {
    let host = world.address().trim_start_matches("http://");
    let mut socket = TcpStream::connect(host).expect("the server listens");
    let head = format!(
        "POST /api/v1/submissions?name=x&benchmark=bay-knowledge HTTP/1.1\r\nhost: {host}\r\n\
         authorization: Bearer {}\r\ncontent-type: application/wasm\r\n\
         content-digest: sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:\r\n\
         idempotency-key: 00000000-0000-4000-8000-000000000001\r\ncontent-length: {length}\r\n\r\n",
        world.token()
    );
    socket.write_all(head.as_bytes()).expect("the server reads");
    // The server may answer and close before it has read all of this.
    let _ = socket.write_all(body);
    let _ = socket.shutdown(std::net::Shutdown::Write);
    let mut answer = Vec::new();
    let _ = std::io::Read::read_to_end(&mut socket, &mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// Files of a station but for its databases, whose contents change by themselves.
fn kept_files(station: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![station.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if !text(&path).contains(".db") {
                found.push(text(&path));
            }
        }
    }
    found.sort();
    found
}
