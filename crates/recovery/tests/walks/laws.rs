//! The statements of DESIGN section 2, checked from the events alone where that is possible: the
//! checker must not trust the state that it checks.

use std::collections::{BTreeMap, BTreeSet};

use recovery::actor::{Actor, ChannelRef, Rank};
use recovery::case::{
    Case, Command, Decision, EndReason, Event, Pathway, Recorded, SecuringVerb, State, StopCause,
    Winner, decide, encode,
};
use recovery::document::DocumentKind;
use recovery::evidence::{Capture, EvidenceKind};
use recovery::finding::Outcome;
use recovery::id::{AssignmentId, ReviewerId};
use recovery::restriction::{Mode, mode_of};
use recovery::time::{Span, Timestamp};

use crate::common::*;

const DAY: Span = Span::hours(24);

pub(crate) struct Laws {
    /// The latest end of a wait that was ever promised, per case.
    promised: [Option<Timestamp>; 2],
    /// Channels that lost a decision, per case.
    lost: [BTreeSet<ChannelRef>; 2],
    seen: BTreeSet<&'static str>,
}

fn last(history: &[Recorded], wanted: impl Fn(&Event) -> bool) -> Option<usize> {
    history.iter().rposition(|recorded| wanted(&recorded.event))
}

fn people(history: &[Recorded]) -> BTreeMap<AssignmentId, (ReviewerId, Rank)> {
    let assigned = |recorded: &Recorded| match &recorded.event {
        Event::ReviewerAssigned {
            assignment,
            reviewer,
            rank,
            ..
        } => Some((assignment.clone(), (reviewer.clone(), *rank))),
        _ => None,
    };
    history.iter().filter_map(assigned).collect()
}

impl Laws {
    pub(crate) fn new() -> Self {
        Self {
            promised: [None, None],
            lost: [BTreeSet::new(), BTreeSet::new()],
            seen: BTreeSet::new(),
        }
    }

    /// Statements 4 and 9, asked of the rules before each command.
    pub(crate) fn before(&self, w: &World, actor: &Actor, command: &Command) {
        let Some(case) = &w.sides[w.at].case else {
            return;
        };
        let open = matches!(
            case.state,
            State::Gathering | State::Checking | State::Reviewing | State::CoolingOff
        );
        let window =
            case.state == State::Recovered && case.veto_until.is_some_and(|until| w.now < until);
        if case.account.is_some() && (open || window) {
            let channel = channel("never_used_before");
            let veto = Command::Veto {
                channel: channel.clone(),
            };
            let holder = Actor::Holder { channel };
            assert!(
                w.ask(&holder, &veto).is_ok(),
                "4: a veto in {:?}",
                case.state
            );
        }
        if !case.clues.is_empty() {
            let mut without = case.clone();
            without.clues.clear();
            let facts = w.facts(actor, command);
            let plain = decide(Some(&without), actor, command, &facts, w.now);
            assert_eq!(plain, w.ask(actor, command), "9: clues change no decision");
        }
    }

    pub(crate) fn after(
        &mut self,
        w: &World,
        actor: &Actor,
        before: Option<&Case>,
        events: &[Event],
    ) {
        let side = &w.sides[w.at];
        let history = &side.history;
        let old = history.len() - events.len();
        for (place, event) in events.iter().enumerate() {
            self.wait(w, &history[..=old + place], event);
            self.nothing_personal(&history[old + place]);
            match event {
                Event::CaseApproved { approvers, .. } => {
                    approval(w, &history[..=old + place], approvers);
                    one_approval(w, events);
                }
                Event::LockStarted { .. } => lock(w, history, events),
                Event::CaseRejected { .. } => {
                    assert!(matches!(actor, Actor::Reviewer { .. }), "7: people refuse");
                    rejection(&history[..=old + place]);
                }
                Event::HandoverBegun => {
                    let approved = |e: &Event| matches!(e, Event::CaseApproved { .. });
                    let frozen = |e: &Event| matches!(e, Event::FreezeAcknowledged { .. });
                    assert!(
                        last(history, frozen) > last(history, approved),
                        "2: not frozen"
                    );
                }
                Event::CaseRecovered { .. } => recovered(&history[..=old + place]),
                Event::CaseStopped {
                    cause: StopCause::Veto { channel },
                    ..
                } => assert!(!self.lost[w.at].contains(channel), "4: a losing channel"),
                Event::CaseReturned { .. } => returns(w, history),
                Event::AppealOpened => {
                    let appeals = history.iter().filter(|r| r.event == Event::AppealOpened);
                    assert_eq!(appeals.count(), 1, "7: one appeal");
                }
                Event::ReviewerAssigned { reviewer, .. } => {
                    other_people(&history[..old + place], reviewer);
                }
                Event::ContestDecided { winner } => {
                    self.contest(w, before, &history[..=old + place], *winner);
                }
                _ => {}
            }
        }
        after_a_stop(before, events);
        for side in &w.sides {
            restriction(side);
        }
        let holding = w.sides.iter().filter_map(|side| side.case.as_ref());
        let holding = holding.filter(|case| case.holds_approval).count();
        assert!(holding <= 1, "6: two approvals");
    }

