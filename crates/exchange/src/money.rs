//! Balances and movements, in hundred-millionths.

use platform::Timestamp;
use sqlx::SqliteConnection;

use crate::error::{ExchangeError, Result};

/// Decimal places of an amount.
const PLACES: usize = 8;
/// Units of one whole.
const WHOLE: i64 = 100_000_000;

/// A wallet of an account.
pub(crate) const SPOT: &str = "spot";
/// The other wallet of an account.
pub(crate) const FUNDING: &str = "funding";

/// Reads a positive amount such as `12.5`, with eight decimal places at most.
pub(crate) fn parse(text: &str) -> Result<i64> {
    let wrong = || ExchangeError::field("Enter an amount, for example 0.5");
    let (whole, part) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || part.len() > PLACES || !digits(whole) || !digits(part) {
        return Err(wrong());
    }
    let whole: i64 = whole.parse().map_err(|_| wrong())?;
    let part: i64 = format!("{part:0<PLACES$}").parse().map_err(|_| wrong())?;
    let units = whole
        .checked_mul(WHOLE)
        .and_then(|whole| whole.checked_add(part));
    units.filter(|units| *units > 0).ok_or_else(wrong)
}

/// Writes an amount.
pub(crate) fn show(units: i64) -> String {
    let text = format!("{}.{:08}", units / WHOLE, units % WHOLE);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Takes from a wallet; refused when there is too little.
pub(crate) async fn take(
    db: &mut SqliteConnection,
    account: &str,
    wallet: &str,
    asset: &str,
    units: i64,
) -> Result<()> {
    let done = sqlx::query(
        "UPDATE balances SET units = units - $4
         WHERE account = $1 AND wallet = $2 AND asset = $3 AND units >= $4",
    )
    .bind(account)
    .bind(wallet)
    .bind(asset)
    .bind(units)
    .execute(db)
    .await?;
    if done.rows_affected() == 1 {
        return Ok(());
    }
    Err(ExchangeError::refused(
        409,
        "too_little",
        "There is not that much in this wallet",
    ))
}

/// Gives to a wallet.
pub(crate) async fn give(
    db: &mut SqliteConnection,
    account: &str,
    wallet: &str,
    asset: &str,
    units: i64,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO balances (account, wallet, asset, units) VALUES ($1, $2, $3, $4)
         ON CONFLICT (account, wallet, asset) DO UPDATE SET units = units + excluded.units",
    )
    .bind(account)
    .bind(wallet)
    .bind(asset)
    .bind(units)
    .execute(db)
    .await?;
    Ok(())
}

/// One line of an account's history.
#[derive(Clone, Copy)]
pub(crate) struct Movement<'a> {
    pub(crate) account: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) asset: &'a str,
    pub(crate) units: i64,
    /// Chain and address of a withdrawal.
    pub(crate) to: Option<(&'a str, &'a str)>,
    pub(crate) at: Timestamp,
}

/// Writes it down.
pub(crate) async fn record(db: &mut SqliteConnection, movement: Movement<'_>) -> Result<()> {
    sqlx::query(
        "INSERT INTO movements (account, kind, asset, units, chain, address, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(movement.account)
    .bind(movement.kind)
    .bind(movement.asset)
    .bind(movement.units)
    .bind(movement.to.map(|to| to.0))
    .bind(movement.to.map(|to| to.1))
    .bind(movement.at.millis())
    .execute(db)
    .await?;
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, missing_docs)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact() {
        for (text, units) in [("1", WHOLE), ("0.00000001", 1), ("12.5", 1_250_000_000)] {
            assert_eq!(parse(text).unwrap(), units);
            assert_eq!(show(units), text);
        }
        for text in [
            "",
            "0",
            "-1",
            "1e3",
            ".5",
            "0.000000001",
            "99999999999999999999",
            "1.2.3",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
