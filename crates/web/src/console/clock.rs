//! Times on the console: short, in UTC (the frame says so), and how near the promise is (UX.md D8).

use recovery::time::{Span, Timestamp};

/// A due time in words; the sign and the words carry it, colour only helps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chip {
    /// Class of the tag.
    pub(crate) class: &'static str,
    /// Such as "! Late by 2 h".
    pub(crate) words: String,
}

fn written(at: Timestamp, pattern: &str) -> String {
    jiff::Timestamp::from_millisecond(at.millis()).map_or_else(
        |_| "an unknown time".to_owned(),
        |at| {
            at.to_zoned_datetime(jiff::tz::TimeZone::UTC)
                .strftime(pattern)
                .to_string()
        },
    )
}

/// Day and time: "21 Nov 09:12".
pub(crate) fn short(at: Timestamp) -> String {
    written(at, "%-d %b %H:%M")
}

/// The time alone: "14:05".
pub(crate) fn time(at: Timestamp) -> String {
    written(at, "%H:%M")
}

/// A moment of the video: "at 0:04".
pub(crate) fn in_video(at_ms: u32) -> String {
    let seconds = at_ms / 1_000;
    format!("at {}:{:02}", seconds / 60, seconds % 60)
}

/// A span in its largest one or two units: "5 min", "2 h", "1 d 4 h".
pub(crate) fn span(span: Span) -> String {
    let minutes = span.as_millis().max(0) / 60_000;
    let (days, hours) = (minutes / 1_440, minutes % 1_440 / 60);
    match (days, hours) {
        (0, 0) => format!("{minutes} min"),
        (0, hours) => format!("{hours} h"),
        (days, 0) => format!("{days} d"),
        (days, hours) => format!("{days} d {hours} h"),
    }
}

/// How near a promise is.
pub(crate) fn chip(due: Option<Timestamp>, now: Timestamp) -> Chip {
    let Some(due) = due else {
        return Chip {
            class: "neutral",
            words: "# Stopped clock".to_owned(),
        };
    };
    let left = due.since(now);
    if left < Span::ZERO {
        let words = format!("! Late by {}", span(now.since(due)));
        return Chip {
            class: "late",
            words,
        };
    }
    let day = |at| written(at, "%Y-%m-%d");
    let near = if day(due) == day(now) {
        "Today"
    } else {
        "Tomorrow"
    };
    let (class, words) = if left < Span::hours(6) {
        ("today", format!("> {near} {}", time(due)))
    } else if left < Span::hours(24) {
        ("soon", format!("~ {near} {}", time(due)))
    } else {
        let days = left.as_millis() / Span::days(1).as_millis();
        let unit = if days == 1 { "day" } else { "days" };
        ("plenty", format!("= {days} {unit}"))
    };
    Chip { class, words }
}

#[cfg(test)]
mod tests {
    use super::*;

    // 2026-11-24T18:00:00Z
    const NOW: Timestamp = Timestamp::from_millis(1_795_543_200_000);

    #[test]
    fn a_due_time_reads_as_words_for_every_distance() {
        let words = |hours: i64| chip(Some(NOW + Span::hours(hours)), NOW);
        assert_eq!(words(-2).words, "! Late by 2 h");
        assert_eq!(words(-2).class, "late");
        assert_eq!(words(-28).words, "! Late by 1 d 4 h");
        assert_eq!(words(5).words, "> Today 23:00");
        assert_eq!(words(7).words, "~ Tomorrow 01:00");
        assert_eq!(words(7).class, "soon");
        assert_eq!(words(24).words, "= 1 day");
        assert_eq!(words(80).words, "= 3 days");
        assert_eq!(chip(None, NOW).words, "# Stopped clock");
    }

    #[test]
    fn spans_use_their_largest_units() {
        assert_eq!(span(Span::minutes(40)), "40 min");
        assert_eq!(span(Span::hours(24)), "1 d");
        assert_eq!(span(Span::millis(-5)), "0 min");
        assert_eq!(short(NOW), "24 Nov 18:00");
    }
}
