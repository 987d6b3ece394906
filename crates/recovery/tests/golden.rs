//! Stored events are for ever: each kind has a file of canonical bytes that must always decode to
//! the same event, encode to the same bytes, and hash to the same leaf of the audit log.
//!
//! `UPDATE_GOLDEN=1` writes what is missing and never overwrites.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use common::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use recovery::actor::{Actor, Rank};
use recovery::case::{
    ChangeKind, CredentialKind, Decision, EndReason, Event, LiveFactor, LockCause, Part, Pathway,
    Recorded, Resolution, SecuringAction, SecuringVerb, Side, StopCause, Winner, decode, encode,
};
use recovery::document::DocumentKind;
use recovery::evidence::{Capture, EvidenceItem, EvidenceKind};
use recovery::finding::Outcome;
use recovery::id::{AccountRef, AssignmentId, CaseId, ContentDigest, EvidenceId, ReviewerId};
use recovery::policy::Tier;
use recovery::restriction::Mode;
use recovery::time::{Span, Timestamp};
use sha2::{Digest, Sha256};

const AT: Timestamp = MONDAY;
const KINDS: usize = 47;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

fn later(hours: i64) -> Timestamp {
    AT + Span::hours(hours)
}

fn assignment() -> AssignmentId {
    AssignmentId::new(AT, &mut rng(3))
}

fn person(seed: u64) -> ReviewerId {
    ReviewerId::new(AT, &mut rng(seed))
}

fn action() -> SecuringAction {
    SecuringAction("api_keys".to_owned())
}

fn item() -> EvidenceItem {
    EvidenceItem {
        id: EvidenceId::new(AT, &mut rng(4)),
        kind: EvidenceKind::NotePhoto,
        capture: Capture::Live,
        digest: ContentDigest::of(b"a picture"),
        media_type: "image/jpeg".to_owned(),
        bytes: 123_456,
    }
}

/// What comes before a decision.
fn early() -> Vec<Event> {
    let account = AccountRef("acc-1".to_owned());
    let kind = Some(EvidenceKind::IdFront);
    vec![
        Event::CaseOpened {
            code: "RG-7K2M-91QX".parse().unwrap(),
            policy_version: 1,
            language: "en".to_owned(),
            entry: "login".to_owned(),
        },
        Event::ConsentGiven {
            text_version: "1".to_owned(),
            language: "en".to_owned(),
        },
        Event::IdentifierGiven {
            index: index("ann@example.test"),
        },
        Event::ContactProved {
            index: index("new@example.test"),
        },
        Event::AccountResolved {
            resolution: Resolution::Known { account },
        },
        Event::EvidenceAdded { item: item() },
        Event::CluesGiven {
            answered: vec!["registered".to_owned(), "cards".to_owned()],
        },
        Event::CaseSubmitted {
            round: 1,
            pathway: Pathway::Remote,
        },
        Event::ChecksFinished {
            round: 1,
            findings: vec![
                finding("face.kyc_note", Outcome::Pass, None),
                finding("image.blur", Outcome::Retake, kind),
            ],
            tier: Tier::Standard,
            grounds: None,
        },
        Event::CaseReturned {
            items: vec![(EvidenceKind::IdFront, "image.blur".to_owned())],
            by_machine: true,
            until: later(336),
        },
        Event::ReviewOpened {
            low_priority: false,
            allowance_hours: 168,
        },
        Event::LockStarted {
            cause: LockCause::ChecksPassed,
            until: later(720),
        },
        Event::LockLapsed,
        Event::ReviewerAssigned {
            assignment: assignment(),
            reviewer: person(5),
            rank: Rank::Reviewer,
            part: Part::First,
            until: later(2),
        },
        Event::AssignmentEnded {
            assignment: assignment(),
            conflict: false,
            lease_over: true,
        },
        Event::EvidenceViewed {
            assignment: assignment(),
            subject: "dossier.city".to_owned(),
            reason: "verify".to_owned(),
        },
        Event::VerdictGiven {
            assignment: assignment(),
            decision: Decision::Approve,
            codes: vec!["ok.all".to_owned()],
            answers: vec!["yes".to_owned(); 3],
            exception: Some("file_upload".to_owned()),
        },
    ]
}

