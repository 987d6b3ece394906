//! The gallery of faces: who is in it, who is found in it, and what takes somebody out of it.

use std::path::{Path, PathBuf};

use face::{Embedding, FaceEngine};
use recovery::actor::{Actor, ChannelRef};
use recovery::case::{Command, Pathway, Refusal};
use recovery::evidence::{Capture, EvidenceItem, EvidenceKind};
use recovery::finding::{Audience, Finding, Outcome};
use recovery::id::{CaseId, ContentDigest, EvidenceId};
use recovery::policy::{DEFAULT, Policy};
use recovery::time::Span;
use tempfile::TempDir;

use super::{about, engine, engine_under, tell};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::handle::Attached;

/// The policy that ships, with a gallery.
fn policy(faces_max: u32) -> String {
    let on = DEFAULT.replacen("[gallery]\non = false", "[gallery]\non = true", 1);
    assert_ne!(on, DEFAULT);
    on.replacen("faces_max = 1000", &format!("faces_max = {faces_max}"), 1)
}

async fn with_gallery() -> (Engine, TempDir) {
    engine_under(policy(1000)).await
}

/// A face; seeds make strangers.
fn face(seed: u8) -> Embedding {
    let value = |place: u8| if place == seed { 1.0_f32 } else { 0.1 };
    let bytes: Vec<u8> = (0..32).flat_map(|at| value(at).to_le_bytes()).collect();
    Embedding::from_bytes(&bytes, "m").unwrap()
}

fn answer(agreed: bool) -> Command {
    Command::AnswerGallery {
        agreed,
        text_version: "gallery-1".to_owned(),
        language: "en".to_owned(),
    }
}

/// A case about this account that was sent, and is being looked at.
async fn sent(engine: &Engine, name: &str, account: &str, agreed: Option<bool>) -> CaseId {
    let case = about(engine, name, Some(account)).await;
    if let Some(agreed) = agreed {
        tell(engine, &case, &Actor::Applicant, answer(agreed)).await;
    }
    let now = engine.now().await.unwrap();
    for kind in engine.policy().gathering.required.clone() {
        let item = EvidenceItem {
            id: engine.random(|rng| EvidenceId::new(now, rng)),
            kind,
            capture: Capture::Live,
            digest: ContentDigest::of(format!("{name} {}", kind.name()).as_bytes()),
            media_type: "image/jpeg".to_owned(),
            bytes: 1,
        };
        tell(
            engine,
            &case,
            &Actor::Applicant,
            Command::AddEvidence { item },
        )
        .await;
    }
    let pathway = Pathway::Remote;
    tell(
        engine,
        &case,
        &Actor::Applicant,
        Command::Submit { pathway },
    )
    .await;
    case
}

async fn look(engine: &Engine, case: &CaseId, face: Option<Embedding>) -> Vec<Finding> {
    let case = engine.case(case).await.unwrap();
    engine.gallery_findings(&case, face).await.unwrap()
}

async fn size(engine: &Engine) -> u64 {
    let mut reader = engine.0.store.read().await.unwrap();
    reader.gallery_size().await.unwrap()
}

fn told(findings: &[Finding]) -> Vec<(&str, Outcome)> {
    let told = |finding: &Finding| finding.audience == Audience::Reviewer;
    assert!(findings.iter().all(told));
    findings
        .iter()
        .map(|finding| (finding.code.as_str(), finding.outcome))
        .collect()
}

#[tokio::test]
async fn off_by_default_nothing_is_asked_kept_or_searched() {
    let (engine, _folder) = engine().await;
    let case = sent(&engine, "ann", "acc_1", None).await;
    let asked = answer(true);
    let nothing = Attached::default();
    let other = about(&engine, "bob", Some("acc_2")).await;
    let asked = engine.handle(&other, &Actor::Applicant, &asked, &nothing);
    assert!(matches!(
        asked.await,
        Err(EngineError::Refused(Refusal::NotAsked))
    ));
    assert!(look(&engine, &case, Some(face(1))).await.is_empty());
    assert_eq!(size(&engine).await, 0);
}

