//! The report for a terminal.

use super::{ParameterRow, Report, hours, percent, with_interval, words};

/// Rows of each list of the sensitivity; JSON and HTML have all.
const MOVERS: usize = 12;
/// Columns of a line of prose.
const WIDTH: usize = 100;

/// A table of columns as wide as they need: the first from the left, the others from the right.
fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = head.iter().map(|cell| cell.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let mut text = String::new();
        for (place, (cell, width)) in cells.zip(&widths).enumerate() {
            if place == 0 {
                text.push_str(&format!("  {cell:<width$}"));
            } else {
                text.push_str(&format!("  {cell:>width$}"));
            }
        }
        text.push('\n');
        text
    };
    let mut text = line(&mut head.iter().copied());
    for row in rows {
        text.push_str(&line(&mut row.iter().map(String::as_str)));
    }
    text
}

/// Breaks prose into lines, with a mark before the first.
fn prose(mark: &str, text: &str) -> String {
    let mut lines = String::new();
    let mut line = mark.to_owned();
    let indent = " ".repeat(mark.chars().count());
    for word in text.split_whitespace() {
        let fresh = line.trim().is_empty() || line == mark;
        if !fresh && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push_str(&line);
            lines.push('\n');
            line.clone_from(&indent);
            line.push_str(word);
            continue;
        }
        if !fresh {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push_str(&line);
    lines.push('\n');
    lines
}

fn head(report: &Report) -> String {
    let mut text = format!(
        "Simulation of a population: seed {}, {} honest applicants, {} attacks, policy version \
         {}\n\n",
        report.seed, report.applicants, report.applicants, report.policy_version
    );
    for assumption in report.assumptions {
        text.push_str(&prose("* ", assumption));
    }
    if !report.changed_parameters.is_empty() {
        text.push_str("\nParameters that are not as they ship:\n");
        for (path, value) in &report.changed_parameters {
            text.push_str(&format!("  {path} = {value}\n"));
        }
    }
    text.push_str("\nGoals\n");
    for goal in &report.goals {
        let met = if goal.met { "met" } else { "NOT MET" };
        text.push_str(&format!("  {met}: {}\n       {}\n", goal.goal, goal.found));
        if let Some(path) = &goal.moved_most_by {
            text.push_str(&format!("       what moves it most: {path}\n"));
        }
    }
    text
}

fn honest(report: &Report) -> String {
    let rows = report.groups.iter().map(|row| {
        vec![
            words(row.name),
            row.success.of.to_string(),
            with_interval(&row.success),
            percent(row.fast_lane.share),
            percent(row.machine_passed.share),
            percent(row.returned.share),
            percent(row.gave_up.share),
            percent(row.refused.share),
            hours(row.hours.p50),
            hours(row.hours.p90),
            format!("{:.1}", row.minutes_each),
        ]
    });
    let columns = [
        "honest people",
        "of",
        "recovered",
        "fast %",
        "machine %",
        "returned %",
        "gave up %",
        "refused %",
        "p50 h",
        "p90 h",
        "min each",
    ];
    table(&columns, &rows.collect::<Vec<_>>())
}

fn tiers(report: &Report) -> String {
    let rows = report.groups.iter().map(|row| {
        let mut cells = vec![words(row.name)];
        cells.extend(row.tiers.iter().map(|tier| percent(tier.share)));
        cells.push(format!("{:.2}", row.returns_each));
        cells
    });
    let columns = [
        "tiers",
        "standard %",
        "elevated %",
        "high %",
        "exceptional %",
        "returns each",
    ];
    table(&columns, &rows.collect::<Vec<_>>())
}

fn attacks(report: &Report) -> String {
    let rows = report.attacks.iter().map(|row| {
        vec![
            words(row.name),
            row.takeovers.of.to_string(),
            row.takeovers.count.to_string(),
            with_interval(&row.takeovers),
            percent(row.approved.share),
            percent(row.stopped.share),
            percent(row.stopped_late.share),
            percent(row.machine_passed.share),
        ]
    });
    let columns = [
        "attacks",
        "of",
        "takeovers",
        "share",
        "approved %",
        "stopped %",
        "after recovery %",
        "machine %",
    ];
    table(&columns, &rows.collect::<Vec<_>>())
}

fn people(report: &Report) -> String {
    let capacity = &report.capacity;
    format!(
        "Reviewers: {:.0} hours for 1,000 honest applicants ({:.2} looks each); the pool has \
         {:.0} hours a business day, enough for {:.0} applicants.\nNobody left to look: {} %. \
         Cases that did not end: {}.\n",
        capacity.hours_per_thousand,
        capacity.looks_each,
        capacity.hours_a_day,
        capacity.applicants_a_day,
        percent(capacity.stranded.share),
        capacity.stuck
    )
}

/// Percentage points with their sign.
pub(super) fn points(change: f64) -> String {
    format!("{:+.2}", change * 100.0)
}

/// What a row changes, halved and doubled, as cells.
pub(super) fn cells(row: &ParameterRow) -> Vec<String> {
    let both = [&row.halved, &row.doubled];
    let cell = |of: &dyn Fn(&super::Moved) -> String| {
        both.map(|moved| moved.as_ref().map_or("-".to_owned(), of))
    };
    let mut cells = vec![row.path.clone(), row.value.to_string()];
    cells.extend(cell(&|moved| points(moved.success)));
    cells.push(words(row.group));
    cells.extend(cell(&|moved| format!("{:+}", moved.takeovers)));
    cells.extend(cell(&|moved| format!("{:+}", moved.approvals)));
    cells
}

/// What stands above [`cells`].
pub(super) const COLUMNS: [&str; 9] = [
    "parameter",
    "value",
    "success, halved (points)",
    "doubled",
    "of",
    "takeovers, halved",
    "doubled",
    "approvals, halved",
    "doubled",
];

fn sensitivity(report: &Report) -> String {
    if report.sensitivity_applicants == 0 {
        return String::new();
    }
    let list = |rows: &[ParameterRow]| {
        let rows: Vec<Vec<String>> = rows.iter().take(MOVERS).map(cells).collect();
        table(&COLUMNS, &rows)
    };
    format!(
        "\nWhat hangs on which parameter: each halved and doubled within its range, {} applicants \
         and attacks, the same draws.\n\nBy success:\n{}\nBy takeovers (without a colluding \
         pair):\n{}",
        report.sensitivity_applicants,
        list(&report.sensitivity_success),
        list(&report.sensitivity_takeovers)
    )
}

/// The whole report.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut text = head(report);
    text.push_str(&format!(
        "\n{}\n{}\n{}\n{}",
        honest(report),
        tiers(report),
        attacks(report),
        people(report)
    ));
    text.push_str(&sensitivity(report));
    text.push_str("\nNot modelled\n");
    for left_out in report.not_modelled {
        text.push_str(&prose("* ", left_out));
    }
    text
}
