//! Passkeys: enrolled on the security page, used to sign in or to stop a recovery.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use platform::contract::{ActionName, CapabilityName};
use serde::Deserialize;
use serde_json::{Value, json};
use webauthn_rs::Webauthn;
use webauthn_rs::prelude::{
    Passkey, PasskeyAuthentication, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Uuid,
};

use super::entry::stop_account;
use super::security::{begin, finish as take_back};
use super::sign_in::wrong;
use super::visitor::{Input, Visitor};
use crate::accounts;
use crate::changes;
use crate::error::{ExchangeError, Result};
use crate::factors::{Which, counting};
use crate::holdings::{self, Holding, NewHolding, kind, state};
use crate::secrets;
use crate::start::App;

pub(super) fn engine(app: &App) -> Result<&Webauthn> {
    let off = || ExchangeError::refused(404, "no_passkeys", "Passkeys are not offered here");
    app.webauthn.as_ref().ok_or_else(off)
}

fn stored(factors: &[Holding]) -> Vec<Passkey> {
    let passkeys = factors.iter().filter(|factor| factor.kind == kind::PASSKEY);
    passkeys
        .filter_map(|factor| serde_json::from_str(&factor.data).ok())
        .collect()
}

/// What for: it decides which factors count, and is kept with the ceremony.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Purpose {
    Login,
    Stop,
}

impl Purpose {
    const fn parts(self) -> (&'static str, Which) {
        match self {
            Self::Login => ("passkey_login", Which::InUse),
            Self::Stop => ("passkey_stop", Which::FromBefore),
        }
    }
}

/// Who wants to use a passkey.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Start {
    identifier: String,
    purpose: Purpose,
}

pub(super) async fn start(
    State(app): State<App>,
    Input(input): Input<Start>,
) -> Result<Json<Value>> {
    let engine = engine(&app)?;
    let (purpose, which) = input.purpose.parts();
    let mut db = app.db.begin().await?;
    let account = accounts::resolve(&mut db, &input.identifier)
        .await?
        .ok_or_else(wrong)?;
    let passkeys = stored(&counting(&mut db, &account, which).await?);
    if passkeys.is_empty() {
        return Err(wrong());
    }
    let (options, kept) = engine
        .start_passkey_authentication(&passkeys)
        .map_err(|_| wrong())?;
    let kept = serde_json::to_string(&kept).map_err(|_| ExchangeError::Internal("passkey"))?;
    let ceremony = begin(&app, &mut db, &account, purpose, &kept).await?;
    db.commit().await?;
    Ok(Json(json!({ "ceremony": ceremony, "options": options })))
}

/// What the authenticator answered.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Finish {
    ceremony: String,
    purpose: Purpose,
    credential: PublicKeyCredential,
}

pub(super) async fn finish(
    State(app): State<App>,
    visitor: Visitor,
    Input(input): Input<Finish>,
) -> Result<Response> {
    let engine = engine(&app)?;
    let (purpose, which) = input.purpose.parts();
    let (account, kept) = take_back(&app, &input.ceremony, purpose).await?;
    let mut db = app.db.begin().await?;
    let kept: PasskeyAuthentication =
        serde_json::from_str(&kept).map_err(|_| ExchangeError::Internal("passkey"))?;
    let used = engine
        .finish_passkey_authentication(&input.credential, &kept)
        .map_err(|_| wrong())?;
    // It must still count: a recovery may have suspended it since the ceremony began.
    let mut still = false;
    for factor in counting(&mut db, &account, which).await? {
        let Some(mut passkey) = stored(std::slice::from_ref(&factor)).pop() else {
            continue;
        };
        if passkey.cred_id() != used.cred_id() {
            continue;
        }
        still = true;
        if passkey.update_credential(&used) == Some(true) {
            let data =
                serde_json::to_string(&passkey).map_err(|_| ExchangeError::Internal("passkey"))?;
            sqlx::query("UPDATE holdings SET data = $1 WHERE id = $2")
                .bind(data)
                .bind(&factor.id)
                .execute(&mut *db)
                .await?;
        }
    }
    if !still || !used.user_verified() {
        return Err(wrong());
    }
    match input.purpose {
        Purpose::Stop => {
            db.commit().await?;
            stop_account(&app, &visitor, account).await
        }
        Purpose::Login => {
            let jar = visitor.sign_in(&app, &mut db, &account).await?;
            db.commit().await?;
            changes::tell(&app).await?;
            Ok((jar, Json(json!({ "account": account }))).into_response())
        }
    }
}

pub(super) async fn enrol_start(State(app): State<App>, visitor: Visitor) -> Result<Json<Value>> {
    let engine = engine(&app)?;
    let mut db = app.db.begin().await?;
    let account = visitor
        .holder(&app, &mut db, CapabilityName::CHANGE_SECURITY)
        .await?;
    let name = accounts::user_name(&mut db, &account).await?;
    let class = ActionName::OLD_FACTORS;
    let factors = holdings::list(&mut db, &account, class, state::ACTIVE).await?;
    let known = stored(&factors)
        .iter()
        .map(|passkey| passkey.cred_id().clone())
        .collect();
    // A random handle: it holds nothing of the person (WebAuthn section 14.6.1).
    let handle = Uuid::from_bytes(secrets::random());
    let (options, kept) = engine
        .start_passkey_registration(handle, &name, &name, Some(known))
        .map_err(|_| ExchangeError::Internal("passkey"))?;
    let kept = serde_json::to_string(&kept).map_err(|_| ExchangeError::Internal("passkey"))?;
    let ceremony = begin(&app, &mut db, &account, "passkey_enrol", &kept).await?;
    db.commit().await?;
    Ok(Json(json!({ "ceremony": ceremony, "options": options })))
}

/// What the authenticator made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Enrolled {
    ceremony: String,
    credential: RegisterPublicKeyCredential,
}

pub(super) async fn enrol_finish(
    State(app): State<App>,
    visitor: Visitor,
    Input(input): Input<Enrolled>,
) -> Result<Json<Value>> {
    let engine = engine(&app)?;
    let (begun_by, kept) = take_back(&app, &input.ceremony, "passkey_enrol").await?;
    let mut db = app.db.begin().await?;
    let account = visitor
        .holder(&app, &mut db, CapabilityName::CHANGE_SECURITY)
        .await?;
    let kept: PasskeyRegistration =
        serde_json::from_str(&kept).map_err(|_| ExchangeError::Internal("passkey"))?;
    let refused = || ExchangeError::field("The passkey could not be verified");
    let passkey = engine
        .finish_passkey_registration(&input.credential, &kept)
        .map_err(|_| refused())?;
    if begun_by != account {
        return Err(refused());
    }
    let data = serde_json::to_string(&passkey).map_err(|_| ExchangeError::Internal("passkey"))?;
    let new = NewHolding {
        account: &account,
        class: ActionName::OLD_FACTORS,
        kind: kind::PASSKEY,
        label: kind::PASSKEY,
        data: &data,
        born_case: None,
        at: app.now(),
    };
    holdings::add(&mut db, new).await?;
    db.commit().await?;
    Ok(Json(json!({})))
}
