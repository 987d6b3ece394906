//! What a holder looks back on, and the exchange's own "this was not me".

use platform::contract::{ChannelKind, ChannelNotice, RestrictionMode};
use platform::{Span, Timestamp};
use serde_json::{Value, json};

use crate::world::{Browser, PASSWORD, SECRET, World};

/// Lines of the activity, newest first: what, and whether it was done.
async fn activity(browser: &Browser) -> Vec<(String, bool)> {
    let (status, body) = browser.get("/activity").await;
    assert_eq!(status, 200, "{body}");
    let line = |line: &Value| {
        let what = line["what"].as_str().unwrap().to_owned();
        (what, line["done"].as_bool().unwrap())
    };
    body["items"].as_array().unwrap().iter().map(line).collect()
}

fn line(what: &str, done: bool) -> (String, bool) {
    (what.to_owned(), done)
}

#[tokio::test]
async fn every_refused_attempt_stands_in_the_activity() {
    let world = World::new().await;
    let ann = world.signed_in("ann", PASSWORD, SECRET).await;
    let move_one = json!({ "from": "funding", "asset": "BTC", "amount": "1" });
    let (status, _) = ann.post("/transfer", move_one.clone()).await;
    assert_eq!(status, 200);
    world
        .restrict(1, RestrictionMode::CoolingOff, &["login", "view_assets"])
        .await;
    let cash = json!({ "asset": "BTC", "amount": "1" });
    let withdraw = json!({ "address": "x", "asset": "BTC", "amount": "1" });
    for (path, body) in [
        ("/withdraw", withdraw),
        ("/c2c", cash),
        ("/transfer", move_one),
        ("/api-keys", json!({ "label": "bot" })),
    ] {
        let (status, _) = ann.post(path, body).await;
        assert_eq!(status, 403, "{path}");
    }
    let thief = world.browser();
    let (status, _) = world
        .sign_in(&thief, "ann", "a wrong password", SECRET)
        .await;
    assert_eq!(status, 401);
    assert_eq!(
        activity(&ann).await,
        [
            line("login", false),
            line("api_key_create", false),
            line("transfer_own", false),
            line("c2c_sell", false),
            line("withdraw", false),
            line("transfer_own", true),
            line("login", true),
        ]
    );
    // What fails for another reason changes nothing and is no line; looking is none.
    world.restrict(2, RestrictionMode::None, &[]).await;
    let much = json!({ "from": "funding", "asset": "BTC", "amount": "999999999" });
    let (status, _) = ann.post("/transfer", much).await;
    assert_eq!(status, 409);
    assert_eq!(activity(&ann).await.len(), 7);
    let (_, page) = ann.page("/activity").await;
    assert!(page.contains("Withdrawal</strong>: refused"), "{page}");
}

