//! Two sides, two seniors who had no part in the case.

use super::review::{approval, held};
use super::{Ask, Decided};
use crate::actor::Rank;
use crate::case::event::{EndReason, Event, StopCause, Winner};
use crate::case::refusal::Refusal;
use crate::case::state::{State, Stop};
use crate::id::{AssignmentId, ReviewerId};
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
    if held.rank != Rank::Senior {
        return Err(Refusal::NeedsSenior);
    }
    if winner == Winner::Applicant {
        if ask.facts.rivals.iter().any(|rival| rival.holds_approval) {
            return Err(Refusal::AlreadyApproved);
        }
        if ask.case.needs_exception(ask.facts.policy) && exception.is_none() {
            return Err(Refusal::ExceptionMissing);
        }
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

/// Believed: on to a longer wait, or back to gathering if the case was not complete yet.
fn outcome(ask: &Ask<'_>, winner: Winner, seniors: Vec<ReviewerId>) -> Event {
    if winner != Winner::Applicant {
        return Event::CaseClosed {
            reason: EndReason::ObjectionUpheld,
        };
    }
    let case = ask.case;
    let complete = case.missing(ask.facts.policy).is_empty()
        && case.round > 0
        && case.checked_round == case.round
        && !case.findings.is_empty();
    if complete {
        let least = Span::hours(ask.facts.policy.cooling_off.after_contest_hours);
        return approval(ask, seniors, case.tier, least);
    }
    super::checks::returned(ask, Vec::new(), false)
}
