//! Random histories of two cases of one account: what must always hold (DESIGN section 2), after
//! every step. The generator is guided, so that walks reach deep states; coverage is asserted.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::manual_is_multiple_of,
    missing_docs
)]

mod common;
#[path = "walks/laws.rs"]
mod laws;
#[path = "walks/steps.rs"]
mod steps;

use std::cell::RefCell;
use std::collections::BTreeMap;

use common::World;
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use recovery::case::State;
use recovery::policy::{DEFAULT, Policy};

/// Histories per run, and steps of each.
const WALKS: u32 = 2_000;
const STEPS: usize = 80;
/// Every kind of event; a new one must be reached too.
const KINDS: usize = 46;

#[derive(Default)]
struct Coverage {
    states: BTreeMap<&'static str, u32>,
    kinds: BTreeMap<&'static str, u32>,
    refusals: BTreeMap<&'static str, u32>,
    both_stopped: u32,
    recovered_after_contest: u32,
}

#[test]
fn what_must_always_hold_holds_on_every_path() {
    let config = Config {
        cases: WALKS,
        failure_persistence: None,
        max_shrink_iters: 400,
        ..Config::default()
    };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[17; 32]);
    let coverage = RefCell::new(Coverage::default());
    // So that the burden of a live factor shows.
    let text = DEFAULT.replace(
        "seniors_against_live_factor = 2",
        "seniors_against_live_factor = 3",
    );
    let start = World::with(Policy::parse(&text).unwrap());
    let walks = vec(any::<[u16; 4]>(), 8..STEPS);
    let walked = TestRunner::new_with_rng(config, rng).run(&walks, |seeds| {
        walk(start.clone(), &seeds, &mut coverage.borrow_mut());
        Ok(())
    });
    if let Err(failure) = walked {
        panic!("{failure}");
    }
    let seen = coverage.into_inner();
    eprintln!(
        "states {:?}\nkinds {:?}\nrefusals {:?}",
        seen.states, seen.kinds, seen.refusals
    );
    eprintln!(
        "both {} again {}",
        seen.both_stopped, seen.recovered_after_contest
    );
    for state in State::ALL {
        assert!(
            seen.states.contains_key(state.name()),
            "{state:?} not reached"
        );
    }
    assert_eq!(seen.kinds.len(), KINDS, "not every event was reached");
    assert!(seen.refusals.len() >= 22, "{:?}", seen.refusals);
    assert!(seen.both_stopped > 20 && seen.recovered_after_contest > 5);
}

fn walk(mut world: World, seeds: &[[u16; 4]], coverage: &mut Coverage) {
    world.replays = false;
    let mut laws = laws::Laws::new();
    for seed in seeds {
        for (actor, command) in steps::next(&mut world, *seed) {
            let before = world.clone_case();
            laws.before(&world, &actor, &command);
            match world.send(&actor, &command) {
                Ok(events) => {
                    laws.after(&world, &actor, before.as_ref(), &events);
                    for event in &events {
                        *coverage.kinds.entry(event.kind()).or_default() += 1;
                    }
                }
                Err(refusal) => {
                    *coverage.refusals.entry(refusal.code()).or_default() += 1;
                    assert_eq!(before, world.clone_case(), "a refusal changes nothing");
                    break;
                }
            }
        }
        note_states(&world, coverage);
    }
    for side in 0..world.sides.len() {
        world.on(side).check_replay();
    }
    laws.at_the_end(&world);
}

fn note_states(world: &World, coverage: &mut Coverage) {
    let cases: Vec<_> = world.sides.iter().filter_map(|s| s.case.as_ref()).collect();
    for case in &cases {
        *coverage.states.entry(case.state.name()).or_default() += 1;
        if case.state == State::Recovered && case.won_a_contest() {
            coverage.recovered_after_contest += 1;
        }
    }
    let waits =
        |case: &&recovery::case::Case| matches!(case.state, State::Stopped | State::Contested);
    if cases.len() == 2 && cases.iter().all(waits) {
        coverage.both_stopped += 1;
    }
}
