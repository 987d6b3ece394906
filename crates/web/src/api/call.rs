//! One call of the platform: its signature checked, its answer signed.

use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use engine::{
    Engine, EngineError, Incoming, KEY_HEADER, NONCE_HEADER, PlatformCall, SIGNATURE_HEADER,
    TIME_HEADER, account_named,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use recovery::id::AccountRef;
use serde_json::{Value, json};

use crate::error::Dressed;
use crate::visit::Visit;

/// Headers of an answer to the platform.
const HEADERS: usize = 10;

/// The headers of a signature: key, time, nonce, and the signature itself.
static SIGNED: [HeaderName; 4] = [
    HeaderName::from_static(KEY_HEADER),
    HeaderName::from_static(TIME_HEADER),
    HeaderName::from_static(NONCE_HEADER),
    HeaderName::from_static(SIGNATURE_HEADER),
];

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
    fn incoming(self) -> Incoming<'a> {
        let [key, time, nonce, signature] = SIGNED.each_ref().map(|name| self.header(name));
        Incoming {
            method: self.method.as_str(),
            path_and_query: self.uri.path_and_query().map_or("", |path| path.as_str()),
            body: self.body,
            key,
            time,
            nonce,
            signature,
        }
    }

    /// A header that is text.
    fn header(self, name: &HeaderName) -> Option<&'a str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// A call with its whole body.
pub(crate) struct Asked {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    pub(super) body: Bytes,
}

impl<S: Send + Sync> FromRequest<S> for Asked {
    type Rejection = BytesRejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, BytesRejection> {
        let (parts, body) = request.into_parts();
        // With its extensions, among which is the limit of this route.
        let whole = Request::from_parts(parts.clone(), body);
        let body = Bytes::from_request(whole, state).await?;
        Ok(Self {
            method: parts.method,
            uri: parts.uri,
            headers: parts.headers,
            body,
        })
    }
}

impl Asked {
    fn call(&self) -> Call<'_> {
        Call {
            method: &self.method,
            uri: &self.uri,
            headers: &self.headers,
            body: &self.body,
        }
    }
}

/// An answer to whoever is not the platform: a bad key, time or signature look the same.
pub(crate) struct Unsigned(pub(super) Answer);

impl IntoResponse for Unsigned {
    fn into_response(self) -> Response {
        let Self((status, document)) = self;
        let mut response = bare(status, document.to_string().into_bytes());
        response.extensions_mut().insert(Dressed);
        response
    }
}

/// Checks the signature of a call that only reads.
pub(super) fn read(engine: &Engine, call: Call<'_>) -> Result<PlatformCall, Unsigned> {
    let verified = engine.verify_platform_read(call.incoming());
    verified.map_err(|error| Unsigned(refused(&error)))
}

/// The same for a call with its body.
pub(super) fn read_asked(engine: &Engine, asked: &Asked) -> Result<PlatformCall, Unsigned> {
    read(engine, asked.call())
}

/// Checks the signature of a call that does something with an account, lets `act` do it, and signs
/// what it says.
pub(super) async fn about(
    visit: &Visit,
    account: &str,
    asked: &Asked,
    act: impl AsyncFnOnce(AccountRef) -> engine::Result<Value>,
) -> Response {
    let incoming = asked.call().incoming();
    let verified = visit.engine().verify_platform_call(incoming).await;
    let verified = match verified {
        Ok(verified) => verified,
        Err(error) => return Unsigned(refused(&error)).into_response(),
    };
    let answer = match account_named(account) {
        None => unknown_account(),
        Some(account) => match act(account).await {
            Ok(document) => (StatusCode::OK, document),
            Err(error) => refused(&error),
        },
    };
    signed(&verified, answer)
}

pub(super) fn unknown_account() -> Answer {
    problem(StatusCode::NOT_FOUND, "unknown_account", "no such account")
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

/// Every answer after the check of the caller carries our signature, refusals too.
pub(super) fn signed(call: &PlatformCall, (status, document): Answer) -> Response {
    signed_bytes(call, status, document.to_string().into_bytes())
}

/// The same for JSON that is written already.
pub(super) fn signed_bytes(call: &PlatformCall, status: StatusCode, body: Vec<u8>) -> Response {
    let mut response = hot(call, status, body);
    response.extensions_mut().insert(Dressed);
    response
}

/// The same around which there are no layers: nobody looks for a mark.
pub(super) fn hot(call: &PlatformCall, status: StatusCode, body: Vec<u8>) -> Response {
    let headers = call.answer_headers(status.as_u16(), &body);
    let mut response = bare(status, body);
    add(&mut response, headers);
    response
}

/// Adds the headers of a signature.
pub(super) fn add(response: &mut Response, headers: Vec<(&'static str, String)>) {
    let all = response.headers_mut();
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            all.insert(HeaderName::from_static(name), value);
        }
    }
}

fn bare(status: StatusCode, body: Vec<u8>) -> Response {
    let kind = if status == StatusCode::OK {
        "application/json"
    } else {
        "application/problem+json"
    };
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    // Room for the signature, the tag and what else goes on an answer, at once.
    let mut headers = HeaderMap::with_capacity(HEADERS);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    *response.headers_mut() = headers;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let (status, document) = refused(&EngineError::Input {
            field: "body",
            code: "malformed",
            sentence: "the body must be this".to_owned(),
        });
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(document["code"], "malformed");
    }
}
