//! The process, told as given, when, then.

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
    Command, Effect, EndReason, Notice, Pathway, Proof, Resolution, SecuringVerb, State, Winner,
};
use recovery::document::DocumentKind;
use recovery::evidence::{Capture, EvidenceKind};
use recovery::id::AccountRef;
use recovery::policy::Tier;
use recovery::restriction::Mode;
use recovery::time::{Span, Timestamp};

#[test]
fn the_whole_way_back() {
    let mut w = World::new();
    w.gathers(Capture::Live);
    assert_eq!((w.state(), w.mode()), (State::Gathering, Mode::None));
    w.submits();
    assert_eq!((w.state(), w.mode()), (State::Checking, Mode::None));
    w.hours(2).checked(passing());
    assert_eq!((w.state(), w.mode()), (State::Reviewing, Mode::Locked));
    let first = w.verdict("r1", approve());
    assert_eq!(kinds(first), ["verdict_given"]);
    let second = w.verdict("r2", approve());
    assert_eq!(kinds(second), ["verdict_given", "case_approved"]);
    assert_eq!((w.state(), w.mode()), (State::CoolingOff, Mode::Locked));
    w.frozen().notified().hands_over();
    assert_eq!(w.mode(), Mode::CoolingOff);
    w.secured(SecuringVerb::Suspend).hours(23).timers();
    assert_eq!(w.mode(), Mode::CoolingOff);
    w.hours(1).timers();
    assert_eq!((w.state(), w.mode()), (State::Recovered, Mode::Thawing));
    w.days(7).timers();
    assert_eq!(w.mode(), Mode::None);
    assert!(w.case().veto_window_closed);
    w.secured(SecuringVerb::Destroy).days(30).timers();
    assert!(w.case().erased_at.is_some());
    assert!(w.sides[0].effects.contains(&Effect::DestroyData));
}

#[test]
fn the_machine_returns_a_blurred_photo_three_times_then_people_look() {
    let mut w = World::new();
    w.gathers(Capture::Live).submits();
    for _ in 0..3 {
        w.checked(blurred(EvidenceKind::IdFront));
        assert_eq!(w.state(), State::Gathering);
        let asked = [(EvidenceKind::IdFront, "image.blur".to_owned())];
        assert_eq!(w.case().asked, asked);
        w.retakes();
    }
    w.checked(blurred(EvidenceKind::IdFront));
    assert_eq!((w.state(), w.mode()), (State::Reviewing, Mode::None));
    assert!(!w.case().review.low_priority);
}

#[test]
fn another_face_is_returned_in_general_words_and_in_the_end_seen_by_people() {
    let mut w = World::new();
    w.gathers(Capture::Live).submits();
    for _ in 0..3 {
        w.checked(failing());
        let codes: Vec<_> = w
            .case()
            .asked
            .iter()
            .map(|(_, code)| code.clone())
            .collect();
        assert_eq!(codes, ["again.person", "again.person"]);
        w.retakes();
    }
    w.checked(failing());
    assert_eq!((w.state(), w.mode()), (State::Reviewing, Mode::None));
    assert!(w.case().review.low_priority);
    // People can still approve: then the first credible look locks the account.
    assert!(kinds(w.verdict("r1", approve())).contains(&"lock_started"));
    assert_eq!(w.mode(), Mode::Locked);
}

#[test]
fn what_is_meant_for_reviewers_is_never_told_in_a_return() {
    let mut w = World::new();
    w.gathers(Capture::Live).submits();
    let mut findings = passing();
    let kind = Some(EvidenceKind::Video);
    let spoof = finding("replay.screen", recovery::finding::Outcome::Retake, kind);
    findings.push(spoof);
    w.checked(findings);
    assert_eq!(w.case().asked[0].1, "again.person");
}

#[test]
fn a_check_that_did_not_run_is_not_a_pass() {
    for missing in 0..GATES.len() {
        let mut w = World::new();
        let mut findings = passing();
        findings.remove(missing);
        w.gathers(Capture::Live).submits().checked(findings);
        assert_eq!((w.state(), w.mode()), (State::Reviewing, Mode::None));
    }
}

#[test]
fn what_a_browser_says_of_itself_is_stored_as_a_code_or_not_at_all() {
    let mut w = World::new();
    let code = "RG-7K2M-91QX".parse().unwrap();
    let open = Command::Open {
        code,
        language: "en; q=0.9".to_owned(),
        entry: "ann@example.test".to_owned(),
    };
    w.applicant(&open).unwrap();
    let stored = (w.case().language.as_str(), w.case().entry.as_str());
    assert_eq!(stored, ("und", "other"));
}

