//! Phase 3: freeze, wait, new credentials, securing, recovered.

use super::{Ask, Decided};
use crate::case::after::Wait;
use crate::case::change::ChangeKind;
use crate::case::command::{Proof, ToldChange};
use crate::case::event::Event;
use crate::case::refusal::Refusal;
use crate::case::securing::{CredentialKind, SecuringAction, SecuringVerb};
use crate::case::state::{Case, State};
use crate::finding::Finding;
use crate::policy::Policy;
use crate::restriction::Mode;
use crate::time::{Span, Timestamp};

fn cooling(case: &Case) -> Result<&Wait, Refusal> {
    match (&case.wait, case.state) {
        (Some(wait), State::CoolingOff) => Ok(wait),
        _ => Err(Refusal::WrongStep),
    }
}

/// Statement 1: the wait starts at the latest of approval, freeze and notices.
fn maybe_started(ask: &Ask<'_>, wait: &Wait, frozen: bool, notified: bool) -> Option<Event> {
    let begins = wait.started_at.is_none() && frozen && notified;
    begins.then(|| Event::WaitStarted {
        until: ask.now + wait.span,
    })
}

pub(super) fn frozen(ask: &Ask<'_>, version: u64, mode: Mode) -> Decided {
    let wait = cooling(ask.case)?;
    if mode < Mode::CoolingOff {
        return Err(Refusal::WrongStep);
    }
    if wait.frozen_at.is_some() {
        return Err(Refusal::AlreadyDone);
    }
    let mut events = vec![Event::FreezeAcknowledged { version, mode }];
    events.extend(maybe_started(ask, wait, true, wait.notified_at.is_some()));
    Ok(events)
}

/// Word about an approval before a stop says nothing of the newest one, which has other dates.
pub(super) fn notified(ask: &Ask<'_>, approval: u64, channels: u32) -> Decided {
    let wait = cooling(ask.case)?;
    if wait.approval != approval {
        return Err(Refusal::StaleRound);
    }
    if wait.notified_at.is_some() {
        return Err(Refusal::AlreadyDone);
    }
    let mut events = vec![Event::NoticesHandedOver { channels }];
    events.extend(maybe_started(ask, wait, wait.frozen_at.is_some(), true));
    Ok(events)
}

/// What the platform tells of the account: each change counts once for a wait (statement 1).
pub(super) fn note_change(ask: &Ask<'_>, told: &ToldChange) -> Decided {
    let wait = cooling(ask.case)?;
    // A wait that has not started begins whole, after this change.
    if wait.until.is_none() {
        return Err(Refusal::WrongStep);
    }
    if wait.changes.contains(&told.key) {
        return Err(Refusal::AlreadyDone);
    }
    let Some(longer) = lengthened(ask, wait, told.kind) else {
        return Ok(Vec::new());
    };
    let changed = Event::AccountChanged {
        change: told.kind,
        key: told.key.clone(),
        happened_at: told.happened_at,
    };
    Ok(vec![changed, longer])
}

/// A later end for a change, by policy; none where the wait has grown as far as it may.
fn lengthened(ask: &Ask<'_>, wait: &Wait, change: ChangeKind) -> Option<Event> {
    let rule = &ask.facts.policy.changes;
    let (started, until) = (wait.started_at?, wait.until?);
    let adds = rule.adds(change);
    let mut wanted = until;
    if adds > Span::ZERO {
        wanted = until.max(ask.now) + adds;
    }
    if rule.restart.contains(&change) {
        wanted = wanted.max(ask.now + wait.span);
    }
    let most = started + wait.span + Span::days(rule.days_max);
    let longer = wanted.min(most);
    (longer > until).then(|| Event::WaitExtended {
        until: longer,
        reason: change.reason(),
    })
}

fn wait_over(wait: &Wait, now: Timestamp) -> Result<Timestamp, Refusal> {
    match wait.until {
        Some(until) if now >= until => Ok(until),
        Some(until) => Err(Refusal::TooEarly { until }),
        None => Err(Refusal::WrongStep),
    }
}

