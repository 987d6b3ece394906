//! A situation: two cases of one account, the platform as it is, what is under way, and the time.
//! What happens to a case is the real `decide`, `evolve` and `react`.

use std::sync::Arc;

use recovery::actor::{Actor, Rank};
use recovery::calendar::Calendar;
use recovery::case::{
    Case, Command, ENVELOPE, Effect, Event, Facts, Notice, Recorded, Rival, SecuringAction,
    SecuringVerb, StaffFacts, State,
};
use recovery::id::{AssignmentId, EvidenceId, ReviewerId};
use recovery::policy::{DEFAULT, Policy};
use recovery::restriction::{Mode, of_account};
use recovery::time::{Span, Timestamp};

use crate::common::{ACTIONS, MONDAY, World, staff};
use crate::ghost::Ghost;
use crate::mutant::Mutant;
use crate::projection;

/// The clock's step, and what all spans of the model's policy are made of.
pub(crate) const STEP: Span = Span::hours(24);
/// Two reviewers, then seniors; a scope says how many of these act.
pub(crate) const PEOPLE: [&str; 7] = ["r1", "r2", "s1", "s2", "s3", "s4", "s5"];
/// How many of them are no seniors.
pub(crate) const REVIEWERS: usize = 2;
/// Channels that the holder knew before the case.
pub(crate) const CHANNELS: [&str; 3] = ["email", "phone", "old_factor"];
/// The product's default, with spans as short as its limits allow.
const SHORT: [(&str, &str); 25] = [
    ("days_to_finish = 14 ", "days_to_finish = 1 "),
    ("returns_per_item_max = 3 ", "returns_per_item_max = 1 "),
    ("returns_by_people_max = 3 ", "returns_by_people_max = 1 "),
    ("\"id_front\", \"id_back\", ", "\"id_front\", "),
    ("hours_max = 24 ", "hours_max = 24 "),
    ("lease_minutes = 120 ", "lease_minutes = 1440 "),
    ("elevated_hours = 48", "elevated_hours = 24"),
    ("high_hours = 72", "high_hours = 48"),
    ("exceptional_hours = 168", "exceptional_hours = 48"),
    ("after_contest_hours = 72 ", "after_contest_hours = 48 "),
    ("new_email = 24\n", "new_email = 0\n"),
    ("handover = 12 ", "handover = 24 "),
    ("days_max = 14 ", "days_max = 2 "),
    ("second_hours = 72", "second_hours = 24"),
    ("third_hours = 168 ", "third_hours = 24 "),
    ("first_percent = 10 ", "first_percent = 20 "),
    ("known_addresses_hours = 72 ", "known_addresses_hours = 24 "),
    ("ticket_hours = 24", "ticket_hours = 24"),
    ("days_to_finish = 30 ", "days_to_finish = 2 "),
    ("dispute_days = 7 ", "dispute_days = 1 "),
    ("rival_evidence_hours = 48 ", "rival_evidence_hours = 24 "),
    (
        "seniors_against_live_factor = 2 ",
        "seniors_against_live_factor = 3 ",
    ),
    (
        "wait_hours_against_live_factor = 168 ",
        "wait_hours_against_live_factor = 48 ",
    ),
    ("days = 14\n", "days = 1\n"),
    ("days_per_account_max = 30 ", "days_per_account_max = 1 "),
];

/// What never changes while the check runs.
pub(crate) struct Rules {
    pub policy: Policy,
    pub calendar: Calendar,
    pub people: Vec<(ReviewerId, Rank)>,
    /// One assignment per person: only whether it is the same one matters.
    pub assignments: Vec<AssignmentId>,
    /// One name for all evidence: only its kind and digest matter.
    pub evidence: EvidenceId,
    pub actions: Vec<SecuringAction>,
    pub mutant: Option<Mutant>,
}

impl Rules {
    pub(crate) fn new(actions: usize, mutant: Option<Mutant>) -> Self {
        let mut text = DEFAULT.to_owned();
        for (from, to) in SHORT {
            assert!(text.contains(from), "the default policy has no {from:?}");
            text = text.replace(from, to);
        }
        let policy = Policy::parse(&text).unwrap();
        let mut random = World::new().rng;
        Self {
            calendar: Calendar::new(&policy.calendar).unwrap(),
            policy,
            people: PEOPLE.map(staff).to_vec(),
            assignments: PEOPLE
                .map(|_| AssignmentId::new(MONDAY, &mut random))
                .to_vec(),
            evidence: EvidenceId::new(MONDAY, &mut random),
            actions: ACTIONS[..actions]
                .iter()
                .map(|name| SecuringAction((*name).to_owned()))
                .collect(),
            mutant,
        }
    }

