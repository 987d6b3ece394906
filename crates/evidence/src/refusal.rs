//! Why a file was not taken: stable codes for machines, plain sentences for people.

use thiserror::Error;

/// A file was not taken. Holds figures and names of formats only, nothing from the file itself.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MediaRefusal {
    /// No bytes at all.
    #[error("the file is empty")]
    Empty,
    /// Not one of the formats that are taken.
    #[error("the file is {found}, not a photo or video")]
    NotMedia {
        /// What it looks like, with its article: "a PDF document".
        found: &'static str,
    },
    /// A zip or another container of files.
    #[error("the file is an archive")]
    Archive,
    /// A list that would make a player read other files or addresses.
    #[error("the file is a playlist")]
    Playlist,
    /// A picture that is something else at the same time.
    #[error("the picture also contains {other}")]
    Disguised {
        /// What else it is, with its article.
        other: &'static str,
    },
    /// The sender's content type and the bytes disagree.
    #[error("the content type that was declared does not fit the file, which is {found}")]
    DeclaredType {
        /// Media type of the bytes.
        found: &'static str,
    },
    /// A video where a picture belongs, or the other way round.
    #[error("the file is {found}, {expected} is needed")]
    WrongKind {
        /// What it is: "a video".
        found: &'static str,
        /// What is needed: "a photo".
        expected: &'static str,
    },
    /// More bytes than allowed.
    #[error("the file has {bytes} bytes, {limit} are allowed")]
    TooLarge {
        /// Bytes of the file.
        bytes: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// More pixels, or a longer side, than allowed; read from the header, nothing was decoded.
    #[error("the picture has {width} x {height} pixels")]
    TooManyPixels {
        /// Pixels across.
        width: u64,
        /// Pixels down.
        height: u64,
    },
    /// Would need more memory or work than allowed.
    #[error("the file needs more memory or work than is allowed")]
    TooComplex,
    /// A moving picture where a still one is needed.
    #[error("the picture is an animation")]
    Animated,
    /// Cut off or corrupt.
    #[error("the file is damaged: {what}")]
    Damaged {
        /// What is wrong: "its end is missing".
        what: &'static str,
    },
    /// A video container without a single frame.
    #[error("the video has no frames")]
    NoFrames,
    /// A container with sound only.
    #[error("the file has sound but no picture")]
    AudioOnly,
    /// Frame rate above the limit; nothing was decoded.
    #[error("the video has more than {limit} frames a second")]
    FrameRate {
        /// Frames a second allowed.
        limit: u32,
    },
    /// Longer than allowed.
    #[error("the video is longer than {limit_ms} ms")]
    TooLong {
        /// Milliseconds allowed.
        limit_ms: u64,
    },
    /// More streams than allowed.
    #[error("the container has more than {limit} streams")]
    TooManyStreams {
        /// Streams allowed.
        limit: u32,
    },
    /// Pictures coded in a way that is not read.
    #[error("the video uses a coding that is not read")]
    Codec,
    /// Looking at the video took longer than allowed.
    #[error("looking at the video took too long")]
    TooSlow,
    /// A tool is not installed, or no sandbox can be made: the file may be fine.
    #[error("video cannot be checked here: {missing} is missing")]
    VideoUnavailable {
        /// The missing tool.
        missing: &'static str,
    },
    /// Another tool is not installed, or no sandbox can be made: the file may be fine.
    #[error("this cannot be looked at here: {missing} is missing")]
    ToolMissing {
        /// The missing tool.
        missing: &'static str,
    },
    /// A tool could not be started or answered nonsense: the file may be fine.
    #[error("the media tool failed: {step}")]
    ToolFailed {
        /// Which step failed.
        step: &'static str,
    },
}

