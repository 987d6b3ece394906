//! One call of the platform: its signature checked, its answer signed.

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use engine::{EngineError, PlatformCall, ReceivedCall};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use serde_json::{Value, json};

use crate::error::Dressed;
use crate::visit::Visit;

/// Longest account reference and channel name, in bytes (the contract's own limit).
pub(super) const NAME_MAX: usize = 128;

/// A status and the document that goes with it.
pub(super) type Answer = (StatusCode, Value);

/// What a handler of a call takes from its request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) method: &'a Method,
    pub(super) uri: &'a Uri,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
}

impl<'a> Call<'a> {
    pub(super) fn received(self) -> ReceivedCall<'a> {
        ReceivedCall {
            method: self.method.as_str(),
            path_and_query: self.uri.path_and_query().map_or("", |path| path.as_str()),
            body: self.body,
        }
    }

    /// A header that is text.
    pub(super) fn header(self, name: &str) -> Option<&'a str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// The same of a call that changes something, with its whole body.
pub(super) struct Asked {
    pub(super) method: Method,
    pub(super) uri: Uri,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// Checks the signature, lets `act` answer, and signs what it says.
pub(super) async fn answer(
    visit: &Visit,
    asked: &Asked,
    act: impl AsyncFnOnce() -> Answer,
) -> Response {
    let call = Call {
        method: &asked.method,
        uri: &asked.uri,
        headers: &asked.headers,
        body: &asked.body,
    };
    let verified = visit
        .engine()
        .verify_platform_call(call.received(), |name| call.header(name))
        .await;
    match verified {
        Ok(verified) => signed(&verified, act().await),
        // An outsider learns nothing from the difference between a bad key, time or signature.
        Err(error) => plain(refused(&error)),
    }
}

pub(super) fn problem(status: StatusCode, code: &str, title: &str) -> Answer {
    let document = json!({
        "type": format!("urn:regain:problem:{code}"),
        "code": code,
        "title": title,
        "status": status.as_u16(),
    });
    (status, document)
}

/// Letters, digits, `_` and `-` only, as the contract says; channels may also carry `.` and `:`.
pub(super) fn is_name(text: &str, more: &[u8]) -> bool {
    !text.is_empty()
        && text.len() <= NAME_MAX
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-') || more.contains(&b))
}

/// The engine's answer as a problem: never its inner text.
pub(super) fn refused(error: &EngineError) -> Answer {
    match error {
        EngineError::NotFound => problem(
            StatusCode::UNAUTHORIZED,
            "unsigned",
            "the call is not signed by the platform",
        ),
        EngineError::Refused(refusal) => {
            problem(StatusCode::CONFLICT, refusal.code(), &refusal.to_string())
        }
        EngineError::Input { code, sentence, .. } => {
            problem(StatusCode::UNPROCESSABLE_ENTITY, code, sentence)
        }
        EngineError::Limited { .. } => problem(
            StatusCode::TOO_MANY_REQUESTS,
            "limited",
            "too many calls for now",
        ),
        // Nothing was done for certain: the platform must call again.
        _ => problem(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "this cannot be done just now; call again",
        ),
    }
}

/// An answer without our signature: to whoever is not the platform.
pub(super) fn plain((status, document): Answer) -> Response {
    let mut response = bare(status, document.to_string().into_bytes());
    response.extensions_mut().insert(Dressed);
    response
}

/// Every answer after the check of the caller carries our signature, refusals too.
pub(super) fn signed(call: &PlatformCall, (status, document): Answer) -> Response {
    signed_bytes(call, status, document.to_string().into_bytes())
}

/// The same for JSON that is written already.
pub(super) fn signed_bytes(call: &PlatformCall, status: StatusCode, body: Vec<u8>) -> Response {
    let headers = call.answer_headers(status.as_u16(), &body);
    let mut response = bare(status, body);
    response.extensions_mut().insert(Dressed);
    add(&mut response, headers);
    response
}

/// Adds the headers of a signature.
pub(super) fn add(response: &mut Response, headers: Vec<(&'static str, String)>) {
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::try_from(value),
        ) {
            response.headers_mut().insert(name, value);
        }
    }
}

fn bare(status: StatusCode, body: Vec<u8>) -> Response {
    let kind = if status == StatusCode::OK {
        "application/json"
    } else {
        "application/problem+json"
    };
    (status, [(header::CONTENT_TYPE, kind)], body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

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
