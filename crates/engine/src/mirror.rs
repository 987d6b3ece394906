//! What events change beside the case: assignments, secrets, sessions, lock totals, restrictions.
//! Written in the same transaction, so these tables are never ahead of or behind the events.

use recovery::case::{Case, CredentialKind, EndReason, Event, State, StopCause, Winner};
use recovery::id::AccountRef;
use recovery::restriction::{self, Mode};
use recovery::time::Span;
use serde::{Deserialize, Serialize};
use store::{NewAssignment, NewSecret, SecretDigest, Tx};

use crate::applicant::FRESH_FACE;
use crate::engine::Engine;
use crate::error::Result;
use crate::handle::rebuild;
use crate::record::piece;

/// Purposes of secrets.
pub(crate) const CASE_KEY: &str = "case_key";
pub(crate) const TICKET: &str = "handover_ticket";

/// A restriction as it is stored for an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredRestriction {
    pub mode: Mode,
    pub allow: Vec<String>,
    pub since_ms: i64,
    pub until_ms: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<restriction::Limits>,
}

pub(crate) async fn reflect(
    engine: &Engine,
    tx: &mut Tx,
    before: Option<&Case>,
    case: &Case,
    events: &[Event],
) -> Result<()> {
    for event in events {
        assignments(tx, case, event).await?;
        secrets(engine, tx, case, event).await?;
        marks(tx, case, event).await?;
        if takes_face_back(case, event) {
            tx.delete_face(&case.id).await?;
        }
    }
    // Whatever took the case from its reviewer ends the assignment.
    if let Some(held) = before.and_then(|earlier| earlier.review.assigned.as_ref()) {
        let still = case
            .review
            .assigned
            .as_ref()
            .is_some_and(|a| a.assignment == held.assignment);
        if !still {
            let decided = events.iter().any(|event| {
                matches!(
                    event,
                    Event::VerdictGiven { .. } | Event::ContestVoted { .. }
                )
            });
            tx.end_assignment(&held.assignment, decided).await?;
        }
    }
    if let Some(account) = &case.account {
        let earlier = before.map_or(Span::ZERO, |earlier| earlier.locked);
        let more = case.locked.as_millis() - earlier.as_millis();
        if more > 0 {
            tx.add_locked(account, Span::millis(more)).await?;
        }
    }
    if before.is_some_and(|earlier| earlier.state.is_open()) && !case.state.is_open() {
        tx.revoke_secrets(&case.id, TICKET).await?;
        if let (Some(account), false) = (&case.account, case.state == State::Recovered) {
            tx.forget_veto_code(account, Some(&case.id)).await?;
        }
    }
    Ok(())
}

/// Whether the applicant wants to be in no gallery any more: a no, or stopping the request.
fn takes_face_back(case: &Case, event: &Event) -> bool {
    match event {
        Event::GalleryAnswered { agreed, .. } => !agreed,
        Event::CaseClosed { .. } => case.state == State::Withdrawn,
        _ => false,
    }
}

async fn assignments(tx: &mut Tx, case: &Case, event: &Event) -> Result<()> {
    if let Event::ReviewerAssigned {
        assignment,
        reviewer,
        part,
        until,
        ..
    } = event
    {
        tx.put_assignment(&NewAssignment {
            id: assignment,
            case_id: &case.id,
            reviewer_id: reviewer,
            part: part.name(),
            lease_until: *until,
        })
        .await?;
    }
    Ok(())
}

