//! The holder's own security page: password, authenticator, passkeys, channels.

use axum::Json;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use platform::contract::{ActionName, CapabilityName, TotpAlgorithm, TotpSecret};
use platform::{AccountRef, Sensitive, Span};
use qrcode::QrCode;
use qrcode::render::svg;
use serde::Deserialize;
use serde_json::json;
use sqlx::SqliteConnection;

use super::views::{Frame, Item, Said, Security, StopCode, TotpSetup, render};
use super::visitor::{Input, Visitor};
use crate::accounts;
use crate::contract::password_fault;
use crate::error::{ExchangeError, Result};
use crate::factors::{self, Asked, Shown};
use crate::holdings::{self, NewHolding, RECOVERY_CONTACTS, kind, state};
use crate::secrets;
use crate::start::App;

/// How long a set-up may take.
const CEREMONY_LIFE: Span = Span::minutes(10);

/// Keeps what a set-up needs between its two calls, and gives its name.
pub(super) async fn begin(
    app: &App,
    db: &mut SqliteConnection,
    account: &str,
    purpose: &str,
    state: &str,
) -> Result<String> {
    let id = secrets::id("c_");
    let now = app.now();
    sqlx::query("DELETE FROM ceremonies WHERE expires_at <= $1")
        .bind(now.millis())
        .execute(&mut *db)
        .await?;
    sqlx::query(
        "INSERT INTO ceremonies (id, account, purpose, state, expires_at)
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(&id)
    .bind(account)
    .bind(purpose)
    .bind(state)
    .bind((now + CEREMONY_LIFE).millis())
    .execute(db)
    .await?;
    Ok(id)
}

/// Takes it back, once and at once: a wrong answer uses it up too. Gives account and state.
///
/// Not inside a transaction of the caller's: its refusal would bring the ceremony back.
pub(super) async fn finish(app: &App, id: &str, purpose: &str) -> Result<(String, String)> {
    let row: Option<(String, String)> = sqlx::query_as(
        "DELETE FROM ceremonies WHERE id = $1 AND purpose = $2 AND expires_at > $3
         RETURNING account, state",
    )
    .bind(id)
    .bind(purpose)
    .bind(app.now().millis())
    .fetch_optional(&app.db)
    .await?;
    row.ok_or_else(|| ExchangeError::refused(409, "expired", "This took too long. Begin again"))
}

/// Account and state of one that is still open; looking takes nothing.
pub(super) async fn peek(
    app: &App,
    db: &mut SqliteConnection,
    id: &str,
    purpose: &str,
) -> Result<Option<(String, String)>> {
    let row = sqlx::query_as(
        "SELECT account, state FROM ceremonies WHERE id = $1 AND purpose = $2 AND expires_at > $3",
    )
    .bind(id)
    .bind(purpose)
    .bind(app.now().millis())
    .fetch_optional(db)
    .await?;
    Ok(row)
}

fn rows(factors: &[holdings::Holding], wanted: &[&str]) -> Vec<Item> {
    let chosen = factors
        .iter()
        .filter(|factor| wanted.contains(&factor.kind.as_str()));
    let public = [kind::EMAIL, kind::PHONE];
    let item = |factor: &holdings::Holding| Item {
        id: factor.id.clone(),
        label: factor.kind.clone(),
        data: match public.contains(&factor.kind.as_str()) {
            true => factor.data.clone(),
            false => String::new(),
        },
    };
    chosen.map(item).collect()
}

pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Query(said): Query<Said>,
) -> Result<Response> {
    let mut db = app.db.begin().await?;
    let account = visitor
        .holder(&app, &mut db, CapabilityName::VIEW_ASSETS)
        .await?;
    let class = ActionName::OLD_FACTORS;
    let factors = holdings::list(&mut db, &account, class, state::ACTIVE).await?;
    let channels = rows(&factors, &[kind::EMAIL, kind::PHONE]);
    let items = rows(&factors, &[kind::PASSWORD, kind::TOTP, kind::PASSKEY]);
    let codes = rows(&factors, &[kind::RECOVERY_CODE]).len();
    let named = holdings::list(&mut db, &account, RECOVERY_CONTACTS, state::ACTIVE).await?;
    let contacts: Vec<Item> = named.into_iter().map(Item::from).collect();
    if visitor.json {
        let told = json!({
            "factors": items, "channels": channels, "contacts": contacts, "recovery_codes": codes,
        });
        return Ok(Json(told).into_response());
    }
    let frame = Frame::new(&app, "Security", true).said(&said);
    let passkeys = app.webauthn.is_some();
    Ok(render(&Security {
        frame,
        items,
        channels,
        contacts,
        passkeys,
        codes,
    })?
    .into_response())
}

/// A new password, proved by the old.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPassword {
    old: Sensitive<String>,
    new: Sensitive<String>,
}

