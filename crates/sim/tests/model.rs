//! The model file: what ships is whole, what is wrong is told where and in words.

#![allow(clippy::unwrap_used, missing_docs)]

use recovery::policy::{DEFAULT, Policy};
use sim::{DEFAULT_MODEL, Model};

fn told(text: &str) -> String {
    Model::parse(text).unwrap_err().to_string()
}

#[test]
fn the_model_that_ships_is_whole_and_gives_every_parameter_a_reason() {
    let model = Model::shipped().unwrap();
    assert!(model.parameters().len() > 150);
    for (path, one) in model.parameters() {
        assert!(one.why.len() >= 5, "{path}: {}", one.why);
    }
    assert_eq!(Model::parse("").unwrap(), model);
    assert_eq!(Model::parse(DEFAULT_MODEL).unwrap(), model);
}

#[test]
fn figures_of_the_evaluation_are_those_that_the_page_names() {
    let page = include_str!("../../../docs/reference/evaluation.md");
    for figure in [
        "2.0e-5 (at most 2.5e-5) and 7.24 %",
        "1.1e-3 and 1.30 %",
        "3.17 % (19 of 600",
        "1.17 % (7 of 600",
        "by score and timing 0.03 %",
        "FNMR 9.9 % of 222 at 0.50 and 3.2 % at 0.34",
        "1,421 of 2,138 news photos",
        "35 fully valid",
        "a clean specimen called shiny | 58 retakes and 2 unsure of 60; 7 of 60",
        "a sharp specimen asked again | 55 and 60 of 60; 2 of 60",
        "either | 209 of 2,282,685 | 9.2e-5",
    ] {
        assert!(
            page.contains(figure),
            "evaluation.md no longer says {figure}"
        );
    }
    let model = Model::shipped().unwrap();
    let is = |path: &str, value: f64| {
        let found = model.parameters().get(path).unwrap().value;
        assert!((found - value).abs() < 1e-9, "{path}: {found}");
    };
    is("honest.face_unsure", 0.0724 - 0.0130);
    is("honest.face_fail", 0.0130);
    is("honest.phrase_unsure", 0.0317);
    is("honest.words_retake", 0.0117);
    is("honest.photo_retake", 9.0 / 60.0);
    is("attacker.face_unsure", 1.1e-3 - 2.0e-5);
    is("attacks.replay.phrase_unsure", 1.0 - 0.0003);
}

#[test]
fn a_file_that_is_wrong_is_told_where_and_how() {
    assert_eq!(
        told("[honest]\nface_fial = { value = 0.1, why = \"x\" }")
            .split("; known")
            .next(),
        Some("honest.face_fial: nothing is called that")
    );
    assert_eq!(
        told("[people]"),
        "people: nothing is called that; known here: honest, groups, attacker, attacks, reviewers, \
         holder, time"
    );
    assert_eq!(
        told("[groups.tall]\nshare = { value = 0.1, why = \"x\" }"),
        "groups.tall: nothing is called that; known here: ordinary, clear, blurry, forgetful, \
         travelling, new_phone, changed_looks"
    );
    assert_eq!(
        told("[honest]\nface_fail = { value = 1.5, why = \"x\" }"),
        "honest.face_fail: 1.5 is out of range; use 0 to 1"
    );
    assert_eq!(
        told("[honest]\nface_fail = { value = nan, why = \"x\" }"),
        "honest.face_fail: NaN is out of range; use 0 to 1"
    );
    assert_eq!(
        told("[honest]\nface_fail = 0.1"),
        "honest.face_fail: write { value = NUMBER, why = \"REASON\" }"
    );
    assert_eq!(
        told("[honest]\nface_fail = { value = 0.1, why = \" \" }"),
        "honest.face_fail: say why, in 1 to 400 characters"
    );
    assert_eq!(
        told("[honest]\nface_fail = { value = 0.95, why = \"x\" }"),
        "groups.ordinary: face_unsure, face_fail are outcomes of one draw and together above 1"
    );
    assert!(told("[honest").starts_with("TOML parse error"));
}

#[test]
fn honest_people_bribe_nobody_and_somebody_must_be_drawn() {
    assert!(told("[honest]\nbribed = { value = 1.0, why = \"x\" }").contains("honest.bribed"));
    let none: String = sim::GROUPS
        .iter()
        .map(|name| format!("[groups.{name}]\nshare = {{ value = 0.0, why = \"x\" }}\n"))
        .collect();
    assert_eq!(told(&none), "groups: the shares add up to nothing");
}

#[test]
fn a_policy_without_a_quorum_is_refused_as_everywhere() {
    let alone = DEFAULT.replace("standard = 2\n", "standard = 1\n");
    assert_ne!(alone, DEFAULT);
    assert_eq!(
        Policy::parse(&alone).unwrap_err().to_string(),
        "quorum.standard: 1 is out of range; use 2 to 5"
    );
}
