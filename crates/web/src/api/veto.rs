//! The platform forwards a veto of the holder; the call and its answer are signed.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use engine::{EngineError, PlatformCall};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use recovery::id::AccountRef;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::Dressed;
use crate::visit::Visit;

/// Longest account reference and channel name, in bytes (the contract's own limit).
const NAME_MAX: usize = 128;
/// Most headers that are handed to the check of the signature.
const HEADERS_MAX: usize = 64;

/// How the holder told the platform to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum How {
    /// By proving the old factors on the platform's stop page.
    SignedIn,
    /// By answering a notice with "this was not me".
    ThisWasNotMe,
}

/// The body.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    /// As named in the dossier, or `sign_in`.
    channel: String,
    /// How the holder acted; either way it is a veto.
    #[expect(dead_code, reason = "read to refuse what is not in the contract")]
    how: How,
}

/// A status and the document that goes with it.
type Answer = (StatusCode, Value);

fn problem(status: StatusCode, code: &str, title: &str) -> Answer {
    let document = json!({
        "type": format!("urn:regain:problem:{code}"),
        "code": code,
        "title": title,
        "status": status.as_u16(),
    });
    (status, document)
}

/// Letters, digits, `_` and `-` only, as the contract says; channels may also carry `.` and `:`.
fn is_name(text: &str, more: &[u8]) -> bool {
    !text.is_empty()
        && text.len() <= NAME_MAX
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-') || more.contains(&b))
}

fn read(body: &[u8]) -> Result<String, Answer> {
    let wrong = |title| problem(StatusCode::UNPROCESSABLE_ENTITY, "malformed", title);
    let request: Request = serde_json::from_slice(body)
        .map_err(|_| wrong("the body must be {\"channel\", \"how\"} as in the contract"))?;
    if is_name(&request.channel, b".:") {
        Ok(request.channel)
    } else {
        Err(wrong("the channel must be named as in the dossier"))
    }
}

/// `POST /platform/v1/accounts/{account}/veto`.
pub(crate) async fn stop(
    visit: Visit,
    method: Method,
    uri: Uri,
    Path(account): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path_and_query().map_or("", |path| path.as_str());
    let named: Vec<(String, String)> = headers
        .iter()
        .take(HEADERS_MAX)
        .filter_map(|(name, value)| {
            let value = value.to_str().ok()?;
            Some((name.as_str().to_owned(), value.to_owned()))
        })
        .collect();
    let call = visit
        .engine()
        .verify_platform_call(method.as_str(), path, &named, &body)
        .await;
    match call {
        Ok(call) => {
            let answer = act(&visit, &account, &body).await;
            signed(&call, answer)
        }
        // An outsider learns nothing from the difference between a bad key, time or signature.
        Err(error) => plain(refused(&error)),
    }
}

async fn act(visit: &Visit, account: &str, body: &[u8]) -> Answer {
    let channel = match read(body) {
        Ok(channel) => channel,
        Err(answer) => return answer,
    };
    if !is_name(account, b"") {
        return problem(StatusCode::NOT_FOUND, "unknown_account", "no such account");
    }
    let account = AccountRef(account.to_owned());
    match visit.engine().platform_veto(&account, &channel).await {
        Ok(stopped) => (StatusCode::OK, json!({ "stopped": stopped })),
        Err(error) => refused(&error),
    }
}

/// The engine's answer as a problem: never its inner text.
fn refused(error: &EngineError) -> Answer {
    match error {
        EngineError::NotFound => problem(
            StatusCode::UNAUTHORIZED,
            "unsigned",
            "the call is not signed by the platform",
        ),
        EngineError::Refused(refusal) => {
            problem(StatusCode::CONFLICT, refusal.code(), &refusal.to_string())
        }
        EngineError::Limited { .. } => problem(
            StatusCode::TOO_MANY_REQUESTS,
            "limited",
            "too many calls for now",
        ),
        // Nothing was stopped for certain: the platform must call again.
        _ => problem(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "this cannot be done just now; call again",
        ),
    }
}

fn plain((status, document): Answer) -> Response {
    let kind = if status == StatusCode::OK {
        "application/json"
    } else {
        "application/problem+json"
    };
    let headers = [(header::CONTENT_TYPE, kind)];
    let mut response = (status, headers, document.to_string()).into_response();
    response.extensions_mut().insert(Dressed);
    response
}

/// Every answer after the check of the caller carries our signature, refusals too.
fn signed(call: &PlatformCall, (status, document): Answer) -> Response {
    let body = document.to_string();
    let headers = call.answer_headers(status.as_u16(), body.as_bytes());
    let mut response = plain((status, document));
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_str(&value),
        ) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_the_contracts_body_is_read() {
        let good = br#"{"channel":"push:1","how":"this_was_not_me"}"#;
        assert_eq!(read(good).unwrap(), "push:1");
        assert!(read(br#"{"channel":"sign_in","how":"signed_in"}"#).is_ok());
        for wrong in [
            &br#"{"channel":"sign_in"}"#[..],
            br#"{"channel":"sign_in","how":"by_phone"}"#,
            br#"{"channel":"","how":"signed_in"}"#,
            br#"{"channel":"a b","how":"signed_in"}"#,
            br#"{"channel":"a","how":"signed_in","force":true}"#,
            b"veto",
        ] {
            let (status, document) = read(wrong).unwrap_err();
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
            assert_eq!(document["code"], "malformed");
        }
    }

    #[test]
    fn an_account_is_named_without_climbing_out_of_its_place() {
        assert!(is_name("acc_01-A", b""));
        for wrong in ["", "../x", "a/b", "a b", "a.b"] {
            assert!(!is_name(wrong, b""), "{wrong}");
        }
        assert!(!is_name(&"x".repeat(NAME_MAX + 1), b""));
    }

    #[test]
    fn faults_ask_the_platform_to_call_again_and_say_nothing_inner() {
        let (status, document) = refused(&EngineError::Internal {
            reference: "ABC123".to_owned(),
        });
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(!document.to_string().contains("ABC123"));
        let (status, document) = refused(&EngineError::NotFound);
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        assert_eq!(document["status"], 401);
    }
}
