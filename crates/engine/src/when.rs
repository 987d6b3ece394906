//! Moments in words, for messages and pages.

use jiff::tz::TimeZone;
use recovery::time::Timestamp;

/// "24 November 2026, 18:00 (Lisbon time)"; UTC where the zone is unknown.
#[must_use]
pub fn date_time(at: Timestamp, zone: Option<&str>) -> String {
    let known = zone.and_then(|name| TimeZone::get(name).ok().map(|tz| (name, tz)));
    let (label, tz) = match known {
        Some((name, tz)) if name != "UTC" => (format!("{} time", place(name)), tz),
        _ => ("UTC".to_owned(), TimeZone::UTC),
    };
    let moment = jiff::Timestamp::from_millisecond(at.millis()).unwrap_or_default();
    let local = moment.to_zoned_datetime(tz);
    format!("{} ({label})", local.strftime("%-d %B %Y, %H:%M"))
}

/// "24 November 2026".
#[must_use]
pub fn date(at: Timestamp, zone: Option<&str>) -> String {
    let tz = zone
        .and_then(|name| TimeZone::get(name).ok())
        .unwrap_or(TimeZone::UTC);
    let moment = jiff::Timestamp::from_millisecond(at.millis()).unwrap_or_default();
    moment
        .to_zoned_datetime(tz)
        .strftime("%-d %B %Y")
        .to_string()
}

/// The day there; in UTC where the zone is unknown.
pub(crate) fn civil(at: Timestamp, zone: Option<&str>) -> jiff::civil::Date {
    let tz = zone
        .and_then(|name| TimeZone::get(name).ok())
        .unwrap_or(TimeZone::UTC);
    let moment = jiff::Timestamp::from_millisecond(at.millis()).unwrap_or_default();
    moment.to_zoned_datetime(tz).date()
}

/// The last part of an IANA name: `Europe/Lisbon` is Lisbon.
fn place(name: &str) -> String {
    name.rsplit('/').next().unwrap_or(name).replace('_', " ")
}
