//! What the platform was asked to secure and did not, as operators see it.

use exchange::Fault;
use recovery::actor::Rank;
use recovery::case::Event;
use recovery::time::Span;
use serde_json::{Value, json};

use super::handover::{approved, finishes};
use super::numbers::{reading, value};
use super::support::{As, Caller, Scene};
use crate::demo::walkthrough::stage::POLLS_MAX;

const PAGE: &str = "/console/securing";
/// Longer than an urgent job rests after a failure.
const REST: Span = Span::seconds(61);
/// Failures after which the rest is the longest.
const TRIES: u64 = 8;

/// The actions that are not verified, once all of them are as wanted.
async fn all_are(
    scene: &Scene,
    staff: &Caller,
    wanted: impl Fn(&Value, i64) -> bool,
) -> Vec<Value> {
    let mut last = Value::Null;
    for _ in 0..POLLS_MAX {
        last = staff.get_as(As::Script, PAGE).await.json();
        let now = scene.world.engine.now().await.unwrap().millis();
        let open = last["securing"].as_array().unwrap();
        if open.iter().all(|one| wanted(one, now)) {
            return open.clone();
        }
        scene.stage().pause().await;
    }
    panic!("not all are: {last}");
}

/// How many the metrics count in a state.
async fn counted(scene: &Scene, state: &str) -> Option<f64> {
    let state = format!("state=\"{state}\"");
    let text = reading(scene).await;
    value(&text, "regain_securing_unverified", &[state.as_str()])
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_and_does_not_read_back_is_shown_until_it_does() {
    let scene = Scene::start().await;
    let stage = scene.stage();
    let mut sara = scene.staff("Sara Senior", Rank::Senior).await;
    let rita = scene.staff("Rita Reviewer", Rank::Reviewer).await;
    let empty = sara.get(PAGE).await;
    assert_eq!(empty.text_of("h1"), "Securing");
    assert!(
        empty.body.contains("was read back as done"),
        "{}",
        empty.body
    );
    assert_eq!(counted(&scene, "failed").await, Some(0.0));
    assert_eq!(scene.visitor().get(PAGE).await.status, 401);

    let mut ann = approved(&stage, "ann.new@example.org").await;
    let passkey = ann.begins_handover().await.unwrap();
    let codes = ann.adds_passkey(passkey).await.unwrap();
    ann.keeps_codes(codes).await.unwrap();
    scene.world.faults.set(Some(Fault::AcknowledgesSecuring));
    finishes(&mut ann).await;
    let mut open = Vec::new();
    for tries in 1..=TRIES {
        open = all_are(&scene, &sara, |one, now| {
            one["tries"].as_u64() >= Some(tries) && one["next_at"].as_i64() > Some(now)
        })
        .await;
        if tries < TRIES {
            scene.world.clock().advance(REST).await.unwrap();
        }
    }
    assert!(open.len() > 1, "{open:?}");
    for one in &open {
        assert_eq!(one["code"], ann.code);
        assert_eq!(
            (&one["state"], &one["failed"]),
            (&json!("acknowledged"), &json!(true))
        );
        assert!(
            one["acknowledged_at"].is_i64() && one["last_at"].is_i64(),
            "{one}"
        );
    }
    let failed = counted(&scene, "failed").await;
    assert_eq!(failed, Some(open.len() as f64));
    // The word of the platform is recorded once, however often it was asked, and no more than that.
    let history = stage.world.history(&ann.code).await.unwrap();
    for one in &open {
        let (mut said, mut read) = (0, 0);
        for recorded in &history {
            match &recorded.event {
                Event::SecuringAcknowledged { action, .. } if one["action"] == action.0 => {
                    said += 1
                }
                Event::SecuringVerified { action, .. } if one["action"] == action.0 => read += 1,
                _ => {}
            }
        }
        assert_eq!((said, read), (1, 0), "{one}");
    }

    let shown = rita.get(PAGE).await;
    assert!(shown.body.contains("! Acknowledged") && shown.body.contains(&ann.code));
    assert!(!shown.body.contains("Try again now"), "{}", shown.body);
    let job = open[0]["job"].as_str().unwrap();
    let refused = rita.post(As::Browser, PAGE, &[("job", job)]).await;
    assert_eq!(refused.status, 422);
    assert_eq!(
        refused.text_of("[role=alert]"),
        "Only seniors have it tried again"
    );
    for wrong in ["", "job_1", "job_01J00000000000000000000000"] {
        let answer = sara.post_json(PAGE, &json!({ "job": wrong })).await;
        assert_eq!(answer.status, 422, "{wrong}: {}", answer.body);
    }
    scene.world.faults.set(None);
    sara.renew(PAGE).await;
    let pressed = sara.post(As::Browser, PAGE, &[("job", job)]).await;
    assert_eq!(
        (pressed.status, pressed.header("location")),
        (303, "/console/securing?said=tried")
    );
    let left = all_are(&scene, &sara, |one, _| one["job"] != job).await;
    assert!(!left.is_empty(), "the others rest until their time");
    scene.world.clock().advance(REST).await.unwrap();
    all_are(&scene, &sara, |_, _| false).await;
    assert_eq!(counted(&scene, "failed").await, Some(0.0));
    scene.end().await;
}
