//! One applicant: a group of honest people or an attack, and the draws that make them what they
//! are. A parameter that changes leaves all draws as they were.

use recovery::id::ReviewerId;
use recovery::time::{Span, Timestamp};

use crate::draw::{Dice, Purpose};
use crate::keys::{Key as _, Staff, Trait, Values, Watch};
use crate::measure::Outcome;
use crate::model::{ATTACKS, Compiled, HIJACKED};
use crate::staff::{Mind, Person};
use crate::world::{Run, Scene};

/// 2026-11-02T09:00:00Z, a Monday: requests open within the four weeks from then on.
const START: Timestamp = Timestamp::from_millis(1_793_610_000_000);
/// Days within which requests open.
const DAYS: f64 = 28.0;
/// Milliseconds of a day.
const DAY: f64 = 86_400_000.0;
/// Looks at one case for which draws are made ahead; later ones repeat them.
const LOOKS: usize = 24;
/// What a holder reads, each with its probability and its mean time to an objection.
const CHANNELS: [(&str, Watch, Watch); 3] = [
    ("mail", Watch::Mail, Watch::MailHours),
    ("phone", Watch::Phone, Watch::PhoneHours),
    ("signed_in", Watch::SignedIn, Watch::SignedInHours),
];

/// What somebody is: a place among the groups, or among the attacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Of a group.
    Honest(usize),
    /// Of an attack.
    Attack(usize),
}

/// The holder's luck with the channels.
#[derive(Debug)]
pub(crate) struct Watcher {
    pub(crate) absent: f64,
    reads: [f64; 3],
    /// Times the mean.
    after: [Span; 3],
}

/// One applicant with all draws.
#[derive(Debug)]
pub(crate) struct Applicant {
    pub(crate) kind: Kind,
    pub(crate) checks: Dice,
    pub(crate) grounds: Dice,
    pub(crate) deeds: Dice,
    pub(crate) looks: Dice,
    pub(crate) watch: Dice,
    pub(crate) pace: Dice,
    pub(crate) names: Dice,
    pub(crate) never_hands_over: f64,
    pub(crate) loses_key: f64,
    pub(crate) watcher: Watcher,
    common: f64,
    minds: Vec<[f64; 4]>,
    thinking: Dice,
    /// The pool in the order in which it would be bribed.
    bribable: Vec<ReviewerId>,
    opens: Timestamp,
}

impl Applicant {
    /// Draws one.
    pub(crate) fn new(seed: u64, index: u64, kind: Kind, people: &[Person]) -> Self {
        let attacker = matches!(kind, Kind::Attack(_));
        let dice = |purpose| Dice::new(seed, attacker, index, purpose);
        let mut own = dice(Purpose::Kind);
        // The first draw of this stream says which kind it is (`kind_of`).
        let _kind = own.share();
        let opens = START + Span::millis((own.share() * DAYS * DAY) as i64);
        let (never_hands_over, loses_key) = (own.share(), own.share());
        let mut watch = dice(Purpose::Watch);
        let watcher = Watcher {
            absent: watch.share(),
            reads: std::array::from_fn(|_| watch.share()),
            after: std::array::from_fn(|_| watch.hours(1.0)),
        };
        let mut looks = dice(Purpose::Looks);
        Self {
            kind,
            checks: dice(Purpose::Checks),
            grounds: dice(Purpose::Grounds),
            deeds: dice(Purpose::Deeds),
            pace: dice(Purpose::Pace),
            names: dice(Purpose::Names),
            never_hands_over,
            loses_key,
            watcher,
            common: 0.0,
            minds: Vec::new(),
            thinking: dice(Purpose::Minds),
            bribable: shuffled(people, attacker, &mut looks),
            looks,
            watch,
            opens,
        }
    }

