//! What an event asks of the shell: messages, checks, calls and timers. Nothing happens here.

use serde::{Deserialize, Serialize};

use crate::calendar::Calendar;
use crate::case::command::Command;
use crate::case::event::Event;
use crate::case::notice::Notice;
use crate::case::securing::SecuringVerb;
use crate::case::sides::{Side, StopCause};
use crate::case::state::{Case, State};
use crate::id::{AssignmentId, CaseId};
use crate::policy::Policy;
use crate::restriction::mode_of;
use crate::time::{Span, Timestamp};

/// A moment at which something may be due. Late or double timers are harmless: they become
/// commands, and commands are decided anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Timer {
    /// The time to finish, to hand over or to dispute.
    Expiry,
    /// Some days before the time to finish.
    Nudge,
    /// The checks of this round are overdue.
    ChecksDue(u32),
    /// A reviewer's lease.
    Lease(AssignmentId),
    /// The lock's cap.
    LockEnd,
    /// The review is late.
    ReviewDue,
    /// The wait.
    WaitEnd,
    /// Hours before the end of the wait, for the holder.
    LastHours(i64),
    /// Rivals' time for evidence.
    RivalEvidence,
    /// The veto window.
    VetoWindow,
    /// The next step of the limits.
    Thaw,
    /// Retention.
    Erasure,
}

/// One thing the shell must do, durably, after the events are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Ask the platform which account it is.
    ResolveAccount,
    /// Run the checks of a round.
    RunChecks {
        /// The round.
        round: u32,
    },
    /// Send a message.
    Send(Notice),
    /// Compute the account's restriction anew and push it until acknowledged.
    PushRestriction,
    /// Ask for a handover ticket.
    IssueTicket,
    /// Do a verb on every securing action of the case.
    Secure(SecuringVerb),
    /// Tell the account's other cases.
    TellRivals,
    /// Move the applicant's session and key to the case this one joined.
    Join(CaseId),
    /// End sessions, uploads and tickets of the applicant.
    EndApplicantSessions,
    /// Destroy the case's key and everything sealed under it.
    DestroyData,
    /// Wake the case up.
    At(Timestamp, Timer),
}

/// Days before the end of gathering at which the applicant is nudged (UX.md A3).
const NUDGE_DAYS: [i64; 2] = [3, 1];
/// Hours before the end of the wait at which the holder is told again (UX.md H3).
const LAST_HOURS: [i64; 2] = [24, 3];

/// What an event, already applied (`after`), asks for.
#[must_use]
pub fn react(
    before: Option<&Case>,
    after: &Case,
    event: &Event,
    policy: &Policy,
    calendar: &Calendar,
) -> Vec<Effect> {
    let mut effects = early(after, event, policy);
    effects.extend(won(before, after, event));
    effects.extend(review(after, event, calendar));
    effects.extend(late(after, event, policy));
    let was = before.map_or(crate::restriction::Mode::None, mode_of);
    // An approval is pushed even where the mode stays: the wait needs a fresh acknowledgement. A
    // wait that grew has another end, which the platform's pages tell; a step has other limits.
    let anew = matches!(
        event,
        Event::CaseApproved { .. } | Event::WaitExtended { .. }
    );
    let stepped = before.is_some_and(|before| before.thaw != after.thaw);
    let stepped = stepped && after.state == State::Recovered;
    if was != mode_of(after) || anew || stepped {
        effects.push(Effect::PushRestriction);
    }
    effects.extend(ended(before, after, policy));
    effects
}

fn finish_timers(until: Timestamp, now: Timestamp) -> Vec<Effect> {
    let mut effects = vec![Effect::At(until, Timer::Expiry)];
    let nudges = NUDGE_DAYS.iter().map(|days| until - Span::days(*days));
    effects.extend(
        nudges
            .filter(|at| *at > now)
            .map(|at| Effect::At(at, Timer::Nudge)),
    );
    effects
}

fn early(case: &Case, event: &Event, policy: &Policy) -> Vec<Effect> {
    let now = case.changed_at;
    match event {
        Event::CaseOpened { .. } => {
            finish_timers(now + Span::days(policy.gathering.days_to_finish), now)
        }
        Event::IdentifierGiven { .. } => vec![Effect::ResolveAccount],
        Event::ContactProved { .. } => vec![Effect::Send(Notice::Opened)],
        // The checks wait for the platform's answer, so they are asked for by whichever is last.
        Event::AccountResolved { .. } if case.state == State::Checking => {
            vec![Effect::RunChecks { round: case.round }]
        }
        Event::CaseSubmitted { round, .. } => {
            let due = now + Span::hours(policy.checking.hours_max);
            vec![
                Effect::Send(Notice::Received),
                Effect::RunChecks { round: *round },
                Effect::At(due, Timer::ChecksDue(*round)),
            ]
        }
        // What is added after the checks is looked at by itself.
        Event::EvidenceAdded { .. } if case.proof_until().is_some() => {
            vec![Effect::RunChecks { round: case.round }]
        }
        Event::CaseReturned { items, until, .. } => {
            let mut effects = finish_timers(*until, now);
            if !items.is_empty() {
                effects.push(Effect::Send(Notice::Again));
            }
            effects
        }
        _ => Vec::new(),
    }
}