/// What comes after one.
fn late() -> Vec<Event> {
    let verb = SecuringVerb::Suspend;
    vec![
        Event::CaseApproved {
            approvers: vec![person(5), person(6)],
            tier: Tier::Standard,
            wait_hours: 24,
        },
        Event::FreezeAcknowledged {
            version: 3,
            mode: Mode::Locked,
        },
        Event::NoticesHandedOver { channels: 2 },
        Event::WaitStarted { until: later(24) },
        Event::WaitExtended {
            until: later(48),
            reason: "risk.device".to_owned(),
        },
        Event::HandoverTicketIssued { until: later(24) },
        Event::HandoverBegun,
        Event::CredentialEnrolled {
            credential: CredentialKind::Passkey,
        },
        Event::HandoverCompleted {
            actions: vec![action()],
        },
        Event::SecuringAcknowledged {
            action: action(),
            verb,
        },
        Event::SecuringVerified {
            action: action(),
            verb,
        },
        Event::CaseRecovered {
            veto_until: later(168),
        },
        Event::CaseStopped {
            cause: StopCause::Veto {
                channel: channel("email"),
            },
            dispute_until: later(168),
        },
        Event::ContestOpened {
            until: later(168),
            // Without, as the first of its kind was written.
            evidence_until: None,
        },
        Event::ContestVoted {
            assignment: assignment(),
            winner: Winner::Applicant,
            exception: None,
        },
        Event::ContestDecided {
            winner: Winner::Objector,
        },
        Event::CaseRejected {
            codes: vec!["no.person_differs".to_owned()],
            appeal_until: Some(later(336)),
        },
        Event::AppealOpened,
        Event::CaseClosed {
            reason: EndReason::Merged {
                into: CaseId::new(AT, &mut rng(8)),
            },
        },
        Event::VetoWindowClosed,
        Event::DataErased,
        Event::DocumentChosen {
            document: DocumentKind::Passport,
        },
        Event::GalleryAnswered {
            agreed: true,
            text_version: "1".to_owned(),
            language: "en".to_owned(),
        },
        Event::AccountChanged {
            change: ChangeKind::SuspiciousLogin,
            key: index("sign-in 1"),
            happened_at: later(-1),
        },
        Event::LimitsSet {
            daily_percent: 10,
            known_addresses_only: true,
            until: later(24),
        },
        Event::LimitsEnded,
        Event::FaceShown {
            passed: true,
            findings: vec![finding("face.kyc_video", Outcome::Pass, None)],
        },
        Event::LiveFactorShown {
            factor: LiveFactor::SignIn,
            channel: channel("sign_in"),
        },
        Event::ObjectionTakenBack {
            channel: channel("email"),
        },
        Event::ProofAsked {
            assignment: assignment(),
            side: Side::Objector,
            until: later(192),
            evidence_until: later(48),
        },
    ]
}

/// A new kind fails to compile here: add an example above, count it, and run with UPDATE_GOLDEN=1.
fn counted(event: &Event) -> &'static str {
    match event {
        Event::CaseOpened { .. }
        | Event::ConsentGiven { .. }
        | Event::GalleryAnswered { .. }
        | Event::IdentifierGiven { .. }
        | Event::ContactProved { .. }
        | Event::AccountResolved { .. }
        | Event::DocumentChosen { .. }
        | Event::EvidenceAdded { .. }
        | Event::CluesGiven { .. }
        | Event::CaseSubmitted { .. }
        | Event::ChecksFinished { .. }
        | Event::CaseReturned { .. }
        | Event::ReviewOpened { .. }
        | Event::LockStarted { .. }
        | Event::LockLapsed
        | Event::ReviewerAssigned { .. }
        | Event::AssignmentEnded { .. }
        | Event::EvidenceViewed { .. }
        | Event::VerdictGiven { .. }
        | Event::CaseApproved { .. }
        | Event::FreezeAcknowledged { .. }
        | Event::NoticesHandedOver { .. }
        | Event::WaitStarted { .. }
        | Event::AccountChanged { .. }
        | Event::LimitsSet { .. }
        | Event::LimitsEnded
        | Event::WaitExtended { .. }
        | Event::HandoverTicketIssued { .. }
        | Event::FaceShown { .. }
        | Event::HandoverBegun
        | Event::CredentialEnrolled { .. }
        | Event::HandoverCompleted { .. }
        | Event::SecuringAcknowledged { .. }
        | Event::SecuringVerified { .. }
        | Event::CaseRecovered { .. }
        | Event::CaseStopped { .. }
        | Event::ContestOpened { .. }
        | Event::LiveFactorShown { .. }
        | Event::ObjectionTakenBack { .. }
        | Event::ProofAsked { .. }
        | Event::ContestVoted { .. }
        | Event::ContestDecided { .. }
        | Event::CaseRejected { .. }
        | Event::AppealOpened
        | Event::CaseClosed { .. }
        | Event::VetoWindowClosed
        | Event::DataErased => event.kind(),
    }
}

fn actor(event: &Event) -> Actor {
    match event {
        Event::CaseStopped { .. } => Actor::Holder {
            channel: channel("email"),
        },
        Event::VerdictGiven { .. } | Event::ContestVoted { .. } => Actor::Reviewer {
            id: person(5),
            rank: Rank::Senior,
        },
        Event::CaseOpened { .. } | Event::EvidenceAdded { .. } => Actor::Applicant,
        _ => Actor::System,
    }
}

