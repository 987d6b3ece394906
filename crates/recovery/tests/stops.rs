//! Objections, the wait, the handover and securing: told as given, when, then.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]

mod common;

use common::*;
use recovery::actor::Actor;
use recovery::case::{
    ChangeKind, Command, CredentialKind, Effect, EndReason, Event, LiveFactor, Notice, Proof,
    SecuringAction, SecuringVerb, Side, State, Timer, Winner,
};
use recovery::evidence::{Capture, EvidenceKind};
use recovery::finding::Outcome;
use recovery::policy::{DEFAULT, Policy};
use recovery::restriction::Mode;
use recovery::risk::{Grounds, Stake};
use recovery::time::Span;

type Given = fn(&mut World);

fn until(w: &World) -> recovery::time::Timestamp {
    w.case().wait.as_ref().unwrap().until.unwrap()
}

#[test]
fn a_holder_can_stop_it_in_every_state_that_goes_on() {
    let states: [(Given, State, Mode); 5] = [
        (
            |w| {
                w.gathers(Capture::Live);
            },
            State::Gathering,
            Mode::None,
        ),
        (
            |w| {
                w.gathers(Capture::Live).submits();
            },
            State::Checking,
            Mode::None,
        ),
        (
            |w| {
                w.reviewing();
            },
            State::Reviewing,
            Mode::Frozen,
        ),
        (
            |w| {
                w.cooling_off();
            },
            State::CoolingOff,
            Mode::Frozen,
        ),
        (
            |w| {
                w.recovered();
            },
            State::Recovered,
            Mode::Frozen,
        ),
    ];
    for (given, state, mode) in states {
        let mut w = World::new();
        given(&mut w);
        assert_eq!(w.state(), state);
        assert_eq!(kinds(w.vetoes("email")), ["case_stopped"]);
        assert_eq!(
            (w.state(), w.mode()),
            (State::Stopped, mode),
            "from {state:?}"
        );
        assert_eq!(refused(w.vetoes("phone")), "already_done");
    }
}

#[test]
fn a_veto_is_accepted_for_seven_days_after_recovery() {
    let mut w = World::new();
    w.recovered().days(7);
    w.now = w.now - Span::millis(1);
    let mut late = w.clone();
    assert_eq!(kinds(w.vetoes("email")), ["case_stopped"]);
    assert_eq!(w.mode(), Mode::Frozen, "it freezes again");
    late.now = late.now + Span::millis(1);
    assert_eq!(refused(late.vetoes("email")), "too_late");
    late.timers();
    assert_eq!(refused(late.vetoes("email")), "too_late");
}

#[test]
fn an_ended_case_cannot_be_stopped() {
    let mut w = World::new();
    w.gathers(Capture::Live);
    w.applicant(&Command::Withdraw).unwrap();
    assert_eq!(refused(w.vetoes("email")), "too_late");
}

#[test]
fn a_holder_speaks_for_the_channel_that_was_used() {
    let mut w = World::new();
    w.reviewing();
    let actor = Actor::Holder {
        channel: channel("email"),
    };
    let veto = Command::Veto {
        channel: channel("phone"),
    };
    assert_eq!(refused(w.send(&actor, &veto)), "wrong_actor");
}

#[test]
fn nobody_disputes_and_the_case_is_blocked() {
    let mut w = World::new();
    w.approved();
    w.vetoes("email").unwrap();
    w.days(7);
    assert_eq!(refused(w.applicant(&Command::Dispute)), "too_late");
    w.timers();
    assert_eq!((w.state(), w.mode()), (State::Blocked, Mode::None));
    assert_eq!(w.case().end, Some(EndReason::NotDisputed));
}

#[test]
fn two_uninvolved_seniors_believe_the_applicant_and_the_wait_is_longer() {
    let mut w = World::new();
    w.approved().frozen().notified().contested();
    assert_eq!(w.takes("r3").unwrap_err().code(), "needs_senior");
    assert_eq!(w.takes("s1").unwrap_err().code(), "too_early");
    assert_eq!(kinds(w.votes("s1", Winner::Applicant)), ["contest_voted"]);
    assert_eq!(w.state(), State::Contested, "one is not enough");
    assert_eq!(w.takes("s1").unwrap_err().code(), "conflict");
    let decided = w.votes("s2", Winner::Applicant);
    let expected = ["contest_voted", "contest_decided", "case_approved"];
    assert_eq!(kinds(decided), expected);
    assert_eq!((w.state(), w.mode()), (State::CoolingOff, Mode::Locked));
    w.frozen().notified();
    assert_eq!(until(&w), w.now + Span::hours(72));
    assert_eq!(refused(w.vetoes("email")), "channel_lost");
    assert_eq!(kinds(w.vetoes("phone")), ["case_stopped"]);
    // The next contest goes to seniors who had no part in this one either.
    w.applicant(&Command::Dispute).unwrap();
    w.both_show();
    assert_eq!(w.takes("s1").unwrap_err().code(), "conflict");
    w.takes("s3").unwrap();
}

