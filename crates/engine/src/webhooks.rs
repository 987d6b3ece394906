//! Webhooks: written in the transaction of the events they tell of, sent endpoint by endpoint.
//!
//! They are no jobs. A job is never given up (docs/adr/0011) and its end changes a case; a webhook
//! is given up after three days, changes nothing, and must hold up nothing: every endpoint has a
//! lane of its own, so that one that is dead keeps only itself waiting.

use std::time::Duration;

use futures::FutureExt as _;
use notify::webhook::{Answer, WebhookCase, WebhookEvent, WebhookSender};
use recovery::case::{Case, Event, News, news};
use recovery::id::MessageId;
use recovery::sensitive::Sensitive;
use recovery::time::{Span, Timestamp};
use store::{NewWebhook, Store, Tx, Webhook, WebhookState, WebhookTry};

use crate::engine::Engine;
use crate::error::{EngineError, Result};

/// How long after the try before it each try comes: the schedule of the Standard Webhooks
/// specification. After the last one a webhook is given up.
pub const SCHEDULE: [Span; 10] = [
    Span::ZERO,
    Span::seconds(5),
    Span::minutes(5),
    Span::minutes(30),
    Span::hours(2),
    Span::hours(5),
    Span::hours(10),
    Span::hours(14),
    Span::hours(20),
    Span::hours(24),
];
/// A delay grows by up to one part in so many, so that endpoints that come back are not asked by
/// everybody at once.
const JITTER: u64 = 10;
/// Webhooks on their way to one endpoint at the same time.
const AT_ONCE: usize = 4;
/// How long a webhook belongs to its sender: a try takes 20 seconds at most.
const LEASE: Span = Span::minutes(2);
/// The longest an idle lane rests before it looks again.
const REST: Duration = Duration::from_secs(1);
/// Transactions of one sending again; each takes up a bounded number of webhooks.
const ROUNDS_MAX: usize = 50;

/// An endpoint of the configuration.
#[derive(Debug, Clone)]
pub struct WebhookEndpoint {
    /// What sends to it.
    pub sender: WebhookSender,
    /// What it is told; everything if this is empty.
    pub events: Vec<News>,
}

impl WebhookEndpoint {
    pub(crate) fn wants(&self, news: News) -> bool {
        self.events.is_empty() || self.events.contains(&news)
    }
}

/// What is sent again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Again {
    /// This one, whatever came of it.
    One(MessageId),
    /// Everything written since then that was not taken.
    Since(Timestamp),
}

/// A webhook before it is stored.
#[derive(Debug)]
pub(crate) struct Told {
    endpoint: String,
    id: MessageId,
    news: News,
    body: String,
}

/// Stores what is told of a case.
pub(crate) async fn store_told(tx: &mut Tx, case: &Case, told: &[Told]) -> Result<()> {
    for one in told {
        tx.put_webhook(&NewWebhook {
            id: &one.id,
            endpoint: &one.endpoint,
            kind: one.news.name(),
            case_id: &case.id,
            body: one.body.as_bytes(),
        })
        .await?;
    }
    Ok(())
}

/// Sends webhooks again, from their first try on, and turns endpoints on that were off. Says how
/// many.
///
/// # Errors
/// [`EngineError::NotFound`] for one that is not there or waits already; or when the database
/// fails.
pub async fn send_again(store: &Store, again: &Again) -> Result<u64> {
    match again {
        Again::One(id) => {
            let mut tx = store.begin().await?;
            let webhook = tx.webhook(id).await?.ok_or(EngineError::NotFound)?;
            if !tx.send_webhook_again(id).await? {
                return Err(EngineError::NotFound);
            }
            tx.enable_endpoints(Some(&webhook.endpoint)).await?;
            tx.commit().await?;
            Ok(1)
        }
        Again::Since(since) => {
            let mut all = 0;
            for _ in 0..ROUNDS_MAX {
                let mut tx = store.begin().await?;
                let some = tx.send_webhooks_again(*since).await?;
                tx.enable_endpoints(None).await?;
                tx.commit().await?;
                all += some;
                if some < u64::from(store::MAX_PURGE) {
                    break;
                }
            }
            Ok(all)
        }
    }
}

impl Engine {
    /// What an event of a case has to be told, to every endpoint that wants it.
    pub(crate) fn tell(
        &self,
        before: Option<&Case>,
        after: &Case,
        seq: u64,
        event: &Event,
        now: Timestamp,
    ) -> Result<Vec<Told>> {
        let Some((news, account)) = news(before, after, event) else {
            return Ok(Vec::new());
        };
        let endpoints = self.0.webhooks.iter().filter(|one| one.wants(news));
        endpoints
            .map(|endpoint| {
                let id = self.random(|rng| MessageId::new(now, rng));
                let source = self.0.settings.origin.as_str();
                let data = WebhookCase::new(after, &account, seq);
                let event = WebhookEvent::news(&id, source, news, now, data);
                let body = event.body();
                let body = body.map_err(|error| EngineError::internal("webhook", &error))?;
                Ok(Told {
                    endpoint: endpoint.sender.name().to_owned(),
                    id,
                    news,
                    body,
                })
            })
            .collect()
    }