    /// 1: the three words are in, the wait is a day at least, and no promise is taken back.
    fn wait(&mut self, w: &World, history: &[Recorded], event: &Event) {
        let until = match event {
            Event::WaitStarted { until } => {
                let approved = last(history, |e| matches!(e, Event::CaseApproved { .. })).unwrap();
                let epoch = &history[approved..];
                let frozen = last(
                    epoch,
                    |e| matches!(e, Event::FreezeAcknowledged { mode, .. } if *mode != Mode::None),
                );
                let told = last(epoch, |e| matches!(e, Event::NoticesHandedOver { .. }));
                assert!(frozen.is_some() && told.is_some(), "1: an early start");
                assert!(until.since(w.now) >= DAY, "1: a short wait");
                *until
            }
            Event::WaitExtended { until, .. } => {
                told_once(history);
                *until
            }
            _ => return,
        };
        let promised = &mut self.promised[w.at];
        assert!(
            promised.is_none_or(|before| until >= before),
            "1: the wait shrank"
        );
        *promised = Some(until);
    }

    /// 4 and 6: two seniors who had no part in the case before.
    fn contest(&mut self, w: &World, before: Option<&Case>, history: &[Recorded], winner: Winner) {
        let opened = last(history, |e| matches!(e, Event::ContestOpened { .. })).unwrap();
        let people = people(history);
        let early: BTreeSet<_> = self::people(&history[..opened]).into_values().collect();
        let mut voters = BTreeSet::new();
        for recorded in &history[opened..] {
            if let Event::ContestVoted {
                assignment,
                winner: voted,
                ..
            } = &recorded.event
                && *voted == winner
            {
                let voter = people[assignment].clone();
                assert_eq!(voter.1, Rank::Senior, "4: only seniors");
                assert!(!early.contains(&voter), "4: had a part in the case");
                voters.insert(voter);
            }
        }
        let stopped = last(history, |e| matches!(e, Event::CaseStopped { .. })).unwrap();
        let live = history[stopped..]
            .iter()
            .any(|r| matches!(&r.event, Event::LiveFactorShown { factor, .. } if factor.counts()));
        let burden = live && winner == Winner::Applicant;
        let needed = if burden { 3 } else { 2 };
        assert!(voters.len() >= needed, "4: {needed} seniors");
        let decided = history.last().map(|r| r.at);
        let shown = before.and_then(|case| case.stop.as_ref()?.evidence_until);
        assert!(decided >= shown, "4: both sides had their time");
        let stop = before.and_then(|case| case.stop.as_ref());
        let by_veto = stop.is_some_and(|stop| matches!(stop.cause, StopCause::Veto { .. }));
        if by_veto && w.case().state == State::CoolingOff {
            let approved = before.is_some_and(|case| case.holds_approval);
            assert!(approved, "3: approved by a contest, without a review");
        }
        if let (Winner::Applicant, Some(StopCause::Veto { channel })) =
            (winner, stop.map(|stop| &stop.cause))
        {
            self.lost[w.at].insert(channel.clone());
        }
    }

