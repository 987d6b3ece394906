//! Recovery codes: staged like every factor, and each good for one sign-in.

use platform::contract::{
    ActionName, CredentialsRequest, RestrictionMode, SecuringRequest, SecuringVerb,
    StagedCredentials, TotpSecret,
};
use platform::{ClientError, Sensitive, Span};
use serde_json::json;

use crate::world::{
    BEGUN_AT, Browser, NEW_PASSWORD, NEW_SECRET, OLD_CODES, PASSWORD, SECRET, World, authenticator,
    case, new_codes, new_totp,
};

fn request(key: &str) -> CredentialsRequest {
    CredentialsRequest {
        email: Some("ann@new.example".to_owned().into()),
        password: Some(NEW_PASSWORD.to_owned().into()),
        totp: Some(new_totp()),
        recovery_codes: Some(new_codes()),
        ..CredentialsRequest::nothing(key, BEGUN_AT)
    }
}

async fn opens(world: &World, password: &str, code: &str) -> u16 {
    let body = json!({ "identifier": "ann", "password": password, "code": code });
    world.browser().post("/login", body).await.0
}

async fn secure(world: &World, verb: SecuringVerb) {
    let request = SecuringRequest {
        case: case(),
        verb,
        idempotency_key: format!("{verb:?}"),
    };
    let action = ActionName::new(ActionName::OLD_FACTORS).unwrap();
    world
        .client
        .secure(&world.ann, &action, &request)
        .await
        .unwrap();
}

async fn left(browser: &Browser) -> u64 {
    let (status, body) = browser.get("/security").await;
    assert_eq!(status, 200, "{body}");
    body["recovery_codes"].as_u64().unwrap()
}

#[tokio::test]
async fn a_recovery_code_signs_in_once_and_with_the_password_only() {
    let world = World::new().await;
    let ann = world.signed_in("ann", PASSWORD, SECRET).await;
    assert_eq!(left(&ann).await, 2);
    let [first, second] = OLD_CODES;
    assert_eq!(opens(&world, "another password", first).await, 401);
    assert_eq!(opens(&world, PASSWORD, "2222-3333-4444-5556").await, 401);
    assert_eq!(left(&ann).await, 2, "a wrong password uses no code up");
    // As it is typed from paper.
    assert_eq!(opens(&world, PASSWORD, " 2222 3333 4444 5555 ").await, 200);
    assert_eq!(opens(&world, PASSWORD, first).await, 401, "used up");
    assert_eq!(left(&ann).await, 1);
    let (_, page) = ann.page("/security").await;
    assert!(page.contains("Recovery codes left: 1"), "{page}");
    // Alone it resets no password: no mail goes out.
    let forgot = json!({ "identifier": "ann", "lost": "password", "code": second });
    assert_eq!(world.browser().post("/reset", forgot).await.0, 200);
    assert!(world.mails.lock().unwrap().is_empty());
    assert_eq!(left(&ann).await, 1);
    assert_eq!(opens(&world, PASSWORD, second).await, 200);
}

#[tokio::test]
async fn wrong_recovery_codes_count_like_wrong_codes() {
    let world = World::new().await;
    for _ in 0..10 {
        assert_eq!(opens(&world, PASSWORD, "AAAA-AAAA-AAAA-AAAA").await, 401);
    }
    assert_eq!(opens(&world, PASSWORD, OLD_CODES[0]).await, 429);
    world.advance(Span::minutes(16));
    assert_eq!(opens(&world, PASSWORD, OLD_CODES[0]).await, 200);
}

