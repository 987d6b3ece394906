//! Messages: to the applicant's proved address by mail, to the holder's channels by the platform.

use notify::{Closing, Ending, MailError, Message, MessageCode, RetakeItem, Sms};
use platform::contract::{NoticeKind, NoticeRequest};
use recovery::case::{Case, Command, EndReason, Notice, State};
use recovery::evidence::EvidenceKind;
use recovery::id::{CaseCode, CaseId};
use recovery::reason::{Reason, reason};
use recovery::sensitive::Sensitive;
use recovery::time::{Span, Timestamp};
use store::{NewMessage, failpoint};

use crate::engine::{Engine, Rules};
use crate::error::EngineError;
use crate::record::{OriginRecord, piece};
use crate::worker::{Done, Later};
use crate::{summary, when};

/// Hours in which a holder who stopped a recovery is asked to come forward.
const HOLDER_HOURS: u32 = 48;

/// Everything a message needs to say about its case.
struct About<'a> {
    engine: &'a Engine,
    case: &'a Case,
    rules: &'a Rules,
    zone: Option<String>,
    now: Timestamp,
    /// The case that this one joined.
    joined: Option<CaseCode>,
}

impl Engine {
    pub(crate) async fn send(
        &self,
        id: &CaseId,
        notice: Notice,
        code: &MessageCode,
    ) -> Result<Done, Later> {
        let case = self.case(id).await?;
        if case.erased_at.is_some() {
            return Ok(Done::nothing());
        }
        let rules = self.rules(case.policy_version).await?;
        let origin: Option<OriginRecord> = self.unseal(id, piece::ORIGIN).await?;
        let about = About {
            engine: self,
            case: &case,
            rules: &rules,
            zone: origin.and_then(|origin| origin.time_zone),
            now: self.now().await?,
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
    fn at(&self, moment: Option<Timestamp>) -> String {
        when::date_time(moment.unwrap_or(self.now), self.zone.as_deref())
    }

    fn status_link(&self) -> Sensitive<String> {
        self.engine.link("continue")
    }

    fn due(&self) -> Option<Timestamp> {
        summary::due(self.case, self.rules)
    }

    fn review_by(&self) -> Timestamp {
        let allowance = Span::days(self.rules.policy.review.business_days);
        self.rules.calendar.after(self.now, allowance)
    }

    fn message(&self, notice: Notice) -> Option<Message> {
        match notice {
            Notice::Opened
            | Notice::Nudge
            | Notice::Received
            | Notice::Again
            | Notice::Passed
            | Notice::Late => self.early(notice),
            Notice::HolderAsked
            | Notice::HolderApproved
            | Notice::HolderLastHours
            | Notice::HolderStopped
            | Notice::HolderContested
            | Notice::HolderEnded => self.holder(notice),
            _ => self.late(notice),
        }
    }

    fn early(&self, notice: Notice) -> Option<Message> {
        let case = self.case.code.clone();
        let link = self.status_link();
        Some(match notice {
            Notice::Opened => Message::Opened {
                case,
                until: self.at(self.due()),
                link,
            },
            Notice::Nudge => Message::Missing {
                case,
                parts: u32::try_from(self.case.missing(&self.rules.policy).len()).unwrap_or(0),
                until: self.at(self.due()),
                link,
            },
            Notice::Received => Message::Received {
                case,
                checks_by: self.at(Some(
                    self.now + Span::hours(self.rules.policy.checking.hours_max),
                )),
                review_by: self.at(Some(self.review_by())),
                link,
            },
            Notice::Again => Message::Again {
                case,
                items: self
                    .case
                    .asked
                    .iter()
                    .filter_map(|i| self.retake(i.0, &i.1))
                    .collect(),
                until: self.at(Some(self.case.finish_until)),
            },
            Notice::Passed => Message::Passed {
                by: self.at(self.due()),
            },
            Notice::Late => Message::Late {
                case,
                said: self.at(self.due()),
                new: self.at(Some(self.rules.calendar.after(
                    self.now,
                    Span::days(self.rules.policy.review.business_days_aim),
                ))),
                why: "more requests than usual are waiting".to_owned(),
            },
            _ => return None,
        })
    }

    fn late(&self, notice: Notice) -> Option<Message> {
        let case = self.case.code.clone();
        let link = self.status_link();
        let wait = self.case.wait.as_ref();
        Some(match notice {
            Notice::Approved => {
                let until = self.case.handover.ticket_until?;
                let token = self.engine.ticket_token(self.case, until);
                let link = self.engine.link(&format!("handover/{}", token.reveal()));
                let least = wait.map(|wait| wait.approved_at + wait.span);
                let until = self.at(wait.and_then(|wait| wait.until).or(least));
                Message::Approved { case, link, until }
            }
            Notice::SetUp => {
                let least = wait.map(|wait| wait.approved_at + wait.span);
                let until = self.at(wait.and_then(|wait| wait.until).or(least));
                Message::SetUp { until, link }
            }
            Notice::Open => Message::Open {
                ladder: "as your account had them before".to_owned(),
            },
            Notice::Refused => Message::Refused {
                case,
                until: self.at(self.case.appeal_until),
                link,
            },
            Notice::Disputed => Message::Disputed {
                case,
                by: self.at(self.due()),
                link,
            },
            Notice::Joined => Message::Joined {
                case: self.joined.clone()?,
                link,
            },
            Notice::Closed => Message::Closed {
                case,
                reason: closing(self.case.end.as_ref()),
                destroyed: when::date(
                    self.case.erase_at(&self.rules.policy).unwrap_or(self.now),
                    self.zone.as_deref(),
                ),
            },
            _ => return None,
        })
    }

    fn holder(&self, notice: Notice) -> Option<Message> {
        let (token, code) = self.engine.stop_secrets(self.case);
        let link = self.engine.link(&format!("stop/{}", token.reveal()));
        let wait = self.case.wait.as_ref();
        // The holder's zone is not known; the applicant's would say where the applicant is.
        let at = |moment: Option<Timestamp>| when::date_time(moment.unwrap_or(self.now), None);
        let least = wait
            .and_then(|w| w.until)
            .or(wait.map(|w| w.approved_at + w.span));
        Some(match notice {
            Notice::HolderAsked => Message::HolderAsked {
                when: at(Some(self.case.opened_at)),
                link,
                notice: code,
            },
            Notice::HolderApproved => Message::HolderApproved {
                until: at(least),
                link,
                notice: code,
            },
            Notice::HolderLastHours => {
                let left = wait?.until?.since(self.now).as_millis() / 3_600_000;
                Message::HolderLastHours {
                    hours: u32::try_from(left + 1).unwrap_or(1),
                    until: at(least),
                    link,
                    notice: code,
                }
            }
            Notice::HolderStopped => Message::HolderStopped {
                hours: HOLDER_HOURS,
                link,
            },
            Notice::HolderContested => Message::HolderContested {
                until: at(self.due()),
                link,
                by: at(self.due()),
            },
            Notice::HolderEnded => Message::HolderEnded {
                ending: match self.case.state {
                    State::Recovered => Ending::Finished,
                    _ => Ending::Stopped,
                },
                until: at(self.case.veto_until),
                link,
            },
            _ => return None,
        })
    }

    fn retake(&self, kind: EvidenceKind, code: &str) -> Option<RetakeItem> {
        let Reason {
            headline, advice, ..
        } = *reason(code)?;
        Some(RetakeItem {
            item: item_words(kind).to_owned(),
            headline: headline.to_owned(),
            advice: advice
                .replace("{platform}", &self.engine.0.settings.platform)
                .replace("{case}", self.case.code.as_str())
                .replace("{date}", &when::date(self.now, self.zone.as_deref()))
                .replace("{when}", &self.at(self.due())),
        })
    }

    fn short(&self, notice: Notice) -> Option<Sms> {
        let (_, notice_code) = self.engine.stop_secrets(self.case);
        let until = self.case.wait.as_ref().and_then(|wait| wait.until);
        let date = |moment: Option<Timestamp>| when::date(moment.unwrap_or(self.now), None);
        Some(match notice {
            Notice::HolderAsked => Sms::Asked {
                notice: notice_code,
            },
            Notice::HolderApproved => Sms::Approved {
                until: date(until),
                notice: notice_code,
            },
            Notice::HolderStopped => Sms::Stopped {
                notice: notice_code,
            },
            Notice::HolderEnded if self.case.state == State::Recovered => Sms::Finished {
                on: date(self.case.recovered_at),
                until: date(self.case.veto_until),
                notice: notice_code,
            },
            _ => return None,
        })
    }

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
        let mut done = match notice {
            Notice::HolderApproved => Done::command(
                &self.case.id,
                Command::AcknowledgeNotices {
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
        Notice::HolderLastHours => "recovery_last_hours",
        Notice::HolderStopped => "recovery_stopped",
        Notice::HolderContested => "recovery_contested",
        _ => "recovery_ended",
    };
    NoticeKind::new(name).map_err(|error| EngineError::internal("notice", &error))
}

fn closing(end: Option<&EndReason>) -> Closing {
    match end {
        Some(EndReason::ByApplicant | EndReason::Merged { .. }) => Closing::YouStopped,
        Some(EndReason::NotDisputed | EndReason::ObjectionUpheld) => Closing::ObjectionUpheld,
        _ => Closing::PartsMissing,
    }
}

/// The item in the words of its page's heading.
pub(crate) const fn item_words(kind: EvidenceKind) -> &'static str {
    match kind {
        EvidenceKind::IdFront => "Photo of the front of your ID",
        EvidenceKind::IdBack => "Photo of the back of your ID",
        EvidenceKind::NotePhoto => "Photo of you with your ID and a note",
        EvidenceKind::Video => "A short video of you",
        EvidenceKind::Screenshot => "Screenshots of deposits or withdrawals",
    }
}
