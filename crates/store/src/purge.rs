//! Clearing away what has no use any more: expired, used, done.

use recovery::time::Span;

use crate::Result;
use crate::tx::Tx;

/// Rows of each kind that one purge may delete, so that no transaction grows long.
pub const MAX_PURGE: u32 = 1_000;

/// Buckets untouched for so long are full again under any limit that is used.
const IDLE_BUCKET: Span = Span::days(7);

/// How long takes are kept: they are counted over a day (UX.md B3), and lived ten minutes.
const KEEP_TAKES: Span = Span::hours(24);
/// How long links to a phone are kept, so that a dead one can say how it ended.
const KEEP_LINKS: Span = Span::hours(24);
/// How long webhooks are kept, so that one that was not taken can be sent again: ten times as long
/// as they are tried.
const KEEP_WEBHOOKS: Span = Span::days(30);

statements! {
    SESSIONS = "DELETE FROM sessions WHERE digest IN \
        (SELECT digest FROM sessions WHERE expires_at <= $1 LIMIT $2)";
    SECRETS = "DELETE FROM secrets WHERE digest IN \
        (SELECT digest FROM secrets WHERE expires_at <= $1 LIMIT $2)";
    NONCES = "DELETE FROM nonces WHERE nonce IN \
        (SELECT nonce FROM nonces WHERE expires_at <= $1 LIMIT $2)";
    TAKES = "DELETE FROM takes WHERE id IN \
        (SELECT id FROM takes WHERE created_at <= $1 LIMIT $2)";
    LINKS = "DELETE FROM phone_links WHERE id IN \
        (SELECT id FROM phone_links WHERE created_at <= $1 LIMIT $2)";
    BUCKETS = "DELETE FROM limits WHERE bucket IN \
        (SELECT bucket FROM limits WHERE refilled_at <= $1 LIMIT $2)";
    JOBS = "DELETE FROM jobs WHERE id IN \
        (SELECT id FROM jobs WHERE done_at <= $1 LIMIT $2)";
}

/// How much was cleared away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purged {
    /// Rows, of all kinds.
    pub rows: u64,
    /// Whether there may be more: call again, in a new transaction.
    pub more: bool,
}

impl Tx {
    /// Deletes expired sessions, secrets and nonces, takes and links of yesterday, idle rate
    /// limits, webhooks of last month, and jobs done longer ago than `keep_jobs`. Challenges stay
    /// with their case: their failures still count.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn purge(&mut self, keep_jobs: Span) -> Result<Purged> {
        let now = self.now().await?;
        let limit = i64::from(MAX_PURGE);
        let counts = [
            execute!(self.conn, SESSIONS, now.millis(), limit)?,
            execute!(self.conn, SECRETS, now.millis(), limit)?,
            execute!(self.conn, NONCES, now.millis(), limit)?,
            execute!(self.conn, TAKES, (now - KEEP_TAKES).millis(), limit)?,
            execute!(self.conn, LINKS, (now - KEEP_LINKS).millis(), limit)?,
            execute!(self.conn, BUCKETS, (now - IDLE_BUCKET).millis(), limit)?,
            execute!(self.conn, JOBS, (now - keep_jobs).millis(), limit)?,
            self.purge_webhooks(now - KEEP_WEBHOOKS).await?,
        ];
        Ok(Purged {
            rows: counts.iter().sum(),
            more: counts.iter().any(|count| *count >= u64::from(MAX_PURGE)),
        })
    }
}
