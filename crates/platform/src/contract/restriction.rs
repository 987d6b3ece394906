//! What an account may do while a recovery is under way: an allow-list.

use std::collections::BTreeSet;

use recovery::id::AccountRef;
use recovery::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::name::CapabilityName;

/// The word under which a restriction is shown to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RestrictionMode {
    /// No restriction: everything is allowed and the allow-list means nothing.
    None,
    /// A recovery is being checked (M32): the old factors open one page, to stop it.
    Locked,
    /// Recovered: everything is allowed, within [`Limits`] that rise. Only sent to a platform that
    /// declares it ([`super::Capabilities::thaw`]).
    Thawing,
    /// Approved, waiting (M18).
    CoolingOff,
    /// Stopped or contested: nothing moves.
    Frozen,
}

/// The one set of an account: `PUT /accounts/{ref}/restrictions`, whole and versioned.
///
/// A lower version than the one in force changes nothing and is answered with the version in force.
/// The same version again changes nothing either.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RestrictionSet {
    /// Rises with every change.
    pub version: u64,
    /// The word for it.
    pub mode: RestrictionMode,
    /// What is allowed; whatever is not named is refused.
    pub allow: BTreeSet<CapabilityName>,
    /// Since when.
    #[schema(value_type = i64)]
    pub since: Timestamp,
    /// Until when at least, for the words on the page. It never ends by itself: only a later
    /// version ends it.
    #[schema(value_type = Option<i64>)]
    pub until_at_least: Option<Timestamp>,
    /// Regain's page on which a holder stops the recovery.
    pub stop_page_url: Option<String>,
    /// What may leave the account in mode `thawing`; absent in every other mode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
}

/// What may leave an account while limits rise after a recovery. A later version of the set raises
/// them; nothing rises by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Share of what the account holds that may leave it within any 24 hours, in percent: of each
    /// asset, or of all by the platform's own valuation. What left in that time counts as held.
    pub daily_percent: u32,
    /// Value may leave only by a withdrawal to an address known before the recovery, added again
    /// by hand: nothing goes to users or buyers.
    pub known_addresses_only: bool,
    /// An address is known if the account withdrew to it, or kept it on its list, before this.
    #[schema(value_type = i64)]
    pub known_before: Timestamp,
}

impl RestrictionSet {
    /// The set of an account of which Regain never said anything.
    #[must_use]
    pub const fn unrestricted() -> Self {
        Self {
            version: 0,
            mode: RestrictionMode::None,
            allow: BTreeSet::new(),
            since: Timestamp::from_millis(0),
            until_at_least: None,
            stop_page_url: None,
            limits: None,
        }
    }

    /// Whether the capability of that name is allowed. In mode `thawing` everything is, within the
    /// limits: who moves value out asks for those too.
    #[must_use]
    pub fn allows(&self, capability: &str) -> bool {
        matches!(self.mode, RestrictionMode::None | RestrictionMode::Thawing)
            || self.allow.iter().any(|name| name.as_str() == capability)
    }

    /// Whether a set that was read back restricts as this one does: mode, allow-list and limits.
    #[must_use]
    pub fn restricts_as(&self, read: &Self) -> bool {
        self.mode == read.mode && self.allow == read.allow && self.limits == read.limits
    }
}

/// The platform says which version is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RestrictionAck {
    /// The version in force.
    pub version: u64,
    /// When that version was first acknowledged.
    #[schema(value_type = i64)]
    pub acknowledged_at: Timestamp,
}

/// Asks for several accounts at once: `POST /platform/v1/restrictions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RestrictionsRequest {
    /// At most [`BATCH_MAX`] accounts.
    #[schema(value_type = Vec<String>)]
    pub accounts: Vec<AccountRef>,
}

/// Most accounts of one [`RestrictionsRequest`].
pub const BATCH_MAX: usize = 500;

/// One account's set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountRestriction {
    /// The account.
    #[schema(value_type = String)]
    pub account: AccountRef,
    /// Its set; unrestricted where Regain never said anything of the account.
    pub set: RestrictionSet,
}

/// The sets of all accounts that were asked for, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RestrictionsAnswer {
    /// One for each account.
    pub sets: Vec<AccountRestriction>,
}

/// An event of the stream of changes: `GET /platform/v1/restrictions/changes?after=`.
///
/// On the wire (server-sent events) its `event` is the kind, its `id` the change's number, and its
/// data two lines: the signature, then this in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum RestrictionEvent {
    /// An account's newest set.
    Changed {
        /// The number of the change: ask for what comes `after` it when the stream breaks.
        change: u64,
        /// The account.
        #[schema(value_type = String)]
        account: AccountRef,
        /// Its set.
        set: RestrictionSet,
    },
    /// Everything up to this number was told. Comes at least every second.
    Told {
        /// The number.
        change: u64,
    },
    /// The number after which was asked was never given: forget everything, and begin at 0.
    Reset,
}
