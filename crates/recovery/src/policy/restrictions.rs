//! What a restricted account may still do, and what no policy may allow it.

use serde::{Deserialize, Serialize};

use super::PolicyError;

/// Allow-lists by capability name of the platform contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is explained in policy.default.toml")]
pub struct Restrictions {
    pub cooling_off_allow: Vec<String>,
    pub locked_allow: Vec<String>,
}

/// What may never be allowed while an account is restricted (M18).
pub const NEVER_WHILE_RESTRICTED: [&str; 8] = [
    "withdraw",
    "c2c_sell",
    "send_user",
    "api_key_create",
    "whitelist_add",
    "authorisation_add",
    "loan",
    "change_security",
];

pub(super) fn never(list: &'static str, allow: &[String]) -> impl Iterator<Item = PolicyError> {
    allow
        .iter()
        .filter(|name| NEVER_WHILE_RESTRICTED.contains(&name.as_str()))
        .map(move |name| PolicyError::Capability {
            list,
            name: name.clone(),
        })
}
