//! Ways through a case that the walkthroughs do not take: asked again by people, refused and
//! appealed, stopped and disputed, withdrawn, forgotten.

use recovery::case::State;
use recovery::id::CaseId;
use recovery::time::{Span, Timestamp};
use serde_json::{Value, json};

use super::support::{Scene, files_below};
use crate::demo::seed::{PEOPLE, STAFF};
use crate::demo::walkthrough::applicant::{Applicant, Shows};
use crate::demo::walkthrough::browser::Browser;
use crate::demo::walkthrough::reviewer::Reviewer;
use crate::demo::walkthrough::stage::{POLLS_MAX, Stage};

const CHECKING: &str = "Automatic checks are running";
const REVIEWING: &str = "People are reviewing your request";
const EMAIL: &str = "ann.new@example.org";

async fn sent<'a>(stage: &'a Stage<'a>) -> Applicant<'a> {
    let shows = Shows::drawn(3, 5);
    let mut ann = Applicant::new(stage, "ann", EMAIL, shows).unwrap();
    ann.opens_case("/?from=link", PEOPLE[0].email)
        .await
        .unwrap();
    assert_eq!(ann.sends().await.unwrap(), REVIEWING);
    ann
}

async fn staff<'a>(stage: &'a Stage<'a>) -> Vec<Reviewer<'a>> {
    let mut staff = Vec::new();
    for (place, (name, rank)) in STAFF.into_iter().enumerate() {
        let place = u8::try_from(place).unwrap();
        staff.push(Reviewer::enrols(stage, name, rank, place).await.unwrap());
    }
    staff
}

fn refusal() -> Value {
    json!({
        "decision": "reject",
        "codes": ["no.person_differs"],
        "answers": ["yes", "no", "unsure"],
        "note": "The person in the video is not the person of the record; ears and brow differ.",
    })
}

async fn state(stage: &Stage<'_>, case: &str) -> State {
    let id: CaseId = case.parse().unwrap();
    stage.world.engine.applicant_view(&id).await.unwrap().state
}

async fn is_marked(stage: &Stage<'_>, case: &str) -> bool {
    let ever = Timestamp::from_millis(0);
    let mut reader = stage.world.store.read().await.unwrap();
    let marked = reader.has_marks(&case.parse().unwrap(), ever).await;
    marked.unwrap()
}

