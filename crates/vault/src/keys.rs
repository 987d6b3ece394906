//! The key store: one small wrapped key per case, apart from everything it opens.
//!
//! `cases/<case>.age` is the case's identity, wrapped by the master key; `destroyed/<case>` says
//! that the key is gone for good; `index.age` is the key of the blind indexes.

use std::path::{Path as FilePath, PathBuf};

use age::secrecy::ExposeSecret;
use age::x25519;
use futures::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{Error as StoreError, ObjectStore, ObjectStoreExt, PutMode, PutPayload};
use recovery::id::CaseId;
use zeroize::Zeroizing;

use crate::blind::IndexKey;
use crate::error::{MasterProblem, VaultError};
use crate::location::Place;
use crate::master::{MasterKey, key_line};
use crate::seal;

/// Most bytes of a wrapped key that are read; ours have about 400.
const MAX_WRAPPED_BYTES: u64 = 8 * 1024;
/// Most keys of one rotation: seven years of the paper plan's 4,000 cases a day.
const MAX_KEYS: usize = 10_000_000;
/// Keys wrapped anew at a time.
const ROTATE_PARALLEL: usize = 8;
/// Leftovers of interrupted writes (`<case>.age#1`, ...) looked for when a key is wiped.
const MAX_LEFTOVERS: usize = 64;
const INDEX: &str = "index.age";
const SUFFIX: &str = ".age";
const CASE_TITLE: &str = "# regain case key v1";
const INDEX_TITLE: &str = "# regain blind index key v1";

/// What a rotation did so far, or in the end. The sum of all fields is the number of keys seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RotationReport {
    /// Keys that were wrapped by an older master key and now are by the first.
    pub rewrapped: u64,
    /// Keys that the first master key already wrapped.
    pub already: u64,
    /// Keys that no given master key opens. As long as this is not zero, keep every old master.
    pub unreadable: u64,
    /// Keys found beside the mark of their destruction, and wiped.
    pub wiped: u64,
}

enum Turn {
    Rewrapped,
    Already,
    Unreadable,
    Wiped,
}

impl RotationReport {
    fn count(&mut self, turn: &Turn) {
        match turn {
            Turn::Rewrapped => self.rewrapped += 1,
            Turn::Already => self.already += 1,
            Turn::Unreadable => self.unreadable += 1,
            Turn::Wiped => self.wiped += 1,
        }
    }
}

/// The key store and the master keys that open it; the first one wraps.
pub(crate) struct KeyStore {
    place: Place,
    first: MasterKey,
    older: Vec<MasterKey>,
}

impl KeyStore {
    pub(crate) fn new(place: Place, masters: Vec<MasterKey>) -> Result<Self, VaultError> {
        let mut masters = masters.into_iter();
        let first = masters.next().ok_or(MasterProblem::NoneGiven)?;
        Ok(Self {
            place,
            first,
            older: masters.collect(),
        })
    }

    /// Makes the key of a case unless it is there.
    pub(crate) async fn create(&self, case: &CaseId) -> Result<(), VaultError> {
        if self.is_destroyed(case).await? {
            return Err(VaultError::Destroyed);
        }
        let identity = x25519::Identity::generate();
        let wrapped = self.wrap(&case_text(case, &identity))?;
        let stored = self.put_new(&case_path(case), wrapped).await;
        // A destruction that began meanwhile may have looked before the key was there, or wiped
        // what was just being written.
        if self.wipe_if_destroyed(case).await? {
            return Err(VaultError::Destroyed);
        }
        if stored? {
            return Ok(());
        }
        // Somebody made it before: it must open, or nothing could be sealed for the case.
        match self.identity(case).await {
            Err(VaultError::NoKey) => Err(VaultError::Destroyed),
            other => other.map(drop),
        }
    }

    /// The identity of a case.
    pub(crate) async fn identity(&self, case: &CaseId) -> Result<x25519::Identity, VaultError> {
        let wrapped = match self.get(&case_path(case)).await {
            Err(VaultError::Missing) => return Err(VaultError::NoKey),
            other => other?,
        };
        // Asked after reading, so that a restored key does not come back to life either.
        if self.is_destroyed(case).await? {
            return Err(VaultError::NoKey);
        }
        let (_, text) = self.unwrap(&wrapped)?;
        read_case(case, &text).ok_or(VaultError::Damaged)
    }

    /// Destroys the key of a case for good; it may be gone already, or never have been.
    pub(crate) async fn destroy(&self, case: &CaseId) -> Result<(), VaultError> {
        let mark = PutPayload::from_static(b"destroyed\n");
        // The mark comes first: whatever is interrupted afterwards, the key counts as gone.
        match self.place.store.put(&mark_path(case), mark).await {
            Ok(_) => self.wipe(case).await,
            Err(other) => Err(VaultError::storage(other)),
        }
    }

