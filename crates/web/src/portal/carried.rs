//! The secret of a link on its way from the address into a cookie, so that no page with content
//! has it in its address. Nothing is stored here.

use http::{HeaderMap, HeaderValue, header};

use crate::client::text;

/// Most symbols of a code or token.
const SECRET_MAX: usize = 128;

/// A cookie of its own for one kind of link.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Carried {
    /// Its name on loopback.
    pub(crate) plain: &'static str,
    /// Its name over https, bound to this very host.
    pub(crate) host: &'static str,
    /// How long the browser keeps it, in seconds.
    pub(crate) seconds: u32,
}

impl Carried {
    const fn name(self, secure: bool) -> &'static str {
        if secure { self.host } else { self.plain }
    }

    /// The cookie with a secret; `None` for what cannot be one.
    pub(crate) fn set(self, secure: bool, secret: &str) -> Option<HeaderValue> {
        if !is_secret(secret) {
            return None;
        }
        let (name, seconds) = (self.name(secure), self.seconds);
        let word = if secure { "; Secure" } else { "" };
        format!("{name}={secret}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{word}")
            .parse()
            .ok()
    }

    /// The secret that a request carries.
    pub(crate) fn read(self, headers: &HeaderMap, secure: bool) -> Option<String> {
        text(headers, header::COOKIE)
            .split(';')
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, _)| *name == self.name(secure))
            .map(|(_, value)| value.to_owned())
            .filter(|value| is_secret(value))
    }
}

/// Whether a text has the form of a secret.
pub(crate) fn is_secret(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= SECRET_MAX
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const STOP: Carried = Carried {
        plain: "regain-stop",
        host: "__Host-regain-stop",
        seconds: 60,
    };

    #[test]
    fn only_plain_secrets_become_cookies() {
        assert!(is_secret("AbC-_9"));
        for odd in ["", "a b", "a;b", "a\r\nb", "a=b", &"x".repeat(129)] {
            assert!(!is_secret(odd), "{odd:?}");
            assert_eq!(STOP.set(true, odd), None);
        }
        let set = STOP.set(true, "abc").unwrap();
        assert_eq!(
            set.to_str().unwrap(),
            "__Host-regain-stop=abc; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; Secure"
        );
        let mut headers = HeaderMap::new();
        headers.insert(
            header::COOKIE,
            HeaderValue::from_static("a=1; regain-stop=tok-1"),
        );
        assert_eq!(STOP.read(&headers, false).as_deref(), Some("tok-1"));
        assert_eq!(STOP.read(&headers, true), None);
    }
}