#[test]
fn an_objection_before_any_approval_leads_to_the_review_and_not_past_it() {
    let mut w = World::new();
    w.reviewing();
    w.verdict("r1", approve()).unwrap();
    w.contested();
    w.votes("s1", Winner::Applicant).unwrap();
    let decided = w.votes("s2", Winner::Applicant);
    let expected = ["contest_voted", "contest_decided", "review_opened"];
    assert_eq!(kinds(decided), expected);
    assert_eq!((w.state(), w.mode()), (State::Reviewing, Mode::Locked));
    // Whoever decided about the objection has not looked at the evidence for the review.
    w.verdict("r2", approve()).unwrap();
    assert_eq!(w.state(), State::Reviewing, "one is not enough");
    w.verdict("r3", approve()).unwrap();
    assert_eq!(w.state(), State::CoolingOff);
    assert_eq!(w.case().wait.as_ref().unwrap().span, Span::hours(72));
    assert_eq!(refused(w.vetoes("email")), "channel_lost");
}

#[test]
fn a_senior_who_looked_before_has_a_part_in_the_case() {
    let mut w = World::new();
    w.reviewing();
    w.verdict("s1", approve()).unwrap();
    w.contested();
    assert_eq!(w.takes("s1").unwrap_err().code(), "conflict");
}

#[test]
fn a_senior_whose_lease_ran_out_can_take_the_same_contest_but_not_the_next() {
    let mut w = World::new();
    w.reviewing().contested().both_show();
    w.takes("s1").unwrap();
    w.hours(2).timers();
    let mut same = w.clone();
    same.takes("s1").unwrap();
    w.votes("s2", Winner::Applicant).unwrap();
    w.votes("s3", Winner::Applicant).unwrap();
    w.vetoes("phone").unwrap();
    w.applicant(&Command::Dispute).unwrap();
    w.both_show();
    assert_eq!(w.takes("s1").unwrap_err().code(), "conflict");
}

#[test]
fn nobody_decides_before_both_sides_had_their_time() {
    let mut w = World::new();
    w.approved().contested();
    let stop = w.case().stop.clone().unwrap();
    let until = w.now + Span::hours(24);
    assert_eq!(stop.evidence_until, Some(until));
    assert!(stop.decided_by > stop.evidence_until);
    w.hours(23);
    assert_eq!(w.takes("s1").unwrap_err().code(), "too_early");
    w.hours(1);
    w.takes("s1").unwrap();
}

#[test]
fn a_live_factor_puts_the_burden_on_the_applicant() {
    let text = DEFAULT.replace("against_live_factor = 2", "against_live_factor = 3");
    let mut w = World::with(Policy::parse(&text).unwrap());
    w.approved().contested();
    let mut mailbox = w.clone();
    assert_eq!(
        kinds(w.shows(LiveFactor::SignIn, "sign_in")),
        ["live_factor_shown"]
    );
    assert_eq!(
        refused(w.shows(LiveFactor::SignIn, "sign_in")),
        "already_done"
    );
    w.votes("s1", Winner::Applicant).unwrap();
    w.votes("s2", Winner::Applicant).unwrap();
    assert_eq!(w.state(), State::Contested, "two are not enough");
    let mut kept = w.clone();
    w.votes("s3", Winner::Applicant).unwrap();
    assert_eq!(w.state(), State::CoolingOff);
    assert_eq!(w.case().wait.as_ref().unwrap().span, Span::hours(168));
    // To leave the account as it is takes no more than ever.
    kept.votes("s3", Winner::Objector).unwrap();
    kept.votes("s4", Winner::Objector).unwrap();
    assert_eq!(kept.state(), State::Blocked);
    // A mailbox may be what was hijacked.
    mailbox.shows(LiveFactor::Mailbox, "email").unwrap();
    mailbox.votes("s1", Winner::Applicant).unwrap();
    mailbox.votes("s2", Winner::Applicant).unwrap();
    assert_eq!(mailbox.state(), State::CoolingOff);
    assert_eq!(mailbox.case().wait.as_ref().unwrap().span, Span::hours(72));
}