#[test]
fn evidence_from_files_needs_a_senior_and_an_exception() {
    let mut w = World::new();
    w.gathers(Capture::NotLive).submits().checked(passing());
    assert_eq!(w.mode(), Mode::None, "no lock without live capture");
    w.verdict("r1", approve()).unwrap();
    assert_eq!(w.takes("r2").unwrap_err().code(), "needs_senior");
    assert_eq!(refused(w.verdict("s1", approve())), "exception_missing");
    let lease = w.case().review.assigned.as_ref().unwrap().until;
    w.now = lease;
    w.timers();
    w.verdict("s1", approve_with_exception()).unwrap();
    assert_eq!(w.state(), State::CoolingOff);
}

#[test]
fn an_equal_path_needs_a_senior_too() {
    let mut w = World::new();
    w.gathers(Capture::Live);
    let pathway = Pathway::EqualPath;
    w.applicant(&Command::Submit { pathway }).unwrap();
    w.checked(passing());
    w.verdict("r1", approve()).unwrap();
    assert_eq!(w.takes("r2").unwrap_err().code(), "needs_senior");
}

#[test]
fn when_two_reviewers_differ_a_senior_decides() {
    let mut w = World::new();
    w.reviewing();
    w.verdict("r1", approve()).unwrap();
    w.verdict("r2", reject()).unwrap();
    assert_eq!(w.state(), State::Reviewing);
    assert_eq!(w.takes("r3").unwrap_err().code(), "needs_senior");
    w.verdict("s1", reject()).unwrap();
    assert_eq!((w.state(), w.mode()), (State::Rejected, Mode::None));
}

#[test]
fn one_reviewer_cannot_give_both_looks() {
    let mut w = World::new();
    w.reviewing();
    w.verdict("r1", approve()).unwrap();
    assert_eq!(w.takes("r1").unwrap_err().code(), "conflict");
}

#[test]
fn the_same_two_do_not_decide_together_too_often() {
    let mut w = World::new();
    w.reviewing();
    w.verdict("r1", approve()).unwrap();
    w.pair_this_week = 3;
    assert_eq!(w.takes("r2").unwrap_err().code(), "conflict");
}

#[test]
fn a_lease_runs_out_and_another_reviewer_goes_on() {
    let mut w = World::new();
    w.reviewing();
    let lost = w.takes("r1").unwrap();
    assert_eq!(w.takes("r2").unwrap_err().code(), "held");
    w.hours(2).timers();
    assert!(w.case().review.assigned.is_none());
    let give = Command::GiveVerdict {
        assignment: lost,
        verdict: approve(),
    };
    assert_eq!(refused(w.send(&reviewer("r1"), &give)), "not_assigned");
    w.verdict("r2", approve()).unwrap();
}

#[test]
fn who_knows_the_person_hands_the_case_back_for_good() {
    let mut w = World::new();
    w.reviewing();
    let assignment = w.takes("r1").unwrap();
    let back = Command::HandBack {
        assignment,
        conflict: true,
    };
    w.send(&reviewer("r1"), &back).unwrap();
    assert_eq!(w.takes("r1").unwrap_err().code(), "conflict");
    w.takes("r2").unwrap();
}

#[test]
fn a_conflict_that_became_known_after_the_assignment_bars_the_verdict() {
    let mut w = World::new();
    w.reviewing();
    let assignment = w.takes("r1").unwrap();
    w.conflict = true;
    let give = Command::GiveVerdict {
        assignment,
        verdict: approve(),
    };
    assert_eq!(refused(w.send(&reviewer("r1"), &give)), "conflict");
}

#[test]
fn sentences_and_addresses_never_enter_an_event() {
    let mut w = World::new();
    w.reviewing();
    let assignment = w.takes("r1").unwrap();
    let view = |subject: &str, reason: &str| Command::View {
        assignment: assignment.clone(),
        subject: subject.to_owned(),
        reason: reason.to_owned(),
    };
    let talk = view("dossier.city", "Ann looks like my cousin");
    assert_eq!(refused(w.send(&reviewer("r1"), &talk)), "reason_missing");
    let mail = view("ann@example.test", "verify");
    assert_eq!(refused(w.send(&reviewer("r1"), &mail)), "reason_missing");
    w.send(&reviewer("r1"), &view("dossier.city", "verify"))
        .unwrap();
}

