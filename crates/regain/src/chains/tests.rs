//! Nodes that answer rightly, wrongly, too much and never, on loopback.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header;
use axum::response::Response as Reply;
use recovery::chain::{AGREEMENTS, Agreements, KnownTransaction, agreements};
use tokio::net::TcpListener;

use super::*;

const ID: &str = "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b";
const OTHER_ID: &str = "0e3e2357e806b6cdb1f70b54c3a3a17b6714ee1f0e68bebb44a74b1efd512098";
const BITCOIN: &str = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq";
const ETHER: &str = "0x52908400098527886E0F7030069857D2E4169EE7";
/// 2024-03-05 11:00, in seconds.
const AT: i64 = 1_709_636_400;
const DAY: i64 = 86_400;
/// For servers that never answer: a test must not wait for five seconds.
const SHORT: Duration = Duration::from_millis(300);

type Answers = Arc<dyn Fn(&str, &str) -> Reply + Send + Sync>;

/// A server, and what it was asked: method, address and body.
struct Fake {
    url: Url,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    /// Answers by address and body.
    #[expect(
        clippy::disallowed_methods,
        reason = "a server of the test, ends with it"
    )]
    async fn start(answers: impl Fn(&str, &str) -> Reply + Send + Sync + 'static) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (seen, answers): (_, Answers) = (asked.clone(), Arc::new(answers));
        let router = Router::new().fallback(move |request: Request| {
            let (seen, answers) = (seen.clone(), answers.clone());
            async move {
                let (parts, body) = request.into_parts();
                let body = axum::body::to_bytes(body, 10_000).await.unwrap();
                let body = String::from_utf8(body.to_vec()).unwrap();
                let headers = format!("{:?}", parts.headers);
                assert!(!headers.contains("referer"), "{headers}");
                let line = format!("{} {} {body}", parts.method, parts.uri);
                seen.lock().unwrap().push(line.trim_end().to_owned());
                answers(parts.uri.path(), &body)
            }
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/api", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            url: url.parse().unwrap(),
            asked,
        }
    }

    async fn saying(reply: impl Fn() -> Reply + Send + Sync + 'static) -> Self {
        Self::start(move |_, _| reply()).await
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// Asks it as the node of a chain.
    async fn ask(&self, chain: Chain) -> Answer {
        let url = || Some(NodeUrl::new(self.url.clone()));
        let nodes = match chain {
            Chain::Bitcoin => ConfiguredNodes::new(url(), None),
            _ => ConfiguredNodes::new(None, url()),
        };
        let nodes = nodes.unwrap();
        assert!(nodes.serve(chain));
        nodes.transaction(chain, ID).await
    }
}

fn reply(status: u16, body: impl Into<Body>) -> Reply {
    Reply::builder().status(status).body(body.into()).unwrap()
}

/// A transaction as Esplora tells it, with more than is read.
fn esplora_says(address: &str, satoshi: u64, status: &str) -> String {
    format!(
        r#"{{"txid":"{ID}","version":2,"locktime":0,"size":222,"weight":561,"fee":1410,
        "vin":[{{"txid":"{OTHER_ID}","vout":1,"is_coinbase":false,"sequence":4294967293,
          "prevout":{{"scriptpubkey_address":"1BoatSLRHtKNngkdXEeobR76b53LETtpyT","value":5}}}}],
        "vout":[{{"scriptpubkey":"6a","scriptpubkey_type":"op_return","value":0}},
          {{"scriptpubkey_address":"{address}","value":{satoshi}}}],
        "status":{status}}}"#
    )
}

