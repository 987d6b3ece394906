//! Figures for the operator (M30): what came of cases, how long it took, what was asked for again.
//!
//! A case adds to counters, and what it adds is a function of its events: [`moved`] says by how
//! much each counter changes when the case does. The counters are by month of opening and by policy
//! version, and hold nothing of a person.

mod numbers;

use std::collections::BTreeMap;

use crate::case::{Case, State};
use crate::risk::Standing;
use crate::time::{Span, Timestamp};

pub use numbers::{Ends, Numbers, Row, Spread};

/// Upper ends of the classes of a time, in hours; what is longer has a class of its own.
pub const HOURS: [i64; 12] = [1, 2, 4, 8, 12, 24, 48, 72, 120, 168, 336, 720];

/// Which counter: a name, and a label with dots between its parts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// `end`, `time`, `returned`, `asked` or `looks`.
    pub name: &'static str,
    /// `ordinary.recovered`, `review.24`, `machine`, `video.blur`, `agreed`.
    pub label: String,
}

/// What a counter holds, or changes by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Amount {
    /// How many.
    pub count: i64,
    /// Their time together in ms, where the counter is of times.
    pub total_ms: i64,
}

/// What one case adds.
type Added = BTreeMap<Key, Amount>;

/// By how much counters change when a case does; nothing for those that stay.
#[must_use]
pub fn moved(before: Option<&Case>, after: &Case) -> Vec<(Key, Amount)> {
    let mut change = added(after);
    for (key, amount) in before.map(added).unwrap_or_default() {
        let entry = change.entry(key).or_default();
        entry.count -= amount.count;
        entry.total_ms -= amount.total_ms;
    }
    change.retain(|_, amount| *amount != Amount::default());
    change.into_iter().collect()
}

/// The month of opening in UTC, `2026-11`.
#[must_use]
pub fn month_of(opened_at: Timestamp) -> String {
    let moment = jiff::Timestamp::from_millisecond(opened_at.millis()).unwrap_or_default();
    let date = moment.to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
    format!("{:04}-{:02}", date.year(), date.month())
}

/// Whether cases of a group tell how people fare: requests for no account, and those that were
/// never sent, do not.
fn tells(group: &str) -> bool {
    group != "phantom" && group != "unsent"
}

/// Whose case it is: what the platform says of the account, once something was sent.
fn group(case: &Case) -> &'static str {
    if case.is_phantom() {
        return "phantom";
    }
    if case.submitted_at.is_none() {
        return "unsent";
    }
    let grounds = case.grounds.as_ref();
    grounds.map_or(Standing::Unknown.name(), |grounds| grounds.standing.name())
}

fn added(case: &Case) -> Added {
    let mut added = Added::new();
    let mut add = |name, label: String, count, span: Span| {
        let entry = added.entry(Key { name, label }).or_default();
        entry.count += count;
        entry.total_ms += span.as_millis();
    };
    let group = group(case);
    let end = if case.state.is_open() {
        "open"
    } else {
        case.state.name()
    };
    add("end", format!("{group}.{end}"), 1, Span::ZERO);
    if !tells(group) {
        return added;
    }
    for (phase, span) in times(case) {
        add("time", format!("{phase}.{}", class(span)), 1, span);
    }
    let course = &case.course;
    let returns = [
        ("machine", course.returns_by_machine),
        ("people", case.returns_by_people),
        ("cases", u32::from(!course.asked.is_empty())),
    ];
    for (who, count) in returns.into_iter().filter(|(_, count)| *count > 0) {
        add("returned", who.to_owned(), count.into(), Span::ZERO);
    }
    for ((kind, code), count) in &course.asked {
        let label = format!("{}.{code}", kind.name());
        add("asked", label, (*count).into(), Span::ZERO);
    }
    let looks = [("agreed", course.agreed), ("differed", course.differed)];
    for (label, count) in looks.into_iter().filter(|(_, count)| *count > 0) {
        add("looks", label.to_owned(), count.into(), Span::ZERO);
    }
    added
}

/// The times that a case can tell: until it was sent, until the first decision, and those of its
/// phases once it is over.
fn times(case: &Case) -> Vec<(&'static str, Span)> {
    let mut times = Vec::new();
    if let Some(sent) = case.submitted_at {
        times.push(("gathering", sent.since(case.opened_at)));
        if let Some(decided) = case.course.decided_at {
            times.push(("decision", decided.since(sent)));
        }
    }
    if case.state.is_open() {
        return times;
    }
    let phases = [
        ("checking", State::Checking),
        ("reviewing", State::Reviewing),
        ("cooling_off", State::CoolingOff),
    ];
    for (phase, state) in phases {
        times.extend(case.course.spent.get(&state).map(|span| (phase, *span)));
    }
    times
}

/// The class of a time: the least of [`HOURS`] that it does not exceed, or `more`.
fn class(span: Span) -> String {
    let within = |hours: &&i64| span <= Span::hours(**hours);
    let hours = HOURS.iter().find(within);
    hours.map_or_else(|| "more".to_owned(), ToString::to_string)
}
