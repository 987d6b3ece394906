//! The words of each message: which slots a case fills.

mod holder;

use notify::{Closing, Message, NextStep, RetakeItem, Whence};
use recovery::case::{Case, EndReason, Notice, State};
use recovery::evidence::EvidenceKind;
use recovery::id::CaseCode;
use recovery::reason::{Reason, reason};
use recovery::sensitive::Sensitive;
use recovery::time::{Span, Timestamp};

use crate::engine::{Engine, Rules};
use crate::record::{OriginRecord, whence};
use crate::{summary, when};

/// Everything a message needs to say about its case.
pub(super) struct About<'a> {
    pub(super) engine: &'a Engine,
    pub(super) case: &'a Case,
    pub(super) rules: &'a Rules,
    pub(super) origin: Option<OriginRecord>,
    pub(super) now: Timestamp,
    /// The case that this one joined.
    pub(super) joined: Option<CaseCode>,
}

impl About<'_> {
    fn zone(&self) -> Option<&str> {
        self.origin.as_ref()?.time_zone.as_deref()
    }

    fn at(&self, moment: Option<Timestamp>) -> String {
        when::date_time(moment.unwrap_or(self.now), self.zone())
    }

    /// Where the request came from, as the holder reads it: the origin is sealed at the opening,
    /// so that a notice sent again says the same.
    fn whence(&self) -> Whence {
        let (place, device) = whence(self.origin.as_ref());
        Whence {
            // The holder's zone is not known; the applicant's would say where the applicant is.
            asked: when::date_time(self.case.opened_at, None),
            place,
            device,
        }
    }

    fn status_link(&self) -> Sensitive<String> {
        self.engine.link("continue")
    }

    fn due(&self) -> Option<Timestamp> {
        summary::due(self.case, self.rules)
    }

    fn wait_end(&self) -> Option<Timestamp> {
        Some(self.case.wait.as_ref()?.end())
    }

    /// Begun hours to the end of a wait that runs.
    fn hours_left(&self) -> Option<u32> {
        let until = self.case.wait.as_ref()?.until?;
        let left = until.since(self.now).as_millis() / 3_600_000;
        Some(u32::try_from(left + 1).unwrap_or(1))
    }

    fn review_by(&self) -> Timestamp {
        let allowance = Span::days(self.rules.policy.review.business_days);
        self.rules.calendar.after(self.now, allowance)
    }

    /// What the applicant is mailed.
    pub(super) fn mail(&self, notice: Notice) -> Option<Message> {
        match notice {
            Notice::Opened
            | Notice::Nudge
            | Notice::Received
            | Notice::Again
            | Notice::Passed
            | Notice::Late => self.early(notice),
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
        Some(match notice {
            Notice::Approved => {
                let until = self.case.handover.ticket_until?;
                let token = self.engine.ticket_token(self.case, until);
                let link = self.engine.link(&format!("handover/{}", token.reveal()));
                // A tier whose handover comes last has waited already.
                let waited = self.rules.policy.handover_waits(self.case.tier);
                Message::Approved {
                    case,
                    link,
                    until: (!waited).then(|| self.at(self.wait_end())),
                }
            }
            Notice::ApprovedLater => Message::ApprovedLater {
                case,
                until: self.at(self.wait_end()),
                link,
            },
            Notice::WaitLonger => {
                let wait = self.case.wait.as_ref()?;
                Message::Late {
                    case,
                    said: self.at(wait.grew_from),
                    new: self.at(wait.until),
                    why: "something about the account changed".to_owned(),
                }
            }
            Notice::SetUp => Message::SetUp {
                until: self.at(self.wait_end()),
                link,
            },
            Notice::Open => Message::Open {
                ladder: self.ladder(),
            },
            Notice::Refused if self.case.is_not_offered() => Message::NotOffered { case, link },
            Notice::Refused => Message::Refused {
                case,
                until: self.at(self.case.appeal_until),
                link,
            },
            Notice::Disputed | Notice::Contested => self.paused(notice)?,
            Notice::GoesOn => Message::GoesOn {
                case,
                next: self.next()?,
                link,
            },
            Notice::Joined => Message::Joined {
                case: self.joined.clone()?,
                link,
            },
            Notice::Closed => Message::Closed {
                case,
                reason: closing(self.case),
                destroyed: when::date(
                    summary::told_erasure(self.case, self.rules).unwrap_or(self.now),
                    self.zone(),
                ),
            },
            _ => return None,
        })
    }

    /// What comes after a contest that was won.
    fn next(&self) -> Option<NextStep> {
        let by = self.at(self.due().or_else(|| self.wait_end()));
        Some(match self.case.state {
            State::Reviewing => NextStep::Review { by },
            State::Gathering => NextStep::Send { until: by },
            State::CoolingOff => NextStep::Wait { until: by },
            _ => return None,
        })
    }

    /// Of a stopped request: that it is, or that seniors decide between its sides.
    fn paused(&self, notice: Notice) -> Option<Message> {
        let (case, link) = (self.case.code.clone(), self.status_link());
        let until = self.case.proof_until();
        Some(match notice {
            Notice::Contested => Message::Contested {
                case,
                until: self.at(Some(until?)),
                link,
                by: self.at(self.due()),
            },
            _ => Message::Disputed {
                case,
                rival: self.case.stopped_by_rival(),
                until: self.at(until.or_else(|| self.due())),
                link,
            },
        })
    }

    /// The limits that rise, with their dates.
    fn ladder(&self) -> String {
        let rungs = summary::ladder(self.case, self.rules);
        if rungs.is_empty() {
            return "none beyond those that your account had before".to_owned();
        }
        let steps: Vec<String> = rungs
            .iter()
            .map(|rung| {
                let known = if rung.known_addresses_only {
                    ", to addresses from before the request only,"
                } else {
                    ""
                };
                let until = self.at(Some(rung.until));
                format!("{} % a day{known} until {until}", rung.daily_percent)
            })
            .collect();
        format!("{}; then everything", steps.join("; "))
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
                .replace("{date}", &when::date(self.now, self.zone()))
                .replace("{when}", &self.at(self.due())),
        })
    }
}

fn closing(case: &Case) -> Closing {
    match case.end {
        Some(EndReason::ByApplicant | EndReason::Merged { .. }) => Closing::YouStopped,
        Some(EndReason::ObjectionUpheld) if case.stopped_by_rival() => Closing::BetweenTwo,
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