/// Tiers named in policy get their handover only after the wait.
fn in_its_time(case: &Case, wait: &Wait, policy: &Policy, now: Timestamp) -> Result<(), Refusal> {
    if policy.handover_waits(case.tier) {
        wait_over(wait, now)?;
    }
    Ok(())
}

/// Whether an approved case still waits for the moment at which its handover may begin.
#[must_use]
pub fn hands_over_later(case: &Case, policy: &Policy, now: Timestamp) -> bool {
    let open = cooling(case)
        .ok()
        .filter(|_| case.handover.completed_at.is_none());
    open.is_some_and(|wait| in_its_time(case, wait, policy, now).is_err())
}

/// Without the platform's word that the freeze is in force, new credentials would move money.
fn may_hand_over(case: &Case, policy: &Policy, now: Timestamp) -> Result<(), Refusal> {
    let wait = cooling(case)?;
    if case.handover.completed_at.is_some() {
        return Err(Refusal::AlreadyDone);
    }
    if wait.frozen_at.is_none() {
        return Err(Refusal::FreezeOpen);
    }
    in_its_time(case, wait, policy, now)
}

/// To the proved address only; tiers named in policy get it after the wait.
pub(super) fn issue_ticket(ask: &Ask<'_>) -> Decided {
    let wait = cooling(ask.case)?;
    if ask.case.handover.completed_at.is_some() {
        return Err(Refusal::AlreadyDone);
    }
    in_its_time(ask.case, wait, ask.facts.policy, ask.now)?;
    let until = ask.now + Span::hours(ask.facts.policy.handover.ticket_hours);
    Ok(vec![Event::HandoverTicketIssued { until }])
}

/// How often a face may still be shown afresh without passing; one that passes costs no try.
///
/// # Errors
/// [`Refusal::FacesUsed`] when that was as often as allowed; others when no handover could begin,
/// or policy has no rule for it.
pub fn faces_left(case: &Case, policy: &Policy, now: Timestamp) -> Result<u32, Refusal> {
    may_hand_over(case, policy, now)?;
    let rule = policy.fresh_face.as_ref().ok_or(Refusal::WrongStep)?;
    let tries = u32::try_from(rule.tries).unwrap_or(0);
    match tries.saturating_sub(case.handover.faces_failed) {
        0 => Err(Refusal::FacesUsed),
        left => Ok(left),
    }
}

/// What the machine found in a face that was shown afresh. Nothing passes without a rule for it.
pub(super) fn show_face(ask: &Ask<'_>, findings: &[Finding]) -> Decided {
    let policy = ask.facts.policy;
    faces_left(ask.case, policy, ask.now)?;
    let rule = policy.fresh_face.as_ref().ok_or(Refusal::WrongStep)?;
    Ok(vec![Event::FaceShown {
        passed: rule.passes(findings),
        findings: findings.to_vec(),
    }])
}

/// Mail alone is never enough.
fn proved(ask: &Ask<'_>, proof: Proof) -> Result<(), Refusal> {
    let fresh = || {
        let rule = ask.facts.policy.fresh_face.as_ref()?;
        let until = ask.case.handover.face_at? + Span::minutes(rule.minutes);
        (ask.now < until).then_some(())
    };
    match proof {
        Proof::CaseKey => Ok(()),
        Proof::FreshFace => fresh().ok_or(Refusal::ProofMissing),
        Proof::None => Err(Refusal::ProofMissing),
    }
}

pub(super) fn begin(ask: &Ask<'_>, proof: Proof) -> Decided {
    may_hand_over(ask.case, ask.facts.policy, ask.now)?;
    proved(ask, proof)?;
    match ask.case.handover.ticket_until {
        Some(until) if ask.now < until => {
            let mut events = vec![Event::HandoverBegun];
            events.extend(begun_again(ask));
            Ok(events)
        }
        _ => Err(Refusal::TooLate),
    }
}

/// Whoever begins a second time may be somebody else: during the wait that is a change.
fn begun_again(ask: &Ask<'_>) -> Option<Event> {
    ask.case.handover.begun_at?;
    let wait = ask.case.wait.as_ref()?;
    let waits = wait.until.is_some_and(|until| ask.now < until);
    lengthened(ask, wait, ChangeKind::Handover).filter(|_| waits)
}

