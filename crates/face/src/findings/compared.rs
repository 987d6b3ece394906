//! Comparisons of a case, each side gated by its quality.

use recovery::evidence::EvidenceKind;
use recovery::finding::{Finding, Outcome};

use super::seen::{Frame, Seen};
use super::{CODE_DOCUMENT_KYC, CODE_DOCUMENT_NOTE, CODE_VIDEO_SAME, Looking, unavailable_one};
use crate::embed::Similarity;
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
        let mut finding = self.scored(code, kind, median, kyc.clear() && seen.clear(), took_ms);
        // The scale was measured on pairs like these, not on prints or on the least of many.
        let known = median.filter(|_| finding.score_milli.is_some());
        finding.one_in = known.and_then(|score| self.engine.one_in(score));
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
    /// the note photo: these pass or go to people.
    pub(super) fn document(
        &self,
        document: Option<&Seen>,
        [kyc, note]: [Option<&Seen>; 2],
    ) -> Vec<Finding> {
        let pairs = [(CODE_DOCUMENT_KYC, kyc), (CODE_DOCUMENT_NOTE, note)];
        let one = |(code, other): (&str, Option<&Seen>)| {
            let (Some(document), Some(other)) = (document, other) else {
                return unavailable_one(EvidenceKind::IdFront, code, &self.engine.label(), 0);
            };
            let took_ms = document.took_ms.saturating_add(other.took_ms);
            let score = self.median(document, other).ok().flatten();
            let clear = document.clear() && other.clear();
            let finding = self.scored(code, EvidenceKind::IdFront, score, clear, took_ms);
            match document.best().first() {
                Some(frame) => frame.mark(finding, 0),
                None => finding,
            }
        };
        pairs.into_iter().map(one).collect()
    }

    /// A comparison: what its score says where both sides are `clear`, else unsure.
    fn scored(
        &self,
        code: &str,
        kind: EvidenceKind,
        score: Option<Similarity>,
        clear: bool,
        took_ms: u32,
    ) -> Finding {
        let known = self.engine.calibrated(self.checks);
        let Some(line) = self.checks.line(code).filter(|_| known) else {
            return unavailable_one(kind, code, &self.engine.label(), took_ms);
        };
        let score = score.map(Similarity::thousandths);
        let said = score.filter(|_| clear).map(|score| line.outcome(score));
        Finding {
            score_milli: score,
            threshold_milli: Some(line.pass_from()),
            unit: Some("cosine".to_owned()),
            ..Finding::reviewer(code, said.unwrap_or(Outcome::Unsure), &self.engine.label())
                .about(kind)
                .took(took_ms)
        }
    }
}
