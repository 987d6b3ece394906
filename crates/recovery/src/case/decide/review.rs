//! Phase 2: people look, blind to one another, and two must agree.

use super::approval::approval;
use super::checks::{phase1_passed, returned};
use super::{Ask, Decided, is_code};
use crate::actor::{Actor, Rank};
use crate::case::command::Verdict;
use crate::case::event::{Decision, Event, LockCause, Part};
use crate::case::refusal::Refusal;
use crate::case::state::{Assigned, NOT_OFFERED, State, VerdictRecord};
use crate::id::{AssignmentId, ReviewerId};
use crate::reason;
use crate::risk::Lane;
use crate::time::Span;

/// The three questions of M17.
const QUESTIONS: usize = 3;
/// Items one verdict may ask for: each kind with a few reasons.
const ITEMS_MAX: usize = 20;
/// How many reviewers must agree to refuse.
const REFUSING: usize = 2;

/// Reason codes of UX.md D6, by decision.
const APPROVE_CODES: [&str; 3] = ["ok.all", "ok.equal_path", "ok.referee"];
const REJECT_CODES: [&str; 9] = [
    "no.person_differs",
    "no.document_differs",
    "no.document_false",
    "no.capture_false",
    "no.borrowed_id",
    "no.pressure",
    "no.reuse",
    "no.region",
    NOT_OFFERED,
];
const ESCALATE_CODES: [&str; 5] = [
    "up.unsure",
    "up.pressure",
    "up.conflict",
    "up.equal_path",
    "up.novel",
];

fn reviewer<'a>(ask: &Ask<'a>) -> Result<(&'a ReviewerId, Rank), Refusal> {
    match ask.actor {
        Actor::Reviewer { id, rank } => Ok((id, *rank)),
        _ => Err(Refusal::WrongActor),
    }
}

/// Takes the part that waits: at random among cases is the shell's, without conflict is ours.
pub(super) fn assign(ask: &Ask<'_>, assignment: &AssignmentId) -> Decided {
    let (id, rank) = reviewer(ask)?;
    let part = ask
        .case
        .wanted_part(ask.facts.policy)
        .ok_or(Refusal::NothingToReview)?;
    let staff = ask.facts.staff.as_ref().ok_or(Refusal::WrongActor)?;
    if rank != staff.rank {
        return Err(Refusal::WrongActor);
    }
    let mut events = Vec::new();
    if let Some(held) = &ask.case.review.assigned {
        if held.until > ask.now {
            return Err(Refusal::Held);
        }
        events.push(lease_over(held));
    }
    if rank < part.rank() {
        return Err(Refusal::NeedsSenior);
    }
    if staff.conflict || took_part(ask, id, part) {
        return Err(Refusal::Conflict);
    }
    if part == Part::Contest {
        super::contest::all_shown(ask)?;
    }
    if staff.held >= ask.facts.policy.review.open_per_reviewer_max {
        return Err(Refusal::TooManyHeld);
    }
    if part != Part::First && staff.pair_this_week >= ask.facts.policy.review.same_pair_per_week_max
    {
        return Err(Refusal::Conflict);
    }
    events.push(Event::ReviewerAssigned {
        assignment: assignment.clone(),
        reviewer: id.clone(),
        rank,
        part,
        until: ask.now + Span::minutes(ask.facts.policy.review.lease_minutes),
    });
    Ok(events)
}

/// Whether somebody's earlier part in the case bars them from this part of it.
fn took_part(ask: &Ask<'_>, id: &ReviewerId, part: Part) -> bool {
    let review = &ask.case.review;
    let stop = ask.case.stop.as_ref();
    let voted = stop.is_some_and(|stop| stop.votes.iter().any(|(who, _, _)| who == id));
    review.conflicted.contains(id)
        || review.excluded.contains(id)
        || review
            .verdicts
            .iter()
            .any(|verdict| verdict.reviewer == *id)
        || voted
        || (part == Part::Contest && review.involved.contains(id))
}

fn lease_over(held: &Assigned) -> Event {
    Event::AssignmentEnded {
        assignment: held.assignment.clone(),
        conflict: false,
        lease_over: true,
    }
}

/// The caller's own assignment, with its lease in force.
pub(super) fn held<'a>(ask: &Ask<'a>, assignment: &AssignmentId) -> Result<&'a Assigned, Refusal> {
    let (id, _) = reviewer(ask)?;
    let held = ask
        .case
        .review
        .assigned
        .as_ref()
        .ok_or(Refusal::NotAssigned)?;
    if held.assignment != *assignment || held.reviewer != *id || held.until <= ask.now {
        return Err(Refusal::NotAssigned);
    }
    Ok(held)
}

