//! An exhaustive check of the case machine: every order of what anybody may do, within bounds,
//! and at every situation that is reached the statements 1 to 6 of DESIGN section 2.
//!
//! What is explored are the real `decide`, `evolve` and `react`, over two cases of one account,
//! two reviewers, three seniors or more, two applicants, a holder, the platform and a clock. Six
//! scopes share the work, for all of it at once would be too much:
//!
//! 1. one case from sending up to its decision: leases, conflicts, returns, refusal, appeal,
//!    files;
//! 2. two rivals from sending up to a decision between them: locks, their cap, contests;
//! 3. two stopped rivals, and a holder who objects to one of them as well;
//! 4. one case from its approval on: the platform's messages late, double, lost and reordered,
//!    the handover, vetoes by two channels before and after recovery, contests, giving back,
//!    destroying;
//! 5. a rival of an approved case, who comes before or after its recovery;
//! 6. one case from its approval on while the platform tells changes, and nobody objects.
//!
//! Timers are commands that may come at any time, early, late, twice or never. Bounds: the clock
//! goes in days, or jumps to what is due later; spans of the policy are as short as its limits
//! allow; one return by the machine and one by people; at most two restrictions under way, and
//! one notice of an approval before the newest; one securing action. Left out: erasure, merged
//! cases, clues, a platform that forgets what it put in force, the count of a pair's decisions,
//! more than two rivals. `REGAIN_CHECK=deep` (`just model-check`) has wider bounds;
//! docs/guide/model-check.md has them all.
//!
//! Two situations are the same when everything that the rules and the statements read is
//! (`projection.rs`). Rules that are broken on purpose (`mutant.rs`) must be found.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    missing_docs
)]

mod common;
#[path = "check/ghost.rs"]
mod ghost;
#[path = "check/moves.rs"]
mod moves;
#[path = "check/mutant.rs"]
mod mutant;
#[path = "check/projection.rs"]
mod projection;
#[path = "check/scopes.rs"]
mod scopes;
#[path = "check/statements.rs"]
mod statements;
#[path = "check/world.rs"]
mod world;

use std::collections::{BTreeSet, HashMap};
use std::time::Instant;

use mutant::Mutant;
use scopes::Scope;
use statements::{Check, DAY, LOCK, ONE, Possible, QUORUM, SECURED, VETO};
use stateright::{Checker, Expectation, HasDiscoveries, Model};

/// Whether this is the longer run.
#[allow(clippy::disallowed_methods, reason = "a longer run, by hand")]
fn deep() -> bool {
    std::env::var("REGAIN_CHECK").is_ok_and(|value| value == "deep")
}

/// Explores all of a scope: no statement is broken, and everything that should be possible is.
#[allow(clippy::disallowed_methods, reason = "the time it took is told")]
fn explore(scope: Scope, possible: &'static [Possible]) {
    let name = scope.name;
    let start = Instant::now();
    let check = Check::new(scope, None, possible).checker();
    // Even when all that is possible was seen, every situation is looked at.
    let check = check.finish_when(HasDiscoveries::AnyFailures);
    let check = check.spawn_bfs().join();
    eprintln!(
        "model check: {name}: {} situations, {} moves, depth {}, {} s",
        check.unique_state_count(),
        check.state_count(),
        check.max_depth(),
        start.elapsed().as_secs()
    );
    let mut seen = check.discoveries();
    for property in check.model().properties() {
        let found = seen.remove(property.name);
        match property.expectation {
            Expectation::Sometimes => assert!(found.is_some(), "never: {}", property.name),
            _ => assert!(
                found.is_none(),
                "{} is broken by {:?}",
                property.name,
                found.map(|path| path.into_actions())
            ),
        }
    }
}

#[test]
fn up_to_a_decision_every_order_of_events_keeps_the_statements() {
    explore(scopes::review(deep()), statements::OF_REVIEW);
}

#[test]
fn between_rivals_every_order_of_events_keeps_the_statements() {
    explore(scopes::rivals(deep()), statements::OF_RIVALS);
}

#[test]
fn with_an_objection_to_a_stopped_rival_every_order_of_events_keeps_the_statements() {
    explore(scopes::stopped(deep()), statements::OF_STOPPED);
}

#[test]
fn from_an_approval_on_every_order_of_events_keeps_the_statements() {
    explore(scopes::approved(deep()), statements::OF_APPROVED);
}

#[test]
fn with_live_factors_every_order_of_events_keeps_the_statements() {
    explore(scopes::contested(deep()), statements::OF_CONTESTED);
}

