//! One file per command.

mod check;
mod doctor;
mod evidence;
mod face;
mod keys;
mod models;
mod platform;
mod policy;
mod rating;
mod simulate;
mod staff;
pub(crate) mod webhooks;

pub(crate) use models::for_demo as models_for_demo;
pub(crate) use policy::read_policy;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use store::{Mode, Settings, Store};

use crate::cli::{Cli, Command};
use crate::config::{Config, Vars};
use crate::serve::{self, Duties};
use crate::{demo, out, wiring};

/// Runs the command of the command line.
///
/// # Errors
/// Whatever kept it from doing its work, in words for the person at the terminal.
pub(crate) async fn run(cli: Cli, vars: Vars) -> anyhow::Result<ExitCode> {
    let read = || Config::read(&cli.config, &vars);
    match cli.command {
        Command::Serve { no_worker } => {
            let duties = if no_worker {
                Duties::Pages
            } else {
                Duties::PagesAndJobs
            };
            Box::pin(serve::run(&read()?, duties)).await?;
        }
        Command::Worker => Box::pin(serve::run(&read()?, Duties::Jobs)).await?,
        Command::Migrate => migrate(&read()?).await?,
        Command::Doctor { json } => {
            return Box::pin(doctor::run(&cli.config, &vars, json)).await;
        }
        Command::Config(command) => return check::config(command, &cli.config, &vars),
        Command::Staff(command) => Box::pin(staff::run(command, &read()?)).await?,
        Command::Evidence(command) => return evidence::run(command, &cli.config, &vars),
        Command::Face(command) => return face::run(command, &cli.config, &vars),
        Command::Models(command) => return models::run(command, &cli.config, &vars),
        Command::Policy(command) => {
            return Box::pin(policy::run(command, &cli.config, &vars)).await;
        }
        Command::Simulate(args) => return simulate::run(&args),
        Command::Platform(command) => {
            return Box::pin(platform::run(command, &cli.config, &vars)).await;
        }
        Command::Webhooks(command) => {
            return Box::pin(webhooks::run(command, &read()?)).await;
        }
        Command::Keys(command) => return keys::run(command, &cli.config, &vars).await,
        Command::Demo(args) => return Box::pin(demo::run(*args)).await,
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads a text file of at most `longest` bytes; `what` is said of it in words.
fn read_text(path: &Path, what: &str, longest: u64) -> anyhow::Result<String> {
    let shown = path.display();
    let meta = std::fs::metadata(path).with_context(|| format!("the {what} {shown}"))?;
    anyhow::ensure!(meta.len() <= longest, "{shown} is too long for a {what}");
    std::fs::read_to_string(path).with_context(|| format!("the {what} {shown}"))
}

async fn migrate(config: &Config) -> anyhow::Result<()> {
    wiring::make_database_folder(config.database.reveal())?;
    let store = Store::open(&Settings {
        url: config.database.reveal().clone(),
        mode: Mode::Serve,
    })
    .await
    .context("the database")?;
    let before = store.read().await?.schema_version().await?;
    store.migrate().await.context("the database")?;
    let after = store.read().await?.schema_version().await?;
    store.close().await;
    if before == after {
        out::line(&format!(
            "the database is up to date (schema version {after})"
        ))
    } else {
        out::line(&format!(
            "the database went from schema version {before} to {after}"
        ))
    }
}
