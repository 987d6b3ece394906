//! How long a check took: the one place that reads a clock, and nothing is decided by it.

use std::time::Instant;

/// Measures a duration.
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts measuring.
    #[allow(
        clippy::disallowed_methods,
        reason = "measures a duration, decides nothing"
    )]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// Milliseconds since the start.
    #[allow(
        clippy::disallowed_methods,
        reason = "measures a duration, decides nothing"
    )]
    pub(crate) fn ms(&self) -> f64 {
        self.0.elapsed().as_secs_f64() * 1e3
    }

    /// Whole milliseconds since the start, for a finding.
    #[allow(
        clippy::disallowed_methods,
        reason = "measures a duration, decides nothing"
    )]
    pub(crate) fn whole_ms(&self) -> u32 {
        u32::try_from(self.0.elapsed().as_millis()).unwrap_or(u32::MAX)
    }
}
