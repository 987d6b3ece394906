//! What is wrong with a policy is told with its place, and the table of keys is complete.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]

use recovery::evidence::EvidenceKind;
use recovery::policy::diff;
use recovery::policy::keys::{self, Kind, Within};
use recovery::policy::problem::problems;
use recovery::policy::reference;
use recovery::policy::{DEFAULT, Limits, Policy, Tier};
use serde_json::Value as Json;
use toml::{Table, Value};

/// The default with texts replaced.
fn changed(changes: &[(&str, &str)]) -> String {
    changes.iter().fold(DEFAULT.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    })
}

fn told(text: &str) -> Vec<String> {
    problems(text).iter().map(ToString::to_string).collect()
}

/// The line and column of a text in a document: after what was changed, or before it.
fn at(text: &str, change: &str, part: &str) -> String {
    let changed = text.find(change).unwrap();
    let after = text[changed..].find(part).map(|found| changed + found);
    let before = &text[..after.or_else(|| text.find(part)).unwrap()];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
    format!("{line}:{column}")
}

#[test]
fn the_default_policy_has_no_problem() {
    assert_eq!(told(DEFAULT), [""; 0]);
}

/// A change of the default, where its problem begins, and its words.
type Mistake = (&'static str, &'static str, &'static str, &'static str);

#[rustfmt::skip]
const MISTAKES: &[Mistake] = &[
    // Not TOML.
    ("[lock]", "[lock", "\ndays_per", "this is not TOML: unclosed table, expected `]`; correct it"),
    ("[veto]\n", "[veto]\ndispute_days = 5\n", "dispute_days = 7",
        "this is not TOML: duplicate key; correct it"),
    // Unknown keys and sections.
    ("[veto]\n", "[veto]\ndays_before = 3\n", "days_before",
        "veto.days_before: this key is unknown; known here: days_after_recovery, dispute_days, \
         rival_evidence_hours"),
    ("match_from", "match_form", "match_form",
        "checks.face.match_form: this key is unknown; did you mean match_from?"),
    ("[handover]", "[handovr]", "handovr]",
        "handovr: this key is unknown; did you mean handover?"),
    ("name = \"reuse", "nam = \"reuse", "nam = ",
        "checks.evaluations: the key nam is unknown; did you mean name?"),
    // Missing ones.
    ("phantom_days = 3", "", "retention]",
        "retention.phantom_days: this key is missing; add phantom_days = 3, as in the default \
         policy"),
    ("[appeal]\ndays = 14", "", "# Regain",
        "appeal: this section is missing; add it, as in the default policy"),
    // Other types.
    ("passkey_required = true", "passkey_required = \"yes\"", "\"yes\"",
        "handover.passkey_required: this is the text \"yes\"; write true or false"),
    ("lease_minutes = 120", "lease_minutes = 1.5", "1.5",
        "review.lease_minutes: this is the number 1.5; write a whole number"),
    ("glare_share = 0.006", "glare_share = \"0.006\"", "\"0.006\"",
        "checks.document.glare_share: this is the text \"0.006\"; write a number"),
    ("time_zone = \"UTC\"", "time_zone = 2", "2\nweekend",
        "calendar.time_zone: this is the number 2; write a text in quotes"),
    ("locked_allow = []", "locked_allow = \"login\"", "\"login\"\n",
        "restrictions.locked_allow: this is the text \"login\"; write a list of texts in quotes"),
    ("locked_allow = []", "locked_allow = [\"login\", 3]", "3]\n",
        "restrictions.locked_allow: an entry is the number 3; write a text in quotes"),
    ("[appeal]\ndays = 14", "[[appeal]]\ndays = 14", "appeal]]",
        "appeal: this is a section; write it as [appeal]"),
    // Out of range.
    ("standard_hours = 24", "standard_hours = 23", "23\n",
        "cooling_off.standard_hours: 23 is out of range; use 24 to 720"),
    ("returns_per_item_max = 3 ", "returns_per_item_max = -1 ", "-1 ",
        "gathering.returns_per_item_max: -1 is out of range; use 0 to 10"),
    ("days_max = 1095", "days_max = 0x1000", "0x1000",
        "retention.days_max: 4096 is out of range; use 1 to 1095"),
    ("version = 2", "version = 99999999999999999999", "99999",
        "version: this number is too long; write a shorter one"),
    ("match_from = 0.5 ", "match_from = 1.51 ", "1.51",
        "checks.face.match_from: 1.51 is out of range; use 0.1 to 1"),
    ("bits = 60.0", "bits = nan", "nan", "checks.reuse.bits: NaN is out of range; use 0 to 128"),
    ("faces_max = 1000", "faces_max = 0", "0  ",
        "checks.gallery.faces_max: 0 is out of range; use 1 to 100000"),
    // A bound that is another key's value.
    ("business_days_aim = 3", "business_days_aim = 8", "8  ",
        "review.business_days_aim: 8 is out of range; use 1 to 7"),
    ("hit_from = 0.592", "hit_from = 0.4", "0.4 ",
        "checks.gallery.hit_from: 0.4 is out of range; use 0.5 to 1"),
    // What numbers say together.
    ("elevated_hours = 48", "elevated_hours = 96", "72\nexceptional",
        "cooling_off.high_hours: 72 is less than elevated_hours (96); a higher tier must not wait \
         less than a lower one"),
    ("after_contest_hours = 72", "after_contest_hours = 48", "48  ",
        "cooling_off.after_contest_hours: 48 is less than high_hours; use at least 72"),
    ("match_from = 0.5 ", "match_from = 0.2 ", "0.34",
        "checks.face.no_match_below: 0.34 lies above match_from; use at most 0.2"),
    // Names.
    (", \"video\"]", "]", "[\"id_front\"",
        "gathering.required: video cannot be left out; add it"),
    ("\"note_photo\",", "\"note_photo\", \"vdeo\",", "\"vdeo\"",
        "gathering.required: \"vdeo\" is unknown; did you mean \"video\"?"),
    ("after_the_wait = [\"exceptional\"]", "after_the_wait = [\"all\"]", "\"all\"",
        "handover.after_the_wait: \"all\" is unknown; use some of: standard, elevated, high, \
         exceptional"),
    ("\"transfer_own\"]", "\"transfer_own\", \"withdraw\"]", "\"withdraw\"",
        "restrictions.cooling_off_allow: \"withdraw\" lets value leave the account and is never \
         allowed there; take it out"),
    ("evaluation = \"spoken-digits\"", "evaluation = \"spoken\"", "\"spoken\"",
        "checks.phrase.evaluation: no evaluation is named \"spoken\"; list it first"),
    ("time_zone = \"UTC\"", "time_zone = \"Mars/Base\"", "\"Mars",
        "calendar.time_zone: \"Mars/Base\" is not a known time zone; use a name such as \
         Europe/Lisbon"),
    ("\"sun\"]", "\"caturday\"]", "\"caturday",
        "calendar.weekend: \"caturday\" is not a day; use mon, tue, wed, thu, fri, sat or sun"),
    ("\"2026-12-26\"", "\"2026-13-26\"", "\"2026-13",
        "calendar.holidays: \"2026-13-26\" is not a date; use YYYY-MM-DD"),
];

