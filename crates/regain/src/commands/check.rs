//! `regain config check` and `regain policy check`.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use recovery::policy::{Policy, PolicyError};

use crate::cli::ConfigCommand;
use crate::config::{Config, Vars, of_toml};
use crate::out;

/// Most bytes of a policy file.
const POLICY_MAX: u64 = 256 * 1024;

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

/// Checks a policy file.
pub(super) fn policy(file: &Path) -> anyhow::Result<ExitCode> {
    let (_, policy) = read_policy(file)?;
    let waits = &policy.cooling_off;
    out::line(&format!(
        "ok: {} (version {}; waits of {}, {}, {} and {} hours by tier, {} after a contest)",
        file.display(),
        policy.version,
        waits.standard_hours,
        waits.elevated_hours,
        waits.high_hours,
        waits.exceptional_hours,
        waits.after_contest_hours
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// Reads a policy file and checks it: its words and what they mean.
///
/// # Errors
/// What is wrong first, with file, line and column where there is one.
pub(crate) fn read_policy(path: &Path) -> anyhow::Result<(String, Policy)> {
    let shown = path.display().to_string();
    let meta = std::fs::metadata(path).with_context(|| format!("the policy {shown}"))?;
    anyhow::ensure!(meta.len() <= POLICY_MAX, "{shown} is too long for a policy");
    let text = std::fs::read_to_string(path).with_context(|| format!("the policy {shown}"))?;
    match Policy::parse(&text) {
        Ok(policy) => Ok((text, policy)),
        Err(PolicyError::Document(error)) => {
            anyhow::bail!("{}", of_toml(&shown, &text, &error))
        }
        Err(error) => anyhow::bail!("{shown}: {error}"),
    }
}
