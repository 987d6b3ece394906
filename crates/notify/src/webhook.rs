//! Outgoing webhooks by the Standard Webhooks specification: a thin event, signed with every live
//! secret of its endpoint, handed over by HTTPS to a public address.
//!
//! An event holds identifiers and names of states, and nothing of a person. Whoever wants to know
//! more asks for it.

mod address;
mod event;
mod secret;
mod sender;
#[cfg(test)]
mod tests;

pub use address::{Network, NotANetwork, is_public};
pub use event::{WebhookCase, WebhookEvent};
pub use secret::{NotAWebhookSecret, WebhookSecret};
pub use sender::{
    Answer, Lookup, WebhookConfig, WebhookError, WebhookSender, check_url, system_lookup,
};

/// The longest body: the specification asks for less than 20 kB.
pub const WEBHOOK_BODY_MAX: usize = 20_000;
