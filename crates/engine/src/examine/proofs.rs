//! Screenshots of earlier transactions (M13), blind against the record.

use evidence::{Ocr, ProofText, compare_proof, read_proof};
use recovery::evidence::EvidenceKind;
use recovery::finding::Finding;

use super::stopwatch::{stamped, timed};
use super::{Context, Still};

/// Most pages that are read: a call of the reader for each.
const PAGES_MAX: usize = 8;

/// Findings of all screenshots together; none where nobody sent one. A page that cannot be read
/// speaks for nobody.
pub(super) fn look(stills: &[Still<'_>], context: &Context<'_>, ocr: &Ocr) -> Vec<Finding> {
    let mut pages = stills
        .iter()
        .filter(|still| still.piece.kind == EvidenceKind::Screenshot)
        .peekable();
    if pages.peek().is_none() {
        return Vec::new();
    }
    let (findings, took_ms) = timed(|| {
        let read: Vec<ProofText> = pages
            .take(PAGES_MAX)
            .filter_map(|still| read_proof(&still.picture.rgb, ocr).ok())
            .collect();
        compare_proof(&read, context.transactions, context.transaction_digest)
    });
    stamped(findings, took_ms)
}
