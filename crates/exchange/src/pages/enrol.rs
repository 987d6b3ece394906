//! The passkey of a recovery, made on our own page: Regain sends the browser here with an
//! assertion.
//!
//! It signs nobody in. The passkey is staged for the case, and counts when the handover ends.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use axum_extra::extract::cookie::SameSite;
use platform::contract::{EnrolAt, Problem};
use platform::{AssertionError, CaseId, EnrolAssertion, Timestamp, verify_assertion};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::SqliteConnection;
use url::Url;
use webauthn_rs::Webauthn;
use webauthn_rs::prelude::{PasskeyRegistration, RegisterPublicKeyCredential, Uuid};

use super::passkeys::engine;
use super::security::{begin, finish as take_back, peek};
use super::views::{Enrol, Frame, render};
use super::visitor::{Input, Visitor, cookie};
use crate::accounts;
use crate::contract::{continue_handover, stage_passkey};
use crate::error::{ExchangeError, Result};
use crate::secrets;
use crate::start::App;

/// Cookie of a browser that came with an assertion.
const ENROLLING: &str = "exchange_enrol";
/// What the browser may do after it came, and the ceremony within.
const VISIT: &str = "enrol_visit";
const CEREMONY: &str = "enrol_passkey";

/// Page and calls.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/enrol/passkey", get(page))
        .route("/enrol/passkey/start", post(start))
        .route("/enrol/passkey/finish", post(finish))
}

/// What Regain's redirect brings.
#[derive(Deserialize)]
struct Arriving {
    assertion: Option<String>,
}

/// For which handover of which case, and where to go back to.
#[derive(Serialize, Deserialize)]
struct Errand {
    case: CaseId,
    begun_at: Timestamp,
    return_url: String,
}

/// A visit in this browser.
struct Visit {
    id: String,
    account: String,
    errand: Errand,
}

fn refused(status: u16, code: &str, title: &str, detail: &str) -> ExchangeError {
    ExchangeError::Refused(Problem::new(status, code, title).with_detail(detail))
}

/// One page for what nobody of us signed; another for what came too late.
fn not_ours() -> ExchangeError {
    let title = "This link is not from our recovery service";
    let detail = "Nothing was changed. Go back to your recovery request and try again from there.";
    refused(403, "not_ours", title, detail)
}

fn over() -> ExchangeError {
    let title = "This link has run out of time";
    let detail = "Go back to your recovery request and press the button there again.";
    refused(410, "expired", title, detail)
}

fn superseded() -> ExchangeError {
    let title = "Your account is being set up in another browser";
    let detail = "Only the newest one counts, and nothing was changed here. Go on there, or ask \
                  for a new link in your recovery request.";
    refused(409, "earlier_handover", title, detail)
}

fn used() -> ExchangeError {
    let title = "This link was used already";
    let detail = "Go back to your recovery request and press the button there again.";
    refused(409, "used", title, detail)
}

/// The authenticator's other side, where a recovery makes its passkey here.
fn offered(app: &App) -> Result<&Webauthn> {
    if app.config.passkeys_made != EnrolAt::AtPlatform {
        return Err(ExchangeError::not_found());
    }
    engine(app)
}

/// Whether a browser may be sent there: only back to the Regain that we know.
fn leads_back(app: &App, return_url: &str) -> bool {
    let origin = |text: &str| Url::parse(text).map(|url| url.origin());
    match (origin(return_url), origin(&app.config.entry_url)) {
        (Ok(there), Ok(ours)) => there == ours,
        _ => false,
    }
}

/// Takes an assertion once. Its nonce is kept as long as it would be taken.
async fn take(app: &App, text: &str) -> Result<EnrolAssertion> {
    let now = app.now();
    let assertion = verify_assertion(text, &app.config.keys, now).map_err(|error| match error {
        AssertionError::Expired => over(),
        AssertionError::Malformed | AssertionError::Forged | AssertionError::BadTimes => not_ours(),
    })?;
    if !leads_back(app, &assertion.return_url) {
        return Err(not_ours());
    }
    let mut db = app.db.begin().await?;
    // An account that is not ours says no more than a wrong signature.
    accounts::user_name(&mut db, &assertion.account.0)
        .await
        .map_err(|_| not_ours())?;
    sqlx::query("DELETE FROM assertions WHERE expires_at <= $1")
        .bind(now.millis())
        .execute(&mut *db)
        .await?;
    let kept = sqlx::query(
        "INSERT INTO assertions (nonce, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
    )
    .bind(&assertion.nonce)
    .bind(assertion.expires_at.millis())
    .execute(&mut *db)
    .await?;
    if kept.rows_affected() != 1 {
        return Err(used());
    }
    db.commit().await?;
    Ok(assertion)
}

