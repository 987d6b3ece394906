//! Addresses on chains: known examples, every published vector that was brought along, and what
//! holds for any text.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    missing_docs
)]

mod addresses {
    mod mistakes;
    mod vectors;
}

use recovery::clues::address::{AddressError, Chain, comparable, parse};

/// Who it is and the form that is compared, or what is wrong.
fn told(text: &str) -> Result<(Chain, String), AddressError> {
    parse(text).map(|found| (found.chain, found.canonical.reveal().clone()))
}

/// Published examples of ERC-55, BIP-173, BIP-350 and the first block; Tron's contract of USDT
/// and Solana's token program.
const ETHEREUM: &str = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
const SEGWIT: &str = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";
const TAPROOT: &str = "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0";
const GENESIS: &str = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";
const SCRIPT: &str = "3LRW7jeCvQCRdPF8S3yUCfRAx4eqXFmdcr";
const TRON: &str = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t";
const SOLANA: &str = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";

#[test]
fn each_chain_is_known_by_its_form() {
    for (text, chain, canonical) in [
        (GENESIS, Chain::Bitcoin, GENESIS),
        (SCRIPT, Chain::Bitcoin, SCRIPT),
        (SEGWIT, Chain::Bitcoin, SEGWIT),
        (&SEGWIT.to_uppercase(), Chain::Bitcoin, SEGWIT),
        (TAPROOT, Chain::Bitcoin, TAPROOT),
        (ETHEREUM, Chain::Evm, &ETHEREUM.to_lowercase()),
        (&ETHEREUM[2..], Chain::Evm, &ETHEREUM.to_lowercase()),
        (TRON, Chain::Tron, TRON),
        (SOLANA, Chain::Solana, SOLANA),
    ] {
        assert_eq!(told(text), Ok((chain, canonical.to_owned())), "{text}");
    }
    let names = [Chain::Bitcoin, Chain::Evm, Chain::Tron].map(Chain::name);
    assert_eq!(names, ["Bitcoin", "Ethereum", "Tron"]);
}

#[test]
fn what_a_paste_brings_changes_nothing() {
    let bitcoin = Ok((Chain::Bitcoin, SEGWIT.to_owned()));
    let ethereum = Ok((Chain::Evm, ETHEREUM.to_lowercase()));
    for text in [
        format!("  {SEGWIT}\r\n"),
        format!("\u{feff}{}\u{200b}{}\u{2069}", &SEGWIT[..9], &SEGWIT[9..]),
        format!("{} {}\u{a0}{}", &SEGWIT[..4], &SEGWIT[4..8], &SEGWIT[8..]),
        format!("bitcoin:{SEGWIT}?amount=0.5&label=mine"),
        format!("BITCOIN:{}", SEGWIT.to_uppercase()),
    ] {
        assert_eq!(told(&text), bitcoin, "{text:?}");
        assert_eq!(comparable(&text).reveal(), SEGWIT);
    }
    for text in [
        format!("ethereum:{ETHEREUM}"),
        format!("ethereum:pay-{ETHEREUM}@1?value=1e18"),
    ] {
        assert_eq!(told(&text), ethereum, "{text:?}");
    }
    // A link names its chain; another chain's address in it is neither.
    let strange = format!("bitcoin:{ETHEREUM}");
    assert_eq!(told(&strange), Err(AddressError::Unknown));
}

#[test]
fn each_mistake_is_told_by_its_kind() {
    use AddressError::{Case, Checksum, Content, Length, Network, Symbol, Unknown};
    for (text, error) in [
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", Checksum),
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfN", Checksum),
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7Div0Na", Symbol),
        ("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6T", Checksum),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", Checksum),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3to", Symbol),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3T4", Case),
        ("bc1qw508", Length),
        ("BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P", Content),
        ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD", Checksum),
        ("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beae", Length),
        ("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaeg", Symbol),
        ("0x5aAeb6…BeAed", Length),
        ("mrCDrCybB6J1vRfbwM5hemdJz73FwDBC8r", Network),
        ("2NByiBUaEXrhmqAsg7BbLpcQSAQs1EDwt5w", Network),
        (
            "tb1qqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesrxh6hy",
            Network,
        ),
        ("", Unknown),
        ("the one of my old wallet", Unknown),
        // Base58 of another chain, that only begins like bech32.
        ("BC1LLYoE4mTCHTJhVYvLGxhRTwAHyWTQ49", Unknown),
        ("ltc1qg42tkwuuxefutzxezdkdel39gfstuap288mfea", Unknown),
    ] {
        assert_eq!(told(text), Err(error), "{text}");
    }
    let told: Vec<_> = [Checksum, Symbol, Case, Length, Content, Network, Unknown]
        .map(|error| (error.code(), error.is_typing_mistake()))
        .to_vec();
    let mistakes = ["checksum", "symbol", "case"].map(|code| (code, true));
    assert_eq!(told[..3], mistakes);
    assert!(told[3..].iter().all(|(_, mistake)| !mistake));
}

#[test]
fn nothing_typed_is_printed() {
    let printed = format!("{:?}", parse(SEGWIT));
    assert!(
        printed.contains("Bitcoin") && !printed.contains("w508"),
        "{printed}"
    );
}

#[test]
fn unknown_kinds_are_compared_as_typed() {
    assert_eq!(
        comparable(" rEb8TK3g\u{200b}BgkK ").reveal(),
        "rEb8TK3gBgkK"
    );
    assert_ne!(comparable("rEb8").reveal(), comparable("reb8").reveal());
}
