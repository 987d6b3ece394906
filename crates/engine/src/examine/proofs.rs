//! Screenshots of earlier transactions (M13), blind against the record.

use evidence::{NamedTransaction, Ocr, ProofText, compare_proof, named_transactions, read_proof};
use recovery::evidence::EvidenceKind;
use recovery::finding::Finding;

use super::stopwatch::{stamped, timed};
use super::{Context, Still};

/// Most pages that are read: a call of the reader for each.
const PAGES_MAX: usize = 8;

/// What came of the screenshots.
#[derive(Default)]
pub(super) struct Proofs {
    pub(super) findings: Vec<Finding>,
    /// Transactions that they name; nothing where no page was read.
    pub(super) named: Option<Vec<NamedTransaction>>,
}

/// Findings of all screenshots together; none where nobody sent one. A page that cannot be read
/// speaks for nobody.
pub(super) fn look(stills: &[Still<'_>], context: &Context<'_>, ocr: &Ocr) -> Proofs {
    let mut pages = stills
        .iter()
        .filter(|still| still.piece.kind == EvidenceKind::Screenshot)
        .peekable();
    if pages.peek().is_none() {
        return Proofs::default();
    }
    let (proofs, took_ms) = timed(|| {
        let read: Vec<ProofText> = pages
            .take(PAGES_MAX)
            .filter_map(|still| read_proof(&still.picture.rgb, ocr).ok())
            .collect();
        let (record, digest) = (context.transactions, context.transaction_digest);
        Proofs {
            findings: compare_proof(&read, record, digest),
            named: (!read.is_empty()).then(|| named_transactions(&read, record, digest)),
        }
    });
    Proofs {
        findings: stamped(proofs.findings, took_ms),
        ..proofs
    }
}
