//! Risk: what counts, what never counts, and that nothing worse counts less.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use proptest::prelude::*;
use recovery::clues::{ClueFinding, ClueKind, ClueReason, ClueResult};
use recovery::finding::{Finding, Outcome};
use recovery::policy::{DEFAULT, Policy, Tier};
use recovery::risk::{Caution, GATES, Grounds, Lane, Stake, Standing, assess, because};
use recovery::signal::{Bearing, Signal};

const CODES: [&str; 9] = [
    "face.kyc_note",
    "face.kyc_video",
    "face.live",
    "document.same",
    "phrase.spoken",
    "reuse.person",
    "reuse.face",
    "image.blur",
    "video.cut",
];
const SIGNALS: [&str; 4] = [
    "ip.distance",
    "ip.travel",
    "device.familiar",
    "account.changes",
];
/// From the best to the worst.
const WORSE: [Outcome; 5] = [
    Outcome::Pass,
    Outcome::Retake,
    Outcome::Unsure,
    Outcome::Unavailable,
    Outcome::Fail,
];
const BEARINGS: [Bearing; 4] = [
    Bearing::Lowers,
    Bearing::Neutral,
    Bearing::Unavailable,
    Bearing::Raises,
];
const RESULTS: [ClueResult; 4] = [
    ClueResult::Unknown,
    ClueResult::Match,
    ClueResult::Near,
    ClueResult::Miss,
];

fn policy() -> Policy {
    Policy::parse(DEFAULT).unwrap()
}

fn found(code: &str, outcome: Outcome) -> Finding {
    Finding::reviewer(code, outcome, "test")
}

fn passing() -> Vec<Finding> {
    GATES
        .iter()
        .map(|code| found(code, Outcome::Pass))
        .collect()
}

fn clue(clue: ClueKind, result: ClueResult) -> ClueFinding {
    ClueFinding {
        clue,
        result,
        reason: ClueReason::Same,
    }
}

fn all_clues(result: ClueResult) -> Vec<ClueFinding> {
    ClueKind::ALL.map(|kind| clue(kind, result)).to_vec()
}

#[test]
fn a_clear_case_is_standard_and_fast_and_a_closed_gate_is_neither() {
    let grounds = Grounds::of_stake(Stake::Small);
    let clear = assess(&policy(), &passing(), &grounds, true);
    assert_eq!((clear.tier, clear.lane), (Tier::Standard, Lane::Fast));
    assert_eq!(clear.score_milli, 0);
    assert_eq!(
        assess(&policy(), &passing(), &grounds, false).lane,
        Lane::Ordinary
    );
    for gate in 0..GATES.len() {
        let mut findings = passing();
        findings.remove(gate);
        let closed = assess(&policy(), &findings, &grounds, true);
        assert!(!closed.gates[gate].open);
        assert_eq!(closed.lane, Lane::Ordinary);
    }
}

#[test]
fn where_people_decide_without_a_gate_more_of_them_look() {
    let grounds = Grounds::of_stake(Stake::Small);
    for (gate, doubted) in [
        ("face.kyc_note", Tier::High),
        ("face.kyc_video", Tier::High),
        ("document.same", Tier::Elevated),
        ("phrase.spoken", Tier::High),
    ] {
        for outcome in WORSE {
            let mut findings = passing();
            findings.retain(|finding| finding.code != gate);
            findings.push(found(gate, outcome));
            let assessment = assess(&policy(), &findings, &grounds, true);
            let (floor, tier) = match outcome {
                Outcome::Pass => (None, Tier::Standard),
                Outcome::Fail => (Some("failed"), Tier::Exceptional),
                _ => (Some("not passed"), doubted),
            };
            let told = assessment.floors.iter().find(|floor| floor.code == gate);
            assert_eq!(told.map(|floor| floor.was), floor, "{gate} {outcome:?}");
            assert_eq!(assessment.tier, tier, "{gate} {outcome:?}");
            // A pass of the same name beside it opens nothing.
            findings.push(found(gate, Outcome::Pass));
            let beside = assess(&policy(), &findings, &grounds, true);
            assert_eq!(beside.gates, assessment.gates, "{gate} {outcome:?}");
            assert_eq!(beside.tier, tier, "{gate} {outcome:?}");
        }
    }
    let nothing = assess(&policy(), &[], &grounds, true);
    assert_eq!(nothing.tier, Tier::High, "what nobody found is doubted");
}

