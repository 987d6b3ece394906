//! A conformance suite: every call of the contract, rightly and wrongly made, against a platform.
//!
//! The operator runs it (`regain platform check`) against his own system and a test account of it.
//! It uses the contract alone, so it sees what Regain would see; what only a user can see is asked
//! by the contract's probe where the platform offers one ([`crate::contract::ProbeRequest`]), and
//! left to people where not. Every requirement is a row with a name that stays.

mod account;
mod credentials;
mod factors;
mod forms;
mod ground;
mod guard;
mod notices;
mod reach;
mod restart;
mod restrictions;
mod rows;
mod securing;
mod signing;
mod unknown;
mod wire;

use recovery::time::Span;

use crate::keys::SharedKeys;
use crate::transport::{ClientError, Clock, Timeouts, Transport};

use self::ground::Ground;
use self::rows::Rows;
use self::wire::Wire;

pub use self::restart::Left;
pub use self::rows::{Outcome, Report, Row};

/// How many times a securing action that is pending is read back before that is a failure.
pub const PENDING_READS: u32 = 30;

/// What the suite needs to know.
#[derive(Debug, Clone)]
pub struct Options {
    /// What people type to name the test account: its user name, e-mail address or number.
    pub identifier: String,
    /// Whether the account may be spent: things of it are destroyed, its old factors too.
    pub spend: bool,
    /// How long a call may take.
    pub timeouts: Timeouts,
    /// How long to wait between two readings of a pending action.
    pub pause: std::time::Duration,
}

/// Told of each row as soon as it is known.
pub type Told<'a> = &'a (dyn Fn(&Row) + Send + Sync);

/// A suite, ready to run against one platform.
#[derive(Debug)]
pub struct Suite {
    ground: Ground,
}

impl Suite {
    /// A suite for the platform at this base address.
    ///
    /// # Errors
    /// [`ClientError`] when the address does not do, as for [`crate::PlatformClient::new`].
    pub fn new(
        base_url: &str,
        keys: SharedKeys,
        now: Clock,
        options: Options,
    ) -> Result<Self, ClientError> {
        let transport = Transport::new(base_url, keys, options.timeouts, now)?;
        let ground = Ground::new(Wire::new(transport), options);
        Ok(Self { ground })
    }

    /// Tries everything, and leaves the account unrestricted and with its old factors.
    pub async fn run(&self, told: Told<'_>) -> Report {
        let mut rows = Rows::new(told);
        self.everything(&mut rows).await;
        Box::pin(restrictions::release(&self.ground, &mut rows)).await;
        rows.finish(self.slowest())
    }

    /// The same, and leaves something behind that must outlive a restart; none when it could not.
    pub async fn run_before_restart(&self, told: Told<'_>) -> (Report, Option<Left>) {
        let mut rows = Rows::new(told);
        self.everything(&mut rows).await;
        let left = Box::pin(restart::leave(&self.ground, &mut rows)).await;
        (rows.finish(self.slowest()), left)
    }

    /// Looks whether everything outlived the restart, and clears it away.
    pub async fn run_after_restart(&self, left: &Left, told: Told<'_>) -> Report {
        let mut rows = Rows::new(told);
        Box::pin(reach::run(&self.ground, &mut rows)).await;
        Box::pin(restart::look(&self.ground, &mut rows, left)).await;
        rows.finish(self.slowest())
    }

    async fn everything(&self, rows: &mut Rows<'_>) {
        let ground = &self.ground;
        // What nothing else can do without comes first: then one fault is one row.
        Box::pin(reach::run(ground, rows)).await;
        Box::pin(signing::run(ground, rows)).await;
        Box::pin(account::run(ground, rows)).await;
        Box::pin(unknown::run(ground, rows)).await;
        Box::pin(forms::run(ground, rows)).await;
        Box::pin(restrictions::run(ground, rows)).await;
        Box::pin(notices::run(ground, rows)).await;
        Box::pin(credentials::run(ground, rows)).await;
        Box::pin(securing::run(ground, rows)).await;
        Box::pin(factors::run(ground, rows)).await;
        Box::pin(guard::run(ground, rows)).await;
        // Last: what was destroyed cannot be tried any more.
        Box::pin(securing::spend(ground, rows)).await;
        Box::pin(factors::spend(ground, rows)).await;
    }

    fn slowest(&self) -> Span {
        self.ground.wire.slowest()
    }
}