/// The visit that this browser's cookie names.
async fn visiting(app: &App, db: &mut SqliteConnection, visitor: &Visitor) -> Result<Visit> {
    let id = visitor
        .jar
        .get(ENROLLING)
        .ok_or_else(over)?
        .value()
        .to_owned();
    let (account, kept) = peek(app, db, &id, VISIT).await?.ok_or_else(over)?;
    let errand = serde_json::from_str(&kept).map_err(|_| ExchangeError::Internal("visit"))?;
    Ok(Visit {
        id,
        account,
        errand,
    })
}

/// Stages a passkey, or takes away the one staged before, unless a later handover began.
async fn stage(
    app: &App,
    db: &mut SqliteConnection,
    account: &str,
    errand: &Errand,
    passkey: Option<String>,
) -> Result<()> {
    let of = (account, &errand.case);
    continue_handover(app, db, of, errand.begun_at)
        .await
        .map_err(|error| match error {
            ExchangeError::Refused(_) => superseded(),
            other => other,
        })?;
    stage_passkey(db, of, passkey, app.now()).await
}

/// Takes the assertion out of the address first, then shows the page.
async fn page(
    State(app): State<App>,
    visitor: Visitor,
    Query(arriving): Query<Arriving>,
) -> Result<Response> {
    offered(&app)?;
    let Some(text) = arriving.assertion else {
        let mut db = app.db.begin().await?;
        let visit = visiting(&app, &mut db, &visitor).await?;
        let page = Enrol {
            frame: Frame::new(&app, "Add a passkey", false),
            back: visit.errand.return_url,
        };
        return Ok(render(&page)?.into_response());
    };
    let assertion = take(&app, &text).await?;
    let errand = Errand {
        case: assertion.case,
        begun_at: assertion.begun_at,
        return_url: assertion.return_url,
    };
    let kept = serde_json::to_string(&errand).map_err(|_| ExchangeError::Internal("visit"))?;
    let mut db = app.db.begin().await?;
    let account = assertion.account.0.as_str();
    // A handover that is begun again takes over nothing that somebody made in an earlier one.
    stage(&app, &mut db, account, &errand, None).await?;
    let id = begin(&app, &mut db, account, VISIT, &kept).await?;
    db.commit().await?;
    // Lax: the browser comes from another site.
    let jar = visitor
        .jar
        .add(cookie(&app, ENROLLING, id, SameSite::Lax, false));
    Ok((jar, Redirect::to("/enrol/passkey")).into_response())
}

/// What is kept between the ceremony's two calls.
#[derive(Serialize, Deserialize)]
struct Kept {
    visit: String,
    registration: PasskeyRegistration,
}

async fn start(State(app): State<App>, visitor: Visitor) -> Result<Json<Value>> {
    let engine = offered(&app)?;
    let mut db = app.db.begin().await?;
    let visit = visiting(&app, &mut db, &visitor).await?;
    let name = accounts::user_name(&mut db, &visit.account).await?;
    // Old passkeys are not excluded: the same device may make the new one.
    let handle = Uuid::from_bytes(secrets::random());
    let (options, registration) = engine
        .start_passkey_registration(handle, &name, &name, None)
        .map_err(|_| ExchangeError::Internal("passkey"))?;
    let kept = Kept {
        visit: visit.id,
        registration,
    };
    let kept = serde_json::to_string(&kept).map_err(|_| ExchangeError::Internal("passkey"))?;
    let ceremony = begin(&app, &mut db, &visit.account, CEREMONY, &kept).await?;
    db.commit().await?;
    Ok(Json(json!({ "ceremony": ceremony, "options": options })))
}

/// What the authenticator made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Made {
    ceremony: String,
    credential: RegisterPublicKeyCredential,
}

async fn finish(
    State(app): State<App>,
    visitor: Visitor,
    Input(input): Input<Made>,
) -> Result<Json<Value>> {
    let engine = offered(&app)?;
    let (_, kept) = take_back(&app, &input.ceremony, CEREMONY).await?;
    let kept: Kept = serde_json::from_str(&kept).map_err(|_| ExchangeError::Internal("passkey"))?;
    let mut db = app.db.begin().await?;
    let visit = visiting(&app, &mut db, &visitor).await?;
    let refused = || ExchangeError::field("The passkey could not be verified");
    // The registration asks for user verification, and refuses an answer without it.
    let passkey = engine
        .finish_passkey_registration(&input.credential, &kept.registration)
        .map_err(|_| refused())?;
    if kept.visit != visit.id {
        return Err(refused());
    }
    let data = serde_json::to_string(&passkey).map_err(|_| ExchangeError::Internal("passkey"))?;
    stage(&app, &mut db, &visit.account, &visit.errand, Some(data)).await?;
    sqlx::query("DELETE FROM ceremonies WHERE id = $1")
        .bind(&visit.id)
        .execute(&mut *db)
        .await?;
    db.commit().await?;
    Ok(Json(json!({ "return_url": visit.errand.return_url })))
}
