//! What cases that their holders stopped left behind, as keyed digests. It outlives their data.

use recovery::id::{BlindIndex, CaseId};
use recovery::time::{Span, Timestamp};

use crate::cases::count;
use crate::origins::Others;
use crate::tx::{Reader, Tx};
use crate::{MAX_PURGE, Result};

statements! {
    PUT = "INSERT INTO marks (digest, case_id, created_at) VALUES ($1, $2, $3) \
        ON CONFLICT (digest, case_id) DO UPDATE SET created_at = excluded.created_at";
    OTHERS = "SELECT COUNT(*) FROM marks \
        WHERE digest = $1 AND created_at > $2 AND case_id <> $3";
    OF_CASE = "SELECT COUNT(*) FROM marks WHERE case_id = $1 AND created_at > $2";
    LIFT = "DELETE FROM marks WHERE case_id = $1";
    PURGE = "DELETE FROM marks WHERE (digest, case_id) IN \
        (SELECT digest, case_id FROM marks WHERE created_at <= $1 LIMIT $2)";
}

impl Reader {
    /// Other cases that left this digest behind.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn others_marked(&mut self, digest: &BlindIndex, others: Others<'_>) -> Result<u64> {
        let (digest, since) = (digest.0.as_str(), others.since.millis());
        let than = others.than.as_str();
        fetch!(fetch_one, (i64,), self.conn, OTHERS, digest, since, than).map(count)
    }

    /// Whether a case has left anything behind since a moment.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_marks(&mut self, case: &CaseId, since: Timestamp) -> Result<bool> {
        let (case, since) = (case.as_str(), since.millis());
        let (found,) = fetch!(fetch_one, (i64,), self.conn, OF_CASE, case, since)?;
        Ok(found > 0)
    }
}

impl Tx {
    /// Marks what a case left behind; from now on, if it is marked already.
    ///
    /// # Errors
    /// When the database fails, or at commit when the case does not exist.
    pub async fn put_mark(&mut self, case: &CaseId, digest: &BlindIndex) -> Result<()> {
        let now = self.now().await?.millis();
        execute!(self.conn, PUT, digest.0.as_str(), case.as_str(), now).map(|_| ())
    }

    /// Takes every mark of a case away; returns how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lift_marks(&mut self, case: &CaseId) -> Result<u64> {
        execute!(self.conn, LIFT, case.as_str())
    }

    /// Forgets marks that are older than this, [`MAX_PURGE`] at most; returns how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn purge_marks(&mut self, kept: Span) -> Result<u64> {
        let before = (self.now().await? - kept).millis();
        execute!(self.conn, PURGE, before, i64::from(MAX_PURGE))
    }
}