#[test]
fn every_kind_of_mistake_is_told_with_line_column_and_what_to_do() {
    for (from, to, place, words) in MISTAKES {
        let text = changed(&[(from, to)]);
        let expected = format!("{}: {words}", at(&text, to, place));
        assert_eq!(told(&text), [expected], "{to}");
        assert!(Policy::parse(&text).is_err(), "{to}");
    }
}

#[test]
fn all_mistakes_are_told_at_once_in_their_order() {
    let text = changed(&[
        ("days_to_finish = 14", "days_to_finish = 0"),
        ("[checking]", "[cheking]"),
        ("elevated_hours = 48", "elevated_hours = 96"),
        ("after_contest_hours = 72", "after_contest_hours = 48"),
        ("\"sun\"]", "\"caturday\"]"),
        (
            "locked_allow = []",
            "locked_allow = [\"loan\", \"withdraw\"]",
        ),
        ("evaluation = \"lfw-second-look\"", "evaluation = \"none\""),
    ]);
    let told = told(&text);
    let keys: Vec<&str> = told
        .iter()
        .map(|one| one.split(": ").nth(1).unwrap())
        .collect();
    let expected = [
        "gathering.days_to_finish",
        "cheking",
        "cooling_off.high_hours",
        "cooling_off.after_contest_hours",
        "restrictions.locked_allow",
        "restrictions.locked_allow",
        "calendar.weekend",
        "checks.face.evaluation",
    ];
    assert_eq!(keys, expected, "{told:#?}");
}

