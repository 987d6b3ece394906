//! C1: what the status page says in each state, and why. Stable codes in, sentences out.

use engine::views::{ApplicantView, NotOffered, Why};
use recovery::case::State;
use recovery::time::Timestamp;

use crate::when;

/// How moments are written for one person.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words<'a> {
    pub(crate) platform: &'a str,
    pub(crate) zone: &'a str,
}

/// "1 part is", "3 parts are".
fn counted(count: u64, one: &str, many: &str) -> String {
    if count == 1 {
        format!("1 {one}")
    } else {
        format!("{count} {many}")
    }
}

impl Words<'_> {
    fn at(self, at: Option<Timestamp>) -> String {
        at.map_or_else(
            || "a date we tell you by mail".to_owned(),
            |at| when::moment(at, self.zone),
        )
    }

    /// The heading.
    pub(crate) fn heading(self, view: &ApplicantView) -> String {
        match view.state {
            State::Gathering if view.returned => {
                format!("Take {} again", counted(view.why.count, "thing", "things"))
            }
            State::Gathering => "Finish your request".to_owned(),
            State::Checking => "Automatic checks are running".to_owned(),
            State::Reviewing => "People are reviewing your request".to_owned(),
            State::CoolingOff if view.handover_later => {
                format!(
                    "Approved. Waiting period until {}",
                    self.at(view.wait_until)
                )
            }
            State::CoolingOff if !view.handover_done => "Approved. Set up your account".to_owned(),
            State::CoolingOff => {
                format!("Waiting period until {}", self.at(view.wait_until))
            }
            State::Stopped | State::Contested if view.rival => {
                "Paused: two requests for one account".to_owned()
            }
            State::Stopped | State::Contested => "Paused: somebody objected".to_owned(),
            State::Recovered => "Finished".to_owned(),
            State::Rejected => "We could not give access".to_owned(),
            State::Blocked if view.rival => {
                "Closed after a decision between two requests".to_owned()
            }
            State::Blocked => "Stopped after an objection".to_owned(),
            State::Withdrawn => "You stopped this request".to_owned(),
            State::Expired => "Closed because parts were missing".to_owned(),
        }
    }

    /// Why it waits just now.
    pub(crate) fn why(self, why: &Why) -> Option<String> {
        let since = self.at(why.since);
        let words = match why.code {
            "wait.you" if why.count == 0 => "Nothing is missing. Check it and send it.".to_owned(),
            "wait.you" => counted(
                why.count,
                "part is still missing.",
                "parts are still missing.",
            ),
            "wait.you_item" => {
                format!("Clock stopped since {since}: the time until you send does not count.")
            }
            "wait.checks" => "Software looks at your photos and video first.".to_owned(),
            "wait.outage" => {
                format!("One of our checks is down since {since}; nothing is lost.")
            }
            // One form for every number: the page of a known account and of an unknown one may
            // differ in nothing but the digits.
            "wait.queue" => format!("Requests before yours: {}.", why.count),
            "wait.reading" => "A reviewer has opened it.".to_owned(),
            "wait.second" => "The first reviewer is done, a second must agree.".to_owned(),
            "wait.senior" => "A senior reviewer looks at it.".to_owned(),
            "wait.platform" => {
                format!("{} has not answered yet. We keep asking.", self.platform)
            }
            "wait.handover" => "It waits for you to choose your new ways in.".to_owned(),
            "wait.cooling" => "So that the holder can object. It cannot be shortened.".to_owned(),
            "wait.ack" => format!(
                "{} has not confirmed every safety step yet. We keep trying.",
                self.platform
            ),
            "wait.dispute" => "A person with a way into this account says the request is not \
                               theirs. Two senior reviewers decide."
                .to_owned(),
            "wait.rival" => "Somebody else also asks for this account and showed proof. Two \
                             senior reviewers decide between you."
                .to_owned(),
            _ => return None,
        };
        Some(words)
    }

    /// What comes next, with its date.
    pub(crate) fn next(self, view: &ApplicantView) -> Vec<String> {
        let due = self.at(view.due);
        let mut lines = match view.state {
            State::Gathering if view.returned => {
                vec![format!("Answer by {}.", self.at(Some(view.finish_until)))]
            }
            State::Gathering => vec![format!(
                "Send by {}, then it closes and everything is destroyed.",
                self.at(Some(view.finish_until))
            )],
            State::Checking => vec![format!("Finished by {due} (24 hours at most).")],
            State::Reviewing => vec![format!(
                "Decision by {due} (3 to 7 working days; well documented requests often in 1)."
            )],
            State::CoolingOff if view.handover_later => {
                vec![
                    "When this period is over, we mail you a link with which you set up your \
                      account."
                        .to_owned(),
                ]
            }
            State::CoolingOff if !view.handover_done => vec![format!(
                "The link in your mail works until {}.",
                self.at(view.ticket_until)
            )],
            State::CoolingOff => {
                vec![
                    "Withdrawals and C2C sales open when this period is over and every step \
                      is confirmed."
                        .to_owned(),
                ]
            }
            // Between rivals the day of the stop is the one until which proof comes.
            State::Stopped if view.rival => Vec::new(),
            State::Stopped => vec![format!(
                "You can say that the request is yours until {}.",
                self.at(view.may_dispute_until)
            )],
            State::Contested => vec![format!("A decision comes by {due}.")],
            State::Recovered => self.recovered(view),
            State::Rejected => self.rejected(view),
            State::Blocked if view.rival => {
                vec![
                    "Two people asked for this account. Senior reviewers looked at both sides and \
                     did not decide for yours."
                        .to_owned(),
                ]
            }
            State::Blocked => {
                vec!["The objection was upheld. The account went back to its holder.".to_owned()]
            }
            State::Withdrawn => vec!["The account stays as it was.".to_owned()],
            State::Expired => vec!["The account stays as it was. You can start again.".to_owned()],
        };
        lines.extend(self.proof(view));
        if view.locked && matches!(view.state, State::Checking | State::Reviewing) {
            lines.push(
                "Your account is locked: nobody can sign in or trade. Assets are safe.".to_owned(),
            );
        }
        if let Some(at) = view.erase_at {
            lines.push(format!(
                "What you sent is destroyed on {}.",
                when::day(at, self.zone)
            ));
        }
        lines
    }

    /// Until when they can add to their side, where two sides are looked at.
    fn proof(self, view: &ApplicantView) -> Option<String> {
        let until = self.at(Some(view.proof_until?));
        Some(if view.may_prove() {
            format!("You can add to your proof until {until}. What you sent stays as it is.")
        } else {
            format!("Proof could be added until {until}. Nothing more can be added now.")
        })
    }

    /// What may leave a recovered account, and when everything may.
    pub(crate) fn recovered(self, view: &ApplicantView) -> Vec<String> {
        let mut lines = Vec::new();
        for rung in &view.ladder {
            let until = self.at(Some(rung.until));
            let known = if rung.known_addresses_only {
                ", only to withdrawal addresses that the account had before the request"
            } else {
                ""
            };
            let percent = rung.daily_percent;
            lines.push(format!(
                "Until {until}: {percent} % of what the account holds may leave it in 24 \
                 hours{known}."
            ));
        }
        lines.push(match view.ladder.last() {
            Some(last) => format!("From {} everything is open.", self.at(Some(last.until))),
            None => "Withdrawals are open.".to_owned(),
        });
        lines.push("Add withdrawal addresses one by one; none were kept.".to_owned());
        lines
    }

    fn rejected(self, view: &ApplicantView) -> Vec<String> {
        let platform = self.platform;
        let why = match view.not_offered {
            Some(NotOffered::Archived { since }) => format!(
                "This account was unused since {since}; its data was removed or archived and \
                 cannot be reopened here."
            ),
            Some(NotOffered::Restricted) => {
                format!("This account is on a list for which {platform} may not offer service.")
            }
            None => "What you sent did not show us that this account is yours.".to_owned(),
        };
        let mut lines = vec![why];
        if view.not_offered.is_some() {
            lines.push(format!(
                "We believe that it is yours. Ask {platform} what can be done: type its address \
                 into your browser and look for its help pages."
            ));
        }
        if view.may_appeal_until.is_some() {
            lines.push(format!(
                "You can appeal once until {}. Another person decides.",
                self.at(view.may_appeal_until)
            ));
        }
        lines
    }

    /// The one thing to press, if there is one.
    pub(crate) fn action(view: &ApplicantView) -> Option<(&'static str, &'static str)> {
        let may_prove = view.may_prove();
        match view.state {
            State::Gathering => Some(("Go on with your request", "/case")),
            State::CoolingOff if view.handover_later => None,
            State::CoolingOff if !view.handover_done => Some(("Set up your account", "/handover")),
            State::CoolingOff | State::Recovered => Some(("What we made safe", "/case/security")),
            State::Rejected if view.may_appeal_until.is_some() => Some(("Appeal", "/case/appeal")),
            _ if may_prove => Some(("Add to your proof", "/case")),
            State::Stopped if view.may_dispute_until.is_some() => {
                Some(("This request is mine", "/case/dispute"))
            }
            _ => None,
        }
    }

    /// One line of the timeline; `rival` where another request stopped this one.
    pub(crate) const fn moment(code: &str, rival: bool) -> &'static str {
        match code.as_bytes() {
            b"stopped" if rival => "Another request for this account showed proof: both paused",
            b"opened" => "You opened the request",
            b"sent" => "You sent it",
            b"returned" => "We asked for parts again",
            b"checked" => "Automatic checks done",
            b"locked" => "Account locked, old contacts told",
            b"approved" => "Approved by people",
            b"wait_started" => "Waiting period began",
            b"wait_longer" => "Waiting period made longer: something about the account changed",
            b"handover_done" => "New ways in set up",
            b"recovered" => "Waiting period over",
            b"stopped" => "Somebody objected",
            b"contested" => "Senior reviewers look at both sides",
            b"decided" => "Decision",
            b"rejected" => "Access not given",
            b"closes" => "The request closes if it was not sent",
            b"proof_ends" => "Last day to add to your proof",
            b"veto_ends" => "Last time at which the holder can object",
            b"dispute_ends" => "Last day to say that the request is yours",
            b"closed" => "Closed",
            b"erased" => "What you sent is destroyed",
            _ => "Something changed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: Words<'_> = Words {
        platform: "Example",
        zone: "",
    };

    #[test]
    fn every_reason_to_wait_has_a_sentence() {
        for code in [
            "wait.you",
            "wait.you_item",
            "wait.checks",
            "wait.outage",
            "wait.queue",
            "wait.reading",
            "wait.second",
            "wait.senior",
            "wait.platform",
            "wait.handover",
            "wait.cooling",
            "wait.ack",
            "wait.dispute",
            "wait.rival",
        ] {
            let why = Why {
                code,
                count: 2,
                since: Some(Timestamp::from_millis(0)),
            };
            assert!(WORDS.why(&why).is_some(), "{code}");
        }
    }

    #[test]
    fn every_moment_has_words() {
        for code in [
            "opened",
            "sent",
            "returned",
            "checked",
            "locked",
            "approved",
            "wait_started",
            "wait_longer",
            "handover_done",
            "recovered",
            "stopped",
            "contested",
            "decided",
            "rejected",
            "closes",
            "dispute_ends",
            "proof_ends",
            "veto_ends",
            "closed",
            "erased",
        ] {
            for rival in [false, true] {
                let words = Words::moment(code, rival);
                assert_ne!(words, Words::moment("?", rival), "{code}");
            }
        }
        let objection = Words::moment("stopped", false);
        assert_ne!(Words::moment("stopped", true), objection);
        assert_eq!(counted(1, "part is", "parts are"), "1 part is");
        assert_eq!(counted(2, "part is", "parts are"), "2 parts are");
    }
}
