//! Links and typed codes by which a holder stops a case without signing in: each channel has its
//! own, so that one that lost a decision keeps nobody else from objecting.

use recovery::case::Case;
use recovery::id::read_symbols;
use recovery::sensitive::Sensitive;
use recovery::time::Span;
use store::{NewSecret, SecretDigest, Tx};

use crate::engine::Engine;
use crate::error::Result;

/// Purposes of the secrets.
pub(crate) const STOP: &str = "stop";
pub(crate) const STOP_CODE: &str = "stop_code";
/// The channel of a link that went to several: where the platform's channels are not known.
const ALL: &str = "notices";
/// How long they are kept: longer than any case runs, with its veto window.
const LIFE: Span = Span::days(400);
/// Symbols of a code that people type: 50 bits, tried only through rate limits.
const CODE_SYMBOLS: usize = 10;

/// One way to stop a case, for one channel.
pub(crate) struct StopWay {
    /// The secret of the link.
    pub token: Sensitive<String>,
    /// The code to type.
    pub code: Sensitive<String>,
}

impl Engine {
    /// The way of a channel, or of all that are not known: computed, so that a notice sent again
    /// carries the same one.
    pub(crate) fn stop_way(&self, case: &Case, channel: Option<&str>) -> StopWay {
        let name = match channel {
            Some(channel) => format!("{}/{channel}", case.id),
            None => case.id.to_string(),
        };
        let digest = self.keyed_digest("stop_code_text", &name);
        let mut code = data_encoding::BASE32_NOPAD.encode(digest.as_bytes());
        code.truncate(CODE_SYMBOLS);
        StopWay {
            token: self.derived_token(STOP, &name),
            // Base 32 of RFC 4648 has no 0 and 1; the look-alikes O, I and L become symbols of
            // ours.
            code: Sensitive::new(read_symbols(&code)),
        }
    }

    /// Makes a way work; again is harmless.
    pub(crate) async fn open_stop_way(
        &self,
        tx: &mut Tx,
        case: &Case,
        channel: Option<&str>,
    ) -> Result<StopWay> {
        let way = self.stop_way(case, channel);
        let expires_at = tx.now().await? + LIFE;
        let pairs = [
            (STOP, SecretDigest::of(way.token.reveal().as_bytes())),
            (STOP_CODE, self.keyed_digest(STOP_CODE, way.code.reveal())),
        ];
        for (purpose, digest) in pairs {
            if tx.peek_secret(&digest, purpose).await?.is_none() {
                tx.put_secret(&NewSecret {
                    digest,
                    purpose,
                    case_id: Some(&case.id),
                    subject: channel.unwrap_or(ALL),
                    expires_at,
                })
                .await?;
            }
        }
        Ok(way)
    }
}
