//! Everything we say, as data: one variant per mail and notice, with its slots.

use recovery::id::CaseCode;
use recovery::sensitive::Sensitive;
use serde::{Deserialize, Serialize};

/// Something to take again: the item, what was wrong, what to do. Words of the retake reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetakeItem {
    /// The item: "Photo of the front of your ID".
    pub item: String,
    /// What was wrong: "The picture is too dark".
    pub headline: String,
    /// What to do: "Go near a window or lamp. Do not use the flash."
    pub advice: String,
}

/// Why a request was closed without a decision on it (A13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Closing {
    /// The applicant withdrew it.
    YouStopped,
    /// Its window passed.
    PartsMissing,
    /// A veto was upheld.
    ObjectionUpheld,
    /// Of two requests this one was not believed.
    BetweenTwo,
}

/// What comes after a contest that was won, with its date (A15).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum NextStep {
    /// People decide by then.
    Review {
        /// When.
        by: String,
    },
    /// What is missing must come by then.
    Send {
        /// When.
        until: String,
    },
    /// The waiting period begins again.
    Wait {
        /// Its end.
        until: String,
    },
}

/// How a recovery ended, as the holder's channels hear it (H6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The account was recovered.
    Finished,
    /// The recovery did not go through.
    Stopped,
}

/// Where a request came from, for whoever has to say whether it is theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Whence {
    /// When it was made.
    pub asked: String,
    /// City and country, as far as they are known: "Lisbon, Portugal".
    pub place: String,
    /// Browser and system by their own claim: "Chrome on Android".
    pub device: String,
}

