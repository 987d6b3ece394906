//! Cases: their events, and the summary row that goes with them in one transaction.

use recovery::id::{AccountRef, BlindIndex, CaseCode, CaseId};
use recovery::time::Timestamp;

use crate::rows::{signed, unsigned};
use crate::tx::{Reader, Tx};
use crate::{Result, StoreError, failpoint};

/// Events one case may have; far above any real one, so that a loop elsewhere cannot fill the disk.
pub const MAX_EVENTS_PER_CASE: u64 = 10_000;
/// Events one command may lead to.
pub const MAX_EVENTS_PER_APPEND: usize = 64;
/// Rows of one account that are looked at.
const MAX_CASES_PER_ACCOUNT: i64 = 1_000;

statements! {
    LOCK = "SELECT version FROM cases WHERE id = $1" [for_update] "";
    EVENTS = "SELECT seq, at, kind, body FROM events WHERE case_id = $1 ORDER BY seq";
    LEAVES = "SELECT leaf FROM events WHERE case_id = $1 ORDER BY seq";
    INSERT_EVENT = "INSERT INTO events (case_id, seq, at, kind, body, leaf) \
        VALUES ($1, $2, $3, $4, $5, $6)";
    INSERT_CASE = "INSERT INTO cases (" [case_columns] ", queue_at) VALUES \
        ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) \
        ON CONFLICT (id) DO NOTHING RETURNING changed_at";
    UPDATE_CASE = "UPDATE cases SET version = $3, state = $4, wanted = $5, priority = $6, \
        account_ref = $7, contact_index = $8, \
        changed_at = CASE WHEN changed_at > $9 THEN changed_at ELSE $9 END, \
        due_at = $10, holds_approval = $11, phase1_passed = $12, open = $13, \
        policy_version = $14, phantom = $15, queue_at = $16 \
        WHERE id = $1 AND version = $2 RETURNING changed_at";
    CASE = "SELECT " [case_columns] " FROM cases WHERE id = $1";
    CASE_BY_CODE = "SELECT " [case_columns] " FROM cases WHERE code = $1";
    CASES_OF_ACCOUNT = "SELECT " [case_columns] " FROM cases WHERE account_ref = $1 \
        ORDER BY holds_approval DESC, phase1_passed DESC, open DESC, opened_at DESC, id DESC \
        LIMIT $2";
    OPEN_CASE_WITH = "SELECT " [case_columns] " FROM cases \
        WHERE account_ref = $1 AND contact_index = $2 AND open = 1";
}

rows! {
    /// One event as it was appended.
    #[derive(PartialEq, Eq)]
    pub struct StoredEvent {
        /// Its place in the case, from 1.
        pub seq: u64,
        /// When it was appended.
        pub at: Timestamp,
        /// The event's name.
        pub kind: String,
        /// Its canonical bytes; the leaf digest is over exactly these.
        pub body: Vec<u8>,
    }

    /// The summary of a case: what is searched, sorted and kept unique. A function of its events.
    #[derive(PartialEq, Eq)]
    pub struct CaseRow {
        /// The case.
        pub id: CaseId,
        /// Its short public code, unique.
        pub code: CaseCode,
        /// Number of its events. Set by the store on append; what is given there is ignored.
        pub version: u64,
        /// The state's name.
        pub state: String,
        /// Which part of the review waits for somebody (`first`, `second`, `senior`), if any.
        pub wanted: Option<String>,
        /// Place in the queue: smaller comes first; junk gets a large number, a lane of its own.
        pub priority: i64,
        /// The account, once resolved.
        pub account_ref: Option<AccountRef>,
        /// The new contact's blind index, once proved.
        pub contact_index: Option<BlindIndex>,
        /// When the case was opened; kept from the first append.
        pub opened_at: Timestamp,
        /// When its last event was appended. Set by the store.
        pub changed_at: Timestamp,
        /// By when something is promised.
        pub due_at: Option<Timestamp>,
        /// Whether it holds the account's only approval.
        pub holds_approval: bool,
        /// Whether phase 1 was passed.
        pub phase1_passed: bool,
        /// Whether it is still under way.
        pub open: bool,
        /// The policy it was stamped with.
        pub policy_version: String,
        /// Whether its account is unknown (phantom case).
        pub phantom: bool,
    }

    struct Leaf {
        leaf: [u8; 32],
    }
}

/// A case's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// Number of events: what [`Tx::append`] wants as the expected version.
    pub version: u64,
    /// All events in order.
    pub events: Vec<StoredEvent>,
}

impl Loaded {
    /// This moment, or the last event's if that is later: the moment to decide with, so that no
    /// wait is counted from before something that has already happened.
    #[must_use]
    pub fn not_before(&self, now: Timestamp) -> Timestamp {
        self.events.last().map_or(now, |event| event.at.max(now))
    }
}

/// An event to be appended.
#[derive(Debug, Clone)]
pub struct NewEvent<'a> {
    /// The event's name.
    pub kind: &'a str,
    /// Its canonical bytes, without personal data.
    pub body: Vec<u8>,
}

