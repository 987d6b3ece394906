//! What pages show to whoever has a channel of the account: what can be stopped, what was, and
//! whether a message is ours.

use recovery::case::{ShownFactor, State};
use recovery::id::CaseId;
use recovery::time::Timestamp;

/// What a link or code of the holder's can stop.
#[derive(Debug, Clone)]
pub enum Stoppable {
    /// Nobody knows it.
    Unknown,
    /// No recovery of the account is under way.
    Nothing,
    /// This one; the most dangerous where there are several.
    Case(StopView),
}

/// What the stop page shows; nothing about the person.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "plain fields of a page")]
pub struct StopView {
    pub case: CaseId,
    pub asked_at: Timestamp,
    /// City and country of the request, in words.
    pub place: String,
    /// Its browser and system, in words.
    pub device: String,
    pub state: State,
    /// A veto through this link would still be accepted.
    pub can_stop: bool,
    pub stopped_at: Option<Timestamp>,
    /// Until when the other person may insist, once stopped by an objection.
    pub dispute_until: Option<Timestamp>,
    /// By when seniors decide, once they do.
    pub decided_by: Option<Timestamp>,
    /// An objection stands for which this link may speak (UX.md V5).
    pub may_show: bool,
    /// A number to keep, once stopped.
    pub number: String,
}

/// Answer of the message check (UX.md C5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageCheck {
    /// We sent it; the text, if one was pasted, is unchanged.
    Ours {
        /// Stable kind, such as `opened` or `holder_asked`.
        kind: String,
        /// `email`, or `notice` for what the platform forwarded.
        channel: String,
        /// The minute.
        at: Timestamp,
        /// A text was given and compared.
        text_compared: bool,
    },
    /// The code is ours, the text is not.
    CodeOnly,
    /// Unknown.
    NotOurs,
    /// It asks for money, a call or an app: always a scam, whatever the code.
    Scam,
}

/// What an objector sees of their own side (UX.md V5); nothing of the other one.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "plain fields of a page")]
pub struct ObjectionView {
    pub stopped_at: Timestamp,
    /// Until when the applicant may dispute the objection.
    pub dispute_until: Timestamp,
    /// Until when both sides may show theirs, once seniors decide.
    pub evidence_until: Option<Timestamp>,
    /// By when seniors decide, once they do.
    pub decided_by: Option<Timestamp>,
    /// What was shown so far.
    pub shown: Vec<ShownFactor>,
    /// Since when the objection is said to be a mistake.
    pub taken_back_at: Option<Timestamp>,
    /// A number to keep.
    pub number: String,
}