fn begun(ask: &Ask<'_>) -> Result<(), Refusal> {
    may_hand_over(ask.case, ask.facts.policy, ask.now)?;
    let begun = ask.case.handover.begun_at.ok_or(Refusal::HandoverOpen)?;
    // An unfinished handover can be carried on for a day (UX.md P22), then needs a new ticket.
    let until = begun + Span::hours(ask.facts.policy.handover.ticket_hours);
    if ask.now < until {
        Ok(())
    } else {
        Err(Refusal::TooLate)
    }
}

pub(super) fn enrol(ask: &Ask<'_>, credential: CredentialKind, begun_at: Timestamp) -> Decided {
    begun(ask)?;
    if ask.case.handover.begun_at != Some(begun_at) {
        return Err(Refusal::HandoverOpen);
    }
    if ask.case.handover.enrolled.contains(&credential) {
        return Ok(Vec::new());
    }
    Ok(vec![Event::CredentialEnrolled { credential }])
}

pub(super) fn complete(ask: &Ask<'_>) -> Decided {
    begun(ask)?;
    let enrolled = &ask.case.handover.enrolled;
    let mut needed = vec![
        CredentialKind::Email,
        CredentialKind::Password,
        CredentialKind::Totp,
    ];
    if ask.facts.policy.handover.passkey_required {
        needed.push(CredentialKind::Passkey);
    }
    if !needed.iter().all(|kind| enrolled.contains(kind)) {
        return Err(Refusal::CredentialsMissing);
    }
    // A platform that can secure nothing cannot be handed an account back safely.
    if ask.facts.securing.is_empty() {
        return Err(Refusal::SecuringOpen);
    }
    Ok(vec![Event::HandoverCompleted {
        actions: ask.facts.securing.clone(),
    }])
}

fn known(ask: &Ask<'_>, action: &SecuringAction, verb: SecuringVerb) -> Result<(), Refusal> {
    let completed = ask.case.handover.completed_at.is_some();
    let named = completed && ask.case.securing.contains_key(action);
    if !named || !ask.case.may_secure(verb) {
        return Err(Refusal::WrongStep);
    }
    Ok(())
}

pub(super) fn secured(ask: &Ask<'_>, action: &SecuringAction, verb: SecuringVerb) -> Decided {
    known(ask, action, verb)?;
    let progress = ask.case.securing.get(action);
    if progress.is_some_and(|progress| progress.acknowledged.contains_key(&verb)) {
        return Err(Refusal::AlreadyDone);
    }
    Ok(vec![Event::SecuringAcknowledged {
        action: action.clone(),
        verb,
    }])
}

pub(super) fn verified(ask: &Ask<'_>, action: &SecuringAction, verb: SecuringVerb) -> Decided {
    known(ask, action, verb)?;
    let progress = ask.case.securing.get(action).ok_or(Refusal::WrongStep)?;
    if !progress.acknowledged.contains_key(&verb) {
        return Err(Refusal::WrongStep);
    }
    if progress.verified.contains_key(&verb) {
        return Err(Refusal::AlreadyDone);
    }
    Ok(vec![Event::SecuringVerified {
        action: action.clone(),
        verb,
    }])
}

/// Statement 2: wait over, handover done, everything secured and read back.
pub(super) fn end_wait(ask: &Ask<'_>) -> Decided {
    let wait = cooling(ask.case)?;
    wait_over(wait, ask.now)?;
    if ask.case.handover.completed_at.is_none() {
        return Err(Refusal::HandoverOpen);
    }
    if !ask.case.all_secured(SecuringVerb::Suspend) {
        return Err(Refusal::SecuringOpen);
    }
    let veto_until = ask.now + Span::days(ask.facts.policy.veto.days_after_recovery);
    // The limits come first, so that at no moment everything is open.
    let limits = super::thaw::first(ask).into_iter();
    Ok(limits
        .chain([Event::CaseRecovered { veto_until }])
        .collect())
}
