//! Suspending, restoring and destroying, with what people notice of it.

use std::sync::atomic::Ordering;

use platform::contract::{
    ActionName, CredentialsRequest, RestrictionMode, SecuringProgress, SecuringRequest,
    SecuringState, SecuringVerb,
};
use platform::{CaseId, ClientError};
use serde_json::json;

use crate::world::{
    ADDRESS, BEGUN_AT, NEW_PASSWORD, NEW_SECRET, PASSWORD, SECRET, World, case, new_totp,
};

fn action(name: &str) -> ActionName {
    ActionName::new(name).unwrap()
}

fn request(case: &CaseId, verb: SecuringVerb, key: &str) -> SecuringRequest {
    SecuringRequest {
        case: case.clone(),
        verb,
        idempotency_key: key.to_owned(),
    }
}

impl World {
    async fn secure(&self, name: &str, verb: SecuringVerb, key: &str) -> Result<u32, ClientError> {
        let request = request(&case(), verb, key);
        let answer = self
            .client
            .secure(&self.ann, &action(name), &request)
            .await?;
        assert_eq!(answer.state, SecuringProgress::Done);
        Ok(answer.count)
    }

    async fn reading(&self, name: &str) -> (SecuringState, u32) {
        let reading = self
            .client
            .read_secured(&self.ann, &action(name), &case())
            .await
            .unwrap();
        (reading.state, reading.count)
    }

    async fn stage(&self, key: &str) {
        let request = CredentialsRequest {
            email: Some("ann@new.example".to_owned().into()),
            password: Some(NEW_PASSWORD.to_owned().into()),
            totp: Some(new_totp()),
            ..CredentialsRequest::nothing(key, BEGUN_AT)
        };
        self.client
            .stage_credentials(&self.ann, &case(), &request)
            .await
            .unwrap();
    }

    async fn opens(&self, name: &str, password: &str, secret: &str) -> bool {
        match self
            .sign_in(&self.browser(), name, password, secret)
            .await
            .0
        {
            200 => true,
            401 => false,
            other => panic!("unexpected {other}"),
        }
    }
}

fn refused(code: &str) -> ClientError {
    ClientError::Status {
        code: 409,
        problem: Some(code.to_owned()),
    }
}

/// What Ann has of each class after signing in once.
const CLASSES: [(&str, u32); 7] = [
    ("sessions", 1),
    ("devices", 2),
    ("whitelist", 2),
    ("api_keys", 1),
    ("oauth", 1),
    ("copy_trading", 1),
    ("web3", 1),
];

#[tokio::test]
async fn every_action_reads_back_what_was_done() {
    let world = World::new().await;
    world.signed_in("ann", PASSWORD, SECRET).await;
    for (class, count) in CLASSES {
        assert_eq!(
            world.reading(class).await,
            (SecuringState::Active, count),
            "{class}"
        );
        assert_eq!(
            world.secure(class, SecuringVerb::Suspend, "s1").await,
            Ok(count),
            "{class}"
        );
        assert_eq!(
            world.reading(class).await,
            (SecuringState::Suspended, count),
            "{class}"
        );
        // The same again, by the same key and by another, changes and counts nothing else.
        assert_eq!(
            world.secure(class, SecuringVerb::Suspend, "s1").await,
            Ok(count)
        );
        assert_eq!(
            world.secure(class, SecuringVerb::Suspend, "s2").await,
            Ok(count)
        );
        assert_eq!(
            world.secure(class, SecuringVerb::Restore, "r1").await,
            Ok(count),
            "{class}"
        );
        assert_eq!(
            world.reading(class).await,
            (SecuringState::Active, count),
            "{class}"
        );
        assert_eq!(
            world.secure(class, SecuringVerb::Suspend, "s3").await,
            Ok(count)
        );
        assert_eq!(
            world.secure(class, SecuringVerb::Destroy, "d1").await,
            Ok(count),
            "{class}"
        );
        assert_eq!(
            world.reading(class).await,
            (SecuringState::Destroyed, count),
            "{class}"
        );
        assert_eq!(
            world.secure(class, SecuringVerb::Destroy, "d2").await,
            Ok(count)
        );
        let late = world.secure(class, SecuringVerb::Restore, "r2").await;
        assert_eq!(late, Err(refused("destroyed")), "{class}");
    }
}

