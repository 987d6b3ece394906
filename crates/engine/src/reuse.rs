//! The same picture or video again, in this case or in another one (B4).
//!
//! What is found is told as a part, a distance and a number of cases, never as whose. A near print
//! is a reason for people to look: cards of one template are near each other whoever holds them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use evidence::reuse::{Part, Print, PrintBits, PrintIndex, REUSE_ENGINE};
use recovery::evidence::EvidenceKind;
use recovery::finding::{Finding, Outcome};
use recovery::id::{BlindIndex, CaseId, ContentDigest, EvidenceId};
use recovery::policy::ReuseChecks;
use recovery::time::{Span, Timestamp};
use store::{CaseRow, NewCopy, NewPrint, PRINTS_PAGE, StoredPrint};

use crate::engine::Engine;
use crate::error::{EngineError, Result};

/// Engine of findings about exact copies.
const COPY_ENGINE: &str = "sha256";
/// Pages that one refresh of the index reads: 20 million prints, 1.4 GB.
const PAGES_MAX: usize = 1_000;
/// After how long the index is read anew, so that erased prints leave memory as well.
const RELOAD: Span = Span::hours(24);
/// Nearest prints of one part that are looked at; what many pictures share tells nothing more.
const NEAR_MAX: usize = 50;
/// Exact copies of one piece that are looked at.
const COPIES_MAX: u32 = 50;
/// Bits up to which a picture of the same case is the same file once more, coded or scaled anew:
/// nearer than any second photo of the same thing, which moves by a cell at least.
const AGAIN_BITS: u32 = 12;
/// Share of a video's frames that must be near frames of one other video, as a fraction.
const FRAMES: (usize, usize) = (2, 3);

/// The index in memory: candidates only, the table says what is true.
#[derive(Default)]
pub(crate) struct Remembered {
    index: Arc<PrintIndex>,
    seen: i64,
    loaded: Option<Timestamp>,
}

/// What is compared of one piece of evidence.
#[derive(Debug, Clone)]
pub struct ReusePiece {
    /// The piece.
    pub evidence: EvidenceId,
    /// Its kind.
    pub kind: EvidenceKind,
    /// Digest of the file.
    pub file: ContentDigest,
    /// Digest of the decoded pixels of a still.
    pub pixels: Option<ContentDigest>,
    /// Prints of its parts: of a video, of its frames in order and of its sound.
    pub prints: Vec<Print>,
}

/// The nearest hit of one part.
struct Hit {
    distance: u32,
    print: StoredPrint,
    /// The print that was looked for.
    place: usize,
}

/// What was found for one piece.
#[derive(Default)]
struct Found {
    hits: Vec<Hit>,
    /// Other cases that hold an exact copy.
    copies: BTreeSet<CaseId>,
    /// Whether this case has sent an exact copy before, as the same kind.
    again: bool,
}

