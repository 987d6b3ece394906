//! What each capture page says: the words of UX.md P12 to P15.

use recovery::evidence::EvidenceKind;

use super::fresh_face;
use crate::routes::{PHOTO_BYTES, VIDEO_BYTES};

/// Everything a capture page says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    pub(crate) kind: EvidenceKind,
    pub(crate) path: &'static str,
    pub(crate) fix: &'static str,
    pub(crate) title: &'static str,
    pub(crate) body: &'static str,
    pub(crate) rules: &'static [&'static str],
    pub(crate) label: &'static str,
    pub(crate) limit: &'static str,
    pub(crate) accept: &'static str,
    pub(crate) camera: &'static str,
    pub(crate) bytes: usize,
}

const PHOTOS: &str = "image/jpeg,image/png,image/webp";
const PHOTO_LIMIT: &str = "JPEG, PNG or WebP, up to 12 MB.";

/// The page of one kind.
pub(crate) const ID_FRONT: Part = Part {
    kind: EvidenceKind::IdFront,
    path: "/case/id/front",
    fix: "/case/fix/id_front",
    title: "Photo of the front of your ID",
    body: "Use the same card or passport you showed {platform} before. Lay it on a plain dark \
           surface. All four edges must be in the picture. Do not cover or edit anything.",
    rules: &[
        "Daylight, no flash, no shine on the card",
        "Out of its sleeve, nothing over it",
        "From a passport, the page with your photo",
    ],
    label: "Photo of the front",
    limit: PHOTO_LIMIT,
    accept: PHOTOS,
    camera: "environment",
    bytes: PHOTO_BYTES,
};

/// The page of one kind.
pub(crate) const ID_BACK: Part = Part {
    kind: EvidenceKind::IdBack,
    path: "/case/id/back",
    fix: "/case/fix/id_back",
    title: "Photo of the back of your ID",
    body: "Turn the card over. The emblem and the small print must be readable.",
    rules: &[
        "Daylight, no flash, no shine on the card",
        "All four edges in the picture",
    ],
    label: "Photo of the back",
    limit: PHOTO_LIMIT,
    accept: PHOTOS,
    camera: "environment",
    bytes: PHOTO_BYTES,
};

/// The page of one kind.
pub(crate) const NOTE: Part = Part {
    kind: EvidenceKind::NotePhoto,
    path: "/case/note",
    fix: "/case/fix/note_photo",
    title: "Photo of you with your ID and a note",
    body: "Write the three lines below on paper by hand. Hold the note and the front of your ID \
           next to your face. Nothing may cover your face or the writing.",
    rules: &[
        "Daylight on your face",
        "No hat, mask or sunglasses. Glasses and head coverings you always wear are fine if the \
         face from chin to forehead is free",
        "Only you in the picture",
        "A new photo, not one you used before",
    ],
    label: "Photo of you with ID and note",
    limit: PHOTO_LIMIT,
    accept: PHOTOS,
    camera: "user",
    bytes: PHOTO_BYTES,
};

/// The page of one kind.
pub(crate) const VIDEO: Part = Part {
    kind: EvidenceKind::Video,
    path: "/case/video",
    fix: "/case/fix/video",
    title: "A short video of you",
    body: "Press Record, look at the camera and read the sentence aloud. Then six digits appear \
           one after the other: say each as it appears, in any accent. They are only for you. Do \
           not cut or edit. You can try again, each time with new digits.",
    rules: &[
        "Daylight on your face. No hat, mask or sunglasses. Glasses and head coverings you always \
         wear are fine if the face from chin to forehead is free",
        "A quiet place",
        "The phone upright, 45 seconds at most",
        "Calls and notifications interrupt it: turn on Do Not Disturb",
    ],
    label: "Your video",
    limit: "MP4 or WebM, up to 48 MB.",
    accept: "video/*",
    camera: "user",
    bytes: VIDEO_BYTES,
};

/// The same at the handover, in place of the case key; never with a file.
pub(crate) const FACE: Part = Part {
    path: fresh_face::PATH,
    fix: fresh_face::PATH,
    title: "Show your face again",
    body: "This takes the place of your key. Press Record, look at the camera and read the \
           sentence aloud. Then six digits appear one after the other: say each as it appears. A \
           machine compares you with the picture on record. The video is not kept.",
    ..VIDEO
};

const PARTS: [&Part; 4] = [&ID_FRONT, &ID_BACK, &NOTE, &VIDEO];

/// The page of a kind of evidence; screenshots have another.
pub(crate) fn part(kind: EvidenceKind) -> Option<&'static Part> {
    PARTS.into_iter().find(|part| part.kind == kind)
}

/// The name of a kind in the task list.
pub(crate) const fn name(kind: EvidenceKind) -> &'static str {
    match kind {
        EvidenceKind::IdFront => "Front of your ID",
        EvidenceKind::IdBack => "Back of your ID",
        EvidenceKind::NotePhoto => "Photo with your note",
        EvidenceKind::Video => "Short video",
        EvidenceKind::Screenshot => "Add screenshots (optional)",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_page_but_screenshots_which_have_their_own() {
        for kind in EvidenceKind::ALL {
            let page = part(kind);
            assert_eq!(page.is_none(), kind == EvidenceKind::Screenshot);
            if let Some(page) = page {
                assert_eq!(page.fix, format!("/case/fix/{}", kind.name()));
                assert!(page.body.split_whitespace().count() <= 60);
            }
        }
    }
}
