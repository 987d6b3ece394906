//! Somebody on this machine is told of a case: everything once, again after a crash, later after a
//! failure, and again when a senior wants it.

use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use engine::{SCHEDULE, WebhookEndpoint};
use notify::webhook::{WebhookConfig, WebhookSecret, WebhookSender};
use platform::hooks::WebhookEvent;
use recovery::actor::Rank;
use recovery::case::State;
use recovery::sensitive::Sensitive;
use recovery::time::Span;
use serde_json::json;
use standardwebhooks::Webhook;
use tokio::net::TcpListener;
use url::Url;

use super::support::{As, Caller, Scene};
use crate::demo::seed::{PEOPLE, STAFF};
use crate::demo::walkthrough::applicant::{Applicant, Shows};
use crate::demo::walkthrough::reviewer::Reviewer;
use crate::demo::walkthrough::stage::POLLS_MAX;

const PAGE: &str = "/console/webhooks";
/// A status that stands for no answer at all.
const SILENT: u16 = 0;

/// Who is told; every event was verified by the specification's own library.
#[derive(Clone)]
struct Listener {
    port: u16,
    status: Arc<AtomicU16>,
    seen: Arc<Mutex<Vec<WebhookEvent>>>,
    texts: Arc<Mutex<Vec<String>>>,
}

fn secret() -> Sensitive<String> {
    WebhookSecret::text_of(&Sensitive::new([9; 32]))
}

fn endpoint_at(url: &str) -> WebhookEndpoint {
    let networks = ["127.0.0.0/8", "::1/128"];
    let config = WebhookConfig {
        name: "books".to_owned(),
        url: Url::parse(url).unwrap(),
        secrets: vec![WebhookSecret::parse(&secret()).unwrap()],
        allow_networks: networks.map(|text| text.parse().unwrap()).to_vec(),
    };
    WebhookEndpoint {
        sender: WebhookSender::new(config).unwrap(),
        events: Vec::new(),
    }
}

/// An endpoint that nobody will ever be found at (RFC 6761).
pub(super) fn nowhere() -> WebhookEndpoint {
    endpoint_at("https://hook.invalid/")
}

async fn hear(Shared(own): Shared<Listener>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let key = Webhook::new(secret().reveal()).unwrap();
    if key.verify(&body, &headers).is_err() {
        return StatusCode::UNAUTHORIZED;
    }
    let event: WebhookEvent = serde_json::from_slice(&body).unwrap();
    assert_eq!(headers["webhook-id"], event.id.as_str());
    let text = String::from_utf8(body.to_vec()).unwrap();
    own.texts.lock().unwrap().push(text);
    own.seen.lock().unwrap().push(event);
    match own.status.load(Ordering::SeqCst) {
        SILENT => std::future::pending().await,
        status => StatusCode::from_u16(status).unwrap(),
    }
}

impl Listener {
    async fn start(status: u16) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = Self {
            port: socket.local_addr().unwrap().port(),
            status: Arc::new(AtomicU16::new(status)),
            seen: Arc::default(),
            texts: Arc::default(),
        };
        let router = Router::new()
            .route("/hook", post(hear))
            .with_state(own.clone());
        // Ends with the test's runtime.
        tokio::spawn(async move { axum::serve(socket, router).await });
        own
    }

    fn endpoint(&self) -> WebhookEndpoint {
        endpoint_at(&format!("http://localhost:{}/hook", self.port))
    }

    fn answers(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    fn seen(&self) -> Vec<WebhookEvent> {
        self.seen.lock().unwrap().clone()
    }

    /// Until so many came.
    async fn until(&self, scene: &Scene, count: usize) {
        for _ in 0..POLLS_MAX {
            if self.seen().len() >= count {
                return;
            }
            scene.stage().pause().await;
        }
        panic!("{} came, not {count}", self.seen().len());
    }
}

async fn scene_with(listener: &Listener) -> Scene {
    let folder = tempfile::tempdir().unwrap();
    Scene::start_with(folder, None, vec![listener.endpoint()]).await
}