    /// Sends due webhooks until `stop` says that it is enough.
    pub(crate) async fn send_webhooks_until(&self, stop: impl Future<Output = ()> + Send) {
        let stop = stop.shared();
        let mut lanes = Vec::new();
        for endpoint in &self.0.webhooks {
            lanes.push(self.webhook_lane(endpoint, stop.clone()));
        }
        futures::future::join_all(lanes).await;
    }

    async fn webhook_lane(
        &self,
        endpoint: &WebhookEndpoint,
        stop: impl Future<Output = ()> + Send,
    ) {
        let mut stop = std::pin::pin!(stop);
        let mut at_once = AT_ONCE;
        loop {
            let woken = self.0.work.notified();
            let tried = self.send_due(endpoint, at_once).await;
            let tried = tried.unwrap_or_else(|error| {
                let name = endpoint.sender.name();
                tracing::error!(endpoint = name, error = %error, "webhooks could not be claimed");
                Vec::new()
            });
            if tried.iter().any(Answer::is_busy) {
                at_once = 1;
            } else if !tried.is_empty() {
                at_once = AT_ONCE;
            }
            let rest = if tried.is_empty() || at_once == 1 {
                REST
            } else {
                Duration::ZERO
            };
            tokio::select! {
                () = &mut stop => return,
                _ = tokio::time::timeout(rest, woken) => {}
            }
        }
    }

    /// Sends the webhooks that are due now, some for each endpoint; says how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn send_due_webhooks(&self) -> Result<usize> {
        let mut tried = 0;
        for endpoint in &self.0.webhooks {
            tried += self.send_due(endpoint, AT_ONCE).await?.len();
        }
        Ok(tried)
    }

    async fn send_due(&self, endpoint: &WebhookEndpoint, at_once: usize) -> Result<Vec<Answer>> {
        let token = self.new_token();
        let name = endpoint.sender.name();
        let mut tx = self.0.store.begin().await?;
        let due = tx
            .claim_webhooks(name, at_once, LEASE, token.reveal())
            .await?;
        if due.is_empty() {
            tx.rollback().await?;
            return Ok(Vec::new());
        }
        tx.commit().await?;
        let mut tries = Vec::new();
        for webhook in &due {
            tries.push(self.try_once(endpoint, webhook, &token));
        }
        Ok(futures::future::join_all(tries).await)
    }

    async fn try_once(
        &self,
        endpoint: &WebhookEndpoint,
        webhook: &Webhook,
        token: &Sensitive<String>,
    ) -> Answer {
        let body = String::from_utf8_lossy(&webhook.body);
        let now = (self.0.wall)();
        let answer = endpoint.sender.send(&webhook.id, now, &body).await;
        if let Err(error) = self.settle(webhook, token, &answer).await {
            // The lease runs out by itself; then it is sent once more.
            tracing::error!(webhook = %webhook.id, error = %error, "a try was not noted");
        }
        answer
    }

    async fn settle(
        &self,
        webhook: &Webhook,
        token: &Sensitive<String>,
        answer: &Answer,
    ) -> Result<()> {
        let mut tx = self.0.store.begin().await?;
        let now = tx.now().await?;
        let (state, next_at) = self.next(webhook, answer, now);
        let word = answer.word();
        let tried = WebhookTry {
            state,
            next_at,
            answer: &word,
        };
        let settled = tx
            .settle_webhook(&webhook.id, token.reveal(), &tried)
            .await?;
        if settled && state == WebhookState::Disabled {
            tx.disable_endpoint(&webhook.endpoint).await?;
        }
        tx.commit().await?;
        let (id, endpoint) = (&webhook.id, &webhook.endpoint);
        match state {
            WebhookState::Delivered => {}
            WebhookState::Waiting => tracing::warn!(webhook = %id, endpoint, answer = word,
                tries = webhook.attempts + 1, "a webhook will be tried again"),
            WebhookState::GivenUp => tracing::error!(webhook = %id, endpoint, answer = word,
                "a webhook is given up; it can be sent again at /console/webhooks"),
            WebhookState::Disabled => tracing::error!(webhook = %id, endpoint,
                "an endpoint says that it is gone: nothing is sent to it any more"),
        }
        Ok(())
    }

    /// What has become of a webhook by an answer, and when it is tried again.
    fn next(
        &self,
        webhook: &Webhook,
        answer: &Answer,
        now: Timestamp,
    ) -> (WebhookState, Timestamp) {
        let wanted = match answer {
            Answer::Taken(_) => return (WebhookState::Delivered, now),
            Answer::Gone => return (WebhookState::Disabled, now),
            Answer::Refused { wait, .. } => wait.unwrap_or(Span::ZERO),
            Answer::Late | Answer::Unreachable | Answer::Forbidden => Span::ZERO,
        };
        let tries = usize::try_from(webhook.attempts).unwrap_or(usize::MAX);
        let Some(delay) = SCHEDULE.get(tries.saturating_add(1)) else {
            return (WebhookState::GivenUp, now);
        };
        let delay = self.jittered(*delay).max(wanted);
        (WebhookState::Waiting, now + delay)
    }

    fn jittered(&self, delay: Span) -> Span {
        use rand::Rng as _;
        let most = u64::try_from(delay.as_millis()).unwrap_or(0) / JITTER;
        let more = self.random(|rng| rng.next_u64()) % (most + 1);
        delay + Span::millis(i64::try_from(more).unwrap_or(0))
    }
}
