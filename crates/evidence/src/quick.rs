//! What the applicant hears within a second of the shutter: light, blur, size, and the document as
//! an object.

use recovery::evidence::EvidenceKind;
use recovery::finding::Finding;
use recovery::policy::Checks;

use crate::document::{DocumentLook, document};
use crate::{Picture, quality};

/// The checks of the arriving photo, passed ones included.
///
/// On ID photos in which the document is found, light, blur and size are those of the document
/// instead of the whole picture: a card on a dark table is not a dark picture. `took_ms` is zero:
/// the caller has the clock.
#[must_use]
pub fn quick(picture: &Picture, kind: EvidenceKind, checks: &Checks) -> Vec<Finding> {
    photo(picture, kind, checks).findings
}

/// The same findings as [`quick`], with the document they are about where its edges were found.
#[must_use]
pub fn photo(picture: &Picture, kind: EvidenceKind, checks: &Checks) -> DocumentLook {
    let whole = quality(picture, kind, &checks.image);
    if !matches!(kind, EvidenceKind::IdFront | EvidenceKind::IdBack) {
        return DocumentLook {
            card: None,
            findings: whole,
        };
    }
    let look = document(&picture.rgb, kind, checks);
    DocumentLook {
        card: look.card,
        findings: with_document(whole, look.findings),
    }
}

/// Findings of the whole picture, where the document has none of the same code, and then the
/// document's.
#[must_use]
pub fn with_document(whole: Vec<Finding>, document: Vec<Finding>) -> Vec<Finding> {
    let said = |one: &Finding| document.iter().any(|other| other.code == one.code);
    let mut findings: Vec<Finding> = whole.into_iter().filter(|one| !said(one)).collect();
    findings.extend(document);
    findings
}
