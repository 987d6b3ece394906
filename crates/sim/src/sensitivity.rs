//! How much hangs on each parameter: doubled and halved, with the same draws as before.

use crate::applicant::Kind;
use crate::measure::Outcome;
use crate::model::{ATTACKS, GROUPS, Model, PAIR};
use crate::report::{Moved, ParameterRow};
use crate::run::{Drawn, Ground, Settings, SimError, play};

/// What a parameter is multiplied by.
const FACTORS: [f64; 2] = [0.5, 2.0];

/// One row to run: a parameter, whom its change can touch, and what it becomes.
pub(crate) struct Row {
    path: String,
    /// Of the honest: the group whose success is told. None where it touches no honest people.
    honest: Vec<Drawn>,
    /// Places among the attacks of the run.
    attacks: Vec<usize>,
    changed: Vec<Option<Model>>,
}

impl Row {
    /// How many applicants its runs have.
    fn size(&self) -> usize {
        let each = self.honest.len() + self.attacks.len();
        each * self.changed.iter().flatten().count()
    }
}

/// The group of honest people that a parameter is told for; none where it touches none.
fn group_of(path: &str) -> Option<usize> {
    let mut parts = path.split('.');
    match (parts.next()?, parts.next()?) {
        ("groups", name) => GROUPS.iter().position(|group| *group == name),
        ("attacker" | "attacks", _) => None,
        // Of the honest only this one touches them.
        ("holder", name) if !["objects_wrongly", "mail_hours"].contains(&name) => None,
        _ => Some(0),
    }
}

/// Whether a parameter can touch an attack.
fn touches(path: &str, attack: &str) -> bool {
    let mut parts = path.split('.');
    match (parts.next(), parts.next()) {
        (Some("groups"), _) => false,
        (Some("honest"), _) => attack == crate::model::HIJACKED,
        (Some("attacks"), Some(name)) => attack == name,
        _ => true,
    }
}

/// Every parameter but the shares of the population.
pub(crate) fn plan(model: &Model, settings: &Settings, attacks: &[Drawn]) -> Vec<Row> {
    let many = settings.sensitivity;
    if many == 0 {
        return Vec::new();
    }
    let first: Vec<&Drawn> = attacks.iter().take(many).collect();
    let paths = model.parameters().keys();
    let paths = paths.filter(|path| !path.ends_with(".share"));
    let row = |path: &String| {
        let group = group_of(path);
        let honest = group.map(|place| sample(place, many)).unwrap_or_default();
        let named = |kind| match kind {
            Kind::Attack(place) => ATTACKS.get(place).copied().unwrap_or_default(),
            Kind::Honest(_) => "",
        };
        let touched = first.iter().enumerate();
        let touched = touched.filter(|(_, (_, kind))| touches(path, named(*kind)));
        Row {
            path: path.clone(),
            honest,
            attacks: touched.map(|(place, _)| place).collect(),
            changed: FACTORS.map(|factor| model.scaled(path, factor)).to_vec(),
        }
    };
    paths.map(row).collect()
}

/// How many applicants all rows have, with the groups as they are.
pub(crate) fn size(plan: &[Row], settings: &Settings) -> usize {
    plan.iter().map(Row::size).sum::<usize>() + GROUPS.len() * settings.sensitivity
}

/// Applicants of one group only, by the first streams.
fn sample(group: usize, many: usize) -> Vec<Drawn> {
    let indexes = (0_u64..).take(many);
    indexes.map(|index| (index, Kind::Honest(group))).collect()
}

fn successes(outcomes: &[Outcome]) -> usize {
    outcomes.iter().filter(|one| one.recovered).count()
}

/// Counts for and approvals of attackers, without the colluding pair.
fn beaten(kind: Kind, outcome: &Outcome) -> (usize, usize) {
    if is_pair(kind) {
        return (0, 0);
    }
    let taken = crate::report::is_takeover(kind, outcome);
    let approved = crate::report::approves_attacker(kind, outcome);
    (usize::from(taken), usize::from(approved))
}

/// Whether it is the attack outside of the goal.
pub(crate) fn is_pair(kind: Kind) -> bool {
    matches!(kind, Kind::Attack(place) if ATTACKS.get(place) == Some(&PAIR))
}

/// Runs every row.
pub(crate) fn run(
    ground: &Ground<'_>,
    model: &Model,
    plan: &[Row],
    attacks: &[(Kind, Outcome)],
) -> Result<Vec<ParameterRow>, SimError> {
    let many = ground.settings.sensitivity;
    let base = model.compile();
    let mut before = Vec::new();
    if many > 0 {
        for group in 0..GROUPS.len() {
            before.push(successes(&play(ground, &base, &sample(group, many))?));
        }
    }
    let mut rows = Vec::new();
    for row in plan {
        let parameter = model.parameters().get(&row.path);
        let value = parameter.map(|one| one.value).unwrap_or_default();
        let mut moved = Vec::new();
        for changed in &row.changed {
            moved.push(match changed {
                Some(changed) => Some(one(ground, changed, row, attacks, &before)?),
                None => None,
            });
        }
        let mut moved = moved.into_iter();
        rows.push(ParameterRow {
            path: row.path.clone(),
            value,
            group: group_of(&row.path)
                .and_then(|place| GROUPS.get(place).copied())
                .unwrap_or("-"),
            halved: moved.next().flatten(),
            doubled: moved.next().flatten(),
        });
    }
    Ok(rows)
}

fn one(
    ground: &Ground<'_>,
    changed: &Model,
    row: &Row,
    attacks: &[(Kind, Outcome)],
    before: &[usize],
) -> Result<Moved, SimError> {
    let compiled = changed.compile();
    let many = ground.settings.sensitivity as f64;
    let success = match group_of(&row.path) {
        Some(group) => {
            let was = before.get(group).copied().unwrap_or_default();
            let now = successes(&play(ground, &compiled, &row.honest)?);
            (now as f64 - was as f64) / many
        }
        None => 0.0,
    };
    let touched: Vec<&(Kind, Outcome)> = row
        .attacks
        .iter()
        .filter_map(|place| attacks.get(*place))
        .collect();
    let indexes = row.attacks.iter().map(|place| *place as u64);
    let kinds = touched.iter().map(|(kind, _)| *kind);
    let drawn: Vec<Drawn> = indexes.zip(kinds).collect();
    let now = play(ground, &compiled, &drawn)?;
    let mut moved = Moved {
        value: changed
            .parameters()
            .get(&row.path)
            .map(|one| one.value)
            .unwrap_or_default(),
        success,
        takeovers: 0,
        approvals: 0,
    };
    for ((kind, was), now) in touched.iter().zip(&now) {
        let (was, now) = (beaten(*kind, was), beaten(*kind, now));
        moved.takeovers += now.0 as i64 - was.0 as i64;
        moved.approvals += now.1 as i64 - was.1 as i64;
    }
    Ok(moved)
}
