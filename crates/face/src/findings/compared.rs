//! Comparisons of a case, each side gated by its quality.

use recovery::evidence::EvidenceKind;
use recovery::finding::{Finding, Outcome};

use super::seen::{Frame, Seen};
use super::{CODE_DOCUMENT_KYC, CODE_DOCUMENT_NOTE, CODE_VIDEO_SAME, Looking, unavailable_one};
use crate::compare::bands;
use crate::embed::{Similarity, Verdict, thousandths};
use crate::error::FaceError;

impl Looking<'_> {
    /// The median of the best frames against the portrait.
    pub(super) fn against(
        &self,
        kyc: &Seen,
        seen: &Seen,
        kind: EvidenceKind,
        code: &str,
    ) -> Result<Finding, FaceError> {
        let took_ms = kyc.took_ms.saturating_add(seen.took_ms);
        let median = self.median(kyc, seen)?;
        let finding = self.scored(code, kind, median, kyc.clear() && seen.clear(), took_ms);
        Ok(match seen.best().first() {
            Some(frame) => frame.mark(finding, 0),
            None => finding,
        })
    }

    /// The lower middle of the scores of the best frames: never better than it is.
    fn median(&self, portrait: &Seen, seen: &Seen) -> Result<Option<Similarity>, FaceError> {
        let best = portrait.best();
        let Some((portrait, _)) = best.first().and_then(|frame| frame.face()) else {
            return Ok(None);
        };
        let mut scores = Vec::new();
        for (face, _) in seen.best().into_iter().filter_map(Frame::face) {
            scores.push(self.engine.compare(portrait, face)?);
        }
        scores.sort_by(|one, other| one.0.total_cmp(&other.0));
        Ok(scores.get(scores.len().saturating_sub(1) / 2).copied())
    }

    /// The least similarity of consecutive frames, and of every good frame to the best one, so
    /// that neither a cut nor a slow change to somebody else goes unseen.
    pub(super) fn same_throughout(&self, seen: &Seen) -> Result<Finding, FaceError> {
        let frames: Vec<&Frame> = seen.with_face().collect();
        let mut pairs: Vec<(&Frame, &Frame)> = frames
            .windows(2)
            .filter_map(|pair| match pair {
                [one, other] => Some((*one, *other)),
                _ => None,
            })
            .collect();
        if let Some(best) = seen.best().first().copied() {
            let good = frames.iter().filter(|frame| frame.issues.is_empty());
            let others = good.filter(|frame| !std::ptr::eq(**frame, best));
            pairs.extend(others.map(|frame| (best, *frame)));
        }
        let mut least: Option<(Similarity, &Frame)> = None;
        for (one, other) in pairs {
            if let (Some((one, _)), Some((face, _))) = (one.face(), other.face()) {
                let score = self.engine.compare(one, face)?;
                if least.is_none_or(|(least, _)| score.0 < least.0) {
                    least = Some((score, other));
                }
            }
        }
        let (score, frame) = least.unzip();
        let clear = !seen.several();
        let finding = self.scored(
            CODE_VIDEO_SAME,
            EvidenceKind::Video,
            score,
            clear,
            seen.took_ms,
        );
        Ok(match frame {
            Some(frame) => frame.mark(finding, 0),
            None => finding,
        })
    }

    /// The portrait on the document against the portrait of the record, and against the person in
    /// the note photo. Print, overprint and hologram cost similarity, so a low score speaks
    /// against nobody: these pass or go to people.
    ///
    /// An overprint on *both* pictures makes strangers alike, and the portrait of the record may
    /// come from a document, too: that pair passes only from `document_from` on.
    pub(super) fn document(
        &self,
        document: Option<&Seen>,
        [kyc, note]: [Option<&Seen>; 2],
    ) -> Vec<Finding> {
        let pairs = [
            (CODE_DOCUMENT_KYC, kyc, self.checks.document_from),
            (CODE_DOCUMENT_NOTE, note, self.checks.match_from),
        ];
        let one = |(code, other, from): (&str, Option<&Seen>, f64)| {
            let known = self.engine.calibrated(self.checks);
            let (Some(document), Some(other), true) = (document, other, known) else {
                return unavailable_one(EvidenceKind::IdFront, code, &self.engine.label(), 0);
            };
            let took_ms = document.took_ms.saturating_add(other.took_ms);
            let score = self.median(document, other).ok().flatten();
            let clear = document.clear() && other.clear();
            let good = score.is_some_and(|score| f64::from(score.0) >= from);
            let outcome = if clear && good {
                Outcome::Pass
            } else {
                Outcome::Unsure
            };
            let finding = self.with_score(code, EvidenceKind::IdFront, outcome, score, from);
            match document.best().first() {
                Some(frame) => frame.mark(finding.took(took_ms), 0),
                None => finding.took(took_ms),
            }
        };
        pairs.into_iter().map(one).collect()
    }

    fn scored(
        &self,
        code: &str,
        kind: EvidenceKind,
        score: Option<Similarity>,
        clear: bool,
        took_ms: u32,
    ) -> Finding {
        if !self.engine.calibrated(self.checks) {
            return unavailable_one(kind, code, &self.engine.label(), took_ms);
        }
        let bands = bands(self.checks);
        let verdict = score.filter(|_| clear).map(|score| score.verdict(&bands));
        let outcome = match verdict {
            Some(Verdict::Match) => Outcome::Pass,
            Some(Verdict::NoMatch) => Outcome::Fail,
            Some(Verdict::Unsure) | None => Outcome::Unsure,
        };
        self.with_score(code, kind, outcome, score, self.checks.match_from)
            .took(took_ms)
    }

    fn with_score(
        &self,
        code: &str,
        kind: EvidenceKind,
        outcome: Outcome,
        score: Option<Similarity>,
        from: f64,
    ) -> Finding {
        #[allow(clippy::cast_possible_truncation, reason = "-1 to 1")]
        let threshold = thousandths(from as f32);
        Finding {
            score_milli: score.map(Similarity::thousandths),
            threshold_milli: Some(threshold),
            unit: Some("cosine".to_owned()),
            ..Finding::reviewer(code, outcome, &self.engine.label()).about(kind)
        }
    }
}
