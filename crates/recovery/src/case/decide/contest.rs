//! Two sides, two seniors who had no part in the case.

use super::review::{approval, fit, held};
use super::{Ask, Decided, is_code};
use crate::case::event::{EndReason, Event, StopCause, Winner};
use crate::case::refusal::Refusal;
use crate::case::state::{State, Stop};
use crate::evidence::EvidenceKind;
use crate::id::{AssignmentId, ReviewerId};
use crate::risk::Lane;
use crate::time::Span;

/// Seniors who must agree (statement 4).
const AGREEING_MIN: usize = 2;

fn stopped<'a>(ask: &Ask<'a>) -> Result<&'a Stop, Refusal> {
    match (&ask.case.stop, ask.case.state) {
        (Some(stop), State::Stopped) => Ok(stop),
        _ => Err(Refusal::WrongStep),
    }
}

fn opened(ask: &Ask<'_>) -> Event {
    let allowance = Span::days(ask.facts.policy.review.business_days);
    Event::ContestOpened {
        until: ask.facts.calendar.after(ask.now, allowance),
    }
}

/// The applicant says that the veto (or the rival) is wrong, in time.
pub(super) fn dispute(ask: &Ask<'_>) -> Decided {
    let stop = stopped(ask)?;
    if ask.now >= stop.dispute_until {
        return Err(Refusal::TooLate);
    }
    Ok(vec![opened(ask)])
}

/// Rivals are contested by themselves when their time for evidence is over.
pub(super) fn open(ask: &Ask<'_>) -> Decided {
    let stop = stopped(ask)?;
    if !matches!(stop.cause, StopCause::Rival { .. }) {
        return Err(Refusal::WrongStep);
    }
    if ask.now < stop.dispute_until {
        return Err(Refusal::TooEarly {
            until: stop.dispute_until,
        });
    }
    Ok(vec![opened(ask)])
}

pub(super) fn vote(
    ask: &Ask<'_>,
    assignment: &AssignmentId,
    winner: Winner,
    exception: Option<&String>,
) -> Decided {
    if ask.case.state != State::Contested {
        return Err(Refusal::WrongStep);
    }
    let stop = ask.case.stop.as_ref().ok_or(Refusal::WrongStep)?;
    let held = held(ask, assignment)?;
    fit(ask, held)?;
    // Both rivals have their time to show their side, even if one is in a hurry.
    if matches!(stop.cause, StopCause::Rival { .. }) && ask.now < stop.dispute_until {
        return Err(Refusal::TooEarly {
            until: stop.dispute_until,
        });
    }
    if winner == Winner::Applicant {
        if ask.facts.rivals.iter().any(|rival| rival.holds_approval) {
            return Err(Refusal::AlreadyApproved);
        }
        if ask.case.needs_exception(ask.facts.policy) && exception.is_none() {
            return Err(Refusal::ExceptionMissing);
        }
    }
    if exception.is_some_and(|code| !is_code(code)) {
        return Err(Refusal::ReasonMissing);
    }
    let mut events = vec![Event::ContestVoted {
        assignment: assignment.clone(),
        winner,
        exception: exception.cloned(),
    }];
    let mut agreed: Vec<ReviewerId> = stop
        .votes
        .iter()
        .filter(|(_, w, _)| *w == winner)
        .map(|(who, _, _)| who.clone())
        .collect();
    agreed.push(held.reviewer.clone());
    if agreed.len() >= AGREEING_MIN {
        events.push(Event::ContestDecided { winner });
        events.push(outcome(ask, winner, agreed));
    }
    Ok(events)
}

/// Believed: an approved case goes on to a longer wait. Any other goes on where it was: seniors
/// decided about an objection, which is no review of the evidence (statement 3), so a complete case
/// is looked at by its own quorum. Between rivals they have looked at both sides, and decide. A
/// rival who passed phase 1 while a holder's objection was decided waits for its own decision.
fn outcome(ask: &Ask<'_>, winner: Winner, seniors: Vec<ReviewerId>) -> Event {
    if winner != Winner::Applicant {
        return Event::CaseClosed {
            reason: EndReason::ObjectionUpheld,
        };
    }
    let case = ask.case;
    let is_rival = |stop: &Stop| matches!(stop.cause, StopCause::Rival { .. });
    let by_rival = case.stop.as_ref().is_some_and(is_rival);
    if !by_rival && let Some(stopped) = super::stops::stopped_by_rival(ask).pop() {
        return stopped;
    }
    if complete(ask) {
        return if by_rival || case.holds_approval {
            approval(ask, seniors, case.tier)
        } else {
            super::checks::opened(ask, Lane::Ordinary)
        };
    }
    let still_asked = |(kind, _): &&(EvidenceKind, String)| !case.retaken.contains(kind);
    let items = case.asked.iter().filter(still_asked).cloned().collect();
    super::checks::returned(ask, items, false)
}

/// Everything required is there, was sent, and was checked as it is now.
fn complete(ask: &Ask<'_>) -> bool {
    let case = ask.case;
    case.account.is_some()
        && case.asked.is_empty()
        && !case.unsent
        && case.missing(ask.facts.policy).is_empty()
        && case.round > 0
        && case.checked_round == case.round
        && !case.findings.is_empty()
}
