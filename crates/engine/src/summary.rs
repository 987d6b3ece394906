//! The summary row of a case: a function of the case and its rules.

use recovery::case::{Case, State};
use recovery::id::{AccountRef, BlindIndex};
use recovery::policy::Rung;
use recovery::risk::{self, Lane};
use recovery::time::{Span, Timestamp};
use store::CaseRow;

use crate::engine::Rules;

/// Queue place of ordinary cases, and of those whose applicants recalled much.
const ORDINARY: i64 = 10;
const RECALLED: i64 = 9;
/// Queue place of well documented cases (M16).
const FAST: i64 = 7;
/// Queue place of appeals and contested cases, which have waited longest.
const FIRST: i64 = 5;
/// Queue place of what is likely junk: a lane of its own (statement 7).
const JUNK: i64 = 100;

/// By when the present phase is promised to be over.
pub(crate) fn due(case: &Case, rules: &Rules) -> Option<Timestamp> {
    match case.state {
        State::Gathering => Some(
            case.finish_until
                .max(case.opened_at + Span::days(rules.policy.gathering.days_to_finish)),
        ),
        State::Checking => {
            let sent = case.sent_at.unwrap_or(case.changed_at);
            Some(sent + Span::hours(rules.policy.checking.hours_max))
        }
        State::Reviewing => case.deadline.as_ref().and_then(|d| d.due(&rules.calendar)),
        State::CoolingOff => case.wait.as_ref().and_then(|wait| wait.until),
        State::Stopped => case.stop.as_ref().map(|stop| stop.dispute_until),
        State::Contested => case.stop.as_ref().and_then(|stop| stop.decided_by),
        _ => None,
    }
}

/// The day that pages and mails name for the end of a case's data. The evidence of an unknown
/// account goes earlier, and nobody is told: the day would say that there is no such account
/// (statement 5).
pub(crate) fn told_erasure(case: &Case, rules: &Rules) -> Option<Timestamp> {
    let policy = &rules.policy;
    let real = case.erase_at(policy)?;
    if !case.is_phantom() {
        return Some(real);
    }
    let ended = case.ended_at?;
    let last_word = case.appeal_until.map_or(ended, |until| until.max(ended));
    let wanted = last_word + Span::days(policy.retention.days_after_end);
    Some(wanted.min(ended + Span::days(policy.retention.days_max)))
}

/// The account under which a case is searched. Phantoms of one identifier have a key of their own
/// kind, so that they merge and rival as cases of a real account do (statement 5).
pub(crate) fn account_key(case: &Case) -> Option<AccountRef> {
    let phantom = case.identifier.as_ref().filter(|_| case.is_phantom());
    case.account.clone().or_else(|| phantom.map(phantom_key))
}

/// The key of the phantoms of one identifier; no platform's reference has a colon in it.
pub(crate) fn phantom_key(identifier: &BlindIndex) -> AccountRef {
    AccountRef(format!("phantom:{}", identifier.0))
}

/// The place in the queue: lanes, and within the ordinary one clues that were recalled well. That
/// is all that clues bring an applicant (statement 9).
fn place(case: &Case, rules: &Rules) -> i64 {
    if case.review.low_priority {
        return JUNK;
    }
    if case.review.appeal_used || case.state == State::Contested {
        return FIRST;
    }
    let Some(assessment) = risk::of_case(case, &rules.policy) else {
        return ORDINARY;
    };
    let half_the_cap = rules.policy.clues.cap * 500.0;
    match assessment.lane {
        Lane::Fast => FAST,
        _ if assessment.support_milli as f64 >= half_the_cap => RECALLED,
        _ => ORDINARY,
    }
}

/// The row that is searched, sorted and kept unique.
pub(crate) fn row(case: &Case, rules: &Rules, now: Timestamp) -> CaseRow {
    let held = case
        .review
        .assigned
        .as_ref()
        .is_some_and(|held| held.until > now);
    let wanted = case.wanted_part(&rules.policy).filter(|_| !held);
    CaseRow {
        id: case.id.clone(),
        code: case.code.clone(),
        version: case.version,
        state: case.state.name().to_owned(),
        wanted: wanted.map(|part| part.name().to_owned()),
        priority: place(case, rules),
        account_ref: account_key(case),
        // Erased is erased: nobody finds the case by its address any more.
        contact_index: case
            .contact
            .as_ref()
            .filter(|_| case.erased_at.is_none())
            .map(|contact| contact.index.clone()),
        opened_at: case.opened_at,
        changed_at: case.changed_at,
        due_at: due(case, rules),
        holds_approval: case.holds_approval,
        phase1_passed: case.passed_phase1,
        open: case.state.is_open(),
        policy_version: case.policy_version.to_string(),
        phantom: case.is_phantom(),
    }
}

/// The limits of a case that thaws, from its recovery on.
pub(crate) fn ladder(case: &Case, rules: &Rules) -> Vec<Rung> {
    match (&case.thaw, case.recovered_at) {
        (Some(_), Some(recovered)) => rules.policy.thaw.ladder(recovered),
        _ => Vec::new(),
    }
}
