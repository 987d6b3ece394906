//! What comparisons of faces would have said by the thresholds of another policy: their scores are
//! recorded. What other checks found stays as it was found.

use crate::finding::{Finding, Outcome};
use crate::policy::Policy;

/// Keys of a policy whose change a replay takes into account.
pub const REJUDGED: [&str; 3] = [
    "checks.face.no_match_below",
    "checks.face.match_from",
    "checks.face.document_from",
];

/// Findings that make a comparison unsure, whatever its score.
const DOUBTS: [&str; 2] = ["face.quality", "face.several"];

/// A case's findings as `other` would have had them. Scores of another embedder say nothing.
pub(super) fn rejudged(findings: &[Finding], own: &Policy, other: &Policy) -> Vec<Finding> {
    let (own, other) = (&own.checks.face, &other.checks.face);
    let doubted = |finding: &Finding| {
        findings.iter().any(|doubt| {
            DOUBTS.contains(&doubt.code.as_str())
                && doubt.outcome != Outcome::Pass
                && (doubt.kind.is_none() || doubt.kind == finding.kind)
        })
    };
    let one = |finding: &Finding| {
        let mut finding = finding.clone();
        let lines = own.line(&finding.code).zip(other.line(&finding.code));
        if let (Some((was, would_be)), Some(score)) = (lines, finding.score_milli)
            && own.embedder == other.embedder
            // Else something besides the score decided.
            && was.outcome(score) == finding.outcome
            && !doubted(&finding)
        {
            finding.outcome = would_be.outcome(score);
        }
        finding
    };
    findings.iter().map(one).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::evidence::EvidenceKind;
    use crate::policy::DEFAULT;

    fn found(code: &str, kind: EvidenceKind, outcome: Outcome, score: f64) -> Finding {
        let measured = Finding::reviewer(code, outcome, "test").measured(score, 0.5, "cosine");
        measured.about(kind)
    }

    fn outcomes(findings: &[Finding], change: (&str, &str)) -> Vec<Outcome> {
        let own = Policy::parse(DEFAULT).unwrap();
        let changed = DEFAULT.replacen(change.0, change.1, 1);
        assert_ne!(changed, DEFAULT);
        let other = Policy::parse(&changed).unwrap();
        let rejudged = rejudged(findings, &own, &other);
        rejudged.iter().map(|finding| finding.outcome).collect()
    }

    const STRICTER: (&str, &str) = ("match_from = 0.5 ", "match_from = 0.55 ");
    const GENTLER: (&str, &str) = ("match_from = 0.5 ", "match_from = 0.4 ");

    #[test]
    fn scores_are_held_against_the_other_policys_lines() {
        use EvidenceKind::{IdFront, NotePhoto, Video};
        let all = [
            found("face.kyc_note", NotePhoto, Outcome::Pass, 0.52),
            found("face.kyc_video", Video, Outcome::Unsure, 0.45),
            found("face.video_same", Video, Outcome::Fail, 0.2),
            found("face.document_note", IdFront, Outcome::Pass, 0.52),
            found("face.document_kyc", IdFront, Outcome::Unsure, 0.52),
            found("face.live", Video, Outcome::Pass, 0.52),
        ];
        let [pass, unsure, fail] = [Outcome::Pass, Outcome::Unsure, Outcome::Fail];
        let stricter = [unsure, unsure, fail, unsure, unsure, pass];
        assert_eq!(outcomes(&all, STRICTER), stricter);
        let gentler = [pass, pass, fail, pass, unsure, pass];
        assert_eq!(outcomes(&all, GENTLER), gentler);
        let lower = ("no_match_below = 0.34 ", "no_match_below = 0.1 ");
        let lower = outcomes(&all, lower);
        assert_eq!(lower, [pass, unsure, unsure, pass, unsure, pass]);
        let document = ("document_from = 0.75 ", "document_from = 0.52 ");
        let document = outcomes(&all, document);
        assert_eq!(document, [pass, unsure, fail, pass, pass, pass]);
    }

    #[test]
    fn what_hangs_on_more_than_a_score_stays_as_it_was_found() {
        let note = EvidenceKind::NotePhoto;
        let score = found("face.kyc_note", note, Outcome::Unsure, 0.45);
        let doubt = Finding::reviewer("face.quality", Outcome::Unsure, "test");
        let of_note = [score.clone(), doubt.clone().about(note)];
        let of_portrait = [score.clone(), doubt.clone()];
        let of_video = [score.clone(), doubt.about(EvidenceKind::Video)];
        let clear = [score.clone()];
        let first = |findings: &[Finding]| outcomes(findings, GENTLER).first().copied();
        assert_eq!(first(&of_note), Some(Outcome::Unsure));
        assert_eq!(first(&of_portrait), Some(Outcome::Unsure));
        assert_eq!(first(&of_video), Some(Outcome::Pass));
        assert_eq!(first(&clear), Some(Outcome::Pass));
        // Nothing but the score would have let this one pass.
        let unclear = [found("face.kyc_note", note, Outcome::Unsure, 0.9)];
        assert_eq!(outcomes(&unclear, GENTLER), [Outcome::Unsure]);
        let embedder = ("embedder = \"face_reid_0095\"", "embedder = \"another\"");
        assert_eq!(outcomes(&clear, embedder), [Outcome::Unsure]);
    }
}
