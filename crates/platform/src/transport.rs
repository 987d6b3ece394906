//! Signed calls over HTTP, the same for both directions.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use recovery::time::Timestamp;
use reqwest::Method;
use reqwest::header::IF_NONE_MATCH;
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::keys::SharedKeys;
use crate::paths::JSON_MAX;
use crate::signature::{
    KEY_HEADER, NONCE_BYTES, NONCE_HEADER, SIGNATURE_HEADER, SignedHeaders, answer_verifies,
    event_verifies, nonce_text, sign_request,
};

pub(crate) use crate::failure::{ClientError, failure, refusal};

/// The wall clock by which requests are signed; never a virtual one.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The longest that one stream may last; then it is opened anew.
const STREAM_MAX: Duration = Duration::from_secs(24 * 60 * 60);
/// How long a call may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// To connect.
    pub connect: Duration,
    /// From start to the last byte.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            total: Duration::from_secs(10),
        }
    }
}

/// One request.
struct Ask<'a> {
    method: Method,
    path_and_query: &'a str,
    body: Vec<u8>,
    /// Only what this entity tag does not name.
    unless: Option<&'a str>,
    /// The answer is a stream: its reader bounds how long nothing may come.
    endless: bool,
}

impl<'a> Ask<'a> {
    const fn new(method: Method, path_and_query: &'a str, body: Vec<u8>) -> Self {
        Self {
            method,
            path_and_query,
            body,
            unless: None,
            endless: false,
        }
    }
}

/// An answer of which only the head was read: not verified yet.
struct Sent {
    signature: String,
    nonce: String,
    code: u16,
    answer: reqwest::Response,
}

/// What signs an answer.
struct SignedAnswer {
    signature: String,
    nonce: String,
    code: u16,
}

impl Sent {
    fn split(self) -> (SignedAnswer, reqwest::Response) {
        let signed = SignedAnswer {
            signature: self.signature,
            nonce: self.nonce,
            code: self.code,
        };
        (signed, self.answer)
    }
}

/// The sending side of signed requests.
#[derive(Clone)]
pub(crate) struct Transport {
    http: reqwest::Client,
    base: Url,
    keys: SharedKeys,
    now: Clock,
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("base", &self.base.as_str())
            .finish_non_exhaustive()
    }
}

/// Whether an address is https, and names nobody. Plain http stays on this machine: passwords and
/// secrets travel this way.
pub(crate) fn stays_private(address: &Url) -> bool {
    let local = match address.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    let fits = address.scheme() == "https" || (address.scheme() == "http" && local);
    fits && address.fragment().is_none() && address.username().is_empty()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a nonce is made at the edge and never replayed"
)]
pub(crate) fn fresh_nonce() -> String {
    use rand::Rng;
    let mut bytes = [0; NONCE_BYTES];
    rand::rng().fill_bytes(&mut bytes);
    nonce_text(bytes)
}

/// Path and query of an address as they go over the wire.
pub(crate) fn on_wire(url: &Url) -> String {
    url.query().map_or_else(
        || url.path().to_owned(),
        |query| format!("{}?{query}", url.path()),
    )
}

impl Transport {
    pub(crate) fn new(
        base: &str,
        keys: SharedKeys,
        timeouts: Timeouts,
        now: Clock,
    ) -> Result<Self, ClientError> {
        let base = Url::parse(base).map_err(|_| ClientError::BadBaseUrl)?;
        if base.query().is_some() || !stays_private(&base) {
            return Err(ClientError::BadBaseUrl);
        }
        // The process has one provider; another part may have installed the same one before.
        drop(rustls::crypto::ring::default_provider().install_default());
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .connect_timeout(timeouts.connect)
            .timeout(timeouts.total)
            .build()
            .map_err(|_| ClientError::Setup)?;
        Ok(Self {
            http,
            base,
            keys,
            now,
        })
    }

    pub(crate) fn address(&self, path_and_query: &str) -> Result<Url, ClientError> {
        let base = self.base.as_str().trim_end_matches('/');
        Url::parse(&format!("{base}{path_and_query}")).map_err(|_| ClientError::BadBaseUrl)
    }

