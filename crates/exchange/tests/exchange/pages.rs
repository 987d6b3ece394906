//! The pages as a person and a hostile site meet them.

use platform::contract::{
    ActionName, CredentialsRequest, PasskeyCredential, RestrictionMode, SecuringRequest,
    SecuringVerb,
};
use platform::{Span, TicketError, verify_ticket};
use serde_json::{Value, json};

use crate::authenticator::Authenticator;
use crate::world::{
    BEGUN_AT, Browser, NEW_PASSWORD, PASSWORD, SECRET, World, case, keys, portrait,
};

const PAGES: [&str; 8] = [
    "/assets",
    "/whitelist",
    "/api-keys",
    "/authorisations",
    "/history",
    "/activity",
    "/sessions",
    "/security",
];

#[tokio::test]
async fn every_page_is_served_with_its_headers() {
    let world = World::new().await;
    let ann = world.signed_in("ann", PASSWORD, SECRET).await;
    let open = [
        "/login",
        "/register",
        "/help/access",
        "/stop",
        "/reset",
        "/reset/c_1",
    ];
    for path in PAGES.iter().chain(&open) {
        let answer = ann
            .http
            .get(format!("{}{path}", world.base))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        let policy = answer.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .to_owned();
        assert!(
            policy.starts_with("default-src 'none'") && !policy.contains("unsafe"),
            "{path}"
        );
        let page = answer.text().await.unwrap();
        assert!(page.contains("<h1>"), "{path}");
        assert!(
            !page.contains(" style=") && !page.contains("onclick"),
            "{path}"
        );
        let inputs = page.matches("<input ").count() + page.matches("<select ").count();
        // Nobody types into these; the second kind tells a password manager whose password it is.
        let hidden = page.matches("type=\"hidden\"").count() + page.matches(" hidden>").count();
        assert_eq!(
            page.matches("<label ").count(),
            inputs - hidden,
            "{path}: a label each"
        );
    }
    for path in ["/assets/exchange.css", "/assets/passkey.js"] {
        assert_eq!(ann.page(path).await.0, 200);
    }
}

#[tokio::test]
async fn who_is_not_signed_in_is_led_to_the_sign_in_page() {
    let world = World::new().await;
    let nobody = world.browser();
    for path in PAGES {
        assert_eq!(nobody.page(path).await.0, 303, "{path}");
        let (status, body) = nobody.get(path).await;
        assert_eq!(
            (status, body["code"].as_str()),
            (401, Some("signed_out")),
            "{path}"
        );
    }
    let ann = world.signed_in("ann", PASSWORD, SECRET).await;
    assert_eq!(ann.get("/assets").await.0, 200);
    world.advance(Span::hours(12));
    assert_eq!(ann.get("/assets").await.0, 401, "a session ends");
    let ann = world.signed_in("ann", PASSWORD, SECRET).await;
    assert_eq!(ann.post("/logout", json!({})).await.0, 200);
    assert_eq!(ann.get("/assets").await.0, 401);
}

#[tokio::test]
async fn a_code_works_once_and_wrong_tries_make_people_wait() {
    let world = World::new().await;
    let code = world.code(SECRET);
    let body = json!({ "identifier": "ann", "password": PASSWORD, "code": code });
    assert_eq!(world.browser().post("/login", body.clone()).await.0, 200);
    assert_eq!(world.browser().post("/login", body).await.0, 401);
    // Whoever does not know the password cannot make the holder wait.
    let wrong = json!({ "identifier": "ann", "password": "wrong wrong", "code": "000000" });
    for _ in 0..12 {
        assert_eq!(world.browser().post("/login", wrong.clone()).await.0, 401);
    }
    world.signed_in("ann", PASSWORD, SECRET).await;
    let guess = json!({ "identifier": "ann", "password": PASSWORD, "code": "1" });
    let mut answers = Vec::new();
    for _ in 0..11 {
        answers.push(world.browser().post("/login", guess.clone()).await.0);
    }
    assert_eq!((answers[8], answers[9], answers[10]), (401, 429, 429));
    // The stop page stays open all the same.
    let code = world.code(SECRET);
    let stop = json!({ "identifier": "ann", "password": PASSWORD, "code": code });
    assert_eq!(world.browser().post("/stop", stop).await.0, 200);
    world.advance(Span::minutes(16));
    world.signed_in("ann", PASSWORD, SECRET).await;
    let unknown = json!({ "identifier": "nobody", "password": "wrong wrong" });
    let (status, body) = world.browser().post("/login", unknown).await;
    assert_eq!(
        (status, body["code"].as_str()),
        (401, Some("wrong_credentials"))
    );
}

