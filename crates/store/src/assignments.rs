//! Who has which case to review: random assignment is the engine's, leases and history are here.

use recovery::id::{AssignmentId, CaseId, ReviewerId};
use recovery::time::Timestamp;

use crate::cases::count;
use crate::tx::{Reader, Tx};
use crate::{CaseRow, MAX_PAGE, Result};

statements! {
    PUT = "INSERT INTO assignments (id, case_id, reviewer_id, part, assigned_at, lease_until) \
        VALUES ($1, $2, $3, $4, $5, $6)";
    END = "UPDATE assignments SET ended_at = $2, verdict_at = $3 \
        WHERE id = $1 AND ended_at IS NULL";
    EXTEND = "UPDATE assignments SET lease_until = $2 WHERE id = $1 AND ended_at IS NULL";
    GET = "SELECT " [assignment_columns] " FROM assignments WHERE id = $1";
    OPEN_OF = "SELECT " [assignment_columns] " FROM assignments \
        WHERE reviewer_id = $1 AND ended_at IS NULL ORDER BY assigned_at, id LIMIT $2";
    OF_CASE = "SELECT " [assignment_columns] " FROM assignments \
        WHERE case_id = $1 ORDER BY assigned_at, id LIMIT $2";
    PAIR = "SELECT COUNT(DISTINCT one.case_id) FROM assignments AS one \
        JOIN assignments AS two ON two.case_id = one.case_id \
        WHERE one.reviewer_id = $1 AND two.reviewer_id = $2 \
        AND one.verdict_at >= $3 AND two.verdict_at >= $3";
    WAITING = "SELECT " [case_columns] " FROM cases WHERE wanted = $1 AND NOT EXISTS \
        (SELECT 1 FROM assignments WHERE assignments.case_id = cases.id \
            AND assignments.reviewer_id = $2) \
        ORDER BY priority, queue_at, id LIMIT $3";
    WAITING_ALL = "SELECT " [case_columns] " FROM cases WHERE wanted = $1 \
        ORDER BY priority, queue_at, id LIMIT $2";
    // As a row comparison: one stretch of the index.
    BEFORE = "SELECT COUNT(*) FROM cases \
        WHERE wanted = $1 AND (priority, queue_at, id) < ($2, $3, $4)";
}

rows! {
    /// One assignment of a case to a reviewer.
    #[derive(PartialEq, Eq)]
    pub struct Assignment {
        /// Its identifier.
        pub id: AssignmentId,
        /// The case.
        pub case_id: CaseId,
        /// The reviewer.
        pub reviewer_id: ReviewerId,
        /// Which part of the review.
        pub part: String,
        /// When it was given.
        pub assigned_at: Timestamp,
        /// Until when the reviewer is waited for.
        pub lease_until: Timestamp,
        /// When it ended, with a verdict or without.
        pub ended_at: Option<Timestamp>,
        /// When it ended with a verdict.
        pub verdict_at: Option<Timestamp>,
    }
}

/// An assignment to be written.
#[derive(Debug, Clone)]
pub struct NewAssignment<'a> {
    /// Its identifier.
    pub id: &'a AssignmentId,
    /// The case.
    pub case_id: &'a CaseId,
    /// The reviewer.
    pub reviewer_id: &'a ReviewerId,
    /// Which part of the review.
    pub part: &'a str,
    /// Until when the reviewer is waited for; a job ends it then.
    pub lease_until: Timestamp,
}

impl Reader {
    /// Cases whose review waits for this part, in queue order, without those that this reviewer
    /// ever had. The engine clears `wanted` when it assigns.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn waiting_for(
        &mut self,
        part: &str,
        reviewer: Option<&ReviewerId>,
        limit: u32,
    ) -> Result<Vec<CaseRow>> {
        let limit = i64::from(limit.min(MAX_PAGE));
        match reviewer {
            Some(reviewer) => {
                fetch!(
                    fetch_all,
                    CaseRow,
                    self.conn,
                    WAITING,
                    part,
                    reviewer.as_str(),
                    limit
                )
            }
            None => fetch!(fetch_all, CaseRow, self.conn, WAITING_ALL, part, limit),
        }
    }

    /// How many cases stand before this one in its queue; 0 if it does not wait.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn cases_before(&mut self, case: &CaseRow) -> Result<u64> {
        let Some(part) = case.wanted.as_deref() else {
            return Ok(0);
        };
        let due = case.due_at.map_or(i64::MAX, Timestamp::millis);
        fetch!(
            fetch_one,
            _,
            self.conn,
            BEFORE,
            part,
            case.priority,
            due,
            case.id.as_str()
        )
        .map(count)
    }

    /// One assignment.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn assignment(&mut self, id: &AssignmentId) -> Result<Option<Assignment>> {
        fetch!(fetch_optional, Assignment, self.conn, GET, id.as_str())
    }

    /// A reviewer's assignments that have not ended, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_assignments(&mut self, reviewer: &ReviewerId) -> Result<Vec<Assignment>> {
        let limit = i64::from(MAX_PAGE);
        fetch!(
            fetch_all,
            Assignment,
            self.conn,
            OPEN_OF,
            reviewer.as_str(),
            limit
        )
    }

    /// All assignments a case ever had, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn assignments_of(&mut self, case: &CaseId) -> Result<Vec<Assignment>> {
        let limit = i64::from(MAX_PAGE);
        fetch!(
            fetch_all,
            Assignment,
            self.conn,
            OF_CASE,
            case.as_str(),
            limit
        )
    }

    /// On how many cases both reviewers gave a verdict since then: pairs that meet too often are
    /// kept apart.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn pair_count(
        &mut self,
        one: &ReviewerId,
        two: &ReviewerId,
        since: Timestamp,
    ) -> Result<u64> {
        fetch!(
            fetch_one,
            _,
            self.conn,
            PAIR,
            one.as_str(),
            two.as_str(),
            since.millis()
        )
        .map(count)
    }
}

impl Tx {
    /// Writes an assignment that begins now.
    ///
    /// # Errors
    /// [`crate::StoreError::Taken`] if the reviewer has an unended one in that case.
    pub async fn put_assignment(&mut self, assignment: &NewAssignment<'_>) -> Result<()> {
        let now = self.now().await?;
        execute!(
            self.conn,
            PUT,
            assignment.id.as_str(),
            assignment.case_id.as_str(),
            assignment.reviewer_id.as_str(),
            assignment.part,
            now.millis(),
            assignment.lease_until.millis()
        )
        .map(|_| ())
    }

    /// Waits longer for a reviewer; false if the assignment has ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn extend_assignment(
        &mut self,
        id: &AssignmentId,
        lease_until: Timestamp,
    ) -> Result<bool> {
        Ok(execute!(self.conn, EXTEND, id.as_str(), lease_until.millis())? > 0)
    }

    /// Ends an assignment, with a verdict or without; false if it had ended before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_assignment(&mut self, id: &AssignmentId, verdict: bool) -> Result<bool> {
        let now = self.now().await?.millis();
        Ok(execute!(self.conn, END, id.as_str(), now, verdict.then_some(now))? > 0)
    }
}
