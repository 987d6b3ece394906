//! Takes: one row per photo or video that a page of the camera may record. What arrived and what
//! was revealed when is one text of bytes in the row, written under its lock.

use recovery::id::{CaseId, EvidenceId, TakeId, UploadId};
use recovery::time::Timestamp;

use crate::cases::count;
use crate::tx::{Reader, Tx};
use crate::{Result, SecretDigest};

statements! {
    CREATE = "INSERT INTO takes (id, case_id, session, kind, created_at, expires_at, sealed, \
        progress) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    END_OPEN = "UPDATE takes SET ended_at = $3 \
        WHERE case_id = $1 AND kind = $2 AND ended_at IS NULL";
    GET = "SELECT " [take_columns] " FROM takes WHERE id = $1";
    LOCK = "SELECT " [take_columns] " FROM takes WHERE id = $1" [for_update] "";
    PROGRESS = "UPDATE takes SET progress = $2 WHERE id = $1";
    SEALED = "UPDATE takes SET sealed = $2 WHERE id = $1";
    BIND = "UPDATE takes SET upload_id = $2 WHERE id = $1 AND ended_at IS NULL";
    USE = "UPDATE takes SET ended_at = $4, evidence_id = $3 \
        WHERE id = $1 AND upload_id = $2 AND ended_at IS NULL AND expires_at > $4";
    COUNT_SINCE = "SELECT COUNT(*), MIN(created_at) FROM takes \
        WHERE case_id = $1 AND kind = $2 AND created_at > $3";
    DELETE_OF_CASE = "DELETE FROM takes WHERE case_id = $1";
}

rows! {
    /// A take.
    pub struct Take {
        /// Its identifier.
        pub id: TakeId,
        /// The case.
        pub case_id: CaseId,
        /// Digest of the session that made it.
        pub session: SecretDigest,
        /// Which kind of evidence it is to become.
        pub kind: String,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it is over at the latest.
        pub expires_at: Timestamp,
        /// When it was replaced or used.
        pub ended_at: Option<Timestamp>,
        /// The upload that counts.
        pub upload_id: Option<UploadId>,
        /// The evidence that upload became.
        pub evidence_id: Option<EvidenceId>,
        /// What only the case's key opens.
        pub sealed: Vec<u8>,
        /// Arrivals and reveals, as the engine writes them.
        pub progress: Vec<u8>,
    }
}

/// A take to be written.
#[derive(Debug, Clone)]
pub struct NewTake<'a> {
    /// Its identifier.
    pub id: &'a TakeId,
    /// The case.
    pub case_id: &'a CaseId,
    /// Digest of the session that makes it.
    pub session: &'a SecretDigest,
    /// Which kind of evidence it is to become.
    pub kind: &'a str,
    /// When it is over at the latest.
    pub expires_at: Timestamp,
    /// What only the case's key opens.
    pub sealed: &'a [u8],
    /// Arrivals and reveals: none yet.
    pub progress: &'a [u8],
}

impl Reader {
    /// A take.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take(&mut self, id: &TakeId) -> Result<Option<Take>> {
        fetch!(fetch_optional, Take, self.conn, GET, id.as_str())
    }

    /// How many takes of a kind a case made after `since`, and when the first of them was made.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn takes_since(
        &mut self,
        case: &CaseId,
        kind: &str,
        since: Timestamp,
    ) -> Result<(u64, Option<Timestamp>)> {
        let (many, first): (i64, Option<i64>) = fetch!(
            fetch_one,
            _,
            self.conn,
            COUNT_SINCE,
            case.as_str(),
            kind,
            since.millis()
        )?;
        Ok((count((many,)), first.map(Timestamp::from_millis)))
    }
}

impl Tx {
    /// Writes a new take and ends the open one of the same case and kind.
    ///
    /// # Errors
    /// [`crate::StoreError::Taken`] if another take of the kind is made at the same moment.
    pub async fn create_take(&mut self, take: &NewTake<'_>) -> Result<()> {
        let now = self.now().await?.millis();
        execute!(self.conn, END_OPEN, take.case_id.as_str(), take.kind, now)?;
        execute!(
            self.conn,
            CREATE,
            take.id.as_str(),
            take.case_id.as_str(),
            take.session.as_slice(),
            take.kind,
            now,
            take.expires_at.millis(),
            take.sealed,
            take.progress
        )
        .map(|_| ())
    }

    /// A take, which on PostgreSQL stays locked to the end of the transaction.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lock_take(&mut self, id: &TakeId) -> Result<Option<Take>> {
        fetch!(fetch_optional, Take, self.conn, LOCK, id.as_str())
    }

    /// Writes what arrived and was revealed. Only with the take locked in this transaction.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_take_progress(&mut self, id: &TakeId, progress: &[u8]) -> Result<()> {
        execute!(self.conn, PROGRESS, id.as_str(), progress).map(|_| ())
    }

    /// Writes the sealed part anew. Only with the take locked in this transaction.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_take_sealed(&mut self, id: &TakeId, sealed: &[u8]) -> Result<()> {
        execute!(self.conn, SEALED, id.as_str(), sealed).map(|_| ())
    }

    /// Says which upload of an open take counts.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn bind_take(&mut self, id: &TakeId, upload: &UploadId) -> Result<bool> {
        Ok(execute!(self.conn, BIND, id.as_str(), upload.as_str())? > 0)
    }

    /// Uses a take up: its upload became this evidence. False if the take is over, or another
    /// upload is the one that counts.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn use_take(
        &mut self,
        id: &TakeId,
        upload: &UploadId,
        evidence: &EvidenceId,
    ) -> Result<bool> {
        let now = self.now().await?.millis();
        Ok(execute!(
            self.conn,
            USE,
            id.as_str(),
            upload.as_str(),
            evidence.as_str(),
            now
        )? > 0)
    }

    /// Forgets all takes of a case; returns how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_takes(&mut self, case: &CaseId) -> Result<u64> {
        execute!(self.conn, DELETE_OF_CASE, case.as_str())
    }
}
