//! Who is asking: cookies, address, device, and whether it is a program.

use std::convert::Infallible;
use std::net::SocketAddr;

use axum::Json;
use axum::extract::{ConnectInfo, Form, FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use platform::Span;
use platform::contract::{ActionName, CapabilityName, RestrictionMode, SecurityChangeKind};
use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::SqliteConnection;

use crate::activity::{self, Try};
use crate::changes;
use crate::error::{ExchangeError, Result};
use crate::guard::guard;
use crate::holdings::{self, NewHolding, kind, state};
use crate::messages::{self, AppMessage};
use crate::secrets;
use crate::start::App;

/// Cookie of a session.
const SESSION: &str = "exchange_session";
/// Cookie by which a device is known again.
const DEVICE: &str = "exchange_device";
/// How long a session lives.
const SESSION_LIFE: Span = Span::hours(12);

/// Whether an answer in JSON is asked for.
pub(super) fn wants_json(headers: &HeaderMap) -> bool {
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("application/json"))
}

/// Whoever sent a request.
pub(super) struct Visitor {
    pub(super) jar: CookieJar,
    pub(super) json: bool,
    pub(super) ip: String,
    pub(super) device: String,
}

fn device_name(agent: &str) -> String {
    let pick = |names: &[&'static str]| names.iter().find(|name| agent.contains(**name)).copied();
    let system = pick(&["Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux"]);
    let browser = pick(&["Firefox", "Edg", "Chrome", "Safari"]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => "unknown device".to_owned(),
    }
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> std::result::Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let agent = parts
            .headers
            .get(header::USER_AGENT)
            .and_then(|value| value.to_str().ok());
        Ok(Self {
            jar: CookieJar::from_headers(&parts.headers),
            json: wants_json(&parts.headers),
            ip: peer.map_or_else(|| "127.0.0.1".to_owned(), |peer| peer.0.ip().to_string()),
            device: device_name(agent.unwrap_or_default()),
        })
    }
}

impl Visitor {
    /// The device's token as the dossier and tickets carry it: a digest, never the cookie itself.
    pub(super) fn device_token(&self) -> Option<String> {
        self.jar
            .get(DEVICE)
            .map(|cookie| secrets::digest(cookie.value().as_bytes()))
    }

    /// A cookie for this device, if it has none, and its token.
    pub(super) fn with_device(&self, app: &App) -> (Option<Cookie<'static>>, String) {
        if let Some(token) = self.device_token() {
            return (None, token);
        }
        let value = secrets::token();
        let token = secrets::digest(value.as_bytes());
        // Lax: also whoever comes from a link is on the device that we know.
        (Some(cookie(app, DEVICE, value, SameSite::Lax, true)), token)
    }

    fn session_digest(&self) -> Option<String> {
        self.jar
            .get(SESSION)
            .map(|cookie| secrets::digest(cookie.value().as_bytes()))
    }

    /// The holder who is signed in and may do this now.
    pub(super) async fn holder(
        &self,
        app: &App,
        db: &mut SqliteConnection,
        capability: &str,
    ) -> Result<String> {
        let signed_out = || ExchangeError::refused(401, "signed_out", "Sign in first");
        let digest = self.session_digest().ok_or_else(signed_out)?;
        let found = holdings::find(db, ActionName::SESSIONS, kind::PLAIN, &digest).await?;
        let oldest = (app.now() - SESSION_LIFE).millis();
        let session = found
            .filter(|session| session.state == state::ACTIVE && session.created_at > oldest)
            .ok_or_else(signed_out)?;
        guard(app, db, &session.account, capability).await?;
        self.note(app, db, &session.account, capability, true)
            .await?;
        Ok(session.account)
    }

    /// What was told in the app to whoever was signed in by then as this one was.
    pub(super) async fn messages(
        &self,
        db: &mut SqliteConnection,
        account: &str,
    ) -> Result<Vec<AppMessage>> {
        let digest = self.session_digest().unwrap_or_default();
        let session = holdings::find(db, ActionName::SESSIONS, kind::PLAIN, &digest).await?;
        match session {
            Some(session) => messages::for_who_came(db, account, session.created_at).await,
            None => Ok(Vec::new()),
        }
    }

    /// Whether a session is the one that asks.
    pub(super) fn is_session(&self, digest: &str) -> bool {
        self.session_digest().is_some_and(|own| own == digest)
    }

