//! What the applicant shows: kinds of evidence, how each was captured, what a case holds of it.

use serde::{Deserialize, Serialize};

use crate::id::{ContentDigest, EvidenceId};

/// A kind of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// Front of the ID document (M8).
    IdFront,
    /// Back of the ID document (M9).
    IdBack,
    /// The person with the document and the handwritten note (M10).
    NotePhoto,
    /// The one-take video with the random phrase (M11).
    Video,
    /// Screenshots of earlier transactions (M13), optional.
    Screenshot,
}

impl EvidenceKind {
    /// Every kind, in the order in which people are asked.
    pub const ALL: [Self; 5] = [
        Self::IdFront,
        Self::IdBack,
        Self::NotePhoto,
        Self::Video,
        Self::Screenshot,
    ];

    /// The stable name in events, URLs and findings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::IdFront => "id_front",
            Self::IdBack => "id_back",
            Self::NotePhoto => "note_photo",
            Self::Video => "video",
            Self::Screenshot => "screenshot",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// How a piece of evidence was captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capture {
    /// By the camera inside our page, while the page was open.
    Live,
    /// From a file: only people may accept it, with a recorded exception.
    NotLive,
}

/// One piece of evidence as a case knows it: no name, no content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceItem {
    /// Its identifier, also the name of its sealed object.
    pub id: EvidenceId,
    /// What it is.
    pub kind: EvidenceKind,
    /// How it came.
    pub capture: Capture,
    /// Digest of the original bytes.
    pub digest: ContentDigest,
    /// The sniffed media type, such as `image/jpeg`.
    pub media_type: String,
    /// Bytes of the original.
    pub bytes: u64,
}

/// The three lines of the note (M10, B3): what is asked, the day where the person is, as people
/// write it, and the code of the case. The applicant copies these, the reviewer looks for these.
#[must_use]
pub fn note_lines(platform: &str, day: &str, code: &str) -> [String; 3] {
    [
        format!("Request to recover {platform} account"),
        day.to_owned(),
        code.to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_note_says_what_is_asked_when_and_for_which_request() {
        let lines = note_lines("Example", "24 November 2026", "RG-7K2M-91QX");
        assert_eq!(lines[0], "Request to recover Example account");
        assert_eq!(lines[1..], ["24 November 2026", "RG-7K2M-91QX"]);
    }
}
