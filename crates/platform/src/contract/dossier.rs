//! What the platform knows of an account: the measure for everything an applicant shows.

use recovery::id::{AccountRef, ContentDigest};
use recovery::sensitive::Sensitive;
use recovery::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::capabilities::ChannelKind;

/// Entries that are read of any list of a dossier.
pub const DOSSIER_LIST_MAX: usize = 500;

/// A kind of identity document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// Passport.
    Passport,
    /// National identity card.
    NationalId,
    /// Driving licence.
    DrivingLicence,
    /// Residence permit.
    ResidencePermit,
    /// Another kind; a person must look.
    #[serde(other)]
    Other,
}

/// The identity document with which the account was verified (M6).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct KycDocument {
    /// What it is.
    pub kind: DocumentKind,
    /// Issuing country, ISO 3166-1 alpha-3, as in a machine-readable zone.
    pub country: String,
    /// Number as the holder gave it, not normalised.
    #[schema(value_type = String)]
    pub number: Sensitive<String>,
    /// Full name as the holder gave it.
    #[schema(value_type = String)]
    pub name: Sensitive<String>,
    /// Date of birth, `YYYY-MM-DD`.
    #[schema(value_type = String)]
    pub birth_date: Sensitive<String>,
    /// Date of expiry, `YYYY-MM-DD`; none when the document has none.
    pub expiry: Option<String>,
}

/// The portrait that was verified, without its bytes (`GET /accounts/{ref}/portrait` gives them).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PortraitInfo {
    /// `image/jpeg` or `image/png`.
    pub media_type: String,
    /// Size in bytes, at most 16 MiB.
    pub bytes: u64,
    /// SHA-256 of the bytes, lower-case hexadecimal.
    #[schema(value_type = String)]
    pub digest: ContentDigest,
    /// When it was taken or verified.
    #[schema(value_type = i64)]
    pub taken_at: Timestamp,
}

/// A bank card used with the account: never the whole number.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BankCard {
    /// The bank's name.
    #[schema(value_type = String)]
    pub bank: Sensitive<String>,
    /// Last four digits.
    #[schema(value_type = String)]
    pub last_four: Sensitive<String>,
}

/// An address to which the account once withdrew.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PastAddress {
    /// The chain, such as `bitcoin`, `ethereum` or `tron`.
    pub chain: String,
    /// The address as text.
    #[schema(value_type = String)]
    pub address: Sensitive<String>,
}

/// A deposit or withdrawal of the past, with which screenshots are compared blind (M13).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PastTransaction {
    /// Its id on the chain, if it went over one: hexadecimal.
    #[schema(value_type = Option<String>)]
    pub id: Option<Sensitive<String>>,
    /// How much, as a decimal number with a point.
    #[schema(value_type = String)]
    pub amount: Sensitive<String>,
    /// Of what: the short name of a currency, such as `BTC`.
    pub asset: String,
    /// When.
    #[schema(value_type = i64)]
    pub at: Timestamp,
}

/// One sign-in of the past, newest first in the dossier.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Login {
    /// Address it came from, IPv4 or IPv6 as text.
    #[schema(value_type = String)]
    pub ip: Sensitive<String>,
    /// City by the platform's own lookup, as text.
    #[schema(value_type = Option<String>)]
    pub city: Option<Sensitive<String>>,
    /// Country, ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// The device's name, as the platform shows it to its user.
    #[schema(value_type = Option<String>)]
    pub device: Option<Sensitive<String>>,
    /// The same token that an entry ticket carries for this device.
    #[schema(value_type = Option<String>)]
    pub device_token: Option<Sensitive<String>>,
    /// When.
    #[schema(value_type = i64)]
    pub at: Timestamp,
}

/// What of an account was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountChangeKind {
    /// Another SIM card, or another phone number.
    Sim,
    /// Another e-mail address.
    Email,
    /// Another password.
    Password,
    /// A new API key.
    ApiKey,
    /// A new address on the withdrawal whitelist.
    WhitelistAddress,
    /// A kind that this version of the contract does not know; it is not counted.
    #[serde(other)]
    Other,
}

