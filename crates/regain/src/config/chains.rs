//! `[chains]`: explorers that reviewers are led to, and nodes that are asked for transactions.

use engine::chains::Explorers;
use recovery::clues::address::Chain;
use url::Url;

use super::document;
use super::reader::{Found, Key, Reader};
use super::sections::web_url;
use super::{Chains, NodeUrl};

/// Reads the section.
pub(super) fn read(reader: &mut Reader<'_>, keys: document::Chains) -> Option<Chains> {
    let each = [
        (
            "chains.bitcoin_explorer",
            Chain::Bitcoin,
            keys.bitcoin_explorer,
        ),
        ("chains.evm_explorer", Chain::Evm, keys.evm_explorer),
        ("chains.tron_explorer", Chain::Tron, keys.tron_explorer),
        (
            "chains.solana_explorer",
            Chain::Solana,
            keys.solana_explorer,
        ),
    ];
    let read = each.map(|(key, chain, value)| {
        let template = reader.optional(Key::new(key), value, address_template);
        template.map(|template| (chain, template))
    });
    let mut node = |name, value| {
        let read = |found: &Found| web_url(found).map(NodeUrl::new);
        reader.optional_shown(Key::new(name), value, origin_alone, read)
    };
    let esplora = node("chains.esplora_url", keys.esplora_url);
    let evm_rpc = node("chains.evm_rpc_url", keys.evm_rpc_url);
    let mut explorers = Explorers::default();
    for one in read {
        if let (chain, Some(template)) = one? {
            explorers = explorers.with(chain, template);
        }
    }
    Some(Chains {
        explorers,
        esplora: esplora?,
        evm_rpc: evm_rpc?,
    })
}

/// Scheme and host: many nodes, and takers of webhooks, have a key in the path.
pub(super) fn origin_alone(text: &str) -> String {
    let origin = Url::parse(text).map(|url| url.origin());
    origin.map_or_else(
        |_| "[not an address]".to_owned(),
        |origin| format!("{}/[redacted]", origin.ascii_serialization()),
    )
}

/// The address of an explorer's page, with a place for the address on the chain behind the host.
fn address_template(found: &Found) -> Result<String, String> {
    const STAND_IN: &str = "stand-in";
    let text = &found.text;
    let url = Url::parse(&text.replacen(Explorers::PLACE, STAND_IN, 1)).ok();
    let url = url.filter(|url| {
        let host = url.host_str().unwrap_or_default();
        text.matches(Explorers::PLACE).count() == 1 && !host.contains(STAND_IN)
    });
    let Some(url) = url else {
        return Err("use an address with {address} in it once, such as \
             https://explorer.example/address/{address}"
            .to_owned());
    };
    if url.scheme() != "https" {
        return Err("must begin with https://".to_owned());
    }
    let anonymous = url.username().is_empty() && url.password().is_none();
    anonymous
        .then(|| text.clone())
        .ok_or_else(|| "must not hold a user or password".to_owned())
}
