//! Reviewers: taking a case at random, looking at it, deciding.

mod contest;
mod file;

use platform::contract::Dossier;
use rand::Rng as _;
use recovery::actor::{Actor, Rank};
use recovery::case::{Assigned, Case, Command, Part, Refusal, Verdict};
use recovery::evidence::EvidenceKind;
use recovery::id::{AssignmentId, CaseId};
use recovery::sensitive::Sensitive;
use recovery::time::Timestamp;

use crate::engine::{Engine, Rules};
use crate::error::{EngineError, Result};
use crate::handle::Attached;
use crate::inputs::VerdictForm;
use crate::record::piece;
use crate::views::{Exhibit, Revealed, Shown, StaffMember, WorkRow, WorkView};
use crate::{media, summary};

/// Among how many of the most urgent cases one is drawn at random (B9).
const DRAW_FROM: u32 = 10;
/// Draws before "nothing waits for you": each draw may meet a conflict or a colleague.
const DRAWS_MAX: usize = 20;
/// Steps of a case page whose opinions are kept.
const STEPS: [&str; 6] = ["1", "2", "3", "4", "5", "6"];
/// Characters of an opinion: codes, not essays.
const OPINION_MAX: usize = 200;

fn actor(staff: &StaffMember) -> Actor {
    Actor::Reviewer {
        id: staff.id.clone(),
        rank: staff.rank,
    }
}

const fn parts_for(rank: Rank) -> &'static [Part] {
    match rank {
        Rank::Reviewer => &[Part::First, Part::Second],
        Rank::Senior => &[Part::Contest, Part::Senior, Part::Second, Part::First],
    }
}

