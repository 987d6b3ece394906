//! Proving who signs in: password and authenticator code, or a recovery code in its place.

use platform::contract::{ActionName, TotpAlgorithm, TotpSecret, plain_recovery_code};
use platform::{Sensitive, Span, Timestamp};
use sqlx::SqliteConnection;
use totp_rs::{Algorithm, Builder, Secret, Totp};

use crate::error::{ExchangeError, Result};
use crate::holdings::{self, Holding, kind, state};
use crate::secrets;

/// Wrong codes that an account takes within [`FAILURES_SPAN`] before it makes people wait.
const FAILURES_MAX: i64 = 10;
/// For how long a wrong code counts.
const FAILURES_SPAN: Span = Span::minutes(15);
/// A hash that no password fits, so that an unknown account takes as long as a known one.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$\
                      AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Which factors count.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// Those in use: to sign in.
    InUse,
    /// Those from before a recovery, if one suspended them, and otherwise those in use: to stop it.
    FromBefore,
}

/// What a person shows.
pub(crate) struct Shown {
    pub(crate) password: Sensitive<String>,
    pub(crate) code: String,
}

/// The authenticator as the library knows it; one earlier and one later step are accepted.
pub(crate) fn totp(secret: &TotpSecret) -> Result<Totp> {
    let bytes = Secret::try_from_base32(secret.secret.reveal())
        .map_err(|_| ExchangeError::field("The authenticator secret is not base 32"))?;
    let algorithm = match secret.algorithm {
        TotpAlgorithm::Sha1 => Algorithm::SHA1,
        TotpAlgorithm::Sha256 => Algorithm::SHA256,
    };
    Builder::new()
        .with_algorithm(algorithm)
        .with_digits(secret.digits)
        .with_skew(1)
        .with_step_duration(u64::from(secret.period))
        .with_secret(bytes)
        .build()
        .map_err(|_| ExchangeError::field("The authenticator's parameters are not usable"))
}

/// The factors of a kind that count.
pub(crate) async fn counting(
    db: &mut SqliteConnection,
    account: &str,
    which: Which,
) -> Result<Vec<Holding>> {
    let class = ActionName::OLD_FACTORS;
    if which == Which::FromBefore {
        let old = holdings::list(db, account, class, state::SUSPENDED).await?;
        if !old.is_empty() {
            return Ok(old);
        }
    }
    holdings::list(db, account, class, state::ACTIVE).await
}

/// The step that a code belongs to, if it fits now.
pub(crate) fn step_of(secret: &TotpSecret, code: &str, now: Timestamp) -> Result<Option<u64>> {
    let seconds = u64::try_from(now.millis() / 1000).unwrap_or(0);
    Ok(totp(secret)?.check(code.trim(), seconds))
}

/// Takes a code once: the step it belongs to must be later than the last one taken, and than the
/// one that proved the authenticator when it was made (RFC 6238 5.2).
async fn take_code(
    db: &mut SqliteConnection,
    factor: &Holding,
    code: &str,
    now: Timestamp,
) -> Result<bool> {
    let secret: TotpSecret =
        serde_json::from_str(&factor.data).map_err(|_| ExchangeError::Internal("totp"))?;
    let step = step_of(&secret, code, now)?;
    let Some(step) = step.filter(|step| Some(*step) > secret.used_step) else {
        return Ok(false);
    };
    let step = i64::try_from(step).unwrap_or(0);
    let done = sqlx::query("UPDATE holdings SET used_step = $1 WHERE id = $2 AND used_step < $1")
        .bind(step)
        .bind(&factor.id)
        .execute(db)
        .await?;
    Ok(step > factor.used_step && done.rows_affected() == 1)
}

/// Takes a recovery code once: it is gone with the sign-in that it served for.
async fn take_recovery_code(
    db: &mut SqliteConnection,
    factor: &Holding,
    code: &str,
) -> Result<bool> {
    if !secrets::code_fits(&plain_recovery_code(code), &factor.data) {
        return Ok(false);
    }
    let done = sqlx::query(
        "UPDATE holdings SET state = 'destroyed', data = '', label = ''
         WHERE id = $1 AND state = $2",
    )
    .bind(&factor.id)
    .bind(&factor.state)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// What has to be shown, and where wrong codes are counted: apart, so that wrong codes on one page
/// never close another to the holder.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Password and code, to sign in.
    SignIn,
    /// Password and code, to stop a recovery.
    Stop,
    /// Password and code once more, to get a stop code.
    StopCode,
    /// The code alone, by who forgot the password.
    CodeOnly,
    /// The password alone, by who lost the authenticator.
    PasswordOnly,
}

impl Asked {
    const fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Stop => "stop",
            Self::StopCode => "stop_code",
            Self::CodeOnly => "code_only",
            Self::PasswordOnly => "password_only",
        }
    }

    const fn which(self) -> Which {
        match self {
            Self::Stop => Which::FromBefore,
            Self::SignIn | Self::StopCode | Self::CodeOnly | Self::PasswordOnly => Which::InUse,
        }
    }
}

/// Wrong codes of late. Wrong passwords do not count: anybody could lock a holder out with them.
async fn failures(
    db: &mut SqliteConnection,
    account: &str,
    asked: Asked,
    now: Timestamp,
) -> Result<i64> {
    let (failures,): (i64,) = sqlx::query_as(
        "SELECT COUNT(*) FROM failures WHERE account = $1 AND purpose = $2 AND at > $3",
    )
    .bind(account)
    .bind(asked.name())
    .bind((now - FAILURES_SPAN).millis())
    .fetch_one(db)
    .await?;
    Ok(failures)
}

/// Whether what is shown is what was asked. Refused with 429 after too many wrong codes.
pub(crate) async fn prove(
    db: &mut SqliteConnection,
    account: Option<&str>,
    shown: &Shown,
    asked: Asked,
    now: Timestamp,
) -> Result<bool> {
    let Some(account) = account else {
        secrets::password_fits(&shown.password, NOBODY).await?;
        return Ok(false);
    };
    let factors = counting(db, account, asked.which()).await?;
    let of = |kind: &'static str| factors.iter().filter(move |factor| factor.kind == kind);
    let mut password = asked == Asked::CodeOnly;
    for factor in of(kind::PASSWORD).filter(|_| asked != Asked::CodeOnly) {
        password |= secrets::password_fits(&shown.password, &factor.data).await?;
    }
    if !password {
        return Ok(false);
    }
    if asked == Asked::PasswordOnly || of(kind::TOTP).next().is_none() {
        return Ok(true);
    }
    if failures(db, account, asked, now).await? >= FAILURES_MAX {
        let words = "Too many wrong codes. Wait fifteen minutes";
        return Err(ExchangeError::refused(429, "wait", words));
    }
    for factor in of(kind::TOTP) {
        if take_code(db, factor, &shown.code, now).await? {
            return Ok(true);
        }
    }
    // Never alone: who forgot the password does not get a new one for a piece of paper.
    if matches!(asked, Asked::SignIn | Asked::Stop) {
        for factor in of(kind::RECOVERY_CODE) {
            if take_recovery_code(db, factor, &shown.code).await? {
                return Ok(true);
            }
        }
    }
    sqlx::query("INSERT INTO failures (account, purpose, at) VALUES ($1, $2, $3)")
        .bind(account)
        .bind(asked.name())
        .bind(now.millis())
        .execute(db)
        .await?;
    Ok(false)
}
