//! The two sides of a contested request over HTTP: what an objector can show, what seniors see of
//! it, and an objection that was a mistake.

use recovery::case::{LiveFactor, State};
use serde_json::json;

use super::handover::people_approve;
use super::support::Scene;
use crate::demo::seed::{PEOPLE, STAFF};
use crate::demo::walkthrough::applicant::{Applicant, Shows};
use crate::demo::walkthrough::browser::Browser;
use crate::demo::walkthrough::reviewer::Reviewer;
use crate::demo::walkthrough::shop::{Shopper, old_factors};
use crate::demo::walkthrough::stage::Stage;

const EMAIL: &str = "ann.new@example.org";
const SENIORS: usize = 2;

/// Ann's request, which passed its first look.
async fn approved<'a>(stage: &'a Stage<'a>) -> Applicant<'a> {
    let mut ann = Applicant::new(stage, "ann", EMAIL, Shows::drawn(33, 35)).unwrap();
    ann.opens_case("/?from=link", PEOPLE[0].email)
        .await
        .unwrap();
    ann.sends().await.unwrap();
    people_approve(stage).await.unwrap();
    ann
}

async fn replayed(stage: &Stage<'_>, code: &str) -> recovery::case::Case {
    recovery::case::replay(&stage.world.history(code).await.unwrap()).unwrap()
}

/// The word after "code" in the newest text message.
fn code_by_sms(scene: &Scene) -> String {
    let mails = scene.world.mailbox.all().into_iter().rev();
    let mut texts = mails.filter(|mail| mail.channel == "sms");
    let text = texts.next().expect("a text message").text;
    let mut words = text.split_whitespace().skip_while(|word| *word != "code");
    words
        .nth(1)
        .expect("its code")
        .trim_end_matches('.')
        .to_owned()
}

async fn factors(stage: &Stage<'_>, code: &str) -> Vec<LiveFactor> {
    let stop = replayed(stage, code).await.stop.unwrap();
    stop.live_factors.iter().map(|shown| shown.factor).collect()
}

/// Seniors who had no part in anything yet.
async fn seniors<'a>(stage: &'a Stage<'a>) -> Vec<Reviewer<'a>> {
    let mut seniors = Vec::new();
    for (place, (_, rank)) in (0_u8..).zip(STAFF) {
        if rank == recovery::actor::Rank::Senior {
            let name = format!("Senior {place}");
            let senior = Reviewer::enrols(stage, &name, rank, 40 + place).await;
            seniors.push(senior.unwrap());
        }
    }
    seniors
}