    /// 10: canonical, and no field that could hold a person. Once per kind and walk.
    fn nothing_personal(&mut self, recorded: &Recorded) {
        if self.seen.insert(recorded.event.kind()) {
            let bytes = encode(recorded).unwrap();
            let value = serde_json::from_slice(&bytes).unwrap();
            assert_eq!(forbidden(&value), None, "{}", recorded.event.kind());
        }
    }

    /// 5: over both cases, the account was never locked longer than the cap without an approval.
    pub(crate) fn at_the_end(&self, w: &World) {
        let mut spans: Vec<(i64, i64)> = Vec::new();
        for side in &w.sides {
            let mut open: Option<(i64, i64)> = None;
            for recorded in &side.history {
                let at = recorded.at.millis();
                let ends = matches!(
                    recorded.event,
                    Event::LockLapsed
                        | Event::CaseReturned { .. }
                        | Event::CaseRejected { .. }
                        | Event::CaseClosed { .. }
                        | Event::CaseApproved { .. }
                );
                if ends && let Some((since, until)) = open.take() {
                    spans.push((since, at.min(until)));
                }
                if let Event::LockStarted { until, .. } = &recorded.event {
                    open = Some((at, until.millis()));
                }
            }
            spans.extend(open);
        }
        spans.sort_unstable();
        let (mut total, mut end) = (0, i64::MIN);
        for (since, until) in spans {
            total += (until - since.max(end)).max(0);
            end = end.max(until);
        }
        let cap = Span::days(w.policy.lock.days_per_account_max);
        assert!(total <= cap.as_millis(), "5: locked for {total} ms");
    }
}

/// What the policy asks for; of a passport no back.
fn required(w: &World, history: &[Recorded]) -> Vec<EvidenceKind> {
    let document = history
        .iter()
        .rev()
        .find_map(|recorded| match recorded.event {
            Event::DocumentChosen { document } => Some(document),
            _ => None,
        });
    let mut kinds = w.policy.gathering.required.clone();
    if document == Some(DocumentKind::Passport) {
        kinds.retain(|kind| *kind != EvidenceKind::IdBack);
    }
    kinds
}

/// 3: required evidence, seen by the checks as it is; two people or more, without a conflict, who
/// agree; a senior's exception where something was not captured live.
fn approval(w: &World, history: &[Recorded], approvers: &[ReviewerId]) {
    let case = w.case();
    assert!(case.account.is_some(), "3: a phantom was approved");
    let sent = last(history, |e| matches!(e, Event::CaseSubmitted { .. })).unwrap();
    let checked = last(history, |e| matches!(e, Event::ChecksFinished { .. })).unwrap();
    assert!(checked > sent, "3: not checked since it was sent");
    let Event::CaseSubmitted { pathway, .. } = &history[sent].event else {
        unreachable!()
    };
    let mut exception_needed = *pathway == Pathway::EqualPath;
    for kind in required(w, history) {
        let added = last(
            history,
            |e| matches!(e, Event::EvidenceAdded { item } if item.kind == kind),
        );
        let added = added.expect("3: required evidence is missing");
        assert!(added < sent, "3: evidence that no check has seen");
        let Event::EvidenceAdded { item } = &history[added].event else {
            unreachable!()
        };
        exception_needed |= item.capture == Capture::NotLive;
    }
    let distinct: BTreeSet<_> = approvers.iter().collect();
    assert!(
        distinct.len() >= 2 && distinct.len() == approvers.len(),
        "3: two people"
    );
    let people = people(history);
    let from = last(history, |e| {
        matches!(e, Event::ReviewOpened { .. } | Event::ContestOpened { .. })
    });
    let mut agreed = BTreeMap::new();
    for recorded in &history[from.unwrap()..] {
        let (assignment, exception) = match &recorded.event {
            Event::VerdictGiven {
                assignment,
                decision: Decision::Approve,
                exception,
                ..
            }
            | Event::ContestVoted {
                assignment,
                winner: Winner::Applicant,
                exception,
            } => (assignment, exception),
            _ => continue,
        };
        let (who, rank) = &people[assignment];
        agreed.insert(who, (*rank, exception.is_some()));
    }
    assert!(
        approvers.iter().all(|who| agreed.contains_key(who)),
        "3: without a verdict"
    );
    let excepted = approvers
        .iter()
        .any(|who| agreed[who] == (Rank::Senior, true));
    assert!(!exception_needed || excepted, "3: no exception by a senior");
    for recorded in history {
        if let Event::AssignmentEnded {
            assignment,
            conflict: true,
            ..
        } = &recorded.event
        {
            assert!(
                !approvers.contains(&people[assignment].0),
                "3: a conflict of interest"
            );
        }
    }
}

