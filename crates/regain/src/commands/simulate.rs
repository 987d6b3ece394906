//! `regain simulate`: a population against the rules, by seed.

use std::io::IsTerminal as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Context as _;
use recovery::policy::{DEFAULT, Policy};
use sim::{Model, ModelError, Settings, html, json, simulate, text};

use super::{read_policy, read_text};
use crate::cli::SimulateArgs;
use crate::config::of_toml;
use crate::out;

/// Most bytes of a model file.
const MODEL_MAX: u64 = 256 * 1024;
/// Steps in which progress is told on a terminal, and elsewhere.
const STEPS: usize = 100;
const LINES: usize = 10;

/// Runs the command.
pub(super) fn run(args: &SimulateArgs) -> anyhow::Result<ExitCode> {
    let policy = match &args.policy {
        Some(path) => read_policy(path)?.1,
        None => Policy::parse(DEFAULT)?,
    };
    let model = match &args.model {
        Some(path) => read_model(path)?,
        None => Model::shipped()?,
    };
    let sensitivity = args
        .sensitivity
        .unwrap_or_else(|| Settings::usual_sensitivity(args.applicants));
    let settings = Settings {
        seed: args.seed,
        applicants: args.applicants,
        sensitivity,
        threads: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
    };
    let told = AtomicUsize::new(0);
    let report = simulate(&settings, &policy, &model, &|done, all| {
        progress(&told, done, all);
    })?;
    if let Some(path) = &args.html {
        let page = html::render(&report);
        std::fs::write(path, page)
            .with_context(|| format!("{} cannot be written", path.display()))?;
        out::note(&format!("written: {}", path.display()));
    }
    if args.json {
        out::whole(&json::render(&report)?)?;
    } else {
        out::whole(&text::render(&report))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads a model and checks it.
fn read_model(path: &Path) -> anyhow::Result<Model> {
    let shown = path.display().to_string();
    let text = read_text(path, "model", MODEL_MAX)?;
    match Model::parse(&text) {
        Ok(model) => Ok(model),
        Err(ModelError::Document(error)) => anyhow::bail!("{}", of_toml(&shown, &text, &error)),
        Err(error) => anyhow::bail!("{shown}: {error}"),
    }
}

/// A bar on a terminal, else a line for every tenth. `told` is the last step that was told.
fn progress(told: &AtomicUsize, done: usize, all: usize) {
    let terminal = std::io::stderr().is_terminal();
    let steps = if terminal { STEPS } else { LINES };
    let step = steps * done / all.max(1);
    // Threads come in any order: only whoever reaches a new step tells it.
    if told.fetch_max(step, Ordering::Relaxed) >= step {
        return;
    }
    if terminal {
        out::redraw(&out::bar(done, all, "cases"));
        if done >= all {
            out::note("");
        }
    } else {
        out::note(&format!("{done} of {all} cases"));
    }
}