#[test]
fn a_source_that_few_have_counts_only_when_it_says_something() {
    let score = |signals: Vec<Signal>| {
        let grounds = Grounds {
            signals,
            ..Grounds::of_stake(Stake::Small)
        };
        assess(&policy(), &passing(), &grounds, true).score_milli
    };
    let missing = |code: &str| Signal::unavailable(code);
    assert_eq!(
        score(vec![missing("contact.young"), missing("ip.usual")]),
        0
    );
    assert_eq!(score(vec![missing("contact.disposable")]), 1_000);
    let young = Signal::new("contact.young", Bearing::Raises);
    assert_eq!(score(vec![young]), 10_000);
}

#[test]
fn the_worst_of_a_family_counts_once() {
    let mut findings = passing();
    findings.push(found("video.cut", Outcome::Unsure));
    findings.push(found("video.frozen", Outcome::Unsure));
    findings.push(found("video.sync", Outcome::Fail));
    let grounds = Grounds::of_stake(Stake::Small);
    let assessment = assess(&policy(), &findings, &grounds, true);
    assert_eq!(assessment.score_milli, 30_000);
    let [only] = assessment.contributions.as_slice() else {
        panic!("{:?}", assessment.contributions)
    };
    assert_eq!((only.code.as_str(), only.was), ("video.sync", "fail"));
    assert_eq!(assessment.lane, Lane::Low);
    assert_eq!(because(only), "This check found against the applicant");
}

#[test]
fn what_is_at_stake_sets_a_least_tier_that_nothing_lowers() {
    let familiar = vec![Signal::new("device.familiar", Bearing::Lowers)];
    for (stake, tier) in [
        (Stake::Small, Tier::Standard),
        (Stake::Medium, Tier::Elevated),
        (Stake::Large, Tier::High),
        (Stake::Unknown, Tier::High),
    ] {
        let grounds = Grounds {
            signals: familiar.clone(),
            clues: all_clues(ClueResult::Match),
            ..Grounds::of_stake(stake)
        };
        assert_eq!(assess(&policy(), &passing(), &grounds, true).tier, tier);
    }
    let archived = Grounds {
        standing: Standing::Archived,
        ..Grounds::of_stake(Stake::Small)
    };
    let archived = assess(&policy(), &passing(), &archived, true);
    assert_eq!((archived.tier, archived.lane), (Tier::High, Lane::Ordinary));
    let watched = Grounds {
        caution: Caution::High,
        ..Grounds::of_stake(Stake::Small)
    };
    assert_eq!(
        assess(&policy(), &passing(), &watched, true).tier,
        Tier::High
    );
}

#[test]
fn a_high_risk_region_is_exceptional_and_a_missing_source_is_not_nothing() {
    let with = |signal| Grounds {
        signals: vec![signal],
        ..Grounds::of_stake(Stake::Small)
    };
    let region = with(Signal::new("ip.region", Bearing::Raises));
    assert_eq!(
        assess(&policy(), &passing(), &region, true).tier,
        Tier::Exceptional
    );
    let blind = with(Signal::unavailable("ip.region"));
    assert!(assess(&policy(), &passing(), &blind, true).score_milli > 0);
}

#[test]
fn what_a_stopped_request_left_behind_brings_a_senior_whatever_the_points() {
    let with = |signal: Signal| Grounds {
        signals: vec![signal],
        ..Grounds::of_stake(Stake::Small)
    };
    for code in ["contact.marked", "device.marked"] {
        let marked = with(Signal::new(code, Bearing::Raises).measured(1, "cases"));
        let shared = assess(&policy(), &passing(), &marked, true);
        assert_eq!((shared.tier, shared.lane), (Tier::High, Lane::Ordinary));
        assert!(shared.score_milli < 50_000, "not by points");
        let floor = shared.floors.iter().find(|floor| floor.code == "marks");
        assert_eq!(floor.map(|floor| floor.tier), Some(Tier::High));
        let said = shared.contributions.iter().find(|part| part.code == code);
        assert!(because(said.unwrap()).ends_with("was used in a request that was stopped"));
        for silent in [Bearing::Neutral, Bearing::Unavailable] {
            let nobody = with(Signal::new(code, silent));
            let clear = assess(&policy(), &passing(), &nobody, true);
            assert_eq!((clear.tier, clear.score_milli), (Tier::Standard, 0));
            assert!(clear.floors.iter().all(|floor| floor.code != "marks"));
        }
    }
    let mut findings = passing();
    findings.push(found("reuse.person_marked", Outcome::Unsure));
    let face = assess(&policy(), &findings, &Grounds::of_stake(Stake::Small), true);
    assert_eq!(face.tier, Tier::High);
    assert!(face.gates.iter().all(|gate| gate.open), "no gate is closed");
}

