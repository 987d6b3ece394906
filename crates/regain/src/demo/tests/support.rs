//! What these scenarios share: a world, people with sessions, bare requests, and what is stored.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use engine::WebhookEndpoint;
use engine::inputs::{Opening, Origin, Proved, SessionKind};
use platform::{SharedKey, SharedKeys};
use recovery::actor::Rank;
use recovery::id::CaseId;
use recovery::sensitive::Sensitive;
use reqwest::cookie::Jar;
use reqwest::header::HeaderMap;
use reqwest::multipart::{Form as Multipart, Part};
use reqwest::{Client, Method, RequestBuilder};
use scraper::{Html, Selector};
use serde_json::Value;
use tempfile::TempDir;
use url::Url;

use crate::demo::walkthrough::report::Report;
use crate::demo::walkthrough::stage::{POLLS_MAX, Stage};
use crate::demo::world::{Options, World};

/// A world of its own in a folder of its own.
pub(super) struct Scene {
    pub world: World,
    pub folder: TempDir,
}

/// Somebody with a case whose address is proved.
pub(super) struct Party {
    pub case: CaseId,
    pub code: String,
    pub key: String,
    pub caller: Caller,
}

/// What is stored of all cases: a refused request must leave it as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stored {
    /// Events of each case and its state.
    pub cases: BTreeMap<String, (u64, String)>,
    /// Sealed objects.
    pub objects: Vec<PathBuf>,
    /// Names of the sealed pieces of each case.
    pub sealed: BTreeMap<String, Vec<String>>,
    /// Unfinished uploads of all cases.
    pub uploads: u64,
}

/// A plain world, on free ports.
pub(super) fn options(data: &Path) -> Options {
    Options {
        city_db: None,
        breached_list: None,
        behind_proxy: false,
        own_passkey_page: false,
        status: platform::contract::AccountStatus::Ordinary,
        data: data.to_owned(),
        database: None,
        models: None,
        portrait: None,
        free_ports: true,
        policy: None,
        webhooks: Vec::new(),
        crash_at: None,
        second_node: None,
        faults: exchange::FaultSwitch::default(),
    }
}

impl Scene {
    pub(super) async fn start() -> Self {
        Self::start_under(None).await
    }

    /// Under another policy than the one that ships.
    pub(super) async fn start_under(policy: Option<String>) -> Self {
        Self::start_as(policy, false).await
    }

    /// With an exchange that makes the new passkey on its own page.
    pub(super) async fn start_elsewhere() -> Self {
        Self::start_as(None, true).await
    }

    async fn start_as(policy: Option<String>, own_passkey_page: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::begin(folder, policy, Vec::new(), own_passkey_page).await
    }

    /// With models that look, and this portrait on the first account's record.
    pub(super) async fn start_seeing(models: PathBuf, portrait: Vec<u8>, policy: String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let world = World::start(&Options {
            models: Some(models),
            portrait: Some(portrait),
            policy: Some(policy),
            ..options(folder.path())
        })
        .await
        .unwrap();
        Self { world, folder }
    }

    /// With somebody who is told of news, in a folder that may have had a world before.
    pub(super) async fn start_with(
        folder: TempDir,
        policy: Option<String>,
        webhooks: Vec<WebhookEndpoint>,
    ) -> Self {
        Self::begin(folder, policy, webhooks, false).await
    }

    /// The keys that Regain and the exchange of this world share.
    pub(super) fn keys(&self) -> SharedKeys {
        let text = std::fs::read_to_string(self.folder.path().join("platform.key")).unwrap();
        SharedKeys::new(SharedKey::from_base64("demo", text.trim()).unwrap(), None).unwrap()
    }

    async fn begin(
        folder: TempDir,
        policy: Option<String>,
        webhooks: Vec<WebhookEndpoint>,
        own_passkey_page: bool,
    ) -> Self {
        let world = World::start(&Options {
            own_passkey_page,
            policy,
            webhooks,
            ..options(folder.path())
        })
        .await
        .unwrap();
        Self { world, folder }
    }

