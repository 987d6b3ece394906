//! Jobs: what the shell still has to do, written with the events that made it necessary.
//!
//! At least once: a job whose worker dies is claimed again when its lease is over. Whoever finishes
//! must still hold the lease, in the same transaction as what the job led to.

use recovery::id::{CaseId, JobId};
use recovery::time::{Span, Timestamp};

use crate::cases::count;
use crate::rows::signed;
use crate::tx::{Reader, Tx};
use crate::{MAX_PAGE, Result, StoreError};

/// Jobs one claim may take.
pub const MAX_CLAIM: usize = 256;

statements! {
    ENQUEUE = "INSERT INTO jobs (id, kind, case_id, body, run_at, priority, attempts, unique_key) \
        VALUES ($1, $2, $3, $4, $5, $6, 0, $7) ON CONFLICT (unique_key) DO NOTHING";
    RESCHEDULE = "UPDATE jobs SET run_at = $2 \
        WHERE id = $1 AND done_at IS NULL AND dead_at IS NULL";
    RESCHEDULE_KEY = "UPDATE jobs SET run_at = $2 \
        WHERE unique_key = $1 AND done_at IS NULL AND dead_at IS NULL";
    // One claim per priority, so that the index gives exactly the due ones of it, oldest first.
    CLAIM = "UPDATE jobs SET lease_until = $3, lease_token = $4, attempts = attempts + 1 \
        WHERE id IN (SELECT id FROM jobs WHERE done_at IS NULL AND dead_at IS NULL \
            AND priority = $1 AND run_at <= $2 \
            AND (lease_until IS NULL OR lease_until <= $2) \
            ORDER BY run_at, id LIMIT $5" [skip_locked] ") RETURNING " [job_columns] "";
    // $6 is a list of kinds with a comma before, between and after.
    CLAIM_KINDS = "UPDATE jobs SET lease_until = $3, lease_token = $4, attempts = attempts + 1 \
        WHERE id IN (SELECT id FROM jobs WHERE done_at IS NULL AND dead_at IS NULL \
            AND priority = $1 AND run_at <= $2 \
            AND (lease_until IS NULL OR lease_until <= $2) \
            AND REPLACE($6, ',' || kind || ',', '') <> $6 \
            ORDER BY run_at, id LIMIT $5" [skip_locked] ") RETURNING " [job_columns] "";
    EXTEND = "UPDATE jobs SET lease_until = $3 \
        WHERE id = $1 AND lease_token = $2 AND done_at IS NULL AND dead_at IS NULL";
    COMPLETE = "UPDATE jobs SET done_at = $3, unique_key = NULL, lease_until = NULL, \
        lease_token = NULL \
        WHERE id = $1 AND lease_token = $2 AND done_at IS NULL AND dead_at IS NULL";
    FAIL = "UPDATE jobs SET run_at = $3, last_error = $4, lease_until = NULL, lease_token = NULL \
        WHERE id = $1 AND lease_token = $2 AND done_at IS NULL AND dead_at IS NULL";
    BURY = "UPDATE jobs SET dead_at = $3, last_error = $4, unique_key = NULL, \
        lease_until = NULL, lease_token = NULL \
        WHERE id = $1 AND lease_token = $2 AND done_at IS NULL AND dead_at IS NULL";
    REVIVE = "UPDATE jobs SET dead_at = NULL, attempts = 0, run_at = $2 \
        WHERE id = $1 AND dead_at IS NOT NULL";
    CANCEL = "UPDATE jobs SET done_at = $3, unique_key = NULL, lease_until = NULL, \
        lease_token = NULL \
        WHERE case_id = $1 AND kind = $2 AND done_at IS NULL AND dead_at IS NULL";
    JOBS_OF_CASE = "SELECT " [job_columns] " FROM jobs \
        WHERE case_id = $1 AND done_at IS NULL AND dead_at IS NULL ORDER BY run_at, id LIMIT $2";
    DEAD_JOBS = "SELECT " [job_columns] " FROM jobs \
        WHERE dead_at IS NOT NULL AND id > $1 ORDER BY id LIMIT $2";
    NEXT_RUN = "SELECT MIN(run_at) FROM jobs \
        WHERE priority = $1 AND done_at IS NULL AND dead_at IS NULL";
    DUE = "SELECT COUNT(*) FROM jobs WHERE priority = $1 AND run_at <= $2 \
        AND done_at IS NULL AND dead_at IS NULL";
    FAILING = "SELECT COUNT(*) FROM jobs WHERE attempts >= $1 AND last_error = $2 \
        AND done_at IS NULL AND dead_at IS NULL";
}

