//! Calls as a suite makes them: also wrongly signed ones, with the whole answer kept.

use std::sync::atomic::{AtomicI64, Ordering};

use recovery::time::Span;
use reqwest::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::keys::SharedKey;
use crate::paths::{JSON_MAX, PORTRAIT_MAX};
use crate::signature::{
    KEY_HEADER, NONCE_HEADER, SIGNATURE_HEADER, SignedHeaders, answer_verifies, sign_request,
};
use crate::transport::{ClientError, Transport, fresh_nonce, on_wire, read_limited};

use super::rows::{Trial, ensure, fail};

/// One call.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) body: Vec<u8>,
}

impl Call {
    pub(super) fn get(path: impl Into<String>) -> Self {
        let (method, path) = (Method::GET, path.into());
        let body = Vec::new();
        Self { method, path, body }
    }

    pub(super) fn post(path: impl Into<String>, body: &impl Serialize) -> Self {
        Self::with(Method::POST, path.into(), body)
    }

    pub(super) fn put(path: impl Into<String>, body: &impl Serialize) -> Self {
        Self::with(Method::PUT, path.into(), body)
    }

    fn with(method: Method, path: String, body: &impl Serialize) -> Self {
        // The contract's own types always are JSON; an empty body would be refused.
        let body = serde_json::to_vec(body).unwrap_or_default();
        Self { method, path, body }
    }

    /// The same with another body.
    pub(super) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }
}

/// An answer, whoever gave it.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    /// Signed for this request with the request's key.
    pub(super) signed: bool,
    /// Bears a signature of whatever kind.
    pub(super) bears_signature: bool,
}

/// The sending side.
#[derive(Debug)]
pub(super) struct Wire {
    transport: Transport,
    slowest: AtomicI64,
}

impl Wire {
    pub(super) const fn new(transport: Transport) -> Self {
        Self {
            transport,
            slowest: AtomicI64::new(0),
        }
    }

    pub(super) fn slowest(&self) -> Span {
        Span::millis(self.slowest.load(Ordering::Relaxed))
    }

    pub(super) fn now(&self) -> recovery::time::Timestamp {
        self.transport.now()
    }

    pub(super) const fn key(&self) -> &SharedKey {
        self.transport.keys().current()
    }

    /// Headers of a call as it should be signed, but for what the arguments change.
    pub(super) fn sign(
        &self,
        call: &Call,
        key: &SharedKey,
        off: Span,
        nonce: &str,
    ) -> Result<SignedHeaders, ClientError> {
        let path = on_wire(&self.transport.address(&call.path)?);
        let (method, at) = (call.method.as_str(), self.now() + off);
        Ok(sign_request(key, method, &path, &call.body, at, nonce))
    }

    /// Sends a call with these headers.
    pub(super) async fn send(
        &self,
        call: &Call,
        headers: SignedHeaders,
    ) -> Result<Answer, ClientError> {
        let url = self.transport.address(&call.path)?;
        let named = |wanted: &str| {
            let header = headers.iter().find(|(name, _)| *name == wanted);
            header.map(|(_, value)| value.clone())
        };
        let (key, nonce) = (named(KEY_HEADER), named(NONCE_HEADER));
        let begun = self.now();
        let (method, body) = (call.method.clone(), call.body.clone());
        let answer = self.transport.send_raw(method, url, headers, body).await?;
        let status = answer.status().as_u16();
        let header = |name| {
            let value = answer.headers().get(name);
            value.and_then(|value| value.to_str().ok().map(str::to_owned))
        };
        let signature = header(SIGNATURE_HEADER);
        let ours = header(KEY_HEADER) == key && header(NONCE_HEADER) == nonce;
        let longest = if call.path.ends_with("/portrait") {
            PORTRAIT_MAX
        } else {
            JSON_MAX
        };
        let body = read_limited(answer, longest).await?;
        let took = self.now().since(begun).as_millis();
        self.slowest.fetch_max(took, Ordering::Relaxed);
        let signed = match (&signature, &nonce) {
            (Some(signature), Some(nonce)) if ours => {
                answer_verifies(self.key(), nonce, status, &body, signature)
            }
            _ => false,
        };
        Ok(Answer {
            status,
            body,
            signed,
            bears_signature: signature.is_some(),
        })
    }

    /// A call as it should be; the answer may be anybody's.
    pub(super) async fn try_call(&self, call: &Call) -> Result<Answer, ClientError> {
        let headers = self.sign(call, self.key(), Span::millis(0), &fresh_nonce())?;
        self.send(call, headers).await
    }

    /// A call as it should be, whose answer must be signed.
    pub(super) async fn ask(&self, call: &Call) -> Trial<Answer> {
        let answer = self.try_call(call).await?;
        if answer.signed {
            return Ok(answer);
        }
        let code = answer.status;
        Err(ClientError::Unsigned { code }.into())
    }

    /// The same for a call that must be done.
    pub(super) async fn json<A: DeserializeOwned>(&self, call: &Call) -> Trial<A> {
        let answer = self.ask(call).await?;
        if answer.status != 200 {
            return fail(format!("the answer is {}", said(&answer)));
        }
        match serde_json::from_slice(&answer.body) {
            Ok(parsed) => Ok(parsed),
            // Only where it is: what it is may be somebody's datum.
            Err(error) => fail(format!(
                "the answer is not in the contract's form (line {}, column {})",
                error.line(),
                error.column()
            )),
        }
    }

    /// The same for a call that must be refused with one of these.
    pub(super) async fn refused(&self, call: &Call, codes: &[u16]) -> Trial {
        let answer = self.ask(call).await?;
        let wanted: Vec<String> = codes.iter().map(u16::to_string).collect();
        ensure(codes.contains(&answer.status), || {
            format!(
                "answered {} in place of {}",
                said(&answer),
                wanted.join(" or ")
            )
        })
    }
}

/// Status, and the problem's code where there is one.
fn said(answer: &Answer) -> String {
    let code = match crate::transport::refusal(answer.status, &answer.body) {
        ClientError::Status { problem, .. } => problem,
        _ => None,
    };
    match code {
        Some(code) => format!("{} ({code})", answer.status),
        None => answer.status.to_string(),
    }
}