    pub(super) const fn stage(&self) -> Stage<'_> {
        Stage {
            world: &self.world,
            report: Report { json: false },
        }
    }

    /// Somebody nobody knows.
    pub(super) fn visitor(&self) -> Caller {
        Caller::new(&self.world.portal)
    }

    pub(super) async fn session(
        &self,
        kind: SessionKind,
        subject: &str,
        case: Option<&CaseId>,
    ) -> Caller {
        let engine = &self.world.engine;
        let token = engine
            .start_session(kind, subject, case, b"{}".to_vec())
            .await
            .unwrap();
        let name = if kind == SessionKind::Staff {
            "regain-staff"
        } else {
            "regain"
        };
        self.visitor().with_cookie(name, token.reveal()).await
    }

    /// An opened case without an account and address yet.
    pub(super) async fn opened(&self, place: u8) -> (CaseId, Caller) {
        let origin = Origin::new([10, 0, 0, place].into(), "scenario", None);
        let opening = Opening {
            entry: "link".to_owned(),
            ticket: None,
            language: "en".to_owned(),
            consent_text_version: "consent-2".to_owned(),
            gallery: None,
            origin,
        };
        let case = self.world.engine.open_case(opening).await.unwrap();
        let session = SessionKind::Applicant;
        let caller = self.session(session, "", Some(&case)).await;
        (case, caller)
    }

    /// An opened case with a code on its way; says the code.
    pub(super) async fn asked(&self, place: u8, account: &str, email: &str) -> (Party, String) {
        let (case, caller) = self.opened(place).await;
        let engine = &self.world.engine;
        let origin = Origin::new([10, 0, 0, place].into(), "scenario", None);
        let account = Sensitive::new(account.to_owned());
        engine
            .give_identifier(&case, account, &origin)
            .await
            .unwrap();
        engine.give_contact(&case, email).await.unwrap();
        let mail_code = self.stage().code_for(email).await.unwrap();
        let code = engine.applicant_view(&case).await.unwrap().code;
        let party = Party {
            case,
            code,
            key: String::new(),
            caller,
        };
        (party, mail_code)
    }

    /// Somebody who gathers evidence.
    pub(super) async fn applicant(&self, place: u8, account: &str, email: &str) -> Party {
        let (mut party, mail_code) = self.asked(place, account, email).await;
        let engine = &self.world.engine;
        let proved = engine.prove_contact(&party.case, &mail_code).await.unwrap();
        assert_eq!(proved, Proved::Yes);
        let key = engine.issue_case_key(&party.case).await.unwrap();
        party.key = key.reveal().clone();
        self.settle().await;
        party
    }

    /// A signed-in member of staff.
    pub(super) async fn staff(&self, name: &str, rank: Rank) -> Caller {
        let (member, _) = self.world.engine.add_staff(name, rank).await.unwrap();
        self.session(SessionKind::Staff, member.id.as_str(), None)
            .await
    }

    /// A phone that takes the pictures of a case.
    pub(super) async fn phone(&self, case: &CaseId) -> Caller {
        self.session(SessionKind::Phone, "", Some(case)).await
    }

    /// Until the worker has nothing left to do now.
    pub(super) async fn settle(&self) {
        for _ in 0..POLLS_MAX {
            let health = self.world.store.read().await.unwrap().queue_health().await;
            if health.unwrap().due == 0 {
                return;
            }
            self.stage().pause().await;
        }
        panic!("the worker does not come to rest");
    }

    /// What is stored, once the worker is at rest.
    pub(super) async fn stored(&self) -> Stored {
        self.settle().await;
        let mut reader = self.world.store.read().await.unwrap();
        let rows = reader.list_cases(None, None, 200).await.unwrap();
        let (mut cases, mut sealed, mut uploads) = (BTreeMap::new(), BTreeMap::new(), 0);
        for row in rows {
            uploads += reader.count_open_uploads(&row.id).await.unwrap();
            let names = reader.sealed_names(&row.id).await.unwrap();
            sealed.insert(row.id.to_string(), names);
            cases.insert(row.id.to_string(), (row.version, row.state));
        }
        Stored {
            cases,
            objects: files_below(&self.folder.path().join("objects")),
            sealed,
            uploads,
        }
    }

    /// Fails unless the service answers and nothing changed since.
    pub(super) async fn unchanged(&self, before: &Stored, what: &str) {
        let health = self.visitor().get("/health").await;
        assert_eq!(health.status, 200, "{what}: the server is not alive");
        assert_eq!(&self.stored().await, before, "{what}: something was stored");
    }

    pub(super) async fn end(self) {
        self.world.end().await;
    }
}

/// A file or folder of the shared data, if it is there.
pub(super) fn shared(path: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let root = std::env::var_os("REGAIN_SHARED").map_or(root, PathBuf::from);
    let found = Some(root.join(path)).filter(|path| path.exists());
    if found.is_none() {
        eprintln!("skipped: no shared {path}");
    }
    found
}

/// Every file below a folder, sorted.
pub(super) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// An answer as it arrived; redirects are not followed.
#[derive(Debug)]
pub(super) struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

/// Which of the two kinds of caller asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum As {
    Browser,
    Script,
}

impl As {
    pub(super) const BOTH: [Self; 2] = [Self::Browser, Self::Script];