async fn becomes(stage: &Stage<'_>, case: &str, wanted: State) {
    for _ in 0..POLLS_MAX {
        if state(stage, case).await == wanted {
            return;
        }
        stage.pause().await;
    }
    panic!("the case is {:?}, not {wanted:?}", state(stage, case).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_ask_for_one_part_again_and_keep_the_rest() {
    let scene = Scene::start().await;
    let stage = scene.stage();
    let mut ann = sent(&stage).await;
    let staff = staff(&stage).await;
    let case = staff[0].takes_next().await.unwrap().unwrap();
    staff[0].looks(&case).await.unwrap();
    let again = json!({
        "decision": "ask_again",
        "answers": ["yes", "unsure", "yes"],
        "items": [{ "kind": "note_photo", "code": "note.text" }],
        "note": "The second line cannot be read.",
    });
    staff[0].decides(&case, &again, "asks again").await.unwrap();
    assert_eq!(
        ann.waits_while(&[REVIEWING]).await.unwrap(),
        "Take 1 thing again"
    );
    ann.retakes_note(4242).await.unwrap();
    ann.submits().await.unwrap();
    assert_eq!(ann.waits_while(&[CHECKING]).await.unwrap(), REVIEWING);
    // Whoever asked has had the case; others decide this round.
    assert_eq!(staff[0].takes_next().await.unwrap(), None);
    let taken = staff[1].takes_next().await.unwrap().unwrap();
    assert_eq!(taken, case);
    staff[1].approves(&case).await.unwrap();
    let taken = staff[2].takes_next().await.unwrap().unwrap();
    staff[2].approves(&taken).await.unwrap();
    becomes(&stage, &case, State::CoolingOff).await;
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_takes_two_and_an_appeal_goes_to_others() {
    let scene = Scene::start().await;
    let stage = scene.stage();
    let mut ann = sent(&stage).await;
    let staff = staff(&stage).await;
    for reviewer in &staff[..2] {
        let case = reviewer.takes_next().await.unwrap().unwrap();
        reviewer.looks(&case).await.unwrap();
        reviewer
            .decides(&case, &refusal(), "refuses")
            .await
            .unwrap();
    }
    let heading = ann.waits_while(&[REVIEWING]).await.unwrap();
    assert_eq!(heading, "We could not give access");
    ann.presses("/case/appeal", &[("do", "yes")], "")
        .await
        .unwrap();
    for reviewer in &staff[..2] {
        assert_eq!(
            reviewer.takes_next().await.unwrap(),
            None,
            "they decided before"
        );
    }
    let mut last = String::new();
    for reviewer in &staff[2..4] {
        last = reviewer.takes_next().await.unwrap().unwrap();
        reviewer.approves(&last).await.unwrap();
    }
    becomes(&stage, &last, State::CoolingOff).await;
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disputed_veto_is_decided_by_two_seniors_who_had_no_part() {
    let scene = Scene::start().await;
    let stage = scene.stage();
    let mut ann = sent(&stage).await;
    let mut staff = staff(&stage).await;
    let case = staff[0].takes_next().await.unwrap().unwrap();
    staff[0].approves(&case).await.unwrap();
    let link = stage.link_for(PEOPLE[0].email, "/stop/").await.unwrap();
    let holder = Browser::new(&stage.world.portal).unwrap();
    let page = holder.get(&link).await.unwrap();
    assert_eq!(
        state(&stage, &case).await,
        State::Reviewing,
        "looking stops nothing"
    );
    let form = page.form("/stop/answer").unwrap();
    holder.submit(&form, &[("answer", "no")]).await.unwrap();
    becomes(&stage, &case, State::Stopped).await;
    let closed = ann.looks_at("/case/status", "looks").await.unwrap();
    assert_eq!(closed.status, 401, "whoever was in is out");
    assert_eq!(closed.heading(), "We closed this page to protect you");
    assert!(closed.body.contains("href=\"/continue\""));
    assert_eq!(
        ann.status_after_time("\n").await.unwrap(),
        "Paused: somebody objected"
    );
    assert!(is_marked(&stage, &case).await);
    ann.presses("/case/dispute", &[("do", "yes")], "")
        .await
        .unwrap();
    becomes(&stage, &case, State::Contested).await;
    assert_eq!(
        staff[2].takes_next().await.unwrap(),
        None,
        "nobody decides before both sides had their time"
    );
    stage.both_show().await.unwrap();
    for one in &mut staff {
        one.signs_in().await.unwrap();
    }
    assert_eq!(
        staff[1].takes_next().await.unwrap(),
        None,
        "reviewers do not decide contests"
    );
    for senior in &staff[2..4] {
        assert_eq!(
            senior.takes_next().await.unwrap().as_deref(),
            Some(case.as_str())
        );
        senior.votes(&case, "applicant").await.unwrap();
    }
    assert!(!is_marked(&stage, &case).await, "the applicant won");
    // Never approved before: those who decided about the objection have not reviewed it.
    becomes(&stage, &case, State::Reviewing).await;
    for reviewer in [&staff[1], &staff[4]] {
        assert_eq!(
            reviewer.takes_next().await.unwrap().as_deref(),
            Some(case.as_str())
        );
        reviewer.approves(&case).await.unwrap();
    }
    becomes(&stage, &case, State::CoolingOff).await;
    // The channel that lost cannot stop this case again.
    let page = holder.get(&link).await.unwrap();
    if let Ok(form) = page.form("/stop/answer") {
        holder.submit(&form, &[("answer", "no")]).await.unwrap();
    }
    assert_eq!(state(&stage, &case).await, State::CoolingOff);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_case_is_destroyed_on_its_day() {
    let scene = Scene::start().await;
    let stage = scene.stage();
    let mut ann = sent(&stage).await;
    let case = scene.stored().await.cases.into_keys().next().unwrap();
    // Stopping signs out, perhaps before the next page is asked for: what counts is the case.
    let next = ann.presses("/case/stop", &[("stop", "yes")], "").await;
    if let Err(error) = next {
        let signed_out = "(401 Unauthorized /case/status): We closed this page to protect you";
        assert!(error.to_string().contains(signed_out), "{error:#}");
    }
    becomes(&stage, &case, State::Withdrawn).await;
    let objects = scene.folder.path().join("objects");
    assert!(!files_below(&objects).is_empty(), "kept until its day");
    stage
        .passes(Span::days(31), "retention ends")
        .await
        .unwrap();
    for _ in 0..POLLS_MAX {
        if files_below(&objects).is_empty() {
            break;
        }
        stage.pause().await;
    }
    assert_eq!(
        files_below(&objects).len(),
        0,
        "nothing is left of the evidence"
    );
    let keys = scene.folder.path().join("keys").join("cases");
    assert!(files_below(&keys).is_empty(), "nor of the key");
    scene.end().await;
}

/// A client with the platform's own key.
fn platform_side(scene: &Scene) -> platform::RegainClient {
    let base = scene.world.portal.as_str();
    let clock: platform::Clock = std::sync::Arc::new(crate::wiring::wall_now);
    platform::RegainClient::new(base, scene.keys(), platform::Timeouts::default(), clock).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_the_platform_tells_makes_the_wait_longer_once() {
    let scene = Scene::start().await;
    let stage = scene.stage();
    let mut ann = sent(&stage).await;
    let staff = staff(&stage).await;
    let mut case = String::new();
    // From files: a reviewer, then a senior.
    for reviewer in [&staff[0], &staff[2]] {
        case = reviewer.takes_next().await.unwrap().unwrap();
        reviewer.approves(&case).await.unwrap();
    }
    becomes(&stage, &case, State::CoolingOff).await;
    let id: CaseId = case.parse().unwrap();
    let engine = &scene.world.engine;
    let mut planned = None;
    for _ in 0..POLLS_MAX {
        planned = engine.applicant_view(&id).await.unwrap().wait_until;
        if planned.is_some() {
            break;
        }
        stage.pause().await;
    }
    let planned = planned.unwrap();
    let mut reader = scene.world.store.read().await.unwrap();
    let row = reader.case_row(&id).await.unwrap().unwrap();
    drop(reader);
    let account = row.account_ref.unwrap();
    let regain = platform_side(&scene);
    let told = platform::contract::ChangeRequest {
        kind: platform::contract::SecurityChangeKind::NewFactor,
        at: engine.now().await.unwrap(),
        idempotency_key: "factor 77 of ann@example.com".to_owned(),
    };
    assert!(regain.changed(&account, &told).await.unwrap().longer);
    assert!(!regain.changed(&account, &told).await.unwrap().longer);
    let view = engine.applicant_view(&id).await.unwrap();
    assert_eq!(view.wait_until, Some(planned + Span::hours(24)));
    let page = ann.looks_at("/case/status", "looks").await.unwrap();
    let moments = page.texts_of("ol.timeline h3").join("; ");
    assert!(moments.contains("Waiting period made longer"), "{moments}");
    scene.settle().await;
    let mails = scene.world.mailbox.all();
    let longer = mails
        .iter()
        .filter(|mail| mail.subject.ends_with("takes longer"));
    let [mail] = longer.collect::<Vec<_>>()[..] else {
        panic!("one mail about a longer wait")
    };
    let why = "Reason: something about the account changed.";
    assert!(mail.text.contains(why), "{}", mail.text);
    scene.end().await;
}
