//! A running exchange, a Regain that only listens, and people with browsers.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use exchange::{
    AuthorisationKind, Config, Exchange, Fault, FaultSwitch, OutgoingMail, SeedAccount, SeedBalance,
};
use image::{ImageFormat, Rgb, RgbImage};
use platform::contract::{
    AccountStatus, BankCard, CapabilityName, DocumentKind, EnrolAt, KycDocument, Login,
    PasskeyParty, PastAddress, RECOVERY_CODES, RestrictionMode, RestrictionSet, TotpAlgorithm,
    TotpSecret, ValueClass,
};
use platform::{
    AccountRef, CaseId, Clock, Incoming, PlatformClient, Sensitive, SharedKey, SharedKeys, Span,
    Timeouts, Timestamp, Verifier,
};
use serde_json::{Value, json};
use totp_rs::{Builder, Secret, Totp};

/// When every test begins: 2026-11-23T12:00:00Z.
pub const START: Timestamp = Timestamp::from_millis(1_795_435_200_000);
pub const PASSWORD: &str = "correct horse battery";
pub const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
pub const NEW_PASSWORD: &str = "quiet river under stones";
pub const NEW_SECRET: &str = "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU";
/// Recovery codes that Ann had before, and new ones.
pub const OLD_CODES: [&str; 2] = ["2222-3333-4444-5555", "6666-7777-8888-9999"];

pub fn new_codes() -> Vec<Sensitive<String>> {
    let code = |place: usize| text(&format!("AAAA-BBBB-CCCC-{place:04}"));
    (0..RECOVERY_CODES).map(code).collect()
}

pub const ADDRESS: &str = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq";

/// When the handover of that case began.
pub const BEGUN_AT: Timestamp = Timestamp::from_millis(1_790_000_000_000);

pub fn case() -> CaseId {
    "case_01JDCM8Z00ABCDEFGHJKMNPQRS".parse().unwrap()
}

pub fn keys(byte: u8) -> SharedKeys {
    SharedKeys::new(SharedKey::new("k1", vec![byte; 32]).unwrap(), None).unwrap()
}

/// What the listening Regain heard: path and body of every signed call.
pub type Heard = Arc<Mutex<Vec<(String, Value)>>>;

struct Regain {
    verifier: Verifier,
    now: Clock,
    heard: Heard,
    deaf: Arc<AtomicBool>,
}

async fn listen(State(regain): State<Arc<Regain>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let path = parts.uri.path_and_query().unwrap().as_str();
    let incoming = Incoming::new(parts.method.as_str(), path, &body, |name| {
        parts
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
    });
    let Ok(verified) = regain.verifier.verify(&incoming, (regain.now)()) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    if regain.deaf.load(Ordering::SeqCst) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    regain.heard.lock().unwrap().push((path.to_owned(), value));
    let body = br#"{"stopped":true,"longer":true}"#;
    let mut answer = Response::builder().status(200);
    for (name, value) in regain.verifier.sign_answer(&verified, 200, body) {
        answer = answer.header(name, value);
    }
    answer.body(Body::from(body.as_slice())).unwrap()
}

pub struct World {
    pub base: String,
    pub regain: String,
    pub client: PlatformClient,
    pub ann: AccountRef,
    pub ann_key: String,
    pub bob: AccountRef,
    pub mails: Arc<Mutex<Vec<OutgoingMail>>>,
    pub heard: Heard,
    /// While it is set, the listening Regain answers nothing of use.
    pub deaf: Arc<AtomicBool>,
    pub faults: FaultSwitch,
    now: Arc<AtomicI64>,
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test's server runs on its own task"
)]
fn run(task: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(task);
}

pub async fn port() -> (tokio::net::TcpListener, u16) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

async fn start_regain(now: Clock, deaf: Arc<AtomicBool>) -> (String, Heard) {
    let heard = Heard::default();
    let regain = Arc::new(Regain {
        verifier: Verifier::new(keys(7)),
        now,
        heard: heard.clone(),
        deaf,
    });
    let (listener, port) = port().await;
    let router = Router::new().fallback(listen).with_state(regain);
    run(async move { axum::serve(listener, router).await.unwrap() });
    (format!("http://127.0.0.1:{port}"), heard)
}

/// How an exchange differs from the one that most tests want.
struct Setup {
    fault: Option<Fault>,
    probe: bool,
    passkeys_made: EnrolAt,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            fault: None,
            probe: true,
            passkeys_made: EnrolAt::AtRegain,
        }
    }
}

impl World {
    pub async fn new() -> Self {
        Self::with_database(None).await
    }

    pub async fn with_database(database: Option<std::path::PathBuf>) -> Self {
        Self::with(database, Setup::default()).await
    }

