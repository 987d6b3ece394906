//! Webhooks: told with the events, tried on the schedule, given up, sent again.

#![allow(clippy::panic, clippy::disallowed_methods)]

use std::sync::Mutex;

use notify::webhook::{WebhookConfig, WebhookSecret, WebhookSender};
use recovery::case::News;
use store::{Webhook, WebhookState};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;
use crate::webhooks::{Again, SCHEDULE, send_again};

const OK: &str = "HTTP/1.1 204 No Content\r\n\r\n";
const BROKEN: &str = "HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n";
const SILENCE: &str = "";

/// Somebody on this machine who takes webhooks, and answers in a way that can be changed.
#[derive(Clone)]
struct Receiver {
    port: u16,
    answer: Arc<Mutex<String>>,
    /// What came, head and body.
    seen: Arc<Mutex<Vec<String>>>,
    came: Arc<tokio::sync::Notify>,
}

impl Receiver {
    async fn start(answer: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let receiver = Self {
            port: listener.local_addr().unwrap().port(),
            answer: Arc::new(Mutex::new(answer.to_owned())),
            seen: Arc::default(),
            came: Arc::default(),
        };
        let own = receiver.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let own = own.clone();
                tokio::spawn(async move { own.serve(stream).await });
            }
        });
        receiver
    }

    async fn serve(self, mut stream: tokio::net::TcpStream) {
        let mut bytes = Vec::new();
        let mut piece = [0; 4096];
        // The body is JSON: it ends with the last brace that was opened.
        while !bytes.ends_with(b"}") {
            let read = stream.read(&mut piece).await.unwrap();
            bytes.extend_from_slice(&piece[..read]);
        }
        self.seen
            .lock()
            .unwrap()
            .push(String::from_utf8(bytes).unwrap());
        self.came.notify_one();
        let answer = self.answer.lock().unwrap().clone();
        if answer == SILENCE {
            std::future::pending::<()>().await;
        }
        let _ = stream.write_all(answer.as_bytes()).await;
    }

    fn answers(&self, answer: &str) {
        answer.clone_into(&mut self.answer.lock().unwrap());
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    /// The identifiers that came, in order.
    fn ids(&self) -> Vec<String> {
        let seen = self.seen();
        let id = |text: &String| {
            let head = text.lines().find(|line| line.starts_with("webhook-id: "));
            head.unwrap()["webhook-id: ".len()..].to_owned()
        };
        seen.iter().map(id).collect()
    }

    fn endpoint(&self, name: &str, events: &[News]) -> WebhookEndpoint {
        let secret = WebhookSecret::text_of(&Sensitive::new([7; 32]));
        let config = WebhookConfig {
            name: name.to_owned(),
            url: Url::parse(&format!("http://127.0.0.1:{}/", self.port)).unwrap(),
            secrets: vec![WebhookSecret::parse(&secret).unwrap()],
            allow_networks: vec!["127.0.0.0/8".parse().unwrap()],
        };
        WebhookEndpoint {
            sender: WebhookSender::new(config).unwrap(),
            events: events.to_vec(),
        }
    }
}

async fn telling(webhooks: Vec<WebhookEndpoint>) -> (Engine, TempDir) {
    let policy = recovery::policy::DEFAULT.to_owned();
    engine_telling(policy, Sources::none(), webhooks).await
}

async fn all(engine: &Engine) -> Vec<Webhook> {
    let mut reader = engine.0.store.read().await.unwrap();
    reader.newest_webhooks().await.unwrap()
}

async fn later(engine: &Engine, by: Span) {
    engine.0.store.advance_demo_clock(by).await.unwrap();
}

