//! The case file as a reviewer sees it: facts masked, clues blind, findings as recorded.

use platform::contract::{AccountStatus, DocumentKind, Dossier};
use recovery::actor::Rank;
use recovery::case::Case;
use recovery::evidence::{EvidenceKind, note_lines};
use recovery::finding::{Finding, Outcome};
use recovery::id::CaseId;

use super::opinions_name;
use crate::applicant::timeline;
use crate::engine::Engine;
use crate::error::Result;
use crate::record::{OriginRecord, piece};
use crate::views::{CaseFile, SaidWords, ShownAs, StaffMember};
use crate::{media, summary, when};

impl Engine {
    /// What a reviewer may see of a case.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] when this person does not hold it.
    pub async fn case_file(&self, staff: &StaffMember, id: &CaseId) -> Result<CaseFile> {
        let (case, held) = self.record_view(staff, id, "file", "review").await?;
        let rules = self.rules(case.policy_version).await?;
        let dossier: Option<Dossier> = self.unseal(id, piece::DOSSIER).await?;
        let grounds = case.grounds.as_ref();
        let clues = grounds.map(|grounds| grounds.clues.clone());
        let signals = self.signals_of(&case, dossier.as_ref()).await?;
        let origin: Option<OriginRecord> = self.unseal(id, piece::ORIGIN).await?;
        let zone = origin.and_then(|origin| origin.time_zone);
        let name = opinions_name(&held);
        let opinions: Option<Vec<(String, String)>> = self.unseal(id, &name).await?;
        let names = self.0.vault.object_names(id).await?;
        let portrait = media::portrait_name()?;
        let frames = names
            .iter()
            .filter(|name| name.as_str().starts_with("frame/"))
            .count();
        let mut shown = Vec::new();
        for what in ShownAs::ALL {
            if names.contains(&media::shown_name(what)?) {
                shown.push(what);
            }
        }
        let words = self.said_words(id, &shown).await?;
        let submitted = case.submitted_at.unwrap_or(case.opened_at);
        Ok(CaseFile {
            case: id.clone(),
            code: case.code.to_string(),
            state: case.state,
            part: held.part,
            assignment: held.assignment.clone(),
            lease_until: held.until,
            rank: staff.rank,
            policy_version: case.policy_version,
            opened_at: case.opened_at,
            submitted_at: case.submitted_at,
            due: summary::due(&case, &rules),
            phantom: case.is_phantom(),
            locked: case.lock.is_some(),
            appeal: case.review.appeal_used,
            needs_exception: case.needs_exception(&rules.policy),
            has_portrait: names.contains(&portrait),
            video_frames: u32::try_from(frames).unwrap_or(0),
            shown,
            words,
            phrase: self.asked_phrase(&case).await?,
            note_lines: note_lines(
                &self.settings().platform,
                &when::date(submitted, zone.as_deref()),
                case.code.as_str(),
            )
            .to_vec(),
            record: record_rows(dossier.as_ref()),
            clues: clues.unwrap_or_default(),
            linked_addresses: self.explorer_links(id).await?.len(),
            signals,
            findings: self.findings_for(staff, &case).await?,
            holder_words: self.holder_words(id).await?,
            opinions: opinions.unwrap_or_default(),
            timeline: timeline(&case, &rules),
            contest: self.contest_file(&case, &rules, dossier.as_ref()).await?,
            evidence: case.evidence.clone(),
            now: self.now().await?,
        })
    }

    /// What the newest video was asked to say: the digits of its take, or those of the case.
    async fn asked_phrase(&self, case: &Case) -> Result<String> {
        let video = case.evidence_of(EvidenceKind::Video);
        let record = match video {
            Some(item) => self.take_record(&case.id, &item.id).await?,
            None => None,
        };
        let asked = record.and_then(|record| record.phrase());
        Ok(asked.unwrap_or_else(|| self.phrase(case)))
    }

    /// The findings of the checks, and flags. Only seniors see that of whoever opened the page for
    /// people who are told what to do (STANDARDS REV-02).
    async fn findings_for(&self, staff: &StaffMember, case: &Case) -> Result<Vec<Finding>> {
        let mut findings = self.findings_of(case).await?;
        let flags: Option<Vec<String>> = self.unseal(&case.id, piece::FLAGS).await?;
        let raised = |name: &str| flags.iter().flatten().any(|flag| flag == name);
        if staff.rank == Rank::Senior && raised("pressure") {
            findings.push(flagged("flag.pressure"));
        }
        if raised("handoff_refused") {
            findings.push(flagged("flag.handoff_refused"));
        }
        Ok(findings)
    }

    /// When each digit was said; none where nothing was heard.
    async fn said_words(&self, id: &CaseId, shown: &[ShownAs]) -> Result<Vec<SaidWords>> {
        if !shown.contains(&ShownAs::PhraseWords) {
            return Ok(Vec::new());
        }
        let name = media::shown_name(ShownAs::PhraseWords)?;
        let bytes = self.0.vault.get_object(id, &name).await?;
        // An older form is no reason to keep the case from being read.
        Ok(serde_json::from_slice(&bytes).unwrap_or_default())
    }
}

fn flagged(code: &str) -> Finding {
    Finding::reviewer(code, Outcome::Unsure, "applicant")
}

/// First letter and stars: enough to tell two names apart, not enough to sell.
fn masked(text: &str) -> String {
    text.split_whitespace()
        .map(|word| {
            let rest = word.chars().count().saturating_sub(1).min(8);
            let first = word.chars().next().map(String::from).unwrap_or_default();
            format!("{first}{}", "*".repeat(rest))
        })
        .collect::<Vec<_>>()
        .join(" ")
}

fn record_rows(dossier: Option<&Dossier>) -> Vec<(&'static str, String)> {
    let Some(dossier) = dossier else {
        return Vec::new();
    };
    let mut rows = Vec::new();
    if let Some(document) = &dossier.document {
        rows.push(("name", masked(document.name.reveal())));
        rows.push(("birth_date", "****-**-**".to_owned()));
        rows.push(("document_number", masked(document.number.reveal())));
        rows.push(("document_kind", document_words(document.kind).to_owned()));
        rows.push(("document_country", document.country.clone()));
        let expiry = document.expiry.clone();
        rows.push((
            "document_expiry",
            expiry.unwrap_or_else(|| "not known".to_owned()),
        ));
    }
    rows.push(("registered", when::date(dossier.registered_at, None)));
    rows.push(("logins", dossier.logins.len().to_string()));
    rows.push(("channels", dossier.channels.len().to_string()));
    rows.push(("status", status_words(dossier.status).to_owned()));
    rows
}

const fn document_words(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Passport => "passport",
        DocumentKind::NationalId => "national ID card",
        DocumentKind::DrivingLicence => "driving licence",
        DocumentKind::ResidencePermit => "residence permit",
        DocumentKind::Other => "another kind",
    }
}

const fn status_words(status: AccountStatus) -> &'static str {
    match status {
        AccountStatus::Ordinary => "ordinary",
        AccountStatus::Restricted => "restricted",
        AccountStatus::Archived => "archived",
        AccountStatus::NoKyc => "never verified",
        AccountStatus::Closed => "closed",
    }
}
