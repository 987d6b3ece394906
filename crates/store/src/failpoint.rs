//! Named places where a test may kill the process, to prove that what was told is durable.

/// Kills the process here if the environment asks for it, in builds with debug assertions only.
///
/// `REGAIN_FAILPOINT=name` kills at the first arrival, `name:3` at the third. The store's own names
/// are `append.before` and `append.after` (after the commit of a transaction that appended).
#[cfg(debug_assertions)]
#[allow(
    clippy::disallowed_methods,
    reason = "a test's order to die, not configuration"
)]
pub fn failpoint(name: &str) {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    static WANTED: OnceLock<Option<(String, u64)>> = OnceLock::new();
    static HITS: AtomicU64 = AtomicU64::new(0);

    let wanted = WANTED.get_or_init(|| {
        let text = std::env::var("REGAIN_FAILPOINT").ok()?;
        let (name, hit) = text.split_once(':').unwrap_or((&text, "1"));
        Some((name.to_owned(), hit.parse().ok()?))
    });
    if let Some((wanted, hit)) = wanted
        && wanted == name
        && HITS.fetch_add(1, Ordering::SeqCst) + 1 == *hit
    {
        std::process::abort();
    }
}

/// Does nothing: this build has no failpoints.
#[cfg(not(debug_assertions))]
#[inline(always)]
pub fn failpoint(_name: &str) {}