#[tokio::test]
async fn events_are_told_to_who_wants_them_without_a_person_in_them() {
    let receiver = Receiver::start(OK).await;
    let some = receiver.endpoint("some", &[News::Closed]);
    let (engine, _folder) = telling(vec![receiver.endpoint("all", &[]), some]).await;
    let case = about(&engine, "ann.secret@example.com", Some("acct_1")).await;
    engine.withdraw(&case).await.unwrap();
    about(&engine, "nobody@example.com", None).await;
    let mut told: Vec<_> = all(&engine)
        .await
        .into_iter()
        .map(|webhook| (webhook.endpoint, webhook.kind, webhook.case_id))
        .collect();
    told.sort();
    let one = |endpoint: &str, kind: &str| (endpoint.into(), kind.into(), Some(case.clone()));
    let expected: [(String, String, Option<CaseId>); 3] = [
        one("all", "case.closed"),
        one("all", "case.opened"),
        one("some", "case.closed"),
    ];
    assert_eq!(told, expected, "nothing of the case without an account");

    assert_eq!(engine.send_due_webhooks().await.unwrap(), 3);
    assert_eq!(engine.send_due_webhooks().await.unwrap(), 0);
    let seen = receiver.seen();
    let opened = seen.iter().find(|text| text.contains("case.opened"));
    let (_, body) = opened.unwrap().split_once("\r\n\r\n").unwrap();
    let document: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(document["type"], "case.opened");
    let data = &document["data"];
    assert_eq!(data["case"], case.as_str());
    assert_eq!(data["account"], "acct_1");
    assert_eq!(data["state"], "gathering");
    assert!(data["pathway"].is_null() && data["policy_version"].is_u64());
    assert_eq!(data.as_object().unwrap().len(), 6);
    let code = code_of(&engine, &case).await;
    for text in seen {
        for private in ["ann.secret", "example.com\"", code.as_str(), "192.0.2.7"] {
            assert!(!text.contains(private), "{private}: {text}");
        }
    }
}

#[tokio::test]
async fn tries_follow_the_schedule_under_one_identifier_and_end() {
    let receiver = Receiver::start(BROKEN).await;
    let (engine, _folder) = telling(vec![receiver.endpoint("books", &[])]).await;
    about(&engine, "ann@example.com", Some("acct_1")).await;
    for (tries, delay) in (0_u32..).zip(SCHEDULE) {
        // Before its time nothing is sent.
        if delay > Span::ZERO {
            let half = Span::millis(delay.as_millis() / 2);
            later(&engine, half).await;
            assert_eq!(engine.send_due_webhooks().await.unwrap(), 0, "{tries}");
            let jitter = Span::millis(delay.as_millis() / 10);
            later(&engine, half + jitter).await;
        }
        assert_eq!(engine.send_due_webhooks().await.unwrap(), 1, "{tries}");
        let webhook = all(&engine).await.remove(0);
        assert_eq!(webhook.attempts, tries + 1);
        assert_eq!(webhook.last_answer.as_deref(), Some("500"));
        let last = usize::try_from(tries).unwrap() + 1 == SCHEDULE.len();
        let state = if last {
            WebhookState::GivenUp
        } else {
            WebhookState::Waiting
        };
        assert_eq!(webhook.state, state);
    }
    later(&engine, Span::days(3)).await;
    assert_eq!(engine.send_due_webhooks().await.unwrap(), 0, "it is over");
    let ids = receiver.ids();
    assert_eq!(ids.len(), SCHEDULE.len());
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");

    receiver.answers(OK);
    let id = all(&engine).await.remove(0).id;
    let store = &engine.0.store;
    assert_eq!(send_again(store, &Again::One(id.clone())).await.unwrap(), 1);
    let twice = send_again(store, &Again::One(id)).await;
    assert!(matches!(twice, Err(EngineError::NotFound)));
    assert_eq!(engine.send_due_webhooks().await.unwrap(), 1);
    let webhook = all(&engine).await.remove(0);
    assert_eq!(webhook.state, WebhookState::Delivered);
    assert_eq!(receiver.ids().pop().as_ref(), Some(&ids[0]));
}

