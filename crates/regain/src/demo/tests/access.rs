//! Who may call what: every route by every kind of caller. Everything here is made from the table
//! of routes, so that a new address is tried from its first day.

use platform::SharedKey;
use platform::signature::{nonce_text, sign_request};
use recovery::actor::Rank;
use recovery::time::{Span, Timestamp};
use reqwest::Method;
use serde_json::json;
use web::routes::{Route, Who, all};

use super::support::{Answer, As, Caller, Party, Scene, send};
use specimen::photo;

/// Looking that leaves a trace on purpose; this list may only shrink.
const LOOKS_THAT_COUNT: [&str; 1] = [
    // Seniors see a private flag when an applicant looks for help against pressure.
    "/case/pressure",
];

/// What stands for the parameters of a path.
struct Objects {
    case: String,
    evidence: String,
    upload: String,
    take: String,
}

impl Objects {
    /// Well-formed names of nothing.
    fn nobodys() -> Self {
        Self {
            case: "case_01J9ZQ5C8W0000000000000000".to_owned(),
            evidence: "ev_01J9ZQ5C8W0000000000000000".to_owned(),
            upload: "up_01J9ZQ5C8W0000000000000000".to_owned(),
            take: "take_01J9ZQ5C8W0000000000000000".to_owned(),
        }
    }

    fn path(&self, route: &Route) -> String {
        route
            .path
            .split('/')
            .map(|part| match part {
                "{case}" => &self.case,
                "{evidence}" => &self.evidence,
                "{upload}" => &self.upload,
                "{take}" => &self.take,
                "{step}" => "real",
                "{what}" => "portrait?for=person",
                "{item}" => "id_front",
                "{account}" => "acc_nobody",
                "{token}" => "guess",
                "reveal" => "reveal?field=name",
                other => {
                    assert!(!other.starts_with('{'), "{other}: say what stands for it");
                    other
                }
            })
            .collect::<Vec<_>>()
            .join("/")
    }
}

/// Sends what such a route takes, as far as anybody could.
async fn call(caller: &Caller, by: As, method: &Method, path: &str) -> Answer {
    let mut request = caller
        .bare(method, path)
        .header("Accept", by.accept())
        .header("Tus-Resumable", "1.0.0");
    if *method == Method::POST && path.starts_with("/case/takes") {
        request = request.json(&json!({}));
    } else if *method == Method::POST {
        request = request.form(&[("form_token", caller.token.as_str())]);
    }
    if *method == Method::PATCH {
        request = request
            .header("Content-Type", "application/offset+octet-stream")
            .header("Upload-Offset", "0")
            .body("x");
    }
    send(request).await
}

