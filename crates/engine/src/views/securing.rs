//! What the console shows of securing actions that were not read back as done yet.

use std::collections::BTreeMap;

use recovery::actor::Rank;
use recovery::case::{Case, SecuringVerb};
use recovery::id::{CaseId, JobId};
use recovery::time::Timestamp;
use store::{JOB_FAILED, Job};

use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::jobs::{SECURE, Work};
use crate::views::StaffMember;
use crate::worker::retry_delay;

/// How far the platform is with an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecuringStep {
    /// It did not say yet that it is done.
    Asked,
    /// It says that it is done since then; that did not read back.
    Acknowledged(Timestamp),
}

impl SecuringStep {
    /// The name for scripts.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Acknowledged(_) => "acknowledged",
        }
    }
}

/// One action of one case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenSecuring {
    /// The job that asks for it.
    pub job: JobId,
    /// The case.
    pub case: CaseId,
    /// Its code, as the applicant knows it.
    pub code: String,
    /// Name of the action in the platform contract, such as `api_keys`.
    pub action: String,
    /// What is to be done.
    pub verb: SecuringVerb,
    /// How far it is.
    pub step: SecuringStep,
    /// Whether the last try failed.
    pub failed: bool,
    /// Since when it is wanted.
    pub since: Timestamp,
    /// How often it was tried.
    pub tries: u32,
    /// When it failed last; not known while it is due.
    pub last_at: Option<Timestamp>,
    /// When it is tried next.
    pub next_at: Timestamp,
}

/// All of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecuringView {
    /// The oldest 200, the oldest first.
    pub open: Vec<OpenSecuring>,
    /// How many there are.
    pub all: u64,
    /// Whether who looks may have one tried at once.
    pub may_try: bool,
    /// The moment of looking.
    pub now: Timestamp,
}

impl Engine {
    /// The securing actions that were not read back as done yet.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn securing_view(&self, staff: &StaffMember) -> Result<SecuringView> {
        let mut reader = self.0.store.read().await?;
        let jobs = reader.undone_jobs(SECURE).await?;
        let all = reader.undone_count(SECURE).await?.all;
        let now = reader.now().await?;
        drop(reader);
        let mut cases: BTreeMap<CaseId, Case> = BTreeMap::new();
        let mut open = Vec::new();
        for job in &jobs {
            let Some(id) = &job.case_id else { continue };
            let case = match cases.remove(id) {
                Some(case) => case,
                None => self.case(id).await?,
            };
            open.extend(line(job, &case, now)?);
            cases.insert(id.clone(), case);
        }
        Ok(SecuringView {
            open,
            all,
            may_try: staff.rank == Rank::Senior,
            now,
        })
    }

    /// Has a securing action tried at once, for a senior.
    ///
    /// # Errors
    /// [`EngineError::Input`] when the caller is no senior, or nothing of that name is left to do.
    pub async fn secure_now(&self, staff: &StaffMember, job: &str) -> Result<()> {
        let refused = |code, sentence: &str| EngineError::Input {
            field: "job",
            code,
            sentence: sentence.to_owned(),
        };
        if staff.rank != Rank::Senior {
            return Err(refused("not_senior", "Only seniors have it tried again"));
        }
        let done = || refused("job_done", "That is done, or was never asked for");
        let id: JobId = job.parse().map_err(|_| done())?;
        let mut tx = self.0.store.begin().await?;
        let known = tx.undone_job(&id, SECURE).await?.ok_or_else(done)?;
        let now = tx.now().await?;
        // Never later than it would be.
        let moved = tx.reschedule(&id, now.min(known.run_at)).await?;
        tx.commit().await?;
        if !moved {
            return Err(done());
        }
        let case = known.case_id.as_ref().map(CaseId::as_str);
        tracing::info!(by = %staff.id, job = %id, case, "a securing action is tried at once");
        self.wake();
        Ok(())
    }
}

fn line(job: &Job, case: &Case, now: Timestamp) -> Result<Option<OpenSecuring>> {
    let work: Work =
        serde_json::from_slice(&job.body).map_err(|error| EngineError::internal("job", &error))?;
    let Work::Secure { action, verb } = work else {
        return Ok(None);
    };
    let progress = case.securing.get(&action);
    let acknowledged = progress.and_then(|progress| progress.acknowledged.get(&verb).copied());
    let failed = job.last_error.as_deref() == Some(JOB_FAILED);
    let waits = failed && job.run_at > now;
    Ok(Some(OpenSecuring {
        job: job.id.clone(),
        case: case.id.clone(),
        code: case.code.to_string(),
        action: action.0,
        verb,
        step: acknowledged.map_or(SecuringStep::Asked, SecuringStep::Acknowledged),
        failed,
        since: job.id.made_at(),
        tries: job.attempts,
        last_at: waits.then(|| job.run_at - retry_delay(job)),
        next_at: job.run_at,
    }))
}
