//! Notices by SMS: one segment, plain alphabet, no links to press.

use recovery::id::CaseCode;
use recovery::sensitive::Sensitive;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::render::Brand;

/// Septets in one SMS (3GPP TS 23.040); a longer one would come in pieces.
pub const SMS_LIMIT: usize = 160;

/// Characters of the GSM 7-bit default alphabet (3GPP TS 23.038) that cost one septet.
const GSM_BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./\
     0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Characters of its extension table: two septets.
const GSM_EXTENDED: &str = "^{}\\[~]|€";

/// An SMS to a phone of the account (S1 to S5), or to a number the applicant gave (S6).
///
/// Dates are short: "24 Nov". The notice code is a bearer secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "sms", rename_all = "snake_case", deny_unknown_fields)]
pub enum Sms {
    /// S1: somebody asks to recover the account.
    Asked {
        /// The notice code to type.
        notice: Sensitive<String>,
    },
    /// S2: approved.
    Approved {
        /// End of the waiting period.
        until: String,
        /// The notice code to type.
        notice: Sensitive<String>,
    },
    /// S3: hours left.
    LastHours {
        /// Hours left.
        hours: u32,
        /// The notice code to type.
        notice: Sensitive<String>,
    },
    /// S4: stopped.
    Stopped {
        /// The notice code to type.
        notice: Sensitive<String>,
    },
    /// S5: finished.
    Finished {
        /// When.
        on: String,
        /// Until when an objection is possible.
        until: String,
        /// The notice code to type.
        notice: Sensitive<String>,
    },
    /// S6: news for the applicant.
    News {
        /// The case.
        case: CaseCode,
    },
}

/// The text does not fit one SMS of the plain alphabet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SmsError {
    /// Too long: the platform's name, the host or a date is longer than the text was made for.
    #[error("the SMS has {septets} characters, {SMS_LIMIT} are allowed")]
    TooLong {
        /// Septets it would need.
        septets: usize,
    },
    /// A character outside the GSM alphabet, from the platform's name or host.
    #[error("the SMS holds a character that plain SMS cannot carry")]
    NotGsm,
}

impl Sms {
    /// The stable identifier of the text: S1 to S6.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Asked { .. } => "S1",
            Self::Approved { .. } => "S2",
            Self::LastHours { .. } => "S3",
            Self::Stopped { .. } => "S4",
            Self::Finished { .. } => "S5",
            Self::News { .. } => "S6",
        }
    }
}

/// The text of an SMS.
///
/// # Errors
/// [`SmsError`] if names or dates are longer than the words leave room for, or cannot be sent.
pub fn render_sms(brand: &Brand, sms: &Sms) -> Result<String, SmsError> {
    let (platform, host) = (&brand.platform, &brand.host);
    let text = match sms {
        Sms::Asked { notice } => format!(
            "{platform}: somebody asks to recover your account. Not you? Stop it at {host}/stop \
             with {}. We never call or ask for money.",
            notice.reveal()
        ),
        Sms::Approved { until, notice } => format!(
            "{platform}: recovery approved, money locked till {until}. Not you? Stop it: \
             {host}/stop code {}. Never share other codes.",
            notice.reveal()
        ),
        Sms::LastHours { hours, notice } => format!(
            "{platform}: {hours}h left to stop the recovery of your account. Not you? {host}/stop \
             code {}",
            notice.reveal()
        ),
        Sms::Stopped { notice } => format!(
            "{platform}: recovery stopped, account frozen. Next steps only at {host}/stop code \
             {}. We never call.",
            notice.reveal()
        ),
        Sms::Finished { on, until, notice } => format!(
            "{platform}: recovery finished {on}. Not you? Object till {until} at {host}/stop code \
             {}",
            notice.reveal()
        ),
        Sms::News { case } => format!(
            "{platform}: news on request {case}. Read it at {host}. We never call or ask for money."
        ),
    };
    let septets = septets(&text).ok_or(SmsError::NotGsm)?;
    if septets > SMS_LIMIT {
        Err(SmsError::TooLong { septets })
    } else {
        Ok(text)
    }
}

/// What a text costs in septets, or nothing if it cannot be sent in the GSM alphabet.
fn septets(text: &str) -> Option<usize> {
    text.chars()
        .map(|c| {
            if GSM_BASIC.contains(c) {
                Some(1)
            } else {
                GSM_EXTENDED.contains(c).then_some(2)
            }
        })
        .sum()
}
