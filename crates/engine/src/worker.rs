//! The worker: claims jobs, does them outside any transaction, and completes each together with
//! what it leads to.

use std::time::Duration;

use futures::{FutureExt as _, StreamExt as _};
use recovery::actor::Actor;
use recovery::case::{Command, Refusal};
use recovery::id::{AccountRef, BlindIndex, CaseId};
use recovery::sensitive::Sensitive;
use recovery::time::{Span, Timestamp};
use store::{JOB_FAILED, Job, JobPriority, Tx};

use crate::effects::WATCH;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::handle::{Attached, rebuild};
use crate::jobs::{SECURE, Work};
use crate::mirror;

/// Jobs done at the same time in each lane. No more are claimed: a lease must not run while its
/// job waits for its turn.
const AT_ONCE: usize = 4;
/// What never waits behind a video that is being looked at: a veto's freeze, above all.
const URGENT: [&str; 4] = ["push", SECURE, "tell_rivals", "timer"];
/// How long a job belongs to its worker; held on to while the job runs.
const LEASE: Span = Span::minutes(5);
/// After how long the lease of a running job is renewed.
const HOLD: Duration = Duration::from_secs(120);
/// How often: a job that runs for an hour hangs, and is done anew.
const HOLDS_MAX: usize = 30;
/// The longest an idle worker rests before it looks again.
const REST: Duration = Duration::from_millis(500);
/// First and longest delay of a failed job.
const RETRY_FIRST_MS: i64 = 500;
const RETRY_MAX_MS: i64 = 10 * 60 * 1000;
/// The longest delay where somebody's money depends on it.
const RETRY_URGENT_MAX_MS: i64 = 60 * 1000;

/// What doing a job led to; stored together with its completion.
#[derive(Debug, Default)]
pub(crate) struct Done {
    pub commands: Vec<(CaseId, Command, Attached)>,
    /// The commands count only while this case names this account: an answer that comes late
    /// must not be taken for the answer about another identifier.
    pub only_for: Option<(CaseId, BlindIndex)>,
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
    /// This version of this account's restriction is read back from now on.
    pub watched: Option<(AccountRef, u64)>,
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
    /// Does due jobs until `stop` says that it is enough: urgent ones in a lane of their own, so
    /// that no slow job holds them up; everything in the other. Webhooks go in lanes of their own.
    pub async fn work_until(&self, stop: impl Future<Output = ()> + Send) {
        let stop = stop.shared();
        futures::join!(
            self.lane(Some(&URGENT), stop.clone()),
            self.lane(None, stop.clone()),
            self.send_webhooks_until(stop.clone()),
            self.tidy_until(stop),
        );
    }

    async fn lane(&self, kinds: Option<&[&str]>, stop: impl Future<Output = ()> + Send) {
        let mut stop = std::pin::pin!(stop);
        loop {
            let woken = self.0.work.notified();
            let busy = match self.run_due(kinds).await {
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
        self.run_due(None).await
    }

    async fn run_due(&self, kinds: Option<&[&str]>) -> Result<usize> {
        let token = self.new_token();
        let mut tx = self.0.store.begin().await?;
        let jobs = tx.claim_jobs(kinds, AT_ONCE, LEASE, token.reveal()).await?;
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
        let outcome = match self.do_held(&job, token).await {
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

    /// Does a job, renewing its lease while it runs, so that nobody else does it too.
    async fn do_held(
        &self,
        job: &Job,
        token: &Sensitive<String>,
    ) -> std::result::Result<Done, Later> {
        let mut doing = std::pin::pin!(self.do_job(job));
        for _ in 0..HOLDS_MAX {
            if let Ok(outcome) = tokio::time::timeout(HOLD, &mut doing).await {
                return outcome;
            }
            let mut tx = self.0.store.begin().await?;
            let held = tx.extend_lease(&job.id, token.reveal(), LEASE).await?;
            tx.commit().await?;
            if !held {
                break;
            }
        }
        Err(EngineError::Unavailable {
            what: "the worker of this job",
        }
        .into())
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
            Work::Send {
                notice,
                code,
                version,
                at,
            } => self.send(case, notice, &code, (version, at)).await,
            Work::Push { account } => self.push_restriction(&account).await,
            Work::Watch { account, version } => self.watch(&account, version).await,
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
        mut done: Done,
    ) -> std::result::Result<bool, Later> {
        if let Some((case, index)) = &done.only_for {
            let loaded = tx.load(case).await?.ok_or(EngineError::NotFound)?;
            if rebuild(&loaded)?.identifier.as_ref() != Some(index) {
                done.commands.clear();
            }
        }
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
            // What was pushed may be old news by now: only the newest set starts a wait.
            let newest = tx.account(account).await?.map_or(0, |known| known.version);
            if newest != *version && !done.commands.is_empty() {
                return Err(Later::At(tx.now().await?));
            }
            tx.acknowledged(account, *version).await?;
        }
        if let Some(code) = &done.handed_over {
            tx.handed_over(code).await?;
        }
        if let Some(case) = &done.erased {
            tx.delete_sealed(case).await?;
            tx.delete_takes(case).await?;
            tx.delete_phone_links(case).await?;
            tx.delete_prints(case).await?;
            tx.delete_origin(case).await?;
            tx.delete_face(case).await?;
            tx.delete_sessions_of_case(case).await?;
            tx.revoke_secrets(case, mirror::TICKET).await?;
        }
        if let Some(case) = &done.signed_out {
            tx.delete_sessions_of_case(case).await?;
        }
        if let Some((case, work)) = &done.then {
            let now = tx.now().await?;
            self.enqueue(tx, case, 0, work, now).await?;
        }
        if let (Some((account, version)), Some(case)) = (done.watched, &job.case_id) {
            let at = tx.now().await? + WATCH;
            let watch = Work::Watch { account, version };
            self.enqueue(tx, case, 0, &watch, at).await?;
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
                (now + retry_delay(job), JOB_FAILED)
            }
        };
        tx.fail_job(&job.id, token.reveal(), at, code).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Doubling from half a second to a minute or ten. Jobs are never given up: a platform that comes
/// back after a week still hears of a freeze.
pub(crate) fn retry_delay(job: &Job) -> Span {
    let most = match job.priority {
        JobPriority::Urgent => RETRY_URGENT_MAX_MS,
        JobPriority::Normal | JobPriority::Low => RETRY_MAX_MS,
    };
    let doubled = RETRY_FIRST_MS.saturating_mul(1 << job.attempts.min(20));
    Span::millis(doubled.min(most))
}
