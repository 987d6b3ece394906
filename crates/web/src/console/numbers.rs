//! Numbers (M30): how many come back, how long it takes, what is asked for again.

use askama::Template;
use axum::Json;
use axum::response::{IntoResponse, Response};
use recovery::evidence::EvidenceKind;
use recovery::figures::{Ends, Numbers, Spread};
use recovery::share::Share;
use serde_json::{Value, json};

use super::frame::ConsoleFrame;
use super::labels;
use crate::error::Failure;
use crate::visit::Visit;

/// What the process aims at, in percent of full KYC and ordinary history.
const AIM: u32 = 95;
/// Reasons that are shown.
const REASONS_MAX: usize = 12;
/// Length of the longest bar in the units of a picture.
const BAR: f64 = 100.0;
/// Phases in their order.
const PHASES: [(&str, &str); 5] = [
    ("gathering", "From opening to sending"),
    ("decision", "From sending to the first decision"),
    ("checking", "Checks by machine"),
    ("reviewing", "Review by people"),
    ("cooling_off", "Wait after the approval"),
];
/// Ends in their order, after `recovered`.
const ENDS: [(&str, &str); 5] = [
    ("rejected", "Refused"),
    ("blocked", "Stopped by the holder"),
    ("withdrawn", "Withdrawn"),
    ("expired", "Not finished"),
    ("open", "Still open"),
];
/// Groups of accounts in their order.
const GROUPS: [(&str, &str); 8] = [
    ("ordinary", "Full KYC, ordinary history"),
    ("restricted", "Restricted"),
    ("archived", "Archived"),
    ("unverified", "Never verified"),
    ("closed", "Closed"),
    ("unknown", "Not rated yet, or the checks did not answer"),
    ("unsent", "Never sent"),
    ("phantom", "No such account"),
];

/// A share in words and as a bar with its interval.
struct Bar {
    words: String,
    of: String,
    length: String,
    low: String,
    wide: String,
}

impl Bar {
    fn new(share: &Share) -> Self {
        let at = |share: f64| format!("{:.1}", share * BAR);
        Self {
            words: percent(share),
            of: format!("{} of {}", share.count, share.of),
            length: at(share.share),
            low: at(share.low),
            wide: at(share.high - share.low),
        }
    }
}

/// One month under one policy.
struct Month {
    month: String,
    policy: String,
    bar: Option<Bar>,
    open: u64,
}

/// What came of the cases of a group.
struct Group {
    name: &'static str,
    recovered: u64,
    ends: Vec<u64>,
}

/// How long a phase takes.
struct Phase {
    name: &'static str,
    count: u64,
    half: String,
    most: String,
}

/// Something that was asked for again.
struct Again {
    part: &'static str,
    reason: &'static str,
    count: u64,
    length: String,
}

/// The numbers.
#[derive(Template)]
#[template(path = "console/numbers.html")]
pub struct NumbersPage {
    frame: ConsoleFrame,
    headline: Option<Bar>,
    everybody: Option<Bar>,
    aim: u32,
    months: Vec<Month>,
    groups: Vec<Group>,
    phases: Vec<Phase>,
    returned: Option<Bar>,
    by_machine: u64,
    by_people: u64,
    again: Vec<Again>,
    agreed: Option<Bar>,
}

impl NumbersPage {
    /// From what was counted.
    #[must_use]
    pub fn new(frame: ConsoleFrame, numbers: &Numbers) -> Self {
        let times = |who: &str| numbers.returned.get(who).copied().unwrap_or(0);
        let month = |(month, policy, ends): &(String, String, Ends)| Month {
            month: month.clone(),
            policy: policy.clone(),
            bar: bar(&ends.success()),
            open: GROUPS.iter().map(|(group, _)| ends.of(group, "open")).sum(),
        };
        Self {
            frame,
            headline: bar(&numbers.all.success()),
            everybody: bar(&numbers.all.success_of_all()),
            aim: AIM,
            months: numbers.months.iter().map(month).collect(),
            groups: groups(&numbers.all),
            phases: phases(numbers),
            returned: bar(&numbers.returned_share()),
            by_machine: times("machine"),
            by_people: times("people"),
            again: again(numbers),
            agreed: bar(&numbers.agreed()),
        }
    }

