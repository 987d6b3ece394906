//! The dates of a request as a calendar file (RFC 5545), without a word about the account.

use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use engine::views::{ApplicantView, Moment};
use http::header;

use crate::error::Failure;
use crate::routes::{GET, Route, Who};
use crate::visit::Visit;
use crate::when;

/// Where the file is.
pub(crate) const PATH: &str = "/case/dates.ics";

/// The calendar file.
pub(crate) const ROUTES: &[Route] =
    &[
        Route::page(PATH, Who::Applicant, "The dates of your request", || {
            get(show)
        })
        .only(GET),
    ];

/// Most octets of a line, its end not counted (RFC 5545, 3.1).
const LINE_OCTETS: usize = 75;
const KIND: &str = "text/calendar; charset=utf-8";
const FILE: &str = "attachment; filename=\"recovery-dates.ics\"";

/// What is still to come.
pub(crate) fn to_come(view: &ApplicantView) -> impl Iterator<Item = &Moment> {
    let moments = view.timeline.iter();
    moments.filter(|moment| moment.expected && view.now < moment.at)
}

async fn show(visit: Visit) -> Result<Response, Failure> {
    let view = visit.engine().applicant_view(visit.case()?).await?;
    let host = visit.app.settings().host();
    let headers = [
        (header::CONTENT_TYPE, KIND),
        (header::CONTENT_DISPOSITION, FILE),
    ];
    Ok((headers, calendar(&view, &host)).into_response())
}

fn calendar(view: &ApplicantView, host: &str) -> String {
    let events = to_come(view).flat_map(|moment| {
        let title = format!("Recovery request {}: {}", view.code, title(moment.code));
        [
            "BEGIN:VEVENT".to_owned(),
            // The same for the same moment: a newer file replaces an older one's date.
            format!("UID:{}-{}@{host}", view.code, moment.code),
            format!("DTSTAMP:{}", when::compact(view.now)),
            format!("DTSTART:{}", when::compact(moment.at)),
            format!("SUMMARY:{}", escaped(&title)),
            "TRANSP:TRANSPARENT".to_owned(),
            "END:VEVENT".to_owned(),
        ]
    });
    let begin = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Regain//Recovery dates//EN",
    ];
    let begin = begin.map(str::to_owned).into_iter();
    let lines = begin.chain(events).chain(["END:VCALENDAR".to_owned()]);
    lines.map(|line| folded(&line)).collect()
}

const fn title(code: &str) -> &'static str {
    match code.as_bytes() {
        b"closes" => "last time to send it",
        b"checked" => "automatic checks done by now",
        b"decided" => "decision by now",
        b"recovered" => "waiting period ends",
        b"dispute_ends" => "last time to say that it is yours",
        b"proof_ends" => "last time to add to your proof",
        b"veto_ends" => "last time at which the holder can object",
        b"erased" => "what you sent is destroyed",
        _ => "see its page",
    }
}

/// Text as a value (RFC 5545, 3.3.11).
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for symbol in text.chars() {
        match symbol {
            '\n' => escaped.push_str("\\n"),
            '\\' | ';' | ',' => escaped.extend(['\\', symbol]),
            other if other.is_control() => {}
            other => escaped.push(other),
        }
    }
    escaped
}

/// A line in pieces, none of which cuts a symbol, with its end.
fn folded(line: &str) -> String {
    let mut folded = String::with_capacity(line.len() + 2);
    let mut octets = 0;
    for symbol in line.chars() {
        if octets + symbol.len_utf8() > LINE_OCTETS {
            folded.push_str("\r\n ");
            octets = 1;
        }
        octets += symbol.len_utf8();
        folded.push(symbol);
    }
    folded.push_str("\r\n");
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_folded_between_symbols_and_reads_the_same() {
        let line = format!("SUMMARY:{}", "ä€🔑 plain ".repeat(20));
        let folded = folded(&line);
        assert!(folded.ends_with("\r\n"));
        for piece in folded.trim_end_matches("\r\n").split("\r\n") {
            assert!(piece.len() <= LINE_OCTETS, "{}", piece.len());
        }
        assert_eq!(folded.replace("\r\n ", ""), format!("{line}\r\n"));
        assert_eq!(super::folded("VERSION:2.0"), "VERSION:2.0\r\n");
        let exact = "x".repeat(LINE_OCTETS);
        assert_eq!(super::folded(&exact), format!("{exact}\r\n"));
    }

    #[test]
    fn what_has_a_meaning_in_a_value_is_escaped() {
        assert_eq!(escaped("a;b,c\\d\ne\r"), "a\\;b\\,c\\\\d\\ne");
        assert_eq!(escaped("RG-7K2M-91: ends"), "RG-7K2M-91: ends");
    }

    #[test]
    fn every_moment_to_come_has_a_title() {
        for code in [
            "closes",
            "checked",
            "decided",
            "recovered",
            "dispute_ends",
            "proof_ends",
            "veto_ends",
            "erased",
        ] {
            assert_ne!(title(code), title("?"), "{code}");
        }
    }
}