#[tokio::test]
async fn new_recovery_codes_take_the_old_ones_place_and_go_with_a_stop() {
    let world = World::new().await;
    let stage = async |request: &CredentialsRequest| {
        let client = &world.client;
        client
            .stage_credentials(&world.ann, &case(), request)
            .await
            .unwrap()
    };
    let codes = new_codes();
    assert!(stage(&request("a")).await.recovery_codes);
    assert!(stage(&request("a")).await.recovery_codes, "once more");
    let read = world
        .client
        .staged_credentials(&world.ann, &case())
        .await
        .unwrap();
    assert!(read.email && read.password && read.totp && read.recovery_codes && !read.passkey);
    // Staged is not active.
    assert_eq!(opens(&world, PASSWORD, codes[0].reveal()).await, 401);
    secure(&world, SecuringVerb::Suspend).await;
    let [old, unused] = OLD_CODES;
    assert_eq!(opens(&world, PASSWORD, old).await, 401);
    assert_eq!(opens(&world, NEW_PASSWORD, old).await, 401);
    assert_eq!(opens(&world, NEW_PASSWORD, codes[0].reveal()).await, 200);
    assert_eq!(opens(&world, NEW_PASSWORD, codes[0].reveal()).await, 401);
    let ann = world.signed_in("ann", NEW_PASSWORD, crate::world::NEW_SECRET);
    assert_eq!(left(&ann.await).await, 11);
    // The old ones still prove the holder where a recovery is stopped, once each.
    world.restrict(1, RestrictionMode::Locked, &[]).await;
    let stop = async |code: &str| {
        let body = json!({ "identifier": "ann", "password": PASSWORD, "code": code });
        world.browser().post("/stop", body).await.0
    };
    assert_eq!(stop(codes[1].reveal()).await, 401);
    assert_eq!(stop(old).await, 200);
    assert_eq!(stop(old).await, 401);
    secure(&world, SecuringVerb::Restore).await;
    world.restrict(2, RestrictionMode::None, &["login"]).await;
    assert_eq!(opens(&world, NEW_PASSWORD, codes[2].reveal()).await, 401);
    assert_eq!(opens(&world, PASSWORD, unused).await, 200);
}

#[tokio::test]
async fn recovery_codes_that_would_not_do_are_refused() {
    let world = World::new().await;
    let refused = async |key: &str, codes: Vec<Sensitive<String>>| {
        let request = CredentialsRequest {
            recovery_codes: Some(codes),
            ..request(key)
        };
        let staged = world
            .client
            .stage_credentials(&world.ann, &case(), &request)
            .await;
        let field = ClientError::Status {
            code: 422,
            problem: Some("field".to_owned()),
        };
        assert_eq!(staged.unwrap_err(), field, "{key}");
    };
    refused("few", new_codes()[..4].to_vec()).await;
    refused("many", [new_codes(), new_codes()].concat()).await;
    let mut twice = new_codes();
    twice[1] = "aaaa bbbb cccc 0000".to_owned().into();
    refused("twice", twice).await;
    let mut short = new_codes();
    short[3] = "123456".to_owned().into();
    refused("short", short).await;
    let staged = async || {
        let read = world.client.staged_credentials(&world.ann, &case()).await;
        read.unwrap().recovery_codes
    };
    assert!(!staged().await);
    let stage = async |key: &str, codes: Vec<Sensitive<String>>| {
        let request = CredentialsRequest {
            recovery_codes: Some(codes),
            ..request(key)
        };
        let client = &world.client;
        let answer = client
            .stage_credentials(&world.ann, &case(), &request)
            .await;
        answer.unwrap().recovery_codes
    };
    assert!(stage("twelve", new_codes()).await);
    let request = CredentialsRequest {
        recovery_codes: None,
        keep: Some(StagedCredentials {
            password: true,
            ..StagedCredentials::default()
        }),
        ..request("without")
    };
    let (client, case) = (&world.client, case());
    let kept = client.stage_credentials(&world.ann, &case, &request);
    assert!(kept.await.unwrap().password);
    assert!(!staged().await, "what is not kept is gone");
}

#[test]
fn a_platform_without_codes_is_not_told_of_them() {
    let request = CredentialsRequest {
        recovery_codes: None,
        ..request("a")
    };
    let text = serde_json::to_string(&request).unwrap();
    assert!(!text.contains("recovery_codes"), "{text}");
}

#[tokio::test]
async fn a_code_that_proved_a_new_authenticator_signs_nobody_in() {
    let world = World::new().await;
    let code = world.code(NEW_SECRET);
    let step = u64::try_from(world.now().millis() / 30_000).unwrap();
    let mut request = request("staged");
    request.totp = Some(TotpSecret {
        used_step: Some(step),
        ..new_totp()
    });
    let case = case();
    let staged = world.client.stage_credentials(&world.ann, &case, &request);
    assert!(staged.await.unwrap().totp);
    secure(&world, SecuringVerb::Suspend).await;
    assert_eq!(opens(&world, NEW_PASSWORD, &code).await, 401);
    world.advance(Span::seconds(30));
    let seconds = (step + 1) * 30;
    let next = authenticator(NEW_SECRET).generate(seconds).to_string();
    assert_eq!(opens(&world, NEW_PASSWORD, &next).await, 200);
}