#[test]
fn the_longer_wait_outlives_the_review_after_a_contest() {
    let mut w = World::new();
    w.reviewing().contested();
    w.shows(LiveFactor::PrintedCode, "veto_code").unwrap();
    w.votes("s1", Winner::Applicant).unwrap();
    w.votes("s2", Winner::Applicant).unwrap();
    assert_eq!(w.state(), State::Reviewing);
    w.verdict("r1", approve()).unwrap();
    w.verdict("r2", approve()).unwrap();
    assert_eq!(w.case().wait.as_ref().unwrap().span, Span::hours(168));
}

#[test]
fn an_objection_taken_back_goes_to_seniors_and_no_further() {
    let mut w = World::new();
    w.approved();
    assert_eq!(refused(w.takes_back("email")), "wrong_step");
    w.vetoes("email").unwrap();
    let taken = w.takes_back("phone");
    assert_eq!(kinds(taken), ["objection_taken_back", "contest_opened"]);
    assert_eq!((w.state(), w.mode()), (State::Contested, Mode::Frozen));
    assert_eq!(refused(w.takes_back("email")), "already_done");
    let someone = Actor::Applicant;
    let command = Command::TakeBack {
        channel: channel("email"),
    };
    assert_eq!(refused(w.send(&someone, &command)), "wrong_actor");
    w.votes("s1", Winner::Applicant).unwrap();
    w.votes("s2", Winner::Applicant).unwrap();
    assert_eq!(w.state(), State::CoolingOff);
    // A channel that lost speaks for nobody any more.
    w.vetoes("phone").unwrap();
    assert_eq!(
        refused(w.shows(LiveFactor::Mailbox, "email")),
        "channel_lost"
    );
}

#[test]
fn a_senior_asks_each_side_for_more_once() {
    let mut w = World::new();
    w.approved().contested();
    w.both_show();
    let asked = w.asks_proof("s1", Side::Objector);
    assert_eq!(kinds(asked), ["proof_asked"]);
    assert!(
        w.sides[0]
            .effects
            .contains(&Effect::Send(Notice::HolderContested))
    );
    assert_eq!(w.takes("s1").unwrap_err().code(), "too_early");
    w.both_show();
    assert_eq!(refused(w.asks_proof("s2", Side::Objector)), "already_done");
    w.hours(3).timers();
    w.asks_proof("s3", Side::Applicant).unwrap();
    assert!(
        w.sides[0]
            .effects
            .contains(&Effect::Send(Notice::Contested))
    );
    w.votes("s1", Winner::Applicant).unwrap();
    w.votes("s2", Winner::Applicant).unwrap();
    assert_eq!(w.state(), State::CoolingOff);
}

#[test]
fn seniors_who_differ_need_a_third() {
    let mut w = World::new();
    w.reviewing().contested();
    w.votes("s1", Winner::Applicant).unwrap();
    w.votes("s2", Winner::Objector).unwrap();
    assert_eq!(w.state(), State::Contested);
    w.votes("s3", Winner::Objector).unwrap();
    assert_eq!((w.state(), w.mode()), (State::Blocked, Mode::None));
    assert_eq!(w.case().end, Some(EndReason::ObjectionUpheld));
}

#[test]
fn files_in_a_contested_case_need_the_seniors_exception() {
    let mut w = World::new();
    w.gathers(Capture::NotLive).submits().checked(passing());
    w.contested();
    let vote = w.votes("s1", Winner::Applicant);
    assert_eq!(refused(vote), "exception_missing");
}

#[test]
fn the_account_stays_frozen_until_the_old_factors_are_back() {
    let mut w = World::new();
    w.cooling_off();
    w.vetoes("email").unwrap();
    w.days(7).timers();
    assert_eq!((w.state(), w.mode()), (State::Blocked, Mode::Frozen));
    let restore = Effect::Secure(SecuringVerb::Restore);
    assert!(w.sides[0].effects.contains(&restore));
    w.sides[0].effects.clear();
    w.secured(SecuringVerb::Restore);
    assert_eq!(w.mode(), Mode::None);
    assert!(w.sides[0].effects.contains(&Effect::PushRestriction));
}