/// 7: two people agree on a refusal as well.
fn rejection(history: &[Recorded]) {
    let from = last(history, |e| matches!(e, Event::ReviewOpened { .. })).unwrap();
    let people = people(history);
    let mut agreed = BTreeSet::new();
    for recorded in &history[from..] {
        if let Event::VerdictGiven {
            assignment,
            decision: Decision::Reject,
            ..
        } = &recorded.event
        {
            agreed.insert(people[assignment].0.clone());
        }
    }
    assert!(agreed.len() >= 2, "7: refused by one");
}

/// 6: never past a rival who waits, unless seniors decided in this very step.
fn one_approval(w: &World, events: &[Event]) {
    let account = &w.case().account;
    let other = w.sides[1 - w.at].case.as_ref();
    let Some(other) = other.filter(|case| case.account == *account) else {
        return;
    };
    assert!(!other.holds_approval, "6: a second approval");
    let decided = events
        .iter()
        .any(|e| matches!(e, Event::ContestDecided { .. }));
    let between = decided || w.case().lost_rivals.contains(&other.id);
    let waits = other.passed_phase1 && other.state.is_open();
    assert!(!waits || between, "6: past a waiting rival");
}

/// 5: a lock comes with a full pass or with a reviewer's first credible look, never by asking.
fn lock(w: &World, history: &[Recorded], events: &[Event]) {
    assert!(w.case().account.is_some(), "5: a phantom locked something");
    let by_people = events.iter().any(|event| {
        matches!(
            event,
            Event::VerdictGiven {
                decision: Decision::Approve,
                ..
            }
        )
    });
    let full = |event: &Event| match event {
        Event::ChecksFinished { findings, .. } => {
            let gate = |gate: &&str| {
                let passed = findings.iter().filter(|f| f.code == **gate);
                passed.clone().count() > 0 && passed.clone().all(|f| f.outcome == Outcome::Pass)
            };
            GATES.iter().all(gate)
        }
        _ => false,
    };
    let live = required(w, history).into_iter().all(|kind| {
        let item = w.case().evidence_of(kind);
        item.is_some_and(|item| item.capture == Capture::Live)
    });
    assert!(
        by_people || (events.iter().any(full) && live),
        "5: a lock for nothing"
    );
}

/// 1: a change makes one wait longer once, however often it is told.
fn told_once(history: &[Recorded]) {
    let approved = last(history, |e| matches!(e, Event::CaseApproved { .. })).unwrap();
    let mut keys = BTreeSet::new();
    for recorded in &history[approved..] {
        if let Event::AccountChanged { key, .. } = &recorded.event {
            assert!(keys.insert(key), "1: a change counted twice");
        }
    }
}

/// 2, at the moment at which restrictions end.
fn recovered(history: &[Recorded]) {
    let now = history.last().unwrap().at;
    let started = last(history, |e| matches!(e, Event::WaitStarted { .. })).unwrap();
    assert!(now.since(history[started].at) >= DAY, "1: less than a day");
    let approved = last(history, |e| matches!(e, Event::CaseApproved { .. })).unwrap();
    assert!(started > approved, "1: the wait of an earlier approval");
    for recorded in &history[started..] {
        let until = match &recorded.event {
            Event::WaitStarted { until } | Event::WaitExtended { until, .. } => *until,
            _ => continue,
        };
        assert!(now >= until, "1: before the wait was over");
    }
    let done = last(history, |e| matches!(e, Event::HandoverCompleted { .. })).unwrap();
    let Event::HandoverCompleted { actions } = &history[done].event else {
        unreachable!()
    };
    assert!(!actions.is_empty());
    for wanted in actions {
        let read = last(history, |e| {
            matches!(e, Event::SecuringVerified { action, verb: SecuringVerb::Suspend }
                if action == wanted)
        });
        assert!(read.is_some_and(|place| place > done), "2: not read back");
    }
}

