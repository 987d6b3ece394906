//! From an approval on, every order of events within bounds: breadth first over all commands, equal
//! situations visited once. Statements 1, 2 and 4 at every one of them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]

mod common;

use std::collections::{BTreeSet, VecDeque};

use common::*;
use recovery::case::{
    Command, CredentialKind, Event, Proof, SecuringAction, SecuringVerb, State, StopCause, Winner,
};
use recovery::policy::{DEFAULT, Policy};
use recovery::restriction::{Mode, mode_of};
use recovery::time::{Span, Timestamp};

/// Situations looked at at most; the bound must not be what ends the search.
const SITUATIONS_MAX: usize = 20_000;
/// Days of the model's handover: shorter than the default's, to keep the search small.
const DAYS_TO_FINISH: i64 = 4;
/// Steps after the approval.
const DEPTH_MAX: usize = 40;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Move {
    Freeze,
    Notices,
    Begin,
    Enrol,
    Complete,
    Secure(SecuringVerb),
    EndWait,
    Veto(&'static str),
    Dispute,
    Vote(Winner),
    Withdraw,
    Expire,
    CloseWindow,
    Day,
}

const MOVES: [Move; 17] = [
    Move::Freeze,
    Move::Notices,
    Move::Begin,
    Move::Enrol,
    Move::Complete,
    Move::Secure(SecuringVerb::Suspend),
    Move::Secure(SecuringVerb::Restore),
    Move::Secure(SecuringVerb::Destroy),
    Move::EndWait,
    Move::Veto("email"),
    Move::Dispute,
    Move::Vote(Winner::Applicant),
    Move::Vote(Winner::Objector),
    Move::Withdraw,
    Move::Expire,
    Move::CloseWindow,
    Move::Day,
];

/// Does a move; whether anything happened.
fn go(w: &mut World, step: Move) -> bool {
    let action = SecuringAction(ACTIONS[0].to_owned());
    let mode = Mode::Locked;
    let answer = match step {
        Move::Freeze => w.system(&Command::AcknowledgeFreeze { version: 3, mode }),
        Move::Notices => {
            let (approval, channels) = (w.approval(), 1);
            w.system(&Command::AcknowledgeNotices { approval, channels })
        }
        Move::Begin => {
            let _ = w.system(&Command::IssueTicket);
            let proof = Proof::CaseKey;
            w.applicant(&Command::BeginHandover { proof })
        }
        Move::Enrol => {
            let kinds = [
                CredentialKind::Email,
                CredentialKind::Password,
                CredentialKind::Totp,
                CredentialKind::Passkey,
            ];
            let last = kinds.map(|credential| w.applicant(&Command::Enrol { credential }));
            last.into_iter().last().unwrap()
        }
        Move::Complete => w.applicant(&Command::CompleteHandover),
        Move::Secure(verb) => {
            let said = Command::AcknowledgeSecuring {
                action: action.clone(),
                verb,
            };
            match w.system(&said) {
                Ok(_) => w.system(&Command::VerifySecuring { action, verb }),
                refused => refused,
            }
        }
        Move::EndWait => w.system(&Command::EndWait),
        Move::Veto(name) => w.vetoes(name),
        Move::Dispute => w.applicant(&Command::Dispute),
        Move::Vote(winner) => {
            let senior = format!("s{}", w.history().len() + 1);
            w.votes(&senior, winner)
        }
        Move::Withdraw => w.applicant(&Command::Withdraw),
        Move::Expire => w.system(&Command::Expire),
        Move::CloseWindow => w.system(&Command::CloseVetoWindow),
        Move::Day => {
            w.days(1);
            return true;
        }
    };
    answer.is_ok_and(|events| !events.is_empty())
}

impl World {
    fn history(&self) -> &[recovery::case::Recorded] {
        &self.sides[self.at].history
    }
}

/// Hours until a moment, as far as they matter.
fn ahead(w: &World, at: Option<Timestamp>) -> Option<i64> {
    at.map(|at| at.since(w.now).as_millis().max(0) / 3_600_000)
}

/// What tells two situations apart: everything the rules read, times relative to now.
fn situation(w: &World) -> String {
    let case = w.case();
    let wait = case.wait.as_ref();
    let handover = &case.handover;
    let bits = (
        case.state,
        wait.map(|wait| {
            (
                wait.frozen_at.is_some(),
                wait.notified_at.is_some(),
                wait.span,
            )
        }),
        wait.map(|wait| ahead(w, wait.until)),
        wait.map(|wait| ahead(w, Some(wait.approved_at + Span::days(DAYS_TO_FINISH)))),
        (
            ahead(w, handover.ticket_until),
            handover.begun_at.map(|at| w.now.since(at) < DAY),
        ),
        (&handover.enrolled, handover.completed_at.is_some()),
        case.securing
            .values()
            .map(|done| done.verified.keys().collect::<Vec<_>>()),
    );
    let securing: Vec<_> = bits.6.collect();
    let votes: Option<Vec<_>> = case
        .stop
        .as_ref()
        .map(|stop| stop.votes.iter().map(|(_, winner, _)| *winner).collect());
    let rest = (
        ahead(w, case.stop.as_ref().map(|stop| stop.dispute_until)),
        votes,
        &case.lost_channels,
        ahead(w, case.veto_until),
        (
            case.veto_window_closed,
            case.holds_approval,
            case.froze_account,
        ),
    );
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {securing:?} {rest:?}",
        bits.0, bits.1, bits.2, bits.3, bits.4, bits.5
    )
}

