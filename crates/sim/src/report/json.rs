//! The report as JSON.

use super::Report;

/// Everything, indented.
///
/// # Errors
/// None: every number of a report is finite. The error is serde's.
pub fn render(report: &Report) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(report)?;
    text.push('\n');
    Ok(text)
}
