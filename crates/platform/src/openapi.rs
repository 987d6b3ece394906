//! The contract as an OpenAPI 3.1 document, made from the types.

use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::contract::{
    Capabilities, ChangeAnswer, ChangeRequest, CredentialsRequest, Dossier, NoticeAnswer,
    NoticeRequest, PasswordAnswer, PasswordCheck, ProbeAnswer, ProbeRequest, Problem,
    ResolveAnswer, ResolveRequest, RestrictionAck, RestrictionEvent, RestrictionSet,
    RestrictionsAnswer, RestrictionsRequest, SecuringAnswer, SecuringReading, SecuringRequest,
    StagedCredentials, VetoAnswer, VetoCodeAnswer, VetoRequest,
};
use crate::enrol::EnrolAssertion;
use crate::hooks::{Hooks, WebhookCase, WebhookEvent};
use crate::ticket::EntryTicket;

/// Declares one call of the document.
macro_rules! call {
    ($(#[$doc:meta])* $name:ident, $method:ident, $path:literal, $tag:literal,
     ($($param:tt)*), $($body:ty)? => $answer:ty) => {
        $(#[$doc])*
        #[utoipa::path(
            $method, path = $path, tag = $tag, params($($param)*), $(request_body = $body,)?
            responses(
                (status = 200, description = "Done.", body = $answer),
                (status = "4XX", description = "Refused.", body = Problem,
                    content_type = "application/problem+json"),
            ),
        )]
        #[allow(dead_code, reason = "only its documentation is used")]
        const fn $name() {}
    };
}

call! {
    /// What the platform supports.
    capabilities, get, "/regain/v1/capabilities", "platform", (), => Capabilities
}
call! {
    /// Finds the account of an identifier. POST, so that identifiers never stand in an address.
    resolve, post, "/regain/v1/accounts/resolve", "platform", (), ResolveRequest => ResolveAnswer
}
call! {
    /// What the platform knows of the account.
    dossier, get, "/regain/v1/accounts/{account}/dossier", "platform",
    (("account" = String, Path, description = "Account reference")), => Dossier
}
call! {
    /// Puts a restriction set in force, unless a higher version is.
    restrict, put, "/regain/v1/accounts/{account}/restrictions", "platform",
    (("account" = String, Path, description = "Account reference")),
    RestrictionSet => RestrictionAck
}
call! {
    /// The restriction set in force.
    read_restrictions, get, "/regain/v1/accounts/{account}/restrictions", "platform",
    (("account" = String, Path, description = "Account reference")), => RestrictionSet
}
call! {
    /// Whether a password would do.
    check_password, post, "/regain/v1/accounts/{account}/credentials/password/check", "platform",
    (("account" = String, Path, description = "Account reference")),
    PasswordCheck => PasswordAnswer
}
call! {
    /// Stages new credentials of a case.
    stage_credentials, put, "/regain/v1/accounts/{account}/recoveries/{case}/credentials",
    "platform",
    (("account" = String, Path, description = "Account reference"),
     ("case" = String, Path, description = "Case identifier")),
    CredentialsRequest => StagedCredentials
}
call! {
    /// Which credentials of a case are staged, whoever staged them.
    read_staged, get, "/regain/v1/accounts/{account}/recoveries/{case}/credentials", "platform",
    (("account" = String, Path, description = "Account reference"),
     ("case" = String, Path, description = "Case identifier")), => StagedCredentials
}
call! {
    /// Suspends, restores or destroys what could still open the account.
    secure, post, "/regain/v1/accounts/{account}/securing/{action}", "platform",
    (("account" = String, Path, description = "Account reference"),
     ("action" = String, Path, description = "Securing action")), SecuringRequest => SecuringAnswer
}
call! {
    /// Reads a securing action back.
    read_secured, get, "/regain/v1/accounts/{account}/securing/{action}", "platform",
    (("account" = String, Path, description = "Account reference"),
     ("action" = String, Path, description = "Securing action"),
     ("case" = String, Query, description = "Case identifier")), => SecuringReading
}
call! {
    /// Tells every channel known before the case.
    notify, post, "/regain/v1/accounts/{account}/notices", "platform",
    (("account" = String, Path, description = "Account reference")), NoticeRequest => NoticeAnswer
}
call! {
    /// Whether a user could do something now. In a test environment only, for the conformance
    /// suite, and declared in the capabilities.
    probe, post, "/regain/v1/conformance/probe", "platform", (), ProbeRequest => ProbeAnswer
}
call! {
    /// Stops every open recovery of the account.
    veto, post, "/platform/v1/accounts/{account}/veto", "regain",
    (("account" = String, Path, description = "Account reference")), VetoRequest => VetoAnswer
}
call! {
    /// A new veto code, which its holder keeps on paper: it stops a recovery whatever else is lost.
    new_veto_code, post, "/platform/v1/accounts/{account}/veto-codes", "regain",
    (("account" = String, Path, description = "Account reference")), => VetoCodeAnswer
}
call! {
    /// Says that something of the account changed while its recovery waits: the wait grows.
    changed, post, "/platform/v1/accounts/{account}/changes", "regain",
    (("account" = String, Path, description = "Account reference")),
    ChangeRequest => ChangeAnswer
}
call! {
    /// The restriction set that should be in force; 304 where `If-None-Match` names its version.
    regain_restrictions, get, "/platform/v1/accounts/{account}/restrictions", "regain",
    (("account" = String, Path, description = "Account reference")), => RestrictionSet
}
call! {
    /// The sets of at most 500 accounts.
    regain_restrictions_of_many, post, "/platform/v1/restrictions", "regain", (),
    RestrictionsRequest => RestrictionsAnswer
}

