//! Links, codes and keys that are expired, used up, or somebody else's.

use recovery::actor::Rank;
use recovery::case::State;
use recovery::time::Span;
use serde_json::json;

use super::super::handover::approved;
use super::super::support::{Answer, As, Scene};
use crate::demo::seed::PEOPLE;
use crate::demo::walkthrough::reviewer::Reviewer;

const NEW_EMAIL: &str = "links.new@example.org";

fn dead(answer: &Answer, by: As, words: &str, what: &str) {
    assert_eq!(answer.status, 410, "{what}: {}", answer.body);
    match by {
        As::Script => assert_eq!(answer.problem(), "dead_link", "{what}"),
        As::Browser => assert_eq!(answer.text_of("h1"), words, "{what}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enrolment_link_serves_once_and_for_a_day() {
    let scene = Scene::start().await;
    let engine = &scene.world.engine;
    let stage = scene.stage();
    let visitor = scene.visitor();
    let (_, token) = engine.add_staff("Rita", Rank::Reviewer).await.unwrap();
    let late = format!("/console/enrol/{}", token.reveal());
    let words = "This link does not work any more";
    assert_eq!(visitor.get(&late).await.status, 200);
    stage.passes(Span::hours(25), "a day").await.unwrap();
    for path in [
        late.as_str(),
        "/console/enrol/guess",
        "/console/enrol/%3Cb%3E",
    ] {
        for by in As::BOTH {
            dead(&visitor.get_as(by, path).await, by, words, path);
        }
        let options = visitor
            .post_json(&format!("{path}/options"), &json!({}))
            .await;
        dead(&options, As::Script, words, path);
    }
    // A credential without its ceremony opens nothing, whatever the link.
    let bare = visitor.post_json(&late, &json!({ "id": "x" })).await;
    assert_eq!((bare.status, bare.problem()), (409, "passkey_over".into()));
    assert!(
        Reviewer::enrols(&stage, "Omar", Rank::Reviewer, 1)
            .await
            .is_ok()
    );
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_code_belongs_to_its_case_and_its_ten_minutes() {
    let scene = Scene::start().await;
    let (ann, anns) = scene.asked(1, "ann.old@example.com", "a@example.org").await;
    let (ben, bens) = scene.asked(2, "ben.old@example.com", "b@example.org").await;
    let before = scene.stored().await;
    let path = "/email/code";
    let empty = ann.caller.post(As::Browser, path, &[]).await;
    assert_eq!(empty.beside("code"), "Enter the code from the e-mail");
    for (code, left) in [(bens.as_str(), 4), ("00000000", 3)] {
        let wrong = ann.caller.post(As::Browser, path, &[("code", code)]).await;
        let words = format!("That code does not match. You have {left} tries left");
        assert_eq!((wrong.status, wrong.beside("code")), (422, words));
    }
    let wrong = ann.caller.post(As::Script, path, &[("code", "1")]).await;
    assert_eq!((wrong.status, wrong.problem()), (422, "wrong".into()));
    scene.stage().passes_seconds(601).await.unwrap();
    let late = ben.caller.post(As::Browser, path, &[("code", &bens)]).await;
    let words = "That code is older than 10 minutes. We have sent a new one";
    assert_eq!(late.beside("code"), words);
    scene.unchanged(&before, "wrong codes").await;
    // After the fifth wrong one even the right one waits.
    for _ in 0..2 {
        ann.caller.post(As::Script, path, &[("code", "1")]).await;
    }
    let limited = ann.caller.post(As::Browser, path, &[("code", &anns)]).await;
    assert!(
        limited.status == 429 || limited.status == 422,
        "{}",
        limited.body
    );
    let events = |stored: super::super::support::Stored| stored.cases;
    assert_eq!(events(scene.stored().await), events(before));
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_key_serves_once_and_for_its_own_case() {
    let scene = Scene::start().await;
    let ann = scene
        .applicant(1, "ann.old@example.com", "a@example.org")
        .await;
    let ben = scene
        .applicant(2, "ben.old@example.com", "b@example.org")
        .await;
    let before = scene.stored().await;
    let visitor = scene.visitor();
    let words = "That code and key do not fit together. Use the newest key";
    let foreign = [("code", ann.code.as_str()), ("key", ben.key.as_str())];
    let answer = visitor.post(As::Browser, "/continue", &foreign).await;
    assert_eq!((answer.status, answer.beside("key").as_str()), (422, words));
    let right = [("code", ann.code.as_str()), ("key", ann.key.as_str())];
    let first = scene.visitor().post(As::Browser, "/continue", &right).await;
    assert_eq!((first.status, first.header("location")), (303, "/key"));
    let again = visitor.post(As::Browser, "/continue", &right).await;
    assert_eq!((again.status, again.beside("key").as_str()), (422, words));
    let script = visitor.post(As::Script, "/continue", &right).await;
    assert_eq!((script.status, script.problem()), (422, "wrong".into()));
    scene.unchanged(&before, "keys").await;
    scene.end().await;
}

fn path_of(link: &str) -> String {
    url::Url::parse(link).unwrap().path().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn handover_and_stop_links_that_do_not_fit_say_so() {
    let scene = Scene::start().await;
    let stage = scene.stage();
    let applicant = approved(&stage, NEW_EMAIL).await;
    let link = stage.link_for(NEW_EMAIL, "/handover/").await.unwrap();
    let link = path_of(&link);
    let ben = scene
        .applicant(2, "ben.old@example.com", "b@example.org")
        .await;
    let before = scene.stored().await;
    let visitor = scene.visitor();
    let gone = "This link does not work any more";
    for by in As::BOTH {
        dead(
            &visitor.get_as(by, "/handover/guess").await,
            by,
            gone,
            "a guess",
        );
        let key = [("key", applicant.key.as_str())];
        dead(
            &visitor.post(by, "/handover/guess", &key).await,
            by,
            gone,
            "a guess",
        );
    }
    let none = visitor.post(As::Browser, &link, &[]).await;
    assert_eq!(none.beside("key"), "Enter the key to your request");
    let words = "That key does not fit this link. Use the newest key you saved";
    for key in [ben.key.as_str(), "AAAA"] {
        let wrong = visitor.post(As::Browser, &link, &[("key", key)]).await;
        assert_eq!((wrong.status, wrong.beside("key").as_str()), (422, words));
    }
    scene.unchanged(&before, "handover guesses").await;
    stop_links(&scene).await;

    let mut own = scene.visitor();
    let key = [("key", applicant.key.as_str())];
    let begun = own.post(As::Browser, &link, &key).await;
    assert_eq!((begun.status, begun.header("location")), (303, "/handover"));
    for by in As::BOTH {
        dead(&visitor.get_as(by, &link).await, by, gone, "used");
        dead(&visitor.post(by, &link, &key).await, by, gone, "used");
    }
    own.renew("/handover/password").await;
    handover_forms(&scene, &own).await;
    scene.end().await;
}

/// The forms of the handover with something missing.
async fn handover_forms(scene: &Scene, own: &super::super::support::Caller) {
    let before = scene.stored().await;
    let cases: [(&str, &str, &str); 5] = [
        ("", "Enter a password", "missing"),
        (
            "short words",
            "Use 15 characters or more, yours has 11",
            "password",
        ),
        (
            "the exemplar of my heart",
            "This contains your e-mail or Exemplar. Choose another",
            "password",
        ),
        (
            "Password123456789",
            "This password is like those that thieves try first. Choose another, such as four or \
             five random words",
            "password",
        ),
        (
            PEOPLE[0].password,
            "You used this password before. Choose another",
            "password",
        ),
    ];
    for (typed, words, code) in cases {
        let fields = [("password", typed)];
        let page = own.post(As::Browser, "/handover/password", &fields).await;
        assert_eq!(
            (page.status, page.beside("password").as_str()),
            (422, words)
        );
        assert!(
            typed.is_empty() || !page.body.contains(typed),
            "it is shown again"
        );
        let script = own.post(As::Script, "/handover/password", &fields).await;
        assert_eq!((script.status, script.problem().as_str()), (422, code));
    }
    scene.unchanged(&before, "passwords").await;
    let early = own.post(As::Browser, "/handover/done", &[]).await;
    assert!(early.status == 409 || early.status == 303, "{}", early.body);
    let fine = [("password", "violet tram over the seventh bridge")];
    let on = own.post(As::Browser, "/handover/password", &fine).await;
    assert_eq!(on.status, 303, "{}", on.body);
    for (digits, words) in [
        ("", "Enter the 6 digits from the app"),
        ("12345", "Enter the 6 digits from the app"),
        (
            "000000",
            "Those digits do not fit. Check that your phone sets its clock automatically",
        ),
    ] {
        let fields = [("digits", digits)];
        let page = own
            .post(As::Browser, "/handover/authenticator", &fields)
            .await;
        assert_eq!((page.status, page.beside("digits").as_str()), (422, words));
    }
    let page = own.get("/handover/authenticator").await;
    let secret = page.text_of("#secret").replace(' ', "");
    let digits = scene.stage().digits(&secret).unwrap();
    let fine = [("digits", digits.as_str())];
    let on = own
        .post(As::Browser, "/handover/authenticator", &fine)
        .await;
    assert_eq!(on.status, 303, "{}", on.body);
    codes_forms(scene, own).await;
}

/// The recovery codes, with something missing; one that does not fit binds nothing.
async fn codes_forms(scene: &Scene, own: &super::super::support::Caller) {
    let path = "/handover/codes";
    let first = own.get(path).await.body;
    let before = scene.stored().await;
    let none = own.post(As::Browser, path, &[("do", "saved")]).await;
    let words = "Choose whether you saved the codes";
    assert_eq!((none.status, none.beside("saved").as_str()), (422, words));
    let codes = |page: &str| -> Vec<String> {
        let parts = page.split("small-code\">").skip(1);
        parts.map(|part| part[..19].to_owned()).collect()
    };
    assert_eq!(codes(&first).len(), 12, "{first}");
    assert_eq!(codes(&first), codes(&none.body), "the same set again");
    let saved = [("do", "saved"), ("saved", "yes")];
    assert_eq!(own.post(As::Browser, path, &saved).await.status, 303);
    assert!(
        codes(&own.get(path).await.body).is_empty(),
        "only asked for"
    );
    for typed in ["", "AAAA-BBBB-CCCC-DDDD", "1"] {
        let fields = [("do", "code"), ("code", typed)];
        let page = own.post(As::Browser, path, &fields).await;
        let said = page.beside("code");
        let fits = said.starts_with("That is not code ") || said.starts_with("Enter the code");
        assert!(page.status == 422 && fits, "{said}");
    }
    assert_eq!(
        own.post(As::Browser, path, &[("do", "show")]).await.status,
        303
    );
    assert_eq!(codes(&first), codes(&own.get(path).await.body));
    scene.unchanged(&before, "recovery codes").await;
}

async fn stop_links(scene: &Scene) {
    let before = scene.stored().await;
    let words = "This link does not work";
    let stranger = scene.visitor();
    let on = stranger.get("/stop/guess").await;
    assert_eq!((on.status, on.header("location")), (303, "/stop/answer"));
    for by in As::BOTH {
        dead(
            &stranger.get_as(by, "/stop/answer").await,
            by,
            words,
            "a guess",
        );
        let no = [("answer", "no")];
        dead(
            &stranger.post(by, "/stop/answer", &no).await,
            by,
            words,
            "a guess",
        );
    }
    let link = scene.stage().link_for(PEOPLE[0].email, "/stop/").await;
    let holder = scene.visitor();
    holder.get(&path_of(&link.unwrap())).await;
    let none = holder.post(As::Browser, "/stop/answer", &[]).await;
    assert_eq!(
        (none.status, none.beside("answer")),
        (422, "Choose an answer".into())
    );
    let script = holder.post(As::Script, "/stop/answer", &[]).await;
    assert_eq!((script.status, script.problem()), (422, "missing".into()));
    scene.unchanged(&before, "stop links").await;
}

/// What cannot be done in this state is refused with its own code, and nothing happens.
#[tokio::test(flavor = "multi_thread")]
async fn a_step_at_the_wrong_time_is_refused_by_name() {
    let scene = Scene::start().await;
    let ann = scene
        .applicant(1, "ann.old@example.com", "a@example.org")
        .await;
    let before = scene.stored().await;
    for path in ["/case/appeal", "/case/dispute", "/handover"] {
        for by in As::BOTH {
            let answer = ann.caller.post(by, path, &[]).await;
            assert_eq!(answer.status, 409, "{path}: {}", answer.body);
            match by {
                As::Script => assert!(answer.problem().len() > 3, "{path}"),
                As::Browser => assert_eq!(answer.text_of("h1"), "This cannot be done now"),
            }
        }
    }
    let view = scene.world.engine.applicant_view(&ann.case).await.unwrap();
    assert_eq!(view.state, State::Gathering);
    scene.unchanged(&before, "wrong times").await;
    scene.end().await;
}
