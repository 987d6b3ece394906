//! Rate limits as token buckets, and nonces that may be used once. Shared by all nodes.

use recovery::time::{Span, Timestamp};

use crate::Result;
use crate::tx::Tx;

/// A token in the unit that is stored.
const MILLI: i64 = 1000;
/// Milliseconds in an hour divided by milli-tokens in a token: a bucket that gets one token an hour
/// gains one milli-token in this many milliseconds.
const MILLIS_PER_MILLI_AT_ONE_AN_HOUR: i64 = 3600;
/// How long one waits for a bucket that is never refilled: a hundred years.
const NEVER: Span = Span::days(36_525);

statements! {
    FILL = "INSERT INTO limits (bucket, tokens_milli, refilled_at) VALUES ($1, $2, $3) \
        ON CONFLICT (bucket) DO NOTHING";
    STATE = "SELECT tokens_milli, refilled_at FROM limits WHERE bucket = $1" [for_update] "";
    SET = "UPDATE limits SET tokens_milli = $2, refilled_at = $3 WHERE bucket = $1";
    USE_NONCE = "INSERT INTO nonces (nonce, expires_at) VALUES ($1, $2) \
        ON CONFLICT (nonce) DO NOTHING";
}

/// Whether a token could be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// Yes, and it is taken.
    Allowed,
    /// No: the next one comes at this moment.
    WaitUntil(Timestamp),
}

/// A bucket's content and the moment up to which refilling was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Bucket {
    milli: i64,
    since: i64,
}

impl Bucket {
    /// Refilled up to now, never above the capacity, rounded against whoever asks.
    fn refilled(self, now: i64, capacity: i64, per_hour: i64) -> Self {
        let elapsed = now.saturating_sub(self.since).max(0);
        let gained = elapsed.saturating_mul(per_hour) / MILLIS_PER_MILLI_AT_ONE_AN_HOUR;
        let milli = self.milli.saturating_add(gained);
        if milli >= capacity {
            return Self {
                milli: capacity,
                since: now,
            };
        }
        let counted = if per_hour == 0 {
            elapsed
        } else {
            (gained * MILLIS_PER_MILLI_AT_ONE_AN_HOUR + per_hour - 1) / per_hour
        };
        Self {
            milli,
            since: self.since + counted.min(elapsed),
        }
    }

    /// When a whole token will be there.
    fn next(self, per_hour: i64) -> Timestamp {
        let since = Timestamp::from_millis(self.since);
        if per_hour == 0 {
            return since + NEVER;
        }
        let missing = (MILLI - self.milli).max(0);
        let wait = (missing * MILLIS_PER_MILLI_AT_ONE_AN_HOUR + per_hour - 1) / per_hour;
        since + Span::millis(wait)
    }
}

impl Tx {
    /// Takes a token from a bucket that holds `capacity` and gains `refill_per_hour`. A bucket that
    /// was never seen is full. The bucket's name holds no personal data: use a blind index.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_token(
        &mut self,
        bucket: &str,
        capacity: u32,
        refill_per_hour: u32,
    ) -> Result<Taken> {
        let now = self.now().await?.millis();
        let (capacity, per_hour) = (i64::from(capacity) * MILLI, i64::from(refill_per_hour));
        execute!(self.conn, FILL, bucket, capacity, now)?;
        let (milli, since): (i64, i64) = fetch!(fetch_one, _, self.conn, STATE, bucket)?;
        let mut state = Bucket { milli, since }.refilled(now, capacity, per_hour);
        if state.milli < MILLI {
            return Ok(Taken::WaitUntil(state.next(per_hour)));
        }
        state.milli -= MILLI;
        execute!(self.conn, SET, bucket, state.milli, state.since)?;
        Ok(Taken::Allowed)
    }

    /// Uses a nonce; false if it was used before. It is remembered until it expires, at least.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn use_nonce(&mut self, nonce: &str, expires_at: Timestamp) -> Result<bool> {
        Ok(execute!(self.conn, USE_NONCE, nonce, expires_at.millis())? > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    #[test]
    fn asking_often_gains_nothing_and_loses_at_most_a_millisecond_each_time() {
        const ASKS: i64 = 1000;
        for per_hour in [1, 7, 60, 3599, 100_000] {
            let mut asked_often = Bucket { milli: 0, since: 0 };
            let mut now = 0;
            for step in 0..ASKS {
                now += step % 13;
                asked_often = asked_often.refilled(now, i64::MAX / 2, per_hour);
            }
            let asked_once = Bucket { milli: 0, since: 0 }.refilled(now, i64::MAX / 2, per_hour);
            let lost = asked_once.milli - asked_often.milli;
            let most = 1 + ASKS * per_hour / MILLIS_PER_MILLI_AT_ONE_AN_HOUR;
            assert!(
                (0..=most).contains(&lost),
                "{per_hour} an hour: {lost} lost"
            );
        }
    }

    #[test]
    fn a_bucket_never_holds_more_than_its_capacity() {
        let state = Bucket {
            milli: 500,
            since: 0,
        }
        .refilled(100 * HOUR, 3000, 60);
        assert_eq!(
            state,
            Bucket {
                milli: 3000,
                since: 100 * HOUR
            }
        );
    }

    #[test]
    fn the_promised_moment_is_when_a_token_is_there() {
        for per_hour in [1, 7, 60, 3599] {
            let state = Bucket {
                milli: 123,
                since: 5,
            }
            .refilled(777, 10_000, per_hour);
            let next = state.next(per_hour).millis();
            assert!(
                state.refilled(next, 10_000, per_hour).milli >= MILLI,
                "{per_hour}"
            );
            assert!(
                state.refilled(next - 1, 10_000, per_hour).milli < MILLI,
                "{per_hour}"
            );
        }
        assert!(Bucket { milli: 0, since: 0 }.next(0).millis() > 99 * 365 * 24 * HOUR);
    }

    #[test]
    fn a_clock_that_went_back_takes_nothing_away() {
        let state = Bucket {
            milli: 500,
            since: 1000,
        }
        .refilled(0, 3000, 60);
        assert_eq!(
            state,
            Bucket {
                milli: 500,
                since: 1000
            }
        );
    }
}