/// Every leaf of a document by its whole key.
fn leaves(table: &Table, path: &str, into: &mut Vec<(String, Value)>) {
    for (name, value) in table {
        let whole = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        match value {
            Value::Table(inner) if keys::key(&whole).is_none() => leaves(inner, &whole, into),
            _ => into.push((whole, value.clone())),
        }
    }
}

fn default_leaves() -> Vec<(String, Value)> {
    let mut all = Vec::new();
    leaves(&toml::from_str(DEFAULT).unwrap(), "", &mut all);
    all
}

#[test]
fn the_table_has_every_key_of_the_default_policy_and_no_other() {
    let mut found: Vec<String> = default_leaves().into_iter().map(|(key, _)| key).collect();
    let sections = keys::sections();
    let mut known: Vec<String> = sections
        .flat_map(|section| section.keys.iter().map(|key| section.join(key.name)))
        .collect();
    found.sort();
    known.sort();
    assert_eq!(known, found);
}

#[test]
fn the_table_gives_every_key_its_kind_and_every_number_its_limits() {
    let policy = Policy::parse(DEFAULT).unwrap();
    for (whole, value) in default_leaves() {
        let key = keys::key(&whole).unwrap();
        let fits = match key.kind {
            Kind::Whole => value.is_integer(),
            Kind::Number => value.is_float(),
            Kind::Switch => value.is_bool(),
            Kind::Word | Kind::Choice(_) => value.is_str(),
            Kind::Points => value.is_table(),
            Kind::Words | Kind::Choices(_) | Kind::Evaluations => value.is_array(),
        };
        assert!(fits, "{whole}: {value}");
        let number = matches!(key.kind, Kind::Whole | Kind::Number);
        assert_eq!(
            policy.limits().contains_key(whole.as_str()),
            number,
            "{whole}"
        );
        assert!(!key.says.is_empty() && !key.says.ends_with('.'), "{whole}");
    }
    let choices = |path: &str| match keys::key(path).unwrap().kind {
        Kind::Choices(all) => all.to_vec(),
        _ => panic!("{path}"),
    };
    assert_eq!(
        choices("gathering.required"),
        EvidenceKind::ALL.map(EvidenceKind::name)
    );
    let tiers: Vec<Value> = Tier::ALL
        .into_iter()
        .map(|tier| Value::try_from(tier).unwrap())
        .collect();
    let known = choices("handover.after_the_wait").into_iter();
    assert_eq!(known.map(Value::from).collect::<Vec<_>>(), tiers);
}

/// Moves every number a little, and finds which limits moved with it.
#[test]
fn a_bound_that_is_another_keys_value_is_in_the_table() {
    let policy = Policy::parse(DEFAULT).unwrap();
    let mut bound: Vec<(String, Within)> = Vec::new();
    for (whole, value) in default_leaves() {
        let moved = match value {
            Value::Integer(number) => Value::Integer(number + 1),
            Value::Float(number) => Value::Float(number + 0.01),
            _ => continue,
        };
        let mut table: Table = toml::from_str(DEFAULT).unwrap();
        let mut names: Vec<&str> = whole.split('.').collect();
        let last = names.pop().unwrap();
        let mut inner = &mut table;
        for name in names {
            inner = inner[name].as_table_mut().unwrap();
        }
        inner.insert(last.to_owned(), moved);
        let after: Policy = table.try_into().unwrap();
        let other: &'static str = whole.leak();
        for (key, limits) in after.limits() {
            let least = |limits: Limits| match limits {
                Limits::Whole(min, _) => min.to_string(),
                Limits::Number(min, _) => min.to_string(),
            };
            let before = policy.limits()[key];
            if before == limits {
                continue;
            }
            let within = if least(before) == least(limits) {
                Within::UpTo(other)
            } else {
                Within::From(other)
            };
            bound.push((key.to_owned(), within));
        }
    }
    let mut known: Vec<(String, Within)> = Vec::new();
    for section in keys::sections() {
        let keys = section.keys.iter();
        let keys = keys.filter_map(|key| Some((section.join(key.name), key.within?)));
        known.extend(keys);
    }
    bound.sort_by(|one, other| one.0.cmp(&other.0));
    known.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(known, bound);
}