#[tokio::test]
async fn without_a_yes_of_its_own_nothing_is_kept_or_searched() {
    let (engine, _folder) = with_gallery().await;
    let yes = sent(&engine, "ann", "acc_1", Some(true)).await;
    look(&engine, &yes, Some(face(1))).await;
    assert_eq!(size(&engine).await, 1);
    for (name, agreed) in [("bob", Some(false)), ("eve", None)] {
        let case = sent(&engine, name, name, agreed).await;
        let found = look(&engine, &case, Some(face(1))).await;
        assert!(found.is_empty(), "{name}: {found:?}");
        assert_eq!(size(&engine).await, 1, "{name}");
    }
}

#[tokio::test]
async fn the_same_face_is_found_in_another_case_and_a_strangers_is_not() {
    let (engine, _folder) = with_gallery().await;
    let ann = sent(&engine, "ann", "acc_1", Some(true)).await;
    let first = look(&engine, &ann, Some(face(1))).await;
    assert_eq!(told(&first), [("reuse.person", Outcome::Pass)]);
    // Looked at twice, a case is no hit on itself.
    look(&engine, &ann, Some(face(1))).await;
    assert_eq!(size(&engine).await, 1);
    let stranger = sent(&engine, "bob", "acc_2", Some(true)).await;
    let found = look(&engine, &stranger, Some(face(2))).await;
    assert_eq!(told(&found), [("reuse.person", Outcome::Pass)]);
    let again = sent(&engine, "eve", "acc_3", Some(true)).await;
    let found = look(&engine, &again, Some(face(1))).await;
    let unsure = Outcome::Unsure;
    let expected = [("reuse.person", unsure), ("reuse.person_cases", unsure)];
    assert_eq!(told(&found), expected);
    assert_eq!(found[0].score_milli, Some(1000));
    assert_eq!(found[0].threshold_milli, Some(592));
    assert_eq!(found[1].score_milli, Some(1000));
}

#[tokio::test]
async fn an_earlier_case_of_the_same_account_is_told_apart() {
    let (engine, _folder) = with_gallery().await;
    for name in ["ann", "ann again"] {
        let case = sent(&engine, name, "acc_1", Some(true)).await;
        let found = look(&engine, &case, Some(face(1))).await;
        if name == "ann again" {
            let unsure = Outcome::Unsure;
            let before = [
                ("reuse.person_before", unsure),
                ("reuse.person_cases", unsure),
            ];
            assert_eq!(told(&found), before);
        }
    }
}

#[tokio::test]
async fn the_face_of_a_stopped_case_is_told_as_such_while_the_gallery_has_it() {
    let (engine, _folder) = with_gallery().await;
    let eve = sent(&engine, "eve", "acc_1", Some(true)).await;
    look(&engine, &eve, Some(face(1))).await;
    let channel = ChannelRef("old_mail".to_owned());
    let holder = Actor::Holder {
        channel: channel.clone(),
    };
    tell(&engine, &eve, &holder, Command::Veto { channel }).await;
    let next = sent(&engine, "mallory", "acc_2", Some(true)).await;
    let found = look(&engine, &next, Some(face(1))).await;
    let unsure = Outcome::Unsure;
    let marked = [
        ("reuse.person", unsure),
        ("reuse.person_marked", unsure),
        ("reuse.person_cases", unsure),
    ];
    assert_eq!(told(&found), marked);
    // Somebody else's is not, and whoever takes the face back is out at once.
    let ben = sent(&engine, "ben", "acc_3", Some(true)).await;
    let found = look(&engine, &ben, Some(face(2))).await;
    assert_eq!(told(&found), [("reuse.person", Outcome::Pass)]);
    engine.withdraw(&eve).await.unwrap();
    engine.withdraw(&next).await.unwrap();
    let last = sent(&engine, "last", "acc_4", Some(true)).await;
    let found = look(&engine, &last, Some(face(1))).await;
    assert_eq!(told(&found), [("reuse.person", Outcome::Pass)]);
}

