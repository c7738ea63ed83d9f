//! Nothing of a sealed form and nothing that a guest said gets out: canaries are planted and looked for.
//!
//! They are searched plain, in base64 at any alignment, and in hex: in the public folder, in every page and
//! document, in the traces, and in all that the station keeps.

use std::{
    collections::{BTreeSet, VecDeque},
    fs,
    path::Path,
};

use assay_evidence::{base64, digest::Digest, hex};
use assay_tests::{World, guests, static_files::files_below, world::text};
use scraper::{Html, Selector};
use serde_json::{Value, json};

use crate::api;

const PROMPT: &str = "xQ7canaryPromptZk2vW";
const ANSWER: &str = "pL9canaryAnswerTt4mB";
const FAMILY: &str = "canary-family-r8h3d";
const SAID: &str = "nJ5canaryGuestSaidYy6cH";
const FAMILIES: usize = 12;
/// More pages than any station of these stories has.
const PAGES_MAX: usize = 2_000;

#[test]
fn no_item_and_no_word_of_a_guest_is_in_any_published_byte() {
    let mut world = World::new();
    let traces = world.path("traces");
    world.crash_server();
    world.serve_traced(&traces);
    let (pack, identity) = (world.path("hidden"), world.path("identity"));
    write_pack(&pack);
    let keep = ["--keep-identity", &text(&identity)];
    let sealed = world.seal_form(&text(&pack), &keep);
    let form = world.publish(&sealed);
    let form = form["form"].as_str().expect("an id").to_owned();
    let adapter = world.path("talker.wasm");
    fs::write(&adapter, guests::says(SAID)).expect("the folder is writable");
    let said = world.submit(&adapter, "Talker", "hidden");
    let document = api::closed(&world, said["self"].as_str().expect("a link"));
    assert_eq!(document["runs"][0]["state"], "published", "{document}");

    let items = [PROMPT, ANSWER, FAMILY];
    let guest = [SAID];
    let published = published(&world);
    assert!(published.len() > 30, "the crawl found the pages");
    for (path, bytes) in &published {
        assert_eq!(found(bytes, &items), None, "{path}");
        assert_eq!(found(bytes, &guest), None, "{path}");
    }
    let written = fs::read(&traces).expect("the server traces");
    assert!(
        found(&written, &["answered"]).is_some(),
        "requests are traced"
    );
    assert_eq!(found(&written, &[PROMPT, ANSWER, FAMILY, SAID]), None);
    let own = format!("data/blob/{}", blob(&fs::read(&adapter).expect("a file")));
    for file in files_below(&world.station()) {
        let bytes = fs::read(world.station().join(&file)).expect("a file");
        assert_eq!(found(&bytes, &items), None, "{file}");
        if file != own {
            assert_eq!(found(&bytes, &guest), None, "{file}");
        }
    }

    // The same search finds what is there: the reveal makes the items public, and nothing else.
    let (seal, key) = (text(&sealed), text(&identity));
    let reveal = [
        "form",
        "reveal",
        &form,
        "--seal",
        &seal,
        "--identity",
        &key,
        "--yes",
    ];
    world.assay(&reveal).expect_code(0);
    let revealed: Vec<String> = self::published(&world)
        .into_iter()
        .filter(|(_, bytes)| found(bytes, &items).is_some())
        .map(|(path, _)| path)
        .collect();
    let body = world.get("/api/v1/forms")["rows"][0]["revealed"]["body"].clone();
    let body = body.as_str().expect("a path");
    assert_eq!(revealed, [format!("public{body}"), body.to_owned()]);
}

#[test]
fn a_canary_is_found_in_every_spelling_and_at_every_alignment() {
    for before in ["", "x", "xy", "xyz"] {
        let plain = format!("{before}{PROMPT}after").into_bytes();
        for spelt in [
            plain.clone(),
            base64::encode(&plain).into_bytes(),
            hex::encode(&plain).into_bytes(),
            hex::encode(&plain).to_uppercase().into_bytes(),
        ] {
            assert_eq!(found(&spelt, &[ANSWER, PROMPT]), Some(PROMPT));
        }
    }
    assert_eq!(found(b"xQ7canaryPromptZk2v", &[PROMPT]), None);
}

