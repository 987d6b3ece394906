//! From `[[webhooks]]` to what sends.

use anyhow::Context as _;
use engine::WebhookEndpoint;
use notify::webhook::{WebhookConfig, WebhookSecret, WebhookSender};

use crate::config::{Config, Secret, Webhook};

/// Where news of cases is sent.
///
/// # Errors
/// As [`webhook_sender`].
pub(super) fn endpoints(config: &Config) -> anyhow::Result<Vec<WebhookEndpoint>> {
    let endpoint = |webhook: &Webhook| {
        Ok(WebhookEndpoint {
            sender: webhook_sender(webhook)?,
            events: webhook.events.clone(),
        })
    };
    config.webhooks.iter().map(endpoint).collect()
}

/// What sends to one endpoint.
///
/// # Errors
/// When a secret cannot be read or is none.
pub(crate) fn webhook_sender(webhook: &Webhook) -> anyhow::Result<WebhookSender> {
    let read = |secret: &Secret| {
        WebhookSecret::parse(&secret.read()?).with_context(|| {
            format!(
                "{} in {} (`regain keys new webhook FILE` makes one)",
                secret.what,
                secret.place()
            )
        })
    };
    let sender = || {
        let secrets = webhook.secrets.iter().map(read);
        let sender = WebhookSender::new(WebhookConfig {
            name: webhook.name.clone(),
            url: webhook.url.reveal().clone(),
            secrets: secrets.collect::<anyhow::Result<Vec<_>>>()?,
            allow_networks: webhook.allow_networks.clone(),
        });
        sender.context("webhooks.url")
    };
    sender().with_context(|| format!("the webhook \"{}\"", webhook.name))
}
