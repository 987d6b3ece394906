//! Asks nodes of chains for one transaction: Esplora for Bitcoin, JSON-RPC for Ethereum.
//!
//! Whoever runs the node learns the id, and from where it was asked. What it answers is believed as
//! far as the operator trusts it; it can only ever speak for the applicant in one finding that
//! opens no gate. No redirect is followed, nothing is asked twice, and every answer has a bound.

mod esplora;
mod json_rpc;
#[cfg(test)]
mod tests;

use std::time::Duration;

use engine::chains::{Answer, Asking, Nodes};
use recovery::clues::address::Chain;
use recovery::time::Timestamp;
use reqwest::{Client, RequestBuilder, Response};
use url::Url;

/// How long a look at one transaction may take, all its calls together.
const ANSWER: Duration = Duration::from_secs(5);
/// Bytes of an answer: a transaction of a whole block, or a block's ids, are less.
const BODY_MAX: usize = 1_000_000;
/// The latest second of a block that is believed: the end of the year 9999.
const SECOND_MAX: i64 = 253_402_300_799;

/// Why there is no answer; the words are logged, so they hold nothing of what was asked or said.
pub(crate) type Nothing = &'static str;

const NOBODY: Nothing = "there is none";
const LATE: Nothing = "it did not answer in time";
const UNREACHABLE: Nothing = "it cannot be reached";
const REFUSED: Nothing = "it answered with another status than 200";
const TOO_LONG: Nothing = "its answer is too long";
const RUBBISH: Nothing = "its answer cannot be read";

/// Where a node is. Many take a key in the path, so it is shown nowhere.
#[derive(Clone)]
pub(crate) struct NodeUrl(Url);

impl NodeUrl {
    pub(crate) const fn new(url: Url) -> Self {
        Self(url)
    }

    /// The address itself.
    pub(crate) const fn reveal(&self) -> &Url {
        &self.0
    }
}

impl std::fmt::Debug for NodeUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

/// The newest block that a node knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Newest {
    /// Its number.
    pub(crate) height: u64,
    /// When it was made.
    pub(crate) at: Timestamp,
}

/// The nodes that the operator named.
pub(crate) struct ConfiguredNodes {
    http: Client,
    esplora: Option<NodeUrl>,
    evm_rpc: Option<NodeUrl>,
    answer: Duration,
}

impl ConfiguredNodes {
    /// For the nodes of a configuration.
    ///
    /// # Errors
    /// When this machine has no trusted certificates.
    pub(crate) fn new(esplora: Option<NodeUrl>, evm_rpc: Option<NodeUrl>) -> anyhow::Result<Self> {
        Self::within(ANSWER, esplora, evm_rpc)
    }

    fn within(
        answer: Duration,
        esplora: Option<NodeUrl>,
        evm_rpc: Option<NodeUrl>,
    ) -> anyhow::Result<Self> {
        // The process has one provider; another part may have installed the same one before.
        drop(rustls::crypto::ring::default_provider().install_default());
        let http = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .timeout(answer)
            .build()?;
        Ok(Self {
            http,
            esplora,
            evm_rpc,
            answer,
        })
    }

    async fn ask(&self, chain: Chain, id: &str) -> Result<Answer, Nothing> {
        match (chain, &self.esplora, &self.evm_rpc) {
            (Chain::Bitcoin, Some(url), _) => esplora::ask(&self.http, url.reveal(), id).await,
            (Chain::Evm, _, Some(url)) => json_rpc::ask(&self.http, url.reveal(), id).await,
            _ => Err(NOBODY),
        }
    }

    /// Asks a chain's node for its newest block, which tells whether it is there, of the right
    /// chain, and up to date.
    ///
    /// # Errors
    /// Why there is no answer, in words that hold nothing of the node's address.
    pub(crate) async fn newest(&self, chain: Chain) -> Result<Newest, Nothing> {
        self.in_time(async {
            match (chain, &self.esplora, &self.evm_rpc) {
                (Chain::Bitcoin, Some(url), _) => esplora::newest(&self.http, url.reveal()).await,
                (Chain::Evm, _, Some(url)) => json_rpc::newest(&self.http, url.reveal()).await,
                _ => Err(NOBODY),
            }
        })
        .await
    }

    /// All calls of one question together have a bound.
    async fn in_time<T>(
        &self,
        asking: impl Future<Output = Result<T, Nothing>>,
    ) -> Result<T, Nothing> {
        let asked = tokio::time::timeout(self.answer, asking).await;
        asked.unwrap_or(Err(LATE))
    }
}

impl Nodes for ConfiguredNodes {
    fn serve(&self, chain: Chain) -> bool {
        match chain {
            Chain::Bitcoin => self.esplora.is_some(),
            Chain::Evm => self.evm_rpc.is_some(),
            Chain::Tron | Chain::Solana => false,
        }
    }

    fn transaction<'a>(&'a self, chain: Chain, id: &'a str) -> Asking<'a> {
        Box::pin(async move {
            let answer = self.in_time(self.ask(chain, id)).await;
            answer.unwrap_or_else(Answer::Nothing)
        })
    }
}

/// Sends a request. The library's own errors hold the address, so they go no further.
async fn send(request: RequestBuilder) -> Result<Response, Nothing> {
    request.send().await.map_err(|error| {
        if error.is_timeout() {
            LATE
        } else {
            UNREACHABLE
        }
    })
}

/// The body of an answer, as far as its bound.
async fn body(mut answer: Response) -> Result<Vec<u8>, Nothing> {
    if answer.status() != reqwest::StatusCode::OK {
        return Err(REFUSED);
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|_| UNREACHABLE)? {
        if body.len().saturating_add(chunk.len()) > BODY_MAX {
            return Err(TOO_LONG);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The time of a block, which chains give in seconds.
fn second(second: i64) -> Result<Timestamp, Nothing> {
    let plausible = (0..=SECOND_MAX).contains(&second);
    let millis = plausible.then(|| second.saturating_mul(1000));
    millis.map(Timestamp::from_millis).ok_or(RUBBISH)
}
