//! Links that hand the camera's parts of a case to a phone: each opens once, and a dead one still
//! says how it ended.

use recovery::id::{CaseId, PhoneLinkId};
use recovery::time::Timestamp;

use crate::tx::{Reader, Tx};
use crate::{Result, SecretDigest};

statements! {
    CREATE = "INSERT INTO phone_links (id, case_id, digest, code_digest, word, about, \
        created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    NEWEST = "SELECT " [link_columns] " FROM phone_links WHERE case_id = $1 ORDER BY \
        CASE WHEN ended_at IS NULL THEN 0 ELSE 1 END, created_at DESC, id DESC LIMIT 1";
    FIND = "SELECT " [link_columns] " FROM phone_links WHERE digest = $1 OR code_digest = $1";
    ASKED = "UPDATE phone_links SET asked_at = $2 \
        WHERE id = $1 AND ended_at IS NULL AND expires_at > $2";
    END = "UPDATE phone_links SET ended_at = $3, ended_how = $2 \
        WHERE id = $1 AND ended_at IS NULL AND expires_at > $3";
    REPLACE = "UPDATE phone_links SET ended_at = $3, ended_how = $2 \
        WHERE case_id = $1 AND ended_at IS NULL";
    DELETE_OF_CASE = "DELETE FROM phone_links WHERE case_id = $1";
}

/// How a link ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkEnd {
    /// A phone was let in.
    Used,
    /// Somebody on a phone said that the request is not theirs.
    Refused,
    /// Somebody on a phone did not know the word on the other screen.
    WrongWord,
    /// A newer link was made.
    Replaced,
}

impl LinkEnd {
    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::Refused => "refused",
            Self::WrongWord => "wrong_word",
            Self::Replaced => "replaced",
        }
    }

    /// The end of a name, if it is one.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Used, Self::Refused, Self::WrongWord, Self::Replaced]
            .into_iter()
            .find(|end| end.name() == name)
    }
}

rows! {
    /// A link.
    pub struct PhoneLink {
        /// Its identifier.
        pub id: PhoneLinkId,
        /// The case.
        pub case_id: CaseId,
        /// Digest of the link's secret.
        pub digest: SecretDigest,
        /// Keyed digest of the code that is typed instead.
        pub code_digest: SecretDigest,
        /// Which word the other screen shows.
        pub word: u32,
        /// The family of the browser that made it.
        pub about: String,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it ends at the latest.
        pub expires_at: Timestamp,
        /// When somebody on a phone said that it is their own request.
        pub asked_at: Option<Timestamp>,
        /// When it ended.
        pub ended_at: Option<Timestamp>,
        /// How, by [`LinkEnd::name`].
        pub ended_how: Option<String>,
    }
}

/// A link to be written.
#[derive(Debug, Clone)]
pub struct NewPhoneLink<'a> {
    /// Its identifier.
    pub id: &'a PhoneLinkId,
    /// The case.
    pub case_id: &'a CaseId,
    /// Digest of the link's secret.
    pub digest: &'a SecretDigest,
    /// Keyed digest of the code that is typed instead.
    pub code_digest: &'a SecretDigest,
    /// Which word the other screen shows.
    pub word: u32,
    /// The family of the browser that makes it.
    pub about: &'a str,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
}

impl Reader {
    /// The open link of a case, else the newest one, whatever became of it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn newest_phone_link(&mut self, case: &CaseId) -> Result<Option<PhoneLink>> {
        fetch!(fetch_optional, PhoneLink, self.conn, NEWEST, case.as_str())
    }

    /// The link of this secret or code, by its digest, whatever became of it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn phone_link(&mut self, digest: &SecretDigest) -> Result<Option<PhoneLink>> {
        fetch!(
            fetch_optional,
            PhoneLink,
            self.conn,
            FIND,
            digest.as_slice()
        )
    }
}

impl Tx {
    /// Writes a new link and ends the open one of the case as replaced.
    ///
    /// # Errors
    /// [`crate::StoreError::Taken`] if another one is made at the same moment.
    pub async fn create_phone_link(&mut self, link: &NewPhoneLink<'_>) -> Result<()> {
        let now = self.now().await?.millis();
        execute!(
            self.conn,
            REPLACE,
            link.case_id.as_str(),
            LinkEnd::Replaced.name(),
            now
        )?;
        execute!(
            self.conn,
            CREATE,
            link.id.as_str(),
            link.case_id.as_str(),
            link.digest.as_slice(),
            link.code_digest.as_slice(),
            i64::from(link.word),
            link.about,
            now,
            link.expires_at.millis()
        )
        .map(|_| ())
    }

    /// Notes that somebody on a phone said it is their own request; false if the link is over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn asked_phone_link(&mut self, id: &PhoneLinkId) -> Result<bool> {
        let now = self.now().await?.millis();
        Ok(execute!(self.conn, ASKED, id.as_str(), now)? > 0)
    }

    /// Ends a link, once; false if it was over already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_phone_link(&mut self, id: &PhoneLinkId, how: LinkEnd) -> Result<bool> {
        let now = self.now().await?.millis();
        Ok(execute!(self.conn, END, id.as_str(), how.name(), now)? > 0)
    }

    /// Forgets all links of a case; returns how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_phone_links(&mut self, case: &CaseId) -> Result<u64> {
        execute!(self.conn, DELETE_OF_CASE, case.as_str())
    }
}
