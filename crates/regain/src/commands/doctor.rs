//! `regain doctor`.

use std::path::Path;
use std::process::ExitCode;

use crate::config::Vars;

/// Looks at everything.
pub(super) async fn run(_config: &Path, _vars: &Vars, _json: bool) -> anyhow::Result<ExitCode> {
    anyhow::bail!("not yet")
}
