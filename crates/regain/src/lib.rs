//! The program: configuration, commands, wiring, demo. A library so that tests can start a world
//! of their own; `main.rs` only calls [`main`].

mod chains;
mod cli;
mod commands;
mod config;
pub mod demo;
mod metrics;
mod out;
mod serve;
mod steady;
mod telemetry;
mod wiring;

use std::process::ExitCode;

use clap::Parser as _;

/// Reads the command line and does what it says.
#[must_use]
pub fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    match run(cli) {
        Ok(code) => code,
        Err(error) => out::failure(&error),
    }
}

fn run(cli: cli::Cli) -> anyhow::Result<ExitCode> {
    let vars = config::Vars::of_this_process();
    telemetry::start(vars.get("REGAIN_LOG"), cli.command.log_level())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(commands::run(cli, vars))
}