/// The headers of every answer, errors included.
fn is_guarded(answer: &Answer, what: &str) {
    let policy = answer.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'"), "{what}: {policy}");
    assert!(
        policy.contains("frame-ancestors 'none'"),
        "{what}: {policy}"
    );
    assert!(!policy.contains("unsafe"), "{what}: {policy}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
    assert_eq!(answer.header("referrer-policy"), "no-referrer", "{what}");
    assert_eq!(answer.header("cache-control"), "no-store", "{what}");
    let permissions = answer.header("permissions-policy");
    assert!(
        permissions.contains("geolocation=()"),
        "{what}: {permissions}"
    );
    for name in ["cross-origin-opener-policy", "cross-origin-resource-policy"] {
        assert_eq!(answer.header(name), "same-origin", "{what}");
    }
    assert!(answer.header("server").is_empty(), "{what}");
}

/// Whether a caller of that kind is let in to this route.
fn admits(route: &Route, caller: Who) -> bool {
    match route.who {
        Who::Visitor | Who::Holder => true,
        Who::Applicant => caller == Who::Applicant,
        Who::Camera => matches!(caller, Who::Applicant | Who::Camera),
        Who::Staff => caller == Who::Staff,
        Who::Platform => false,
    }
}

fn refused(route: &Route, by: As, answer: &Answer, what: &str) {
    assert_eq!(answer.status, 401, "{what}: {}", answer.body);
    let code = if route.who == Who::Platform {
        "unsigned"
    } else {
        "signed_out"
    };
    if by == As::Script || route.who == Who::Platform {
        assert_eq!(answer.problem(), code, "{what}");
    } else if answer.header("content-type").is_empty() {
        assert!(answer.body.is_empty(), "{what}");
    } else {
        answer.is_page();
        let next = if route.who == Who::Staff {
            "/console/sign-in"
        } else {
            "/continue"
        };
        assert!(answer.body.contains(&format!("href=\"{next}\"")), "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_admits_only_whom_it_names() {
    let scene = Scene::start().await;
    let visitor = scene.visitor();
    let staff = scene.staff("Rita Reviewer", Rank::Reviewer).await;
    let ann = scene
        .applicant(1, "ann.old@example.com", "a@example.org")
        .await;
    let phone = scene.phone(&ann.case).await;
    let before = scene.stored().await;
    let callers = [
        (Who::Visitor, &visitor),
        (Who::Camera, &phone),
        (Who::Staff, &staff),
        (Who::Applicant, &ann.caller),
        // The platform without a signature is a visitor.
        (Who::Platform, &visitor),
    ];
    let nobodys = Objects::nobodys();
    let mut refusals = 0;
    for route in all() {
        for (who, caller) in callers {
            if admits(route, who) {
                continue;
            }
            for method in route.methods {
                for by in As::BOTH {
                    let path = nobodys.path(route);
                    let answer = call(caller, by, method, &path).await;
                    let what = format!("{method} {path} by {who:?} {by:?}");
                    is_guarded(&answer, &what);
                    if *method != Method::HEAD {
                        refused(route, by, &answer, &what);
                    } else {
                        assert_eq!(answer.status, 401, "{what}");
                    }
                    refusals += 1;
                }
            }
        }
    }
    assert!(refusals > 200, "only {refusals} were tried");
    scene.unchanged(&before, "refused calls").await;
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_headers() {
    let scene = Scene::start().await;
    let visitor = scene.visitor();
    let nobodys = Objects::nobodys();
    for route in all() {
        for method in [Method::GET, Method::POST, Method::PUT, Method::HEAD] {
            for by in As::BOTH {
                let answer = call(&visitor, by, &method, &nobodys.path(route)).await;
                is_guarded(&answer, &format!("{method} {}", route.path));
                assert!(answer.status < 500, "{method} {}", route.path);
            }
        }
    }
    for path in [
        "/nothing",
        "/assets/nothing.css",
        "/case/nothing/at/all",
        "/%ff",
    ] {
        for by in As::BOTH {
            let answer = visitor.get_as(by, path).await;
            assert_eq!(answer.status, 404, "{path}");
            is_guarded(&answer, path);
        }
    }
    let far = visitor.bare(&Method::POST, "/account");
    let answer = send(far.header("Sec-Fetch-Site", "cross-site")).await;
    assert_eq!(answer.status, 403);
    is_guarded(&answer, "another site");
    scene.end().await;
}

/// Somebody with a picture and an unfinished upload.
async fn one_with_objects(scene: &Scene) -> (Party, Objects) {
    let ben = scene
        .applicant(2, "ben.old@example.com", "b@example.org")
        .await;
    let engine = &scene.world.engine;
    let kind = recovery::evidence::EvidenceKind::IdFront;
    let capture = recovery::evidence::Capture::NotLive;
    let bytes = photo::jpeg(&photo::card(5)).unwrap();
    let sent = engine
        .put_evidence(&ben.case, kind, capture, Some("image/jpeg"), bytes)
        .await
        .unwrap();
    let request = engine::inputs::UploadRequest {
        kind,
        length: Some(10),
        media_type: "image/jpeg".to_owned(),
        sha256: None,
        take: None,
    };
    let upload = engine.begin_upload(&ben.case, request).await.unwrap();
    let session = recovery::sensitive::Sensitive::new("ben".to_owned());
    let request = engine::inputs::TakeRequest {
        kind,
        streams: false,
        slower: false,
        camera: None,
    };
    let begun = engine.begin_take(&ben.case, &session, request).await;
    let objects = Objects {
        take: begun.unwrap().take.to_string(),
        case: ben.case.to_string(),
        evidence: sent.evidence.to_string(),
        upload: upload.to_string(),
    };
    (ben, objects)
}

/// What an answer shows, without the address a script itself asked for.
fn shown(answer: &Answer) -> (u16, String) {
    let mut body = answer.body.clone();
    if let Ok(mut document) = serde_json::from_str::<serde_json::Value>(&body) {
        if let Some(object) = document.as_object_mut() {
            object.remove("instance");
        }
        body = document.to_string();
    }
    // The key of a form differs on each page.
    if let Some((first, rest)) = body.split_once("name=\"once\" value=\"") {
        let after = rest.split_once('"').map_or("", |(_, after)| after);
        body = format!("{first}{after}");
    }
    (answer.status, body)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_of_somebody_else_looks_like_one_that_is_not_there() {
    let scene = Scene::start().await;
    let (ben, bens) = Box::pin(one_with_objects(&scene)).await;
    let ann = scene
        .applicant(1, "ann.old@example.com", "a@example.org")
        .await;
    let staff = scene.staff("Rita Reviewer", Rank::Reviewer).await;
    let before = scene.stored().await;
    let nobodys = Objects::nobodys();
    let mut tried = 0;
    for route in all() {
        let names = ["{case}", "{evidence}", "{upload}", "{take}"];
        if !names.iter().any(|name| route.path.contains(name)) {
            continue;
        }
        let caller = if route.who == Who::Staff {
            &staff
        } else {
            &ann.caller
        };
        for method in route.methods {
            for by in As::BOTH {
                let theirs = call(caller, by, method, &bens.path(route)).await;
                let none = call(caller, by, method, &nobodys.path(route)).await;
                let what = format!("{method} {}", route.path);
                assert_eq!(shown(&theirs), shown(&none), "{what} {by:?}");
                let closed = matches!(theirs.status, 404 | 409 | 422);
                assert!(closed, "{what} {by:?}: {}", theirs.status);
                tried += 1;
            }
        }
    }
    assert!(tried > 20, "only {tried}");
    scene.unchanged(&before, "foreign objects").await;
    // Whose it is sees it: the 404s above were about whom, not about what.
    let mine = ben
        .caller
        .get(&format!("/case/picture/{}", bens.evidence))
        .await;
    assert_eq!(
        (mine.status, mine.header("content-type")),
        (200, "image/jpeg")
    );
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_changes_nothing() {
    let scene = Scene::start().await;
    let (ben, bens) = Box::pin(one_with_objects(&scene)).await;
    let (_, opened) = scene.opened(3).await;
    let (asked, _) = scene
        .asked(4, "cleo.old@example.com", "c@example.org")
        .await;
    let staff = scene.staff("Rita Reviewer", Rank::Reviewer).await;
    let visitor = scene.visitor();
    let callers = [&visitor, &opened, &asked.caller, &ben.caller, &staff];
    for (place, caller) in callers.into_iter().enumerate() {
        for route in all() {
            if !route.methods.contains(&Method::GET) || LOOKS_THAT_COUNT.contains(&route.path) {
                continue;
            }
            let before = scene.stored().await;
            for by in As::BOTH {
                let path = bens.path(route);
                let answer = call(caller, by, &Method::GET, &path).await;
                assert!(answer.status < 500, "{path}: {}", answer.body);
                is_guarded(&answer, &path);
            }
            let what = format!("GET {} by caller {place}", route.path);
            scene.unchanged(&before, &what).await;
        }
    }
    scene.end().await;
}

/// A call as the platform signs it.
struct Signed<'a> {
    key: &'a SharedKey,
    at: Timestamp,
    nonce: u8,
}

impl Signed<'_> {
    async fn send(&self, caller: &Caller, path: &str, signed_body: &str, body: &str) -> Answer {
        let nonce = nonce_text([self.nonce; 16]);
        let signed = sign_request(
            self.key,
            "POST",
            path,
            signed_body.as_bytes(),
            self.at,
            &nonce,
        );
        let mut request = caller
            .bare(&Method::POST, path)
            .header("Content-Type", "application/json")
            .body(body.to_owned());
        for (name, value) in signed {
            request = request.header(name, value);
        }
        send(request).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_platforms_own_fresh_signature_counts() {
    let scene = Scene::start().await;
    let visitor = scene.visitor();
    let keys = scene.keys();
    let key = keys.current();
    let other = SharedKey::from_base64("demo", &data_encoding::BASE64.encode(&[9; 32])).unwrap();
    let now = crate::wiring::wall_now();
    let path = "/platform/v1/accounts/acc_nobody/veto";
    let body = json!({ "channel": "sign_in", "how": "signed_in" }).to_string();
    let before = scene.stored().await;
    let signed = |key, at, nonce| Signed { key, at, nonce };
    let forged = signed(&other, now, 1)
        .send(&visitor, path, &body, &body)
        .await;
    let old = signed(key, now - Span::hours(1), 2)
        .send(&visitor, path, &body, &body)
        .await;
    let changed = signed(key, now, 3)
        .send(&visitor, path, &body, &body.replace("sign_in", "push"))
        .await;
    let good = signed(key, now, 4);
    let first = good.send(&visitor, path, &body, &body).await;
    assert_eq!(first.status, 200, "{}", first.body);
    assert_eq!(first.json(), json!({ "stopped": false }));
    assert!(!first.header("regain-signature").is_empty());
    let again = good.send(&visitor, path, &body, &body).await;
    for (answer, what) in [
        (forged, "forged"),
        (old, "old"),
        (changed, "changed"),
        (again, "again"),
    ] {
        assert_eq!(
            (answer.status, answer.problem()),
            (401, "unsigned".into()),
            "{what}"
        );
        assert!(answer.header("regain-signature").is_empty(), "{what}");
    }
    let extra = json!({ "channel": "sign_in", "how": "signed_in", "force": true }).to_string();
    let wrong = signed(key, now, 5)
        .send(&visitor, path, &extra, &extra)
        .await;
    assert_eq!((wrong.status, wrong.problem()), (422, "malformed".into()));
    scene.unchanged(&before, "platform calls").await;
    scene.end().await;
}