    /// An exchange that has this fault from its start.
    pub async fn with_fault(database: Option<std::path::PathBuf>, fault: Option<Fault>) -> Self {
        let setup = Setup {
            fault,
            ..Setup::default()
        };
        Self::with(database, setup).await
    }

    /// An exchange that real people would use: it answers no probe.
    pub async fn without_probe() -> Self {
        let setup = Setup {
            probe: false,
            ..Setup::default()
        };
        Self::with(None, setup).await
    }

    /// One that makes the passkeys of recoveries on its own page.
    pub async fn with_own_passkey_page() -> Self {
        let setup = Setup {
            passkeys_made: EnrolAt::AtPlatform,
            ..Setup::default()
        };
        Self::with(None, setup).await
    }

    async fn with(database: Option<std::path::PathBuf>, setup: Setup) -> Self {
        let Setup {
            fault,
            probe,
            passkeys_made,
        } = setup;
        let faults = FaultSwitch::default();
        faults.set(fault);
        let now = Arc::new(AtomicI64::new(START.millis()));
        let hand = now.clone();
        let clock: Clock = Arc::new(move || Timestamp::from_millis(hand.load(Ordering::SeqCst)));
        let deaf = Arc::<AtomicBool>::default();
        let (regain_url, heard) = start_regain(clock.clone(), deaf.clone()).await;
        let regain = regain_url.clone();
        let (listener, port) = port().await;
        let base = format!("http://localhost:{port}");
        let mails = Arc::new(Mutex::new(Vec::new()));
        let sink = mails.clone();
        let config = Config {
            name: "Meridian".to_owned(),
            base_url: base.clone(),
            entry_url: format!("{regain_url}/"),
            regain_url,
            keys: keys(7),
            database,
            clock: clock.clone(),
            wall: clock.clone(),
            outgoing: Arc::new(move |mail| sink.lock().unwrap().push(mail)),
            passkeys: Some(PasskeyParty {
                rp_id: "localhost".to_owned(),
                origin: base.clone(),
                name: "Meridian".to_owned(),
            }),
            probe,
            faults: faults.clone(),
            passkeys_made,
        };
        let exchange = Exchange::open(config).await.unwrap();
        let seeded = exchange.seed(&[ann(), bob()]).await.unwrap();
        let served = exchange.clone();
        run(async move {
            served
                .serve(listener, std::future::pending())
                .await
                .unwrap()
        });
        let client = PlatformClient::new(&base, keys(7), Timeouts::default(), clock).unwrap();
        let ann_key = seeded[0].api_keys.first().map(|key| key.reveal().clone());
        Self {
            base,
            regain,
            client,
            ann: seeded[0].account.clone(),
            ann_key: ann_key.unwrap_or_default(),
            bob: seeded[1].account.clone(),
            mails,
            heard,
            deaf,
            faults,
            now,
        }
    }

    /// The clock of this world.
    pub fn clock(&self) -> Clock {
        let hand = self.now.clone();
        Arc::new(move || Timestamp::from_millis(hand.load(Ordering::SeqCst)))
    }

    pub fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.now.load(Ordering::SeqCst))
    }

    pub fn advance(&self, span: Span) {
        self.now.fetch_add(span.as_millis(), Ordering::SeqCst);
    }

    /// The code of an authenticator, after the last one is used up.
    pub fn code(&self, secret: &str) -> String {
        self.advance(Span::minutes(2));
        let seconds = u64::try_from(self.now().millis() / 1000).unwrap();
        authenticator(secret).generate(seconds).to_string()
    }

    pub fn browser(&self) -> Browser {
        let http = reqwest::Client::builder()
            .cookie_store(true)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .user_agent("Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")
            .build()
            .unwrap();
        Browser {
            http,
            base: self.base.clone(),
        }
    }

    /// A browser in which the person has signed in.
    pub async fn signed_in(&self, name: &str, password: &str, secret: &str) -> Browser {
        let browser = self.browser();
        let (status, body) = self.sign_in(&browser, name, password, secret).await;
        assert_eq!(status, 200, "{body}");
        browser
    }

    pub async fn sign_in(
        &self,
        browser: &Browser,
        name: &str,
        password: &str,
        secret: &str,
    ) -> (u16, Value) {
        let code = self.code(secret);
        let body = json!({ "identifier": name, "password": password, "code": code });
        browser.post("/login", body).await
    }

    /// Puts a set in force for Ann.
    pub async fn restrict(&self, version: u64, mode: RestrictionMode, allow: &[&str]) {
        let set = restriction(version, mode, allow, self.now());
        let ack = self.client.restrict(&self.ann, &set).await.unwrap();
        assert_eq!(ack.version, version);
    }
}

