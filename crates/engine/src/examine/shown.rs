//! What reviewers are shown beside the evidence itself: straightened documents, the paper, upright
//! faces, the spoken phrase.

use image::RgbImage;

/// What a picture or sound shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ShownAs {
    /// The front of the document, straightened.
    CardFront,
    /// Its back, straightened.
    CardBack,
    /// The paper of the note photo, straightened and enlarged.
    Paper,
    /// The document in the hand of the note photo, straightened.
    CardHeld,
    /// The face of the KYC portrait, upright.
    FaceRecord,
    /// The face on the document, upright.
    FaceDocument,
    /// The face of the note photo, upright.
    FaceNote,
    /// The face of the video, upright: of the frame nearest to its middle that shows one.
    FaceVideo,
    /// The sound of the phrase.
    Phrase,
    /// When each word of the phrase was said, as JSON.
    PhraseWords,
}

impl ShownAs {
    /// All, in the order of the reviewer's pages.
    pub const ALL: [Self; 10] = [
        Self::CardFront,
        Self::CardBack,
        Self::Paper,
        Self::CardHeld,
        Self::FaceRecord,
        Self::FaceDocument,
        Self::FaceNote,
        Self::FaceVideo,
        Self::Phrase,
        Self::PhraseWords,
    ];

    /// The stable name, in addresses and names of sealed objects.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CardFront => "card_front",
            Self::CardBack => "card_back",
            Self::Paper => "paper",
            Self::CardHeld => "card_held",
            Self::FaceRecord => "face_record",
            Self::FaceDocument => "face_document",
            Self::FaceNote => "face_note",
            Self::FaceVideo => "face_video",
            Self::Phrase => "phrase",
            Self::PhraseWords => "phrase_words",
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shown| shown.name() == name)
    }

    /// Its media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Phrase => "audio/wav",
            Self::PhraseWords => "application/json",
            _ => "image/jpeg",
        }
    }
}

/// Something to show.
pub struct Shown {
    /// What it is.
    pub what: ShownAs,
    /// Its bytes, of the type that [`ShownAs::media_type`] says.
    pub bytes: Vec<u8>,
}

/// Longest side of a picture made for the reviewer's page, in pixels: print of 10 points is read.
const SIDE: u32 = 1400;

/// A picture to show; nothing if it cannot be written.
pub(super) fn picture(what: ShownAs, picture: &RgbImage) -> Option<Shown> {
    let bytes = evidence::reviewer_copy(picture, SIDE).ok()?;
    Some(Shown { what, bytes })
}
