//! The passkey of a recovery, made on the exchange's own page on an assertion from Regain.

use platform::contract::{
    ActionName, CredentialsRequest, EnrolAt, PasskeyCredential, SecuringRequest, SecuringVerb,
};
use platform::signature::nonce_text;
use platform::{AccountRef, CaseId, ClientError, EnrolAssertion, EnrolPurpose, Span};
use serde_json::{Value, json};

use crate::authenticator::Authenticator;
use crate::pages::use_passkey;
use crate::world::{BEGUN_AT, Browser, NEW_PASSWORD, World, case, keys};

fn assertion(world: &World, nonce: u8) -> EnrolAssertion {
    let now = world.now();
    EnrolAssertion {
        account: world.ann.clone(),
        case: case(),
        begun_at: BEGUN_AT,
        purpose: EnrolPurpose::Passkey,
        issued_at: now,
        expires_at: now + Span::minutes(10),
        nonce: nonce_text([nonce; 16]),
        return_url: format!("{}/handover/passkey?made=1", world.regain),
    }
}

fn path(assertion: &EnrolAssertion, byte: u8) -> String {
    let text = assertion.sign(keys(byte).current()).unwrap();
    format!("/enrol/passkey?assertion={text}")
}

/// A browser that came with a good assertion.
async fn arrived(world: &World, nonce: u8) -> Browser {
    comes(world, &assertion(world, nonce)).await
}

async fn comes(world: &World, assertion: &EnrolAssertion) -> Browser {
    let browser = world.browser();
    let address = path(assertion, 7);
    let answer = browser
        .http
        .get(format!("{}{address}", world.base))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 303);
    // The assertion leaves the address before anything is shown.
    assert_eq!(answer.headers()["location"], "/enrol/passkey");
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"));
    let text = address.split_once('=').unwrap().1;
    assert!(!cookie.contains(text), "the cookie is not the assertion");
    browser
}

/// Makes a passkey in a browser that arrived; gives what `finish` answered, twice.
async fn makes(browser: &Browser, passkey: &mut Authenticator) -> [(u16, Value); 2] {
    let (status, started) = browser.post("/enrol/passkey/start", json!({})).await;
    assert_eq!(status, 200, "{started}");
    let selection = &started["options"]["publicKey"]["authenticatorSelection"];
    assert_eq!(selection["userVerification"], "required");
    let credential = passkey.create(&started["options"]);
    let body = json!({ "ceremony": started["ceremony"], "credential": credential });
    let first = browser.post("/enrol/passkey/finish", body.clone()).await;
    [first, browser.post("/enrol/passkey/finish", body).await]
}

async fn staged(world: &World, account: &AccountRef, case: &CaseId) -> bool {
    let read = world.client.staged_credentials(account, case).await;
    read.unwrap().passkey
}

#[tokio::test]
async fn a_passkey_made_on_our_page_is_staged_for_its_case_and_works_after_the_handover() {
    let world = World::with_own_passkey_page().await;
    let capabilities = world.client.capabilities().await.unwrap();
    assert_eq!(capabilities.passkey, EnrolAt::AtPlatform);
    let page = format!("{}/enrol/passkey", world.base);
    assert_eq!(capabilities.passkey_page.as_deref(), Some(page.as_str()));
    let browser = arrived(&world, 1).await;
    let (status, shown) = browser.page("/enrol/passkey").await;
    assert_eq!(status, 200);
    assert!(
        shown.contains("Add a passkey") && !shown.contains("ann@"),
        "{shown}"
    );
    assert!(
        !staged(&world, &world.ann, &case()).await,
        "looking makes nothing"
    );
    let mut passkey = Authenticator::new(&world.base, 0x44);
    let [(status, made), (again, _)] = makes(&browser, &mut passkey).await;
    assert_eq!((status, again), (200, 409), "{made}");
    let back = format!("{}/handover/passkey?made=1", world.regain);
    assert_eq!(made["return_url"], back.as_str());
    assert!(staged(&world, &world.ann, &case()).await);
    let other: CaseId = "case_01JDCM8Z00ABCDEFGHJKMNPQRT".parse().unwrap();
    assert!(!staged(&world, &world.ann, &other).await);
    assert!(!staged(&world, &world.bob, &case()).await);
    // The visit served; another passkey needs another assertion.
    assert_eq!(browser.page("/enrol/passkey").await.0, 410);
    assert_eq!(browser.post("/enrol/passkey/start", json!({})).await.0, 410);
    // Neither signed in nor usable before the handover ends.
    assert_eq!(browser.get("/security").await.0, 401);
    assert_eq!(use_passkey(&world, &mut passkey, "login").await, 401);
    ends_handover(&world).await;
    assert_eq!(use_passkey(&world, &mut passkey, "login").await, 200);
}

async fn ends_handover(world: &World) {
    let request = CredentialsRequest {
        email: Some("ann@new.example".to_owned().into()),
        password: Some(NEW_PASSWORD.to_owned().into()),
        ..CredentialsRequest::nothing("rest", BEGUN_AT)
    };
    let client = &world.client;
    let now = client
        .stage_credentials(&world.ann, &case(), &request)
        .await;
    assert!(now.unwrap().passkey, "other kinds stay staged");
    let request = SecuringRequest {
        case: case(),
        verb: SecuringVerb::Suspend,
        idempotency_key: "s".to_owned(),
    };
    let action = ActionName::new(ActionName::OLD_FACTORS).unwrap();
    client.secure(&world.ann, &action, &request).await.unwrap();
}

