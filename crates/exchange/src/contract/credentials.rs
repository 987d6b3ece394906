//! New credentials: checked and staged.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use platform::contract::{
    ActionName, CredentialsRequest, PasskeyCredential, PasswordAnswer, PasswordCheck,
    PasswordReason, StagedCredentials, TotpSecret,
};
use platform::{CaseId, Sensitive};
use sqlx::SqliteConnection;
use webauthn_rs::prelude::Passkey;

use super::once::{Once, other_request};
use super::{known, parse};
use crate::accounts::{self, plain_email};
use crate::error::{ExchangeError, Result};
use crate::factors;
use crate::faults::Fault;
use crate::holdings::{self, NewHolding, kind, state};
use crate::secrets;
use crate::start::App;

/// Fewest characters of a password.
pub(crate) const PASSWORD_MIN: usize = 8;
/// Most characters of a password.
pub(crate) const PASSWORD_MAX: usize = 256;

/// Why a password does not do for an account, or nothing.
pub(crate) async fn password_fault(
    db: &mut SqliteConnection,
    account: &str,
    password: &Sensitive<String>,
) -> Result<Option<PasswordReason>> {
    let length = password.reveal().chars().count();
    if length < PASSWORD_MIN {
        return Ok(Some(PasswordReason::TooShort));
    }
    if length > PASSWORD_MAX {
        return Ok(Some(PasswordReason::TooLong));
    }
    let user_name = accounts::user_name(db, account).await?;
    if password.reveal().to_lowercase().contains(&user_name) {
        return Ok(Some(PasswordReason::HoldsIdentity));
    }
    for state in [state::ACTIVE, state::SUSPENDED] {
        for old in holdings::list(db, account, ActionName::OLD_FACTORS, state).await? {
            if old.kind == kind::PASSWORD && secrets::password_fits(password, &old.data).await? {
                return Ok(Some(PasswordReason::UsedBefore));
            }
        }
    }
    Ok(None)
}

pub(super) async fn check_password(
    State(app): State<App>,
    Path(account): Path<String>,
    body: Bytes,
) -> Result<Json<PasswordAnswer>> {
    let request: PasswordCheck = parse(&app, &body)?;
    let mut db = app.db.begin().await?;
    known(&mut db, &account).await?;
    let reason = password_fault(&mut db, &account, &request.password).await?;
    Ok(Json(PasswordAnswer {
        acceptable: reason.is_none(),
        reason,
    }))
}

fn check_totp(secret: &TotpSecret) -> Result<String> {
    if !matches!(secret.digits, 6 | 8) || secret.period != 30 {
        return Err(ExchangeError::field(
            "Codes have 6 or 8 digits and steps of 30 seconds",
        ));
    }
    factors::totp(secret)?;
    serde_json::to_string(secret).map_err(|_| ExchangeError::Internal("totp"))
}

fn check_passkey(app: &App, passkey: &PasskeyCredential) -> Result<String> {
    let ours = app
        .config
        .passkeys
        .as_ref()
        .map(|party| party.rp_id.as_str());
    if ours != Some(passkey.rp_id.as_str()) {
        return Err(ExchangeError::field(
            "The passkey was made for another domain",
        ));
    }
    let wrong = || ExchangeError::field("The passkey is not a stored credential");
    let parsed: Passkey =
        serde_json::from_value(passkey.credential.clone()).map_err(|_| wrong())?;
    serde_json::to_string(&parsed).map_err(|_| wrong())
}

/// Replaces what is staged of a kind.
async fn replace(db: &mut SqliteConnection, new: NewHolding<'_>) -> Result<()> {
    sqlx::query(
        "UPDATE holdings SET state = 'destroyed', data = '' WHERE account = $1 AND class = $2
         AND kind = $3 AND state = 'staged' AND born_case = $4",
    )
    .bind(new.account)
    .bind(new.class)
    .bind(new.kind)
    .bind(new.born_case)
    .execute(&mut *db)
    .await?;
    holdings::add(db, new).await?;
    Ok(())
}

