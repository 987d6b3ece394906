//! The gallery of earlier applicants' faces: a consent of its own, and hits that only open work.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]

mod common;

use common::*;
use recovery::case::{Command, Event, State};
use recovery::evidence::{Capture, EvidenceKind};
use recovery::finding::{Finding, Outcome};
use recovery::policy::{DEFAULT, Policy};
use recovery::restriction::Mode;

fn answer(agreed: bool) -> Command {
    Command::AnswerGallery {
        agreed,
        text_version: "gallery-1".to_owned(),
        language: "en".to_owned(),
    }
}

fn with_gallery() -> World {
    let mut w = World::new();
    w.policy.gallery.on = true;
    w
}

fn hit() -> Finding {
    let kind = Some(EvidenceKind::NotePhoto);
    finding("reuse.person", Outcome::Unsure, kind)
}

#[test]
fn it_is_off_by_default_and_then_nobody_is_asked() {
    assert!(!Policy::parse(DEFAULT).unwrap().gallery.on);
    let mut w = World::new();
    w.opens().consents();
    assert_eq!(w.applicant(&answer(true)).unwrap_err().code(), "not_asked");
    assert_eq!(w.case().gallery_consent_at, None);
}

#[test]
fn a_consent_to_be_compared_is_none_to_be_kept() {
    let mut w = with_gallery();
    w.opens();
    let early = w.applicant(&answer(true)).unwrap_err();
    assert_eq!(early.code(), "consent_missing");
    w.consents();
    assert_eq!(w.case().gallery_consent_at, None);
    w.applicant(&answer(true)).unwrap();
    assert_eq!(w.case().gallery_consent_at, Some(w.now));
    w.applicant(&answer(false)).unwrap();
    assert_eq!(w.case().gallery_consent_at, None);
}

#[test]
fn who_says_no_goes_the_same_way() {
    let states = |agreed: bool| {
        let mut w = with_gallery();
        w.gathers(Capture::Live);
        w.applicant(&answer(agreed)).unwrap();
        w.submits().checked(passing());
        (w.state(), w.mode(), w.case().review.low_priority)
    };
    assert_eq!(states(false), states(true));
    assert_eq!(states(false), (State::Reviewing, Mode::Locked, false));
}

#[test]
fn a_hit_opens_work_for_people_and_neither_passes_nor_rejects() {
    for outcome in [Outcome::Unsure, Outcome::Unavailable] {
        let mut w = with_gallery();
        w.gathers(Capture::Live);
        w.applicant(&answer(true)).unwrap();
        w.submits();
        let mut findings = passing();
        findings.push(Finding { outcome, ..hit() });
        w.checked(findings);
        let seen = (w.state(), w.mode(), w.case().review.low_priority);
        assert_eq!(seen, (State::Reviewing, Mode::None, false), "{outcome:?}");
        // Time alone rejects nobody either.
        w.days(60).timers();
        assert_eq!(w.state(), State::Reviewing);
        let nobody = |event: &Event| !matches!(event, Event::CaseRejected { .. });
        assert!(w.sides[0].history.iter().all(|one| nobody(&one.event)));
        // People may still approve.
        w.verdict("r1", approve()).unwrap();
        w.verdict("r2", approve()).unwrap();
        assert_eq!(w.state(), State::CoolingOff);
    }
}

#[test]
fn a_rejection_after_a_hit_names_two_reviewers() {
    let mut w = with_gallery();
    w.gathers(Capture::Live).submits();
    let mut findings = passing();
    findings.push(hit());
    w.checked(findings);
    w.verdict("r1", reject()).unwrap();
    assert_eq!(w.state(), State::Reviewing);
    w.verdict("r2", reject()).unwrap();
    assert_eq!(w.state(), State::Rejected);
    assert_eq!(w.case().review.verdicts.len(), 2);
}

#[test]
fn a_gallery_needs_a_threshold_that_is_stricter_than_a_match() {
    let wrong = |from: &str, to: &str| {
        assert!(DEFAULT.contains(from), "{from}");
        let text = DEFAULT.replacen(from, to, 1);
        Policy::parse(&text).unwrap_err().to_string()
    };
    assert_eq!(
        wrong("hit_from = 0.592", "hit_from = 0.4"),
        "checks.gallery.hit_from: 0.4 is out of range; use 0.5 to 1"
    );
    assert_eq!(
        wrong("faces_max = 1000", "faces_max = 200000"),
        "checks.gallery.faces_max: 200000 is out of range; use 1 to 100000"
    );
    // An older document says nothing of a gallery: it has none, and cannot have one by halves.
    let (before, after) = DEFAULT.split_once("[checks.gallery]").unwrap();
    let rest = after.split_once("[[checks.evaluations]]").unwrap().1;
    let older = format!("{before}[[checks.evaluations]]{rest}");
    let older = older.replacen("[gallery]\n", "", 1);
    let older: String = older
        .lines()
        .filter(|line| !line.starts_with("on = "))
        .map(|line| format!("{line}\n"))
        .collect();
    let policy = Policy::parse(&older).unwrap();
    assert!(!policy.gallery.on && policy.checks.gallery.is_none());
    let halves = format!("{older}\n[gallery]\non = true\n");
    assert_eq!(
        Policy::parse(&halves).unwrap_err().to_string(),
        "gallery.on: a gallery needs the section checks.gallery with its evaluation"
    );
}
