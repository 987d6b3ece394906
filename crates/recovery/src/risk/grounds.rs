//! What an assessment knows besides findings: codes and classes, nothing of a person.

use serde::{Deserialize, Serialize};

use crate::clues::ClueFinding;
use crate::signal::Signal;

macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$of])* $variant,)* }

        impl $name {
            /// The stable name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

named! {
    /// What is at stake, by the platform's classes (B8).
    Stake {
        /// Little.
        Small = "small",
        /// An ordinary amount.
        Medium = "medium",
        /// Much.
        Large = "large",
        /// The platform did not say.
        Unknown = "unknown",
    }
}

named! {
    /// The platform's own view of how careful to be; it only raises.
    Caution {
        /// Nothing special, or nothing said.
        Low = "low",
        /// Some care.
        Medium = "medium",
        /// Most care.
        High = "high",
    }
}

named! {
    /// The account's state at the platform.
    Standing {
        /// In use.
        Ordinary = "ordinary",
        /// On a restricted or off-boarding list (M26).
        Restricted = "restricted",
        /// Idle for long, its data purged or archived (M25).
        Archived = "archived",
        /// Never verified: nothing to compare with.
        Unverified = "unverified",
        /// Closed.
        Closed = "closed",
        /// There is no account, or nothing is known of it.
        Unknown = "unknown",
    }
}

/// The grounds of an assessment, kept with the findings so that it can be explained and replayed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grounds {
    /// What is at stake.
    pub stake: Stake,
    /// The platform's own view.
    pub caution: Caution,
    /// The account's state.
    pub standing: Standing,
    /// Results of clues.
    #[serde(default)]
    pub clues: Vec<ClueFinding>,
    /// Circumstances.
    #[serde(default)]
    pub signals: Vec<Signal>,
}

impl Grounds {
    /// Of an account in use, of which nothing else is known.
    #[must_use]
    pub const fn of_stake(stake: Stake) -> Self {
        Self {
            stake,
            caution: Caution::Low,
            standing: Standing::Ordinary,
            clues: Vec::new(),
            signals: Vec::new(),
        }
    }

    /// Of an account of which the platform says nothing, or of none.
    #[must_use]
    pub fn unknown() -> Self {
        Self {
            standing: Standing::Unknown,
            ..Self::of_stake(Stake::Unknown)
        }
    }
}