async fn check_email(
    db: &mut SqliteConnection,
    account: &str,
    email: &Sensitive<String>,
) -> Result<String> {
    let email = plain_email(email.reveal())?;
    if accounts::is_taken(db, account, kind::EMAIL, &email).await? {
        return Err(ExchangeError::refused(
            409,
            "taken",
            "This address is already in use",
        ));
    }
    Ok(email)
}

async fn checked_password(
    db: &mut SqliteConnection,
    account: &str,
    password: &Sensitive<String>,
) -> Result<String> {
    match password_fault(db, account, password).await? {
        None => secrets::hash_password(password).await,
        Some(_) => Err(ExchangeError::field("The password is not acceptable")),
    }
}

pub(super) async fn stage(
    State(app): State<App>,
    Path((account, case)): Path<(String, CaseId)>,
    body: Bytes,
) -> Result<Json<StagedCredentials>> {
    let mut request: CredentialsRequest = parse(&app, &body)?;
    let mut db = app.db.begin().await?;
    known(&mut db, &account).await?;
    // A fast digest of a password would be a gift to whoever steals the database.
    let password = request.password.take();
    let scope = format!("{account}/recoveries/{case}/credentials");
    let once = Once::new(&app, scope, &request.idempotency_key, &request)?;
    if let Some(before) = once.before(&mut db).await? {
        let same = match &password {
            None => before.secret.is_empty(),
            Some(password) => secrets::password_fits(password, &before.secret).await?,
        };
        return if same || once.careless {
            Ok(Json(before.answer))
        } else {
            Err(other_request())
        };
    }
    let mut staged: Vec<(&str, String)> = Vec::new();
    if let Some(email) = &request.email {
        staged.push((kind::EMAIL, check_email(&mut db, &account, email).await?));
    }
    let mut hash = String::new();
    if let Some(password) = &password {
        hash = checked_password(&mut db, &account, password).await?;
        staged.push((kind::PASSWORD, hash.clone()));
    }
    if let Some(secret) = &request.totp {
        staged.push((kind::TOTP, check_totp(secret)?));
    }
    if let Some(passkey) = &request.passkey {
        staged.push((kind::PASSKEY, check_passkey(&app, passkey)?));
    }
    for (kind, data) in &staged {
        let new = NewHolding {
            account: &account,
            class: ActionName::OLD_FACTORS,
            kind,
            label: kind,
            data,
            born_case: Some(case.as_str()),
            at: app.now(),
        };
        replace(&mut db, new).await?;
    }
    let answer = staged_now(&mut db, &account, &case).await?;
    if app.has(&[Fault::ActivatesBeforeSuspend]) {
        activate(&mut db, &account, &case).await?;
    }
    once.keep(&mut db, &hash, &answer).await?;
    db.commit().await?;
    Ok(Json(answer))
}

/// What a faulty exchange does too early.
async fn activate(db: &mut SqliteConnection, account: &str, case: &CaseId) -> Result<()> {
    sqlx::query(
        "UPDATE holdings SET state = 'active'
         WHERE account = $1 AND born_case = $2 AND state = 'staged'",
    )
    .bind(account)
    .bind(case.as_str())
    .execute(db)
    .await?;
    Ok(())
}

/// Which kinds are staged for a case.
pub(super) async fn staged_now(
    db: &mut SqliteConnection,
    account: &str,
    case: &CaseId,
) -> Result<StagedCredentials> {
    let kinds: Vec<(String,)> = sqlx::query_as(
        "SELECT kind FROM holdings WHERE account = $1 AND born_case = $2 AND state = 'staged'",
    )
    .bind(account)
    .bind(case.as_str())
    .fetch_all(db)
    .await?;
    let has = |kind: &str| kinds.iter().any(|row| row.0 == kind);
    Ok(StagedCredentials {
        email: has(kind::EMAIL),
        password: has(kind::PASSWORD),
        totp: has(kind::TOTP),
        passkey: has(kind::PASSKEY),
    })
}
