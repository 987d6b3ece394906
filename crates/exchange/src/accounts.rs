//! Accounts: made, and found by whatever a person types.

use platform::contract::{AccountStatus, KycDocument, TierHint, ValueClass};
use platform::{AccountRef, Sensitive, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::SqliteConnection;

use crate::error::{ExchangeError, Result};
use crate::holdings::{self, NewHolding, kind};
use crate::secrets;

/// A portrait as it was given.
#[derive(Clone)]
pub(crate) struct Portrait {
    pub(crate) bytes: Vec<u8>,
    pub(crate) media_type: &'static str,
}

/// What an account is made of.
pub(crate) struct NewAccount<'a> {
    pub(crate) user_name: &'a str,
    pub(crate) email: &'a str,
    pub(crate) phone: Option<&'a str>,
    pub(crate) password: &'a Sensitive<String>,
    pub(crate) document: Option<&'a KycDocument>,
    pub(crate) portrait: Option<&'a Portrait>,
    pub(crate) status: AccountStatus,
    pub(crate) value: ValueClass,
    pub(crate) tier_hint: Option<TierHint>,
    pub(crate) at: Timestamp,
}

/// A unit variant's name as it stands in JSON.
pub(crate) fn word(value: &impl Serialize) -> Result<String> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => Ok(text),
        _ => Err(ExchangeError::Internal("word")),
    }
}

/// The unit variant of that name.
pub(crate) fn from_word<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_value(serde_json::Value::String(text.to_owned()))
        .map_err(|_| ExchangeError::Internal("word"))
}

/// An e-mail address in the form in which it is compared.
pub(crate) fn plain_email(text: &str) -> Result<String> {
    let text = text.trim().to_lowercase();
    let fine = text.len() <= 254
        && text
            .split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    if fine {
        Ok(text)
    } else {
        Err(ExchangeError::field("Enter an e-mail address"))
    }
}

/// A phone number in the form in which it is compared: a plus and digits.
pub(crate) fn plain_phone(text: &str) -> Result<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let fine = (7..=15).contains(&digits.len()) && !text.contains('@');
    if fine {
        Ok(format!("+{digits}"))
    } else {
        Err(ExchangeError::field("Enter a phone number"))
    }
}

/// A user name: 3 to 32 letters, digits, dots, dashes and underscores.
pub(crate) fn plain_user_name(text: &str) -> Result<String> {
    let text = text.trim().to_lowercase();
    let known = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    if (3..=32).contains(&text.len()) && text.bytes().all(known) {
        return Ok(text);
    }
    Err(ExchangeError::field(
        "A user name has 3 to 32 letters, digits, dots and dashes",
    ))
}

fn taken() -> ExchangeError {
    ExchangeError::refused(
        409,
        "taken",
        "This name, address or number is already in use",
    )
}

/// Makes an account with its password, e-mail address and phone.
pub(crate) async fn create(db: &mut SqliteConnection, new: &NewAccount<'_>) -> Result<AccountRef> {
    let user_name = plain_user_name(new.user_name)?;
    let email = plain_email(new.email)?;
    let phone = new.phone.map(plain_phone).transpose()?;
    let account = secrets::id("acc_");
    let mut taken_already = resolve(db, &user_name).await?.is_some()
        || is_taken(db, &account, kind::EMAIL, &email).await?;
    if let Some(phone) = &phone {
        taken_already |= is_taken(db, &account, kind::PHONE, phone).await?;
    }
    if taken_already {
        return Err(taken());
    }
    insert(db, &account, &user_name, new).await?;
    let hash = secrets::hash_password(new.password).await?;
    let mut factors = vec![(kind::EMAIL, email), (kind::PASSWORD, hash)];
    factors.extend(phone.map(|phone| (kind::PHONE, phone)));
    for (kind, data) in &factors {
        let factor = NewHolding {
            account: &account,
            class: platform::contract::ActionName::OLD_FACTORS,
            kind,
            label: kind,
            data,
            born_case: None,
            at: new.at,
        };
        holdings::add(db, factor).await?;
    }
    Ok(AccountRef(account))
}

async fn insert(
    db: &mut SqliteConnection,
    account: &str,
    user_name: &str,
    new: &NewAccount<'_>,
) -> Result<()> {
    let document = new.document.map(serde_json::to_string).transpose();
    let number = u32::from_le_bytes(secrets::random::<4>());
    sqlx::query(
        "INSERT INTO accounts (ref, number, user_name, registered_at, status, value, tier_hint,
             document, portrait, portrait_type, portrait_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $4)",
    )
    .bind(account)
    .bind(format!("{number:010}"))
    .bind(user_name)
    .bind(new.at.millis())
    .bind(word(&new.status)?)
    .bind(word(&new.value)?)
    .bind(new.tier_hint.as_ref().map(word).transpose()?)
    .bind(document.map_err(|_| ExchangeError::Internal("document"))?)
    .bind(new.portrait.map(|portrait| portrait.bytes.as_slice()))
    .bind(new.portrait.map(|portrait| portrait.media_type))
    .execute(db)
    .await?;
    Ok(())
}

/// The account of a user name, account number, e-mail address or phone number.
pub(crate) async fn resolve(db: &mut SqliteConnection, text: &str) -> Result<Option<String>> {
    let plain = text.trim().to_lowercase();
    let by_name: Option<(String,)> =
        sqlx::query_as("SELECT ref FROM accounts WHERE user_name = $1 OR number = $1")
            .bind(&plain)
            .fetch_optional(&mut *db)
            .await?;
    if let Some((account,)) = by_name {
        return Ok(Some(account));
    }
    let class = platform::contract::ActionName::OLD_FACTORS;
    if let Ok(email) = plain_email(&plain) {
        let found = holdings::find(db, class, kind::EMAIL, &email).await?;
        return Ok(found.map(|found| found.account));
    }
    if let Ok(phone) = plain_phone(&plain) {
        let found = holdings::find(db, class, kind::PHONE, &phone).await?;
        return Ok(found.map(|found| found.account));
    }
    Ok(None)
}

/// Whether an address or number is somebody's, or is promised to another account's recovery.
pub(crate) async fn is_taken(
    db: &mut SqliteConnection,
    account: &str,
    kind: &str,
    data: &str,
) -> Result<bool> {
    let (count,): (i64,) = sqlx::query_as(
        "SELECT COUNT(*) FROM holdings WHERE class = 'old_factors' AND kind = $1 AND data = $2
         AND (state IN ('active', 'suspended') OR (state = 'staged' AND account <> $3))",
    )
    .bind(kind)
    .bind(data)
    .bind(account)
    .fetch_one(db)
    .await?;
    Ok(count > 0)
}

/// The user name of an account.
pub(crate) async fn registered_at(db: &mut SqliteConnection, account: &str) -> Result<i64> {
    let found = sqlx::query_scalar("SELECT registered_at FROM accounts WHERE ref = $1");
    Ok(found.bind(account).fetch_one(db).await?)
}

/// The name under which somebody signs in.
pub(crate) async fn user_name(db: &mut SqliteConnection, account: &str) -> Result<String> {
    let row: Option<(String,)> = sqlx::query_as("SELECT user_name FROM accounts WHERE ref = $1")
        .bind(account)
        .fetch_optional(db)
        .await?;
    row.map(|row| row.0).ok_or_else(ExchangeError::not_found)
}
