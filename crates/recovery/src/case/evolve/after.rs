//! Events after an approval, and those that stop or end a case.

use std::collections::BTreeSet;

use super::end_lock;
use crate::case::after::{Handover, Thaw, Wait};
use crate::case::event::{EndReason, Event};
use crate::case::record::Recorded;
use crate::case::sides::{ShownFactor, Stop};
use crate::case::sides::{StopCause, Winner};
use crate::case::state::{Case, State};
use crate::policy::Tier;
use crate::time::{Span, Timestamp};

pub(super) fn waiting(case: &mut Case, recorded: &Recorded) {
    let now = recorded.at;
    match &recorded.event {
        Event::CaseApproved {
            tier, wait_hours, ..
        } => approve(case, *tier, *wait_hours, recorded),
        Event::FreezeAcknowledged { .. } => set_wait(case, |wait| wait.frozen_at = Some(now)),
        Event::NoticesHandedOver { .. } => set_wait(case, |wait| wait.notified_at = Some(now)),
        Event::WaitStarted { until } => set_wait(case, |wait| {
            wait.started_at = Some(now);
            wait.until = Some(*until);
        }),
        Event::AccountChanged { key, .. } => set_wait(case, |wait| {
            wait.changes.insert(key.clone());
        }),
        Event::WaitExtended { until, .. } => set_wait(case, |wait| {
            wait.grew_from = wait.until.replace(*until);
            wait.grew_at = Some(now);
        }),
        Event::HandoverTicketIssued { until } => case.handover.ticket_until = Some(*until),
        Event::FaceShown { passed, .. } => {
            case.handover.face_at = passed.then_some(now);
            case.handover.faces_failed += u32::from(!passed);
        }
        Event::HandoverBegun => {
            case.handover.face_at = None;
            case.handover.begun_at = Some(now);
            case.handover.ever_begun = true;
            case.handover.ticket_until = None;
            case.handover.enrolled.clear();
        }
        Event::CredentialEnrolled { credential } => {
            case.handover.enrolled.insert(*credential);
        }
        Event::HandoverCompleted { actions } => {
            case.handover.completed_at = Some(now);
            for action in actions {
                case.securing.entry(action.clone()).or_default();
            }
        }
        Event::SecuringAcknowledged { action, verb } => {
            case.securing
                .entry(action.clone())
                .or_default()
                .acknowledged
                .insert(*verb, now);
        }
        Event::SecuringVerified { action, verb } => {
            case.securing
                .entry(action.clone())
                .or_default()
                .verified
                .insert(*verb, now);
        }
        Event::LimitsSet { .. } => case.thaw = limits(&recorded.event),
        Event::LimitsEnded => case.thaw = None,
        Event::CaseRecovered { veto_until } => {
            case.state = State::Recovered;
            case.recovered_at = Some(now);
            case.veto_until = Some(*veto_until);
            case.ended_at = Some(now);
        }
        Event::VetoWindowClosed => {
            case.veto_window_closed = true;
            case.holds_approval = false;
        }
        _ => {}
    }
}

const fn limits(event: &Event) -> Option<Thaw> {
    match event {
        Event::LimitsSet {
            daily_percent,
            known_addresses_only,
            until,
        } => Some(Thaw {
            daily_percent: *daily_percent,
            known_addresses_only: *known_addresses_only,
            until: *until,
        }),
        _ => None,
    }
}

fn approve(case: &mut Case, tier: Tier, wait_hours: i64, recorded: &Recorded) {
    let now = recorded.at;
    end_lock(case, now);
    case.state = State::CoolingOff;
    case.tier = tier;
    case.holds_approval = true;
    case.froze_account = false;
    case.ended_at = None;
    case.veto_until = None;
    case.review.assigned = None;
    case.handover.ticket_until = None;
    if case.handover.completed_at.is_none() {
        // What was begun before a stop is begun anew, with a new ticket.
        case.handover = Handover {
            ever_begun: case.handover.ever_begun,
            ..Handover::default()
        };
    }
    if let Some(deadline) = &mut case.deadline {
        deadline.pause(now);
    }
    case.wait = Some(Box::new(Wait {
        approval: recorded.seq,
        approved_at: now,
        span: Span::hours(wait_hours),
        frozen_at: None,
        notified_at: None,
        started_at: None,
        until: None,
        changes: BTreeSet::new(),
        grew_at: None,
        grew_from: None,
    }));
}

