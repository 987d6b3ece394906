#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods
)]

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;
use recovery::id::MessageId;
use recovery::sensitive::Sensitive;
use recovery::time::{Span, Timestamp};
use serde_json::Value;
use standardwebhooks::Webhook;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use url::Url;

use super::secret::signatures;
use super::*;

/// Somebody who takes webhooks on this machine.
struct Receiver {
    at: SocketAddr,
    seen: Arc<Mutex<Vec<(HeaderMap, String)>>>,
}

impl Receiver {
    /// Answers every request with these bytes; with none, it never answers.
    async fn start(answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let seen = Arc::default();
        let kept: Arc<Mutex<Vec<(HeaderMap, String)>>> = Arc::clone(&seen);
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let request = read_request(&mut stream).await;
                kept.lock().unwrap().push(request);
                if answer.is_empty() {
                    std::future::pending::<()>().await;
                }
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        Self { at, seen }
    }

    fn url(&self) -> Url {
        self.named("127.0.0.1")
    }

    fn named(&self, host: &str) -> Url {
        Url::parse(&format!("http://{host}:{}/hook", self.at.port())).unwrap()
    }

    fn seen(&self) -> Vec<(HeaderMap, String)> {
        self.seen.lock().unwrap().clone()
    }
}

async fn read_request(stream: &mut tokio::net::TcpStream) -> (HeaderMap, String) {
    let mut bytes = Vec::new();
    let mut piece = [0; 1024];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let headers: HeaderMap = head
                .lines()
                .skip(1)
                .map(|line| line.split_once(": ").unwrap())
                .map(|(name, value)| {
                    let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
                    (name, HeaderValue::from_str(value).unwrap())
                })
                .collect();
            let length: usize = headers["content-length"].to_str().unwrap().parse().unwrap();
            if body.len() >= length {
                return (headers, body.to_owned());
            }
        }
        let read = stream.read(&mut piece).await.unwrap();
        assert!(read > 0, "the sender hung up");
        bytes.extend_from_slice(&piece[..read]);
    }
}

fn secret_text(seed: u8) -> String {
    let text = WebhookSecret::text_of(&Sensitive::new([seed; 32]));
    text.reveal().clone()
}

fn secret(seed: u8) -> WebhookSecret {
    WebhookSecret::parse(&Sensitive::new(secret_text(seed))).unwrap()
}

fn config(url: Url, allow: &[&str]) -> WebhookConfig {
    WebhookConfig {
        name: "books".to_owned(),
        url,
        secrets: vec![secret(1), secret(2)],
        allow_networks: allow.iter().map(|text| text.parse().unwrap()).collect(),
    }
}

fn loopback(url: Url) -> WebhookConfig {
    config(url, &["127.0.0.0/8"])
}

fn now() -> Timestamp {
    Timestamp::from_millis(jiff::Timestamp::now().as_millisecond())
}

fn id() -> MessageId {
    MessageId::new(
        Timestamp::from_millis(7),
        &mut ChaCha8Rng::seed_from_u64(11),
    )
}

/// What one sending to a receiver that answers so came to.
async fn answered(bytes: &'static str) -> Answer {
    let receiver = Receiver::start(bytes).await;
    let sender = WebhookSender::new(loopback(receiver.url())).unwrap();
    sender.send(&id(), now(), "{}").await
}

/// A lookup that gives these addresses one after the other, the last one for ever.
fn lookup(answers: &[&[&str]]) -> (Lookup, Arc<AtomicUsize>) {
    let answers: Vec<Vec<SocketAddr>> = answers
        .iter()
        .map(|each| {
            each.iter()
                .map(|ip| SocketAddr::new(ip.parse().unwrap(), 0))
        })
        .map(Iterator::collect)
        .collect();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let look: Lookup = Arc::new(move |_name| {
        let turn = count.fetch_add(1, Ordering::SeqCst).min(answers.len() - 1);
        let answer = answers[turn].clone();
        Box::pin(async move { Ok(answer) })
    });
    (look, asked)
}

