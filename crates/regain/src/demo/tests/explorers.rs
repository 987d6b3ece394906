//! Addresses that were typed, with links to explorers: for a reason, recorded, and only those.

use recovery::actor::Rank;
use recovery::id::CaseId;
use serde_json::json;

use super::support::{As, Scene, files_below};
use crate::demo::seed::PEOPLE;
use crate::demo::walkthrough::applicant::{Applicant, Shows};

const TYPED: &str = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";
/// The demo has no explorer of its chain.
const OTHER: &str = "0x52908400098527886e0f7030069857d2e4169ee7";

/// A case that waits for people, with these addresses.
async fn submitted(scene: &Scene, addresses: &str) {
    let stage = scene.stage();
    let shows = Shows::drawn(41, 41);
    let mut ann = Applicant::new(&stage, "ann", "links.new@example.org", shows).unwrap();
    ann.opens_case("/?from=link", PEOPLE[0].email)
        .await
        .unwrap();
    let fields = [("addresses", addresses)];
    ann.presses("/case/clues", &fields, "Your recovery request")
        .await
        .unwrap();
    ann.sends().await.unwrap();
}

/// Looks at the field that were recorded.
async fn looks(scene: &Scene, case: &CaseId) -> Vec<String> {
    let mut reader = scene.world.store.read().await.unwrap();
    let loaded = reader.load(case).await.unwrap().unwrap();
    let texts = loaded
        .events
        .into_iter()
        .map(|event| String::from_utf8(event.body).unwrap());
    texts
        .filter(|text| text.contains("field.addresses"))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_an_explorer_is_a_look_that_is_recorded() {
    let scene = Scene::start().await;
    submitted(&scene, &format!("{TYPED}\n{OTHER}")).await;
    let rita = scene.staff("Rita Reviewer", Rank::Senior).await;
    let taken = rita.post_json("/console/take", &json!({})).await;
    let case = taken.json()["case"].as_str().unwrap().to_owned();
    let id: CaseId = case.parse().unwrap();
    let base = format!("/console/case/{case}");
    let path = format!("{base}/reveal");

    // The step says how many, and not which.
    let step = rita.get_as(As::Browser, &format!("{base}/memory")).await;
    assert!(step.body.contains("1 can be opened in an explorer"));
    let asking = format!("{path}?field=addresses&step=memory");
    let asked = rita.get_as(As::Browser, &asking).await;
    assert_eq!(asked.text_of("h1"), "Show the addresses");
    let no_reason = [("field", "addresses"), ("step", "memory")];
    let again = rita.post(As::Browser, &path, &no_reason).await;
    assert_eq!(again.status, 422);
    for page in [&step, &asked, &again] {
        assert!(!page.body.contains(TYPED) && !page.body.contains(OTHER));
    }
    assert!(looks(&scene, &id).await.is_empty());

    // With a reason it is written down, and then shown with its link.
    let fields = [
        ("field", "addresses"),
        ("step", "memory"),
        ("reason", "look_up"),
    ];
    let shown = rita.post(As::Browser, &path, &fields).await;
    let link = format!("https://explorer.example/address/{TYPED}");
    let anchor = format!("a[href=\"{link}\"][rel=\"noreferrer noopener\"][target=\"_blank\"]");
    let words = shown.text_of(&anchor);
    assert!(
        words.starts_with("Open in an explorer of Bitcoin"),
        "{}",
        shown.body
    );
    assert!(!shown.body.contains(OTHER), "{}", shown.body);
    let recorded = looks(&scene, &id).await;
    assert_eq!(recorded.len(), 1);
    assert!(recorded[0].contains("reveal.look_up"), "{recorded:?}");

    let body = json!({ "field": "addresses", "reason": "look_up" });
    let script = rita.post_json(&path, &body).await.json();
    let row = json!({ "address": TYPED, "chain": "Bitcoin", "href": link });
    assert_eq!(script["value"], json!([row]));
    let recorded = looks(&scene, &id).await;
    assert_eq!(recorded.len(), 2);

    // Nothing of it is in clear where cases lie.
    for file in files_below(scene.folder.path()) {
        let bytes = std::fs::read(&file).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(TYPED), "{} holds it", file.display());
    }
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_explorer_for_the_chain_there_is_nothing_to_reveal() {
    let scene = Scene::start().await;
    submitted(&scene, OTHER).await;
    let rita = scene.staff("Rita Reviewer", Rank::Senior).await;
    let taken = rita.post_json("/console/take", &json!({})).await;
    let case = taken.json()["case"].as_str().unwrap().to_owned();
    let base = format!("/console/case/{case}");
    let step = rita.get_as(As::Browser, &format!("{base}/memory")).await;
    assert!(!step.body.contains("in an explorer"), "{}", step.body);
    let body = json!({ "field": "addresses", "reason": "look_up" });
    let refused = rita.post_json(&format!("{base}/reveal"), &body).await;
    assert_eq!(
        (refused.status, refused.problem()),
        (404, "not_found".into())
    );
    assert!(looks(&scene, &case.parse().unwrap()).await.is_empty());
    scene.end().await;
}
