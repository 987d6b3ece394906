//! What every test of the simulation runs.

#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use recovery::policy::{DEFAULT, Policy};
use sim::{AttackRow, Model, Report, Settings, simulate};

pub fn settings(seed: u64, applicants: usize) -> Settings {
    Settings {
        seed,
        applicants,
        sensitivity: 0,
        threads: 2,
    }
}

pub fn ran(settings: &Settings, model: &Model) -> Report {
    let policy = Policy::parse(DEFAULT).unwrap();
    simulate(settings, &policy, model, &|_, _| {}).unwrap()
}

/// A run of the shipped model with these lines over it.
pub fn with(seed: u64, applicants: usize, model: &str) -> Report {
    ran(&settings(seed, applicants), &Model::parse(model).unwrap())
}

pub fn attack<'a>(report: &'a Report, name: &str) -> &'a AttackRow {
    report.attacks.iter().find(|row| row.name == name).unwrap()
}

/// A line of a model.
pub fn line(key: &str, value: f64) -> String {
    format!("{key} = {{ value = {value:?}, why = \"a test\" }}\n")
}
