//! Faces of earlier applicants (B4): whether the same person stands behind another case.
//!
//! Off unless the policy in force says otherwise, and then only for applicants who agreed to it by
//! itself. A face is sealed under its case's key; memory holds opened ones, and only as long as
//! the table has their rows. A hit is told as how near and in how many cases, never as whose, and
//! only opens work for people.

use std::collections::{BTreeMap, BTreeSet};

use face::{ANY_ENGINE, Embedding, Gallery};
use recovery::case::{Case, State};
use recovery::evidence::EvidenceKind;
use recovery::finding::{Finding, Outcome};
use recovery::id::{AccountRef, CaseId};
use recovery::policy::GalleryChecks;
use recovery::risk::PERSON_MARKED;
use recovery::time::Timestamp;
use store::GalleryRow;
use vault::VaultError;

use crate::engine::{Engine, Rules};
use crate::error::{EngineError, Result};
use crate::handle::rebuild;

/// Name of the sealed face of a case.
const FACE: &str = "gallery.face";
/// The same person asks for another account.
const PERSON: &str = "reuse.person";
/// The same person asked for this account before.
const PERSON_BEFORE: &str = "reuse.person_before";
/// In how many other cases.
const PERSON_CASES: &str = "reuse.person_cases";
/// Rows that one search reads: the most that any policy allows (`checks.gallery.faces_max`).
const ROWS_MAX: u32 = 100_000;

/// Opened faces of one model, by the numbers of their rows.
#[derive(Default)]
pub(crate) struct Faces {
    model: String,
    gallery: Gallery,
    cases: BTreeMap<u64, CaseId>,
}

impl Faces {
    /// Drops every face whose row is gone.
    fn keep(&mut self, rows: &[GalleryRow]) {
        self.cases = rows
            .iter()
            .map(|row| (row.id.unsigned_abs(), row.case_id.clone()))
            .collect();
        let there = &self.cases;
        self.gallery.retain(|key| there.contains_key(&key));
    }

    /// Number of opened faces.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.gallery.len()
    }

    /// Other cases with a face at least this near, with the nearest of each.
    fn near(&self, own: &CaseId, face: &Embedding, from: f64) -> Result<Vec<(CaseId, f64)>> {
        let near = self
            .gallery
            .search(face, self.gallery.len())
            .map_err(|error| EngineError::internal("gallery", &error))?;
        let hits = near
            .into_iter()
            .map(|near| (near.key, f64::from(near.similarity.cosine())))
            .take_while(|(_, cosine)| *cosine >= from)
            .filter_map(|(key, cosine)| Some((self.cases.get(&key)?.clone(), cosine)))
            .filter(|(case, _)| case != own);
        Ok(hits.collect())
    }
}

/// What one search found.
struct Found {
    /// Cases that ask for the same account.
    before: Vec<f64>,
    /// Cases that ask for another one.
    others: Vec<f64>,
    /// Cases, of either kind, that their holders stopped.
    marked: Vec<f64>,
    /// Every sealed face could be opened.
    whole: bool,
}

