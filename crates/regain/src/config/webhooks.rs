//! `[[webhooks]]`: who is told of news of cases, where, and with which secrets.

use std::collections::BTreeSet;

use notify::webhook::{Network, check_url};
use recovery::case::News;
use recovery::nearest::nearest;
use url::Url;

use super::chains::origin_alone;
use super::document;
use super::reader::{Found, Key, Reader};
use super::{NodeUrl, Secret, SecretFrom, Webhook};

/// Most endpoints: each has a lane of its own in every worker.
const ENDPOINTS_MAX: usize = 16;
/// Most live secrets of one: a header has to hold a signature by each.
const SECRETS_MAX: usize = 4;
/// Longest name of one.
const NAME_MAX: usize = 32;

/// Reads every endpoint.
pub(super) fn read(
    reader: &mut Reader<'_>,
    endpoints: Vec<document::Webhook>,
) -> Option<Vec<Webhook>> {
    if endpoints.len() > ENDPOINTS_MAX {
        reader.contradiction(&format!("use at most {ENDPOINTS_MAX} [[webhooks]]"));
        return None;
    }
    let read: Vec<Option<Webhook>> = endpoints
        .into_iter()
        .map(|keys| endpoint(reader, keys))
        .collect();
    let webhooks = read.into_iter().collect::<Option<Vec<Webhook>>>()?;
    let mut names = BTreeSet::new();
    for webhook in &webhooks {
        if !names.insert(webhook.name.as_str()) {
            let name = &webhook.name;
            reader.contradiction(&format!("two [[webhooks]] have the name \"{name}\""));
            return None;
        }
    }
    Some(webhooks)
}

fn endpoint(reader: &mut Reader<'_>, keys: document::Webhook) -> Option<Webhook> {
    let name = reader.required(Key::new("webhooks.name"), keys.name, name);
    let networks = reader.list("webhooks.allow_networks", keys.allow_networks, |found| {
        let network = found.text.parse::<Network>();
        network.map_err(|problem| format!("\"{}\": {problem}", found.text))
    });
    // Without its networks, which are wrong, nothing can be said of the address.
    let allow = networks.clone();
    let url = reader.required_shown(Key::new("webhooks.url"), keys.url, origin_alone, |found| {
        let url = Url::parse(&found.text)
            .map_err(|_| "use an address such as https://exchange.example/hooks".to_owned())?;
        if let Some(allow) = allow {
            check_url(&url, &allow).map_err(|problem| problem.to_string())?;
        }
        Ok(NodeUrl::new(url))
    });
    let files = keys.secret_files;
    let secrets = reader.list("webhooks.secret_files", files, |found| {
        Ok(Secret {
            what: "a secret of a webhook",
            from: SecretFrom::File(found.path()),
        })
    });
    match secrets.as_deref() {
        Some([]) => reader.missing(Key::new("webhooks.secret_files")),
        Some(some) if some.len() > SECRETS_MAX => {
            reader.contradiction(&format!("webhooks.secret_files: use at most {SECRETS_MAX}"))
        }
        _ => {}
    }
    let events = reader.list("webhooks.events", keys.events, |found| {
        News::named(&found.text).ok_or_else(|| unknown(&found.text))
    });
    Some(Webhook {
        name: name?,
        url: url?,
        secrets: secrets?,
        events: events?,
        allow_networks: networks?,
    })
}

fn name(found: &Found) -> Result<String, String> {
    let text = &found.text;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let fits = (1..=NAME_MAX).contains(&text.len()) && text.chars().all(plain);
    fits.then(|| text.clone()).ok_or_else(|| {
        format!("use 1 to {NAME_MAX} lower-case letters, digits and dashes, such as books")
    })
}

fn unknown(typed: &str) -> String {
    let names = News::ALL.iter().map(|news| news.name());
    match nearest(typed, names) {
        Some(meant) => format!("unknown event \"{typed}\"; did you mean \"{meant}\"?"),
        None => format!("unknown event \"{typed}\"; docs/guide/webhooks.md has them all"),
    }
}
