//! In which order restriction sets changed: followed by every node, and by platforms.

use std::sync::atomic::Ordering;

use recovery::id::AccountRef;

use crate::rows::{signed, unsigned};
use crate::tx::{Reader, Tx};
use crate::{Result, Store};

/// Changes read at once: a node that starts reads all accounts that were ever restricted.
pub const FEED_PAGE: u32 = 5_000;

statements! {
    // Its row is locked from here to the end of the transaction, which makes the order of numbers
    // the order of commits: whoever has read up to a number misses nothing below it.
    NEXT = "UPDATE restriction_head SET change = change + 1 WHERE id = 1 RETURNING change";
    NUMBER = "UPDATE accounts SET change = $2 WHERE account_ref = $1";
    HEAD = "SELECT change FROM restriction_head WHERE id = 1";
    AFTER = "SELECT account_ref, version, body, change FROM accounts \
        WHERE change > $1 ORDER BY change LIMIT $2";
}

rows! {
    struct Row {
        account_ref: AccountRef,
        version: u64,
        body: Vec<u8>,
        change: i64,
    }
}

/// An account whose restriction set changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestrictionChange {
    /// The account.
    pub account: AccountRef,
    /// The newest set's version.
    pub version: u64,
    /// The newest set.
    pub body: Vec<u8>,
    /// The number of its newest change; earlier changes of the account are left out.
    pub change: u64,
}

impl Reader {
    /// The number of the newest change; 0 before the first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn restriction_head(&mut self) -> Result<u64> {
        let (head,) = fetch!(fetch_one, (i64,), self.conn, HEAD)?;
        Ok(unsigned(head))
    }

    /// Accounts that changed after this number, in the order of their newest changes; at most
    /// [`FEED_PAGE`] of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn restrictions_after(&mut self, change: u64) -> Result<Vec<RestrictionChange>> {
        let limit = i64::from(FEED_PAGE);
        let rows = fetch!(fetch_all, Row, self.conn, AFTER, signed(change), limit)?;
        let change = |row: Row| RestrictionChange {
            account: row.account_ref,
            version: row.version,
            body: row.body,
            change: unsigned(row.change),
        };
        Ok(rows.into_iter().map(change).collect())
    }
}

impl Tx {
    /// Numbers what this transaction changed: its last act, so that no other lock is waited for
    /// while the head is held. Gives the highest number, or 0.
    pub(crate) async fn number_restrictions(&mut self) -> Result<u64> {
        let mut newest = 0;
        for account in std::mem::take(&mut self.restricted) {
            let (change,) = fetch!(fetch_one, (i64,), self.conn, NEXT)?;
            execute!(self.conn, NUMBER, account.0.as_str(), change)?;
            newest = unsigned(change);
        }
        Ok(newest)
    }
}

impl Store {
    /// The highest number that this process has committed: whoever has read up to it knows all
    /// that this process ever told anybody.
    #[must_use]
    pub fn committed_change(&self) -> u64 {
        self.committed.load(Ordering::SeqCst)
    }
}
