//! What seniors see of the two sides of a contested case.

use recovery::case::{LiveFactor, Side};
use recovery::clues::ClueFinding;
use recovery::finding::Finding;
use recovery::sensitive::Sensitive;
use recovery::signal::Signal;
use recovery::time::Timestamp;

/// What seniors see of a contested case beside its own file (UX.md D7).
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "plain fields of a page")]
pub struct ContestFile {
    pub stopped_at: Timestamp,
    pub evidence_until: Option<Timestamp>,
    /// Who was asked for more already.
    pub asked: Vec<Side>,
    /// Since when the applicant's new address is proved.
    pub contact_since: Option<Timestamp>,
    /// How many seniors must agree on the applicant; on anything else `seniors`.
    pub seniors_for_applicant: u32,
    pub seniors: u32,
    pub other: OtherSide,
}

/// The side against the applicant.
#[derive(Debug, Clone)]
pub enum OtherSide {
    /// Somebody with a channel of the account objected.
    Objector(Objector),
    /// Another applicant passed phase 1 for the same account.
    Rival(Box<RivalSide>),
}

/// A channel as seniors see it: never its address.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "plain fields of a page")]
pub struct ChannelAge {
    /// `email`, `sms`, `push`, `in_app` or `other`.
    pub kind: &'static str,
    pub known_since: Timestamp,
}

/// Somebody who objected.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "plain fields of a page")]
pub struct Objector {
    /// By a channel of which kind they objected: one of those of [`ChannelAge`], `veto_code` or
    /// `sign_in`.
    pub by: &'static str,
    /// The channels that the account had before the request.
    pub channels: Vec<ChannelAge>,
    pub shown: Vec<(LiveFactor, Timestamp)>,
    /// When they called it a mistake, and what they wrote.
    pub taken_back: Option<(Timestamp, Sensitive<String>)>,
}

/// The other applicant, in the same terms as this one.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "plain fields of a page")]
pub struct RivalSide {
    pub opened_at: Timestamp,
    pub contact_since: Option<Timestamp>,
    pub all_live: bool,
    pub clues: Vec<ClueFinding>,
    pub signals: Vec<Signal>,
    pub findings: Vec<Finding>,
}