/// A contest that was won, where what comes next has no message of its own.
fn won(before: Option<&Case>, after: &Case, event: &Event) -> Option<Effect> {
    let silent = match event {
        Event::ReviewOpened { .. } => true,
        Event::CaseReturned { items, .. } => items.is_empty(),
        // The new ways in are there: no ticket is mailed.
        Event::CaseApproved { .. } => after.handover.completed_at.is_some(),
        _ => false,
    };
    let contested = before.is_some_and(|case| case.state == State::Contested);
    (silent && contested).then_some(Effect::Send(Notice::GoesOn))
}

fn review(case: &Case, event: &Event, calendar: &Calendar) -> Vec<Effect> {
    match event {
        Event::ReviewOpened { .. } => case
            .deadline
            .as_ref()
            .and_then(|deadline| deadline.due(calendar))
            .map(|due| Effect::At(due, Timer::ReviewDue))
            .into_iter()
            .collect(),
        Event::LockStarted { until, .. } => vec![
            Effect::At(*until, Timer::LockEnd),
            Effect::Send(Notice::Passed),
            Effect::Send(Notice::HolderAsked),
            Effect::TellRivals,
        ],
        Event::ReviewerAssigned {
            assignment, until, ..
        } => {
            vec![Effect::At(*until, Timer::Lease(assignment.clone()))]
        }
        Event::CaseRejected { .. } => vec![Effect::Send(Notice::Refused)],
        _ => Vec::new(),
    }
}

fn approved(case: &Case, policy: &Policy) -> Vec<Effect> {
    let now = case.changed_at;
    let expiry = now + Span::days(policy.handover.days_to_finish);
    let mut effects = vec![
        Effect::Send(Notice::HolderApproved),
        Effect::TellRivals,
        Effect::At(expiry, Timer::Expiry),
    ];
    if case.handover.completed_at.is_some() {
        // Approved again after a stop: go on where the stop interrupted.
        effects.push(Effect::Secure(SecuringVerb::Suspend));
    } else if !policy.handover_waits(case.tier) {
        effects.push(Effect::IssueTicket);
    }
    effects
}

fn late(case: &Case, event: &Event, policy: &Policy) -> Vec<Effect> {
    let now = case.changed_at;
    match event {
        Event::CaseApproved { .. } => approved(case, policy),
        Event::HandoverTicketIssued { .. } => vec![Effect::Send(Notice::Approved)],
        Event::WaitStarted { until } | Event::WaitExtended { until, .. } => {
            let mut effects = vec![Effect::At(*until, Timer::WaitEnd)];
            let warnings = LAST_HOURS.iter().map(|h| (*until - Span::hours(*h), *h));
            effects.extend(
                warnings
                    .filter(|(at, _)| *at > now)
                    .map(|(at, hours)| Effect::At(at, Timer::LastHours(hours))),
            );
            let first = matches!(event, Event::WaitStarted { .. });
            let later = policy.handover_waits(case.tier);
            match (first, later) {
                (true, true) if case.handover.completed_at.is_none() => {
                    effects.push(Effect::Send(Notice::ApprovedLater));
                }
                (true, _) => {}
                (false, _) => effects.push(Effect::Send(Notice::WaitLonger)),
            }
            if later {
                let expiry = *until + Span::days(policy.handover.days_to_finish);
                effects.push(Effect::At(expiry, Timer::Expiry));
            }
            effects
        }
        Event::HandoverCompleted { .. } => {
            vec![
                Effect::Secure(SecuringVerb::Suspend),
                Effect::Send(Notice::SetUp),
                Effect::Send(Notice::HolderSetUp),
            ]
        }
        // Whichever comes last, the wait's end or the last read-back, ends the case.
        Event::SecuringVerified {
            verb: SecuringVerb::Suspend,
            ..
        } if case.state == State::CoolingOff && case.all_secured(SecuringVerb::Suspend) => {
            vec![Effect::At(now, Timer::WaitEnd)]
        }
        Event::CaseRecovered { veto_until } => vec![
            Effect::Send(Notice::Open),
            Effect::Send(Notice::HolderEnded),
            Effect::At(*veto_until, Timer::VetoWindow),
        ],
        Event::LimitsSet { until, .. } => vec![Effect::At(*until, Timer::Thaw)],
        Event::VetoWindowClosed => vec![Effect::Secure(SecuringVerb::Destroy)],
        Event::CaseStopped { .. } | Event::ContestOpened { .. } | Event::ProofAsked { .. } => {
            stopped(event)
        }
        Event::CaseClosed { reason } => closed(reason),
        Event::DataErased => vec![Effect::DestroyData],
        _ => Vec::new(),
    }
}

