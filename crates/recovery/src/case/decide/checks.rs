//! Phase 1: what the machine's findings lead to. A machine returns or passes on; it never refuses.

use super::{Ask, Decided};
use crate::case::command::ReturnItem;
use crate::case::event::{Event, LockCause};
use crate::case::refusal::Refusal;
use crate::case::state::State;
use crate::evidence::EvidenceKind;
use crate::finding::{Audience, Finding, Outcome};
use crate::policy::Tier;
use crate::reason::{AGAIN_PERSON, reason};
use crate::risk::{Assessment, Grounds, Lane, assess};
use crate::time::Span;

/// Findings on one case at most: evidence times checks.
const FINDINGS_MAX: usize = 512;

pub(super) fn finish(
    ask: &Ask<'_>,
    round: u32,
    findings: &[Finding],
    grounds: &Grounds,
) -> Decided {
    current(ask, round)?;
    if findings.is_empty() || findings.len() > FINDINGS_MAX {
        return Err(Refusal::FindingsMissing);
    }
    if !ask.case.resolved {
        return Err(Refusal::AccountMissing);
    }
    let policy = ask.facts.policy;
    let live = ask.case.captured_live(policy);
    let assessment = assess(policy, findings, grounds, live);
    let mut events = vec![Event::ChecksFinished {
        round,
        findings: findings.to_vec(),
        tier: assessment.tier,
        grounds: Some(grounds.clone()),
    }];
    let again = items_to_retake(ask, findings);
    if !again.is_empty() {
        events.push(returned(ask, again, true));
        return Ok(events);
    }
    let passed = passes(ask, findings, &assessment, live);
    events.push(opened(ask, assessment.lane));
    if passed {
        events.extend(phase1_passed(ask, LockCause::ChecksPassed));
    }
    Ok(events)
}

/// The checks did not answer in time: people look, and see that the machine has not.
pub(super) fn give_up(ask: &Ask<'_>, round: u32) -> Decided {
    current(ask, round)?;
    let sent_at = ask.case.sent_at.unwrap_or(ask.case.changed_at);
    let due = sent_at + Span::hours(ask.facts.policy.checking.hours_max);
    if ask.now < due {
        return Err(Refusal::TooEarly { until: due });
    }
    let finding = Finding::unavailable("check.unavailable", "none");
    let findings = vec![finding];
    Ok(vec![
        Event::ChecksFinished {
            round,
            findings,
            tier: Tier::High,
            grounds: None,
        },
        opened(ask, Lane::Ordinary),
    ])
}

fn current(ask: &Ask<'_>, round: u32) -> Result<(), Refusal> {
    if ask.case.state != State::Checking {
        return Err(Refusal::WrongStep);
    }
    if round != ask.case.round {
        return Err(Refusal::StaleRound);
    }
    Ok(())
}

/// Opens the review in its lane. A phantom waits behind everybody, and never shows it.
pub(super) fn opened(ask: &Ask<'_>, lane: Lane) -> Event {
    let lane = if ask.case.is_phantom() {
        Lane::Low
    } else {
        lane
    };
    Event::ReviewOpened {
        low_priority: lane == Lane::Low,
        allowance_hours: lane.hours(ask.facts.policy),
    }
}

/// What the applicant is asked to take again, as long as automatic returns are left.
fn items_to_retake(ask: &Ask<'_>, findings: &[Finding]) -> Vec<ReturnItem> {
    let mut items: Vec<ReturnItem> = Vec::new();
    let mut ask_again = |kind: EvidenceKind, code: &str| {
        let used = ask.case.returns.get(&kind).copied().unwrap_or(0);
        let left = used < ask.facts.policy.gathering.returns_per_item_max;
        if left && !items.iter().any(|(asked, _)| *asked == kind) {
            items.push((kind, code.to_owned()));
        }
    };
    for finding in findings {
        if let (Outcome::Retake, Some(kind)) = (finding.outcome, finding.kind) {
            ask_again(kind, told(finding));
        }
    }
    // An identity mismatch comes back in general words only (UX.md B4, last line).
    if refused_by_machine(findings) {
        ask_again(EvidenceKind::NotePhoto, AGAIN_PERSON);
        ask_again(EvidenceKind::Video, AGAIN_PERSON);
    }
    items
}

/// What the applicant hears of a finding: quality by its own reason, all else in general words.
fn told(finding: &Finding) -> &str {
    match finding.audience {
        Audience::Applicant if reason(&finding.code).is_some() => &finding.code,
        Audience::Applicant | Audience::Reviewer => AGAIN_PERSON,
    }
}

fn refused_by_machine(findings: &[Finding]) -> bool {
    findings
        .iter()
        .any(|finding| finding.outcome == Outcome::Fail)
}

/// Points play no part here: only findings open the lock.
fn passes(ask: &Ask<'_>, findings: &[Finding], assessment: &Assessment, live: bool) -> bool {
    let gates = assessment.gates.iter().all(|gate| gate.open);
    let clean = findings
        .iter()
        .all(|finding| finding.outcome == Outcome::Pass);
    live && gates && clean && ask.case.account.is_some()
}

/// A return, with the time to answer it.
pub(super) fn returned(ask: &Ask<'_>, items: Vec<ReturnItem>, by_machine: bool) -> Event {
    let until = ask.now + Span::days(ask.facts.policy.gathering.days_to_finish);
    Event::CaseReturned {
        items,
        by_machine,
        until,
    }
}

/// The account is locked (as far as the cap allows), and rivals who passed too stop both cases.
pub(super) fn phase1_passed(ask: &Ask<'_>, cause: LockCause) -> Vec<Event> {
    if ask.case.lock.is_some() || ask.case.account.is_none() {
        return Vec::new();
    }
    let cap = Span::days(ask.facts.policy.lock.days_per_account_max);
    let used = ask.facts.locked_before + ask.case.locked;
    let left = Span::millis((cap.as_millis() - used.as_millis()).max(0));
    let mut events = vec![Event::LockStarted {
        cause,
        until: ask.now + left,
    }];
    if left == Span::ZERO {
        events.push(Event::LockLapsed);
    }
    events.extend(super::stops::stopped_by_rival(ask));
    events
}
