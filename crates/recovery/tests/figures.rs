//! What cases add to the operator's figures, and what an operator reads from them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
#![allow(missing_docs, dead_code, unused_imports, clippy::panic)]

mod common;

use std::collections::BTreeMap;

use common::*;
use recovery::case::{Command, Recorded, evolve};
use recovery::evidence::{Capture, EvidenceKind};
use recovery::figures::{Amount, Key, Numbers, Row, month_of, moved};
use recovery::share::Share;
use recovery::time::Timestamp;

type Counters = BTreeMap<Key, Amount>;

/// Adds what every event of a history changes, as the shell does.
fn counted(history: &[Recorded], counters: &mut Counters) {
    let mut case = None;
    for recorded in history {
        let before = case.clone();
        case = evolve(case, recorded);
        for (key, amount) in moved(before.as_ref(), case.as_ref().unwrap()) {
            let counter = counters.entry(key).or_default();
            counter.count += amount.count;
            counter.total_ms += amount.total_ms;
        }
    }
    let mut alone: Counters = moved(None, case.as_ref().unwrap()).into_iter().collect();
    alone.retain(|_, amount| *amount != Amount::default());
    for (key, amount) in alone {
        let counter = counters.get(&key).unwrap();
        assert!(counter.count >= amount.count, "{key:?}");
    }
}

fn rows(worlds: &[&World]) -> Vec<Row> {
    let mut counters = Counters::new();
    for world in worlds {
        counted(&world.sides[0].history, &mut counters);
    }
    let row = |(key, amount): (Key, Amount)| Row {
        month: "2026-11".to_owned(),
        policy: "2".to_owned(),
        name: key.name.to_owned(),
        label: key.label,
        count: amount.count,
        total_ms: amount.total_ms,
    };
    counters.into_iter().map(row).collect()
}

#[test]
fn a_returned_and_approved_case_is_counted_with_its_reasons_and_times() {
    let mut w = World::new();
    w.gathers(Capture::Live).hours(3);
    w.submits().checked(blurred(EvidenceKind::IdFront));
    w.adds(EvidenceKind::IdFront, Capture::Live).unwrap();
    w.hours(1);
    w.submits().checked(passing());
    w.verdict("r1", approve()).unwrap();
    w.verdict("r2", approve()).unwrap();
    let numbers = Numbers::of(&rows(&[&w]));
    assert_eq!(numbers.sent(), 1);
    assert_eq!(numbers.all.success(), Share::new(0, 0), "it has not ended");
    assert_eq!(numbers.returned_share(), Share::new(1, 1));
    assert_eq!(numbers.returned["machine"], 1);
    let asked = ("id_front".to_owned(), "image.blur".to_owned(), 1);
    assert_eq!(numbers.asked, [asked]);
    assert_eq!(numbers.agreed(), Share::new(1, 1));
    let decision = &numbers.times["decision"];
    assert_eq!((decision.count(), decision.within(0.5)), (1, Some(1)));
    assert!(!numbers.times.contains_key("reviewing"), "only when over");
}

#[test]
fn a_recovered_and_a_refused_case_make_a_share() {
    let mut recovered = World::new();
    recovered.recovered();
    let mut refused = World::new();
    refused.reviewing().hours(30);
    refused.verdict("r1", approve()).unwrap();
    refused.verdict("s1", reject()).unwrap();
    refused.verdict("s2", reject()).unwrap();
    let numbers = Numbers::of(&rows(&[&recovered, &refused]));
    assert_eq!(numbers.all.success_of_all(), Share::new(1, 2));
    assert_eq!(numbers.all.of("ordinary", "rejected"), 1);
    let (month, policy, ends) = &numbers.months[0];
    assert_eq!((month.as_str(), policy.as_str()), ("2026-11", "2"));
    assert_eq!(ends, &numbers.all);
    let wait = &numbers.times["cooling_off"];
    assert_eq!(wait.count(), 1);
    assert!(wait.within(0.5).unwrap() >= 24);
    assert_eq!(numbers.times["reviewing"].within(0.9), Some(48));
}

#[test]
fn a_request_for_no_account_says_nothing_of_how_people_fare() {
    let mut w = World::new();
    w.opens().consents().names_account();
    w.proves("new@example.org").unwrap();
    w.resolved_to(None).unwrap();
    let numbers = Numbers::of(&rows(&[&w]));
    assert_eq!(numbers.all.of("phantom", "open"), 1);
    assert_eq!(numbers.sent(), 0);
    w.applicant(&Command::Withdraw).unwrap();
    let numbers = Numbers::of(&rows(&[&w]));
    assert_eq!(numbers.all.of("phantom", "open"), 0);
    assert_eq!(numbers.all.of("phantom", "withdrawn"), 1);
    assert_eq!(numbers.all.success_of_all(), Share::new(0, 0));
}

#[test]
fn months_are_those_of_opening_in_utc() {
    assert_eq!(month_of(Timestamp::from_millis(0)), "1970-01");
    assert_eq!(
        month_of(Timestamp::from_millis(1_796_083_199_999)),
        "2026-11"
    );
    assert_eq!(
        month_of(Timestamp::from_millis(1_796_083_200_000)),
        "2026-12"
    );
}

#[test]
fn counters_that_nobody_knows_are_left_out() {
    let row = |name: &str, label: &str, count| Row {
        month: "2026-11".to_owned(),
        policy: "2".to_owned(),
        name: name.to_owned(),
        label: label.to_owned(),
        count,
        total_ms: 0,
    };
    let numbers = Numbers::of(&[
        row("end", "ordinary.recovered", 3),
        row("end", "ordinary.rejected", -1),
        row("weather", "rain", 9),
        row("time", "review", 2),
    ]);
    assert_eq!(numbers.all.success(), Share::new(3, 3));
    assert!(numbers.times.is_empty());
}