impl Engine {
    /// The work page.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn work(&self, staff: &StaffMember) -> Result<WorkView> {
        let now = self.now().await?;
        let mut reader = self.0.store.read().await?;
        let held = reader.open_assignments(&staff.id).await?;
        let mut waiting = 0;
        let mut oldest_since: Option<Timestamp> = None;
        for part in parts_for(staff.rank) {
            waiting += reader.waiting_count(part.name()).await?;
            let first = reader.waiting_for(part.name(), Some(&staff.id), 1).await?;
            let since = first.first().map(|row| row.changed_at);
            oldest_since = [oldest_since, since].into_iter().flatten().min();
        }
        drop(reader);
        let mut rows = Vec::with_capacity(held.len());
        for assignment in held {
            let case = self.case(&assignment.case_id).await?;
            let rules = self.rules(case.policy_version).await?;
            if let Some(held) = case.review.assigned.as_ref().filter(|a| a.until > now) {
                rows.push(work_row(&case, &rules, held));
            }
        }
        rows.sort_by_key(|row| row.due);
        Ok(WorkView {
            rows,
            waiting,
            oldest_since,
            now,
        })
    }

    /// Takes a case at random among the most urgent ones this person may decide.
    ///
    /// # Errors
    /// [`Refusal::TooManyHeld`] when as many are held as policy allows.
    pub async fn take_next(&self, staff: &StaffMember) -> Result<Option<CaseId>> {
        let mut passed_over: Vec<CaseId> = Vec::new();
        for _ in 0..DRAWS_MAX {
            let Some(id) = self.draw(staff, &passed_over).await? else {
                return Ok(None);
            };
            let now = self.now().await?;
            let assignment = self.random(|rng| AssignmentId::new(now, rng));
            let command = Command::Assign { assignment };
            match self
                .handle(&id, &actor(staff), &command, &Attached::default())
                .await
            {
                Ok(_) => return Ok(Some(id)),
                Err(EngineError::Refused(Refusal::TooManyHeld)) => {
                    return Err(Refusal::TooManyHeld.into());
                }
                Err(EngineError::Refused(_) | EngineError::MovedOn) => passed_over.push(id),
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    async fn draw(&self, staff: &StaffMember, without: &[CaseId]) -> Result<Option<CaseId>> {
        let mut reader = self.0.store.read().await?;
        for part in parts_for(staff.rank) {
            let rows = reader
                .waiting_for(part.name(), Some(&staff.id), DRAW_FROM)
                .await?;
            let open: Vec<_> = rows
                .iter()
                .filter(|row| !without.contains(&row.id))
                .collect();
            // Junk is only drawn when nothing else waits: the first row sets the lane.
            let Some(lane) = open.first().map(|row| row.priority) else {
                continue;
            };
            let lane: Vec<_> = open
                .into_iter()
                .filter(|row| row.priority == lane)
                .collect();
            let place = self.random(|rng| rng.next_u64()) as usize % lane.len().max(1);
            return Ok(lane.get(place).map(|row| row.id.clone()));
        }
        Ok(None)
    }

    /// The case, if this person holds it with its lease in force.
    async fn held(&self, staff: &StaffMember, id: &CaseId) -> Result<(Case, Assigned)> {
        let case = self.case(id).await?;
        let now = self.now().await?;
        let held = case.review.assigned.clone();
        match held.filter(|held| held.reviewer == staff.id && held.until > now) {
            Some(held) => Ok((case, held)),
            None => Err(EngineError::NotFound),
        }
    }

    /// Hands a case back, to be given to somebody else.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] when this person does not hold it.
    pub async fn hand_back(&self, staff: &StaffMember, id: &CaseId, conflict: bool) -> Result<()> {
        let (_, held) = self.held(staff, id).await?;
        let command = Command::HandBack {
            assignment: held.assignment,
            conflict,
        };
        self.handle(id, &actor(staff), &command, &Attached::default())
            .await?;
        Ok(())
    }

    /// Records that something is looked at, before it is shown.
    pub(super) async fn record_view(
        &self,
        staff: &StaffMember,
        id: &CaseId,
        subject: &str,
        reason: &str,
    ) -> Result<(Case, Assigned)> {
        let (_, held) = self.held(staff, id).await?;
        let command = Command::View {
            assignment: held.assignment.clone(),
            subject: subject.to_owned(),
            reason: reason.to_owned(),
        };
        let case = self
            .handle(id, &actor(staff), &command, &Attached::default())
            .await?;
        Ok((case, held))
    }

    /// Shows one exhibit; the look is recorded first.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] for what is not this case's, or when it is not held.
    pub async fn show(
        &self,
        staff: &StaffMember,
        id: &CaseId,
        exhibit: Exhibit,
        reason: &str,
    ) -> Result<Shown> {
        let subject = match &exhibit {
            Exhibit::Picture(evidence) => evidence.to_string(),
            Exhibit::Frame(place) => format!("frame-{place}"),
            Exhibit::Video => "video".to_owned(),
            Exhibit::Portrait => "portrait".to_owned(),
            Exhibit::Shown(what) => format!("shown-{}", what.name()),
        };
        let (case, _) = self.record_view(staff, id, &subject, reason).await?;
        let name = match exhibit {
            Exhibit::Picture(evidence) => {
                let item = case.evidence_with(&evidence).ok_or(EngineError::NotFound)?;
                return self.copy_of(id, item).await;
            }
            Exhibit::Video => {
                let item = case
                    .evidence_of(EvidenceKind::Video)
                    .ok_or(EngineError::NotFound)?;
                return self.copy_of(id, item).await;
            }
            Exhibit::Frame(place) => {
                media::frame_name(usize::try_from(place).unwrap_or(usize::MAX))?
            }
            Exhibit::Portrait => media::portrait_name()?,
            Exhibit::Shown(what) => media::shown_name(what)?,
        };
        let media_type = match exhibit {
            Exhibit::Shown(what) => what.media_type(),
            _ => "image/jpeg",
        };
        let bytes = self.0.vault.get_object(id, &name).await?;
        Ok(Shown {
            media_type: media_type.to_owned(),
            bytes: bytes.to_vec(),
        })
    }

    /// Reveals one masked field; recorded with its reason first. The field `addresses` is what the
    /// applicant typed, as far as an explorer is configured for it.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] for an unknown field, and for one without a value.
    pub async fn reveal(
        &self,
        staff: &StaffMember,
        id: &CaseId,
        field: &str,
        reason: &str,
    ) -> Result<Vec<Revealed>> {
        let values = match field {
            "addresses" => self.explorer_links(id).await?,
            _ => vec![self.document_field(id, field).await?],
        };
        if values.is_empty() {
            return Err(EngineError::NotFound);
        }
        self.record_view(staff, id, &format!("field.{field}"), reason)
            .await?;
        Ok(values)
    }

    /// A field of the verified document.
    async fn document_field(&self, id: &CaseId, field: &str) -> Result<Revealed> {
        let dossier: Option<Dossier> = self.unseal(id, piece::DOSSIER).await?;
        let document = dossier.and_then(|dossier| dossier.document);
        let document = document.ok_or(EngineError::NotFound)?;
        let value = match field {
            "name" => document.name,
            "birth_date" => document.birth_date,
            "document_number" => document.number,
            _ => return Err(EngineError::NotFound),
        };
        let explorer = None;
        Ok(Revealed { value, explorer })
    }

    /// Keeps a reviewer's own answer to a step, sealed, before the software's is shown.
    ///
    /// # Errors
    /// [`EngineError::Input`] for an unknown step.
    pub async fn save_opinion(
        &self,
        staff: &StaffMember,
        id: &CaseId,
        step: &str,
        answer: &str,
    ) -> Result<()> {
        let (_, held) = self.held(staff, id).await?;
        if !STEPS.contains(&step) || answer.is_empty() || answer.len() > OPINION_MAX {
            return Err(EngineError::Input {
                field: "answer",
                code: "answer",
                sentence: "Choose what you see".to_owned(),
            });
        }
        let name = opinions_name(&held);
        let kept: Option<Vec<(String, String)>> = self.unseal(id, &name).await?;
        let mut kept = kept.unwrap_or_default();
        kept.retain(|(known, _)| known != step);
        kept.push((step.to_owned(), answer.to_owned()));
        let sealed = self.seal(id, &name, &kept).await?;
        let mut tx = self.0.store.begin().await?;
        tx.put_sealed(id, &name, &sealed).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Decides. The note is sealed; only its length reaches the rules.
    ///
    /// # Errors
    /// The refusals of the rules: codes, answers, note, exception, conflict.
    pub async fn give_verdict(
        &self,
        staff: &StaffMember,
        id: &CaseId,
        form: VerdictForm,
    ) -> Result<()> {
        let (_, held) = self.held(staff, id).await?;
        let attached = self.sealed_note(id, &held, &form.note).await?;
        let verdict = Verdict {
            decision: form.decision,
            codes: form.codes,
            answers: form.answers,
            items: form.items,
            note_characters: u32::try_from(form.note.reveal().chars().count()).unwrap_or(u32::MAX),
            exception: form.exception,
        };
        let command = Command::GiveVerdict {
            assignment: held.assignment,
            verdict,
        };
        self.handle(id, &actor(staff), &command, &attached).await?;
        Ok(())
    }

    async fn sealed_note(
        &self,
        id: &CaseId,
        held: &Assigned,
        note: &Sensitive<String>,
    ) -> Result<Attached> {
        let name = format!("note.{}", held.assignment);
        let sealed = self.seal(id, &name, note).await?;
        Ok(Attached {
            named: vec![(name, sealed)],
            ..Attached::default()
        })
    }
}

fn opinions_name(held: &Assigned) -> String {
    format!("opinions.{}", held.assignment)
}

fn work_row(case: &Case, rules: &Rules, held: &Assigned) -> WorkRow {
    let required = &rules.policy.gathering.required;
    let done = required
        .iter()
        .filter(|kind| case.evidence_of(**kind).is_some())
        .count();
    WorkRow {
        case: case.id.clone(),
        code: case.code.to_string(),
        part: held.part,
        assignment: held.assignment.clone(),
        lease_until: held.until,
        due: summary::due(case, rules),
        parts_done: u32::try_from(done).unwrap_or(0),
        parts_all: u32::try_from(required.len()).unwrap_or(0),
        changed_at: case.changed_at,
    }
}
