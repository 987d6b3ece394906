//! Two people who ask for one account: what each is told, what each may add and until when, what
//! the holder can still do, and what follows the decision.

use std::collections::BTreeSet;

use engine::inputs::SessionKind;
use engine::views::StaffMember;
use recovery::actor::Rank;
use recovery::case::{State, StopCause, Winner};
use recovery::evidence::EvidenceKind;
use recovery::id::CaseId;
use recovery::sensitive::Sensitive;
use recovery::time::Span;
use specimen::photo;

use super::handover::people_approve;
use super::support::{As, BadFile, Caller, Scene};
use crate::demo::seed::PEOPLE;
use crate::demo::walkthrough::applicant::{Applicant, Shows};
use crate::demo::walkthrough::browser::{Browser, Page};
use crate::demo::walkthrough::stage::Stage;

const ANN: &str = "ann.new@example.org";
const EVE: &str = "eve@example.org";
const PAUSED: &str = "Paused: two requests for one account";

/// Ann and Eve both ask for Ann's account, and both passed their first look.
async fn rivals<'a>(stage: &'a Stage<'a>) -> (Applicant<'a>, Applicant<'a>) {
    let mut both = Vec::new();
    for (name, email, salt) in [("ann", ANN, 21), ("eve", EVE, 121)] {
        let mut one =
            Applicant::new(stage, name, email, Shows::drawn(salt, u32::from(salt))).unwrap();
        one.opens_case("/?from=link", PEOPLE[0].email)
            .await
            .unwrap();
        one.sends().await.unwrap();
        both.push(one);
    }
    people_approve(stage).await.unwrap();
    let eve = both.pop().unwrap();
    (both.pop().unwrap(), eve)
}

async fn replayed(stage: &Stage<'_>, code: &str) -> recovery::case::Case {
    recovery::case::replay(&stage.world.history(code).await.unwrap()).unwrap()
}

/// The same person in another browser, which sends files as they are.
async fn caller(scene: &Scene, code: &str) -> Caller {
    let id = scene.world.case_of(code).await.unwrap();
    let session = SessionKind::Applicant;
    scene.session(session, "", Some(&id)).await
}

fn shot(salt: u32) -> BadFile {
    BadFile {
        what: "a screenshot",
        name: "receipt.jpg",
        declared: "image/jpeg",
        bytes: photo::jpeg(&photo::card(salt)).unwrap(),
        code: "",
        status: 0,
        words: "",
    }
}

fn shots(case: &recovery::case::Case) -> usize {
    let kinds = case.evidence.iter().map(|item| item.kind);
    kinds
        .filter(|kind| *kind == EvidenceKind::Screenshot)
        .count()
}

