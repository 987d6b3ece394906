//! What the exchange is told when it starts.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use platform::contract::{ChannelKind, EnrolAt, PasskeyParty};
use platform::{Clock, Sensitive, SharedKeys};

use crate::faults::FaultSwitch;

/// A message that leaves the exchange: the demo puts it into its mailbox.
#[derive(Debug, Clone)]
pub struct OutgoingMail {
    /// On which kind of channel.
    pub channel: ChannelKind,
    /// Address, number or device name.
    pub to: Sensitive<String>,
    /// Subject, for channels that have one.
    pub subject: String,
    /// Text.
    pub text: Sensitive<String>,
}

/// Takes every message, at least once; returning means that it was taken.
pub type Outgoing = Arc<dyn Fn(OutgoingMail) + Send + Sync>;

/// Settings of an exchange.
#[derive(Clone)]
pub struct Config {
    /// What people call it.
    pub name: String,
    /// Its own origin, such as `http://localhost:4000`, as browsers see it.
    pub base_url: String,
    /// Regain's origin, for the calls of the contract.
    pub regain_url: String,
    /// Regain's entry page; the entry ticket is added to its query as `ticket`.
    pub entry_url: String,
    /// Keys shared with Regain.
    pub keys: SharedKeys,
    /// File of the database; none keeps it in memory.
    pub database: Option<PathBuf>,
    /// The exchange's time (sessions, TOTP, tickets, histories). The demo's is virtual.
    pub clock: Clock,
    /// The wall clock by which calls of the contract are signed.
    pub wall: Clock,
    /// Where messages go.
    pub outgoing: Outgoing,
    /// For whom passkeys are made; none switches them off (an IP address cannot have any).
    pub passkeys: Option<PasskeyParty>,
    /// Answers the conformance suite's probe: never where real accounts are.
    pub probe: bool,
    /// Has no fault, unless a test or a walkthrough switches one on.
    pub faults: FaultSwitch,
    /// Where a recovery makes its new passkey: at Regain, where both are on one domain, or on our
    /// own page.
    pub passkeys_made: EnrolAt,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("name", &self.name)
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}
