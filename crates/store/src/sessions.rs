//! Sessions of people at a browser, stored under the digest of their cookie.

use recovery::id::CaseId;
use recovery::sensitive::Sensitive;
use recovery::time::{Span, Timestamp};

use crate::tx::{Reader, Tx};
use crate::{Result, SecretDigest};

statements! {
    PUT = "INSERT INTO sessions (" [session_columns] ") VALUES ($1, $2, $3, $4, $5, $5, $6, $7) \
        ON CONFLICT (digest) DO UPDATE SET kind = excluded.kind, subject = excluded.subject, \
        case_id = excluded.case_id, seen_at = excluded.seen_at, \
        expires_at = excluded.expires_at, data = excluded.data";
    GET = "SELECT " [session_columns] " FROM sessions WHERE digest = $1 AND expires_at > $2";
    TOUCH = "UPDATE sessions SET seen_at = $2 \
        WHERE digest = $1 AND expires_at > $2 AND seen_at >= $3 RETURNING " [session_columns] "";
    DELETE = "DELETE FROM sessions WHERE digest = $1";
    DELETE_OF_CASE = "DELETE FROM sessions WHERE case_id = $1";
    DELETE_OF_SUBJECT = "DELETE FROM sessions WHERE kind = $1 AND subject = $2";
}

rows! {
    /// A session that has not expired.
    pub struct Session {
        /// Digest of the cookie's value.
        pub digest: SecretDigest,
        /// What kind of person: applicant, holder, staff.
        pub kind: String,
        /// Whose: an identifier, never a name or address.
        pub subject: String,
        /// The case it is bound to, if any.
        pub case_id: Option<CaseId>,
        /// When it began.
        pub created_at: Timestamp,
        /// When it was last used, as far as it was noted.
        pub seen_at: Timestamp,
        /// When it ends at the latest.
        pub expires_at: Timestamp,
        /// What the web layer keeps in it.
        pub data: Sensitive<Vec<u8>>,
    }
}

/// A session to be written.
#[derive(Debug, Clone)]
pub struct NewSession<'a> {
    /// Digest of the cookie's value.
    pub digest: SecretDigest,
    /// What kind of person.
    pub kind: &'a str,
    /// Whose: an identifier, never a name or address.
    pub subject: &'a str,
    /// The case it is bound to, if any.
    pub case_id: Option<&'a CaseId>,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// What the web layer keeps in it.
    pub data: &'a [u8],
}

impl Reader {
    /// The session of a cookie, unless it has expired. Does not note that it was used.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn session(&mut self, digest: &SecretDigest) -> Result<Option<Session>> {
        let now = self.now().await?;
        fetch!(
            fetch_optional,
            Session,
            self.conn,
            GET,
            digest.as_slice(),
            now.millis()
        )
    }
}

impl Tx {
    /// Writes a session, over an older one of the same digest.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_session(&mut self, session: &NewSession<'_>) -> Result<()> {
        let now = self.now().await?;
        execute!(
            self.conn,
            PUT,
            session.digest.as_slice(),
            session.kind,
            session.subject,
            session.case_id.map(CaseId::as_str),
            now.millis(),
            session.expires_at.millis(),
            session.data
        )
        .map(|_| ())
    }

    /// The session of a cookie, noting that it was used; `None` if it has expired, or was not used
    /// for longer than `idle`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn touch_session(
        &mut self,
        digest: &SecretDigest,
        idle: Span,
    ) -> Result<Option<Session>> {
        let now = self.now().await?;
        let (oldest, now) = ((now - idle).millis(), now.millis());
        fetch!(
            fetch_optional,
            Session,
            self.conn,
            TOUCH,
            digest.as_slice(),
            now,
            oldest
        )
    }

    /// Ends a session; false if there was none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_session(&mut self, digest: &SecretDigest) -> Result<bool> {
        Ok(execute!(self.conn, DELETE, digest.as_slice())? > 0)
    }

    /// Ends all sessions bound to a case; returns how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_sessions_of_case(&mut self, case: &CaseId) -> Result<u64> {
        execute!(self.conn, DELETE_OF_CASE, case.as_str())
    }

    /// Ends all sessions of one subject; returns how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_sessions_of_subject(&mut self, kind: &str, subject: &str) -> Result<u64> {
        execute!(self.conn, DELETE_OF_SUBJECT, kind, subject)
    }
}
