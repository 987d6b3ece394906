//! Fingerprints of evidence: 512 bits by which the same picture is found again, and keyed digests
//! by which an exact copy is.

use recovery::id::{BlindIndex, CaseId, EvidenceId};
use recovery::time::{Span, Timestamp};

use crate::tx::{Reader, Tx};
use crate::{MAX_PAGE, MAX_PURGE, Result};

/// Prints of one piece of evidence: nine frames, a sound, and the parts of a picture stay below.
pub const MAX_PRINTS: usize = 32;

/// Rows that one page of the index has: 4 MB in memory at most.
pub const PRINTS_PAGE: u32 = 20_000;

statements! {
    LOCK = "" [prints_lock] "";
    PUT = "INSERT INTO prints (case_id, evidence_id, kind, part, place, bits, created_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
    AFTER = "SELECT id, part, bits FROM prints WHERE id > $1 ORDER BY id LIMIT $2";
    GET = "SELECT id, case_id, evidence_id, kind, part, place, bits FROM prints WHERE id = $1";
    DELETE = "DELETE FROM prints WHERE case_id = $1";
    PUT_COPY = "INSERT INTO copies (evidence_id, what, case_id, kind, digest, created_at) \
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
    COPIES = "SELECT evidence_id, case_id, kind, digest, created_at FROM copies \
        WHERE digest = $1 AND what = $2 ORDER BY created_at, evidence_id LIMIT $3";
    PURGE_COPIES = "DELETE FROM copies WHERE evidence_id IN \
        (SELECT evidence_id FROM copies WHERE created_at <= $1 LIMIT $2)";
}

/// A fingerprint to be kept.
#[derive(Debug, Clone)]
pub struct NewPrint<'a> {
    /// The case.
    pub case_id: &'a CaseId,
    /// The piece of evidence.
    pub evidence_id: &'a EvidenceId,
    /// Its kind.
    pub kind: &'a str,
    /// What part of it the print is of.
    pub part: &'a str,
    /// Which one of that part: a frame's number, else 0.
    pub place: u32,
    /// The print.
    pub bits: [u8; 64],
}

rows! {
    /// A fingerprint as the index in memory needs it.
    pub struct IndexedPrint {
        /// The number of its row.
        pub id: i64,
        /// What part it is of.
        pub part: String,
        /// The print.
        pub bits: [u8; 64],
    }

    /// A fingerprint with what it is of.
    pub struct StoredPrint {
        /// The number of its row.
        pub id: i64,
        /// The case.
        pub case_id: CaseId,
        /// The piece of evidence.
        pub evidence_id: EvidenceId,
        /// Its kind.
        pub kind: String,
        /// What part of it the print is of.
        pub part: String,
        /// Which one of that part.
        pub place: u32,
        /// The print.
        pub bits: [u8; 64],
    }

    /// A piece of evidence with the same keyed digest.
    #[derive(PartialEq, Eq)]
    pub struct StoredCopy {
        /// The piece of evidence.
        pub evidence_id: EvidenceId,
        /// Its case.
        pub case_id: CaseId,
        /// Its kind.
        pub kind: String,
        /// The keyed digest.
        pub digest: BlindIndex,
        /// When it was noted.
        pub created_at: Timestamp,
    }
}

/// A keyed digest to be kept.
#[derive(Debug, Clone)]
pub struct NewCopy<'a> {
    /// The piece of evidence.
    pub evidence_id: &'a EvidenceId,
    /// Of what: `file` or `pixels`.
    pub what: &'a str,
    /// The case.
    pub case_id: &'a CaseId,
    /// The kind of evidence.
    pub kind: &'a str,
    /// The keyed digest.
    pub digest: &'a BlindIndex,
}

impl Reader {
    /// Prints after a row, in the order in which they became visible; [`PRINTS_PAGE`] at most.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn prints_after(&mut self, row: i64) -> Result<Vec<IndexedPrint>> {
        let page = i64::from(PRINTS_PAGE);
        fetch!(fetch_all, IndexedPrint, self.conn, AFTER, row, page)
    }

    /// A print with what it is of; nothing once it was erased.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn print(&mut self, row: i64) -> Result<Option<StoredPrint>> {
        fetch!(fetch_optional, StoredPrint, self.conn, GET, row)
    }

    /// Pieces of evidence with this keyed digest, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn copies(
        &mut self,
        what: &str,
        digest: &BlindIndex,
        limit: u32,
    ) -> Result<Vec<StoredCopy>> {
        let limit = i64::from(limit.min(MAX_PAGE));
        fetch!(
            fetch_all,
            StoredCopy,
            self.conn,
            COPIES,
            digest.0.as_str(),
            what,
            limit
        )
    }
}

impl Tx {
    /// Keeps prints of one piece of evidence; what is known already is left as it is. Those above
    /// [`MAX_PRINTS`] are left out. On PostgreSQL, others who write prints wait for the end of
    /// this transaction.
    ///
    /// # Errors
    /// When the database fails, or at commit when the case does not exist.
    pub async fn put_prints(&mut self, prints: &[NewPrint<'_>]) -> Result<()> {
        if prints.is_empty() {
            return Ok(());
        }
        let now = self.now().await?.millis();
        execute!(self.conn, LOCK)?;
        for print in prints.iter().take(MAX_PRINTS) {
            execute!(
                self.conn,
                PUT,
                print.case_id.as_str(),
                print.evidence_id.as_str(),
                print.kind,
                print.part,
                i64::from(print.place),
                print.bits.as_slice(),
                now
            )?;
        }
        Ok(())
    }

    /// Keeps a keyed digest; one that is known already is left as it is.
    ///
    /// # Errors
    /// When the database fails, or at commit when the case does not exist.
    pub async fn put_copy(&mut self, copy: &NewCopy<'_>) -> Result<()> {
        let now = self.now().await?.millis();
        execute!(
            self.conn,
            PUT_COPY,
            copy.evidence_id.as_str(),
            copy.what,
            copy.case_id.as_str(),
            copy.kind,
            copy.digest.0.as_str(),
            now
        )
        .map(|_| ())
    }

    /// Forgets a case's prints; returns how many. Its keyed digests stay.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_prints(&mut self, case: &CaseId) -> Result<u64> {
        execute!(self.conn, DELETE, case.as_str())
    }

    /// Forgets keyed digests that are older than `kept`, of [`MAX_PURGE`] pieces at most; returns
    /// how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn purge_copies(&mut self, kept: Span) -> Result<u64> {
        let before = (self.now().await? - kept).millis();
        let limit = i64::from(MAX_PURGE);
        execute!(self.conn, PURGE_COPIES, before, limit)
    }
}
