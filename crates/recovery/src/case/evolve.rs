//! What an event does to a case. No rule is checked here: events have happened.

mod after;

use std::collections::{BTreeMap, BTreeSet};

use crate::calendar::Deadline;
use crate::case::after::Handover;
use crate::case::course::Course;
use crate::case::event::{Decision, Event, Part, Resolution};
use crate::case::record::Recorded;
use crate::case::state::{Assigned, Case, Contact, Lock, Review, State, VerdictRecord};
use crate::evidence::{EvidenceItem, EvidenceKind};
use crate::policy::Tier;
use crate::time::{Span, Timestamp};

/// Builds a case from its whole history.
#[must_use]
pub fn replay<'a>(history: impl IntoIterator<Item = &'a Recorded>) -> Option<Case> {
    history.into_iter().fold(None, evolve)
}

/// Applies one event. A history that does not begin with an opening gives no case.
#[must_use]
pub fn evolve(case: Option<Case>, recorded: &Recorded) -> Option<Case> {
    let mut case = match (&recorded.event, case) {
        (Event::CaseOpened { .. }, None) => opened(recorded)?,
        (_, None) => return None,
        (_, Some(case)) => case,
    };
    let was = case.state;
    case.version = recorded.seq;
    case.changed_at = case.changed_at.max(recorded.at);
    gathering(&mut case, recorded);
    reviewing(&mut case, recorded);
    after::waiting(&mut case, recorded);
    after::stopping(&mut case, recorded);
    let verdicts = &case.review.verdicts;
    case.course.follow(was, case.state, verdicts, recorded);
    Some(case)
}

fn opened(recorded: &Recorded) -> Option<Case> {
    let Event::CaseOpened {
        code,
        policy_version,
        language,
        entry,
    } = &recorded.event
    else {
        return None;
    };
    Some(Case {
        id: recorded.case.clone(),
        code: code.clone(),
        version: recorded.seq,
        state: State::Gathering,
        policy_version: *policy_version,
        language: language.clone(),
        entry: entry.clone(),
        opened_at: recorded.at,
        changed_at: recorded.at,
        consent_at: None,
        gallery_consent_at: None,
        identifier: None,
        contact: None,
        resolved: false,
        document: None,
        account: None,
        evidence: Vec::new(),
        digests: BTreeSet::new(),
        clues: Vec::new(),
        asked: Vec::new(),
        retaken: BTreeSet::new(),
        returns: BTreeMap::new(),
        returns_by_people: 0,
        round: 0,
        pathway: None,
        finish_until: recorded.at,
        submitted_at: None,
        sent_at: None,
        unsent: false,
        deadline: None,
        checked_round: 0,
        findings: Vec::new(),
        grounds: None,
        refused_for: Vec::new(),
        tier: Tier::High,
        passed_phase1: false,
        lock: None,
        locked: Span::ZERO,
        review: Review::default(),
        wait: None,
        holds_approval: false,
        handover: Handover::default(),
        securing: BTreeMap::new(),
        stop: None,
        froze_account: false,
        lost_channels: BTreeSet::new(),
        beat_live_factor: false,
        lost_rivals: BTreeSet::new(),
        recovered_at: None,
        thaw: None,
        veto_until: None,
        veto_window_closed: false,
        appeal_until: None,
        end: None,
        ended_at: None,
        erased_at: None,
        course: Box::new(Course::opened(recorded.at)),
    })
}

fn gathering(case: &mut Case, recorded: &Recorded) {
    let now = recorded.at;
    match &recorded.event {
        Event::ConsentGiven { .. } => case.consent_at = Some(now),
        Event::GalleryAnswered { agreed, .. } => {
            case.gallery_consent_at = agreed.then_some(now);
        }
        Event::IdentifierGiven { index } => {
            case.identifier = Some(index.clone());
            case.resolved = false;
            case.account = None;
        }
        Event::ContactProved { index } => {
            case.contact = Some(Contact {
                index: index.clone(),
                proved_at: now,
            });
        }
        Event::AccountResolved { resolution } => {
            case.resolved = true;
            case.account = match resolution {
                Resolution::Known { account } => Some(account.clone()),
                Resolution::Unknown => None,
            };
        }
        Event::DocumentChosen { document } => case.document = Some(*document),
        Event::EvidenceAdded { item } => add_evidence(case, item),
        Event::CluesGiven { answered } => case.clues.clone_from(answered),
        Event::CaseSubmitted { round, pathway } => {
            case.state = State::Checking;
            case.round = *round;
            case.pathway = Some(*pathway);
            case.submitted_at.get_or_insert(now);
            case.sent_at = Some(now);
            case.unsent = false;
            case.asked.clear();
            case.retaken.clear();
            if let Some(deadline) = &mut case.deadline {
                deadline.resume(now);
            }
        }
        Event::ChecksFinished {
            round,
            findings,
            tier,
            grounds,
        } => {
            case.checked_round = *round;
            case.findings.clone_from(findings);
            case.tier = *tier;
            case.grounds.clone_from(grounds);
        }
        Event::CaseReturned {
            items,
            by_machine,
            until,
        } => {
            returned(case, items, *by_machine, now);
            case.finish_until = *until;
            end_lock(case, now);
        }
        Event::DataErased => case.erased_at = Some(now),
        _ => {}
    }
}

