//! The new password of a handover: what Regain refuses itself, before the platform is asked.

use sha1::{Digest as _, Sha1};

use super::handover::approved;
use super::support::{Scene, options};
use crate::demo::walkthrough::applicant::NEW_PASSWORD;
use crate::demo::world::{Options, World};

const PAGE: &str = "/handover/password";
const LEAKED: &str = "tin roof under nine quiet owls";
const EASY: &str = "This password is like those that thieves try first. \
                    Choose another, such as four or five random words";
const LISTED: &str = "This password is on a list of passwords that thieves try first. \
                      Choose another, such as four or five random words";
const ADDRESS: &str = "This contains your e-mail or Exemplar. Choose another";
const ACCOUNT: &str = "This contains the name of your account or your request code. Choose another";

/// A list of one password that leaked, among others.
fn list() -> String {
    let digest = |text: &str| data_encoding::HEXUPPER.encode(&Sha1::digest(text.as_bytes()));
    let mut lines: Vec<String> = (0..500).map(|n| digest(&format!("other {n}"))).collect();
    lines.push(digest(LEAKED));
    lines.sort();
    lines.iter().map(|line| format!("{line}:7\r\n")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_thieves_try_first_is_no_new_password() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("breached.txt");
    std::fs::write(&path, list()).unwrap();
    let world = World::start(&Options {
        breached_list: Some(path.clone()),
        ..options(folder.path())
    })
    .await
    .unwrap();
    let scene = Scene { world, folder };
    let stage = scene.stage();
    let mut ann = approved(&stage, "blue.heron@example.org").await;
    let mut page = ann.opens_handover().await.unwrap();
    let code = ann.code.clone();
    for (typed, words) in [
        ("passwordpassword1", EASY),
        ("qwertyuiop12345", EASY),
        ("aaaaaaaaaaaaaaaaaaaa", EASY),
        ("Exemplar is my exchange", ADDRESS),
        ("nine Blue-Heron tins 84", ADDRESS),
        (&format!("my request {code} it is"), ACCOUNT),
        (LEAKED, LISTED),
    ] {
        let form = page.form(PAGE).unwrap();
        let typed = [("password", typed)];
        page = ann.browser.submit(&form, &typed).await.unwrap();
        assert_eq!(page.status, 422, "{typed:?}");
        let beside = page.text_of("#password-error").unwrap();
        assert!(beside.contains(words), "{typed:?}: {beside}");
    }
    // Nobody says that a password did not leak while the list cannot be read.
    let form = page.form(PAGE).unwrap();
    let typed = [("password", NEW_PASSWORD)];
    let bytes = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let mute = ann.browser.submit(&form, &typed).await.unwrap();
    assert_eq!(mute.status, 503);
    let lead = mute.text_of("p.lead").unwrap();
    assert_eq!(
        lead,
        "Nothing you sent is lost. Try again in a few minutes."
    );
    std::fs::write(&path, bytes).unwrap();
    let page = ann.browser.get(PAGE).await.unwrap();
    let form = page.form(PAGE).unwrap();
    let next = ann.browser.submit(&form, &typed).await.unwrap();
    assert_eq!(next.heading(), "Connect an authenticator app");
    scene.end().await;
}
