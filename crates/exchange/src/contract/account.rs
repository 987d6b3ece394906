//! Finding an account, and telling what is known of it.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use platform::contract::{
    AccountChange, AccountChangeKind, ActionName, BankCard, Channel, ChannelKind, Dossier,
    KycDocument, Login, PastAddress, PastTransaction, PortraitInfo, ResolveAnswer, ResolveRequest,
};
use platform::{AccountRef, ContentDigest, Timestamp};
use sqlx::{FromRow, SqliteConnection};

use super::{known, parse};
use crate::accounts::{self, from_word};
use crate::error::{ExchangeError, Result};
use crate::faults::Fault;
use crate::holdings::{self, Holding, RECOVERY_CONTACTS, kind, state};
use crate::messages;
use crate::money;
use crate::start::App;

/// Sign-ins that a dossier lists at most.
const LOGINS_MAX: i64 = 100;
/// Deposits and withdrawals that it lists at most.
const TRANSACTIONS_MAX: i64 = 500;
/// Things of an account whose beginnings it lists at most.
const CHANGES_MAX: i64 = 500;

pub(super) async fn resolve(State(app): State<App>, body: Bytes) -> Result<Json<ResolveAnswer>> {
    let request: ResolveRequest = parse(&app, &body)?;
    let mut db = app.db.acquire().await?;
    let account = accounts::resolve(&mut db, request.identifier.reveal()).await?;
    if account.is_none() && app.has(&[Fault::ResolvesWith404]) {
        return Err(ExchangeError::not_found());
    }
    Ok(Json(ResolveAnswer {
        account: account.map(AccountRef),
    }))
}

pub(super) async fn portrait(
    State(app): State<App>,
    Path(account): Path<String>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    known(&mut db, &account).await?;
    let row: (Option<Vec<u8>>, Option<String>) =
        sqlx::query_as("SELECT portrait, portrait_type FROM accounts WHERE ref = $1")
            .bind(&account)
            .fetch_one(&mut *db)
            .await?;
    match row {
        (Some(_), Some(_)) if app.has(&[Fault::WrongPortrait]) => Ok(b"GIF89a".into_response()),
        (Some(bytes), Some(kind)) => Ok(([(header::CONTENT_TYPE, kind)], bytes).into_response()),
        _ => Err(ExchangeError::refused(
            404,
            "no_portrait",
            "There is no portrait",
        )),
    }
}

#[derive(FromRow)]
struct AccountRow {
    registered_at: i64,
    status: String,
    value: String,
    tier_hint: Option<String>,
    document: Option<String>,
    portrait: Option<Vec<u8>>,
    portrait_type: Option<String>,
    portrait_at: Option<i64>,
}

#[derive(FromRow)]
struct LoginRow {
    ip: String,
    city: Option<String>,
    country: Option<String>,
    device: Option<String>,
    device_token: Option<String>,
    at: i64,
}

/// Every factor and device that is or was a channel: suspended ones still belong to the holder.
pub(super) async fn channel_rows(
    db: &mut SqliteConnection,
    account: &str,
) -> Result<Vec<(Holding, ChannelKind)>> {
    let mut channels = Vec::new();
    for class in [ActionName::OLD_FACTORS, ActionName::DEVICES] {
        for state in [state::ACTIVE, state::SUSPENDED] {
            for holding in holdings::list(db, account, class, state).await? {
                let kind = match holding.kind.as_str() {
                    kind::EMAIL => ChannelKind::Email,
                    kind::PHONE => ChannelKind::Sms,
                    kind::PUSH => ChannelKind::Push,
                    _ => continue,
                };
                channels.push((holding, kind));
            }
        }
    }
    channels.push((messages::channel(db, account).await?, ChannelKind::InApp));
    let contacts = holdings::list(db, account, RECOVERY_CONTACTS, state::ACTIVE).await?;
    let contacts = contacts.into_iter();
    channels.extend(contacts.map(|contact| (contact, ChannelKind::RecoveryContact)));
    Ok(channels)
}

/// What a reviewer may see of a channel.
fn masked(holding: &Holding, kind: ChannelKind) -> String {
    match kind {
        ChannelKind::Email | ChannelKind::RecoveryContact => {
            let (name, host) = holding.data.split_once('@').unwrap_or_default();
            let first: String = name.chars().take(1).collect();
            format!("{first}***@{host}")
        }
        ChannelKind::Sms => format!("*** {}", last_four(&holding.data)),
        ChannelKind::Push | ChannelKind::InApp | ChannelKind::Other => holding.label.clone(),
    }
}

fn last_four(number: &str) -> String {
    let skipped = number.chars().count().saturating_sub(4);
    number.chars().skip(skipped).collect()
}

async fn logins(db: &mut SqliteConnection, account: &str) -> Result<Vec<Login>> {
    let rows: Vec<LoginRow> = sqlx::query_as(
        "SELECT ip, city, country, device, device_token, at FROM logins
         WHERE account = $1 ORDER BY at DESC, id DESC LIMIT $2",
    )
    .bind(account)
    .bind(LOGINS_MAX)
    .fetch_all(db)
    .await?;
    let logins = rows.into_iter().map(|row| Login {
        ip: row.ip.into(),
        city: row.city.map(Into::into),
        country: row.country,
        device: row.device.map(Into::into),
        device_token: row.device_token.map(Into::into),
        at: Timestamp::from_millis(row.at),
    });
    Ok(logins.collect())
}