fn set_wait(case: &mut Case, change: impl FnOnce(&mut Wait)) {
    if let Some(wait) = &mut case.wait {
        change(wait);
    }
}

pub(super) fn stopping(case: &mut Case, recorded: &Recorded) {
    let now = recorded.at;
    match &recorded.event {
        Event::CaseStopped {
            cause,
            dispute_until,
        } => {
            // The lock goes on, and with it the count towards its cap.
            case.froze_account = case.lock.is_some() || case.holds_approval;
            end_contest(case);
            case.thaw = None;
            case.state = State::Stopped;
            case.ended_at = None;
            case.review.assigned = None;
            case.handover.ticket_until = None;
            case.stop = Some(Stop::new(cause.clone(), now, *dispute_until));
        }
        Event::ContestOpened {
            until,
            evidence_until,
        } => {
            case.state = State::Contested;
            if let Some(stop) = &mut case.stop {
                stop.decided_by = Some(*until);
                stop.evidence_until = *evidence_until;
            }
        }
        Event::LiveFactorShown { .. }
        | Event::ObjectionTakenBack { .. }
        | Event::ProofAsked { .. } => showing(case, recorded),
        Event::ContestVoted {
            winner, exception, ..
        } => {
            if let (Some(assigned), Some(stop)) = (case.review.assigned.take(), &mut case.stop) {
                stop.votes
                    .push((assigned.reviewer, *winner, exception.clone()));
            }
        }
        Event::ContestDecided {
            winner: Winner::Applicant,
        } => {
            case.beat_live_factor |= case.stop.as_ref().is_some_and(Stop::has_live_factor);
            match end_contest(case) {
                Some(StopCause::Veto { channel }) => {
                    case.lost_channels.insert(channel);
                }
                Some(StopCause::Rival { case: rival }) => {
                    case.lost_rivals.insert(rival);
                }
                None => {}
            }
            case.froze_account = false;
        }
        Event::CaseClosed { reason } => close(case, reason, now),
        _ => {}
    }
}

/// What the sides of a stopped case show, and are asked for.
fn showing(case: &mut Case, recorded: &Recorded) {
    let Some(stop) = &mut case.stop else { return };
    match &recorded.event {
        Event::LiveFactorShown { factor, channel } => stop.live_factors.push(ShownFactor {
            factor: *factor,
            channel: channel.clone(),
            at: recorded.at,
        }),
        Event::ObjectionTakenBack { channel } => {
            stop.taken_back = Some((channel.clone(), recorded.at));
        }
        Event::ProofAsked {
            side,
            until,
            evidence_until,
            ..
        } => {
            case.review.assigned = None;
            stop.asked.push(*side);
            stop.decided_by = Some(*until);
            stop.evidence_until = Some(*evidence_until);
        }
        _ => {}
    }
}

/// Ends the stop; whoever held its contest had a part in the case from now on.
fn end_contest(case: &mut Case) -> Option<StopCause> {
    let stop = case.stop.take()?;
    case.review.involved.extend(stop.held);
    Some(stop.cause)
}

fn close(case: &mut Case, reason: &EndReason, now: Timestamp) {
    end_lock(case, now);
    case.state = match reason {
        EndReason::ByApplicant | EndReason::Merged { .. } => State::Withdrawn,
        EndReason::NotFinished | EndReason::NoHandover => State::Expired,
        EndReason::NotDisputed | EndReason::ObjectionUpheld => State::Blocked,
    };
    case.end = Some(reason.clone());
    case.ended_at = Some(now);
    case.holds_approval = false;
    case.froze_account = false;
    case.review.assigned = None;
    case.handover.ticket_until = None;
}