#[test]
fn evidence_no_check_has_seen_is_never_approved_by_a_contest() {
    let mut w = World::new();
    w.gathers(Capture::Live).submits();
    w.checked(blurred(EvidenceKind::IdFront));
    w.adds(EvidenceKind::IdFront, Capture::Live).unwrap();
    w.contested();
    w.votes("s1", Winner::Applicant).unwrap();
    let decided = w.votes("s2", Winner::Applicant);
    let expected = ["contest_voted", "contest_decided", "case_returned"];
    assert_eq!(kinds(decided), expected);
    assert_eq!(w.state(), State::Gathering);
    // A second objection and a second contest do not get around it either.
    w.vetoes("phone").unwrap();
    w.applicant(&Command::Dispute).unwrap();
    w.votes("s3", Winner::Applicant).unwrap();
    w.votes("s4", Winner::Applicant).unwrap();
    assert_eq!(w.state(), State::Gathering);
    // The ordinary way stays open, with the longer wait of a contested case.
    w.submits().checked(passing());
    w.verdict("r1", approve()).unwrap();
    w.verdict("r2", approve()).unwrap();
    assert_eq!(w.case().wait.as_ref().unwrap().span, Span::hours(72));
}

#[test]
fn what_was_asked_for_is_still_asked_for_after_a_contest() {
    let mut w = World::new();
    w.gathers(Capture::Live).submits().checked(failing());
    w.adds(EvidenceKind::Video, Capture::Live).unwrap();
    w.contested();
    w.votes("s1", Winner::Applicant).unwrap();
    w.votes("s2", Winner::Applicant).unwrap();
    let asked: Vec<_> = w.case().asked.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(asked, [EvidenceKind::NotePhoto]);
}

#[test]
fn the_wait_starts_at_the_latest_of_approval_freeze_and_notices() {
    let mut w = World::new();
    w.approved().hours(3).frozen();
    assert_eq!(w.case().wait.as_ref().unwrap().until, None);
    assert_eq!(refused(w.system(&Command::EndWait)), "wrong_step");
    w.hours(4).notified();
    assert_eq!(until(&w), w.now + Span::hours(24));
    let mut w = World::new();
    w.approved().notified().hours(9).frozen();
    assert_eq!(until(&w), w.now + Span::hours(24));
}

#[test]
fn word_of_an_earlier_approvals_notices_starts_no_wait() {
    let mut w = World::new();
    w.approved().contested();
    let (approval, channels) = (w.approval(), 2);
    w.votes("s1", Winner::Applicant).unwrap();
    w.votes("s2", Winner::Applicant).unwrap();
    w.frozen();
    let late = w.system(&Command::AcknowledgeNotices { approval, channels });
    assert_eq!(refused(late), "stale_round");
    assert_eq!(w.case().wait.as_ref().unwrap().until, None);
    w.notified();
    assert_eq!(until(&w), w.now + Span::hours(72));
}

#[test]
fn an_acknowledgement_of_no_restriction_starts_nothing() {
    let mut w = World::new();
    w.approved().notified();
    let mode = Mode::None;
    let said = w.system(&Command::AcknowledgeFreeze { version: 3, mode });
    assert_eq!(refused(said), "wrong_step");
}

#[test]
fn the_wait_only_grows() {
    let mut w = World::new();
    w.approved();
    let early = w.changes(ChangeKind::NewEmail, "before the start");
    assert_eq!(
        refused(early),
        "wrong_step",
        "the whole wait comes after it"
    );
    w.frozen().notified();
    let planned = until(&w);
    assert_eq!(planned, w.now + Span::hours(24));
    assert!(kinds(w.changes(ChangeKind::NewDevice, "a")).is_empty());
    assert_eq!(until(&w), planned, "a kind that adds nothing");
    let told = kinds(w.changes(ChangeKind::PasswordChanged, "b"));
    assert_eq!(told, ["account_changed", "wait_extended"]);
    assert_eq!(until(&w), planned + Span::hours(24), "added to the end");
    assert_eq!(w.case().wait.as_ref().unwrap().grew_from, Some(planned));
    let told = Effect::Send(Notice::WaitLonger);
    assert!(w.sides[0].effects.contains(&told));
    w.hours(30);
    w.changes(ChangeKind::Other, "c").unwrap();
    assert_eq!(until(&w), planned + Span::hours(48));
}

