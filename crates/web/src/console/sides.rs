//! The two sides of a contested case beside each other, in the same terms, and who carries the
//! burden (UX.md D7). Never an address of anybody.

use engine::views::{CaseFile, ChannelAge, ContestFile, Objector, OtherSide, RivalSide};
use recovery::case::LiveFactor;
use recovery::clues::{ClueFinding, ClueResult};
use recovery::evidence::Capture;
use recovery::finding::{Finding, Outcome};
use recovery::signal::Signal;
use recovery::time::Timestamp;

use super::{clock, labels, trail};

/// A fact of one side: what it is about, and what is known.
pub(super) type Fact = (&'static str, String);

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// The applicant of this case.
pub(super) fn own_side(file: &CaseFile) -> Vec<Fact> {
    let live = |all: bool| if all { "everything" } else { "not everything" }.to_owned();
    let all_live = file
        .evidence
        .iter()
        .all(|item| item.capture == Capture::Live);
    let since = file.contest.as_ref().and_then(|side| side.contact_since);
    vec![
        ("Asked", clock::short(file.opened_at)),
        ("Live factor", "none".to_owned()),
        ("Person", "steps 1 to 4 of this case".to_owned()),
        ("Captured live", live(all_live)),
        ("Clues", matching(&file.clues)),
        ("Place", place(&file.signals)),
        (
            "New address",
            since.map_or_else(unknown, |at| age(at, file.now)),
        ),
    ]
}

/// Whoever stands against the applicant.
pub(super) fn other_side(file: &CaseFile) -> Vec<Fact> {
    match &file.contest {
        Some(ContestFile {
            other: OtherSide::Rival(rival),
            ..
        }) => of_rival(rival, file.now),
        Some(
            contest @ ContestFile {
                other: OtherSide::Objector(objector),
                ..
            },
        ) => of_objector(objector, contest.stopped_at, file.now),
        None => vec![("Objected", unknown())],
    }
}

fn of_objector(objector: &Objector, at: Timestamp, now: Timestamp) -> Vec<Fact> {
    let mut facts = vec![
        (
            "Objected",
            format!("{}, by {}", clock::short(at), channel(objector.by)),
        ),
        ("Live factor", shown(&objector.shown)),
        ("Channels", channels(&objector.channels, now)),
        (
            "Person",
            "not shown: an objector sends no photos".to_owned(),
        ),
    ];
    if let Some((at, said)) = &objector.taken_back {
        let words = format!("{}: \u{201c}{}\u{201d}", clock::short(*at), said.reveal());
        facts.push(("Says it was a mistake", words));
    }
    facts
}

fn of_rival(rival: &RivalSide, now: Timestamp) -> Vec<Fact> {
    let live = if rival.all_live {
        "everything"
    } else {
        "not everything"
    };
    vec![
        ("Asked", clock::short(rival.opened_at)),
        ("Live factor", "none".to_owned()),
        ("Person", persons(&rival.findings)),
        ("Captured live", live.to_owned()),
        ("Clues", matching(&rival.clues)),
        ("Place", place(&rival.signals)),
        (
            "New address",
            rival.contact_since.map_or_else(unknown, |at| age(at, now)),
        ),
    ]
}

/// Who has to convince whom, and how many must agree.
pub(super) fn burden(file: &CaseFile, applicant_is_a: bool) -> String {
    let Some(contest) = &file.contest else {
        return String::new();
    };
    let (own, other) = if applicant_is_a {
        ("A", "B")
    } else {
        ("B", "A")
    };
    if let OtherSide::Rival(_) = contest.other {
        return format!(
            "Who carries the burden: both sides, for both ask. {} seniors must agree.",
            contest.seniors
        );
    }
    let live = match &contest.other {
        OtherSide::Objector(objector) => objector.shown.iter().any(|(factor, _)| factor.counts()),
        OtherSide::Rival(_) => false,
    };
    let why = if live {
        format!("side {other} has a live factor")
    } else {
        "it asks".to_owned()
    };
    format!(
        "Who carries the burden: side {own} ({why}). {} seniors must agree that side {own} is the \
         holder, {} on anything else, which leaves the account as it is.",
        contest.seniors_for_applicant, contest.seniors
    )
}

fn unknown() -> String {
    "not known".to_owned()
}

const fn factor(factor: LiveFactor) -> &'static str {
    match factor {
        LiveFactor::SignIn => "signed in at the platform (strong)",
        LiveFactor::Telephone => "a message to an old phone or app (strong)",
        LiveFactor::PrintedCode => "a printed stop code (strong)",
        LiveFactor::Mailbox => "a mailbox (weak: it may be what was hijacked)",
    }
}

fn shown(shown: &[(LiveFactor, Timestamp)]) -> String {
    if shown.is_empty() {
        return "none".to_owned();
    }
    let words: Vec<String> = shown
        .iter()
        .map(|(which, at)| format!("{}, {}", factor(*which), clock::short(*at)))
        .collect();
    words.join("; ")
}

fn channel(kind: &str) -> &'static str {
    match kind {
        "email" => "mail",
        "sms" => "text message",
        "push" => "the app",
        "in_app" => "a message inside the platform",
        "recovery_contact" => "a recovery contact",
        "veto_code" => "a printed stop code",
        "sign_in" => "signing in at the platform",
        _ => "a channel of the account",
    }
}

fn channels(channels: &[ChannelAge], now: Timestamp) -> String {
    if channels.is_empty() {
        return "none known from before the request".to_owned();
    }
    let words: Vec<String> = channels
        .iter()
        .map(|known| format!("{} {}", channel(known.kind), age(known.known_since, now)))
        .collect();
    words.join(", ")
}

/// "2 days", "5 months", "6 years".
fn age(since: Timestamp, now: Timestamp) -> String {
    let days = now.since(since).as_millis() / DAY_MS;
    let (count, one, many) = match days {
        0..=59 => (days, "day", "days"),
        60..=729 => (days / 30, "month", "months"),
        _ => (days / 365, "year", "years"),
    };
    format!("{count} {}", if count == 1 { one } else { many })
}

fn matching(clues: &[ClueFinding]) -> String {
    let fitting = clues
        .iter()
        .filter(|clue| clue.result == ClueResult::Match)
        .count();
    format!("{fitting} of {} match", clues.len())
}

/// From where it was asked, in the words of the trail step.
fn place(signals: &[Signal]) -> String {
    let signal = signals.iter().find(|one| one.code == "ip.distance");
    signal.map(trail::signal_fact).map_or_else(
        || "not looked at".to_owned(),
        |fact| format!("{}: {}", fact.label, fact.value),
    )
}

/// What the checks say of the other applicant: what did not pass, by name.
fn persons(findings: &[Finding]) -> String {
    let against: Vec<String> = findings
        .iter()
        .filter(|finding| finding.outcome != Outcome::Pass)
        .map(|finding| labels::finding(finding).2)
        .collect();
    if findings.is_empty() {
        "not checked yet".to_owned()
    } else if against.is_empty() {
        "every check passed".to_owned()
    } else {
        format!("did not pass: {}", against.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_told_in_words() {
        let now = Timestamp::from_millis(3000 * DAY_MS);
        let ago = |days: i64| age(Timestamp::from_millis((3000 - days) * DAY_MS), now);
        assert_eq!(ago(0), "0 days");
        assert_eq!(ago(1), "1 day");
        assert_eq!(ago(59), "59 days");
        assert_eq!(ago(61), "2 months");
        assert_eq!(ago(2200), "6 years");
    }
}
