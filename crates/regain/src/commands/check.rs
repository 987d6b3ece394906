//! `regain config check`.

use std::path::Path;
use std::process::ExitCode;

use crate::cli::ConfigCommand;
use crate::config::{Config, Vars};
use crate::out;

/// Shows the effective configuration.
pub(super) fn config(command: ConfigCommand, path: &Path, vars: &Vars) -> anyhow::Result<ExitCode> {
    let ConfigCommand::Check { file } = command;
    let path = file.as_deref().unwrap_or(path);
    let config = Config::read(path, vars)?;
    out::whole(&shown(&config))?;
    for warning in &config.warnings {
        out::note(&format!("warning: {warning}"));
    }
    out::line(&format!("ok: {}", path.display()))?;
    Ok(ExitCode::SUCCESS)
}

/// One line per value: key, value, where it comes from.
fn shown(config: &Config) -> String {
    let width = |text: fn(&crate::config::Setting) -> &str| {
        let lengths = config.settings.iter().map(|one| text(one).chars().count());
        lengths.max().unwrap_or_default()
    };
    let (keys, values) = (width(|one| one.key), width(|one| &one.value));
    let line = |one: &crate::config::Setting| {
        format!("{:keys$}  {:values$}  {}\n", one.key, one.value, one.source)
    };
    config.settings.iter().map(line).collect()
}
