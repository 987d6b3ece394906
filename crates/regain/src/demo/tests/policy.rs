//! Two seniors on the console: what they confirm, and what each of them is told.

use engine::propose_policy;
use recovery::actor::Rank;
use recovery::policy::{DEFAULT, Policy};
use serde_json::Value;

use super::support::{As, Caller, Scene};

async fn confirms(caller: &mut Caller, digest: &str) -> super::support::Answer {
    caller.renew("/console/policy").await;
    let fields = [("digest", digest)];
    caller.post(As::Browser, "/console/policy", &fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_seniors_confirm_a_policy_on_the_console() {
    let scene = Scene::start().await;
    let version = Policy::parse(DEFAULT).unwrap().version;
    let (old, new) = (format!("\nversion = {version}"), version + 1);
    let text = DEFAULT
        .replace(&old, &format!("\nversion = {new}"))
        .replace("standard_hours = 24", "standard_hours = 36");
    let policy = Policy::parse(&text).unwrap();
    let mut rita = scene.staff("Rita Reviewer", Rank::Reviewer).await;
    let mut ann = scene.staff("Ann Senior", Rank::Senior).await;
    let mut bea = scene.staff("Bea Senior", Rank::Senior).await;
    let empty = ann.get("/console/policy").await;
    assert_eq!(empty.text_of("h1"), "The policy");
    assert!(
        empty.body.contains("No other policy waits."),
        "{}",
        empty.body
    );

    propose_policy(&scene.world.store, &policy, &text)
        .await
        .unwrap();
    let page = ann.get("/console/policy").await;
    let wait = "cooling_off.standard_hours: the shortest wait rises from 24 to 36 hours (stricter)";
    assert!(page.body.contains(wait), "{}", page.body);
    let digest = recovery::id::ContentDigest::of(text.as_bytes()).0;
    assert!(page.body.contains(&digest));

    let refused = confirms(&mut rita, &digest).await;
    assert_eq!(refused.status, 422);
    assert_eq!(
        refused.text_of("[role=alert]"),
        "Only seniors confirm a policy"
    );
    let stale = confirms(&mut ann, "another").await;
    assert_eq!(
        stale.text_of("[role=alert]"),
        "The proposal changed meanwhile. Look at it again."
    );
    assert_eq!(confirms(&mut ann, &digest).await.status, 303);
    let again = confirms(&mut ann, &digest).await;
    assert_eq!(again.status, 422);
    assert_eq!(
        again.text_of("[role=alert]"),
        "You confirmed it already. Another senior must confirm it too."
    );
    assert_eq!(scene.world.engine.policy().version, version);
    assert_eq!(confirms(&mut bea, &digest).await.status, 303);
    assert_eq!(scene.world.engine.policy().version, new);
    let done = bea.get("/console/policy").await;
    for words in [
        "No other policy waits.",
        "Ann Senior",
        "Bea Senior",
        "on the machine",
    ] {
        assert!(done.body.contains(words), "{words}: {}", done.body);
    }
    let request = bea.bare(&reqwest::Method::GET, "/console/policy");
    let request = request.header("Accept", As::Script.accept());
    let document: Value = super::support::send(request).await.json();
    assert_eq!(document["published"][0]["version"], new.to_string());
    assert_eq!(document["log"].as_array().unwrap().len(), 5);
    scene.end().await;
}
