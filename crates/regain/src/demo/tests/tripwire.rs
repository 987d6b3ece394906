//! Personal values of a whole recovery appear nowhere in clear.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use data_encoding::{BASE32_NOPAD, BASE64, BASE64URL_NOPAD};
use tracing_subscriber::fmt::MakeWriter;

use super::support::{As, Caller, Scene, files_below};
use crate::demo::seed::{PEOPLE, Person, STAFF};
use crate::demo::walkthrough::applicant::{Applicant, NEW_PASSWORD, Shows};
use crate::demo::walkthrough::reviewer::Reviewer;
use crate::demo::walkthrough::stage::POLLS_MAX;

const NEW_EMAIL: &str = "tripwire.new@example.org";
/// What the walkthrough's reviewers write.
const NOTE: &str = "Face, document and note agree with the record.";
/// Clues as they are typed; values that nothing else of the product says.
const CLUES: [(&str, &str); 7] = [
    ("year", "2021"),
    ("bank1", "Banco Tripwire"),
    ("last1", "7391"),
    ("addresses", "ltc1qtripwiretripwiretripwire"),
    ("city", "Tripwireville"),
    ("phone1", "5678"),
    // The address is of no kind that is known.
    ("do", "keep"),
];

/// Log lines, kept.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// A value nobody may find, by a name that can be printed.
struct Known {
    name: String,
    value: String,
}

/// Every value with the forms in which it might be written by mistake.
#[derive(Default)]
struct Values(Vec<Known>);

impl Values {
    fn add(&mut self, name: &str, value: &str) {
        assert!(value.len() >= 8, "{name} is too short to be found for sure");
        let bytes = value.as_bytes();
        let forms = [
            ("", value.to_owned()),
            (
                " in base64",
                BASE64.encode(bytes).trim_end_matches('=').to_owned(),
            ),
            (" in base64url", BASE64URL_NOPAD.encode(bytes)),
            (" in hex", data_encoding::HEXLOWER.encode(bytes)),
            (" in lower case", value.to_lowercase()),
            (" without separators", value.replace(['-', ' '], "")),
        ];
        for (form, text) in forms {
            if self.0.iter().all(|known| known.value != text) {
                let name = format!("{name}{form}");
                self.0.push(Known { name, value: text });
            }
        }
    }

    /// Names of what is found in these bytes.
    fn found_in(&self, bytes: &[u8]) -> Vec<&str> {
        // What is no text becomes marks; the values are all text.
        let text = String::from_utf8_lossy(bytes);
        let found = self.0.iter().filter(|known| text.contains(&known.value));
        found.map(|known| known.name.as_str()).collect()
    }
}

/// Regain's own files: everything but the exchange's database.
fn ours(folder: &Path) -> Vec<PathBuf> {
    let is_theirs = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.starts_with("exchange.sqlite"))
    };
    let files = files_below(folder).into_iter();
    files.filter(|path| !is_theirs(path)).collect()
}

fn of_person(values: &mut Values, person: &Person) {
    values.add("the old e-mail", person.email);
    values.add("the phone", person.phone);
    values.add("the old password", person.password);
    values.add("the old authenticator", person.totp);
    values.add("the name", person.name);
    values.add("the document", person.document);
    values.add("the birth date", "1990-05-17");
    values.add("the login's address", "81.2.69.142");
    values.add("the login's device", "Chrome on Android");
    values.add("the bank", "Banco Exemplo");
    values.add("the withdrawal address", crate::demo::seed::KNOWN_ADDRESS);
}

/// Everything that was typed or made during the recovery.
fn of_recovery(values: &mut Values, applicant: &Applicant<'_>) {
    values.add("the new e-mail", NEW_EMAIL);
    values.add("the new password", NEW_PASSWORD);
    values.add("the reviewers' note", NOTE);
    values.add("the bank as typed", "Banco Tripwire");
    values.add("the address as typed", "ltc1qtripwiretripwiretripwire");
    values.add("the city as typed", "Tripwireville");
    values.add("the browser", "Mozilla/5.0 (Linux; Android 15)");
    values.add("the network address", "127.0.0.1");
    values.add("the case key", &applicant.key);
    values.add("the new authenticator", &applicant.totp);
    let secret = BASE32_NOPAD.decode(applicant.totp.as_bytes()).unwrap();
    let secret = data_encoding::HEXLOWER.encode(&secret);
    values.add("the new authenticator's bytes", &secret);
    assert!(!applicant.codes.is_empty(), "recovery codes were kept");
    for code in &applicant.codes {
        values.add("a recovery code", code);
    }
}