/// What may be left out is the same for the table and for the type.
#[test]
fn a_section_or_key_left_out_is_a_problem_exactly_where_the_policy_needs_it() {
    fn without(table: &Table, path: &str) -> Table {
        let mut table = table.clone();
        match path.split_once('.') {
            None => drop(table.remove(path)),
            Some((first, rest)) => {
                let inner = without(table[first].as_table().unwrap(), rest);
                table.insert(first.to_owned(), Value::Table(inner));
            }
        }
        table
    }
    let whole: Table = toml::from_str(DEFAULT).unwrap();
    let sections = keys::sections();
    let sections = sections.filter(|one| !one.path.is_empty());
    let paths: Vec<String> = sections.map(|one| one.path.to_owned()).collect();
    let keys = default_leaves().into_iter().map(|(key, _)| key);
    for path in paths.into_iter().chain(keys) {
        let text = toml::to_string(&without(&whole, &path)).unwrap();
        let (told, parsed) = (told(&text), Policy::parse(&text));
        assert_eq!(
            told.is_empty(),
            parsed.is_ok(),
            "{path}: {told:?} {parsed:?}"
        );
    }
}

/// What changes from the default to the default with texts replaced.
fn differs(changes: &[(&str, &str)]) -> Vec<String> {
    let before = Policy::parse(DEFAULT).unwrap();
    let after = Policy::parse(&changed(changes)).unwrap();
    let all = diff::changes(&before, &after).unwrap();
    all.iter().map(ToString::to_string).collect()
}

#[test]
fn two_policies_that_say_the_same_have_no_difference() {
    assert_eq!(differs(&[("# Regain's", "# Our")]), [""; 0]);
}

