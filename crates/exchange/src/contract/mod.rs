//! The platform's side of the contract, under `/regain/v1`.

mod account;
mod credentials;
mod notices;
mod once;
mod restrictions;
mod securing;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use platform::contract::{ActionName, Capabilities, ChannelKind, EnrolAt, Problem};
use platform::paths::{CONTRACT_VERSION, JSON_MAX, PORTRAIT_MAX};
use platform::{AccountRef, Incoming};
use serde::de::DeserializeOwned;
use sqlx::SqliteConnection;

use crate::error::{ExchangeError, Result};
use crate::start::App;

pub(crate) use credentials::{PASSWORD_MAX, PASSWORD_MIN, password_fault};

/// The routes of the contract, each behind the signature.
pub(crate) fn router(app: &App) -> Router<App> {
    Router::new()
        .route("/regain/v1/capabilities", get(capabilities))
        .route("/regain/v1/accounts/resolve", post(account::resolve))
        .route(
            "/regain/v1/accounts/{account}/dossier",
            get(account::dossier),
        )
        .route(
            "/regain/v1/accounts/{account}/portrait",
            get(account::portrait),
        )
        .route(
            "/regain/v1/accounts/{account}/restrictions",
            put(restrictions::put).get(restrictions::read),
        )
        .route(
            "/regain/v1/accounts/{account}/credentials/password/check",
            post(credentials::check_password),
        )
        .route(
            "/regain/v1/accounts/{account}/recoveries/{case}/credentials",
            put(credentials::stage),
        )
        .route(
            "/regain/v1/accounts/{account}/securing/{action}",
            post(securing::act).get(securing::read),
        )
        .route("/regain/v1/accounts/{account}/notices", post(notices::send))
        .route("/regain/{*rest}", get(nothing).post(nothing).put(nothing))
        .layer(from_fn_with_state(app.clone(), signed))
}

async fn nothing() -> ExchangeError {
    ExchangeError::not_found()
}

/// Refuses what is not signed, and signs every answer to what is.
async fn signed(State(app): State<App>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, JSON_MAX).await else {
        return ExchangeError::refused(413, "too_large", "The body is too large").into_response();
    };
    let path = parts.uri.path_and_query().map_or("", |path| path.as_str());
    let incoming = Incoming::new(parts.method.as_str(), path, &body, |name| {
        parts
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
    });
    let verified = match app.verifier.verify(&incoming, (app.config.wall)()) {
        Ok(verified) => verified,
        Err(error) => {
            // Which of the reasons it was is for the log: a stranger learns nothing.
            tracing::warn!(%error, "a call of the contract was refused");
            let problem = ExchangeError::refused(401, "unsigned", "The request is not signed");
            return problem.into_response();
        }
    };
    let answer = next.run(Request::from_parts(parts, Body::from(body))).await;
    let (mut head, body) = answer.into_parts();
    let Ok(body) = to_bytes(body, PORTRAIT_MAX).await else {
        return ExchangeError::Internal("answer").into_response();
    };
    for (name, value) in app
        .verifier
        .sign_answer(&verified, head.status.as_u16(), &body)
    {
        if let Ok(value) = HeaderValue::from_str(&value) {
            head.headers.insert(name, value);
        }
    }
    head.headers
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Response::from_parts(head, Body::from(body))
}

/// Reads a body in the contract's form.
fn parse<T: DeserializeOwned>(body: &Bytes) -> Result<T> {
    serde_json::from_slice(body).map_err(|_| {
        ExchangeError::refused(422, "malformed", "The body is not in the contract's form")
    })
}

/// The account, if there is one.
async fn known(db: &mut SqliteConnection, account: &str) -> Result<AccountRef> {
    let row: Option<(String,)> = sqlx::query_as("SELECT ref FROM accounts WHERE ref = $1")
        .bind(account)
        .fetch_optional(db)
        .await?;
    match row {
        Some((account,)) => Ok(AccountRef(account)),
        None => Err(ExchangeError::Refused(Problem::new(
            404,
            "unknown_account",
            "There is no such account",
        ))),
    }
}

async fn capabilities(State(app): State<App>) -> Json<Capabilities> {
    let passkey_party = app.config.passkeys.clone();
    Json(Capabilities {
        contract: CONTRACT_VERSION,
        securing: ActionName::known(),
        password: EnrolAt::AtRegain,
        totp: EnrolAt::AtRegain,
        passkey: EnrolAt::AtRegain,
        passkey_party,
        notice_channels: vec![ChannelKind::Email, ChannelKind::Sms, ChannelKind::Push],
    })
}