/// Texts of all mails to an address, newest last.
fn texts(scene: &Scene, to: &str) -> Vec<String> {
    let mails = scene.world.mailbox.all().into_iter();
    let own = mails.filter(|mail| mail.to == to && mail.channel == "email");
    own.map(|mail| format!("{}\n{}", mail.subject, mail.text))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rival_adds_to_their_proof_and_seniors_see_it_checked() {
    let scene = Scene::start().await;
    let stage = scene.stage();
    let (mut ann, eve) = rivals(&stage).await;
    let heading = ann.waits_while(&["People are reviewing"]).await.unwrap();
    assert_eq!(heading, PAUSED);
    let status = ann.looks_at("/case/status", "reads").await.unwrap();
    for words in [
        "Somebody else also asks for this account and showed proof.",
        "You can add to your proof until ",
        "Another request for this account showed proof: both paused",
        "Last day to add to your proof",
        "href=\"/case\"",
    ] {
        assert!(status.body.contains(words), "{words}: {}", status.body);
    }
    assert!(!status.body.contains("objected"), "{}", status.body);
    scene.settle().await;
    // Mails that are due at once come in any order.
    let told = texts(&scene, ANN);
    let until = |mail: &String| mail.contains("You can add to yours until ");
    assert!(told.iter().any(until), "{told:?}");

    let list = ann.looks_at("/case", "opens the list").await.unwrap();
    assert_eq!(list.heading(), "Add to your proof");
    assert!(!list.body.contains("/case/video"), "what was checked stays");
    let browser = caller(&scene, &ann.code).await;
    let page = "/case/screenshots";
    let added = browser.upload(As::Browser, page, &shot(77)).await;
    assert_eq!(added.status, 303, "{}", added.body);
    let other = browser
        .upload(As::Script, "/case/id/front", &shot(78))
        .await;
    assert_ne!(other.status, 200);
    scene.settle().await;
    let case = replayed(&stage, &ann.code).await;
    assert_eq!((case.state, shots(&case)), (State::Stopped, 1));
    assert_eq!(shots(&replayed(&stage, &eve.code).await), 0, "never mixed");

    // Whoever reads the old mailbox says that both are theirs: noted, and no more.
    for link in links(&scene) {
        let holder = Browser::new(&scene.world.portal).unwrap();
        let page = holder.get(&link).await.unwrap();
        let form = page.form("/stop/answer").unwrap();
        let thanked = holder.submit(&form, &[("answer", "yes")]).await.unwrap();
        assert_eq!(thanked.heading(), "Good. Do nothing more");
    }
    assert_eq!(replayed(&stage, &ann.code).await, case, "nothing moves");

    stage
        .passes(Span::hours(49), "time for proof")
        .await
        .unwrap();
    scene.settle().await;
    let browser = caller(&scene, &ann.code).await;
    let late = browser.upload(As::Browser, page, &shot(79)).await;
    assert_eq!(late.header("location"), "/case/status");
    assert_eq!(shots(&replayed(&stage, &ann.code).await), 1);

    let (senior, id) = takes(&scene, &ann.code).await;
    let file = scene.world.engine.case_file(&senior, &id).await.unwrap();
    let is_shot = |kind| kind == Some(EvidenceKind::Screenshot);
    let shown = file.evidence.iter().filter(|item| is_shot(Some(item.kind)));
    assert_eq!(shown.count(), 1);
    let looked = file.findings.iter().filter(|one| is_shot(one.kind));
    let codes: Vec<&str> = looked.map(|one| one.code.as_str()).collect();
    assert!(codes.contains(&"proof.chain"), "{codes:?}");
    assert!(!codes.contains(&"media.tool_failed"), "{codes:?}");
    let words: Vec<&str> = file
        .holder_words
        .iter()
        .map(|word| word.channel.0.as_str())
        .collect();
    assert_eq!(words.len(), 1, "once for each channel: {words:?}");
    scene.end().await;
}

/// A senior without a part in it, who holds the contest of this case.
async fn takes(scene: &Scene, code: &str) -> (StaffMember, CaseId) {
    let engine = &scene.world.engine;
    let wanted = scene.world.case_of(code).await.unwrap();
    let senior = engine.add_staff("Vera Senior", Rank::Senior).await;
    let (senior, _) = senior.unwrap();
    for _ in 0..2 {
        if engine.take_next(&senior).await.unwrap().as_ref() == Some(&wanted) {
            return (senior, wanted);
        }
    }
    panic!("nobody got the case")
}

/// The stop links of all notices to the old mailbox, each once.
fn links(scene: &Scene) -> BTreeSet<String> {
    let all = texts(scene, PEOPLE[0].email).join(" ");
    let words = all
        .split_whitespace()
        .map(|word| word.trim_end_matches(['.', ',']));
    let secret = |word: &&str| word.contains("/stop/");
    words.filter(secret).map(str::to_owned).collect()
}

/// Opens the newest notice's link; the page, and the browser that shows it.
async fn opens_link(stage: &Stage<'_>) -> (Browser, Page) {
    let link = stage.link_for(PEOPLE[0].email, "/stop/").await.unwrap();
    let holder = Browser::new(&stage.world.portal).unwrap();
    let page = holder.get(&link).await.unwrap();
    (holder, page)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_holder_is_told_of_two_requests_and_can_still_object() {
    let scene = Scene::start().await;
    let stage = scene.stage();
    let (mut ann, eve) = rivals(&stage).await;
    ann.waits_while(&["People are reviewing"]).await.unwrap();
    scene.settle().await;
    let told = texts(&scene, PEOPLE[0].email);
    let rivals = |mail: &String| mail.starts_with("Two people ask for your");
    assert!(told.iter().any(rivals), "{told:?}");
    let stopped = |mail: &String| mail.contains("We stopped the recovery");
    assert!(!told.iter().any(stopped), "{told:?}");

    let (holder, page) = opens_link(&stage).await;
    let form = page.form("/stop/answer").unwrap();
    let stopped = holder.submit(&form, &[("answer", "no")]).await.unwrap();
    assert_eq!(stopped.heading(), "Stopped");
    let mut vetoed = 0;
    for code in [&ann.code, &eve.code] {
        let stop = replayed(&stage, code).await.stop.unwrap();
        vetoed += usize::from(matches!(stop.cause, StopCause::Veto { .. }));
    }
    assert_eq!(vetoed, 1, "the one of the link");
    // Once more changes nothing, and there is nothing to answer.
    let (_, page) = opens_link(&stage).await;
    assert!(page.form("/stop/answer").is_err(), "{}", page.body);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_wins_a_contest_is_mailed_and_finds_the_dates_for_a_calendar() {
    let scene = Scene::start().await;
    let engine = &scene.world.engine;
    let party = scene.applicant(9, PEOPLE[0].email, ANN).await;
    let mut reader = scene.world.store.read().await.unwrap();
    let row = reader.case_row(&party.case).await.unwrap().unwrap();
    drop(reader);
    let body = br#"{"channel":"sign_in","how":"signed_in"}"#;
    let account = row.account_ref.unwrap();
    assert!(engine.platform_veto(&account, body).await.unwrap());
    // The objection ended the session; code and key lead to another.
    let session = || scene.session(SessionKind::Applicant, "", Some(&party.case));
    let paused = session().await.get("/case/status").await;
    assert_eq!(paused.text_of("h1"), "Paused: somebody objected");
    engine.dispute(&party.case).await.unwrap();
    scene.stage().both_show().await.unwrap();
    for name in ["Vera Senior", "Paul Senior"] {
        let (senior, _) = engine.add_staff(name, Rank::Senior).await.unwrap();
        let taken = engine.take_next(&senior).await.unwrap();
        assert_eq!(taken.as_ref(), Some(&party.case));
        let note = Sensitive::new("The objection shows nothing of the account.".to_owned());
        let exception = Some("exception.no_camera".to_owned());
        engine
            .vote(&senior, &party.case, Winner::Applicant, note, exception)
            .await
            .unwrap();
    }
    scene.settle().await;
    let told = texts(&scene, ANN);
    let goes_on =
        |mail: &String| mail.contains("goes on") && mail.contains("Send what is missing by ");
    assert!(told.iter().any(goes_on), "{told:?}");

    let back = session().await;
    let status = back.get("/case/status").await;
    assert!(status.body.contains("/case/dates.ics"), "{}", status.body);
    let file = back.get("/case/dates.ics").await;
    assert_eq!(file.header("content-type"), "text/calendar; charset=utf-8");
    assert!(
        file.body.starts_with("BEGIN:VCALENDAR\r\n"),
        "{}",
        file.body
    );
    assert!(file.body.ends_with("END:VCALENDAR\r\n"), "{}", file.body);
    let title = format!(
        "SUMMARY:Recovery request {}: last time to send it\r\n",
        party.code
    );
    assert!(file.body.contains(&title), "{}", file.body);
    assert!(file.body.contains(&format!("UID:{}-closes@", party.code)));
    assert!(!file.body.contains("ann"), "no word of the account");
    scene.end().await;
}