#[test]
fn a_difference_is_told_in_words_with_what_it_does() {
    let told = differs(&[
        ("version = 2", "version = 3"),
        ("days_to_finish = 14", "days_to_finish = 1"),
        (", \"video\"]", ", \"video\", \"screenshot\"]"),
        ("standard_hours = 24", "standard_hours = 48"),
        ("passkey_required = true", "passkey_required = false"),
        (
            "[\"login\", \"view_assets\", \"transfer_own\"]",
            "[\"login\", \"deposit\"]",
        ),
        ("time_zone = \"UTC\"", "time_zone = \"Europe/Lisbon\""),
        ("match_from = 0.5 ", "match_from = 0.55 "),
        ("hit_from = 0.592", "hit_from = 0.6"),
        ("set = \"2,138 news photos", "set = \"2,139 news photos"),
    ]);
    let expected = [
        "version: the version, which each case keeps rises from 2 to 3",
        "gathering.days_to_finish: the time to hand everything in, from opening and again after \
         each return falls from 14 to 1 day (stricter)",
        "gathering.required: the evidence that nobody may leave out: added \"screenshot\" \
         (stricter)",
        "cooling_off.standard_hours: the shortest wait rises from 24 to 48 hours (stricter)",
        "handover.passkey_required: whether a passkey must be bound changes from true to false \
         (looser)",
        "restrictions.cooling_off_allow: what an account may do during the wait: added \
         \"deposit\" (looser)",
        "restrictions.cooling_off_allow: what an account may do during the wait: removed \
         \"view_assets\", \"transfer_own\" (stricter)",
        "calendar.time_zone: the time zone in which a day begins changes from \"UTC\" to \
         \"Europe/Lisbon\"",
        "checks.face.match_from: the likeness (cosine) from which two faces are of one person \
         rises from 0.5 to 0.55 (stricter)",
        "checks.gallery.hit_from: the likeness (cosine) from which an earlier face is the same \
         person rises from 0.592 to 0.6 (looser)",
        "checks.evaluations: the evaluation \"reuse-hashes\" has other words",
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_section_that_one_policy_lacks_is_told_key_by_key() {
    let (before, after) = DEFAULT.split_once("[checks.gallery]").unwrap();
    let (_, after) = after.split_once("[[checks.evaluations]]").unwrap();
    let without = Policy::parse(&format!("{before}[[checks.evaluations]]{after}")).unwrap();
    let whole = Policy::parse(DEFAULT).unwrap();
    let words = |from: &Policy, to: &Policy| -> Vec<String> {
        let all = diff::changes(from, to).unwrap();
        all.into_iter().map(|change| change.words).collect()
    };
    let added = words(&without, &whole);
    assert_eq!(added.len(), 3, "{added:?}");
    assert_eq!(
        added[2],
        "how many faces the gallery may hold is new: 1000 faces"
    );
    let gone = words(&whole, &without);
    assert_eq!(
        gone[2],
        "how many faces the gallery may hold is gone; it was 1000 faces"
    );
}

/// Set this to write the documents instead of comparing them.
const BLESS: &str = "REGAIN_BLESS";

#[expect(
    clippy::disallowed_methods,
    reason = "a test takes this one switch from outside"
)]
fn is_fresh(name: &str, made: &str) {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference");
    let path = folder.join(name);
    if std::env::var_os(BLESS).is_some() {
        std::fs::write(&path, made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == made,
        "stale: run the tests of `recovery` with {BLESS}=1 and commit docs/reference/{name}"
    );
}

#[test]
fn the_reference_is_fresh() {
    is_fresh("policy.md", &reference::page().unwrap());
    is_fresh("policy.schema.json", &reference::schema().unwrap());
}

/// The part of JSON Schema that the policy's uses; says where a value does not fit.
fn misfit(schema: &Json, value: &Json, path: &str) -> Option<String> {
    let kind = match value {
        Json::Object(_) => "object",
        Json::Array(_) => "array",
        Json::String(_) => "string",
        Json::Bool(_) => "boolean",
        Json::Number(number) if number.is_f64() => "number",
        Json::Number(_) => "integer",
        Json::Null => "null",
    };
    let wanted = schema["type"].as_str().unwrap();
    if kind != wanted && !(kind == "integer" && wanted == "number") {
        return Some(format!("{path}: {kind}"));
    }
    if let Some(number) = value.as_f64() {
        let least = schema["minimum"]
            .as_f64()
            .is_some_and(|least| number < least);
        let most = schema["maximum"].as_f64().is_some_and(|most| number > most);
        if least || most {
            return Some(format!("{path}: {number}"));
        }
    }
    if let Some(all) = schema["enum"].as_array()
        && !all.contains(value)
    {
        return Some(format!("{path}: {value}"));
    }
    if let Some(list) = value.as_array() {
        let mut found = list.iter().map(|one| misfit(&schema["items"], one, path));
        return found.find_map(|one| one);
    }
    let object = value.as_object()?;
    let required = schema["required"].as_array().into_iter().flatten();
    let mut lacking = required.filter(|name| !object.contains_key(name.as_str().unwrap()));
    if let Some(name) = lacking.next() {
        return Some(format!("{path}: no {name}"));
    }
    if schema["additionalProperties"] == true {
        let mut numbers = object.iter().filter(|(_, points)| !points.is_number());
        return numbers.next().map(|(code, _)| format!("{path}: {code}"));
    }
    assert_eq!(schema["additionalProperties"], false, "{path}");
    object
        .iter()
        .find_map(|(name, inner)| match schema["properties"].get(name) {
            Some(part) => misfit(part, inner, &format!("{path}.{name}")),
            None => Some(format!("{path}: {name} is unknown")),
        })
}

#[test]
fn the_default_policy_fits_the_schema_and_mistakes_do_not() {
    let schema: Json = serde_json::from_str(&reference::schema().unwrap()).unwrap();
    let fits = |text: &str| {
        let table: Table = toml::from_str(text).unwrap();
        misfit(&schema, &serde_json::to_value(table).unwrap(), "")
    };
    assert_eq!(fits(DEFAULT), None);
    let (before, _) = DEFAULT.split_once("[checks.image]").unwrap();
    assert_eq!(fits(before), None, "a document without [checks]");
    for (from, to, misfit) in [
        (
            "standard_hours = 24",
            "standard_hours = 23",
            ".cooling_off.standard_hours: 23",
        ),
        (
            "match_from = 0.5 ",
            "match_from = \"x\" ",
            ".checks.face.match_from: string",
        ),
        (
            "lease_minutes = 120",
            "lease_minutes = 1.5",
            ".review.lease_minutes: number",
        ),
        ("phantom_days = 3", "", ".retention: no \"phantom_days\""),
        ("[veto]\n", "[veto]\nx = 1\n", ".veto: x is unknown"),
        (
            "after_the_wait = [\"exceptional\"]",
            "after_the_wait = [\"all\"]",
            ".handover.after_the_wait: \"all\"",
        ),
    ] {
        assert_eq!(fits(&changed(&[(from, to)])).as_deref(), Some(misfit));
    }
}
