//! The statements of DESIGN section 2, as properties of every situation, and what must be possible
//! so that they say something.

use recovery::actor::{Actor, ChannelRef};
use recovery::case::{Case, Command, Event, State};
use recovery::restriction::{Mode, mode_of};
use recovery::time::{Span, Timestamp};
use stateright::{Model, Property};

use crate::ghost::Ghost;
use crate::moves::{CHANGES, Move, make, offered, told};
use crate::mutant::Mutant;
use crate::scopes::Scope;
use crate::world::{Rules, Side, Situation};

/// A scope, explored under the rules or under a mutant of them.
pub(crate) struct Check {
    pub scope: Scope,
    pub rules: Rules,
    pub possible: &'static [Possible],
}

impl Check {
    pub(crate) fn new(scope: Scope, mutant: Option<Mutant>, possible: &'static [Possible]) -> Self {
        let rules = Rules::new(scope.actions, mutant);
        Self {
            scope,
            rules,
            possible,
        }
    }
}

impl Model for Check {
    type State = Situation;
    type Action = Move;

    fn init_states(&self) -> Vec<Situation> {
        let starts = self.scope.starts.iter();
        starts
            .map(|world| Situation::of(world, &self.rules))
            .collect()
    }

    fn actions(&self, situation: &Situation, moves: &mut Vec<Move>) {
        offered(situation, &self.scope, &self.rules, moves);
    }

    fn next_state(&self, situation: &Situation, step: Move) -> Option<Situation> {
        make(situation, step, &self.scope, &self.rules)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let always = STATEMENTS.map(|(name, holds)| Property::always(name, holds));
        let possible = self.possible.iter();
        let possible = possible.map(|(name, seen)| Property::sometimes(name, *seen));
        always.into_iter().chain(possible).collect()
    }
}

type Holds = fn(&Check, &Situation) -> bool;

pub(crate) const DAY: &str = "1: a day lies between the start of the wait and a withdrawal";
pub(crate) const SECURED: &str = "2: restrictions end after wait, handover and securing";
pub(crate) const QUORUM: &str = "3: people approve, two at least, without a conflict";
pub(crate) const VETO: &str = "4: a veto is heard, freezes, and two uninvolved seniors decide";
pub(crate) const LOCK: &str = "5: asking locks nothing, and a lock has an end and a cap";
pub(crate) const ONE: &str = "6: one approval for an account, and rivals wait";

const STATEMENTS: [(&str, Holds); 6] = [
    (DAY, a_day),
    (SECURED, secured),
    (QUORUM, |_, s| unbroken(s, 3)),
    (VETO, veto),
    (LOCK, lock),
    (ONE, |_, s| {
        let holding = s.sides.iter().filter(|side| side.ghost.holding);
        unbroken(s, 6) && holding.count() <= 1
    }),
];

fn unbroken(s: &Situation, statement: u8) -> bool {
    s.sides
        .iter()
        .all(|side| side.ghost.broken >> statement & 1 == 0)
}

/// The applicant's new credentials work, and the platform lets money go, within limits or without.
fn can_withdraw(s: &Situation, ghost: &Ghost) -> bool {
    s.account.mode <= Mode::Thawing && ghost.credentials
}

fn a_day(check: &Check, s: &Situation) -> bool {
    let waited = |ghost: &Ghost| {
        ghost
            .wait_start
            .is_some_and(|at| s.now.since(at) >= Span::hours(24))
    };
    let fine = |side: &Side| !can_withdraw(s, &side.ghost) || waited(&side.ghost);
    let grows = (0..s.sides.len()).all(|at| changes_count(check, s, at));
    unbroken(s, 1) && grows && s.sides.iter().all(fine)
}

/// Each change that is told while the wait runs makes it longer as the policy says, and once.
fn changes_count(check: &Check, s: &Situation, at: usize) -> bool {
    let (ghost, policy) = (&s.sides[at].ghost, &check.rules.policy);
    let (true, Some(promised), Some(most)) = (ghost.waits, ghost.promised, ghost.planned) else {
        return true;
    };
    let span = most - Span::days(policy.changes.days_max);
    (0..check.scope.changes).all(|change| {
        let told = s.ask(at, &Actor::Platform, &told(change, s.now), &check.rules);
        let ends = told.iter().flatten().filter_map(|event| match event {
            Event::WaitExtended { until, .. } => Some(*until),
            _ => None,
        });
        let end = ends.fold(promised, Timestamp::max);
        if ghost.counted >> change & 1 == 1 {
            return end == promised;
        }
        let kind = CHANGES[change];
        let mut wanted = promised.max(s.now) + policy.changes.adds(kind);
        if policy.changes.restart.contains(&kind) {
            wanted = wanted.max(s.now + span.since(ghost.wait_start.unwrap_or(span)));
        }
        end >= wanted.min(most)
    })
}