#[test]
fn a_change_told_twice_makes_the_wait_longer_once() {
    let mut w = World::new();
    w.approved().frozen().notified();
    w.changes(ChangeKind::SuspiciousLogin, "sign-in 1").unwrap();
    let once = until(&w);
    w.hours(5);
    let again = w.changes(ChangeKind::SuspiciousLogin, "sign-in 1");
    assert_eq!(refused(again), "already_done");
    assert_eq!(until(&w), once);
    w.changes(ChangeKind::SuspiciousLogin, "sign-in 2").unwrap();
    assert!(until(&w) > once);
}

#[test]
fn a_change_may_begin_the_whole_wait_anew() {
    let mut w = World::new();
    w.policy.changes.new_email = 0;
    w.approved().frozen().notified();
    w.hours(20);
    w.changes(ChangeKind::NewEmail, "a").unwrap();
    assert_eq!(until(&w), w.now + Span::hours(24));
    let before = until(&w);
    assert!(kinds(w.changes(ChangeKind::NewEmail, "b")).is_empty());
    assert_eq!(until(&w), before, "begun anew at the same moment");
}

#[test]
fn changes_keep_nobody_waiting_for_ever() {
    let mut w = World::new();
    w.approved().frozen().notified();
    let most = until(&w) + Span::days(w.policy.changes.days_max);
    for n in 0..40 {
        let _ = w.changes(ChangeKind::SuspiciousLogin, &format!("sign-in {n}"));
    }
    assert_eq!(until(&w), most);
    w.days(3);
    assert!(kinds(w.changes(ChangeKind::NewEmail, "one more")).is_empty());
    assert_eq!(until(&w), most);
}

#[test]
fn a_handover_that_is_begun_again_makes_the_wait_longer() {
    let mut w = World::new();
    w.approved().frozen().notified();
    let planned = until(&w);
    w.begins().unwrap();
    assert_eq!(until(&w), planned, "the first time is no change");
    w.begins().unwrap();
    assert_eq!(until(&w), planned + Span::hours(12));
    w.hours(37);
    assert_eq!(kinds(w.begins()), ["handover_begun"], "the wait is over");
}

#[test]
fn a_contest_does_not_shorten_a_wait_that_was_extended() {
    let mut w = World::new();
    w.approved().frozen().notified();
    for name in ["a", "b", "c", "d"] {
        w.changes(ChangeKind::SuspiciousLogin, name).unwrap();
    }
    let before = until(&w);
    w.contested();
    w.votes("s1", Winner::Applicant).unwrap();
    w.votes("s2", Winner::Applicant).unwrap();
    w.frozen().notified();
    assert!(until(&w) >= before);
}

#[test]
fn a_handover_needs_the_freeze_the_ticket_and_the_key() {
    let mut w = World::new();
    w.approved();
    assert_eq!(refused(w.begins()), "freeze_open");
    w.frozen();
    let mail = Proof::None;
    let begin = |proof| Command::BeginHandover { proof };
    assert_eq!(refused(w.applicant(&begin(mail))), "proof_missing");
    assert_eq!(
        refused(w.applicant(&begin(Proof::FreshFace))),
        "proof_missing"
    );
    w.shows_face(Outcome::Pass).unwrap();
    w.minutes(30);
    let late = w.applicant(&begin(Proof::FreshFace));
    assert_eq!(
        refused(late),
        "proof_missing",
        "a face stands for half an hour"
    );
    w.shows_face(Outcome::Pass).unwrap();
    w.applicant(&begin(Proof::FreshFace)).unwrap();
    let again = w.applicant(&begin(Proof::CaseKey));
    assert_eq!(refused(again), "too_late", "a ticket is spent once");
    let done = w.applicant(&Command::CompleteHandover);
    assert_eq!(refused(done), "credentials_missing");
    w.enrols_all();
    w.applicant(&Command::CompleteHandover).unwrap();
    assert_eq!(refused(w.begins()), "already_done");
}

