//! Names from open lists: the contract knows some, a platform may add its own.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::ToSchema;

/// Longest name, in bytes.
const NAME_MAX: usize = 48;

/// A text that is not a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a name is 1 to 48 lower-case letters, digits and underscores, beginning with a letter")]
pub struct NameError;

fn is_name(text: &str) -> bool {
    text.len() <= NAME_MAX
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

macro_rules! names {
    ($($(#[$doc:meta])* $type:ident {
        $($(#[$known_doc:meta])* $known:ident = $text:literal,)*
    })*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schema(value_type = String)]
        pub struct $type(String);

        impl $type {
            $($(#[$known_doc])* pub const $known: &'static str = $text;)*
            /// Every name that the contract itself knows.
            pub const KNOWN: &'static [&'static str] = &[$($text),*];

            /// A name from text.
            ///
            /// # Errors
            /// When the text is not 1 to 48 of `a-z0-9_` beginning with a letter.
            pub fn new(text: impl Into<String>) -> Result<Self, NameError> {
                let text = text.into();
                if is_name(&text) { Ok(Self(text)) } else { Err(NameError) }
            }

            /// The known names, each as a value.
            #[must_use]
            pub fn known() -> Vec<Self> {
                Self::KNOWN.iter().map(|text| Self((*text).to_owned())).collect()
            }

            /// A name that stands in the program, and so is one.
            pub(crate) fn fixed(text: &'static str) -> Self {
                Self(text.to_owned())
            }

            /// The name itself.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $type {
            type Error = NameError;

            fn try_from(text: String) -> Result<Self, NameError> {
                Self::new(text)
            }
        }

        impl From<$type> for String {
            fn from(name: $type) -> Self {
                name.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

names! {
    /// A securing action: one class of things that may still open the account to somebody else.
    ActionName {
        /// Signed-in sessions.
        SESSIONS = "sessions",
        /// Devices that were trusted.
        DEVICES = "devices",
        /// Withdrawal addresses that were trusted (M21, M33).
        WHITELIST = "whitelist",
        /// API keys, whoever made them (M22).
        API_KEYS = "api_keys",
        /// Applications linked by OAuth (M23).
        OAUTH = "oauth",
        /// Copy trading (M23).
        COPY_TRADING = "copy_trading",
        /// Web3 wallets (M23).
        WEB3 = "web3",
        /// Old e-mail, password, authenticator and passkeys (M20). Suspending them makes the staged
        /// new ones active; restoring them drops the new ones.
        OLD_FACTORS = "old_factors",
    }

    /// Something a holder can do with the account; what a restriction set allows.
    CapabilityName {
        /// Sign in.
        LOGIN = "login",
        /// See balances.
        VIEW_ASSETS = "view_assets",
        /// Move between wallets of the same account.
        TRANSFER_OWN = "transfer_own",
        /// Send to another user of the platform.
        SEND_USER = "send_user",
        /// Withdraw to an address outside.
        WITHDRAW = "withdraw",
        /// Sell to another person (C2C, P2P).
        C2C_SELL = "c2c_sell",
        /// Trade on the market.
        TRADE = "trade",
        /// Make an API key.
        API_KEY_CREATE = "api_key_create",
        /// Add a withdrawal address.
        WHITELIST_ADD = "whitelist_add",
        /// Borrow.
        LOAN = "loan",
        /// Let another application, trader or wallet act.
        AUTHORISATION_ADD = "authorisation_add",
        /// Change e-mail, password, authenticator or passkeys.
        CHANGE_SECURITY = "change_security",
    }

    /// Why a notice is sent.
    NoticeKind {
        /// Somebody asks for the account; it is locked while we check.
        RECOVERY_ASKED = "recovery_asked",
        /// The request was approved; the wait begins.
        RECOVERY_APPROVED = "recovery_approved",
        /// The wait is about to end.
        RECOVERY_REMINDER = "recovery_reminder",
        /// The recovery was stopped.
        RECOVERY_STOPPED = "recovery_stopped",
        /// The recovery is finished; it can still be objected to.
        RECOVERY_FINISHED = "recovery_finished",
        /// The recovery ended without effect.
        RECOVERY_ENDED = "recovery_ended",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, missing_docs)]
mod tests {
    use super::*;

    #[test]
    fn known_names_are_names() {
        for name in ActionName::KNOWN
            .iter()
            .chain(CapabilityName::KNOWN)
            .chain(NoticeKind::KNOWN)
        {
            assert!(is_name(name), "{name}");
        }
    }

    #[test]
    fn what_is_not_a_name_is_refused_in_json_too() {
        for text in ["", "Withdraw", "1st", "a-b", "a/b", "..", &"a".repeat(49)] {
            assert!(CapabilityName::new(text).is_err(), "{text}");
            let json = serde_json::to_string(text).unwrap();
            assert!(serde_json::from_str::<ActionName>(&json).is_err(), "{text}");
        }
    }
}
