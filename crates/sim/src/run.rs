//! Runs a population on several threads. Each applicant has streams of their own, and results are
//! put together in order: the number of threads changes nothing.

use std::sync::atomic::{AtomicUsize, Ordering};

use recovery::calendar::{Calendar, CalendarError};
use recovery::policy::Policy;
use thiserror::Error;

use crate::applicant::{Applicant, Kind, kind_of};
use crate::measure::Outcome;
use crate::model::{Compiled, Model, ModelError};
use crate::report::{Report, build};
use crate::sensitivity;
use crate::staff::{Person, pool};
use crate::world::Scene;

/// Most applicants of a run: memory holds an outcome of each.
const APPLICANTS_MAX: usize = 10_000_000;
/// Applicants that a thread takes at a time.
const CHUNK: usize = 256;

/// How to run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The same seed, model and policy give the same report.
    pub seed: u64,
    /// Honest applicants, and as many attacks.
    pub applicants: usize,
    /// Of each, for every row of the sensitivity; 0 leaves it out.
    pub sensitivity: usize,
    /// Threads; they change nothing but the time.
    pub threads: usize,
}

/// A fiftieth of the applicants, and no more than two processors do in a minute with the rest.
const SENSITIVITY_SHARE: usize = 50;
const SENSITIVITY_MOST: usize = 2_000;

impl Settings {
    /// How many applicants a row of the sensitivity has unless somebody says otherwise.
    #[must_use]
    pub fn usual_sensitivity(applicants: usize) -> usize {
        (applicants / SENSITIVITY_SHARE).min(SENSITIVITY_MOST)
    }
}

/// Why a population cannot be run.
#[derive(Debug, Error)]
pub enum SimError {
    /// None, or too many.
    #[error("applicants: use 1 to {APPLICANTS_MAX}")]
    Applicants,
    /// More than there are.
    #[error("sensitivity: use at most as many applicants as are drawn")]
    Sensitivity,
    /// The policy's calendar.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// The model that ships.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A thread ended without an answer.
    #[error("a thread of the simulation ended early")]
    Thread,
}

/// Something to run: an index of a stream, and what it is.
pub(crate) type Drawn = (u64, Kind);

/// Everything but the model.
pub(crate) struct Ground<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) calendar: &'a Calendar,
    pub(crate) settings: &'a Settings,
    pub(crate) progress: &'a (dyn Fn(usize, usize) + Sync),
    pub(crate) done: &'a AtomicUsize,
    /// How many there are to do in all; grows when the sensitivity is planned.
    pub(crate) all: usize,
}

/// Runs the population and the sensitivity. `progress` hears how many applicants are done, of how
/// many, from several threads.
///
/// # Errors
/// Numbers out of range, or a calendar that is none.
pub fn simulate(
    settings: &Settings,
    policy: &Policy,
    model: &Model,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Report, SimError> {
    if !(1..=APPLICANTS_MAX).contains(&settings.applicants) {
        return Err(SimError::Applicants);
    }
    if settings.sensitivity > settings.applicants {
        return Err(SimError::Sensitivity);
    }
    let shipped = Model::shipped()?;
    let calendar = Calendar::new(&policy.calendar)?;
    let compiled = model.compile();
    let drawn = |attacker| draw(settings, attacker, &compiled);
    let (honest, attacks) = (drawn(false), drawn(true));
    let done = AtomicUsize::new(0);
    let mut ground = Ground {
        policy,
        calendar: &calendar,
        settings,
        progress,
        done: &done,
        all: 0,
    };
    let plan = sensitivity::plan(model, settings, &attacks);
    ground.all = honest.len() + attacks.len() + sensitivity::size(&plan, settings);
    let honest = together(&honest, play(&ground, &compiled, &honest)?);
    let attacks = together(&attacks, play(&ground, &compiled, &attacks)?);
    let moved = sensitivity::run(&ground, model, &plan, &attacks)?;
    Ok(build(&ground, model, &shipped, &honest, &attacks, moved))
}

/// Who is drawn.
fn draw(settings: &Settings, attacker: bool, model: &Compiled) -> Vec<Drawn> {
    let indexes = (0_u64..).take(settings.applicants);
    let kind = |index| (index, kind_of(settings.seed, index, attacker, model));
    indexes.map(kind).collect()
}

fn together(drawn: &[Drawn], outcomes: Vec<Outcome>) -> Vec<(Kind, Outcome)> {
    let kinds = drawn.iter().map(|(_, kind)| *kind);
    kinds.zip(outcomes).collect()
}

/// Plays everybody, in the order in which they were given.
pub(crate) fn play(
    ground: &Ground<'_>,
    model: &Compiled,
    drawn: &[Drawn],
) -> Result<Vec<Outcome>, SimError> {
    let people = pool(&model.staff);
    let scene = Scene {
        policy: ground.policy,
        calendar: ground.calendar,
        model,
        people: &people,
    };
    let chunks: Vec<&[Drawn]> = drawn.chunks(CHUNK).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut mine = Vec::new();
        while let Some((place, chunk)) = take(&next, &chunks) {
            mine.push((place, play_chunk(ground, &scene, chunk)));
        }
        mine
    };
    let mut parts = std::thread::scope(|scope| {
        let others: Vec<_> = (1..ground.settings.threads.max(1))
            .map(|_| scope.spawn(work))
            .collect();
        let mut parts = work();
        for other in others {
            parts.extend(other.join().map_err(|_| SimError::Thread)?);
        }
        Ok::<_, SimError>(parts)
    })?;
    parts.sort_by_key(|(place, _)| *place);
    Ok(parts.into_iter().flat_map(|(_, part)| part).collect())
}

fn take<'a>(next: &AtomicUsize, chunks: &[&'a [Drawn]]) -> Option<(usize, &'a [Drawn])> {
    let place = next.fetch_add(1, Ordering::Relaxed);
    Some((place, *chunks.get(place)?))
}

fn play_chunk(ground: &Ground<'_>, scene: &Scene<'_>, chunk: &[Drawn]) -> Vec<Outcome> {
    let seed = ground.settings.seed;
    let plays = |(index, kind): &Drawn| one(seed, *index, *kind, scene, scene.people);
    let outcomes = chunk.iter().map(plays).collect();
    let done = ground.done.fetch_add(chunk.len(), Ordering::Relaxed) + chunk.len();
    (ground.progress)(done, ground.all);
    outcomes
}

fn one(seed: u64, index: u64, kind: Kind, scene: &Scene<'_>, people: &[Person]) -> Outcome {
    Applicant::new(seed, index, kind, people).plays(scene)
}
