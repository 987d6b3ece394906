//! Before the case is sent: consent, account, address, evidence.

use super::{Ask, Decided, coded, is_code};
use crate::case::event::{EndReason, Event, Pathway, Resolution};
use crate::case::refusal::Refusal;
use crate::case::state::State;
use crate::document::DocumentKind;
use crate::evidence::{EvidenceItem, EvidenceKind};
use crate::id::BlindIndex;

/// Screenshots of one case (UX.md P16).
const SCREENSHOTS_MAX: usize = 6;
/// Pieces of evidence ever sent to one case: takes and retakes (UX.md B3).
const EVIDENCE_EVER_MAX: usize = 200;
/// Clue questions there are.
const CLUES_MAX: usize = 16;

fn gathering(ask: &Ask<'_>) -> Result<(), Refusal> {
    if ask.case.state != State::Gathering {
        return Err(Refusal::WrongStep);
    }
    if ask.case.submitted_at.is_some() || ask.now < finish_until(ask) {
        return Ok(());
    }
    Err(Refusal::TooLate)
}

fn finish_until(ask: &Ask<'_>) -> crate::time::Timestamp {
    let from_opening =
        ask.case.opened_at + crate::time::Span::days(ask.facts.policy.gathering.days_to_finish);
    ask.case.finish_until.max(from_opening)
}

fn consented(ask: &Ask<'_>) -> Result<(), Refusal> {
    gathering(ask)?;
    ask.case
        .consent_at
        .map(|_| ())
        .ok_or(Refusal::ConsentMissing)
}

/// Agreeing again (another language, a new text) is recorded again.
pub(super) fn give_consent(ask: &Ask<'_>, text_version: &str, language: &str) -> Decided {
    gathering(ask)?;
    Ok(vec![Event::ConsentGiven {
        text_version: text_version.to_owned(),
        language: coded(language, "und"),
    }])
}

/// A consent of its own, asked only where the policy keeps a gallery; a later no takes an earlier
/// yes back. Nothing else in the rules looks at it.
pub(super) fn answer_gallery(
    ask: &Ask<'_>,
    agreed: bool,
    text_version: &str,
    language: &str,
) -> Decided {
    consented(ask)?;
    if !ask.facts.policy.gallery.on {
        return Err(Refusal::NotAsked);
    }
    Ok(vec![Event::GalleryAnswered {
        agreed,
        text_version: text_version.to_owned(),
        language: coded(language, "und"),
    }])
}

/// The identifier may be corrected until evidence is there; then a case is about one account.
pub(super) fn give_identifier(ask: &Ask<'_>, index: &BlindIndex) -> Decided {
    consented(ask)?;
    if ask.case.identifier.as_ref() == Some(index) {
        return Ok(Vec::new());
    }
    if !ask.case.digests.is_empty() {
        return Err(Refusal::WrongStep);
    }
    Ok(vec![Event::IdentifierGiven {
        index: index.clone(),
    }])
}

/// The address may be corrected until the case was sent.
pub(super) fn prove_contact(ask: &Ask<'_>, index: &BlindIndex) -> Decided {
    consented(ask)?;
    if ask
        .case
        .contact
        .as_ref()
        .is_some_and(|contact| contact.index == *index)
    {
        return Ok(Vec::new());
    }
    if ask.case.submitted_at.is_some() {
        return Err(Refusal::WrongStep);
    }
    let mut events = vec![Event::ContactProved {
        index: index.clone(),
    }];
    events.extend(merged(ask));
    Ok(events)
}

/// M34: the same account and the same proved address is the same request.
fn merged(ask: &Ask<'_>) -> Option<Event> {
    let twin = ask.facts.rivals.iter().find(|rival| rival.same_contact)?;
    Some(Event::CaseClosed {
        reason: EndReason::Merged {
            into: twin.case.clone(),
        },
    })
}

