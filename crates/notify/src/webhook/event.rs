//! What a webhook says: identifiers and names.

use recovery::case::{Case, News, Pathway};
use recovery::id::{AccountRef, CaseId, MessageId};
use recovery::time::Timestamp;
use serde::Serialize;

/// The `type` of an event that only shows that webhooks arrive.
const TEST: &str = "webhook.test";

/// One event. The names are those of Standard Webhooks (`type`, `timestamp`, `data`) and of
/// CloudEvents 1.0 (`specversion`, `id`, `source`, `type`, `time`), so that it is both.
#[derive(Debug, Clone, Serialize)]
pub struct WebhookEvent<'a> {
    specversion: &'static str,
    id: &'a MessageId,
    source: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    time: String,
    timestamp: String,
    datacontenttype: &'static str,
    data: Option<WebhookCase<'a>>,
}

/// The case that an event is about. Nothing of a person is in it: the account is the platform's
/// own reference.
#[derive(Debug, Clone, Serialize)]
pub struct WebhookCase<'a> {
    case: &'a CaseId,
    account: &'a AccountRef,
    /// The case's state after the event.
    state: &'static str,
    /// How identity is shown; not decided before the case is sent.
    pathway: Option<Pathway>,
    policy_version: u32,
    /// The event's place in its case: a larger number is newer.
    sequence: u64,
}

impl<'a> WebhookCase<'a> {
    /// Of a case after its event with this number.
    #[must_use]
    pub const fn new(case: &'a Case, account: &'a AccountRef, sequence: u64) -> Self {
        Self {
            case: &case.id,
            account,
            state: case.state.name(),
            pathway: case.pathway,
            policy_version: case.policy_version,
            sequence,
        }
    }
}

impl<'a> WebhookEvent<'a> {
    /// News of a case; `source` is the service's own address.
    #[must_use]
    pub fn news(
        id: &'a MessageId,
        source: &'a str,
        news: News,
        at: Timestamp,
        data: WebhookCase<'a>,
    ) -> Self {
        Self::new(id, source, news.name(), at, Some(data))
    }

    /// An event about nothing.
    #[must_use]
    pub fn test(id: &'a MessageId, source: &'a str, at: Timestamp) -> Self {
        Self::new(id, source, TEST, at, None)
    }

    fn new(
        id: &'a MessageId,
        source: &'a str,
        kind: &'static str,
        at: Timestamp,
        data: Option<WebhookCase<'a>>,
    ) -> Self {
        let moment = jiff::Timestamp::from_millisecond(at.millis()).unwrap_or_default();
        Self {
            specversion: "1.0",
            id,
            source,
            kind,
            time: moment.to_string(),
            timestamp: moment.to_string(),
            datacontenttype: "application/json",
            data,
        }
    }

    /// As it is signed and sent.
    ///
    /// # Errors
    /// When it cannot be written as JSON, which cannot happen.
    pub fn body(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}
