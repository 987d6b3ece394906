//! Handing one webhook over. The address is checked by the very resolver that the connection asks,
//! so a name that changes between a look and a connection gains nothing.

use std::fmt;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use recovery::id::MessageId;
use recovery::time::{Span, Timestamp};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode};
use thiserror::Error;
use url::{Host, Url};

use super::address::{Guard, Network};
use super::secret::{WebhookSecret, signatures};

/// From looking up the name to the last byte that is read: the specification asks for 15 to 30 s.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Bytes of an answer that are read, so that the other side may say them; they are dropped.
const ANSWER_MAX: usize = 4096;
/// The longest that `Retry-After` may put a try off: the longest step of the schedule.
const RETRY_AFTER_MAX: Span = Span::hours(24);

/// Whose addresses a name has.
pub type Lookup = Arc<dyn Fn(String) -> Looking + Send + Sync>;
type Looking = Pin<Box<dyn Future<Output = std::io::Result<Vec<SocketAddr>>> + Send>>;

/// An endpoint as it is configured.
#[derive(Debug, Clone)]
pub struct WebhookConfig {
    /// What it is called: in the table of deliveries, on the console, by commands.
    pub name: String,
    /// Where it is.
    pub url: Url,
    /// Secrets that are live, the newest first. One, or two while they are changed.
    pub secrets: Vec<WebhookSecret>,
    /// Networks that are not public and may be sent to all the same.
    pub allow_networks: Vec<Network>,
}

/// Why an endpoint cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WebhookError {
    /// Not an address to send to.
    #[error("must be an https address without user, password and fragment")]
    Address,
    /// Plain http to where anybody could read it.
    #[error("plain http is only for networks in allow_networks; use https")]
    Plain,
    /// A number that is not public.
    #[error("is not a public address; allow_networks could name its network")]
    Private,
    /// No secret to sign with.
    #[error("has no secret")]
    NoSecret,
    /// No trusted certificates, say.
    #[error("the HTTP client cannot be set up")]
    Setup,
}

/// How an endpoint answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It took the message over: 2xx.
    Taken(u16),
    /// It wants no messages any more: 410.
    Gone,
    /// Anything else, redirects too.
    Refused {
        /// The status.
        status: u16,
        /// How long it wants to be left alone, if it said so.
        wait: Option<Span>,
    },
    /// No whole answer in time.
    Late,
    /// No connection, or a broken one.
    Unreachable,
    /// The name stands for an address that may not be sent to.
    Forbidden,
}

impl Answer {
    /// Whether the endpoint has more than it can do: sending more at once would make it worse.
    #[must_use]
    pub const fn is_busy(&self) -> bool {
        matches!(
            self,
            Self::Late
                | Self::Refused {
                    status: 429 | 502 | 503 | 504,
                    ..
                }
        )
    }

    /// In one word, as it is stored and shown.
    #[must_use]
    pub fn word(&self) -> String {
        match self {
            Self::Taken(status) | Self::Refused { status, .. } => status.to_string(),
            Self::Gone => StatusCode::GONE.as_u16().to_string(),
            Self::Late => "late".to_owned(),
            Self::Unreachable => "unreachable".to_owned(),
            Self::Forbidden => "forbidden".to_owned(),
        }
    }
}

/// Sends to one endpoint. Cheap to clone.
#[derive(Clone)]
pub struct WebhookSender {
    name: String,
    url: Url,
    secrets: Vec<WebhookSecret>,
    http: Client,
    guard: Guard,
    lookup: Lookup,
}

impl fmt::Debug for WebhookSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookSender")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The addresses of a name as this machine knows them.
#[must_use]
pub fn system_lookup() -> Lookup {
    Arc::new(|name: String| {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.collect())
        })
    })
}

/// A name stands for an address that may not be sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the name stands for an address that webhooks do not go to")]
struct NotPermitted;

