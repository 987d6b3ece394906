//! The demo: Regain, a small exchange and a mailbox on this machine.

use std::process::ExitCode;

/// What `regain demo` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

/// Runs the demo.
pub(crate) async fn run(_args: Args) -> anyhow::Result<ExitCode> {
    anyhow::bail!("the demo is not built in yet")
}
