//! The platform's side of the contract, under `/regain/v1`.

mod account;
mod credentials;
mod notices;
mod once;
mod probe;
mod restrictions;
mod securing;
mod signed;

use axum::body::Bytes;
use axum::extract::State;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post, put};
use axum::{Json, Router};
use platform::AccountRef;
use platform::contract::{ActionName, Capabilities, ChannelKind, EnrolAt, Problem};
use platform::paths::CONTRACT_VERSION;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::SqliteConnection;

use crate::error::{ExchangeError, Result};
use crate::faults::Fault;
use crate::start::App;

pub(crate) use credentials::{
    PASSWORD_MAX, PASSWORD_MIN, continue_handover, password_fault, stage_passkey,
};

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
            put(credentials::stage).get(credentials::read),
        )
        .route(
            "/regain/v1/accounts/{account}/securing/{action}",
            post(securing::act).get(securing::read),
        )
        .route("/regain/v1/accounts/{account}/notices", post(notices::send))
        .route("/regain/v1/conformance/probe", post(probe::ask))
        .route("/regain/{*rest}", get(nothing).post(nothing).put(nothing))
        .layer(from_fn_with_state(app.clone(), signed::signed))
}

async fn nothing() -> ExchangeError {
    ExchangeError::not_found()
}

/// Reads a body in the contract's form.
fn parse<T: DeserializeOwned>(app: &App, body: &Bytes) -> Result<T> {
    let parsed = serde_json::from_slice(body).ok();
    let parsed = parsed.or_else(|| {
        let lax = app.has(&[Fault::TakesUnknownFields]);
        lax.then(|| parse_without_one(body)).flatten()
    });
    parsed.ok_or_else(|| {
        ExchangeError::refused(422, "malformed", "The body is not in the contract's form")
    })
}

/// As a faulty exchange reads: with one field passed over.
fn parse_without_one<T: DeserializeOwned>(body: &Bytes) -> Option<T> {
    let fields: serde_json::Map<String, Value> = serde_json::from_slice(body).ok()?;
    fields.keys().find_map(|unknown| {
        let mut fewer = fields.clone();
        fewer.remove(unknown);
        serde_json::from_value(Value::Object(fewer)).ok()
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
    let wrong = app.has(&[Fault::WrongCapabilities]);
    let mut securing = ActionName::known();
    securing.retain(|action| !wrong || action.as_str() != ActionName::SESSIONS);
    let base = app.config.base_url.trim_end_matches('/');
    let own_page = passkey_party.is_some() && app.config.passkeys_made == EnrolAt::AtPlatform;
    Json(Capabilities {
        thaw: true,
        contract: CONTRACT_VERSION + u32::from(wrong),
        securing,
        password: EnrolAt::AtRegain,
        totp: EnrolAt::AtRegain,
        passkey: app.config.passkeys_made,
        passkey_page: own_page.then(|| format!("{base}/enrol/passkey")),
        recovery_codes: Some(EnrolAt::AtRegain),
        passkey_party,
        notice_channels: vec![
            ChannelKind::Email,
            ChannelKind::Sms,
            ChannelKind::Push,
            ChannelKind::InApp,
            ChannelKind::RecoveryContact,
        ],
        probe: app.config.probe,
    })
}
