//! The question about the gallery of faces, as a plain form: off by default, and a consent apart.

use recovery::policy::DEFAULT;

use super::support::{Answer, As, Caller, Scene};

/// The policy that ships, with a gallery.
pub(super) fn policy() -> String {
    let text = DEFAULT.replacen("[gallery]\non = false", "[gallery]\non = true", 1);
    assert_ne!(text, DEFAULT);
    text
}

/// Somebody on the consent page.
async fn asked(scene: &Scene) -> (Caller, Answer) {
    let mut visitor = scene.visitor();
    // A session and its token, as the first pages give them.
    visitor.post(As::Browser, "/", &[("what", "start")]).await;
    visitor.renew("/").await;
    let exact = [("address", "exact")];
    visitor.post(As::Browser, "/check-site", &exact).await;
    let none = [("way", "none")];
    visitor.post(As::Browser, "/ways-in", &none).await;
    visitor.renew("/consent").await;
    let page = visitor.get("/consent").await;
    assert_eq!(page.text_of("h1"), "May we compare your face and ID?");
    (visitor, page)
}

/// What the events of the newest case say of the gallery.
async fn answered(scene: &Scene) -> Vec<String> {
    let mut reader = scene.world.store.read().await.unwrap();
    let rows = reader.list_cases(None, None, 1).await.unwrap();
    let loaded = reader.load(&rows[0].id).await.unwrap().unwrap();
    let bodies = loaded.events.iter().map(|event| &event.body);
    let texts = bodies.map(|body| String::from_utf8(body.clone()).unwrap());
    texts
        .filter(|text| text.contains("gallery_answered"))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_gallery_its_question_is_not_there_and_a_forged_yes_is_nothing() {
    let scene = Scene::start().await;
    let (visitor, page) = asked(&scene).await;
    assert!(!page.body.contains("keep_face"), "{}", page.body);
    let forged = [("agree", "yes"), ("keep_face", "yes")];
    let on = visitor.post(As::Browser, "/consent", &forged).await;
    assert_eq!(on.header("location"), "/account", "{on:?}");
    assert!(answered(&scene).await.is_empty());
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_consent_is_empty_at_first_and_stored_as_it_was_given() {
    let scene = Scene::start_under(Some(policy())).await;
    for (ticked, stored) in [(false, "\"agreed\":false"), (true, "\"agreed\":true")] {
        let (visitor, page) = asked(&scene).await;
        assert!(page.body.contains("name=\"keep_face\" value=\"yes\">"));
        let box_of = |page: &Answer| page.body.matches("\" checked>").count();
        assert_eq!(box_of(&page), 0, "{}", page.body);
        let both: &[_] = &[("agree", "yes"), ("keep_face", "yes")];
        let fields = if ticked { both } else { &both[..1] };
        // Without the first answer the second is kept on the page, and nothing is stored.
        let before = scene.stored().await;
        let again = visitor.post(As::Browser, "/consent", &fields[1..]).await;
        let missing = "Choose whether we may compare your face and ID";
        assert_eq!(again.beside("agree"), missing);
        assert_eq!(box_of(&again), usize::from(ticked));
        scene
            .unchanged(&before, "an unanswered first question")
            .await;
        let on = visitor.post(As::Browser, "/consent", fields).await;
        assert_eq!(on.header("location"), "/account", "{on:?}");
        let events = answered(&scene).await;
        assert_eq!(events.len(), 1);
        assert!(events[0].contains(stored), "{events:?}");
        let named = "\"language\":\"en\",\"text_version\":\"gallery-1\"";
        assert!(events[0].contains(named), "{events:?}");
    }
    scene.end().await;
}
