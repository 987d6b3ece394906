//! The platform's memory of restrictions against a Regain that lies, breaks off, or is not there.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]
#![expect(
    clippy::disallowed_methods,
    reason = "a test's own server runs on its own task"
)]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use futures::StreamExt as _;
use platform::contract::{RestrictionEvent, RestrictionMode, RestrictionSet};
use platform::{
    AccountRef, ClientError, Clock, Incoming, RegainClient, Restrictions, SharedKey, SharedKeys,
    Timeouts, Timestamp, Verified, Verifier,
};

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

fn keys(byte: u8) -> SharedKeys {
    SharedKeys::new(SharedKey::new("k1", vec![byte; 32]).unwrap(), None).unwrap()
}

fn account(name: &str) -> AccountRef {
    AccountRef(name.to_owned())
}

fn set(version: u64, mode: RestrictionMode) -> RestrictionSet {
    RestrictionSet {
        version,
        mode,
        ..RestrictionSet::unrestricted()
    }
}

fn changed(change: u64, name: &str, mode: RestrictionMode) -> RestrictionEvent {
    RestrictionEvent::Changed {
        change,
        account: account(name),
        set: set(change, mode),
    }
}

/// One event as it goes over the wire: which place and text are signed, which are sent.
#[derive(Clone)]
struct Line {
    place: u64,
    event: RestrictionEvent,
    sent: RestrictionEvent,
}

fn lines(events: &[RestrictionEvent]) -> Vec<Line> {
    (0..)
        .zip(events)
        .map(|(place, event)| Line {
            place,
            event: event.clone(),
            sent: event.clone(),
        })
        .collect()
}

/// What stands in for Regain.
#[derive(Default)]
struct Script {
    /// One stream for each connection; the last one stays open and silent.
    streams: Mutex<Vec<Vec<Line>>>,
    /// What single accounts are answered; nothing is a broken connection.
    set: Mutex<Option<RestrictionSet>>,
    /// Calls about single accounts.
    asked: AtomicUsize,
    /// From where streams were asked.
    after: Mutex<Vec<String>>,
}

struct Server {
    script: Script,
    verifier: Verifier,
}

async fn serve_one(State(server): State<Arc<Server>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let path = parts.uri.path_and_query().unwrap().as_str();
    let header = |name: &str| parts.headers.get(name)?.to_str().ok();
    let incoming = Incoming::new(parts.method.as_str(), path, &body, header);
    let call = server.verifier.verify_read(&incoming, NOW).unwrap();
    if path.contains("/changes") {
        server.script.after.lock().unwrap().push(path.to_owned());
        return stream(&server, &call);
    }
    server.script.asked.fetch_add(1, Ordering::SeqCst);
    let known = server.script.set.lock().unwrap().clone();
    let Some(known) = known else {
        return Response::builder().status(500).body(Body::empty()).unwrap();
    };
    let tag = format!("\"{}\"", known.version);
    let (status, signed, sent) = if header("If-None-Match") == Some(&tag) {
        (304, tag.into_bytes(), Vec::new())
    } else {
        let body = serde_json::to_vec(&known).unwrap();
        (200, body.clone(), body)
    };
    answer(&server, &call, status, &signed, Body::from(sent))
}

fn answer(server: &Server, call: &Verified, status: u16, signed: &[u8], body: Body) -> Response {
    let mut answer = Response::builder().status(status);
    for (name, value) in server.verifier.sign_answer(call, status, signed) {
        answer = answer.header(name, value);
    }
    answer.body(body).unwrap()
}

fn stream(server: &Server, call: &Verified) -> Response {
    let mut streams = server.script.streams.lock().unwrap();
    let last = streams.len() == 1;
    let script = streams.remove(0);
    if last {
        streams.push(Vec::new());
    }
    let text: String = script
        .iter()
        .map(|line| {
            let signed = serde_json::to_string(&line.event).unwrap();
            let sent = serde_json::to_string(&line.sent).unwrap();
            let signature = server
                .verifier
                .sign_event(call, line.place, signed.as_bytes());
            format!("event: x\ndata: {signature}\ndata: {sent}\n\n")
        })
        .collect();
    let said = futures::stream::once(async { Ok::<_, std::io::Error>(Bytes::from(text)) });
    let open = said.chain(futures::stream::pending());
    let body = if last {
        Body::from_stream(open)
    } else {
        Body::from_stream(said_only(open))
    };
    answer(server, call, 200, b"", body)
}

/// The same, ended after its first piece.
fn said_only<T: Send>(
    stream: impl futures::Stream<Item = T> + Send,
) -> impl futures::Stream<Item = T> + Send {
    stream.take(1)
}