impl MediaRefusal {
    /// The stable code, one documentation page each.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "media.empty",
            Self::NotMedia { .. } => "media.type",
            Self::Archive => "media.archive",
            Self::Playlist => "media.playlist",
            Self::Disguised { .. } => "media.disguised",
            Self::DeclaredType { .. } => "media.declared_type",
            Self::WrongKind { .. } => "media.wrong_kind",
            Self::TooLarge { .. } => "media.too_large",
            Self::TooManyPixels { .. } => "media.too_many_pixels",
            Self::TooComplex => "media.too_complex",
            Self::Animated => "media.animated",
            Self::Damaged { .. } => "media.damaged",
            Self::NoFrames => "media.no_frames",
            Self::AudioOnly => "media.audio_only",
            Self::FrameRate { .. } => "media.frame_rate",
            Self::TooLong { .. } => "media.too_long",
            Self::TooManyStreams { .. } => "media.too_many_streams",
            Self::Codec => "media.codec",
            Self::TooSlow => "media.too_slow",
            Self::VideoUnavailable { .. } => "media.video_unavailable",
            Self::ToolMissing { .. } => "media.tool_missing",
            Self::ToolFailed { .. } => "media.tool_failed",
        }
    }

    /// True if the check could not run and the file may be fine: an `unavailable` finding, not a
    /// retake.
    #[must_use]
    pub const fn is_unavailable(&self) -> bool {
        matches!(
            self,
            Self::VideoUnavailable { .. } | Self::ToolMissing { .. } | Self::ToolFailed { .. }
        )
    }

    /// The retake reason (finding code) under which the applicant hears of it.
    #[must_use]
    pub const fn finding_code(&self) -> &'static str {
        match self {
            Self::Damaged { .. } | Self::Empty => "upload.damaged",
            _ if self.is_unavailable() => "check.unavailable",
            _ => "image.unreadable",
        }
    }

    /// What happened, why, and what to do, in plain words.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::TooLarge { bytes, limit } => format!(
                "This file has {} MB, and at most {} MB can be sent. Take the photo or video here, \
                 the camera on this page makes smaller files.",
                megabytes_up(*bytes),
                limit >> 20
            ),
            Self::TooManyPixels { width, height } => format!(
                "This picture has {width} x {height} pixels, which is more than we can open. Take \
                 it with an ordinary camera setting or with the camera on this page."
            ),
            Self::FrameRate { limit } => format!(
                "This video has more than {limit} pictures a second, which no check can follow. \
                 Record it again without slow motion."
            ),
            Self::TooLong { limit_ms } => format!(
                "This video is longer than {} seconds. Record it again and press Stop after the \
                 last digit.",
                limit_ms / 1000
            ),
            Self::NotMedia { found } => format!(
                "This file is {found}. We can only read photos (JPEG, PNG, WebP) and videos (MP4, \
                 WebM). Take the photo here or choose one of those."
            ),
            Self::Disguised { other } => format!(
                "This picture also contains {other}, so we did not open it. Take a new photo and \
                 send it unchanged."
            ),
            Self::DeclaredType { found } => format!(
                "This file was announced as something else than what it is ({found}). Send it \
                 again with its right type, or take the photo here."
            ),
            Self::WrongKind { found, expected } => {
                format!("This is {found}, but {expected} is needed here. Choose {expected}.")
            }
            other => other.fixed_sentence().to_owned(),
        }
    }

    const fn fixed_sentence(&self) -> &'static str {
        match self {
            Self::Empty => "This file is empty. Choose it again or take the photo here.",
            Self::Archive => {
                "This is an archive with files in it, which we never open. Take the photo out of \
                 it and send the photo itself."
            }
            Self::Playlist => {
                "This file is a list of other files, not a video. Record the video here or send \
                 the video itself."
            }
            Self::TooComplex => {
                "This file needs more memory or work than we allow. Take it again with an ordinary \
                 camera setting."
            }
            Self::Animated => "This picture moves. Send a photo that stands still.",
            Self::Damaged { .. } => {
                "This file is damaged: a part of it is missing or unreadable. Send it again, or \
                 take it again here. Wi-Fi is often steadier."
            }
            Self::NoFrames => "This video has no pictures in it. Record it again.",
            Self::AudioOnly => {
                "This file has sound but no picture. Record it again with the camera switched on."
            }
            Self::TooManyStreams { .. } => {
                "This video has too many tracks in it. Record it here, in one go."
            }
            Self::Codec => {
                "This video is coded in a way we cannot read. Record it here, or save it as MP4."
            }
            Self::TooSlow => {
                "Looking at this video took too long. Record it again here, in an ordinary size."
            }
            Self::ToolMissing { .. } => {
                "We cannot open this kind of file just now. Send the photo as JPEG, or go on: a \
                 person or a later check will look at it."
            }
            _ => {
                "We cannot check videos just now. Nothing is lost: a person or a later check will \
                 look at it."
            }
        }
    }
}

/// Bytes in MB, rounded up, so that a file just over the limit never reads as equal to it.
const fn megabytes_up(bytes: u64) -> u64 {
    bytes.div_ceil(1 << 20)
}