#[test]
fn while_changes_are_told_every_order_of_events_keeps_the_statements() {
    explore(scopes::told(deep()), statements::OF_TOLD);
}

#[test]
fn with_a_late_rival_every_order_of_events_keeps_the_statements() {
    explore(scopes::late_rival(deep()), statements::OF_LATE_RIVAL);
}

/// A rule broken on purpose, where it shows, and the statement that it breaks.
type Broken = (Mutant, fn(bool) -> Scope, &'static str);

const BROKEN: [Broken; 26] = [
    (Mutant::WaitShrinks, scopes::told, DAY),
    (Mutant::ChangeIsForgotten, scopes::told, DAY),
    (Mutant::ChangeCountsTwice, scopes::told, DAY),
    (Mutant::ChangesHaveNoEnd, scopes::told, DAY),
    (Mutant::WaitIsShort, scopes::approved, DAY),
    (Mutant::FreezeIsForgotten, scopes::approved, DAY),
    (Mutant::StaleFreezeCounts, scopes::returned, DAY),
    (Mutant::StaleNoticesCount, scopes::approved, DAY),
    (Mutant::OpensBeforeSecured, scopes::approved, SECURED),
    (Mutant::OpensAtOnce, scopes::told, SECURED),
    (Mutant::LimitsEndEarly, scopes::told, SECURED),
    (Mutant::HandoverBeforeFreeze, scopes::approved, SECURED),
    (Mutant::RestoreIsForgotten, scopes::approved, SECURED),
    (Mutant::OneReviewerIsEnough, scopes::review, QUORUM),
    (Mutant::ConflictIsForgotten, scopes::review, QUORUM),
    (Mutant::RecoveredIsFinal, scopes::approved, VETO),
    (Mutant::VetoThaws, scopes::approved, VETO),
    (Mutant::LostChannelStopsAgain, scopes::approved, VETO),
    (Mutant::OneSeniorDecides, scopes::approved, VETO),
    (Mutant::BurdenIsForgotten, scopes::contested, VETO),
    (Mutant::HasteDecides, scopes::contested, VETO),
    (Mutant::ReviewersJudgeThemselves, scopes::approved, VETO),
    (Mutant::AskingLocks, scopes::review, LOCK),
    (Mutant::LockOutlivesReturn, scopes::review, LOCK),
    (Mutant::CapPerCase, scopes::rivals, LOCK),
    (Mutant::RivalsAreUnseen, scopes::rivals, ONE),
];

#[test]
fn every_broken_rule_is_found() {
    let mut missed = Vec::new();
    for (mutant, scope, statement) in BROKEN {
        let check = Check::new(scope(false), Some(mutant), &[]).checker();
        let wanted = HasDiscoveries::AllOf(BTreeSet::from([statement]));
        let check = check.finish_when(wanted).spawn_bfs().join();
        let found = check.discovery(statement).map(|path| path.into_actions());
        let steps = found.as_ref().map(Vec::len);
        eprintln!(
            "{mutant:?}: {steps:?} steps, {} situations",
            check.unique_state_count()
        );
        if found.is_none() {
            missed.push(mutant);
        }
    }
    assert!(missed.is_empty(), "not found: {missed:?}");
}

/// Situations of each scope that are compared, over all depths.
const COMPARED: usize = 4_000;

#[test]
fn situations_that_are_called_the_same_go_on_alike() {
    for scope in [
        scopes::review,
        scopes::rivals,
        scopes::stopped,
        scopes::approved,
        scopes::late_rival,
    ] {
        let check = Check::new(scope(false), None, &[]);
        let mut known: HashMap<u64, Vec<u64>> = HashMap::new();
        let mut open = check.init_states();
        let (mut random, mut compared) = (1_u64, 0);
        while known.len() < COMPARED && !open.is_empty() {
            // Any that is open, so that depths mix.
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let place = usize::try_from(random % open.len() as u64).unwrap();
            let situation = open.swap_remove(place);
            let next = check.next_states(&situation);
            let mut keys: Vec<u64> = next.iter().map(|next| next.key).collect();
            keys.sort_unstable();
            keys.dedup();
            if let Some(before) = known.get(&situation.key) {
                assert_eq!(*before, keys, "what follows differs");
                compared += 1;
                continue;
            }
            known.insert(situation.key, keys);
            open.extend(next);
        }
        eprintln!("{}: {compared} compared", check.scope.name);
        assert!(compared > 50, "nothing was compared");
    }
}