/// The order in which due jobs are taken: all urgent ones before any normal one, and so on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum JobPriority {
    /// Safety: vetoes, freezes, restriction sets, timers.
    Urgent,
    /// Everything that somebody waits for.
    #[default]
    Normal,
    /// Cleaning up, statistics.
    Low,
}

impl JobPriority {
    /// All of them, most urgent first.
    pub const ALL: [Self; 3] = [Self::Urgent, Self::Normal, Self::Low];

    const fn number(self) -> i64 {
        match self {
            Self::Urgent => 0,
            Self::Normal => 1,
            Self::Low => 2,
        }
    }

    pub(crate) fn from_number(number: i64) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|priority| priority.number() == number)
    }
}

/// A job to be written.
#[derive(Debug, Clone)]
pub struct NewJob<'a> {
    /// Its identifier.
    pub id: JobId,
    /// What is to be done; no comma in it.
    pub kind: &'a str,
    /// The case it belongs to, if any.
    pub case_id: Option<&'a CaseId>,
    /// What the worker needs to know, without personal data.
    pub body: Vec<u8>,
    /// Not before this moment.
    pub run_at: Timestamp,
    /// How urgent.
    pub priority: JobPriority,
    /// While a job with this key is not done, another one is not written.
    pub unique_key: Option<&'a str>,
}

rows! {
    /// A job as it is stored.
    #[derive(PartialEq, Eq)]
    pub struct Job {
        /// Its identifier.
        pub id: JobId,
        /// What is to be done.
        pub kind: String,
        /// The case it belongs to, if any.
        pub case_id: Option<CaseId>,
        /// What the worker needs to know.
        pub body: Vec<u8>,
        /// Not before this moment.
        pub run_at: Timestamp,
        /// How urgent.
        pub priority: JobPriority,
        /// How often it was claimed, this time included.
        pub attempts: u32,
        /// Until when it belongs to whoever claimed it.
        pub lease_until: Option<Timestamp>,
        /// The key that keeps it single.
        pub unique_key: Option<String>,
        /// When it was given up.
        pub dead_at: Option<Timestamp>,
        /// The code of its last failure.
        pub last_error: Option<String>,
    }
}

/// What a job's error says that failed and is tried again; others are only put off.
pub const JOB_FAILED: &str = "failed";
/// From so many tries on a job that fails is one for an operator: with delays that double from half
/// a second that is after some minutes.
pub const FAILING_FROM: u32 = 10;

/// How the queue is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueHealth {
    /// Jobs that could run now or are being run.
    pub due: u64,
    /// Jobs that were tried [`FAILING_FROM`] times and more, and failed last time.
    pub failing: u64,
    /// The moment at which the next job may run (in the past: it is late).
    pub next_run_at: Option<Timestamp>,
}

impl Reader {
    /// The jobs of a case that are still to be done.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn jobs_of_case(&mut self, case: &CaseId) -> Result<Vec<Job>> {
        fetch!(
            fetch_all,
            Job,
            self.conn,
            JOBS_OF_CASE,
            case.as_str(),
            i64::from(MAX_PAGE)
        )
    }

    /// Jobs that were given up, by identifier, after the given one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn dead_jobs(&mut self, after: Option<&JobId>, limit: u32) -> Result<Vec<Job>> {
        let after = after.map_or("", JobId::as_str);
        fetch!(
            fetch_all,
            Job,
            self.conn,
            DEAD_JOBS,
            after,
            i64::from(limit.min(MAX_PAGE))
        )
    }

    /// The earliest moment at which any job may run: how long an idle worker may rest.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_run_at(&mut self) -> Result<Option<Timestamp>> {
        let mut next: Option<i64> = None;
        for priority in JobPriority::ALL {
            let (run_at,): (Option<i64>,) =
                fetch!(fetch_one, _, self.conn, NEXT_RUN, priority.number())?;
            next = next.into_iter().chain(run_at).min();
        }
        Ok(next.map(Timestamp::from_millis))
    }

    /// How the queue is doing, for the operator.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn queue_health(&mut self) -> Result<QueueHealth> {
        let now = self.now().await?;
        let mut due = 0;
        for priority in JobPriority::ALL {
            due += count(fetch!(
                fetch_one,
                _,
                self.conn,
                DUE,
                priority.number(),
                now.millis()
            )?);
        }
        let tries = i64::from(FAILING_FROM);
        let failing = count(fetch!(fetch_one, _, self.conn, FAILING, tries, JOB_FAILED)?);
        Ok(QueueHealth {
            due,
            failing,
            next_run_at: self.next_run_at().await?,
        })
    }
}