/// 7: returns by machine are bounded per item.
fn returns(w: &World, history: &[Recorded]) {
    let mut count: BTreeMap<EvidenceKind, u32> = BTreeMap::new();
    for recorded in history {
        if let Event::CaseReturned {
            items,
            by_machine: true,
            ..
        } = &recorded.event
        {
            for (kind, _) in items {
                *count.entry(*kind).or_default() += 1;
            }
        }
    }
    let max = w.policy.gathering.returns_per_item_max;
    assert!(
        count.values().all(|times| *times <= max),
        "7: for ever returned"
    );
}

/// 7: an appeal is for people who had no part before it; 3: nobody with a conflict comes back.
fn other_people(history: &[Recorded], reviewer: &ReviewerId) {
    let before = last(history, |e| *e == Event::AppealOpened).unwrap_or(0);
    let early = people(&history[..before]);
    assert!(
        early.values().all(|(who, _)| who != reviewer),
        "7: the same people"
    );
    let all = people(history);
    for recorded in history {
        if let Event::AssignmentEnded {
            assignment,
            conflict: true,
            ..
        } = &recorded.event
        {
            assert_ne!(all[assignment].0, *reviewer, "3: conflict");
        }
    }
}

/// 4: out of a stop only seniors lead on; all else ends the case.
fn after_a_stop(before: Option<&Case>, events: &[Event]) {
    let Some(before) = before else { return };
    if !matches!(before.state, State::Stopped | State::Contested) {
        return;
    }
    let decided = events
        .iter()
        .any(|e| matches!(e, Event::ContestDecided { .. }));
    for event in events {
        assert!(
            !goes_on(event) || decided,
            "4: {} without seniors",
            event.kind()
        );
    }
}

/// 2 and 5: what a case asks of its account, from its events.
fn restriction(side: &Side) {
    let Some(case) = &side.case else { return };
    let history = &side.history;
    let mode = mode_of(case);
    let approved = last(history, |e| matches!(e, Event::CaseApproved { .. }));
    let locked = last(history, |e| matches!(e, Event::LockStarted { .. }));
    assert!(
        mode == Mode::None || approved.is_some() || locked.is_some(),
        "5: asked only"
    );
    let over = last(history, |e| {
        matches!(
            e,
            Event::CaseReturned { .. } | Event::CaseRejected { .. } | Event::CaseClosed { .. }
        )
    });
    let Some(approved) = approved.filter(|place| over.is_none_or(|over| over < *place)) else {
        let handed = last(history, |e| matches!(e, Event::HandoverCompleted { .. }));
        let ended = over.is_some_and(|place| place > locked.unwrap_or(0));
        if ended && handed.is_none() {
            assert_eq!(mode, Mode::None, "5: a lock outlived {:?}", case.state);
        }
        if let (Some(handed), Mode::None, false) = (handed, mode, case.state == State::Recovered) {
            given_back(history, handed);
        }
        return;
    };
    let recovered = last(history, |e| matches!(e, Event::CaseRecovered { .. }));
    let stopped = last(history, |e| matches!(e, Event::CaseStopped { .. })).unwrap_or(0);
    let free = recovered.is_some_and(|place| place > approved && place > stopped);
    assert_eq!(
        mode <= Mode::Thawing,
        free,
        "2: {:?} in {:?}",
        mode,
        case.state
    );
}

/// 2: an end without recovery frees the account only when everything old is back.
fn given_back(history: &[Recorded], handed: usize) {
    let Event::HandoverCompleted { actions } = &history[handed].event else {
        unreachable!()
    };
    for wanted in actions {
        let back = last(history, |e| {
            matches!(e, Event::SecuringVerified { action, verb: SecuringVerb::Restore }
                if action == wanted)
        });
        assert!(back.is_some(), "2: free with {} open", wanted.0);
    }
    let merged = |e: &Event| {
        matches!(
            e,
            Event::CaseClosed {
                reason: EndReason::Merged { .. }
            }
        )
    };
    assert!(
        last(history, merged).is_none(),
        "a handed-over case was merged"
    );
}
