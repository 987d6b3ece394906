//! The platform tells that something of an account changed while its recovery waits.

use axum::extract::Path;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, Uri};
use recovery::case::ChangeKind;
use recovery::id::AccountRef;
use recovery::time::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::call::{Answer, Asked, NAME_MAX, answer, is_name, problem, refused};
use crate::visit::Visit;

/// What changed, in the contract's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    NewEmail,
    NewFactor,
    NewDevice,
    SuspiciousLogin,
    PasswordChanged,
    /// Also what a newer contract has: a change that is told counts.
    #[serde(other)]
    Other,
}

impl Kind {
    const fn named(self) -> ChangeKind {
        match self {
            Self::NewEmail => ChangeKind::NewEmail,
            Self::NewFactor => ChangeKind::NewFactor,
            Self::NewDevice => ChangeKind::NewDevice,
            Self::SuspiciousLogin => ChangeKind::SuspiciousLogin,
            Self::PasswordChanged => ChangeKind::PasswordChanged,
            Self::Other => ChangeKind::Other,
        }
    }
}

/// The body.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    kind: Kind,
    at: Timestamp,
    /// Told again under the same name, it counts once.
    idempotency_key: String,
}

fn read(body: &[u8]) -> Result<Request, Answer> {
    let wrong = |title| problem(StatusCode::UNPROCESSABLE_ENTITY, "malformed", title);
    let request: Request = serde_json::from_slice(body).map_err(|_| {
        wrong("the body must be {\"kind\", \"at\", \"idempotency_key\"} as in the contract")
    })?;
    match request.idempotency_key.len() {
        1..=NAME_MAX => Ok(request),
        _ => Err(wrong("the idempotency key must have 1 to 128 bytes")),
    }
}

/// `POST /platform/v1/accounts/{account}/changes`.
pub(crate) async fn note(
    visit: Visit,
    method: Method,
    uri: Uri,
    Path(account): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let asked = Asked {
        method,
        uri,
        headers,
        body,
    };
    answer(&visit, &asked, async || {
        act(&visit, &account, &asked.body).await
    })
    .await
}

async fn act(visit: &Visit, account: &str, body: &[u8]) -> Answer {
    let request = match read(body) {
        Ok(request) => request,
        Err(answer) => return answer,
    };
    if !is_name(account, b"") {
        return problem(StatusCode::NOT_FOUND, "unknown_account", "no such account");
    }
    let account = AccountRef(account.to_owned());
    let (kind, name) = (request.kind.named(), &request.idempotency_key);
    let done = visit.engine();
    match done.platform_change(&account, kind, name, request.at).await {
        Ok(longer) => (StatusCode::OK, json!({ "longer": longer })),
        Err(error) => refused(&error),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_the_contracts_body_is_read() {
        let text = r#"{"kind":"new_email","at":5,"idempotency_key":"change-1"}"#;
        assert_eq!(read(text.as_bytes()).unwrap().kind, Kind::NewEmail);
        // What is not known counts; and nobody tells us of our own handover.
        for kind in ["new_fingerprint", "handover"] {
            let text = text.replace("new_email", kind);
            assert_eq!(read(text.as_bytes()).unwrap().kind, Kind::Other);
        }
        let long = "x".repeat(NAME_MAX + 1);
        for wrong in [
            text.replace("change-1", ""),
            text.replace("change-1", &long),
            text.replace("\"at\":5,", ""),
            text.replace("\"at\":5", "\"at\":\"now\""),
            text.replace("\"at\":5", "\"at\":5,\"hours\":-9"),
            "change".to_owned(),
        ] {
            let (status, document) = read(wrong.as_bytes()).unwrap_err();
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
            assert_eq!(document["code"], "malformed");
        }
    }
}
