//! What stops or ends a case: veto, rivals, time, the applicant, erasure.

use super::{Ask, Decided};
use crate::actor::{Actor, ChannelRef};
use crate::case::event::{EndReason, Event};
use crate::case::facts::Rival;
use crate::case::refusal::Refusal;
use crate::case::sides::StopCause;
use crate::case::state::{Case, State};
use crate::id::CaseId;
use crate::time::{Span, Timestamp};

fn in_veto_window(case: &Case, now: Timestamp) -> bool {
    case.state == State::Recovered
        && !case.veto_window_closed
        && case.veto_until.is_some_and(|until| now < until)
}

/// Whether anything could still go wrong in this state (statement 4).
fn can_be_stopped(case: &Case, now: Timestamp) -> bool {
    let running = matches!(
        case.state,
        State::Gathering | State::Checking | State::Reviewing | State::CoolingOff
    );
    running || in_veto_window(case, now)
}

fn stopped(ask: &Ask<'_>, cause: StopCause) -> Event {
    let dispute_until = ask.now
        + match cause {
            StopCause::Veto { .. } => Span::days(ask.facts.policy.veto.dispute_days),
            StopCause::Rival { .. } => Span::hours(ask.facts.policy.veto.rival_evidence_hours),
        };
    Event::CaseStopped {
        cause,
        dispute_until,
    }
}

/// Stopped by a rival: a holder's own objection still counts (statement 4).
fn by_rival(case: &Case) -> bool {
    matches!(case.state, State::Stopped | State::Contested) && case.stopped_by_rival()
}

/// Whether the holder can stop the case by this channel now.
///
/// # Errors
/// A [`Refusal`] that says why not.
pub fn may_veto(case: &Case, channel: &ChannelRef, now: Timestamp) -> Result<(), Refusal> {
    if case.account.is_none() {
        return Err(Refusal::WrongStep);
    }
    if case.lost_channels.contains(channel) {
        return Err(Refusal::ChannelLost);
    }
    match case.state {
        State::Stopped | State::Contested if !by_rival(case) => Err(Refusal::AlreadyDone),
        State::Blocked => Err(Refusal::AlreadyDone),
        _ if can_be_stopped(case, now) || by_rival(case) => Ok(()),
        _ => Err(Refusal::TooLate),
    }
}

pub(super) fn veto(ask: &Ask<'_>, channel: &ChannelRef) -> Decided {
    // A holder speaks for the channel that was used, not for another one.
    if matches!(ask.actor, Actor::Holder { channel: used } if used != channel) {
        return Err(Refusal::WrongActor);
    }
    may_veto(ask.case, channel, ask.now)?;
    let channel = channel.clone();
    Ok(vec![stopped(ask, StopCause::Veto { channel })])
}

/// Stops this case when a rival has passed phase 1 as well (or can still be stopped itself),
/// unless two seniors have decided between them already.
pub(super) fn stopped_by_rival(ask: &Ask<'_>) -> Vec<Event> {
    let counts = |rival: &&Rival| {
        (rival.passed_phase1 || rival.holds_approval) && !ask.case.lost_rivals.contains(&rival.case)
    };
    let rival = ask.facts.rivals.iter().find(counts);
    rival
        .map(|rival| {
            stopped(
                ask,
                StopCause::Rival {
                    case: rival.case.clone(),
                },
            )
        })
        .into_iter()
        .collect()
}

