//! The log's files in a folder of this machine, durable: `public/` and beside it `staging/`.
//!
//! Three syncs put a batch in place, two publish it. Public files have mode 0444; no file is changed, a
//! new one takes its name. Network file systems that lie about syncs are not detected.

use std::{
    collections::HashSet,
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;

use super::{CHECKPOINT, Filed, Files, FilesError, NewFile, ReadFiles, Step, Steps};
use crate::folder;

/// Nobody changes a file of the log, its owner included.
const MODE: u32 = 0o444;
/// Ending of files that are still being written.
const PART: &str = "part";

/// The files of a log in a data folder.
#[derive(Clone, Debug)]
pub struct Folder(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    public: PathBuf,
    staging: PathBuf,
    steps: Steps,
    /// Folders that are known to be there.
    made: Mutex<HashSet<PathBuf>>,
}

/// What to do with a file that is there already.
#[derive(Clone, Copy)]
enum Existing {
    MustBeEqual,
    MayBeDamaged,
}

impl Folder {
    /// The folders `public` and `staging` of a data folder, made if absent.
    pub fn open(data: &Path, steps: Steps) -> Result<Self, FilesError> {
        let inner = Inner {
            public: data.join("public"),
            staging: data.join("staging"),
            steps,
            made: Mutex::default(),
        };
        for path in [&inner.public, &inner.staging] {
            folder::make(path).map_err(|error| FilesError::disk(path, error))?;
        }
        Ok(Self(Arc::new(inner)))
    }

    /// Runs disk work where it holds up no other task.
    fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, FilesError> + Send + 'static,
    ) -> Filed<'static, T> {
        let inner = Arc::clone(&self.0);
        Box::pin(async move {
            tokio::task::spawn_blocking(move || work(&inner))
                .await
                .expect("work on files neither panics nor is cancelled")
        })
    }
}

impl ReadFiles for Folder {
    fn read<'a>(&'a self, path: &'a str) -> Filed<'a, Option<Bytes>> {
        let path = self.0.public.join(path);
        self.work(move |_| read(&path))
    }
}

impl Files for Folder {
    fn create(&self, files: Vec<NewFile>) -> Filed<'_, ()> {
        self.work(move |inner| inner.put(&files, Existing::MustBeEqual))
    }

    fn restore(&self, files: Vec<NewFile>) -> Filed<'_, ()> {
        self.work(move |inner| inner.put(&files, Existing::MayBeDamaged))
    }

    fn publish(&self, note: Bytes) -> Filed<'_, ()> {
        self.work(move |inner| inner.replace(&inner.public.join(CHECKPOINT), &note))
    }

    fn remove_folders(&self, folders: Vec<String>) -> Filed<'_, ()> {
        self.work(move |inner| {
            folders
                .iter()
                .try_for_each(|path| inner.remove_folder(path))
        })
    }

    fn stage<'a>(&'a self, name: &'a str, batch: Bytes) -> Filed<'a, ()> {
        let path = self.0.staging.join(name);
        self.work(move |inner| inner.replace(&path, &batch))
    }

    fn staged<'a>(&'a self, name: &'a str) -> Filed<'a, Option<Bytes>> {
        let path = self.0.staging.join(name);
        self.work(move |_| read(&path))
    }

    fn staged_names(&self) -> Filed<'_, Vec<String>> {
        self.work(Inner::staged_names)
    }

    fn unstage<'a>(&'a self, name: &'a str) -> Filed<'a, ()> {
        let path = self.0.staging.join(name);
        self.work(move |inner| inner.remove_file(&path))
    }
}

