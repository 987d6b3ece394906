//! Webhooks: written with the events they tell of, claimed endpoint by endpoint, sent at least
//! once.
//!
//! Unlike a job, a webhook is given up at some time; then it stays here for a while, to be sent
//! again by whoever mended its endpoint.

use recovery::id::{CaseId, MessageId};
use recovery::time::{Span, Timestamp};

use crate::purge::MAX_PURGE;
use crate::rows::signed;
use crate::tx::{Reader, Tx};
use crate::{MAX_CLAIM, MAX_PAGE, Result};

statements! {
    PUT = "INSERT INTO webhooks (id, endpoint, kind, case_id, body, state, attempts, next_at, \
        created_at) VALUES ($1, $2, $3, $4, $5, \
        CASE WHEN EXISTS (SELECT 1 FROM webhook_endpoints WHERE name = $6) \
        THEN 'disabled' ELSE 'waiting' END, 0, $7, $8)";
    CLAIM = "UPDATE webhooks SET lease_until = $3, lease_token = $4 \
        WHERE id IN (SELECT id FROM webhooks WHERE endpoint = $1 AND state = 'waiting' \
            AND next_at <= $2 AND (lease_until IS NULL OR lease_until <= $2) \
            ORDER BY next_at, id LIMIT $5" [skip_locked] ") RETURNING " [webhook_columns] "";
    SETTLE = "UPDATE webhooks SET state = $3, attempts = attempts + 1, next_at = $4, \
        last_answer = $5, last_at = $6, delivered_at = $7, lease_until = NULL, \
        lease_token = NULL WHERE id = $1 AND lease_token = $2 AND state = 'waiting'";
    GET = "SELECT " [webhook_columns] " FROM webhooks WHERE id = $1";
    NEWEST = "SELECT " [webhook_columns] " FROM webhooks \
        ORDER BY created_at DESC, id DESC LIMIT $1";
    COUNTS = "SELECT endpoint, state, COUNT(*) AS webhooks FROM webhooks \
        GROUP BY endpoint, state ORDER BY endpoint, state LIMIT $1";
    AGAIN = "UPDATE webhooks SET state = 'waiting', attempts = 0, next_at = $2, \
        delivered_at = NULL WHERE id = $1 AND state <> 'waiting'";
    AGAIN_SINCE = "UPDATE webhooks SET state = 'waiting', attempts = 0, next_at = $2 \
        WHERE id IN (SELECT id FROM webhooks WHERE created_at >= $1 \
            AND state IN ('given_up', 'disabled') ORDER BY created_at, id LIMIT $3)";
    DISABLE = "INSERT INTO webhook_endpoints (name, disabled_at) VALUES ($1, $2) \
        ON CONFLICT (name) DO UPDATE SET disabled_at = excluded.disabled_at";
    DISABLE_WAITING = "UPDATE webhooks SET state = 'disabled', lease_until = NULL, \
        lease_token = NULL WHERE endpoint = $1 AND state = 'waiting'";
    ENABLE = "DELETE FROM webhook_endpoints WHERE name = $1";
    ENABLE_ALL = "DELETE FROM webhook_endpoints";
    DISABLED = "SELECT name, disabled_at FROM webhook_endpoints ORDER BY name LIMIT $1";
    EXPIRED = "DELETE FROM webhooks WHERE id IN \
        (SELECT id FROM webhooks WHERE created_at <= $1 LIMIT $2)";
}

/// What has become of a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WebhookState {
    /// It is sent when its moment comes.
    Waiting,
    /// Its endpoint took it.
    Delivered,
    /// Its last try failed.
    GivenUp,
    /// Its endpoint wants no webhooks any more.
    Disabled,
}

impl WebhookState {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Waiting,
        Self::Delivered,
        Self::GivenUp,
        Self::Disabled,
    ];

    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::GivenUp => "given_up",
            Self::Disabled => "disabled",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// A webhook to be written.
#[derive(Debug, Clone)]
pub struct NewWebhook<'a> {
    /// Its identifier.
    pub id: &'a MessageId,
    /// To whom, by the name of the configuration.
    pub endpoint: &'a str,
    /// What it tells.
    pub kind: &'a str,
    /// The case it tells of.
    pub case_id: &'a CaseId,
    /// What is sent.
    pub body: &'a [u8],
}

rows! {
    /// A webhook as it is stored.
    #[derive(PartialEq, Eq)]
    pub struct Webhook {
        /// Its identifier, the same for every try.
        pub id: MessageId,
        /// To whom.
        pub endpoint: String,
        /// What it tells.
        pub kind: String,
        /// The case it tells of.
        pub case_id: Option<CaseId>,
        /// What is sent.
        pub body: Vec<u8>,
        /// What has become of it.
        pub state: WebhookState,
        /// Tries since it was written or sent again.
        pub attempts: u32,
        /// Not before this moment.
        pub next_at: Timestamp,
        /// The last answer in one word, or why there was none.
        pub last_answer: Option<String>,
        /// When the last try was over.
        pub last_at: Option<Timestamp>,
        /// When it was written.
        pub created_at: Timestamp,
        /// When it was taken.
        pub delivered_at: Option<Timestamp>,
    }

    /// How many webhooks of an endpoint are in a state.
    #[derive(PartialEq, Eq)]
    pub struct WebhookCount {
        /// The endpoint.
        pub endpoint: String,
        /// The state.
        pub state: WebhookState,
        /// How many.
        pub webhooks: u64,
    }

    /// An endpoint that wants no webhooks any more.
    #[derive(PartialEq, Eq)]
    pub struct DisabledEndpoint {
        /// Its name.
        pub name: String,
        /// Since when.
        pub disabled_at: Timestamp,
    }
}

