//! What the platform is told of a case's life, event by event.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
#![allow(missing_docs, dead_code, unused_imports, clippy::panic)]

mod common;

use std::collections::BTreeSet;

use common::*;
use recovery::case::{Command, News, Recorded, evolve, news};
use recovery::evidence::{Capture, EvidenceKind};

/// Names and accounts of what is told of a history.
fn told(history: &[Recorded]) -> Vec<(News, String)> {
    let mut case = None;
    let mut told = Vec::new();
    for recorded in history {
        let before = case.clone();
        case = evolve(case, recorded);
        let said = news(before.as_ref(), case.as_ref().unwrap(), &recorded.event);
        told.extend(said.map(|(news, account)| (news, account.0)));
    }
    told
}

fn kinds_of(w: &World) -> Vec<News> {
    let told = told(&w.sides[0].history);
    told.into_iter().map(|(news, _)| news).collect()
}

#[test]
fn the_guide_has_every_event_and_no_other() {
    const GUIDE: &str = include_str!("../../../docs/guide/webhooks.md");
    let rows: Vec<&str> = GUIDE
        .lines()
        .filter(|line| line.starts_with("| `case."))
        .collect();
    let row = |news: &News| format!("| `{}` | {} |", news.name(), news.meaning());
    let expected: Vec<String> = News::ALL.iter().map(row).collect();
    assert_eq!(rows, expected);
}

#[test]
fn a_recovery_is_told_from_opening_to_its_end_about_one_account() {
    let mut w = World::new();
    w.recovered();
    w.days(8).timers();
    w.days(60).timers();
    let expected = [
        News::Opened,
        News::Submitted,
        News::InReview,
        News::Locked,
        News::Approved,
        News::WaitStarted,
        News::HandoverBegun,
        News::HandoverCompleted,
        News::Recovered,
        News::VetoWindowClosed,
        News::Erased,
    ];
    let mut seen = kinds_of(&w);
    let both: BTreeSet<News> = seen.iter().copied().collect();
    assert_eq!(both, BTreeSet::from(expected), "{seen:?}");
    seen.dedup();
    assert_eq!(seen.first(), Some(&News::Opened));
    let accounts: BTreeSet<String> = told(&w.sides[0].history)
        .into_iter()
        .map(|(_, account)| account)
        .collect();
    assert_eq!(accounts.len(), 1);
}

#[test]
fn a_stopped_and_contested_case_is_told() {
    let mut w = World::new();
    w.cooling_off().contested();
    let told = kinds_of(&w);
    for news in [News::Stopped, News::Contested] {
        assert!(told.contains(&news), "{told:?}");
    }
}

#[test]
fn nothing_is_told_of_a_case_without_an_account() {
    let mut w = World::new();
    w.opens().consents().names_account();
    w.proves("a").unwrap();
    w.resolved_to(None).unwrap();
    w.adds_all(Capture::Live);
    w.submits().checked(passing());
    let history = &w.sides[0].history;
    assert!(history.len() > 8, "{}", history.len());
    assert_eq!(told(history), []);
}

#[test]
fn a_corrected_account_is_told_to_be_left_and_the_new_one_named() {
    let mut w = World::new();
    w.opens().consents().names_account();
    w.proves("a").unwrap();
    w.resolved_to(Some("acct_1")).unwrap();
    let other = Command::GiveIdentifier {
        index: index("other"),
    };
    w.applicant(&other).unwrap();
    w.resolved_to(Some("acct_2")).unwrap();
    let expected = [
        (News::Opened, "acct_1".to_owned()),
        (News::AccountLeft, "acct_1".to_owned()),
        (News::Opened, "acct_2".to_owned()),
    ];
    assert_eq!(told(&w.sides[0].history), expected);
}