#[tokio::test]
async fn a_case_whose_data_is_destroyed_is_out_of_table_and_memory() {
    let (engine, _folder) = with_gallery().await;
    let ann = sent(&engine, "ann", "acc_1", Some(true)).await;
    look(&engine, &ann, Some(face(1))).await;
    let channel = ChannelRef("old_mail".to_owned());
    let holder = Actor::Holder {
        channel: channel.clone(),
    };
    tell(&engine, &ann, &holder, Command::Veto { channel }).await;
    assert_eq!(
        size(&engine).await,
        1,
        "an objection alone destroys nothing"
    );
    for _ in 0..60 {
        engine
            .0
            .store
            .advance_demo_clock(Span::days(1))
            .await
            .unwrap();
        while engine.run_due_jobs().await.unwrap() > 0 {}
    }
    assert!(engine.case(&ann).await.unwrap().erased_at.is_some());
    assert_eq!(size(&engine).await, 0);
    assert_eq!(engine.0.gallery.lock().await.len(), 1, "until it is tidied");
    engine.tidy().await.unwrap();
    assert_eq!(engine.0.gallery.lock().await.len(), 0);
    let eve = sent(&engine, "eve", "acc_3", Some(true)).await;
    let found = look(&engine, &eve, Some(face(1))).await;
    assert_eq!(told(&found), [("reuse.person", Outcome::Pass)]);
}

#[tokio::test]
async fn stopping_the_request_or_a_later_no_takes_the_face_out_at_once() {
    let (engine, _folder) = with_gallery().await;
    let ann = sent(&engine, "ann", "acc_1", Some(true)).await;
    look(&engine, &ann, Some(face(1))).await;
    engine.withdraw(&ann).await.unwrap();
    assert_eq!(size(&engine).await, 0);
    // A look that was under way puts nothing back.
    let found = look(&engine, &ann, Some(face(1))).await;
    assert_eq!(told(&found), [("reuse.person", Outcome::Unavailable)]);
    assert_eq!(size(&engine).await, 0);
    let eve = sent(&engine, "eve", "acc_3", Some(true)).await;
    let found = look(&engine, &eve, Some(face(1))).await;
    assert_eq!(told(&found), [("reuse.person", Outcome::Pass)]);
}

#[tokio::test]
async fn what_cannot_be_opened_or_seen_is_never_no_hit() {
    let (engine, _folder) = with_gallery().await;
    let unavailable = [("reuse.person", Outcome::Unavailable)];
    let ann = sent(&engine, "ann", "acc_1", Some(true)).await;
    look(&engine, &ann, Some(face(1))).await;
    // No model, or no face that is good enough: the replaced face goes as well.
    assert_eq!(told(&look(&engine, &ann, None).await), unavailable);
    assert_eq!(size(&engine).await, 0);
    let bob = sent(&engine, "bob", "acc_2", Some(true)).await;
    let mut tx = engine.0.store.begin().await.unwrap();
    tx.put_face(&bob, "m", b"damaged").await.unwrap();
    tx.commit().await.unwrap();
    let found = look(&engine, &ann, Some(face(1))).await;
    assert_eq!(told(&found), unavailable);
}

#[tokio::test]
async fn a_full_gallery_takes_nobody_in_and_says_so() {
    let (engine, _folder) = engine_under(policy(1)).await;
    let ann = sent(&engine, "ann", "acc_1", Some(true)).await;
    look(&engine, &ann, Some(face(1))).await;
    let bob = sent(&engine, "bob", "acc_2", Some(true)).await;
    let found = look(&engine, &bob, Some(face(2))).await;
    assert_eq!(told(&found), [("reuse.person", Outcome::Unavailable)]);
    assert_eq!(size(&engine).await, 1);
}

