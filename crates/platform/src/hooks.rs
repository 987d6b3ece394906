//! What Regain tells by webhook, as whoever takes it reads it. `docs/guide/webhooks.md` says how to
//! verify one; any library of the Standard Webhooks specification does.

use recovery::case::News;
use serde::{Deserialize, Serialize};
use utoipa::openapi::path::{OperationBuilder, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::{
    Content, HttpMethod, Object, PathItem, Paths, PathsBuilder, Ref, Required, Response, Type,
};
use utoipa::{Modify, ToSchema};

/// The three headers of the specification, with what each is.
const HEADERS: [(&str, &str); 3] = [
    (
        "webhook-id",
        "The event's identifier, the same for every try.",
    ),
    (
        "webhook-timestamp",
        "When this try was made, in seconds since 1970-01-01T00:00:00Z.",
    ),
    (
        "webhook-signature",
        "`v1,` and base 64 of HMAC-SHA-256 over `id.timestamp.body`; several with spaces between \
         while secrets are changed.",
    ),
];

/// One event, as Standard Webhooks and CloudEvents 1.0 have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookEvent {
    /// `1.0`, of CloudEvents.
    pub specversion: String,
    /// The same as the header `webhook-id`: what comes twice is known by it.
    pub id: String,
    /// The address of the Regain that tells it.
    pub source: String,
    /// What happened, such as `case.opened`.
    #[serde(rename = "type")]
    pub kind: String,
    /// When, as RFC 3339 has it.
    pub time: String,
    /// The same, under the name that Standard Webhooks has for it.
    pub timestamp: String,
    /// `application/json`.
    pub datacontenttype: String,
    /// The case; nothing for `webhook.test`.
    #[schema(required)]
    pub data: Option<WebhookCase>,
}

/// The case that an event is about: identifiers and names, nothing of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookCase {
    /// Its identifier.
    pub case: String,
    /// The account, by your own reference.
    pub account: String,
    /// Its state after the event.
    pub state: String,
    /// How identity is shown: `remote` or `equal_path`; not decided before the case is sent.
    #[schema(required)]
    pub pathway: Option<String>,
    /// The policy that it was opened under.
    pub policy_version: u32,
    /// The event's place in its case. Webhooks may overtake one another: the largest is the newest.
    pub sequence: u64,
}

/// Writes the webhooks into the document.
pub(crate) struct Hooks;

impl Modify for Hooks {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        document.webhooks = Some(webhooks());
    }
}

fn webhooks() -> Paths {
    let each = News::ALL.iter();
    let paths = each.fold(PathsBuilder::new(), |paths, news| {
        paths.path(news.name(), item(*news))
    });
    paths.build()
}

fn item(news: News) -> PathItem {
    let body = Content::new(Some(Ref::from_schema_name("WebhookEvent")));
    let body = RequestBodyBuilder::new()
        .content("application/json", body)
        .required(Some(Required::True))
        .build();
    let operation = HEADERS
        .into_iter()
        .fold(OperationBuilder::new(), |all, (name, description)| {
            let header = ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Header)
                .required(Required::True)
                .description(Some(description))
                .schema(Some(Object::with_type(Type::String)));
            all.parameter(header)
        })
        .tag("webhooks")
        .description(Some(news.meaning()))
        .request_body(Some(body))
        // Signed in a way of its own, which the headers say.
        .securities(Some(Vec::new()))
        .response("2XX", Response::new("Taken."))
        .response("410", Response::new("Send nothing here any more."))
        .response("default", Response::new("Try again later."));
    PathItem::new(HttpMethod::Post, operation)
}
