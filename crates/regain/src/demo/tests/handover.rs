//! The handover: when it begins, what is bound in it, a passkey made on the platform's own page.

use std::sync::Arc;

use anyhow::Result;
use engine::EngineError;
use engine::inputs::BegunHandover;
use platform::contract::{CredentialsRequest, ResolveRequest};
use platform::{Clock, PlatformClient, Timeouts};
use recovery::case::{CredentialKind, Event, Refusal};
use recovery::policy::DEFAULT;
use recovery::time::Span;
use serde_json::json;

use super::support::{As, Scene};
use crate::demo::seed::{OLD_CODE, PEOPLE, STAFF};
use crate::demo::walkthrough::applicant::{Applicant, NEW_PASSWORD, Shows};
use crate::demo::walkthrough::browser::{Browser, Page};
use crate::demo::walkthrough::reviewer::Reviewer;
use crate::demo::walkthrough::shop::Shopper;
use crate::demo::walkthrough::stage::Stage;
use crate::demo::walkthrough::story::wait_of;

const EMAIL: &str = "ann.new@example.org";

/// Ann's approved case, whose handover link was mailed.
pub(super) async fn approved<'a>(stage: &'a Stage<'a>, email: &str) -> Applicant<'a> {
    let shows = Shows::drawn(11, 11);
    let mut applicant = Applicant::new(stage, "ann", email, shows).unwrap();
    applicant
        .opens_case("/?from=link", PEOPLE[0].email)
        .await
        .unwrap();
    applicant.sends().await.unwrap();
    people_approve(stage).await.unwrap();
    let reviewing = ["People are reviewing your request"];
    let heading = applicant.waits_while(&reviewing).await.unwrap();
    assert!(heading.contains("Approved"), "{heading}");
    applicant
}

/// Everybody of the staff gives access to whatever waits for them.
pub(super) async fn people_approve(stage: &Stage<'_>) -> Result<()> {
    for (place, (name, rank)) in STAFF.into_iter().enumerate() {
        let reviewer = Reviewer::enrols(stage, name, rank, u8::try_from(place)?).await?;
        while let Some(case) = reviewer.takes_next().await? {
            reviewer.approves(&case).await?;
        }
    }
    Ok(())
}

/// Goes on without recovery codes.
async fn leaves_codes(ann: &mut Applicant<'_>) {
    let later = [("saved", "later"), ("do", "saved")];
    ann.presses("/handover/codes", &later, "Put your new ways in to work")
        .await
        .unwrap();
}

/// Puts the new ways in to work.
pub(super) async fn finishes(ann: &mut Applicant<'_>) {
    let done = "Your account is yours again|Waiting period";
    ann.presses("/handover/done", &[], done).await.unwrap();
}

/// The newest handover of a case, as the browser knows it that began it.
async fn newest(stage: &Stage<'_>, code: &str) -> BegunHandover {
    let history = stage.world.history(code).await.unwrap();
    let case = recovery::case::replay(&history).unwrap();
    BegunHandover {
        case: case.id,
        begun_at: case.handover.begun_at.unwrap(),
    }
}

/// Which credentials the events of a case name.
async fn bound(stage: &Stage<'_>, code: &str) -> Vec<CredentialKind> {
    let events = stage.world.history(code).await.unwrap().into_iter();
    events
        .filter_map(|recorded| match recorded.event {
            Event::CredentialEnrolled { credential } => Some(credential),
            _ => None,
        })
        .collect()
}

/// Whether this signs in at the exchange.
async fn opens(stage: &Stage<'_>, id: &str, password: &str, code: &str) -> bool {
    let browser = Browser::new(&stage.world.exchange).unwrap();
    let body = json!({ "identifier": id, "password": password, "code": code });
    let (status, _) = browser.post_json("/login", None, &body).await.unwrap();
    status.is_success()
}

/// Signs in as soon as the exchange has the new factors in force. A recovery code tried before
/// would be used up by a refusal.
async fn settles(stage: &Stage<'_>, ann: &Applicant<'_>) {
    let shop = Shopper::new(stage, "ann").unwrap();
    let new = (EMAIL, NEW_PASSWORD, ann.totp.as_str());
    shop.must_sign_in_soon(new, true, "signs in").await.unwrap();
}

fn shown(page: &Page) -> Vec<String> {
    page.texts_of("#codes li")
}

