//! What only a user can see, asked by the conformance suite of a platform's test environment.

use recovery::id::AccountRef;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::name::{ActionName, CapabilityName};

/// Asks whether something would go through: `POST /conformance/probe`.
///
/// A platform offers it in its test environment alone and declares it in its capabilities
/// ([`super::Capabilities::probe`]). It walks the way of a user up to and through the platform's
/// own guard, with the smallest amount of the asset of which the account has most, to an address of
/// before, and stops before anything moves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProbeRequest {
    /// The test account.
    #[schema(value_type = String)]
    pub account: AccountRef,
    /// Through what: the oldest thing of this class that is not destroyed (an API key, a session,
    /// the old password ...). Without it: as the holder who is signed in.
    #[serde(default)]
    pub door: Option<ActionName>,
    /// What is tried.
    pub capability: CapabilityName,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProbeResult {
    /// A user could do it now.
    Allowed,
    /// It would be refused.
    Refused,
    /// The account has no such thing, or the platform no such capability.
    Nothing,
}

/// Answer of the probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProbeAnswer {
    /// What came of it.
    pub result: ProbeResult,
}
