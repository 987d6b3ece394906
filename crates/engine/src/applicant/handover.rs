//! Binding new credentials: ticket and key first. Password, authenticator, passkey and recovery
//! codes are next door.

use std::collections::BTreeSet;

use platform::contract::{CredentialsRequest, EARLIER_HANDOVER, EnrolAt, StagedCredentials};
use recovery::actor::Actor;
use recovery::case::{Case, Command, CredentialKind, Proof, Refusal, SecuringAction, State};
use recovery::id::{AccountRef, CaseId};
use recovery::sensitive::Sensitive;
use recovery::time::Timestamp;
use store::{SecretDigest, Tx};

use super::new_passkey::page_of;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::handle::{Attached, rebuild};
use crate::inputs::{BegunHandover, ShownBeside};
use crate::mirror::TICKET;
use crate::record::piece;
use crate::views::HandoverView;

/// A handover that is under way.
pub(super) struct UnderWay {
    pub(super) case: Case,
    pub(super) account: AccountRef,
    /// Tells this handover from others of the case.
    pub(super) begun_at: Timestamp,
}

impl UnderWay {
    /// Records that a credential is bound; refused where another handover began meanwhile.
    pub(super) const fn enrol(&self, credential: CredentialKind) -> Command {
        let begun_at = self.begun_at;
        Command::Enrol {
            credential,
            begun_at,
        }
    }
}

