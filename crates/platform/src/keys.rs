//! Keys that Regain and the platform share: one in use, one on its way out or in.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use recovery::sensitive::Sensitive;
use sha2::Sha256;
use thiserror::Error;

/// Fewest bytes of a secret: the output of SHA-256 (RFC 2104 section 3).
pub const SECRET_MIN: usize = 32;
/// Bytes of a signature: the output of SHA-256.
pub(crate) const MAC_BYTES: usize = 32;
/// Longest key identifier, in bytes.
const KEY_ID_MAX: usize = 64;

/// Why a key cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyError {
    /// The identifier would not fit into a header.
    #[error("a key identifier is 1 to 64 letters, digits, dots, dashes and underscores")]
    Id,
    /// The secret is too short.
    #[error("a shared secret has at least 32 bytes")]
    TooShort,
    /// The secret is not base 64.
    #[error("a shared secret is written in base 64")]
    NotBase64,
    /// Both keys have the same identifier.
    #[error("the two shared keys need different identifiers")]
    SameId,
}

/// One shared key.
#[derive(Clone)]
pub struct SharedKey {
    id: String,
    /// With the secret taken in: each signature begins from a copy.
    keyed: Hmac<Sha256>,
}

impl fmt::Debug for SharedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl SharedKey {
    /// A key from its identifier and at least 32 secret bytes.
    ///
    /// # Errors
    /// [`KeyError`] when the identifier or the secret does not do.
    pub fn new(id: &str, secret: Vec<u8>) -> Result<Self, KeyError> {
        let secret = Sensitive::new(secret);
        let known = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
        if id.is_empty() || id.len() > KEY_ID_MAX || !id.bytes().all(known) {
            return Err(KeyError::Id);
        }
        if secret.reveal().len() < SECRET_MIN {
            return Err(KeyError::TooShort);
        }
        Ok(Self {
            id: id.to_owned(),
            // HMAC takes keys of every length.
            keyed: Hmac::new_from_slice(secret.reveal()).map_err(|_| KeyError::TooShort)?,
        })
    }

    /// The same from a secret in base 64, as it stands in a configuration.
    ///
    /// # Errors
    /// [`KeyError`] when one of the parts does not do.
    pub fn from_base64(id: &str, secret: &str) -> Result<Self, KeyError> {
        let bytes = data_encoding::BASE64
            .decode(secret.trim().as_bytes())
            .map_err(|_| KeyError::NotBase64)?;
        Self::new(id, bytes)
    }

    /// Its identifier, which is no secret.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    fn mac(&self, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac = self.keyed.clone();
        for (place, part) in parts.iter().enumerate() {
            if place > 0 {
                mac.update(b"\n");
            }
            mac.update(part);
        }
        mac
    }

    /// HMAC-SHA-256 over the parts, joined by line feeds. No part but the last may hold one.
    pub(crate) fn sign(&self, parts: &[&[u8]]) -> [u8; MAC_BYTES] {
        self.mac(parts).finalize().into_bytes().into()
    }

    /// Whether the signature is right, compared in constant time.
    pub(crate) fn verifies(&self, parts: &[&[u8]], signature: &[u8]) -> bool {
        self.mac(parts).verify_slice(signature).is_ok()
    }
}

/// The live keys: everything is signed with `current`, and both are accepted.
///
/// To rotate: give both sides the new key as `other`, then make it `current` on both, then drop
/// the old.
#[derive(Debug, Clone)]
pub struct SharedKeys {
    current: SharedKey,
    other: Option<SharedKey>,
}

impl SharedKeys {
    /// One key, and during a rotation a second.
    ///
    /// # Errors
    /// [`KeyError::SameId`] when both have one identifier.
    pub fn new(current: SharedKey, other: Option<SharedKey>) -> Result<Self, KeyError> {
        if other.as_ref().is_some_and(|key| key.id == current.id) {
            return Err(KeyError::SameId);
        }
        Ok(Self { current, other })
    }

    /// The key to sign with.
    #[must_use]
    pub const fn current(&self) -> &SharedKey {
        &self.current
    }

    /// The live key of that identifier.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&SharedKey> {
        self.all().find(|key| key.id == id)
    }

    /// Every live key.
    pub fn all(&self) -> impl Iterator<Item = &SharedKey> {
        std::iter::once(&self.current).chain(self.other.as_ref())
    }
}