#[test]
fn a_policy_in_which_something_worse_counts_less_is_refused() {
    for (from, to, words) in [
        ("fail = 30.0", "fail = 1.0", "nothing worse may count less"),
        (
            "high_from = 50.0",
            "high_from = 20.0",
            "nothing worse may count less",
        ),
        (
            "exceptional = 3",
            "exceptional = 1",
            "quorum.exceptional: 1 is out of range; use 2 to 5",
        ),
        ("high = 2\n", "high = 4\n", "must not need fewer reviewers"),
        (
            "cap = 10.0",
            "cap = nan",
            "clues.cap: NaN is out of range; use 0 to 1000",
        ),
        (
            "cards = 0.5",
            "cards = 1.5",
            "clues.leaked.cards: 1.5 is out of range; use 0 to 1",
        ),
    ] {
        assert!(DEFAULT.contains(from), "{from}");
        let error = Policy::parse(&DEFAULT.replacen(from, to, 1)).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
}

prop_compose! {
    fn cases()(
        outcomes in prop::collection::vec(0_usize..WORSE.len(), CODES.len()),
        bearings in prop::collection::vec(0_usize..BEARINGS.len(), SIGNALS.len()),
        results in prop::collection::vec(0_usize..RESULTS.len(), ClueKind::ALL.len()),
        stake in 0_usize..3,
        live: bool,
    ) -> (Vec<usize>, Vec<usize>, Vec<usize>, usize, bool) {
        (outcomes, bearings, results, stake, live)
    }
}

type Drawn = (Vec<usize>, Vec<usize>, Vec<usize>, usize, bool);

fn build((outcomes, bearings, results, stake, _): &Drawn) -> (Vec<Finding>, Grounds) {
    let findings = CODES.iter().zip(outcomes);
    let signals = SIGNALS.iter().zip(bearings);
    let clues = ClueKind::ALL.into_iter().zip(results);
    let grounds = Grounds {
        signals: signals
            .map(|(code, at)| Signal::new(code, BEARINGS[*at]))
            .collect(),
        clues: clues.map(|(kind, at)| clue(kind, RESULTS[*at])).collect(),
        ..Grounds::of_stake([Stake::Small, Stake::Medium, Stake::Large][*stake])
    };
    (
        findings.map(|(code, at)| found(code, WORSE[*at])).collect(),
        grounds,
    )
}

proptest! {
    /// A worse finding or signal, or a higher stake, never lowers score or tier.
    #[test]
    fn nothing_worse_counts_less(drawn in cases(), place in 0_usize..20) {
        let (findings, grounds) = build(&drawn);
        let before = assess(&policy(), &findings, &grounds, drawn.4);
        let mut worse = drawn.clone();
        let places = CODES.len() + SIGNALS.len() + 1;
        match place % places {
            at if at < CODES.len() => worse.0[at] = (worse.0[at] + 1).min(WORSE.len() - 1),
            at if at < CODES.len() + SIGNALS.len() => {
                let at = at - CODES.len();
                worse.1[at] = (worse.1[at] + 1).min(BEARINGS.len() - 1);
            }
            _ => worse.3 = (worse.3 + 1).min(2),
        }
        let (findings, grounds) = build(&worse);
        let after = assess(&policy(), &findings, &grounds, drawn.4);
        prop_assert!(after.score_milli >= before.score_milli);
        prop_assert!(after.tier >= before.tier);
        prop_assert!(after.lane >= before.lane);
    }

    /// Statement 9: with whatever clues, gates are the same, and tier and score are never below
    /// those without any.
    #[test]
    fn clues_never_lower_anything(drawn in cases()) {
        let (findings, grounds) = build(&drawn);
        let with = assess(&policy(), &findings, &grounds, drawn.4);
        let silent = Grounds { clues: Vec::new(), ..grounds };
        let without = assess(&policy(), &findings, &silent, drawn.4);
        prop_assert_eq!(&with.gates, &without.gates);
        prop_assert!(with.tier >= without.tier);
        prop_assert!(with.score_milli >= without.score_milli);
        prop_assert!(with.lane >= without.lane);
    }

    /// All clues together stay under their cap, either way.
    #[test]
    fn clues_have_a_cap(drawn in cases(), cap in 0.0_f64..20.0) {
        let mut policy = policy();
        policy.clues.cap = cap;
        let (findings, grounds) = build(&drawn);
        let rated = assess(&policy, &findings, &grounds, drawn.4);
        let doubts = rated.contributions.iter().filter(|part| part.code.starts_with("clue."));
        let doubt: i64 = doubts.map(|part| part.points_milli).sum();
        let cap = (cap * 1000.0).round() as i64;
        prop_assert!(rated.support_milli <= cap);
        prop_assert!(doubt <= cap);
    }
}
