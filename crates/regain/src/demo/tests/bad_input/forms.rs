//! Forms of the portal with something missing or wrong: the words beside the field are UX.md's.

use std::collections::BTreeSet;

use reqwest::Method;

use super::super::support::{As, Caller, Scene, files_below};

/// Fields that are sent, the field that must be spoken about, and the words beside it.
type Case = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
    &'static str,
);

const OPENING: &[Case] = &[
    ("/", &[], "what", "Choose what you want to do"),
    (
        "/",
        &[("what", "everything")],
        "what",
        "Choose what you want to do",
    ),
    (
        "/check-site",
        &[],
        "address",
        "Choose what your address bar shows",
    ),
    ("/ways-in", &[], "way", "Choose at least one answer"),
    (
        "/ways-in",
        &[("way", "email"), ("way", "none")],
        "way",
        "Choose either ways that work, or none of these",
    ),
    (
        "/continue",
        &[("key", "K")],
        "code",
        "Enter the request code",
    ),
    (
        "/continue",
        &[("code", "RG-0000-0000")],
        "key",
        "Enter the key you saved",
    ),
    (
        "/continue",
        &[("do", "mail")],
        "code",
        "Enter the request code",
    ),
    (
        "/continue",
        &[("code", "RG-0000-0000"), ("key", "AAAA")],
        "key",
        "That code and key do not fit together. Use the newest key",
    ),
    (
        "/continue/code",
        &[],
        "mail_code",
        "Enter the code from the e-mail",
    ),
    (
        "/continue/code",
        &[("code", "RG-0000-0000"), ("mail_code", "AAAAAAAA")],
        "mail_code",
        "That code does not match, or it is older than 10 minutes",
    ),
    ("/stop", &[], "code", "Enter the code from the message"),
    (
        "/stop",
        &[("code", "<b>no</b>")],
        "code",
        "That code does not fit. Look at the newest message",
    ),
    (
        "/stop",
        &[("code", "ABCD-EFGH")],
        "code",
        "That code does not fit. Look at the newest message",
    ),
    ("/check", &[], "code", "Enter a code or paste the message"),
];

const OPENED: &[Case] = &[
    (
        "/account",
        &[],
        "account",
        "Enter one thing that points to your account",
    ),
    (
        "/account",
        &[("account", "4111 1111 1111 1111")],
        "account",
        "Do not enter a card number here",
    ),
    ("/email", &[], "email", "Enter an e-mail address"),
    (
        "/email",
        &[("email", "ann at example")],
        "email",
        "Enter an e-mail address in the form name@example.com",
    ),
];