/// Every code and link that was mailed.
fn of_mails(values: &mut Values, scene: &Scene) {
    let mut links = 0;
    for mail in scene.world.mailbox.all() {
        if mail.subject.contains("your code") {
            values.add("a mail code", mail.subject.rsplit(' ').next().unwrap());
        }
        for word in mail.text.split_whitespace() {
            let secret = ["/handover/", "/stop/"]
                .iter()
                .find_map(|path| word.split_once(path).map(|(_, token)| token));
            let token = secret.unwrap_or_default().trim_end_matches(['.', ',', ';']);
            if token.len() > 16 {
                links += 1;
                values.add("a link's token", token);
            }
        }
    }
    assert!(links >= 2, "a handover and a stop link were mailed");
}

fn shows() -> Shows {
    Shows::drawn(7, 7)
}

/// The main database with its journal, as it lies on the disk at this moment.
fn database(folder: &Path) -> Vec<u8> {
    let files = ours(folder).into_iter();
    files
        .filter(|path| path.to_string_lossy().contains("regain.sqlite"))
        .flat_map(|path| std::fs::read(path).unwrap())
        .collect()
}

/// A whole recovery; says the applicant, the link they came with, and how the database looked on
/// the way: rows that are gone at the end were written too.
async fn recovery<'a>(
    scene: &Scene,
    stage: &'a crate::demo::walkthrough::stage::Stage<'a>,
    ann: &Person,
) -> (Applicant<'a>, String, Vec<Vec<u8>>) {
    let mut looks = Vec::new();
    // The exchange's own link, with the ticket that its last step would take out of the address.
    let shop = Caller::new(&stage.world.exchange);
    let entry = shop.get("/help/access/lost").await;
    let entry = entry.header("location").to_owned();
    assert!(entry.contains("ticket="), "{entry}");
    // Somebody opens the link and goes no further.
    let url = url::Url::parse(&entry).unwrap();
    let path = format!("/?{}", url.query().unwrap());
    let opened = scene.visitor().get(&path).await;
    assert!(
        opened.header("location").ends_with("/?from=login"),
        "{opened:?}"
    );
    let mut applicant = Applicant::new(stage, "ann", NEW_EMAIL, shows()).unwrap();
    applicant.opens_case(&entry, ann.email).await.unwrap();
    looks.push(database(scene.folder.path()));
    let hub = "Your recovery request";
    applicant.presses("/case/clues", &CLUES, hub).await.unwrap();
    applicant.sends().await.unwrap();
    looks.push(database(scene.folder.path()));
    for (place, (name, rank)) in STAFF.into_iter().enumerate() {
        let place = u8::try_from(place).unwrap();
        let reviewer = Reviewer::enrols(stage, name, rank, place).await.unwrap();
        if let Some(case) = reviewer.takes_next().await.unwrap() {
            reviewer.approves(&case).await.unwrap();
        }
    }
    let reviewing = ["People are reviewing your request"];
    let heading = applicant.waits_while(&reviewing).await.unwrap();
    assert!(heading.contains("Approved"), "{heading}");
    looks.push(database(scene.folder.path()));
    applicant.sets_up_account().await.unwrap();
    (applicant, entry, looks)
}

