//! Moments in words: "Tuesday 24 November 2026, 18:00 (Lisbon time)".

use jiff::tz::TimeZone;
use recovery::time::Timestamp;

/// Most symbols of a zone's name.
const ZONE_MAX: usize = 64;

/// Whether this names a zone we know.
#[must_use]
pub fn is_zone(name: &str) -> bool {
    !name.is_empty() && name.len() <= ZONE_MAX && TimeZone::get(name).is_ok()
}

/// The zone and how it is called: the city of its name, or UTC when the browser named none.
fn zone(name: &str) -> (TimeZone, String) {
    let utc = || (TimeZone::UTC, "UTC".to_owned());
    if !is_zone(name) || name == "UTC" || name == "Etc/UTC" {
        return utc();
    }
    let city = name.rsplit('/').next().unwrap_or(name).replace('_', " ");
    TimeZone::get(name).map_or_else(|_| utc(), |zone| (zone, format!("{city} time")))
}

fn written(at: Timestamp, name: &str, pattern: &str) -> String {
    let (zone, _) = zone(name);
    jiff::Timestamp::from_millisecond(at.millis()).map_or_else(
        |_| "an unknown time".to_owned(),
        |at| at.to_zoned_datetime(zone).strftime(pattern).to_string(),
    )
}

/// Day, time and zone.
#[must_use]
pub fn moment(at: Timestamp, name: &str) -> String {
    format!(
        "{} ({})",
        written(at, name, "%A %-d %B %Y, %H:%M"),
        zone(name).1
    )
}

/// The day alone, as people write it on a note: "24 November 2026".
#[must_use]
pub fn day(at: Timestamp, name: &str) -> String {
    written(at, name, "%-d %B %Y")
}

/// The same for machines (`datetime` of `<time>`).
#[must_use]
pub fn machine(at: Timestamp) -> String {
    written(at, "", "%Y-%m-%dT%H:%MZ")
}

/// The same for calendar files (RFC 5545, 3.3.5).
#[must_use]
pub fn compact(at: Timestamp) -> String {
    written(at, "", "%Y%m%dT%H%M%SZ")
}

/// The year.
#[must_use]
pub fn year(at: Timestamp) -> u16 {
    written(at, "", "%Y").parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    // 2026-11-24T18:00:00Z
    const AT: Timestamp = Timestamp::from_millis(1_795_543_200_000);

    #[test]
    fn moments_name_their_zone() {
        assert_eq!(
            moment(AT, "Europe/Lisbon"),
            "Tuesday 24 November 2026, 18:00 (Lisbon time)"
        );
        assert_eq!(
            moment(AT, "America/New_York"),
            "Tuesday 24 November 2026, 13:00 (New York time)"
        );
        assert_eq!(moment(AT, ""), "Tuesday 24 November 2026, 18:00 (UTC)");
        assert_eq!(
            moment(AT, "Nowhere/<b>"),
            "Tuesday 24 November 2026, 18:00 (UTC)"
        );
    }

    #[test]
    fn the_day_is_the_day_where_the_person_is() {
        assert_eq!(day(AT, "Pacific/Auckland"), "25 November 2026");
        assert_eq!(day(AT, "Europe/Lisbon"), "24 November 2026");
        assert_eq!(machine(AT), "2026-11-24T18:00Z");
        assert_eq!(year(AT), 2026);
    }

    #[test]
    fn a_broken_moment_is_words_not_a_panic() {
        assert!(moment(Timestamp::from_millis(i64::MAX), "UTC").starts_with("an unknown time"));
    }
}
