//! Whether a face can be compared: what the applicant can mend, and what only people hear of.

use recovery::evidence::EvidenceKind;
use recovery::finding::{Finding, Outcome};

use super::seen::Seen;
use super::{ANY_ENGINE, unavailable_one};
use super::{CODE_ANGLE, CODE_COVERED, CODE_LIVE, CODE_QUALITY, CODE_SEVERAL, Looking};
use crate::quality::{Gate, QualityIssue};

/// What the applicant is told, by code.
const COACHED: [(&str, &[QualityIssue]); 2] = [
    (CODE_ANGLE, &[QualityIssue::Turned, QualityIssue::Tilted]),
    (
        CODE_COVERED,
        &[QualityIssue::EyesCovered, QualityIssue::MouthCovered],
    ),
];
/// What is left for the finding of reviewers, and for portraits everything.
const REST: [QualityIssue; 4] = [
    QualityIssue::Small,
    QualityIssue::Dark,
    QualityIssue::Bright,
    QualityIssue::Blurred,
];
const ALL: [QualityIssue; 8] = [
    QualityIssue::Small,
    QualityIssue::Dark,
    QualityIssue::Bright,
    QualityIssue::Blurred,
    QualityIssue::Turned,
    QualityIssue::Tilted,
    QualityIssue::EyesCovered,
    QualityIssue::MouthCovered,
];

impl Looking<'_> {
    pub(super) fn retake(&self, code: &str, kind: EvidenceKind, took_ms: u32) -> Finding {
        Finding::applicant(code, Outcome::Retake, &self.engine.label())
            .about(kind)
            .took(took_ms)
    }

    /// More than one person; `kind` is none for the portrait of the KYC record, which the
    /// applicant cannot take again.
    pub(super) fn several(&self, kind: Option<EvidenceKind>, seen: &Seen) -> Option<Finding> {
        let finding = match kind {
            Some(kind) if seen.second_person() => self.retake(CODE_SEVERAL, kind, seen.took_ms),
            _ if seen.several() => self.doubt(CODE_SEVERAL, kind, seen.took_ms),
            _ => return None,
        };
        let shown = seen.frames.iter().find(|frame| frame.seen.several());
        Some(match shown {
            Some(frame) => frame.mark(finding, 1),
            None => finding,
        })
    }

    /// Turned away, covered: each passes or is taken again.
    pub(super) fn coaching(&self, kind: EvidenceKind, seen: &Seen) -> Vec<Finding> {
        let one = |(code, issues): (&str, &[QualityIssue])| match seen.mostly(issues) {
            Some((frame, issue)) => {
                let retake = self.retake(code, kind, seen.took_ms);
                let gate = frame
                    .seen
                    .quality
                    .and_then(|q| q.measured(issue, self.checks));
                frame.mark(with(gate, retake), 0)
            }
            None => Finding::applicant(code, Outcome::Pass, &self.engine.label())
                .about(kind)
                .took(seen.took_ms),
        };
        COACHED.into_iter().map(one).collect()
    }

    /// A face that is not good enough; `kind` is none for the portrait of the KYC record.
    pub(super) fn quality(&self, kind: Option<EvidenceKind>, seen: &Seen) -> Option<Finding> {
        let issues: &[QualityIssue] = if kind.is_some() { &REST } else { &ALL };
        let (frame, issue) = seen.mostly(issues)?;
        let gate = frame
            .seen
            .quality
            .and_then(|q| q.measured(issue, self.checks));
        let doubt = self.doubt(CODE_QUALITY, kind, seen.took_ms);
        Some(frame.mark(with(gate, doubt), 0))
    }

    /// The mean over the frames of how sure two models are that the face is live. Weak: it passes
    /// or goes to people.
    pub(super) fn live(&self, kind: EvidenceKind, seen: &Seen) -> Finding {
        let label = self.engine.liveness_label();
        let label = label.as_deref().unwrap_or(ANY_ENGINE);
        let scores: Option<Vec<f32>> = seen.with_face().map(|frame| frame.live).collect();
        let scores = scores.unwrap_or_default();
        if scores.is_empty() {
            return unavailable_one(kind, CODE_LIVE, label, seen.took_ms);
        }
        #[allow(clippy::cast_precision_loss, reason = "a few frames")]
        let mean = f64::from(scores.iter().sum::<f32>()) / scores.len() as f64;
        let outcome = if mean >= self.checks.live_from {
            Outcome::Pass
        } else {
            Outcome::Unsure
        };
        let finding = Finding::reviewer(CODE_LIVE, outcome, label)
            .about(kind)
            .measured(mean, self.checks.live_from, "probability")
            .took(seen.took_ms);
        match seen.best().first() {
            Some(frame) => frame.mark(finding, 0),
            None => finding,
        }
    }

    fn doubt(&self, code: &str, kind: Option<EvidenceKind>, took_ms: u32) -> Finding {
        Finding {
            kind,
            ..Finding::reviewer(code, Outcome::Unsure, &self.engine.label()).took(took_ms)
        }
    }
}

fn with(gate: Option<Gate>, finding: Finding) -> Finding {
    match gate {
        Some(gate) => finding.measured(gate.value, gate.limit, gate.unit),
        None => finding,
    }
}