/// Until the newest webhook is in this state after so many tries.
async fn newest_is(scene: &Scene, state: store::WebhookState, tries: u32) {
    let mut last = None;
    for _ in 0..POLLS_MAX {
        let mut reader = scene.world.store.read().await.unwrap();
        let newest = reader.newest_webhooks().await.unwrap();
        drop(reader);
        if newest
            .first()
            .is_some_and(|one| one.state == state && one.attempts == tries)
        {
            return;
        }
        last = newest.into_iter().next();
        scene.stage().pause().await;
    }
    panic!("not {state:?} after {tries}: {last:?}");
}

async fn is_in(scene: &Scene, code: &str, wanted: State) {
    let case = scene.world.case_of(code).await.unwrap();
    for _ in 0..POLLS_MAX {
        let view = scene.world.engine.applicant_view(&case).await.unwrap();
        if view.state == wanted {
            return;
        }
        scene.stage().pause().await;
    }
    panic!("the case does not come to {wanted:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_told_from_its_opening_to_its_end_each_event_once() {
    let listener = Listener::start(204).await;
    let scene = scene_with(&listener).await;
    let stage = scene.stage();
    let mut staff = Vec::new();
    for (place, (name, rank)) in STAFF.into_iter().enumerate() {
        let place = u8::try_from(place).unwrap();
        staff.push(Reviewer::enrols(&stage, name, rank, place).await.unwrap());
    }
    let shows = Shows::drawn(3, 5);
    let mut ann = Applicant::new(&stage, "ann", "ann.new@example.org", shows).unwrap();
    let entry = "/?from=link";
    ann.opens_case(entry, PEOPLE[0].email).await.unwrap();
    ann.sends().await.unwrap();
    for reviewer in &staff[1..3] {
        let case = reviewer.takes_next().await.unwrap().unwrap();
        reviewer.approves(&case).await.unwrap();
    }
    is_in(&scene, &ann.code, State::CoolingOff).await;
    // Opened, submitted, in review, locked, approved, and the wait.
    listener.until(&scene, 6).await;
    let case = scene.world.case_of(&ann.code).await.unwrap();
    scene.world.engine.withdraw(&case).await.unwrap();
    listener.until(&scene, 7).await;
    scene.settle().await;

    let mut seen = listener.seen();
    let sequence = |event: &WebhookEvent| event.data.as_ref().unwrap().sequence;
    seen.sort_by_key(sequence);
    let kinds: Vec<&str> = seen.iter().map(|event| event.kind.as_str()).collect();
    let expected = [
        "case.opened",
        "case.submitted",
        "case.in_review",
        "case.locked",
        "case.approved",
        "case.wait_started",
        "case.closed",
    ];
    assert_eq!(kinds, expected, "each once");
    let accounts: Vec<&str> = seen
        .iter()
        .map(|event| event.data.as_ref().unwrap().account.as_str())
        .collect();
    assert!(accounts.iter().all(|account| *account == accounts[0]));
    let last = seen.last().unwrap().data.clone().unwrap();
    assert_eq!(last.case, case.as_str());
    assert_eq!(last.state, "withdrawn");
    assert_eq!(last.pathway.as_deref(), Some("remote"));
    for text in listener.texts.lock().unwrap().iter() {
        assert!(text.len() < 1_000, "{text}");
        for private in [
            PEOPLE[0].email,
            PEOPLE[0].name,
            "ann.new",
            ann.code.as_str(),
        ] {
            assert!(!text.contains(private), "{private}: {text}");
        }
    }
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_while_telling_tells_once_more() {
    let listener = Listener::start(SILENT).await;
    let scene = scene_with(&listener).await;
    scene.applicant(1, PEOPLE[0].email, "a@example.org").await;
    listener.until(&scene, 1).await;
    // Everything stops while the answer is awaited; another process goes on.
    let Scene { world, folder } = scene;
    world.end().await;
    listener.answers(200);
    let scene = Scene::start_with(folder, None, vec![listener.endpoint()]).await;
    scene.world.clock().advance(Span::minutes(3)).await.unwrap();
    listener.until(&scene, 2).await;
    newest_is(&scene, store::WebhookState::Delivered, 1).await;
    let seen = listener.seen();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0], seen[1], "the same identifier and words");
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_endpoint_is_tried_on_the_schedule_and_a_senior_sends_again() {
    let listener = Listener::start(500).await;
    let scene = scene_with(&listener).await;
    scene.applicant(1, PEOPLE[0].email, "a@example.org").await;
    for (tries, delay) in (1_u32..).zip(SCHEDULE) {
        let more = Span::millis(delay.as_millis() / 10);
        scene.world.clock().advance(delay + more).await.unwrap();
        let state = if tries == 10 {
            store::WebhookState::GivenUp
        } else {
            store::WebhookState::Waiting
        };
        newest_is(&scene, state, tries).await;
    }
    assert_eq!(listener.seen().len(), SCHEDULE.len());

    let rita = scene.staff("Rita Reviewer", Rank::Reviewer).await;
    let page = rita.get(PAGE).await;
    assert_eq!(page.text_of("h1"), "Webhooks");
    assert!(page.body.contains("! Given up") && page.body.contains("case.opened"));
    assert!(page.body.contains("Only seniors send webhooks again."));
    let id = listener.seen()[0].id.clone();
    let refused = rita.post(As::Browser, PAGE, &[("webhook", &id)]).await;
    assert_eq!(refused.status, 422);
    let words = "Only seniors send webhooks again";
    assert_eq!(refused.text_of("[role=alert]"), words);
    assert_eq!(scene.visitor().get(PAGE).await.status, 401);

    let mut sara = scene.staff("Sara Senior", Rank::Senior).await;
    for (field, value, words) in [
        ("webhook", "msg_1", "There is no such webhook"),
        ("since", "yesterday", "Enter a day, such as 2026-11-24"),
        ("since", "", "Enter a day, such as 2026-11-24"),
        ("since", "-009999-01-02", "Enter a day, such as 2026-11-24"),
        (
            "webhook",
            "msg_01J00000000000000000000000",
            "That webhook waits already, or is not kept any more.",
        ),
    ] {
        sara.renew(PAGE).await;
        let answer = sara.post(As::Browser, PAGE, &[(field, value)]).await;
        assert_eq!(answer.status, 422, "{value}");
        assert_eq!(answer.text_of("[role=alert]"), words, "{value}");
    }
    listener.answers(200);
    assert_eq!(says(&mut sara, "since", "2999-01-01").await, "nothing");
    assert_eq!(says(&mut sara, "since", "2020-01-01").await, "again");
    newest_is(&scene, store::WebhookState::Delivered, 1).await;
    assert_eq!(says(&mut sara, "webhook", &id).await, "again");
    listener.until(&scene, SCHEDULE.len() + 2).await;
    newest_is(&scene, store::WebhookState::Delivered, 1).await;
    let unknown = sara.post_json(PAGE, &json!({ "all": true })).await;
    assert_eq!(unknown.status, 400);
    let none = sara
        .post_json(PAGE, &json!({ "since": "2020-01-01" }))
        .await;
    assert_eq!(none.json()["webhooks"], 0);
    let document = sara.get_as(As::Script, PAGE).await.json();
    let counts = &document["endpoints"][0]["counts"];
    assert_eq!(counts["delivered"], 1);
    assert_eq!(counts["given_up"], 0);
    assert_eq!(document["webhooks"][0]["id"], id);
    let all = listener.seen();
    assert!(
        all.iter().all(|event| *event == all[0]),
        "one event, always"
    );
    scene.end().await;
}

/// Presses a button of the page; says the word of where it led.
async fn says(caller: &mut Caller, field: &str, value: &str) -> String {
    caller.renew(PAGE).await;
    let answer = caller.post(As::Browser, PAGE, &[(field, value)]).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let to = answer.header("location").to_owned();
    to.rsplit('=').next().unwrap().to_owned()
}
