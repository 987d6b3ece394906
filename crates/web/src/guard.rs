//! Before a handler: who is it, may they call this. After it: errors become pages, headers go on.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use engine::inputs::SessionKind;
use http::{HeaderMap, Method, header};

use crate::client::{Client, prefers_json};
use crate::csrf;
use crate::error::Failure;
use crate::headers::{self, Powers};
use crate::problem;
use crate::routes::{Route, Who};
use crate::session::{Jar, Session};
use crate::visit::{App, Outbox, Visit};

/// Lets a request through to its handler, or answers why not.
pub async fn admit(
    State((app, route)): State<(App, &'static Route)>,
    mut request: Request,
    next: Next,
) -> Response {
    let powers = route.powers;
    let outbox = Outbox::default();
    let call = Call {
        headers: request.headers().clone(),
        acts: acts(request.method()),
        peer: request
            .extensions()
            .get::<ConnectInfo<SocketAddr>>()
            .map(|info| info.0),
    };
    let mut response = match visit(&app, route, &call, &outbox).await {
        Ok(visit) => {
            request.extensions_mut().insert(visit);
            next.run(request).await
        }
        Err(failure) => failure.into_response(),
    };
    if let Ok(mut cookies) = outbox.lock() {
        for cookie in cookies.drain(..) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    response.extensions_mut().insert(powers);
    response
}

const fn acts(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// What is known of a request without its body (which cannot be shared while waiting).
struct Call {
    headers: HeaderMap,
    acts: bool,
    peer: Option<SocketAddr>,
}

async fn visit(
    app: &App,
    route: &'static Route,
    call: &Call,
    outbox: &Outbox,
) -> Result<Visit, Failure> {
    let headers = &call.headers;
    let settings = app.settings();
    if route.who != Who::Platform && call.acts && !csrf::comes_from_us(headers, &settings.origin) {
        return Err(Failure::ForeignForm);
    }
    let mut visit = Visit {
        app: app.clone(),
        route,
        client: Client::new(call.peer, headers, &settings.trusted_proxies),
        jar: jar(route),
        session: None,
        staff: None,
        outbox: outbox.clone(),
    };
    if !matches!(route.who, Who::Platform | Who::Holder) {
        visit.session = session(app, visit.jar, headers).await?;
    }
    match route.who {
        Who::Visitor | Who::Holder | Who::Platform => {}
        Who::Camera => {
            visit.case()?;
        }
        Who::Applicant if visit.is_phone() => return Err(Failure::SignedOut { staff: false }),
        Who::Applicant => {
            visit.case()?;
        }
        Who::Staff => staff(app, &mut visit).await?,
    }
    Ok(visit)
}

/// Staff pages, and the pages on which staff sign in, use the cookie for staff.
fn jar(route: &Route) -> Jar {
    let console = route.path == "/console" || route.path.starts_with("/console/");
    if route.who == Who::Staff || console {
        Jar::Staff
    } else {
        Jar::Portal
    }
}

async fn session(app: &App, jar: Jar, headers: &HeaderMap) -> Result<Option<Session>, Failure> {
    let Some(token) = jar.read(headers, app.settings().secure_cookies()) else {
        return Ok(None);
    };
    let stored = app.engine().session(&token).await?;
    Ok(stored
        .filter(|stored| (stored.kind == SessionKind::Staff) == (jar == Jar::Staff))
        .map(|stored| Session::new(token, &stored)))
}

async fn staff(app: &App, visit: &mut Visit) -> Result<(), Failure> {
    let out = Failure::SignedOut { staff: true };
    let session = visit.session.as_ref().ok_or(out.clone())?;
    let id = session.subject.parse().map_err(|_| out.clone())?;
    visit.staff = app
        .engine()
        .staff(&id)
        .await?
        .filter(|member| member.active);
    visit.staff().map(|_| ())
}

/// The last step of every answer: errors become pages or problem documents, headers go on.
pub async fn finish(State(app): State<App>, request: Request, next: Next) -> Response {
    let json = prefers_json(request.headers());
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    let powers = response
        .extensions()
        .get::<Powers>()
        .copied()
        .unwrap_or_default();
    let mut response = problem::dress(&app, response, json, &path);
    headers::apply(
        response.headers_mut(),
        powers,
        app.settings().secure_cookies(),
    );
    response
}
