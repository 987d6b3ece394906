//! `regain platform check`.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use platform::conformance::{Left, Options, Outcome, Report, Row, Suite};
use platform::{SharedKey, SharedKeys, Timeouts};

use crate::cli::{PlatformCheckArgs, PlatformCommand};
use crate::config::{Config, Vars};
use crate::{out, wiring};

use super::read_text;

/// Longest file with a key.
const KEY_FILE_MAX: u64 = 4096;
/// Longest file with what was left for after a restart.
const STATE_MAX: u64 = 64 * 1024;
/// Between two readings of a pending action.
const PAUSE: Duration = Duration::from_secs(1);
/// Width of the column of names.
const NAMES: usize = 34;

/// Tries a platform.
pub(super) async fn run(
    command: PlatformCommand,
    path: &Path,
    vars: &Vars,
) -> anyhow::Result<ExitCode> {
    let PlatformCommand::Check(args) = command;
    let suite = suite(&args, path, vars)?;
    let told = |row: &Row| {
        if !args.json {
            // The report tells again what could not be written.
            let _written = out::whole(&lines(row));
        }
    };
    let report = match &args.state {
        Some(file) if args.after_restart => {
            let text = read_text(file, "state of the first run", STATE_MAX)?;
            let left: Left = serde_json::from_str(&text)
                .with_context(|| format!("{} was not written by --state", file.display()))?;
            Box::pin(suite.run_after_restart(&left, &told)).await
        }
        Some(file) => {
            let (report, left) = Box::pin(suite.run_before_restart(&told)).await;
            keep(file, left.as_ref())?;
            report
        }
        None => Box::pin(suite.run(&told)).await,
    };
    let (_, failed, _) = report.counts();
    if args.json {
        out::line(&serde_json::to_string_pretty(&report)?)?;
    } else {
        out::line(&summary(&report))?;
    }
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The suite with what the arguments name, and with the configuration's for what they do not.
fn suite(args: &PlatformCheckArgs, path: &Path, vars: &Vars) -> anyhow::Result<Suite> {
    let named = match (&args.key_id, &args.key_file) {
        (Some(id), Some(file)) => {
            let text = read_text(file, "shared key", KEY_FILE_MAX)?;
            let key = SharedKey::from_base64(id, &text)
                .with_context(|| format!("the shared key in {}", file.display()))?;
            Some(SharedKeys::new(key, None)?)
        }
        _ => None,
    };
    let (url, keys) = match (&args.url, named) {
        (Some(url), Some(keys)) => (url.clone(), keys),
        (url, keys) => {
            let config = Config::read(path, vars)?;
            let url = url.clone();
            let keys = keys.map_or_else(|| wiring::shared_keys(&config), Ok)?;
            (url.unwrap_or_else(|| config.platform.url.to_string()), keys)
        }
    };
    let options = Options {
        identifier: args.identifier.clone().unwrap_or_default(),
        spend: args.spend,
        timeouts: Timeouts {
            total: Duration::from_secs(args.timeout),
            ..Timeouts::default()
        },
        pause: PAUSE,
    };
    Suite::new(&url, keys, wiring::wall_clock(), options).with_context(|| url.clone())
}

fn keep(file: &Path, left: Option<&Left>) -> anyhow::Result<()> {
    let Some(left) = left else {
        out::note("nothing was left for after a restart: see what failed");
        return Ok(());
    };
    let text = serde_json::to_string_pretty(left)?;
    let shown = file.display();
    std::fs::write(file, text).with_context(|| format!("{shown} cannot be written"))?;
    out::note(&format!(
        "left in force for after a restart: {shown}. Restart the platform, then add --after-restart"
    ));
    Ok(())
}

/// A row as people read it: what came of it, its name, what must hold; then why and what to do.
fn lines(row: &Row) -> String {
    let (word, more) = match &row.outcome {
        Outcome::Pass => ("pass", String::new()),
        Outcome::Fail { why, remedy } => {
            let more = format!("        why: {why}\n        do:  {remedy}\n");
            ("FAIL", more)
        }
        Outcome::Skipped { why } => ("skip", format!("        why: {why}\n")),
    };
    format!("{word}  {:NAMES$}  {}\n{more}", row.id, row.must)
}

fn summary(report: &Report) -> String {
    let (passed, failed, skipped) = report.counts();
    format!(
        "\n{passed} passed, {failed} failed, {skipped} skipped; the slowest call took {} ms",
        report.slowest_ms
    )
}
