//! This node's clock, held to the database's: the clock by which calls between machines are signed.
//!
//! A signature carries its time, and the other side refuses what is more than five minutes off. A
//! node whose own clock is wrong would be cut off from the platform, so it asks the database how
//! wrong it is. Waits of cases do not come near this: they are counted by the database alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use platform::Clock;
use recovery::time::{Span, Timestamp};
use store::Store;

/// How often the database is asked.
const ASK_EVERY: Duration = Duration::from_secs(60);
/// From which difference on the operator is told.
const TELL_FROM: Span = Span::seconds(5);

/// A clock of this machine with what it is corrected by.
#[derive(Clone)]
pub(crate) struct SteadyClock {
    own: Clock,
    behind_ms: Arc<AtomicI64>,
}

impl SteadyClock {
    /// Asks the database once. On SQLite both clocks are one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn start(own: Clock, store: &Store) -> store::Result<Self> {
        let clock = Self {
            own,
            behind_ms: Arc::default(),
        };
        clock.correct(store).await?;
        Ok(clock)
    }

    /// The corrected clock, for whoever signs or checks signatures.
    pub(crate) fn clock(&self) -> Clock {
        let held = self.clone();
        Arc::new(move || held.now())
    }

    fn now(&self) -> Timestamp {
        (self.own)() + Span::millis(self.behind_ms.load(Ordering::SeqCst))
    }

    async fn correct(&self, store: &Store) -> store::Result<()> {
        let before = (self.own)();
        let theirs = store.read().await?.machine_time().await?;
        // The question took a moment; its middle is when the database read its clock.
        let took = (self.own)().since(before).as_millis();
        let behind = theirs.since(before).as_millis() - took / 2;
        let known = self.behind_ms.swap(behind, Ordering::SeqCst);
        let moved = (behind - known).unsigned_abs() >= TELL_FROM.as_millis().unsigned_abs();
        if moved {
            tracing::error!(
                behind_ms = behind,
                "this machine's clock differs from the database's, whose time is used; set it right"
            );
        }
        Ok(())
    }

    /// Asks again every minute, until `stop`.
    pub(crate) async fn keep(&self, store: &Store, stop: impl Future<Output = ()>) {
        let mut stop = std::pin::pin!(stop);
        while tokio::time::timeout(ASK_EVERY, &mut stop).await.is_err() {
            if let Err(error) = self.correct(store).await {
                tracing::warn!(%error, "the database's clock could not be read");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_clock_an_hour_off_is_held_to_the_databases() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("a.db").display());
        let mode = store::Mode::Serve;
        let store = Store::open(&store::Settings { url, mode }).await.unwrap();
        for hours in [-1, 1] {
            let crooked: Clock = Arc::new(move || crate::wiring::wall_now() + Span::hours(hours));
            let steady = SteadyClock::start(crooked, &store).await.unwrap();
            let off = (steady.clock())().since(crate::wiring::wall_now());
            assert!(off.as_millis().abs() < 2_000, "{} ms", off.as_millis());
        }
    }
}