/// Word of another case of the account that passed phase 1 (or won).
pub(super) fn note_rival(ask: &Ask<'_>, rival: &CaseId) -> Decided {
    let Some(facts) = ask.facts.rivals.iter().find(|other| other.case == *rival) else {
        return Ok(Vec::new());
    };
    // Approved since both stopped: two seniors decided for the other one. An approval from before
    // is what they still have to decide about.
    let stopped_at = ask.case.stop.as_ref().map(|stop| stop.at);
    if facts.holds_approval && by_rival(ask.case) && facts.approved_at > stopped_at {
        return Ok(vec![Event::CaseClosed {
            reason: EndReason::ObjectionUpheld,
        }]);
    }
    let decided = ask.case.lost_rivals.contains(rival);
    if facts.passed_phase1
        && ask.case.passed_phase1
        && !decided
        && can_be_stopped(ask.case, ask.now)
    {
        return Ok(vec![stopped(
            ask,
            StopCause::Rival {
                case: rival.clone(),
            },
        )]);
    }
    Ok(Vec::new())
}

pub(super) fn withdraw(ask: &Ask<'_>) -> Decided {
    let may = match ask.case.state {
        State::Gathering
        | State::Checking
        | State::Reviewing
        | State::Stopped
        | State::Contested => true,
        State::CoolingOff => ask.case.handover.completed_at.is_none(),
        _ => false,
    };
    if !may {
        return Err(Refusal::WrongStep);
    }
    Ok(vec![Event::CaseClosed {
        reason: EndReason::ByApplicant,
    }])
}

/// Whatever time limit the state has.
pub(super) fn expire(ask: &Ask<'_>) -> Decided {
    let case = ask.case;
    let policy = ask.facts.policy;
    let (until, reason) = match case.state {
        State::Gathering => {
            let from_opening = case.opened_at + Span::days(policy.gathering.days_to_finish);
            (case.finish_until.max(from_opening), EndReason::NotFinished)
        }
        State::CoolingOff if case.handover.completed_at.is_none() => {
            let wait = case.wait.as_ref();
            let approved = wait.map_or(case.changed_at, |wait| wait.approved_at);
            // Where the handover comes after the wait, its days count from there.
            let opens = wait
                .and_then(|wait| wait.until)
                .filter(|_| policy.handover_waits(case.tier))
                .map_or(approved, |until| until.max(approved));
            (
                opens + Span::days(policy.handover.days_to_finish),
                EndReason::NoHandover,
            )
        }
        State::Stopped => match &case.stop {
            Some(stop) if matches!(stop.cause, StopCause::Veto { .. }) => {
                (stop.dispute_until, EndReason::NotDisputed)
            }
            _ => return Err(Refusal::WrongStep),
        },
        _ => return Err(Refusal::WrongStep),
    };
    not_before(ask, until)?;
    Ok(vec![Event::CaseClosed { reason }])
}

fn not_before(ask: &Ask<'_>, until: Timestamp) -> Result<(), Refusal> {
    if ask.now < until {
        Err(Refusal::TooEarly { until })
    } else {
        Ok(())
    }
}

pub(super) fn lapse_lock(ask: &Ask<'_>) -> Decided {
    let lock = ask.case.lock.as_ref().ok_or(Refusal::WrongStep)?;
    not_before(ask, lock.until)?;
    Ok(vec![Event::LockLapsed])
}

pub(super) fn close_veto_window(ask: &Ask<'_>) -> Decided {
    if ask.case.state != State::Recovered {
        return Err(Refusal::WrongStep);
    }
    if ask.case.veto_window_closed {
        return Err(Refusal::AlreadyDone);
    }
    let until = ask.case.veto_until.ok_or(Refusal::WrongStep)?;
    not_before(ask, until)?;
    Ok(vec![Event::VetoWindowClosed])
}

/// Only what is over for good, and not before its time.
pub(super) fn erase(ask: &Ask<'_>) -> Decided {
    if ask.case.state.is_open() {
        return Err(Refusal::WrongStep);
    }
    if ask.case.state == State::Recovered && !ask.case.veto_window_closed {
        return Err(Refusal::WrongStep);
    }
    let until = ask
        .case
        .erase_at(ask.facts.policy)
        .ok_or(Refusal::WrongStep)?;
    not_before(ask, until)?;
    Ok(vec![Event::DataErased])
}