#[test]
fn a_return_by_people_stops_the_clock_and_resubmission_starts_it() {
    let mut w = World::new();
    w.reviewing();
    let due = |w: &World| w.case().deadline.as_ref().unwrap().due(&w.calendar);
    let promised = due(&w).unwrap();
    w.hours(5);
    w.verdict("r1", ask_again(EvidenceKind::Video)).unwrap();
    assert_eq!((w.state(), w.mode()), (State::Gathering, Mode::None));
    assert_eq!(due(&w), None);
    w.days(1).retakes();
    assert_eq!(due(&w), Some(promised + Span::days(1)));
    w.checked(passing());
    assert_eq!(due(&w), Some(promised + Span::days(1)));
    assert_eq!(w.mode(), Mode::Locked);
}

#[test]
fn people_cannot_ask_for_ever() {
    let mut w = World::new();
    w.reviewing();
    for _ in 0..3 {
        w.verdict("r1", ask_again(EvidenceKind::Video)).unwrap();
        w.retakes().checked(passing());
    }
    let again = w.verdict("r1", ask_again(EvidenceKind::Video));
    assert_eq!(refused(again), "asked_too_often");
}

#[test]
fn a_refusal_is_appealed_once_and_to_other_people() {
    let mut w = World::new();
    w.reviewing();
    w.verdict("r1", reject()).unwrap();
    w.verdict("r2", reject()).unwrap();
    assert_eq!(w.state(), State::Rejected);
    w.days(13);
    w.applicant(&Command::Appeal).unwrap();
    assert_eq!(w.state(), State::Reviewing);
    assert_eq!(w.takes("r1").unwrap_err().code(), "conflict");
    assert_eq!(w.takes("r2").unwrap_err().code(), "conflict");
    w.verdict("r3", reject()).unwrap();
    w.verdict("r4", reject()).unwrap();
    assert_eq!(w.case().appeal_until, None);
    assert_eq!(refused(w.applicant(&Command::Appeal)), "appeal_used");
}

#[test]
fn an_appeal_comes_too_late() {
    let mut w = World::new();
    w.reviewing();
    w.verdict("r1", reject()).unwrap();
    w.verdict("r2", reject()).unwrap();
    w.days(14);
    assert_eq!(refused(w.applicant(&Command::Appeal)), "too_late");
}

#[test]
fn the_applicant_withdraws_until_the_handover_is_done() {
    let mut w = World::new();
    w.approved();
    w.applicant(&Command::Withdraw).unwrap();
    assert_eq!((w.state(), w.mode()), (State::Withdrawn, Mode::None));
    let mut w = World::new();
    w.cooling_off();
    assert_eq!(refused(w.applicant(&Command::Withdraw)), "wrong_step");
}

#[test]
fn an_unfinished_request_expires() {
    let mut w = World::new();
    w.gathers(Capture::Live).days(13).timers();
    assert_eq!(w.state(), State::Gathering);
    w.days(1).timers();
    assert_eq!(w.state(), State::Expired);
    assert_eq!(w.case().end, Some(EndReason::NotFinished));
}

#[test]
fn without_a_handover_the_approval_expires_and_the_restriction_is_gone() {
    let mut w = World::new();
    w.approved().frozen().notified().days(29).timers();
    assert_eq!((w.state(), w.mode()), (State::CoolingOff, Mode::Locked));
    w.days(1).timers();
    assert_eq!((w.state(), w.mode()), (State::Expired, Mode::None));
    assert!(!w.case().holds_approval);
}

#[test]
fn a_phantom_is_never_approved_and_goes_early_but_not_before_its_appeal_ends() {
    let mut w = World::new();
    w.opens().consents().names_account();
    w.proves("new@example.test").unwrap();
    w.resolved_to(None).unwrap();
    w.adds_all(Capture::Live).submits().checked(passing());
    assert!(w.case().is_phantom() && w.case().review.low_priority);
    assert_eq!(w.mode(), Mode::None);
    assert_eq!(refused(w.verdict("r1", approve())), "account_missing");
    w.hours(2);
    let mut rejected = w.clone();
    w.applicant(&Command::Withdraw).unwrap();
    w.days(2).timers();
    assert!(w.case().erased_at.is_none());
    w.days(1).timers();
    assert!(w.case().erased_at.is_some());
    rejected.verdict("r1", reject()).unwrap();
    rejected.verdict("r2", reject()).unwrap();
    rejected.days(13).timers();
    rejected.applicant(&Command::Appeal).unwrap();
}

