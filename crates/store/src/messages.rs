//! Messages that were sent, so that anybody can check one by its code. Never their text or address.

use recovery::id::CaseId;
use recovery::time::Timestamp;

use crate::tx::{Reader, Tx};
use crate::{MAX_PAGE, Result};

statements! {
    PUT = "INSERT INTO messages (code, case_id, kind, channel, fingerprint, created_at) \
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (code) DO NOTHING";
    HANDED_OVER = "UPDATE messages SET handed_over_at = $2 \
        WHERE code = $1 AND handed_over_at IS NULL";
    GET = "SELECT " [message_columns] " FROM messages WHERE code = $1";
    OF_CASE = "SELECT " [message_columns] " FROM messages WHERE case_id = $1 \
        ORDER BY created_at, code LIMIT $2";
}

rows! {
    /// A message that was made.
    #[derive(PartialEq, Eq)]
    pub struct Message {
        /// Its code, printed in it.
        pub code: String,
        /// The case it is about, if any.
        pub case_id: Option<CaseId>,
        /// Which message.
        pub kind: String,
        /// By which channel.
        pub channel: String,
        /// Keyed digest of the address it went to.
        pub fingerprint: String,
        /// When it was made.
        pub created_at: Timestamp,
        /// When the channel took it over.
        pub handed_over_at: Option<Timestamp>,
    }
}

/// A message to be written.
#[derive(Debug, Clone)]
pub struct NewMessage<'a> {
    /// Its code, printed in it.
    pub code: &'a str,
    /// The case it is about, if any.
    pub case_id: Option<&'a CaseId>,
    /// Which message.
    pub kind: &'a str,
    /// By which channel.
    pub channel: &'a str,
    /// Keyed digest of the address it goes to.
    pub fingerprint: &'a str,
}

impl Reader {
    /// The message of a code.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn message_by_code(&mut self, code: &str) -> Result<Option<Message>> {
        fetch!(fetch_optional, Message, self.conn, GET, code)
    }

    /// The messages of a case, oldest first (the oldest 200).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn messages_of_case(&mut self, case: &CaseId) -> Result<Vec<Message>> {
        fetch!(
            fetch_all,
            Message,
            self.conn,
            OF_CASE,
            case.as_str(),
            i64::from(MAX_PAGE)
        )
    }
}

impl Tx {
    /// Writes a message; false if its code is known, which is how a job that runs twice sends the
    /// same message twice instead of two.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_message(&mut self, message: &NewMessage<'_>) -> Result<bool> {
        let now = self.now().await?;
        let written = execute!(
            self.conn,
            PUT,
            message.code,
            message.case_id.map(CaseId::as_str),
            message.kind,
            message.channel,
            message.fingerprint,
            now.millis()
        )?;
        Ok(written > 0)
    }

    /// Notes that the channel took a message over; false if it had before, or is unknown.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn handed_over(&mut self, code: &str) -> Result<bool> {
        let now = self.now().await?.millis();
        Ok(execute!(self.conn, HANDED_OVER, code, now)? > 0)
    }
}
