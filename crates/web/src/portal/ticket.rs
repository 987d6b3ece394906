//! The platform's entry ticket between the first page and the consent. It names an account and a
//! device, so it waits in the browser that brought it, never in our database.

use http::{HeaderMap, HeaderValue, header};

/// Most symbols of a ticket (the platform's own limit).
const TICKET_MAX: usize = 2048;
/// How long the browser keeps it, in seconds: as long as a ticket may live.
const SECONDS: u32 = 600;

const fn name(secure: bool) -> &'static str {
    if secure {
        "__Host-regain-ticket"
    } else {
        "regain-ticket"
    }
}

fn is_ticket(text: &str) -> bool {
    let symbol = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    !text.is_empty() && text.len() <= TICKET_MAX && text.bytes().all(symbol)
}

/// The cookie that keeps a ticket; `None` for what cannot be one.
pub(crate) fn keep(secure: bool, ticket: &str) -> Option<HeaderValue> {
    is_ticket(ticket)
        .then(|| cookie(secure, ticket, SECONDS))
        .flatten()
}

/// The cookie that forgets it.
pub(crate) fn forget(secure: bool) -> Option<HeaderValue> {
    cookie(secure, "", 0)
}

fn cookie(secure: bool, value: &str, seconds: u32) -> Option<HeaderValue> {
    let name = name(secure);
    let word = if secure { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{word}")
        .parse()
        .ok()
}

/// The ticket this browser brought.
pub(crate) fn read(headers: &HeaderMap, secure: bool) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(known, value)| *known == name(secure) && is_ticket(value))
        .map(|(_, value)| value.to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_a_ticket_is_kept_and_read() {
        let kept = keep(true, "abc-_9.DEF").unwrap();
        let kept = kept.to_str().unwrap();
        assert!(kept.starts_with("__Host-regain-ticket=abc-_9.DEF; Path=/; HttpOnly"));
        assert!(kept.ends_with("Max-Age=600; Secure"));
        for odd in ["", "a;b", "a b", "a\r\nb", "a=b", &"x".repeat(2049)] {
            assert!(keep(false, odd).is_none(), "{odd:?}");
        }
        let mut headers = HeaderMap::new();
        let value = HeaderValue::from_static("a=1; regain-ticket=t.u");
        headers.insert(header::COOKIE, value);
        assert_eq!(read(&headers, false).as_deref(), Some("t.u"));
        assert_eq!(read(&headers, true), None);
        assert!(
            forget(false)
                .unwrap()
                .to_str()
                .unwrap()
                .ends_with("Max-Age=0")
        );
    }
}
