//! Two people who ask for one account, and whoever wins a contest: told as given, when, then.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]

mod common;

use common::*;
use recovery::case::{Command, Effect, Notice, State, StopCause, Winner, may_veto};
use recovery::evidence::{Capture, EvidenceKind};
use recovery::restriction::Mode;
use recovery::time::Span;

/// Two people pass phase 1 for one account.
fn rivals() -> World {
    let mut w = World::new();
    w.reviewing().on(1).reviewing();
    let rival = w.sides[1].id.clone();
    w.on(0).system(&Command::NoteRival { rival }).unwrap();
    w
}

#[test]
fn rivals_both_stop_and_two_seniors_decide_between_them() {
    let mut w = rivals();
    for side in [0, 1] {
        assert_eq!(w.on(side).state(), State::Stopped);
        assert!(w.sides[side].effects.contains(&Effect::TellRivals));
    }
    assert_eq!(w.mode(), Mode::Frozen);
    // Each shows the own side; being quick is no advantage.
    w.on(0)
        .adds(EvidenceKind::Screenshot, Capture::Live)
        .unwrap();
    let round = w.case().round;
    let looked = Effect::RunChecks { round };
    assert_eq!(w.sides[0].effects.last(), Some(&looked), "by itself");
    let changed = w.adds(EvidenceKind::Video, Capture::Live);
    assert_eq!(refused(changed), "wrong_step");
    w.applicant(&Command::Dispute).unwrap();
    assert_eq!(w.takes("s3").unwrap_err().code(), "too_early");
    w.hours(48).timers();
    w.on(1).timers();
    assert_eq!(w.state(), State::Contested);
    w.votes("s1", Winner::Applicant).unwrap();
    w.votes("s2", Winner::Applicant).unwrap();
    assert_eq!(w.state(), State::CoolingOff);
    // Only one is ever approved.
    w.on(0).votes("s1", Winner::Objector).unwrap();
    assert_eq!(
        refused(w.votes("s2", Winner::Applicant)),
        "already_approved"
    );
    let rival = w.sides[1].id.clone();
    let told = w.system(&Command::NoteRival { rival });
    assert_eq!(kinds(told), ["case_closed"]);
    assert_eq!(w.state(), State::Blocked);
}

#[test]
fn a_rival_adds_to_their_side_until_the_day_that_was_told() {
    let mut w = rivals();
    let until = w.case().proof_until().unwrap();
    assert_eq!(until, w.now + Span::hours(48));
    w.hours(48);
    w.now = w.now - Span::millis(1);
    w.adds(EvidenceKind::Screenshot, Capture::NotLive).unwrap();
    w.now = until;
    let late = w.adds(EvidenceKind::Screenshot, Capture::NotLive);
    assert_eq!(refused(late), "too_late");
    // Where a holder objects, a word is asked for, and no evidence.
    w.vetoes("email").unwrap();
    assert_eq!(w.case().proof_until(), None);
}

#[test]
fn who_wins_a_contest_is_told_what_comes_next() {
    let goes_on = Effect::Send(Notice::GoesOn);
    let told = |w: &World| w.sides[0].effects.contains(&goes_on);
    let mut w = World::new();
    w.reviewing().contested();
    w.votes("s1", Winner::Applicant).unwrap();
    assert!(!told(&w), "one senior alone decides nothing");
    w.votes("s2", Winner::Applicant).unwrap();
    assert!(w.state() == State::Reviewing && told(&w), "{:?}", w.state());
    let mut w = World::new();
    w.gathers(Capture::Live).contested();
    w.votes("s1", Winner::Applicant).unwrap();
    w.votes("s2", Winner::Applicant).unwrap();
    assert!(w.state() == State::Gathering && told(&w), "{:?}", w.state());
    let mut w = World::new();
    w.recovered().contested();
    w.votes("s1", Winner::Applicant).unwrap();
    w.votes("s2", Winner::Applicant).unwrap();
    assert!(
        w.state() == State::CoolingOff && told(&w),
        "{:?}",
        w.state()
    );
    // A ticket has a mail of its own, and so has whoever is paused again or loses.
    let mut w = World::new();
    w.approved().contested();
    w.votes("s1", Winner::Applicant).unwrap();
    w.votes("s2", Winner::Applicant).unwrap();
    assert!(
        w.state() == State::CoolingOff && !told(&w),
        "{:?}",
        w.state()
    );
    let mut w = World::new();
    w.reviewing().contested();
    w.votes("s1", Winner::Objector).unwrap();
    w.votes("s2", Winner::Objector).unwrap();
    assert!(w.state() == State::Blocked && !told(&w), "{:?}", w.state());
}

