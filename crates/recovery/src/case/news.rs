//! What the platform's other systems are told of a case's life, by webhook: which events, under
//! which names, about which account.
//!
//! Names are for ever, as event kinds are. Cases without an account are not spoken of: whoever
//! listens must not learn from a webhook what no applicant may learn (statement 5).

use crate::case::{Case, Event, Resolution};
use crate::id::AccountRef;

macro_rules! news {
    ($($variant:ident = $name:literal, $meaning:literal;)*) => {
        /// One kind of news.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum News {
            $(#[doc = $meaning] $variant,)*
        }

        impl News {
            /// Every kind, in the order in which a case can come to it.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The stable name: the `type` of a webhook.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// What it says, in one sentence.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => $meaning,)*
                }
            }
        }
    };
}

news! {
    Opened = "case.opened",
        "Somebody asks to recover this account; nothing is proved yet.";
    AccountLeft = "case.account_left",
        "The applicant corrected the account they named: the case is not about this one any more.";
    Submitted = "case.submitted",
        "Everything required was sent; the checks begin.";
    Returned = "case.returned",
        "Some of it must be taken again.";
    InReview = "case.in_review",
        "People look at it now.";
    Locked = "case.locked",
        "The account is locked before an approval, because the case is credible.";
    LockLapsed = "case.lock_lapsed",
        "That lock reached its longest time and ended; the case goes on.";
    Approved = "case.approved",
        "Enough reviewers agreed to give access; the wait comes first.";
    WaitStarted = "case.wait_started",
        "Freeze and notices are in; the wait runs.";
    WaitExtended = "case.wait_extended",
        "The wait became longer.";
    HandoverBegun = "case.handover_begun",
        "The applicant began to bind new credentials.";
    HandoverCompleted = "case.handover_completed",
        "New credentials are bound; old ones are suspended.";
    Recovered = "case.recovered",
        "The applicant has the account; an objection is still possible.";
    VetoWindowClosed = "case.veto_window_closed",
        "Nobody objected in time; what was suspended is destroyed.";
    Stopped = "case.stopped",
        "Somebody objected, or another applicant got as far: everything stands still.";
    Contested = "case.contested",
        "Two seniors must decide between two sides.";
    ContestDecided = "case.contest_decided",
        "They have; the state says how it goes on.";
    Rejected = "case.rejected",
        "Enough reviewers agreed not to give access.";
    Appealed = "case.appealed",
        "The applicant appealed; other people look.";
    Closed = "case.closed",
        "It ended without a verdict; the state says how.";
    Erased = "case.erased",
        "Its data was destroyed.";
}

impl News {
    /// The kind of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|news| news.name() == name)
    }

    /// Which news an event is. Every kind of event is named, so that a new one is decided on.
    const fn of(event: &Event) -> Option<Self> {
        Some(match event {
            Event::AccountResolved {
                resolution: Resolution::Known { .. },
            } => Self::Opened,
            Event::IdentifierGiven { .. } => Self::AccountLeft,
            Event::CaseSubmitted { .. } => Self::Submitted,
            Event::CaseReturned { .. } => Self::Returned,
            Event::ReviewOpened { .. } => Self::InReview,
            Event::LockStarted { .. } => Self::Locked,
            Event::LockLapsed => Self::LockLapsed,
            Event::CaseApproved { .. } => Self::Approved,
            Event::WaitStarted { .. } => Self::WaitStarted,
            Event::WaitExtended { .. } => Self::WaitExtended,
            Event::HandoverBegun => Self::HandoverBegun,
            Event::HandoverCompleted { .. } => Self::HandoverCompleted,
            Event::CaseRecovered { .. } => Self::Recovered,
            Event::VetoWindowClosed => Self::VetoWindowClosed,
            Event::CaseStopped { .. } => Self::Stopped,
            Event::ContestOpened { .. } => Self::Contested,
            Event::ContestDecided { .. } => Self::ContestDecided,
            Event::CaseRejected { .. } => Self::Rejected,
            Event::AppealOpened => Self::Appealed,
            Event::CaseClosed { .. } => Self::Closed,
            Event::DataErased => Self::Erased,
            // Before an account is known there is nobody to tell.
            Event::CaseOpened { .. }
            | Event::AccountResolved {
                resolution: Resolution::Unknown,
            }
            // What the applicant does on the way: the sum of it comes as `Submitted`.
            | Event::ConsentGiven { .. }
            | Event::GalleryAnswered { .. }
            | Event::ContactProved { .. }
            | Event::DocumentChosen { .. }
            | Event::EvidenceAdded { .. }
            | Event::CluesGiven { .. }
            // What machine and reviewers find and who they are stays inside.
            | Event::ChecksFinished { .. }
            | Event::ReviewerAssigned { .. }
            | Event::AssignmentEnded { .. }
            | Event::EvidenceViewed { .. }
            | Event::VerdictGiven { .. }
            | Event::ContestVoted { .. }
            | Event::LiveFactorShown { .. }
            | Event::ObjectionTakenBack { .. }
            | Event::ProofAsked { .. }
            | Event::FaceShown { .. }
            // The platform itself said or did these, or gets them by its contract.
            | Event::FreezeAcknowledged { .. }
            | Event::NoticesHandedOver { .. }
            | Event::AccountChanged { .. }
            | Event::LimitsSet { .. }
            | Event::LimitsEnded
            | Event::HandoverTicketIssued { .. }
            | Event::CredentialEnrolled { .. }
            | Event::SecuringAcknowledged { .. }
            | Event::SecuringVerified { .. } => return None,
        })
    }
}

/// What is told of an event, and about which account; nothing where no account is known.
#[must_use]
pub fn news(before: Option<&Case>, after: &Case, event: &Event) -> Option<(News, AccountRef)> {
    let news = News::of(event)?;
    let about = match news {
        News::AccountLeft => before?,
        _ => after,
    };
    Some((news, about.account.clone()?))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_different_and_are_found_again() {
        let names: BTreeSet<&str> = News::ALL.iter().map(|news| news.name()).collect();
        assert_eq!(names.len(), News::ALL.len());
        for news in News::ALL {
            assert_eq!(News::named(news.name()), Some(*news));
            let plain = |c: char| c.is_ascii_lowercase() || c == '.' || c == '_';
            assert!(news.name().chars().all(plain), "{}", news.name());
            assert!(news.meaning().ends_with('.'), "{}", news.name());
        }
        assert_eq!(News::named("case.evidence_viewed"), None);
    }
}