fn confirmed(at: i64) -> String {
    format!(r#"{{"confirmed":true,"block_height":833000,"block_hash":"00","block_time":{at}}}"#)
}

/// The record's side: one withdrawal of 0.01 BTC or 0.01 ETH.
fn fit(chain: Chain, answer: &Answer) -> Agreements {
    let Answer::Found(found) = answer else {
        panic!("not found: {answer:?}");
    };
    let asset = match chain {
        Chain::Bitcoin => "BTC",
        _ => "ETH",
    };
    let known = KnownTransaction {
        id: Some(ID.to_owned().into()),
        amount: "0.01".to_owned().into(),
        asset: asset.to_owned(),
        at: Timestamp::from_millis(AT * 1000),
    };
    let addresses = [BITCOIN.to_owned().into(), ETHER.to_owned().into()];
    agreements(ID, found, &[known], &addresses)
}

#[tokio::test]
async fn esplora_is_asked_for_the_id_alone() {
    let says = esplora_says(BITCOIN, 1_000_000, &confirmed(AT + 600));
    let fake = Fake::saying(move || reply(200, says.clone())).await;
    let answer = fake.ask(Chain::Bitcoin).await;
    assert_eq!(fit(Chain::Bitcoin, &answer), AGREEMENTS);
    assert_eq!(fake.asked(), [format!("GET /api/tx/{ID}")]);
}

#[tokio::test]
async fn a_transaction_of_bitcoin_that_differs_is_told_as_it_is() {
    let open = r#"{"confirmed":false}"#.to_owned();
    for (what, says, expected) in [
        (
            "another amount",
            esplora_says(BITCOIN, 400_000, &confirmed(AT)),
            4,
        ),
        (
            "another time",
            esplora_says(BITCOIN, 1_000_000, &confirmed(AT + DAY + 1)),
            4,
        ),
        (
            "another address",
            esplora_says(
                "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
                1_000_000,
                &confirmed(AT),
            ),
            3,
        ),
        ("no block yet", esplora_says(BITCOIN, 1_000_000, &open), 3),
    ] {
        let fake = Fake::saying(move || reply(200, says.clone())).await;
        let answer = fake.ask(Chain::Bitcoin).await;
        assert_eq!(fit(Chain::Bitcoin, &answer), expected, "{what}");
    }
}

/// A node's answers to the three calls.
#[derive(Clone)]
struct Node {
    transaction: String,
    receipt: String,
    block: String,
}

impl Node {
    /// 0.01 ETH.
    fn paying(to: &str, wei: &str) -> Self {
        let at = AT + 12;
        Self {
            transaction: format!(
                r#"{{"hash":"0x{ID}","from":"{ETHER}","to":"{to}","value":"{wei}","input":"0x",
                "nonce":"0x1","blockNumber":"0x1234","blockHash":"0xab"}}"#
            ),
            receipt: format!(
                r#"{{"transactionHash":"0x{ID}","blockNumber":"0x1234","status":"0x1","logs":[]}}"#
            ),
            block: format!(r#"{{"number":"0x1234","timestamp":"0x{at:x}","transactions":[]}}"#),
        }
    }

    async fn start(self) -> Fake {
        Fake::start(move |_, body| {
            let says = match body {
                body if body.contains("eth_getTransactionByHash") => &self.transaction,
                body if body.contains("eth_getTransactionReceipt") => &self.receipt,
                body if body.contains("eth_getBlockByNumber") => &self.block,
                _ => panic!("{body}"),
            };
            reply(
                200,
                format!(r#"{{"jsonrpc":"2.0","id":1,"result":{says}}}"#),
            )
        })
        .await
    }
}

const WEI: &str = "0x2386f26fc10000";

#[tokio::test]
async fn a_node_is_asked_for_the_id_and_what_it_named_itself() {
    let fake = Node::paying(&ETHER.to_lowercase(), WEI).start().await;
    let answer = fake.ask(Chain::Evm).await;
    assert_eq!(fit(Chain::Evm, &answer), AGREEMENTS);
    let call = |method: &str, params: &str| {
        format!(r#"POST /api {{"id":1,"jsonrpc":"2.0","method":"{method}","params":[{params}]}}"#)
    };
    let id = format!(r#""0x{ID}""#);
    assert_eq!(
        fake.asked(),
        [
            call("eth_getTransactionByHash", &id),
            call("eth_getTransactionReceipt", &id),
            call("eth_getBlockByNumber", r#""0x1234",false"#),
        ]
    );
}

#[tokio::test]
async fn a_transaction_of_ethereum_that_differs_is_told_as_it_is() {
    let good = Node::paying(ETHER, WEI);
    let later = format!("0x{:x}", AT + DAY + 60);
    let changed = |change: fn(&mut Node, &str), word: &str| {
        let mut node = good.clone();
        change(&mut node, word);
        node
    };
    for (what, node, expected) in [
        ("another amount", Node::paying(ETHER, "0x1"), 4),
        (
            "another address",
            Node::paying("0xde709f2102306220921060314715629080e2fb77", WEI),
            3,
        ),
        (
            "another time",
            changed(
                |node, later| {
                    let says = format!(r#"{{"number":"0x1234","timestamp":"{later}"}}"#);
                    node.block = says;
                },
                &later,
            ),
            4,
        ),
        (
            "no block yet",
            changed(
                |node, _| node.transaction = node.transaction.replace("\"0x1234\"", "null"),
                "",
            ),
            3,
        ),
        (
            "it failed, so nothing was paid",
            changed(
                |node, _| node.receipt = node.receipt.replace("\"0x1\"", "\"0x0\""),
                "",
            ),
            3,
        ),
        (
            "nobody says whether it failed",
            changed(
                |node, _| node.receipt = node.receipt.replace("\"status\"", "\"root\""),
                "",
            ),
            3,
        ),
    ] {
        let fake = node.start().await;
        let answer = fake.ask(Chain::Evm).await;
        assert_eq!(fit(Chain::Evm, &answer), expected, "{what}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_unknown() {
    let esplora = Fake::saying(|| reply(404, "Transaction not found")).await;
    let answer = esplora.ask(Chain::Bitcoin).await;
    assert!(matches!(answer, Answer::Unknown), "{answer:?}");
    let null = r#"{"jsonrpc":"2.0","id":1,"result":null}"#;
    let node = Fake::saying(move || reply(200, null)).await;
    let answer = node.ask(Chain::Evm).await;
    assert!(matches!(answer, Answer::Unknown), "{answer:?}");
    assert_eq!(node.asked().len(), 1);
}

/// Asserts that there is no answer, for this reason, after one call.
async fn nothing(fake: &Fake, chain: Chain, why: Nothing, what: &str) {
    let answer = fake.ask(chain).await;
    let Answer::Nothing(said) = answer else {
        panic!("{what}: {answer:?}");
    };
    assert_eq!((said, fake.asked().len()), (why, 1), "{what}");
}

#[tokio::test]
async fn rubbish_is_no_answer() {
    let good = esplora_says(BITCOIN, 1_000_000, &confirmed(AT));
    let another = good.replacen(ID, OTHER_ID, 1);
    let negative = esplora_says(BITCOIN, 1_000_000, &confirmed(-1));
    let timeless = esplora_says(BITCOIN, 1_000_000, r#"{"confirmed":true}"#);
    for rubbish in [
        String::new(),
        "<html>".to_owned(),
        "{}".to_owned(),
        "null".to_owned(),
        "[".repeat(200_000),
        another,
        negative,
        timeless,
        good.replace("1000000", "-1"),
        good.replace("1000000", "1e40"),
    ] {
        let what: String = rubbish.chars().take(200).collect();
        let fake = Fake::saying(move || reply(200, rubbish.clone())).await;
        nothing(&fake, Chain::Bitcoin, RUBBISH, &what).await;
    }
    let result = |result: &str| format!(r#"{{"jsonrpc":"2.0","id":1,"result":{result}}}"#);
    let paying = |value: &str| Node::paying(ETHER, value).transaction;
    for rubbish in [
        String::new(),
        "[]".to_owned(),
        r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"busy"}}"#.to_owned(),
        result("[]"),
        result("\"0x1\""),
        result(&paying("1")),
        result(&paying("0x")),
        result(&paying("0x+1")),
        result(&paying(&format!("0x{}", "f".repeat(33)))),
        result(&paying(WEI).replace(ID, OTHER_ID)),
        result(&paying(WEI).replace("0x1234", "latest")),
    ] {
        let what: String = rubbish.chars().take(200).collect();
        let fake = Fake::saying(move || reply(200, rubbish.clone())).await;
        nothing(&fake, Chain::Evm, RUBBISH, &what).await;
    }
}

#[tokio::test]
async fn a_block_or_receipt_of_something_else_is_rubbish() {
    let good = Node::paying(ETHER, WEI);
    let other_block = Node {
        block: good.block.replace("0x1234", "0x1235"),
        ..good.clone()
    };
    let other_receipt = Node {
        receipt: good.receipt.replace(ID, OTHER_ID),
        ..good.clone()
    };
    let no_receipt = Node {
        receipt: "null".to_owned(),
        ..good
    };
    for node in [other_block, other_receipt, no_receipt] {
        let fake = node.start().await;
        let answer = fake.ask(Chain::Evm).await;
        assert!(matches!(answer, Answer::Nothing(RUBBISH)), "{answer:?}");
    }
}

#[tokio::test]
async fn more_than_the_bound_is_not_read() {
    for chain in [Chain::Bitcoin, Chain::Evm] {
        let long = Fake::saying(|| reply(200, " ".repeat(10_000_000))).await;
        nothing(&long, chain, TOO_LONG, "10 MB").await;
    }
}

#[tokio::test]
async fn redirects_and_errors_are_not_followed() {
    for status in [301, 302, 307, 308, 204, 400, 401, 429, 500, 503] {
        let elsewhere = Fake::saying(|| reply(200, "{}")).await;
        let to = elsewhere.url.to_string();
        let fake = Fake::saying(move || {
            let mut reply = reply(status, Body::empty());
            let to = to.parse().unwrap();
            reply.headers_mut().insert(header::LOCATION, to);
            reply
        })
        .await;
        nothing(&fake, Chain::Bitcoin, REFUSED, &status.to_string()).await;
        let fake = Fake::saying(move || reply(status, Body::empty())).await;
        nothing(&fake, Chain::Evm, REFUSED, &status.to_string()).await;
        assert!(elsewhere.asked().is_empty());
    }
}

#[tokio::test]
async fn who_never_answers_is_left_alone_in_time() {
    // It takes connections and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url: Url = format!("http://{}", silent.local_addr().unwrap())
        .parse()
        .unwrap();
    let url = || Some(NodeUrl::new(url.clone()));
    let nodes = ConfiguredNodes::within(SHORT, url(), url()).unwrap();
    for chain in [Chain::Bitcoin, Chain::Evm] {
        let answer = nodes.transaction(chain, ID).await;
        assert!(matches!(answer, Answer::Nothing(LATE)), "{answer:?}");
    }
}

#[tokio::test]
async fn who_is_not_there_is_no_answer() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url: Url = format!("http://{}", listener.local_addr().unwrap())
        .parse()
        .unwrap();
    drop(listener);
    let nodes = ConfiguredNodes::new(Some(NodeUrl::new(url)), None).unwrap();
    let answer = nodes.transaction(Chain::Bitcoin, ID).await;
    assert!(matches!(answer, Answer::Nothing(UNREACHABLE)), "{answer:?}");
    assert!(!nodes.serve(Chain::Evm) && !nodes.serve(Chain::Tron));
    let answer = nodes.transaction(Chain::Evm, ID).await;
    assert!(matches!(answer, Answer::Nothing(_)), "{answer:?}");
}

#[tokio::test]
async fn a_node_tells_its_newest_block_and_another_chain_is_told_apart() {
    let at = Timestamp::from_millis(AT * 1000);
    let blocks = format!(
        r#"[{{"id":"00","height":833001,"timestamp":{AT},"tx_count":1}},
            {{"id":"01","height":833000,"timestamp":1709635000,"tx_count":1}}]"#
    );
    let fake = Fake::saying(move || reply(200, blocks.clone())).await;
    let bitcoin = ConfiguredNodes::new(Some(NodeUrl::new(fake.url.clone())), None).unwrap();
    let height = 833_001;
    assert_eq!(
        bitcoin.newest(Chain::Bitcoin).await,
        Ok(Newest { height, at })
    );
    assert_eq!(fake.asked(), ["GET /api/blocks"]);
    assert_eq!(bitcoin.newest(Chain::Evm).await, Err(NOBODY));
    let none = Fake::saying(|| reply(200, "[]")).await;
    let none = ConfiguredNodes::new(Some(NodeUrl::new(none.url.clone())), None).unwrap();
    assert_eq!(none.newest(Chain::Bitcoin).await, Err(RUBBISH));

    for (chain, number, expected) in [
        ("0x1", "0x10", Ok(Newest { height: 16, at })),
        ("0x89", "0x10", Err("it serves another chain than Ethereum")),
        ("1", "0x10", Err(RUBBISH)),
        ("0x1", "0x10000000000000000", Err(RUBBISH)),
    ] {
        let fake = Fake::start(move |_, body| {
            let result = if body.contains("eth_chainId") {
                format!(r#""{chain}""#)
            } else {
                format!(r#"{{"number":"{number}","timestamp":"0x{AT:x}"}}"#)
            };
            reply(
                200,
                format!(r#"{{"jsonrpc":"2.0","id":1,"result":{result}}}"#),
            )
        })
        .await;
        let nodes = ConfiguredNodes::new(None, Some(NodeUrl::new(fake.url.clone()))).unwrap();
        assert_eq!(nodes.newest(Chain::Evm).await, expected, "{chain} {number}");
    }
}