/// What a browser that follows a link is answered, in words and to a program.
async fn refused(world: &World, address: &str) -> (u16, String) {
    let (status, body) = world.browser().get(address).await;
    let (shown, page) = world.browser().page(address).await;
    assert_eq!(status, shown, "{address}");
    assert!(page.contains("<h1>This link"), "a plain page: {page}");
    assert!(page.contains("recovery request"), "{page}");
    (status, body["code"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn an_assertion_that_is_forged_late_foreign_or_used_opens_nothing() {
    let world = World::with_own_passkey_page().await;
    let not_ours = (403, "not_ours".to_owned());
    assert_eq!(
        refused(&world, &path(&assertion(&world, 1), 8)).await,
        not_ours
    );
    assert_eq!(
        refused(&world, "/enrol/passkey?assertion=a.b").await,
        not_ours
    );
    let mut foreign = assertion(&world, 2);
    foreign.account = AccountRef("acc_nobody".to_owned());
    assert_eq!(refused(&world, &path(&foreign, 7)).await, not_ours);
    let mut elsewhere = assertion(&world, 3);
    elsewhere.return_url = "https://elsewhere.example/handover/passkey".to_owned();
    assert_eq!(refused(&world, &path(&elsewhere, 7)).await, not_ours);
    let late = path(&assertion(&world, 4), 7);
    arrived(&world, 5).await;
    let again = path(&assertion(&world, 5), 7);
    assert_eq!(refused(&world, &again).await, (409, "used".to_owned()));
    world.advance(Span::minutes(10));
    assert_eq!(refused(&world, &late).await, (410, "expired".to_owned()));
    assert_eq!(
        refused(&world, "/enrol/passkey").await,
        (410, "expired".to_owned())
    );
    assert!(!staged(&world, &world.ann, &case()).await);
}

#[tokio::test]
async fn a_visit_ends_after_ten_minutes_and_serves_no_other_browser() {
    let world = World::with_own_passkey_page().await;
    let browser = arrived(&world, 1).await;
    let other = arrived(&world, 2).await;
    let mut passkey = Authenticator::new(&world.base, 0x44);
    let (_, started) = browser.post("/enrol/passkey/start", json!({})).await;
    let credential = passkey.create(&started["options"]);
    let body = json!({ "ceremony": started["ceremony"], "credential": credential });
    assert_eq!(other.post("/enrol/passkey/finish", body).await.0, 422);
    let nobody = world.browser();
    assert_eq!(nobody.post("/enrol/passkey/start", json!({})).await.0, 410);
    world.advance(Span::minutes(10));
    assert_eq!(browser.post("/enrol/passkey/start", json!({})).await.0, 410);
    assert!(!staged(&world, &world.ann, &case()).await);
}

#[tokio::test]
async fn our_page_takes_no_passkey_without_user_verification() {
    let world = World::with_own_passkey_page().await;
    let browser = arrived(&world, 1).await;
    let mut passkey = Authenticator::new(&world.base, 0x44);
    passkey.stops_verifying();
    assert_eq!(makes(&browser, &mut passkey).await[0].0, 422);
    assert!(!staged(&world, &world.ann, &case()).await);
    // A second try, with a finger, is still possible.
    let mut passkey = Authenticator::new(&world.base, 0x45);
    assert_eq!(makes(&browser, &mut passkey).await[0].0, 200);
    assert!(staged(&world, &world.ann, &case()).await);
}

#[tokio::test]
async fn a_handover_that_is_begun_again_takes_over_no_passkey() {
    let world = World::with_own_passkey_page().await;
    let mut passkey = Authenticator::new(&world.base, 0x44);
    let [(status, _), _] = makes(&arrived(&world, 1).await, &mut passkey).await;
    assert_eq!(status, 200);
    assert!(staged(&world, &world.ann, &case()).await);
    arrived(&world, 2).await;
    assert!(!staged(&world, &world.ann, &case()).await);
}

#[tokio::test]
async fn a_passkey_of_an_earlier_handover_stays_out() {
    let world = World::with_own_passkey_page().await;
    let earlier = arrived(&world, 1).await;
    let another = assertion(&world, 2);
    let later = EnrolAssertion {
        begun_at: BEGUN_AT + Span::minutes(1),
        ..assertion(&world, 3)
    };
    let later = comes(&world, &later).await;
    // Neither while the new one is on its way, nor in its place.
    let mut passkey = Authenticator::new(&world.base, 0x45);
    assert_eq!(makes(&earlier, &mut passkey).await[0].0, 409);
    assert!(!staged(&world, &world.ann, &case()).await);
    assert_eq!(makes(&later, &mut passkey).await[0].0, 200);
    let (status, page) = world.browser().page(&path(&another, 7)).await;
    assert_eq!(status, 409, "{page}");
    assert!(staged(&world, &world.ann, &case()).await);
}

#[tokio::test]
async fn a_passkey_is_made_in_one_place_only() {
    let world = World::with_own_passkey_page().await;
    let request = CredentialsRequest {
        passkey: Some(PasskeyCredential {
            rp_id: "localhost".to_owned(),
            credential: json!({}),
        }),
        ..CredentialsRequest::nothing("p", BEGUN_AT)
    };
    let client = &world.client;
    let sent = client
        .stage_credentials(&world.ann, &case(), &request)
        .await;
    let field = ClientError::Status {
        code: 422,
        problem: Some("field".to_owned()),
    };
    assert_eq!(sent.unwrap_err(), field);
    let other = World::new().await;
    assert_eq!(
        other.client.capabilities().await.unwrap().passkey_page,
        None
    );
    let address = path(&assertion(&other, 1), 7);
    assert_eq!(other.browser().page(&address).await.0, 404);
}
