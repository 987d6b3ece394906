//! A platform that answers with rubbish, hangs, leads elsewhere, or has no end: each is an exact
//! error, at once or when time is up, and with little in memory.
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

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use platform::contract::{RestrictionMode, RestrictionSet};
use platform::{
    AccountRef, ClientError, PlatformClient, SharedKey, SharedKeys, Timeouts, Timestamp,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);
/// More than an answer may have, and less than anybody would send to the end.
const FAR_TOO_MUCH: usize = 256 * 1024 * 1024;
const GB: usize = 1024 * 1024 * 1024;

/// What the socket does once it has read a request.
#[derive(Clone)]
enum Does {
    /// Says this and closes.
    Says(&'static str),
    /// Says this, with the headers of a signed answer, and closes.
    SaysAsIfSigned(&'static str),
    /// Says this, with those headers, and then nothing more.
    SaysAndHangs(&'static str),
    /// Nothing at all.
    Hangs,
    /// 1 GB, as if signed or not, with its length or in chunks.
    Gb { as_if_signed: bool, chunked: bool },
}

#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    sent: AtomicUsize,
}

fn keys() -> SharedKeys {
    SharedKeys::new(SharedKey::new("k1", vec![1; 32]).unwrap(), None).unwrap()
}

fn client(base: &str, total: Duration) -> PlatformClient {
    let timeouts = Timeouts {
        total,
        ..Timeouts::default()
    };
    PlatformClient::new(base, keys(), timeouts, Arc::new(|| NOW)).unwrap()
}

async fn listen(does: Does) -> (String, Arc<Seen>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let seen = Arc::new(Seen::default());
    let told = seen.clone();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            told.connections.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(answer(stream, does.clone(), told.clone()));
        }
    });
    (base, seen)
}

/// Reads a request and gives its nonce.
async fn nonce(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).await.unwrap_or(0) == 0 {
            break;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let named = |name: &str| {
        let line = head
            .lines()
            .find(|line| line.to_lowercase().starts_with(name));
        let value = line.and_then(|line| line.split_once(':'));
        value.map(|(_, value)| value.trim().to_owned())
    };
    // The body too: who closes with bytes unread breaks the connection off.
    let length = named("content-length:").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    named("regain-nonce:").unwrap_or_default()
}

fn signature(nonce: &str) -> String {
    format!("Regain-Key: k1\r\nRegain-Nonce: {nonce}\r\nRegain-Signature: AAAA\r\n")
}

async fn answer(mut stream: TcpStream, does: Does, seen: Arc<Seen>) {
    let nonce = nonce(&mut stream).await;
    let as_if_signed = |text: &str| text.replace("{signed}", &signature(&nonce));
    match does {
        Does::Says(text) => drop(stream.write_all(text.as_bytes()).await),
        Does::SaysAsIfSigned(text) => {
            drop(stream.write_all(as_if_signed(text).as_bytes()).await);
        }
        Does::SaysAndHangs(text) => {
            drop(stream.write_all(as_if_signed(text).as_bytes()).await);
            std::future::pending::<()>().await;
        }
        Does::Hangs => std::future::pending::<()>().await,
        Does::Gb {
            as_if_signed: signed,
            chunked,
        } => {
            let headers = if signed {
                signature(&nonce)
            } else {
                String::new()
            };
            let length = if chunked {
                "Transfer-Encoding: chunked".to_owned()
            } else {
                format!("Content-Length: {GB}")
            };
            let head = format!("HTTP/1.1 200 OK\r\n{headers}{length}\r\n\r\n");
            drop(stream.write_all(head.as_bytes()).await);
            let mut piece = Vec::new();
            if chunked {
                piece.extend_from_slice(b"10000\r\n");
            }
            piece.resize(piece.len() + 0x1_0000, b' ');
            if chunked {
                piece.extend_from_slice(b"\r\n");
            }
            for _ in 0..GB / 0x1_0000 {
                if stream.write_all(&piece).await.is_err() {
                    break;
                }
                seen.sent.fetch_add(piece.len(), Ordering::SeqCst);
            }
        }
    }
}