#[tokio::test]
async fn verbs_keep_their_order_and_their_case() {
    let world = World::new().await;
    let early = world.secure("api_keys", SecuringVerb::Destroy, "d").await;
    assert_eq!(early, Err(refused("not_suspended")));
    assert_eq!(
        world.secure("api_keys", SecuringVerb::Suspend, "s").await,
        Ok(1)
    );
    let verb_changed = world.secure("api_keys", SecuringVerb::Restore, "s").await;
    assert_eq!(verb_changed, Err(refused("key_reused")));
    // Another case neither restores nor destroys what this one suspended.
    let other: CaseId = "case_01JDCM8Z00ABCDEFGHJKMNPQRT".parse().unwrap();
    let name = action("api_keys");
    let restore = request(&other, SecuringVerb::Restore, "r");
    let restored = world
        .client
        .secure(&world.ann, &name, &restore)
        .await
        .unwrap();
    assert_eq!(restored.count, 0);
    let destroy = request(&other, SecuringVerb::Destroy, "d");
    let destroyed = world
        .client
        .secure(&world.ann, &name, &destroy)
        .await
        .unwrap_err();
    assert_eq!(destroyed, refused("not_suspended"));
    assert_eq!(
        world.reading("api_keys").await,
        (SecuringState::Suspended, 1)
    );
    // Bob's key lives.
    let bobs = world
        .client
        .read_secured(&world.bob, &name, &case())
        .await
        .unwrap();
    assert_eq!((bobs.state, bobs.count), (SecuringState::Active, 1));
}

