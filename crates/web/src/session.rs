//! Browser sessions: a cookie with a secret, and what pages keep between requests.

use std::collections::BTreeMap;

use engine::inputs::{SessionKind, WebSession};
use http::HeaderMap;
use http::header::{COOKIE, HeaderValue};
use rand::Rng as _;
use recovery::id::CaseId;
use recovery::sensitive::Sensitive;
use recovery::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Most presses of a button that are remembered; older ones fall out.
const ONCE_MAX: usize = 24;
/// Most bytes of what pages keep; more is dropped and starts empty.
pub const KEPT_MAX: usize = 32 * 1024;
/// Most symbols of a cookie that are looked at.
const COOKIE_MAX: usize = 512;

/// Which cookie a page uses: staff have their own, so that one person can be both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jar {
    /// Visitors and applicants.
    Portal,
    /// Staff.
    Staff,
}

impl Jar {
    /// The cookie's name. `__Host-` binds it to this very host and to https.
    #[must_use]
    pub const fn name(self, secure: bool) -> &'static str {
        match (self, secure) {
            (Self::Portal, true) => "__Host-regain",
            (Self::Portal, false) => "regain",
            (Self::Staff, true) => "__Host-regain-staff",
            (Self::Staff, false) => "regain-staff",
        }
    }

    /// `Set-Cookie` for a token; an empty token removes the cookie. Lives as long as the browser
    /// runs: the server ends a session, never the client's clock.
    #[must_use]
    pub fn set(self, secure: bool, token: &str) -> Option<HeaderValue> {
        let site = match self {
            // Lax, because people come from links in mails.
            Self::Portal => "Lax",
            Self::Staff => "Strict",
        };
        let secure_word = if secure { "; Secure" } else { "" };
        let gone = if token.is_empty() { "; Max-Age=0" } else { "" };
        let name = self.name(secure);
        let cookie =
            format!("{name}={token}; Path=/; HttpOnly; SameSite={site}{secure_word}{gone}");
        HeaderValue::from_str(&cookie).ok()
    }

    /// The token a request carries in this jar.
    #[must_use]
    pub fn read(self, headers: &HeaderMap, secure: bool) -> Option<String> {
        headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, value)| {
                *name == self.name(secure) && !value.is_empty() && value.len() <= COOKIE_MAX
            })
            .map(|(_, value)| value.to_owned())
    }
}

/// What pages keep between requests. No personal data: it is stored in clear.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Kept {
    /// Where the person came from: `login`, `help`, `app` or `link`.
    pub entry: String,
    /// The genuine-site page was answered with "exactly".
    pub site_seen: bool,
    /// The ways that were tried and failed (triage).
    pub tried: Vec<String>,
    /// The triage was answered.
    pub triage_done: bool,
    /// The browser's time zone.
    pub zone: String,
    /// The kind of ID that was chosen; a passport has no back.
    pub id_kind: String,
    /// When the handover began that was begun in this browser: tells it from later ones.
    pub handover_begun: Option<Timestamp>,
    /// A notice's secret that left the address; it opens the stop page and nothing else.
    pub stop: String,
    /// What the next page says first, as a stable word.
    pub notice: String,
    /// Presses that were served: once-key and where they led.
    pub once: Vec<(String, String)>,
    /// State of a ceremony, and whatever else a page needs, under its own name.
    pub extra: BTreeMap<String, serde_json::Value>,
}

impl Kept {
    /// From stored bytes; unreadable bytes are an empty memory, not an error.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).unwrap_or_default()
    }

    /// For storage.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        match serde_json::to_vec(self) {
            Ok(bytes) if bytes.len() <= KEPT_MAX => bytes,
            _ => b"{}".to_vec(),
        }
    }

    /// Where this press already led, if it was served.
    #[must_use]
    pub fn served(&self, once: &str) -> Option<&str> {
        self.once
            .iter()
            .find(|(key, _)| !once.is_empty() && key == once)
            .map(|(_, to)| to.as_str())
    }

    /// Remembers a press.
    pub fn remember(&mut self, once: &str, to: &str) {
        if once.is_empty() || once.len() > 64 {
            return;
        }
        if self.once.len() >= ONCE_MAX {
            self.once.remove(0);
        }
        self.once.push((once.to_owned(), to.to_owned()));
    }
}

/// A session with its secret, as a request carries it.
#[derive(Debug, Clone)]
pub struct Session {
    /// The cookie's value.
    pub token: Sensitive<String>,
    /// Its kind.
    pub kind: SessionKind,
    /// The staff identifier for staff; empty otherwise.
    pub subject: String,
    /// The case it is bound to.
    pub case: Option<CaseId>,
    /// What pages keep.
    pub kept: Kept,
}

impl Session {
    /// From what the engine stored.
    #[must_use]
    pub fn new(token: String, stored: &WebSession) -> Self {
        Self {
            token: Sensitive::new(token),
            kind: stored.kind,
            subject: stored.subject.clone(),
            case: stored.case.clone(),
            kept: Kept::read(&stored.data),
        }
    }
}

/// A key that makes a second press of the same button harmless: 80 random bits.
#[must_use]
pub fn fresh_once() -> String {
    #[expect(
        clippy::disallowed_methods,
        reason = "the key of a form has to differ on each page and is made at the very edge"
    )]
    let mut rng = rand::rng();
    let mut bytes = [0_u8; 10];
    rng.fill_bytes(&mut bytes);
    data_encoding::BASE32_NOPAD.encode(&bytes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_host_bound_over_https_and_plain_on_loopback() {
        let secure = Jar::Portal.set(true, "abc").unwrap();
        assert_eq!(
            secure.to_str().unwrap(),
            "__Host-regain=abc; Path=/; HttpOnly; SameSite=Lax; Secure"
        );
        let staff = Jar::Staff.set(true, "abc").unwrap();
        assert!(staff.to_str().unwrap().contains("SameSite=Strict; Secure"));
        let plain = Jar::Portal.set(false, "").unwrap();
        assert_eq!(
            plain.to_str().unwrap(),
            "regain=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"
        );
    }

    #[test]
    fn a_cookie_is_read_by_its_exact_name() {
        let mut headers = HeaderMap::new();
        headers.insert(
            COOKIE,
            HeaderValue::from_static("regain-staff=s; xregain=x; regain=p"),
        );
        assert_eq!(Jar::Portal.read(&headers, false).as_deref(), Some("p"));
        assert_eq!(Jar::Staff.read(&headers, false).as_deref(), Some("s"));
        assert_eq!(Jar::Portal.read(&headers, true), None);
    }

    #[test]
    fn a_press_is_remembered_once_and_within_bounds() {
        let mut kept = Kept::default();
        kept.remember("k", "/case");
        assert_eq!(kept.served("k"), Some("/case"));
        assert_eq!(kept.served("other"), None);
        assert_eq!(kept.served(""), None);
        for number in 0..100 {
            kept.remember(&number.to_string(), "/x");
        }
        assert_eq!(kept.once.len(), ONCE_MAX);
        assert_eq!(Kept::read(&kept.bytes()), kept);
        assert_eq!(Kept::read(b"not json"), Kept::default());
        assert_ne!(fresh_once(), fresh_once());
    }
}
