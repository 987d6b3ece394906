//! What the account's channels from before the case are told.

use notify::{Ending, Message, Sms};
use recovery::case::{Notice, State};
use recovery::sensitive::Sensitive;
use recovery::time::Timestamp;

use super::About;
use crate::stop_ways::StopWay;
use crate::when;

/// Hours in which a holder who stopped a recovery is asked to come forward.
const HOLDER_HOURS: u32 = 48;

impl About<'_> {
    /// What a channel of the holder's is told; nothing where it is a mail to the applicant.
    pub(in crate::effects) fn holder(&self, notice: Notice, way: &StopWay) -> Option<Message> {
        let (link, code) = (self.stop_link(way), way.code.clone());
        // The holder's zone is not known; the applicant's would say where the applicant is.
        let at = |moment: Option<Timestamp>| when::date_time(moment.unwrap_or(self.now), None);
        let until = self.wait_end();
        Some(match notice {
            Notice::HolderAsked => Message::HolderAsked {
                when: at(Some(self.case.opened_at)),
                link,
                notice: code,
                whence: self.whence(),
            },
            Notice::HolderApproved => Message::HolderApproved {
                until: at(until),
                link,
                notice: code,
                whence: self.whence(),
            },
            Notice::HolderSetUp => Message::HolderSetUp {
                when: at(self.case.handover.completed_at),
                until: at(until),
                link,
                notice: code,
                whence: self.whence(),
            },
            Notice::HolderLastHours => Message::HolderLastHours {
                hours: self.hours_left()?,
                until: at(until),
                link,
                notice: code,
                whence: self.whence(),
            },
            Notice::HolderStopped if self.case.stopped_by_rival() => Message::HolderRivals {
                from: at(self.case.proof_until().or_else(|| self.due())),
                link,
                notice: code,
                whence: self.whence(),
            },
            Notice::HolderStopped => Message::HolderStopped {
                hours: HOLDER_HOURS,
                link: self.objection_link(way),
            },
            Notice::HolderContested => Message::HolderContested {
                until: at(self.case.stop.as_ref()?.evidence_until),
                link: self.objection_link(way),
                by: at(self.due()),
            },
            Notice::HolderEnded => Message::HolderEnded {
                ending: match self.case.state {
                    State::Recovered => Ending::Finished,
                    _ => Ending::Stopped,
                },
                until: self.case.veto_until.map(|until| at(Some(until))),
                link,
            },
            _ => return None,
        })
    }

    /// The page on which a way works.
    pub(in crate::effects) fn stop_link(&self, way: &StopWay) -> Sensitive<String> {
        self.engine.link(&format!("stop/{}", way.token.reveal()))
    }

    /// The page on which an objector shows that the account is theirs, or takes it back.
    fn objection_link(&self, way: &StopWay) -> Sensitive<String> {
        let path = format!("contested/{}", way.token.reveal());
        self.engine.link(&path)
    }

    /// What recovery contacts are told beside a notice; nothing where they can do nothing.
    pub(in crate::effects) fn contact(&self, notice: Notice, way: &StopWay) -> Option<Message> {
        if !matches!(
            notice,
            Notice::HolderAsked
                | Notice::HolderApproved
                | Notice::HolderSetUp
                | Notice::HolderLastHours
        ) {
            return None;
        }
        Some(Message::ContactAsked {
            until: self.wait_end().map(|until| when::date_time(until, None)),
            link: self.stop_link(way),
            notice: way.code.clone(),
            whence: self.whence(),
        })
    }

    pub(in crate::effects) fn short(&self, notice: Notice, way: &StopWay) -> Option<Sms> {
        let notice_code = way.code.clone();
        let date = |moment: Option<Timestamp>| when::date(moment.unwrap_or(self.now), None);
        Some(match notice {
            Notice::HolderAsked => Sms::Asked {
                notice: notice_code,
            },
            Notice::HolderLastHours => Sms::LastHours {
                hours: self.hours_left()?,
                notice: notice_code,
            },
            Notice::HolderApproved | Notice::HolderSetUp => Sms::Approved {
                until: date(self.wait_end()),
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
}