#[test]
fn a_face_that_did_not_pass_opens_nothing_and_may_be_shown_three_times() {
    let mut w = World::new();
    w.approved();
    assert_eq!(refused(w.shows_face(Outcome::Pass)), "freeze_open");
    w.frozen();
    let begin = Command::BeginHandover {
        proof: Proof::FreshFace,
    };
    w.shows_face(Outcome::Pass).unwrap();
    for outcome in [Outcome::Unsure, Outcome::Unavailable, Outcome::Fail] {
        w.shows_face(outcome).unwrap();
        // Whoever passed before has nothing from it any more.
        assert_eq!(refused(w.applicant(&begin)), "proof_missing");
    }
    assert_eq!(refused(w.shows_face(Outcome::Pass)), "faces_used");
    w.begins().unwrap();
    assert!(w.case().handover.begun_at.is_some(), "the key still works");
}

#[test]
fn a_ticket_and_an_unfinished_handover_last_a_day() {
    let mut w = World::new();
    w.approved().frozen();
    w.system(&Command::IssueTicket).unwrap();
    w.hours(24);
    let begin = Command::BeginHandover {
        proof: Proof::CaseKey,
    };
    assert_eq!(refused(w.applicant(&begin)), "too_late");
    w.begins().unwrap();
    w.hours(24);
    let enrol = w.enrol(CredentialKind::Password);
    assert_eq!(refused(w.applicant(&enrol)), "too_late");
}

#[test]
fn what_was_staged_for_an_earlier_handover_is_bound_in_none_that_begins_later() {
    let mut w = World::new();
    w.approved().frozen().begins().unwrap();
    let earlier = w.enrol(CredentialKind::Passkey);
    w.hours(1);
    w.begins().unwrap();
    assert_eq!(refused(w.applicant(&earlier)), "handover_open");
    assert!(w.case().handover.enrolled.is_empty());
    let own = w.enrol(CredentialKind::Passkey);
    w.applicant(&own).unwrap();
    assert_eq!(w.case().handover.enrolled.len(), 1);
}

#[test]
fn a_handover_begun_before_a_stop_is_begun_anew_after_it() {
    let mut w = World::new();
    w.approved().frozen().begins().unwrap();
    w.enrols_all().contested();
    w.votes("s1", Winner::Applicant).unwrap();
    w.votes("s2", Winner::Applicant).unwrap();
    w.frozen();
    let done = w.applicant(&Command::CompleteHandover);
    assert_eq!(refused(done), "handover_open");
    let mut ended = w.clone();
    w.hands_over();
    // What was staged before the stop is taken back at an end, even if nothing was begun since.
    ended.applicant(&Command::Withdraw).unwrap();
    let restore = Effect::Secure(SecuringVerb::Restore);
    assert!(ended.sides[0].effects.contains(&restore));
}

#[test]
fn a_tier_named_in_policy_gets_its_handover_after_the_wait() {
    let text = DEFAULT.replace(
        "after_the_wait = [\"exceptional\"]",
        "after_the_wait = [\"standard\"]",
    );
    let mut w = World::with(Policy::parse(&text).unwrap());
    w.approved().frozen().notified();
    assert_eq!(refused(w.system(&Command::IssueTicket)), "too_early");
    assert!(!w.sides[0].effects.contains(&Effect::IssueTicket));
    w.hours(24).timers();
    assert!(
        w.case().handover.ticket_until.is_some(),
        "it comes by itself"
    );
    w.days(30).timers();
    assert_eq!(w.state(), State::Expired);
}

#[test]
fn the_end_waits_for_everything_old_to_be_secured_and_read_back() {
    let mut w = World::new();
    w.approved().frozen().notified();
    w.hours(24);
    assert_eq!(refused(w.system(&Command::EndWait)), "handover_open");
    w.hands_over();
    assert_eq!(refused(w.system(&Command::EndWait)), "securing_open");
    let verb = SecuringVerb::Suspend;
    for name in ACTIONS {
        let action = SecuringAction(name.to_owned());
        let read = Command::VerifySecuring {
            action: action.clone(),
            verb,
        };
        assert_eq!(refused(w.system(&read)), "wrong_step", "not said yet");
        let said = Command::AcknowledgeSecuring { action, verb };
        w.system(&said).unwrap();
        assert_eq!(refused(w.system(&Command::EndWait)), "securing_open");
        w.system(&read).unwrap();
    }
    w.timers();
    assert_eq!(
        w.state(),
        State::Recovered,
        "the last read-back ends the wait"
    );
}

