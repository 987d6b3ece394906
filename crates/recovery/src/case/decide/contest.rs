//! Two sides, two seniors who had no part in the case.

use super::approval::approval;
use super::review::{fit, held};
use super::{Ask, Decided, is_code};
use crate::actor::{Actor, ChannelRef};
use crate::case::command::Command;
use crate::case::event::{EndReason, Event};
use crate::case::refusal::Refusal;
use crate::case::sides::{LiveFactor, ShownFactor, Side, Stop, Winner};
use crate::case::state::{Case, State};
use crate::evidence::EvidenceKind;
use crate::id::{AssignmentId, ReviewerId};
use crate::risk::Lane;
use crate::time::{Span, Timestamp};

/// Live factors that a stop remembers; more show nothing new.
const LIVE_FACTORS_MAX: usize = 16;

fn stopped<'a>(ask: &Ask<'a>) -> Result<&'a Stop, Refusal> {
    match (&ask.case.stop, ask.case.state) {
        (Some(stop), State::Stopped) => Ok(stop),
        _ => Err(Refusal::WrongStep),
    }
}

/// By when seniors decide about what both sides have shown until then.
fn decided_by(ask: &Ask<'_>, evidence_until: Timestamp) -> Timestamp {
    let allowance = Span::days(ask.facts.policy.review.business_days);
    ask.facts.calendar.after(evidence_until, allowance)
}

/// Both sides have their time to show theirs, even if one is in a hurry: rivals from when they
/// stopped each other, everybody from when the objection is disputed.
fn opened(ask: &Ask<'_>, stop: &Stop) -> Event {
    let evidence_until = if stop.is_by_rival() {
        stop.dispute_until.max(ask.now)
    } else {
        ask.now + Span::hours(ask.facts.policy.contest.evidence_hours)
    };
    Event::ContestOpened {
        until: decided_by(ask, evidence_until),
        evidence_until: Some(evidence_until),
    }
}

/// Refuses whatever seniors do while a side may still show something.
pub(super) fn all_shown(ask: &Ask<'_>) -> Result<(), Refusal> {
    match ask.case.stop.as_ref().and_then(|stop| stop.evidence_until) {
        Some(until) if ask.now < until => Err(Refusal::TooEarly { until }),
        _ => Ok(()),
    }
}

/// The applicant says that the veto (or the rival) is wrong, in time.
pub(super) fn dispute(ask: &Ask<'_>) -> Decided {
    let stop = stopped(ask)?;
    if ask.now >= stop.dispute_until {
        return Err(Refusal::TooLate);
    }
    Ok(vec![opened(ask, stop)])
}

/// What the sides show, and are asked for.
pub(super) fn sides(ask: &Ask<'_>, command: &Command) -> Decided {
    match command {
        Command::ShowLiveFactor { factor, channel } => show_live_factor(ask, *factor, channel),
        Command::TakeBack { channel } => take_back(ask, channel),
        Command::AskProof { assignment, side } => ask_proof(ask, assignment, *side),
        _ => Err(Refusal::WrongStep),
    }
}

/// The objection that stands, if the holder may speak for it by this channel.
///
/// # Errors
/// A [`Refusal`] that says why not.
pub fn may_speak<'a>(case: &'a Case, channel: &ChannelRef) -> Result<&'a Stop, Refusal> {
    if case.lost_channels.contains(channel) {
        return Err(Refusal::ChannelLost);
    }
    case.objection().ok_or(Refusal::WrongStep)
}

fn objection<'a>(ask: &Ask<'a>, channel: &ChannelRef) -> Result<&'a Stop, Refusal> {
    // A holder speaks for the channel that was used, not for another one.
    if !matches!(ask.actor, Actor::Holder { channel: used } if used == channel) {
        return Err(Refusal::WrongActor);
    }
    may_speak(ask.case, channel)
}

/// The objector still has what the account had before. It is never too late for that: it only
/// keeps the account where it is.
fn show_live_factor(ask: &Ask<'_>, factor: LiveFactor, channel: &ChannelRef) -> Decided {
    let stop = objection(ask, channel)?;
    let known = |shown: &ShownFactor| shown.factor == factor && shown.channel == *channel;
    if stop.live_factors.iter().any(known) {
        return Err(Refusal::AlreadyDone);
    }
    if stop.live_factors.len() >= LIVE_FACTORS_MAX {
        return Err(Refusal::TooMany);
    }
    Ok(vec![Event::LiveFactorShown {
        factor,
        channel: channel.clone(),
    }])
}

/// "I stopped it by mistake": nothing goes on by that alone, for an old mailbox may be in wrong
/// hands; seniors look at it (statement 4).
fn take_back(ask: &Ask<'_>, channel: &ChannelRef) -> Decided {
    let stop = objection(ask, channel)?;
    if stop.taken_back.is_some() {
        return Err(Refusal::AlreadyDone);
    }
    let mut events = vec![Event::ObjectionTakenBack {
        channel: channel.clone(),
    }];
    if ask.case.state == State::Stopped {
        events.push(opened(ask, stop));
    }
    Ok(events)
}

/// More from one side, once for each of them, before anybody decides.
fn ask_proof(ask: &Ask<'_>, assignment: &AssignmentId, side: Side) -> Decided {
    if ask.case.state != State::Contested {
        return Err(Refusal::WrongStep);
    }
    let stop = ask.case.stop.as_ref().ok_or(Refusal::WrongStep)?;
    let held = held(ask, assignment)?;
    fit(ask, held)?;
    // Between rivals each has a contest of its own, in which it is the applicant.
    if stop.is_by_rival() && side == Side::Objector {
        return Err(Refusal::WrongStep);
    }
    if stop.asked.contains(&side) {
        return Err(Refusal::AlreadyDone);
    }
    let evidence_until = ask.now + Span::hours(ask.facts.policy.contest.evidence_hours);
    Ok(vec![Event::ProofAsked {
        assignment: assignment.clone(),
        side,
        until: decided_by(ask, evidence_until),
        evidence_until,
    }])
}

/// Rivals are contested by themselves when their time for evidence is over.
pub(super) fn open(ask: &Ask<'_>) -> Decided {
    let stop = stopped(ask)?;
    if !stop.is_by_rival() {
        return Err(Refusal::WrongStep);
    }
    if ask.now < stop.dispute_until {
        return Err(Refusal::TooEarly {
            until: stop.dispute_until,
        });
    }
    Ok(vec![opened(ask, stop)])
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
    all_shown(ask)?;
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
    if agreed.len() >= enough(ask, stop, winner) {
        events.push(Event::ContestDecided { winner });
        events.push(outcome(ask, winner, agreed));
    }
    Ok(events)
}

/// How many seniors must agree on this. A live factor puts the burden on the applicant: to leave
/// the account as it is takes no more seniors than ever.
fn enough(ask: &Ask<'_>, stop: &Stop, winner: Winner) -> usize {
    let rule = &ask.facts.policy.contest;
    let seniors = match winner {
        Winner::Applicant => rule.for_applicant(stop.has_live_factor()),
        Winner::Objector | Winner::Neither => rule.against_applicant(),
    };
    seniors as usize
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
    let by_rival = case.stop.as_ref().is_some_and(Stop::is_by_rival);
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
