//! One clock: the database's, never backwards within this process.

use std::sync::atomic::{AtomicI64, Ordering};

use recovery::time::{Span, Timestamp};

use crate::tx::Reader;
use crate::{Mode, Result, Store, StoreError, Tx};

statements! {
    CLOCK = "SELECT " [clock] "";
    DEMO_CLOCK = "SELECT " [clock] " + COALESCE((SELECT MAX(offset_ms) FROM demo_clock), 0)";
    ADVANCE = "UPDATE demo_clock SET offset_ms = offset_ms + $1 WHERE id = 1 \
        AND EXISTS (SELECT 1 FROM meta WHERE name = 'demo')";
}

/// What a process remembers of time.
pub(crate) struct Clock {
    pub(crate) mode: Mode,
    /// The latest moment ever given out here, in epoch milliseconds.
    mark: AtomicI64,
}

impl Clock {
    pub(crate) fn new(mode: Mode) -> Self {
        Self {
            mode,
            mark: AtomicI64::new(0),
        }
    }

    /// This reading, or the latest one if the database's clock went back.
    fn forward(&self, reading: i64) -> Timestamp {
        let before = self.mark.fetch_max(reading, Ordering::SeqCst);
        Timestamp::from_millis(before.max(reading))
    }
}

impl Reader {
    /// The database's clock, asked anew each time. Inside a [`Tx`] use its own `now`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn now(&mut self) -> Result<Timestamp> {
        let sql = if self.clock.mode == Mode::Demo {
            DEMO_CLOCK
        } else {
            CLOCK
        };
        let (reading,) = fetch!(fetch_one, (i64,), self.conn, sql)?;
        Ok(self.clock.forward(reading))
    }

    /// The clock of the database's machine, without the demo's shift: for signatures between
    /// machines, never for a case.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn machine_time(&mut self) -> Result<Timestamp> {
        let (reading,) = fetch!(fetch_one, (i64,), self.conn, CLOCK)?;
        Ok(Timestamp::from_millis(reading))
    }
}

impl Tx {
    /// Moves the demo's clock forward by this much, and this transaction's moment with it.
    ///
    /// # Errors
    /// [`StoreError::NotDemoDatabase`] unless both the store and the database are the demo's;
    /// [`StoreError::Invalid`] for going backwards.
    pub async fn advance_demo_clock(&mut self, by: Span) -> Result<()> {
        if self.clock.mode != Mode::Demo {
            return Err(StoreError::NotDemoDatabase);
        }
        if by < Span::ZERO {
            return Err(StoreError::Invalid("a clock that goes backwards"));
        }
        if execute!(self.conn, ADVANCE, by.as_millis())? == 0 {
            return Err(StoreError::NotDemoDatabase);
        }
        self.moment = None;
        Ok(())
    }
}

impl Store {
    /// The database's clock: the only source of time for everything that matters.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn now(&self) -> Result<Timestamp> {
        self.read().await?.now().await
    }

    /// Moves the demo's clock forward, durably.
    ///
    /// # Errors
    /// As [`Tx::advance_demo_clock`].
    pub async fn advance_demo_clock(&self, by: Span) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.advance_demo_clock(by).await?;
        tx.commit().await
    }
}