const DAY: Span = Span::hours(24);

/// The statements, from the events.
fn check(w: &World, way: &[Move]) {
    let history = w.history();
    let place = |wanted: fn(&Event) -> bool| history.iter().rposition(|r| wanted(&r.event));
    let free = mode_of(w.case()) == Mode::None;
    let completed = place(|e| matches!(e, Event::HandoverCompleted { .. }));
    let read = |verb: SecuringVerb| {
        let done = |e: &Event| matches!(e, Event::SecuringVerified { verb: v, .. } if *v == verb);
        history.iter().any(|r| done(&r.event))
    };
    match w.state() {
        State::Recovered => {
            let recovered = place(|e| matches!(e, Event::CaseRecovered { .. })).unwrap();
            let started = place(|e| matches!(e, Event::WaitStarted { .. })).unwrap();
            let begun = history[started].at;
            assert!(history[recovered].at.since(begun) >= DAY, "1: {way:?}");
            assert!(
                completed.is_some() && read(SecuringVerb::Suspend),
                "2: {way:?}"
            );
        }
        State::Withdrawn | State::Expired | State::Blocked => {
            let back = completed.is_none() || read(SecuringVerb::Restore);
            assert_eq!(free, back, "2: {way:?}");
        }
        _ => assert!(!free, "2: free in {:?} by {way:?}", w.state()),
    }
    let stops = history.iter().filter(|r| {
        matches!(
            r.event,
            Event::CaseStopped {
                cause: StopCause::Veto { .. },
                ..
            }
        )
    });
    assert!(stops.count() <= 1, "4: one channel, one stop: {way:?}");
}

#[test]
fn from_an_approval_on_every_order_of_events_keeps_the_statements() {
    let short = DEFAULT
        .replace(
            "days_to_finish = 30",
            &format!("days_to_finish = {DAYS_TO_FINISH}"),
        )
        .replace("dispute_days = 7", "dispute_days = 2");
    let mut start = World::with(Policy::parse(&short).unwrap());
    start.actions = 1;
    start.approved();
    start.replays = false;
    let mut known = BTreeSet::from([situation(&start)]);
    let mut open = VecDeque::from([(start, Vec::new())]);
    let mut states = BTreeSet::new();
    let (mut moves, mut deepest) = (0_u64, 0);
    while let Some((w, way)) = open.pop_front() {
        states.insert(w.state());
        deepest = deepest.max(way.len());
        for step in MOVES {
            let mut next = w.clone();
            let mut way = way.clone();
            way.push(step);
            if way.len() > DEPTH_MAX || !go(&mut next, step) {
                continue;
            }
            moves += 1;
            check(&next, &way);
            if known.insert(situation(&next)) {
                open.push_back((next, way));
            }
        }
        assert!(
            known.len() < SITUATIONS_MAX,
            "the search is not bounded by its states"
        );
    }
    eprintln!("{} situations, {moves} moves, depth {deepest}", known.len());
    assert!(deepest < DEPTH_MAX, "some situations lie deeper");
    assert_eq!(states.len(), 7, "{states:?}");
}