#[tokio::test]
async fn what_is_suspended_does_nothing_and_what_is_restored_works() {
    let world = World::new().await;
    let ann = world.signed_in("ann", PASSWORD, SECRET).await;
    let key = async || {
        let request = world
            .browser()
            .http
            .get(format!("{}/api/v1/balances", world.base));
        let request = request.header("X-API-Key", &world.ann_key);
        request
            .header("Accept", "application/json")
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    };
    let withdraw = async || {
        let body = json!({ "address": ADDRESS, "asset": "BTC", "amount": "0.1" });
        ann.post("/withdraw", body).await.0
    };
    assert_eq!((key().await, withdraw().await), (200, 200));
    for class in ["api_keys", "whitelist"] {
        world
            .secure(class, SecuringVerb::Suspend, "s")
            .await
            .unwrap();
    }
    assert_eq!((key().await, withdraw().await), (401, 409));
    assert!(
        ann.get("/whitelist").await.1["items"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    for class in ["api_keys", "whitelist"] {
        world
            .secure(class, SecuringVerb::Restore, "r")
            .await
            .unwrap();
    }
    assert_eq!((key().await, withdraw().await), (200, 200));
    world
        .secure("sessions", SecuringVerb::Suspend, "s")
        .await
        .unwrap();
    assert_eq!(ann.get("/assets").await.0, 401);
}

#[tokio::test]
async fn an_address_added_later_is_not_the_cases_business() {
    let world = World::new().await;
    let ann = world.signed_in("ann", PASSWORD, SECRET).await;
    world
        .secure("whitelist", SecuringVerb::Suspend, "s")
        .await
        .unwrap();
    // In the same millisecond: the clock stands still.
    let added = ann
        .post("/whitelist", json!({ "chain": "tron", "address": "TNEW" }))
        .await;
    assert_eq!(added.0, 200);
    assert_eq!(
        world.reading("whitelist").await,
        (SecuringState::Suspended, 2)
    );
    world
        .secure("whitelist", SecuringVerb::Destroy, "d")
        .await
        .unwrap();
    let (_, list) = ann.get("/whitelist").await;
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    assert_eq!(list["items"][0]["data"], "TNEW");
}

#[tokio::test]
async fn at_the_handover_new_factors_take_the_place_of_old_ones() {
    let world = World::new().await;
    let nothing = world
        .secure("old_factors", SecuringVerb::Suspend, "s0")
        .await;
    assert_eq!(
        nothing,
        Err(refused("nothing_staged")),
        "nobody is left without a way in"
    );
    assert!(world.opens("ann", PASSWORD, SECRET).await);
    world.stage("c1").await;
    assert!(
        world.opens("ann", PASSWORD, SECRET).await,
        "staging changes nothing yet"
    );
    // E-mail, phone, password, authenticator.
    assert_eq!(
        world
            .secure("old_factors", SecuringVerb::Suspend, "s1")
            .await,
        Ok(6)
    );
    assert_eq!(
        world.reading("old_factors").await,
        (SecuringState::Suspended, 6)
    );
    assert!(!world.opens("ann", PASSWORD, SECRET).await);
    assert!(!world.opens("ann", PASSWORD, NEW_SECRET).await);
    assert!(!world.opens("ann", NEW_PASSWORD, SECRET).await);
    assert!(world.opens("ann", NEW_PASSWORD, NEW_SECRET).await);
    assert!(
        world
            .opens("ann@new.example", NEW_PASSWORD, NEW_SECRET)
            .await
    );
    // Again under another key: the new ones stay.
    assert_eq!(
        world
            .secure("old_factors", SecuringVerb::Suspend, "s2")
            .await,
        Ok(6)
    );
    assert!(world.opens("ann", NEW_PASSWORD, NEW_SECRET).await);
}

#[tokio::test]
async fn a_stopped_recovery_gives_the_old_factors_back() {
    let world = World::new().await;
    world.stage("c1").await;
    world
        .secure("old_factors", SecuringVerb::Suspend, "s1")
        .await
        .unwrap();
    assert_eq!(
        world
            .secure("old_factors", SecuringVerb::Restore, "r1")
            .await,
        Ok(6)
    );
    assert_eq!(
        world.reading("old_factors").await,
        (SecuringState::Active, 6)
    );
    assert!(world.opens("ann@old.example", PASSWORD, SECRET).await);
    assert!(!world.opens("ann", NEW_PASSWORD, NEW_SECRET).await);
    assert!(
        !world
            .opens("ann@new.example", NEW_PASSWORD, NEW_SECRET)
            .await
    );
    // Restoring before the handover drops what was only staged.
    world.stage("c2").await;
    world
        .secure("old_factors", SecuringVerb::Restore, "r2")
        .await
        .unwrap();
    let again = world
        .secure("old_factors", SecuringVerb::Suspend, "s2")
        .await;
    assert_eq!(again, Err(refused("nothing_staged")));
}

#[tokio::test]
async fn what_is_destroyed_is_forgotten_for_ever() {
    let world = World::new().await;
    world.stage("c1").await;
    world
        .secure("old_factors", SecuringVerb::Suspend, "s1")
        .await
        .unwrap();
    assert_eq!(
        world
            .secure("old_factors", SecuringVerb::Destroy, "d1")
            .await,
        Ok(6)
    );
    assert_eq!(
        world.reading("old_factors").await,
        (SecuringState::Destroyed, 6)
    );
    assert!(!world.opens("ann", PASSWORD, SECRET).await);
    assert!(
        !world
            .opens("ann@old.example", NEW_PASSWORD, NEW_SECRET)
            .await
    );
    assert!(world.opens("ann", NEW_PASSWORD, NEW_SECRET).await);
    let late = world
        .secure("old_factors", SecuringVerb::Restore, "r1")
        .await;
    assert_eq!(late, Err(refused("destroyed")));
    let dossier = world.client.dossier(&world.ann).await.unwrap();
    let labels: Vec<_> = dossier
        .channels
        .iter()
        .map(|c| c.label.reveal().clone())
        .collect();
    assert_eq!(
        labels,
        ["a***@new.example", "Ann's phone", "messages in the app"]
    );
}

#[tokio::test]
async fn the_old_channels_still_hear_of_a_recovery_after_the_handover() {
    let world = World::new().await;
    world.stage("c1").await;
    world
        .secure("old_factors", SecuringVerb::Suspend, "s1")
        .await
        .unwrap();
    let dossier = world.client.dossier(&world.ann).await.unwrap();
    let old: Vec<_> = dossier
        .channels
        .iter()
        .map(|c| c.label.reveal().clone())
        .collect();
    assert_eq!(
        old,
        [
            "a***@new.example",
            "a***@old.example",
            "*** 4567",
            "Ann's phone",
            "messages in the app"
        ]
    );
}

#[tokio::test]
async fn old_factors_stop_a_recovery_and_open_nothing_else() {
    let world = World::new().await;
    world.stage("c1").await;
    world
        .secure("old_factors", SecuringVerb::Suspend, "s1")
        .await
        .unwrap();
    world
        .restrict(1, RestrictionMode::CoolingOff, &["login", "view_assets"])
        .await;
    let stop = async |password: &str, secret: &str| {
        let code = world.code(secret);
        let body = json!({ "identifier": "ann", "password": password, "code": code });
        world.browser().post("/stop", body).await
    };
    assert_eq!(
        stop(NEW_PASSWORD, NEW_SECRET).await.0,
        401,
        "the new ones do not count here"
    );
    assert!(world.heard.lock().unwrap().is_empty());
    let (status, body) = stop(PASSWORD, SECRET).await;
    assert_eq!((status, &body["stopped"]), (200, &json!(true)));
    assert!(!world.opens("ann", PASSWORD, SECRET).await);
    let heard = world.heard.lock().unwrap().clone();
    let path = format!("/platform/v1/accounts/{}/veto", world.ann);
    assert_eq!(
        heard,
        [(path, json!({ "channel": "sign_in", "how": "signed_in" }))]
    );
}

/// The kinds of changes that Regain was told, with the platform's names for them.
fn told(world: &World) -> Vec<(String, String)> {
    let heard = world.heard.lock().unwrap().clone();
    let path = format!("/platform/v1/accounts/{}/changes", world.ann);
    let changes = heard.into_iter().filter(|(to, _)| *to == path);
    let text = |body: &serde_json::Value, key: &str| body[key].as_str().unwrap().to_owned();
    changes
        .map(|(_, body)| (text(&body, "kind"), text(&body, "idempotency_key")))
        .collect()
}

#[tokio::test]
async fn sign_ins_from_new_devices_are_told_while_a_recovery_waits() {
    let world = World::new().await;
    world.signed_in("ann", PASSWORD, SECRET).await;
    assert!(told(&world).is_empty(), "nothing waits");
    world
        .secure("devices", SecuringVerb::Suspend, "s1")
        .await
        .unwrap();
    world
        .restrict(1, RestrictionMode::CoolingOff, &["login"])
        .await;
    world.advance(platform::Span::minutes(1));
    let ann = world.signed_in("ann", PASSWORD, SECRET).await;
    world.advance(platform::Span::minutes(1));
    world.deaf.store(true, Ordering::SeqCst);
    world.signed_in("ann", PASSWORD, SECRET).await;
    let first = ("new_device".to_owned(), "change-1".to_owned());
    let second = ("suspicious_login".to_owned(), "change-2".to_owned());
    assert_eq!(told(&world), std::slice::from_ref(&first));
    world.deaf.store(false, Ordering::SeqCst);
    world.advance(platform::Span::minutes(1));
    let code = world.code(SECRET);
    let body = json!({ "identifier": "ann", "password": PASSWORD, "code": code });
    assert_eq!(ann.post("/login", body).await.0, 200);
    // The device is known by now, and what did not get through is told.
    assert_eq!(told(&world), [first, second]);
}