/// What a try led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WebhookTry<'a> {
    /// What has become of the webhook.
    pub state: WebhookState,
    /// When it is tried again, if it waits.
    pub next_at: Timestamp,
    /// The answer in one word.
    pub answer: &'a str,
}

impl Reader {
    /// One webhook.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn webhook(&mut self, id: &MessageId) -> Result<Option<Webhook>> {
        fetch!(fetch_optional, Webhook, self.conn, GET, id.as_str())
    }

    /// The newest 200 webhooks, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn newest_webhooks(&mut self) -> Result<Vec<Webhook>> {
        let most = i64::from(MAX_PAGE);
        fetch!(fetch_all, Webhook, self.conn, NEWEST, most)
    }

    /// How many there are, by endpoint and state.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn webhook_counts(&mut self) -> Result<Vec<WebhookCount>> {
        let most = i64::from(MAX_PAGE);
        fetch!(fetch_all, WebhookCount, self.conn, COUNTS, most)
    }

    /// The endpoints that are off.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn disabled_endpoints(&mut self) -> Result<Vec<DisabledEndpoint>> {
        let most = i64::from(MAX_PAGE);
        fetch!(fetch_all, DisabledEndpoint, self.conn, DISABLED, most)
    }
}

impl Tx {
    /// Writes a webhook that is due at once; one for an endpoint that is off is kept, and not sent.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_webhook(&mut self, webhook: &NewWebhook<'_>) -> Result<()> {
        let now = self.now().await?.millis();
        execute!(
            self.conn,
            PUT,
            webhook.id.as_str(),
            webhook.endpoint,
            webhook.kind,
            webhook.case_id.as_str(),
            webhook.body,
            webhook.endpoint,
            now,
            now
        )
        .map(|_| ())
    }

    /// Takes due webhooks of an endpoint for this long, the oldest first. The token proves it
    /// later.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_webhooks(
        &mut self,
        endpoint: &str,
        limit: usize,
        lease: Span,
        token: &str,
    ) -> Result<Vec<Webhook>> {
        let now = self.now().await?;
        let room = signed(limit.min(MAX_CLAIM) as u64);
        fetch!(
            fetch_all,
            Webhook,
            self.conn,
            CLAIM,
            endpoint,
            now.millis(),
            (now + lease).millis(),
            token,
            room
        )
    }

    /// Notes what a try led to; false if somebody else has the webhook by now, or it was called
    /// off.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn settle_webhook(
        &mut self,
        id: &MessageId,
        token: &str,
        tried: &WebhookTry<'_>,
    ) -> Result<bool> {
        let now = self.now().await?.millis();
        let delivered = (tried.state == WebhookState::Delivered).then_some(now);
        let settled = execute!(
            self.conn,
            SETTLE,
            id.as_str(),
            token,
            tried.state.name(),
            tried.next_at.millis(),
            tried.answer,
            now,
            delivered
        )?;
        Ok(settled > 0)
    }

    /// Sends a webhook again, from the first try on; false if it waits already, or is not there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn send_webhook_again(&mut self, id: &MessageId) -> Result<bool> {
        let now = self.now().await?.millis();
        Ok(execute!(self.conn, AGAIN, id.as_str(), now)? > 0)
    }

    /// Sends again what was not taken of what was written since then, at most [`MAX_PURGE`], the
    /// oldest first. Returns how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn send_webhooks_again(&mut self, since: Timestamp) -> Result<u64> {
        let now = self.now().await?.millis();
        let most = i64::from(MAX_PURGE);
        execute!(self.conn, AGAIN_SINCE, since.millis(), now, most)
    }

    /// Turns an endpoint off, with everything that waits for it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn disable_endpoint(&mut self, name: &str) -> Result<()> {
        let now = self.now().await?.millis();
        execute!(self.conn, DISABLE, name, now)?;
        execute!(self.conn, DISABLE_WAITING, name).map(|_| ())
    }

    /// Turns an endpoint on again, or all of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn enable_endpoints(&mut self, name: Option<&str>) -> Result<()> {
        match name {
            Some(name) => execute!(self.conn, ENABLE, name),
            None => execute!(self.conn, ENABLE_ALL),
        }
        .map(|_| ())
    }

    /// Deletes webhooks written before then, as many as one purge may.
    pub(crate) async fn purge_webhooks(&mut self, before: Timestamp) -> Result<u64> {
        let most = i64::from(MAX_PURGE);
        execute!(self.conn, EXPIRED, before.millis(), most)
    }
}
