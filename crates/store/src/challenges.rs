//! Codes that people type: short, therefore few tries, counted over re-issues.

use recovery::id::CaseId;
use recovery::time::{Span, Timestamp};

use crate::tx::Tx;
use crate::{Result, SecretDigest};

/// For how long failures count, however often a new code is sent: whoever guesses gets no more than
/// the allowed tries in this time (NIST SP 800-63B-4 wants guessing throttled per account).
const FAILURES_COUNT_FOR: Span = Span::hours(1);

statements! {
    PUT = "INSERT INTO challenges \
        (case_id, purpose, digest, created_at, expires_at, tries_left, tries_since) \
        VALUES ($1, $2, $3, $4, $5, $6, $4) ON CONFLICT (case_id, purpose) DO UPDATE SET \
        digest = excluded.digest, created_at = excluded.created_at, \
        expires_at = excluded.expires_at, \
        tries_left = CASE WHEN challenges.tries_since <= $7 \
            THEN excluded.tries_left ELSE challenges.tries_left END, \
        tries_since = CASE WHEN challenges.tries_since <= $7 \
            THEN excluded.tries_since ELSE challenges.tries_since END \
        RETURNING tries_left";
    STATE = "SELECT digest, expires_at, tries_left FROM challenges \
        WHERE case_id = $1 AND purpose = $2" [for_update] "";
    MISSED = "UPDATE challenges SET tries_left = tries_left - 1 \
        WHERE case_id = $1 AND purpose = $2 AND tries_left > 0";
    DELETE = "DELETE FROM challenges WHERE case_id = $1 AND purpose = $2";
}

rows! {
    struct State {
        digest: SecretDigest,
        expires_at: Timestamp,
        tries_left: u32,
    }
}

/// What a typed code was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checked {
    /// The right one; it is used up.
    Matched,
    /// Not the right one, or no try was left. With 0 left nothing matches any more: a new code
    /// brings new tries only an hour after the first one of this count.
    Wrong {
        /// Tries left.
        left: u32,
    },
    /// There was one, but it is too old.
    Expired,
    /// There is none.
    None,
}

impl Tx {
    /// Writes the digest of a new code, which replaces an older one. Returns how many tries there
    /// are: fewer than `tries` if some of the last hour failed.
    ///
    /// # Errors
    /// When the database fails, or at commit when the case does not exist.
    pub async fn put_challenge(
        &mut self,
        case: &CaseId,
        purpose: &str,
        digest: &SecretDigest,
        expires_at: Timestamp,
        tries: u32,
    ) -> Result<u32> {
        let now = self.now().await?;
        let (left,): (i64,) = fetch!(
            fetch_one,
            _,
            self.conn,
            PUT,
            case.as_str(),
            purpose,
            digest.as_slice(),
            now.millis(),
            expires_at.millis(),
            i64::from(tries),
            (now - FAILURES_COUNT_FOR).millis()
        )?;
        Ok(u32::try_from(left).unwrap_or(0))
    }

    /// Compares a typed code's digest. Commit whatever comes out, else a wrong try is not counted.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn check_challenge(
        &mut self,
        case: &CaseId,
        purpose: &str,
        digest: &SecretDigest,
    ) -> Result<Checked> {
        let now = self.now().await?;
        let state: Option<State> =
            fetch!(fetch_optional, _, self.conn, STATE, case.as_str(), purpose)?;
        let Some(state) = state else {
            return Ok(Checked::None);
        };
        if state.tries_left == 0 {
            return Ok(Checked::Wrong { left: 0 });
        }
        if state.expires_at <= now {
            return Ok(Checked::Expired);
        }
        if state.digest == *digest {
            execute!(self.conn, DELETE, case.as_str(), purpose)?;
            return Ok(Checked::Matched);
        }
        execute!(self.conn, MISSED, case.as_str(), purpose)?;
        Ok(Checked::Wrong {
            left: state.tries_left - 1,
        })
    }
}