    pub(crate) fn person(&self, id: &ReviewerId) -> usize {
        let is = |(known, _): &(ReviewerId, Rank)| known == id;
        self.people.iter().position(is).unwrap()
    }

    pub(crate) fn is(&self, mutant: Mutant) -> bool {
        self.mutant == Some(mutant)
    }
}

/// How far something is that the shell asks of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Way {
    /// Nothing is asked.
    #[default]
    Idle,
    /// A job says so; it runs until there is an answer.
    Asked,
    /// A request is under way.
    Sent,
    /// The platform did it; its answer is under way.
    Done,
}

/// The notices of one approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Notices {
    pub way: Way,
    pub approval: u64,
}

/// One securing action of a case: at the platform, and each verb's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Secured {
    pub suspended: bool,
    pub restored: bool,
    pub destroyed: bool,
    pub ways: [Way; 3],
}

pub(crate) const VERBS: [SecuringVerb; 3] = [
    SecuringVerb::Suspend,
    SecuringVerb::Restore,
    SecuringVerb::Destroy,
];

/// One case, what was seen of it, and what is under way for it.
#[derive(Clone)]
pub(crate) struct Side {
    pub case: Arc<Case>,
    pub ghost: Ghost,
    /// The notice of the newest approval, and the one of an approval before.
    pub notices: [Notices; 2],
    pub secured: Vec<Secured>,
}

/// The account's restriction: what the shell stored last, and what the platform has in force.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub newest: u64,
    pub wanted: Mode,
    pub version: u64,
    pub mode: Mode,
    /// Restrictions under way to the platform, oldest first.
    pub pushes: Vec<(u64, Mode)>,
    /// Restrictions whose acknowledgement is under way.
    pub answers: Vec<(u64, Mode)>,
    /// Milliseconds for which the account was locked without an approval.
    pub locked: i64,
}

#[derive(Clone)]
pub(crate) struct Situation {
    pub now: Timestamp,
    pub sides: Vec<Side>,
    pub account: Account,
    pub key: u64,
}

/// Two situations are the same when everything that the rules and the statements read is.
impl PartialEq for Situation {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl std::hash::Hash for Situation {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        state.write_u64(self.key);
    }
}

impl Situation {
    /// From cases as a world of the stories has them.
    pub(crate) fn of(world: &World, rules: &Rules) -> Self {
        let started = world.sides.iter().filter(|side| side.case.is_some());
        let mut situation = Self {
            now: MONDAY,
            sides: Vec::new(),
            account: Account {
                newest: 0,
                wanted: Mode::None,
                version: 0,
                mode: Mode::None,
                pushes: Vec::new(),
                answers: Vec::new(),
                locked: 0,
            },
            key: 0,
        };
        // Replayed event by event, so that what is seen and what is under way begin with them.
        for (at, side) in started.enumerate() {
            let opening = recovery::case::evolve(None, &side.history[0]).unwrap();
            situation.sides.push(Side {
                case: Arc::new(opening),
                ghost: Ghost::default(),
                notices: [Notices::default(); 2],
                secured: vec![Secured::default(); rules.actions.len()],
            });
            for recorded in &side.history[1..] {
                situation.now = recorded.at;
                situation.apply(at, recorded, rules);
            }
        }
        situation.now = world.now;
        situation.settle(rules);
        situation
    }

