//! What accounts may do now: asked by the platform before every withdrawal, answered from memory.

use std::convert::Infallible;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, Request, State};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use engine::{PlatformCall, RestrictionNews, RestrictionStream, account_named};
use futures::StreamExt as _;
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;

use super::call::{
    Asked, Call, Unsigned, add, hot, problem, read, read_asked, refused, signed, signed_bytes,
    unknown_account,
};
use crate::client::prefers_json;
use crate::error::{Dressed, Failure};
use crate::headers::{self, Powers};
use crate::problem::dress;
use crate::visit::{App, Visit};

/// For how long an answer may be used again. Short: a freeze must be felt at once.
const CACHED: HeaderValue = HeaderValue::from_static("private, max-age=1");
const NO_SNIFFING: HeaderValue = HeaderValue::from_static("nosniff");
/// A stream is never the answer to another request.
const NOT_CACHED: HeaderValue = HeaderValue::from_static("no-store");

/// `GET /platform/v1/accounts/{account}/restrictions`.
pub(crate) async fn of_account(
    State(app): State<App>,
    Path(account): Path<String>,
    request: Request,
) -> Response {
    let call = Call {
        method: request.method(),
        uri: request.uri(),
        headers: request.headers(),
        body: b"",
    };
    let verified = match read(app.engine(), call) {
        Ok(verified) => verified,
        Err(unsigned) => return guarded(&app, unsigned.into_response()),
    };
    let Some(account) = account_named(&account) else {
        return guarded(&app, signed(&verified, unknown_account()));
    };
    match app.engine().restriction_of(&account).await {
        Ok(answer) => {
            let tag = format!("\"{}\"", answer.version);
            if call.header(&header::IF_NONE_MATCH) == Some(&tag) {
                return unchanged(&verified, &tag);
            }
            let mut response = hot(&verified, StatusCode::OK, answer.body);
            cached(&mut response, &tag);
            response
        }
        Err(error) => guarded(&app, signed(&verified, refused(&error))),
    }
}

/// Any other method, for which the layers around other addresses would answer.
pub(crate) async fn no_such_method(State(app): State<App>, request: Request) -> Response {
    let mut response = Failure::Method.into_response();
    let allow = HeaderValue::from_static("GET,HEAD");
    response.headers_mut().insert(header::ALLOW, allow);
    let json = prefers_json(request.headers());
    guarded(&app, dress(&app, response, json, request.uri().path()))
}

/// What the layers put on every answer; an answer to the platform itself needs none of it.
fn guarded(app: &App, mut response: Response) -> Response {
    let https = app.settings().secure_cookies();
    headers::apply(response.headers_mut(), Powers::Plain, https);
    response
}

/// 304 has no body, so its tag is what is signed.
fn unchanged(verified: &PlatformCall, tag: &str) -> Response {
    let status = StatusCode::NOT_MODIFIED;
    let mut response = status.into_response();
    add(
        &mut response,
        verified.answer_headers(status.as_u16(), tag.as_bytes()),
    );
    cached(&mut response, tag);
    response
}

fn cached(response: &mut Response, tag: &str) {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, CACHED);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, NO_SNIFFING);
    if let Ok(tag) = HeaderValue::from_str(tag) {
        headers.insert(header::ETAG, tag);
    }
}

/// `POST /platform/v1/restrictions`.
pub(crate) async fn of_many(visit: Visit, asked: Asked) -> Result<Response, Unsigned> {
    let verified = read_asked(visit.engine(), &asked)?;
    Ok(match visit.engine().restrictions_of(&asked.body).await {
        Ok(body) => signed_bytes(&verified, StatusCode::OK, body),
        Err(error) => signed(&verified, refused(&error)),
    })
}

/// From where a stream goes on.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct From {
    /// The number of the last change that is known; 0 for everything.
    #[serde(default)]
    after: u64,
}

/// `GET /platform/v1/restrictions/changes?after=`.
pub(crate) async fn changes(
    visit: Visit,
    from: Result<Query<From>, QueryRejection>,
    asked: Asked,
) -> Result<Response, Unsigned> {
    let verified = read_asked(visit.engine(), &asked)?;
    let Ok(Query(From { after })) = from else {
        let wrong = "`after` is the number of the last change you know, or 0";
        let answer = problem(StatusCode::UNPROCESSABLE_ENTITY, "malformed", wrong);
        return Ok(signed(&verified, answer));
    };
    let Some(stream) = visit.engine().follow_restrictions(after) else {
        let full = "too many streams are open; close those that nobody reads";
        let answer = problem(StatusCode::TOO_MANY_REQUESTS, "limited", full);
        return Ok(signed(&verified, answer));
    };
    // What is signed here is that we answered; each event has a signature of its own.
    let signature = verified.answer_headers(200, b"");
    let mut response = Sse::new(events(stream, verified)).into_response();
    add(&mut response, signature);
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, NOT_CACHED);
    response.extensions_mut().insert(Dressed);
    Ok(response)
}

fn events(
    stream: RestrictionStream,
    call: PlatformCall,
) -> impl futures::Stream<Item = Result<Event, Infallible>> {
    futures::stream::unfold((stream, call, 0), |(mut stream, call, place)| async move {
        let news = stream.next().await?;
        let next = place + u64::try_from(news.len()).unwrap_or(u64::MAX);
        let signed: Vec<_> = (place..)
            .zip(news)
            .map(|(place, news)| Ok(event(&call, place, &news)))
            .collect();
        Some((futures::stream::iter(signed), (stream, call, next)))
    })
    .flatten()
}

fn event(call: &PlatformCall, place: u64, news: &RestrictionNews) -> Event {
    let signature = call.event_signature(place, &news.data);
    Event::default()
        .event(news.kind)
        .id(news.change.to_string())
        .data(format!("{signature}\n{}", news.data))
}
