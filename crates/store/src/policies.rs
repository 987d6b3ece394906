//! Policies as they were published: never changed, only followed by newer ones.

use recovery::id::ContentDigest;
use recovery::time::Timestamp;

use crate::tx::{Reader, Tx};
use crate::{MAX_PAGE, Result};

statements! {
    PUT = "INSERT INTO policies (version, digest, body, activated_at) VALUES ($1, $2, $3, $4)";
    GET = "SELECT version, digest, body, activated_at FROM policies WHERE version = $1";
    ACTIVE = "SELECT version, digest, body, activated_at FROM policies \
        WHERE activated_at <= $1 ORDER BY activated_at DESC, version DESC LIMIT 1";
    LIST = "SELECT version, digest, body, activated_at FROM policies \
        ORDER BY activated_at DESC, version DESC LIMIT $1";
}

rows! {
    /// A published policy.
    #[derive(PartialEq, Eq)]
    pub struct StoredPolicy {
        /// Its version's name.
        pub version: String,
        /// Digest of its bytes.
        pub digest: ContentDigest,
        /// Its bytes.
        pub body: Vec<u8>,
        /// From when it holds for new cases.
        pub activated_at: Timestamp,
    }
}

impl Reader {
    /// A policy by its version.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn policy(&mut self, version: &str) -> Result<Option<StoredPolicy>> {
        fetch!(fetch_optional, StoredPolicy, self.conn, GET, version)
    }

    /// The policy that holds now for new cases.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn active_policy(&mut self) -> Result<Option<StoredPolicy>> {
        let now = self.now().await?.millis();
        fetch!(fetch_optional, StoredPolicy, self.conn, ACTIVE, now)
    }

    /// The newest 200 policies, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn policies(&mut self) -> Result<Vec<StoredPolicy>> {
        fetch!(
            fetch_all,
            StoredPolicy,
            self.conn,
            LIST,
            i64::from(MAX_PAGE)
        )
    }
}

impl Tx {
    /// Publishes a policy.
    ///
    /// # Errors
    /// [`crate::StoreError::Taken`] if the version exists: a policy is never changed.
    pub async fn put_policy(
        &mut self,
        version: &str,
        digest: &ContentDigest,
        body: &[u8],
        activated_at: Timestamp,
    ) -> Result<()> {
        let (digest, at) = (digest.0.as_str(), activated_at.millis());
        execute!(self.conn, PUT, version, digest, body, at).map(|_| ())
    }
}
