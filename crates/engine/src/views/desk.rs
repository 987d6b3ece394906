//! What reviewers' pages show.

use recovery::actor::{ChannelRef, Rank};
use recovery::case::{Part, State};
use recovery::clues::ClueFinding;
use recovery::clues::address::Chain;
use recovery::evidence::EvidenceItem;
use recovery::finding::Finding;
use recovery::id::{AssignmentId, CaseId, EvidenceId};
use recovery::sensitive::Sensitive;
use recovery::signal::Signal;
use recovery::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ContestFile, Moment, SaidWords, ShownAs};

/// One row of a reviewer's work list (UX.md D2): no name, no country, no value.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "plain fields of a page")]
pub struct WorkRow {
    pub case: CaseId,
    pub code: String,
    pub part: Part,
    pub assignment: AssignmentId,
    pub lease_until: Timestamp,
    pub due: Option<Timestamp>,
    pub parts_done: u32,
    pub parts_all: u32,
    pub changed_at: Timestamp,
}

/// The work page.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "plain fields of a page")]
pub struct WorkView {
    pub rows: Vec<WorkRow>,
    pub waiting: u64,
    pub oldest_since: Option<Timestamp>,
    pub now: Timestamp,
}

/// A masked value, revealed for a reason.
#[derive(Debug, Clone)]
pub struct Revealed {
    /// As it is.
    pub value: Sensitive<String>,
    /// For an address on a chain: the chain, and where its explorer shows the address.
    pub explorer: Option<(Chain, Sensitive<String>)>,
}

/// What a reviewer may see of a case they hold. Personal fields are masked until revealed.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "plain fields of a page")]
pub struct CaseFile {
    pub case: CaseId,
    pub code: String,
    pub state: State,
    pub part: Part,
    pub assignment: AssignmentId,
    pub lease_until: Timestamp,
    pub rank: Rank,
    pub policy_version: u32,
    pub opened_at: Timestamp,
    pub submitted_at: Option<Timestamp>,
    pub due: Option<Timestamp>,
    pub phantom: bool,
    pub locked: bool,
    pub appeal: bool,
    pub needs_exception: bool,
    pub evidence: Vec<EvidenceItem>,
    pub has_portrait: bool,
    pub video_frames: u32,
    /// What the checks made to be looked at beside the evidence.
    pub shown: Vec<ShownAs>,
    /// When each digit of the phrase was said.
    pub words: Vec<SaidWords>,
    /// The lines the note must show, for the comparison.
    pub note_lines: Vec<String>,
    /// The sentence and the digits that the video must say.
    pub phrase: String,
    /// Facts of the record, masked: (label, masked value).
    pub record: Vec<(&'static str, String)>,
    /// Results of clues; never a true value.
    pub clues: Vec<ClueFinding>,
    /// How many of the addresses that were typed can be opened in an explorer.
    pub linked_addresses: usize,
    /// Circumstances of the request.
    pub signals: Vec<Signal>,
    pub findings: Vec<Finding>,
    /// Who answered a notice that the request is theirs.
    pub holder_words: Vec<HolderWord>,
    /// The reviewer's own answers so far, by step: stable codes.
    pub opinions: Vec<(String, String)>,
    pub timeline: Vec<Moment>,
    /// The other side, where seniors decide between two.
    pub contest: Option<ContestFile>,
    pub now: Timestamp,
}

/// Somebody's word, by a channel of the account, that a request is theirs. It decides nothing.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HolderWord {
    /// The channel.
    pub channel: ChannelRef,
    /// When they first said so.
    pub at: Timestamp,
}

/// Something a reviewer asks to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exhibit {
    /// A picture of the case (a screenshot, a photo) as a copy without metadata.
    Picture(EvidenceId),
    /// A frame of the video, from 0.
    Frame(u32),
    /// The video itself.
    Video,
    /// The portrait of the KYC record.
    Portrait,
    /// Something the checks made: a straightened card, an upright face, the sound of the phrase.
    Shown(ShownAs),
}
