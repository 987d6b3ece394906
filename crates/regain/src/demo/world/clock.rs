//! The demo's virtual clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::Result;
use platform::Clock;
use recovery::time::{Span, Timestamp};
use store::Store;

use crate::wiring;

/// Real time plus what was skipped. Only the demo has one; `serve` refuses its database.
#[derive(Clone)]
pub(crate) struct VirtualClock {
    store: Store,
    skipped_ms: Arc<AtomicI64>,
}

impl VirtualClock {
    /// The clock of a database.
    pub(super) async fn open(store: Store) -> Result<Self> {
        let skipped = store.now().await?.since(wiring::wall_now()).as_millis();
        // Reading takes a moment; less than a minute is no skipping.
        let skipped = if skipped.abs() < 60_000 { 0 } else { skipped };
        Ok(Self {
            store,
            skipped_ms: Arc::new(AtomicI64::new(skipped)),
        })
    }

    /// Lets time pass.
    pub(crate) async fn advance(&self, by: Span) -> Result<()> {
        self.store.advance_demo_clock(by).await?;
        self.skipped_ms.fetch_add(by.as_millis(), Ordering::SeqCst);
        Ok(())
    }

    /// The demo's time.
    pub(crate) fn now(&self) -> Timestamp {
        wiring::wall_now() + Span::millis(self.skipped_ms.load(Ordering::SeqCst))
    }

    /// For whoever takes a clock.
    pub(super) fn as_clock(&self) -> Clock {
        let clock = self.clone();
        Arc::new(move || clock.now())
    }
}
