//! Faults that a platform may have, one at a time, for tests of who must cope with them.
//!
//! An exchange has none unless a test or a walkthrough switches one on. Nothing that a caller sends
//! can do so.

use std::sync::{Arc, Mutex, PoisonError};

macro_rules! faults {
    ($($(#[$doc:meta])* $fault:ident = $name:literal,)*) => {
        /// A fault of the exchange's side of the contract.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Fault {
            $($(#[$doc])* $fault,)*
        }

        impl Fault {
            /// Every fault.
            pub const ALL: &'static [Self] = &[$(Self::$fault),*];

            /// Its name, as it is typed.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$fault => $name,)*
                }
            }
        }
    };
}

faults! {
    /// No answer ever comes.
    Hangs = "hangs",
    /// Every answer takes [`Fault::SLOW`].
    Slow = "slow",
    /// Answers lead elsewhere.
    Redirects = "redirects",
    /// Answers are 200 with rubbish that nobody signed.
    AnswersRubbish = "answers-rubbish",
    /// Answers are 200 with rubbish, rightly signed.
    SignsRubbish = "signs-rubbish",
    /// Answers have 1 GB.
    Answers1Gb = "answers-1-gb",
    /// Answers are 500, rightly signed.
    Answers500 = "answers-500",
    /// What is asked is done, but the connection breaks before the answer.
    DropsAnswers = "drops-answers",
    /// Answers are not signed.
    AnswersUnsigned = "answers-unsigned",
    /// Refusals are not signed.
    RefusesUnsigned = "refuses-unsigned",
    /// Signatures are not looked at.
    IgnoresSignature = "ignores-signature",
    /// The time of a signature is not looked at.
    IgnoresTime = "ignores-time",
    /// A nonce may come again.
    IgnoresNonce = "ignores-nonce",
    /// Bodies may be as long as their sender likes.
    ReadsEverything = "reads-everything",
    /// Fields that nobody knows are passed over.
    TakesUnknownFields = "takes-unknown-fields",
    /// Capabilities of another version, without the sessions.
    WrongCapabilities = "wrong-capabilities",
    /// An identifier that nobody has is a 404.
    ResolvesWith404 = "resolves-with-404",
    /// The portrait is none.
    WrongPortrait = "wrong-portrait",
    /// The dossier tells whole numbers of cards.
    TellsWholeCards = "tells-whole-cards",
    /// Restrictions are acknowledged and not put in force.
    AcknowledgesRestrictions = "acknowledges-restrictions-without-doing",
    /// Securing is acknowledged and not done.
    AcknowledgesSecuring = "acknowledges-securing-without-doing",
    /// Both.
    AcknowledgesWithoutDoing = "acknowledges-without-doing",
    /// A lower version is put in force.
    TakesOlderVersion = "takes-older-version",
    /// Another set under the version in force is put in force.
    TakesSameVersion = "takes-same-version",
    /// Of versions that come together the last one written is in force.
    LosesRaces = "loses-races",
    /// At each start every account is free.
    UnfreezesOnRestart = "unfreezes-on-restart",
    /// The guard lets C2C sales through.
    LetsC2cThrough = "lets-c2c-through",
    /// After a recovery everything may leave at once.
    IgnoresLimits = "ignores-limits",
    /// API keys do not pass the guard.
    LetsApiKeysThrough = "lets-api-keys-through",
    /// API keys are never suspended; that they were is answered, but not what the reading tells.
    ForgetsApiKeys = "forgets-api-keys",
    /// Nothing but factors is really suspended, and the reading tells what was asked.
    RemembersCommands = "remembers-commands",
    /// Keys and answers are not kept.
    ForgetsIdempotency = "forgets-idempotency",
    /// A used key gets its answer, whatever is asked.
    SameKeyOtherBody = "same-key-other-body",
    /// New credentials are active at once.
    ActivatesBeforeSuspend = "activates-before-suspend",
    /// What is staged does not read back.
    ForgetsStaged = "forgets-staged",
    /// What was staged before stays, whatever is to be kept.
    KeepsStaged = "keeps-staged",
    /// What belongs to an earlier handover is staged all the same.
    TakesEarlierHandover = "takes-earlier-handover",
    /// Old factors are suspended without new ones.
    SuspendsUnstaged = "suspends-unstaged",
    /// What was not suspended is destroyed.
    DestroysUnsuspended = "destroys-unsuspended",
    /// One case restores what another suspended.
    RestoresOtherCase = "restores-other-case",
    /// What was destroyed comes back.
    RevivesDestroyed = "revives-destroyed",
    /// Phones are left out of notices.
    ForgetsNoticeChannels = "forgets-notice-channels",
    /// Channels that came later are told, too.
    TellsLaterChannels = "tells-later-channels",
}

impl Fault {
    /// How long [`Fault::Slow`] takes: less than Regain's ten seconds.
    pub const SLOW: std::time::Duration = std::time::Duration::from_secs(2);

    /// The fault of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|fault| fault.name() == name)
    }
}

/// The fault that an exchange has now, to be changed while it runs.
#[derive(Debug, Clone, Default)]
pub struct FaultSwitch(Arc<Mutex<Option<Fault>>>);

impl FaultSwitch {
    /// From now on this fault, or none.
    pub fn set(&self, fault: Option<Fault>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = fault;
    }

    /// The fault of now.
    #[must_use]
    pub fn now(&self) -> Option<Fault> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it is one of these.
    pub(crate) fn is(&self, faults: &[Fault]) -> bool {
        self.now().is_some_and(|now| faults.contains(&now))
    }
}