#[tokio::test(flavor = "multi_thread")]
async fn an_objector_shows_what_they_have_and_the_burden_follows() {
    let scene = Scene::start().await;
    let stage = scene.stage();
    let mut ann = approved(&stage).await;
    let holder = Shopper::new(&stage, "holder").unwrap();
    holder.objects(old_factors(&PEOPLE[0])).await.unwrap();
    assert_eq!(factors(&stage, &ann.code).await, [LiveFactor::SignIn]);
    // The newest mail leads to the objector's own page, and shows nothing of the other side.
    let link = stage
        .link_for(PEOPLE[0].email, "/contested/")
        .await
        .unwrap();
    let browser = Browser::new(&stage.world.portal).unwrap();
    let page = browser.get(&link).await.unwrap();
    assert_eq!(page.heading(), "Show that this account is yours");
    assert!(page.text_of("#sign-in-status").unwrap().contains("Shown"));
    assert!(page.text_of("#telephone-status").unwrap().contains("To do"));
    assert!(!page.body.contains(EMAIL) && !page.body.contains("ann.new"));
    let form = page.form("/contested").unwrap();
    let wrong = browser
        .submit(&form, &[("code", "7777777777")])
        .await
        .unwrap();
    assert!(
        wrong.body.contains("That code does not fit"),
        "{}",
        wrong.body
    );
    let code = code_by_sms(&scene);
    let form = wrong.form("/contested").unwrap();
    let shown = browser
        .submit(&form, &[("code", code.as_str())])
        .await
        .unwrap();
    assert!(
        shown
            .text_of("#telephone-status")
            .unwrap()
            .contains("Shown")
    );
    let has = [LiveFactor::SignIn, LiveFactor::Telephone];
    assert_eq!(factors(&stage, &ann.code).await, has);
    ann.status_after_time("\n").await.unwrap();
    ann.presses("/case/dispute", &[("do", "yes")], "")
        .await
        .unwrap();
    stage.both_show().await.unwrap();
    let seniors = seniors(&stage).await;
    let case = seniors[0].takes_next().await.unwrap().unwrap();
    let page = seniors[0]
        .opens(&format!("/console/contested/{case}"))
        .await
        .unwrap();
    let text = page.text_of("main").unwrap();
    for said in [
        "signed in at the platform (strong)",
        "a message to an old phone or app (strong)",
        "has a live factor",
        "More proof from side",
    ] {
        assert!(text.contains(said), "{said} is missing in {text}");
    }
    assert!(!text.contains(EMAIL) && !text.contains(PEOPLE[0].email));
    // More from one side: nobody decides before its time is over, and it is asked for once.
    let ask = json!({ "winner": "ask_objector" });
    seniors[0].answers_contest(&case, &ask).await.unwrap();
    for senior in &seniors {
        assert_eq!(senior.takes_next().await.unwrap(), None);
    }
    let stop = replayed(&stage, &ann.code).await.stop.unwrap();
    assert_eq!(stop.asked, [recovery::case::Side::Objector]);
    stage.both_show().await.unwrap();
    let mut voted = 0;
    for mut senior in seniors {
        senior.signs_in().await.unwrap();
        if voted < SENIORS && senior.takes_next().await.unwrap().is_some() {
            senior.votes(&case, "objector").await.unwrap();
            voted += 1;
        }
    }
    assert_eq!(replayed(&stage, &ann.code).await.state, State::Blocked);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_objection_by_mistake_goes_to_seniors_and_changes_nothing_before() {
    let scene = Scene::start().await;
    let stage = scene.stage();
    let ann = approved(&stage).await;
    let link = stage.link_for(PEOPLE[0].email, "/stop/").await.unwrap();
    let browser = Browser::new(&stage.world.portal).unwrap();
    let page = browser.get(&link).await.unwrap();
    let form = page.form("/stop/answer").unwrap();
    let stopped = browser.submit(&form, &[("answer", "no")]).await.unwrap();
    assert!(
        stopped.body.contains("does not insist until"),
        "{}",
        stopped.body
    );
    assert_eq!(factors(&stage, &ann.code).await, [LiveFactor::Mailbox]);
    let page = browser.get("/contested/mistake").await.unwrap();
    let form = page.form("/contested/mistake").unwrap();
    let empty = browser.submit(&form, &[("answer", "yes")]).await.unwrap();
    assert!(
        empty
            .body
            .contains("Write one sentence about what happened")
    );
    assert_eq!(replayed(&stage, &ann.code).await.state, State::Stopped);
    let said = "My son asked for me, and I did not know.";
    let form = empty.form("/contested/mistake").unwrap();
    let typed = [("answer", "yes"), ("text", said)];
    let done = browser.submit(&form, &typed).await.unwrap();
    assert!(
        done.body.contains("that this was a mistake"),
        "{}",
        done.body
    );
    let case = replayed(&stage, &ann.code).await;
    assert_eq!(case.state, State::Contested);
    let frozen = recovery::restriction::mode_of(&case);
    assert_eq!(frozen, recovery::restriction::Mode::Frozen);
    // The sentence is for seniors; it is in no event.
    let events = stage.world.history(&ann.code).await.unwrap();
    assert!(!format!("{events:?}").contains("My son"));
    stage.both_show().await.unwrap();
    let seniors = seniors(&stage).await;
    let held = seniors[0].takes_next().await.unwrap().unwrap();
    let page = seniors[0]
        .opens(&format!("/console/contested/{held}"))
        .await
        .unwrap();
    assert!(page.text_of("main").unwrap().contains(said));
    scene.end().await;
}