/// A mail to the applicant (A) or a notice to a channel the account had before (H).
///
/// Slots named `until`, `by` and the like are dates already written for people, with their zone:
/// "24 November 2026, 18:00 (Lisbon time)". Links and codes are bearer secrets: they are redacted
/// in `Debug` and must be stored sealed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "message", rename_all = "snake_case", deny_unknown_fields)]
pub enum Message {
    /// A1: the code that proves the new address.
    Code {
        /// The 8-character code.
        code: Sensitive<String>,
        /// The case, once it has a code; the page promises that the mail shows it.
        case: Option<CaseCode>,
        /// A page that shows the code filled in, with a button.
        link: Option<Sensitive<String>>,
    },
    /// A2: the request is open.
    Opened {
        /// The case.
        case: CaseCode,
        /// End of the window for collecting.
        until: String,
        /// The page to go on.
        link: Sensitive<String>,
    },
    /// A3: parts are missing (3 days and 1 day before the end).
    Missing {
        /// The case.
        case: CaseCode,
        /// Parts that are missing.
        parts: u32,
        /// End of the window.
        until: String,
        /// The page to go on.
        link: Sensitive<String>,
    },
    /// A4: everything was received.
    Received {
        /// The case.
        case: CaseCode,
        /// When the automatic checks are done.
        checks_by: String,
        /// When people have reviewed it.
        review_by: String,
        /// The status page.
        link: Sensitive<String>,
    },
    /// A5: parts must be taken again.
    Again {
        /// The case.
        case: CaseCode,
        /// What, why and how.
        items: Vec<RetakeItem>,
        /// End of the window for answering.
        until: String,
    },
    /// A6: the first checks passed and the account is locked.
    Passed {
        /// When people decide.
        by: String,
    },
    /// A7: a promised date passes.
    Late {
        /// The case.
        case: CaseCode,
        /// The date that was said.
        said: String,
        /// The new date.
        new: String,
        /// Why, in the words of the status page, without a full stop.
        why: String,
    },
    /// A8: approved; the handover link.
    Approved {
        /// The case.
        case: CaseCode,
        /// The handover page.
        link: Sensitive<String>,
        /// End of the waiting period; nothing once it is over.
        until: Option<String>,
    },
    /// A8 where the waiting period comes before the handover.
    ApprovedLater {
        /// The case.
        case: CaseCode,
        /// End of the waiting period.
        until: String,
        /// The status page.
        link: Sensitive<String>,
    },
    /// A9: new credentials are bound.
    SetUp {
        /// End of the waiting period.
        until: String,
        /// The list of what was secured.
        link: Sensitive<String>,
    },
    /// A10: the waiting period is over.
    Open {
        /// The growing limits, in words.
        ladder: String,
    },
    /// A11: refused.
    Refused {
        /// The case.
        case: CaseCode,
        /// End of the appeal window.
        until: String,
        /// The appeal page.
        link: Sensitive<String>,
    },
    /// A11 to somebody who was believed: the account is not offered any more.
    NotOffered {
        /// The case.
        case: CaseCode,
        /// The status page, which says why.
        link: Sensitive<String>,
    },
    /// A12: somebody objected, or another person asks for the account, too.
    Disputed {
        /// The case.
        case: CaseCode,
        /// Whether it is another request and no objection.
        rival: bool,
        /// Until when the applicant may say that the request is theirs; between rivals, until when
        /// they may add to their side.
        until: String,
        /// The page to say so.
        link: Sensitive<String>,
    },
    /// A12 once seniors decide.
    Contested {
        /// The case.
        case: CaseCode,
        /// Until when evidence may be added.
        until: String,
        /// The page to add it.
        link: Sensitive<String>,
        /// By when seniors decide.
        by: String,
    },
    /// A13: closed.
    Closed {
        /// The case.
        case: CaseCode,
        /// Why.
        reason: Closing,
        /// When the files are destroyed.
        destroyed: String,
    },
    /// A14: a second request for the same account joined this one.
    Joined {
        /// The case that goes on.
        case: CaseCode,
        /// The page to say "not me".
        link: Sensitive<String>,
    },
    /// A15: seniors decided for the applicant.
    GoesOn {
        /// The case.
        case: CaseCode,
        /// What comes next.
        next: NextStep,
        /// The status page.
        link: Sensitive<String>,
    },
    /// H1: somebody asks to recover the account, which is now locked.
    HolderAsked {
        /// When they asked.
        when: String,
        /// The stop page.
        link: Sensitive<String>,
        /// The notice code to type.
        notice: Sensitive<String>,
        /// Where the request came from.
        whence: Whence,
    },
    /// H2: approved; last days to stop it.
    HolderApproved {
        /// End of the waiting period.
        until: String,
        /// The stop page.
        link: Sensitive<String>,
        /// The notice code to type.
        notice: Sensitive<String>,
        /// Where the request came from.
        whence: Whence,
    },
    /// H7: the handover took place.
    HolderSetUp {
        /// When.
        when: String,
        /// End of the waiting period.
        until: String,
        /// The stop page.
        link: Sensitive<String>,
        /// The notice code to type.
        notice: Sensitive<String>,
        /// Where the request came from.
        whence: Whence,
    },
    /// H3: 24 hours and 3 hours before the end.
    HolderLastHours {
        /// Hours left.
        hours: u32,
        /// End of the waiting period.
        until: String,
        /// The stop page.
        link: Sensitive<String>,
        /// The notice code to type.
        notice: Sensitive<String>,
        /// Where the request came from.
        whence: Whence,
    },
    /// H8: what a recovery contact hears, at whatever step.
    ContactAsked {
        /// End of the waiting period, once the request is approved.
        until: Option<String>,
        /// The stop page.
        link: Sensitive<String>,
        /// The notice code to type.
        notice: Sensitive<String>,
        /// Where the request came from.
        whence: Whence,
    },
    /// H4: the veto got in.
    HolderStopped {
        /// Hours in which the holder is asked to show that the account is theirs.
        hours: u32,
        /// The page for that.
        link: Sensitive<String>,
    },
    /// H4 where another request stopped this one, and no holder did.
    HolderRivals {
        /// From when on the seniors decide.
        from: String,
        /// The stop page.
        link: Sensitive<String>,
        /// The notice code to type.
        notice: Sensitive<String>,
        /// Where the request came from.
        whence: Whence,
    },
    /// H5: both sides are asked for proof.
    HolderContested {
        /// End of the window for evidence.
        until: String,
        /// The page for evidence.
        link: Sensitive<String>,
        /// When the seniors decide.
        by: String,
    },
    /// H6: it ended.
    HolderEnded {
        /// How.
        ending: Ending,
        /// Until when an objection is possible; none where there is nothing to object to.
        until: Option<String>,
        /// The page for it.
        link: Sensitive<String>,
    },
}

impl Message {
    /// The stable identifier of the text: A1 to A15, H1 to H8.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Code { .. } => "A1",
            Self::Opened { .. } => "A2",
            Self::Missing { .. } => "A3",
            Self::Received { .. } => "A4",
            Self::Again { .. } => "A5",
            Self::Passed { .. } => "A6",
            Self::Late { .. } => "A7",
            Self::Approved { .. } | Self::ApprovedLater { .. } => "A8",
            Self::SetUp { .. } => "A9",
            Self::Open { .. } => "A10",
            Self::Refused { .. } | Self::NotOffered { .. } => "A11",
            Self::Disputed { .. } | Self::Contested { .. } => "A12",
            Self::Closed { .. } => "A13",
            Self::Joined { .. } => "A14",
            Self::GoesOn { .. } => "A15",
            Self::HolderAsked { .. } => "H1",
            Self::ContactAsked { .. } => "H8",
            Self::HolderApproved { .. } => "H2",
            Self::HolderLastHours { .. } => "H3",
            Self::HolderStopped { .. } | Self::HolderRivals { .. } => "H4",
            Self::HolderContested { .. } => "H5",
            Self::HolderEnded { .. } => "H6",
            Self::HolderSetUp { .. } => "H7",
        }
    }

    /// True for notices to channels that were known before the case.
    #[must_use]
    pub fn is_notice(&self) -> bool {
        self.id().starts_with('H')
    }
}
