//! Runs the population of the shipped model and prints the report as text: seed, applicants,
//! applicants of the sensitivity.

use std::io::Write as _;

use recovery::policy::{DEFAULT, Policy};
use sim::{Model, Settings, simulate, text};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let numbers = std::env::args().skip(1).map(|text| text.parse::<usize>());
    let numbers = numbers.collect::<Result<Vec<_>, _>>()?;
    let number = |place: usize, otherwise| numbers.get(place).copied().unwrap_or(otherwise);
    let settings = Settings {
        seed: number(0, 1) as u64,
        applicants: number(1, 10_000),
        sensitivity: number(2, Settings::usual_sensitivity(number(1, 10_000))),
        threads: 2,
    };
    let policy = Policy::parse(DEFAULT)?;
    let report = simulate(&settings, &policy, &Model::shipped()?, &|_, _| {})?;
    std::io::stdout()
        .lock()
        .write_all(text::render(&report).as_bytes())?;
    Ok(())
}
