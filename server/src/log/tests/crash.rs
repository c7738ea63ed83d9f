//! The machine stops at every step of a batch, with the step done or not, and with or without what was not
//! synced; the next start agrees with everything that anybody was told.

use std::{collections::BTreeMap, fs, io, path::PathBuf, sync::Mutex};

use assay_evidence::{tile, tree::Tree};

use super::{plan::Moment, *};
use crate::log::files::Step;

/// Records before the batch that is cut off; it crosses the end of a full tile.
const BEFORE: u64 = 254;
const CUT_OFF: u64 = 3;
/// No batch of this size takes so many steps.
const STEPS_MAX: usize = 60;

/// What a stop does to writes that were not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loss {
    Nothing,
    Unsynced,
}

/// What is on the disk only in the memory of a machine.
#[derive(Default)]
struct Unsynced {
    files: Vec<PathBuf>,
    /// Names that were given, with the content that they had before.
    names: BTreeMap<PathBuf, Option<Vec<u8>>>,
}

impl Unsynced {
    fn note(&mut self, moment: Moment, step: Step, path: &Path) {
        match (moment, step) {
            (Moment::Before, Step::Rename) => {
                self.names.insert(path.to_owned(), fs::read(path).ok());
            }
            (Moment::After, Step::Write) => self.files.push(path.to_owned()),
            (Moment::After, Step::SyncFile) => self.files.retain(|file| file != path),
            (Moment::After, Step::SyncFolder) => {
                self.names.retain(|name, _| name.parent() != Some(path));
            }
            (Moment::After, Step::SyncAll) => *self = Self::default(),
            _ => {}
        }
    }

    /// What the disk holds after the power came back.
    fn lose(self) {
        for (name, before) in self.names {
            let _ = fs::remove_file(&name);
            if let Some(before) = before {
                fs::write(name, before).unwrap();
            }
        }
        for (number, file) in self.files.into_iter().enumerate() {
            let Ok(bytes) = fs::read(&file) else { continue };
            fs::remove_file(&file).unwrap();
            if number % 2 == 0 {
                fs::write(file, &bytes[..bytes.len() / 2]).unwrap();
            }
        }
    }
}

/// Stops a machine at a step; true when there was such a step.
async fn stop_at(dir: &Path, step_number: usize, moment: Moment, loss: Loss) -> bool {
    let setup = setup(dir);
    let plan = setup.steps.plan.clone();
    let log = Log::open(setup).await.unwrap();
    log.settled().await.unwrap();
    let key = signer();
    let records = submissions(CUT_OFF, &key);
    let disk = Arc::new(Mutex::new(Unsynced::default()));
    let (noted, mut steps, mut is_off) = (Arc::clone(&disk), 0, false);
    let off = Arc::new(Mutex::new(false));
    let seen = Arc::clone(&off);
    plan.set(move |now, step, path| {
        if now == Moment::Before {
            steps += 1;
        }
        if !is_off && steps == step_number && now == moment {
            if moment == Moment::After {
                noted.lock().unwrap().note(now, step, path);
            }
            is_off = true;
            *seen.lock().unwrap() = true;
        }
        if is_off {
            return Err(io::Error::other("the machine is off"));
        }
        noted.lock().unwrap().note(now, step, path);
        Ok(())
    });
    let public = key.public();
    let appends = records.iter().map(|record| log.append(record, &public));
    let told = futures_util::future::join_all(appends).await;
    log.close().await;
    if loss == Loss::Unsynced {
        std::mem::take(&mut *disk.lock().unwrap()).lose();
    }
    let told: Vec<RecordRef> = told.into_iter().flatten().collect();
    check_after(dir, &records, &key, &told).await;
    *off.lock().unwrap()
}

/// Size, root and receipts agree, nothing acknowledged is missing, and the log goes on.
async fn check_after(dir: &Path, records: &[Envelope], key: &P256SigningKey, told: &[RecordRef]) {
    let log = open(dir).await;
    let Head { size, root, .. } = log.published().head;
    assert!([BEFORE, BEFORE + CUT_OFF].contains(&size), "{size}");
    assert_eq!(root_of_records(&log, size).await, root);
    for reference in told {
        let record = log.record(&reference.leaf).await.unwrap().unwrap();
        assert_eq!(record.place.index, reference.index);
    }
    let again = append_all(&log, records, key).await;
    for reference in told {
        assert!(again.contains(reference), "a record came to another place");
    }
    assert_eq!(log.published().head.size, BEFORE + CUT_OFF);
    assert_eq!(log.root_at(size).await.unwrap(), root);
    assert_eq!(log.status().alarms, []);
    log.close().await;
}

/// The root over all entries; the records at the end are read from their files.
async fn root_of_records(log: &Log, size: u64) -> Digest {
    let mut tree = Tree::new();
    for n in 0..size.div_ceil(256) {
        let width = (size - n * 256).min(256) as u16;
        let bundle = log
            .tile(&tile::entries_path(n, width))
            .await
            .unwrap()
            .unwrap();
        for entry in tile::parse_entries(&bundle, width).unwrap() {
            tree.push(leaf::hash(entry));
        }
    }
    for index in BEFORE..size {
        let record = log.record_at(index).await.unwrap().unwrap();
        assert_eq!(tree.leaf(index), Some(record.place.leaf));
    }
    tree.root()
}

/// Stops one machine after the other at each step of the same batch.
async fn stop_everywhere(moment: Moment, loss: Loss) {
    let before = tempfile::tempdir().unwrap();
    let key = signer();
    let log = made(before.path()).await;
    append_all(&log, &submissions(BEFORE, &key), &key).await;
    log.close().await;
    let mut steps = 0;
    loop {
        let dir = tempfile::tempdir().unwrap();
        copy_folder(before.path(), dir.path());
        if !stop_at(dir.path(), steps + 1, moment, loss).await {
            break;
        }
        steps += 1;
        assert!(steps < STEPS_MAX, "the batch never ends");
    }
    // Staging 4, swap 1, records 3, bundles 2, tiles 3, sync 1, checkpoint 4, tidied 3.
    assert_eq!(steps, 21);
}

#[tokio::test]
async fn a_process_that_ends_before_a_step_loses_nothing_that_was_promised() {
    stop_everywhere(Moment::Before, Loss::Nothing).await;
}

#[tokio::test]
async fn a_process_that_ends_after_a_step_loses_nothing_that_was_promised() {
    stop_everywhere(Moment::After, Loss::Nothing).await;
}

#[tokio::test]
async fn a_power_cut_before_a_step_loses_nothing_that_was_promised() {
    stop_everywhere(Moment::Before, Loss::Unsynced).await;
}

#[tokio::test]
async fn a_power_cut_after_a_step_loses_nothing_that_was_promised() {
    stop_everywhere(Moment::After, Loss::Unsynced).await;
}