#[test]
fn a_rival_approved_meanwhile_bars_a_second_approval() {
    let mut w = World::new();
    w.reviewing();
    w.verdict("r1", ask_again(EvidenceKind::Video)).unwrap();
    w.on(1).reviewing();
    let rival = w.sides[1].id.clone();
    w.on(0).system(&Command::NoteRival { rival }).unwrap();
    w.hours(48).timers();
    w.votes("s1", Winner::Applicant).unwrap();
    w.votes("s2", Winner::Applicant).unwrap();
    assert_eq!(w.state(), State::Gathering, "believed, but not complete");
    w.on(1).timers();
    w.votes("s1", Winner::Applicant).unwrap();
    w.votes("s2", Winner::Applicant).unwrap();
    assert_eq!(w.state(), State::CoolingOff);
    w.on(0).retakes().checked(passing());
    assert_eq!(w.state(), State::Reviewing);
    assert_eq!(refused(w.verdict("r2", approve())), "already_approved");
}

#[test]
fn late_word_of_a_rival_that_lost_changes_nothing() {
    let mut w = rivals();
    w.on(0).hours(48).timers();
    w.votes("s1", Winner::Applicant).unwrap();
    w.votes("s2", Winner::Applicant).unwrap();
    let rival = w.sides[1].id.clone();
    let told = w.system(&Command::NoteRival { rival });
    assert!(kinds(told).is_empty());
    assert_eq!(w.state(), State::CoolingOff);
}

/// The first case hears of the second one, and stops with the account frozen.
fn the_first_stops_too(w: &mut World) {
    let second = w.sides[1].id.clone();
    w.on(0)
        .system(&Command::NoteRival { rival: second })
        .unwrap();
    assert_eq!((w.state(), w.mode()), (State::Stopped, Mode::Frozen));
}

#[test]
fn an_approval_from_before_does_not_close_a_rival_nobody_decided_about() {
    let mut w = World::new();
    w.approved().on(1).hours(1).reviewing();
    assert_eq!(w.state(), State::Stopped);
    let first = w.sides[0].id.clone();
    let late = w.system(&Command::NoteRival { rival: first });
    assert!(kinds(late).is_empty());
    the_first_stops_too(&mut w);
}

#[test]
fn a_rival_after_a_recovery_stops_both_within_the_window() {
    let mut w = World::new();
    w.recovered().on(1).hours(1).reviewing();
    assert_eq!(w.state(), State::Stopped);
    the_first_stops_too(&mut w);
}

#[test]
fn a_holder_can_object_while_rivals_are_stopped() {
    let mut w = rivals();
    w.on(0);
    assert_eq!(may_veto(w.case(), &channel("email"), w.now), Ok(()));
    assert_eq!(kinds(w.vetoes("email")), ["case_stopped"]);
    let again = may_veto(w.case(), &channel("phone"), w.now);
    assert_eq!(again.unwrap_err().code(), "already_done");
    let cause = &w.case().stop.as_ref().unwrap().cause;
    assert!(matches!(cause, StopCause::Veto { .. }));
    w.applicant(&Command::Dispute).unwrap();
    w.votes("s1", Winner::Applicant).unwrap();
    // Believed against the holder, but the rival still waits: that is another decision.
    let decided = w.votes("s2", Winner::Applicant);
    assert_eq!(kinds(decided)[2], "case_stopped");
    let cause = &w.case().stop.as_ref().unwrap().cause;
    assert!(matches!(cause, StopCause::Rival { .. }));
}
