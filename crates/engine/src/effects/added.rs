//! What an applicant adds to their side after the checks: looked at by itself, for the people who
//! decide. No rule reads what is found, and nothing that the checks recorded changes.

use platform::contract::Dossier;
use recovery::case::Case;
use recovery::evidence::{EvidenceItem, EvidenceKind};
use recovery::finding::Finding;
use recovery::id::EvidenceId;
use serde::{Deserialize, Serialize};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::record::piece;
use crate::worker::{Done, Later};

/// What can be added then.
const KIND: EvidenceKind = EvidenceKind::Screenshot;

/// What was found in all screenshots of a case, those before the checks among them.
#[derive(Debug, Serialize, Deserialize)]
struct Added {
    /// The round of checks that it stands beside.
    round: u32,
    /// What was looked at.
    looked: Vec<EvidenceId>,
    findings: Vec<Finding>,
}

fn shots(case: &Case) -> impl Iterator<Item = &EvidenceItem> {
    case.evidence.iter().filter(|item| item.kind == KIND)
}

impl Engine {
    /// Looks at the screenshots of a case, and seals what is found.
    pub(super) async fn look_at_added(&self, case: &Case) -> Result<Done, Later> {
        let id = &case.id;
        let dossier: Option<Dossier> = self.unseal(id, piece::DOSSIER).await?;
        let zone = self.zone_of(case).await?;
        let gathered = self.gather(case, shots(case), zone.as_deref()).await?;
        let examined = self
            .look_at_pieces(case, gathered.pieces, dossier.as_ref(), None)
            .await?;
        let mut findings = [gathered.findings, examined.findings].concat();
        findings.extend(self.reuse_findings(id, &examined.traces).await?);
        self.remember_fingerprints(id, &examined.traces).await?;
        let named = examined.named.as_deref();
        findings.extend(self.chain_finding(case, named, dossier.as_ref()).await);
        // What is missing beside them is missing here alone.
        findings.retain(|finding| finding.kind == Some(KIND));
        let added = Added {
            round: case.round,
            looked: shots(case).map(|item| item.id.clone()).collect(),
            findings,
        };
        let sealed = self.seal(id, piece::ADDED_FINDINGS, &added).await?;
        let mut tx = self.0.store.begin().await.map_err(EngineError::from)?;
        tx.put_sealed(id, piece::ADDED_FINDINGS, &sealed)
            .await
            .map_err(EngineError::from)?;
        tx.commit().await.map_err(EngineError::from)?;
        Ok(Done::nothing())
    }

    /// The findings of the checks, with those of what was added since. What nobody has looked at
    /// yet is told, too.
    pub(crate) async fn findings_of(&self, case: &Case) -> Result<Vec<Finding>, EngineError> {
        let mut findings = case.findings.clone();
        let added: Option<Added> = self.unseal(&case.id, piece::ADDED_FINDINGS).await?;
        let added = added.filter(|added| added.round == case.checked_round);
        let since = |item: &&EvidenceItem| Some(item.id.made_at()) > case.sent_at;
        let looked = |item: &EvidenceItem| {
            let added = added.as_ref();
            added.is_some_and(|added| added.looked.contains(&item.id))
        };
        let open = shots(case).filter(since).any(|item| !looked(item));
        if let Some(added) = added {
            findings.retain(|finding| finding.kind != Some(KIND));
            findings.extend(added.findings);
        }
        if open {
            findings.push(Finding::unavailable("media.tool_failed", "checks").about(KIND));
        }
        Ok(findings)
    }
}
