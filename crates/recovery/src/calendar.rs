//! Business days: an operator's time zone, weekend and holidays, and arithmetic on them.

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::time::{Span, Timestamp};

/// The longest stretch of days looked at for one answer.
const DAYS_MAX: usize = 800;

/// The calendar as policy writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarSettings {
    /// IANA name of the zone in which a day begins, such as `Europe/Lisbon`.
    pub time_zone: String,
    /// Days of the week on which nobody works: `sat`, `sun` ...
    pub weekend: Vec<String>,
    /// Dates on which nobody works, `YYYY-MM-DD`.
    pub holidays: Vec<String>,
}

/// Why a calendar cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CalendarError {
    /// The zone is not in the time zone database.
    #[error(
        "calendar.time_zone: \"{0}\" is not a known time zone; use a name such as Europe/Lisbon"
    )]
    Zone(String),
    /// Not a day of the week.
    #[error("calendar.weekend: \"{0}\" is not a day; use mon, tue, wed, thu, fri, sat or sun")]
    Weekday(String),
    /// Not a date.
    #[error("calendar.holidays: \"{0}\" is not a date; use YYYY-MM-DD")]
    Holiday(String),
    /// A week without a working day would never end a deadline.
    #[error("calendar.weekend: leave at least one working day in the week")]
    NoWorkingDay,
}

/// A calendar ready for arithmetic.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: TimeZone,
    weekend: Vec<Weekday>,
    holidays: BTreeSet<Date>,
}

fn weekday(name: &str) -> Option<Weekday> {
    Some(match name {
        "mon" => Weekday::Monday,
        "tue" => Weekday::Tuesday,
        "wed" => Weekday::Wednesday,
        "thu" => Weekday::Thursday,
        "fri" => Weekday::Friday,
        "sat" => Weekday::Saturday,
        "sun" => Weekday::Sunday,
        _ => return None,
    })
}

impl Calendar {
    /// Reads the settings.
    ///
    /// # Errors
    /// Names the first entry that is not a zone, a day or a date.
    pub fn new(settings: &CalendarSettings) -> Result<Self, CalendarError> {
        let zone = TimeZone::get(&settings.time_zone)
            .map_err(|_| CalendarError::Zone(settings.time_zone.clone()))?;
        let weekend = settings
            .weekend
            .iter()
            .map(|name| weekday(name).ok_or_else(|| CalendarError::Weekday(name.clone())))
            .collect::<Result<Vec<_>, _>>()?;
        let holidays = settings
            .holidays
            .iter()
            .map(|text| {
                text.parse()
                    .map_err(|_| CalendarError::Holiday(text.clone()))
            })
            .collect::<Result<BTreeSet<Date>, _>>()?;
        let works = |name: &&str| weekday(name).is_some_and(|day| !weekend.contains(&day));
        if !["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
            .iter()
            .any(works)
        {
            return Err(CalendarError::NoWorkingDay);
        }
        Ok(Self {
            zone,
            weekend,
            holidays,
        })
    }

    fn works(&self, date: Date) -> bool {
        !self.weekend.contains(&date.weekday()) && !self.holidays.contains(&date)
    }

    fn date(&self, at: Timestamp) -> Date {
        let moment = jiff::Timestamp::from_millisecond(at.millis()).unwrap_or_default();
        moment.to_zoned_datetime(self.zone.clone()).date()
    }

    /// The first moment of the day after `date`.
    fn end_of(&self, date: Date) -> Option<Timestamp> {
        let next = date.tomorrow().ok()?;
        let start = next.to_zoned_datetime(self.zone.clone()).ok()?;
        Some(Timestamp::from_millis(start.timestamp().as_millisecond()))
    }

    /// The moment at which `span` of business time has passed since `from`.
    ///
    /// A business day is a whole local day, so a span of 24 hours is one business day.
    #[must_use]
    pub fn after(&self, from: Timestamp, span: Span) -> Timestamp {
        let mut left = span.as_millis();
        let mut at = from;
        let mut date = self.date(from);
        for _ in 0..DAYS_MAX {
            let Some(end) = self.end_of(date) else { break };
            let room = end.since(at).as_millis();
            if self.works(date) {
                if left <= room {
                    return at + Span::millis(left);
                }
                left -= room;
            }
            at = end;
            let Ok(next) = date.tomorrow() else { break };
            date = next;
        }
        at + Span::millis(left)
    }

    /// How much business time lies between two moments.
    #[must_use]
    pub fn between(&self, from: Timestamp, to: Timestamp) -> Span {
        let mut sum = 0;
        let mut at = from;
        let mut date = self.date(from);
        for _ in 0..DAYS_MAX {
            if at >= to {
                break;
            }
            let Some(end) = self.end_of(date) else { break };
            if self.works(date) {
                sum += end.min(to).since(at).as_millis();
            }
            at = end;
            let Ok(next) = date.tomorrow() else { break };
            date = next;
        }
        Span::millis(sum)
    }
}

/// A deadline in business time that stands still while the applicant is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadline {
    /// Business time that may be used in all.
    pub allowance: Span,
    /// Stretches during which the clock ran; one per return, so bounded by policy.
    pub ran: Vec<(Timestamp, Timestamp)>,
    /// Since when the clock runs; none while it stands still.
    pub running_since: Option<Timestamp>,
}

impl Deadline {
    /// A clock that starts now.
    #[must_use]
    pub const fn start(allowance: Span, now: Timestamp) -> Self {
        Self {
            allowance,
            ran: Vec::new(),
            running_since: Some(now),
        }
    }

    /// Stops the clock.
    pub fn pause(&mut self, now: Timestamp) {
        if let Some(since) = self.running_since.take() {
            self.ran.push((since, now));
        }
    }

    /// Starts the clock again.
    pub fn resume(&mut self, now: Timestamp) {
        self.running_since.get_or_insert(now);
    }

    /// When it is due, while the clock runs.
    #[must_use]
    pub fn due(&self, calendar: &Calendar) -> Option<Timestamp> {
        let used: i64 = self
            .ran
            .iter()
            .map(|(from, to)| calendar.between(*from, *to).as_millis())
            .sum();
        let left = Span::millis((self.allowance.as_millis() - used).max(0));
        self.running_since.map(|since| calendar.after(since, left))
    }
}
