//! Chains outside: explorers that reviewers are led to, and nodes that are asked for a transaction
//! which a screenshot names.

use std::collections::BTreeMap;

use evidence::NamedTransaction;
use futures::future::BoxFuture;
use platform::contract::{DOSSIER_LIST_MAX, Dossier};
use recovery::case::Case;
use recovery::chain::{AGREEMENTS, Agreements, KnownTransaction, OnChain, agreements};
use recovery::clues::Recalled;
use recovery::clues::address::{Address, Chain, parse};
use recovery::evidence::EvidenceKind;
use recovery::finding::{Finding, Outcome};
use recovery::id::CaseId;
use recovery::sensitive::Sensitive;

use crate::engine::Engine;
use crate::error::Result;
use crate::record::piece;
use crate::views::Revealed;

/// Transactions that are asked for in one run of the checks: a page of somebody's history names
/// many, and those that the record knows come first.
const ASKED_MAX: usize = 3;

/// Templates of addresses at explorers, by chain. A chain without one has no links.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Explorers(BTreeMap<Chain, String>);

impl Explorers {
    /// What stands in a template for the address on the chain.
    pub const PLACE: &str = "{address}";

    /// Names the explorer of a chain.
    #[must_use]
    pub fn with(mut self, chain: Chain, template: String) -> Self {
        self.0.insert(chain, template);
        self
    }

    /// What was typed, as far as there is an explorer for it. What does not even have the form of
    /// an address gets no link: it could be anything, and a link tells it to somebody.
    fn links(&self, typed: &[Sensitive<String>]) -> Vec<Revealed> {
        let known = typed.iter().filter_map(|text| parse(text.reveal()).ok());
        known.filter_map(|address| self.link(address)).collect()
    }

    fn link(&self, address: Address) -> Option<Revealed> {
        let template = self.0.get(&address.chain)?;
        // The compared form is letters and digits alone, so it can stand in any part of a link.
        let link = template.replace(Self::PLACE, address.canonical.reveal());
        Some(Revealed {
            value: address.canonical,
            explorer: Some((address.chain, link.into())),
        })
    }
}

/// What a node says of a transaction.
#[derive(Debug)]
pub enum Answer {
    /// It is there.
    Found(OnChain),
    /// The node knows none of that id.
    Unknown,
    /// Nothing, not in time, too much, or nothing that can be read. Says which, and nothing of
    /// what was asked.
    Nothing(&'static str),
}

/// An answer on its way.
pub type Asking<'a> = BoxFuture<'a, Answer>;

/// Nodes outside that are asked for a transaction. Nothing but its id leaves.
pub trait Nodes: Send + Sync {
    /// Whether there is one for this chain.
    fn serve(&self, chain: Chain) -> bool;

    /// Asks once, for a bounded time, and reads a bounded answer. `id` is 64 lower-case
    /// hexadecimal digits.
    fn transaction<'a>(&'a self, chain: Chain, id: &'a str) -> Asking<'a>;
}

/// The chain whose node is asked: pages mark ids of Ethereum as hexadecimal numbers.
const fn chain_of(named: &NamedTransaction) -> Chain {
    if named.marked {
        Chain::Evm
    } else {
        Chain::Bitcoin
    }
}

impl Engine {
    /// What the applicant typed as addresses, with links; opened only where there is an explorer.
    pub(crate) async fn explorer_links(&self, id: &CaseId) -> Result<Vec<Revealed>> {
        let explorers = &self.settings().explorers;
        if explorers.0.is_empty() {
            return Ok(Vec::new());
        }
        let typed: Option<Recalled> = self.unseal(id, piece::CLUES).await?;
        Ok(typed.map_or_else(Vec::new, |typed| explorers.links(&typed.addresses)))
    }

