//! The vault itself.

use std::sync::Arc;

use age::x25519;
use futures::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{Error as StoreError, ObjectStore, ObjectStoreExt, PutPayload};
use recovery::id::{BlindIndex, CaseId, ContentDigest};
use zeroize::Zeroizing;

use crate::blind::IndexKey;
use crate::cache::Cache;
use crate::error::VaultError;
use crate::keys::{KeyStore, RotationReport, blocking, read};
use crate::location::{Location, Place};
use crate::master::MasterKey;
use crate::name::{self, ObjectName};
use crate::seal::{self, SealedKind};

/// Up to this size sealing takes well under a millisecond and is done where it is asked for.
const INLINE_BYTES: usize = 64 * 1024;
/// Most objects of one case: 40 pieces of evidence with 512 chunks each leave room.
const MAX_OBJECTS: usize = 65_536;
/// Objects deleted at a time.
const DELETE_PARALLEL: usize = 8;
const SUFFIX: &str = ".age";

/// Where a vault keeps things and what opens its keys.
#[derive(Debug)]
pub struct VaultConfig {
    /// Sealed objects. Backups may be kept as long as the operator likes.
    pub objects: Location,
    /// Wrapped keys: never inside `objects` nor around it; backups of their own, and short ones.
    pub keys: Location,
    /// Master keys: the first wraps, all of them open. At least one.
    pub masters: Vec<MasterKey>,
}

/// Seals and opens what belongs to cases. Clones share keys and cache.
#[derive(Clone)]
pub struct Vault(Arc<Inner>);

struct Inner {
    objects: Arc<dyn ObjectStore>,
    keys: KeyStore,
    cache: Cache,
    index: IndexKey,
}

impl Vault {
    /// Opens both stores and reads (the first time: makes) the key of the blind indexes.
    ///
    /// # Errors
    /// [`VaultError::BadLocation`] when one location holds the other, [`VaultError::Master`] when
    /// no master key is given or none opens the index key, [`VaultError::Storage`].
    pub async fn open(config: VaultConfig) -> Result<Self, VaultError> {
        let VaultConfig {
            objects,
            keys,
            masters,
        } = config;
        let (objects, keys) = blocking(move || open_both(&objects, &keys)).await??;
        let keys = KeyStore::new(keys, masters)?;
        let index = keys.index_key().await?;
        let objects = objects.store;
        Ok(Self(Arc::new(Inner {
            objects,
            keys,
            cache: Cache::default(),
            index,
        })))
    }

    /// Makes the key of a case; once made, nothing more happens.
    ///
    /// # Errors
    /// [`VaultError::Destroyed`] when the case had one that was destroyed.
    pub async fn create_case_key(&self, case: &CaseId) -> Result<(), VaultError> {
        self.0.keys.create(case).await
    }

    /// Destroys the key of a case for good, and with it everything sealed for the case, in every
    /// copy. Also for a case that has no key: then it never gets one. May be repeated.
    ///
    /// Other nodes forget the key within a minute.
    ///
    /// # Errors
    /// [`VaultError::Storage`]: then repeat it.
    pub async fn destroy_case_key(&self, case: &CaseId) -> Result<(), VaultError> {
        self.0.cache.forget(case);
        let done = self.0.keys.destroy(case).await;
        // Again: a reader that began before the mark was there may have put it back.
        self.0.cache.forget(case);
        done
    }

    /// Seals a record for the main database; it opens only for this case and name.
    ///
    /// # Errors
    /// [`VaultError::NoKey`], [`VaultError::BadName`], [`VaultError::TooLarge`].
    pub async fn seal_record(
        &self,
        case: &CaseId,
        name: &str,
        plaintext: &[u8],
    ) -> Result<Vec<u8>, VaultError> {
        name::check(name)?;
        self.seal(
            case,
            seal::header(SealedKind::Record, case, name),
            plaintext,
        )
        .await
    }

    /// Opens a record.
    ///
    /// # Errors
    /// [`VaultError::NoKey`], [`VaultError::BadName`], [`VaultError::Damaged`].
    pub async fn open_record(
        &self,
        case: &CaseId,
        name: &str,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        name::check(name)?;
        let header = seal::header(SealedKind::Record, case, name);
        let identity = self.identity(case).await?;
        if sealed.len() <= INLINE_BYTES {
            return seal::open(&identity, &header, sealed);
        }
        let sealed = sealed.to_vec();
        blocking(move || seal::open(&identity, &header, &sealed)).await?
    }

    /// Seals and stores an object, in place of one of the same name: the plaintext's digest.
    ///
    /// # Errors
    /// [`VaultError::NoKey`], [`VaultError::TooLarge`], [`VaultError::Storage`].
    pub async fn put_object(
        &self,
        case: &CaseId,
        name: &ObjectName,
        plaintext: &[u8],
    ) -> Result<ContentDigest, VaultError> {
        let header = seal::header(SealedKind::Object, case, name.as_str());
        let (sealed, digest) = self.seal_digested(case, header, plaintext).await?;
        let payload = PutPayload::from(sealed);
        let path = object_path(case, name);
        self.0
            .objects
            .put(&path, payload)
            .await
            .map_err(VaultError::storage)?;
        Ok(digest)
    }