/// Whoever decides must still be who was assigned: of that rank, and without a conflict of
/// interest that became known since (statement 3).
pub(super) fn fit(ask: &Ask<'_>, held: &Assigned) -> Result<(), Refusal> {
    let staff = ask.facts.staff.as_ref().ok_or(Refusal::WrongActor)?;
    if staff.rank < held.part.rank() || staff.rank < held.rank {
        return Err(Refusal::NeedsSenior);
    }
    if staff.conflict {
        return Err(Refusal::Conflict);
    }
    Ok(())
}

pub(super) fn hand_back(ask: &Ask<'_>, assignment: &AssignmentId, conflict: bool) -> Decided {
    let held = held(ask, assignment)?;
    Ok(vec![Event::AssignmentEnded {
        assignment: held.assignment.clone(),
        conflict,
        lease_over: false,
    }])
}

pub(super) fn end_lease(ask: &Ask<'_>, assignment: &AssignmentId) -> Decided {
    let held = ask
        .case
        .review
        .assigned
        .as_ref()
        .ok_or(Refusal::NotAssigned)?;
    if held.assignment != *assignment {
        return Err(Refusal::NotAssigned);
    }
    if held.until > ask.now {
        return Err(Refusal::TooEarly { until: held.until });
    }
    Ok(vec![lease_over(held)])
}

pub(super) fn view(
    ask: &Ask<'_>,
    assignment: &AssignmentId,
    subject: &str,
    reason: &str,
) -> Decided {
    held(ask, assignment)?;
    if !is_code(reason) || !is_code(subject) {
        return Err(Refusal::ReasonMissing);
    }
    Ok(vec![Event::EvidenceViewed {
        assignment: assignment.clone(),
        subject: subject.to_owned(),
        reason: reason.to_owned(),
    }])
}

pub(super) fn verdict(ask: &Ask<'_>, assignment: &AssignmentId, verdict: &Verdict) -> Decided {
    if ask.case.state != State::Reviewing {
        return Err(Refusal::WrongStep);
    }
    let held = held(ask, assignment)?;
    fit(ask, held)?;
    check_form(ask, held, verdict)?;
    let mut events = vec![Event::VerdictGiven {
        assignment: assignment.clone(),
        decision: verdict.decision,
        codes: verdict.codes.clone(),
        answers: verdict.answers.clone(),
        exception: verdict.exception.clone(),
    }];
    let mut given: Vec<VerdictRecord> = ask.case.review.verdicts.clone();
    given.push(VerdictRecord {
        reviewer: held.reviewer.clone(),
        rank: held.rank,
        part: held.part,
        decision: verdict.decision,
        codes: verdict.codes.clone(),
        exception: verdict.exception.clone(),
        at: ask.now,
    });
    events.extend(follow(ask, verdict, &given)?);
    Ok(events)
}

fn check_form(ask: &Ask<'_>, held: &Assigned, verdict: &Verdict) -> Result<(), Refusal> {
    let codes = verdict.exception.iter().chain(&verdict.answers);
    if codes.chain(&verdict.codes).any(|code| !is_code(code)) {
        return Err(Refusal::ReasonMissing);
    }
    if verdict.items.len() > ITEMS_MAX || verdict.answers.len() > QUESTIONS {
        return Err(Refusal::TooMany);
    }
    let known = |codes: &[&str]| {
        !verdict.codes.is_empty() && verdict.codes.iter().all(|c| codes.contains(&c.as_str()))
    };
    match verdict.decision {
        Decision::Approve => {
            if !known(&APPROVE_CODES) {
                return Err(Refusal::ReasonMissing);
            }
            approvable(ask, held, verdict)
        }
        Decision::AskAgain => {
            if verdict.items.is_empty() {
                return Err(Refusal::ItemsMissing);
            }
            if verdict
                .items
                .iter()
                .any(|(_, code)| reason::reason(code).is_none())
            {
                return Err(Refusal::ReasonMissing);
            }
            if ask.case.returns_by_people >= ask.facts.policy.gathering.returns_by_people_max {
                return Err(Refusal::AskedTooOften);
            }
            Ok(())
        }
        Decision::Reject => {
            if !known(&REJECT_CODES) {
                return Err(Refusal::ReasonMissing);
            }
            if verdict.codes.iter().any(|code| code == NOT_OFFERED) && !believes(verdict) {
                return Err(Refusal::AnswersMissing);
            }
            if verdict.note_characters < ask.facts.policy.review.note_characters_min {
                return Err(Refusal::NoteTooShort);
            }
            Ok(())
        }
        Decision::Escalate if known(&ESCALATE_CODES) => Ok(()),
        Decision::Escalate => Err(Refusal::ReasonMissing),
    }
}