#[tokio::test]
async fn an_endpoint_that_asks_for_a_pause_gets_it() {
    let busy = "HTTP/1.1 429 Busy\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n";
    let receiver = Receiver::start(busy).await;
    let (engine, _folder) = telling(vec![receiver.endpoint("books", &[])]).await;
    about(&engine, "ann@example.com", Some("acct_1")).await;
    assert_eq!(engine.send_due_webhooks().await.unwrap(), 1);
    later(&engine, Span::minutes(59)).await;
    assert_eq!(engine.send_due_webhooks().await.unwrap(), 0);
    receiver.answers(OK);
    later(&engine, Span::minutes(1)).await;
    assert_eq!(engine.send_due_webhooks().await.unwrap(), 1);
    assert_eq!(all(&engine).await[0].state, WebhookState::Delivered);
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_off_until_somebody_sends_again() {
    let receiver = Receiver::start("HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n").await;
    let (engine, _folder) = telling(vec![receiver.endpoint("books", &[])]).await;
    let case = about(&engine, "ann@example.com", Some("acct_1")).await;
    assert_eq!(engine.send_due_webhooks().await.unwrap(), 1);
    engine.withdraw(&case).await.unwrap();
    let states: Vec<_> = all(&engine).await.iter().map(|one| one.state).collect();
    assert_eq!(states, [WebhookState::Disabled; 2]);
    later(&engine, Span::days(1)).await;
    assert_eq!(engine.send_due_webhooks().await.unwrap(), 0);
    let (member, _) = engine
        .add_staff("Sam", recovery::actor::Rank::Senior)
        .await
        .unwrap();
    let view = engine.webhooks_view(&member).await.unwrap();
    assert!(view.endpoints[0].disabled_at.is_some());
    assert_eq!(view.endpoints[0].counts, [0, 0, 0, 2]);

    receiver.answers(OK);
    let since = Again::Since(Timestamp::from_millis(0));
    let sent = engine.send_webhooks_again(&member, &since).await;
    assert_eq!(sent.unwrap(), 2);
    assert_eq!(engine.send_due_webhooks().await.unwrap(), 2);
    let view = engine.webhooks_view(&member).await.unwrap();
    assert!(view.endpoints[0].disabled_at.is_none());
    assert_eq!(view.endpoints[0].counts, [0, 2, 0, 0]);
}

#[tokio::test]
async fn a_dead_endpoint_holds_up_no_other() {
    let (dead, alive) = (Receiver::start(SILENCE).await, Receiver::start(OK).await);
    let endpoints = vec![dead.endpoint("dead", &[]), alive.endpoint("alive", &[])];
    let (engine, _folder) = telling(endpoints).await;
    for number in 0..8 {
        let name = format!("ann{number}@example.com");
        about(&engine, &name, Some(&format!("acct_{number}"))).await;
    }
    let all_came = async {
        while alive.seen().len() < 8 {
            alive.came.notified().await;
        }
    };
    // The dead one is waited for 20 seconds; this ends as soon as the other has everything.
    tokio::select! {
        () = engine.send_webhooks_until(std::future::pending::<()>()) => panic!("it ended"),
        () = all_came => {}
    }
    assert!(dead.seen().len() <= 4, "no more than are sent at once");
}

#[tokio::test]
async fn a_crash_while_sending_sends_once_more_and_loses_nothing() {
    let receiver = Receiver::start(SILENCE).await;
    let (engine, _folder) = telling(vec![receiver.endpoint("books", &[])]).await;
    about(&engine, "ann@example.com", Some("acct_1")).await;
    tokio::select! {
        _ = engine.send_due_webhooks() => panic!("nobody answered"),
        () = receiver.came.notified() => {}
    }
    receiver.answers(OK);
    assert_eq!(engine.send_due_webhooks().await.unwrap(), 0, "it is leased");
    later(&engine, Span::minutes(2)).await;
    assert_eq!(engine.send_due_webhooks().await.unwrap(), 1);
    let ids = receiver.ids();
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], ids[1]);
    assert_eq!(all(&engine).await[0].state, WebhookState::Delivered);
}

#[tokio::test]
async fn reviewers_look_and_seniors_send_again() {
    let receiver = Receiver::start(OK).await;
    let (engine, _folder) = telling(vec![receiver.endpoint("books", &[])]).await;
    about(&engine, "ann@example.com", Some("acct_1")).await;
    engine.send_due_webhooks().await.unwrap();
    let rank = recovery::actor::Rank::Reviewer;
    let (member, _) = engine.add_staff("Rita", rank).await.unwrap();
    let view = engine.webhooks_view(&member).await.unwrap();
    assert!(!view.may_send && view.webhooks.len() == 1);
    let one = Again::One(view.webhooks[0].id.clone());
    let refused = engine.send_webhooks_again(&member, &one).await;
    assert!(matches!(
        refused,
        Err(EngineError::Input {
            code: "not_senior",
            ..
        })
    ));
    assert_eq!(all(&engine).await[0].state, WebhookState::Delivered);
}
