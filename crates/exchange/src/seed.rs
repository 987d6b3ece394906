//! Accounts for the demo and for tests.

use platform::contract::{
    AccountStatus, ActionName, BankCard, KycDocument, Login, PastAddress, TierHint, TotpAlgorithm,
    TotpSecret, ValueClass, plain_recovery_code,
};
use platform::{AccountRef, Sensitive, Timestamp};
use sqlx::SqliteConnection;

use crate::accounts::{self, NewAccount};
use crate::error::{ExchangeError, Result};
use crate::holdings::{self, NewHolding, kind};
use crate::money::{self, Movement};
use crate::pages::sniff_portrait;
use crate::secrets;
use crate::start::App;

/// What may act for an account from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthorisationKind {
    /// An application linked by OAuth.
    Oauth,
    /// A trader whose trades are copied.
    CopyTrading,
    /// A Web3 wallet.
    Web3,
}

impl AuthorisationKind {
    /// Its class of holdings, which is also its securing action.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Oauth => ActionName::OAUTH,
            Self::CopyTrading => ActionName::COPY_TRADING,
            Self::Web3 => ActionName::WEB3,
        }
    }
}

/// A balance to begin with.
#[derive(Debug, Clone)]
pub struct SeedBalance {
    /// `spot` or `funding`.
    pub wallet: String,
    /// Such as `BTC`.
    pub asset: String,
    /// Decimal amount, such as `1.5`.
    pub amount: String,
}

/// An account to be made.
#[derive(Debug, Clone)]
pub struct SeedAccount {
    /// User name, unique.
    pub user_name: String,
    /// E-mail address, unique.
    pub email: String,
    /// Phone number, unique.
    pub phone: Option<String>,
    /// Password.
    pub password: Sensitive<String>,
    /// Authenticator secret in base 32 (SHA-1, 6 digits, 30 seconds); none leaves it off.
    pub totp_secret: Option<Sensitive<String>>,
    /// The stored credential of a passkey (`webauthn_rs` `Passkey` as JSON).
    pub passkey: Option<serde_json::Value>,
    /// Recovery codes.
    pub recovery_codes: Vec<Sensitive<String>>,
    /// The verified document.
    pub document: Option<KycDocument>,
    /// The verified portrait: JPEG or PNG.
    pub portrait: Option<Vec<u8>>,
    /// When it was opened; every factor is as old.
    pub registered_at: Timestamp,
    /// Its state.
    pub status: AccountStatus,
    /// What is at stake.
    pub value: ValueClass,
    /// How careful to be.
    pub tier_hint: Option<TierHint>,
    /// Bank cards used.
    pub cards: Vec<BankCard>,
    /// Addresses that it once withdrew to.
    pub past_addresses: Vec<PastAddress>,
    /// Trusted withdrawal addresses.
    pub whitelist: Vec<PastAddress>,
    /// Labels of API keys to be made.
    pub api_keys: Vec<String>,
    /// Names of authorisations.
    pub authorisations: Vec<(AuthorisationKind, String)>,
    /// Sign-ins of the past.
    pub logins: Vec<Login>,
    /// Name of an app that takes pushes.
    pub push_device: Option<String>,
    /// Balances.
    pub balances: Vec<SeedBalance>,
}

/// What was made.
#[derive(Debug, Clone)]
pub struct Seeded {
    /// The account.
    pub account: AccountRef,
    /// Secrets of the API keys, in the order asked for; empty for an account that existed.
    pub api_keys: Vec<Sensitive<String>>,
}

pub(crate) async fn seed(app: &App, accounts: &[SeedAccount]) -> Result<Vec<Seeded>> {
    let mut db = app.db.begin().await?;
    let mut seeded = Vec::with_capacity(accounts.len());
    for account in accounts {
        let name = accounts::plain_user_name(&account.user_name)?;
        match accounts::resolve(&mut db, &name).await? {
            Some(known) => seeded.push(Seeded {
                account: AccountRef(known),
                api_keys: vec![],
            }),
            None => seeded.push(one(&mut db, account).await?),
        }
    }
    db.commit().await?;
    Ok(seeded)
}

async fn one(db: &mut SqliteConnection, seed: &SeedAccount) -> Result<Seeded> {
    let portrait = seed.portrait.clone().map(sniff_portrait).transpose()?;
    let new = NewAccount {
        user_name: &seed.user_name,
        email: &seed.email,
        phone: seed.phone.as_deref(),
        password: &seed.password,
        document: seed.document.as_ref(),
        portrait: portrait.as_ref(),
        status: seed.status,
        value: seed.value,
        tier_hint: seed.tier_hint,
        at: seed.registered_at,
    };
    let account = accounts::create(db, &new).await?;
    let api_keys = things(db, &account.0, seed).await?;
    history(db, &account.0, seed).await?;
    Ok(Seeded { account, api_keys })
}

