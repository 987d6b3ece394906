//! Messages: to the applicant's proved address by mail, to the holder's channels by the platform.

use notify::{MailError, Message, MessageCode};
use platform::contract::{NoticeKind, NoticeRequest};
use recovery::case::{Case, Command, EndReason, Notice};
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
        let Some(message) = about.message(notice) else {
            return Ok(Done::nothing());
        };
        if message.is_notice() {
            return about.to_holder(notice, &message, code).await;
        }
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

    async fn note_message(
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

impl About<'_> {
    /// Hands a notice to every channel known before the case, through the platform.
    async fn to_holder(
        &self,
        notice: Notice,
        message: &Message,
        code: &MessageCode,
    ) -> Result<Done, Later> {
        let Some(account) = &self.case.account else {
            return Ok(Done::nothing());
        };
        let engine = self.engine;
        let rendered = notify::render(&engine.0.brand, message, code);
        engine
            .note_message(self.case, message.id(), "notice", &rendered)
            .await?;
        let (token, notice_code) = engine.stop_secrets(self.case);
        // A text too long for one SMS is left out rather than cut: its code must stay whole.
        let short = self
            .short(notice)
            .and_then(|sms| notify::render_sms(&engine.0.brand, &sms).ok());
        let request = NoticeRequest {
            idempotency_key: code.as_str().to_owned(),
            message_code: code.as_str().to_owned(),
            kind: notice_kind(notice)?,
            known_before: self.case.opened_at,
            subject: rendered.subject.clone(),
            text: Sensitive::new(rendered.text.clone()),
            short_text: short.map(Sensitive::new),
            stop_url: engine.link(&format!("stop/{}", token.reveal())),
            notice_code,
        };
        let answer = engine.0.platform.notify(account, &request).await?;
        failpoint("notices.accepted");
        let accepted = answer
            .channels
            .iter()
            .filter(|channel| channel.accepted)
            .count();
        if accepted == 0 && !answer.channels.is_empty() {
            return Err(EngineError::Unavailable {
                what: "every channel of the account",
            }
            .into());
        }
        let mut done = match (notice, &self.case.wait) {
            (Notice::HolderApproved, Some(wait)) => Done::command(
                &self.case.id,
                Command::AcknowledgeNotices {
                    approval: wait.approval,
                    channels: u32::try_from(accepted).unwrap_or(u32::MAX),
                },
            ),
            _ => Done::nothing(),
        };
        done.handed_over = Some(code.as_str().to_owned());
        Ok(done)
    }
}

fn notice_kind(notice: Notice) -> Result<NoticeKind, EngineError> {
    let name = match notice {
        Notice::HolderAsked => "recovery_asked",
        Notice::HolderApproved => "recovery_approved",
        Notice::HolderSetUp => "recovery_set_up",
        Notice::HolderLastHours => "recovery_last_hours",
        Notice::HolderStopped => "recovery_stopped",
        Notice::HolderContested => "recovery_contested",
        _ => "recovery_ended",
    };
    NoticeKind::new(name).map_err(|error| EngineError::internal("notice", &error))
}