    /// The key of the blind indexes; made by whichever node comes first.
    pub(crate) async fn index_key(&self) -> Result<IndexKey, VaultError> {
        let path = Path::from(INDEX);
        match self.get(&path).await {
            Err(VaultError::Missing) => {
                let fresh = IndexKey::generate()?;
                let text = Zeroizing::new(format!("{INDEX_TITLE}\n{}\n", *fresh.to_hex()));
                self.put_new(&path, self.wrap(&text)?).await?;
            }
            other => drop(other?),
        }
        // Read back in any case: of two nodes that raced, both use the key that was stored.
        let (_, text) = self.unwrap(&self.get(&path).await?)?;
        let titled = text.lines().next() == Some(INDEX_TITLE);
        let key = key_line(&text)
            .filter(|_| titled)
            .and_then(IndexKey::from_hex);
        key.ok_or(VaultError::Damaged)
    }

    /// Wraps every key by the first master key; may be interrupted and run again.
    pub(crate) async fn rotate(
        &self,
        mut progress: impl FnMut(RotationReport) + Send,
    ) -> Result<RotationReport, VaultError> {
        let mut paths = vec![(Path::from(INDEX), None)];
        // Listed first: a folder that changes while it is read may show an entry twice or never.
        let mut found = self.place.store.list(Some(&Path::from("cases")));
        while let Some(meta) = found.try_next().await.map_err(VaultError::storage)? {
            let name = meta
                .location
                .filename()
                .and_then(|name| name.strip_suffix(SUFFIX));
            let Some(case) = name.and_then(|name| name.parse::<CaseId>().ok()) else {
                continue;
            };
            if paths.len() >= MAX_KEYS {
                return Err(VaultError::TooMany(MAX_KEYS));
            }
            paths.push((meta.location, Some(case)));
        }
        drop(found);
        let mut turns = futures::stream::iter(paths)
            .map(|(path, case)| async move { self.rewrap(&path, case.as_ref()).await })
            .buffer_unordered(ROTATE_PARALLEL);
        let mut report = RotationReport::default();
        while let Some(turn) = turns.try_next().await? {
            if let Some(turn) = turn {
                report.count(&turn);
                progress(report);
            }
        }
        Ok(report)
    }

    /// Wraps one key anew; nothing if it went away meanwhile.
    async fn rewrap(&self, path: &Path, case: Option<&CaseId>) -> Result<Option<Turn>, VaultError> {
        if let Some(case) = case
            && self.wipe_if_destroyed(case).await?
        {
            return Ok(Some(Turn::Wiped));
        }
        let wrapped = match self.get(path).await {
            Err(VaultError::Missing) => return Ok(None),
            Err(VaultError::TooLarge) => return Ok(Some(Turn::Unreadable)),
            other => other?,
        };
        let text = match self.unwrap(&wrapped) {
            Ok((0, _)) => return Ok(Some(Turn::Already)),
            Ok((_, text)) => text,
            Err(_) => return Ok(Some(Turn::Unreadable)),
        };
        let payload = PutPayload::from(self.wrap(&text)?);
        let stored = self.place.store.put(path, payload).await;
        // Asked before the answer is looked at: a destruction meanwhile also wipes what is just
        // being written, which then fails.
        if let Some(case) = case
            && self.wipe_if_destroyed(case).await?
        {
            return Ok(Some(Turn::Wiped));
        }
        stored.map_err(VaultError::storage)?;
        Ok(Some(Turn::Rewrapped))
    }

    fn wrap(&self, text: &str) -> Result<Vec<u8>, VaultError> {
        seal::seal(self.first.identity(), "", text.as_bytes())
    }

    fn unwrap(&self, wrapped: &[u8]) -> Result<(usize, Zeroizing<String>), VaultError> {
        let masters: Vec<_> = std::iter::once(&self.first)
            .chain(&self.older)
            .map(MasterKey::identity)
            .collect();
        seal::open_text(&masters, wrapped).map_err(|_| MasterProblem::NoneOpens.into())
    }

    async fn is_destroyed(&self, case: &CaseId) -> Result<bool, VaultError> {
        exists(self.place.store.as_ref(), &mark_path(case)).await
    }

    async fn wipe_if_destroyed(&self, case: &CaseId) -> Result<bool, VaultError> {
        let destroyed = self.is_destroyed(case).await?;
        if destroyed {
            self.wipe(case).await?;
        }
        Ok(destroyed)
    }

