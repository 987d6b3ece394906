//! How long a step took.

use recovery::finding::Finding;

/// What a step gave, and its whole milliseconds.
#[expect(
    clippy::disallowed_methods,
    reason = "measures a duration, decides nothing"
)]
pub(super) fn timed<T>(work: impl FnOnce() -> T) -> (T, u32) {
    let start = std::time::Instant::now();
    let value = work();
    let took = u32::try_from(start.elapsed().as_millis()).unwrap_or(u32::MAX);
    (value, took)
}

/// Findings of one step: each that does not know its own time takes the step's.
pub(super) fn stamped(findings: Vec<Finding>, took_ms: u32) -> Vec<Finding> {
    let stamp = |finding: Finding| {
        if finding.took_ms == 0 {
            finding.took(took_ms)
        } else {
            finding
        }
    };
    findings.into_iter().map(stamp).collect()
}
