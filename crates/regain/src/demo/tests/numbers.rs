//! The operator's figures, on the console and for Prometheus (M30).

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use recovery::actor::Rank;
use tower::ServiceExt as _;

use super::support::Scene;
use crate::demo::seed::PEOPLE;
use crate::demo::walkthrough::applicant::{Applicant, Shows};
use crate::metrics;

/// Most bytes of a reading.
const READING_MAX: usize = 1024 * 1024;

pub(super) async fn reading(scene: &Scene) -> String {
    let router = metrics::router(scene.world.engine.clone());
    let request = Request::get("/metrics").body(Body::empty()).unwrap();
    let answer = router.oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let kind = answer.headers()[header::CONTENT_TYPE].to_str().unwrap();
    assert!(kind.starts_with("text/plain; version=0.0.4"), "{kind}");
    let bytes = to_bytes(answer.into_body(), READING_MAX).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The value of the one line that begins so and holds all of these.
pub(super) fn value(reading: &str, name: &str, holds: &[&str]) -> Option<f64> {
    let fits = |line: &&str| {
        line.split(['{', ' ']).next() == Some(name) && holds.iter().all(|part| line.contains(part))
    };
    let lines: Vec<&str> = reading.lines().filter(fits).collect();
    assert!(lines.len() <= 1, "{lines:?}");
    lines.first()?.rsplit(' ').next()?.parse().ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_follow_a_case_on_the_console_and_for_prometheus() {
    let scene = Scene::start().await;
    let stage = scene.stage();
    let rita = scene.staff("Rita Reviewer", Rank::Reviewer).await;
    let empty = rita.get("/console/numbers").await;
    assert_eq!(empty.text_of("h1"), "Numbers");
    assert!(
        empty
            .body
            .contains("No request of somebody with full KYC has ended yet.")
    );
    let shows = Shows::drawn(3, 5);
    let mut ann = Applicant::new(&stage, "ann", "ann.new@example.org", shows).unwrap();
    ann.opens_case("/?from=link", PEOPLE[0].email)
        .await
        .unwrap();
    ann.sends().await.unwrap();

    let open = reading(&scene).await;
    let ordinary = r#"account="ordinary""#;
    let cases = |text: &str, end: &str| value(text, "regain_cases", &[ordinary, end]);
    assert_eq!(cases(&open, r#"end="open""#), Some(1.0), "{open}");
    let first = |name| value(&open, name, &[r#"part="first""#]);
    assert_eq!(first("regain_reviews_waiting"), Some(1.0));
    assert_eq!(first("regain_reviews_overdue"), Some(0.0));
    let gathering = r#"phase="gathering""#;
    let timed = value(&open, "regain_phase_seconds_count", &[gathering]);
    assert_eq!(timed, Some(1.0));

    let case = scene.world.case_of(&ann.code).await.unwrap();
    scene.world.engine.withdraw(&case).await.unwrap();
    let over = reading(&scene).await;
    assert_eq!(cases(&over, r#"end="open""#), Some(0.0), "{over}");
    assert_eq!(cases(&over, r#"end="withdrawn""#), Some(1.0));
    for private in [PEOPLE[0].email, "ann.new@example.org", ann.code.as_str()] {
        assert!(!over.contains(private), "{private}");
    }
    let page = rita.get("/console/numbers").await;
    let headline = page.text_of("section p");
    assert!(headline.starts_with("0.0 % (0.0 to"), "{headline}");
    assert!(headline.contains("0 of 1"), "{headline}");
    let stranger = scene.visitor().get("/console/numbers").await;
    assert_eq!(stranger.status, 401);
    scene.end().await;
}
