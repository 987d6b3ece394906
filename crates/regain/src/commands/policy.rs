//! `regain policy`: look at policy files, and propose one.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use engine::{Proposed, propose_policy};
use recovery::policy::problem::problems;
use recovery::policy::{Policy, diff, reference};

use super::{rating, read_text};
use crate::cli::PolicyCommand;
use crate::config::{Config, Problems, Vars};
use crate::{out, wiring};

/// Most bytes of a policy file.
const POLICY_MAX: u64 = 256 * 1024;

/// Runs one of the commands.
pub(super) async fn run(
    command: PolicyCommand,
    config: &Path,
    vars: &Vars,
) -> anyhow::Result<ExitCode> {
    match command {
        PolicyCommand::Check { file } => check(&file)?,
        PolicyCommand::Diff { before, after } => differences(&before, &after)?,
        PolicyCommand::Explain { code, json } => {
            Box::pin(rating::explain(&code, json, &Config::read(config, vars)?)).await?;
        }
        PolicyCommand::Replay { policy, json } => {
            Box::pin(rating::replay(&policy, json, &Config::read(config, vars)?)).await?;
        }
        PolicyCommand::Schema => out::whole(&reference::schema()?)?,
        PolicyCommand::Propose { file } => propose(&file, &Config::read(config, vars)?).await?,
    }
    Ok(ExitCode::SUCCESS)
}

fn check(file: &Path) -> anyhow::Result<()> {
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
    ))
}

/// Has a file wait for two seniors.
async fn propose(file: &Path, config: &Config) -> anyhow::Result<()> {
    let (text, policy) = read_policy(file)?;
    let store = wiring::open_store(config).await?;
    let done = propose_policy(&store, &policy, &text).await;
    store.close().await;
    let how = match done? {
        Proposed::Waits => "waits",
        Proposed::WaitsAlready => "waited already",
    };
    out::line(&format!(
        "version {} {how}: two different seniors confirm it at /console/policy",
        policy.version
    ))
}

/// One line for each change.
fn differences(before: &Path, after: &Path) -> anyhow::Result<()> {
    let (_, before) = read_policy(before)?;
    let (_, after) = read_policy(after)?;
    let changes = diff::changes(&before, &after)?;
    if changes.is_empty() {
        return out::line("The two say the same");
    }
    let lines: String = changes.iter().map(|one| format!("{one}\n")).collect();
    out::whole(&lines)
}

/// Reads a policy file and checks it: its words and what they mean.
///
/// # Errors
/// Everything that is wrong with it, with file, line and column.
pub(crate) fn read_policy(path: &Path) -> anyhow::Result<(String, Policy)> {
    let shown = path.display().to_string();
    let text = read_text(path, "policy", POLICY_MAX)?;
    let problems = problems(&text).into_iter();
    let problems: Vec<String> = problems.map(|one| format!("{shown}:{one}")).collect();
    if !problems.is_empty() {
        return Err(Problems(problems).into());
    }
    let policy = Policy::parse(&text).with_context(|| shown)?;
    Ok((text, policy))
}