impl Engine {
    /// Findings about these pieces against all earlier evidence: `image.again` for the applicant
    /// where this case sent the same picture before, `image.older_case` where an earlier request
    /// under the same proved address did, `reuse.*` for reviewers where any other case did.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn reuse_findings(
        &self,
        case: &CaseId,
        pieces: &[ReusePiece],
    ) -> Result<Vec<Finding>> {
        let row = self.0.store.read().await?.case_row(case).await?;
        let row = row.ok_or(EngineError::NotFound)?;
        let version = row.policy_version.parse().unwrap_or_default();
        let rules = self.rules(version).await?;
        let checks = &rules.policy.checks.reuse;
        let index = self.print_index().await?;
        let mut findings = Vec::new();
        for piece in pieces {
            let found = self.find(case, piece, &index, checks).await?;
            findings.extend(self.explain(&row, piece, &found, checks).await?);
        }
        Ok(findings)
    }

    /// Keeps the fingerprints of these pieces; what is known already stays as it is. To be called
    /// after [`Engine::reuse_findings`], and harmless twice.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn remember_fingerprints(&self, case: &CaseId, pieces: &[ReusePiece]) -> Result<()> {
        let mut tx = self.0.store.begin().await?;
        for piece in pieces {
            let mut places = BTreeMap::<Part, u32>::new();
            let prints: Vec<NewPrint<'_>> = piece
                .prints
                .iter()
                .map(|print| {
                    let next = places.entry(print.part).or_default();
                    let place = *next;
                    *next += 1;
                    NewPrint {
                        case_id: case,
                        evidence_id: &piece.evidence,
                        kind: piece.kind.name(),
                        part: print.part.name(),
                        place,
                        bits: print.bits.to_bytes(),
                    }
                })
                .collect();
            tx.put_prints(&prints).await?;
            for (what, digest) in self.copy_digests(piece) {
                tx.put_copy(&NewCopy {
                    evidence_id: &piece.evidence,
                    what,
                    case_id: case,
                    kind: piece.kind.name(),
                    digest: &digest,
                })
                .await?;
            }
        }
        tx.commit().await?;
        Ok(())
    }

    /// Keyed digests of a piece: of its file, and of its pixels.
    fn copy_digests(&self, piece: &ReusePiece) -> Vec<(&'static str, BlindIndex)> {
        let keyed = |what, digest: &ContentDigest| {
            let purpose = format!("copy/{what}");
            (what, self.0.vault.blind_index(&purpose, &digest.0))
        };
        let mut all = vec![keyed("file", &piece.file)];
        all.extend(piece.pixels.as_ref().map(|pixels| keyed("pixels", pixels)));
        all
    }

    /// The index with all prints that are visible now. Numbers of rows become visible in order
    /// (`store::prints`), so reading on from the last one misses none.
    async fn print_index(&self) -> Result<Arc<PrintIndex>> {
        let mut remembered = self.0.reuse.lock().await;
        let mut reader = self.0.store.read().await?;
        let now = reader.now().await?;
        if remembered
            .loaded
            .is_none_or(|loaded| now >= loaded + RELOAD)
        {
            *remembered = Remembered {
                loaded: Some(now),
                ..Remembered::default()
            };
        }
        for _ in 0..PAGES_MAX {
            let page = reader.prints_after(remembered.seen).await?;
            let Some(last) = page.last() else {
                break;
            };
            remembered.seen = last.id;
            let all = page.len() < PRINTS_PAGE as usize;
            let index = Arc::make_mut(&mut remembered.index);
            for print in page {
                if let Some(part) = Part::named(&print.part) {
                    index.add(print.id, part, PrintBits::from_bytes(print.bits));
                }
            }
            if all {
                break;
            }
        }
        Ok(remembered.index.clone())
    }

    async fn find(
        &self,
        case: &CaseId,
        piece: &ReusePiece,
        index: &Arc<PrintIndex>,
        checks: &ReuseChecks,
    ) -> Result<Found> {
        let (held, prints, checks) = (index.clone(), piece.prints.clone(), checks.clone());
        let near = self
            .look_at_media(move || {
                let near = prints.iter().map(|print| {
                    let bits = bits_of(print.part, &checks) as u32;
                    held.near(print, bits, NEAR_MAX)
                });
                near.collect::<Vec<_>>()
            })
            .await?;
        let mut found = Found::default();
        let mut reader = self.0.store.read().await?;
        for (place, near) in near.into_iter().enumerate() {
            for one in near {
                // What was erased since the index was read is not there any more.
                let print = reader.print(one.row).await?;
                if let Some(print) = print.filter(|print| print.evidence_id != piece.evidence) {
                    let distance = one.distance;
                    found.hits.push(Hit {
                        distance,
                        print,
                        place,
                    });
                }
            }
        }
        for (what, digest) in self.copy_digests(piece) {
            for copy in reader.copies(what, &digest, COPIES_MAX).await? {
                if copy.case_id != *case {
                    found.copies.insert(copy.case_id);
                } else if copy.evidence_id != piece.evidence && copy.kind == piece.kind.name() {
                    found.again = true;
                }
            }
        }
        Ok(found)
    }

    async fn explain(
        &self,
        row: &CaseRow,
        piece: &ReusePiece,
        found: &Found,
        checks: &ReuseChecks,
    ) -> Result<Vec<Finding>> {
        let mut findings = Vec::new();
        let (here, elsewhere): (Vec<&Hit>, Vec<&Hit>) = found
            .hits
            .iter()
            .partition(|hit| hit.print.case_id == row.id);
        findings.extend(again(piece, &here, found.again));
        let mut cases = found.copies.clone();
        for (code, hits) in by_code(piece, &elsewhere) {
            let nearest = hits.iter().min_by_key(|hit| hit.distance);
            let Some(nearest) = nearest else { continue };
            cases.extend(hits.iter().map(|hit| hit.print.case_id.clone()));
            let engine = format!("{REUSE_ENGINE}/{}", nearest.print.part);
            let part = piece.prints.get(nearest.place).map(|print| print.part);
            let bits = bits_of(part.unwrap_or(Part::Whole), checks);
            let mut finding = Finding::reviewer(code, Outcome::Unsure, &engine)
                .about(piece.kind)
                .measured(f64::from(nearest.distance), bits, "bits");
            if let Some(print) = piece.prints.get(nearest.place)
                && matches!(print.part, Part::Whole)
            {
                let stored = PrintBits::from_bytes(nearest.print.bits);
                finding.region = print.changed_region(stored);
            }
            findings.push(finding);
        }
        if !found.copies.is_empty() {
            let code = code_of_whole(piece.kind);
            let finding = Finding::reviewer(code, Outcome::Unsure, COPY_ENGINE).about(piece.kind);
            findings.push(finding.measured(0.0, checks.bits, "bits"));
        }
        if !cases.is_empty() {
            let finding = Finding::reviewer("reuse.cases", Outcome::Unsure, REUSE_ENGINE);
            let count = f64::from(u32::try_from(cases.len()).unwrap_or(u32::MAX));
            findings.push(finding.about(piece.kind).measured(count, 0.0, "cases"));
        }
        if self.own_earlier(row, &found.copies).await? {
            let retake = Finding::applicant("image.older_case", Outcome::Retake, COPY_ENGINE);
            findings.push(retake.about(piece.kind));
        }
        Ok(findings)
    }

    /// Whether an exact copy is in an earlier case under the same proved address. Only then may
    /// the applicant hear of it: the account alone proves nothing, and would tell a stranger that
    /// somebody asked for it before.
    async fn own_earlier(&self, row: &CaseRow, cases: &BTreeSet<CaseId>) -> Result<bool> {
        if row.contact_index.is_none() {
            return Ok(false);
        }
        let mut reader = self.0.store.read().await?;
        for case in cases {
            let other = reader.case_row(case).await?;
            let same = |other: &CaseRow| {
                other.contact_index == row.contact_index && other.opened_at < row.opened_at
            };
            if other.as_ref().is_some_and(same) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Bits up to which prints of a part are near. Faces brought upright are dark and light in the same
/// places, so theirs are nearer to strangers'.
const fn bits_of(part: Part, checks: &ReuseChecks) -> f64 {
    match part {
        Part::Face => checks.face_bits,
        _ => checks.bits,
    }
}

/// The applicant sent the same picture of this kind before.
fn again(piece: &ReusePiece, here: &[&Hit], exact: bool) -> Option<Finding> {
    let nearest = here
        .iter()
        .filter(|hit| hit.print.kind == piece.kind.name())
        .filter(|hit| matches!(hit.print.part.as_str(), "whole" | "content"))
        .map(|hit| hit.distance)
        .min();
    let distance = match nearest {
        _ if exact => 0,
        Some(distance) if distance <= AGAIN_BITS => distance,
        _ => return None,
    };
    let finding = Finding::applicant("image.again", Outcome::Retake, REUSE_ENGINE);
    let (score, threshold) = (f64::from(distance), f64::from(AGAIN_BITS));
    Some(finding.about(piece.kind).measured(score, threshold, "bits"))
}

const fn code_of_whole(kind: EvidenceKind) -> &'static str {
    match kind {
        EvidenceKind::Video => "reuse.video",
        _ => "reuse.picture",
    }
}

/// The hits by the code that they are told under.
fn by_code<'a>(piece: &ReusePiece, hits: &[&'a Hit]) -> Vec<(&'static str, Vec<&'a Hit>)> {
    let with = |parts: &[&str]| -> Vec<&'a Hit> {
        let wanted = |hit: &&'a Hit| parts.contains(&hit.print.part.as_str());
        hits.iter().copied().filter(wanted).collect()
    };
    vec![
        ("reuse.picture", with(&["whole", "content"])),
        ("reuse.document", with(&["card"])),
        ("reuse.face", with(&["face"])),
        ("reuse.video", of_videos(piece, with(&["frame", "sound"]))),
    ]
}

/// Hits on videos of which most frames, or the sound, are near. Single frames of people before a
/// wall are alike.
fn of_videos<'a>(piece: &ReusePiece, hits: Vec<&'a Hit>) -> Vec<&'a Hit> {
    let frames = piece
        .prints
        .iter()
        .filter(|print| print.part == Part::Frame)
        .count();
    let mut places = BTreeMap::<&EvidenceId, BTreeSet<usize>>::new();
    for hit in hits.iter().filter(|hit| hit.print.part == "frame") {
        places
            .entry(&hit.print.evidence_id)
            .or_default()
            .insert(hit.place);
    }
    let most = |evidence: &EvidenceId| {
        let near = places.get(evidence).map_or(0, BTreeSet::len);
        near > 0 && near * FRAMES.1 >= frames * FRAMES.0
    };
    hits.iter()
        .copied()
        .filter(|hit| hit.print.part == "sound" || most(&hit.print.evidence_id))
        .collect()
}
