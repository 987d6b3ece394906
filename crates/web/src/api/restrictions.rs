//! What accounts may do now: asked by the platform before every withdrawal, answered from memory.

use std::convert::Infallible;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::handler::Handler;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use engine::{PlatformCall, RestrictionAnswer, RestrictionNews, RestrictionStream, account_named};
use futures::StreamExt as _;
use futures::future::{BoxFuture, Either, FutureExt as _, Ready, ready};
use http::{HeaderValue, StatusCode, header};
use recovery::id::AccountRef;
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

/// What stands before and after the account in the address of its set.
const ACCOUNTS: &str = "/platform/v1/accounts/";
const RESTRICTIONS: &str = "/restrictions";

/// For how long an answer may be used again. Short: a freeze must be felt at once.
const CACHED: HeaderValue = HeaderValue::from_static("private, max-age=1");
const NO_SNIFFING: HeaderValue = HeaderValue::from_static("nosniff");
/// A stream is never the answer to another request.
const NOT_CACHED: HeaderValue = HeaderValue::from_static("no-store");

/// `GET /platform/v1/accounts/{account}/restrictions`.
///
/// No async function: the answer is nearly always in memory, and a request that has not to wait
/// need not be moved into what could.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OfAccount;

impl Handler<(), App> for OfAccount {
    type Future = Either<Ready<Response>, BoxFuture<'static, Response>>;

    fn call(self, request: Request, app: App) -> Self::Future {
        let check = match Check::of(&app, &request) {
            Ok(check) => check,
            Err(answer) => return ready(guarded(&app, *answer)).left_future(),
        };
        if let Some(known) = app.engine().restriction_known(&check.account) {
            return ready(check.answered(&app, known)).left_future();
        }
        let waiting = async move {
            let answer = app.engine().restriction_of(&check.account).await;
            check.answered(&app, answer)
        };
        waiting.boxed().right_future()
    }
}

/// What is asked before a withdrawal.
struct Check {
    verified: PlatformCall,
    account: AccountRef,
    /// The tag of the set that the caller knows.
    tag: Option<HeaderValue>,
}

impl Check {
    fn of(app: &App, request: &Request) -> Result<Self, Box<Response>> {
        let call = Call {
            method: request.method(),
            uri: request.uri(),
            headers: request.headers(),
            body: b"",
        };
        let verified = read(app.engine(), call).map_err(|error| Box::new(error.into_response()))?;
        let path = request.uri().path().strip_prefix(ACCOUNTS);
        let named = path.and_then(|path| path.strip_suffix(RESTRICTIONS));
        let Some(account) = named.and_then(account_named) else {
            return Err(Box::new(signed(&verified, unknown_account())));
        };
        Ok(Self {
            verified,
            account,
            tag: call.headers.get(header::IF_NONE_MATCH).cloned(),
        })
    }

    fn answered(&self, app: &App, answer: engine::Result<RestrictionAnswer>) -> Response {
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => return guarded(app, signed(&self.verified, refused(&error))),
        };
        let tag = format!("\"{}\"", answer.version);
        if self.tag.as_ref().is_some_and(|known| *known == tag) {
            return unchanged(&self.verified, &tag);
        }
        let mut response = hot(&self.verified, StatusCode::OK, answer.body);
        cached(&mut response, &tag);
        response
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
