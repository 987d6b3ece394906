//! From outcomes to rows.

use recovery::case::State;
use recovery::policy::Tier;
use recovery::risk::Lane;

use super::{
    ASSUMPTIONS, ATTACKS_GOAL, AttackRow, Capacity, Goal, GroupRow, NOT_MODELLED, ParameterRow,
    Report, SUCCESS_GOAL, Times, with_interval,
};
use crate::applicant::Kind;
use crate::keys::Staff;
use recovery::share::Share;

use crate::measure::{Outcome, decided_hours, hours_at, share_of};
use crate::model::{ATTACKS, GROUPS, HIJACKED, Model};
use crate::run::Ground;
use crate::sensitivity::is_pair;

/// Applicants for whom reviewer hours are told.
const THOUSAND: f64 = 1_000.0;
/// Minutes of an hour.
const HOUR: f64 = 60.0;

fn hijacked(kind: Kind) -> bool {
    matches!(kind, Kind::Attack(place) if ATTACKS.get(place) == Some(&HIJACKED))
}

/// Whether somebody who is not the holder has the account at the end.
pub(crate) fn is_takeover(kind: Kind, outcome: &Outcome) -> bool {
    if hijacked(kind) {
        return outcome.strangers_handover;
    }
    matches!(kind, Kind::Attack(_)) && outcome.recovered
}

/// Whether people approved an attacker.
pub(crate) fn approves_attacker(kind: Kind, outcome: &Outcome) -> bool {
    matches!(kind, Kind::Attack(_)) && !hijacked(kind) && outcome.approved
}

fn mean(outcomes: &[&Outcome], of: impl Fn(&Outcome) -> f64) -> f64 {
    let sum: f64 = outcomes.iter().map(|one| of(one)).sum();
    sum / outcomes.len().max(1) as f64
}

fn group_row(name: &'static str, outcomes: &[&Outcome]) -> GroupRow {
    let share = |what: fn(&Outcome) -> bool| share_of(outcomes, what);
    let hours = decided_hours(outcomes);
    let rated: Vec<&Outcome> = outcomes
        .iter()
        .filter(|one| one.lane.is_some())
        .copied()
        .collect();
    let tier = |tier: Tier| share_of(&rated, |one| one.tier == tier);
    GroupRow {
        name,
        success: share(|one| one.recovered),
        machine_passed: share(|one| one.machine_passed),
        fast_lane: share(|one| one.lane == Some(Lane::Fast)),
        returned: share(|one| one.returns > 0),
        gave_up: share(|one| one.gave_up),
        refused: share(|one| one.end == State::Rejected),
        returns_each: mean(outcomes, |one| f64::from(one.returns)),
        tiers: Tier::ALL.map(tier),
        hours: Times {
            p50: hours_at(&hours, 0.5),
            p90: hours_at(&hours, 0.9),
        },
        minutes_each: mean(outcomes, |one| one.minutes),
    }
}

fn attack_row(name: &'static str, of: &[&(Kind, Outcome)]) -> AttackRow {
    let outcomes: Vec<&Outcome> = of.iter().map(|(_, outcome)| outcome).collect();
    let share = |what: fn(&Outcome) -> bool| share_of(&outcomes, what);
    let both = |what: fn(Kind, &Outcome) -> bool| {
        let count = of.iter().filter(|(kind, one)| what(*kind, one)).count();
        Share::new(count as u64, of.len() as u64)
    };
    AttackRow {
        name,
        takeovers: both(is_takeover),
        approved: both(approves_attacker),
        stopped: share(|one| one.stopped),
        stopped_late: share(|one| one.stopped_late),
        machine_passed: share(|one| one.machine_passed),
        minutes_each: mean(&outcomes, |one| one.minutes),
    }
}

fn groups(honest: &[(Kind, Outcome)]) -> Vec<GroupRow> {
    let mut rows = Vec::new();
    for (place, name) in GROUPS.into_iter().enumerate() {
        let of = honest.iter().filter(|(k, _)| *k == Kind::Honest(place));
        let of: Vec<&Outcome> = of.map(|(_, outcome)| outcome).collect();
        rows.push(group_row(name, &of));
    }
    let all: Vec<&Outcome> = honest.iter().map(|(_, outcome)| outcome).collect();
    rows.push(group_row("everybody", &all));
    rows
}

fn attack_rows(attacks: &[(Kind, Outcome)]) -> Vec<AttackRow> {
    let mut rows = Vec::new();
    for (place, name) in ATTACKS.into_iter().enumerate() {
        let of = attacks.iter().filter(|(k, _)| *k == Kind::Attack(place));
        rows.push(attack_row(name, &of.collect::<Vec<_>>()));
    }
    let all = attacks.iter().filter(|(kind, _)| !is_pair(*kind));
    rows.push(attack_row("all_without_a_pair", &all.collect::<Vec<_>>()));
    rows
}

