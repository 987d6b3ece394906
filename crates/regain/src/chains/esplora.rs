//! Bitcoin, by the HTTP interface of Esplora: `GET {url}/tx/{txid}`, and `GET {url}/blocks` for the
//! newest ones.

use engine::chains::Answer;
use recovery::chain::{OnChain, Output};
use recovery::clues::address::Chain;
use reqwest::{Client, StatusCode};
use serde::Deserialize;
use url::Url;

use super::{Newest, Nothing, RUBBISH, UNREACHABLE, body, second, send};

#[derive(Deserialize)]
struct Transaction {
    txid: String,
    vout: Vec<Out>,
    status: Status,
}

#[derive(Deserialize)]
struct Out {
    /// None for scripts that are no address.
    scriptpubkey_address: Option<String>,
    value: u64,
}

#[derive(Deserialize)]
struct Status {
    confirmed: bool,
    block_time: Option<i64>,
}

#[derive(Deserialize)]
struct Block {
    height: u64,
    timestamp: i64,
}

/// A page below the node's address.
fn below(url: &Url, parts: &[&str]) -> Result<Url, Nothing> {
    let mut url = url.clone();
    url.path_segments_mut()
        .map_err(|()| UNREACHABLE)?
        .pop_if_empty()
        .extend(parts);
    Ok(url)
}

pub(super) async fn newest(http: &Client, url: &Url) -> Result<Newest, Nothing> {
    let answer = send(http.get(below(url, &["blocks"])?)).await?;
    let blocks: Vec<Block> = serde_json::from_slice(&body(answer).await?).map_err(|_| RUBBISH)?;
    let newest = blocks.into_iter().max_by_key(|block| block.height);
    let Block { height, timestamp } = newest.ok_or(RUBBISH)?;
    let at = second(timestamp)?;
    Ok(Newest { height, at })
}

pub(super) async fn ask(http: &Client, url: &Url, id: &str) -> Result<Answer, Nothing> {
    let answer = send(http.get(below(url, &["tx", id])?)).await?;
    if answer.status() == StatusCode::NOT_FOUND {
        return Ok(Answer::Unknown);
    }
    let found: Transaction = serde_json::from_slice(&body(answer).await?).map_err(|_| RUBBISH)?;
    if found.txid != id {
        return Err(RUBBISH);
    }
    let at = match (found.status.confirmed, found.status.block_time) {
        (true, Some(time)) => Some(second(time)?),
        (true, None) => return Err(RUBBISH),
        (false, _) => None,
    };
    let outputs = found.vout.into_iter().filter_map(|out| {
        let address = out.scriptpubkey_address?.into();
        let units = out.value.into();
        Some(Output { address, units })
    });
    Ok(Answer::Found(OnChain {
        chain: Chain::Bitcoin,
        at,
        outputs: outputs.collect(),
    }))
}
