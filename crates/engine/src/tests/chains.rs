//! When a screenshot's transactions are looked up at all.

use recovery::actor::Actor;
use recovery::case::Command;
use recovery::evidence::{Capture, EvidenceItem, EvidenceKind};
use recovery::finding::Outcome;
use recovery::id::{ContentDigest, EvidenceId};

use super::{about, engine, tell};

#[tokio::test]
async fn only_a_screenshot_has_a_finding_about_its_chain() {
    let (engine, _folder) = engine().await;
    let id = about(&engine, "ann", Some("acc_ann")).await;
    let case = engine.case(&id).await.unwrap();
    let found = engine.chain_finding(&case, None, None).await;
    assert!(found.is_none(), "{found:?}");
    let now = engine.now().await.unwrap();
    let item = EvidenceItem {
        id: engine.random(|rng| EvidenceId::new(now, rng)),
        kind: EvidenceKind::Screenshot,
        capture: Capture::NotLive,
        digest: ContentDigest::of(b"a page"),
        media_type: "image/png".to_owned(),
        bytes: 1,
    };
    let command = Command::AddEvidence { item };
    tell(&engine, &id, &Actor::Applicant, command).await;
    let case = engine.case(&id).await.unwrap();
    for named in [None, Some(&[][..])] {
        let found = engine.chain_finding(&case, named, None).await.unwrap();
        assert_eq!(found.code, "proof.chain");
        assert_eq!(found.outcome, Outcome::Unavailable);
    }
}