fn secured(check: &Check, s: &Situation) -> bool {
    let asked = s.mode(&check.rules);
    let fine = |side: &Side| {
        let g = &side.ghost;
        let at_the_platform = !can_withdraw(s, g) || g.ever_regular;
        let restricts = asked > Mode::Thawing;
        let by_the_rules = restricts || g.regular || !(g.credentials || g.holding);
        // Everything is open when the last step is over, and not before.
        let thawing = !g.regular || g.percent == 0 || asked == Mode::Thawing || restricts;
        at_the_platform && by_the_rules && thawing
    };
    // What is stored for the platform is what the events say, never a flag of its own.
    unbroken(s, 2) && asked == s.account.wanted && s.sides.iter().all(fine)
}

/// Anything could still go wrong, as somebody sees it who knows the state's name and the clock.
fn could_go_wrong(s: &Situation, side: &Side) -> bool {
    match side.case.state {
        State::Gathering | State::Checking | State::Reviewing | State::CoolingOff => true,
        State::Recovered => side.ghost.veto_until.is_some_and(|until| s.now < until),
        State::Stopped | State::Contested => side.ghost.stopped && !side.ghost.vetoed,
        _ => false,
    }
}

fn veto(check: &Check, s: &Situation) -> bool {
    let channel = ChannelRef("never_used".to_owned());
    let holder = Actor::Holder {
        channel: channel.clone(),
    };
    let veto = Command::Veto { channel };
    let fine = |(at, side): (usize, &Side)| {
        let g = &side.ghost;
        let asked = side.case.account.is_some() && could_go_wrong(s, side);
        let heard = !asked || s.ask(at, &holder, &veto, &check.rules).is_some();
        let freezes = !g.vetoed || !(g.holding || g.lock.is_some());
        heard && (freezes || mode_of(&side.case) == Mode::Frozen)
    };
    unbroken(s, 4) && s.sides.iter().enumerate().all(fine)
}

fn lock(check: &Check, s: &Situation) -> bool {
    let fine = |side: &Side| {
        let g = &side.ghost;
        let free = mode_of(&side.case) == Mode::None;
        free || g.ever_approved || (g.lock.is_some() && side.case.account.is_some())
    };
    let cap = Span::days(check.rules.policy.lock.days_per_account_max);
    let capped = s.account.locked <= cap.as_millis();
    unbroken(s, 5) && capped && s.sides.iter().all(fine)
}

fn any(s: &Situation, is: impl Fn(&Case, &Ghost) -> bool) -> bool {
    s.sides.iter().any(|side| is(&side.case, &side.ghost))
}