    /// Looks transactions that screenshots name up on their chains; nothing without a screenshot.
    /// Nothing but the evidence and the configuration decides who is asked, so a request for
    /// nobody's account takes as long.
    pub(crate) async fn chain_finding(
        &self,
        case: &Case,
        named: Option<&[NamedTransaction]>,
        dossier: Option<&Dossier>,
    ) -> Option<Finding> {
        case.evidence_of(EvidenceKind::Screenshot)?;
        let nodes = self.0.nodes.as_deref();
        let asked = match (nodes, named) {
            (Some(nodes), Some(named)) => ask(nodes, named, dossier).await,
            _ => None,
        };
        Some(finding(asked))
    }
}

fn finding(asked: Option<Agreements>) -> Finding {
    const CODE: &str = "proof.chain";
    const ENGINE: &str = "chain";
    let finding = match asked {
        None => Finding::unavailable(CODE, ENGINE),
        Some(count) => {
            let outcome = if count >= AGREEMENTS {
                Outcome::Pass
            } else {
                Outcome::Unsure
            };
            let (count, all) = (f64::from(count), f64::from(AGREEMENTS));
            Finding::reviewer(CODE, outcome, ENGINE).measured(count, all, "agreements")
        }
    };
    finding.about(EvidenceKind::Screenshot)
}

/// The most agreements of any transaction; nothing where nobody answered.
async fn ask(
    nodes: &dyn Nodes,
    named: &[NamedTransaction],
    dossier: Option<&Dossier>,
) -> Option<Agreements> {
    if named.is_empty() {
        let somebody = [Chain::Bitcoin, Chain::Evm].map(|chain| nodes.serve(chain));
        return somebody.contains(&true).then_some(0);
    }
    let (transactions, addresses) = known(dossier);
    let (mut best, mut silent) = (None, Vec::new());
    let served = named.iter().filter(|named| nodes.serve(chain_of(named)));
    for named in served.take(ASKED_MAX) {
        let (chain, id) = (chain_of(named), named.id.reveal());
        if silent.contains(&chain) {
            continue;
        }
        let count = match nodes.transaction(chain, id).await {
            Answer::Found(found) => agreements(id, &found, &transactions, &addresses),
            Answer::Unknown => 0,
            Answer::Nothing(why) => {
                tracing::warn!(
                    chain = chain.name(),
                    why,
                    "a node of a chain gave no answer"
                );
                silent.push(chain);
                continue;
            }
        };
        best = best.max(Some(count));
    }
    best
}

/// What the record holds to compare with.
fn known(dossier: Option<&Dossier>) -> (Vec<KnownTransaction>, Vec<Sensitive<String>>) {
    let Some(dossier) = dossier else {
        return (Vec::new(), Vec::new());
    };
    let transactions = dossier.transactions.iter().take(DOSSIER_LIST_MAX);
    let transactions = transactions.map(|past| KnownTransaction {
        id: past.id.clone(),
        amount: past.amount.clone(),
        asset: past.asset.clone(),
        at: past.at,
    });
    let addresses = dossier.addresses.iter().take(DOSSIER_LIST_MAX);
    let addresses = addresses.map(|past| past.address.clone());
    (transactions.collect(), addresses.collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Mutex;

    use recovery::chain::Output;
    use recovery::time::Timestamp;

    use super::*;

    const BITCOIN: &str = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";

    #[test]
    fn only_addresses_of_chains_with_an_explorer_get_a_link() {
        let template = "https://explorer.example/a/{address}".to_owned();
        let explorers = Explorers::default().with(Chain::Bitcoin, template);
        let typed = [
            BITCOIN,
            "0x52908400098527886e0f7030069857d2e4169ee7",
            "something else",
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7Divf../?q=a",
        ]
        .map(|text| Sensitive::new(text.to_owned()));
        let found = explorers.links(&typed);
        let links: Vec<_> = found
            .iter()
            .map(|one| {
                let (chain, link) = one.explorer.as_ref().unwrap();
                (one.value.reveal().as_str(), *chain, link.reveal().as_str())
            })
            .collect();
        let link = "https://explorer.example/a/1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";
        assert_eq!(links, [(BITCOIN, Chain::Bitcoin, link)]);
        assert!(Explorers::default().links(&typed).is_empty());
    }

    #[test]
    fn a_revealed_link_is_not_in_what_is_logged() {
        let template = "https://explorer.example/a/{address}".to_owned();
        let explorers = Explorers::default().with(Chain::Bitcoin, template);
        let found = explorers.links(&[Sensitive::new(BITCOIN.to_owned())]);
        assert!(!format!("{found:?}").contains("1A1zP1eP"), "{found:?}");
    }

    /// Answers by the first symbol of an id, and keeps what it was asked.
    struct Fake {
        chains: &'static [Chain],
        asked: Mutex<Vec<(Chain, String)>>,
    }

    impl Fake {
        fn of(chains: &'static [Chain]) -> Self {
            let asked = Mutex::default();
            Self { chains, asked }
        }

        fn asked(&self) -> Vec<(Chain, String)> {
            self.asked.lock().unwrap().clone()
        }
    }

    impl Nodes for Fake {
        fn serve(&self, chain: Chain) -> bool {
            self.chains.contains(&chain)
        }

        fn transaction<'a>(&'a self, chain: Chain, id: &'a str) -> Asking<'a> {
            let short = id.chars().take(1).collect();
            self.asked.lock().unwrap().push((chain, short));
            let paid = Output {
                address: BITCOIN.to_owned().into(),
                units: 1_000_000,
            };
            let found = OnChain {
                chain,
                at: Some(Timestamp::from_millis(0)),
                outputs: vec![paid],
            };
            let answer = match id.chars().next() {
                Some('a') => Answer::Found(found),
                Some('b') => Answer::Found(OnChain { at: None, ..found }),
                Some('c') => Answer::Nothing("silent"),
                _ => Answer::Unknown,
            };
            Box::pin(async { answer })
        }
    }

    fn named(ids: &[&str]) -> Vec<NamedTransaction> {
        let one = |id: &&str| NamedTransaction {
            id: id.trim_start_matches("0x").repeat(64).into(),
            marked: id.starts_with("0x"),
        };
        ids.iter().map(one).collect()
    }

    fn dossier() -> Dossier {
        let text = r#"{"account":"a","status":"ordinary","value":"small","tier_hint":null,
            "registered_at":1,"document":null,"portrait":null,"cards":[],
            "addresses":[{"chain":"bitcoin","address":"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"}],
            "transactions":[{"id":null,"amount":"0.01","asset":"BTC","at":1000}],
            "logins":[],"phones":[],"channels":[]}"#;
        serde_json::from_str(text).unwrap()
    }

    /// What is found where these transactions are named.
    async fn found(fake: &Fake, ids: &[&str], dossier: Option<&Dossier>) -> (Outcome, Option<i64>) {
        let found = finding(ask(fake, &named(ids), dossier).await);
        assert_eq!(found.kind, Some(EvidenceKind::Screenshot));
        assert_eq!(found.audience, recovery::finding::Audience::Reviewer);
        (found.outcome, found.score_milli)
    }

    #[tokio::test]
    async fn only_a_transaction_in_which_everything_agrees_passes() {
        let (both, known) = (&[Chain::Bitcoin, Chain::Evm], Some(&dossier()));
        let (pass, unsure) = (Outcome::Pass, Outcome::Unsure);
        for (ids, dossier, expected) in [
            (&["a"][..], known, (pass, Some(5000))),
            (&["f", "b", "a"], known, (pass, Some(5000))),
            (&["a"], None, (unsure, Some(2000))),
            (&["b"], known, (unsure, Some(3000))),
            (&["f"], known, (unsure, Some(0))),
            (&["c", "0xf"], known, (unsure, Some(0))),
            (&[], known, (unsure, Some(0))),
            (&["c"], known, (Outcome::Unavailable, None)),
        ] {
            assert_eq!(
                found(&Fake::of(both), ids, dossier).await,
                expected,
                "{ids:?}"
            );
        }
    }

    #[tokio::test]
    async fn without_a_node_for_the_chain_it_is_unavailable() {
        for (chains, ids) in [
            (&[][..], &["a"][..]),
            (&[], &[]),
            (&[Chain::Evm], &["a"]),
            (&[Chain::Bitcoin], &["0xa"]),
        ] {
            let fake = Fake::of(chains);
            let unavailable = (Outcome::Unavailable, None);
            assert_eq!(found(&fake, ids, Some(&dossier())).await, unavailable);
            assert!(fake.asked().is_empty());
        }
    }

    #[tokio::test]
    async fn few_are_asked_for_and_a_silent_node_only_once() {
        let both = &[Chain::Bitcoin, Chain::Evm];
        let at = |chain, id: &str| (chain, id.to_owned());
        let fake = Fake::of(both);
        found(&fake, &["1", "2", "3", "a"], None).await;
        let ids = ["1", "2", "3"].map(|id| at(Chain::Bitcoin, id));
        assert_eq!(fake.asked(), ids);
        let fake = Fake::of(both);
        found(&fake, &["c", "a", "0xa"], None).await;
        let expected = [at(Chain::Bitcoin, "c"), at(Chain::Evm, "a")];
        assert_eq!(fake.asked(), expected);
    }
}
