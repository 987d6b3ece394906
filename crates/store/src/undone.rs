//! Jobs of one kind that are still to be done, for the operator who looks what hangs.

use recovery::id::JobId;

use crate::cases::count;
use crate::jobs::{JOB_FAILED, Job};
use crate::tx::Reader;
use crate::{MAX_PAGE, Result};

statements! {
    // The oldest first: identifiers begin with the moment they were made at.
    UNDONE = "SELECT " [job_columns] " FROM jobs \
        WHERE kind = $1 AND done_at IS NULL AND dead_at IS NULL ORDER BY id LIMIT $2";
    UNDONE_JOB = "SELECT " [job_columns] " FROM jobs \
        WHERE id = $1 AND kind = $2 AND done_at IS NULL AND dead_at IS NULL";
    COUNT = "SELECT COUNT(*) FROM jobs WHERE kind = $1 AND done_at IS NULL AND dead_at IS NULL";
    COUNT_FAILED = "SELECT COUNT(*) FROM jobs WHERE kind = $1 AND last_error = $2 \
        AND done_at IS NULL AND dead_at IS NULL";
}

/// How many jobs of one kind are still to be done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Undone {
    /// All of them.
    pub all: u64,
    /// Those whose last try failed.
    pub failed: u64,
}

impl Reader {
    /// The oldest jobs of a kind that are still to be done, [`MAX_PAGE`] at most.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn undone_jobs(&mut self, kind: &str) -> Result<Vec<Job>> {
        let most = i64::from(MAX_PAGE);
        fetch!(fetch_all, Job, self.conn, UNDONE, kind, most)
    }

    /// A job, if it is of that kind and still to be done.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn undone_job(&mut self, id: &JobId, kind: &str) -> Result<Option<Job>> {
        fetch!(
            fetch_optional,
            Job,
            self.conn,
            UNDONE_JOB,
            id.as_str(),
            kind
        )
    }

    /// How many jobs of a kind are still to be done.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn undone_count(&mut self, kind: &str) -> Result<Undone> {
        Ok(Undone {
            all: count(fetch!(fetch_one, _, self.conn, COUNT, kind)?),
            failed: count(fetch!(
                fetch_one,
                _,
                self.conn,
                COUNT_FAILED,
                kind,
                JOB_FAILED
            )?),
        })
    }
}
