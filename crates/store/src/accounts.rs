//! Accounts that carry restrictions: one declarative set each, pushed until acknowledged.

use recovery::id::AccountRef;
use recovery::time::{Span, Timestamp};

use crate::rows::signed;
use crate::tx::{Reader, Tx};
use crate::{MAX_PAGE, Result};

statements! {
    SET = "INSERT INTO accounts (account_ref, version, body, acknowledged_version, \
        locked_total_ms) VALUES ($1, 1, $2, 0, 0) ON CONFLICT (account_ref) DO UPDATE SET \
        version = accounts.version + 1, body = excluded.body, pushed_at = NULL \
        RETURNING version";
    RAISE = "UPDATE accounts SET version = $2 + 1, pushed_at = NULL \
        WHERE account_ref = $1 AND version <= $2";
    PUSHED = "UPDATE accounts SET pushed_at = $3 WHERE account_ref = $1 AND version = $2";
    ACKNOWLEDGED = "UPDATE accounts SET acknowledged_version = $2, acknowledged_at = $3 \
        WHERE account_ref = $1 AND acknowledged_version < $2 AND version >= $2";
    ADD_LOCKED = "INSERT INTO accounts (account_ref, version, body, acknowledged_version, \
        locked_total_ms) VALUES ($1, 0, $3, 0, $2) ON CONFLICT (account_ref) DO UPDATE SET \
        locked_total_ms = accounts.locked_total_ms + excluded.locked_total_ms \
        RETURNING locked_total_ms";
    GET = "SELECT " [account_columns] " FROM accounts WHERE account_ref = $1";
    LOCK = "SELECT " [account_columns] " FROM accounts WHERE account_ref = $1" [for_update] "";
    PENDING = "SELECT " [account_columns] " FROM accounts \
        WHERE acknowledged_version < version AND account_ref > $1 ORDER BY account_ref LIMIT $2";
}

rows! {
    /// An account's restriction set, and how far the platform knows it.
    #[derive(PartialEq, Eq)]
    pub struct Account {
        /// The account.
        pub account_ref: AccountRef,
        /// The set's version, from 1; 0: there is none yet.
        pub version: u64,
        /// The set.
        pub body: Vec<u8>,
        /// When this version was last sent.
        pub pushed_at: Option<Timestamp>,
        /// The newest version that the platform has acknowledged.
        pub acknowledged_version: u64,
        /// When it did.
        pub acknowledged_at: Option<Timestamp>,
        /// For how long the account has been locked by cases that ended, in milliseconds.
        pub locked_total_ms: i64,
    }
}

impl Reader {
    /// An account, if it ever had restrictions or locks.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn account(&mut self, account: &AccountRef) -> Result<Option<Account>> {
        fetch!(fetch_optional, Account, self.conn, GET, account.0.as_str())
    }

    /// Accounts whose newest set the platform has not acknowledged, by reference.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn pending_accounts(
        &mut self,
        after: Option<&AccountRef>,
        limit: u32,
    ) -> Result<Vec<Account>> {
        let after = after.map_or("", |account| account.0.as_str());
        fetch!(
            fetch_all,
            Account,
            self.conn,
            PENDING,
            after,
            i64::from(limit.min(MAX_PAGE))
        )
    }
}

impl Tx {
    /// An account, locked on PostgreSQL to the end of the transaction: for whoever derives its next
    /// restriction set from several cases.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lock_account(&mut self, account: &AccountRef) -> Result<Option<Account>> {
        fetch!(fetch_optional, Account, self.conn, LOCK, account.0.as_str())
    }

    /// Writes an account's new restriction set and returns its version, one higher than before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_restriction(&mut self, account: &AccountRef, body: &[u8]) -> Result<u64> {
        let (version,) = fetch!(fetch_one, (i64,), self.conn, SET, account.0.as_str(), body)?;
        self.restricted.push(account.clone());
        Ok(crate::rows::unsigned(version))
    }

    /// Numbers the newest set above a version that the platform holds already: after a restored
    /// backup it would be taken for old news for ever. False if it is above that already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn raise_restriction(&mut self, account: &AccountRef, above: u64) -> Result<bool> {
        let raised = execute!(self.conn, RAISE, account.0.as_str(), signed(above))? > 0;
        if raised {
            self.restricted.push(account.clone());
        }
        Ok(raised)
    }

    /// Notes that this version was sent; false if there is a newer one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn pushed(&mut self, account: &AccountRef, version: u64) -> Result<bool> {
        let now = self.now().await?.millis();
        Ok(execute!(self.conn, PUSHED, account.0.as_str(), signed(version), now)? > 0)
    }

    /// Notes that the platform acknowledged this version; false if it is old news, or a version
    /// that was never made.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn acknowledged(&mut self, account: &AccountRef, version: u64) -> Result<bool> {
        let now = self.now().await?.millis();
        Ok(execute!(
            self.conn,
            ACKNOWLEDGED,
            account.0.as_str(),
            signed(version),
            now
        )? > 0)
    }

    /// Adds to the time for which an account was locked; returns the total.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_locked(&mut self, account: &AccountRef, span: Span) -> Result<Span> {
        let (reference, none) = (account.0.as_str(), [0_u8; 0]);
        let millis = span.as_millis().max(0);
        let (total,) = fetch!(
            fetch_one,
            (i64,),
            self.conn,
            ADD_LOCKED,
            reference,
            millis,
            none.as_slice()
        )?;
        Ok(Span::millis(total))
    }
}