impl Tx {
    /// Writes a job; false if one with its key is still to be done, which is then left alone.
    ///
    /// The one left alone may already be running on what it read before: a job that must see this
    /// transaction's outcome carries the version it is about in its key.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for a comma in the kind, or when the database fails.
    pub async fn enqueue(&mut self, job: &NewJob<'_>) -> Result<bool> {
        if job.kind.contains(',') {
            return Err(StoreError::Invalid("a comma in a job's kind"));
        }
        let written = execute!(
            self.conn,
            ENQUEUE,
            job.id.as_str(),
            job.kind,
            job.case_id.map(CaseId::as_str),
            job.body.as_slice(),
            job.run_at.millis(),
            job.priority.number(),
            job.unique_key
        )?;
        Ok(written > 0)
    }

    /// Moves an undone job to another moment; false if there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn reschedule(&mut self, job: &JobId, run_at: Timestamp) -> Result<bool> {
        Ok(execute!(self.conn, RESCHEDULE, job.as_str(), run_at.millis())? > 0)
    }

    /// Moves the undone job of a unique key to another moment; false if there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn reschedule_key(&mut self, unique_key: &str, run_at: Timestamp) -> Result<bool> {
        Ok(execute!(self.conn, RESCHEDULE_KEY, unique_key, run_at.millis())? > 0)
    }

    /// Takes due jobs for this long, the most urgent first, then the oldest. Nobody else gets them
    /// before the lease is over. The token (random, one per claim) proves the lease later.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_jobs(
        &mut self,
        kinds: Option<&[&str]>,
        limit: usize,
        lease: Span,
        token: &str,
    ) -> Result<Vec<Job>> {
        let now = self.now().await?;
        let until = now + lease;
        let listed = kinds.map(|kinds| format!(",{},", kinds.join(",,")));
        let limit = limit.min(MAX_CLAIM);
        let mut claimed: Vec<Job> = Vec::new();
        for priority in JobPriority::ALL {
            let room = signed((limit - claimed.len().min(limit)) as u64);
            if room == 0 {
                break;
            }
            let (level, now, until) = (priority.number(), now.millis(), until.millis());
            let mut some: Vec<Job> = if let Some(kinds) = &listed {
                let kinds = kinds.as_str();
                fetch!(
                    fetch_all,
                    _,
                    self.conn,
                    CLAIM_KINDS,
                    level,
                    now,
                    until,
                    token,
                    room,
                    kinds
                )
            } else {
                fetch!(
                    fetch_all, _, self.conn, CLAIM, level, now, until, token, room
                )
            }?;
            some.sort_by(|one, two| (one.run_at, &one.id).cmp(&(two.run_at, &two.id)));
            claimed.append(&mut some);
        }
        Ok(claimed)
    }

    /// Holds a claimed job longer; false if the lease was lost.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn extend_lease(&mut self, job: &JobId, token: &str, lease: Span) -> Result<bool> {
        let until = self.now().await? + lease;
        Ok(execute!(self.conn, EXTEND, job.as_str(), token, until.millis())? > 0)
    }

    /// The job is done; its key is free again. False if the lease was lost: then give the whole
    /// transaction up, somebody else has the job.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn complete_job(&mut self, job: &JobId, token: &str) -> Result<bool> {
        let now = self.now().await?;
        Ok(execute!(self.conn, COMPLETE, job.as_str(), token, now.millis())? > 0)
    }

    /// The job failed and is tried again at this moment; false if the lease was lost.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn fail_job(
        &mut self,
        job: &JobId,
        token: &str,
        retry_at: Timestamp,
        error_code: &str,
    ) -> Result<bool> {
        Ok(execute!(
            self.conn,
            FAIL,
            job.as_str(),
            token,
            retry_at.millis(),
            error_code
        )? > 0)
    }

    /// The job is given up and waits for an operator; its key is free. False if the lease was lost.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn bury_job(&mut self, job: &JobId, token: &str, error_code: &str) -> Result<bool> {
        let now = self.now().await?;
        Ok(execute!(
            self.conn,
            BURY,
            job.as_str(),
            token,
            now.millis(),
            error_code
        )? > 0)
    }

    /// Gives a dead job another life; false if it was not dead. Its key is not restored.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revive_job(&mut self, job: &JobId, run_at: Timestamp) -> Result<bool> {
        Ok(execute!(self.conn, REVIVE, job.as_str(), run_at.millis())? > 0)
    }

    /// Calls off a case's undone jobs of one kind; whoever runs one now loses its lease.
    /// Returns how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn cancel_jobs(&mut self, case: &CaseId, kind: &str) -> Result<u64> {
        let now = self.now().await?;
        execute!(self.conn, CANCEL, case.as_str(), kind, now.millis())
    }
}
