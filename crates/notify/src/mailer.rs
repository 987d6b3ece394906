//! Delivery by SMTP: delivered means that the server said 250 after the whole message.

use std::net::IpAddr;
use std::time::Duration;

use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use recovery::sensitive::Sensitive;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::render::{Brand, Rendered};

/// The server's time for each answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);
/// The whole conversation: connection, greeting, TLS, sign-in, envelope, message.
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(60);

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmtpTls {
    /// Not at all: only to a server on this machine.
    None,
    /// Plain at first, then TLS, and nothing is said before it.
    #[serde(rename = "starttls")]
    StartTls,
    /// TLS from the first byte.
    #[default]
    Tls,
}

/// The mail server.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpConfig {
    /// Its name, to which its certificate must fit.
    pub host: String,
    /// Its port: 465 for TLS, 587 for STARTTLS.
    pub port: u16,
    /// Protection of the connection.
    #[serde(default)]
    pub tls: SmtpTls,
    /// Name to sign in with, if it wants one.
    #[serde(default)]
    pub user: Option<String>,
    /// Password to sign in with.
    #[serde(default)]
    pub password: Option<Sensitive<String>>,
}

/// Why a mail was not delivered. Never holds the address nor the server's words, which repeat it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum MailError {
    /// Without TLS only a server on this machine is spoken to.
    #[error("mail without TLS is only sent to a server on this machine (loopback)")]
    PlainNotLoopback,
    /// The certificate names cannot be set up for this host name.
    #[error("the mail server's name cannot be used for TLS")]
    TlsName,
    /// The sender's address or name is not one that mail can come from.
    #[error("the sender address of the configuration is not usable")]
    Sender,
    /// The recipient's address is refused for good (5xx about the mailbox), or is not an address.
    #[error("the address is refused for good (status {status})")]
    Permanent {
        /// The server's status, or 0 if the address did not even parse.
        status: u16,
    },
    /// Anything that may pass: no connection, a busy server, a refused sign-in, a late answer.
    #[error("the mail was not taken this time (status {status})")]
    Temporary {
        /// The server's status, or 0 if there was none.
        status: u16,
    },
}

impl MailError {
    /// True if trying again may help.
    #[must_use]
    pub const fn may_pass(self) -> bool {
        matches!(self, Self::Temporary { .. })
    }
}

/// The server took responsibility for the message (its 250 after the data).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Delivered {
    _private: (),
}

/// Sends mail through one server, one connection per message.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    id_domain: String,
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailer").finish_non_exhaustive()
    }
}

/// Tells other machines not to answer (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

impl Mailer {
    /// A mailer for this server that sends as `{platform} account recovery <{mail_from}>`.
    ///
    /// # Errors
    /// [`MailError::PlainNotLoopback`], [`MailError::TlsName`] or [`MailError::Sender`].
    pub fn smtp(config: &SmtpConfig, brand: &Brand) -> Result<Self, MailError> {
        let parameters = || TlsParameters::new(config.host.clone()).map_err(|_| MailError::TlsName);
        let tls = match config.tls {
            SmtpTls::None if is_loopback(&config.host) => Tls::None,
            SmtpTls::None => return Err(MailError::PlainNotLoopback),
            SmtpTls::StartTls => Tls::Required(parameters()?),
            SmtpTls::Tls => Tls::Wrapper(parameters()?),
        };
        let address: Address = brand.mail_from.parse().map_err(|_| MailError::Sender)?;
        // The name of this machine is nobody's business: greet as the host people know.
        let id_domain = brand.host.split(':').next().unwrap_or_default().to_owned();
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&config.host)
            .port(config.port)
            .tls(tls)
            .hello_name(ClientId::Domain(id_domain.clone()))
            .timeout(Some(ANSWER_TIMEOUT));
        if let (Some(user), Some(password)) = (&config.user, &config.password) {
            let password = password.reveal().clone();
            builder = builder.credentials(Credentials::new(user.clone(), password));
        }
        let name = format!("{} account recovery", brand.platform);
        Ok(Self {
            transport: builder.build(),
            from: Mailbox::new(Some(name), address),
            id_domain,
        })
    }

    /// Hands one message over. The `Message-ID` comes from the message code, so that a second
    /// delivery after a crash is recognised as the same message.
    ///
    /// # Errors
    /// [`MailError::Permanent`] or [`MailError::Temporary`]; the caller bounds its tries.
    pub async fn deliver(
        &self,
        to: &Sensitive<String>,
        message: &Rendered,
    ) -> Result<Delivered, MailError> {
        let to: Address = to
            .reveal()
            .parse()
            .map_err(|_| MailError::Permanent { status: 0 })?;
        let mail = lettre::Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(message.subject.clone())
            .message_id(Some(format!("<{}@{}>", message.code, self.id_domain)))
            .header(AutoSubmitted)
            .multipart(MultiPart::alternative_plain_html(
                message.text.clone(),
                message.html.clone(),
            ))
            .map_err(|_| MailError::Sender)?;
        let sending = self.transport.send(mail);
        match tokio::time::timeout(DELIVERY_TIMEOUT, sending).await {
            Ok(Ok(response)) if response.is_positive() => Ok(Delivered { _private: () }),
            Ok(Ok(response)) => Err(MailError::Temporary {
                status: response.code().into(),
            }),
            Ok(Err(error)) => Err(refusal(error.status().map(u16::from))),
            Err(_late) => Err(MailError::Temporary { status: 0 }),
        }
    }
}

/// 5xx about the mailbox is for good; other 5xx (sign-in, policy, size) are about us and may be
/// mended: RFC 5321, sections 4.2.2 and 4.2.3, and RFC 7504 for 556.
const fn refusal(status: Option<u16>) -> MailError {
    match status {
        Some(status @ (550 | 551 | 553 | 556)) => MailError::Permanent { status },
        Some(status) => MailError::Temporary { status },
        None => MailError::Temporary { status: 0 },
    }
}
