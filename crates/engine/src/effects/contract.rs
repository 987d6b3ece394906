//! What Regain tells the platform: restrictions, securing; and what it tells other cases.

use platform::contract::{self, ActionName, SecuringProgress, SecuringRequest, SecuringState};
use rand::Rng;
use recovery::actor::Actor;
use recovery::case::{Command, SecuringAction, SecuringVerb, State};
use recovery::id::{AccountRef, CaseId};
use recovery::restriction::Mode;
use recovery::time::Span;
use store::failpoint;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::handle::Attached;
use crate::mirror::StoredRestriction;
use crate::worker::{Done, Later};

/// How long a securing action that the platform calls pending rests before it is asked again.
const PENDING: Span = Span::seconds(5);

/// A verb in the contract's words, and what must read back after it.
const fn asked_of(verb: SecuringVerb) -> (contract::SecuringVerb, SecuringState) {
    match verb {
        SecuringVerb::Suspend => (contract::SecuringVerb::Suspend, SecuringState::Suspended),
        SecuringVerb::Restore => (contract::SecuringVerb::Restore, SecuringState::Active),
        SecuringVerb::Destroy => (contract::SecuringVerb::Destroy, SecuringState::Destroyed),
    }
}

impl Engine {
    /// Pushes the newest restriction of an account. Its acknowledgement starts the wait of an
    /// approved case, if that was waiting for it.
    pub(crate) async fn push_restriction(&self, account: &AccountRef) -> Result<Done, Later> {
        let mut reader = self.0.store.read().await?;
        let Some(stored) = reader.account(account).await? else {
            return Ok(Done::nothing());
        };
        let cases = reader.cases_of_account(account).await?;
        drop(reader);
        let body: StoredRestriction = serde_json::from_slice(&stored.body)
            .map_err(|error| EngineError::internal("restriction", &error))?;
        let set = self.restriction_set(&body, stored.version)?;
        let acknowledged = self.0.platform.restrict(account, &set).await?;
        failpoint("platform.acknowledged");
        // Only what the platform itself reads back counts as frozen.
        let in_force = self.0.platform.restrictions(account).await?;
        let differs = !set.restricts_as(&in_force);
        if in_force.version > stored.version && differs {
            // A restored backup numbers too low; from above, the same set is news again.
            let mut tx = self.0.store.begin().await?;
            tx.raise_restriction(account, in_force.version).await?;
            tx.commit().await?;
            return Err(Later::At(self.now().await?));
        }
        if in_force.version < stored.version || differs {
            return Err(EngineError::Unavailable {
                what: "the platform",
            }
            .into());
        }
        let command = Command::AcknowledgeFreeze {
            version: acknowledged.version,
            mode: body.mode,
        };
        let approved = cases
            .iter()
            .filter(|row| row.state == State::CoolingOff.name());
        Ok(Done {
            commands: approved
                .map(|row| (row.id.clone(), command.clone(), Attached::default()))
                .collect(),
            acknowledged: Some((account.clone(), stored.version)),
            watched: (body.mode != Mode::None).then(|| (account.clone(), stored.version)),
            ..Done::default()
        })
    }

    /// Does a verb on one action, then reads it back: two facts, recorded separately.
    pub(crate) async fn secure(
        &self,
        id: &CaseId,
        action: &SecuringAction,
        verb: SecuringVerb,
    ) -> Result<Done, Later> {
        let case = self.case(id).await?;
        let Some(account) = &case.account else {
            return Ok(Done::nothing());
        };
        // A job that comes late must not suspend again what was given back meanwhile.
        if !case.securing.is_empty() && !case.may_secure(verb) {
            return Ok(Done::nothing());
        }
        let name = ActionName::new(action.0.clone())
            .map_err(|error| EngineError::internal("action", &error))?;
        let (asked, expected) = asked_of(verb);
        let key = format!("{id}/{}/{verb:?}", action.0).to_lowercase();
        let mut request = SecuringRequest {
            case: id.clone(),
            verb: asked,
            idempotency_key: key,
        };
        self.ask_to_secure(account, &name, &request).await?;
        self.note_acknowledged(id, action, verb).await?;
        if !self.reads_back(account, &name, id, expected).await? {
            // It said that it was done, and it is not: under the same key it would say so for ever.
            let again = self.random(|rng| rng.next_u64());
            request.idempotency_key = format!("{}/again/{again:016x}", request.idempotency_key);
            self.ask_to_secure(account, &name, &request).await?;
            if !self.reads_back(account, &name, id, expected).await? {
                tracing::error!(case = %id, action = %action.0, "the platform says that it secured \
                    this, and it reads back that it did not");
                return Err(EngineError::Unavailable {
                    what: "the platform",
                }
                .into());
            }
        }
        let action = action.clone();
        Ok(Done::command(id, Command::VerifySecuring { action, verb }))
    }

    /// Asks once; goes on when the platform says that it is done.
    async fn ask_to_secure(
        &self,
        account: &AccountRef,
        action: &ActionName,
        request: &SecuringRequest,
    ) -> Result<(), Later> {
        let answer = self.0.platform.secure(account, action, request).await?;
        if answer.state == SecuringProgress::Pending {
            return Err(Later::At(self.now().await? + PENDING));
        }
        failpoint("platform.secured");
        Ok(())
    }

    /// Records what the platform says before it is read back, so that operators see which of both
    /// is missing. It is no part of the job's end: a job that fails after it asks again, and the
    /// rules refuse the same word twice.
    async fn note_acknowledged(
        &self,
        id: &CaseId,
        action: &SecuringAction,
        verb: SecuringVerb,
    ) -> Result<(), Later> {
        let action = action.clone();
        let command = Command::AcknowledgeSecuring { action, verb };
        let nothing = Attached::default();
        match self.handle(id, &Actor::System, &command, &nothing).await {
            Ok(_) | Err(EngineError::Refused(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn reads_back(
        &self,
        account: &AccountRef,
        action: &ActionName,
        case: &CaseId,
        expected: SecuringState,
    ) -> Result<bool, Later> {
        let reading = self.0.platform.read_secured(account, action, case).await?;
        Ok(reading.state == expected)
    }

    /// Every other live case of the account that passed phase 1 hears that this one did, or was
    /// approved.
    pub(crate) async fn tell_rivals(&self, id: &CaseId) -> Result<Done, Later> {
        let case = self.case(id).await?;
        let Some(account) = &case.account else {
            return Ok(Done::nothing());
        };
        let rows = self.0.store.read().await?.cases_of_account(account).await?;
        // Only who passed phase 1 as well is a rival: opening many cases for one account must not
        // make this transaction long.
        let live = rows
            .into_iter()
            .filter(|row| row.id != *id && row.phase1_passed && (row.open || row.holds_approval));
        Ok(Done {
            commands: live
                .map(|row| {
                    (
                        row.id,
                        Command::NoteRival { rival: id.clone() },
                        Attached::default(),
                    )
                })
                .collect(),
            ..Done::default()
        })
    }
}
