//! Sealed pieces of a case: bytes that only the case's key opens.

use recovery::id::CaseId;

use crate::Result;
use crate::tx::{Reader, Tx};

statements! {
    PUT = "INSERT INTO sealed (case_id, name, bytes) VALUES ($1, $2, $3) \
        ON CONFLICT (case_id, name) DO UPDATE SET bytes = excluded.bytes";
    GET = "SELECT bytes FROM sealed WHERE case_id = $1 AND name = $2";
    NAMES = "SELECT name FROM sealed WHERE case_id = $1 ORDER BY name";
    DELETE_ONE = "DELETE FROM sealed WHERE case_id = $1 AND name = $2";
    DELETE = "DELETE FROM sealed WHERE case_id = $1";
}

impl Reader {
    /// One sealed piece of a case.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sealed(&mut self, case: &CaseId, name: &str) -> Result<Option<Vec<u8>>> {
        let row: Option<(Vec<u8>,)> =
            fetch!(fetch_optional, _, self.conn, GET, case.as_str(), name)?;
        Ok(row.map(|(bytes,)| bytes))
    }

    /// The names of all sealed pieces of a case.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sealed_names(&mut self, case: &CaseId) -> Result<Vec<String>> {
        let rows: Vec<(String,)> = fetch!(fetch_all, _, self.conn, NAMES, case.as_str())?;
        Ok(rows.into_iter().map(|(name,)| name).collect())
    }
}

impl Tx {
    /// Writes a sealed piece, over an older one of the same name.
    ///
    /// # Errors
    /// When the database fails, or at commit when the case does not exist.
    pub async fn put_sealed(&mut self, case: &CaseId, name: &str, bytes: &[u8]) -> Result<()> {
        execute!(self.conn, PUT, case.as_str(), name, bytes).map(|_| ())
    }

    /// Deletes one sealed piece of a case; false if there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_sealed(&mut self, case: &CaseId, name: &str) -> Result<bool> {
        Ok(execute!(self.conn, DELETE_ONE, case.as_str(), name)? > 0)
    }

    /// Deletes all sealed pieces of a case; returns how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_sealed(&mut self, case: &CaseId) -> Result<u64> {
        execute!(self.conn, DELETE, case.as_str())
    }
}
