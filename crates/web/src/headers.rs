//! The headers of every answer (UX.md F). A missing `Permissions-Policy` looks exactly like a
//! user's "no" to the camera, so a test owns each of them.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};

/// What a page lets the browser do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Powers {
    /// Nothing beyond showing the page.
    #[default]
    Plain,
    /// Camera, microphone, and previews of what was taken.
    Camera,
    /// Making a passkey.
    PasskeyNew,
    /// Using a passkey.
    PasskeyUse,
    /// Bytes of a case: pictures and video, never a page, whatever they claim to be.
    Exhibit,
}

/// No page may load, run or send anything elsewhere; scripts cannot write markup.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     media-src 'self'; connect-src 'self'; font-src 'none'; manifest-src 'self'; \
     worker-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; \
     frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// The same for pages that show what the camera took.
const POLICY_CAMERA: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' blob:; media-src 'self' blob:; connect-src 'self'; font-src 'none'; \
     manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; \
     object-src 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
     trusted-types 'none'";

/// What came from an applicant may not do anything, even when somebody opens it as a page.
const POLICY_EXHIBIT: &str = "default-src 'none'; sandbox; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

impl Powers {
    /// The content security policy.
    #[must_use]
    pub const fn content_policy(self) -> &'static str {
        match self {
            Self::Camera => POLICY_CAMERA,
            Self::Exhibit => POLICY_EXHIBIT,
            Self::Plain | Self::PasskeyNew | Self::PasskeyUse => POLICY,
        }
    }

    /// The permissions policy: everything off but what the page needs.
    #[must_use]
    pub fn permissions(self) -> String {
        let one = |name: &str, on: bool| format!("{name}={}", if on { "(self)" } else { "()" });
        let camera = matches!(self, Self::Camera);
        [
            one("camera", camera),
            one("microphone", camera),
            one(
                "publickey-credentials-create",
                matches!(self, Self::PasskeyNew),
            ),
            one(
                "publickey-credentials-get",
                matches!(self, Self::PasskeyUse),
            ),
            one("display-capture", false),
            one("geolocation", false),
            one("payment", false),
            one("usb", false),
        ]
        .join(", ")
    }
}

/// Two years, as preload lists ask.
const HSTS: &str = "max-age=63072000; includeSubDomains";

/// Puts the headers on an answer. `Cache-Control` stays where a handler set one (assets).
pub fn apply(headers: &mut HeaderMap, powers: Powers, https: bool) {
    let fixed: [(HeaderName, &'static str); 5] = [
        (header::CONTENT_SECURITY_POLICY, powers.content_policy()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(value) = HeaderValue::from_str(&powers.permissions()) {
        headers.insert(HeaderName::from_static("permissions-policy"), value);
    }
    if https {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static(HSTS),
        );
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn of(powers: Powers, https: bool) -> HeaderMap {
        let mut headers = HeaderMap::new();
        apply(&mut headers, powers, https);
        headers
    }

    #[test]
    fn ordinary_pages_allow_nothing_foreign() {
        let headers = of(Powers::Plain, true);
        let policy = headers.get("content-security-policy").unwrap();
        let policy = policy.to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'"));
        assert!(policy.contains("require-trusted-types-for 'script'"));
        assert!(!policy.contains("unsafe") && !policy.contains("blob:") && !policy.contains('*'));
        let permissions = headers.get("permissions-policy").unwrap();
        assert!(!permissions.to_str().unwrap().contains("(self)"));
        assert_eq!(headers.get("cache-control").unwrap(), "no-store");
        assert!(headers.contains_key("strict-transport-security"));
    }

    #[test]
    fn each_power_is_given_only_where_it_is_named() {
        let camera = Powers::Camera.permissions();
        assert!(camera.contains("camera=(self), microphone=(self)"));
        assert!(camera.contains("publickey-credentials-create=()"));
        let new = Powers::PasskeyNew.permissions();
        assert!(new.contains("publickey-credentials-create=(self)"));
        assert!(new.contains("publickey-credentials-get=()") && new.contains("camera=()"));
        assert!(
            Powers::PasskeyUse
                .permissions()
                .contains("publickey-credentials-get=(self)")
        );
        assert!(Powers::Exhibit.content_policy().contains("; sandbox;"));
        assert!(
            Powers::Camera
                .content_policy()
                .contains("img-src 'self' blob:")
        );
    }

    #[test]
    fn plain_http_promises_no_https_and_assets_keep_their_caching() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("immutable"));
        apply(&mut headers, Powers::Plain, false);
        assert!(!headers.contains_key("strict-transport-security"));
        assert_eq!(headers.get("cache-control").unwrap(), "immutable");
    }
}
