//! Places stand on the picture they were measured on, and numbers only where something is outlined.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use askama::Template as _;
use recovery::case::Part;

use super::*;
use crate::console::case::StepPage;
use crate::console::sample::{self, file, finding};
use crate::console::{contest, json};

/// (label, numbers outlined on it), of the figures that have any.
fn outlines(file: &CaseFile, step: Step) -> Vec<(String, Vec<usize>)> {
    figures(file, step)
        .into_iter()
        .filter(|figure| !figure.marks.is_empty())
        .map(|figure| {
            let numbers = figure.marks.iter().map(|mark| mark.number).collect();
            (figure.label, numbers)
        })
        .collect()
}

fn html(file: &CaseFile, step: Step) -> String {
    StepPage::new(sample::frame(), file, step).render().unwrap()
}

fn documents() -> Vec<Finding> {
    vec![
        finding("id.glare", EvidenceKind::IdFront),
        finding("document.same", EvidenceKind::IdBack),
        finding("document.edited", EvidenceKind::IdFront),
    ]
}

#[test]
fn what_was_read_on_the_card_is_outlined_on_the_card() {
    let shown = [ShownAs::CardFront, ShownAs::CardBack];
    let found = outlines(&file(documents(), &shown), Step::Document);
    let on = |what: &str, number| (what.to_owned(), vec![number]);
    assert_eq!(
        found,
        [
            on("Front of the ID", 1),
            on("Front of the ID, straightened", 3),
            on("Back of the ID, straightened", 2),
        ]
    );
}

#[test]
fn without_a_card_all_is_outlined_on_the_photo_that_came() {
    let found = outlines(&file(documents(), &[ShownAs::CardBack]), Step::Document);
    let on = |what: &str, numbers: &[usize]| (what.to_owned(), numbers.to_vec());
    assert_eq!(
        found,
        [
            on("Front of the ID", &[1, 3]),
            on("Back of the ID, straightened", &[2]),
        ]
    );
}

#[test]
fn of_several_screenshots_none_is_outlined() {
    let mut file = file(vec![finding("proof.date", EvidenceKind::Screenshot)], &[]);
    file.evidence
        .push(sample::item(EvidenceKind::Screenshot, 5));
    assert_eq!(outlines(&file, Step::Memory).len(), 1);
    file.evidence
        .push(sample::item(EvidenceKind::Screenshot, 6));
    assert!(outlines(&file, Step::Memory).is_empty());
}

#[test]
fn a_number_stands_only_where_something_is_outlined_and_the_moment_stands_in_words() {
    let mut file = file(
        vec![
            finding("face.kyc_video", EvidenceKind::Video).at_moment(64_500),
            finding("face.kyc_note", EvidenceKind::NotePhoto),
        ],
        &[],
    );
    file.opinions = vec![("3".to_owned(), "same".to_owned())];
    assert_eq!(
        outlines(&file, Step::Person),
        [("Photo with the note".to_owned(), vec![2])]
    );
    let page = html(&file, Step::Person);
    assert!(!page.contains("<strong>1</strong>"), "{page}");
    assert!(page.contains("<strong>2</strong>"), "{page}");
    assert!(page.contains(", at 1:04"), "{page}");
}

#[test]
fn a_match_says_how_rare_its_score_is_among_strangers() {
    let mut found = finding("face.kyc_note", EvidenceKind::NotePhoto);
    found.outcome = Outcome::Pass;
    let line = |found: &Finding| view::finding_line(found, None).sentence;
    let unmeasured = "Note photo and KYC portrait: similar, above the line that is used";
    assert_eq!(line(&found), unmeasured);
    found.one_in = Some(10_000);
    let measured = "Note photo and KYC portrait: similar, above the line used for 1 in 10,000";
    assert_eq!(line(&found), measured);
}

#[test]
fn the_document_in_the_hand_stands_beside_the_straightened_front() {
    let shown = [ShownAs::CardFront, ShownAs::CardBack, ShownAs::CardHeld];
    let figures = figures(&file(Vec::new(), &shown), Step::Document);
    let labels: Vec<&str> = figures.iter().map(|figure| figure.label.as_str()).collect();
    assert_eq!(
        labels,
        [
            "Front of the ID",
            "Back of the ID",
            "Front of the ID, straightened",
            "The ID in the hand, straightened",
            "Back of the ID, straightened",
        ]
    );
}

#[test]
fn scripts_get_place_moment_and_the_exhibit_of_the_place() {
    let mut file = file(
        vec![
            finding("document.same", EvidenceKind::IdFront),
            finding("video.still", EvidenceKind::Video).at_moment(4_000),
        ],
        &[ShownAs::CardFront],
    );
    let told = |file: &CaseFile, step: usize| json::case(file)["steps"][step]["findings"].clone();
    let same = &told(&file, 1)[0];
    assert_eq!(same["region"]["y"], 700);
    assert_eq!(same["at_ms"], serde_json::Value::Null);
    let on = same["outlined_on"].as_str().unwrap();
    assert!(on.contains("/exhibit/shown-card_front"), "{on}");
    let still = &told(&file, 0)[0];
    assert_eq!(still["at_ms"], 4_000);
    assert_eq!(still["outlined_on"], serde_json::Value::Null);
    // What is sealed stays so.
    file.findings = vec![finding("face.kyc_note", EvidenceKind::NotePhoto)];
    assert_eq!(told(&file, 2), serde_json::json!([]));
}

#[test]
fn a_page_says_only_what_is_so() {
    let mut file = file(vec![finding("reuse.picture", EvidenceKind::IdFront)], &[]);
    file.part = Part::Second;
    let page = html(&file, Step::Real);
    assert!(!page.contains("not available yet"), "{page}");
    assert!(page.contains("you decide without seeing the first answer"));
    assert!(!page.contains("opens when you have answered"));
}

#[test]
fn the_contest_tells_the_place_of_the_request() {
    use recovery::signal::{Bearing, Signal};
    let mut file = file(Vec::new(), &[]);
    file.part = Part::Contest;
    let page = |file: &CaseFile| {
        let page = contest::ContestPage::empty(sample::frame(), file, 40);
        page.render().unwrap()
    };
    assert!(page(&file).contains("not looked at"));
    file.signals = vec![Signal::new("ip.distance", Bearing::Raises).measured(1_900, "km")];
    let told = "Distance to the nearest past sign-in: 1900 km, raises risk";
    assert!(page(&file).contains(told));
}
