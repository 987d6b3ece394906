//! Takes over HTTP, and the way from the computer to a phone: what scripts are answered, what
//! counts as live, what a phone may do.

use recovery::evidence::{Capture, EvidenceKind};
use recovery::id::ContentDigest;
use recovery::time::Span;
use reqwest::Method;
use serde_json::{Value, json};

use super::support::{Answer, As, Caller, Party, Scene, send};
use crate::demo::walkthrough::tus::{checksum, metadata};
use specimen::photo;

/// A script of the camera's page.
struct Page<'a>(&'a Caller);

impl Page<'_> {
    async fn call(&self, path: &str, body: &Value) -> Answer {
        let request = self.0.bare(&Method::POST, path);
        let request = request
            .header("Accept", "application/json")
            .header("Tus-Resumable", "1.0.0")
            .header("Sec-Fetch-Site", "same-origin");
        send(request.json(body)).await
    }

    async fn take(&self, body: &Value) -> String {
        let answer = self.call("/case/takes", body).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.json()["take"].as_str().unwrap().to_owned()
    }

    async fn next(&self, take: &str) -> Answer {
        self.call(&format!("/case/takes/{take}/next"), &json!({}))
            .await
    }

    async fn begin(&self, pairs: &[(&str, &str)], length: Option<usize>) -> Answer {
        let request = self
            .0
            .bare(&Method::POST, "/case/uploads")
            .header("Accept", "application/json")
            .header("Tus-Resumable", "1.0.0")
            .header("Upload-Metadata", metadata(pairs));
        let request = match length {
            Some(length) => request.header("Upload-Length", length.to_string()),
            None => request.header("Upload-Defer-Length", "1"),
        };
        send(request).await
    }

    async fn append(&self, place: &str, offset: usize, bytes: &[u8], end: Option<&[u8]>) -> Answer {
        let mut request = self
            .0
            .bare(&Method::PATCH, place)
            .header("Accept", "application/json")
            .header("Tus-Resumable", "1.0.0")
            .header("Content-Type", "application/offset+octet-stream")
            .header("Upload-Offset", offset.to_string())
            .header("Upload-Checksum", checksum(bytes).unwrap())
            .body(bytes.to_vec());
        if let Some(whole) = end {
            let digest = ContentDigest::of(whole).0;
            request = request
                .header("Upload-Length", whole.len().to_string())
                .header("Upload-Metadata", metadata(&[("sha256", &digest)]));
        }
        send(request).await
    }
}

async fn ann(scene: &Scene) -> Party {
    scene
        .applicant(1, "ann.old@example.com", "a@example.org")
        .await
}

