//! Mails to the applicant's proved address; and which of a case's messages is which.

use notify::{MailError, Message, MessageCode};
use recovery::case::{Case, EndReason, Notice};
use recovery::id::CaseId;
use recovery::sensitive::Sensitive;
use recovery::time::Timestamp;
use store::{NewMessage, failpoint};

use super::words::About;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::handle::rebuild;
use crate::record::{OriginRecord, piece};
use crate::worker::{Done, Later};

impl Engine {
    pub(crate) async fn send(
        &self,
        id: &CaseId,
        notice: Notice,
        code: &MessageCode,
        (version, at): (u64, Timestamp),
    ) -> Result<Done, Later> {
        let Some(case) = self.case_at(id, version).await? else {
            return Ok(Done::nothing());
        };
        let rules = self.rules(case.policy_version).await?;
        let origin: Option<OriginRecord> = self.unseal(id, piece::ORIGIN).await?;
        let about = About {
            engine: self,
            case: &case,
            rules: &rules,
            origin,
            now: at,
            joined: match &case.end {
                Some(EndReason::Merged { into }) => Some(self.case(into).await?.code),
                _ => None,
            },
        };
        if notice.is_for_holder() {
            return about.to_holder(notice, code).await;
        }
        let Some(message) = about.mail(notice) else {
            return Ok(Done::nothing());
        };
        self.mail(&case, &message, code).await
    }

    /// The case as it was at a version, unless its data is gone by now.
    async fn case_at(&self, id: &CaseId, version: u64) -> Result<Option<Case>, EngineError> {
        let loaded = self.0.store.read().await?.load(id).await?;
        let mut loaded = loaded.ok_or(EngineError::NotFound)?;
        if rebuild(&loaded)?.erased_at.is_some() {
            return Ok(None);
        }
        loaded
            .events
            .truncate(usize::try_from(version).unwrap_or(usize::MAX));
        rebuild(&loaded).map(Some)
    }

    /// Mails the applicant. Sent again under the same code until the server takes it.
    async fn mail(
        &self,
        case: &Case,
        message: &Message,
        code: &MessageCode,
    ) -> Result<Done, Later> {
        let contact: Option<Sensitive<String>> = self.unseal(&case.id, piece::CONTACT).await?;
        let Some(contact) = contact else {
            return Ok(Done::nothing());
        };
        self.deliver(case, &contact, message, code).await?;
        failpoint("mail.accepted");
        Ok(Done {
            handed_over: Some(code.as_str().to_owned()),
            ..Done::default()
        })
    }

    /// Renders, notes the code so that the message can be checked, and hands it to the server.
    pub(crate) async fn deliver(
        &self,
        case: &Case,
        to: &Sensitive<String>,
        message: &Message,
        code: &MessageCode,
    ) -> Result<(), EngineError> {
        let rendered = notify::render(&self.0.brand, message, code);
        self.note_message(case, message.id(), "email", &rendered)
            .await?;
        match self.0.mailer.deliver(to, &rendered).await {
            Ok(_) => Ok(()),
            Err(error @ MailError::Permanent { .. }) => {
                // Nobody can be told at that address; the status page still tells everything.
                tracing::warn!(case = %case.id, error = %error, "a mail was refused for good");
                Ok(())
            }
            Err(error) => {
                tracing::warn!(case = %case.id, error = %error, "a mail was not taken");
                Err(EngineError::Unavailable {
                    what: "the mail server",
                })
            }
        }
    }

    pub(super) async fn note_message(
        &self,
        case: &Case,
        kind: &str,
        channel: &str,
        rendered: &notify::Rendered,
    ) -> Result<(), EngineError> {
        let fingerprint = notify::fingerprint(rendered);
        let mut tx = self.0.store.begin().await?;
        tx.put_message(&NewMessage {
            code: rendered.code.as_str(),
            case_id: Some(&case.id),
            kind,
            channel,
            fingerprint: &fingerprint.0,
        })
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// A page of ours.
    pub(crate) fn link(&self, path: &str) -> Sensitive<String> {
        let url = self.0.settings.origin.join(path);
        Sensitive::new(url.map_or_else(|_| path.to_owned(), |url| url.to_string()))
    }
}