/// The platform's answer arrives whenever it arrives: no step waits for it but the checks, and
/// when those gave up waiting, people can still use it (statement 8).
pub(super) fn resolve(ask: &Ask<'_>, resolution: &Resolution) -> Decided {
    if !matches!(
        ask.case.state,
        State::Gathering | State::Checking | State::Reviewing
    ) {
        return Err(Refusal::WrongStep);
    }
    if ask.case.identifier.is_none() {
        return Err(Refusal::AccountMissing);
    }
    if ask.case.resolved {
        return Err(Refusal::AlreadyDone);
    }
    let mut events = vec![Event::AccountResolved {
        resolution: resolution.clone(),
    }];
    events.extend(merged(ask));
    Ok(events)
}

/// The kind of document may be corrected until the case is sent, and again when its front must be
/// taken again.
pub(super) fn choose_document(ask: &Ask<'_>, document: DocumentKind) -> Decided {
    consented(ask)?;
    let case = ask.case;
    if case.document == Some(document) {
        return Ok(Vec::new());
    }
    if case.submitted_at.is_some() && !case.was_asked(EvidenceKind::IdFront) {
        return Err(Refusal::NotAsked);
    }
    Ok(vec![Event::DocumentChosen { document }])
}

/// Whoever has to show their side may still show transactions before seniors decide; nothing a
/// check has seen may change.
fn may_add(ask: &Ask<'_>, item: &EvidenceItem) -> Result<(), Refusal> {
    match ask.case.proof_until() {
        Some(_) if item.kind != EvidenceKind::Screenshot => Err(Refusal::WrongStep),
        Some(until) if ask.now >= until => Err(Refusal::TooLate),
        Some(_) => Ok(()),
        None => consented(ask),
    }
}

pub(super) fn add_evidence(ask: &Ask<'_>, item: &EvidenceItem) -> Decided {
    may_add(ask, item)?;
    let case = ask.case;
    if case.contact.is_none() {
        return Err(Refusal::ContactMissing);
    }
    if case.digests.contains(&item.digest) {
        return Err(Refusal::SameEvidence);
    }
    if case.digests.len() >= EVIDENCE_EVER_MAX {
        return Err(Refusal::TooMany);
    }
    let screenshots = case
        .evidence
        .iter()
        .filter(|old| old.kind == EvidenceKind::Screenshot)
        .count();
    if item.kind == EvidenceKind::Screenshot && screenshots >= SCREENSHOTS_MAX {
        return Err(Refusal::TooMany);
    }
    // After sending, only what was asked for again may change, and what another kind of document
    // made necessary.
    let asked = case.was_asked(item.kind) || case.missing(ask.facts.policy).contains(&item.kind);
    if case.submitted_at.is_some() && !asked && item.kind != EvidenceKind::Screenshot {
        return Err(Refusal::NotAsked);
    }
    Ok(vec![Event::EvidenceAdded { item: item.clone() }])
}

/// One submission of clues per case and return: guessing is bounded.
pub(super) fn give_clues(ask: &Ask<'_>, answered: &[String]) -> Decided {
    consented(ask)?;
    if ask.case.submitted_at.is_some() {
        return Err(Refusal::NotAsked);
    }
    if answered.len() > CLUES_MAX || !answered.iter().all(|clue| is_code(clue)) {
        return Err(Refusal::TooMany);
    }
    Ok(vec![Event::CluesGiven {
        answered: answered.to_vec(),
    }])
}

pub(super) fn submit(ask: &Ask<'_>, pathway: Pathway) -> Decided {
    consented(ask)?;
    let case = ask.case;
    if case.identifier.is_none() {
        return Err(Refusal::AccountMissing);
    }
    if case.contact.is_none() {
        return Err(Refusal::ContactMissing);
    }
    if !case.missing(ask.facts.policy).is_empty() {
        return Err(Refusal::PartsMissing);
    }
    Ok(vec![Event::CaseSubmitted {
        round: case.round + 1,
        pathway,
    }])
}