fn refused(answer: &Answer, status: u16, code: &str) {
    let got = (answer.status, answer.problem());
    assert_eq!(got, (status, code.to_owned()), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_video_that_arrives_while_it_is_recorded_is_live() {
    let scene = Scene::start().await;
    let ann = ann(&scene).await;
    let page = Page(&ann.caller);
    let clip = photo::clip(&photo::drawing(3), 3).unwrap();
    let asked = json!({
        "kind": "video", "streams": true, "camera": { "label": "Front camera" },
    });
    let begun = page.call("/case/takes", &asked).await;
    assert_eq!(begun.status, 201, "{}", begun.body);
    let said = begun.json();
    assert_eq!(said["digits"], 6);
    assert_eq!(
        (&said["expires_in_ms"], &said["pace_ms"]),
        (&json!(600_000), &json!(1350))
    );
    let sentence = said["sentence"].as_str().unwrap();
    assert!(sentence.ends_with("give me back my account."), "{sentence}");
    let take = said["take"].as_str().unwrap();
    assert!(begun.header("location").ends_with(take));
    refused(&page.next(take).await, 409, "take_waiting");
    let pairs = [("kind", "video"), ("type", "video/mp4"), ("take", take)];
    let upload = page.begin(&pairs, None).await;
    assert_eq!(upload.status, 201, "{}", upload.body);
    let place = upload.header("location").to_owned();
    let mut digits = String::new();
    let slice = clip.len().div_ceil(6);
    for (number, bytes) in clip.chunks(slice).enumerate() {
        let answer = page.append(&place, number * slice, bytes, None).await;
        assert_eq!(answer.status, 204, "{}", answer.body);
        let answer = page.next(take).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        digits.push_str(answer.json()["digit"].as_str().unwrap());
        if digits.len() < 6 {
            refused(&page.next(take).await, 425, "take_early");
        }
        let pace = Span::millis(1350);
        scene.world.store.advance_demo_clock(pace).await.unwrap();
    }
    assert_eq!(page.next(take).await.json(), json!({ "done": true }));
    let said = json!({ "camera": null, "interruptions": ["mute"], "duration_ms": 8100 });
    let end = page.call(&format!("/case/takes/{take}/end"), &said).await;
    assert_eq!(end.status, 204, "{}", end.body);
    let again = page.append(&place, 0, &clip[..slice], None).await;
    refused(&again, 409, "chunk_offset");
    assert_eq!(again.header("upload-offset"), clip.len().to_string());
    let first = page.append(&place, clip.len(), b"", Some(&clip)).await;
    let lost = page.append(&place, clip.len(), b"", Some(&clip)).await;
    for answer in [&first, &lost] {
        assert_eq!(answer.status, 204, "{}", answer.body);
        assert_eq!(answer.header("content-location"), "/case/taken/video");
    }
    let evidence = first.header("regain-evidence").to_owned();
    assert_eq!(lost.header("regain-evidence"), evidence);
    refused(&page.next(take).await, 410, "take_over");
    let engine = &scene.world.engine;
    let id = evidence.parse().unwrap();
    let record = engine.take_record(&ann.case, &id).await.unwrap().unwrap();
    assert!(record.live && record.streamed);
    assert_eq!((record.chunks.len(), record.reveals.len()), (6, 6));
    assert_eq!(*record.digits.reveal(), digits);
    assert_eq!(record.ended.unwrap().duration_ms, Some(8100));
    let view = engine.applicant_view(&ann.case).await.unwrap();
    let video = view
        .tasks
        .iter()
        .find(|task| task.kind == EvidenceKind::Video);
    assert_eq!(video.unwrap().items[0].capture, Capture::Live);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn takes_are_refused_in_words_that_scripts_understand() {
    let scene = Scene::start().await;
    let ann = ann(&scene).await;
    let page = Page(&ann.caller);
    let large = json!({ "kind": "video", "camera": "x".repeat(5000) });
    refused(&page.call("/case/takes", &large).await, 422, "camera_size");
    let huge = json!({ "kind": "video", "camera": "x".repeat(9000) });
    refused(&page.call("/case/takes", &huge).await, 413, "too_large");
    for body in [
        json!({}),
        json!({ "kind": "passport" }),
        json!({ "kind": "video", "capture": "live" }),
        json!([]),
    ] {
        refused(&page.call("/case/takes", &body).await, 422, "malformed");
    }
    let shot = json!({ "kind": "screenshot" });
    refused(&page.call("/case/takes", &shot).await, 422, "take_kind");
    let bare = ann.caller.bare(&Method::POST, "/case/takes");
    let bare = bare.header("Accept", "application/json");
    refused(
        &send(bare.json(&json!({ "kind": "video" }))).await,
        412,
        "precondition",
    );
    let form = ann.caller.bare(&Method::POST, "/case/takes");
    let form = form
        .header("Accept", "application/json")
        .header("Tus-Resumable", "1.0.0")
        .form(&[("kind", "video")]);
    refused(&send(form).await, 415, "content_type");
    let nobodys = "/case/takes/take_01J9ZQ5C8W0000000000000000/next";
    refused(&page.call(nobodys, &json!({})).await, 404, "not_found");
    refused(
        &page.call("/case/takes/guess/end", &json!({})).await,
        404,
        "not_found",
    );
    let photo = page.take(&json!({ "kind": "id_front" })).await;
    refused(&page.next(&photo).await, 422, "take_kind");
    let pairs = [
        ("kind", "id_front"),
        ("type", "image/jpeg"),
        ("take", photo.as_str()),
    ];
    refused(&page.begin(&pairs, None).await, 422, "length_missing");
    let other = [
        ("kind", "id_back"),
        ("type", "image/jpeg"),
        ("take", photo.as_str()),
    ];
    refused(&page.begin(&other, Some(5)).await, 422, "take_kind");
    let odd = [
        ("kind", "id_front"),
        ("type", "image/jpeg"),
        ("take", "guess"),
    ];
    refused(&page.begin(&odd, Some(5)).await, 422, "take");
    page.take(&json!({ "kind": "id_front" })).await;
    refused(&page.begin(&pairs, Some(5)).await, 410, "take_over");
    for _ in 0..20 {
        page.take(&json!({ "kind": "video", "slower": true })).await;
    }
    let more = page.call("/case/takes", &json!({ "kind": "video" })).await;
    refused(&more, 429, "limited");
    assert!(more.json()["until"].as_i64().is_some());
    scene.end().await;
}

/// The address that the picture on the page holds, as the engine knows it.
async fn link(scene: &Scene, ann: &Party) -> (String, String, &'static str) {
    let made = ann.caller.post(As::Browser, "/case/phone", &[]).await;
    assert_eq!((made.status, made.header("location")), (303, "/case/phone"));
    let engine = &scene.world.engine;
    let link = engine.phone_link(&ann.case).await.unwrap().unwrap();
    let path = format!("/p/{}", link.secret.reveal());
    (path, link.code.reveal().clone(), link.word)
}

async fn said(ann: &Party) -> String {
    let answer = ann.caller.get_as(As::Script, "/case/phone/state").await;
    answer.json()["state"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_takes_the_pictures_and_nothing_else() {
    let scene = Scene::start().await;
    let ann = ann(&scene).await;
    assert_eq!(said(&ann).await, "none");
    let (path, _, word) = link(&scene, &ann).await;
    let desktop = ann.caller.get("/case/phone").await;
    assert!(desktop.body.contains("<svg") && desktop.body.contains(word));
    assert!(
        !desktop.body.contains(&path),
        "the secret is in the picture only"
    );
    let mut phone = scene.visitor();
    let arrived = phone.get(&path).await;
    assert_eq!(
        (arrived.status, arrived.header("location")),
        (303, "/p/request")
    );
    assert_eq!(said(&ann).await, "waiting", "looking does nothing");
    let asked = phone.get("/p/request").await;
    assert!(asked.body.contains(&ann.code), "{}", asked.body);
    let early = phone.get("/p/word").await;
    assert_eq!(early.header("location"), "/p/request");
    let empty = phone.post(As::Browser, "/p/request", &[]).await;
    assert_eq!(empty.beside("mine"), "Choose an answer");
    let yes = phone
        .post(As::Browser, "/p/request", &[("mine", "yes")])
        .await;
    assert_eq!((yes.status, yes.header("location")), (303, "/p/word"));
    assert_eq!(said(&ann).await, "asked");
    assert!(phone.get("/p/word").await.body.contains(word));
    let matched = phone.post(As::Browser, "/p/word", &[("word", word)]).await;
    assert_eq!((matched.status, matched.header("location")), (303, "/case"));
    assert_eq!(said(&ann).await, "connected");
    let list = phone.get("/case").await;
    assert_eq!(list.text_of("h1"), "Take these with your phone");
    assert!(!list.body.contains(&ann.code), "{}", list.body);
    // Which kind of ID comes first, on the computer.
    let chosen = [("document", "national_id")];
    let chosen = ann
        .caller
        .post(As::Browser, "/case/document", &chosen)
        .await;
    assert_eq!(chosen.status, 303, "{}", chosen.body);
    for path in ["/case/id/front", "/case/video", "/case/fix/note_photo"] {
        assert_eq!(phone.get(path).await.status, 200, "{path}");
    }
    for path in [
        "/case/status",
        "/key",
        "/email",
        "/case/review",
        "/case/stop",
        "/case/phone",
    ] {
        assert_eq!(phone.get(path).await.status, 401, "{path}");
    }
    phone.renew("/case/id/front").await;
    let page = Page(&phone);
    let take = page.take(&json!({ "kind": "id_front" })).await;
    let photo = photo::jpeg(&photo::card(7)).unwrap();
    let pairs = [
        ("kind", "id_front"),
        ("type", "image/jpeg"),
        ("take", take.as_str()),
    ];
    let begun = page.begin(&pairs, Some(photo.len())).await;
    let sent = page.append(begun.header("location"), 0, &photo, None).await;
    assert_eq!(sent.status, 204, "{}", sent.body);
    assert_eq!(phone.get("/case/taken/id_front").await.status, 200);
    let state = ann
        .caller
        .get_as(As::Script, "/case/phone/state")
        .await
        .json();
    assert_eq!(
        state["parts"][0],
        json!({
            "kind": "id_front", "name": "Front of your ID", "done": true,
        })
    );
    // The same link a second time.
    let other = scene.visitor();
    other.get(&path).await;
    let dead = other.get("/p/request").await;
    assert_eq!(dead.status, 410);
    assert_eq!(dead.text_of("h1"), "This link was used already");
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn links_to_a_phone_die_and_say_how() {
    let scene = Scene::start().await;
    let ann = ann(&scene).await;
    let (first, _, _) = link(&scene, &ann).await;
    let (second, code, word) = link(&scene, &ann).await;
    let phone = scene.visitor();
    let dies = |words: &'static str| {
        let phone = &phone;
        async move {
            let answer = phone.get("/p/request").await;
            assert_eq!((answer.status, answer.text_of("h1").as_str()), (410, words));
        }
    };
    assert_eq!(phone.get("/p/request").await.header("location"), "/p");
    phone.get(&first).await;
    dies("This link was replaced by a newer one").await;
    phone.get("/p/0123456789abcdef").await;
    dies("This link does not work").await;
    let empty = phone.post(As::Browser, "/p", &[]).await;
    assert_eq!(empty.beside("code"), "Enter the code from the computer");
    for odd in ["K7M2P0119", "<b>", "x"] {
        let answer = phone.post(As::Browser, "/p", &[("code", odd)]).await;
        assert_eq!(
            answer.beside("code"),
            "That code does not fit. Look at the computer again"
        );
    }
    let typed = phone.post(As::Browser, "/p", &[("code", &code)]).await;
    assert_eq!(
        (typed.status, typed.header("location")),
        (303, "/p/request")
    );
    phone
        .post(As::Browser, "/p/request", &[("mine", "yes")])
        .await;
    let wrong = ["apple", "bridge"].into_iter().find(|other| *other != word);
    let wrong = wrong.unwrap();
    let missed = phone.post(As::Browser, "/p/word", &[("word", wrong)]).await;
    assert_eq!(
        (missed.status, missed.text_of("h1").as_str()),
        (410, "That is another word")
    );
    phone.get(&second).await;
    dies("This link was stopped").await;
    let (third, _, _) = link(&scene, &ann).await;
    phone.get(&third).await;
    let no = phone
        .post(As::Browser, "/p/request", &[("mine", "no")])
        .await;
    assert_eq!(
        (no.status, no.text_of("h1").as_str()),
        (200, "The link is dead now")
    );
    dies("This link was stopped").await;
    assert_eq!(said(&ann).await, "refused");
    let (fourth, _, _) = link(&scene, &ann).await;
    phone.get(&fourth).await;
    let life = Span::minutes(10);
    scene.world.store.advance_demo_clock(life).await.unwrap();
    dies("This link is too old").await;
    assert_eq!(said(&ann).await, "over");
    scene.end().await;
}