    /// Writes what this visitor tried into the account's activity; only looking is none.
    pub(super) async fn note(
        &self,
        app: &App,
        db: &mut SqliteConnection,
        account: &str,
        what: &str,
        done: bool,
    ) -> Result<()> {
        if what == CapabilityName::VIEW_ASSETS {
            return Ok(());
        }
        let (ip, device, at) = (self.ip.as_str(), self.device.as_str(), app.now());
        let one = Try {
            account,
            what,
            done,
            ip,
            device,
            at,
        };
        activity::note(db, one).await
    }

    /// Ends the session.
    pub(super) async fn sign_out(&self, db: &mut SqliteConnection) -> Result<()> {
        let Some(digest) = self.session_digest() else {
            return Ok(());
        };
        let found = holdings::find(db, ActionName::SESSIONS, kind::PLAIN, &digest).await?;
        if let Some(session) = found {
            holdings::remove(db, &session.account, ActionName::SESSIONS, &session.id).await?;
        }
        Ok(())
    }

    /// Begins a session for an account whose factors were proved, if it may sign in now.
    pub(super) async fn sign_in(
        &self,
        app: &App,
        db: &mut SqliteConnection,
        account: &str,
    ) -> Result<CookieJar> {
        let set = guard(app, db, account, CapabilityName::LOGIN).await?;
        let (device_cookie, token) = self.with_device(app);
        let value = secrets::token();
        let digest = secrets::digest(value.as_bytes());
        let at = app.now();
        let known = holdings::find(db, ActionName::DEVICES, kind::PLAIN, &token).await?;
        let mut rows = vec![(ActionName::SESSIONS, digest)];
        if known.is_none_or(|device| device.account != account) {
            rows.push((ActionName::DEVICES, token.clone()));
            if set.mode == RestrictionMode::CoolingOff {
                // The first one after a handover is to be expected, another one is not.
                let class = ActionName::DEVICES;
                let others = holdings::list(db, account, class, state::ACTIVE).await?;
                let kind = match others.is_empty() {
                    true => SecurityChangeKind::NewDevice,
                    false => SecurityChangeKind::SuspiciousLogin,
                };
                changes::note(db, account, kind, at).await?;
            }
        }
        for (class, data) in &rows {
            let (kind, label) = (kind::PLAIN, self.device.as_str());
            let new = NewHolding {
                account,
                class,
                kind,
                label,
                data,
                born_case: None,
                at,
            };
            holdings::add(db, new).await?;
        }
        sqlx::query(
            "INSERT INTO logins (account, ip, device, device_token, at)
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(account)
        .bind(&self.ip)
        .bind(&self.device)
        .bind(&token)
        .bind(at.millis())
        .execute(&mut *db)
        .await?;
        self.note(app, db, account, activity::SIGN_IN, true).await?;
        let jar = self
            .jar
            .clone()
            .add(cookie(app, SESSION, value, SameSite::Strict, false));
        Ok(device_cookie.into_iter().fold(jar, CookieJar::add))
    }

    /// An answer to something that was done: JSON, or back to a page that says so.
    pub(super) fn done(&self, json: Value, page: &str, said: &str) -> Response {
        if self.json {
            return Json(json).into_response();
        }
        Redirect::to(&format!("{page}?said={said}")).into_response()
    }
}

pub(super) fn cookie(
    app: &App,
    name: &'static str,
    value: String,
    same_site: SameSite,
    lasting: bool,
) -> Cookie<'static> {
    let mut cookie = Cookie::new(name, value);
    cookie.set_http_only(true);
    cookie.set_path("/");
    cookie.set_same_site(same_site);
    cookie.set_secure(app.config.base_url.starts_with("https:"));
    if lasting {
        cookie.make_permanent();
    }
    cookie
}

/// A body as a form or as JSON, whichever its type says.
pub(super) struct Input<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Input<T> {
    type Rejection = ExchangeError;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let json = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
        let wrong = || ExchangeError::field("A field is missing or not in form");
        if json {
            let Json(input) = Json::from_request(request, state)
                .await
                .map_err(|_| wrong())?;
            return Ok(Self(input));
        }
        let Form(input) = Form::from_request(request, state)
            .await
            .map_err(|_| wrong())?;
        Ok(Self(input))
    }
}
