//! The layer around every call: refuses what is not signed, and signs every answer to what is.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use platform::paths::{JSON_MAX, PORTRAIT_MAX};
use platform::signature::{NONCE_HEADER, SignedHeaders, sign_answer};
use platform::{Incoming, Verified, VerifyError};

use crate::error::ExchangeError;
use crate::faults::Fault;
use crate::start::App;

/// What a faulty exchange answers in place of anything else.
const RUBBISH: &[u8] = b"<html><h1>It works!</h1>";
/// A piece of an answer of 1 GB, and how many of them there are.
const PIECE: usize = 1024 * 1024;
const PIECES: usize = 1024;

/// Who asked.
struct Caller {
    /// None where a faulty exchange let somebody through.
    verified: Option<Verified>,
    nonce: String,
}

impl Caller {
    fn sign(&self, app: &App, status: StatusCode, body: &[u8]) -> SignedHeaders {
        let status = status.as_u16();
        match &self.verified {
            Some(verified) => app.verifier.sign_answer(verified, status, body),
            None => sign_answer(app.config.keys.current(), &self.nonce, status, body),
        }
    }
}

/// Refuses what is not signed, and signs every answer to what is.
pub(super) async fn signed(State(app): State<App>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let longest = if app.has(&[Fault::ReadsEverything]) {
        PORTRAIT_MAX
    } else {
        JSON_MAX
    };
    let Ok(body) = to_bytes(body, longest).await else {
        return ExchangeError::refused(413, "too_large", "The body is too large").into_response();
    };
    let path = parts.uri.path_and_query().map_or("", |path| path.as_str());
    let named = |name: &str| {
        let value = parts.headers.get(name);
        value.and_then(|value| value.to_str().ok())
    };
    let incoming = Incoming::new(parts.method.as_str(), path, &body, named);
    let verified = match app.verifier.verify(&incoming, (app.config.wall)()) {
        Ok(verified) => Some(verified),
        Err(error) if overlooks(&app, error) => None,
        Err(error) => {
            // Which of the reasons it was is for the log: a stranger learns nothing.
            tracing::warn!(%error, "a call of the contract was refused");
            let problem = ExchangeError::refused(401, "unsigned", "The request is not signed");
            return problem.into_response();
        }
    };
    let nonce = named(NONCE_HEADER).unwrap_or_default().to_owned();
    let caller = Caller { verified, nonce };
    if let Some(answer) = instead(&app, &caller).await {
        return answer;
    }
    let answer = to_its_end(next.run(Request::from_parts(parts, Body::from(body)))).await;
    let (mut head, body) = answer.into_parts();
    let Ok(body) = to_bytes(body, PORTRAIT_MAX).await else {
        return ExchangeError::Internal("answer").into_response();
    };
    if !leaves_unsigned(&app, head.status) {
        for (name, value) in caller.sign(&app, head.status, &body) {
            if let Ok(value) = HeaderValue::from_str(&value) {
                head.headers.insert(name, value);
            }
        }
    }
    head.headers
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if app.has(&[Fault::DropsAnswers]) {
        head.headers.remove(header::CONTENT_LENGTH);
        return Response::from_parts(head, breaks_off());
    }
    Response::from_parts(head, Body::from(body))
}

/// What was begun is finished, whether or not the caller waits: a future that is dropped with
/// the connection may have sent a message already and not noted yet that it did.
async fn to_its_end(work: impl Future<Output = Response> + Send + 'static) -> Response {
    #[expect(
        clippy::disallowed_methods,
        reason = "it ends with the call, which is bounded"
    )]
    let task = tokio::spawn(work);
    let done = task.await;
    done.unwrap_or_else(|_| ExchangeError::Internal("a call broke off").into_response())
}

/// Whether a faulty exchange lets a wrong request through.
fn overlooks(app: &App, error: VerifyError) -> bool {
    let fault = match error {
        VerifyError::Stale => Fault::IgnoresTime,
        VerifyError::Replayed => Fault::IgnoresNonce,
        VerifyError::Unsigned | VerifyError::UnknownKey | VerifyError::BadSignature => {
            Fault::IgnoresSignature
        }
        VerifyError::Busy => return false,
    };
    app.has(&[fault])
}

fn leaves_unsigned(app: &App, status: StatusCode) -> bool {
    let refused = status.is_client_error() || status.is_server_error();
    app.has(&[Fault::AnswersUnsigned]) || (refused && app.has(&[Fault::RefusesUnsigned]))
}

/// The answer of a faulty exchange that does nothing.
async fn instead(app: &App, caller: &Caller) -> Option<Response> {
    let signed = |status: StatusCode, body: &'static [u8]| {
        let mut answer = Response::builder().status(status);
        for (name, value) in caller.sign(app, status, body) {
            answer = answer.header(name, value);
        }
        answer.body(Body::from(body)).ok()
    };
    match app.config.faults.now()? {
        Fault::Hangs => std::future::pending().await,
        Fault::Slow => {
            let slow = tokio::time::timeout(Fault::SLOW, std::future::pending::<()>());
            let _elapsed = slow.await;
            None
        }
        Fault::Redirects => {
            let to = [(header::LOCATION, app.config.entry_url.clone())];
            Some((StatusCode::TEMPORARY_REDIRECT, to).into_response())
        }
        Fault::AnswersRubbish => Some(RUBBISH.into_response()),
        Fault::SignsRubbish => signed(StatusCode::OK, RUBBISH),
        Fault::Answers500 => signed(StatusCode::INTERNAL_SERVER_ERROR, b"{}"),
        Fault::Answers1Gb => {
            // Signed as long answers are: over what nobody will read to its end.
            let answer = signed(StatusCode::OK, b"")?;
            let (head, _) = answer.into_parts();
            Some(Response::from_parts(head, one_gb()))
        }
        _ => None,
    }
}

fn one_gb() -> Body {
    let piece = Bytes::from(vec![b' '; PIECE]);
    let pieces = std::iter::repeat_n(piece, PIECES).map(Ok::<_, std::io::Error>);
    Body::from_stream(futures::stream::iter(pieces))
}

fn breaks_off() -> Body {
    let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    Body::from_stream(futures::stream::iter([Err::<Bytes, _>(broken)]))
}
