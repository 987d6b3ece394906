//! The worker: claims jobs, does them outside any transaction, and completes each together with
//! what it leads to.

use std::time::Duration;

use futures::StreamExt as _;
use recovery::actor::Actor;
use recovery::case::{Command, Refusal};
use recovery::id::{AccountRef, CaseId};
use recovery::sensitive::Sensitive;
use recovery::time::{Span, Timestamp};
use store::{Job, Tx};

use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::handle::Attached;
use crate::jobs::Work;

/// Jobs claimed at once.
const CLAIM: usize = 8;
/// Jobs done at the same time.
const AT_ONCE: usize = 4;
/// How long a job belongs to its worker: longer than any call's time limits together.
const LEASE: Span = Span::minutes(5);
/// The longest an idle worker rests before it looks again.
const REST: Duration = Duration::from_millis(500);
/// First and longest delay of a failed job.
const RETRY_FIRST_MS: i64 = 500;
const RETRY_MAX_MS: i64 = 10 * 60 * 1000;

/// What doing a job led to; stored together with its completion.
#[derive(Debug, Default)]
pub(crate) struct Done {
    pub commands: Vec<(CaseId, Command, Attached)>,
    /// The platform acknowledged this version of this account's restriction.
    pub acknowledged: Option<(AccountRef, u64)>,
    /// A channel took this message over.
    pub handed_over: Option<String>,
    /// The case whose sealed record and secrets go.
    pub erased: Option<CaseId>,
    /// The case whose sessions end.
    pub signed_out: Option<CaseId>,
    /// A follow-up for the same case.
    pub then: Option<(CaseId, Work)>,
}

impl Done {
    /// Nothing else to store.
    pub(crate) fn nothing() -> Self {
        Self::default()
    }

    /// One command by Regain itself.
    pub(crate) fn command(case: &CaseId, command: Command) -> Self {
        let commands = vec![(case.clone(), command, Attached::default())];
        Self {
            commands,
            ..Self::default()
        }
    }
}

/// A job that cannot be done yet.
#[derive(Debug)]
pub(crate) enum Later {
    /// Something failed; with growing delays.
    Retry(EngineError),
    /// Not before this moment.
    At(Timestamp),
}

impl<E: Into<EngineError>> From<E> for Later {
    fn from(error: E) -> Self {
        Self::Retry(error.into())
    }
}

impl Engine {
    /// Does due jobs until `stop` says that it is enough.
    pub async fn work_until(&self, stop: impl Future<Output = ()> + Send) {
        let mut stop = std::pin::pin!(stop);
        loop {
            let woken = self.0.work.notified();
            let busy = match self.run_due_jobs().await {
                Ok(done) => done > 0,
                Err(error) => {
                    tracing::error!(error = %error, "the worker could not claim jobs");
                    false
                }
            };
            let rest = if busy { Duration::ZERO } else { REST };
            tokio::select! {
                () = &mut stop => return,
                _ = tokio::time::timeout(rest, woken) => {}
            }
        }
    }