/// A pack whose every item holds canaries in prompt, key and family.
fn write_pack(folder: &Path) {
    fs::create_dir_all(folder.join("items")).expect("the folder is writable");
    let pack = "name = \"hidden\"\nversion = \"1.0\"\ntitle = \"Hidden\"\nsummary = \"Canaries.\"\n\
         licence = \"MIT OR Apache-2.0\"\nlocales = [\"en\"]\nmax_bytes = 512\n\n\
         [[section]]\nid = \"only\"\ntitle = \"Only\"\n";
    fs::write(folder.join("pack.toml"), pack).expect("writable");
    let families: Vec<String> = (0..FAMILIES)
        .map(|n| {
            let family = json!({
                "family": format!("{FAMILY}-{n}"), "section": "only", "kind": "exact",
                "prompt": {"en": format!("What follows {PROMPT} at place {n}?")},
                "aliases": {"en": [format!("{ANSWER} {n}")]}, "rules": ["fold_case"],
            });
            family.to_string()
        })
        .collect();
    fs::write(folder.join("items/only.jsonl"), families.join("\n") + "\n").expect("writable");
}

/// Everything that is published: files of the public folder, and whatever can be reached from the first page.
fn published(world: &World) -> Vec<(String, Vec<u8>)> {
    let folder = world.station().join("data/public");
    let files = files_below(&folder).into_iter().map(|file| {
        let bytes = fs::read(folder.join(&file)).expect("a file");
        (format!("public/{file}"), bytes)
    });
    files.chain(crawl(world)).collect()
}

fn crawl(world: &World) -> Vec<(String, Vec<u8>)> {
    let first = [
        "/en/",
        "/en/method",
        "/api/v1/station",
        "/api/v1/benchmarks",
        "/api/v1/forms",
        "/api/v1/runs",
        "/api/v1/submissions",
        "/checkpoint",
        "/readyz",
        "/api/v1/nothing",
    ];
    let mut seen: BTreeSet<String> = first.map(str::to_owned).into();
    let mut waiting: VecDeque<String> = first.map(str::to_owned).into();
    let mut pages = Vec::new();
    while let Some(path) = waiting.pop_front() {
        assert!(pages.len() < PAGES_MAX, "the crawl does not end");
        let answer = api::get(world, &path);
        for next in links(&answer) {
            if seen.insert(next.clone()) {
                waiting.push_back(next);
            }
        }
        pages.push((path, answer.body));
    }
    pages
}

/// Paths of this station that an answer names.
fn links(answer: &api::Answer) -> Vec<String> {
    let text = String::from_utf8_lossy(&answer.body);
    let mut found = Vec::new();
    if answer.media_type == "text/html" {
        let anchors = Selector::parse("[href]").expect("the selector is written here");
        let page = Html::parse_document(&text);
        let links = page.select(&anchors).filter_map(|one| one.attr("href"));
        found.extend(links.map(str::to_owned));
    } else if let Ok(document) = serde_json::from_str::<Value>(&text) {
        collect(&document, &mut found);
    }
    let without_anchor = |link: String| link.split('#').next().unwrap_or_default().to_owned();
    let ours = found.into_iter().map(without_anchor);
    ours.filter(|link| link.starts_with('/')).collect()
}

fn collect(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) if text.starts_with('/') && !text.contains(' ') => {
            found.push(text.clone());
        }
        Value::Array(all) => all.iter().for_each(|one| collect(one, found)),
        Value::Object(all) => all.values().for_each(|one| collect(one, found)),
        _ => {}
    }
}

/// The first canary that the bytes hold, in any spelling.
fn found<'a>(bytes: &[u8], canaries: &[&'a str]) -> Option<&'a str> {
    let holds = |canary: &&&str| spellings(canary).iter().any(|spelt| contains(bytes, spelt));
    canaries.iter().find(holds).copied()
}

fn spellings(canary: &str) -> Vec<Vec<u8>> {
    let plain = canary.as_bytes();
    let hex = hex::encode(plain);
    let mut spelt = vec![
        plain.to_vec(),
        hex.to_uppercase().into_bytes(),
        hex.into_bytes(),
    ];
    for before in 0..3 {
        // Only the characters that depend on the canary alone, whatever stands around it.
        let padded = [&vec![0; before], plain].concat();
        let text = base64::encode(&padded);
        let (from, to) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
        let inner = &text[from..to];
        spelt.push(inner.as_bytes().to_vec());
        spelt.push(inner.replace('+', "-").replace('/', "_").into_bytes());
    }
    spelt
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn blob(bytes: &[u8]) -> String {
    let hex = Digest::of(bytes).to_string();
    format!("{}/{hex}", &hex[..2])
}
