//! The other side of a contested case, as its seniors see it (UX.md D7): what it showed and how
//! old its channels are, never an address of anybody.

use platform::contract::{ChannelKind, Dossier};
use recovery::actor::ChannelRef;
use recovery::case::{Case, Command, Side, State, Stop, StopCause, Winner};
use recovery::evidence::{Capture, EvidenceItem};
use recovery::id::CaseId;
use recovery::sensitive::Sensitive;

use super::actor;
use crate::engine::{Engine, Rules};
use crate::error::Result;
use crate::handle::Attached;
use crate::holder::ON_PAPER;
use crate::record::piece;
use crate::views::{ChannelAge, ContestFile, Objector, OtherSide, RivalSide, StaffMember};

/// By which platforms name a holder who signed in to object.
const SIGN_IN: &str = "sign_in";

const fn word(kind: ChannelKind) -> &'static str {
    match kind {
        ChannelKind::Email => "email",
        ChannelKind::Sms => "sms",
        ChannelKind::Push => "push",
        ChannelKind::InApp => "in_app",
        ChannelKind::RecoveryContact => "recovery_contact",
        ChannelKind::Other => "other",
    }
}

impl Engine {
    /// Decides a contested case as one of two seniors.
    ///
    /// # Errors
    /// The refusals of the rules.
    pub async fn vote(
        &self,
        staff: &StaffMember,
        id: &CaseId,
        winner: Winner,
        note: Sensitive<String>,
        exception: Option<String>,
    ) -> Result<()> {
        let (_, held) = self.held(staff, id).await?;
        let attached = self.sealed_note(id, &held, &note).await?;
        let command = Command::Vote {
            assignment: held.assignment,
            winner,
            exception,
        };
        self.handle(id, &actor(staff), &command, &attached).await?;
        Ok(())
    }

    /// Asks one side for more before anybody decides; each side once.
    ///
    /// # Errors
    /// The refusals of the rules.
    pub async fn ask_proof(&self, staff: &StaffMember, id: &CaseId, side: Side) -> Result<()> {
        let (_, held) = self.held(staff, id).await?;
        let command = Command::AskProof {
            assignment: held.assignment,
            side,
        };
        self.handle(id, &actor(staff), &command, &Attached::default())
            .await?;
        Ok(())
    }

    pub(super) async fn contest_file(
        &self,
        case: &Case,
        rules: &Rules,
        dossier: Option<&Dossier>,
    ) -> Result<Option<ContestFile>> {
        let Some(stop) = case
            .stop
            .as_ref()
            .filter(|_| case.state == State::Contested)
        else {
            return Ok(None);
        };
        let other = match &stop.cause {
            StopCause::Veto { channel } => {
                OtherSide::Objector(self.objector(case, stop, channel, dossier).await?)
            }
            StopCause::Rival { case: rival } => {
                OtherSide::Rival(Box::new(self.rival_side(rival).await?))
            }
        };
        let rule = &rules.policy.contest;
        Ok(Some(ContestFile {
            stopped_at: stop.at,
            evidence_until: stop.evidence_until,
            asked: stop.asked.clone(),
            contact_since: case.contact.as_ref().map(|contact| contact.proved_at),
            seniors_for_applicant: rule.for_applicant(stop.has_live_factor()),
            seniors: rule.against_applicant(),
            other,
        }))
    }

    async fn objector(
        &self,
        case: &Case,
        stop: &Stop,
        channel: &ChannelRef,
        dossier: Option<&Dossier>,
    ) -> Result<Objector> {
        let known = dossier.map_or(&[][..], |dossier| &dossier.channels);
        let before = known
            .iter()
            .filter(|channel| channel.known_since < case.opened_at);
        let used = known.iter().find(|known| known.id == channel.0);
        let by = match channel.0.as_str() {
            ON_PAPER => ON_PAPER,
            SIGN_IN => SIGN_IN,
            _ => used.map_or("other", |known| word(known.kind)),
        };
        let said: Option<Sensitive<String>> = self.unseal(&case.id, piece::TAKEN_BACK).await?;
        let taken_back = stop.taken_back.as_ref().map(|(_, at)| *at);
        Ok(Objector {
            by,
            channels: before
                .map(|channel| ChannelAge {
                    kind: word(channel.kind),
                    known_since: channel.known_since,
                })
                .collect(),
            shown: stop
                .live_factors
                .iter()
                .map(|shown| (shown.factor, shown.at))
                .collect(),
            taken_back: taken_back.map(|at| (at, said.unwrap_or_default())),
        })
    }

    async fn rival_side(&self, id: &CaseId) -> Result<RivalSide> {
        let rival = self.case(id).await?;
        let grounds = rival.grounds.clone();
        let live = |item: &EvidenceItem| item.capture == Capture::Live;
        Ok(RivalSide {
            opened_at: rival.opened_at,
            contact_since: rival.contact.as_ref().map(|contact| contact.proved_at),
            all_live: rival.evidence.iter().all(live),
            clues: grounds
                .as_ref()
                .map(|g| g.clues.clone())
                .unwrap_or_default(),
            signals: grounds.map(|grounds| grounds.signals).unwrap_or_default(),
            findings: rival.findings,
        })
    }
}
