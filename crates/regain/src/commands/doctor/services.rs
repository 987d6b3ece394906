//! What Regain talks to: database, vault, mail server, platform.

use platform::contract::Capabilities;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use notify::webhook::WebhookSender;
use platform::verifier::SKEW_MAX;
use recovery::time::{Span, Timestamp};
use store::{Mode, SCHEMA_VERSION, Settings, Store};

use super::{Row, State};
use crate::config::Config;
use crate::wiring;

/// How long the mail server and the platform's clock are waited for.
const ANSWER: Duration = Duration::from_secs(5);
/// A difference of clocks from which on somebody should look; the answer is exact to a second.
const SKEW_ODD: Span = Span::seconds(30);

/// The database, its version and its clock.
pub(super) async fn database(config: &Config) -> Row {
    const WHAT: &str = "database";
    let url = config.database.reveal();
    // Opening would make the file.
    if let Some(file) = wiring::sqlite_file(url).filter(|file| !file.exists()) {
        return Row::new(WHAT, State::Missing, format!("no {}", file.display()))
            .essential()
            .cost("Regain does not start")
            .remedy("regain migrate");
    }
    match look_at_database(url).await {
        Err(error) => Row::broken(WHAT, &error)
            .essential()
            .cost("Regain does not start"),
        Ok((engine, version, _)) if version != SCHEMA_VERSION => {
            let found = format!("{engine}, schema version {version}, needed {SCHEMA_VERSION}");
            Row::new(WHAT, State::Broken, found)
                .essential()
                .cost("Regain does not start")
                .remedy("regain migrate")
        }
        Ok((engine, version, now)) => {
            let off = now.since(wiring::wall_now());
            let found = format!("{engine}, schema version {version}");
            if off.as_millis().abs() <= SKEW_ODD.as_millis() {
                return Row::ok(WHAT, found).essential();
            }
            let found = format!("{found}; its clock is {} from this machine's", words(off));
            Row::new(WHAT, State::Broken, found)
                .essential()
                .cost("waits follow the database's clock; signatures follow this machine's")
                .remedy("set both by NTP")
        }
    }
}

async fn look_at_database(url: &str) -> anyhow::Result<(store::Engine, i64, Timestamp)> {
    let mode = Mode::Serve;
    let url = url.to_owned();
    let store = Store::open(&Settings { url, mode }).await?;
    let version = store.read().await?.schema_version().await?;
    let now = if version == SCHEMA_VERSION {
        store.now().await?
    } else {
        wiring::wall_now()
    };
    let engine = store.engine();
    store.close().await;
    Ok((engine, version, now))
}

/// A policy that waits for people, or will from the next start on.
pub(super) async fn waiting_policy(config: &Config) -> Option<Row> {
    const REMEDY: &str = "two different seniors confirm it at /console/policy";
    let url = config.database.reveal();
    if wiring::sqlite_file(url).is_some_and(|file| !file.exists()) {
        return None;
    }
    let (published, waiting) = look_at_policies(url).await.ok()??;
    let row = |found: String| Row::ok("proposed policy", found).remedy(REMEDY);
    if let Some(version) = waiting {
        return Some(row(format!("version {version} waits for two seniors")));
    }
    let text = wiring::policy_text(config).ok()?;
    let configured = recovery::policy::Policy::parse(&text).ok()?.version;
    let newer = configured > published.parse().unwrap_or(u32::MAX);
    newer.then(|| {
        row(format!(
            "version {configured} is proposed at the next start"
        ))
    })
}

/// The version that counts, and the one that waits.
async fn look_at_policies(url: &str) -> anyhow::Result<Option<(String, Option<String>)>> {
    let mode = Mode::Serve;
    let url = url.to_owned();
    let store = Store::open(&Settings { url, mode }).await?;
    let mut reader = store.read().await?;
    let mut found = None;
    if reader.schema_version().await? == SCHEMA_VERSION
        && let Some(active) = reader.active_policy().await?
    {
        let waiting = reader.open_proposal().await?;
        found = Some((active.version, waiting.map(|waiting| waiting.version)));
    }
    drop(reader);
    store.close().await;
    Ok(found)
}

/// The vault's folders and whether the master key opens what is there.
pub(super) async fn vault(config: &Config) -> Row {
    const WHAT: &str = "vault";
    const COST: &str = "Regain does not start";
    if let Err(error) = wiring::master_keys(config) {
        return Row::broken(WHAT, &error).essential().cost(COST);
    }
    // Opening an empty key store would make its first key.
    let empty = |dir: &Path| std::fs::read_dir(dir).map_or(true, |mut dir| dir.next().is_none());
    if empty(&config.vault.keys) {
        let found = "empty; made at the first start";
        return Row::ok(WHAT, found).essential();
    }
    match wiring::open_configured_vault(config).await {
        Ok(_) => Row::ok(WHAT, config.vault.keys.display().to_string()).essential(),
        Err(error) => Row::broken(WHAT, &error).essential().cost(COST),
    }
}