pub(super) async fn password(
    State(app): State<App>,
    visitor: Visitor,
    Input(input): Input<NewPassword>,
) -> Result<Response> {
    let mut db = app.db.begin().await?;
    let account = visitor
        .holder(&app, &mut db, CapabilityName::CHANGE_SECURITY)
        .await?;
    let class = ActionName::OLD_FACTORS;
    let factors = holdings::list(&mut db, &account, class, state::ACTIVE).await?;
    let Some(old) = factors.iter().find(|factor| factor.kind == kind::PASSWORD) else {
        return Err(ExchangeError::not_found());
    };
    if !secrets::password_fits(&input.old, &old.data).await? {
        return Err(ExchangeError::field("The old password is not right"));
    }
    if password_fault(&mut db, &account, &input.new)
        .await?
        .is_some()
    {
        return Err(ExchangeError::field(
            "Choose another password of 8 characters or more",
        ));
    }
    let hash = secrets::hash_password(&input.new).await?;
    // The new one takes the old one's place in the same row.
    sqlx::query("UPDATE holdings SET data = $1 WHERE id = $2")
        .bind(hash)
        .bind(&old.id)
        .execute(&mut *db)
        .await?;
    db.commit().await?;
    Ok(visitor.done(json!({}), "/security", "changed"))
}

fn qr(text: &str) -> Result<String> {
    let code = QrCode::new(text).map_err(|_| ExchangeError::Internal("qr"))?;
    Ok(code
        .render::<svg::Color<'_>>()
        .min_dimensions(200, 200)
        .build())
}

pub(super) async fn totp_start(State(app): State<App>, visitor: Visitor) -> Result<Response> {
    let mut db = app.db.begin().await?;
    let account = visitor
        .holder(&app, &mut db, CapabilityName::CHANGE_SECURITY)
        .await?;
    let text = data_encoding::BASE32_NOPAD.encode(&secrets::random::<20>());
    let secret = TotpSecret {
        secret: text.clone().into(),
        algorithm: TotpAlgorithm::Sha1,
        digits: 6,
        period: 30,
        used_step: None,
    };
    let kept = serde_json::to_string(&secret).map_err(|_| ExchangeError::Internal("totp"))?;
    let ceremony = begin(&app, &mut db, &account, "totp", &kept).await?;
    let user_name = accounts::user_name(&mut db, &account).await?;
    db.commit().await?;
    if visitor.json {
        return Ok(Json(json!({ "ceremony": ceremony, "secret": text })).into_response());
    }
    let mut url = url::Url::parse("otpauth://totp/").map_err(|_| ExchangeError::Internal("qr"))?;
    url.set_path(&format!("{}:{user_name}", app.config.name));
    url.query_pairs_mut()
        .append_pair("secret", &text)
        .append_pair("issuer", &app.config.name);
    let frame = Frame::new(&app, "Set up an authenticator", true);
    let page = TotpSetup {
        frame,
        ceremony,
        secret: text,
        qr: qr(url.as_str())?,
    };
    Ok(render(&page)?.into_response())
}

/// The first code of a new authenticator.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FirstCode {
    ceremony: String,
    code: String,
}

pub(super) async fn totp_confirm(
    State(app): State<App>,
    visitor: Visitor,
    Input(input): Input<FirstCode>,
) -> Result<Response> {
    let (begun_by, kept) = finish(&app, &input.ceremony, "totp").await?;
    let mut db = app.db.begin().await?;
    let account = visitor
        .holder(&app, &mut db, CapabilityName::CHANGE_SECURITY)
        .await?;
    let mut secret: TotpSecret =
        serde_json::from_str(&kept).map_err(|_| ExchangeError::Internal("totp"))?;
    secret.used_step = factors::step_of(&secret, &input.code, app.now())?;
    if begun_by != account || secret.used_step.is_none() {
        return Err(ExchangeError::field("That code does not fit. Begin again"));
    }
    let kept = serde_json::to_string(&secret).map_err(|_| ExchangeError::Internal("totp"))?;
    let class = ActionName::OLD_FACTORS;
    let factors = holdings::list(&mut db, &account, class, state::ACTIVE).await?;
    for old in factors.iter().filter(|factor| factor.kind == kind::TOTP) {
        holdings::remove(&mut db, &account, class, &old.id).await?;
    }
    let new = NewHolding {
        account: &account,
        class,
        kind: kind::TOTP,
        label: kind::TOTP,
        data: &kept,
        born_case: None,
        at: app.now(),
    };
    holdings::add(&mut db, new).await?;
    db.commit().await?;
    Ok(visitor.done(json!({}), "/security", "changed"))
}

/// Password and code once more.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OnceMore {
    password: Sensitive<String>,
    #[serde(default)]
    code: String,
}

/// A code for the holder to keep on paper, from Regain. A session alone is not enough: whoever has
/// it could stop the holder's own recovery later.
pub(super) async fn stop_code(
    State(app): State<App>,
    visitor: Visitor,
    Input(input): Input<OnceMore>,
) -> Result<Response> {
    let mut db = app.db.begin().await?;
    let account = visitor
        .holder(&app, &mut db, CapabilityName::CHANGE_SECURITY)
        .await?;
    let shown = Shown {
        password: input.password,
        code: input.code,
    };
    let asked = Asked::StopCode;
    let fine = factors::prove(&mut db, Some(&account), &shown, asked, app.now()).await?;
    db.commit().await?;
    if !fine {
        return Err(super::sign_in::wrong());
    }
    let made = app.regain.new_veto_code(&AccountRef(account)).await;
    let made = made.map_err(|error| {
        tracing::error!(%error, "no stop code came from Regain");
        let title = "No stop code can be made just now. Try again later";
        ExchangeError::refused(503, "not_made", title)
    })?;
    let code = made.code.reveal().clone();
    if visitor.json {
        return Ok(Json(json!({ "code": code })).into_response());
    }
    let page = StopCode {
        frame: Frame::new(&app, "Your stop code", true),
        code,
        stop_page: made.stop_page_url,
    };
    Ok(render(&page)?.into_response())
}
