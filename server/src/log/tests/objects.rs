//! The log on object stores, and the golden log as files.

use std::fs;

use assay_evidence::tree::Edge;
use object_store::{ObjectStore, ObjectStoreExt as _, local::LocalFileSystem, memory::InMemory};

use super::*;
use crate::log::{
    batch::{Batch, Entry, Ground},
    files::{NewFile, Objects},
};

/// A log of two lives on a pair of stores.
async fn two_lives(public: Arc<dyn ObjectStore>, staging: Arc<dyn ObjectStore>) {
    let dir = tempfile::tempdir().unwrap();
    let files = || Arc::new(Objects::new(Arc::clone(&public), Arc::clone(&staging)));
    let on_objects = || Setup {
        files: files(),
        ..setup(dir.path())
    };
    let key = signer();
    Log::create(&on_objects()).await.unwrap();
    let log = Log::open(on_objects()).await.unwrap();
    append_all(&log, &submissions(255, &key), &key).await;
    append_all(&log, &submissions(258, &key), &key).await;
    let published = log.published();
    log.close().await;
    let log = Log::open(on_objects()).await.unwrap();
    assert_eq!(log.published(), published);
    let late = submission("late", ORIGIN, &key);
    assert_eq!(log.append(&late, &key.public()).await.unwrap().index, 258);
    let proof = log.consistency(255, 259).await.unwrap();
    let roots = (log.root_at(255).await.unwrap(), log.published().head.root);
    verify_consistency(255, 259, &roots.0, &roots.1, &proof).unwrap();
    assert_eq!(log.tile("tile/0/000").await.unwrap().unwrap().len(), 8192);
    log.close().await;
    let gone = public.get(&"tile/0/000.p/255".into()).await.unwrap_err();
    assert!(
        matches!(gone, object_store::Error::NotFound { .. }),
        "{gone}"
    );
    assert_eq!(files().staged_names().await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn a_log_lives_on_an_object_store_in_memory() {
    two_lives(Arc::new(InMemory::new()), Arc::new(InMemory::new())).await;
}

#[tokio::test]
async fn a_log_lives_on_an_object_store_of_files() {
    let (public, staging) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = |dir: &Path| Arc::new(LocalFileSystem::new_with_prefix(dir).unwrap());
    two_lives(store(public.path()), store(staging.path())).await;
}

#[tokio::test]
async fn a_file_with_other_content_stops_the_log_on_either_store() {
    let key = signer();
    let record = submission("a", ORIGIN, &key);
    let in_folder = tempfile::tempdir().unwrap();
    let on_objects = tempfile::tempdir().unwrap();
    let public = Arc::new(InMemory::new());
    let setups = [
        setup(in_folder.path()),
        Setup {
            files: Arc::new(Objects::new(public.clone(), Arc::new(InMemory::new()))),
            ..setup(on_objects.path())
        },
    ];
    let tile = in_folder.path().join("public/tile/0/000.p/1");
    fs::create_dir_all(tile.parent().unwrap()).unwrap();
    fs::write(tile, [7; 32]).unwrap();
    public
        .put(&"tile/0/000.p/1".into(), vec![7; 32].into())
        .await
        .unwrap();
    for setup in setups {
        Log::create(&setup).await.unwrap();
        let log = Log::open(setup).await.unwrap();
        let refusal = log.append(&record, &key.public()).await.unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "the log has stopped: the files of a signed head are not all in place: tile/0/000.p/1 is there \
             with other content; somebody else writes this log's files; then start the station again"
        );
        assert_eq!(log.published().head.size, 0);
    }
}

/// The golden log's records are plain text, so only layout and hashes are those of a log.
fn golden_entry(n: u64) -> Entry {
    let data = format!("record {n}").into_bytes();
    Entry {
        envelope: data.clone().into(),
        hash: leaf::hash(&data),
        once: Digest::of(&data),
        data,
        name: String::new(),
        closes: None,
        signer: signer().public(),
    }
}

#[tokio::test]
async fn the_golden_log_is_reproduced_as_files() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/log/tree");
    let dir = tempfile::tempdir().unwrap();
    let files = Folder::open(dir.path(), Steps::default()).unwrap();
    let mut ground = Ground::default();
    assert_eq!(ground.edge, Edge::new());
    for (from, to) in [(0, 1), (1, 200), (200, 300)] {
        let entries: Vec<Entry> = (from..to).map(golden_entry).collect();
        let batch = Batch::build(&ground, &entries);
        let is_tile = |file: &NewFile| file.path.starts_with("tile/");
        files
            .create(batch.files.into_iter().filter(is_tile).collect())
            .await
            .unwrap();
        ground = batch.ground;
    }
    files
        .remove_folders(vec![
            "tile/0/000.p".to_owned(),
            "tile/entries/000.p".to_owned(),
        ])
        .await
        .unwrap();
    let written = contents(&dir.path().join("public"), "");
    let expected = contents(&golden, "");
    assert_eq!(
        written.keys().collect::<Vec<_>>(),
        expected
            .keys()
            .filter(|path| path.starts_with("/tile"))
            .collect::<Vec<_>>()
    );
    for (path, bytes) in written {
        assert_eq!(bytes, expected[&path], "{path}");
    }
}

/// Every file under a folder, by its path.
fn contents(dir: &Path, at: &str) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{at}/{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            found.extend(contents(&entry.path(), &path));
        } else {
            found.insert(path, fs::read(entry.path()).unwrap());
        }
    }
    found
}