/// A change that a thief makes, too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountChange {
    /// What was changed.
    pub kind: AccountChangeKind,
    /// When.
    #[schema(value_type = i64)]
    pub at: Timestamp,
}

/// A channel on which the platform reaches the holder.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Channel {
    /// The platform's name for it, stable, without personal data.
    pub id: String,
    /// What it is.
    pub kind: ChannelKind,
    /// What a reviewer may see, such as `a***@example.org`.
    #[schema(value_type = String)]
    pub label: Sensitive<String>,
    /// Since when it belongs to the account.
    #[schema(value_type = i64)]
    pub known_since: Timestamp,
}

/// What state the account is in at the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountStatus {
    /// In use.
    Ordinary,
    /// On a restricted or off-boarding list (M26).
    Restricted,
    /// Idle for long, its data purged or archived (M25).
    Archived,
    /// Never verified: nothing to compare with.
    NoKyc,
    /// Closed.
    Closed,
}

/// How much is at stake.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ValueClass {
    /// Little.
    Small,
    /// An ordinary amount.
    Medium,
    /// Much.
    Large,
}

/// The platform's own view of how careful to be; Regain may only raise it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum TierHint {
    /// Nothing special.
    Low,
    /// Some care.
    Medium,
    /// Most care.
    High,
}

/// Everything the platform knows: answer of `GET /accounts/{ref}/dossier`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Dossier {
    /// The account.
    #[schema(value_type = String)]
    pub account: AccountRef,
    /// Its state.
    pub status: AccountStatus,
    /// What is at stake.
    pub value: ValueClass,
    /// How careful to be.
    pub tier_hint: Option<TierHint>,
    /// When the account was opened.
    #[schema(value_type = i64)]
    pub registered_at: Timestamp,
    /// The verified document; none for an account that was never verified.
    pub document: Option<KycDocument>,
    /// The verified portrait.
    pub portrait: Option<PortraitInfo>,
    /// Bank cards used.
    pub cards: Vec<BankCard>,
    /// Addresses withdrawn to.
    pub addresses: Vec<PastAddress>,
    /// Deposits and withdrawals, newest first; the platform says how many it tells, at most 500 are
    /// read. A platform that tells none leaves screenshots to people.
    #[serde(default)]
    pub transactions: Vec<PastTransaction>,
    /// Sign-ins, newest first; the platform says how many it keeps, at most 500 are read.
    pub logins: Vec<Login>,
    /// What was set or changed, newest first, with the newest of each kind however old it is: an
    /// empty list means that the platform does not tell. At most 500 are read.
    #[serde(default)]
    pub changes: Vec<AccountChange>,
    /// Last four digits of each linked phone.
    #[schema(value_type = Vec<String>)]
    pub phones: Vec<Sensitive<String>>,
    /// Channels of the holder.
    pub channels: Vec<Channel>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_may_name_kinds_of_changes_that_nobody_knows_yet() {
        let text = r#"[{"kind":"sim","at":1},{"kind":"nickname","at":2}]"#;
        let changes: Vec<AccountChange> = serde_json::from_str(text).unwrap();
        let kinds: Vec<_> = changes.iter().map(|change| change.kind).collect();
        assert_eq!(kinds, [AccountChangeKind::Sim, AccountChangeKind::Other]);
    }

    #[test]
    fn a_dossier_from_before_changes_still_reads() {
        let text = r#"{"account":"a","status":"ordinary","value":"small","tier_hint":null,
            "registered_at":1,"document":null,"portrait":null,"cards":[],"addresses":[],
            "logins":[],"phones":[],"channels":[]}"#;
        let dossier: Dossier = serde_json::from_str(text).unwrap();
        assert!(dossier.changes.is_empty());
    }
}