async fn start(
    streams: Vec<Vec<Line>>,
    set: Option<RestrictionSet>,
) -> (RegainClient, Arc<Server>) {
    let server = Arc::new(Server {
        script: Script {
            streams: Mutex::new(streams),
            set: Mutex::new(set),
            ..Script::default()
        },
        verifier: Verifier::new(keys(1)),
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(serve_one).with_state(server.clone());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let clock: Clock = Arc::new(|| NOW);
    let client = RegainClient::new(&base, keys(1), Timeouts::default(), clock).unwrap();
    (client, server)
}

/// Reads a stream to its end.
async fn read(client: &RegainClient) -> (Vec<RestrictionEvent>, ClientError) {
    let mut changes = client.restriction_changes(0).await.unwrap();
    let mut heard = Vec::new();
    loop {
        match changes.next().await {
            Ok(event) => heard.push(event),
            Err(error) => return (heard, error),
        }
    }
}

fn story() -> Vec<RestrictionEvent> {
    vec![
        changed(1, "a", RestrictionMode::Locked),
        changed(2, "b", RestrictionMode::Frozen),
        RestrictionEvent::Told { change: 2 },
    ]
}

#[tokio::test]
async fn a_stream_is_heard_as_it_was_said() {
    let ended = lines(&story());
    let (client, _) = start(vec![ended, Vec::new()], None).await;
    let (heard, error) = read(&client).await;
    assert_eq!(heard, story());
    assert_eq!(error, ClientError::Unreachable, "it ended");
}

#[tokio::test]
async fn what_somebody_between_does_to_a_stream_is_found() {
    let honest = lines(&story());
    let mut other = honest.clone();
    other[1].sent = changed(2, "b", RestrictionMode::None);
    let mut left_out = honest.clone();
    left_out.remove(1);
    let mut twice = honest.clone();
    twice.insert(1, honest[0].clone());
    let mut moved = honest.clone();
    moved.swap(0, 1);
    for (what, script, good) in [
        ("another text", other, 1),
        ("left out", left_out, 1),
        ("said twice", twice, 1),
        ("in another order", moved, 0),
    ] {
        let (client, _) = start(vec![script, Vec::new()], None).await;
        let (heard, error) = read(&client).await;
        assert_eq!(heard, story()[..good], "{what}");
        assert_eq!(error, ClientError::Unsigned { code: 200 }, "{what}");
    }
}

#[tokio::test]
async fn an_event_without_an_end_does_not_fill_the_memory() {
    let long = RestrictionEvent::Changed {
        change: 1,
        account: account(&"a".repeat(3 << 20)),
        set: set(1, RestrictionMode::Locked),
    };
    let (client, _) = start(vec![lines(&[long]), Vec::new()], None).await;
    let (heard, error) = read(&client).await;
    assert!(heard.is_empty());
    assert_eq!(error, ClientError::TooLarge);
}

/// Until the memory knows what the script said.
async fn until(restrictions: &Restrictions, name: &str, mode: RestrictionMode) {
    for _ in 0..200 {
        let word = restrictions.word(&account(name)).await;
        if word.is_ok_and(|word| word.set.mode == mode) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{name} is never {mode:?}");
}

#[tokio::test]
async fn whoever_follows_asks_nothing_and_goes_on_where_it_broke() {
    let later = vec![
        changed(3, "a", RestrictionMode::None),
        RestrictionEvent::Told { change: 3 },
    ];
    let (client, server) = start(vec![lines(&story()), lines(&later)], None).await;
    let restrictions = Restrictions::new(client);
    let following = restrictions.clone();
    let task = tokio::spawn(async move { following.follow(std::future::pending()).await });
    until(&restrictions, "a", RestrictionMode::None).await;
    assert!(restrictions.allows(&account("a"), "withdraw").await);
    assert!(!restrictions.allows(&account("b"), "withdraw").await);
    assert!(
        restrictions
            .allows(&account("never-named"), "withdraw")
            .await
    );
    let after = server.script.after.lock().unwrap().clone();
    assert!(after[0].ends_with("after=0"), "{after:?}");
    assert!(after[1].ends_with("after=2"), "{after:?}");
    task.abort();
}

#[tokio::test]
async fn without_a_stream_each_answer_is_used_again_while_it_is_young() {
    let (client, server) = start(Vec::new(), Some(set(4, RestrictionMode::Locked))).await;
    let restrictions = Restrictions::new(client).fresh_for(Duration::from_secs(3_600));
    let a = account("a");
    for _ in 0..5 {
        assert!(!restrictions.allows(&a, "withdraw").await);
    }
    let asked = server.script.asked.load(Ordering::SeqCst);
    assert_eq!(asked, 1, "one call for five questions");
    // Older than what is known: not in force, and not believed.
    *server.script.set.lock().unwrap() = Some(set(3, RestrictionMode::None));
    let restrictions = restrictions.fresh_for(Duration::ZERO);
    let word = restrictions.word(&a).await.unwrap();
    assert_eq!((word.set.version, word.fresh), (4, false));
    *server.script.set.lock().unwrap() = Some(set(5, RestrictionMode::None));
    assert!(restrictions.allows(&a, "withdraw").await);
}

#[tokio::test]
async fn when_regain_is_silent_the_last_word_counts_and_the_unheard_of_are_refused() {
    let (client, server) = start(Vec::new(), Some(set(4, RestrictionMode::CoolingOff))).await;
    let restrictions = Restrictions::new(client).fresh_for(Duration::ZERO);
    let (held, free) = (account("held"), account("free"));
    assert!(!restrictions.allows(&held, "withdraw").await);
    *server.script.set.lock().unwrap() = Some(RestrictionSet::unrestricted());
    assert!(restrictions.allows(&free, "withdraw").await);
    *server.script.set.lock().unwrap() = None;
    assert!(restrictions.allows(&free, "withdraw").await, "free it was");
    assert!(
        !restrictions.allows(&held, "login").await,
        "stricter by now?"
    );
    let unheard = restrictions.word(&account("unheard-of")).await;
    assert_eq!(unheard.unwrap_err(), ClientError::Unsigned { code: 500 });
    assert!(!restrictions.allows(&account("unheard-of"), "login").await);
}

#[tokio::test]
async fn unchanged_is_believed_only_for_the_version_it_was_said_of() {
    let (client, _) = start(Vec::new(), Some(set(7, RestrictionMode::Frozen))).await;
    let a = account("a");
    let same = client.restrictions_unless(&a, 7).await.unwrap();
    assert_eq!(same, None);
    let newer = client.restrictions_unless(&a, 6).await.unwrap();
    assert_eq!(newer.unwrap().version, 7);
}