/// What a freeze comes to, which is what hangs on these errors.
async fn freeze(does: Does, total: Duration) -> (ClientError, Arc<Seen>) {
    let (base, seen) = listen(does).await;
    let set = RestrictionSet {
        version: 1,
        mode: RestrictionMode::Frozen,
        ..RestrictionSet::unrestricted()
    };
    let account = AccountRef("acc_1".to_owned());
    let answer = client(&base, total).restrict(&account, &set).await;
    (answer.unwrap_err(), seen)
}

const PATIENT: Duration = Duration::from_secs(30);
const HASTY: Duration = Duration::from_millis(200);

#[tokio::test]
async fn rubbish_is_never_an_acknowledgement() {
    let unsigned = ClientError::Unsigned { code: 200 };
    for (does, expected) in [
        (Does::Says("rubbish"), ClientError::Unreachable),
        (Does::Says(""), ClientError::Unreachable),
        (
            Does::Says("HTTP/1.1 200 OK\r\n\r\n<h1>It works!</h1>"),
            unsigned.clone(),
        ),
        (
            Does::Says("HTTP/1.1 200 OK\r\n\r\n{\"version\":1,\"acknowledged_at\":1}"),
            unsigned.clone(),
        ),
        (
            Does::SaysAsIfSigned("HTTP/1.1 200 OK\r\n{signed}\r\n{\"version\":1}"),
            unsigned.clone(),
        ),
        (
            Does::SaysAsIfSigned("HTTP/1.1 200 OK\r\n{signed}Content-Length: 99\r\n\r\n{"),
            ClientError::Unreachable,
        ),
    ] {
        let (error, seen) = freeze(does, PATIENT).await;
        assert_eq!(error, expected);
        assert_eq!(seen.connections.load(Ordering::SeqCst), 1, "asked once");
    }
    assert_eq!(
        unsigned.to_string(),
        "the answer (status 200) is not signed by the other side"
    );
}

#[tokio::test]
async fn who_hangs_is_late() {
    for does in [
        Does::Hangs,
        Does::SaysAndHangs("HTTP/1.1 200 OK\r\n"),
        Does::SaysAndHangs("HTTP/1.1 200 OK\r\n{signed}Content-Length: 99\r\n\r\n{"),
    ] {
        let (error, _) = freeze(does, HASTY).await;
        assert_eq!(error, ClientError::Timeout);
    }
    assert_eq!(
        ClientError::Timeout.to_string(),
        "the other side did not answer in time"
    );
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let (elsewhere, reached) = listen(Does::Says("HTTP/1.1 200 OK\r\n\r\n{}")).await;
    for code in [301, 302, 303, 307, 308] {
        let text = format!("HTTP/1.1 {code} Moved\r\nLocation: {elsewhere}/\r\n\r\n");
        let (error, _) = freeze(Does::Says(text.leak()), PATIENT).await;
        assert_eq!(error, ClientError::Unsigned { code });
    }
    assert_eq!(reached.connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_answer_without_end_is_left_off() {
    for chunked in [false, true] {
        for as_if_signed in [false, true] {
            let does = Does::Gb {
                as_if_signed,
                chunked,
            };
            let (error, seen) = freeze(does.clone(), PATIENT).await;
            let expected = if as_if_signed {
                ClientError::TooLarge
            } else {
                ClientError::Unsigned { code: 200 }
            };
            assert_eq!(error, expected);
            let sent = seen.sent.load(Ordering::SeqCst);
            assert!(sent < FAR_TOO_MUCH, "{sent} bytes were taken");
            let (base, seen) = listen(does).await;
            let account = AccountRef("acc_1".to_owned());
            let portrait = client(&base, PATIENT).portrait(&account).await;
            assert_eq!(portrait.unwrap_err(), expected, "16 MiB for a portrait");
            let sent = seen.sent.load(Ordering::SeqCst);
            assert!(sent < FAR_TOO_MUCH, "{sent} bytes were taken");
        }
    }
    assert_eq!(
        ClientError::TooLarge.to_string(),
        "the answer is longer than the contract allows"
    );
}