const GATHERING: &[Case] = &[
    ("/key", &[], "saved", "Choose whether you saved the key"),
    (
        "/case/document",
        &[],
        "document",
        "Choose the kind of ID you hold",
    ),
    (
        "/case/document",
        &[("document", "visa")],
        "document",
        "Choose the kind of ID you hold",
    ),
    (
        "/case/address-proof",
        &[("signature", "x")],
        "address",
        "Enter the address",
    ),
    (
        "/case/clues",
        &[("year", "19")],
        "year",
        "Enter the year, for example 2019",
    ),
    (
        "/case/clues",
        &[("bank1", "B"), ("last1", "12a4")],
        "last1",
        "Enter 4 digits only",
    ),
    (
        "/case/clues",
        &[("last2", "4111111111111111")],
        "last2",
        "Do not enter the whole card number",
    ),
    (
        "/case/clues",
        &[("addresses", "a\nb\nc\nd\ne\nf")],
        "addresses",
        "Enter up to 5 addresses, one a line",
    ),
    (
        "/case/clues",
        &[("addresses", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5")],
        "addresses",
        "That address has a typing mistake, the check at its end does not fit",
    ),
    (
        "/case/clues",
        &[("addresses", "ltc1qg42tkwuuxefutzxezdkdel39gfstuap288mfea")],
        "addresses",
        "We do not know this kind of address. Keep it or change it",
    ),
    (
        "/case/clues",
        &[("phone1", "123")],
        "phone1",
        "Enter 4 digits",
    ),
    ("/case/stop", &[], "stop", "Choose yes or no"),
    (
        "/case/review",
        &[],
        "own",
        "Tick the box if it is true, or choose Somebody is telling me to do this",
    ),
    (
        "/case/review",
        &[("own", "yes")],
        "missing",
        "Some parts are still missing",
    ),
];

/// Both kinds of caller hear the same words.
async fn tried(caller: &Caller, (path, fields, field, words): Case) {
    let page = caller.post(As::Browser, path, fields).await;
    assert_eq!(page.status, 422, "{path} {fields:?}: {}", page.body);
    if field == "missing" {
        // The list of what is missing is the field here.
        assert!(page.text_of(".summary").contains(words), "{}", page.body);
        assert!(
            page.body.contains("id=\"missing\""),
            "{path}: no such place"
        );
    } else {
        assert_eq!(page.beside(field), words, "{path} {fields:?}");
        let named = page.body.contains(&format!("name=\"{field}\""));
        assert!(named, "{path}: no control named {field}");
    }
    let script = caller.post(As::Script, path, fields).await;
    assert_eq!(script.status, 422, "{path} {fields:?}: {}", script.body);
    script.problem();
    let errors = script.json()["errors"].clone();
    let said = errors
        .as_array()
        .unwrap()
        .iter()
        .any(|error| error["field"] == field && error["sentence"] == words);
    assert!(said, "{path} {fields:?}: {errors}");
}

/// What was typed stays typed: a failed form is never cleared (UX.md).
async fn keeps_what_was_typed(caller: &Caller) {
    let fields = [
        ("year", "19"),
        ("city", "Lisbon <b>"),
        ("bank1", "Banco \"Exemplo\""),
    ];
    let page = caller.post(As::Browser, "/case/clues", &fields).await;
    assert!(page.body.contains("value=\"19\""), "{}", page.body);
    assert!(page.body.contains("Lisbon &#60;b&#62;"), "{}", page.body);
    assert!(!page.body.contains("Lisbon <b>"), "markup came through");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_that_is_missing_is_named_in_words() {
    let scene = Scene::start().await;
    let mut visitor = scene.visitor();
    // A session and its token, as the first pages give them.
    visitor.post(As::Browser, "/", &[("what", "start")]).await;
    visitor.renew("/").await;
    let (_, opened) = scene.opened(1).await;
    let gathering = scene
        .applicant(2, "ann.old@example.com", "a@example.org")
        .await;
    let before = scene.stored().await;
    for case in OPENING {
        tried(&visitor, *case).await;
    }
    for case in OPENED {
        tried(&opened, *case).await;
    }
    for case in GATHERING {
        tried(&gathering.caller, *case).await;
    }
    let no_file = [
        ("/case/id/front", "Choose a picture"),
        ("/case/id/back", "Choose a picture"),
        ("/case/note", "Choose a picture"),
        ("/case/video", "Choose a video"),
        ("/case/screenshots", "Choose a picture or a PDF"),
    ];
    for (path, words) in no_file {
        for by in As::BOTH {
            let answer = without_a_file(&gathering.caller, by, path).await;
            assert_eq!(answer.status, 422, "{path}: {}", answer.body);
            if by == As::Browser {
                assert_eq!(answer.beside("file"), words, "{path}");
            } else {
                assert_eq!(answer.problem(), "missing", "{path}");
            }
        }
    }
    keeps_what_was_typed(&gathering.caller).await;
    scene.unchanged(&before, "forms").await;
    faster_and_consent(&mut visitor).await;
    scene.unchanged(&before, "forms in a row").await;
    scene.end().await;
}

/// Every field of the clues into which text is typed.
const CLUES: [&str; 12] = [
    "year",
    "bank1",
    "last1",
    "bank2",
    "last2",
    "bank3",
    "last3",
    "addresses",
    "city",
    "country",
    "phone1",
    "phone2",
];

#[tokio::test(flavor = "multi_thread")]
async fn no_field_of_the_clues_shows_or_keeps_a_card_number() {
    const NUMBERS: [&str; 2] = ["4111111111111111", "4111 1111 1111 1111"];
    let scene = Scene::start().await;
    let ann = scene
        .applicant(2, "ann.old@example.com", "a@example.org")
        .await;
    let shown = ann.caller.get("/case/clues").await.body;
    let html = scraper::Html::parse_document(&shown);
    let typed = scraper::Selector::parse("main input[type=text], main textarea").unwrap();
    let typed = html.select(&typed).filter_map(|field| field.attr("name"));
    assert_eq!(typed.collect::<Vec<_>>(), CLUES, "a field is not tried");
    let before = scene.stored().await;
    for field in CLUES {
        for number in NUMBERS {
            for by in As::BOTH {
                let fields = [(field, number), ("do", "save")];
                let answer = ann.caller.post(by, "/case/clues", &fields).await;
                assert_eq!(answer.status, 422, "{field}: {}", answer.body);
                for shown in NUMBERS {
                    assert!(!answer.body.contains(shown), "{field}: {}", answer.body);
                }
                let words = "Do not enter the whole card number";
                if by == As::Browser {
                    assert_eq!(answer.beside(field), words, "{field}");
                } else {
                    assert_eq!(answer.json()["errors"][0]["sentence"], words, "{field}");
                    assert_eq!(answer.json()["errors"][0]["field"], field);
                }
            }
        }
    }
    scene.unchanged(&before, "card numbers").await;
    for file in files_below(scene.folder.path()) {
        let bytes = std::fs::read(&file).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let found = NUMBERS.iter().any(|number| text.contains(number));
        assert!(!found, "kept in {}", file.display());
    }
    scene.end().await;
}

async fn without_a_file(caller: &Caller, by: As, path: &str) -> super::super::support::Answer {
    let body = reqwest::multipart::Form::new().text("form_token", caller.token.clone());
    let request = caller
        .bare(&Method::POST, path)
        .header("Accept", by.accept())
        .multipart(body);
    super::super::support::send(request).await
}

/// Two forms that are shown only after the ones before.
async fn faster_and_consent(visitor: &mut Visitor) {
    let exact = [("address", "exact")];
    let on = visitor.post(As::Browser, "/check-site", &exact).await;
    assert_eq!(on.header("location"), "/ways-in");
    let some = [("way", "email")];
    let on = visitor.post(As::Browser, "/ways-in", &some).await;
    assert_eq!(on.header("location"), "/ways-in/faster");
    let tried_none: Case = ("/ways-in/tried", &[], "tried", "Choose the way that failed");
    tried(visitor, tried_none).await;
    let failed = [("tried", "email")];
    let on = visitor.post(As::Browser, "/ways-in/tried", &failed).await;
    assert_eq!(on.header("location"), "/prepare");
    let none: Case = (
        "/consent",
        &[],
        "agree",
        "Choose whether we may compare your face and ID",
    );
    tried(visitor, none).await;
}

type Visitor = Caller;

/// Forms without a field of their own, and those that `links`, `console`, `contested` and `takes`
/// try.
const ELSEWHERE: [&str; 24] = [
    "/prepare",
    "/email/code",
    "/stop/answer",
    "/contested",
    "/contested/mistake",
    "/case/pressure",
    "/case/appeal",
    "/case/dispute",
    "/case/leave",
    "/case/uploads",
    "/case/takes",
    "/case/takes/{take}/next",
    "/case/takes/{take}/end",
    "/case/phone",
    "/p",
    "/p/request",
    "/p/word",
    "/handover/{token}",
    "/handover",
    "/handover/password",
    "/handover/authenticator",
    "/handover/passkey",
    "/handover/codes",
    "/handover/done",
];

#[test]
fn every_form_of_the_portal_is_tried() {
    let mut tried: BTreeSet<&str> = [OPENING, OPENED, GATHERING]
        .into_iter()
        .flatten()
        .map(|case| case.0)
        .collect();
    tried.extend(ELSEWHERE);
    tried.extend(["/ways-in/tried", "/consent", "/case/screenshots"]);
    tried.extend([
        "/case/id/front",
        "/case/id/back",
        "/case/note",
        "/case/video",
    ]);
    let forms: BTreeSet<&str> = web::routes::all()
        .filter(|route| route.methods.contains(&Method::POST))
        .map(|route| route.path)
        .filter(|path| !path.starts_with("/console") && !path.starts_with("/platform"))
        .collect();
    let missing: Vec<_> = forms.symmetric_difference(&tried).collect();
    assert!(missing.is_empty(), "not tried, or not there: {missing:?}");
}