    /// Overwrites the wrapped key, then deletes it.
    async fn wipe(&self, case: &CaseId) -> Result<(), VaultError> {
        let path = case_path(case);
        if let Some(folder) = &self.place.folder {
            let file = folder.join("cases").join(format!("{case}{SUFFIX}"));
            return blocking(move || wipe_files(&file))
                .await?
                .map_err(VaultError::storage);
        }
        let store = self.place.store.as_ref();
        if !exists(store, &path).await? {
            return Ok(());
        }
        let zeros = PutPayload::from(vec![0; 512]);
        store.put(&path, zeros).await.map_err(VaultError::storage)?;
        match store.delete(&path).await {
            Ok(()) | Err(StoreError::NotFound { .. }) => Ok(()),
            Err(other) => Err(VaultError::storage(other)),
        }
    }

    async fn get(&self, path: &Path) -> Result<Vec<u8>, VaultError> {
        read(self.place.store.as_ref(), path, MAX_WRAPPED_BYTES).await
    }

    /// Stores what must not be there yet: whether it was stored.
    async fn put_new(&self, path: &Path, bytes: Vec<u8>) -> Result<bool, VaultError> {
        let store = &self.place.store;
        match store
            .put_opts(path, bytes.into(), PutMode::Create.into())
            .await
        {
            Ok(_) => Ok(true),
            Err(StoreError::AlreadyExists { .. }) => Ok(false),
            Err(other) => Err(VaultError::storage(other)),
        }
    }
}

fn case_path(case: &CaseId) -> Path {
    Path::from(format!("cases/{case}{SUFFIX}"))
}

fn mark_path(case: &CaseId) -> Path {
    Path::from(format!("destroyed/{case}"))
}

/// The wrapped text: an identity file as the `age` command reads it, naming its case.
fn case_text(case: &CaseId, identity: &x25519::Identity) -> Zeroizing<String> {
    let secret = identity.to_string();
    Zeroizing::new(format!(
        "{CASE_TITLE}\n# {case}\n{}\n",
        secret.expose_secret()
    ))
}

/// The identity in the text, if the text is the key of this case.
fn read_case(case: &CaseId, text: &str) -> Option<x25519::Identity> {
    let mut lines = text.lines();
    let titled = lines.next() == Some(CASE_TITLE);
    let named = lines.next().and_then(|line| line.strip_prefix("# ")) == Some(case.as_str());
    key_line(text).filter(|_| titled && named)?.parse().ok()
}

async fn exists(store: &dyn ObjectStore, path: &Path) -> Result<bool, VaultError> {
    match store.head(path).await {
        Ok(_) => Ok(true),
        Err(StoreError::NotFound { .. }) => Ok(false),
        Err(other) => Err(VaultError::storage(other)),
    }
}

/// Reads one object of at most `most` bytes.
///
/// # Errors
/// [`VaultError::Missing`], [`VaultError::TooLarge`] or [`VaultError::Storage`].
pub(crate) async fn read(
    store: &dyn ObjectStore,
    path: &Path,
    most: u64,
) -> Result<Vec<u8>, VaultError> {
    let found = match store.get(path).await {
        Ok(found) => found,
        Err(StoreError::NotFound { .. }) => return Err(VaultError::Missing),
        Err(other) => return Err(VaultError::storage(other)),
    };
    if found.meta.size > most {
        return Err(VaultError::TooLarge);
    }
    found
        .bytes()
        .await
        .map(Vec::from)
        .map_err(VaultError::storage)
}

/// Runs work that would hold up other tasks, on a thread made for that.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, VaultError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(VaultError::storage)
}

/// Wipes a key file and what interrupted writes of it left beside it.
fn wipe_files(file: &FilePath) -> std::io::Result<()> {
    for number in 1..=MAX_LEFTOVERS {
        let mut leftover = file.as_os_str().to_owned();
        leftover.push(format!("#{number}"));
        wipe_file(&PathBuf::from(leftover))?;
    }
    wipe_file(file)?;
    // Without this the directory entry might come back after a power cut (with zeros in it).
    match file.parent().map(std::fs::File::open) {
        Some(Ok(folder)) => folder.sync_all(),
        _ => Ok(()),
    }
}

/// Overwrites a file where it lies, then removes it: whether there was one.
fn wipe_file(file: &FilePath) -> std::io::Result<bool> {
    use std::io::{ErrorKind, Write};
    let mut open = match std::fs::OpenOptions::new().write(true).open(file) {
        Ok(open) => open,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    let length = open.metadata()?.len().min(MAX_WRAPPED_BYTES);
    open.write_all(&vec![0; usize::try_from(length).unwrap_or(0)])?;
    open.sync_all()?;
    drop(open);
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(true),
    }
}