#[tokio::test]
async fn forms_of_other_sites_are_refused() {
    let world = World::new().await;
    let ann = world.signed_in("ann", PASSWORD, SECRET).await;
    let send = async |name: &str, value: &str| {
        let request = ann
            .http
            .post(format!("{}/transfer", world.base))
            .header(name, value);
        let request = request.header("Accept", "application/json");
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        let body = "from=spot&asset=BTC&amount=0.1";
        request.body(body).send().await.unwrap().status().as_u16()
    };
    assert_eq!(send("Sec-Fetch-Site", "cross-site").await, 403);
    assert_eq!(
        send("Sec-Fetch-Site", "same-site").await,
        403,
        "another port is another site"
    );
    assert_eq!(send("Origin", "http://localhost:1").await, 403);
    assert_eq!(send("Sec-Fetch-Site", "same-origin").await, 200);
    assert_eq!(send("Origin", &world.base).await, 200);
}

/// A registration as a browser sends it.
fn registration(user_name: &str, portrait: Vec<u8>) -> (String, Vec<u8>) {
    let fields = [
        ("user_name", user_name),
        ("email", "carl@new.example"),
        ("phone", ""),
        ("password", "eight or more"),
        ("full_name", "Carl Example"),
        ("birth_date", "1985-02-28"),
        ("document_kind", "passport"),
        ("document_country", "fra"),
        ("document_number", "12AB34567"),
        ("document_expiry", ""),
    ];
    let mut body = Vec::new();
    for (name, value) in fields {
        let part =
            format!("--xyz\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    let head = "--xyz\r\nContent-Disposition: form-data; name=\"portrait\"; filename=\"me\"\r\n\
                Content-Type: image/png\r\n\r\n";
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(&portrait);
    body.extend_from_slice(b"\r\n--xyz--\r\n");
    ("multipart/form-data; boundary=xyz".to_owned(), body)
}

#[tokio::test]
async fn anyone_can_register_with_kyc() {
    let world = World::new().await;
    let carl = world.browser();
    let send = async |user_name: &str, portrait: Vec<u8>| {
        let (kind, body) = registration(user_name, portrait);
        let request = carl.http.post(format!("{}/register", world.base));
        let request = request
            .header("Content-Type", kind)
            .header("Accept", "application/json");
        let answer = request.body(body).send().await.unwrap();
        let status = answer.status().as_u16();
        let body: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        (status, body)
    };
    assert_eq!(send("carl", b"<svg/>".to_vec()).await.0, 422);
    assert_eq!(send("carl", Vec::new()).await.0, 422);
    assert_eq!(send("ann", portrait()).await.0, 409);
    let (status, body) = send("carl", portrait()).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(carl.get("/assets").await.1["user_name"], "carl");
    let account = platform::AccountRef(body["account"].as_str().unwrap().to_owned());
    let dossier = world.client.dossier(&account).await.unwrap();
    let document = dossier.document.unwrap();
    assert_eq!(
        (document.country.as_str(), document.name.reveal().as_str()),
        ("FRA", "Carl Example")
    );
    assert_eq!(world.client.portrait(&account).await.unwrap(), portrait());
    assert_eq!(
        dossier.logins[0].device.as_ref().unwrap().reveal(),
        "Firefox on Linux"
    );
    // An authenticator, and from then on it is asked for.
    let (_, started) = carl.post("/security/totp/start", json!({})).await;
    let secret = started["secret"].as_str().unwrap().to_owned();
    let code = world.code(&secret);
    let body = json!({ "ceremony": started["ceremony"], "code": &code });
    assert_eq!(carl.post("/security/totp/confirm", body).await.0, 200);
    let without = json!({ "identifier": "carl", "password": "eight or more" });
    assert_eq!(world.browser().post("/login", without).await.0, 401);
    let used = json!({ "identifier": "carl", "password": "eight or more", "code": code });
    assert_eq!(world.browser().post("/login", used).await.0, 401);
    world.signed_in("carl", "eight or more", &secret).await;
}

#[tokio::test]
async fn the_way_to_regain_carries_a_ticket_with_the_known_device() {
    let world = World::new().await;
    let ann = world.signed_in("ann", PASSWORD, SECRET).await;
    assert!(ann.page("/login").await.1.contains("href=\"/help/access\""));
    assert!(
        ann.page("/help/access")
            .await
            .1
            .contains("Lost access to all security items")
    );
    let (status, body) = ann.get("/help/access/lost").await;
    assert_eq!(status, 200);
    let url = url::Url::parse(body["url"].as_str().unwrap()).unwrap();
    let (name, ticket) = url.query_pairs().next().unwrap();
    assert_eq!(name, "ticket");
    let read = verify_ticket(&ticket, &keys(7), world.now()).unwrap();
    let dossier = world.client.dossier(&world.ann).await.unwrap();
    let known = dossier.logins[0].device_token.as_ref().unwrap().reveal();
    assert_eq!(
        read.device.unwrap().reveal(),
        known,
        "the dossier knows this device"
    );
    assert_eq!(read.account, None);
    let late = verify_ticket(&ticket, &keys(7), world.now() + Span::minutes(10));
    assert_eq!(late.unwrap_err(), TicketError::Expired);
    let forged = verify_ticket(&ticket, &keys(8), world.now());
    assert_eq!(forged.unwrap_err(), TicketError::Forged);
    // A browser without a device gets one, and every ticket has its own nonce.
    let fresh = world.browser();
    let (_, one) = fresh.get("/help/access/lost").await;
    let (_, two) = fresh.get("/help/access/lost").await;
    assert_ne!(one["url"], two["url"]);
    assert_eq!(fresh.page("/help/access/lost").await.0, 303);
}

#[tokio::test]
async fn a_locked_account_opens_one_page() {
    let world = World::new().await;
    world.restrict(1, RestrictionMode::Locked, &[]).await;
    let code = world.code(SECRET);
    let form = format!(
        "identifier=ann&password={}&code={code}",
        PASSWORD.replace(' ', "+")
    );
    let (status, page) = world.browser().form("/login", &form).await;
    assert_eq!(status, 403);
    assert!(page.contains("locked") && page.contains("href=\"/stop\""));
    // Whoever does not know the factors does not learn of the lock.
    let wrong = "identifier=ann&password=wrong+wrong&code=000000";
    let (status, page) = world.browser().form("/login", wrong).await;
    assert_eq!(status, 401);
    assert!(!page.contains("locked"));
    let code = world.code(SECRET);
    let form = format!(
        "identifier=ann&password={}&code={code}",
        PASSWORD.replace(' ', "+")
    );
    let (status, page) = world.browser().form("/stop", &form).await;
    assert_eq!(status, 200);
    assert!(page.contains("The recovery is stopped"), "{page}");
    assert_eq!(world.heard.lock().unwrap().len(), 1);
}

/// Enrols a passkey on the security page.
async fn enrol(browser: &Browser, authenticator: &mut Authenticator) {
    let (status, started) = browser.post("/security/passkey/start", json!({})).await;
    assert_eq!(status, 200, "{started}");
    let credential = authenticator.create(&started["options"]);
    let body = json!({ "ceremony": started["ceremony"], "credential": credential });
    let (status, body) = browser.post("/security/passkey/finish", body).await;
    assert_eq!(status, 200, "{body}");
}

/// Uses a passkey in a fresh browser and gives the status.
pub async fn use_passkey(world: &World, authenticator: &mut Authenticator, purpose: &str) -> u16 {
    let browser = world.browser();
    let ask = json!({ "identifier": "ann", "purpose": purpose });
    let (status, started) = browser.post("/login/passkey/start", ask).await;
    if status != 200 {
        return status;
    }
    let credential = authenticator.get(&started["options"]);
    let body = json!({
        "ceremony": started["ceremony"], "purpose": purpose, "credential": credential,
    });
    let (status, _) = browser.post("/login/passkey/finish", body.clone()).await;
    let (again, _) = browser.post("/login/passkey/finish", body).await;
    assert_eq!(again, 409, "an answer works once, whatever became of it");
    status
}

#[tokio::test]
async fn a_passkey_signs_in_and_while_locked_it_opens_the_stop_page_only() {
    let world = World::new().await;
    let ann = world.signed_in("ann", PASSWORD, SECRET).await;
    let mut passkey = Authenticator::new(&world.base, 0x42);
    enrol(&ann, &mut passkey).await;
    assert_eq!(use_passkey(&world, &mut passkey, "login").await, 200);
    world.restrict(1, RestrictionMode::Locked, &[]).await;
    assert_eq!(use_passkey(&world, &mut passkey, "login").await, 403);
    assert_eq!(use_passkey(&world, &mut passkey, "stop").await, 200);
    assert_eq!(world.heard.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_passkey_without_user_verification_is_neither_taken_nor_signs_in() {
    let world = World::new().await;
    let ann = world.signed_in("ann", PASSWORD, SECRET).await;
    let mut passkey = Authenticator::new(&world.base, 0x42);
    passkey.stops_verifying();
    let (_, started) = ann.post("/security/passkey/start", json!({})).await;
    let asked = &started["options"]["publicKey"]["authenticatorSelection"]["userVerification"];
    assert_eq!(asked, "required");
    let credential = passkey.create(&started["options"]);
    let body = json!({ "ceremony": started["ceremony"], "credential": credential });
    assert_eq!(ann.post("/security/passkey/finish", body).await.0, 422);
    let mut passkey = Authenticator::new(&world.base, 0x43);
    enrol(&ann, &mut passkey).await;
    assert_eq!(use_passkey(&world, &mut passkey, "login").await, 200);
    passkey.stops_verifying();
    assert_eq!(use_passkey(&world, &mut passkey, "login").await, 401);
}

/// A stored credential as Regain makes it on its own page for the exchange's domain.
fn made_at_regain(authenticator: &mut Authenticator) -> Value {
    let origin = url::Url::parse("https://recover.localhost").unwrap();
    let regain = webauthn_rs::WebauthnBuilder::new("localhost", &origin)
        .unwrap()
        .build()
        .unwrap();
    let handle = webauthn_rs::prelude::Uuid::from_bytes([1; 16]);
    let (options, state) = regain
        .start_passkey_registration(handle, "a", "a", None)
        .unwrap();
    let credential = authenticator.create(&serde_json::to_value(&options).unwrap());
    let credential = serde_json::from_value(credential).unwrap();
    let passkey = regain
        .finish_passkey_registration(&credential, &state)
        .unwrap();
    serde_json::to_value(&passkey).unwrap()
}

#[tokio::test]
async fn a_passkey_made_at_regain_takes_the_old_ones_place() {
    let world = World::new().await;
    let ann = world.signed_in("ann", PASSWORD, SECRET).await;
    let mut old = Authenticator::new(&world.base, 0x42);
    enrol(&ann, &mut old).await;
    let mut new = Authenticator::new("https://recover.localhost", 0x43);
    let request = CredentialsRequest {
        email: Some("ann@new.example".to_owned().into()),
        password: Some(NEW_PASSWORD.to_owned().into()),
        passkey: Some(PasskeyCredential {
            rp_id: "localhost".to_owned(),
            credential: made_at_regain(&mut new),
        }),
        ..CredentialsRequest::nothing("c1", BEGUN_AT)
    };
    let staged = world
        .client
        .stage_credentials(&world.ann, &case(), &request)
        .await
        .unwrap();
    assert!(staged.passkey);
    new.move_to(&world.base);
    assert_eq!(use_passkey(&world, &mut old, "login").await, 200);
    let action = ActionName::new(ActionName::OLD_FACTORS).unwrap();
    let secure = async |verb, key: &str| {
        let idempotency_key = key.to_owned();
        let request = SecuringRequest {
            case: case(),
            verb,
            idempotency_key,
        };
        world
            .client
            .secure(&world.ann, &action, &request)
            .await
            .unwrap()
    };
    secure(SecuringVerb::Suspend, "s").await;
    assert_eq!(use_passkey(&world, &mut new, "login").await, 200);
    assert_eq!(use_passkey(&world, &mut old, "login").await, 401);
    assert_eq!(use_passkey(&world, &mut new, "stop").await, 401);
    assert_eq!(use_passkey(&world, &mut old, "stop").await, 200);
    secure(SecuringVerb::Restore, "r").await;
    assert_eq!(use_passkey(&world, &mut old, "login").await, 200);
    assert_eq!(use_passkey(&world, &mut new, "login").await, 401);
}

/// The path of the reset link in the last mail.
fn mailed_link(world: &World) -> Option<String> {
    let mails = world.mails.lock().unwrap();
    let text = mails.last()?.text.reveal().clone();
    text.split_once(&world.base)
        .map(|(_, path)| path.to_owned())
}

#[tokio::test]
async fn who_still_has_a_factor_resets_the_other() {
    let world = World::new().await;
    let someone = world.browser();
    let wrong = json!({ "identifier": "ann", "lost": "password", "code": "000000" });
    assert_eq!(
        someone.post("/reset", wrong).await.0,
        200,
        "the answer does not tell"
    );
    let unknown = json!({ "identifier": "nobody", "lost": "totp", "password": "x" });
    assert_eq!(someone.post("/reset", unknown).await.0, 200);
    assert_eq!(mailed_link(&world), None);
    let code = world.code(SECRET);
    let forgot = json!({ "identifier": "ann", "lost": "password", "code": code });
    assert_eq!(someone.post("/reset", forgot).await.0, 200);
    let link = mailed_link(&world).unwrap();
    let new = json!({ "password": NEW_PASSWORD });
    assert_eq!(someone.post(&link, new.clone()).await.0, 200);
    assert_eq!(someone.post(&link, new).await.0, 409, "a link works once");
    assert_eq!(
        world.sign_in(&someone, "ann", PASSWORD, SECRET).await.0,
        401
    );
    world.signed_in("ann", NEW_PASSWORD, SECRET).await;
    let lost = json!({ "identifier": "ann", "lost": "totp", "password": NEW_PASSWORD });
    assert_eq!(someone.post("/reset", lost.clone()).await.0, 200);
    let link = mailed_link(&world).unwrap();
    assert_eq!(someone.post(&link, json!({})).await.0, 200);
    let without = json!({ "identifier": "ann", "password": NEW_PASSWORD });
    assert_eq!(someone.post("/login", without).await.0, 200);
    // A locked account resets nothing.
    world.restrict(1, RestrictionMode::Locked, &[]).await;
    assert_eq!(someone.post("/reset", lost).await.0, 200);
    let link = mailed_link(&world).unwrap();
    assert_eq!(someone.post(&link, json!({})).await.0, 403);
}
