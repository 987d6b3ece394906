//! Codes, identifiers, calendar, policy and reasons: the small parts.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]

use std::collections::BTreeSet;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use recovery::calendar::{Calendar, CalendarSettings, Deadline};
use recovery::evidence::EvidenceKind;
use recovery::finding::Audience;
use recovery::id::{CaseCode, CaseId, ContentDigest, EvidenceId, read_symbols};
use recovery::policy::{DEFAULT, NEVER_WHILE_RESTRICTED, Policy};
use recovery::reason::{AGAIN_PERSON, REASONS, reason};
use recovery::time::{Span, Timestamp};

const SYMBOLS: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

fn code(text: &str) -> Option<CaseCode> {
    text.parse().ok()
}

fn codes(count: u64) -> impl Iterator<Item = String> {
    (0..count).map(|seed| {
        let code = CaseCode::new(&mut ChaCha8Rng::seed_from_u64(seed));
        code.as_str().replace('-', "")[2..].to_owned()
    })
}

#[test]
fn every_single_wrong_symbol_of_a_case_code_is_found() {
    for good in codes(300) {
        assert!(code(&good).is_some(), "{good}");
        for place in 0..good.len() {
            for symbol in SYMBOLS.chars() {
                let mut wrong: Vec<char> = good.chars().collect();
                wrong[place] = symbol;
                let wrong: String = wrong.into_iter().collect();
                assert_eq!(code(&wrong).is_some(), wrong == good, "{good} {wrong}");
            }
        }
    }
}

#[test]
fn every_swap_of_two_symbols_of_a_case_code_is_found() {
    for good in codes(3_000) {
        for first in 0..good.len() {
            for second in first + 1..good.len() {
                let mut wrong: Vec<char> = good.chars().collect();
                wrong.swap(first, second);
                let wrong: String = wrong.into_iter().collect();
                assert_eq!(code(&wrong).is_some(), wrong == good, "{good} {wrong}");
            }
        }
    }
}

#[test]
fn a_case_code_is_read_as_people_type_it() {
    let shown = code("RG-7K2M-91QX").expect("the example of the guide");
    for typed in [
        "rg-7k2m-91qx",
        " RG 7K2M 91QX ",
        "7k2m91qx",
        "7K2M-9IQX",
        "rg7k2m9lqx",
        "RG\u{2013}7K2M\u{2013}91QX",
    ] {
        assert_eq!(code(typed).as_ref(), Some(&shown), "{typed}");
    }
    for wrong in ["", "RG-", "RG-7K2M-91Q", "RG-7K2M-91QXX", "RG-7K2M-91QU"] {
        assert_eq!(code(wrong), None, "{wrong}");
    }
    let again: CaseCode = serde_json::from_str("\"RG-7K2M-91QX\"").unwrap();
    assert_eq!(again.to_string(), "RG-7K2M-91QX");
    assert!(serde_json::from_str::<CaseCode>("\"RG-7K2M-91QY\"").is_err());
}

#[test]
fn a_code_that_itself_begins_with_rg_is_read_without_its_prefix() {
    let check = SYMBOLS
        .chars()
        .find_map(|last| code(&format!("RG7K2M9{last}")));
    let found = check.expect("one check symbol fits");
    assert!(found.as_str().starts_with("RG-RG7K-2M9"), "{found}");
}

#[test]
fn look_alikes_are_mended_and_separators_dropped() {
    assert_eq!(read_symbols("o-I l.0 1\u{e9}"), "01101");
}

#[test]
fn identifiers_sort_by_time_and_read_back() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let early = CaseId::new(Timestamp::from_millis(1_000), &mut rng);
    let late = CaseId::new(Timestamp::from_millis(2_000), &mut rng);
    assert!(early < late);
    assert_eq!(early.as_str().parse::<CaseId>().unwrap(), early);
    let error = early
        .as_str()
        .parse::<EvidenceId>()
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "not a ev_ identifier: it must be the prefix and 26 symbols"
    );
    for wrong in ["", "case_", "case_lower00000000000000000000", "case_01"] {
        assert!(wrong.parse::<CaseId>().is_err(), "{wrong}");
    }
    let same = |seed| CaseId::new(Timestamp::default(), &mut ChaCha8Rng::seed_from_u64(seed));
    assert_eq!(same(4), same(4));
    assert_ne!(same(4), same(5));
    let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(ContentDigest::of(b"abc").0, digest);
}

fn calendar(zone: &str, holidays: &[&str]) -> Calendar {
    let names = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect();
    Calendar::new(&CalendarSettings {
        time_zone: zone.to_owned(),
        weekend: names(&["sat", "sun"]),
        holidays: names(holidays),
    })
    .unwrap()
}

fn at(text: &str) -> Timestamp {
    let moment: jiff::Timestamp = text.parse().unwrap();
    Timestamp::from_millis(moment.as_millisecond())
}