pub fn restriction(
    version: u64,
    mode: RestrictionMode,
    allow: &[&str],
    since: Timestamp,
) -> RestrictionSet {
    let allow: BTreeSet<CapabilityName> = allow
        .iter()
        .map(|name| CapabilityName::new(*name).unwrap())
        .collect();
    let stop_page_url = Some("https://recover.example/stop".to_owned());
    RestrictionSet {
        version,
        mode,
        allow,
        since,
        until_at_least: None,
        stop_page_url,
        limits: None,
    }
}

pub fn authenticator(secret: &str) -> Totp {
    Builder::new()
        .with_secret(Secret::try_from_base32(secret).unwrap())
        .build()
        .unwrap()
}

pub fn new_totp() -> TotpSecret {
    TotpSecret {
        secret: NEW_SECRET.to_owned().into(),
        algorithm: TotpAlgorithm::Sha1,
        digits: 6,
        period: 30,
        used_step: None,
    }
}

pub fn portrait() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let picture = RgbImage::from_pixel(64, 64, Rgb([120, 90, 70]));
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn text(text: &str) -> Sensitive<String> {
    text.to_owned().into()
}

fn address(chain: &str, address: &str) -> PastAddress {
    PastAddress {
        chain: chain.to_owned(),
        address: text(address),
    }
}

fn balance(wallet: &str, asset: &str, amount: &str) -> SeedBalance {
    SeedBalance {
        wallet: wallet.to_owned(),
        asset: asset.to_owned(),
        amount: amount.to_owned(),
    }
}

pub fn ann() -> SeedAccount {
    SeedAccount {
        user_name: "ann".to_owned(),
        email: "ann@old.example".to_owned(),
        phone: Some("+49 30 1234567".to_owned()),
        password: text(PASSWORD),
        totp_secret: Some(text(SECRET)),
        passkey: None,
        recovery_codes: OLD_CODES.map(text).to_vec(),
        document: Some(KycDocument {
            kind: DocumentKind::NationalId,
            country: "DEU".to_owned(),
            number: text("T22000129"),
            name: text("Ann Example"),
            birth_date: text("1990-05-31"),
            expiry: Some("2030-01-01".to_owned()),
        }),
        portrait: Some(portrait()),
        registered_at: START - Span::days(1000),
        status: AccountStatus::Ordinary,
        value: ValueClass::Large,
        tier_hint: None,
        cards: vec![BankCard {
            bank: text("Example Bank"),
            last_four: text("4242"),
        }],
        past_addresses: vec![address("bitcoin", ADDRESS)],
        whitelist: vec![address("bitcoin", ADDRESS), address("tron", "TXYZ")],
        api_keys: vec!["trading bot".to_owned()],
        authorisations: vec![
            (AuthorisationKind::Oauth, "Tax app".to_owned()),
            (AuthorisationKind::CopyTrading, "Fast trader".to_owned()),
            (AuthorisationKind::Web3, "0xabc".to_owned()),
        ],
        logins: vec![Login {
            ip: text("198.51.100.7"),
            city: Some(text("Berlin")),
            country: Some("DE".to_owned()),
            device: Some(text("Firefox on Linux")),
            device_token: Some(text("device-1")),
            at: START - Span::days(3),
        }],
        push_device: Some("Ann's phone".to_owned()),
        balances: vec![
            balance("spot", "BTC", "2"),
            balance("funding", "BTC", "1.5"),
        ],
    }
}

pub fn bob() -> SeedAccount {
    SeedAccount {
        user_name: "bob".to_owned(),
        email: "bob@old.example".to_owned(),
        phone: None,
        totp_secret: None,
        portrait: None,
        document: None,
        status: AccountStatus::NoKyc,
        ..ann()
    }
}

/// A person's browser, as a script drives it.
#[derive(Clone)]
pub struct Browser {
    pub http: reqwest::Client,
    pub base: String,
}

impl Browser {
    pub async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let request = self.http.post(format!("{}{path}", self.base));
        let request = request.header("Content-Type", "application/json");
        let answer = request
            .header("Accept", "application/json")
            .body(body.to_string());
        let answer = answer.send().await.unwrap();
        (answer.status().as_u16(), read(answer).await)
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        let request = self.http.get(format!("{}{path}", self.base));
        let answer = request
            .header("Accept", "application/json")
            .send()
            .await
            .unwrap();
        (answer.status().as_u16(), read(answer).await)
    }

    /// A page as a person sees it.
    pub async fn page(&self, path: &str) -> (u16, String) {
        let answer = self
            .http
            .get(format!("{}{path}", self.base))
            .send()
            .await
            .unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// A form as a person sends it.
    pub async fn form(&self, path: &str, body: &str) -> (u16, String) {
        let request = self.http.post(format!("{}{path}", self.base));
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        let answer = request.body(body.to_owned()).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

async fn read(answer: reqwest::Response) -> Value {
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or(Value::Null)
}