#[test]
fn the_specifications_vectors_are_signed_as_it_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let root = std::env::var_os("REGAIN_SHARED").map_or(root, PathBuf::from);
    let path = root.join("testdata/webhooks/vectors.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("skipped: no shared testdata/webhooks/vectors.json");
        return;
    };
    let vectors: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert!(!vectors.is_empty());
    for vector in vectors {
        let text = |key: &str| vector[key].as_str().unwrap().to_owned();
        let secret = WebhookSecret::parse(&Sensitive::new(text("secret_prefixed"))).unwrap();
        let seconds = vector["timestamp"].as_i64().unwrap();
        let signed = signatures(&[secret], &text("msg_id"), seconds, &text("payload"));
        assert_eq!(signed, Some(text("expected_signature")));
    }
}

#[test]
fn a_secret_is_24_to_64_bytes_and_is_not_shown() {
    let parse = |length: usize| {
        let body = data_encoding::BASE64.encode(&vec![7; length]);
        WebhookSecret::parse(&Sensitive::new(format!("whsec_{body}")))
    };
    for (length, good) in [(23, false), (24, true), (64, true), (65, false), (0, false)] {
        assert_eq!(parse(length).is_ok(), good, "{length}");
    }
    for bad in ["whsec_", "whsec_!!", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", ""] {
        assert!(WebhookSecret::parse(&Sensitive::new(bad.to_owned())).is_err());
    }
    let shown = format!("{:?}", secret(1));
    assert_eq!(shown, "WebhookSecret([redacted])");
}

#[tokio::test]
async fn every_live_secret_verifies_what_arrives_and_no_edit_or_old_secret_does() {
    let receiver = Receiver::start("HTTP/1.1 204 No Content\r\n\r\n").await;
    let sender = WebhookSender::new(loopback(receiver.url())).unwrap();
    let test = WebhookEvent::test(&id(), "https://recover.example/", Timestamp::from_millis(0))
        .body()
        .unwrap();
    assert_eq!(sender.send(&id(), now(), &test).await, Answer::Taken(204));
    let seen = receiver.seen();
    let (headers, body) = &seen[0];
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(headers["webhook-id"], id().as_str());
    assert_eq!(*body, test);
    let verifies = |seed: u8, headers: &HeaderMap, body: &[u8]| {
        let key = Webhook::new(&secret_text(seed)).unwrap();
        key.verify(body, headers).is_ok()
    };
    assert!(verifies(1, headers, body.as_bytes()), "the new secret");
    assert!(verifies(2, headers, body.as_bytes()), "the old one");
    assert!(!verifies(3, headers, body.as_bytes()), "one that is gone");
    for place in 0..body.len() {
        let mut edited = body.clone().into_bytes();
        edited[place] ^= 1;
        assert!(!verifies(1, headers, &edited), "byte {place}");
    }
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        let mut other = headers.clone();
        let text = other[name].to_str().unwrap();
        // A character of the first signature's middle, and a digit of a time that is still near.
        let at = match name {
            "webhook-signature" => 10,
            _ => text.len() - 1,
        };
        let mut bytes = text.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'5' { b'6' } else { b'5' };
        other.insert(name, HeaderValue::from_bytes(&bytes).unwrap());
        assert!(!verifies(1, &other, body.as_bytes()), "{name}");
    }

    let mut rotated = loopback(receiver.url());
    rotated.secrets = vec![secret(1)];
    let rotated = WebhookSender::new(rotated).unwrap();
    assert_eq!(rotated.send(&id(), now(), &test).await, Answer::Taken(204));
    let seen = receiver.seen();
    let (headers, body) = &seen[1];
    assert!(verifies(1, headers, body.as_bytes()));
    assert!(!verifies(2, headers, body.as_bytes()), "after the rotation");
}

#[test]
fn an_event_is_of_both_standards_and_short() {
    let id = id();
    let event = WebhookEvent::test(&id, "https://recover.example/", Timestamp::from_millis(0));
    let body = event.body().unwrap();
    assert!(body.len() < WEBHOOK_BODY_MAX);
    let document: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(document["specversion"], "1.0");
    assert_eq!(document["id"], id.as_str());
    assert_eq!(document["type"], "webhook.test");
    assert_eq!(document["timestamp"], "1970-01-01T00:00:00Z");
    for name in document.as_object().unwrap().keys() {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        assert!(name.len() <= 20 && name.chars().all(plain), "{name}");
    }
}

