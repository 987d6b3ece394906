//! The nodes of chains: whether they answer, are of the right chain, and are up to date.

use engine::chains::Nodes as _;
use recovery::clues::address::Chain;
use recovery::time::Span;

use super::{Row, State};
use crate::chains::{ConfiguredNodes, Newest, Nothing};
use crate::config::Config;
use crate::wiring;

/// What it costs when a node does not serve.
const COST: &str = "transactions on screenshots are not looked up there: people do it";

/// A row for each node that is configured. They are asked for their newest block, nothing else.
pub(super) async fn nodes(config: &Config) -> Vec<Row> {
    let chains = &config.chains;
    let nodes = match ConfiguredNodes::new(chains.esplora.clone(), chains.evm_rpc.clone()) {
        Ok(nodes) => nodes,
        Err(error) => {
            return vec![Row::broken("nodes of chains", &error).cost(COST)];
        }
    };
    let mut rows = Vec::new();
    for chain in [Chain::Bitcoin, Chain::Evm] {
        if nodes.serve(chain) {
            let what = format!("node of {}", chain.name());
            rows.push(row(&what, chain, nodes.newest(chain).await));
        }
    }
    rows
}

/// From when on no new block is odd: a chain's own pace, many times over.
const fn odd(chain: Chain) -> Span {
    match chain {
        Chain::Bitcoin => Span::hours(3),
        Chain::Evm | Chain::Tron | Chain::Solana => Span::minutes(10),
    }
}

fn row(what: &str, chain: Chain, newest: Result<Newest, Nothing>) -> Row {
    let newest = match newest {
        Ok(newest) => newest,
        Err(why) => return Row::new(what, State::Broken, why).cost(COST),
    };
    let age = wiring::wall_now().since(newest.at);
    let minutes = age.as_millis() / 60_000;
    let found = format!("block {}, {} minutes old", newest.height, minutes.max(0));
    if age.as_millis() < odd(chain).as_millis() {
        return Row::ok(what, found);
    }
    Row::new(what, State::Broken, found)
        .cost("younger transactions are not found")
        .remedy("look why the node does not follow its chain")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_that_fell_behind_is_told_from_one_that_follows() {
        let aged = |minutes| {
            let at = wiring::wall_now() - Span::minutes(minutes);
            Ok(Newest { height: 7, at })
        };
        let state = |chain, newest| row("node", chain, newest).state;
        assert_eq!(state(Chain::Bitcoin, aged(170)), State::Ok);
        assert_eq!(state(Chain::Bitcoin, aged(190)), State::Broken);
        assert_eq!(state(Chain::Evm, aged(1)), State::Ok);
        assert_eq!(state(Chain::Evm, aged(11)), State::Broken);
        assert_eq!(state(Chain::Evm, Err("late")), State::Broken);
        // A miner's clock may be ahead.
        let ahead = row("node", Chain::Bitcoin, aged(-5));
        assert_eq!(
            (ahead.state, ahead.found.as_str()),
            (State::Ok, "block 7, 0 minutes old")
        );
    }
}
