//! Stop codes on paper: made at the exchange or with a handover, and what they stop.

use engine::EngineError;
use recovery::id::AccountRef;
use recovery::time::Span;
use serde_json::{Value, json};

use super::handover::{approved, finishes};
use super::support::{As, Caller, Scene};
use crate::demo::seed::PEOPLE;
use crate::demo::walkthrough::browser::Browser;
use crate::demo::walkthrough::stage::{POLLS_MAX, Stage};

const EMAIL: &str = "ann.new@example.org";

/// The reference of a seeded account.
async fn account_of(scene: &Scene, code: &str) -> AccountRef {
    let id = scene.world.case_of(code).await.unwrap();
    let mut reader = scene.world.store.read().await.unwrap();
    reader
        .case_row(&id)
        .await
        .unwrap()
        .unwrap()
        .account_ref
        .unwrap()
}

/// Ann at the exchange, who asks for a code: status and code.
async fn asks(stage: &Stage<'_>, shop: &Browser, password: &str, totp: &str) -> (u16, String) {
    stage.passes_seconds(61).await.unwrap();
    let body = json!({ "password": password, "code": stage.digits(totp).unwrap() });
    let (status, answer) = shop
        .post_json("/security/stop-code", None, &body)
        .await
        .unwrap();
    let code = answer
        .get("code")
        .and_then(Value::as_str)
        .unwrap_or_default();
    (status.as_u16(), code.to_owned())
}

/// What somebody without a session meets who types a code in.
#[derive(Debug, PartialEq, Eq)]
enum Met {
    Unknown,
    Nothing,
    Asked,
}

async fn types(scene: &Scene, code: &str) -> (Caller, Met) {
    let holder = scene.visitor().with_token_of("/stop").await;
    let page = holder.post(As::Browser, "/stop", &[("code", code)]).await;
    let met = if page.body.contains("That code does not fit") {
        Met::Unknown
    } else if page.text_of("h1") == "There is nothing to stop" {
        Met::Nothing
    } else {
        assert!(page.body.contains("Request of "), "{}", page.body);
        Met::Asked
    };
    (holder, met)
}

/// The heading after the answer to "Did you ask to recover this account?".
async fn answers(holder: &Caller, code: &str, answer: &str) -> String {
    let fields = [("code", code), ("answer", answer)];
    let page = holder.post(As::Browser, "/stop/answer", &fields).await;
    page.text_of("h1")
}

async fn state_of(scene: &Scene, code: &str) -> String {
    let id = scene.world.case_of(code).await.unwrap();
    let mut reader = scene.world.store.read().await.unwrap();
    reader.case_row(&id).await.unwrap().unwrap().state
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_from_the_exchange_stops_every_recovery_and_needs_more_than_a_session() {
    let scene = Scene::start().await;
    let stage = scene.stage();
    let [ann, ..] = &PEOPLE;
    let shop = Browser::new(&scene.world.exchange).unwrap();
    let (status, _) = asks(&stage, &shop, ann.password, ann.totp).await;
    assert_eq!(status, 401, "nobody is signed in");
    stage.passes_seconds(61).await.unwrap();
    let digits = stage.digits(ann.totp).unwrap();
    let credentials = json!({
        "identifier": ann.user_name, "password": ann.password, "code": digits,
    });
    let (status, _) = shop.post_json("/login", None, &credentials).await.unwrap();
    assert!(status.is_success());
    // Whoever found the browser open gets none.
    assert_eq!(asks(&stage, &shop, "not it, not it", ann.totp).await.0, 401);
    let (_, first) = asks(&stage, &shop, ann.password, ann.totp).await;
    let (_, code) = asks(&stage, &shop, ann.password, ann.totp).await;
    assert_eq!(code.len(), 24, "{code}");
    assert_ne!(first, code);
    assert_eq!(types(&scene, &first).await.1, Met::Unknown, "replaced");
    assert_eq!(types(&scene, &code).await.1, Met::Nothing);

    let impostor = approved(&stage, "eve@example.org").await;
    let another = scene.applicant(9, ann.email, "mallory@example.org").await;
    let account = account_of(&scene, &impostor.code).await;
    let refused = scene.world.engine.platform_veto_code(&account).await;
    let late = matches!(
        refused,
        Err(EngineError::Input {
            code: "under_recovery",
            ..
        })
    );
    assert!(late, "{refused:?}");
    // As people copy it: small, with other separators.
    let typed = code.to_lowercase().replace('-', " ");
    let (holder, met) = types(&scene, &typed).await;
    assert_eq!(met, Met::Asked);
    assert_eq!(state_of(&scene, &impostor.code).await, "cooling_off");
    assert_eq!(answers(&holder, &code, "no").await, "Stopped");
    for stopped in [&impostor.code, &another.code] {
        let state = state_of(&scene, stopped).await;
        assert!(["stopped", "blocked"].contains(&state.as_str()), "{state}");
    }
    // Once more changes nothing, and says the same.
    assert_eq!(answers(&holder, &code, "no").await, "Stopped");
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_of_a_handover_stops_others_and_outlives_the_older_ones() {
    let scene = Scene::start().await;
    let stage = scene.stage();
    let engine = &scene.world.engine;
    let [ann, ..] = &PEOPLE;
    let party = scene.applicant(9, ann.email, "first@example.org").await;
    let account = account_of(&scene, &party.code).await;
    engine.withdraw(&party.case).await.unwrap();
    let paper = engine.platform_veto_code(&account).await.unwrap().code;
    let mut applicant = approved(&stage, EMAIL).await;
    let passkey = applicant.begins_handover().await.unwrap();
    let page = applicant.adds_passkey(passkey).await.unwrap();
    let code = page.text_of("#stop-code").unwrap();
    assert_eq!(code.len(), 24, "{code}");
    applicant.keeps_codes(page).await.unwrap();
    // Never against the request that made it; what its holder has on paper stays good meanwhile.
    assert_eq!(types(&scene, &code).await.1, Met::Nothing);
    assert_eq!(types(&scene, paper.reveal()).await.1, Met::Asked);
    finishes(&mut applicant).await;
    stage.passes(Span::hours(73), "the wait").await.unwrap();
    applicant.status_after_time("Waiting period").await.unwrap();
    stage
        .passes(Span::days(8), "the veto window")
        .await
        .unwrap();
    for _ in 0..POLLS_MAX {
        let id = stage.world.case_of(&applicant.code).await.unwrap();
        let row = stage.world.store.read().await.unwrap().case_row(&id).await;
        if !row.unwrap().unwrap().holds_approval {
            break;
        }
        stage.pause().await;
    }
    assert_eq!(types(&scene, paper.reveal()).await.1, Met::Unknown);
    let rival = scene.applicant(10, EMAIL, "eve@example.org").await;
    let (holder, _) = types(&scene, &code).await;
    assert_eq!(answers(&holder, &code, "unsure").await, "Stopped");
    let state = state_of(&scene, &rival.code).await;
    assert!(["stopped", "blocked"].contains(&state.as_str()), "{state}");
    scene.end().await;
}
