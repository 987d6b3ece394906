//! Every type that crosses the border, in JSON.
//!
//! Requests refuse unknown fields; answers tolerate them, so that a platform may be newer than we
//! are. Moments are milliseconds since 1970-01-01T00:00:00Z. Personal data is [`Sensitive`].
//!
//! [`Sensitive`]: recovery::sensitive::Sensitive

mod account;
mod capabilities;
mod change;
mod credential;
mod dossier;
mod name;
mod notice;
mod probe;
mod problem;
mod restriction;
mod securing;

pub use account::{
    ResolveAnswer, ResolveRequest, VetoAnswer, VetoCodeAnswer, VetoHow, VetoRequest,
};
pub use capabilities::{Capabilities, ChannelKind, EnrolAt, PasskeyParty};
pub use change::{CHANGE_KEY_MAX, ChangeAnswer, ChangeRequest, SecurityChangeKind};
pub use credential::{
    CredentialsRequest, EARLIER_HANDOVER, PasskeyCredential, PasswordAnswer, PasswordCheck,
    PasswordReason, RECOVERY_CODES, StagedCredentials, TotpAlgorithm, TotpSecret,
    plain_recovery_code,
};
pub use dossier::{
    AccountChange, AccountChangeKind, AccountStatus, BankCard, Channel, DOSSIER_LIST_MAX,
    DocumentKind, Dossier, KycDocument, Login, PastAddress, PastTransaction, PortraitInfo,
    TierHint, ValueClass,
};
pub use name::{ActionName, CapabilityName, NameError, NoticeKind};
pub use notice::{ChannelNotice, ChannelReceipt, NoticeAnswer, NoticeRequest};
pub use probe::{ProbeAnswer, ProbeRequest, ProbeResult};
pub use problem::{PROBLEM_TYPE, Problem};
pub use restriction::{
    AccountRestriction, BATCH_MAX, Limits, RestrictionAck, RestrictionEvent, RestrictionMode,
    RestrictionSet, RestrictionsAnswer, RestrictionsRequest,
};
pub use securing::{
    SecuringAnswer, SecuringProgress, SecuringReading, SecuringRequest, SecuringState, SecuringVerb,
};