    /// What holds of them.
    pub(crate) fn values<'a>(&self, model: &'a Compiled) -> &'a Values<Trait> {
        let values = match self.kind {
            Kind::Honest(place) => model.groups.get(place),
            Kind::Attack(place) => model.attacks.get(place),
        };
        values.unwrap_or(&model.fallback)
    }

    /// One number of that.
    pub(crate) fn trait_of(&self, model: &Compiled, key: Trait) -> f64 {
        self.values(model).of(key)
    }

    /// Somebody reads the mail of an honest applicant: an attack, but not the applicant's.
    pub(crate) fn mail_is_read_by_another(&self) -> bool {
        let Kind::Attack(place) = self.kind else {
            return false;
        };
        ATTACKS.get(place) == Some(&HIJACKED)
    }

    /// The applicant is not the holder.
    pub(crate) fn attacks(&self) -> bool {
        matches!(self.kind, Kind::Attack(_)) && !self.mail_is_read_by_another()
    }

    /// Another request is another case: whoever looks at it thinks anew.
    pub(crate) fn opens_a_case(&mut self) {
        let dice = &mut self.thinking;
        self.common = dice.share();
        let minds = (0..LOOKS).map(|_| std::array::from_fn(|_| dice.share()));
        self.minds = minds.collect();
    }

    /// What the person who has look number `look` makes of it, and whether they were bribed.
    pub(crate) fn mind(&self, look: u32, model: &Compiled, id: &ReviewerId) -> (Mind, bool) {
        let place = look as usize % LOOKS;
        let draws = self.minds.get(place).copied().unwrap_or_default();
        let many = self.trait_of(model, Trait::Bribed) as usize;
        let bribed = self.bribable.iter().take(many).any(|one| one == id);
        let shared = model.staff.of(Staff::Shared);
        (Mind::new(shared, self.common, draws), bribed)
    }

    /// On which channels the holder of an attacked account objects, and after how long.
    pub(crate) fn objections(&self, watch: &Values<Watch>) -> Vec<(&'static str, Span)> {
        if self.watcher.absent < watch.of(Watch::Absent) {
            return Vec::new();
        }
        let luck = self.watcher.reads.iter().zip(self.watcher.after);
        let reads = CHANNELS.iter().zip(luck);
        let reads = reads.filter(|((_, reads, _), (draw, _))| **draw < watch.of(*reads));
        let objects = reads.map(|((name, _, mean), (_, times))| {
            let millis = times.as_millis() as f64 * watch.of(*mean);
            (*name, Span::millis(millis as i64))
        });
        objects.collect()
    }

    /// Plays all requests of this applicant.
    pub(crate) fn plays(mut self, scene: &Scene<'_>) -> Outcome {
        let tries = match self.kind {
            Kind::Honest(_) => 1,
            Kind::Attack(_) => self.trait_of(scene.model, Trait::Tries).max(1.0) as usize,
        };
        let (mut now, mut locked) = (self.opens, Span::ZERO);
        let mut all = Outcome::default();
        for earlier in 0..tries {
            let mut run = Run::new(scene, &mut self, now, earlier, locked);
            (now, locked) = run.play();
            all = all.and(&run.outcome);
            if all.recovered {
                break;
            }
        }
        all
    }
}

/// The pool in a random order; nobody is bribed by honest people.
fn shuffled(people: &[Person], attacker: bool, dice: &mut Dice) -> Vec<ReviewerId> {
    if !attacker {
        return Vec::new();
    }
    let mut drawn: Vec<(f64, &Person)> = people.iter().map(|one| (dice.share(), one)).collect();
    drawn.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    drawn.iter().map(|(_, person)| person.id.clone()).collect()
}

/// Which kind the applicant of that index is.
pub(crate) fn kind_of(seed: u64, index: u64, attacker: bool, model: &Compiled) -> Kind {
    let mut dice = Dice::new(seed, attacker, index, Purpose::Kind);
    if attacker {
        Kind::Attack(dice.among(&model.attack_shares))
    } else {
        Kind::Honest(dice.among(&model.group_shares))
    }
}

/// Least values: what an applicant of no known kind would have. None is ever drawn.
pub(crate) fn least() -> Values<Trait> {
    Values::new(|key: Trait| key.bounds().0)
}