#[tokio::test]
async fn an_answer_decides_what_comes_of_a_message() {
    assert_eq!(
        answered("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await,
        Answer::Taken(200)
    );
    assert_eq!(
        answered("HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n").await,
        Answer::Gone
    );
    let plain = |status| Answer::Refused { status, wait: None };
    let moved = "HTTP/1.1 307 Moved\r\nLocation: http://169.254.169.254/\r\n\
                 Content-Length: 0\r\n\r\n";
    assert_eq!(answered(moved).await, plain(307), "it is not followed");
    assert_eq!(
        answered("HTTP/1.1 500 No\r\nRetry-After: soon\r\nContent-Length: 0\r\n\r\n").await,
        plain(500)
    );
    assert_eq!(answered("nonsense\r\n\r\n").await, Answer::Unreachable);
    // More than is read, and then nothing: the status has said everything.
    let endless = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n{:9000}",
        ""
    );
    assert_eq!(answered(endless.leak()).await, Answer::Taken(200));
}

#[tokio::test]
async fn retry_after_is_heard_within_a_bound() {
    let at = now();
    let wait = |header: &str| {
        let head = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nRetry-After:";
        let answer: &'static str = format!("{head} {header}\r\n\r\n").leak();
        async move {
            let receiver = Receiver::start(answer).await;
            let sender = WebhookSender::new(loopback(receiver.url())).unwrap();
            match sender.send(&id(), at, "{}").await {
                Answer::Refused { wait, .. } => wait,
                other => panic!("{other:?}"),
            }
        }
    };
    assert_eq!(wait("120").await, Some(Span::seconds(120)));
    assert_eq!(wait("4000000").await, Some(Span::hours(24)));
    assert_eq!(wait("-5").await, None);
    let past = "Wed, 21 Oct 2015 07:28:00 GMT";
    assert_eq!(wait(past).await, Some(Span::ZERO));
    let far = "Wed, 21 Oct 2093 07:28:00 GMT";
    assert_eq!(wait(far).await, Some(Span::hours(24)));
}

#[tokio::test]
async fn who_never_answers_is_late_and_who_is_not_there_unreachable() {
    let receiver = Receiver::start("").await;
    let timeout = Duration::from_millis(200);
    let config = loopback(receiver.url());
    let sender = WebhookSender::within(timeout, config, system_lookup()).unwrap();
    assert_eq!(sender.send(&id(), now(), "{}").await, Answer::Late);
    assert_eq!(receiver.seen().len(), 1);
    // A port that was free a moment ago.
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = free.local_addr().unwrap();
    drop(free);
    let url = Url::parse(&format!("http://{at}/")).unwrap();
    let sender = WebhookSender::new(loopback(url)).unwrap();
    assert_eq!(sender.send(&id(), now(), "{}").await, Answer::Unreachable);
}

#[tokio::test]
async fn a_name_that_leads_into_a_private_network_is_not_connected_to() {
    let receiver = Receiver::start("HTTP/1.1 204 No Content\r\n\r\n").await;
    let url = Url::parse(&format!("https://hook.example:{}/", receiver.at.port())).unwrap();
    let forbidden: [&[&str]; 6] = [
        &["127.0.0.1"],
        &["::1"],
        &["::ffff:127.0.0.1"],
        &["169.254.169.254"],
        // One good address does not excuse a bad one.
        &["93.184.216.34", "127.0.0.1"],
        &["64:ff9b::7f00:1"],
    ];
    for addresses in forbidden {
        let (look, asked) = lookup(&[addresses]);
        let sender = WebhookSender::with_lookup(config(url.clone(), &[]), look).unwrap();
        let answer = sender.send(&id(), now(), "{}").await;
        assert_eq!(answer, Answer::Forbidden, "{addresses:?}");
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        assert!(!sender.resolves().await);
    }
    assert!(receiver.seen().is_empty());
}

#[tokio::test]
async fn a_name_that_is_bound_anew_gains_nothing() {
    let receiver = Receiver::start("HTTP/1.1 204 No Content\r\n\r\n").await;
    // Whoever looks first sees an allowed address; the connection asks again.
    let (look, asked) = lookup(&[&["127.0.0.2"], &["127.0.0.1"]]);
    let config = config(receiver.named("hook.example"), &["127.0.0.2/32"]);
    let sender = WebhookSender::with_lookup(config, look).unwrap();
    assert!(sender.resolves().await);
    assert_eq!(sender.send(&id(), now(), "{}").await, Answer::Forbidden);
    assert_eq!(
        asked.load(Ordering::SeqCst),
        2,
        "no look but the connection's"
    );
    assert!(receiver.seen().is_empty());
}

