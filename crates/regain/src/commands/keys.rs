//! `regain keys`: making keys, and wrapping every case's key anew.

use std::path::Path;
use std::process::ExitCode;

use notify::webhook::WebhookSecret;
use rand::Rng as _;
use recovery::sensitive::Sensitive;
use vault::{MasterKey, RotationReport};

use crate::cli::{KeyKind, KeysCommand};
use crate::config::{Config, Vars};
use crate::{out, wiring};

/// Bytes of a key shared with the platform (HMAC-SHA-256: the length of its output).
const PLATFORM_KEY_BYTES: usize = 32;
/// Bytes of a secret of a webhook, of 24 to 64.
const WEBHOOK_SECRET_BYTES: usize = 32;
/// A line of progress after so many keys.
const TELL_EVERY: u64 = 1000;

/// Runs one of the commands.
pub(super) async fn run(
    command: KeysCommand,
    config: &Path,
    vars: &Vars,
) -> anyhow::Result<ExitCode> {
    match command {
        KeysCommand::New { kind, file } => new(kind, &file),
        KeysCommand::Rotate => rotate(&Config::read(config, vars)?).await,
    }
}

fn new(kind: KeyKind, path: &Path) -> anyhow::Result<ExitCode> {
    match kind {
        KeyKind::Master => wiring::write_secret(path, &MasterKey::generate().to_secret_text())?,
        KeyKind::Webhook => wiring::write_secret(path, webhook_secret()?.reveal())?,
        KeyKind::Platform => wiring::write_secret(path, platform_key()?.reveal())?,
    }
    out::line(&format!("wrote {}", path.display()))?;
    Ok(ExitCode::SUCCESS)
}

fn platform_key() -> anyhow::Result<Sensitive<String>> {
    let mut bytes = [0_u8; PLATFORM_KEY_BYTES];
    wiring::seeded_rng()?.fill_bytes(&mut bytes);
    let bytes = Sensitive::new(bytes);
    let text = data_encoding::BASE64.encode(bytes.reveal());
    Ok(Sensitive::new(format!("{text}\n")))
}

fn webhook_secret() -> anyhow::Result<Sensitive<String>> {
    let mut bytes = [0_u8; WEBHOOK_SECRET_BYTES];
    wiring::seeded_rng()?.fill_bytes(&mut bytes);
    let text = WebhookSecret::text_of(&Sensitive::new(bytes));
    Ok(Sensitive::new(format!("{}\n", text.reveal())))
}

async fn rotate(config: &Config) -> anyhow::Result<ExitCode> {
    let vault = wiring::open_configured_vault(config).await?;
    let mut told = 0;
    let report = vault
        .rotate(|so_far: RotationReport| {
            let seen = seen(so_far);
            if seen >= told + TELL_EVERY {
                told = seen;
                out::note(&format!(
                    "{seen} keys seen, {} wrapped anew",
                    so_far.rewrapped
                ));
            }
        })
        .await?;
    out::line(&format!(
        "{} keys: {} wrapped anew, {} already by the current master key, {} wiped, {} unreadable",
        seen(report),
        report.rewrapped,
        report.already,
        report.wiped,
        report.unreadable
    ))?;
    if report.unreadable == 0 {
        out::line("every key opens with the current master key; the older ones can go")?;
        Ok(ExitCode::SUCCESS)
    } else {
        out::note("keep every older master key: some keys open with none of those given");
        Ok(ExitCode::FAILURE)
    }
}

const fn seen(report: RotationReport) -> u64 {
    report.rewrapped + report.already + report.unreadable + report.wiped
}