/// What both sides of a stopped case are told, and when that ends.
fn stopped(event: &Event) -> Vec<Effect> {
    match event {
        Event::CaseStopped {
            cause,
            dispute_until,
        } => {
            let timer = match cause {
                StopCause::Veto { .. } => Timer::Expiry,
                StopCause::Rival { .. } => Timer::RivalEvidence,
            };
            vec![
                Effect::At(*dispute_until, timer),
                Effect::Send(Notice::Disputed),
                Effect::Send(Notice::HolderStopped),
            ]
        }
        Event::ContestOpened { .. } => vec![
            Effect::Send(Notice::Contested),
            Effect::Send(Notice::HolderContested),
        ],
        Event::ProofAsked { side, .. } => vec![Effect::Send(match side {
            Side::Applicant => Notice::Contested,
            Side::Objector => Notice::HolderContested,
        })],
        _ => Vec::new(),
    }
}

fn closed(reason: &crate::case::event::EndReason) -> Vec<Effect> {
    if let crate::case::event::EndReason::Merged { into } = reason {
        return vec![Effect::Join(into.clone())];
    }
    vec![Effect::Send(Notice::Closed)]
}

/// Whatever ends a case also ends what it opened, gives back what it suspended and sets the date
/// on which its data goes.
fn ended(before: Option<&Case>, after: &Case, policy: &Policy) -> Vec<Effect> {
    let was_open = before.is_some_and(|case| case.state.is_open());
    let mut effects = Vec::new();
    let over = matches!(
        after.state,
        State::Rejected | State::Blocked | State::Withdrawn | State::Expired
    );
    if was_open && over {
        if after.handover.ever_begun {
            effects.push(Effect::Secure(SecuringVerb::Restore));
        }
        if after.passed_phase1 {
            effects.push(Effect::Send(Notice::HolderEnded));
        }
        if after.state != State::Rejected {
            effects.push(Effect::EndApplicantSessions);
        }
    }
    let newly_over = was_open && !after.state.is_open();
    let window_closed = after.veto_window_closed && before.is_some_and(|c| !c.veto_window_closed);
    if (newly_over || window_closed) && after.erased_at.is_none() {
        effects.extend(
            after
                .erase_at(policy)
                .map(|at| Effect::At(at, Timer::Erasure)),
        );
    }
    effects
}

const fn no_ticket_yet(case: &Case) -> bool {
    let handover = &case.handover;
    handover.ticket_until.is_none()
        && handover.begun_at.is_none()
        && handover.completed_at.is_none()
}

/// What a timer that fired asks for: a command, a message, or nothing any more.
#[must_use]
pub fn fired(case: &Case, timer: &Timer) -> (Option<Command>, Option<Effect>) {
    let command = |command| (Some(command), None);
    match timer {
        Timer::Expiry => command(Command::Expire),
        Timer::ChecksDue(round) => command(Command::GiveUpChecks { round: *round }),
        Timer::Lease(assignment) => command(Command::EndLease {
            assignment: assignment.clone(),
        }),
        Timer::LockEnd => command(Command::LapseLock),
        // Whoever has had no ticket yet gets it after the wait; `decide` knows the tier.
        Timer::WaitEnd if case.state == State::CoolingOff && no_ticket_yet(case) => {
            (Some(Command::EndWait), Some(Effect::IssueTicket))
        }
        Timer::WaitEnd => command(Command::EndWait),
        Timer::RivalEvidence => command(Command::OpenContest),
        Timer::VetoWindow => command(Command::CloseVetoWindow),
        Timer::Thaw => command(Command::StepThaw),
        Timer::Erasure => command(Command::Erase),
        Timer::Nudge if case.state == State::Gathering && case.contact.is_some() => {
            (None, Some(Effect::Send(Notice::Nudge)))
        }
        Timer::ReviewDue if case.state == State::Reviewing => {
            (None, Some(Effect::Send(Notice::Late)))
        }
        Timer::LastHours(_) if case.state == State::CoolingOff => {
            (None, Some(Effect::Send(Notice::HolderLastHours)))
        }
        Timer::Nudge | Timer::ReviewDue | Timer::LastHours(_) => (None, None),
    }
}
