//! The keys of the automatic checks: from where on a measurement passes.

use super::Kind::{Evaluations, Number, Whole, Word, Words};
use super::Stricter::{Less, More, Neither};
use super::Within::From;
use super::{Key, Section};

const EVALUATION: Key = Key::of(
    "evaluation",
    Word,
    Neither,
    "the evaluation that this section's numbers come from",
);

#[rustfmt::skip]
pub(super) const SECTIONS: &[Section] = &[
    Section { path: "checks.image", says: "Light, blur and size of any photo", optional: false,
        keys: &[
        EVALUATION,
        Key::of("dark", Number, More, "the mean brightness below which a photo is too dark")
            .in_unit("of 255"),
        Key::of("bright", Number, Less, "the mean brightness above which a photo is too bright")
            .in_unit("of 255"),
        Key::of("blur", Number, More,
            "the sharpness below which a photo cannot be read (variance of the Laplacian)"),
        Key::of("small", Number, More, "the shortest side of a photo").in_unit("px"),
        Key::of("small_screenshot", Number, More, "the shortest side of a screenshot")
            .in_unit("px"),
    ] },
    Section { path: "checks.document", says: "The document as an object", optional: false,
        keys: &[
        EVALUATION,
        Key::of("glare_share", Number, Less,
            "the share of the card in one saturated spot above which there is glare"),
        Key::of("blur", Number, More,
            "the sharpness of the card below which the photo is taken again"),
        Key::of("blur_doubt", Number, More,
            "the sharpness of the card below which a person looks"),
        Key::of("least_width", Number, More, "the least width of the card").in_unit("px"),
        Key::of("edge_share", Number, More,
            "the share of edge along the weakest side from which the outline is certain"),
        Key::of("covered_share", Number, Less,
            "the share of a side under a finger or a sleeve above which a person looks"),
        Key::of("emblem", Number, More,
            "the sharpness of the print on the back below which a person looks"),
        Key::of("screen_decibels", Number, Less,
            "the wave of a screen's lattice above which a person looks").in_unit("dB"),
    ] },
    Section { path: "checks.reading", says: "What was read against the record", optional: false,
        keys: &[
        EVALUATION,
        Key::of("name_match", Number, More, "the likeness from which two names are the same"),
        Key::of("name_near", Number, More, "the likeness from which two names may be the same"),
        Key::of("least_age_years", Number, More, "the least age").in_unit("years"),
    ] },
    Section { path: "checks.note", says: "The photo with the note", optional: false, keys: &[
        EVALUATION,
        Key::of("date_days", Number, Less,
            "how far the date on the note may be from the applicant's own").in_unit("days"),
        Key::of("words_share", Number, More,
            "the share of a line's characters that must be read to call it read"),
        Key::of("same_document", Number, More,
            "the likeness of front photo and document in the hand below which a person looks"),
    ] },
    Section { path: "checks.video", says: "The one take", optional: false, keys: &[
        EVALUATION,
        Key::of("least_seconds", Number, More, "the shortest video").in_unit("seconds"),
        Key::of("gap_seconds", Number, Less, "the longest hole between frames or in the sound")
            .in_unit("seconds"),
        Key::of("frozen_share", Number, Less,
            "the share of frames that may equal the one before"),
        Key::of("arrival_seconds", Number, Less,
            "how far arrival and file time of a chunk may drift apart").in_unit("seconds"),
        Key::of("quiet_dbfs", Number, More,
            "the loudness of the loudest second below which there is no sound").in_unit("dBFS"),
    ] },
    Section { path: "checks.phrase", says: "The spoken digits", optional: false, keys: &[
        EVALUATION,
        Key::of("pass", Number, More,
            "the score from which the digits were said (mean log likelihood)"),
        Key::of("unclear", Number, More, "the score below which they were not said"),
        Key::of("reveal_seconds", Number, Less,
            "how far each digit may be from the moment it was shown").in_unit("seconds"),
    ] },
    Section { path: "checks.face", says: "Faces compared, by one embedder", optional: false,
        keys: &[
        EVALUATION,
        Key::of("embedder", Word, Neither, "the model that the numbers belong to"),
        Key::of("no_match_below", Number, More,
            "the likeness (cosine) below which two faces are of two persons"),
        Key::of("match_from", Number, More,
            "the likeness (cosine) from which two faces are of one person"),
        Key::of("document_from", Number, More,
            "the likeness (cosine) from which two printed portraits are of one person"),
        Key::of("live_from", Number, More,
            "the mean of the liveness models below which people look"),
        Key::of("greatest_yaw_degrees", Number, Less,
            "how far a face may be turned aside to be compared").in_unit("degrees"),
        Key::of("greatest_pitch_degrees", Number, Less,
            "how far a face may be turned up or down to be compared").in_unit("degrees"),
        Key::of("least_width", Number, More, "the least width of a face").in_unit("px"),
        Key::of("dark", Number, More, "the mean brightness below which a face is too dark")
            .in_unit("of 255"),
        Key::of("bright", Number, Less, "the mean brightness above which a face is too bright")
            .in_unit("of 255"),
        Key::of("blur", Number, More,
            "the sharpness below which a face is not compared (variance of the Laplacian)"),
        Key::of("eyes_light_from", Number, More,
            "the light of the eyes, as a share of the skin's, below which there is dark glass"),
        Key::of("mouth_detail_from", Number, More,
            "the contrast about the mouth, as a share of the face's, below which it is covered"),
        Key::of("turn_from", Number, More, "the turn of the head that a video must show"),
        Key::of("sync_from", Number, More,
            "the agreement of mouth and sound that a video must show"),
    ] },
    Section { path: "checks.capture", says: "What the browser says of its camera",
        optional: false, keys: &[
        EVALUATION,
        Key::of("virtual_names", Words, More,
            "the parts of a camera's name that tell a program or a file, in lower case"),
        Key::of("least_frames", Number, More, "the fewest frames that must reach the page")
            .in_unit("a second"),
        Key::of("dropped_share", Number, Less, "the share of frames that may be dropped"),
    ] },
    Section { path: "checks.reuse", says: "The same picture again", optional: false, keys: &[
        EVALUATION,
        Key::of("bits", Number, More,
            "the distance up to which two pictures are the same").in_unit("bits"),
        Key::of("face_bits", Number, More,
            "the distance up to which two cut-out faces are the same picture").in_unit("bits"),
    ] },
    Section { path: "checks.gallery", says: "The same person again", optional: true, keys: &[
        EVALUATION,
        Key::of("hit_from", Number, Less,
            "the likeness (cosine) from which an earlier face is the same person")
            .within(From("checks.face.match_from")),
        Key::of("faces_max", Whole, Neither, "how many faces the gallery may hold")
            .in_unit("faces"),
    ] },
    Section { path: "checks", says: "Where the numbers come from", optional: false, keys: &[
        Key::of("evaluations", Evaluations, Neither, "the evaluations that sections name"),
    ] },
];
