//! Mail: render, mark with a checkable code, deliver. Webhooks: sign, deliver.
//!
//! Every word that leaves the product towards an applicant or holder is in [`Message`] and [`Sms`],
//! as data with typed slots. A mail has a text and an HTML part that say the same, no pictures, no
//! tracking, and ends with how to check it. Links only ever open pages; nothing acts by being
//! fetched.

mod address;
mod code;
mod copy;
mod fingerprint;
mod mailer;
mod message;
mod render;
mod sms;
pub mod webhook;

pub use address::{AddressError, EmailAddress};
pub use code::{MessageCode, NotAMessageCode};
pub use fingerprint::{fingerprint, fingerprint_text};
pub use mailer::{Delivered, MailError, Mailer, SmtpConfig, SmtpTls};
pub use message::{Closing, Ending, Message, NextStep, RetakeItem, Whence};
pub use render::{Brand, Rendered, render};
pub use sms::{SMS_LIMIT, Sms, SmsError, render_sms};
