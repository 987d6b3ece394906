//! Notices to every channel that the platform knew before the case.

use recovery::sensitive::Sensitive;
use recovery::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::capabilities::ChannelKind;
use super::name::NoticeKind;

/// Asks for delivery: `POST /accounts/{ref}/notices`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoticeRequest {
    /// Names this request for ever: 1 to 128 characters.
    pub idempotency_key: String,
    /// The checkable code of the message (M29).
    pub message_code: String,
    /// Why it is sent.
    pub kind: NoticeKind,
    /// Only channels known before this moment (the opening of the case) are told.
    #[schema(value_type = i64)]
    pub known_before: Timestamp,
    /// Subject line, for channels that have one.
    pub subject: String,
    /// Whole text.
    #[schema(value_type = String)]
    pub text: Sensitive<String>,
    /// Short text, for text messages and pushes; the whole text is used where it is absent.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub short_text: Option<Sensitive<String>>,
    /// Link to the stop page.
    #[schema(value_type = String)]
    pub stop_url: Sensitive<String>,
    /// Code to type on the stop page.
    #[schema(value_type = String)]
    pub notice_code: Sensitive<String>,
    /// Channels that are told in words of their own, with links and codes by which Regain knows
    /// which channel stopped a recovery. The others are told the words above, but for recovery
    /// contacts: those are told what names them, or nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<ChannelNotice>,
}

/// What one channel is told.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelNotice {
    /// The channel, as named in the dossier.
    pub channel: String,
    /// The checkable code of this message (M29).
    pub message_code: String,
    /// Subject line, for channels that have one. A recovery contact learns from the platform, in
    /// front of the text, whose contact it is: Regain knows no names.
    pub subject: String,
    /// Whole text.
    #[schema(value_type = String)]
    pub text: Sensitive<String>,
    /// Short text, for text messages and pushes; the whole text is used where it is absent.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub short_text: Option<Sensitive<String>>,
}

/// One channel's receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChannelReceipt {
    /// The channel, as named in the dossier.
    pub channel: String,
    /// What it is.
    pub kind: ChannelKind,
    /// Whether the platform took it for delivery.
    pub accepted: bool,
}

/// What became of a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NoticeAnswer {
    /// One receipt for each channel that was known before.
    pub channels: Vec<ChannelReceipt>,
}