fn examples() -> BTreeMap<&'static str, Recorded> {
    let events = early().into_iter().chain(late());
    let record = |(place, event): (usize, Event)| {
        let recorded = Recorded {
            v: 1,
            case: CaseId::new(AT, &mut rng(1)),
            seq: place as u64 + 1,
            at: AT,
            actor: actor(&event),
            event,
        };
        (counted(&recorded.event), recorded)
    };
    events.enumerate().map(record).collect()
}

/// RFC 6962 section 2.1: the hash of a leaf.
fn leaf(bytes: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update([0]);
    hash.update(bytes);
    data_encoding::HEXLOWER.encode(&hash.finalize())
}

fn digests() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(folder().join("digests.txt")).unwrap_or_default();
    let line = |line: &str| {
        let (kind, digest) = line.split_once(' ').unwrap();
        (kind.to_owned(), digest.to_owned())
    };
    text.lines().map(line).collect()
}

fn write_missing() {
    let mut known = digests();
    for (kind, recorded) in examples() {
        let path = folder().join(format!("{kind}.json"));
        if !path.exists() {
            std::fs::write(&path, encode(&recorded).unwrap()).unwrap();
        }
        let bytes = std::fs::read(&path).unwrap();
        known.entry(kind.to_owned()).or_insert_with(|| leaf(&bytes));
    }
    let lines: Vec<_> = known.iter().map(|(k, d)| format!("{k} {d}\n")).collect();
    std::fs::write(folder().join("digests.txt"), lines.concat()).unwrap();
}

#[test]
fn every_kind_has_a_golden_file_that_never_changes() {
    #[expect(
        clippy::disallowed_methods,
        reason = "a switch of the developer, read once"
    )]
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        write_missing();
    }
    let examples = examples();
    assert_eq!(examples.len(), KINDS);
    let digests = digests();
    for (kind, recorded) in &examples {
        let path = folder().join(format!("{kind}.json"));
        let bytes = std::fs::read(&path).unwrap_or_else(|_| {
            panic!("{kind}.json is missing; run with UPDATE_GOLDEN=1 and commit it")
        });
        let decoded = decode(&bytes).unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert_eq!(decoded.event.kind(), *kind);
        assert_eq!(encode(&decoded).unwrap(), bytes, "{kind}: other bytes");
        assert_eq!(
            digests.get(*kind),
            Some(&leaf(&bytes)),
            "{kind}: another leaf"
        );
        assert_eq!(decoded, *recorded, "{kind}: another event");
        let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(forbidden(&value), None, "{kind}");
    }
    let known: BTreeSet<String> = examples.keys().map(|kind| format!("{kind}.json")).collect();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            name == "digests.txt" || known.contains(&name),
            "{name}: of no kind"
        );
    }
    assert_eq!(digests.len(), KINDS, "digests.txt");
}

#[test]
fn every_kind_decodes_from_its_own_bytes_only() {
    for recorded in examples().values() {
        let bytes = encode(recorded).unwrap();
        assert_eq!(decode(&bytes).unwrap(), *recorded);
        for cut in [0, 1, bytes.len() / 2, bytes.len() - 1] {
            assert!(decode(&bytes[..cut]).is_err());
        }
        let text = String::from_utf8(bytes).unwrap();
        let newer = text.replace("\"v\":1", "\"v\":2");
        let error = decode(newer.as_bytes()).unwrap_err().to_string();
        assert!(
            error.ends_with("envelope version 2 is not known"),
            "{error}"
        );
        let more = text.replacen("{\"", "{\"aaa\":1,\"", 1);
        assert!(decode(more.as_bytes()).is_err(), "{more}");
        let other = text.replace(recorded.event.kind(), "case_sold");
        assert!(decode(other.as_bytes()).is_err());
    }
}

/// Each credential is one word in an event, for ever; a new one comes at the end.
#[test]
fn credentials_keep_their_words() {
    let words = [
        (CredentialKind::Email, "\"email\""),
        (CredentialKind::Password, "\"password\""),
        (CredentialKind::Totp, "\"totp\""),
        (CredentialKind::Passkey, "\"passkey\""),
        (CredentialKind::RecoveryCodes, "\"recovery_codes\""),
    ];
    for (place, (credential, word)) in words.into_iter().enumerate() {
        assert_eq!(serde_json::to_string(&credential).unwrap(), word);
        assert_eq!(credential as usize, place);
    }
}

#[test]
fn canonical_bytes_sort_keys_and_use_no_spaces() {
    let text = |kind: &str| String::from_utf8(encode(&examples()[kind]).unwrap()).unwrap();
    let lapsed = text("lock_lapsed");
    let expected = "\"at\":1793610000000,\"case\":\"case_";
    assert!(lapsed.contains(expected), "{lapsed}");
    assert!(lapsed.ends_with("\"event\":{\"kind\":\"lock_lapsed\"},\"seq\":13,\"v\":1}"));
    assert!(examples().keys().all(|kind| !text(kind).contains(' ')));
}
