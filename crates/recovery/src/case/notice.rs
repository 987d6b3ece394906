//! Which messages there are.

use serde::{Deserialize, Serialize};

/// A message to the applicant's proved address (UX.md C2) or the holder's known channels (C3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// A2: the request is open.
    Opened,
    /// A3: parts are missing, some days before the end.
    Nudge,
    /// A4: everything was received.
    Received,
    /// A5: some parts again.
    Again,
    /// A6: passed, the account is locked now.
    Passed,
    /// A7: it takes longer.
    Late,
    /// A7 again: the wait was made longer.
    WaitLonger,
    /// A8 before there is a way to the handover: the wait comes first.
    ApprovedLater,
    /// A8: approved, with the way to the handover.
    Approved,
    /// A9: new credentials are in force.
    SetUp,
    /// A10: the wait is over.
    Open,
    /// A11: no access.
    Refused,
    /// A12: somebody objected.
    Disputed,
    /// A15: two seniors decided for the applicant, and the case goes on.
    GoesOn,
    /// A12 once seniors decide: until when there is something to show, and by when they do.
    Contested,
    /// A13: closed.
    Closed,
    /// A14: joined the open case.
    Joined,
    /// H1: somebody asks to recover the account.
    HolderAsked,
    /// H2: approved, last days to stop it.
    HolderApproved,
    /// H7: new ways in were set up; the old ones only stop it.
    HolderSetUp,
    /// H3: hours left to stop it.
    HolderLastHours,
    /// H4: stopped.
    HolderStopped,
    /// H5: both sides are asked.
    HolderContested,
    /// H6: over.
    HolderEnded,
}

impl Notice {
    /// True for what goes to the account's channels from before the case; all else is mailed to
    /// the applicant.
    #[must_use]
    pub const fn is_for_holder(self) -> bool {
        matches!(
            self,
            Self::HolderAsked
                | Self::HolderApproved
                | Self::HolderSetUp
                | Self::HolderLastHours
                | Self::HolderStopped
                | Self::HolderContested
                | Self::HolderEnded
        )
    }
}
