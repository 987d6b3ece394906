//! Finding an account, and stopping a recovery from the platform's side.

use recovery::id::AccountRef;
use recovery::sensitive::Sensitive;
use recovery::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Asks which account an identifier belongs to: `POST /accounts/resolve`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResolveRequest {
    /// An e-mail address, phone number, user name or account number, as a person typed it.
    #[schema(value_type = String)]
    pub identifier: Sensitive<String>,
}

/// The account, or none: an unknown identifier is an answer and not an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ResolveAnswer {
    /// The platform's reference: letters, digits, `_` and `-`, at most 128, no personal data.
    #[schema(value_type = Option<String>)]
    pub account: Option<AccountRef>,
}

/// How the holder told the platform to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VetoHow {
    /// By proving the old factors on the platform's stop page.
    SignedIn,
    /// By answering a notice with "this was not me".
    ThisWasNotMe,
}

/// Stops every open recovery of the account: `POST /platform/v1/accounts/{ref}/veto`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VetoRequest {
    /// The channel, as named in the dossier, or `sign_in` for the stop page.
    pub channel: String,
    /// How the holder acted.
    pub how: VetoHow,
}

/// What became of a veto.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VetoAnswer {
    /// Whether something was stopped; false when nothing was open or it was stopped before.
    pub stopped: bool,
}

/// A new veto code of the account, in place of the one that the platform asked for before:
/// `POST /platform/v1/accounts/{ref}/veto-codes`, without a body. Refused (422, `under_recovery`)
/// while a recovery of the account is locked or approved.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct VetoCodeAnswer {
    /// Letters and digits in groups of four, 100 random bits. To be shown to the holder once, and
    /// kept by nobody else: Regain has a keyed digest of it.
    #[schema(value_type = String)]
    pub code: Sensitive<String>,
    /// When it was made.
    #[schema(value_type = i64)]
    pub made_at: Timestamp,
    /// Where its holder types it.
    pub stop_page_url: String,
}
