//! Every missing field has its exact sentence.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use super::*;

fn demands() -> Demands {
    Demands {
        note_min: 40,
        ..Demands::default()
    }
}

fn fields(pairs: &[(&str, &str)]) -> Typed {
    let owned: Vec<(String, String)> = pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Typed::from_fields(&owned)
}

fn complaints(typed: &Typed, demands: &Demands) -> Vec<(&'static str, String)> {
    typed
        .check(demands)
        .unwrap_err()
        .into_iter()
        .map(|problem| (problem.field, problem.sentence))
        .collect()
}

const YES: [(&str, &str); 3] = [
    ("answer.records", "yes"),
    ("answer.person", "yes"),
    ("answer.trail", "yes"),
];

fn approval() -> Typed {
    fields(
        &[
            &YES[..],
            &[("decision", "approve"), ("code.approve", "ok.all")],
        ]
        .concat(),
    )
}

#[test]
fn an_empty_form_asks_for_a_decision_only() {
    let wanted = vec![("decision", "Choose a decision".to_owned())];
    assert_eq!(complaints(&fields(&[]), &demands()), wanted);
    assert_eq!(
        complaints(&fields(&[("decision", "open")]), &demands()),
        wanted
    );
}

#[test]
fn a_complete_approval_is_a_verdict() {
    let form = approval().check(&demands()).unwrap();
    assert_eq!(form.decision, Decision::Approve);
    assert_eq!(form.codes, ["ok.all"]);
    assert_eq!(form.answers, ["yes", "yes", "yes"]);
    assert!(form.exception.is_none() && form.items.is_empty());
}

#[test]
fn an_approval_says_every_missing_part() {
    let typed = fields(&[("decision", "approve")]);
    let strict = Demands {
        unanswered: vec![3, 5],
        exception: true,
        note_min: 40,
    };
    let wanted = vec![
        ("step", "Step 3 is not answered".to_owned()),
        ("step", "Step 5 is not answered".to_owned()),
        ("answers", ANSWER_ALL.to_owned()),
        ("codes", "Choose a reason".to_owned()),
        ("exception", CHOOSE_EXCEPTION.to_owned()),
    ];
    assert_eq!(complaints(&typed, &strict), wanted);
}

#[test]
fn an_approval_needs_three_times_yes() {
    let mut typed = approval();
    typed.answers[1] = "unsure".to_owned();
    assert_eq!(
        complaints(&typed, &demands()),
        vec![("answers", ALL_YES.to_owned())]
    );
    typed.answers[1] = "perhaps".to_owned();
    assert_eq!(
        complaints(&typed, &demands()),
        vec![("answers", ANSWER_ALL.to_owned())]
    );
}

#[test]
fn reasons_of_another_decision_do_not_count() {
    let form = [
        &YES[..],
        &[("decision", "approve"), ("code.reject", "no.region")],
    ]
    .concat();
    assert_eq!(
        complaints(&fields(&form), &demands()),
        vec![("codes", "Choose a reason".to_owned())]
    );
    let mut foreign = approval();
    foreign.codes = vec!["no.region".to_owned()];
    assert_eq!(
        complaints(&foreign, &demands()),
        vec![("codes", "Choose a reason".to_owned())]
    );
}

#[test]
fn a_refusal_needs_forty_characters_that_are_not_spaces() {
    let base = [
        &YES[..],
        &[("decision", "reject"), ("code.reject", "no.region")],
    ]
    .concat();
    let short = "x".repeat(39) + "    ";
    let with = |note: &str| fields(&[&base[..], &[("note", note)]].concat());
    let sentence = "Write at least 40 characters about what you saw".to_owned();
    assert_eq!(
        complaints(&with(&short), &demands()),
        vec![("note", sentence.clone())]
    );
    assert_eq!(
        complaints(&fields(&base), &demands()),
        vec![("note", sentence)]
    );
    assert!(with(&"é".repeat(40)).check(&demands()).is_ok());
    let long = "x".repeat(NOTE_CHARACTERS_MAX + 1);
    assert_eq!(
        complaints(&with(&long), &demands()),
        vec![("note", NOTE_TOO_LONG.to_owned())]
    );
}

#[test]
fn asking_again_needs_an_item_with_a_reason_that_fits_it() {
    let none = fields(&[("decision", "ask_again")]);
    assert_eq!(
        complaints(&none, &demands()),
        vec![("items", CHOOSE_ITEM.to_owned())]
    );
    let misfit = fields(&[("decision", "ask_again"), ("item.video", "id.glare")]);
    assert_eq!(
        complaints(&misfit, &demands()),
        vec![("items", CHOOSE_ITEM.to_owned())]
    );
    let good = fields(&[("decision", "ask_again"), ("item.id_front", "id.glare")]);
    let form = good.check(&demands()).unwrap();
    assert_eq!(
        form.items,
        vec![(EvidenceKind::IdFront, "id.glare".to_owned())]
    );
    assert_eq!(form.answers, ["unsure", "unsure", "unsure"]);
    assert_eq!(
        preview(&form.items),
        vec![("Front of the ID", "A shine hides part of the ID")]
    );
}

#[test]
fn giving_to_seniors_needs_only_a_reason() {
    let without = fields(&[("decision", "escalate")]);
    assert_eq!(
        complaints(&without, &demands()),
        vec![("codes", "Choose a reason".to_owned())]
    );
    let with = fields(&[("decision", "escalate"), ("code.escalate", "up.unsure")]);
    assert!(with.check(&demands()).is_ok());
}

#[test]
fn an_exception_counts_only_where_it_is_asked_for() {
    let mut typed = approval();
    typed.exception = Some("exception.no_camera".to_owned());
    assert!(typed.check(&demands()).unwrap().exception.is_none());
    let senior = Demands {
        exception: true,
        ..demands()
    };
    assert!(typed.check(&senior).unwrap().exception.is_some());
    typed.exception = Some("because".to_owned());
    assert_eq!(
        complaints(&typed, &senior),
        vec![("exception", CHOOSE_EXCEPTION.to_owned())]
    );
}

#[test]
fn the_confirm_page_carries_the_same_verdict() {
    let mut typed = approval();
    typed.note = "All fits".to_owned();
    let again = Typed::from_fields(&typed.to_fields());
    assert_eq!(format!("{again:?}"), format!("{typed:?}"));
}

#[test]
fn scripts_cannot_add_members() {
    let wrong = serde_json::from_str::<Typed>(r#"{"decision":"approve","force":true}"#);
    assert!(wrong.is_err());
    let right: Typed = serde_json::from_str(
        r#"{"decision":"ask_again","items":[{"kind":"video","code":"video.quiet"}]}"#,
    )
    .unwrap();
    assert!(right.check(&demands()).is_ok());
}
