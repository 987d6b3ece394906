//! Policies that wait for two seniors, and the log of who did what to which policy.

use recovery::id::{ContentDigest, ReviewerId};
use recovery::time::Timestamp;

use crate::tx::{Reader, Tx};
use crate::{MAX_PAGE, Result};

statements! {
    OPEN = "SELECT id, version, digest, body, proposed_at, first_by, first_at \
        FROM policy_proposals WHERE open = 1";
    PUT = "INSERT INTO policy_proposals (version, digest, body, proposed_at, open) \
        VALUES ($1, $2, $3, $4, 1)";
    CONFIRM = "UPDATE policy_proposals SET first_by = $2, first_at = $3 WHERE id = $1 \
        AND open = 1 AND (first_by IS NULL OR first_by = $4)";
    END = "UPDATE policy_proposals SET open = 0, ended_at = $2 WHERE id = $1 AND open = 1";
    LOG = "INSERT INTO policy_log (at, staff_id, what, version, digest) \
        VALUES ($1, $2, $3, $4, $5)";
    LOG_LIST = "SELECT at, staff_id, what, version, digest FROM policy_log \
        ORDER BY id DESC LIMIT $1";
}

rows! {
    /// A policy that waits for two seniors.
    #[derive(PartialEq, Eq)]
    pub struct PolicyProposal {
        /// The number of its row.
        pub id: i64,
        /// The version it would have.
        pub version: String,
        /// Digest of its bytes.
        pub digest: ContentDigest,
        /// Its bytes.
        pub body: Vec<u8>,
        /// When it was proposed.
        pub proposed_at: Timestamp,
        /// Who confirmed it first.
        pub first_by: Option<ReviewerId>,
        /// When.
        pub first_at: Option<Timestamp>,
    }

    /// One line of the log.
    #[derive(PartialEq, Eq)]
    pub struct PolicyStep {
        /// When.
        pub at: Timestamp,
        /// Who; nobody when it was done on the machine.
        pub staff_id: Option<ReviewerId>,
        /// What, by its stable word.
        pub what: String,
        /// The version it was done to.
        pub version: String,
        /// Digest of that policy's bytes.
        pub digest: ContentDigest,
    }
}

impl Reader {
    /// The one proposal that waits, if one does.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_proposal(&mut self) -> Result<Option<PolicyProposal>> {
        fetch!(fetch_optional, PolicyProposal, self.conn, OPEN)
    }

    /// The newest 200 lines of the log, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn policy_log(&mut self) -> Result<Vec<PolicyStep>> {
        let most = i64::from(MAX_PAGE);
        fetch!(fetch_all, PolicyStep, self.conn, LOG_LIST, most)
    }
}

impl Tx {
    /// Stores a proposal.
    ///
    /// # Errors
    /// [`crate::StoreError::Taken`] while another one is open: end that first.
    pub async fn propose_policy(
        &mut self,
        version: &str,
        digest: &ContentDigest,
        body: &[u8],
    ) -> Result<()> {
        let now = self.now().await?.millis();
        execute!(self.conn, PUT, version, digest.0.as_str(), body, now).map(|_| ())
    }

    /// Writes down who confirmed an open proposal first, in place of `instead_of` or of nobody;
    /// false if somebody else did meanwhile, or it ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn confirm_proposal(
        &mut self,
        id: i64,
        by: &ReviewerId,
        instead_of: Option<&ReviewerId>,
    ) -> Result<bool> {
        let now = self.now().await?.millis();
        let old = instead_of.map_or("", ReviewerId::as_str);
        Ok(execute!(self.conn, CONFIRM, id, by.as_str(), now, old)? > 0)
    }

    /// Ends an open proposal; false if it had ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_proposal(&mut self, id: i64) -> Result<bool> {
        let now = self.now().await?.millis();
        Ok(execute!(self.conn, END, id, now)? > 0)
    }

    /// Writes a line of the log; nobody as `by` means: on the machine.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn log_policy(
        &mut self,
        what: &str,
        by: Option<&ReviewerId>,
        version: &str,
        digest: &ContentDigest,
    ) -> Result<()> {
        let now = self.now().await?.millis();
        let (by, digest) = (by.map(ReviewerId::as_str), digest.0.as_str());
        execute!(self.conn, LOG, now, by, what, version, digest).map(|_| ())
    }
}
