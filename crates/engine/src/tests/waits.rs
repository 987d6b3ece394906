//! Why a case waits, as its page says it.

use recovery::case::Pathway;
use recovery::evidence::{Capture, EvidenceItem};
use recovery::id::{ContentDigest, EvidenceId};

use super::*;

async fn send(engine: &Engine, case: &CaseId) {
    for kind in [
        EvidenceKind::IdFront,
        EvidenceKind::IdBack,
        EvidenceKind::NotePhoto,
        EvidenceKind::Video,
    ] {
        let item = EvidenceItem {
            id: engine.random(|rng| EvidenceId::new(Timestamp::default(), rng)),
            kind,
            capture: Capture::NotLive,
            digest: ContentDigest::of(kind.name().as_bytes()),
            media_type: "image/jpeg".to_owned(),
            bytes: 1,
        };
        let add = Command::AddEvidence { item };
        tell(engine, case, &Actor::Applicant, add).await;
    }
    let submit = Command::Submit {
        pathway: Pathway::Remote,
    };
    tell(engine, case, &Actor::Applicant, submit).await;
}

async fn why(engine: &Engine, case: &CaseId) -> &'static str {
    engine.applicant_view(case).await.unwrap().why.code
}

#[tokio::test]
async fn a_platform_that_does_not_answer_is_told_and_an_account_is_not() {
    let (engine, _folder) = engine().await;
    let case = reachable(&engine, "new@example.com").await;
    let typed = Sensitive::new("ann".to_owned());
    engine
        .give_identifier(&case, typed, &origin())
        .await
        .unwrap();
    send(&engine, &case).await;
    assert_eq!(why(&engine, &case).await, "wait.outage");
    for (name, account) in [("ben", Some("acc_1")), ("nobody", None)] {
        let case = about(&engine, name, account).await;
        send(&engine, &case).await;
        assert_eq!(why(&engine, &case).await, "wait.checks", "{name}");
    }
}
