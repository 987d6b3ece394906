//! What surrounds every page: headers, the check against foreign forms, refusals as pages.

use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use platform::contract::Problem;

use super::views::{Frame, Message, render};
use super::visitor::{Visitor, wants_json};
use crate::activity::{self, Try};
use crate::error::{ExchangeError, Restricted, Result};
use crate::start::App;

const CSP: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
                   connect-src 'self'; form-action 'self'; base-uri 'none'; \
                   frame-ancestors 'none'; require-trusted-types-for 'script'";

/// Headers of every page.
pub(super) async fn headers(request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    let rows = [
        ("content-security-policy", CSP),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cache-control", "no-store"),
        (
            "permissions-policy",
            "camera=(self), microphone=(), geolocation=()",
        ),
    ];
    for (name, value) in rows {
        answer
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    answer
}

/// Browsers say where a form comes from; programs say nothing and carry no ambient cookies.
fn is_foreign(headers: &HeaderMap, own: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return !matches!(site, "same-origin" | "none");
    }
    text("origin").is_some_and(|origin| origin != own)
}

/// Refuses forms of other sites (another port of this host is another site too).
pub(super) async fn same_origin(State(app): State<App>, request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD);
    let own = app.config.base_url.trim_end_matches('/');
    if !safe && is_foreign(request.headers(), own) {
        let title = "This form came from another site";
        return ExchangeError::refused(403, "foreign_form", title).into_response();
    }
    next.run(request).await
}

/// Turns refusals into pages for whoever does not ask for JSON.
pub(super) async fn people(State(app): State<App>, request: Request, next: Next) -> Response {
    let json = wants_json(request.headers());
    let (mut parts, body) = request.into_parts();
    let Ok(visitor) = Visitor::from_request_parts(&mut parts, &()).await;
    let answer = next.run(Request::from_parts(parts, body)).await;
    if let Some(refused) = answer.extensions().get::<Restricted>()
        && let Err(error) = log_refusal(&app, &visitor, refused).await
    {
        tracing::error!(%error, "a refusal is missing in the account's activity");
    }
    let Some(problem) = answer
        .extensions()
        .get::<Problem>()
        .filter(|_| !json)
        .cloned()
    else {
        return answer;
    };
    if problem.status == 401 && problem.code == "signed_out" {
        return Redirect::to("/login").into_response();
    }
    let set = answer
        .extensions()
        .get::<Restricted>()
        .map(|what| &what.set);
    let page = Message {
        frame: Frame::new(&app, &problem.title, false),
        text: problem.detail.unwrap_or_default(),
        restricted: set.is_some(),
        stop_page: set.and_then(|set| set.stop_page_url.clone()),
    };
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::BAD_REQUEST);
    match render(&page) {
        Ok(page) => (status, page).into_response(),
        Err(_) => (
            status,
            [(header::CONTENT_TYPE, "text/plain")],
            problem.title,
        )
            .into_response(),
    }
}

/// What a restriction refused stands in the account's activity: its holder must see who tries.
async fn log_refusal(app: &App, visitor: &Visitor, refused: &Restricted) -> Result<()> {
    let mut db = app.db.acquire().await?;
    let one = Try {
        account: &refused.account,
        what: &refused.capability,
        done: false,
        ip: &visitor.ip,
        device: &visitor.device,
        at: app.now(),
    };
    activity::note(&mut db, one).await
}