/// Every change of a set, as server-sent events.
#[utoipa::path(
    get, path = "/platform/v1/restrictions/changes", tag = "regain",
    params(("after" = Option<u64>, Query, description = "Number of the last change known")),
    responses(
        (status = 200, description = "Events `changed`, `told`, `reset`: a line with the \
            signature, then a line with this.", body = RestrictionEvent,
            content_type = "text/event-stream"),
        (status = "4XX", description = "Refused.", body = Problem,
            content_type = "application/problem+json"),
    ),
)]
#[allow(dead_code, reason = "only its documentation is used")]
const fn regain_restriction_changes() {}

/// The portrait's bytes.
#[utoipa::path(
    get, path = "/regain/v1/accounts/{account}/portrait", tag = "platform",
    params(("account" = String, Path, description = "Account reference")),
    responses(
        (status = 200, description = "JPEG or PNG, at most 16 MiB.",
            body = Vec<u8>, content_type = "application/octet-stream"),
        (status = "4XX", description = "Refused.", body = Problem,
            content_type = "application/problem+json"),
    ),
)]
#[allow(dead_code, reason = "only its documentation is used")]
const fn portrait() {}

struct Signing;

impl Modify for Signing {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(
            "Regain-Signature",
            "HMAC-SHA-256 with a shared key, together with Regain-Key, Regain-Time and \
             Regain-Nonce; answers are signed too. See docs/guide/platform.md.",
        )));
        let components = document.components.get_or_insert_with(Default::default);
        components.add_security_scheme("signature", scheme);
    }
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Regain platform contract",
        version = "1",
        description = "Calls tagged `platform` are implemented by the operator's system and made \
                       by Regain; calls tagged `regain` are implemented by Regain and made by the \
                       platform. Moments are milliseconds since 1970-01-01T00:00:00Z. \
                       `webhooks` are events that Regain posts to endpoints of the operator's.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    paths(
        capabilities, resolve, dossier, portrait, restrict, read_restrictions, check_password,
        stage_credentials, read_staged, secure, read_secured, notify, probe, veto,
        new_veto_code, changed, regain_restrictions, regain_restrictions_of_many,
        regain_restriction_changes,
    ),
    components(schemas(EntryTicket, WebhookEvent, WebhookCase, EnrolAssertion)),
    security(("signature" = [])),
    modifiers(&Signing, &Hooks),
)]
struct Document;

/// The document as JSON text with a final line feed, as `docs/reference/platform-openapi.json`
/// holds it.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn document() -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(&Document::openapi())?;
    text.push('\n');
    Ok(text)
}
