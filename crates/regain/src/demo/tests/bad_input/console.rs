//! Forms of the console with something missing: the words of UX.md D6, beside a case that stays.

use std::collections::BTreeSet;

use recovery::actor::Rank;
use reqwest::Method;
use serde_json::{Value, json};

use super::super::support::{Answer, As, Caller, Scene};
use crate::demo::seed::PEOPLE;
use crate::demo::walkthrough::applicant::{Applicant, Shows};

const STEPS: [(&str, &str); 6] = [
    ("real", "yes"),
    ("document", "yes"),
    ("person", "same"),
    ("words", "yes"),
    ("memory", "fits"),
    ("trail", "fits"),
];

type Fields = &'static [(&'static str, &'static str)];

const YES: [(&str, &str); 3] = [
    ("answer.records", "yes"),
    ("answer.person", "yes"),
    ("answer.trail", "yes"),
];

/// Fields beside three times yes (or not), the field spoken about, and the words.
const VERDICTS: [(bool, Fields, &str, &str); 9] = [
    (true, &[], "decision", "Choose a decision"),
    (
        true,
        &[("decision", "perhaps")],
        "decision",
        "Choose a decision",
    ),
    (true, &[("decision", "approve")], "codes", "Choose a reason"),
    (
        true,
        &[("decision", "approve"), ("code.approve", "no.region")],
        "codes",
        "Choose a reason",
    ),
    (
        false,
        &[("decision", "approve"), ("code.approve", "ok.all")],
        "answers",
        "Answer all three questions",
    ),
    (
        true,
        &[("decision", "ask_again")],
        "items",
        "Choose at least one part and what is wrong with it",
    ),
    (
        true,
        &[
            ("decision", "reject"),
            ("code.reject", "no.document_false"),
            ("note", "too short"),
        ],
        "note",
        "Write at least 40 characters about what you saw",
    ),
    (
        true,
        &[
            ("decision", "reject"),
            ("note", "it is not the person of the record at all"),
        ],
        "codes",
        "Choose a reason",
    ),
    (
        true,
        &[("decision", "escalate")],
        "codes",
        "Choose a reason",
    ),
];

fn says(answer: &Answer, field: &str, words: &str) {
    assert_eq!(answer.status, 422, "{words}: {}", answer.body);
    answer.is_page();
    let link = format!(".problems a[href=\"#{field}\"]");
    assert_eq!(answer.text_of(&link), words, "{}", answer.body);
    let place = answer.body.contains(&format!("id=\"{field}\""));
    assert!(place, "the summary leads to #{field}, which is not there");
}

/// A case that people look at.
async fn submitted(scene: &Scene) {
    let stage = scene.stage();
    let shows = Shows::drawn(21, 21);
    let email = "console.new@example.org";
    let mut applicant = Applicant::new(&stage, "ann", email, shows).unwrap();
    let [ann, ..] = &PEOPLE;
    applicant
        .opens_case("/?from=link", ann.email)
        .await
        .unwrap();
    applicant.sends().await.unwrap();
}

async fn answers_every_step(rita: &Caller, base: &str) {
    let path = format!("{base}/opinion");
    // The fourth before the first three.
    let early = rita
        .post_json(&path, &json!({ "step": "words", "answer": "yes" }))
        .await;
    assert_eq!((early.status, early.problem()), (409, "step_order".into()));
    for (step, answer) in STEPS {
        for wrong in ["", "maybe"] {
            let fields = [("step", step), ("answer", wrong)];
            let page = rita.post(As::Browser, &path, &fields).await;
            says(&page, "answer", "Choose what you see");
            let body = json!({ "step": step, "answer": wrong });
            let script = rita.post_json(&path, &body).await;
            assert_eq!((script.status, script.problem()), (422, "answer".into()));
        }
        let saved = rita
            .post_json(&path, &json!({ "step": step, "answer": answer }))
            .await;
        assert_eq!(saved.status, 200, "{step}: {}", saved.body);
    }
    let nothing = rita
        .post_json(&path, &json!({ "step": "seventh", "answer": "yes" }))
        .await;
    assert_eq!(nothing.status, 404);
}

async fn unknown_members_are_refused(rita: &Caller, base: &str) {
    let cases: [(&str, Value); 5] = [
        (
            "opinion",
            json!({ "step": "real", "answer": "yes", "force": 1 }),
        ),
        ("verdict", json!({ "decision": "approve", "force": true })),
        ("verdict", json!({ "decision": ["approve"] })),
        ("hand-back", json!({ "conflict": false, "why": "lunch" })),
        (
            "reveal",
            json!({ "field": "name", "reason": "contact", "all": 1 }),
        ),
    ];
    for (path, body) in cases {
        let answer = rita.post_json(&format!("{base}/{path}"), &body).await;
        assert_eq!(
            (answer.status, answer.problem()),
            (400, "malformed".into()),
            "{body}"
        );
        assert!(!answer.body.contains("lunch"), "a value is repeated");
    }
    let broken = rita
        .bare(&Method::POST, &format!("{base}/verdict"))
        .header("Accept", "application/json")
        .header("Content-Type", "application/json")
        .body("{\"decision\":");
    let broken = super::super::support::send(broken).await;
    assert_eq!((broken.status, broken.problem()), (400, "malformed".into()));
}