    /// Reads and opens an object. Whether it is the newest of its name tells the digest that the
    /// caller recorded.
    ///
    /// # Errors
    /// [`VaultError::NoKey`], [`VaultError::Missing`], [`VaultError::Damaged`],
    /// [`VaultError::TooLarge`] (longer than any of ours; not read), [`VaultError::Storage`].
    pub async fn get_object(
        &self,
        case: &CaseId,
        name: &ObjectName,
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let identity = self.identity(case).await?;
        let header = seal::header(SealedKind::Object, case, name.as_str());
        let path = object_path(case, name);
        let sealed = read(self.0.objects.as_ref(), &path, seal::max_stored_bytes()).await?;
        if sealed.len() <= INLINE_BYTES {
            return seal::open(&identity, &header, &sealed);
        }
        blocking(move || seal::open(&identity, &header, &sealed)).await?
    }

    /// Deletes an object; it may be gone already.
    ///
    /// # Errors
    /// [`VaultError::Storage`].
    pub async fn delete_object(&self, case: &CaseId, name: &ObjectName) -> Result<(), VaultError> {
        self.delete_path(&object_path(case, name)).await
    }

    /// Deletes every object of a case, whether or not its key is there; says how many.
    ///
    /// # Errors
    /// [`VaultError::TooMany`], [`VaultError::Storage`]: then repeat it.
    pub async fn delete_objects(&self, case: &CaseId) -> Result<usize, VaultError> {
        let names = self.object_names(case).await?;
        let count = names.len();
        futures::stream::iter(names)
            .map(|name| async move { self.delete_object(case, &name).await })
            .buffer_unordered(DELETE_PARALLEL)
            .try_collect::<()>()
            .await?;
        Ok(count)
    }

    /// The names of a case's objects, sorted. They are not secret and need no key.
    ///
    /// # Errors
    /// [`VaultError::TooMany`] beyond 65,536 objects, [`VaultError::Storage`].
    pub async fn object_names(&self, case: &CaseId) -> Result<Vec<ObjectName>, VaultError> {
        let prefix = format!("{case}/");
        let mut names = Vec::new();
        let mut found = self.0.objects.list(Some(&Path::from(case.as_str())));
        while let Some(meta) = found.try_next().await.map_err(VaultError::storage)? {
            let inner = meta.location.as_ref().strip_prefix(&prefix);
            let name = inner.and_then(|name| name.strip_suffix(SUFFIX));
            // What is not named as ours are is not ours: leftovers, files of other tools.
            let Some(name) = name.and_then(|name| name.parse().ok()) else {
                continue;
            };
            if names.len() >= MAX_OBJECTS {
                return Err(VaultError::TooMany(MAX_OBJECTS));
            }
            names.push(name);
        }
        names.sort();
        Ok(names)
    }

    /// The keyed digest of a value, comparable within one purpose only. The caller brings the
    /// value into its one form first (lower case, no spaces, whatever fits the purpose).
    #[must_use]
    pub fn blind_index(&self, purpose: &str, value: &str) -> BlindIndex {
        self.0.index.index(purpose, value)
    }

    /// Wraps every key by the first master key; `progress` hears of every key. An interrupted
    /// rotation is simply run again.
    ///
    /// # Errors
    /// [`VaultError::Storage`], [`VaultError::TooMany`]. A key that does not open is counted.
    pub async fn rotate(
        &self,
        progress: impl FnMut(RotationReport) + Send,
    ) -> Result<RotationReport, VaultError> {
        self.0.keys.rotate(progress).await
    }

    async fn identity(&self, case: &CaseId) -> Result<Arc<x25519::Identity>, VaultError> {
        if let Some(identity) = self.0.cache.get(case) {
            return Ok(identity);
        }
        let ticket = self.0.cache.ticket();
        let identity = Arc::new(self.0.keys.identity(case).await?);
        self.0.cache.put(case, Arc::clone(&identity), ticket);
        Ok(identity)
    }

    async fn seal(
        &self,
        case: &CaseId,
        header: String,
        plaintext: &[u8],
    ) -> Result<Vec<u8>, VaultError> {
        let identity = self.identity(case).await?;
        if plaintext.len() <= INLINE_BYTES {
            return seal::seal(&identity, &header, plaintext);
        }
        let plaintext = copy(plaintext)?;
        blocking(move || seal::seal(&identity, &header, &plaintext)).await?
    }

    async fn seal_digested(
        &self,
        case: &CaseId,
        header: String,
        plaintext: &[u8],
    ) -> Result<(Vec<u8>, ContentDigest), VaultError> {
        let identity = self.identity(case).await?;
        let work = move |plaintext: &[u8]| {
            let sealed = seal::seal(&identity, &header, plaintext)?;
            Ok((sealed, ContentDigest::of(plaintext)))
        };
        if plaintext.len() <= INLINE_BYTES {
            return work(plaintext);
        }
        let plaintext = copy(plaintext)?;
        blocking(move || work(&plaintext)).await?
    }

    async fn delete_path(&self, path: &Path) -> Result<(), VaultError> {
        match self.0.objects.delete(path).await {
            Ok(()) | Err(StoreError::NotFound { .. }) => Ok(()),
            Err(other) => Err(VaultError::storage(other)),
        }
    }
}

fn open_both(objects: &Location, keys: &Location) -> Result<(Place, Place), VaultError> {
    let places = (objects.open()?, keys.open()?);
    // Compared after opening, when both folders exist and links can be followed.
    if objects.overlaps(keys) {
        return Err(VaultError::BadLocation(
            "keys and objects must not contain one another",
        ));
    }
    Ok(places)
}

/// A copy for another thread, wiped after use; what is too long is refused before copying.
fn copy(plaintext: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    if plaintext.len() > seal::MAX_SEALED_BYTES {
        return Err(VaultError::TooLarge);
    }
    Ok(Zeroizing::new(plaintext.to_vec()))
}

fn object_path(case: &CaseId, name: &ObjectName) -> Path {
    Path::from(format!("{case}/{name}{SUFFIX}"))
}