    fn ends() -> impl Iterator<Item = &'static str> {
        ENDS.iter().map(|(_, words)| *words)
    }
}

/// Nothing to show where there is nothing to count.
fn bar(share: &Share) -> Option<Bar> {
    (share.of > 0).then(|| Bar::new(share))
}

fn percent(share: &Share) -> String {
    let of = |share: f64| share * 100.0;
    format!(
        "{:.1} % ({:.1} to {:.1})",
        of(share.share),
        of(share.low),
        of(share.high)
    )
}

fn groups(all: &Ends) -> Vec<Group> {
    let group = |(group, name): &(&str, &'static str)| Group {
        name,
        recovered: all.of(group, "recovered"),
        ends: ENDS.iter().map(|(end, _)| all.of(group, end)).collect(),
    };
    let groups = GROUPS.iter().map(group);
    groups
        .filter(|group| group.recovered + group.ends.iter().sum::<u64>() > 0)
        .collect()
}

fn phases(numbers: &Numbers) -> Vec<Phase> {
    let phase = |(code, name): &(&str, &'static str)| {
        let spread = numbers.times.get(*code)?;
        (spread.count() > 0).then(|| Phase {
            name,
            count: spread.count(),
            half: within(spread, 0.5),
            most: within(spread, 0.9),
        })
    };
    PHASES.iter().filter_map(phase).collect()
}

fn within(spread: &Spread, share: f64) -> String {
    match spread.within(share) {
        Some(1) => "within an hour".to_owned(),
        Some(hours) if hours % 24 == 0 && hours > 24 => format!("within {} days", hours / 24),
        Some(hours) => format!("within {hours} hours"),
        None => "more than 30 days".to_owned(),
    }
}

fn again(numbers: &Numbers) -> Vec<Again> {
    let most = numbers.asked.first().map_or(1, |(.., count)| *count);
    let row = |(kind, code, count): &(String, String, u64)| Again {
        part: EvidenceKind::named(kind).map_or("Another part", labels::evidence),
        reason: recovery::reason::reason(code).map_or("Another reason", |reason| reason.headline),
        count: *count,
        length: format!("{:.1}", *count as f64 / most as f64 * BAR),
    };
    numbers.asked.iter().take(REASONS_MAX).map(row).collect()
}

fn document(numbers: &Numbers) -> Value {
    let ends = |ends: &Ends| -> Value {
        let rows = ends.iter();
        rows.map(|(group, end, count)| json!({ "group": group, "end": end, "cases": count }))
            .collect()
    };
    let month = |(month, policy, of): &(String, String, Ends)| {
        let success = of.success();
        json!({ "month": month, "policy": policy, "success": success, "ends": ends(of) })
    };
    let time = |(phase, spread): (&String, &Spread)| {
        let classes = json!({ "classes": spread.counts, "total_ms": spread.total_ms });
        (phase.clone(), classes)
    };
    let times: serde_json::Map<String, Value> = numbers.times.iter().map(time).collect();
    let asked = |row: &(String, String, u64)| {
        let (kind, code, count) = row;
        json!({ "part": kind, "reason": code, "times": count })
    };
    json!({
        "success": numbers.all.success(),
        "success_of_all": numbers.all.success_of_all(),
        "ends": ends(&numbers.all),
        "months": numbers.months.iter().map(month).collect::<Vec<_>>(),
        "hours": recovery::figures::HOURS,
        "times": times,
        "returned": numbers.returned,
        "returned_share": numbers.returned_share(),
        "asked": numbers.asked.iter().map(asked).collect::<Vec<_>>(),
        "agreement": numbers.agreed(),
    })
}

/// `GET /console/numbers`.
pub(crate) async fn show(visit: Visit) -> Result<Response, Failure> {
    visit.staff()?;
    let numbers = visit.engine().numbers().await?;
    if visit.client.wants_json {
        return Ok(Json(document(&numbers)).into_response());
    }
    let frame = ConsoleFrame::new(&visit, None);
    visit.page(&NumbersPage::new(frame, &numbers))
}
