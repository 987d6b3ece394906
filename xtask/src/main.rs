//! Checks of the tree itself: `tidy` (limits and words) and `layers` (who may import whom).

mod layers;
mod tidy;
mod violation;

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};

use violation::Violation;

const USAGE: &str = "usage: cargo xtask tidy|layers";

fn main() -> Result<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    let (Some(task), None) = (arguments.next(), arguments.next()) else {
        bail!(USAGE)
    };
    let here = std::env::current_dir()?;
    let root = root(&here).context("not inside this repository")?;
    let violations = match task.as_str() {
        "tidy" => tidy::run(root)?,
        "layers" => layers::run(root)?,
        _ => bail!(USAGE),
    };
    report(&task, violations)
}

/// The folder, from here upwards, that has the rules. Not the path at build time: two clones may
/// share a target folder.
fn root(here: &Path) -> Option<&Path> {
    here.ancestors()
        .find(|folder| folder.join("xtask/tidy.toml").is_file())
}

/// Prints every violation as `path:line: what, limit`; any makes the exit code 1.
fn report(task: &str, mut violations: Vec<Violation>) -> Result<ExitCode> {
    violations.sort();
    let mut out = std::io::stdout().lock();
    for violation in &violations {
        writeln!(out, "{violation}")?;
    }
    if violations.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(out, "{task}: {} violations", violations.len())?;
    Ok(ExitCode::FAILURE)
}
