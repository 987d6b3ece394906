//! Requests out of form: wrong method, too long a body, a wrong token, another site, a forged host.

use reqwest::Method;
use serde_json::json;

use super::super::support::{Answer, As, Scene, send};

fn is(answer: &Answer, by: As, status: u16, code: &str, what: &str) {
    assert_eq!(answer.status, status, "{what} {by:?}: {}", answer.body);
    match by {
        As::Script => assert_eq!(answer.problem(), code, "{what}"),
        As::Browser => answer.is_page(),
    }
}

/// The path with something in place of its parameters.
fn filled(path: &str) -> String {
    path.split('/')
        .map(|part| if part.starts_with('{') { "x" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_that_is_not_taken_is_405() {
    let scene = Scene::start().await;
    let visitor = scene.visitor();
    for route in web::routes::all() {
        for method in [Method::PUT, Method::POST, Method::GET, Method::TRACE] {
            let fits = route.methods.contains(&method)
                // Another address may fit the same path: /stop/answer and /stop/{token}.
                || (method == Method::POST && filled(route.path) == "/stop/x");
            if fits {
                continue;
            }
            for by in As::BOTH {
                let request = visitor.bare(&method, &filled(route.path));
                let answer = send(request.header("Accept", by.accept())).await;
                let what = format!("{method} {}", route.path);
                is(&answer, by, 405, "method", &what);
                assert!(!answer.header("allow").is_empty(), "{what}: no Allow");
            }
        }
    }
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_over_the_limit_is_413_and_says_so() {
    let scene = Scene::start().await;
    let ann = scene
        .applicant(1, "ann.old@example.com", "a@example.org")
        .await;
    let before = scene.stored().await;
    let long = "x".repeat(web::routes::FORM_BYTES);
    for by in As::BOTH {
        let answer = ann.caller.post(by, "/account", &[("account", &long)]).await;
        is(&answer, by, 413, "too_large", "/account");
    }
    let huge = json!({ "channel": "x".repeat(8 * 1024), "how": "signed_in" });
    let answer = ann
        .caller
        .post_json("/platform/v1/accounts/acc_x/veto", &huge)
        .await;
    is(&answer, As::Script, 413, "too_large", "veto");
    scene.unchanged(&before, "long bodies").await;
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_content_type_is_415() {
    let scene = Scene::start().await;
    let ann = scene
        .applicant(1, "ann.old@example.com", "a@example.org")
        .await;
    let before = scene.stored().await;
    for (path, kind) in [
        ("/email", "application/json"),
        ("/email", "text/plain"),
        ("/case/id/front", "image/jpeg"),
        ("/case/id/front", "application/x-www-form-urlencoded"),
        ("/console/sign-in/options", "text/plain"),
    ] {
        for by in As::BOTH {
            let request = ann
                .caller
                .bare(&Method::POST, path)
                .header("Accept", by.accept())
                .header("Content-Type", kind)
                .body("{}");
            is(&send(request).await, by, 415, "content_type", path);
        }
    }
    scene.unchanged(&before, "content types").await;
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_another_session_or_site_is_refused() {
    let scene = Scene::start().await;
    let mut ann = scene
        .applicant(1, "ann.old@example.com", "a@example.org")
        .await;
    let eve = scene
        .applicant(2, "ben.old@example.com", "e@example.org")
        .await;
    let before = scene.stored().await;
    let right = ann.caller.token.clone();
    for token in ["", "AAAA", &eve.caller.token] {
        token.clone_into(&mut ann.caller.token);
        for by in As::BOTH {
            let stop = [("stop", "yes")];
            let answer = ann.caller.post(by, "/case/stop", &stop).await;
            is(&answer, by, 403, "old_form", "a wrong token");
        }
    }
    ann.caller.token = right;
    let origin = ann.caller.origin.origin().ascii_serialization();
    let cases: [&[(&str, &str)]; 6] = [
        &[("Sec-Fetch-Site", "cross-site")],
        &[("Sec-Fetch-Site", "same-site")],
        &[("Sec-Fetch-Site", "none")],
        &[("Sec-Fetch-Site", "cross-site"), ("Origin", &origin)],
        &[("Origin", "https://evil.example")],
        &[("Origin", "null")],
    ];
    for headers in cases {
        for by in As::BOTH {
            let fields = [("form_token", ann.caller.token.as_str()), ("stop", "yes")];
            let mut request = ann
                .caller
                .bare(&Method::POST, "/case/stop")
                .header("Accept", by.accept())
                .form(&fields);
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            is(
                &send(request).await,
                by,
                403,
                "foreign_form",
                "another site",
            );
        }
    }
    scene.unchanged(&before, "foreign forms").await;
    scene.end().await;
}

/// Links in mails come from the configuration, whatever a request says its host is.
#[tokio::test(flavor = "multi_thread")]
async fn a_forged_host_reaches_no_mail_and_no_page() {
    let scene = Scene::start().await;
    let (_, opened) = scene.opened(1).await;
    let forged = |path: &str, fields: Vec<(&'static str, String)>| {
        let mut all = vec![("form_token", opened.token.clone())];
        all.extend(fields);
        opened
            .bare(&Method::POST, path)
            .header("Accept", As::Browser.accept())
            .header("Host", "evil.example")
            .header("X-Forwarded-Host", "evil.example")
            .header("Forwarded", "host=evil.example")
            .form(&all)
    };
    let account = vec![("account", "ann.old@example.com".to_owned())];
    let answer = send(forged("/account", account)).await;
    assert_eq!(answer.header("location"), "/email", "{}", answer.body);
    let address = vec![("email", "forged@example.org".to_owned())];
    let answer = send(forged("/email", address)).await;
    assert_eq!(answer.header("location"), "/email/code", "{}", answer.body);
    let code = scene.stage().code_for("forged@example.org").await.unwrap();
    assert_eq!(code.len(), 8);
    for mail in scene.world.mailbox.all() {
        assert!(!mail.text.contains("evil.example"), "{}", mail.text);
        let link = scene.world.portal.join("email/code").unwrap();
        assert!(mail.text.contains(link.as_str()), "{}", mail.text);
    }
    let page = send(
        opened
            .bare(&Method::GET, "/official")
            .header("Host", "evil.example"),
    )
    .await;
    assert!(!page.body.contains("evil.example"), "{}", page.body);
    scene.end().await;
}