fn capacity(model: &Model, honest: &[(Kind, Outcome)], attacks: &[(Kind, Outcome)]) -> Capacity {
    let staff = model.compile().staff;
    let outcomes: Vec<&Outcome> = honest.iter().map(|(_, outcome)| outcome).collect();
    let everybody = honest.iter().chain(attacks).map(|(_, outcome)| outcome);
    let all: Vec<&Outcome> = everybody.collect();
    let minutes = mean(&outcomes, |one| one.minutes);
    let people = staff.of(Staff::Reviewers) + staff.of(Staff::Seniors);
    let hours_a_day = people * staff.of(Staff::HoursADay);
    Capacity {
        hours_per_thousand: minutes / HOUR * THOUSAND,
        looks_each: mean(&outcomes, |one| f64::from(one.looks)),
        hours_a_day,
        applicants_a_day: if minutes > 0.0 {
            hours_a_day * HOUR / minutes
        } else {
            0.0
        },
        stranded: share_of(&all, |one| one.stranded),
        stuck: all.iter().filter(|one| one.stuck).count() as u64,
    }
}

fn goals(
    groups: &[GroupRow],
    attacks: &[AttackRow],
    by_success: &[ParameterRow],
    by_takeovers: &[ParameterRow],
) -> Vec<Goal> {
    let mut goals = Vec::new();
    if let Some(headline) = groups.first() {
        let mover = by_success.iter().find(|row| row.group == headline.name);
        goals.push(Goal {
            goal: format!(
                "honest people with full KYC and ordinary history recovered: at least {} %",
                SUCCESS_GOAL * 100.0
            ),
            found: with_interval(&headline.success),
            met: headline.success.share >= SUCCESS_GOAL,
            moved_most_by: mover.map(|row| row.path.clone()),
        });
    }
    if let Some(all) = attacks.last() {
        let takeovers = all.takeovers;
        let mover = by_takeovers.first();
        goals.push(Goal {
            goal: "takeovers without a colluding pair of reviewers: none in 100,000 attacks"
                .to_owned(),
            found: format!(
                "{} in {} attacks; {}{}",
                takeovers.count,
                takeovers.of,
                with_interval(&takeovers),
                if takeovers.of < ATTACKS_GOAL && takeovers.count == 0 {
                    ", too few attacks to say so of 100,000"
                } else {
                    ""
                }
            ),
            met: takeovers.count == 0,
            moved_most_by: mover.map(|row| row.path.clone()),
        });
    }
    goals
}

/// Rows that move something, largest effect first; equal ones in the order of their names.
fn sorted(
    rows: &[ParameterRow],
    effect: impl Fn(&ParameterRow) -> (f64, f64),
) -> Vec<ParameterRow> {
    let mut sorted: Vec<ParameterRow> = rows
        .iter()
        .filter(|row| effect(row) > (0.0, 0.0))
        .cloned()
        .collect();
    sorted.sort_by(|one, other| {
        let (a, b) = (effect(one), effect(other));
        let larger = b.0.total_cmp(&a.0).then_with(|| b.1.total_cmp(&a.1));
        larger.then_with(|| one.path.cmp(&other.path))
    });
    sorted
}

/// Puts a report together.
pub(crate) fn build(
    ground: &Ground<'_>,
    model: &Model,
    shipped: &Model,
    honest: &[(Kind, Outcome)],
    attacks: &[(Kind, Outcome)],
    moved: Vec<ParameterRow>,
) -> Report {
    let (groups, attack_rows) = (groups(honest), attack_rows(attacks));
    let by_success = sorted(&moved, |row| (row.moves_success(), 0.0));
    let by_takeovers = sorted(&moved, ParameterRow::moves_takeovers);
    let ships = |path: &str| shipped.parameters().get(path).map(|one| one.value);
    let changed = model.parameters().iter();
    let changed = changed.filter(|(path, one)| ships(path) != Some(one.value));
    Report {
        seed: ground.settings.seed,
        applicants: ground.settings.applicants,
        policy_version: ground.policy.version,
        changed_parameters: changed
            .map(|(path, one)| (path.clone(), one.value))
            .collect(),
        assumptions: ASSUMPTIONS,
        not_modelled: NOT_MODELLED,
        goals: goals(&groups, &attack_rows, &by_success, &by_takeovers),
        groups,
        capacity: capacity(model, honest, attacks),
        attacks: attack_rows,
        sensitivity_applicants: ground.settings.sensitivity,
        sensitivity_success: by_success,
        sensitivity_takeovers: by_takeovers,
    }
}
