//! Why a case was rated as it was, and how it would fare under another policy.

use recovery::clues::{ClueKind, ClueResult};
use recovery::id::CaseCode;
use recovery::policy::{DEFAULT, Tier};

use super::support::Scene;
use crate::demo::seed::PEOPLE;
use crate::demo::walkthrough::applicant::{Applicant, Shows};

const EMAIL: &str = "ann.new@example.org";
const CLUES: [(&str, &str); 4] = [
    ("bank1", "Sparkasse"),
    ("last1", "0001"),
    ("device", "android"),
    ("do", "save"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_rating_is_explained_and_replayed_under_another_policy() {
    let scene = Scene::start().await;
    let stage = scene.stage();
    let engine = &scene.world.engine;
    let shows = Shows::drawn(3, 5);
    let mut ann = Applicant::new(&stage, "ann", EMAIL, shows).unwrap();
    let account = PEOPLE[0].email;
    ann.opens_case("/?from=link", account).await.unwrap();
    let hub = "Your recovery request";
    ann.presses("/case/clues", &CLUES, hub).await.unwrap();
    ann.sends().await.unwrap();

    let code: CaseCode = ann.code.parse().unwrap();
    let explained = engine.explain_rating(&code).await.unwrap();
    let (assessment, follows) = explained.assessment.unwrap();
    let points = |code: &str| {
        let parts = assessment.contributions.iter();
        let part = parts.clone().find(|part| part.code == code);
        part.map(|part| (part.was, part.points_milli))
    };
    // Four points for cards, half of them for a wrong answer.
    assert_eq!(points("clue.cards"), Some(("miss", 2_000)));
    assert_eq!(
        points("clue.last_device"),
        None,
        "a right answer is not in the score"
    );
    assert_eq!(assessment.support_milli, 1_000);
    assert_eq!(points("ip.distance"), Some(("unavailable", 1_000)));
    let sum: i64 = assessment
        .contributions
        .iter()
        .map(|p| p.points_milli)
        .sum();
    assert_eq!(assessment.score_milli, sum);
    assert!(assessment.gates.iter().any(|gate| !gate.open));
    assert_eq!(follows.tier, assessment.tier);

    let case = scene.world.case_of(&ann.code).await.unwrap();
    let history = scene.world.history(&ann.code).await.unwrap();
    let known = recovery::case::replay(&history).unwrap();
    let clues = known.grounds.unwrap().clues;
    let cards = clues.iter().find(|found| found.clue == ClueKind::Cards);
    assert_eq!(cards.unwrap().result, ClueResult::Miss);

    // Nothing is closed yet, so there is nothing to replay.
    let stricter = DEFAULT.replacen("exceptional_from = 90.0", "exceptional_from = 51.0", 1);
    let stricter = stricter.replacen("unsure = 5.0", "unsure = 25.0", 1);
    let stricter = stricter.replacen("unavailable = 5.0 ", "unavailable = 25.0 ", 1);
    let stricter = stricter.replacen("pass = -1.74 ", "pass = -1.60 ", 1);
    let nobody = |_: u64, _: u64| {};
    let report = engine.replay_policy(&stricter, &nobody).await.unwrap();
    assert_eq!((report.rated, report.otherwise.len()), (0, 0));
    engine.withdraw(&case).await.unwrap();
    let same = engine.replay_policy(DEFAULT, &nobody).await.unwrap();
    assert_eq!((same.rated, same.otherwise.len()), (1, 0));
    assert!(same.not_replayed.is_empty(), "nothing is changed");
    let report = engine.replay_policy(&stricter, &nobody).await.unwrap();
    assert_eq!((report.rated, report.otherwise.len()), (1, 1));
    let otherwise = &report.otherwise[0];
    assert_eq!(otherwise.code, ann.code);
    assert_eq!(otherwise.replayed.would_be.tier, Tier::Exceptional);
    assert_eq!(otherwise.replayed.would_be.reviewers, 3);
    assert!(!otherwise.replayed.not_approved, "it never was approved");
    let left_out: Vec<_> = report.not_replayed.iter().collect();
    assert_eq!(left_out, ["checks.phrase.pass"]);
    scene.end().await;
}