#[tokio::test]
async fn sessions_and_devices_are_listed_and_ended() {
    let world = World::new().await;
    let here = world.signed_in("ann", PASSWORD, SECRET).await;
    let there = world.signed_in("ann", PASSWORD, SECRET).await;
    let (_, list) = here.get("/sessions").await;
    let sessions = list["sessions"].as_array().unwrap();
    let other = |one: &&Value| one["here"] == false;
    assert_eq!(sessions.iter().filter(|one| one["here"] == true).count(), 1);
    let id = sessions.iter().rfind(other).unwrap()["id"]
        .as_str()
        .unwrap();
    let device = list["devices"].as_array().unwrap().iter().find(other);
    let device = device.unwrap()["id"].as_str().unwrap();
    let (status, _) = there.get("/assets").await;
    assert_eq!(status, 200);
    // A restriction that does not name it refuses ending, too.
    world
        .restrict(1, RestrictionMode::CoolingOff, &["login", "view_assets"])
        .await;
    let path = format!("/sessions/session/{id}/end");
    let (status, _) = here.post(&path, json!({})).await;
    assert_eq!(status, 403);
    world.restrict(2, RestrictionMode::None, &[]).await;
    let (status, _) = here.post(&path, json!({})).await;
    assert_eq!(status, 200);
    let (status, _) = there.get("/assets").await;
    assert_eq!(status, 401, "that session is over");
    let path = format!("/sessions/device/{device}/end");
    let (status, _) = here.post(&path, json!({})).await;
    assert_eq!(status, 200);
    let (_, after) = here.get("/sessions").await;
    let left = after["devices"].as_array().unwrap().len();
    assert_eq!(left + 1, list["devices"].as_array().unwrap().len());
    for wrong in ["/sessions/session/h_0/end", "/sessions/key/h_0/end"] {
        let (status, _) = here.post(wrong, json!({})).await;
        assert_eq!(status, 404, "{wrong}");
    }
    // Nobody ends somebody else's. Bob has no authenticator.
    let bob = world.browser();
    let body = json!({ "identifier": "bob", "password": PASSWORD });
    let (status, said) = bob.post("/login", body).await;
    assert_eq!(status, 200, "{said}");
    let (_, own) = here.get("/sessions").await;
    let id = own["sessions"][0]["id"].as_str().unwrap();
    let (status, _) = bob
        .post(&format!("/sessions/session/{id}/end"), json!({}))
        .await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn deposits_and_withdrawals_are_listed_newest_first() {
    let world = World::new().await;
    let ann = world.signed_in("ann", PASSWORD, SECRET).await;
    let (_, before) = ann.get("/history").await;
    let old = before["items"].as_array().unwrap().len();
    let (status, _) = ann
        .post(
            "/transfer",
            json!({ "from": "spot", "asset": "BTC", "amount": "0.5" }),
        )
        .await;
    assert_eq!(status, 200);
    let (_, after) = ann.get("/history").await;
    let items = after["items"].as_array().unwrap();
    assert_eq!(items.len(), old + 1);
    assert_eq!(items[0]["what"], "Move between own wallets");
    assert_eq!(items[0]["amount"], "0.5");
}

/// The link of the newest push.
fn pushed_link(world: &World) -> String {
    let mails = world.mails.lock().unwrap();
    let push = mails.iter().rfind(|mail| mail.channel == ChannelKind::Push);
    let text = push.unwrap().text.reveal().clone();
    let (_, link) = text.split_once("This was not me: ").unwrap();
    link.strip_prefix(&world.base).unwrap().to_owned()
}

#[tokio::test]
async fn whoever_gets_the_push_stops_it_by_one_press_and_no_machine_does_by_looking() {
    let world = World::new().await;
    let notice = crate::contract::notice("n1", world.now() + Span::minutes(1));
    world.client.notify(&world.ann, &notice).await.unwrap();
    let link = pushed_link(&world);
    let anybody = world.browser();
    for _ in 0..2 {
        let (status, page) = anybody.page(&link).await;
        assert_eq!(status, 200, "{page}");
        assert!(page.contains("This was not me. Stop it"));
    }
    assert!(
        world.heard.lock().unwrap().is_empty(),
        "looking stops nothing"
    );
    let (status, said) = anybody.post(&link, json!({})).await;
    assert_eq!((status, &said["stopped"]), (200, &Value::Bool(true)));
    let heard = world.heard.lock().unwrap().clone();
    let (path, body) = heard.last().unwrap();
    assert!(
        path.ends_with(&format!("/accounts/{}/veto", world.ann)),
        "{path}"
    );
    assert_eq!(body["how"], "this_was_not_me");
    assert_ne!(body["channel"], "sign_in");
    let (status, _) = anybody.post("/not-me/0000", json!({})).await;
    assert_eq!(status, 404);
    let late: Timestamp = world.now() + Span::days(91);
    world.advance(late.since(world.now()));
    let (status, _) = anybody.page(&link).await;
    assert_eq!(status, 404, "after ninety days");
}

#[tokio::test]
async fn a_recovery_contact_is_told_its_own_words_and_whose_contact_it_is() {
    let world = World::new().await;
    let ann = world.signed_in("ann", PASSWORD, SECRET).await;
    let named = |name: &str, email: &str| json!({ "name": name, "email": email });
    let path = "/security/contacts";
    assert_eq!(ann.post(path, named("Ben", "not an address")).await.0, 422);
    for number in 1..=5 {
        let email = format!("ben{number}@example.org");
        assert_eq!(ann.post(path, named("Ben", &email)).await.0, 200);
    }
    let sixth = ann.post(path, named("Ben", "ben6@example.org")).await;
    assert_eq!(sixth.0, 422, "an account writes to five people at most");
    let (_, security) = ann.get("/security").await;
    let contacts = security["contacts"].as_array().unwrap();
    for contact in &contacts[1..] {
        let remove = format!("{path}/{}/remove", contact["id"].as_str().unwrap());
        assert_eq!(ann.post(&remove, json!({})).await.0, 200);
    }
    let dossier = world.client.dossier(&world.ann).await.unwrap();
    let channel = dossier.channels.last().unwrap();
    assert_eq!(channel.kind, ChannelKind::RecoveryContact);
    assert_eq!(channel.label.reveal(), "b***@example.org");

    world.advance(Span::hours(1));
    let mut general = crate::contract::notice("n1", world.now());
    let sent = world.client.notify(&world.ann, &general).await.unwrap();
    assert_eq!(sent.channels.len(), 4, "no words for the contact, no word");
    general.idempotency_key = "n2".to_owned();
    general.channels = vec![ChannelNotice {
        channel: channel.id.clone(),
        message_code: "M-CONTACT".to_owned(),
        subject: "Is it really them?".to_owned(),
        text: "Call them and ask.".to_owned().into(),
        short_text: None,
    }];
    let sent = world.client.notify(&world.ann, &general).await.unwrap();
    assert_eq!(sent.channels.len(), 5);
    let mails = world.mails.lock().unwrap().clone();
    let mail = mails.last().unwrap();
    assert_eq!(mail.to.reveal(), "ben1@example.org");
    assert_eq!(mail.subject, "Is it really them?");
    let text = mail.text.reveal();
    assert!(text.contains("This is about ann,"), "{text}");
    assert!(text.ends_with("Call them and ask."), "{text}");
    let first = mails
        .iter()
        .rfind(|mail| mail.channel == ChannelKind::Email);
    assert_eq!(first.unwrap().text.reveal(), "The whole text");
}

#[tokio::test]
async fn who_was_in_before_a_request_reads_of_it_in_the_app_and_nobody_who_came_later() {
    let world = World::new().await;
    let early = world.signed_in("ann", PASSWORD, SECRET).await;
    world.advance(Span::hours(1));
    let mut notice = crate::contract::notice("n1", world.now());
    notice.text = "Somebody asks.\n\nhttps://recover.example/stop/abc"
        .to_owned()
        .into();
    world.advance(Span::hours(1));
    let late = world.signed_in("ann", PASSWORD, SECRET).await;
    let nothing = early.get("/assets").await.1;
    assert_eq!(nothing["messages"], json!([]));
    let sent = world.client.notify(&world.ann, &notice).await.unwrap();
    let in_app = |receipt: &&platform::contract::ChannelReceipt| receipt.kind == ChannelKind::InApp;
    assert!(sent.channels.iter().find(in_app).unwrap().accepted);
    let (_, told) = early.get("/assets").await;
    assert_eq!(told["messages"][0]["subject"], notice.subject.as_str());
    let page = early.page("/assets").await.1;
    let link = "<a href=\"https://recover.example/stop/abc\">";
    assert!(
        page.contains("Somebody asks.") && page.contains(link),
        "{page}"
    );
    assert_eq!(late.get("/assets").await.1["messages"], json!([]));
    let mails = world.mails.lock().unwrap().clone();
    assert!(mails.iter().all(|mail| mail.channel != ChannelKind::InApp));
    // The owner of an API key hears of it where the key is used.
    world.restrict(1, RestrictionMode::Locked, &[]).await;
    let url = format!("{}/api/v1/messages", world.base);
    let http = &world.browser().http;
    let messages = http.get(&url).header("X-API-Key", &world.ann_key).send();
    let body: Value = messages.await.unwrap().json().await.unwrap();
    assert_eq!(body["messages"][0]["text"], notice.text.reveal().as_str());
    let other = http.get(&url).header("X-API-Key", "guess").send().await;
    assert_eq!(other.unwrap().status().as_u16(), 401);
}