    fn facts<'a>(&self, at: usize, actor: &Actor, rules: &'a Rules) -> Facts<'a> {
        let own = &self.sides[at].case;
        let mut facts = Facts {
            thaws: true,
            policy: &rules.policy,
            calendar: &rules.calendar,
            rivals: Vec::new(),
            locked_before: Span::ZERO,
            staff: match actor {
                Actor::Reviewer { rank, .. } => Some(StaffFacts {
                    rank: *rank,
                    conflict: false,
                    held: 0,
                    pair_this_week: 0,
                }),
                _ => None,
            },
            securing: rules.actions.clone(),
        };
        for (n, side) in self.sides.iter().enumerate() {
            let case = &side.case;
            if n == at || own.account.is_none() || case.account != own.account {
                continue;
            }
            let running = case.lock.as_ref().map(|lock| self.now.since(lock.since));
            facts.locked_before = facts.locked_before + case.locked + running.unwrap_or(Span::ZERO);
            facts.rivals.push(Rival {
                case: case.id.clone(),
                passed_phase1: case.passed_phase1 && case.state.is_open(),
                holds_approval: case.holds_approval,
                approved_at: case.wait.as_ref().map(|wait| wait.approved_at),
                same_contact: false,
            });
        }
        facts
    }

    /// What the rules say to a command; a mutant may say something else.
    pub(crate) fn ask(
        &self,
        at: usize,
        actor: &Actor,
        command: &Command,
        rules: &Rules,
    ) -> Option<Vec<Event>> {
        let facts = self.facts(at, actor, rules);
        let case = &self.sides[at].case;
        crate::mutant::decide(rules.mutant, case, actor, command, facts, self.now)
    }

    /// Sends a command; none if it was refused.
    pub(crate) fn send(
        &mut self,
        at: usize,
        actor: &Actor,
        command: &Command,
        rules: &Rules,
    ) -> Option<bool> {
        let events = self.ask(at, actor, command, rules)?;
        for event in &events {
            let case = &self.sides[at].case;
            let recorded = Recorded {
                v: ENVELOPE,
                case: case.id.clone(),
                seq: case.version + 1,
                at: self.now,
                actor: actor.clone(),
                event: event.clone(),
            };
            self.apply(at, &recorded, rules);
        }
        Some(!events.is_empty())
    }

    fn apply(&mut self, at: usize, recorded: &Recorded, rules: &Rules) {
        let before = Arc::clone(&self.sides[at].case);
        let after = crate::mutant::evolve(rules.mutant, &before, recorded);
        let (policy, calendar) = (&rules.policy, &rules.calendar);
        let event = &recorded.event;
        let effects = recovery::case::react(Some(&before), &after, event, policy, calendar);
        self.sides[at].case = Arc::new(after);
        crate::ghost::see(self, at, &before, event, rules);
        for effect in effects {
            self.effect(at, &effect, rules);
        }
    }

    /// What the shell does of an effect in the same transaction. Timers need nothing: the model
    /// sends their commands at any time, early and late, and so it does with word to rivals.
    fn effect(&mut self, at: usize, effect: &Effect, rules: &Rules) {
        match effect {
            Effect::PushRestriction if self.sides[at].case.account.is_some() => {
                self.account.newest += 1;
                self.account.wanted = self.mode(rules);
            }
            Effect::Send(Notice::HolderApproved) => {
                let side = &mut self.sides[at];
                let wait = side.case.wait.as_ref();
                let [new, old] = &mut side.notices;
                if new.way != Way::Idle {
                    // That it goes out late tells the holder nothing of the newest approval.
                    *old = Notices {
                        way: Way::Done,
                        ..*new
                    };
                }
                *new = Notices {
                    way: Way::Asked,
                    approval: wait.map_or(0, |wait| wait.approval),
                };
            }
            Effect::Secure(verb) => {
                for secured in &mut self.sides[at].secured {
                    let way = &mut secured.ways[place(*verb)];
                    if *way == Way::Idle {
                        *way = Way::Asked;
                    }
                }
            }
            _ => {}
        }
    }

    /// The restriction that the account's cases ask for.
    pub(crate) fn mode(&self, rules: &Rules) -> Mode {
        let cases = self.sides.iter().map(|side| &*side.case);
        of_account(cases, &rules.policy).mode
    }

    /// Drops what cannot matter any more, and notes what tells this situation from others.
    pub(crate) fn settle(&mut self, rules: &Rules) {
        let account = &mut self.account;
        let reached = account.version;
        account.pushes.retain(|(version, _)| *version > reached);
        if !rules.is(Mutant::StaleFreezeCounts) {
            let newest = account.newest;
            account.answers.retain(|(version, _)| *version == newest);
        }
        for side in &mut self.sides {
            if is_final(&side.case) {
                side.notices = [Notices::default(); 2];
                for secured in &mut side.secured {
                    secured.suspended = false;
                    secured.ways[0] = Way::Idle;
                }
            }
        }
        self.key = projection::key(self, rules);
    }
}

/// Over for good: nothing leads on from here but giving back and destroying.
pub(crate) fn is_final(case: &Case) -> bool {
    let over = matches!(
        case.state,
        State::Blocked | State::Withdrawn | State::Expired
    );
    over || case.veto_window_closed
}

pub(crate) const fn place(verb: SecuringVerb) -> usize {
    match verb {
        SecuringVerb::Suspend => 0,
        SecuringVerb::Restore => 1,
        SecuringVerb::Destroy => 2,
    }
}
