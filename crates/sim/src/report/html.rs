//! The report as one page: no script, nothing from elsewhere, readable on a phone, light and dark.

mod bars;

use super::{ParameterRow, Report, hours, percent, text, with_interval, words};
use recovery::share::Share;

/// The page's own style.
const STYLE: &str = include_str!("html/style.css");

/// Text as text, wherever it comes from.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for symbol in text.chars() {
        match symbol {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

fn table(caption: &str, head: &[&str], rows: &[Vec<String>]) -> String {
    let cells = |cells: &[String], first: &str| {
        let cell = |(place, text): (usize, &String)| {
            let text = escaped(text);
            if place == 0 {
                format!("<th scope=\"row\">{text}</th>")
            } else {
                format!("<{first}>{text}</{first}>")
            }
        };
        cells.iter().enumerate().map(cell).collect::<String>()
    };
    let head: String = head
        .iter()
        .map(|name| format!("<th scope=\"col\">{}</th>", escaped(name)))
        .collect();
    let rows: String = rows
        .iter()
        .map(|row| format!("<tr>{}</tr>\n", cells(row, "td")))
        .collect();
    format!(
        "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"{caption}\"><table>\n\
         <caption>{caption}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\
         </table></div>\n",
        caption = escaped(caption)
    )
}

fn list(items: &[&str]) -> String {
    let item = |text: &&str| format!("<li>{}</li>\n", escaped(text));
    format!(
        "<ul>\n{}</ul>\n",
        items.iter().map(item).collect::<String>()
    )
}

fn goals(report: &Report) -> String {
    let mut page = String::new();
    for goal in &report.goals {
        let (class, met) = if goal.met {
            ("met", "met")
        } else {
            ("missed", "not met")
        };
        let mover = goal.moved_most_by.as_ref().map_or(String::new(), |path| {
            format!("<br>What moves it most: <code>{}</code>", escaped(path))
        });
        page.push_str(&format!(
            "<p class=\"goal {class}\"><strong>{met}</strong>: {}<br><span class=\"found\">{}\
             </span>{mover}</p>\n",
            escaped(&goal.goal),
            escaped(&goal.found)
        ));
    }
    page
}

fn first_screen(report: &Report) -> String {
    let mut page = format!(
        "<header><h1>Simulation of a population</h1>\n<p>Seed {}, {} honest applicants, {} \
         attacks, policy version {}.</p></header>\n<section><h2>What this is</h2>\n{}",
        report.seed,
        report.applicants,
        report.applicants,
        report.policy_version,
        list(&report.assumptions)
    );
    if !report.changed_parameters.is_empty() {
        let changed = report.changed_parameters.iter();
        let rows = changed.map(|(path, value)| vec![path.clone(), value.to_string()]);
        let rows: Vec<_> = rows.collect();
        page.push_str(&table(
            "Parameters that are not as they ship",
            &["parameter", "value"],
            &rows,
        ));
    }
    page.push_str(&format!(
        "</section>\n<section><h2>Goals</h2>\n{}</section>\n",
        goals(report)
    ));
    page
}

fn honest(report: &Report) -> String {
    let rows = report.groups.iter().map(|row| {
        let mut cells = vec![
            words(row.name),
            row.success.of.to_string(),
            with_interval(&row.success),
        ];
        let shares = [
            &row.fast_lane,
            &row.machine_passed,
            &row.returned,
            &row.gave_up,
            &row.refused,
        ];
        cells.extend(shares.map(with_interval));
        cells.extend([hours(row.hours.p50), hours(row.hours.p90)]);
        cells.push(format!("{:.2}", row.returns_each));
        cells.push(format!("{:.1}", row.minutes_each));
        cells
    });
    let columns = [
        "group",
        "of",
        "recovered",
        "fast lane",
        "passed by machine",
        "returned",
        "gave up",
        "refused",
        "decided, p50 h",
        "p90 h",
        "returns each",
        "minutes each",
    ];
    let bars: Vec<(String, Share)> = report
        .groups
        .iter()
        .map(|row| (words(row.name), row.success))
        .collect();
    let rows: Vec<_> = rows.collect();
    format!(
        "<section><h2>Honest people</h2>\n<div class=\"pair\">{}{}</div>\n{}</section>\n",
        table("Success by group", &columns, &rows),
        bars::shares("Recovered, with 95 % intervals", &bars),
        tiers(report)
    )
}

fn tiers(report: &Report) -> String {
    let rows = report.groups.iter().map(|row| {
        let mut cells = vec![words(row.name)];
        cells.extend(row.tiers.iter().map(with_interval));
        cells
    });
    let rows: Vec<_> = rows.collect();
    let columns = ["group", "standard", "elevated", "high", "exceptional"];
    table("Tiers of those whose checks answered", &columns, &rows)
}

fn attacks(report: &Report) -> String {
    let rows = report.attacks.iter().map(|row| {
        let mut cells = vec![
            words(row.name),
            row.takeovers.of.to_string(),
            row.takeovers.count.to_string(),
            with_interval(&row.takeovers),
        ];
        let shares = [
            &row.approved,
            &row.stopped,
            &row.stopped_late,
            &row.machine_passed,
        ];
        cells.extend(shares.map(with_interval));
        cells.push(format!("{:.1}", row.minutes_each));
        cells
    });
    let columns = [
        "attack",
        "of",
        "takeovers",
        "share",
        "approved",
        "stopped",
        "stopped after recovery",
        "passed by machine",
        "minutes each",
    ];
    let bars: Vec<(String, Share)> = report
        .attacks
        .iter()
        .map(|row| (words(row.name), row.takeovers))
        .collect();
    let rows: Vec<_> = rows.collect();
    format!(
        "<section><h2>Attacks</h2>\n<div class=\"pair\">{}{}</div></section>\n",
        table("Takeovers by attack", &columns, &rows),
        bars::shares("Takeovers, with 95 % intervals", &bars)
    )
}

fn people(report: &Report) -> String {
    let capacity = &report.capacity;
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let rows = [
        row(
            "hours for 1,000 honest applicants",
            format!("{:.0}", capacity.hours_per_thousand),
        ),
        row("looks each", format!("{:.2}", capacity.looks_each)),
        row(
            "hours of the pool on a business day",
            format!("{:.0}", capacity.hours_a_day),
        ),
        row(
            "honest applicants on a business day",
            format!("{:.0}", capacity.applicants_a_day),
        ),
        row(
            "nobody left whom the rules let look",
            with_interval(&capacity.stranded),
        ),
        row("cases that did not end", capacity.stuck.to_string()),
    ];
    format!(
        "<section><h2>Reviewers</h2>\n{}</section>\n",
        table("What people have to do", &["what", "figure"], &rows)
    )
}

fn sensitivity(report: &Report) -> String {
    if report.sensitivity_applicants == 0 {
        return String::new();
    }
    let list = |caption: &str, rows: &[ParameterRow]| {
        let rows: Vec<Vec<String>> = rows.iter().map(text::cells).collect();
        table(caption, &text::COLUMNS, &rows)
    };
    let largest = |rows: &[ParameterRow], of: &dyn Fn(&ParameterRow) -> f64| {
        let rows = rows.iter().take(bars::MOST);
        rows.map(|row| (row.path.clone(), of(row)))
            .collect::<Vec<_>>()
    };
    let success = largest(&report.sensitivity_success, &|row| {
        row.moves_success() * 100.0
    });
    let approvals = largest(&report.sensitivity_takeovers, &|row| {
        row.moves_takeovers().0
    });
    format!(
        "<section><h2>What hangs on which parameter</h2>\n<p>Each is halved and doubled within its \
         range, with {} applicants and attacks and the same draws. What moves nothing is left \
         out. Success is of the group that is named.</p>\n\
         <div class=\"pair\">{}{}</div>\n<div class=\"pair\">{}{}</div></section>\n",
        report.sensitivity_applicants,
        list("By success", &report.sensitivity_success),
        bars::plain("Largest change of success, in points", &success),
        list(
            "By takeovers, without a colluding pair",
            &report.sensitivity_takeovers
        ),
        bars::plain("Largest change of takeovers", &approvals)
    )
}

/// The whole page.
#[must_use]
pub fn render(report: &Report) -> String {
    let headline = report.headline().map_or(String::new(), |row| {
        format!("{} %", percent(row.success.share))
    });
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>Simulation, seed {}: {headline}</title>\n<style>\n{STYLE}</style>\n</head>\n\
         <body>\n<main>\n{}{}{}{}{}<section><h2>Not modelled</h2>\n{}</section>\n</main>\n</body>\n\
         </html>\n",
        report.seed,
        first_screen(report),
        honest(report),
        attacks(report),
        people(report),
        sensitivity(report),
        list(&report.not_modelled)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_stands_in_a_cell_is_text() {
        let cell = "<script>\"a\" & 'b'</script>".to_owned();
        let page = table("<b>", &["<i>"], &[vec![cell.clone(), cell]]);
        assert!(!page.contains("<script") && !page.contains("<b>") && !page.contains("<i>"));
        assert!(page.contains("&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;&lt;/script&gt;"));
    }
}
