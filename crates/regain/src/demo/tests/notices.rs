//! What the channels from before a case are told: each in its own words, with its own way to stop
//! it.

use std::collections::BTreeSet;

use engine::views::MessageCheck;
use serde_json::json;

use super::handover::approved;
use super::support::{As, Scene};
use crate::demo::mailbox::Mail;
use crate::demo::seed::PEOPLE;
use crate::demo::walkthrough::browser::Browser;

/// The secret of the stop link in a text.
fn secret_of(mail: &Mail) -> Option<String> {
    let (_, after) = mail.text.split_once("/stop/")?;
    let secret: String = after.chars().take_while(char::is_ascii_hexdigit).collect();
    (secret.len() == 32).then_some(secret)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_channel_and_a_recovery_contact_have_a_way_of_their_own_to_stop_it() {
    let scene = Scene::start().await;
    let stage = scene.stage();
    let [ann, ..] = &PEOPLE;
    let shop = Browser::new(&scene.world.exchange).unwrap();
    let digits = stage.digits(ann.totp).unwrap();
    let credentials = json!({
        "identifier": ann.user_name, "password": ann.password, "code": digits,
    });
    let (status, _) = shop.post_json("/login", None, &credentials).await.unwrap();
    assert!(status.is_success());
    let contact = json!({ "name": "Ben", "email": "ben@friends.example" });
    let named = shop.post_json("/security/contacts", None, &contact).await;
    assert!(named.unwrap().0.is_success());
    stage.passes_seconds(60).await.unwrap();

    let impostor = approved(&stage, "eve@example.org").await;
    stage.restrictions_arrive().await.unwrap();
    scene.settle().await;
    let mails = scene.world.mailbox.all();
    let told = |to: &str| {
        mails
            .iter()
            .filter(|mail| mail.to == to)
            .collect::<Vec<_>>()
    };
    let (holder, friend) = (told(ann.email), told("ben@friends.example"));
    assert_eq!(friend.len(), 2, "when somebody asks, and at the approval");
    for mail in &friend {
        assert!(
            mail.subject.starts_with("Is it really them?"),
            "{}",
            mail.subject
        );
        let words = "This is about ann, who named you as recovery contact.";
        assert!(mail.text.starts_with(words), "{}", mail.text);
        assert!(!mail.text.contains(ann.email), "{}", mail.text);
    }
    assert!(friend[1].text.contains("The request was approved."));
    // One way for each channel, the same in each of its messages.
    let ways = |mails: &[&Mail]| -> BTreeSet<String> {
        mails.iter().filter_map(|mail| secret_of(mail)).collect()
    };
    let (own, friends) = (ways(&holder), ways(&friend));
    assert_eq!((own.len(), friends.len()), (1, 1));
    assert!(own.is_disjoint(&friends));
    // The platform's own line in front does not change what we sent: whoever pastes ours finds it.
    let ours = friend[0].text.split_once("\n\n").unwrap().1;
    let checked = scene.world.engine.check_message("", Some(ours)).await;
    let checked = checked.unwrap();
    let fits = matches!(
        checked,
        MessageCheck::Ours {
            text_compared: true,
            ..
        }
    );
    assert!(fits, "{checked:?}");

    let visitor = scene.visitor();
    let secret = friends.first().unwrap();
    let page = visitor.get(&format!("/stop/{secret}")).await;
    assert_eq!(page.header("location"), "/stop/answer");
    let visitor = visitor.with_token_of("/stop/answer").await;
    let page = visitor.get("/stop/answer").await;
    assert!(page.body.contains("Request of "), "{}", page.body);
    let stopped = visitor
        .post(As::Browser, "/stop/answer", &[("answer", "no")])
        .await;
    assert_eq!(stopped.text_of("h1"), "Stopped");
    let id = scene.world.case_of(&impostor.code).await.unwrap();
    let case = scene.world.store.read().await.unwrap().case_row(&id).await;
    assert_eq!(case.unwrap().unwrap().state, "stopped");
    scene.end().await;
}
