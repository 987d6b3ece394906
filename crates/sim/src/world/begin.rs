//! From opening to sending, what the checks answer, and what is sent again.

use recovery::actor::Actor;
use recovery::case::{Command, Pathway, Refusal, Resolution, State};
use recovery::evidence::{Capture, EvidenceItem, EvidenceKind};
use recovery::id::{AccountRef, BlindIndex, CaseCode, ContentDigest, EvidenceId};
use recovery::risk::{Lane, of_case};

use super::Run;
use crate::agenda::Doing;
use crate::keys::{Pace, Trait};

/// Bytes of a piece; no rule looks at them.
const BYTES: u64 = 1_000_000;

impl Run<'_> {
    /// Opens, gathers and sends.
    pub(super) fn begins(&mut self) -> Result<(), Refusal> {
        let code = CaseCode::new(&mut self.who.names.rng);
        let text = |words: &str| words.to_owned();
        let open = Command::Open {
            code,
            language: text("en"),
            entry: text("login"),
        };
        let consent = Command::GiveConsent {
            text_version: text("1"),
            language: text("en"),
        };
        let index = BlindIndex(text("account"));
        let address = BlindIndex(format!("address{}", self.earlier));
        let account = AccountRef(text("account"));
        let applicant = Actor::Applicant;
        self.send(&applicant, &open)?;
        self.send(&applicant, &consent)?;
        self.send(&applicant, &Command::GiveIdentifier { index })?;
        self.send(&applicant, &Command::ProveContact { index: address })?;
        let resolution = Resolution::Known { account };
        self.send(&Actor::System, &Command::ResolveAccount { resolution })?;
        let never = self.who.trait_of(self.scene.model, Trait::NeverSends);
        if self.who.deeds.chance(never) {
            return Ok(());
        }
        self.now = self.now + self.draw_hours(Pace::Gather);
        let values = self.who.values(self.scene.model);
        self.showing.take_all(values, &mut self.who.checks);
        self.adds_missing()?;
        let answered = self.grounds.clues.iter();
        let answered = answered.map(|one| one.clue.name().to_owned()).collect();
        self.send(&applicant, &Command::GiveClues { answered })?;
        self.submits()
    }

    fn submits(&mut self) -> Result<(), Refusal> {
        let pathway = Pathway::Remote;
        self.send(&Actor::Applicant, &Command::Submit { pathway })
    }

    fn missing(&self) -> Vec<EvidenceKind> {
        let case = self.case.as_ref();
        case.map_or(Vec::new(), |case| case.missing(self.scene.policy))
    }

    fn adds_missing(&mut self) -> Result<(), Refusal> {
        for kind in self.missing() {
            let item = EvidenceItem {
                id: EvidenceId::new(self.now, &mut self.who.names.rng),
                kind,
                capture: if self.showing.is_from_files() {
                    Capture::NotLive
                } else {
                    Capture::Live
                },
                // No rule looks into it; it only differs from all others of the case.
                digest: ContentDigest(format!("{:064x}", self.seq)),
                media_type: "image/jpeg".to_owned(),
                bytes: BYTES,
            };
            self.send(&Actor::Applicant, &Command::AddEvidence { item })?;
        }
        Ok(())
    }

    /// The checks answer.
    pub(super) fn checked(&mut self, round: u32) -> Result<(), Refusal> {
        let finish = Command::FinishChecks {
            round,
            findings: self.showing.findings(),
            grounds: self.grounds.clone(),
        };
        self.send(&Actor::System, &finish)?;
        let Some(case) = &self.case else {
            return Ok(());
        };
        if case.state == State::Reviewing {
            let rated = of_case(case, self.scene.policy);
            let lane = rated.map_or(Lane::Ordinary, |assessment| assessment.lane);
            self.outcome.lane.get_or_insert(lane);
            self.outcome.machine_passed |= case.passed_phase1;
        }
        Ok(())
    }

    /// Asked to send something again: some give up there.
    pub(super) fn asked_again(&mut self) {
        let gives_up = self.who.trait_of(self.scene.model, Trait::GivesUp);
        if self.who.deeds.chance(gives_up) {
            self.outcome.gave_up = true;
            return;
        }
        let after = self.draw_hours(Pace::Answer);
        self.agenda.add(self.now + after, Doing::Retake);
    }

    pub(super) fn retakes(&mut self) -> Result<(), Refusal> {
        let model = self.scene.model;
        for kind in self.missing() {
            let values = self.who.values(model);
            self.showing.take(kind, values, &mut self.who.checks);
        }
        self.adds_missing()?;
        self.submits()
    }

    /// Refused: an appeal goes to other people.
    pub(super) fn refused(&mut self) {
        let appeals = self.who.trait_of(self.scene.model, Trait::Appeals);
        let open = self.case.as_ref().is_some_and(|c| c.appeal_until.is_some());
        if self.who.deeds.chance(appeals) && open {
            let after = self.draw_hours(Pace::Answer);
            self.agenda.add(self.now + after, Doing::Appeal);
        }
    }

    /// Stopped by an objection: some dispute it.
    pub(super) fn disputed(&mut self) {
        let disputes = self.who.trait_of(self.scene.model, Trait::Disputes);
        if self.who.deeds.chance(disputes) {
            let after = self.draw_hours(Pace::Answer);
            self.agenda.add(self.now + after, Doing::Dispute);
        }
    }
}