async fn every_verdict_needs_its_fields(rita: &Caller, base: &str) {
    let path = format!("{base}/verdict");
    for (answered, fields, field, words) in VERDICTS {
        let mut all = if answered { YES.to_vec() } else { Vec::new() };
        all.extend_from_slice(fields);
        for confirmed in [false, true] {
            if confirmed {
                all.push(("confirmed", "yes"));
            }
            let page = rita.post(As::Browser, &path, &all).await;
            says(&page, field, words);
        }
    }
    let script =
        json!({ "decision": "approve", "answers": ["yes", "yes", "no"], "codes": ["ok.all"] });
    let refused = rita.post_json(&path, &script).await;
    assert_eq!((refused.status, refused.problem()), (422, "verdict".into()));
    let errors = &refused.json()["errors"];
    assert_eq!(errors[0]["field"], "answers", "{errors}");
    let empty = rita.post_json(&path, &json!({})).await;
    assert_eq!(empty.json()["errors"][0]["sentence"], "Choose a decision");
}

async fn a_field_is_revealed_for_a_reason_only(rita: &Caller, base: &str) {
    let path = format!("{base}/reveal");
    let no_reason = [("field", "name"), ("step", "document")];
    let page = rita.post(As::Browser, &path, &no_reason).await;
    says(&page, "reason", "Choose why");
    let script = rita
        .post_json(&path, &json!({ "field": "name", "reason": "curious" }))
        .await;
    assert_eq!((script.status, script.problem()), (422, "reason".into()));
    let unknown = [("field", "password"), ("reason", "contact")];
    let nothing = rita.post(As::Script, &path, &unknown).await;
    assert_eq!(
        (nothing.status, nothing.problem()),
        (404, "not_found".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_form_of_the_console_says_what_is_missing() {
    let scene = Scene::start().await;
    submitted(&scene).await;
    let rita = scene.staff("Rita Reviewer", Rank::Reviewer).await;
    let omar = scene.staff("Omar Reviewer", Rank::Reviewer).await;
    let taken = rita.post_json("/console/take", &json!({})).await;
    let case = taken.json()["case"].as_str().unwrap().to_owned();
    let base = format!("/console/case/{case}");

    let early = YES
        .iter()
        .copied()
        .chain([("decision", "approve"), ("code.approve", "ok.all")]);
    let early: Vec<_> = early.collect();
    let page = rita
        .post(As::Browser, &format!("{base}/verdict"), &early)
        .await;
    assert_eq!(page.status, 422, "{}", page.body);
    assert!(
        page.text_of(".problems").contains("Step 1 is not answered"),
        "{}",
        page.body
    );

    answers_every_step(&rita, &base).await;
    let verdicts = |stored: super::super::support::Stored| {
        let (_, state) = stored.cases[&case].clone();
        (state, stored.objects)
    };
    let before = verdicts(scene.stored().await);
    every_verdict_needs_its_fields(&rita, &base).await;
    unknown_members_are_refused(&rita, &base).await;
    a_field_is_revealed_for_a_reason_only(&rita, &base).await;
    // Somebody who does not hold the case, and a form of another member's session.
    for path in ["verdict", "opinion", "reveal", "hand-back"] {
        let answer = omar
            .post(As::Script, &format!("{base}/{path}"), &early)
            .await;
        assert!(
            matches!(answer.status, 404 | 409 | 422),
            "{path}: {}",
            answer.status
        );
    }
    let mut other = early.clone();
    other.push(("form_token", omar.token.as_str()));
    other.rotate_right(1);
    let request = rita
        .bare(&Method::POST, &format!("{base}/verdict"))
        .header("Accept", "application/json")
        .form(&other);
    let foreign = super::super::support::send(request).await;
    assert_eq!(
        (foreign.status, foreign.problem()),
        (403, "old_form".into())
    );
    assert_eq!(
        verdicts(scene.stored().await),
        before,
        "a verdict was recorded"
    );
    // The case is still hers, and a whole verdict is taken.
    let whole = json!({
        "decision": "approve", "codes": ["ok.all"], "answers": ["yes", "yes", "yes"],
        "note": "Everything agrees.",
    });
    let recorded = rita.post_json(&format!("{base}/verdict"), &whole).await;
    assert_eq!(recorded.status, 200, "{}", recorded.body);
    let again = rita.post_json(&format!("{base}/verdict"), &whole).await;
    assert!(matches!(again.status, 404 | 409), "twice: {}", again.status);
    scene.end().await;
}

/// Forms of the console that are tried here, or whose calls `links` tries; the vote of a contested
/// case has its own test beside its page.
#[test]
fn every_form_of_the_console_is_tried() {
    let tried: BTreeSet<&str> = [
        "/console/enrol/{token}",
        "/console/enrol/{token}/options",
        "/console/sign-in",
        "/console/sign-in/options",
        "/console/sign-out",
        "/console/take",
        "/console/case/{case}/opinion",
        "/console/case/{case}/hand-back",
        "/console/case/{case}/verdict",
        "/console/case/{case}/reveal",
        "/console/contested/{case}",
        "/console/policy",
        "/console/securing",
        "/console/webhooks",
    ]
    .into();
    let forms: BTreeSet<&str> = web::routes::all()
        .filter(|route| route.methods.contains(&Method::POST))
        .map(|route| route.path)
        .filter(|path| path.starts_with("/console"))
        .collect();
    assert_eq!(forms, tried);
}
