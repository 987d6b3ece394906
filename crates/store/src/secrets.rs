//! Bearer secrets (links, tickets, case keys), stored as digests; each is used once.

use std::fmt;

use recovery::id::CaseId;
use recovery::time::Timestamp;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::Result;
use crate::tx::{Reader, Tx};

statements! {
    PUT = "INSERT INTO secrets (" [secret_columns] ") VALUES ($1, $2, $3, $4, $5, $6)";
    TAKE = "UPDATE secrets SET used_at = $3 WHERE digest = $1 AND purpose = $2 \
        AND used_at IS NULL AND expires_at > $3 RETURNING " [secret_columns] "";
    PEEK = "SELECT " [secret_columns] " FROM secrets \
        WHERE digest = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3";
    REVOKE = "DELETE FROM secrets WHERE case_id = $1 AND purpose = $2 AND used_at IS NULL";
}

/// SHA-256 of a bearer secret of at least 128 random bits: what is stored instead of it.
#[derive(Clone, Copy)]
pub struct SecretDigest(pub(crate) [u8; 32]);

impl SecretDigest {
    /// The digest of a secret as it was handed out.
    #[must_use]
    pub fn of(secret: &[u8]) -> Self {
        Self(Sha256::digest(secret).into())
    }

    /// A digest made elsewhere: a keyed one, for codes that are too short for a plain one.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(crate) const fn as_slice(&self) -> &[u8] {
        self.0.as_slice()
    }
}

impl PartialEq for SecretDigest {
    /// In constant time.
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for SecretDigest {}

impl fmt::Debug for SecretDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretDigest([redacted])")
    }
}

/// A secret to be written.
#[derive(Debug, Clone)]
pub struct NewSecret<'a> {
    /// Its digest.
    pub digest: SecretDigest,
    /// What it opens; a secret of one purpose is unknown to every other.
    pub purpose: &'a str,
    /// The case it is bound to, if any.
    pub case_id: Option<&'a CaseId>,
    /// Who or what it speaks for: an identifier or a blind index, never a name or address.
    pub subject: &'a str,
    /// When it ends.
    pub expires_at: Timestamp,
}

rows! {
    /// A secret that is known, not used and not expired.
    pub struct Secret {
        /// Its digest.
        pub digest: SecretDigest,
        /// What it opens.
        pub purpose: String,
        /// The case it is bound to, if any.
        pub case_id: Option<CaseId>,
        /// Who or what it speaks for.
        pub subject: String,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it ends.
        pub expires_at: Timestamp,
    }
}

impl Reader {
    /// The secret, without using it up; `None` if unknown, used or expired.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn peek_secret(
        &mut self,
        digest: &SecretDigest,
        purpose: &str,
    ) -> Result<Option<Secret>> {
        let now = self.now().await?.millis();
        fetch!(
            fetch_optional,
            Secret,
            self.conn,
            PEEK,
            digest.as_slice(),
            purpose,
            now
        )
    }
}

impl Tx {
    /// Writes a new secret.
    ///
    /// # Errors
    /// [`crate::StoreError::Taken`] if the digest is known already.
    pub async fn put_secret(&mut self, secret: &NewSecret<'_>) -> Result<()> {
        let now = self.now().await?;
        execute!(
            self.conn,
            PUT,
            secret.digest.as_slice(),
            secret.purpose,
            secret.case_id.map(CaseId::as_str),
            secret.subject,
            now.millis(),
            secret.expires_at.millis()
        )
        .map(|_| ())
    }

    /// Uses a secret up, at once and for good; `None` if unknown, used or expired.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_secret(
        &mut self,
        digest: &SecretDigest,
        purpose: &str,
    ) -> Result<Option<Secret>> {
        let now = self.now().await?.millis();
        fetch!(
            fetch_optional,
            Secret,
            self.conn,
            TAKE,
            digest.as_slice(),
            purpose,
            now
        )
    }

    /// Takes back a case's unused secrets of one purpose; returns how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revoke_secrets(&mut self, case: &CaseId, purpose: &str) -> Result<u64> {
        execute!(self.conn, REVOKE, case.as_str(), purpose)
    }
}
