//! Effects as durable jobs: written with the events that ask for them.

use notify::MessageCode;
use recovery::case::{Case, Effect, Notice, SecuringAction, SecuringVerb, Timer};
use recovery::id::{AccountRef, CaseId, JobId};
use recovery::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::{JobPriority, NewJob, Tx};

use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::mirror;

/// What a job does; no personal data.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "work", deny_unknown_fields)]
pub(crate) enum Work {
    /// Ask the platform which account it is.
    Resolve,
    /// Run the checks of a round.
    Checks { round: u32 },
    /// Send a message under this code, however often it takes. Its words are about the case as it
    /// was at this version and moment, so that every attempt says the same: a platform refuses
    /// other words under a code it has seen.
    Send {
        notice: Notice,
        code: MessageCode,
        version: u64,
        at: Timestamp,
    },
    /// Push the account's newest restriction.
    Push { account: AccountRef },
    /// Read back now and then whether this version of the account's restriction still is in force.
    Watch { account: AccountRef, version: u64 },
    /// Issue a handover ticket.
    IssueTicket,
    /// Have the platform do a verb, and read it back.
    Secure {
        action: SecuringAction,
        verb: SecuringVerb,
    },
    /// Tell the account's other cases about this one.
    TellRivals,
    /// End the applicant's sessions and uploads.
    EndSessions,
    /// Destroy key, objects and sealed record.
    Destroy,
    /// A moment has come.
    Timer { timer: Timer },
}

/// The kind of the jobs that secure.
pub(crate) const SECURE: &str = "secure";

impl Work {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Resolve => "resolve",
            Self::Checks { .. } => "checks",
            Self::Send { .. } => "send",
            Self::Push { .. } => "push",
            Self::Watch { .. } => "watch",
            Self::IssueTicket => "issue_ticket",
            Self::Secure { .. } => SECURE,
            Self::TellRivals => "tell_rivals",
            Self::EndSessions => "end_sessions",
            Self::Destroy => "destroy",
            Self::Timer { .. } => "timer",
        }
    }

    const fn priority(&self) -> JobPriority {
        match self {
            Self::Push { .. } | Self::Secure { .. } | Self::TellRivals | Self::Timer { .. } => {
                JobPriority::Urgent
            }
            Self::Destroy => JobPriority::Low,
            _ => JobPriority::Normal,
        }
    }
}

impl Engine {
    /// Writes the jobs of one effect.
    pub(crate) async fn enqueue_effect(
        &self,
        tx: &mut Tx,
        case: &Case,
        seq: u64,
        effect: &Effect,
        now: Timestamp,
    ) -> Result<()> {
        let (work, at) = match effect {
            Effect::ResolveAccount => (Work::Resolve, now),
            Effect::RunChecks { round } => (Work::Checks { round: *round }, now),
            Effect::Send(notice) => (self.message(*notice, case, now), now),
            Effect::PushRestriction => {
                let Some(account) = &case.account else {
                    return Ok(());
                };
                mirror::restrict(self, tx, account, case).await?;
                (
                    Work::Push {
                        account: account.clone(),
                    },
                    now,
                )
            }
            Effect::IssueTicket => (Work::IssueTicket, now),
            Effect::Secure(verb) => return self.enqueue_securing(tx, case, seq, *verb, now).await,
            Effect::TellRivals => (Work::TellRivals, now),
            Effect::Join(_) => (self.message(Notice::Joined, case, now), now),
            Effect::EndApplicantSessions => (Work::EndSessions, now),
            Effect::DestroyData => (Work::Destroy, now),
            Effect::At(at, timer) => (
                Work::Timer {
                    timer: timer.clone(),
                },
                *at,
            ),
        };
        self.enqueue(tx, &case.id, seq, &work, at).await
    }

    /// A message about a case as it is now.
    pub(crate) fn message(&self, notice: Notice, case: &Case, now: Timestamp) -> Work {
        Work::Send {
            notice,
            code: self.random(MessageCode::new),
            version: case.version,
            at: now,
        }
    }

    async fn enqueue_securing(
        &self,
        tx: &mut Tx,
        case: &Case,
        seq: u64,
        verb: SecuringVerb,
        now: Timestamp,
    ) -> Result<()> {
        let mut actions: Vec<SecuringAction> = case.securing.keys().cloned().collect();
        if actions.is_empty() {
            // Nothing was suspended yet; what was staged for the handover must still go.
            actions.push(SecuringAction(
                platform::contract::ActionName::OLD_FACTORS.to_owned(),
            ));
        }
        for action in actions {
            self.enqueue(tx, &case.id, seq, &Work::Secure { action, verb }, now)
                .await?;
        }
        Ok(())
    }

    /// Writes one job. Its key makes the same effect of the same event one job, whoever writes it.
    pub(crate) async fn enqueue(
        &self,
        tx: &mut Tx,
        case: &CaseId,
        seq: u64,
        work: &Work,
        at: Timestamp,
    ) -> Result<()> {
        let body =
            serde_json::to_vec(work).map_err(|error| EngineError::internal("job", &error))?;
        let id = self.random(|rng| JobId::new(at, rng));
        let about = match work {
            Work::Send { notice, .. } => format!("{notice:?}"),
            Work::Secure { action, verb } => format!("{}/{verb:?}", action.0),
            Work::Timer { timer } => format!("{timer:?}/{}", at.millis()),
            Work::Watch { version, .. } => version.to_string(),
            _ => String::new(),
        };
        let key = format!("{case}/{seq}/{}/{about}", work.kind());
        tx.enqueue(&NewJob {
            id,
            kind: work.kind(),
            case_id: Some(case),
            body,
            run_at: at,
            priority: work.priority(),
            unique_key: Some(&key),
        })
        .await?;
        Ok(())
    }
}