async fn secrets(engine: &Engine, tx: &mut Tx, case: &Case, event: &Event) -> Result<()> {
    match event {
        Event::HandoverTicketIssued { until } => {
            tx.revoke_secrets(&case.id, TICKET).await?;
            let token = engine.ticket_token(case, *until);
            tx.put_secret(&NewSecret {
                digest: SecretDigest::of(token.reveal().as_bytes()),
                purpose: TICKET,
                case_id: Some(&case.id),
                subject: "applicant",
                expires_at: *until,
            })
            .await?;
        }
        Event::HandoverBegun => {
            tx.revoke_secrets(&case.id, TICKET).await?;
            tx.revoke_secrets(&case.id, FRESH_FACE).await?;
            // Only the browser that began goes on: it gets its session after this. Whoever began
            // before is out, and may have seen these.
            tx.delete_sessions_of_case(&case.id).await?;
            tx.forget_sealed(&case.id, piece::TOTP).await?;
            tx.forget_sealed(&case.id, piece::RECOVERY_CODES).await?;
            if let Some(account) = &case.account {
                tx.forget_veto_code(account, Some(&case.id)).await?;
            }
        }
        // Only the newest face counts, and only in the browser in which it passed.
        Event::FaceShown { .. } => {
            tx.revoke_secrets(&case.id, FRESH_FACE).await?;
        }
        Event::CaseStopped { cause, .. } => {
            tx.revoke_secrets(&case.id, TICKET).await?;
            tx.revoke_secrets(&case.id, FRESH_FACE).await?;
            // Whoever is in may not be who began: code and key let the applicant in again, to read
            // and to dispute. A rival ends nobody's session: both sides have evidence to add.
            if matches!(cause, StopCause::Veto { .. }) {
                tx.delete_sessions_of_case(&case.id).await?;
                tx.delete_phone_links(&case.id).await?;
            }
            if let Some(account) = &case.account {
                tx.forget_veto_code(account, Some(&case.id)).await?;
            }
        }
        // With everything else that is older than the recovery.
        Event::VetoWindowClosed => {
            if let Some(account) = &case.account {
                tx.keep_veto_code_of(account, &case.id).await?;
            }
        }
        // From here on only the platform has them, as digests.
        Event::CredentialEnrolled {
            credential: CredentialKind::RecoveryCodes,
        }
        | Event::HandoverCompleted { .. } => {
            tx.forget_sealed(&case.id, piece::RECOVERY_CODES).await?;
        }
        _ => {}
    }
    Ok(())
}

/// What a stopped case leaves behind for later ones: its new address and its device, as digests
/// that outlive its data. Its face is marked by being its own for as long as the gallery has it.
async fn marks(tx: &mut Tx, case: &Case, event: &Event) -> Result<()> {
    match event {
        Event::CaseStopped {
            cause: StopCause::Veto { .. },
            ..
        }
        | Event::CaseClosed {
            reason: EndReason::NotDisputed | EndReason::ObjectionUpheld,
        } => {
            let contact = case.contact.as_ref().map(|contact| contact.index.clone());
            let device = tx.device_of(&case.id).await?;
            for digest in contact.iter().chain(&device) {
                tx.put_mark(&case.id, digest).await?;
            }
        }
        Event::ContestDecided {
            winner: Winner::Applicant,
        } => {
            tx.lift_marks(&case.id).await?;
        }
        _ => {}
    }
    Ok(())
}

impl Engine {
    /// The handover link's secret: computed, so that a mail sent twice carries the same one.
    pub(crate) fn ticket_token(
        &self,
        case: &Case,
        until: recovery::time::Timestamp,
    ) -> recovery::sensitive::Sensitive<String> {
        self.derived_token(TICKET, &format!("{}/{}", case.id, until.millis()))
    }
}

/// Computes an account's restriction from all its cases and stores it as a new version. Called
/// inside the transaction that changed one of them.
pub(crate) async fn restrict(
    engine: &Engine,
    tx: &mut Tx,
    account: &AccountRef,
    changed: &Case,
) -> Result<u64> {
    tx.lock_account(account).await?;
    let mut cases = vec![changed.clone()];
    for row in tx.cases_of_account(account).await? {
        // A case that ended may still hold the account until what it suspended is restored.
        let counts = row.open || row.phase1_passed;
        if row.id == changed.id || !counts {
            continue;
        }
        // The account's lock is held; see `rivals_past` for why no other row is locked.
        let reader: &mut store::Reader = tx;
        if let Some(loaded) = reader.load(&row.id).await? {
            cases.push(rebuild(&loaded)?);
        }
    }
    let rules = engine.rules(changed.policy_version).await?;
    let found = restriction::of_account(&cases, &rules.policy);
    let until = cases
        .iter()
        .filter_map(|case| match case.state {
            State::CoolingOff => case.wait.as_ref().and_then(|wait| wait.until),
            State::Recovered => case.thaw.map(|thaw| thaw.until),
            _ => None,
        })
        .max();
    let stored = StoredRestriction {
        mode: found.mode,
        allow: found.allow,
        since_ms: changed.changed_at.millis(),
        until_ms: until.map(recovery::time::Timestamp::millis),
        limits: found.limits,
    };
    let body = serde_json::to_vec(&stored)
        .map_err(|error| crate::error::EngineError::internal("restriction", &error))?;
    Ok(tx.set_restriction(account, &body).await?)
}
