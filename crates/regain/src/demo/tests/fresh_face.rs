//! A face shown afresh at the handover, in place of a lost case key: real faces, a real recording.

use image::RgbImage;
use recovery::case::Event;
use recovery::finding::{Finding, Outcome};
use recovery::policy::{DEFAULT, Policy};
use reqwest::Method;
use specimen::photo;
use url::Url;

use super::handover::approved;
use super::support::{Scene, shared};
use crate::demo::walkthrough::applicant::Applicant;
use crate::demo::walkthrough::browser::{Browser, Page};
use crate::demo::walkthrough::stage::Stage;
use crate::demo::walkthrough::tus::metadata;

const EMAIL: &str = "ann.new@example.org";
const SURE: &str = "We recognised you";
const UNSURE: &str = "We could not be sure that it is you";

fn changed(from: &str, to: &str, policy: &str) -> String {
    let changed = policy.replace(from, to);
    assert_ne!(changed, policy, "{from}");
    changed
}

/// What ships, but people look at everything at once: these cases show drawings, and the handover
/// alone is of interest.
fn to_people() -> String {
    changed(
        "returns_per_item_max = 3",
        "returns_per_item_max = 0",
        DEFAULT,
    )
}

/// The page of the newest handover link, in this browser.
async fn link_in(stage: &Stage<'_>, browser: &Browser) -> (Page, String) {
    let link = stage.link_for(EMAIL, "/handover/").await.unwrap();
    let page = browser.get(&link).await.unwrap();
    (page, Url::parse(&link).unwrap().path().to_owned())
}

/// Says that a face was shown here, whatever the page offers.
async fn begins(page: &Page, action: &str, browser: &Browser) -> Page {
    let form = page.form(action).unwrap();
    browser.submit(&form, &[("proof", "face")]).await.unwrap()
}

/// Shows this face in the page, and gives what the page says then.
async fn shows(ann: &mut Applicant<'_>, face: &RgbImage) -> Page {
    let page = ann.browser.get("/handover/face").await.unwrap();
    assert_eq!(page.heading(), "Show your face again", "{}", page.body);
    ann.films(face).await.unwrap();
    ann.browser.get("/handover/face").await.unwrap()
}

/// What begins an upload that no take was made for.
async fn sends_a_file(browser: &Browser) -> u16 {
    let about = metadata(&[("kind", "video"), ("type", "video/webm")]);
    let headers = [
        ("Tus-Resumable", "1.0.0".to_owned()),
        ("Upload-Length", "1000".to_owned()),
        ("Upload-Metadata", about),
    ];
    let path = "/case/uploads";
    let answer = browser.script(Method::POST, path, &headers, Vec::new());
    answer.await.unwrap().status.as_u16()
}

async fn shown(stage: &Stage<'_>, ann: &Applicant<'_>) -> Vec<(bool, Vec<Finding>)> {
    let events = stage.world.history(&ann.code).await.unwrap().into_iter();
    events
        .filter_map(|recorded| match recorded.event {
            Event::FaceShown { passed, findings } => Some((passed, findings)),
            _ => None,
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_face_shown_afresh_takes_the_place_of_the_key_in_its_browser_alone() {
    let faces = shared("testdata/faces/lfw");
    let (Some(faces), Some(models)) = (faces, shared("models")) else {
        return;
    };
    let face = |name: &str| photo::read(&std::fs::read(faces.join(name)).unwrap()).unwrap();
    let portrait = std::fs::read(faces.join("Aaron_Peirsol/Aaron_Peirsol_0001.jpg")).unwrap();
    // A recorded still is no living face: here a policy that does not ask for one.
    let policy = changed("\"face.live\", ", "", &to_people());
    let policy = changed(", \"video.still\"", "", &policy);
    let scene = Scene::start_seeing(models, portrait, policy).await;
    let stage = scene.stage();
    let mut ann = approved(&stage, EMAIL).await;
    stage.restrictions_arrive().await.unwrap();
    let (page, action) = link_in(&stage, &ann.browser).await;
    assert!(page.body.contains("I do not have my key"), "{}", page.body);
    let refused = begins(&page, &action, &ann.browser).await;
    assert!(refused.body.contains("too long ago"), "{}", refused.body);

    let other = face("Abdullatif_Sener/Abdullatif_Sener_0001.jpg");
    let seen = shows(&mut ann, &other).await;
    assert!(seen.body.contains(UNSURE), "{}", seen.body);
    assert!(seen.body.contains("2 tries are left"), "{}", seen.body);
    let refused = begins(&page, &action, &ann.browser).await;
    assert!(refused.body.contains("too long ago"), "{}", refused.body);

    assert_eq!(
        sends_a_file(&ann.browser).await,
        409,
        "a file says nothing of now"
    );

    let own = face("Aaron_Peirsol/Aaron_Peirsol_0003.jpg");
    let seen = shows(&mut ann, &own).await;
    let looks = shown(&stage, &ann).await;
    let passed: Vec<bool> = looks.iter().map(|(passed, _)| *passed).collect();
    assert_eq!(passed, [false, true]);
    // What ships asks for a living face: a still that speaks is found out.
    let ships = Policy::parse(DEFAULT).unwrap().fresh_face.unwrap();
    assert!(!ships.passes(&looks[1].1), "{looks:?}");
    for code in ["face.live", "video.still"] {
        let found = looks[1].1.iter().find(|finding| finding.code == code);
        assert_eq!(found.unwrap().outcome, Outcome::Unsure, "{code}");
    }
    assert_eq!(seen.heading(), SURE, "{}", seen.body);
    let uploads = scene.stored().await.uploads;
    assert_eq!(uploads, 0, "the video is not kept");
    // Whoever reads the mail elsewhere has nothing from it.
    let thief = Browser::new(&stage.world.portal).unwrap();
    let (stolen, _) = link_in(&stage, &thief).await;
    assert!(stolen.body.contains("I do not have my key"));
    let refused = begins(&stolen, &action, &thief).await;
    assert_ne!(refused.heading(), "Choose a new password");
    let (page, action) = link_in(&stage, &ann.browser).await;
    assert!(page.body.contains("no key is needed"), "{}", page.body);
    let next = begins(&page, &action, &ann.browser).await;
    assert_eq!(next.heading(), "Choose a new password");
    scene.end().await;
}