/// What outsiders are answered when they guess.
async fn guesses(scene: &Scene, values: &Values) {
    let caller: Caller = scene.visitor();
    let paths = [
        "/case",
        "/console",
        "/handover/guess",
        "/console/enrol/guess",
        "/case/picture/x",
    ];
    for by in As::BOTH {
        for path in paths {
            let answer = caller.get_as(by, path).await;
            let found = values.found_in(answer.body.as_bytes());
            assert!(found.is_empty(), "{path} says {found:?}");
        }
        // An address where a code belongs is not kept either.
        let fields = [("code", NEW_EMAIL), ("do", "mail")];
        caller.post(by, "/continue", &fields).await;
        let fields = [("code", "RG-0000-0000"), ("key", "wrong")];
        let answer = caller.post(by, "/continue", &fields).await;
        let found = values.found_in(answer.body.as_bytes());
        assert!(found.is_empty(), "/continue says {found:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_personal_value_is_found_in_clear() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_env_filter("debug,engine=trace,web=trace,store=trace,hyper=info,rustls=info")
        .with_writer(lines.clone())
        .finish();
    let _other_test_was_first = tracing::subscriber::set_global_default(subscriber);
    let scene = Scene::start().await;
    let stage = scene.stage();
    let [ann, ..] = &PEOPLE;
    let (mut applicant, entry, looks) = recovery(&scene, &stage, ann).await;
    for _ in 0..POLLS_MAX {
        let page = applicant.looks_at("/case/security", "looks").await.unwrap();
        if !page.body.contains("Waiting for") {
            break;
        }
        stage.pause().await;
    }
    scene.settle().await;

    let mut reader = scene.world.store.read().await.unwrap();
    let faces = reader.gallery_size().await.unwrap();
    assert_eq!(faces, 0, "the gallery of faces is off");
    drop(reader);
    let mut values = Values::default();
    of_person(&mut values, ann);
    of_recovery(&mut values, &applicant);
    of_mails(&mut values, &scene);
    let ticket = entry.split("ticket=").nth(1).unwrap();
    let (payload, signature) = ticket.split('&').next().unwrap().split_once('.').unwrap();
    values.add("what the entry ticket says", payload);
    values.add("the entry ticket's signature", signature);
    guesses(&scene, &values).await;

    let mut said = Vec::new();
    for path in ours(scene.folder.path()) {
        let bytes = std::fs::read(&path).unwrap();
        let name = path.strip_prefix(scene.folder.path()).unwrap().display();
        for found in values.found_in(&bytes) {
            said.push(format!("{name} holds {found}"));
        }
    }
    for (place, look) in looks.iter().enumerate() {
        for found in values.found_in(look) {
            said.push(format!("the database held {found} at look {place}"));
        }
    }
    let logged = lines.0.lock().unwrap().clone();
    let log = String::from_utf8_lossy(&logged);
    for found in values.found_in(&logged) {
        said.push(format!("the log holds {found}"));
    }
    assert!(said.is_empty(), "{said:#?}");
    controls(&scene, &values, &log);
    planted(&scene, &values, &lines).await;
    scene.end().await;
}

/// A value that is put where none may be is found there: in the database, in the log.
async fn planted(scene: &Scene, values: &Values, lines: &Lines) {
    let engine = &scene.world.engine;
    let data = format!("{{\"entry\":\"{NEW_EMAIL}\"}}").into_bytes();
    let visitor = engine::inputs::SessionKind::Visitor;
    engine.start_session(visitor, "", None, data).await.unwrap();
    tracing::debug!(who = NEW_EMAIL, "planted");
    let database = database(scene.folder.path());
    assert!(values.found_in(&database).contains(&"the new e-mail"));
    let logged = lines.0.lock().unwrap().clone();
    assert!(values.found_in(&logged).contains(&"the new e-mail"));
}

/// The scan finds what is there: at the platform, in the mailbox; and it looked at something.
fn controls(scene: &Scene, values: &Values, log: &str) {
    let folder = scene.folder.path();
    let mut theirs = Vec::new();
    for name in ["exchange.sqlite", "exchange.sqlite-wal"] {
        theirs.extend(std::fs::read(folder.join(name)).unwrap_or_default());
    }
    let found = values.found_in(&theirs);
    for expected in [
        "the old e-mail",
        "the new e-mail",
        "the name",
        "the document",
    ] {
        assert!(found.contains(&expected), "{expected}: only {found:?}");
    }
    let mails: String = scene
        .world
        .mailbox
        .all()
        .iter()
        .map(|m| m.text.clone())
        .collect();
    assert!(
        values
            .found_in(mails.as_bytes())
            .contains(&"a link's token")
    );
    let files = ours(folder);
    let inside = |part: &str| {
        files
            .iter()
            .filter(|p| p.starts_with(folder.join(part)))
            .count()
    };
    assert!(inside("objects") >= 8 && inside("keys") >= 1, "{files:?}");
    let database = database(folder);
    let events = b"contact_proved";
    let holds = database
        .windows(events.len())
        .any(|window| window == events);
    assert!(holds, "the events were not read");
    assert!(
        log.contains("\"case\""),
        "the log has no lines about cases: {log:.500}"
    );
}
