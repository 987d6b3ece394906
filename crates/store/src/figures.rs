//! Counters for the operator, by month of opening and policy version.

use recovery::figures::{Amount, Key, Row};

use crate::Result;
use crate::tx::{Reader, Tx};

/// Counters that are read at most: some hundred for each month and policy.
const MAX_FIGURES: i64 = 50_000;

statements! {
    ADD = "INSERT INTO figures (month, policy_version, name, label, cases, total_ms) \
        VALUES ($1, $2, $3, $4, $5, $6) \
        ON CONFLICT (month, policy_version, name, label) DO UPDATE SET \
        cases = figures.cases + excluded.cases, total_ms = figures.total_ms + excluded.total_ms";
    SINCE = "SELECT month, policy_version, name, label, cases, total_ms FROM figures \
        WHERE month >= $1 ORDER BY month DESC, policy_version, name, label LIMIT $2";
}

rows! {
    struct FigureRow {
        month: String,
        policy_version: String,
        name: String,
        label: String,
        cases: i64,
        total_ms: i64,
    }
}

impl Reader {
    /// The counters of this month (`2026-11`) and of those after it, the newest month first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn figures_since(&mut self, month: &str) -> Result<Vec<Row>> {
        let rows = fetch!(fetch_all, FigureRow, self.conn, SINCE, month, MAX_FIGURES)?;
        let row = |row: FigureRow| Row {
            month: row.month,
            policy: row.policy_version,
            name: row.name,
            label: row.label,
            count: row.cases,
            total_ms: row.total_ms,
        };
        Ok(rows.into_iter().map(row).collect())
    }
}

impl Tx {
    /// Adds to the counters of a month and policy. In the order of their keys, so that no two
    /// transactions wait for one another.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_figures(
        &mut self,
        month: &str,
        policy_version: &str,
        moved: &[(Key, Amount)],
    ) -> Result<()> {
        for (key, amount) in moved {
            execute!(
                self.conn,
                ADD,
                month,
                policy_version,
                key.name,
                key.label.as_str(),
                amount.count,
                amount.total_ms
            )?;
        }
        Ok(())
    }
}
