//! The report in its three forms.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

mod common;

use common::{line, ran, settings, with};
use sim::{Model, Report, Settings, SimError, html, json, simulate, text};

fn report() -> Report {
    let settings = Settings {
        sensitivity: 2,
        ..settings(1, 400)
    };
    ran(&settings, &Model::shipped().unwrap())
}

#[test]
fn json_parses_and_has_what_the_text_has() {
    let report = report();
    let value: serde_json::Value = serde_json::from_str(&json::render(&report).unwrap()).unwrap();
    assert_eq!(value["seed"], 1);
    assert_eq!(value["groups"][0]["name"], "ordinary");
    assert_eq!(value["attacks"][7]["name"], "colluding_pair");
    assert_eq!(value["goals"].as_array().unwrap().len(), 2);
    assert!(value["groups"][0]["success"]["low"].is_number());
    let text = text::render(&report);
    assert!(text.contains("This is a model."));
    assert!(text.find("This is a model.") < text.find("Goals"));
    assert!(text.lines().all(|line| line.trim_end() == line), "{text}");
}

#[test]
fn the_page_has_no_script_and_fetches_nothing() {
    let page = html::render(&report());
    for forbidden in [
        "<script",
        "javascript:",
        "http:",
        "https:",
        "//",
        "src=",
        "href=",
        "url(",
        "@import",
        "<link",
        "<img",
        "<iframe",
        " on",
    ] {
        let found = page.find(forbidden).filter(|place| {
            // " on" is looked for as an attribute only.
            forbidden != " on" || page[*place..].starts_with(" onload")
        });
        assert_eq!(found, None, "{forbidden}");
    }
    for needed in [
        "<meta name=\"viewport\"",
        "prefers-color-scheme: dark",
        "<svg",
        "This is a model.",
        "<caption>",
        "scope=\"row\"",
    ] {
        assert!(page.contains(needed), "{needed}");
    }
    let (model, goals) = (page.find("This is a model."), page.find("<h2>Goals"));
    let table = page.find("<h2>Honest people");
    assert!(model < goals && goals < table);
    for tag in [
        "table", "tr", "td", "svg", "div", "section", "ul", "li", "text", "p",
    ] {
        let opened =
            page.matches(&format!("<{tag}>")).count() + page.matches(&format!("<{tag} ")).count();
        assert_eq!(opened, page.matches(&format!("</{tag}>")).count(), "{tag}");
    }
}

#[test]
fn what_is_not_as_it_ships_is_told() {
    let report = with(1, 50, &format!("[time]\n{}", line("answer_hours", 5.0)));
    let changed = vec![("time.answer_hours".to_owned(), 5.0)];
    assert_eq!(report.changed_parameters, changed);
    assert!(text::render(&report).contains("  time.answer_hours = 5\n"));
    assert!(html::render(&report).contains("time.answer_hours"));
}

#[test]
fn the_sensitivity_is_sorted_by_effect_and_leaves_shares_out() {
    // Reviewers who err so often that something moves among few.
    let mut model = "[reviewers]\n".to_owned();
    for key in [
        "wrong_approve_doubt",
        "wrong_approve_against",
        "wrong_refuse_doubt",
    ] {
        model.push_str(&line(key, 0.5));
    }
    let settings = Settings {
        sensitivity: 8,
        ..settings(1, 40)
    };
    let report = ran(&settings, &Model::parse(&model).unwrap());
    let effects: Vec<f64> = report
        .sensitivity_success
        .iter()
        .map(|row| row.moves_success())
        .collect();
    assert!(!effects.is_empty() && effects.iter().rev().is_sorted());
    let effects: Vec<_> = report
        .sensitivity_takeovers
        .iter()
        .map(|row| row.moves_takeovers())
        .collect();
    assert!(!effects.is_empty() && effects.iter().rev().is_sorted());
    let all = report
        .sensitivity_success
        .iter()
        .chain(&report.sensitivity_takeovers);
    for row in all {
        assert!(!row.path.ends_with(".share"), "{}", row.path);
    }
}

#[test]
fn numbers_out_of_range_are_refused() {
    let policy = recovery::policy::Policy::parse(recovery::policy::DEFAULT).unwrap();
    let model = Model::shipped().unwrap();
    let none = simulate(&settings(1, 0), &policy, &model, &|_, _| {});
    assert!(matches!(none, Err(SimError::Applicants)));
    let more = Settings {
        sensitivity: 11,
        ..settings(1, 10)
    };
    let more = simulate(&more, &policy, &model, &|_, _| {});
    assert!(matches!(more, Err(SimError::Sensitivity)));
}
