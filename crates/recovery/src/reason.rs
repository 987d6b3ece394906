//! Why an item must be taken again, in the applicant's words (UX.md B4). Codes are stable.

/// One reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reason {
    /// The stable code.
    pub code: &'static str,
    /// What is wrong.
    pub headline: &'static str,
    /// What to do. `{platform}`, `{case}`, `{date}` and `{when}` stand for values of the case.
    pub advice: &'static str,
}

/// The reason given when the machine does not recognise the person. It says nothing about what
/// was compared or how near it was, because identity results are never told.
pub const AGAIN_PERSON: &str = "again.person";

/// Every reason, in the order of the guide.
pub const REASONS: &[Reason] = &[
    Reason {
        code: "image.dark",
        headline: "The picture is too dark",
        advice: "Go near a window or lamp. Do not use the flash.",
    },
    Reason {
        code: "image.bright",
        headline: "The picture is too bright",
        advice: "Turn so that the light comes from the side.",
    },
    Reason {
        code: "image.blur",
        headline: "The picture is blurred",
        advice: "Wipe the lens, rest your elbows, wait a second before you press.",
    },
    Reason {
        code: "image.small",
        headline: "The picture is too small to read",
        advice: "Move closer. Use the camera here, not a picture from a chat app.",
    },
    Reason {
        code: "image.unreadable",
        headline: "We could not open this file",
        advice: "Take the photo here or choose a JPEG or PNG.",
    },
    Reason {
        code: "image.again",
        headline: "This is the same picture as before",
        advice: "Take a new one now.",
    },
    Reason {
        code: "image.older_case",
        headline: "This picture was used in an earlier request",
        advice: "Take a new one today.",
    },
    Reason {
        code: "image.screen",
        headline: "This looks like a photo of a screen or a copy",
        advice: "Photograph the real thing, not a display or print.",
    },
    Reason {
        code: "image.edited",
        headline: "This picture seems to have been changed",
        advice: "Send it exactly as taken: no filter, crop or cover.",
    },
    Reason {
        code: "id.edge",
        headline: "An edge of the ID is missing",
        advice: "Lay it flat and step back until all four edges show.",
    },
    Reason {
        code: "id.glare",
        headline: "A shine hides part of the ID",
        advice: "Tilt it a little or move away from the lamp.",
    },
    Reason {
        code: "id.covered",
        headline: "Something covers part of the ID",
        advice: "Take it out of its sleeve and move your fingers.",
    },
    Reason {
        code: "id.text",
        headline: "We could not read the writing",
        advice: "Fill the frame with the card and hold still.",
    },
    Reason {
        code: "id.emblem",
        headline: "The emblem or small print on the back is not clear",
        advice: "Photograph the back in daylight.",
    },
    Reason {
        code: "id.side",
        headline: "This is the other side",
        advice: "Turn the card over.",
    },
    Reason {
        code: "id.kind",
        headline: "This is not the ID you chose",
        advice: "Go back and choose the kind you hold, or photograph the right one.",
    },
    Reason {
        code: "id.same_required",
        headline: "We need the same ID you showed {platform}",
        advice: "Another kind does not work. If you renewed it, say so and send the new one of the \
                 same kind.",
    },
    Reason {
        code: "id.expired",
        headline: "This ID has passed its date",
        advice: "Send it anyway if it is the one you used. A person looks at the date.",
    },
    Reason {
        code: "note.missing",
        headline: "We do not see a note",
        advice: "Hold the paper next to your face.",
    },
    Reason {
        code: "note.text",
        headline: "The note does not say all three lines",
        advice: "Copy the lines exactly, in capitals if that is easier.",
    },
    Reason {
        code: "note.date",
        headline: "The date on the note is not today",
        advice: "Write today's date: {date}.",
    },
    Reason {
        code: "note.code",
        headline: "The request code on the note is missing or different",
        advice: "Write {case}.",
    },
    Reason {
        code: "note.id",
        headline: "The ID is not next to you in the picture",
        advice: "Hold the front of the ID beside your face.",
    },
    Reason {
        code: "note.typed",
        headline: "The note is not handwritten",
        advice: "Write by hand, or choose another way if you cannot.",
    },
    Reason {
        code: "face.none",
        headline: "We do not see your face",
        advice: "Hold the phone at eye level in good light.",
    },
    Reason {
        code: "face.covered",
        headline: "Part of your face is covered",
        advice: "Take off hat, mask, sunglasses; move hair away.",
    },
    Reason {
        code: "face.several",
        headline: "There is more than one face",
        advice: "Only you may be in the picture. Turn posters away.",
    },
    Reason {
        code: "face.angle",
        headline: "Your face is turned away",
        advice: "Look straight at the camera.",
    },
    Reason {
        code: "video.cut",
        headline: "The video stopped or was cut",
        advice: "Record it in one go. Calls and notifications interrupt it; turn on Do Not \
                 Disturb.",
    },
    Reason {
        code: "video.short",
        headline: "The video ends too early",
        advice: "Read all the words, then press Stop.",
    },
    Reason {
        code: "video.quiet",
        headline: "We could not hear you",
        advice: "Speak up, go somewhere quiet, unplug headphones.",
    },
    Reason {
        code: "video.words",
        headline: "The words do not match",
        advice: "Get new words and read them in order. Any accent is fine.",
    },
    Reason {
        code: "video.slow_words",
        headline: "The words had run out of time",
        advice: "Get new words and record within 10 minutes.",
    },
    Reason {
        code: "video.frozen",
        headline: "The picture does not move",
        advice: "Close other apps that use the camera and try again.",
    },
    Reason {
        code: "upload.damaged",
        headline: "The file was damaged on its way",
        advice: "Send it again. Wi-Fi is often steadier.",
    },
    Reason {
        code: "check.unavailable",
        headline: "Our check is busy",
        advice: "Nothing to do. We try again by ourselves and tell you by {when}.",
    },
    Reason {
        code: "again.person",
        headline: "We need this part again",
        advice: "Use daylight, look straight at the camera and take off whatever covers your face.",
    },
];

/// The reason of that code.
#[must_use]
pub fn reason(code: &str) -> Option<&'static Reason> {
    REASONS.iter().find(|reason| reason.code == code)
}
