//! Secrets of an endpoint, and the signature of a message.

use recovery::sensitive::Sensitive;
use standardwebhooks::Webhook;
use thiserror::Error;

/// Bytes of a secret that the specification allows.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;
/// What the text of every secret begins with.
const PREFIX: &str = "whsec_";

/// A secret shared with whoever runs the endpoint.
#[derive(Debug, Clone)]
pub struct WebhookSecret(Sensitive<Vec<u8>>);

/// Not a secret of a webhook; says what one looks like, never what was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("use whsec_ and 24 to 64 random bytes in base 64")]
pub struct NotAWebhookSecret;

impl WebhookSecret {
    /// Reads the text form: `whsec_` and base 64.
    ///
    /// # Errors
    /// [`NotAWebhookSecret`].
    pub fn parse(text: &Sensitive<String>) -> Result<Self, NotAWebhookSecret> {
        let body = text.reveal().strip_prefix(PREFIX);
        let bytes = body.and_then(|body| data_encoding::BASE64.decode(body.as_bytes()).ok());
        let bytes = Sensitive::new(bytes.ok_or(NotAWebhookSecret)?);
        if SECRET_BYTES.contains(&bytes.reveal().len()) {
            Ok(Self(bytes))
        } else {
            Err(NotAWebhookSecret)
        }
    }

    /// The text form of these bytes.
    #[must_use]
    pub fn text_of(bytes: &Sensitive<[u8; 32]>) -> Sensitive<String> {
        let body = Sensitive::new(data_encoding::BASE64.encode(bytes.reveal()));
        Sensitive::new(format!("{PREFIX}{}", body.reveal()))
    }

    /// The signature of a message: `v1,` and base 64.
    fn sign(&self, id: &str, seconds: i64, body: &str) -> Option<String> {
        let key = Webhook::from_bytes(self.0.reveal().clone()).ok()?;
        key.sign(id, seconds, body.as_bytes()).ok()
    }
}

/// The header `webhook-signature`: a signature by every live secret, so that whoever knows one of
/// them can verify. Nothing only if the library cannot sign at all.
pub(super) fn signatures(
    secrets: &[WebhookSecret],
    id: &str,
    seconds: i64,
    body: &str,
) -> Option<String> {
    let each = secrets.iter().map(|secret| secret.sign(id, seconds, body));
    let all = each.collect::<Option<Vec<_>>>()?;
    (!all.is_empty()).then(|| all.join(" "))
}