#[tokio::test]
async fn a_gallery_that_was_turned_off_is_emptied() {
    let (engine, _folder) = engine().await;
    let case = about(&engine, "ann", Some("acc_1")).await;
    let mut tx = engine.0.store.begin().await.unwrap();
    tx.put_face(&case, "m", b"from before").await.unwrap();
    tx.commit().await.unwrap();
    engine.tidy().await.unwrap();
    assert_eq!(size(&engine).await, 0);
}

#[tokio::test]
async fn the_row_holds_no_value_of_the_face() {
    let (engine, _folder) = with_gallery().await;
    let ann = sent(&engine, "ann", "acc_1", Some(true)).await;
    look(&engine, &ann, Some(face(1))).await;
    let mut reader = engine.0.store.read().await.unwrap();
    let rows = reader.gallery("m", 10).await.unwrap();
    let sealed = reader.gallery_face(rows[0].id).await.unwrap().unwrap();
    let plain = face(1).to_bytes();
    assert!(sealed.len() > plain.len());
    let held = |part: &[u8]| sealed.windows(part.len()).any(|window| window == part);
    assert!(plain.chunks(8).all(|part| !held(part)));
}

/// A folder shared by the workspace's tests, or none with a word on stderr.
fn shared(folder: &str) -> Option<PathBuf> {
    #[allow(clippy::disallowed_methods, reason = "tests find their data by it")]
    let named = std::env::var_os("REGAIN_SHARED").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let found = named.unwrap_or(beside).join(folder);
    #[allow(clippy::print_stderr, reason = "a skipped test must say why")]
    if !found.is_dir() {
        eprintln!("skipped: no shared folder {folder}");
        return None;
    }
    Some(found)
}

/// Two photos each of people who can be seen well, by the gallery's own measure.
fn people(models: &Path, faces: &Path, most: usize) -> Vec<[Embedding; 2]> {
    let set = models::ModelSet::open(models).unwrap();
    let engine = FaceEngine::open(&set).unwrap();
    let checks = Policy::parse(DEFAULT).unwrap().checks.face;
    let embed = |path: &str| {
        let picture = image::open(faces.join(path)).unwrap().to_rgb8();
        engine.gallery_face(&picture, &checks).unwrap()
    };
    let table = std::fs::read_to_string(faces.join("pairs.tsv")).unwrap();
    let mut people = std::collections::BTreeSet::new();
    let rows = table
        .lines()
        .map(|line| line.split('\t').collect::<Vec<_>>());
    rows.filter(|row| row[0] == "lfw" && row[1] == "same")
        .filter(|row| people.insert(row[2].split('/').nth(1).unwrap().to_owned()))
        .filter_map(|row| Some([embed(row[2])?, embed(row[3])?]))
        .take(most)
        .collect()
}

#[tokio::test]
async fn real_people_are_found_again_and_not_mistaken_for_one_another() {
    let (Some(models), Some(faces)) = (shared("models"), shared("testdata/faces")) else {
        return;
    };
    let (engine, _folder) = with_gallery().await;
    let mut again = 0;
    let mut seconds = Vec::new();
    for (place, [first, second]) in people(&models, &faces, 4).into_iter().enumerate() {
        let name = format!("first {place}");
        let case = sent(&engine, &name, &name, Some(true)).await;
        let found = look(&engine, &case, Some(first)).await;
        assert_eq!(told(&found), [("reuse.person", Outcome::Pass)], "{name}");
        seconds.push(second);
    }
    assert_eq!(seconds.len(), 4);
    for (place, second) in seconds.into_iter().enumerate() {
        let name = format!("second {place}");
        let case = sent(&engine, &name, &name, Some(true)).await;
        let found = look(&engine, &case, Some(second)).await;
        if found[0].outcome == Outcome::Unsure {
            assert_eq!(found[1].score_milli, Some(1000), "one case, one person");
            assert_eq!(found[0].kind, Some(EvidenceKind::NotePhoto));
            again += 1;
        }
    }
    // Of a hundred such pairs 78 reach the threshold.
    assert!(again >= 2, "{again} of 4 people were found again");
}