impl Engine {
    /// The threshold, if this case's face may be kept and searched for: the policy in force keeps
    /// a gallery, the case's own did, and its applicant agreed.
    pub(crate) fn gallery_for<'a>(
        &self,
        case: &Case,
        rules: &'a Rules,
    ) -> Option<&'a GalleryChecks> {
        let on = self.policy().gallery.on && rules.policy.gallery.on;
        let checks = rules.policy.checks.gallery.as_ref();
        checks.filter(|_| on && case.gallery_consent_at.is_some())
    }

    /// Keeps the face of a case and looks for it in all others; nothing for who did not agree.
    /// Kept first: of two cases that are looked at side by side, one sees the other.
    ///
    /// # Errors
    /// When database or vault do not answer.
    pub(crate) async fn gallery_findings(
        &self,
        case: &Case,
        face: Option<Embedding>,
    ) -> Result<Vec<Finding>> {
        let rules = self.rules(case.policy_version).await?;
        let Some(checks) = self.gallery_for(case, &rules) else {
            return Ok(Vec::new());
        };
        let engine = self.0.instruments.face.as_ref();
        let engine = engine.map_or_else(|| ANY_ENGINE.to_owned(), face::FaceEngine::label);
        let kept = self.keep_face(&case.id, face.as_ref(), checks).await?;
        let Some(face) = face.filter(|_| kept) else {
            let unavailable = Finding::unavailable(PERSON, &engine);
            return Ok(vec![unavailable.about(EvidenceKind::NotePhoto)]);
        };
        let since = self.now().await? - rules.policy.marks_kept();
        let found = self.find_face(&case.id, face, checks.hit_from, since);
        let found = found.await?;
        Ok(explain(&found, checks.hit_from, &engine))
    }

    /// Seals and stores the face in place of an earlier one of this case. False where there is
    /// none, the gallery is full, or the case moved on meanwhile; then the case has no row.
    async fn keep_face(
        &self,
        id: &CaseId,
        face: Option<&Embedding>,
        checks: &GalleryChecks,
    ) -> Result<bool> {
        let sealed = match face {
            Some(face) => Some(self.0.vault.seal_record(id, FACE, &face.to_bytes()).await?),
            None => None,
        };
        let mut tx = self.0.store.begin().await?;
        let loaded = tx.load(id).await?.ok_or(EngineError::NotFound)?;
        let now = rebuild(&loaded)?;
        tx.delete_face(id).await?;
        let wanted = now.state == State::Checking && now.gallery_consent_at.is_some();
        let room = tx.gallery_size().await? < u64::from(checks.faces_max);
        let mut kept = false;
        if let (Some(face), Some(sealed)) = (face, sealed)
            && wanted
        {
            if room {
                tx.put_face(id, face.model(), &sealed).await?;
            } else {
                tracing::warn!(
                    faces = checks.faces_max,
                    "the gallery is full: its threshold is not good for more faces"
                );
            }
            kept = room;
        }
        tx.commit().await?;
        Ok(kept)
    }

    /// `since` is from when on stopped cases count.
    async fn find_face(
        &self,
        own: &CaseId,
        face: Embedding,
        from: f64,
        since: Timestamp,
    ) -> Result<Found> {
        let mut faces = self.0.gallery.clone().lock_owned().await;
        let whole = self.open_faces(&mut faces, face.model()).await?;
        let case = own.clone();
        let hits = self
            .look_at_media(move || faces.near(&case, &face, from))
            .await??;
        let account = self.account_of_row(own).await?;
        let (mut before, mut others, mut marked) = (Vec::new(), Vec::new(), Vec::new());
        for (case, cosine) in hits {
            let same = account.is_some() && self.account_of_row(&case).await? == account;
            if same { &mut before } else { &mut others }.push(cosine);
            let mut reader = self.0.store.read().await?;
            if reader.has_marks(&case, since).await? {
                marked.push(cosine);
            }
        }
        Ok(Found {
            before,
            others,
            marked,
            whole,
        })
    }

    /// Brings memory to what the table has: gone faces are dropped, new ones opened. False when
    /// one of them cannot be opened: then nobody can say that it is not the same.
    async fn open_faces(&self, faces: &mut Faces, model: &str) -> Result<bool> {
        if faces.model != model {
            *faces = Faces {
                model: model.to_owned(),
                ..Faces::default()
            };
        }
        let rows = self.0.store.read().await?.gallery(model, ROWS_MAX).await?;
        faces.keep(&rows);
        let known: BTreeSet<u64> = faces.gallery.keys().collect();
        let new = |row: &&GalleryRow| !known.contains(&row.id.unsigned_abs());
        let mut whole = true;
        for row in rows.iter().filter(new) {
            let sealed = self.0.store.read().await?.gallery_face(row.id).await?;
            // Deleted since it was listed.
            let Some(sealed) = sealed else { continue };
            let opened = match self.0.vault.open_record(&row.case_id, FACE, &sealed).await {
                Ok(bytes) => Embedding::from_bytes(&bytes, model).ok(),
                Err(error @ VaultError::Storage(_)) => return Err(error.into()),
                Err(_) => None,
            };
            let added = opened.map(|face| faces.gallery.add(row.id.unsigned_abs(), &face));
            if !matches!(added, Some(Ok(()))) {
                tracing::warn!(case = %row.case_id, "a face of the gallery does not open");
                whole = false;
            }
        }
        Ok(whole)
    }

    async fn account_of_row(&self, case: &CaseId) -> Result<Option<AccountRef>> {
        let row = self.0.store.read().await?.case_row(case).await?;
        Ok(row.and_then(|row| row.account_ref))
    }

    /// Drops from memory what has no row any more. A gallery that was turned off is emptied.
    pub(crate) async fn tidy_gallery(&self) -> Result<()> {
        let mut faces = self.0.gallery.lock().await;
        if self.policy().gallery.on {
            let mut reader = self.0.store.read().await?;
            let rows = reader.gallery(&faces.model, ROWS_MAX).await?;
            faces.keep(&rows);
            return Ok(());
        }
        *faces = Faces::default();
        // Off as it ships: then nobody writes.
        if self.0.store.read().await?.gallery_size().await? == 0 {
            return Ok(());
        }
        let mut tx = self.0.store.begin().await?;
        tx.empty_gallery().await?;
        tx.commit().await?;
        Ok(())
    }
}

/// What reviewers hear: how near the nearest is, and in how many cases.
fn explain(found: &Found, from: f64, engine: &str) -> Vec<Finding> {
    let about = |finding: Finding| finding.about(EvidenceKind::NotePhoto);
    let mut findings = Vec::new();
    for (code, hits) in [
        (PERSON, &found.others),
        (PERSON_BEFORE, &found.before),
        (PERSON_MARKED, &found.marked),
    ] {
        let nearest = hits.iter().copied().max_by(f64::total_cmp);
        let hit = |nearest| {
            let finding = Finding::reviewer(code, Outcome::Unsure, engine);
            about(finding.measured(nearest, from, "cosine"))
        };
        findings.extend(nearest.map(hit));
    }
    let count = found.others.len() + found.before.len();
    if count > 0 {
        let count = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        let finding = Finding::reviewer(PERSON_CASES, Outcome::Unsure, engine);
        findings.push(about(finding.measured(count, 0.0, "cases")));
    }
    if !found.whole {
        findings.push(about(Finding::unavailable(PERSON, engine)));
    } else if count == 0 {
        findings.push(about(Finding::reviewer(PERSON, Outcome::Pass, engine)));
    }
    findings
}
