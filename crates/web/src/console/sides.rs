//! The two sides of a contested case beside each other, in the same terms, and who carries the
//! burden (UX.md D7). Never an address of anybody.

use engine::views::{CaseFile, ChannelAge, ContestFile, Objector, OtherSide, RivalSide};
use recovery::case::LiveFactor;
use recovery::clues::{ClueFinding, ClueResult};
use recovery::evidence::{Capture, EvidenceItem};
use recovery::finding::{Finding, Outcome};
use recovery::signal::Signal;
use recovery::time::Timestamp;

use super::{clock, labels, trail};

/// A fact of one side: what it is about, and what is known.
pub(super) type Fact = (&'static str, String);

/// Somebody who asks for the account: of this case, or of a rival one.
struct Asker<'a> {
    opened_at: Timestamp,
    person: String,
    all_live: bool,
    clues: &'a [ClueFinding],
    signals: &'a [Signal],
    contact_since: Option<Timestamp>,
}

impl Asker<'_> {
    fn facts(self, now: Timestamp) -> Vec<Fact> {
        let live = if self.all_live {
            "everything"
        } else {
            "not everything"
        };
        let address = self.contact_since.map_or_else(unknown, |at| age(at, now));
        vec![
            ("Asked", clock::short(self.opened_at)),
            ("Live factor", "none".to_owned()),
            ("Person", self.person),
            ("Captured live", live.to_owned()),
            ("Clues", matching(self.clues)),
            ("Place", place(self.signals)),
            ("New address", address),
        ]
    }
}

/// The applicant of this case.
pub(super) fn own_side(file: &CaseFile) -> Vec<Fact> {
    let live = |item: &EvidenceItem| item.capture == Capture::Live;
    let own = Asker {
        opened_at: file.opened_at,
        person: "steps 1 to 4 of this case".to_owned(),
        all_live: file.evidence.iter().all(live),
        clues: &file.clues,
        signals: &file.signals,
        contact_since: file.contest.as_ref().and_then(|side| side.contact_since),
    };
    own.facts(file.now)
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
    let other = Asker {
        opened_at: rival.opened_at,
        person: persons(&rival.findings),
        all_live: rival.all_live,
        clues: &rival.clues,
        signals: &rival.signals,
        contact_since: rival.contact_since,
    };
    other.facts(now)
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
    let OtherSide::Objector(objector) = &contest.other else {
        return format!(
            "Who carries the burden: both sides, for both ask. {} seniors must agree.",
            contest.seniors
        );
    };
    let why = if objector.shown.iter().any(|(factor, _)| factor.counts()) {
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
    let days = now.since(since).as_days();
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
    use recovery::time::Span;

    use super::*;

    #[test]
    fn ages_are_told_in_words() {
        let now = Timestamp::from_millis(0) + Span::days(3000);
        let ago = |days: i64| age(now - Span::days(days), now);
        assert_eq!(ago(0), "0 days");
        assert_eq!(ago(1), "1 day");
        assert_eq!(ago(59), "59 days");
        assert_eq!(ago(61), "2 months");
        assert_eq!(ago(2200), "6 years");
    }
}
