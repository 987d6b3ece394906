//! What a platform declares that it supports.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::name::ActionName;

/// Where the applicant creates a new credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EnrolAt {
    /// On Regain's page, which stages it with the platform.
    AtRegain,
    /// On the platform's own page.
    AtPlatform,
}

/// A kind of channel on which a platform reaches a holder.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ChannelKind {
    /// E-mail.
    Email,
    /// Text message.
    Sms,
    /// Push to an installed app.
    Push,
    /// A message inside the platform's own pages.
    InApp,
    /// Somebody else, whom the holder named to be asked (by whatever means the platform has).
    RecoveryContact,
    /// A kind that this version of the contract does not know.
    #[serde(other)]
    Other,
}

/// The domain for which passkeys are made (Web Authentication, relying party).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PasskeyParty {
    /// The relying party's identifier, such as `exchange.example`.
    pub rp_id: String,
    /// The origin on which the platform signs people in, such as `https://exchange.example`.
    pub origin: String,
    /// The name that an authenticator shows.
    pub name: String,
}

/// What a platform supports: answer of `GET /capabilities`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Capabilities {
    /// The contract's version that the platform speaks ([`crate::paths::CONTRACT_VERSION`]).
    pub contract: u32,
    /// Securing actions that it carries out. An open list: known names and its own.
    pub securing: Vec<ActionName>,
    /// Where a new password is chosen.
    pub password: EnrolAt,
    /// Where a new authenticator is set up.
    pub totp: EnrolAt,
    /// Where a new passkey is made.
    pub passkey: EnrolAt,
    /// The platform's page that makes a passkey, when `passkey` is `at_platform`: https, without
    /// query. The assertion ([`crate::EnrolAssertion`]) is added to it as `assertion`.
    #[serde(default)]
    pub passkey_page: Option<String>,
    /// Where recovery codes are made; none when the platform has no such codes. Regain makes none
    /// where the platform does.
    #[serde(default)]
    pub recovery_codes: Option<EnrolAt>,
    /// For whom passkeys are made; none when the platform has no passkeys.
    pub passkey_party: Option<PasskeyParty>,
    /// On which kinds of channels it delivers notices.
    pub notice_channels: Vec<ChannelKind>,
    /// Whether this is a test environment that answers the conformance suite's probe
    /// ([`super::ProbeRequest`]). Never true where real accounts are.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub probe: bool,
    /// Whether it keeps to limits after a recovery (mode `thawing`). Without it everything is open
    /// when the wait ends.
    #[serde(default)]
    pub thaw: bool,
}