#[test]
fn the_lock_is_capped_over_all_requests_of_an_account() {
    let mut w = World::new();
    w.locked_before = Span::days(28);
    w.reviewing();
    assert_eq!(w.mode(), Mode::Locked);
    w.days(2).timers();
    assert_eq!((w.state(), w.mode()), (State::Reviewing, Mode::None));
    w.verdict("r1", approve()).unwrap();
    assert_eq!(w.mode(), Mode::None, "the cap holds for a later look too");
    w.verdict("r2", approve()).unwrap();
    assert_eq!(w.mode(), Mode::Locked, "an approval is not under the cap");
}

#[test]
fn the_cap_counts_while_an_objection_is_decided() {
    let mut w = World::new();
    w.locked_before = Span::days(27);
    w.reviewing().contested();
    assert_eq!(w.mode(), Mode::Frozen);
    w.days(3).timers();
    assert_eq!((w.state(), w.mode()), (State::Contested, Mode::None));
}

#[test]
fn data_goes_thirty_days_after_the_last_word() {
    let mut w = World::new();
    w.gathers(Capture::Live);
    w.applicant(&Command::Withdraw).unwrap();
    w.days(30);
    w.now = w.now - Span::millis(1);
    assert_eq!(refused(w.system(&Command::Erase)), "too_early");
    w.now = w.now + Span::millis(1);
    assert_eq!(kinds(w.system(&Command::Erase)), ["data_erased"]);
    assert_eq!(refused(w.system(&Command::Erase)), "wrong_step");
    let mut w = World::new();
    w.recovered();
    assert_eq!(
        w.case().erase_at(&w.policy),
        Some(w.now + Span::days(7 + 30))
    );
    assert_eq!(refused(w.system(&Command::Erase)), "wrong_step");
}

#[test]
fn overdue_checks_go_to_people_though_the_platform_answered_meanwhile() {
    let mut w = World::new();
    w.opens().consents().names_account();
    w.proves("new@example.test").unwrap();
    w.adds_all(Capture::Live).submits().hours(1);
    w.resolved_to(Some("acc-1")).unwrap();
    w.hours(23).timers();
    assert_eq!(w.state(), State::Reviewing);
    assert_eq!(w.case().findings[0].code, "check.unavailable");
    assert_eq!(w.case().tier, Tier::High);
    assert_eq!(w.mode(), Mode::None);
}

#[test]
fn a_platform_that_answers_late_is_still_heard() {
    let mut w = World::new();
    w.opens().consents().names_account();
    w.proves("new@example.test").unwrap();
    w.adds_all(Capture::Live).submits().days(1).timers();
    assert_eq!(w.state(), State::Reviewing);
    assert_eq!(refused(w.verdict("r1", approve())), "account_missing");
    w.resolved_to(Some("acc-1")).unwrap();
    w.hours(2).timers();
    w.verdict("r1", approve()).unwrap();
}

#[test]
fn a_second_request_with_the_same_address_joins_the_first() {
    let mut w = World::new();
    w.gathers(Capture::Live).on(1).opens().consents();
    w.names_account();
    w.resolved_to(Some("acc-1")).unwrap();
    let proved = w.proves("new0@example.test");
    assert_eq!(kinds(proved), ["contact_proved", "case_closed"]);
    let into = w.sides[0].id.clone();
    assert_eq!(w.case().end, Some(EndReason::Merged { into: into.clone() }));
    assert!(w.sides[1].effects.contains(&Effect::Join(into)));
    let mut w = World::new();
    w.gathers(Capture::Live).on(1).gathers(Capture::Live);
    assert_eq!(w.state(), State::Gathering, "another address is a rival");
}

#[test]
fn a_request_alone_neither_locks_nor_tells() {
    let mut w = World::new();
    w.gathers(Capture::Live).submits().checked(failing());
    let tells = |effect: &Effect| {
        matches!(
            effect,
            Effect::Send(Notice::HolderAsked) | Effect::PushRestriction
        )
    };
    assert!(!w.sides[0].effects.iter().any(tells));
}