    pub(super) const fn accept(self) -> &'static str {
        match self {
            Self::Browser => "text/html,application/xhtml+xml,*/*;q=0.8",
            Self::Script => "application/json",
        }
    }
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.and_then(|v| v.to_str().ok()).unwrap_or_default()
    }

    pub(super) fn text_of(&self, select: &str) -> String {
        let html = Html::parse_document(&self.body);
        let selector = Selector::parse(select).unwrap();
        let found = html.select(&selector).next();
        let text: String = found.map(|f| f.text().collect()).unwrap_or_default();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|_| panic!("{} is not JSON: {}", self.status, self.body))
    }

    /// A problem document with everything RFC 9457 and our own rules ask; says its code.
    pub(super) fn problem(&self) -> String {
        let kind = self.header("content-type");
        assert_eq!(kind, "application/problem+json", "{self:?}");
        let document = self.json();
        let code = document["code"].as_str().unwrap_or_default().to_owned();
        assert!(!code.is_empty() && code != "internal", "{document}");
        assert_eq!(document["status"], self.status, "{document}");
        let urn = document["type"].as_str().unwrap_or_default();
        assert!(urn.starts_with("urn:regain:problem:"), "{document}");
        let title = document["title"].as_str().unwrap_or_default();
        assert!(title.len() > 5, "{document}");
        code
    }

    /// A page that says what is wrong: heading, words, the title of a failed form.
    pub(super) fn is_page(&self) {
        let kind = self.header("content-type");
        assert!(kind.starts_with("text/html"), "{} {kind}", self.status);
        assert!(!self.text_of("h1").is_empty(), "no heading: {}", self.body);
    }

    /// The words beside a field, which also stand in the summary on top.
    pub(super) fn beside(&self, field: &str) -> String {
        self.is_page();
        let title = self.text_of("title");
        assert!(title.starts_with("Error: "), "{title}: {}", self.body);
        let words = self.text_of(&format!("#{field}-error"));
        let words = words.strip_prefix("Error:").unwrap_or(&words).trim();
        let summary = self.text_of(&format!(".summary a[href=\"#{field}\"]"));
        assert_eq!(words, summary, "summary and field differ: {}", self.body);
        words.to_owned()
    }
}

/// One caller: cookies, no redirects, every header as given.
pub(super) struct Caller {
    client: Client,
    jar: Arc<Jar>,
    pub origin: Url,
    /// The token of this session's forms.
    pub token: String,
}

impl Caller {
    pub(super) fn new(origin: &Url) -> Self {
        let jar = Arc::new(Jar::default());
        let client = Client::builder()
            .cookie_provider(jar.clone())
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(std::time::Duration::from_secs(60))
            .build()
            .unwrap();
        Self {
            client,
            jar,
            origin: origin.clone(),
            token: String::new(),
        }
    }

    async fn with_cookie(self, name: &str, value: &str) -> Self {
        self.jar
            .add_cookie_str(&format!("{name}={value}; Path=/"), &self.origin);
        let page = if name == "regain" { "/" } else { "/console" };
        self.with_token_of(page).await
    }

    /// Reads the token of forms again, as a page shows it.
    pub(super) async fn with_token_of(mut self, page: &str) -> Self {
        self.renew(page).await;
        self
    }

    /// The same for a caller in use.
    pub(super) async fn renew(&mut self, page: &str) {
        let answer = self.get(page).await;
        let html = Html::parse_document(&answer.body);
        let field = Selector::parse("input[name=form_token]").unwrap();
        let found = html.select(&field).next();
        let token = found.and_then(|f| f.attr("value")).unwrap_or_default();
        self.token = token.to_owned();
    }

    /// A request with nothing but the path.
    pub(super) fn bare(&self, method: &Method, path: &str) -> RequestBuilder {
        let url = self.origin.join(path).unwrap();
        self.client.request(method.clone(), url)
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.get_as(As::Browser, path).await
    }

    pub(super) async fn get_as(&self, by: As, path: &str) -> Answer {
        let request = self.bare(&Method::GET, path);
        send(request.header("Accept", by.accept())).await
    }

    /// Posts fields with the token of this session's forms.
    pub(super) async fn post(&self, by: As, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut all = vec![("form_token", self.token.as_str())];
        all.extend_from_slice(fields);
        let request = self
            .bare(&Method::POST, path)
            .header("Accept", by.accept())
            .header("Sec-Fetch-Site", "same-origin")
            .form(&all);
        send(request).await
    }

    pub(super) async fn post_json(&self, path: &str, body: &Value) -> Answer {
        let request = self
            .bare(&Method::POST, path)
            .header("Accept", "application/json")
            .header("Sec-Fetch-Site", "same-origin")
            .json(body);
        send(request).await
    }

    /// Sends a file by the form of a page.
    pub(super) async fn upload(&self, by: As, path: &str, file: &BadFile) -> Answer {
        let part = Part::bytes(file.bytes.clone())
            .file_name(file.name)
            .mime_str(file.declared)
            .unwrap();
        let body = Multipart::new()
            .text("form_token", self.token.clone())
            .part("file", part);
        let request = self
            .bare(&Method::POST, path)
            .header("Accept", by.accept())
            .header("Sec-Fetch-Site", "same-origin")
            .multipart(body);
        send(request).await
    }
}

pub(super) async fn send(request: RequestBuilder) -> Answer {
    let answer = request.send().await.unwrap();
    Answer {
        status: answer.status().as_u16(),
        headers: answer.headers().clone(),
        body: String::from_utf8_lossy(&answer.bytes().await.unwrap()).into_owned(),
    }
}

/// A file that must be refused, with the code and words of the refusal.
pub(super) struct BadFile {
    pub what: &'static str,
    pub name: &'static str,
    pub declared: &'static str,
    pub bytes: Vec<u8>,
    pub code: &'static str,
    pub status: u16,
    pub words: &'static str,
}
