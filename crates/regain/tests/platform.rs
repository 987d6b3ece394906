//! `regain platform check` against a real exchange on loopback.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    missing_docs
)]

#[allow(dead_code, reason = "what other tests need of it")]
mod support;

use std::path::Path;
use std::sync::Arc;

use exchange::{Config, Exchange, Fault, FaultSwitch, SeedAccount};
use platform::contract::{AccountStatus, EnrolAt, ValueClass};
use platform::{Clock, SharedKey, SharedKeys, Timestamp};
use tokio::runtime::Runtime;

use support::{run, stderr, stdout};

#[expect(
    clippy::disallowed_methods,
    reason = "calls are signed by the real time"
)]
fn wall() -> Clock {
    Arc::new(|| Timestamp::from_millis(jiff::Timestamp::now().as_millisecond()))
}

/// An exchange that runs as long as the test, with one account and a key in the folder.
struct Shop {
    _runtime: Runtime,
    url: String,
    faults: FaultSwitch,
}

fn account(now: Timestamp) -> SeedAccount {
    SeedAccount {
        user_name: "regain.check".to_owned(),
        email: "check@exchange.example".to_owned(),
        phone: None,
        password: "correct horse battery".to_owned().into(),
        totp_secret: None,
        recovery_codes: Vec::new(),
        passkey: None,
        document: None,
        portrait: None,
        registered_at: now - platform::Span::days(10),
        status: AccountStatus::Ordinary,
        value: ValueClass::Small,
        tier_hint: None,
        cards: Vec::new(),
        past_addresses: Vec::new(),
        whitelist: Vec::new(),
        api_keys: vec!["bot".to_owned()],
        authorisations: Vec::new(),
        logins: Vec::new(),
        push_device: None,
        balances: Vec::new(),
    }
}

fn shop(folder: &Path) -> Shop {
    let made = run(folder, &["keys", "new", "platform", "platform.key"]);
    assert!(made.status.success(), "{}", stderr(&made));
    let secret = std::fs::read_to_string(folder.join("platform.key")).unwrap();
    let key = SharedKey::from_base64("k1", secret.trim()).unwrap();
    let runtime = Runtime::new().unwrap();
    let faults = FaultSwitch::default();
    let url = runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let exchange = Exchange::open(Config {
            name: "Meridian".to_owned(),
            base_url: url.clone(),
            regain_url: "http://127.0.0.1:1".to_owned(),
            entry_url: "http://127.0.0.1:1/".to_owned(),
            keys: SharedKeys::new(key, None).unwrap(),
            database: None,
            clock: wall(),
            wall: wall(),
            outgoing: Arc::new(drop),
            passkeys: None,
            passkeys_made: EnrolAt::AtRegain,
            probe: true,
            faults: faults.clone(),
        });
        let exchange = exchange.await.unwrap();
        exchange.seed(&[account(wall()())]).await.unwrap();
        runtime.spawn(async move { exchange.serve(listener, std::future::pending()).await });
        url
    });
    Shop {
        _runtime: runtime,
        url,
        faults,
    }
}

const KEY: [&str; 4] = ["--key-id", "k1", "--key-file", "platform.key"];
const WHO: [&str; 2] = ["--identifier", "regain.check"];

fn check(folder: &Path, url: &str, more: &[&str]) -> std::process::Output {
    run(
        folder,
        &[&["platform", "check", url], &KEY[..], more].concat(),
    )
}

#[test]
fn an_operator_tries_a_platform_row_by_row() {
    let folder = tempfile::tempdir().unwrap();
    let shop = shop(folder.path());
    let state = [&WHO[..], &["--state", "left.json"]].concat();
    let fine = check(folder.path(), &shop.url, &state);
    let text = stdout(&fine);
    assert_eq!(fine.status.code(), Some(0), "{text}{}", stderr(&fine));
    assert!(text.contains("pass  restrictions.older_version"), "{text}");
    assert!(text.contains("pass  doors.api_keys.suspended"), "{text}");
    assert!(text.contains("skip  dossier.portrait"), "{text}");
    assert!(text.contains(" passed, 0 failed, "), "{text}");
    let words = stderr(&fine);
    assert!(words.contains("Restart the platform"), "{words}");
    let after = ["--state", "left.json", "--after-restart", "--json"];
    let after = check(folder.path(), &shop.url, &after);
    let text = stdout(&after);
    assert_eq!(after.status.code(), Some(0), "{text}{}", stderr(&after));
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    let rows = report["rows"].as_array().unwrap();
    let row = rows.iter().find(|row| row["id"] == "restart.restriction");
    assert_eq!(row.unwrap()["outcome"], "pass", "{text}");
}

#[test]
fn what_a_platform_does_wrong_is_said_with_its_row() {
    let folder = tempfile::tempdir().unwrap();
    let shop = shop(folder.path());
    shop.faults.set(Some(Fault::TakesOlderVersion));
    let output = check(folder.path(), &shop.url, &WHO);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    let failed: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("FAIL"))
        .collect();
    assert_eq!(failed.len(), 1, "{text}");
    assert!(failed[0].contains("restrictions.older_version"), "{text}");
    assert!(text.contains("why: version "), "{text}");
    assert!(
        text.contains("do:  Compare versions in the transaction"),
        "{text}"
    );
}

#[test]
fn what_is_missing_for_a_check_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let nobody = "http://127.0.0.1:1";
    let check = |more: &[&str]| run(folder.path(), &[&["platform", "check"], more].concat());
    let none = check(&[nobody]);
    assert_eq!(none.status.code(), Some(2));
    assert!(stderr(&none).contains("--identifier"), "{}", stderr(&none));
    let key = check(&[&[nobody], &KEY[..], &WHO[..]].concat());
    assert_eq!(key.status.code(), Some(1));
    assert_eq!(
        stderr(&key).split(": No such").next().unwrap(),
        "error: the shared key platform.key"
    );
    let made = run(folder.path(), &["keys", "new", "platform", "platform.key"]);
    assert!(made.status.success(), "{}", stderr(&made));
    let plain = check(&[&["http://exchange.example"], &KEY[..], &WHO[..]].concat());
    assert_eq!(plain.status.code(), Some(1));
    let words = stderr(&plain);
    assert!(words.contains("the base address must be https"), "{words}");
    let gone = check(&[&[nobody], &KEY[..], &WHO[..]].concat());
    assert_eq!(gone.status.code(), Some(1));
    let text = stdout(&gone);
    assert!(
        text.contains("why: the other side cannot be reached"),
        "{text}"
    );
    assert!(text.contains("0 passed, 1 failed, "), "{text}");
}