    pub(crate) const fn keys(&self) -> &SharedKeys {
        &self.keys
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.now)()
    }

    /// Sends a request with these headers, whatever they say. The body is not read yet.
    pub(crate) async fn send_raw(
        &self,
        method: Method,
        url: Url,
        headers: SignedHeaders,
        body: Vec<u8>,
    ) -> Result<reqwest::Response, ClientError> {
        let mut request = self.http.request(method, url);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        if !body.is_empty() {
            request = request
                .header("Content-Type", "application/json")
                .body(body);
        }
        request.send().await.map_err(|error| failure(&error))
    }

    /// Signs and sends one request.
    async fn send(&self, ask: Ask<'_>) -> Result<Sent, ClientError> {
        let url = self.address(ask.path_and_query)?;
        let on_wire = on_wire(&url);
        let (key, nonce) = (self.keys.current(), fresh_nonce());
        let method = ask.method.as_str();
        let headers = sign_request(key, method, &on_wire, &ask.body, (self.now)(), &nonce);
        let mut request = self.http.request(ask.method, url);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        if let Some(tag) = ask.unless {
            request = request.header(IF_NONE_MATCH, tag);
        }
        if ask.endless {
            request = request.timeout(STREAM_MAX);
        }
        if !ask.body.is_empty() {
            request = request
                .header("Content-Type", "application/json")
                .body(ask.body);
        }
        let answer = request.send().await.map_err(|error| failure(&error))?;
        let code = answer.status().as_u16();
        let header = |name| {
            answer
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        let ours = header(KEY_HEADER) == Some(key.id()) && header(NONCE_HEADER) == Some(&nonce);
        let signature = header(SIGNATURE_HEADER).filter(|_| ours).map(str::to_owned);
        Ok(Sent {
            signature: signature.ok_or(ClientError::Unsigned { code })?,
            nonce,
            code,
            answer,
        })
    }

    /// Whether an answer is the other side's.
    fn verify(&self, sent: &SignedAnswer, body: &[u8]) -> Result<(), ClientError> {
        let (key, code) = (self.keys.current(), sent.code);
        if answer_verifies(key, &sent.nonce, code, body, &sent.signature) {
            Ok(())
        } else {
            Err(ClientError::Unsigned { code })
        }
    }

    /// Sends one signed request and gives the verified body of a 200.
    pub(crate) async fn call(
        &self,
        method: Method,
        path_and_query: &str,
        body: Vec<u8>,
        limit: usize,
    ) -> Result<Vec<u8>, ClientError> {
        let ask = Ask::new(method, path_and_query, body);
        self.body(self.send(ask).await?, limit).await
    }

    async fn body(&self, sent: Sent, limit: usize) -> Result<Vec<u8>, ClientError> {
        let (sent, answer) = sent.split();
        let body = read_limited(answer, limit).await?;
        self.verify(&sent, &body)?;
        if sent.code == 200 {
            Ok(body)
        } else {
            Err(refusal(sent.code, &body))
        }
    }

    /// Asks for something unless it is still what the entity tag names; then there is nothing.
    pub(crate) async fn unless(
        &self,
        path_and_query: &str,
        tag: &str,
    ) -> Result<Option<Vec<u8>>, ClientError> {
        let ask = Ask {
            unless: Some(tag),
            ..Ask::new(Method::GET, path_and_query, Vec::new())
        };
        let sent = self.send(ask).await?;
        if sent.code != 304 {
            return self.body(sent, JSON_MAX).await.map(Some);
        }
        // Signed over the tag: nobody between us can make it stand for another answer.
        let (sent, _) = sent.split();
        self.verify(&sent, tag.as_bytes())?;
        Ok(None)
    }

    /// Opens a stream: its events are signed one by one, for this nonce.
    pub(crate) async fn stream(
        &self,
        path_and_query: &str,
    ) -> Result<(reqwest::Response, String), ClientError> {
        let ask = Ask {
            endless: true,
            ..Ask::new(Method::GET, path_and_query, Vec::new())
        };
        let sent = self.send(ask).await?;
        if sent.code != 200 {
            return match self.body(sent, JSON_MAX).await {
                Ok(_) => Err(ClientError::Malformed),
                Err(error) => Err(error),
            };
        }
        let (sent, answer) = sent.split();
        self.verify(&sent, b"")?;
        Ok((answer, sent.nonce))
    }

    /// Whether an event of a stream is the other side's, and in its place.
    pub(crate) fn event_verifies(
        &self,
        nonce: &str,
        place: u64,
        data: &str,
        signature: &str,
    ) -> bool {
        event_verifies(
            self.keys.current(),
            nonce,
            place,
            data.as_bytes(),
            signature,
        )
    }

    /// The same with JSON in and out.
    pub(crate) async fn json<A: DeserializeOwned>(
        &self,
        method: Method,
        path_and_query: &str,
        body: Option<&(impl Serialize + Sync)>,
    ) -> Result<A, ClientError> {
        let body = match body {
            Some(body) => serde_json::to_vec(body).map_err(|_| ClientError::Malformed)?,
            None => Vec::new(),
        };
        let answer = self.call(method, path_and_query, body, JSON_MAX).await?;
        serde_json::from_slice(&answer).map_err(|_| ClientError::Malformed)
    }
}

/// Reads a body that may be as long as its sender likes.
pub(crate) async fn read_limited(
    mut answer: reqwest::Response,
    limit: usize,
) -> Result<Vec<u8>, ClientError> {
    let mut body = Vec::new();
    // Bounded by `limit` and by the whole call's timeout.
    while let Some(chunk) = answer.chunk().await.map_err(|error| failure(&error))? {
        if body.len().saturating_add(chunk.len()) > limit {
            return Err(ClientError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