/// Whether the mail server takes connections. Nothing is sent and nobody signs in.
pub(super) async fn mail(config: &Config) -> Row {
    const WHAT: &str = "mail server";
    const COST: &str = "nobody can prove an address; mails wait and are tried again";
    if let Some(Err(error)) = config.mail.password.as_ref().map(|secret| secret.read()) {
        return Row::broken(WHAT, &error).essential().cost(COST);
    }
    let place = format!("{}:{}", config.mail.host, config.mail.port);
    let connecting = tokio::net::TcpStream::connect(&place);
    match tokio::time::timeout(ANSWER, connecting).await {
        Ok(Ok(_)) => Row::ok(WHAT, format!("{place} takes connections")).essential(),
        Ok(Err(error)) => Row::broken(WHAT, &anyhow::Error::new(error).context(place))
            .essential()
            .cost(COST),
        Err(_late) => Row::new(WHAT, State::Broken, format!("{place} does not answer"))
            .essential()
            .cost(COST),
    }
}

/// Whether the platform answers, what it can do, and how far its clock is from ours.
pub(super) async fn platform(config: &Config) -> Vec<Row> {
    const WHAT: &str = "platform";
    const COST: &str = "no account can be found, locked or secured; cases wait";
    let url = config.platform.url.as_str();
    let found = match capabilities(config).await {
        Ok(found) => found,
        Err(error) => {
            let row = Row::broken(WHAT, &error.context(url.to_owned()))
                .essential()
                .cost(COST);
            return vec![row, clock(url).await];
        }
    };
    let Capabilities {
        contract,
        securing,
        notice_channels,
        thaw,
        ..
    } = found;
    let (securing, channels) = (securing.len(), notice_channels.len());
    let found = format!(
        "{url}: contract {contract}, {securing} securing actions, {channels} notice channels"
    );
    vec![
        Row::ok(WHAT, found).essential(),
        limits(thaw),
        clock(url).await,
    ]
}

/// Whether the platform keeps to limits after a wait.
fn limits(thaw: bool) -> Row {
    const WHAT: &str = "limits";
    if thaw {
        return Row::ok(WHAT, "the platform keeps to limits that rise after a wait");
    }
    Row::new(WHAT, State::Missing, "the platform does not declare `thaw`")
        .cost("everything is open at the end of a wait, not step by step")
}

async fn capabilities(config: &Config) -> anyhow::Result<Capabilities> {
    let keys = wiring::shared_keys(config)?;
    let client = wiring::platform_client(config, keys, wiring::wall_clock())?;
    Ok(client.capabilities().await?)
}

/// Whether each webhook's secrets can be read and its name leads to where it may. Nothing is sent.
pub(super) async fn webhooks(config: &Config) -> Vec<Row> {
    let mut rows = Vec::new();
    for webhook in &config.webhooks {
        let what = format!("webhook {}", webhook.name);
        rows.push(match wiring::webhook_sender(webhook) {
            Err(error) => Row::broken(&what, &error)
                .essential()
                .cost("Regain does not start"),
            Ok(sender) => resolved(&what, &sender).await,
        });
    }
    rows
}

async fn resolved(what: &str, sender: &WebhookSender) -> Row {
    let place = sender.origin();
    let broken = |found: String| {
        Row::new(what, State::Broken, found)
            .cost("its webhooks wait, and are given up after 3 days")
    };
    match tokio::time::timeout(ANSWER, sender.resolves()).await {
        Ok(true) => Row::ok(what, place),
        Ok(false) => broken(format!("{place} does not lead to public addresses alone"))
            .remedy("name its network in allow_networks if it is yours"),
        Err(_late) => broken(format!("{place}: its name is not found in time")),
    }
}

/// Signed calls are refused when the clocks are further apart than [`SKEW_MAX`].
async fn clock(url: &str) -> Row {
    const WHAT: &str = "platform's clock";
    match clock_difference(url).await {
        Err(error) => Row::new(WHAT, State::Unknown, format!("{error:#}")),
        Ok(off) if off.as_millis().abs() < SKEW_ODD.as_millis() => {
            Row::ok(WHAT, "within 30 seconds of ours")
        }
        Ok(off) => {
            let row = Row::new(WHAT, State::Broken, format!("{} from ours", words(off)))
                .cost("signed calls are refused beyond 5 minutes")
                .remedy("set both clocks by NTP");
            if off.as_millis().abs() >= SKEW_MAX.as_millis() {
                row.essential()
            } else {
                row
            }
        }
    }
}

/// Their time, as the `Date` of any answer says it (RFC 9110 section 6.6.1), minus ours.
async fn clock_difference(url: &str) -> anyhow::Result<Span> {
    // The process has one provider; another part may have installed the same one before.
    drop(rustls::crypto::ring::default_provider().install_default());
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(ANSWER)
        .build()?;
    // The address is the operator's own, but an error would repeat it.
    let answer = client
        .head(url)
        .send()
        .await
        .map_err(|_| anyhow::anyhow!("no answer"))?;
    let date = answer
        .headers()
        .get("date")
        .and_then(|date| date.to_str().ok())
        .context("its answer has no date")?;
    let theirs = jiff::fmt::rfc2822::parse(date)
        .context("its date cannot be read")?
        .timestamp();
    Ok(Timestamp::from_millis(theirs.as_millisecond()).since(wiring::wall_now()))
}

fn words(off: Span) -> String {
    format!("{} seconds", off.as_millis() / 1000)
}