    /// Does the jobs that are due now; says how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn run_due_jobs(&self) -> Result<usize> {
        let token = self.new_token();
        let mut tx = self.0.store.begin().await?;
        let jobs = tx.claim_jobs(None, CLAIM, LEASE, token.reveal()).await?;
        if jobs.is_empty() {
            tx.rollback().await?;
            return Ok(0);
        }
        tx.commit().await?;
        let count = jobs.len();
        let runs = jobs.into_iter().map(|job| self.run(job, &token));
        futures::stream::iter(runs)
            .buffer_unordered(AT_ONCE)
            .collect::<Vec<()>>()
            .await;
        Ok(count)
    }

    async fn run(&self, job: Job, token: &Sensitive<String>) {
        let outcome = match self.do_job(&job).await {
            Ok(done) => self.complete(&job, token, done).await,
            Err(later) => Err(later),
        };
        if let Err(later) = outcome
            && let Err(error) = self.put_back(&job, token, later).await
        {
            // The lease runs out by itself; nothing is lost.
            tracing::error!(job = %job.id, error = %error, "a job could not be put back");
        }
    }

    async fn do_job(&self, job: &Job) -> std::result::Result<Done, Later> {
        let work: Work = serde_json::from_slice(&job.body)
            .map_err(|error| EngineError::internal("job", &error))?;
        let Some(case) = &job.case_id else {
            return Ok(Done::nothing());
        };
        match work {
            Work::Resolve => self.resolve_account(case).await,
            Work::Checks { round } => self.run_checks(case, round).await,
            Work::Send { notice, code } => self.send(case, notice, &code).await,
            Work::Push { account } => self.push_restriction(&account).await,
            Work::IssueTicket => Ok(Done::command(case, Command::IssueTicket)),
            Work::Secure { action, verb } => self.secure(case, &action, verb).await,
            Work::TellRivals => self.tell_rivals(case).await,
            Work::EndSessions => Ok(Done {
                signed_out: Some(case.clone()),
                ..Done::default()
            }),
            Work::Destroy => self.destroy_data(case).await,
            Work::Timer { timer } => self.timer(case, &timer).await,
        }
    }

    /// Stores what a job led to and completes it, in one transaction.
    async fn complete(
        &self,
        job: &Job,
        token: &Sensitive<String>,
        done: Done,
    ) -> std::result::Result<(), Later> {
        let mut tx = self.0.store.begin().await?;
        match self.complete_in(&mut tx, job, token, done).await {
            Ok(true) => {
                tx.commit().await?;
                self.wake();
                Ok(())
            }
            Ok(false) => {
                tx.rollback().await?;
                Ok(())
            }
            Err(later) => {
                tx.rollback().await?;
                Err(later)
            }
        }
    }

    async fn complete_in(
        &self,
        tx: &mut Tx,
        job: &Job,
        token: &Sensitive<String>,
        done: Done,
    ) -> std::result::Result<bool, Later> {
        for (case, command, attached) in &done.commands {
            match self
                .handle_in(tx, case, &Actor::System, command, attached)
                .await
            {
                Ok(_) => {}
                Err(EngineError::Refused(Refusal::TooEarly { until })) => {
                    return Err(Later::At(until));
                }
                // Late and double timers and answers are harmless by design.
                Err(EngineError::Refused(refusal)) => tracing::debug!(
                    case = %case, command = command.name(), refusal = refusal.code(),
                    "a job's command was refused"
                ),
                Err(error) => return Err(Later::Retry(error)),
            }
        }
        if let Some((account, version)) = &done.acknowledged {
            tx.acknowledged(account, *version).await?;
        }
        if let Some(code) = &done.handed_over {
            tx.handed_over(code).await?;
        }
        if let Some(case) = &done.erased {
            tx.delete_sealed(case).await?;
            tx.delete_sessions_of_case(case).await?;
        }
        if let Some(case) = &done.signed_out {
            tx.delete_sessions_of_case(case).await?;
        }
        if let Some((case, work)) = &done.then {
            let now = tx.now().await?;
            self.enqueue(tx, case, 0, work, now).await?;
        }
        Ok(tx.complete_job(&job.id, token.reveal()).await?)
    }

    async fn put_back(&self, job: &Job, token: &Sensitive<String>, later: Later) -> Result<()> {
        let mut tx = self.0.store.begin().await?;
        let now = tx.now().await?;
        let (at, code) = match later {
            Later::At(at) => (at.max(now), "waits"),
            Later::Retry(error) => {
                tracing::warn!(job = %job.id, kind = job.kind, attempts = job.attempts,
                    error = %error, "a job will be tried again");
                (now + retry_delay(job.attempts), "failed")
            }
        };
        tx.fail_job(&job.id, token.reveal(), at, code).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Doubling from half a second to ten minutes. Jobs are never given up: a platform that comes
/// back after a week still hears of a freeze.
fn retry_delay(attempts: u32) -> Span {
    let doubled = RETRY_FIRST_MS.saturating_mul(1 << attempts.min(20));
    Span::millis(doubled.min(RETRY_MAX_MS))
}
