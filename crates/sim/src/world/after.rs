//! After an approval: freeze, handover, and the holder who may object.

use recovery::actor::{Actor, ChannelRef};
use recovery::case::{Command, CredentialKind, Proof, Refusal};
use recovery::restriction::{Mode, mode_of};
use recovery::time::Span;

use super::Run;
use crate::agenda::Doing;
use crate::keys::{Pace, Trait, Watch};
use crate::showing::Showing;

/// When somebody tries again for whom the freeze was not in force yet.
const TRY_AGAIN: Span = Span::hours(1);
/// What a new account's handover binds.
const CREDENTIALS: [CredentialKind; 4] = [
    CredentialKind::Email,
    CredentialKind::Password,
    CredentialKind::Totp,
    CredentialKind::Passkey,
];

impl Run<'_> {
    pub(super) fn frozen(&mut self) -> Result<(), Refusal> {
        let mode = self.case.as_ref().map_or(Mode::None, mode_of);
        let version = self.seq;
        self.send(
            &Actor::System,
            &Command::AcknowledgeFreeze { version, mode },
        )
    }

    /// The mail with the ticket is there.
    pub(super) fn may_hand_over(&mut self) {
        let never = self.who.trait_of(self.scene.model, Trait::HandoverNever);
        if self.who.never_hands_over < never {
            return;
        }
        let after = self.draw_hours(Pace::Handover);
        self.agenda.add(self.now + after, Doing::HandOver);
    }

    pub(super) fn hands_over(&mut self) -> Result<(), Refusal> {
        let applicant = Actor::Applicant;
        if self.who.mail_is_read_by_another() {
            // The mail is read by somebody who has no case key: they come first.
            let proof = Proof::None;
            if self
                .send(&applicant, &Command::BeginHandover { proof })
                .is_ok()
            {
                self.outcome.strangers_handover = true;
            }
        }
        let proof = self.proof();
        match self.send(&applicant, &Command::BeginHandover { proof }) {
            Err(Refusal::TooLate) => {
                // The ticket is old: a new one, and on with that.
                return self.send(&applicant, &Command::IssueTicket);
            }
            Err(Refusal::FreezeOpen | Refusal::ProofMissing) => {
                self.agenda.add(self.now + TRY_AGAIN, Doing::HandOver);
                return Ok(());
            }
            other => other?,
        }
        let begun_at = self.now;
        for credential in CREDENTIALS {
            let enrol = Command::Enrol {
                credential,
                begun_at,
            };
            self.send(&applicant, &enrol)?;
        }
        self.send(&applicant, &Command::CompleteHandover)
    }

    fn proof(&mut self) -> Proof {
        let model = self.scene.model;
        if self.who.loses_key >= self.who.trait_of(model, Trait::KeyLost) {
            return Proof::CaseKey;
        }
        let values = self.who.values(model);
        let findings = Showing::fresh_face(values, &mut self.who.deeds);
        match self.send(&Actor::System, &Command::ShowFace { findings }) {
            Ok(()) => Proof::FreshFace,
            Err(_) => Proof::None,
        }
    }

    /// A notice to the holder. Of an attacked account: who reads a channel objects there after a
    /// while. Of an honest request: now and then somebody else reads it.
    pub(super) fn warns_holder(&mut self) {
        let watch = &self.scene.model.watch;
        if !self.who.attacks() {
            let wrongly = self.who.watcher.absent < watch.of(Watch::ObjectsWrongly);
            if wrongly && !self.objected {
                self.objected = true;
                let after = self.who.watch.hours(watch.of(Watch::MailHours));
                self.agenda.add(self.now + after, Doing::Veto("mail"));
            }
            return;
        }
        for (channel, after) in self.who.objections(watch) {
            let veto = Doing::Veto(channel);
            if !self.agenda.holds(&veto) {
                self.agenda.add(self.now + after, veto);
            }
        }
    }

    pub(super) fn vetoes(&mut self, channel: &'static str) -> Result<(), Refusal> {
        let channel = ChannelRef(channel.to_owned());
        let actor = Actor::Holder {
            channel: channel.clone(),
        };
        self.send(&actor, &Command::Veto { channel })
    }
}
