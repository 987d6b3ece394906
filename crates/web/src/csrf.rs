//! Forms can only be sent from our own pages: a token in the form that belongs to the session, and
//! what the browser itself says about where a request comes from. Each alone would do; both must.

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use url::Url;

use crate::client::text;

/// Name of the hidden field.
pub const FIELD: &str = "form_token";

/// The token of a session's forms: keyed by the session's own secret, so it needs no storage.
#[must_use]
pub fn token(session: &str) -> String {
    Hmac::<Sha256>::new_from_slice(session.as_bytes()).map_or_else(
        |_| String::new(),
        |mut mac| {
            mac.update(b"regain form token v1");
            BASE64URL_NOPAD.encode(&mac.finalize().into_bytes())
        },
    )
}

/// Whether a form carries the token of this session.
#[must_use]
pub fn fits(session: &str, given: &str) -> bool {
    let wanted = token(session);
    !wanted.is_empty() && bool::from(wanted.as_bytes().ct_eq(given.as_bytes()))
}

/// Whether a request that acts may come from where the browser says it comes from.
///
/// `Sec-Fetch-Site` decides where it is sent (every browser since 2023), else `Origin`; a caller
/// that sends neither is no browser and carries nobody's cookies against their will.
#[must_use]
pub fn comes_from_us(headers: &HeaderMap, origin: &Url) -> bool {
    match text(headers, "sec-fetch-site") {
        "same-origin" => true,
        "" => match text(headers, http::header::ORIGIN) {
            "" => true,
            named => named == origin.origin().ascii_serialization(),
        },
        // "none" (typed by hand) cannot be a form; "same-site" is a neighbour, not us.
        _ => false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_token_fits_its_own_session_only() {
        let mine = token("session-a");
        assert_eq!(mine.len(), 43);
        assert!(fits("session-a", &mine));
        assert!(!fits("session-b", &mine));
        assert!(!fits("session-a", ""));
        assert!(!fits("session-a", mine.get(..42).unwrap()));
    }

    #[test]
    fn only_our_own_pages_may_act() {
        let origin = Url::parse("https://recover.example.com").unwrap();
        let check = |pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, http::HeaderValue::from_static(value));
            }
            comes_from_us(&headers, &origin)
        };
        assert!(check(&[]));
        assert!(check(&[("sec-fetch-site", "same-origin")]));
        assert!(!check(&[("sec-fetch-site", "cross-site")]));
        assert!(!check(&[("sec-fetch-site", "same-site")]));
        assert!(!check(&[("sec-fetch-site", "none")]));
        assert!(check(&[("origin", "https://recover.example.com")]));
        assert!(!check(&[(
            "origin",
            "https://recover.example.com.evil.test"
        )]));
        assert!(!check(&[("origin", "null")]));
    }
}
