//! Signed calls over real sockets: what a stranger, a meddler or a repeater gets.
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

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use platform::contract::{
    ChangeRequest, ResolveRequest, RestrictionMode, RestrictionSet, SecurityChangeKind, VetoHow,
    VetoRequest,
};
use platform::signature::{nonce_text, sign_request};
use platform::{
    AccountRef, ClientError, Clock, EntryTicket, Incoming, KeyError, PlatformClient, RegainClient,
    SharedKey, SharedKeys, Span, TicketError, Timeouts, Timestamp, Verifier, VerifyError,
    verify_ticket,
};

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

fn key(id: &str, byte: u8) -> SharedKey {
    SharedKey::new(id, vec![byte; 32]).unwrap()
}

fn keys(id: &str, byte: u8) -> SharedKeys {
    SharedKeys::new(key(id, byte), None).unwrap()
}

fn clock(now: Timestamp) -> Clock {
    Arc::new(move || now)
}

/// How the test's server answers.
#[derive(Clone, Copy)]
enum Answers {
    Honestly(u16, &'static str),
    OtherBody(&'static str),
    OtherStatus,
    Unsigned,
    Redirect,
    Huge,
    Never,
}

struct Server {
    verifier: Verifier,
    now: AtomicI64,
    answers: Answers,
    refusals: Mutex<Vec<VerifyError>>,
}

async fn serve_one(State(server): State<Arc<Server>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let path = parts.uri.path_and_query().unwrap().as_str();
    let incoming = Incoming::new(parts.method.as_str(), path, &body, |name| {
        parts
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
    });
    let now = Timestamp::from_millis(server.now.load(Ordering::SeqCst));
    let plain = |status: u16| Response::builder().status(status);
    let verified = match server.verifier.verify(&incoming, now) {
        Ok(verified) => verified,
        Err(error) => {
            server.refusals.lock().unwrap().push(error);
            return plain(401).body(Body::empty()).unwrap();
        }
    };
    let huge = " ".repeat((1 << 20) + 1);
    let (status, signed, sent) = match server.answers {
        Answers::Honestly(status, body) => (status, body, body),
        Answers::OtherBody(body) => (200, r#"{"account":"acc_1"}"#, body),
        Answers::OtherStatus => (404, "", ""),
        Answers::Unsigned => {
            return plain(200)
                .body(Body::from(r#"{"account":"acc_1"}"#))
                .unwrap();
        }
        Answers::Redirect => {
            return plain(307)
                .header("Location", "/elsewhere")
                .body(Body::empty())
                .unwrap();
        }
        Answers::Huge => (200, huge.as_str(), huge.as_str()),
        Answers::Never => std::future::pending().await,
    };
    let sent_status = if matches!(server.answers, Answers::OtherStatus) {
        200
    } else {
        status
    };
    let mut answer = plain(sent_status);
    for (name, value) in server
        .verifier
        .sign_answer(&verified, status, signed.as_bytes())
    {
        answer = answer.header(name, value);
    }
    answer.body(Body::from(sent.to_owned())).unwrap()
}

async fn start(keys: SharedKeys, answers: Answers) -> (String, Arc<Server>) {
    let server = Arc::new(Server {
        verifier: Verifier::new(keys),
        now: AtomicI64::new(NOW.millis()),
        answers,
        refusals: Mutex::default(),
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(serve_one).with_state(server.clone());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (base, server)
}

fn client(base: &str, keys: SharedKeys, now: Timestamp) -> PlatformClient {
    PlatformClient::new(base, keys, Timeouts::default(), clock(now)).unwrap()
}

fn who(text: &str) -> ResolveRequest {
    ResolveRequest {
        identifier: text.to_owned().into(),
    }
}

const FOUND: Answers = Answers::Honestly(200, r#"{"account":"acc_1"}"#);

#[tokio::test]
async fn a_signed_call_is_answered() {
    let (base, _) = start(keys("k1", 1), FOUND).await;
    let found = client(&base, keys("k1", 1), NOW)
        .resolve(&who("ann@example.org"))
        .await;
    assert_eq!(found, Ok(Some(AccountRef("acc_1".to_owned()))));
}

#[tokio::test]
async fn wrong_and_unknown_keys_are_refused() {
    let (base, server) = start(keys("k1", 1), FOUND).await;
    let wrong = client(&base, keys("k1", 2), NOW).resolve(&who("a")).await;
    let unknown = client(&base, keys("k9", 1), NOW).resolve(&who("a")).await;
    assert_eq!(wrong, Err(ClientError::Unsigned { code: 401 }));
    assert_eq!(unknown, Err(ClientError::Unsigned { code: 401 }));
    let refusals = server.refusals.lock().unwrap().clone();
    assert_eq!(
        refusals,
        [VerifyError::BadSignature, VerifyError::UnknownKey]
    );
}

#[tokio::test]
async fn clocks_may_differ_by_five_minutes() {
    let (base, server) = start(keys("k1", 1), FOUND).await;
    for (offset, fine) in [
        (Span::minutes(5), true),
        (Span::millis(300_001), false),
        (Span::minutes(-5), true),
        (Span::millis(-300_001), false),
    ] {
        let answer = client(&base, keys("k1", 1), NOW + offset)
            .resolve(&who("a"))
            .await;
        assert_eq!(answer.is_ok(), fine, "{offset:?}");
    }
    assert_eq!(
        *server.refusals.lock().unwrap(),
        [VerifyError::Stale, VerifyError::Stale]
    );
}

#[tokio::test]
async fn keys_rotate_without_a_gap() {
    let both = SharedKeys::new(key("k1", 1), Some(key("k2", 2))).unwrap();
    let (base, _) = start(both, FOUND).await;
    for pair in [keys("k1", 1), keys("k2", 2)] {
        assert!(client(&base, pair, NOW).resolve(&who("a")).await.is_ok());
    }
    let same = SharedKeys::new(key("k1", 1), Some(key("k1", 2)));
    assert_eq!(same.unwrap_err(), KeyError::SameId);
}

#[tokio::test]
async fn a_changed_answer_is_detected() {
    for answers in [
        Answers::OtherBody(r#"{"account":"acc_2"}"#),
        Answers::OtherStatus,
        Answers::Unsigned,
        Answers::Redirect,
    ] {
        let (base, _) = start(keys("k1", 1), answers).await;
        let answer = client(&base, keys("k1", 1), NOW).resolve(&who("a")).await;
        assert!(
            matches!(answer, Err(ClientError::Unsigned { .. })),
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn every_failure_has_its_kind() {
    let ask = async |answers| {
        let (base, _) = start(keys("k1", 1), answers).await;
        client(&base, keys("k1", 1), NOW).resolve(&who("a")).await
    };
    assert_eq!(ask(Answers::Huge).await, Err(ClientError::TooLarge));
    assert_eq!(
        ask(Answers::Honestly(200, "[")).await,
        Err(ClientError::Malformed)
    );
    let climbing = Answers::Honestly(200, r#"{"account":"../x"}"#);
    assert_eq!(ask(climbing).await, Err(ClientError::Malformed));
    let problem = r#"{"code":"unknown_account","title":"No","status":404}"#;
    let refused = ClientError::Status {
        code: 404,
        problem: Some("unknown_account".to_owned()),
    };
    assert_eq!(ask(Answers::Honestly(404, problem)).await, Err(refused));
    let loud = r#"{"code":"Ann Example","title":"No","status":500}"#;
    let quiet = ClientError::Status {
        code: 500,
        problem: None,
    };
    assert_eq!(ask(Answers::Honestly(500, loud)).await, Err(quiet));
}

#[tokio::test]
async fn nobody_there_and_nobody_answering_differ() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let gone = client(&base, keys("k1", 1), NOW).capabilities().await;
    assert_eq!(gone.unwrap_err(), ClientError::Unreachable);

    let (base, _) = start(keys("k1", 1), Answers::Never).await;
    let short = Timeouts {
        total: Duration::from_millis(200),
        ..Timeouts::default()
    };
    let client = PlatformClient::new(&base, keys("k1", 1), short, clock(NOW)).unwrap();
    assert_eq!(
        client.capabilities().await.unwrap_err(),
        ClientError::Timeout
    );
}

#[test]
fn plain_http_stays_on_this_machine() {
    for base in [
        "http://exchange.example",
        "ftp://127.0.0.1",
        "https://exchange.example/?a=b",
        "https://user@exchange.example",
        "nonsense",
    ] {
        let made = PlatformClient::new(base, keys("k1", 1), Timeouts::default(), clock(NOW));
        assert_eq!(made.unwrap_err(), ClientError::BadBaseUrl, "{base}");
    }
    for base in [
        "http://localhost:1",
        "http://127.0.0.1:1/",
        "http://[::1]:1",
    ] {
        PlatformClient::new(base, keys("k1", 1), Timeouts::default(), clock(NOW)).unwrap();
    }
}

#[tokio::test]
async fn a_reference_never_climbs_out_of_its_place() {
    let client = client("http://127.0.0.1:1", keys("k1", 1), NOW);
    for text in ["", "..", "a/b", "a?b", "a%2e", &"a".repeat(129)] {
        let answer = client.dossier(&AccountRef(text.to_owned())).await;
        assert_eq!(answer.unwrap_err(), ClientError::BadAccount, "{text}");
    }
}

#[tokio::test]
async fn an_acknowledgement_of_less_is_none() {
    let set = RestrictionSet {
        version: 7,
        mode: RestrictionMode::Locked,
        ..RestrictionSet::unrestricted()
    };
    let low = Answers::Honestly(200, r#"{"version":6,"acknowledged_at":1}"#);
    let (base, _) = start(keys("k1", 1), low).await;
    let account = AccountRef("acc_1".to_owned());
    let answer = client(&base, keys("k1", 1), NOW)
        .restrict(&account, &set)
        .await;
    assert_eq!(answer.unwrap_err(), ClientError::Malformed);
}

#[tokio::test]
async fn the_platform_stops_a_recovery_with_the_same_keys() {
    let (base, _) = start(keys("k1", 1), Answers::Honestly(200, r#"{"stopped":true}"#)).await;
    let client = RegainClient::new(&base, keys("k1", 1), Timeouts::default(), clock(NOW)).unwrap();
    let veto = VetoRequest {
        channel: "sign_in".to_owned(),
        how: VetoHow::SignedIn,
    };
    let answer = client
        .veto(&AccountRef("acc_1".to_owned()), &veto)
        .await
        .unwrap();
    assert!(answer.stopped);
}

#[tokio::test]
async fn the_platform_tells_changes_with_the_same_keys() {
    let (base, _) = start(keys("k1", 1), Answers::Honestly(200, r#"{"longer":true}"#)).await;
    let client = RegainClient::new(&base, keys("k1", 1), Timeouts::default(), clock(NOW)).unwrap();
    let change = ChangeRequest {
        kind: SecurityChangeKind::NewEmail,
        at: NOW,
        idempotency_key: "change-1".to_owned(),
    };
    let account = AccountRef("acc_1".to_owned());
    assert!(client.changed(&account, &change).await.unwrap().longer);
}

#[test]
fn a_change_of_a_kind_from_tomorrow_counts_as_another_one() {
    let text = r#"{"kind":"new_fingerprint","at":1,"idempotency_key":"k"}"#;
    let change: ChangeRequest = serde_json::from_str(text).unwrap();
    assert_eq!(change.kind, SecurityChangeKind::Other);
    let more = text.replace("\"at\"", "\"until\":1,\"at\"");
    assert!(serde_json::from_str::<ChangeRequest>(&more).is_err());
}

/// One signed request as a server sees it, with one part changed.
fn verify_changed(
    verifier: &Verifier,
    now: Timestamp,
    nonce: u8,
    change: impl Fn(&mut Incoming<'_>),
) -> Result<(), VerifyError> {
    let nonce = nonce_text([nonce; 16]);
    let headers = sign_request(&key("k1", 1), "PUT", "/a?b=c", b"body", NOW, &nonce);
    let mut incoming = Incoming::new("PUT", "/a?b=c", b"body", |name| {
        headers
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.as_str())
    });
    change(&mut incoming);
    verifier.verify(&incoming, now).map(|_| ())
}

#[test]
fn a_request_is_taken_once_and_only_as_it_was_signed() {
    let verifier = Verifier::new(keys("k1", 1));
    let bad = Err(VerifyError::BadSignature);
    assert_eq!(
        verify_changed(&verifier, NOW, 1, |r| r.method = "POST"),
        bad
    );
    assert_eq!(
        verify_changed(&verifier, NOW, 1, |r| r.path_and_query = "/a?b=d"),
        bad
    );
    assert_eq!(verify_changed(&verifier, NOW, 1, |r| r.body = b"bodY"), bad);
    assert_eq!(
        verify_changed(&verifier, NOW, 1, |r| r.time = Some("1790000000001")),
        bad
    );
    let other = nonce_text([9; 16]);
    let moved = verifier.verify(
        &Incoming {
            method: "PUT",
            path_and_query: "/a?b=c",
            body: b"body",
            key: Some("k1"),
            time: Some("1790000000000"),
            nonce: Some(&other),
            signature: Some("AAAA"),
        },
        NOW,
    );
    assert_eq!(moved.unwrap_err(), VerifyError::BadSignature);
    let unsigned = Err(VerifyError::Unsigned);
    assert_eq!(
        verify_changed(&verifier, NOW, 1, |r| r.signature = None),
        unsigned
    );
    assert_eq!(
        verify_changed(&verifier, NOW, 1, |r| r.nonce = Some("short")),
        unsigned
    );
    // None of these used the nonce up.
    assert_eq!(verify_changed(&verifier, NOW, 1, |_| ()), Ok(()));
    assert_eq!(
        verify_changed(&verifier, NOW, 1, |_| ()),
        Err(VerifyError::Replayed)
    );
    let late = NOW + Span::minutes(5);
    assert_eq!(
        verify_changed(&verifier, late, 1, |_| ()),
        Err(VerifyError::Replayed)
    );
    assert_eq!(verify_changed(&verifier, late, 2, |_| ()), Ok(()));
    let later = late + Span::millis(1);
    assert_eq!(
        verify_changed(&verifier, later, 1, |_| ()),
        Err(VerifyError::Stale)
    );
}

fn ticket() -> EntryTicket {
    EntryTicket {
        account: Some(AccountRef("acc_1".to_owned())),
        device: Some("device-7".to_owned().into()),
        issued_at: NOW,
        expires_at: NOW + Span::minutes(10),
        nonce: nonce_text([5; 16]),
    }
}

#[test]
fn an_entry_ticket_is_read_until_it_expires() {
    let text = ticket().sign(&key("k2", 2)).unwrap();
    let live = SharedKeys::new(key("k1", 1), Some(key("k2", 2))).unwrap();
    let read = verify_ticket(&text, &live, NOW + Span::millis(599_999)).unwrap();
    assert_eq!(read.account.unwrap().0, "acc_1");
    assert_eq!(read.device.unwrap().reveal(), "device-7");
    let late = verify_ticket(&text, &live, NOW + Span::minutes(10));
    assert_eq!(late.unwrap_err(), TicketError::Expired);
    let early = verify_ticket(&text, &live, NOW - Span::minutes(2));
    assert_eq!(early.unwrap_err(), TicketError::BadTimes);
}

#[test]
fn a_forged_ticket_is_nothing() {
    let text = ticket().sign(&key("k1", 1)).unwrap();
    let forged = verify_ticket(&text, &keys("k1", 3), NOW);
    assert_eq!(forged.unwrap_err(), TicketError::Forged);
    let (payload, signature) = text.split_once('.').unwrap();
    let mut other = ticket();
    other.account = Some(AccountRef("acc_2".to_owned()));
    let other = other.sign(&key("k1", 3)).unwrap();
    let mixed = format!("{}.{signature}", other.split_once('.').unwrap().0);
    assert_eq!(
        verify_ticket(&mixed, &keys("k1", 1), NOW).unwrap_err(),
        TicketError::Forged
    );
    for text in ["", ".", payload, "!.!", &"a".repeat(3000)] {
        assert!(verify_ticket(text, &keys("k1", 1), NOW).is_err(), "{text}");
    }
}

#[test]
fn a_ticket_lives_ten_minutes_at_most() {
    let mut long = ticket();
    long.expires_at = NOW + Span::minutes(10) + Span::millis(1);
    assert_eq!(long.sign(&key("k1", 1)).unwrap_err(), TicketError::BadTimes);
    let mut climbing = ticket();
    climbing.account = Some(AccountRef("../x".to_owned()));
    assert_eq!(
        climbing.sign(&key("k1", 1)).unwrap_err(),
        TicketError::Malformed
    );
}

#[test]
fn nothing_secret_is_printed() {
    let request = who("ann@example.org");
    let shown = format!("{request:?} {:?} {:?}", ticket(), keys("k1", 1));
    assert!(!shown.contains("ann@") && !shown.contains("device-7") && !shown.contains("[1, 1"));
}

#[test]
fn requests_refuse_unknown_fields_and_answers_tolerate_them() {
    let veto = r#"{"channel":"c","how":"signed_in","more":1}"#;
    assert!(serde_json::from_str::<VetoRequest>(veto).is_err());
    let answer = r#"{"stopped":true,"more":1}"#;
    assert!(
        serde_json::from_str::<platform::contract::VetoAnswer>(answer)
            .unwrap()
            .stopped
    );
}
