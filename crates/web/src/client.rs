//! Who calls, as far as a server can know.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use http::HeaderMap;
use http::header;

/// Most hops of `X-Forwarded-For` that are read, from the nearest.
const HOPS_MAX: usize = 8;

/// The caller of a request.
#[derive(Debug, Clone)]
pub struct Client {
    /// The peer, or the client a trusted proxy names.
    pub ip: IpAddr,
    /// The browser's own claim.
    pub user_agent: String,
    /// Prefers `application/problem+json` or `application/json` to pages.
    pub wants_json: bool,
}

impl Client {
    /// From the peer and the headers.
    #[must_use]
    pub fn new(peer: Option<SocketAddr>, headers: &HeaderMap, trusted: &[IpAddr]) -> Self {
        let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| {
            peer.ip().to_canonical()
        });
        Self {
            ip: named_by_proxies(peer, headers, trusted),
            user_agent: text(headers, header::USER_AGENT).to_owned(),
            wants_json: prefers_json(headers),
        }
    }
}

/// The value of a header, or nothing.
pub(crate) fn text(headers: &HeaderMap, name: impl header::AsHeaderName) -> &str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// Walks `X-Forwarded-For` from the nearest hop and stops at the first address that is no proxy
/// of ours: what stands left of it could have been written by anybody.
fn named_by_proxies(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let mut nearest = peer;
    let hops = headers
        .get_all("x-forwarded-for")
        .iter()
        .rev()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.rsplit(','))
        .take(HOPS_MAX);
    for hop in hops {
        if !trusted.contains(&nearest) {
            break;
        }
        match hop.trim().parse::<IpAddr>() {
            Ok(ip) => nearest = ip.to_canonical(),
            Err(_) => break,
        }
    }
    nearest
}

/// Whether `Accept` names JSON before (or without) HTML.
#[must_use]
pub fn prefers_json(headers: &HeaderMap) -> bool {
    let accept = text(headers, header::ACCEPT);
    let json = accept
        .find("application/json")
        .into_iter()
        .chain(accept.find("application/problem+json"))
        .min();
    match (json, accept.find("text/html")) {
        (Some(json), Some(html)) => json < html,
        (Some(_), None) => true,
        (None, _) => false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&'static str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", http::HeaderValue::from_static(value));
        }
        let trusted: Vec<IpAddr> = trusted.iter().map(|ip| ip.parse().unwrap()).collect();
        let peer = SocketAddr::new(peer.parse().unwrap(), 1);
        Client::new(Some(peer), &headers, &trusted).ip.to_string()
    }

    #[test]
    fn only_trusted_proxies_name_the_client() {
        assert_eq!(client("203.0.113.9", &["198.51.100.1"], &[]), "203.0.113.9");
        let proxy = &["10.0.0.1", "10.0.0.2"];
        assert_eq!(client("10.0.0.1", &["198.51.100.1"], proxy), "198.51.100.1");
        // What the client wrote itself stands left and is not believed.
        let forged = &["1.1.1.1, 198.51.100.1, 10.0.0.2"];
        assert_eq!(client("10.0.0.1", forged, proxy), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &["nonsense"], proxy), "10.0.0.1");
        assert_eq!(
            client("::ffff:10.0.0.1", &["198.51.100.1"], proxy),
            "198.51.100.1"
        );
    }

    #[test]
    fn browsers_get_pages_and_scripts_get_json() {
        let accepts = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("accept", http::HeaderValue::from_static(value));
            prefers_json(&headers)
        };
        assert!(!accepts("text/html,application/xhtml+xml,*/*;q=0.8"));
        assert!(accepts("application/json"));
        assert!(accepts("application/problem+json, text/html;q=0.1"));
        assert!(!accepts("*/*"));
        assert!(!prefers_json(&HeaderMap::new()));
    }
}