impl Reader {
    /// The whole history of a case, or `None` if there is no such case. Locks nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn load(&mut self, case: &CaseId) -> Result<Option<Loaded>> {
        let events: Vec<StoredEvent> = fetch!(fetch_all, _, self.conn, EVENTS, case.as_str())?;
        let version = events.last().map_or(0, |event| event.seq);
        Ok((version > 0).then_some(Loaded { version, events }))
    }

    /// The leaf digests of a case's events, in order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn leaves(&mut self, case: &CaseId) -> Result<Vec<[u8; 32]>> {
        let leaves: Vec<Leaf> = fetch!(fetch_all, _, self.conn, LEAVES, case.as_str())?;
        Ok(leaves.into_iter().map(|row| row.leaf).collect())
    }

    /// A case's summary.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn case_row(&mut self, case: &CaseId) -> Result<Option<CaseRow>> {
        fetch!(fetch_optional, CaseRow, self.conn, CASE, case.as_str())
    }

    /// The case of a public code.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn case_by_code(&mut self, code: &CaseCode) -> Result<Option<CaseRow>> {
        fetch!(
            fetch_optional,
            CaseRow,
            self.conn,
            CASE_BY_CODE,
            code.as_str()
        )
    }

    /// All cases of an account (1000 of them): those that count for its restriction first, so that
    /// no number of others hides them, then the newest.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn cases_of_account(&mut self, account: &AccountRef) -> Result<Vec<CaseRow>> {
        let limit = MAX_CASES_PER_ACCOUNT;
        fetch!(
            fetch_all,
            CaseRow,
            self.conn,
            CASES_OF_ACCOUNT,
            account.0.as_str(),
            limit
        )
    }

    /// The open case of this account and this new contact: there is at most one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_case_with(
        &mut self,
        account: &AccountRef,
        contact: &BlindIndex,
    ) -> Result<Option<CaseRow>> {
        let (account, contact) = (account.0.as_str(), contact.0.as_str());
        fetch!(
            fetch_optional,
            CaseRow,
            self.conn,
            OPEN_CASE_WITH,
            account,
            contact
        )
    }
}

impl Tx {
    /// The whole history of a case. On PostgreSQL its row stays locked to the end of the
    /// transaction, so that a second command for the same case waits instead of failing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn load(&mut self, case: &CaseId) -> Result<Option<Loaded>> {
        let locked: Option<(i64,)> = fetch!(fetch_optional, _, self.conn, LOCK, case.as_str())?;
        match locked {
            Some(_) => self.reader.load(case).await,
            None => Ok(None),
        }
    }

    /// Appends events and writes the summary, if the case still has the expected version
    /// (0: it does not exist yet). Returns the new version: the number of its events.
    ///
    /// The events get the moment `at`, or the case's last one if that is later.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when somebody else was first, [`StoreError::Taken`] when a
    /// cross-case rule refuses the summary, [`StoreError::Invalid`] for no or too many events.
    /// After any error, give the transaction up.
    pub async fn append(
        &mut self,
        case: &CaseId,
        expected_version: u64,
        at: Timestamp,
        events: &[NewEvent<'_>],
        row: &CaseRow,
    ) -> Result<u64> {
        failpoint("append.before");
        if events.is_empty() || events.len() > MAX_EVENTS_PER_APPEND {
            return Err(StoreError::Invalid("none or too many events in one append"));
        }
        if row.id != *case {
            return Err(StoreError::Invalid("the summary of another case"));
        }
        let version = expected_version + events.len() as u64;
        if version > MAX_EVENTS_PER_CASE {
            return Err(StoreError::Invalid("too many events in one case"));
        }
        let written = if expected_version == 0 {
            self.insert_row(version, at, row).await?
        } else {
            self.update_row(expected_version, version, at, row).await?
        };
        let (at,) = written.ok_or(StoreError::Conflict)?;
        for (seq, event) in (expected_version + 1..).zip(events) {
            let leaf = ledger::leaf_digest(&event.body);
            execute!(
                self.conn,
                INSERT_EVENT,
                case.as_str(),
                signed(seq),
                at,
                event.kind,
                event.body.as_slice(),
                leaf.as_slice()
            )?;
        }
        self.appended = true;
        Ok(version)
    }

    async fn insert_row(
        &mut self,
        version: u64,
        at: Timestamp,
        row: &CaseRow,
    ) -> Result<Option<(i64,)>> {
        fetch!(
            fetch_optional,
            (i64,),
            self.conn,
            INSERT_CASE,
            row.id.as_str(),
            row.code.as_str(),
            signed(version),
            row.state.as_str(),
            row.wanted.as_deref(),
            row.priority,
            row.account_ref.as_ref().map(|account| account.0.as_str()),
            row.contact_index.as_ref().map(|contact| contact.0.as_str()),
            row.opened_at.millis(),
            at.millis(),
            row.due_at.map(Timestamp::millis),
            i64::from(row.holds_approval),
            i64::from(row.phase1_passed),
            i64::from(row.open),
            row.policy_version.as_str(),
            i64::from(row.phantom),
            queue_at(row),
        )
    }

    async fn update_row(
        &mut self,
        expected: u64,
        version: u64,
        at: Timestamp,
        row: &CaseRow,
    ) -> Result<Option<(i64,)>> {
        fetch!(
            fetch_optional,
            (i64,),
            self.conn,
            UPDATE_CASE,
            row.id.as_str(),
            signed(expected),
            signed(version),
            row.state.as_str(),
            row.wanted.as_deref(),
            row.priority,
            row.account_ref.as_ref().map(|account| account.0.as_str()),
            row.contact_index.as_ref().map(|contact| contact.0.as_str()),
            at.millis(),
            row.due_at.map(Timestamp::millis),
            i64::from(row.holds_approval),
            i64::from(row.phase1_passed),
            i64::from(row.open),
            row.policy_version.as_str(),
            i64::from(row.phantom),
            queue_at(row),
        )
    }
}

/// Where the case stands in its queue: by what it is due, those without a promise last.
fn queue_at(row: &CaseRow) -> i64 {
    row.due_at.map_or(i64::MAX, Timestamp::millis)
}

/// A count from the database.
pub(crate) fn count((number,): (i64,)) -> u64 {
    unsigned(number)
}