impl Inner {
    fn put(&self, files: &[NewFile], existing: Existing) -> Result<(), FilesError> {
        for file in files {
            let path = self.public.join(&file.path);
            self.make_parent(&path)?;
            let write = || write_new(&path, &file.bytes);
            match self.steps.take(Step::Write, &path, write) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    self.meet(file, &path, existing)?;
                }
                Err(error) => return Err(FilesError::disk(&path, error)),
            }
        }
        // One sync for all of them; each by itself would cost a disk write per record.
        let all = || {
            let folder = File::open(&self.public)?;
            Ok(rustix::fs::syncfs(&folder)?)
        };
        let synced = self.steps.take(Step::SyncAll, &self.public, all);
        synced.map_err(|error| sync(&self.public, error))
    }

    fn meet(&self, file: &NewFile, path: &Path, existing: Existing) -> Result<(), FilesError> {
        let there = fs::read(path).map_err(|error| FilesError::disk(path, error))?;
        if there == file.bytes {
            return Ok(());
        }
        match existing {
            Existing::MustBeEqual => Err(FilesError::Different(file.path.clone())),
            Existing::MayBeDamaged => {
                tracing::warn!(path = %path.display(), "a file was cut off by a crash; it is written again");
                self.remove_file(path)?;
                let write = || write_new(path, &file.bytes);
                let written = self.steps.take(Step::Write, path, write);
                written.map_err(|error| FilesError::disk(path, error))
            }
        }
    }

    /// Writes beside, syncs, renames, syncs the folder: the old file or the new one, never half of it.
    fn replace(&self, path: &Path, bytes: &[u8]) -> Result<(), FilesError> {
        let name = path.file_name().unwrap_or_default();
        let part = self.staging.join(name).with_added_extension(PART);
        // What an earlier process left unfinished.
        match fs::remove_file(&part) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(FilesError::disk(&part, error));
            }
            Ok(()) | Err(_) => {}
        }
        let write = || write_new(&part, bytes);
        let written = self.steps.take(Step::Write, &part, write);
        written.map_err(|error| FilesError::disk(&part, error))?;
        let synced = self
            .steps
            .take(Step::SyncFile, &part, || File::open(&part)?.sync_all());
        synced.map_err(|error| sync(&part, error))?;
        let renamed = self
            .steps
            .take(Step::Rename, path, || fs::rename(&part, path));
        renamed.map_err(|error| FilesError::disk(path, error))?;
        let dir = path.parent().expect("a file that is put has a folder");
        let synced = self
            .steps
            .take(Step::SyncFolder, dir, || File::open(dir)?.sync_all());
        synced.map_err(|error| sync(dir, error))
    }

    fn staged_names(&self) -> Result<Vec<String>, FilesError> {
        let entries =
            fs::read_dir(&self.staging).map_err(|error| FilesError::disk(&self.staging, error))?;
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| FilesError::disk(&self.staging, error))?;
            names.extend(entry.file_name().into_string());
        }
        names.retain(|name| Path::new(name).extension().is_none_or(|end| end != PART));
        names.sort();
        Ok(names)
    }

    fn remove_folder(&self, path: &str) -> Result<(), FilesError> {
        let path = self.public.join(path);
        self.made().remove(&path);
        self.absent(&path, |path| fs::remove_dir_all(path))
    }

    fn remove_file(&self, path: &Path) -> Result<(), FilesError> {
        self.absent(path, |path| fs::remove_file(path))
    }

    fn absent(
        &self,
        path: &Path,
        remove: impl FnOnce(&Path) -> io::Result<()>,
    ) -> Result<(), FilesError> {
        match self.steps.take(Step::Remove, path, || remove(path)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(FilesError::disk(path, error))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    fn make_parent(&self, path: &Path) -> Result<(), FilesError> {
        let dir = path.parent().expect("a file that is put has a folder");
        if !self.made().contains(dir) {
            folder::make(dir).map_err(|error| FilesError::disk(dir, error))?;
            self.made().insert(dir.to_owned());
        }
        Ok(())
    }

    fn made(&self) -> std::sync::MutexGuard<'_, HashSet<PathBuf>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(MODE).open(path)?;
    file.write_all(bytes)
}

fn read(path: &Path) -> Result<Option<Bytes>, FilesError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes.into())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(FilesError::disk(path, error)),
    }
}

fn sync(path: &Path, source: io::Error) -> FilesError {
    FilesError::Sync {
        path: path.to_owned(),
        source: Arc::new(source),
    }
}
