//! Faces of applicants who agreed to be searched for: sealed bytes, one row a case.

use recovery::id::CaseId;

use crate::tx::{Reader, Tx};
use crate::{MAX_PURGE, Result};

statements! {
    PUT = "INSERT INTO gallery (case_id, model, sealed, created_at) VALUES ($1, $2, $3, $4)";
    LIST = "SELECT id, case_id FROM gallery WHERE model = $1 ORDER BY id LIMIT $2";
    GET = "SELECT sealed FROM gallery WHERE id = $1";
    COUNT = "SELECT COUNT(*) FROM gallery";
    DELETE = "DELETE FROM gallery WHERE case_id = $1";
    PURGE = "DELETE FROM gallery WHERE id IN (SELECT id FROM gallery LIMIT $1)";
}

rows! {
    /// That a case has a face in the gallery.
    #[derive(PartialEq, Eq)]
    pub struct GalleryRow {
        /// The number of its row; never given again.
        pub id: i64,
        /// The case.
        pub case_id: CaseId,
    }
}

impl Reader {
    /// Cases with a face under a model, oldest rows first; `limit` at most.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn gallery(&mut self, model: &str, limit: u32) -> Result<Vec<GalleryRow>> {
        fetch!(
            fetch_all,
            GalleryRow,
            self.conn,
            LIST,
            model,
            i64::from(limit)
        )
    }

    /// The sealed face of a row; nothing once it was deleted.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn gallery_face(&mut self, row: i64) -> Result<Option<Vec<u8>>> {
        let row: Option<(Vec<u8>,)> = fetch!(fetch_optional, _, self.conn, GET, row)?;
        Ok(row.map(|(sealed,)| sealed))
    }

    /// Faces of all models.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn gallery_size(&mut self) -> Result<u64> {
        let (count,) = fetch!(fetch_one, (i64,), self.conn, COUNT)?;
        Ok(u64::try_from(count).unwrap_or(0))
    }
}

impl Tx {
    /// Keeps the sealed face of a case, in place of an earlier one.
    ///
    /// # Errors
    /// When the database fails, or at commit when the case does not exist.
    pub async fn put_face(&mut self, case: &CaseId, model: &str, sealed: &[u8]) -> Result<()> {
        let now = self.now().await?.millis();
        self.delete_face(case).await?;
        execute!(self.conn, PUT, case.as_str(), model, sealed, now).map(|_| ())
    }

    /// Forgets the face of a case; false if it had none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_face(&mut self, case: &CaseId) -> Result<bool> {
        Ok(execute!(self.conn, DELETE, case.as_str())? > 0)
    }

    /// Forgets faces of any case, [`MAX_PURGE`] at most; returns how many. For a gallery that was
    /// turned off.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn empty_gallery(&mut self) -> Result<u64> {
        execute!(self.conn, PURGE, i64::from(MAX_PURGE))
    }
}
