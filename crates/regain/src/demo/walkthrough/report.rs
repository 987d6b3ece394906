//! What the walkthrough prints: one line a step, as text or JSON.

use std::io::Write as _;

use recovery::time::Timestamp;
use serde_json::json;

/// Prints steps as they happen.
pub(crate) struct Report {
    pub json: bool,
}

impl Report {
    /// One step: when by the demo's clock, who, what, and what came back.
    pub(crate) fn step(&self, at: Timestamp, actor: &str, action: &str, answer: &str) {
        let when = moment(at);
        let line = if self.json {
            json!({ "at": when, "actor": actor, "action": action, "answer": answer }).to_string()
        } else {
            format!("{when}  {actor:<10} {action:<46} {answer}")
        };
        print(&line);
    }

    /// The last line.
    pub(crate) fn outcome(&self, outcome: &str) {
        if self.json {
            print(&json!({ "outcome": outcome }).to_string());
        }
        print(&format!("outcome: {outcome}"));
    }
}

fn moment(at: Timestamp) -> String {
    let moment = jiff::Timestamp::from_millisecond(at.millis()).unwrap_or_default();
    moment.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// A line on standard output; a closed pipe ends nothing.
pub(crate) fn print(line: &str) {
    let _closed = writeln!(std::io::stdout(), "{line}");
}