#[test]
fn weekends_and_holidays_do_not_count() {
    let plain = calendar("UTC", &[]);
    let friday = at("2026-11-06T15:00:00Z");
    assert_eq!(
        plain.after(friday, Span::days(1)),
        at("2026-11-09T15:00:00Z")
    );
    let closed = calendar("UTC", &["2026-11-09"]);
    assert_eq!(
        closed.after(friday, Span::days(1)),
        at("2026-11-10T15:00:00Z")
    );
    let saturday = at("2026-11-07T10:00:00Z");
    assert_eq!(
        plain.after(saturday, Span::hours(1)),
        at("2026-11-09T01:00:00Z")
    );
    assert_eq!(
        plain.between(friday, at("2026-11-09T15:00:00Z")),
        Span::days(1)
    );
    assert_eq!(
        plain.between(saturday, at("2026-11-08T10:00:00Z")),
        Span::ZERO
    );
    assert_eq!(plain.between(friday, friday), Span::ZERO);
}

#[test]
fn a_day_of_lisbon_has_23_or_25_hours_when_the_clocks_change() {
    // On Sunday 2026-03-29 and 2026-10-25; a calendar without weekend meets them.
    let lisbon = Calendar::new(&CalendarSettings {
        time_zone: "Europe/Lisbon".to_owned(),
        weekend: Vec::new(),
        holidays: Vec::new(),
    })
    .unwrap();
    let spring = (at("2026-03-29T00:00:00Z"), at("2026-03-29T23:00:00Z"));
    assert_eq!(lisbon.between(spring.0, spring.1), Span::hours(23));
    let autumn = (at("2026-10-24T23:00:00Z"), at("2026-10-26T00:00:00Z"));
    assert_eq!(lisbon.between(autumn.0, autumn.1), Span::hours(25));
    // The weekend ends at local midnight, which summer time puts an hour earlier.
    let weeks = calendar("Europe/Lisbon", &[]);
    let saturday = at("2026-03-28T12:00:00Z");
    assert_eq!(
        weeks.after(saturday, Span::ZERO),
        at("2026-03-29T23:00:00Z")
    );
    assert_eq!(
        weeks.after(saturday, Span::hours(1)),
        at("2026-03-30T00:00:00Z")
    );
}

#[test]
fn after_and_between_agree() {
    let calendar = calendar("Europe/Lisbon", &["2026-12-25", "2026-12-08"]);
    for hours in (0..24 * 60).step_by(7) {
        let from = at("2026-10-20T05:30:00Z") + Span::hours(hours);
        for span in [1, 23, 24, 25, 100, 168].map(Span::hours) {
            let to = calendar.after(from, span);
            assert_eq!(calendar.between(from, to), span, "{from:?} {span:?}");
        }
    }
}

#[test]
fn the_clock_stands_still_while_the_applicant_is_asked() {
    let calendar = calendar("UTC", &[]);
    let monday = at("2026-11-02T09:00:00Z");
    let mut deadline = Deadline::start(Span::days(2), monday);
    assert_eq!(deadline.due(&calendar), Some(at("2026-11-04T09:00:00Z")));
    deadline.pause(at("2026-11-03T09:00:00Z"));
    deadline.pause(at("2026-11-03T10:00:00Z"));
    assert_eq!(deadline.due(&calendar), None);
    deadline.resume(at("2026-11-05T12:00:00Z"));
    deadline.resume(at("2026-11-06T12:00:00Z"));
    assert_eq!(deadline.due(&calendar), Some(at("2026-11-06T12:00:00Z")));
}

#[test]
fn the_default_policy_says_what_the_process_says() {
    let policy = Policy::parse(DEFAULT).unwrap();
    let waits = &policy.cooling_off;
    let hours = (waits.standard_hours, waits.elevated_hours, waits.high_hours);
    assert_eq!(hours, (24, 48, 72));
    assert_eq!(policy.checking.hours_max, 24);
    assert_eq!(
        (policy.review.business_days_aim, policy.review.business_days),
        (3, 7)
    );
    assert_eq!(policy.veto.days_after_recovery, 7);
    assert_eq!(policy.handover.days_to_finish, 30);
    let allow = ["login", "view_assets", "transfer_own"];
    assert_eq!(policy.restrictions.cooling_off_allow, allow);
    let again = toml::to_string(&policy).unwrap();
    assert_eq!(Policy::parse(&again).unwrap(), policy);
}

