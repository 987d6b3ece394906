//! Logs: one JSON object per line on the standard error output, times in RFC 3339 and UTC.
//!
//! What is logged carries case identifiers, never persons; that is up to whoever writes a line.

use anyhow::Context as _;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::time::SystemTime;

/// Starts logging. `filter` is the operator's (`REGAIN_LOG`), `default` counts without one; both
/// are in the form `info` or `info,store=debug`.
///
/// # Errors
/// When the filter is not in that form.
pub(crate) fn start(filter: Option<&str>, default: &str) -> anyhow::Result<()> {
    let filter = EnvFilter::builder()
        .parse(filter.unwrap_or(default))
        .context("REGAIN_LOG is not a filter such as `info` or `info,store=debug`")?;
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_timer(SystemTime)
        .with_writer(std::io::stderr)
        .with_env_filter(filter)
        .finish();
    tracing::subscriber::set_global_default(subscriber).context("logging was started before")
}