impl Engine {
    /// Which case a handover link belongs to; looking changes nothing.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn peek_ticket(&self, token: &str) -> Result<Option<CaseId>> {
        let digest = SecretDigest::of(token.as_bytes());
        let found = self
            .0
            .store
            .read()
            .await?
            .peek_secret(&digest, TICKET)
            .await?;
        Ok(found.and_then(|secret| secret.case_id))
    }

    /// Spends the ticket, if the case key or a fresh face fits too: mail alone is never enough. One
    /// answer for a wrong ticket and a wrong proof.
    ///
    /// # Errors
    /// [`EngineError::Limited`] after many tries, and the refusals of the rules.
    pub async fn begin_handover(
        &self,
        token: &str,
        shown: ShownBeside<'_>,
    ) -> Result<Option<BegunHandover>> {
        let Some(id) = self.peek_ticket(token).await? else {
            return Ok(None);
        };
        self.allow(&format!("handover/{id}"), 10, 30).await?;
        let (fits, proof) = match shown {
            ShownBeside::CaseKey(key) => (self.key_fits(&id, key).await?, Proof::CaseKey),
            ShownBeside::Face(session) => {
                let fits = self.face_passed_in(&id, session).await?;
                (fits, Proof::FreshFace)
            }
        };
        if !fits {
            return Ok(None);
        }
        // The event takes the ticket back in its own transaction, so it is spent exactly once.
        let command = Command::BeginHandover { proof };
        match self
            .handle(&id, &Actor::Applicant, &command, &Attached::default())
            .await
        {
            Ok(case) => Ok(case
                .handover
                .begun_at
                .map(|begun_at| BegunHandover { case: id, begun_at })),
            Err(EngineError::Refused(Refusal::TooLate | Refusal::ProofMissing)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Mails a new handover link; the old one dies.
    ///
    /// # Errors
    /// The refusals of the rules; [`EngineError::Limited`] when asked often.
    pub async fn send_ticket_again(&self, id: &CaseId) -> Result<()> {
        self.allow(&format!("ticket/{id}"), 3, 6).await?;
        self.handle(
            id,
            &Actor::Applicant,
            &Command::IssueTicket,
            &Attached::default(),
        )
        .await?;
        Ok(())
    }

    /// How far the handover is.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] when another one began since.
    pub async fn handover_view(&self, of: &BegunHandover) -> Result<HandoverView> {
        let id = &of.case;
        let case = self.case(id).await?;
        if case.handover.begun_at != Some(of.begun_at) {
            return Err(EngineError::NotFound);
        }
        let rules = self.rules(case.policy_version).await?;
        let done = |kind| case.handover.enrolled.contains(&kind);
        let passkey_done = done(CredentialKind::Passkey);
        let codes_done = done(CredentialKind::RecoveryCodes);
        // Nobody is asked once there is nothing left to make.
        let due = case.handover.completed_at.is_none() && !(passkey_done && codes_done);
        let capabilities = if due {
            Some(self.0.platform.capabilities().await?)
        } else {
            None
        };
        let open = capabilities.as_ref().filter(|_| !passkey_done);
        let handle = self.derived_token("passkey_user", id.as_str());
        Ok(HandoverView {
            handover: of.clone(),
            code: case.code.to_string(),
            password_done: done(CredentialKind::Password),
            totp_done: done(CredentialKind::Totp),
            passkey_done,
            passkey_required: rules.policy.handover.passkey_required,
            passkey_party: open.and_then(|known| self.passkey_party(known)),
            passkey_at_platform: open.is_some_and(|known| page_of(known).is_some()),
            codes_due: !codes_done
                && capabilities.as_ref().and_then(|known| known.recovery_codes)
                    == Some(EnrolAt::AtRegain),
            codes_done,
            user_handle: data_encoding::HEXLOWER
                .decode(handle.reveal().as_bytes())
                .unwrap_or_default(),
            completed: case.handover.completed_at.is_some(),
            wait_until: case.wait.as_ref().and_then(|wait| wait.until),
        })
    }

    /// A handover, if it is under way.
    pub(super) async fn handing_over(&self, of: &BegunHandover) -> Result<UnderWay> {
        let case = self.case(&of.case).await?;
        let open = case.state == State::CoolingOff
            && case.handover.begun_at == Some(of.begun_at)
            && case.handover.completed_at.is_none();
        match case.account.clone() {
            Some(account) if open => Ok(UnderWay {
                case,
                account,
                begun_at: of.begun_at,
            }),
            _ => Err(Refusal::HandoverOpen.into()),
        }
    }

    /// A transaction beside which no other handover of the case begins: what is kept in it is kept
    /// for the newest one.
    pub(super) async fn during(&self, under_way: &UnderWay) -> Result<Tx> {
        let mut tx = self.0.store.begin().await?;
        let loaded = tx.load(&under_way.case.id).await?;
        let case = rebuild(&loaded.ok_or(EngineError::NotFound)?)?;
        if case.handover.begun_at != Some(under_way.begun_at) {
            tx.rollback().await?;
            return Err(Refusal::HandoverOpen.into());
        }
        Ok(tx)
    }

    /// Stages what `fill` names, and records it. With the first of a handover goes all that one
    /// begun before had staged; with the last, all that was not recorded.
    pub(super) async fn stage(
        &self,
        under_way: &UnderWay,
        kind: CredentialKind,
        fill: impl FnOnce(&mut CredentialsRequest),
    ) -> Result<()> {
        let UnderWay { case, account, .. } = under_way;
        let id = &case.id;
        let mut bound = case.handover.enrolled.clone();
        let mut request = CredentialsRequest {
            keep: bound.is_empty().then(StagedCredentials::default),
            ..CredentialsRequest::nothing(self.new_token().reveal(), under_way.begun_at)
        };
        fill(&mut request);
        let platform = &self.0.platform;
        let staged = match platform.stage_credentials(account, id, &request).await {
            // Another one began since this was looked up.
            Err(error) if error.is(EARLIER_HANDOVER) => return Err(Refusal::HandoverOpen.into()),
            answer => answer?,
        };
        bound.insert(kind);
        if request.keep.is_some() && staged != staged_of(&bound) {
            tracing::error!(case = %id, "the platform did not take away what was staged before");
            return Err(EngineError::Unavailable {
                what: "the platform's word on what is staged",
            });
        }
        let command = under_way.enrol(kind);
        self.handle(id, &Actor::Applicant, &command, &Attached::default())
            .await?;
        Ok(())
    }

    /// Finishes: the proved address becomes the account's, everything old is suspended.
    ///
    /// # Errors
    /// [`Refusal::CredentialsMissing`] while something is missing.
    pub async fn complete_handover(&self, of: &BegunHandover) -> Result<()> {
        let under_way = self.handing_over(of).await?;
        let id = &of.case;
        let email: Option<Sensitive<String>> = self.unseal(id, piece::CONTACT).await?;
        let email = email.ok_or(EngineError::NotFound)?;
        let capabilities = self.0.platform.capabilities().await?;
        self.stage(&under_way, CredentialKind::Email, |r| {
            r.email = Some(email);
            r.keep = Some(staged_of(&under_way.case.handover.enrolled));
        })
        .await?;
        let securing = capabilities
            .securing
            .iter()
            .map(|name| SecuringAction(name.as_str().to_owned()))
            .collect();
        let attached = Attached {
            securing,
            ..Attached::default()
        };
        self.handle(id, &Actor::Applicant, &Command::CompleteHandover, &attached)
            .await?;
        Ok(())
    }
}

fn staged_of(bound: &BTreeSet<CredentialKind>) -> StagedCredentials {
    let has = |kind| bound.contains(&kind);
    StagedCredentials {
        email: has(CredentialKind::Email),
        password: has(CredentialKind::Password),
        totp: has(CredentialKind::Totp),
        passkey: has(CredentialKind::Passkey),
        recovery_codes: has(CredentialKind::RecoveryCodes),
    }
}
