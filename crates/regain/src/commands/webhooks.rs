//! `regain webhooks`: what became of them, sending again, trying an endpoint.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::Subcommand;
use engine::{Again, EngineError, send_again};
use notify::webhook::{Answer, WebhookEvent};
use recovery::id::MessageId;
use recovery::time::Timestamp;
use store::{Store, Webhook, WebhookState};

use crate::config::Config;
use crate::{out, wiring};

/// `regain webhooks ...`
#[derive(Debug, Subcommand)]
pub(crate) enum WebhooksCommand {
    /// List the endpoints and the newest webhooks: what became of each, and the last answer.
    List,
    /// Send again: one webhook, or everything that was not taken since a moment.
    ///
    /// The worker sends it. An endpoint that was off, because it answered 410, is on again.
    Replay {
        /// The webhook's identifier, as `list` prints it.
        #[arg(required_unless_present = "since", conflicts_with = "since")]
        id: Option<String>,
        /// A day such as 2026-11-24 (its beginning in UTC), or a moment such as
        /// 2026-11-24T18:00:00Z.
        #[arg(long, value_name = "WHEN")]
        since: Option<String>,
    },
    /// Send an event about nothing to an endpoint, at once and once, and say how it answered.
    ///
    /// Exit code 0: it was taken. 1: it was not.
    Test {
        /// The endpoint's name in the configuration.
        name: String,
    },
}

/// Runs one of the commands.
pub(super) async fn run(command: WebhooksCommand, config: &Config) -> anyhow::Result<ExitCode> {
    match command {
        WebhooksCommand::Test { name } => return test(&name, config).await,
        WebhooksCommand::List => {
            let store = wiring::open_store(config).await?;
            let listed = list(config, &store).await;
            store.close().await;
            listed?;
        }
        WebhooksCommand::Replay { id, since } => {
            let again = again(id.as_deref(), since.as_deref())?;
            let store = wiring::open_store(config).await?;
            let sent = send_again(&store, &again).await;
            store.close().await;
            let count = match sent {
                Err(EngineError::NotFound) => {
                    anyhow::bail!("that webhook waits already, or is not kept any more")
                }
                other => other?,
            };
            out::line(&format!("webhooks to be sent again: {count}"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn again(id: Option<&str>, since: Option<&str>) -> anyhow::Result<Again> {
    if let Some(id) = id {
        let parsed = id.parse().ok();
        let unknown = || format!("{id} is no identifier of a webhook; see: regain webhooks list");
        return Ok(Again::One(parsed.with_context(unknown)?));
    }
    let text = since.context("say which: an identifier, or --since")?;
    let moment =
        moment(text).with_context(|| format!("{text}: use 2026-11-24, or 2026-11-24T18:00:00Z"))?;
    Ok(Again::Since(moment))
}

/// A day's beginning in UTC, or a moment.
fn moment(text: &str) -> Option<Timestamp> {
    let moment = match text.parse::<jiff::civil::Date>() {
        Ok(day) if !text.contains('T') => day
            .to_zoned_datetime(jiff::tz::TimeZone::UTC)
            .ok()?
            .timestamp(),
        _ => text.parse().ok()?,
    };
    Some(Timestamp::from_millis(moment.as_millisecond()))
}

async fn list(config: &Config, store: &Store) -> anyhow::Result<()> {
    let mut reader = store.read().await?;
    let counts = reader.webhook_counts().await?;
    let off = reader.disabled_endpoints().await?;
    let webhooks = reader.newest_webhooks().await?;
    drop(reader);
    if config.webhooks.is_empty() {
        out::line("no endpoint is configured; docs/guide/webhooks.md says how")?;
    }
    for endpoint in &config.webhooks {
        let of = |state: WebhookState| {
            let of =
                |one: &&store::WebhookCount| one.endpoint == endpoint.name && one.state == state;
            counts.iter().find(of).map_or(0, |one| one.webhooks)
        };
        let each: Vec<String> = WebhookState::ALL
            .iter()
            .map(|state| format!("{} {}", of(*state), state.name()))
            .collect();
        let is_off = off.iter().any(|one| one.name == endpoint.name);
        let word = if is_off { "off: it answered 410" } else { "on" };
        out::line(&format!("{}: {word}; {}", endpoint.name, each.join(", ")))?;
    }
    for webhook in &webhooks {
        out::line(&row(webhook))?;
    }
    Ok(())
}

fn row(webhook: &Webhook) -> String {
    let at = jiff::Timestamp::from_millisecond(webhook.created_at.millis()).unwrap_or_default();
    format!(
        "{}  {at:.0}  {}  {}  {}, tries {}, last answer {}",
        webhook.id,
        webhook.endpoint,
        webhook.kind,
        webhook.state.name(),
        webhook.attempts,
        webhook.last_answer.as_deref().unwrap_or("none")
    )
}

async fn test(name: &str, config: &Config) -> anyhow::Result<ExitCode> {
    let endpoint = config.webhooks.iter().find(|one| one.name == name);
    let names = || {
        let names: Vec<&str> = config
            .webhooks
            .iter()
            .map(|one| one.name.as_str())
            .collect();
        format!(
            "no [[webhooks]] has the name {name}; there are: {}",
            names.join(", ")
        )
    };
    let sender = wiring::webhook_sender(endpoint.with_context(names)?)?;
    let now = wiring::wall_now();
    let id = MessageId::new(now, &mut wiring::seeded_rng()?);
    let event = WebhookEvent::test(&id, config.server.origin.as_str(), now);
    let answer = sender.send(&id, now, &event.body()?).await;
    out::line(&format!("{id} to {}: {}", sender.origin(), words(&answer)))?;
    Ok(match answer {
        Answer::Taken(_) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

fn words(answer: &Answer) -> String {
    match answer {
        Answer::Taken(status) => format!("taken ({status})"),
        Answer::Gone => "it wants no webhooks (410); in service it would be turned off".to_owned(),
        Answer::Refused { status, .. } => format!("not taken ({status}); in service tried again"),
        Answer::Late => "no answer within 20 seconds".to_owned(),
        Answer::Unreachable => "it cannot be reached".to_owned(),
        Answer::Forbidden => "its name leads to an address that is not public; \
                              allow_networks could name its network"
            .to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_its_beginning_and_a_moment_itself() {
        let of = |text| moment(text).map(Timestamp::millis);
        assert_eq!(of("1970-01-02"), Some(86_400_000));
        assert_eq!(of("1970-01-02T01:00:00Z"), Some(90_000_000));
        assert_eq!(of("1970-01-02T01:00:00+01:00"), Some(86_400_000));
        for bad in ["", "yesterday", "1970-13-01", "1970-01-02T01:00:00"] {
            assert_eq!(of(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_is_sent_again_is_named_exactly() {
        assert!(again(Some("msg_1"), None).is_err());
        assert!(again(None, Some("soon")).is_err());
        let id = "msg_01J00000000000000000000000";
        assert_eq!(
            again(Some(id), None).unwrap(),
            Again::One(id.parse().unwrap())
        );
    }
}
