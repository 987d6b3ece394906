//! New credentials: checked and staged.

use std::collections::BTreeSet;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use platform::contract::{
    ActionName, CredentialsRequest, EARLIER_HANDOVER, EnrolAt, PasskeyCredential, PasswordAnswer,
    PasswordCheck, PasswordReason, StagedCredentials, TotpSecret, plain_recovery_code,
};
use platform::{CaseId, Sensitive, Timestamp};
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
/// Fewest and most recovery codes of one account.
const CODES_MIN: usize = 8;
const CODES_MAX: usize = 16;
/// Letters and digits of a recovery code: 80 bits at least, and not so many that nobody types them.
const CODE_MIN: usize = 16;
const CODE_MAX: usize = 32;

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
    if secrets::is_common(password, &user_name).await? {
        return Ok(Some(PasswordReason::TooCommon));
    }
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

fn check_codes(codes: &[Sensitive<String>]) -> Result<Vec<String>> {
    let plain: BTreeSet<String> = codes
        .iter()
        .map(|code| plain_recovery_code(code.reveal()))
        .filter(|code| (CODE_MIN..=CODE_MAX).contains(&code.len()))
        .collect();
    if plain.len() != codes.len() || !(CODES_MIN..=CODES_MAX).contains(&codes.len()) {
        return Err(ExchangeError::field(
            "Recovery codes are 8 to 16 different ones of 16 to 32 letters and digits",
        ));
    }
    Ok(plain.iter().map(|code| secrets::salted(code)).collect())
}

fn check_passkey(app: &App, passkey: &PasskeyCredential) -> Result<String> {
    if app.config.passkeys_made == EnrolAt::AtPlatform {
        return Err(ExchangeError::field("Passkeys are made on our own page"));
    }
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

/// What a case stages, and when.
struct Staging<'a> {
    account: &'a str,
    case: &'a CaseId,
    at: Timestamp,
}

impl Staging<'_> {
    /// Replaces what is staged of a kind.
    async fn replace(&self, db: &mut SqliteConnection, kind: &str, data: &[String]) -> Result<()> {
        let class = ActionName::OLD_FACTORS;
        sqlx::query(
            "UPDATE holdings SET state = 'destroyed', data = '' WHERE account = $1 AND class = $2
             AND kind = $3 AND state = 'staged' AND born_case = $4",
        )
        .bind(self.account)
        .bind(class)
        .bind(kind)
        .bind(self.case.as_str())
        .execute(&mut *db)
        .await?;
        for data in data {
            let new = NewHolding {
                account: self.account,
                class,
                kind,
                label: kind,
                data,
                born_case: Some(self.case.as_str()),
                at: self.at,
            };
            holdings::add(db, new).await?;
        }
        Ok(())
    }
}

/// Refuses what belongs to an earlier handover of the case than was seen, and notes the latest.
pub(crate) async fn continue_handover(
    app: &App,
    db: &mut SqliteConnection,
    (account, case): (&str, &CaseId),
    begun_at: Timestamp,
) -> Result<()> {
    let (newest,): (i64,) = sqlx::query_as(
        "INSERT INTO handovers (account, case_id, begun_at) VALUES ($1, $2, $3)
         ON CONFLICT DO UPDATE SET begun_at = max(begun_at, excluded.begun_at)
         RETURNING begun_at",
    )
    .bind(account)
    .bind(case.as_str())
    .bind(begun_at.millis())
    .fetch_one(db)
    .await?;
    if begun_at.millis() < newest && !app.has(&[Fault::TakesEarlierHandover]) {
        let title = "Another handover of this recovery began since";
        return Err(ExchangeError::refused(409, EARLIER_HANDOVER, title));
    }
    Ok(())
}

/// Stages a passkey that our own page made for a case, or takes away the one of an earlier try.
pub(crate) async fn stage_passkey(
    db: &mut SqliteConnection,
    (account, case): (&str, &CaseId),
    passkey: Option<String>,
    at: Timestamp,
) -> Result<()> {
    let staging = Staging { account, case, at };
    let data: Vec<String> = passkey.into_iter().collect();
    staging.replace(db, kind::PASSKEY, &data).await
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
    continue_handover(&app, &mut db, (&account, &case), request.begun_at).await?;
    let mut staged: Vec<(&str, Vec<String>)> = Vec::new();
    if let Some(email) = &request.email {
        let email = check_email(&mut db, &account, email).await?;
        staged.push((kind::EMAIL, vec![email]));
    }
    let mut hash = String::new();
    if let Some(password) = &password {
        hash = checked_password(&mut db, &account, password).await?;
        staged.push((kind::PASSWORD, vec![hash.clone()]));
    }
    if let Some(secret) = &request.totp {
        staged.push((kind::TOTP, vec![check_totp(secret)?]));
    }
    if let Some(passkey) = &request.passkey {
        staged.push((kind::PASSKEY, vec![check_passkey(&app, passkey)?]));
    }
    if let Some(codes) = &request.recovery_codes {
        staged.push((kind::RECOVERY_CODE, check_codes(codes)?));
    }
    let staging = Staging {
        account: &account,
        case: &case,
        at: app.now(),
    };
    let keep = request.keep.filter(|_| !app.has(&[Fault::KeepsStaged]));
    for kind in keep.map(dropped).unwrap_or_default() {
        staging.replace(&mut db, kind, &[]).await?;
    }
    for (kind, data) in &staged {
        staging.replace(&mut db, kind, data).await?;
    }
    let answer = staged_now(&mut db, &account, &case).await?;
    if app.has(&[Fault::ActivatesBeforeSuspend]) {
        activate(&mut db, &account, &case).await?;
    }
    once.keep(&mut db, &hash, &answer).await?;
    db.commit().await?;
    Ok(Json(answer))
}

/// The kinds of which nothing is kept that was staged before.
fn dropped(keep: StagedCredentials) -> Vec<&'static str> {
    let kinds = [
        (keep.email, kind::EMAIL),
        (keep.password, kind::PASSWORD),
        (keep.totp, kind::TOTP),
        (keep.passkey, kind::PASSKEY),
        (keep.recovery_codes, kind::RECOVERY_CODE),
    ];
    let dropped = kinds.into_iter().filter(|(kept, _)| !kept);
    dropped.map(|(_, kind)| kind).collect()
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

/// What is staged for a case, whoever staged it: Regain, or our own page.
pub(super) async fn read(
    State(app): State<App>,
    Path((account, case)): Path<(String, CaseId)>,
) -> Result<Json<StagedCredentials>> {
    let mut db = app.db.begin().await?;
    known(&mut db, &account).await?;
    if app.has(&[Fault::ForgetsStaged]) {
        return Ok(Json(StagedCredentials::default()));
    }
    Ok(Json(staged_now(&mut db, &account, &case).await?))
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
        recovery_codes: has(kind::RECOVERY_CODE),
    })
}