#[tokio::test(flavor = "multi_thread")]
async fn recovery_codes_are_shown_until_confirmed_and_sign_in_once_each() {
    let scene = Scene::start().await;
    let stage = scene.stage();
    let mut ann = approved(&stage, EMAIL).await;
    let passkey = ann.begins_handover().await.unwrap();
    let first = ann.adds_passkey(passkey).await.unwrap();
    // Loaded again before they are confirmed it is the same set: what is on paper stays good.
    let again = ann
        .looks_at("/handover/codes", "loads again")
        .await
        .unwrap();
    assert_eq!(shown(&first).len(), 12);
    assert_eq!(shown(&first), shown(&again));
    let sealed = async |code: &str| {
        let id = stage.world.case_of(code).await.unwrap();
        let stored = scene.stored().await;
        stored.sealed[id.as_str()]
            .iter()
            .any(|name| name == "recovery_codes")
    };
    assert!(sealed(&ann.code).await);
    let finish = ann.keeps_codes(again).await.unwrap();
    assert!(
        finish.body.contains("Recovery codes: saved"),
        "{}",
        finish.body
    );
    assert!(!sealed(&ann.code).await, "nobody can read them any more");
    let gone = ann
        .looks_at("/handover/codes", "loads again")
        .await
        .unwrap();
    assert_eq!(gone.url.path(), "/handover/done");
    assert!(shown(&gone).is_empty());
    finishes(&mut ann).await;
    let kinds = bound(&stage, &ann.code).await;
    assert!(kinds.contains(&CredentialKind::RecoveryCodes), "{kinds:?}");

    let code = ann.codes[0].clone();
    settles(&stage, &ann).await;
    assert!(opens(&stage, EMAIL, NEW_PASSWORD, &code).await);
    assert!(!opens(&stage, EMAIL, NEW_PASSWORD, &code).await, "used up");
    assert!(!opens(&stage, EMAIL, PEOPLE[0].password, &ann.codes[1]).await);
    for id in [EMAIL, PEOPLE[0].email] {
        for password in [NEW_PASSWORD, PEOPLE[0].password] {
            assert!(!opens(&stage, id, password, OLD_CODE).await, "{id}");
        }
    }
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_save_codes_goes_on_without_but_needs_a_verified_passkey() {
    let scene = Scene::start().await;
    let stage = scene.stage();
    let mut ann = approved(&stage, EMAIL).await;
    let passkey = ann.begins_handover().await.unwrap();
    // A touch alone is no passkey.
    ann.passkeys.user_verifies = false;
    let refused = ann.adds_passkey(passkey).await.unwrap_err().to_string();
    assert!(refused.contains("No passkey was added"), "{refused}");
    ann.passkeys.user_verifies = true;
    let passkey = ann.looks_at("/handover/passkey", "tries again").await;
    ann.adds_passkey(passkey.unwrap()).await.unwrap();
    leaves_codes(&mut ann).await;
    finishes(&mut ann).await;
    let kinds = bound(&stage, &ann.code).await;
    assert!(!kinds.contains(&CredentialKind::RecoveryCodes), "{kinds:?}");
    let names = scene.stored().await.sealed;
    let kept = names
        .values()
        .flatten()
        .any(|name| name == "recovery_codes");
    assert!(!kept, "codes that nobody confirmed are forgotten");
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_made_on_the_platforms_page_counts_only_by_the_platforms_word() {
    let scene = Scene::start_elsewhere().await;
    let stage = scene.stage();
    let mut ann = approved(&stage, EMAIL).await;
    let page = ann.begins_handover().await.unwrap();
    assert!(page.form("/handover/passkey").is_err(), "no way past it");
    // Whoever writes this address into a browser has no passkey by it, before and after a visit
    // to the platform's page.
    let claims = "/handover/passkey?made=1";
    let said = ann.looks_at(claims, "says that it was made").await.unwrap();
    assert_eq!(said.heading(), "Add a passkey");
    let there = "/handover/passkey/platform";
    ann.looks_at(there, "goes to the platform").await.unwrap();
    let said = ann.looks_at(claims, "says that it was made").await.unwrap();
    let words = "No passkey was added. You can try again";
    assert!(said.body.contains(words), "{}", said.body);
    let kinds = bound(&stage, &ann.code).await;
    assert!(!kinds.contains(&CredentialKind::Passkey), "{kinds:?}");
    let next = ann.adds_passkey(page).await.unwrap();
    assert_eq!(next.heading(), "Prepare for next time");
    let kinds = bound(&stage, &ann.code).await;
    assert!(kinds.contains(&CredentialKind::Passkey), "{kinds:?}");
    ann.keeps_codes(next).await.unwrap();
    finishes(&mut ann).await;
    settles(&stage, &ann).await;
    assert!(opens(&stage, EMAIL, NEW_PASSWORD, &ann.codes[2]).await);
    let shop = Shopper::new(&stage, "ann").unwrap();
    assert!(shop.passkey_works(EMAIL, &mut ann.passkeys).await.unwrap());
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn digits_that_proved_the_authenticator_serve_nowhere_again() {
    let scene = Scene::start().await;
    let stage = scene.stage();
    let mut ann = approved(&stage, EMAIL).await;
    let passkey = ann.begins_handover().await.unwrap();
    // The step of these digits or the one before is what was typed a moment ago.
    let typed = stage.digits(&ann.totp).unwrap();
    let handover = newest(&stage, &ann.code).await;
    let again = stage.world.engine.confirm_totp(&handover, &typed).await;
    let EngineError::Input { code, sentence, .. } = again.unwrap_err() else {
        panic!("another refusal")
    };
    assert_eq!(code, "digits_used");
    assert_eq!(
        sentence,
        "Those digits were used already. Wait for the next ones"
    );
    let codes = ann.adds_passkey(passkey).await.unwrap();
    ann.keeps_codes(codes).await.unwrap();
    finishes(&mut ann).await;
    scene.settle().await;
    assert!(!opens(&stage, EMAIL, NEW_PASSWORD, &typed).await);
    stage.passes_seconds(61).await.unwrap();
    let later = stage.digits(&ann.totp).unwrap();
    assert!(opens(&stage, EMAIL, NEW_PASSWORD, &later).await);
    assert!(!opens(&stage, EMAIL, NEW_PASSWORD, &later).await);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_to_the_platform_after_a_later_handover_is_refused_and_not_recorded() {
    let scene = Scene::start().await;
    let stage = scene.stage();
    let mut ann = approved(&stage, EMAIL).await;
    ann.begins_handover().await.unwrap();
    let before = newest(&stage, &ann.code).await;
    let known = bound(&stage, &ann.code).await;
    // Another one begins between the look at this one and the call, and is the first there.
    let clock: Clock = Arc::new(crate::wiring::wall_now);
    let exchange = scene.world.exchange.as_str();
    let client = PlatformClient::new(exchange, scene.keys(), Timeouts::default(), clock).unwrap();
    let ann_before = ResolveRequest {
        identifier: PEOPLE[0].email.to_owned().into(),
    };
    let account = client.resolve(&ann_before).await.unwrap().unwrap();
    let later = CredentialsRequest::nothing("later", before.begun_at + Span::millis(1));
    let staged = client.stage_credentials(&account, &before.case, &later);
    assert!(staged.await.unwrap().password);
    let late = "a password that comes late".to_owned();
    let refused = scene.world.engine.set_password(&before, late.into()).await;
    let refused = refused.unwrap_err();
    assert!(
        matches!(refused, EngineError::Refused(Refusal::HandoverOpen)),
        "{refused:?}"
    );
    assert_eq!(bound(&stage, &ann.code).await, known);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handover_after_the_wait_offers_neither_link_nor_face_before() {
    let late = "after_the_wait = [\"standard\", \"elevated\", \"high\", \"exceptional\"]";
    let policy = DEFAULT.replace("after_the_wait = [\"exceptional\"]", late);
    assert_ne!(policy, DEFAULT);
    let scene = Scene::start_under(Some(policy)).await;
    let stage = scene.stage();
    let mut ann = approved(&stage, EMAIL).await;
    stage.restrictions_arrive().await.unwrap();
    for path in ["/case/status", "/handover", "/handover/face"] {
        let page = ann.looks_at(path, "looks").await.unwrap();
        assert_eq!(page.url.path(), "/case/status", "{path}");
        let heading = page.heading();
        assert!(
            heading.starts_with("Approved. Waiting period until "),
            "{heading}"
        );
        assert!(
            page.body
                .contains("When this period is over, we mail you a link")
        );
        assert!(
            !page.body.contains("href=\"/handover\""),
            "nothing to press yet"
        );
    }
    scene.settle().await;
    let about = |words: &str| {
        let mails = stage.world.mailbox.all().into_iter();
        let mut fitting = mails.filter(|mail| mail.to == EMAIL && mail.subject.contains(words));
        fitting.next().map(|mail| mail.text)
    };
    let first = about("a waiting period comes first").unwrap();
    assert!(first.contains("Then we mail you a link"), "{first}");
    assert_eq!(about("set up your account"), None);

    let wait = wait_of(&stage, &ann.code).await.unwrap();
    stage
        .passes(Span::hours(wait + 1), "the wait ends")
        .await
        .unwrap();
    stage.link_for(EMAIL, "/handover/").await.unwrap();
    let over = about("set up your account").unwrap();
    assert!(over.contains("The waiting period is over."), "{over}");
    let heading = ann.status_after_time("\n").await.unwrap();
    assert_eq!(heading, "Approved. Set up your account");
    let page = ann.looks_at("/handover/face", "looks again").await.unwrap();
    assert_eq!(page.heading(), "Show your face again");
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_earlier_handover_left_behind_never_comes_into_force() {
    let policy = DEFAULT.replace("passkey_required = true", "passkey_required = false");
    assert_ne!(policy, DEFAULT);
    let scene = Scene::start_under(Some(policy)).await;
    let stage = scene.stage();
    let mut ann = approved(&stage, EMAIL).await;
    // Somebody who had mail and key begins, and binds a passkey and codes.
    let passkey = ann.begins_handover().await.unwrap();
    let codes = ann.adds_passkey(passkey).await.unwrap();
    let stop_code = codes.text_of("#stop-code").unwrap();
    ann.keeps_codes(codes).await.unwrap();
    let (left, first) = (ann.codes[0].clone(), ann.totp.clone());
    let before = newest(&stage, &ann.code).await;
    let id = stage.world.case_of(&ann.code).await.unwrap();
    stage.world.engine.send_ticket_again(&id).await.unwrap();
    scene.settle().await;

    let own = Browser::new(&stage.world.portal).unwrap();
    let earlier = std::mem::replace(&mut ann.browser, own);
    ann.begins_handover().await.unwrap();
    assert_ne!(ann.totp, first);
    // Nor does it keep a code that stops other requests.
    let holder = scene.visitor().with_token_of("/stop").await;
    let typed = [("code", stop_code.as_str())];
    let page = holder.post(As::Browser, "/stop", &typed).await;
    assert!(
        page.body.contains("That code does not fit"),
        "{}",
        page.body
    );
    // The browser in which it was begun before sees and binds nothing any more.
    for path in ["/handover/authenticator", "/handover/codes", "/case/status"] {
        let page = earlier.get(path).await.unwrap();
        assert_eq!(
            page.heading(),
            "We closed this page to protect you",
            "{path}"
        );
    }
    // Nor does a request of it that was under way when the other one began.
    let engine = &stage.world.engine;
    let password = "a password of the first one".to_owned();
    let tried = [
        engine.totp_offer(&before).await.err(),
        engine.confirm_totp(&before, "123456").await.err(),
        engine.recovery_codes(&before).await.err(),
        engine.set_password(&before, password.into()).await.err(),
        engine
            .set_passkey(&before, "localhost", json!({}))
            .await
            .err(),
        engine.complete_handover(&before).await.err(),
    ];
    for refused in tried {
        let open = EngineError::Refused(Refusal::HandoverOpen);
        assert_eq!(format!("{:?}", refused.unwrap()), format!("{open:?}"));
    }
    let view = engine.handover_view(&before).await.err();
    assert!(matches!(view, Some(EngineError::NotFound)), "{view:?}");
    let later = [("do", "later")];
    ann.presses("/handover/passkey", &later, "Prepare for next time")
        .await
        .unwrap();
    leaves_codes(&mut ann).await;
    finishes(&mut ann).await;
    settles(&stage, &ann).await;
    assert!(!opens(&stage, EMAIL, NEW_PASSWORD, &left).await);
    let shop = Shopper::new(&stage, "the first").unwrap();
    assert!(!shop.passkey_works(EMAIL, &mut ann.passkeys).await.unwrap());
    scene.end().await;
}
