//! The log's files in object stores: one for what is public, one for staged batches.
//!
//! Durability is the store's promise: a put that succeeded stays. Create-only puts are needed; a store
//! without them is refused by its own error at the first batch.

use std::{collections::BTreeSet, sync::Arc};

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use object_store::{Error, ObjectStore, ObjectStoreExt as _, PutMode, PutOptions, path::Path};

use super::{CHECKPOINT, Filed, Files, FilesError, NewFile, ReadFiles};

/// Puts under way at the same time.
const PUTS_AT_ONCE: usize = 16;

/// The files of a log in object stores.
#[derive(Clone, Debug)]
pub struct Objects {
    public: Arc<dyn ObjectStore>,
    staging: Arc<dyn ObjectStore>,
}

impl Objects {
    /// Takes two stores; nobody but the log may write to either.
    pub fn new(public: Arc<dyn ObjectStore>, staging: Arc<dyn ObjectStore>) -> Self {
        Self { public, staging }
    }

    async fn create_one(&self, file: NewFile) -> Result<(), FilesError> {
        let at = Path::from(file.path.as_str());
        let options = PutOptions::from(PutMode::Create);
        match self
            .public
            .put_opts(&at, file.bytes.clone().into(), options)
            .await
        {
            Ok(_) => Ok(()),
            Err(Error::AlreadyExists { .. }) => {
                let there = get(self.public.as_ref(), &at).await?;
                if there.as_ref() == Some(&file.bytes) {
                    Ok(())
                } else {
                    Err(FilesError::Different(file.path))
                }
            }
            Err(error) => Err(refused(error)),
        }
    }
}

impl ReadFiles for Objects {
    fn read<'a>(&'a self, path: &'a str) -> Filed<'a, Option<Bytes>> {
        Box::pin(async move { get(self.public.as_ref(), &Path::from(path)).await })
    }
}

impl Files for Objects {
    fn create(&self, files: Vec<NewFile>) -> Filed<'_, ()> {
        Box::pin(async move {
            stream::iter(files)
                .map(|file| self.create_one(file))
                .buffer_unordered(PUTS_AT_ONCE)
                .try_collect()
                .await
        })
    }

    /// A put is whole or absent, so a crash leaves nothing damaged.
    fn restore(&self, files: Vec<NewFile>) -> Filed<'_, ()> {
        self.create(files)
    }

    fn publish(&self, note: Bytes) -> Filed<'_, ()> {
        Box::pin(async move { put(self.public.as_ref(), CHECKPOINT, note).await })
    }

    fn remove_folders(&self, folders: Vec<String>) -> Filed<'_, ()> {
        Box::pin(async move {
            for folder in folders {
                let objects = self.public.list(Some(&Path::from(folder)));
                let found: Vec<_> = objects.try_collect().await.map_err(refused)?;
                for object in found {
                    forget(self.public.as_ref(), object.location).await?;
                }
            }
            Ok(())
        })
    }

    fn stage<'a>(&'a self, name: &'a str, batch: Bytes) -> Filed<'a, ()> {
        Box::pin(async move { put(self.staging.as_ref(), name, batch).await })
    }

    fn staged<'a>(&'a self, name: &'a str) -> Filed<'a, Option<Bytes>> {
        Box::pin(async move { get(self.staging.as_ref(), &Path::from(name)).await })
    }

    fn staged_names(&self) -> Filed<'_, Vec<String>> {
        Box::pin(async move {
            let objects: Vec<_> = self
                .staging
                .list(None)
                .try_collect()
                .await
                .map_err(refused)?;
            let names = objects
                .into_iter()
                .map(|object| object.location.to_string());
            let sorted: BTreeSet<String> = names.collect();
            Ok(sorted.into_iter().collect())
        })
    }

    fn unstage<'a>(&'a self, name: &'a str) -> Filed<'a, ()> {
        Box::pin(async move { forget(self.staging.as_ref(), Path::from(name)).await })
    }
}

async fn get(store: &dyn ObjectStore, at: &Path) -> Result<Option<Bytes>, FilesError> {
    match store.get(at).await {
        Ok(object) => object.bytes().await.map(Some).map_err(refused),
        Err(Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(refused(error)),
    }
}

async fn put(store: &dyn ObjectStore, name: &str, bytes: Bytes) -> Result<(), FilesError> {
    let done = store.put(&Path::from(name), bytes.into()).await;
    done.map(drop).map_err(refused)
}

async fn forget(store: &dyn ObjectStore, at: Path) -> Result<(), FilesError> {
    match store.delete(&at).await {
        Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
        Err(error) => Err(refused(error)),
    }
}

fn refused(error: Error) -> FilesError {
    FilesError::Objects(Arc::new(error))
}
