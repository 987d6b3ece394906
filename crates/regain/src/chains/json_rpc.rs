//! Ethereum, by JSON-RPC: the transaction, whether it went through, and the time of its block.
//!
//! Only what a transaction pays in the chain's own coin is read. Tokens, and payments that a
//! contract makes on the way, are not: people look those up.

use engine::chains::Answer;
use recovery::chain::{OnChain, Output};
use recovery::clues::address::Chain;
use recovery::time::Timestamp;
use reqwest::Client;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use url::Url;

use super::{Newest, Nothing, RUBBISH, body, second, send};

/// What a receipt says of a transaction that went through (EIP-658).
const WENT_THROUGH: &str = "0x1";
/// Ethereum among the chains that speak like it (EIP-155).
const ETHEREUM: u128 = 1;
const OTHER_CHAIN: Nothing = "it serves another chain than Ethereum";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Transaction {
    hash: String,
    /// None where it makes a contract.
    to: Option<String>,
    value: String,
    /// None while it is in no block.
    block_number: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Receipt {
    transaction_hash: String,
    block_number: String,
    /// Missing before EIP-658: whether it went through is not told then.
    status: Option<String>,
}

#[derive(Deserialize)]
struct Block {
    number: String,
    timestamp: String,
}

pub(super) async fn newest(http: &Client, url: &Url) -> Result<Newest, Nothing> {
    let chain: Option<String> = call(http, url, "eth_chainId", &json!([])).await?;
    if number(&chain.ok_or(RUBBISH)?)? != ETHEREUM {
        return Err(OTHER_CHAIN);
    }
    let which = json!(["latest", false]);
    let block: Option<Block> = call(http, url, "eth_getBlockByNumber", &which).await?;
    let block = block.ok_or(RUBBISH)?;
    Ok(Newest {
        height: u64::try_from(number(&block.number)?).map_err(|_| RUBBISH)?,
        at: time_of(&block)?,
    })
}

/// When a block was made.
fn time_of(block: &Block) -> Result<Timestamp, Nothing> {
    second(i64::try_from(number(&block.timestamp)?).map_err(|_| RUBBISH)?)
}

pub(super) async fn ask(http: &Client, url: &Url, id: &str) -> Result<Answer, Nothing> {
    let hash = format!("0x{id}");
    let by_hash = json!([hash]);
    let asked: Option<Transaction> = call(http, url, "eth_getTransactionByHash", &by_hash).await?;
    let Some(asked) = asked else {
        return Ok(Answer::Unknown);
    };
    if !asked.hash.eq_ignore_ascii_case(&hash) {
        return Err(RUBBISH);
    }
    let units = number(&asked.value)?;
    let paid = asked.to.map(|to| Output {
        address: to.into(),
        units,
    });
    let Some(block_number) = asked.block_number else {
        return Ok(found(None, paid));
    };
    number(&block_number)?;
    let receipt: Option<Receipt> = call(http, url, "eth_getTransactionReceipt", &by_hash).await?;
    let receipt = receipt.ok_or(RUBBISH)?;
    let is_its = receipt.transaction_hash.eq_ignore_ascii_case(&hash)
        && receipt.block_number == block_number;
    if !is_its {
        return Err(RUBBISH);
    }
    let which = json!([block_number, false]);
    let block: Option<Block> = call(http, url, "eth_getBlockByNumber", &which).await?;
    let block = block.ok_or(RUBBISH)?;
    if block.number != block_number {
        return Err(RUBBISH);
    }
    let at = time_of(&block)?;
    // What failed has paid nothing.
    let went_through = receipt.status.as_deref() == Some(WENT_THROUGH);
    let paid = paid.filter(|_| went_through);
    Ok(found(Some(at), paid))
}

fn found(at: Option<Timestamp>, paid: Option<Output>) -> Answer {
    Answer::Found(OnChain {
        chain: Chain::Evm,
        at,
        outputs: paid.into_iter().collect(),
    })
}

/// One call; nothing where the node says `null`.
async fn call<T: DeserializeOwned>(
    http: &Client,
    url: &Url,
    method: &str,
    params: &Value,
) -> Result<Option<T>, Nothing> {
    let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    let answer = send(http.post(url.clone()).json(&request)).await?;
    let mut answer: Value = serde_json::from_slice(&body(answer).await?).map_err(|_| RUBBISH)?;
    // An answer without a result is an error of the node, and not "there is none".
    let result = answer.get_mut("result").map(Value::take).ok_or(RUBBISH)?;
    serde_json::from_value(result).map_err(|_| RUBBISH)
}

/// A number in hexadecimal, as JSON-RPC writes all of them.
fn number(text: &str) -> Result<u128, Nothing> {
    let digits = text.strip_prefix("0x").ok_or(RUBBISH)?;
    let plain = digits.bytes().all(|b| b.is_ascii_hexdigit());
    let number = u128::from_str_radix(digits, 16).ok();
    number.filter(|_| plain).ok_or(RUBBISH)
}