/// All three questions of M17 are answered with yes.
fn believes(verdict: &Verdict) -> bool {
    verdict.answers.len() == QUESTIONS && verdict.answers.iter().all(|a| a == "yes")
}

/// Statement 3, for one verdict: everything required is there, looked at and answered.
fn approvable(ask: &Ask<'_>, held: &Assigned, verdict: &Verdict) -> Result<(), Refusal> {
    let case = ask.case;
    if case.account.is_none() {
        return Err(Refusal::AccountMissing);
    }
    if !case.missing(ask.facts.policy).is_empty() {
        return Err(Refusal::PartsMissing);
    }
    if case.checked_round != case.round || case.findings.is_empty() {
        return Err(Refusal::FindingsMissing);
    }
    if !believes(verdict) {
        return Err(Refusal::AnswersMissing);
    }
    let by_senior = held.rank == Rank::Senior && held.part == Part::Senior;
    if case.needs_exception(ask.facts.policy) && by_senior && verdict.exception.is_none() {
        return Err(Refusal::ExceptionMissing);
    }
    Ok(())
}

fn agreeing(given: &[VerdictRecord], decision: Decision) -> Vec<&VerdictRecord> {
    given
        .iter()
        .filter(|verdict| verdict.decision == decision)
        .collect()
}

fn follow(
    ask: &Ask<'_>,
    verdict: &Verdict,
    given: &[VerdictRecord],
) -> Result<Vec<Event>, Refusal> {
    match verdict.decision {
        Decision::Escalate => Ok(Vec::new()),
        Decision::AskAgain => Ok(vec![returned(ask, verdict.items.clone(), false)]),
        Decision::Reject => Ok(rejected(ask, given)),
        Decision::Approve => approved(ask, given),
    }
}

fn rejected(ask: &Ask<'_>, given: &[VerdictRecord]) -> Vec<Event> {
    let agreed = agreeing(given, Decision::Reject);
    if agreed.len() < REFUSING {
        return Vec::new();
    }
    let mut codes: Vec<String> = agreed.iter().flat_map(|v| v.codes.clone()).collect();
    codes.sort();
    codes.dedup();
    let appeal_until =
        (!ask.case.review.appeal_used).then(|| ask.now + Span::days(ask.facts.policy.appeal.days));
    vec![Event::CaseRejected {
        codes,
        appeal_until,
    }]
}

/// The first credible look locks the account; as many as the tier's quorum approve.
fn approved(ask: &Ask<'_>, given: &[VerdictRecord]) -> Result<Vec<Event>, Refusal> {
    let stopped = super::stops::stopped_by_rival(ask);
    let locked = if ask.case.passed_phase1 && ask.case.lock.is_some() {
        stopped.clone()
    } else {
        phase1_passed(ask, LockCause::ReviewersLook)
    };
    if !stopped.is_empty() {
        return Ok(locked);
    }
    if ask.facts.rivals.iter().any(|rival| rival.holds_approval) {
        return Err(Refusal::AlreadyApproved);
    }
    let agreed = agreeing(given, Decision::Approve);
    let mut events = locked;
    if ask.case.quorum_reached(&agreed, ask.facts.policy) {
        let approvers = agreed
            .iter()
            .map(|verdict| verdict.reviewer.clone())
            .collect();
        events.push(approval(ask, approvers, ask.case.tier));
    }
    Ok(events)
}

/// Once, in time, and to other people.
pub(super) fn appeal(ask: &Ask<'_>) -> Decided {
    if ask.case.state != State::Rejected {
        return Err(Refusal::WrongStep);
    }
    if ask.case.review.appeal_used {
        return Err(Refusal::AppealUsed);
    }
    if ask.case.appeal_until.is_none_or(|until| ask.now >= until) {
        return Err(Refusal::TooLate);
    }
    let allowance_hours = Lane::Ordinary.hours(ask.facts.policy);
    Ok(vec![
        Event::AppealOpened,
        Event::ReviewOpened {
            low_priority: false,
            allowance_hours,
        },
    ])
}
