//! A case file for tests of pages.
#![allow(clippy::unwrap_used)]

use engine::views::{CaseFile, ShownAs};
use recovery::actor::Rank;
use recovery::case::{Part, State};
use recovery::evidence::{Capture, EvidenceItem, EvidenceKind};
use recovery::finding::{Finding, Outcome, Region};
use recovery::id::ContentDigest;
use recovery::time::{Span, Timestamp};

use super::frame::ConsoleFrame;
use crate::layout::sample_settings;

const NOW: Timestamp = Timestamp::from_millis(1_795_543_200_000);

/// Somewhere on a picture.
pub(crate) const PLACE: Region = Region {
    x: 100,
    y: 700,
    width: 800,
    height: 200,
};

/// One piece; `place` tells pieces apart.
pub(crate) fn item(kind: EvidenceKind, place: u8) -> EvidenceItem {
    EvidenceItem {
        id: format!("ev_01J0000000000000000000000{place}")
            .parse()
            .unwrap(),
        kind,
        capture: Capture::Live,
        digest: ContentDigest::of(&[place]),
        media_type: "image/jpeg".to_owned(),
        bytes: 640_000,
    }
}

/// A finding at [`PLACE`].
pub(crate) fn finding(code: &str, kind: EvidenceKind) -> Finding {
    Finding::reviewer(code, Outcome::Unsure, "test/1")
        .about(kind)
        .at(PLACE)
}

/// A first look without answers, with all pieces, and these findings.
pub(crate) fn file(findings: Vec<Finding>, shown: &[ShownAs]) -> CaseFile {
    CaseFile {
        case: "case_01J00000000000000000000000".parse().unwrap(),
        code: "RG-7K2M-91QX".to_owned(),
        state: State::Reviewing,
        part: Part::First,
        assignment: "asg_01J00000000000000000000000".parse().unwrap(),
        lease_until: NOW + Span::hours(2),
        rank: Rank::Reviewer,
        policy_version: 1,
        opened_at: NOW - Span::hours(80),
        submitted_at: Some(NOW - Span::hours(79)),
        due: None,
        phantom: false,
        locked: true,
        appeal: false,
        needs_exception: false,
        evidence: vec![
            item(EvidenceKind::IdFront, 1),
            item(EvidenceKind::IdBack, 2),
            item(EvidenceKind::NotePhoto, 3),
            item(EvidenceKind::Video, 4),
        ],
        has_portrait: true,
        video_frames: 9,
        shown: shown.to_vec(),
        words: Vec::new(),
        phrase: "4 7 1 0 9 2".to_owned(),
        note_lines: Vec::new(),
        record: Vec::new(),
        clues: Vec::new(),
        linked_addresses: 0,
        signals: Vec::new(),
        findings,
        holder_words: Vec::new(),
        opinions: Vec::new(),
        contest: None,
        timeline: Vec::new(),
        now: NOW,
    }
}

/// The frame of a page.
pub(crate) fn frame() -> ConsoleFrame {
    ConsoleFrame::bare(&sample_settings(), None, None)
}