/// Asks the lookup, and refuses a name if any of its addresses is not permitted: whoever mixes them
/// is up to something.
struct Guarded {
    guard: Guard,
    lookup: Lookup,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let looking = (self.lookup)(name.as_str().to_owned());
        let guard = self.guard.clone();
        Box::pin(async move {
            let found = looking.await?;
            if !found.iter().all(|address| guard.permits(address.ip())) {
                return Err(NotPermitted.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

fn guard(url: &Url, allow: &[Network]) -> Guard {
    Guard {
        allow: allow.to_vec(),
        plain: url.scheme() == "http",
    }
}

/// The address in an address that names none: such a one is never looked up.
fn number(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Domain(_) => None,
        Host::Ipv4(ip) => Some(ip.into()),
        Host::Ipv6(ip) => Some(ip.into()),
    }
}

/// Whether webhooks can be sent to this address at all.
///
/// # Errors
/// [`WebhookError`]: what is wrong with it.
pub fn check_url(url: &Url, allow: &[Network]) -> Result<(), WebhookError> {
    let anonymous = url.username().is_empty() && url.password().is_none();
    let plain = url.scheme() == "http";
    if !(plain || url.scheme() == "https") || !anonymous || url.fragment().is_some() {
        return Err(WebhookError::Address);
    }
    if plain && allow.is_empty() {
        return Err(WebhookError::Plain);
    }
    match number(url) {
        Some(ip) if !guard(url, allow).permits(ip) => Err(WebhookError::Private),
        _ => Ok(()),
    }
}

impl WebhookSender {
    /// For an endpoint.
    ///
    /// # Errors
    /// [`WebhookError`].
    pub fn new(config: WebhookConfig) -> Result<Self, WebhookError> {
        Self::with_lookup(config, system_lookup())
    }

    /// The same with other addresses than this machine knows.
    ///
    /// # Errors
    /// [`WebhookError`].
    pub fn with_lookup(config: WebhookConfig, lookup: Lookup) -> Result<Self, WebhookError> {
        Self::within(TIMEOUT, config, lookup)
    }

    pub(super) fn within(
        timeout: Duration,
        config: WebhookConfig,
        lookup: Lookup,
    ) -> Result<Self, WebhookError> {
        check_url(&config.url, &config.allow_networks)?;
        if config.secrets.is_empty() {
            return Err(WebhookError::NoSecret);
        }
        let guard = guard(&config.url, &config.allow_networks);
        let resolver = Arc::new(Guarded {
            guard: guard.clone(),
            lookup: lookup.clone(),
        });
        // The process has one provider; another part may have installed the same one before.
        drop(rustls::crypto::ring::default_provider().install_default());
        let http = Client::builder()
            .dns_resolver(resolver)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            // Every message goes over a connection whose address was checked for it.
            .pool_max_idle_per_host(0)
            .user_agent(concat!("Regain/", env!("CARGO_PKG_VERSION")))
            .timeout(timeout)
            .build()
            .map_err(|_| WebhookError::Setup)?;
        Ok(Self {
            name: config.name,
            url: config.url,
            secrets: config.secrets,
            http,
            guard,
            lookup,
        })
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Scheme, host and port: a path may hold a key.
    #[must_use]
    pub fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// Whether its name leads to addresses that may be sent to, just now.
    pub async fn resolves(&self) -> bool {
        let Some(Host::Domain(name)) = self.url.host() else {
            return true;
        };
        let found = (self.lookup)(name.to_owned()).await.unwrap_or_default();
        !found.is_empty() && found.iter().all(|at| self.guard.permits(at.ip()))
    }

    /// Sends a message once; `now` is this machine's time, for the signature. The library's own
    /// errors hold the address, so they go no further.
    pub async fn send(&self, id: &MessageId, now: Timestamp, body: &str) -> Answer {
        let seconds = now.millis().div_euclid(1000);
        let Some(signature) = signatures(&self.secrets, id.as_str(), seconds, body) else {
            return Answer::Unreachable;
        };
        let request = self
            .http
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header(standardwebhooks::HEADER_WEBHOOK_ID, id.as_str())
            .header(standardwebhooks::HEADER_WEBHOOK_TIMESTAMP, seconds)
            .header(standardwebhooks::HEADER_WEBHOOK_SIGNATURE, signature)
            .body(body.to_owned());
        match request.send().await {
            Ok(answer) => {
                let outcome = read(&answer, now);
                hear_out(answer).await;
                outcome
            }
            Err(error) if error.is_timeout() => Answer::Late,
            Err(error) if is_forbidden(&error) => Answer::Forbidden,
            Err(_) => Answer::Unreachable,
        }
    }
}

fn read(answer: &Response, now: Timestamp) -> Answer {
    match answer.status() {
        status if status.is_success() => Answer::Taken(status.as_u16()),
        StatusCode::GONE => Answer::Gone,
        status => Answer::Refused {
            status: status.as_u16(),
            wait: retry_after(answer, now),
        },
    }
}

/// `Retry-After` in seconds or as a date (RFC 9110 section 10.2.3), within its bound.
fn retry_after(answer: &Response, now: Timestamp) -> Option<Span> {
    let text = answer.headers().get(RETRY_AFTER)?.to_str().ok()?;
    let wait = if let Ok(seconds) = text.parse::<u32>() {
        Span::seconds(seconds.into())
    } else {
        let date = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
        Timestamp::from_millis(date.as_millisecond()).since(now)
    };
    Some(wait.clamp(Span::ZERO, RETRY_AFTER_MAX))
}

/// Reads what the other side says, as far as the bound, and drops it. What it is does not matter:
/// the status has said everything.
async fn hear_out(mut answer: Response) {
    let mut heard = 0;
    while let Ok(Some(chunk)) = answer.chunk().await {
        heard += chunk.len();
        if heard > ANSWER_MAX {
            return;
        }
    }
}

/// Whether our own resolver refused.
fn is_forbidden(error: &reqwest::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(one) = cause {
        if one.is::<NotPermitted>() {
            return true;
        }
        cause = one.source();
    }
    false
}