#[test]
fn each_securing_verb_has_its_time() {
    let mut w = World::new();
    w.cooling_off();
    let said = |verb| Command::AcknowledgeSecuring {
        action: SecuringAction("api_keys".to_owned()),
        verb,
    };
    let restore = said(SecuringVerb::Restore);
    let destroy = said(SecuringVerb::Destroy);
    assert_eq!(refused(w.system(&restore)), "wrong_step");
    w.hours(24).timers();
    assert_eq!(refused(w.system(&destroy)), "wrong_step");
    w.days(7).timers();
    w.system(&destroy).unwrap();
    assert_eq!(refused(w.system(&restore)), "wrong_step");
}

#[test]
fn tiers_wait_24_48_and_72_hours() {
    for (stake, hours) in [(Stake::Small, 24), (Stake::Medium, 48), (Stake::Large, 72)] {
        let mut w = World::new();
        w.gathers(Capture::Live).submits();
        let finish = Command::FinishChecks {
            round: 1,
            findings: passing(),
            grounds: Grounds::of_stake(stake),
        };
        w.system(&finish).unwrap();
        assert_eq!(refused(w.system(&finish)), "wrong_step", "a late double");
        w.verdict("r1", approve()).unwrap();
        let senior_needed = stake == Stake::Large;
        let by = if senior_needed {
            assert_eq!(refused(w.verdict("r2", approve())), "needs_senior");
            "s1"
        } else {
            "r2"
        };
        let approved = w.verdict(by, approve()).unwrap();
        let Some(Event::CaseApproved { wait_hours, .. }) = approved.last() else {
            panic!("not approved")
        };
        assert_eq!(*wait_hours, hours);
    }
}

#[test]
fn timers_that_come_twice_or_late_are_harmless() {
    let mut w = World::new();
    w.recovered();
    let timers: Vec<Timer> = w.sides[0].timers.iter().map(|(_, t)| t.clone()).collect();
    let before = w.case().clone();
    for timer in timers {
        let (command, _) = recovery::case::fired(w.case(), &timer);
        if let Some(command) = command {
            assert!(w.system(&command).is_err(), "{timer:?}");
        }
    }
    assert_eq!(*w.case(), before);
}

#[test]
fn limits_rise_step_by_step_after_the_wait() {
    let mut w = World::new();
    let end = {
        w.cooling_off().hours(24);
        kinds(w.system(&Command::EndWait))
    };
    assert_eq!(end, ["limits_set", "case_recovered"], "never all at once");
    let limits = |w: &World| {
        w.case()
            .thaw
            .map(|thaw| (thaw.daily_percent, thaw.known_addresses_only))
    };
    assert_eq!((w.mode(), limits(&w)), (Mode::Thawing, Some((10, true))));
    assert_eq!(refused(w.system(&Command::StepThaw)), "too_early");
    w.hours(24).timers();
    assert_eq!((w.mode(), limits(&w)), (Mode::Thawing, Some((25, true))));
    w.hours(48).timers();
    assert_eq!((w.mode(), limits(&w)), (Mode::Thawing, Some((50, false))));
    w.hours(96).timers();
    assert_eq!((w.mode(), limits(&w)), (Mode::None, None));
    assert_eq!(refused(w.system(&Command::StepThaw)), "wrong_step");
}

#[test]
fn a_step_that_comes_late_leaves_out_what_was_missed() {
    let mut w = World::new();
    w.recovered().hours(100);
    assert_eq!(kinds(w.system(&Command::StepThaw)), ["limits_set"]);
    assert_eq!(w.case().thaw.unwrap().daily_percent, 50);
    w.days(20);
    assert_eq!(kinds(w.system(&Command::StepThaw)), ["limits_ended"]);
}

#[test]
fn a_veto_while_limits_rise_freezes() {
    let mut w = World::new();
    w.recovered().hours(30).timers();
    w.vetoes("email").unwrap();
    assert_eq!((w.mode(), w.case().thaw), (Mode::Frozen, None));
    assert_eq!(refused(w.system(&Command::StepThaw)), "wrong_step");
}

#[test]
fn a_platform_that_cannot_limit_opens_when_the_wait_ends() {
    let mut w = World::new();
    w.thaws = false;
    w.recovered();
    assert_eq!((w.mode(), w.case().thaw), (Mode::None, None));
}
