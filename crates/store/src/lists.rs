//! Pages of cases for the console, and counts for the operator.

use recovery::time::Timestamp;

use crate::cases::count;
use crate::tx::Reader;
use crate::{CaseRow, Result};

/// Rows of the longest page.
pub const MAX_PAGE: u32 = 200;

/// Sorts after every identifier: all of them are ASCII.
const LAST_ID: &str = "~";

statements! {
    NEWEST = "SELECT " [case_columns] " FROM cases WHERE (changed_at, id) < ($1, $2) \
        ORDER BY changed_at DESC, id DESC LIMIT $3";
    NEWEST_IN_STATE = "SELECT " [case_columns] " FROM cases \
        WHERE state = $4 AND (changed_at, id) < ($1, $2) \
        ORDER BY changed_at DESC, id DESC LIMIT $3";
    STATE_COUNTS = "SELECT state, COUNT(*) AS cases FROM cases GROUP BY state ORDER BY state";
    WAITING_COUNT = "SELECT COUNT(*) FROM cases WHERE wanted = $1";
    OVERDUE = "SELECT COUNT(*) FROM cases WHERE wanted = $1 AND due_at < $2";
}

/// Where a page ended: the next one begins after this row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageKey {
    /// The last row's moment of change.
    pub changed_at: Timestamp,
    /// The last row's identifier.
    pub id: String,
}

impl PageKey {
    /// The key after this row.
    #[must_use]
    pub fn after(row: &CaseRow) -> Self {
        Self {
            changed_at: row.changed_at,
            id: row.id.as_str().to_owned(),
        }
    }
}

rows! {
    /// How many cases are in a state.
    #[derive(PartialEq, Eq)]
    pub struct StateCount {
        /// The state.
        pub state: String,
        /// Number of cases.
        pub cases: u64,
    }
}

impl Reader {
    /// A page of cases, last changed first; of one state, or of all.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_cases(
        &mut self,
        state: Option<&str>,
        after: Option<&PageKey>,
        limit: u32,
    ) -> Result<Vec<CaseRow>> {
        let (at, id) = after.map_or((i64::MAX, LAST_ID), |key| {
            (key.changed_at.millis(), key.id.as_str())
        });
        let limit = i64::from(limit.min(MAX_PAGE));
        match state {
            Some(state) => {
                fetch!(
                    fetch_all,
                    CaseRow,
                    self.conn,
                    NEWEST_IN_STATE,
                    at,
                    id,
                    limit,
                    state
                )
            }
            None => fetch!(fetch_all, CaseRow, self.conn, NEWEST, at, id, limit),
        }
    }

    /// How many cases are in each state. Reads the whole index: for a status page, not for each
    /// request.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn state_counts(&mut self) -> Result<Vec<StateCount>> {
        fetch!(fetch_all, StateCount, self.conn, STATE_COUNTS)
    }

    /// How many cases wait for this part of the review.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn waiting_count(&mut self, part: &str) -> Result<u64> {
        fetch!(fetch_one, _, self.conn, WAITING_COUNT, part).map(count)
    }

    /// How many cases that wait for this part were due before this moment.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn overdue_count(&mut self, part: &str, before: Timestamp) -> Result<u64> {
        fetch!(fetch_one, _, self.conn, OVERDUE, part, before.millis()).map(count)
    }
}
