//! Assessments a second on one core, beside reading the event that holds their findings.
//!
//! `cargo run --release -p recovery --example bench_assess`
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures and prints"
)]

use std::hint::black_box;
use std::time::Instant;

use recovery::actor::Actor;
use recovery::case::{Event, Recorded, decode, encode};
use recovery::clues::{ClueFinding, ClueKind, ClueReason, ClueResult};
use recovery::finding::{Finding, Outcome};
use recovery::policy::{DEFAULT, Policy};
use recovery::risk::{GATES, Grounds, Stake, assess};
use recovery::signal::{Bearing, Signal};
use recovery::signals::CODES;
use recovery::time::Timestamp;

type Any = Box<dyn std::error::Error>;

/// How often each is done in a round, and rounds; the best one counts.
const TIMES: u32 = 20_000;
const ROUNDS: usize = 5;
/// Findings besides the gates: about as many as a case has.
const OTHERS: usize = 60;

fn best(mut work: impl FnMut()) -> f64 {
    let round = |_| {
        let began = Instant::now();
        for _ in 0..TIMES {
            work();
        }
        f64::from(TIMES) / began.elapsed().as_secs_f64()
    };
    (0..ROUNDS).map(round).fold(0.0, f64::max)
}

fn findings() -> Vec<Finding> {
    let gate = |gate| Finding::reviewer(gate, Outcome::Pass, "bench/1");
    let mut findings: Vec<Finding> = GATES
        .map(|code| gate(code).measured(0.6, 0.5, "cosine"))
        .to_vec();
    for place in 0..OTHERS {
        let outcome = if place % 9 == 0 {
            Outcome::Unsure
        } else {
            Outcome::Pass
        };
        let code = format!("family{}.check{place}", place % 12);
        findings.push(Finding::reviewer(&code, outcome, "bench/1").measured(0.6, 0.5, "share"));
    }
    findings
}

fn main() -> Result<(), Any> {
    let policy = Policy::parse(DEFAULT)?;
    let findings = findings();
    let clues = ClueKind::ALL.map(|clue| ClueFinding {
        clue,
        result: ClueResult::Miss,
        reason: ClueReason::Different,
    });
    let raises = |code: &&str| Signal::new(code, Bearing::Raises);
    let grounds = Grounds {
        clues: clues.to_vec(),
        signals: CODES.iter().map(raises).collect(),
        ..Grounds::of_stake(Stake::Medium)
    };
    let recorded = Recorded {
        v: 1,
        case: "case_01J00000000000000000000000".parse()?,
        seq: 1,
        at: Timestamp::from_millis(0),
        actor: Actor::System,
        event: Event::ChecksFinished {
            round: 1,
            findings: findings.clone(),
            tier: assess(&policy, &findings, &grounds, true).tier,
            grounds: Some(grounds.clone()),
        },
    };
    let bytes = encode(&recorded)?;
    let assessed = best(|| {
        black_box(assess(&policy, black_box(&findings), &grounds, true));
    });
    let read = best(|| {
        let _ = black_box(decode(black_box(&bytes)));
    });
    let (found, signals) = (findings.len(), CODES.len());
    println!("{found} findings, {signals} signals, 6 clues: {assessed:.0} assessments a second");
    let size = bytes.len();
    println!("reading the event that holds them, {size} bytes: {read:.0} a second");
    println!("an assessment takes {:.2} of reading", read / assessed);
    Ok(())
}
