//! Notices to every channel that the account had before the case, through the platform.

use notify::{Message, MessageCode, Rendered};
use platform::contract::{Channel, ChannelKind, ChannelNotice, Dossier, NoticeKind, NoticeRequest};
use recovery::case::{Command, Notice};
use recovery::sensitive::Sensitive;
use store::failpoint;

use super::words::About;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::record::piece;
use crate::stop_ways::StopWay;
use crate::worker::{Done, Later};

/// Channels that get words of their own; an account has fewer, and the others are told in general.
const OWN_MAX: usize = 32;

impl About<'_> {
    /// Hands a notice to every channel known before the case.
    pub(super) async fn to_holder(
        &self,
        notice: Notice,
        code: &MessageCode,
    ) -> Result<Done, Later> {
        let Some(account) = &self.case.account else {
            return Ok(Done::nothing());
        };
        let engine = self.engine;
        let channels = self.channels_before().await?;
        let (way, own) = self.open_ways(channels).await?;
        let Some(message) = self.holder(notice, &way) else {
            return Ok(Done::nothing());
        };
        let rendered = self.rendered(&message, code).await?;
        let request = NoticeRequest {
            idempotency_key: code.as_str().to_owned(),
            message_code: code.as_str().to_owned(),
            kind: notice_kind(notice)?,
            known_before: self.case.opened_at,
            subject: rendered.subject.clone(),
            text: Sensitive::new(rendered.text),
            short_text: self.short_text(notice, &way),
            stop_url: self.stop_link(&way),
            notice_code: way.code,
            channels: self.own_words(notice, code, own).await?,
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

    /// The channels that the case's dossier names from before the case. The dossier is the sealed
    /// one: a notice sent again says the same.
    async fn channels_before(&self) -> Result<Vec<Channel>, EngineError> {
        let dossier: Option<Dossier> = self.engine.unseal(&self.case.id, piece::DOSSIER).await?;
        let channels = dossier.into_iter().flat_map(|dossier| dossier.channels);
        let before = channels.filter(|channel| channel.known_since < self.case.opened_at);
        Ok(before.take(OWN_MAX).collect())
    }

    /// The way to stop the case of channels that nobody knows, and one for each that is known:
    /// they work before anybody is told of them.
    async fn open_ways(
        &self,
        channels: Vec<Channel>,
    ) -> Result<(StopWay, Vec<(Channel, StopWay)>), EngineError> {
        let mut tx = self.engine.0.store.begin().await?;
        let engine = self.engine;
        let general = engine.open_stop_way(&mut tx, self.case, None).await?;
        let mut own = Vec::new();
        for channel in channels {
            let id = Some(channel.id.as_str());
            let way = engine.open_stop_way(&mut tx, self.case, id).await?;
            own.push((channel, way));
        }
        tx.commit().await?;
        Ok((general, own))
    }

    /// The words of each channel, with its own way to stop the case.
    async fn own_words(
        &self,
        notice: Notice,
        code: &MessageCode,
        channels: Vec<(Channel, StopWay)>,
    ) -> Result<Vec<ChannelNotice>, EngineError> {
        let mut own = Vec::new();
        for (channel, way) in channels {
            let contact = channel.kind == ChannelKind::RecoveryContact;
            let message = if contact {
                self.contact(notice, &way)
            } else {
                self.holder(notice, &way)
            };
            let Some(message) = message else {
                continue;
            };
            let code = self.engine.code_of_channel(code, &channel.id);
            let rendered = self.rendered(&message, &code).await?;
            own.push(ChannelNotice {
                channel: channel.id,
                message_code: code.as_str().to_owned(),
                subject: rendered.subject.clone(),
                text: Sensitive::new(rendered.text),
                short_text: self.short_text(notice, &way).filter(|_| !contact),
            });
        }
        Ok(own)
    }

    /// The text, whose code is noted so that it can be checked.
    async fn rendered(
        &self,
        message: &Message,
        code: &MessageCode,
    ) -> Result<Rendered, EngineError> {
        let rendered = notify::render(&self.engine.0.brand, message, code);
        self.engine
            .note_message(self.case, message.id(), "notice", &rendered)
            .await?;
        Ok(rendered)
    }

    /// A text too long for one SMS is left out rather than cut: its code must stay whole.
    fn short_text(&self, notice: Notice, way: &StopWay) -> Option<Sensitive<String>> {
        let short = self.short(notice, way)?;
        let text = notify::render_sms(&self.engine.0.brand, &short).ok()?;
        Some(Sensitive::new(text))
    }
}

impl Engine {
    /// The code of what one channel is told: computed, so that the same notice sent again carries
    /// the same one.
    fn code_of_channel(&self, notice: &MessageCode, channel: &str) -> MessageCode {
        let digest = self.keyed_digest("channel_notice", &format!("{}/{channel}", notice.as_str()));
        let mut bits = [0; 8];
        for (to, from) in bits.iter_mut().zip(digest.as_bytes()) {
            *to = *from;
        }
        MessageCode::of(u64::from_le_bytes(bits))
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
