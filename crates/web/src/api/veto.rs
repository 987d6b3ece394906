//! The platform forwards a veto of the holder; the call and its answer are signed.

use axum::extract::Path;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, Uri};
use recovery::id::AccountRef;
use serde::Deserialize;
use serde_json::json;

use super::call::{Answer, Asked, answer, is_name, problem, refused};
use crate::visit::Visit;

/// How the holder told the platform to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum How {
    /// By proving the old factors on the platform's stop page.
    SignedIn,
    /// By answering a notice with "this was not me".
    ThisWasNotMe,
}

/// The body.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    /// As named in the dossier, or `sign_in`.
    channel: String,
    /// How the holder acted; either way it is a veto.
    #[expect(dead_code, reason = "read to refuse what is not in the contract")]
    how: How,
}

fn read(body: &[u8]) -> Result<String, Answer> {
    let wrong = |title| problem(StatusCode::UNPROCESSABLE_ENTITY, "malformed", title);
    let request: Request = serde_json::from_slice(body)
        .map_err(|_| wrong("the body must be {\"channel\", \"how\"} as in the contract"))?;
    if is_name(&request.channel, b".:") {
        Ok(request.channel)
    } else {
        Err(wrong("the channel must be named as in the dossier"))
    }
}

/// `POST /platform/v1/accounts/{account}/veto`.
pub(crate) async fn stop(
    visit: Visit,
    method: Method,
    uri: Uri,
    Path(account): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let asked = Asked {
        method,
        uri,
        headers,
        body,
    };
    answer(&visit, &asked, async || {
        act(&visit, &account, &asked.body).await
    })
    .await
}

async fn act(visit: &Visit, account: &str, body: &[u8]) -> Answer {
    let channel = match read(body) {
        Ok(channel) => channel,
        Err(answer) => return answer,
    };
    if !is_name(account, b"") {
        return problem(StatusCode::NOT_FOUND, "unknown_account", "no such account");
    }
    let account = AccountRef(account.to_owned());
    match visit.engine().platform_veto(&account, &channel).await {
        Ok(stopped) => (StatusCode::OK, json!({ "stopped": stopped })),
        Err(error) => refused(&error),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_the_contracts_body_is_read() {
        let good = br#"{"channel":"push:1","how":"this_was_not_me"}"#;
        assert_eq!(read(good).unwrap(), "push:1");
        assert!(read(br#"{"channel":"sign_in","how":"signed_in"}"#).is_ok());
        for wrong in [
            &br#"{"channel":"sign_in"}"#[..],
            br#"{"channel":"sign_in","how":"by_phone"}"#,
            br#"{"channel":"","how":"signed_in"}"#,
            br#"{"channel":"a b","how":"signed_in"}"#,
            br#"{"channel":"a","how":"signed_in","force":true}"#,
            b"veto",
        ] {
            let (status, document) = read(wrong).unwrap_err();
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
            assert_eq!(document["code"], "malformed");
        }
    }
}