/// Adds an API key and gives its secret, which is shown once and kept as a digest.
pub(crate) async fn add_api_key(
    db: &mut SqliteConnection,
    account: &str,
    label: &str,
    at: Timestamp,
) -> Result<String> {
    let secret = format!("ek_{}", secrets::token());
    let data = secrets::digest(secret.as_bytes());
    let class = ActionName::API_KEYS;
    let kind = kind::PLAIN;
    holdings::add(
        db,
        NewHolding {
            account,
            class,
            kind,
            label,
            data: &data,
            born_case: None,
            at,
        },
    )
    .await?;
    Ok(secret)
}

async fn things(
    db: &mut SqliteConnection,
    account: &str,
    seed: &SeedAccount,
) -> Result<Vec<Sensitive<String>>> {
    let mut rows: Vec<(&str, &str, String, String)> = Vec::new();
    if let Some(secret) = &seed.totp_secret {
        let data = TotpSecret {
            secret: secret.clone(),
            algorithm: TotpAlgorithm::Sha1,
            digits: 6,
            period: 30,
            used_step: None,
        };
        let data = serde_json::to_string(&data).map_err(|_| ExchangeError::Internal("totp"))?;
        rows.push((ActionName::OLD_FACTORS, kind::TOTP, "totp".to_owned(), data));
    }
    if let Some(passkey) = &seed.passkey {
        let data = passkey.to_string();
        rows.push((
            ActionName::OLD_FACTORS,
            kind::PASSKEY,
            "passkey".to_owned(),
            data,
        ));
    }
    for code in &seed.recovery_codes {
        let data = secrets::salted(&plain_recovery_code(code.reveal()));
        let kind = kind::RECOVERY_CODE;
        rows.push((ActionName::OLD_FACTORS, kind, kind.to_owned(), data));
    }
    if let Some(device) = &seed.push_device {
        rows.push((
            ActionName::DEVICES,
            kind::PUSH,
            device.clone(),
            device.clone(),
        ));
    }
    for to in &seed.whitelist {
        let address = to.address.reveal().clone();
        rows.push((
            ActionName::WHITELIST,
            kind::PLAIN,
            to.chain.clone(),
            address,
        ));
    }
    for (kind_of, name) in &seed.authorisations {
        rows.push((kind_of.class(), kind::PLAIN, name.clone(), name.clone()));
    }
    let at = seed.registered_at;
    for (class, kind, label, data) in &rows {
        let new = NewHolding {
            account,
            class,
            kind,
            label,
            data,
            born_case: None,
            at,
        };
        holdings::add(db, new).await?;
    }
    let mut keys = Vec::new();
    for label in &seed.api_keys {
        keys.push(add_api_key(db, account, label, at).await?.into());
    }
    Ok(keys)
}

async fn history(db: &mut SqliteConnection, account: &str, seed: &SeedAccount) -> Result<()> {
    for card in &seed.cards {
        sqlx::query("INSERT INTO cards (account, bank, last_four) VALUES ($1, $2, $3)")
            .bind(account)
            .bind(card.bank.reveal())
            .bind(card.last_four.reveal())
            .execute(&mut *db)
            .await?;
    }
    for login in &seed.logins {
        sqlx::query(
            "INSERT INTO logins (account, ip, city, country, device, device_token, at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(account)
        .bind(login.ip.reveal())
        .bind(login.city.as_ref().map(Sensitive::reveal))
        .bind(&login.country)
        .bind(login.device.as_ref().map(Sensitive::reveal))
        .bind(login.device_token.as_ref().map(Sensitive::reveal))
        .bind(login.at.millis())
        .execute(&mut *db)
        .await?;
    }
    for to in &seed.past_addresses {
        let movement = Movement {
            account,
            kind: "withdraw",
            asset: "BTC",
            units: 1_000_000,
            to: Some((&to.chain, to.address.reveal())),
            at: seed.registered_at,
        };
        money::record(db, movement).await?;
    }
    for balance in &seed.balances {
        let units = money::parse(&balance.amount)?;
        money::give(db, account, &balance.wallet, &balance.asset, units).await?;
    }
    Ok(())
}