pub(crate) type Possible = (&'static str, fn(&Check, &Situation) -> bool);

pub(crate) const OF_REVIEW: &[Possible] = &[
    ("a case is approved", |_, s| any(s, |_, g| g.holding)),
    ("a case from files is approved", |_, s| {
        any(s, |_, g| g.holding && g.from_files != 0)
    }),
    ("two refuse", |_, s| {
        any(s, |case, _| case.state == State::Rejected)
    }),
    ("an appeal is approved", |_, s| {
        any(s, |case, g| g.holding && case.review.appeal_used)
    }),
    ("an unknown account's case is looked at", |_, s| {
        any(s, |case, _| {
            case.is_phantom() && case.state == State::Reviewing
        })
    }),
    ("the lock reaches its cap", |check, s| {
        let cap = Span::days(check.rules.policy.lock.days_per_account_max);
        s.account.locked == cap.as_millis()
    }),
];

pub(crate) const OF_RIVALS: &[Possible] = &[
    ("both rivals wait", |_, s| {
        s.sides.iter().all(|side| side.ghost.stopped)
    }),
    (
        "a rival is approved after a decision between them",
        |_, s| any(s, |_, g| g.holding && g.between),
    ),
    ("a rival loses", |_, s| {
        any(s, |case, _| case.state == State::Blocked)
    }),
    ("an approved case is stopped by a rival", |_, s| {
        any(s, |_, g| g.holding && g.stopped && !g.vetoed)
    }),
];

pub(crate) const OF_STOPPED: &[Possible] = &[
    ("a stopped rival is vetoed", |_, s| any(s, |_, g| g.vetoed)),
    ("a holder's objection blocks a rival", |_, s| {
        any(s, |case, g| case.state == State::Blocked && !g.holding)
    }),
    (
        "a rival is approved after a decision between them",
        |_, s| any(s, |_, g| g.holding && g.between),
    ),
    ("a rival is believed against the holder", |_, s| {
        any(s, |_, g| g.lost != 0)
    }),
];

pub(crate) const OF_LATE_RIVAL: &[Possible] = &[
    ("an approved case is stopped by a rival", |_, s| {
        any(s, |_, g| g.holding && g.stopped && !g.ever_regular)
    }),
    ("a recovered case is stopped by a rival", |_, s| {
        any(s, |_, g| g.holding && g.stopped && g.ever_regular)
    }),
    ("the late rival is approved", |_, s| {
        let both = s.sides.iter().all(|side| side.ghost.ever_approved);
        both && any(s, |_, g| g.holding)
    }),
    ("the late rival recovers", |_, s| {
        let both = s.sides.iter().all(|side| side.ghost.ever_approved);
        both && any(s, |_, g| g.regular)
    }),
    ("money can move", |_, s| any(s, |_, g| can_withdraw(s, g))),
];

/// That may happen where a holder shows live factors.
pub(crate) const OF_CONTESTED: &[Possible] = &[
    ("the applicant is believed against a live factor", |_, s| {
        any(s, |case, _| case.beat_live_factor)
    }),
    ("an objection is taken back", |_, s| {
        any(s, |case, _| {
            case.stop
                .as_ref()
                .is_some_and(|stop| stop.taken_back.is_some())
        })
    }),
    ("a veto blocks", |_, s| {
        any(s, |case, _| case.state == State::Blocked)
    }),
];

pub(crate) const OF_TOLD: &[Possible] = &[
    ("a wait grows", |_, s| {
        any(s, |case, g| {
            let wait = case.wait.as_ref();
            let planned = wait.and_then(|wait| Some(wait.started_at? + wait.span));
            planned.is_some() && g.promised > planned
        })
    }),
    ("a wait has grown as far as it may", |check, s| {
        let most = Span::days(check.rules.policy.changes.days_max);
        any(s, |_, g| {
            g.waits && g.counted.count_ones() == 2 && g.promised == g.planned && most > Span::ZERO
        })
    }),
    ("money can move", |_, s| any(s, |_, g| can_withdraw(s, g))),
    ("everything is open", |_, s| {
        any(s, |_, g| g.regular && g.percent == 0)
    }),
];

pub(crate) const OF_APPROVED: &[Possible] = &[
    ("a case is recovered", |_, s| {
        any(s, |case, _| case.state == State::Recovered)
    }),
    ("money can move", |_, s| any(s, |_, g| can_withdraw(s, g))),
    ("the platform lags behind", |_, s| {
        s.account.mode == Mode::None && any(s, |_, g| g.holding && !g.ever_regular)
    }),
    ("a veto blocks", |_, s| {
        any(s, |case, _| case.state == State::Blocked)
    }),
    ("a veto comes after recovery", |_, s| {
        any(s, |_, g| g.vetoed && g.ever_regular)
    }),
    ("a contest is decided for the applicant", |_, s| {
        any(s, |_, g| g.lost != 0)
    }),
    ("a contest is decided for the holder", |_, s| {
        any(s, |case, g| case.state == State::Blocked && g.upheld)
    }),
    ("a second channel stops a case that won", |_, s| {
        any(s, |_, g| g.vetoed && g.lost != 0)
    }),
    ("a case recovers after a contest", |_, s| {
        any(s, |_, g| g.regular && g.lost != 0)
    }),
    ("everything old is destroyed", |_, s| {
        s.sides
            .iter()
            .any(|side| side.secured.iter().all(|action| action.destroyed))
    }),
    ("everything old is given back", |_, s| {
        s.sides
            .iter()
            .any(|side| side.secured.iter().all(|action| action.restored))
    }),
];
