//! Where cases were opened from, as keyed digests; and counts of other cases.

use recovery::id::{AccountRef, BlindIndex, CaseId};
use recovery::time::Timestamp;

use crate::Result;
use crate::cases::count;
use crate::tx::{Reader, Tx};

statements! {
    PUT = "INSERT INTO origins (case_id, network, device, created_at) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (case_id) DO NOTHING";
    DELETE = "DELETE FROM origins WHERE case_id = $1";
    DEVICE = "SELECT device FROM origins WHERE case_id = $1";
    FROM_NETWORK = "SELECT COUNT(*) FROM origins \
        WHERE network = $1 AND created_at >= $2 AND case_id <> $3";
    OF_DEVICE = "SELECT COUNT(*) FROM origins \
        WHERE device = $1 AND created_at >= $2 AND case_id <> $3";
    OF_ACCOUNT = "SELECT COUNT(*) FROM cases \
        WHERE account_ref = $1 AND opened_at >= $2 AND id <> $3";
    WITH_CONTACT = "SELECT COUNT(*) FROM cases \
        WHERE contact_index = $1 AND opened_at >= $2 AND id <> $3 \
        AND (account_ref IS NULL OR account_ref <> $4)";
}

/// Where a case was opened from.
#[derive(Debug, Clone)]
pub struct NewOrigin<'a> {
    /// The keyed digest of its network.
    pub network: &'a BlindIndex,
    /// The keyed digest of the device that a signed ticket named.
    pub device: Option<&'a BlindIndex>,
}

/// Which other cases are counted: all but this one, from a moment on.
#[derive(Debug, Clone, Copy)]
pub struct Others<'a> {
    /// The case that is not counted.
    pub than: &'a CaseId,
    /// From when on.
    pub since: Timestamp,
}

impl Reader {
    /// The device that a case was opened with, if a ticket named one and its data are still there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn device_of(&mut self, case: &CaseId) -> Result<Option<BlindIndex>> {
        let row: Option<(Option<String>,)> =
            fetch!(fetch_optional, _, self.conn, DEVICE, case.as_str())?;
        Ok(row.and_then(|(device,)| device).map(BlindIndex))
    }

    /// Other cases from a network whose data are still there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn others_from(&mut self, network: &BlindIndex, others: Others<'_>) -> Result<u64> {
        let (index, since) = (network.0.as_str(), others.since.millis());
        let than = others.than.as_str();
        fetch!(
            fetch_one,
            (i64,),
            self.conn,
            FROM_NETWORK,
            index,
            since,
            than
        )
        .map(count)
    }

    /// Other cases with a device whose data are still there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn others_of(&mut self, device: &BlindIndex, others: Others<'_>) -> Result<u64> {
        let (index, since) = (device.0.as_str(), others.since.millis());
        let than = others.than.as_str();
        fetch!(fetch_one, (i64,), self.conn, OF_DEVICE, index, since, than).map(count)
    }

    /// Other cases for an account.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn others_for(&mut self, account: &AccountRef, others: Others<'_>) -> Result<u64> {
        let (account, since) = (account.0.as_str(), others.since.millis());
        let than = others.than.as_str();
        fetch!(
            fetch_one,
            (i64,),
            self.conn,
            OF_ACCOUNT,
            account,
            since,
            than
        )
        .map(count)
    }

    /// Other cases with the same proved address that are not for `account`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn others_with(
        &mut self,
        contact: &BlindIndex,
        account: Option<&AccountRef>,
        others: Others<'_>,
    ) -> Result<u64> {
        let (index, since) = (contact.0.as_str(), others.since.millis());
        let than = others.than.as_str();
        // No account has an empty reference.
        let account = account.map_or("", |account| account.0.as_str());
        let sql = WITH_CONTACT;
        fetch!(
            fetch_one,
            (i64,),
            self.conn,
            sql,
            index,
            since,
            than,
            account
        )
        .map(count)
    }
}

impl Tx {
    /// Notes where a case was opened from; what is noted already stays.
    ///
    /// # Errors
    /// When the database fails, or at commit when the case does not exist.
    pub async fn put_origin(&mut self, case: &CaseId, origin: &NewOrigin<'_>) -> Result<()> {
        let now = self.now().await?.millis();
        let network = origin.network.0.as_str();
        let device = origin.device.map(|device| device.0.as_str());
        execute!(self.conn, PUT, case.as_str(), network, device, now).map(|_| ())
    }

    /// Forgets where a case was opened from.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_origin(&mut self, case: &CaseId) -> Result<u64> {
        execute!(self.conn, DELETE, case.as_str())
    }
}