#[test]
fn clues_are_given_once_and_change_no_decision() {
    let mut with = World::new();
    with.gathers(Capture::Live);
    let clues = Command::GiveClues {
        answered: vec!["registered".to_owned()],
    };
    with.applicant(&clues).unwrap();
    with.submits().checked(passing());
    assert_eq!(refused(with.applicant(&clues)), "wrong_step");
    let mut without = World::new();
    without.reviewing();
    for w in [&mut with, &mut without] {
        assert_eq!(kinds(w.verdict("r1", approve())), ["verdict_given"]);
        w.verdict("r2", approve()).unwrap();
        assert_eq!(w.case().wait.as_ref().unwrap().span, Span::hours(24));
    }
}

#[test]
fn a_passport_needs_no_back_and_a_card_chosen_later_does() {
    let choose = |document| Command::ChooseDocument { document };
    let mut w = World::new();
    w.opens().consents().names_account();
    w.proves("new@example.test").unwrap();
    w.resolved_to(Some("acc-1")).unwrap();
    for kind in [
        EvidenceKind::IdFront,
        EvidenceKind::NotePhoto,
        EvidenceKind::Video,
    ] {
        w.adds(kind, Capture::Live).unwrap();
    }
    let submit = Command::Submit {
        pathway: Pathway::Remote,
    };
    assert_eq!(refused(w.applicant(&submit)), "parts_missing");
    let passport = choose(DocumentKind::Passport);
    assert_eq!(kinds(w.applicant(&passport)), ["document_chosen"]);
    assert_eq!(kinds(w.applicant(&passport)), [""; 0]);
    w.submits();
    assert_eq!(
        refused(w.applicant(&choose(DocumentKind::NationalId))),
        "wrong_step"
    );
    // Only while the front must be taken again can the kind change, and the back comes with it.
    w.checked(blurred(EvidenceKind::NotePhoto));
    assert_eq!(
        refused(w.applicant(&choose(DocumentKind::NationalId))),
        "not_asked"
    );
    w.retakes().checked(blurred(EvidenceKind::IdFront));
    w.applicant(&choose(DocumentKind::NationalId)).unwrap();
    w.adds(EvidenceKind::IdFront, Capture::Live).unwrap();
    assert_eq!(refused(w.applicant(&submit)), "parts_missing");
    w.adds(EvidenceKind::IdBack, Capture::Live).unwrap();
    w.submits();
}

#[test]
fn an_account_is_named_before_evidence_and_not_changed_after() {
    let mut w = World::new();
    w.gathers(Capture::Live);
    let index = index("bob@example.test");
    let other = Command::GiveIdentifier { index };
    assert_eq!(refused(w.applicant(&other)), "wrong_step");
    let resolution = Resolution::Known {
        account: AccountRef("acc-2".to_owned()),
    };
    let again = w.send(&Actor::System, &Command::ResolveAccount { resolution });
    assert_eq!(refused(again), "already_done");
}

#[test]
fn a_clock_that_lags_shortens_nothing() {
    let mut w = World::new();
    w.approved().frozen();
    let approved = w.now;
    w.now = Timestamp::from_millis(approved.millis() - 3_600_000);
    w.notified();
    let until = w.case().wait.as_ref().unwrap().until.unwrap();
    assert_eq!(until, approved + Span::hours(24));
    let mail = Proof::None;
    w.system(&Command::IssueTicket).unwrap();
    let begin = w.applicant(&Command::BeginHandover { proof: mail });
    assert_eq!(refused(begin), "proof_missing");
    assert_eq!(
        refused(w.votes("s1", Winner::Applicant)),
        "nothing_to_review"
    );
}

#[test]
fn only_whom_two_reviewers_believed_is_told_that_an_account_is_not_offered() {
    let mut w = World::new();
    w.reviewing();
    let mut not_offered = reject();
    not_offered.codes = vec!["no.not_offered".to_owned()];
    let mut doubted = not_offered.clone();
    doubted.answers = vec!["yes".to_owned(), "unsure".to_owned(), "yes".to_owned()];
    let (mut unsure, mut other) = (w.clone(), w.clone());
    assert_eq!(refused(unsure.verdict("r1", doubted)), "answers_missing");
    w.verdict("r1", not_offered.clone()).unwrap();
    w.verdict("r2", not_offered.clone()).unwrap();
    assert_eq!(w.state(), State::Rejected);
    assert!(w.case().is_not_offered());
    // One of two reasons speaks against the applicant: nothing is told.
    other.verdict("r1", not_offered).unwrap();
    other.verdict("r2", reject()).unwrap();
    assert_eq!(other.state(), State::Rejected);
    assert!(!other.case().is_not_offered());
}
