//! Securing actions: what could still open the account is suspended, brought back or destroyed.

use recovery::id::CaseId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What to do with everything of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecuringVerb {
    /// Make it useless, but keep it: a holder who stops the recovery gets it back.
    Suspend,
    /// Bring back what this case suspended, and drop what came in its place.
    Restore,
    /// Forget for ever what this case suspended.
    Destroy,
}

/// Asks for it: `POST /accounts/{ref}/securing/{action}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SecuringRequest {
    /// For which case; what one case suspended no other case restores or destroys.
    #[schema(value_type = String)]
    pub case: CaseId,
    /// What to do.
    pub verb: SecuringVerb,
    /// Names this request for ever: 1 to 128 characters.
    pub idempotency_key: String,
}

/// How far the platform is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecuringProgress {
    /// Done, and so it reads back.
    Done,
    /// Accepted; read back until it is done.
    Pending,
}

/// What became of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SecuringAnswer {
    /// Done or pending.
    pub state: SecuringProgress,
    /// How many things it concerned.
    pub count: u32,
}

/// In which state the things of a class are, for one case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecuringState {
    /// Nothing was done for this case, or it was restored, or something is active that should not.
    Active,
    /// All of it is suspended.
    Suspended,
    /// All of it is destroyed.
    Destroyed,
}

/// Reads back: `GET /accounts/{ref}/securing/{action}?case=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SecuringReading {
    /// The state.
    pub state: SecuringState,
    /// How many things are in that state.
    pub count: u32,
}
