//! What the console shows of webhooks.

use recovery::actor::Rank;
use recovery::id::MessageId;
use recovery::time::Timestamp;
use store::{Reader, Webhook, WebhookState};

use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::views::StaffMember;
use crate::webhooks::{Again, WebhookEndpoint, send_again};

/// One endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointView {
    /// Its name in the configuration.
    pub name: String,
    /// Scheme, host and port; nothing for one that is not configured any more.
    pub origin: Option<String>,
    /// What it is told; everything if this is empty.
    pub events: Vec<&'static str>,
    /// Since when it is off: it answered 410.
    pub disabled_at: Option<Timestamp>,
    /// How many webhooks are in each state, in the order of [`WebhookState::ALL`].
    pub counts: [u64; 4],
}

/// One webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookView {
    /// Its identifier.
    pub id: MessageId,
    /// To whom.
    pub endpoint: String,
    /// What it tells.
    pub kind: String,
    /// When it was written.
    pub at: Timestamp,
    /// What has become of it.
    pub state: WebhookState,
    /// Tries since it was written or sent again.
    pub tries: u32,
    /// The last answer in one word.
    pub answer: Option<String>,
    /// When it is tried again.
    pub next_at: Option<Timestamp>,
}

/// Everything of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhooksView {
    /// Those of the configuration, then others that something is stored for.
    pub endpoints: Vec<EndpointView>,
    /// The newest 200, the newest first.
    pub webhooks: Vec<WebhookView>,
    /// Whether who looks may send again.
    pub may_send: bool,
}

impl From<Webhook> for WebhookView {
    fn from(webhook: Webhook) -> Self {
        let waits = webhook.state == WebhookState::Waiting;
        Self {
            id: webhook.id,
            endpoint: webhook.endpoint,
            kind: webhook.kind,
            at: webhook.created_at,
            state: webhook.state,
            tries: webhook.attempts,
            answer: webhook.last_answer,
            next_at: waits.then_some(webhook.next_at),
        }
    }
}

fn empty(name: String, endpoint: Option<&WebhookEndpoint>) -> EndpointView {
    let events = endpoint.map(|one| one.events.iter().map(|news| news.name()).collect());
    EndpointView {
        name,
        origin: endpoint.map(|one| one.sender.origin()),
        events: events.unwrap_or_default(),
        disabled_at: None,
        counts: [0; 4],
    }
}

/// The endpoints of the configuration, and what is stored of them and of others.
pub(crate) async fn endpoints(
    reader: &mut Reader,
    configured: &[WebhookEndpoint],
) -> Result<Vec<EndpointView>> {
    let of = |one: &WebhookEndpoint| empty(one.sender.name().to_owned(), Some(one));
    let mut views: Vec<EndpointView> = configured.iter().map(of).collect();
    for count in reader.webhook_counts().await? {
        let place = views.iter().position(|view| view.name == count.endpoint);
        let view = match place.and_then(|place| views.get_mut(place)) {
            Some(view) => view,
            None => views.push_mut(empty(count.endpoint, None)),
        };
        let cell = WebhookState::ALL.iter().zip(&mut view.counts);
        for (_, cell) in cell.filter(|(state, _)| **state == count.state) {
            *cell = count.webhooks;
        }
    }
    for off in reader.disabled_endpoints().await? {
        for view in views.iter_mut().filter(|view| view.name == off.name) {
            view.disabled_at = Some(off.disabled_at);
        }
    }
    Ok(views)
}

impl Engine {
    /// The endpoints, and what became of the newest webhooks.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn webhooks_view(&self, staff: &StaffMember) -> Result<WebhooksView> {
        let mut reader = self.0.store.read().await?;
        let endpoints = endpoints(&mut reader, &self.0.webhooks).await?;
        let newest = reader.newest_webhooks().await?;
        Ok(WebhooksView {
            endpoints,
            webhooks: newest.into_iter().map(WebhookView::from).collect(),
            may_send: staff.rank == Rank::Senior,
        })
    }

    /// Sends webhooks again for a senior; says how many.
    ///
    /// # Errors
    /// [`EngineError::Input`] when the caller is no senior, or that webhook cannot be sent again.
    pub async fn send_webhooks_again(&self, staff: &StaffMember, again: &Again) -> Result<u64> {
        let refused = |code, sentence: &str| EngineError::Input {
            field: "webhook",
            code,
            sentence: sentence.to_owned(),
        };
        if staff.rank != Rank::Senior {
            return Err(refused("not_senior", "Only seniors send webhooks again"));
        }
        match send_again(&self.0.store, again).await {
            Ok(count) => {
                tracing::info!(by = %staff.id, count, "webhooks are sent again");
                self.wake();
                Ok(count)
            }
            Err(EngineError::NotFound) => {
                let sentence = "That webhook waits already, or is not kept any more.";
                Err(refused("webhook_waits", sentence))
            }
            Err(error) => Err(error),
        }
    }
}