async fn cards(db: &mut SqliteConnection, account: &str) -> Result<Vec<BankCard>> {
    let rows: Vec<(String, String)> =
        sqlx::query_as("SELECT bank, last_four FROM cards WHERE account = $1 ORDER BY rowid")
            .bind(account)
            .fetch_all(db)
            .await?;
    let cards = rows.into_iter().map(|(bank, last_four)| BankCard {
        bank: bank.into(),
        last_four: last_four.into(),
    });
    Ok(cards.collect())
}

async fn addresses(db: &mut SqliteConnection, account: &str) -> Result<Vec<PastAddress>> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT DISTINCT chain, address FROM movements
         WHERE account = $1 AND chain IS NOT NULL AND address IS NOT NULL ORDER BY at DESC",
    )
    .bind(account)
    .fetch_all(db)
    .await?;
    let past = |(chain, address): (String, String)| PastAddress {
        chain,
        address: address.into(),
    };
    Ok(rows.into_iter().map(past).collect())
}

async fn transactions(db: &mut SqliteConnection, account: &str) -> Result<Vec<PastTransaction>> {
    let rows: Vec<(i64, String, i64)> = sqlx::query_as(
        "SELECT units, asset, at FROM movements
         WHERE account = $1 ORDER BY at DESC, id DESC LIMIT $2",
    )
    .bind(account)
    .bind(TRANSACTIONS_MAX)
    .fetch_all(db)
    .await?;
    let past = |(units, asset, at)| PastTransaction {
        id: None,
        amount: money::show(units).into(),
        asset,
        at: Timestamp::from_millis(at),
    };
    Ok(rows.into_iter().map(past).collect())
}

/// When each thing came that a thief adds, too; suspended ones are still part of the past.
async fn changes(db: &mut SqliteConnection, account: &str) -> Result<Vec<AccountChange>> {
    let rows: Vec<(String, String, i64)> = sqlx::query_as(
        "SELECT class, kind, created_at FROM holdings
         WHERE account = $1 AND state IN ('active', 'suspended')
         ORDER BY created_at DESC, rowid DESC LIMIT $2",
    )
    .bind(account)
    .bind(CHANGES_MAX)
    .fetch_all(db)
    .await?;
    let known = |(class, kind, at): (String, String, i64)| {
        let kind = match (class.as_str(), kind.as_str()) {
            (_, kind::EMAIL) => AccountChangeKind::Email,
            (_, kind::PHONE) => AccountChangeKind::Sim,
            (_, kind::PASSWORD) => AccountChangeKind::Password,
            (ActionName::API_KEYS, _) => AccountChangeKind::ApiKey,
            (ActionName::WHITELIST, _) => AccountChangeKind::WhitelistAddress,
            _ => return None,
        };
        let at = Timestamp::from_millis(at);
        Some(AccountChange { kind, at })
    };
    Ok(rows.into_iter().filter_map(known).collect())
}

fn portrait_info(row: &AccountRow) -> Option<PortraitInfo> {
    let bytes = row.portrait.as_deref()?;
    Some(PortraitInfo {
        media_type: row.portrait_type.clone()?,
        bytes: bytes.len() as u64,
        digest: ContentDigest::of(bytes),
        taken_at: Timestamp::from_millis(row.portrait_at?),
    })
}

pub(super) async fn dossier(
    State(app): State<App>,
    Path(account): Path<String>,
) -> Result<Json<Dossier>> {
    let mut db = app.db.begin().await?;
    let account = known(&mut db, &account).await?;
    let row: AccountRow = sqlx::query_as("SELECT * FROM accounts WHERE ref = $1")
        .bind(&account.0)
        .fetch_one(&mut *db)
        .await?;
    let document: Option<KycDocument> = row
        .document
        .as_deref()
        .map(serde_json::from_str)
        .transpose()
        .map_err(|_| ExchangeError::Internal("document"))?;
    let rows = channel_rows(&mut db, &account.0).await?;
    let phones = rows.iter().filter(|(_, kind)| *kind == ChannelKind::Sms);
    let phones = phones
        .map(|(phone, _)| last_four(&phone.data).into())
        .collect();
    let mut cards = cards(&mut db, &account.0).await?;
    if app.has(&[Fault::TellsWholeCards]) {
        for card in &mut cards {
            card.last_four = format!("400000000000{}", card.last_four.reveal()).into();
        }
    }
    let channels = rows.iter().map(|(holding, kind)| Channel {
        id: holding.id.clone(),
        kind: *kind,
        label: masked(holding, *kind).into(),
        known_since: Timestamp::from_millis(holding.created_at),
    });
    Ok(Json(Dossier {
        status: from_word(&row.status)?,
        value: from_word(&row.value)?,
        tier_hint: row.tier_hint.as_deref().map(from_word).transpose()?,
        registered_at: Timestamp::from_millis(row.registered_at),
        document,
        portrait: portrait_info(&row),
        cards,
        addresses: addresses(&mut db, &account.0).await?,
        transactions: transactions(&mut db, &account.0).await?,
        logins: logins(&mut db, &account.0).await?,
        changes: changes(&mut db, &account.0).await?,
        phones,
        channels: channels.collect(),
        account,
    }))
}
