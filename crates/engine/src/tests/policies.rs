//! Another policy counts only after two different seniors confirmed what they looked at.

use recovery::actor::Rank;
use recovery::id::ContentDigest;
use recovery::policy::{DEFAULT, Policy};

use super::engine;
use crate::engine::{Engine, Rules};
use crate::error::EngineError;
use crate::policies::{Confirmed, Proposed, at_start, propose_policy};
use crate::views::StaffMember;

/// The policy that ships with a longer wait, as a version so many after it.
fn later(by: u32) -> String {
    let version = Policy::parse(DEFAULT).unwrap().version;
    let text = DEFAULT.replace(
        &format!("\nversion = {version}"),
        &format!("\nversion = {}", version + by),
    );
    let changed = text.replace("standard_hours = 24", "standard_hours = 36");
    assert_ne!(changed, text);
    changed
}

async fn propose(engine: &Engine, text: &str) -> Result<Proposed, EngineError> {
    propose_policy(&engine.0.store, &Policy::parse(text).unwrap(), text).await
}

async fn senior(engine: &Engine, name: &str) -> StaffMember {
    engine.add_staff(name, Rank::Senior).await.unwrap().0
}

fn digest(text: &str) -> String {
    ContentDigest::of(text.as_bytes()).0
}

/// The code of a refusal.
fn code<T: std::fmt::Debug>(answer: Result<T, EngineError>) -> &'static str {
    match answer.unwrap_err() {
        EngineError::Input { code, .. } => code,
        other => {
            assert_eq!(other.to_string(), "an answer to what was given");
            ""
        }
    }
}

#[tokio::test]
async fn the_second_of_two_different_seniors_publishes_a_policy() {
    let (engine, _folder) = engine().await;
    let (ann, bea) = (senior(&engine, "Ann").await, senior(&engine, "Bea").await);
    let (rita, _) = engine.add_staff("Rita", Rank::Reviewer).await.unwrap();
    let text = later(1);
    let digest = digest(&text);
    let early = engine.confirm_policy(&ann, &digest).await;
    assert_eq!(code(early), "proposal_changed", "nothing waits yet");
    assert_eq!(propose(&engine, &text).await.unwrap(), Proposed::Waits);
    let again = propose(&engine, &text).await.unwrap();
    assert_eq!(again, Proposed::WaitsAlready);

    assert_eq!(
        code(engine.confirm_policy(&rita, &digest).await),
        "not_senior"
    );
    let first = engine.confirm_policy(&ann, &digest).await.unwrap();
    assert_eq!(first, Confirmed::First);
    assert_eq!(engine.policy().cooling_off.standard_hours, 24);
    assert_eq!(
        code(engine.confirm_policy(&ann, &digest).await),
        "same_person"
    );
    let view = engine.policy_view(&bea).await.unwrap();
    let waiting = view.proposal.unwrap();
    assert_eq!(waiting.first_by.as_deref(), Some("Ann"));
    let wait = "cooling_off.standard_hours: the shortest wait rises from 24 to 36 hours (stricter)";
    assert!(waiting.changes.iter().any(|change| change == wait));

    let second = engine.confirm_policy(&bea, &digest).await.unwrap();
    assert_eq!(second, Confirmed::Published);
    assert_eq!(engine.policy().cooling_off.standard_hours, 36);
    let view = engine.policy_view(&bea).await.unwrap();
    assert_eq!((view.proposal, view.published.len()), (None, 2));
    let told: Vec<_> = view
        .log
        .iter()
        .map(|step| (step.what.as_str(), step.who.as_deref()))
        .collect();
    let expected = [
        ("published", Some("Bea")),
        ("confirmed", Some("Bea")),
        ("confirmed", Some("Ann")),
        ("proposed", None),
        ("published", None),
    ];
    assert_eq!(told, expected);
    assert_eq!(code(propose(&engine, &later(1)).await), "policy_version");
}

#[tokio::test]
async fn a_proposal_that_changed_in_between_is_refused_and_starts_anew() {
    let (engine, _folder) = engine().await;
    let (ann, bea) = (senior(&engine, "Ann").await, senior(&engine, "Bea").await);
    let (before, after) = (later(1), later(2));
    propose(&engine, &before).await.unwrap();
    engine.confirm_policy(&ann, &digest(&before)).await.unwrap();
    propose(&engine, &after).await.unwrap();
    let stale = engine.confirm_policy(&bea, &digest(&before)).await;
    assert_eq!(code(stale), "proposal_changed");
    // What the first senior confirmed was something else.
    let first = engine.confirm_policy(&bea, &digest(&after)).await.unwrap();
    assert_eq!(first, Confirmed::First);
    assert_eq!(engine.policy().cooling_off.standard_hours, 24);
}

#[tokio::test]
async fn a_senior_who_was_let_go_since_does_not_count() {
    let (engine, _folder) = engine().await;
    let (ann, bea) = (senior(&engine, "Ann").await, senior(&engine, "Bea").await);
    let text = later(1);
    propose(&engine, &text).await.unwrap();
    engine.confirm_policy(&ann, &digest(&text)).await.unwrap();
    engine.deactivate_staff(&ann.id).await.unwrap();
    let next = engine.confirm_policy(&bea, &digest(&text)).await.unwrap();
    assert_eq!(next, Confirmed::First);
    assert_eq!(
        code(engine.confirm_policy(&ann, &digest(&text)).await),
        "not_senior"
    );
    assert_eq!(
        code(engine.confirm_policy(&bea, &digest(&text)).await),
        "same_person"
    );
}

#[tokio::test]
async fn a_newer_configured_policy_waits_and_an_older_one_does_not_count() {
    let (engine, _folder) = engine().await;
    let store = &engine.0.store;
    let (ann, bea) = (senior(&engine, "Ann").await, senior(&engine, "Bea").await);
    let start = async |text: &str| at_start(store, Rules::parse(text).unwrap(), text).await;
    let newer = later(1);
    for _ in 0..2 {
        let rules = start(&newer).await.unwrap();
        assert_eq!(rules.policy.cooling_off.standard_hours, 24);
    }
    let view = engine.policy_view(&ann).await.unwrap();
    assert_eq!(view.published.len(), 1);
    assert_eq!(view.log.len(), 2, "proposed once: {:?}", view.log);
    for staff in [&ann, &bea] {
        engine.confirm_policy(staff, &digest(&newer)).await.unwrap();
    }
    for text in [DEFAULT, &newer] {
        let rules = start(text).await.unwrap();
        assert_eq!(rules.policy.cooling_off.standard_hours, 36);
    }
    let other_words = newer.replace("standard_hours = 36", "standard_hours = 30");
    assert_eq!(code(start(&other_words).await), "policy_changed");
}

#[tokio::test]
async fn a_policy_that_another_process_published_counts_for_the_next_case() {
    let (engine, _folder) = engine().await;
    let text = later(1);
    let version = Policy::parse(&text).unwrap().version.to_string();
    let mut tx = engine.0.store.begin().await.unwrap();
    let now = tx.now().await.unwrap();
    let digest = ContentDigest::of(text.as_bytes());
    tx.put_policy(&version, &digest, text.as_bytes(), now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(engine.policy().cooling_off.standard_hours, 24);
    super::opened(&engine).await;
    assert_eq!(engine.policy().cooling_off.standard_hours, 36);
}
