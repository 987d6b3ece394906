//! Where sealed data and wrapped keys are kept.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;

use crate::error::VaultError;

/// A place for objects or for keys: a folder of this machine, or memory (tests).
///
/// Clones of one memory location share what is in it.
#[derive(Clone)]
pub struct Location(Kind);

#[derive(Clone)]
enum Kind {
    Folder(PathBuf),
    Memory(Arc<InMemory>),
}

/// A location made ready: the store, and its folder where it has one.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) folder: Option<Arc<Path>>,
}

impl Location {
    /// A folder; it is made on opening, for its owner alone, if it is not there.
    pub fn folder(path: impl Into<PathBuf>) -> Self {
        Self(Kind::Folder(path.into()))
    }

    /// An empty store in memory, lost with its last clone.
    #[must_use]
    pub fn memory() -> Self {
        Self(Kind::Memory(Arc::new(InMemory::new())))
    }

    /// Opens the location.
    pub(crate) fn open(&self) -> Result<Place, VaultError> {
        match &self.0 {
            Kind::Memory(store) => Ok(Place {
                store: Arc::<InMemory>::clone(store),
                folder: None,
            }),
            Kind::Folder(path) => open_folder(path),
        }
    }

    /// Whether a backup of one location would hold the other too.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Kind::Memory(one), Kind::Memory(two)) => Arc::ptr_eq(one, two),
            (Kind::Folder(one), Kind::Folder(two)) => {
                let (one, two) = (canonical(one), canonical(two));
                one.starts_with(&two) || two.starts_with(&one)
            }
            _ => false,
        }
    }
}

/// The path without links and dots, as far as it exists.
fn canonical(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    path.canonicalize().unwrap_or(path)
}

fn open_folder(path: &Path) -> Result<Place, VaultError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(VaultError::storage)?;
    let path = path.canonicalize().map_err(VaultError::storage)?;
    // What the vault acknowledged must survive a power cut, hence fsync.
    let store = LocalFileSystem::new_with_prefix(&path)
        .map_err(VaultError::storage)?
        .with_fsync(true)
        .with_automatic_cleanup(true);
    Ok(Place {
        store: Arc::new(store),
        folder: Some(path.into()),
    })
}

impl FromStr for Location {
    type Err = VaultError;

    /// Reads `file:///absolute/folder`, a plain path, or `memory:`.
    fn from_str(text: &str) -> Result<Self, VaultError> {
        if text.is_empty() {
            return Err(VaultError::BadLocation("empty"));
        }
        if text == "memory:" {
            return Ok(Self::memory());
        }
        if !text.contains("://") {
            return Ok(Self::folder(text));
        }
        let address = url::Url::parse(text).map_err(|_| VaultError::BadLocation("not a URL"))?;
        match address.scheme() {
            "file" => address
                .to_file_path()
                .map(Self::folder)
                .map_err(|()| VaultError::BadLocation("not an absolute file:/// URL")),
            _ => Err(VaultError::BadLocation(
                "only file:/// and plain paths are supported",
            )),
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Folder(path) => write!(f, "{}", path.display()),
            Kind::Memory(_) => f.write_str("memory:"),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn reads_urls_and_paths() {
        let read = |text: &str| text.parse::<Location>().map(|place| format!("{place:?}"));
        assert_eq!(read("file:///srv/a%20b").unwrap(), "/srv/a b");
        assert_eq!(read("./data/objects").unwrap(), "./data/objects");
        assert_eq!(read("memory:").unwrap(), "memory:");
        assert!(read("").is_err());
        assert!(read("s3://bucket/x").is_err());
    }

    #[test]
    fn overlapping_locations_are_seen_through_links_and_nesting() {
        let root = tempfile::tempdir().unwrap();
        let inner = root.path().join("keys");
        std::fs::create_dir(&inner).unwrap();
        let link = root.path().join("link");
        #[cfg(unix)]
        std::os::unix::fs::symlink(&inner, &link).unwrap();
        assert!(Location::folder(root.path()).overlaps(&Location::folder(&inner)));
        assert!(Location::folder(&inner).overlaps(&Location::folder(&link)));
        let sibling = Location::folder(root.path().join("keys2"));
        assert!(!sibling.overlaps(&Location::folder(&inner)));
        let memory = Location::memory();
        assert!(memory.overlaps(&memory.clone()) && !memory.overlaps(&Location::memory()));
    }
}
