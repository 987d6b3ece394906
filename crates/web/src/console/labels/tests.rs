//! Every code has words.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use super::*;

fn found(code: &str, outcome: Outcome) -> Finding {
    Finding::reviewer(code, outcome, "test/1")
        .about(EvidenceKind::NotePhoto)
        .measured(-1.042, 0.38, "cosine")
}

#[test]
fn every_code_of_the_verdict_form_has_words_and_is_listed_once() {
    let codes: Vec<&str> = [APPROVE, REJECT, ESCALATE]
        .concat()
        .iter()
        .map(|(code, _)| *code)
        .collect();
    // UX.md D6, the whole list.
    let wanted = "ok.all ok.equal_path ok.referee no.person_differs no.document_differs \
         no.document_false no.capture_false no.borrowed_id no.pressure no.reuse no.region \
         no.not_offered up.unsure up.pressure up.conflict up.equal_path up.novel";
    assert_eq!(codes, wanted.split_whitespace().collect::<Vec<_>>());
    for (code, label) in [APPROVE, REJECT, ESCALATE, EXCEPTIONS, REVEAL].concat() {
        assert!(
            label.len() >= 6 && label.contains(char::is_whitespace) && label != code,
            "{code} has no words"
        );
    }
}

#[test]
fn every_reason_can_be_given_for_some_evidence_or_is_the_machines_own() {
    for reason in reason::REASONS {
        let offered = EvidenceKind::ALL.iter().any(|kind| {
            ask_again(*kind)
                .iter()
                .any(|known| known.code == reason.code)
        });
        assert_eq!(
            offered,
            reason.code != "check.unavailable",
            "{}",
            reason.code
        );
        assert!(!reason.headline.is_empty());
    }
}

#[test]
fn every_code_of_the_reference_has_words() {
    let reference = include_str!("../../../../../docs/reference/findings.md");
    let codes: Vec<&str> = reference
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .filter(|code| code.contains('.'))
        .collect();
    assert!(codes.len() > 80, "{codes:?}");
    for code in codes {
        let told = reason::reason(code).map(looked_for);
        let words = finding_subject(code).or(told);
        assert!(
            words.is_some_and(|words| words != "as it should be"),
            "{code} has no words"
        );
    }
}

#[test]
fn a_finding_reads_as_words_and_keeps_its_number_apart() {
    let (class, tag, sentence) = finding(&found("face.kyc_note", Outcome::Unsure));
    assert_eq!((class, tag), ("soon", "look here"));
    assert_eq!(sentence, "Photo with the note: Note photo and KYC portrait");
    assert!(!sentence.contains("1.042"));
    let number = score(&found("face.kyc_note", Outcome::Unsure)).unwrap();
    assert_eq!(number, "-1.042 cosine, line 0.380 (test/1)");
    let (_, _, dark) = finding(&found("image.dark", Outcome::Retake));
    assert_eq!(dark, "Photo with the note: The picture is too dark");
    let (_, _, light) = finding(&found("image.dark", Outcome::Pass));
    assert_eq!(light, "Photo with the note: not too dark");
}

#[test]
fn decisions_have_names_both_ways() {
    for (decision, name, verb) in DECISIONS {
        assert_eq!(decision_named(name), Some(*decision));
        assert_eq!(decision_verb(*decision), *verb);
    }
    assert_eq!(decision_named("give"), None);
}

#[test]
fn every_moment_has_words_of_its_own() {
    // What `engine::applicant::timeline` writes.
    let codes = "opened sent locked approved handover_done wait_started wait_longer stopped \
         recovered rejected closed erased closes checked decided dispute_ends";
    for code in codes.split_whitespace() {
        let words = moment(code);
        let same = ["opened", "sent", "recovered", "stopped", "closed", "erased"];
        assert!(words != code || same.contains(&code), "{code}");
    }
}