#[tokio::test]
async fn an_allowed_network_is_reached_by_name_and_plain_http_goes_nowhere_else() {
    let receiver = Receiver::start("HTTP/1.1 204 No Content\r\n\r\n").await;
    let (look, _) = lookup(&[&["127.0.0.1"]]);
    let url = receiver.named("hook.example");
    let sender = WebhookSender::with_lookup(loopback(url.clone()), look).unwrap();
    assert_eq!(sender.send(&id(), now(), "{}").await, Answer::Taken(204));
    let (look, _) = lookup(&[&["93.184.216.34"]]);
    let sender = WebhookSender::with_lookup(loopback(url), look).unwrap();
    assert_eq!(sender.send(&id(), now(), "{}").await, Answer::Forbidden);
}

#[test]
fn an_endpoint_is_https_or_in_an_allowed_network() {
    let check = |url: &str, allow: &[&str]| {
        let allow: Vec<Network> = allow.iter().map(|text| text.parse().unwrap()).collect();
        check_url(&Url::parse(url).unwrap(), &allow)
    };
    assert_eq!(check("https://hook.example/a?b=c", &[]), Ok(()));
    assert_eq!(check("https://93.184.216.34/", &[]), Ok(()));
    assert_eq!(check("http://hook.example/", &[]), Err(WebhookError::Plain));
    assert_eq!(check("http://10.1.2.3/", &["10.0.0.0/8"]), Ok(()));
    let public = check("http://93.184.216.34/", &["10.0.0.0/8"]);
    assert_eq!(public, Err(WebhookError::Private));
    // The ways to write a number that people and libraries read differently.
    for private in [
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://[::ffff:7f00:1]/",
        "https://[fe80::1]/",
        "https://169.254.169.254/latest/meta-data",
    ] {
        assert_eq!(check(private, &[]), Err(WebhookError::Private), "{private}");
    }
    for bad in [
        "ftp://hook.example/",
        "https://user@hook.example/",
        "https://:word@hook.example/",
        "https://hook.example/#part",
        "file:///etc/hosts",
    ] {
        assert_eq!(
            check(bad, &["0.0.0.0/0"]),
            Err(WebhookError::Address),
            "{bad}"
        );
    }
    let mut none = config(Url::parse("https://hook.example/").unwrap(), &[]);
    none.secrets.clear();
    assert_eq!(
        WebhookSender::new(none).unwrap_err(),
        WebhookError::NoSecret
    );
}

#[test]
fn only_public_addresses_are_public() {
    let public = [
        "1.1.1.1",
        "93.184.216.34",
        "100.128.0.1",
        "172.32.0.1",
        "2606:4700::1111",
    ];
    for text in public {
        assert!(is_public(text.parse().unwrap()), "{text}");
    }
    let private = [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:20::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "2002:a00:1::1",
        "3fff::1",
        "fc00::1",
        "fd00:1::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ];
    for text in private {
        assert!(!is_public(text.parse().unwrap()), "{text}");
    }
}

#[test]
fn a_network_is_read_as_it_is_written() {
    let holds = |network: &str, ip: &str| {
        let network: Network = network.parse().unwrap();
        network.holds(ip.parse::<IpAddr>().unwrap())
    };
    assert!(holds("10.0.0.0/8", "10.255.0.1"));
    assert!(holds("10.0.0.0/8", "::ffff:10.0.0.1"));
    assert!(!holds("10.0.0.0/8", "11.0.0.1"));
    assert!(holds("192.168.7.9/32", "192.168.7.9"));
    assert!(!holds("192.168.7.9/32", "192.168.7.8"));
    assert!(holds("0.0.0.0/0", "127.0.0.1") && !holds("0.0.0.0/0", "::1"));
    assert!(holds("fd00:1::/32", "fd00:1::9") && !holds("fd00:1::/32", "fd00:2::9"));
    assert!(holds("::1/128", "::1"));
    let parse = |text: &str| text.parse::<Network>();
    for bad in [
        "10.0.0.0",
        "10.0.0.0/33",
        "10.0.0.0/+8",
        "fd00::/129",
        "/8",
        "a/8",
        "10.0.0.0/",
    ] {
        assert_eq!(parse(bad), Err(NotANetwork::Form), "{bad}");
    }
    for bad in ["10.0.0.1/8", "192.168.7.9/31", "fd00::1/64"] {
        assert_eq!(parse(bad), Err(NotANetwork::Beyond), "{bad}");
    }
}