fn returned(case: &mut Case, items: &[(EvidenceKind, String)], by_machine: bool, now: Timestamp) {
    case.state = State::Gathering;
    case.asked = items.to_vec();
    case.retaken.clear();
    case.review.assigned = None;
    if let Some(deadline) = &mut case.deadline {
        deadline.pause(now);
    }
    if by_machine {
        for (kind, _) in items {
            *case.returns.entry(*kind).or_default() += 1;
        }
    } else {
        case.returns_by_people += 1;
    }
}

fn add_evidence(case: &mut Case, item: &EvidenceItem) {
    if item.kind != EvidenceKind::Screenshot {
        case.unsent = true;
        case.evidence.retain(|old| old.kind != item.kind);
    }
    case.digests.insert(item.digest.clone());
    case.retaken.insert(item.kind);
    case.evidence.push(item.clone());
}

fn end_lock(case: &mut Case, now: Timestamp) {
    if let Some(lock) = case.lock.take() {
        case.locked = case.locked + now.since(lock.since);
    }
}

fn reviewing(case: &mut Case, recorded: &Recorded) {
    let now = recorded.at;
    match &recorded.event {
        Event::ReviewOpened {
            low_priority,
            allowance_hours,
        } => {
            case.state = State::Reviewing;
            case.review.low_priority = *low_priority;
            case.review.verdicts.clear();
            case.review.assigned = None;
            let allowance = Span::hours(*allowance_hours);
            case.deadline
                .get_or_insert_with(|| Deadline::start(allowance, now))
                .resume(now);
        }
        Event::LockStarted { cause, until } => {
            case.passed_phase1 = true;
            case.lock = Some(Lock {
                cause: *cause,
                since: now,
                until: *until,
            });
        }
        Event::LockLapsed => lapse(case, now),
        Event::ReviewerAssigned {
            assignment,
            reviewer,
            rank,
            part,
            until,
        } => {
            let assigned = Assigned {
                assignment: assignment.clone(),
                reviewer: reviewer.clone(),
                rank: *rank,
                part: *part,
                until: *until,
            };
            assign(case, assigned);
        }
        Event::AssignmentEnded { conflict, .. } => {
            if let Some(assigned) = case.review.assigned.take()
                && *conflict
            {
                case.review.conflicted.insert(assigned.reviewer);
            }
        }
        Event::VerdictGiven {
            decision,
            codes,
            exception,
            ..
        } => {
            record_verdict(case, *decision, codes, exception.as_ref(), now);
        }
        Event::CaseRejected {
            codes,
            appeal_until,
        } => {
            case.refused_for.clone_from(codes);
            rejected(case, *appeal_until, now);
        }
        Event::AppealOpened => appealed(case),
        _ => {}
    }
}

fn rejected(case: &mut Case, appeal_until: Option<Timestamp>, now: Timestamp) {
    case.state = State::Rejected;
    case.appeal_until = appeal_until;
    case.ended_at = Some(now);
    end_lock(case, now);
}

/// The cap counts while two sides are heard as well, as long as nobody was approved.
fn lapse(case: &mut Case, now: Timestamp) {
    end_lock(case, now);
    case.froze_account &= case.holds_approval;
}

fn appealed(case: &mut Case) {
    let decided = std::mem::take(&mut case.review.verdicts);
    case.review
        .excluded
        .extend(decided.into_iter().map(|verdict| verdict.reviewer));
    case.review
        .excluded
        .extend(case.review.involved.iter().cloned());
    case.review.appeal_used = true;
    case.appeal_until = None;
    case.ended_at = None;
    case.deadline = None;
}

fn assign(case: &mut Case, assigned: Assigned) {
    let reviewer = assigned.reviewer.clone();
    match &mut case.stop {
        Some(stop) if assigned.part == Part::Contest => stop.held.insert(reviewer),
        _ => case.review.involved.insert(reviewer),
    };
    case.review.assigned = Some(assigned);
}

fn record_verdict(
    case: &mut Case,
    decision: Decision,
    codes: &[String],
    exception: Option<&String>,
    now: Timestamp,
) {
    if let Some(assigned) = case.review.assigned.take() {
        case.review.verdicts.push(VerdictRecord {
            reviewer: assigned.reviewer,
            rank: assigned.rank,
            part: assigned.part,
            decision,
            codes: codes.to_vec(),
            exception: exception.cloned(),
            at: now,
        });
    }
}