/// The message for the default with one text replaced.
fn wrong(from: &str, to: &str) -> String {
    assert!(DEFAULT.contains(from), "{from}");
    match Policy::parse(&DEFAULT.replace(from, to)) {
        Ok(_) => panic!("{to} was accepted"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_number_out_of_range_is_told_with_its_bounds() {
    let cases = [
        (
            "standard_hours = 24",
            "standard_hours = 23",
            "cooling_off.standard_hours: 23 is out of range; use 24 to 720",
        ),
        (
            "returns_per_item_max = 3 ",
            "returns_per_item_max = 11 ",
            "gathering.returns_per_item_max: 11 is out of range; use 0 to 10",
        ),
        (
            "days_after_recovery = 7",
            "days_after_recovery = 6",
            "veto.days_after_recovery: 6 is out of range; use 7 to 365",
        ),
        (
            "days_per_account_max = 30",
            "days_per_account_max = 400",
            "lock.days_per_account_max: 400 is out of range; use 1 to 90",
        ),
        (
            "phantom_days = 3",
            "phantom_days = 31",
            "retention.phantom_days: 31 is out of range; use 1 to 30",
        ),
        (
            "business_days = 7",
            "business_days = 61",
            "review.business_days: 61 is out of range; use 1 to 60",
        ),
        (
            "version = 2",
            "version = 0",
            "version: 0 is out of range; use 1 to 4294967295",
        ),
    ];
    for (from, to, message) in cases {
        assert_eq!(wrong(from, to), message);
    }
}

#[test]
fn a_policy_without_sense_is_told_why() {
    assert_eq!(
        wrong("elevated_hours = 48", "elevated_hours = 96"),
        "cooling_off.high_hours: 72 is less than elevated_hours (96); a higher tier must not wait \
         less than a lower one"
    );
    assert_eq!(
        wrong("after_contest_hours = 72", "after_contest_hours = 48"),
        "cooling_off.after_contest_hours: 48 is less than high_hours; use at least 72"
    );
    assert_eq!(
        wrong(", \"video\"]", "]"),
        "gathering.required: video cannot be left out; add it"
    );
    for name in NEVER_WHILE_RESTRICTED {
        let message = wrong("locked_allow = []", &format!("locked_allow = [\"{name}\"]"));
        let expected = format!(
            "restrictions.locked_allow: \"{name}\" lets value leave the account and is never \
             allowed there; take it out"
        );
        assert_eq!(message, expected);
    }
}

#[test]
fn a_threshold_has_bounds_an_order_and_an_evaluation() {
    assert_eq!(
        wrong("match_from = 0.5 ", "match_from = 1.5 "),
        "checks.face.match_from: 1.5 is out of range; use 0.1 to 1"
    );
    assert_eq!(
        wrong("bits = 60.0", "bits = nan"),
        "checks.reuse.bits: NaN is out of range; use 0 to 128"
    );
    assert_eq!(
        wrong("match_from = 0.5 ", "match_from = 0.2 "),
        "checks.face.no_match_below: 0.34 lies above match_from; use at most 0.2"
    );
    assert_eq!(
        wrong("name = \"spoken-digits\"", "name = \"something else\""),
        "checks.phrase.evaluation: no evaluation is named \"spoken-digits\"; list it first"
    );
}

#[test]
fn a_document_from_before_thresholds_takes_those_that_ship() {
    let (before, _) = DEFAULT.split_once("[checks.image]").unwrap();
    let policy = Policy::parse(before).unwrap();
    assert_eq!(policy.checks, Policy::parse(DEFAULT).unwrap().checks);
}

#[test]
fn a_wrong_calendar_is_told_with_the_entry() {
    assert_eq!(
        wrong("time_zone = \"UTC\"", "time_zone = \"Mars/Base\""),
        "calendar.time_zone: \"Mars/Base\" is not a known time zone; use a name such as \
         Europe/Lisbon"
    );
    assert_eq!(
        wrong("[\"sat\", \"sun\"]", "[\"caturday\"]"),
        "calendar.weekend: \"caturday\" is not a day; use mon, tue, wed, thu, fri, sat or sun"
    );
    assert_eq!(
        wrong("\"2026-12-25\"", "\"2026-13-25\""),
        "calendar.holidays: \"2026-13-25\" is not a date; use YYYY-MM-DD"
    );
    let never = "[\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\"]";
    assert_eq!(
        wrong("[\"sat\", \"sun\"]", never),
        "calendar.weekend: leave at least one working day in the week"
    );
}

#[test]
fn every_reason_has_words_and_its_own_code() {
    let mut codes = BTreeSet::new();
    for entry in REASONS {
        assert!(codes.insert(entry.code), "{} twice", entry.code);
        for words in [entry.headline, entry.advice] {
            assert!(
                !words.trim().is_empty() && !words.contains("  "),
                "{}",
                entry.code
            );
            assert!(words.trim() == words, "{}", entry.code);
        }
        assert!(entry.advice.ends_with('.'), "{}", entry.code);
        assert_eq!(reason(entry.code), Some(entry));
    }
    let words = reason(AGAIN_PERSON).unwrap();
    for tells in ["face does not", "match", "differ", "record", "score"] {
        assert!(!words.headline.contains(tells) && !words.advice.contains(tells));
    }
    assert_eq!(reason("no.such"), None);
}

#[test]
fn names_of_evidence_read_back() {
    for kind in EvidenceKind::ALL {
        assert_eq!(EvidenceKind::named(kind.name()), Some(kind));
        let text = serde_json::to_string(&kind).unwrap();
        assert_eq!(text, format!("\"{}\"", kind.name()));
    }
    assert_eq!(EvidenceKind::named("selfie"), None);
    let audience = serde_json::to_string(&Audience::Reviewer).unwrap();
    assert_eq!(audience, "\"reviewer\"");
}
