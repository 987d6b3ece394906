//! Paths of the contract, in one place so that both sides and the document agree.

/// Where every call that the platform implements begins.
pub const REGAIN_BASE: &str = "/regain/v1";
/// Where every call that Regain implements for the platform begins.
pub const PLATFORM_BASE: &str = "/platform/v1";
/// Version of the contract: declared in the capabilities, raised when a change is not compatible.
pub const CONTRACT_VERSION: u32 = 1;

/// Longest account reference, in bytes.
pub const ACCOUNT_REF_MAX: usize = 128;
/// Largest JSON body in either direction, in bytes.
pub const JSON_MAX: usize = 1024 * 1024;
/// Largest portrait, in bytes.
pub const PORTRAIT_MAX: usize = 16 * 1024 * 1024;

/// Whether a text may be an account reference in a path: letters, digits, `_` and `-` only, so
/// that it needs no escaping and can never climb out of its place.
#[must_use]
pub fn is_account_ref(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= ACCOUNT_REF_MAX
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}
