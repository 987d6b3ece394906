//! Uploads under way: how far each one is. Their bytes are in the vault.

use recovery::id::{CaseId, ContentDigest, EvidenceId, TakeId, UploadId};
use recovery::time::Timestamp;

use crate::cases::count;
use crate::rows::signed;
use crate::tx::{Reader, Tx};
use crate::{MAX_PAGE, Result};

statements! {
    CREATE = "INSERT INTO uploads (id, case_id, kind, slot, length, received, declared_type, \
        declared_digest, capture, created_at, expires_at, take_id, deferred) \
        VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8, $9, $10, $11, $12)";
    GET = "SELECT " [upload_columns] " FROM uploads WHERE id = $1";
    LOCK = "SELECT " [upload_columns] " FROM uploads WHERE id = $1" [for_update] "";
    ADVANCE = "UPDATE uploads SET received = $3 WHERE id = $1 AND received = $2";
    SETTLE = "UPDATE uploads SET length = $2, declared_digest = $3, deferred = 0 \
        WHERE id = $1 AND deferred = 1 AND received <= $2 AND length >= $2";
    FINISH = "UPDATE uploads SET finished_at = $2, evidence_id = $3 WHERE id = $1 \
        AND received = length AND deferred = 0 AND finished_at IS NULL AND expires_at > $2";
    COUNT_OPEN = "SELECT COUNT(*) FROM uploads \
        WHERE case_id = $1 AND finished_at IS NULL AND expires_at > $2";
    EXPIRED = "SELECT " [upload_columns] " FROM uploads \
        WHERE expires_at <= $1 ORDER BY expires_at, id LIMIT $2";
    DELETE = "DELETE FROM uploads WHERE id = $1";
}

rows! {
    /// An upload.
    #[derive(PartialEq, Eq)]
    pub struct Upload {
        /// Its identifier.
        pub id: UploadId,
        /// The case.
        pub case_id: CaseId,
        /// Which kind of evidence it is to become.
        pub kind: String,
        /// Which place of that kind.
        pub slot: String,
        /// Bytes it will have, or may have at most.
        pub length: u64,
        /// Bytes that have arrived.
        pub received: u64,
        /// The media type that the sender claims.
        pub declared_type: Option<String>,
        /// The digest that the sender claims.
        pub declared_digest: Option<ContentDigest>,
        /// How it is captured.
        pub capture: Option<String>,
        /// When it began.
        pub created_at: Timestamp,
        /// When it is given up.
        pub expires_at: Timestamp,
        /// When it was taken in as evidence.
        pub finished_at: Option<Timestamp>,
        /// The take it was made for.
        pub take_id: Option<TakeId>,
        /// Nobody said yet how long it will be: `length` is the most it may be.
        pub deferred: bool,
        /// The evidence it became.
        pub evidence_id: Option<EvidenceId>,
    }
}

/// An upload to be written.
#[derive(Debug, Clone)]
pub struct NewUpload<'a> {
    /// Its identifier.
    pub id: &'a UploadId,
    /// The case.
    pub case_id: &'a CaseId,
    /// Which kind of evidence it is to become.
    pub kind: &'a str,
    /// Which place of that kind.
    pub slot: &'a str,
    /// Bytes it will have, or may have at most.
    pub length: u64,
    /// The media type that the sender claims.
    pub declared_type: Option<&'a str>,
    /// The digest that the sender claims.
    pub declared_digest: Option<&'a ContentDigest>,
    /// How it is captured.
    pub capture: Option<&'a str>,
    /// When it is given up.
    pub expires_at: Timestamp,
    /// The take it is made for.
    pub take_id: Option<&'a TakeId>,
    /// Its length will be said later.
    pub deferred: bool,
}

/// What became of a piece of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advanced {
    /// Taken: so many bytes have arrived now.
    To(u64),
    /// It does not begin where the upload stands, which is here.
    OffsetIs(u64),
    /// It would make the upload longer than announced.
    TooLong,
    /// The upload is unknown, finished or expired.
    Gone,
}

impl Reader {
    /// An upload.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn upload(&mut self, id: &UploadId) -> Result<Option<Upload>> {
        fetch!(fetch_optional, Upload, self.conn, GET, id.as_str())
    }

    /// How many uploads of a case are under way.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_open_uploads(&mut self, case: &CaseId) -> Result<u64> {
        let now = self.now().await?.millis();
        fetch!(fetch_one, _, self.conn, COUNT_OPEN, case.as_str(), now).map(count)
    }

    /// Uploads that are given up or were finished long enough ago, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn expired_uploads(&mut self, limit: u32) -> Result<Vec<Upload>> {
        let now = self.now().await?.millis();
        fetch!(
            fetch_all,
            Upload,
            self.conn,
            EXPIRED,
            now,
            i64::from(limit.min(MAX_PAGE))
        )
    }
}

impl Tx {
    /// Writes a new upload.
    ///
    /// # Errors
    /// [`crate::StoreError::Taken`] if the identifier is known.
    pub async fn create_upload(&mut self, upload: &NewUpload<'_>) -> Result<()> {
        let now = self.now().await?;
        execute!(
            self.conn,
            CREATE,
            upload.id.as_str(),
            upload.case_id.as_str(),
            upload.kind,
            upload.slot,
            signed(upload.length),
            upload.declared_type,
            upload.declared_digest.map(|digest| digest.0.as_str()),
            upload.capture,
            now.millis(),
            upload.expires_at.millis(),
            upload.take_id.map(TakeId::as_str),
            i64::from(upload.deferred)
        )
        .map(|_| ())
    }

    /// Notes that a piece of `size` bytes arrived at `offset`. On PostgreSQL the upload stays
    /// locked to the end of the transaction.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn advance_upload(
        &mut self,
        id: &UploadId,
        offset: u64,
        size: u64,
    ) -> Result<Advanced> {
        let now = self.now().await?;
        let upload: Option<Upload> = fetch!(fetch_optional, _, self.conn, LOCK, id.as_str())?;
        let Some(upload) = upload.filter(|u| u.finished_at.is_none() && u.expires_at > now) else {
            return Ok(Advanced::Gone);
        };
        if upload.received != offset {
            return Ok(Advanced::OffsetIs(upload.received));
        }
        let to = offset.saturating_add(size);
        if to > upload.length {
            return Ok(Advanced::TooLong);
        }
        execute!(self.conn, ADVANCE, id.as_str(), signed(offset), signed(to))?;
        Ok(Advanced::To(to))
    }

    /// Says how long an upload is whose length was deferred; false if it was said before, or it is
    /// longer already, or would be longer than it may.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn settle_upload(
        &mut self,
        id: &UploadId,
        length: u64,
        digest: &ContentDigest,
    ) -> Result<bool> {
        let digest = digest.0.as_str();
        Ok(execute!(self.conn, SETTLE, id.as_str(), signed(length), digest)? > 0)
    }

    /// Notes that an upload became evidence; false if bytes are missing, or it is finished or
    /// expired.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn finish_upload(&mut self, id: &UploadId, evidence: &EvidenceId) -> Result<bool> {
        let now = self.now().await?.millis();
        Ok(execute!(self.conn, FINISH, id.as_str(), now, evidence.as_str())? > 0)
    }

    /// Forgets an upload; false if unknown. Its bytes are the vault's to delete.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_upload(&mut self, id: &UploadId) -> Result<bool> {
        Ok(execute!(self.conn, DELETE, id.as_str())? > 0)
    }
}
