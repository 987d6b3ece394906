//! Published vectors, each as its file says.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32, Bech32m};
use recovery::clues::address::{AddressError, Chain};
use serde_json::Value;

use super::super::told;

#[expect(
    clippy::disallowed_methods,
    reason = "tests find the shared inputs by it"
)]
fn vectors() -> Option<PathBuf> {
    let root = std::env::var_os("REGAIN_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let found = root.join("testdata/addresses");
    if found.is_dir() {
        return Some(found);
    }
    eprintln!("skipped: no shared addresses");
    None
}

fn read(folder: &Path, file: &str) -> String {
    std::fs::read_to_string(folder.join(file)).unwrap()
}

fn json(folder: &Path, file: &str) -> Value {
    serde_json::from_str(&read(folder, file)).unwrap()
}

/// Rows of a table without its head.
fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().skip(1).map(|line| line.split('\t').collect())
}

/// BIP-173 let versions from 1 use bech32; BIP-350 takes that back.
fn taken_back(text: &str) -> bool {
    let lower = text.to_lowercase();
    lower.starts_with("bc1")
        && !lower.starts_with("bc1q")
        && CheckedHrpstring::new::<Bech32>(text).is_ok()
}

/// A right address of segwit: ours, or one of a test network.
fn segwit_is_right(text: &str) {
    let test = text.to_lowercase();
    if taken_back(text) {
        assert_eq!(told(text), Err(AddressError::Checksum), "{text}");
    } else if test.starts_with("tb1") || test.starts_with("bcrt1") {
        assert_eq!(told(text), Err(AddressError::Network), "{text}");
    } else {
        assert_eq!(told(text), Ok((Chain::Bitcoin, test)), "{text}");
    }
}

#[test]
fn vectors_of_the_bips_hold() {
    let Some(folder) = vectors() else { return };
    let text = read(&folder, "bips/flat.tsv");
    let (mut right, mut generic, mut wrong) = (0, 0, 0);
    for row in rows(&text) {
        let (bip, expect, text, note) = (row[0], row[1], row[2], row[3]);
        // Addresses have their script beside them; the others are strings of the code itself.
        match expect {
            "valid" if note.starts_with("<tt>") => {
                segwit_is_right(text);
                right += 1;
            }
            "valid" => {
                let code = match bip {
                    "bip-0173" => CheckedHrpstring::new::<Bech32>(text).is_ok(),
                    _ => CheckedHrpstring::new::<Bech32m>(text).is_ok(),
                };
                assert!(code && told(text).is_err(), "{text}");
                generic += 1;
            }
            _ => {
                let error = told(text).unwrap_err();
                assert_ne!(error, AddressError::Network, "{text}");
                wrong += 1;
            }
        }
    }
    println!("bips: {right} addresses, {generic} other strings, {wrong} wrong ones");
    assert_eq!((right, generic, wrong), (14, 14, 45));
}

#[test]
fn vectors_of_bitcoin_core_hold() {
    let Some(folder) = vectors() else { return };
    let pairs = |file: &str| -> Vec<(String, String)> {
        let file = json(&folder, &format!("bitcoin_core_copies/{file}.json"));
        serde_json::from_value(file).unwrap()
    };
    // Base58 without a check: bytes come back, and none of them is an address.
    for (hex, text) in pairs("base58_encode_decode") {
        let bytes = bs58::decode(&text).into_vec().unwrap();
        assert_eq!(data_encoding::HEXLOWER.encode(&bytes), hex);
        // One has the form of an address, and four last bytes that are no check.
        let error = match bytes.len() {
            25 => AddressError::Checksum,
            _ => AddressError::Unknown,
        };
        assert_eq!(told(&text), Err(error), "{text}");
    }
    for (_, text) in pairs("bech32_encode_decode") {
        segwit_is_right(&text);
    }
    for (text, why) in pairs("bech32_invalid") {
        let error = told(&text).unwrap_err();
        assert_ne!(error, AddressError::Network, "{text}: {why}");
    }
}

#[test]
fn vectors_of_bitcoinjs_hold() {
    let Some(folder) = vectors() else { return };
    let file = json(&folder, "bitcoinjs/address.json");
    let of = |value: &Value, key: &str| value[key].as_str().map(str::to_owned);
    for case in file["standard"].as_array().unwrap() {
        if let Some(text) = of(case, "bech32") {
            segwit_is_right(&text);
            continue;
        }
        let text = of(case, "base58check").unwrap();
        let expected = match case["network"].as_str().unwrap() {
            "bitcoin" => Ok((Chain::Bitcoin, text.clone())),
            "testnet" => Err(AddressError::Network),
            _ => Err(AddressError::Unknown),
        };
        assert_eq!(told(&text), expected, "{text}");
    }
    for case in file["bech32"].as_array().unwrap() {
        segwit_is_right(&of(case, "address").unwrap());
    }
    let mut beyond = Vec::new();
    for (kind, cases) in file["invalid"].as_object().unwrap() {
        for case in cases.as_array().unwrap() {
            let Some(text) = of(case, "address") else {
                // A script without an address.
                continue;
            };
            // Two are wrong for a reason outside the address: another network's settings, and a
            // key that is no point of the curve, which no check of an address sees.
            if case.get("paymentException").is_some() || case["network"]["bech32"] == "foo" {
                beyond.push(text);
                continue;
            }
            let found = told(&text);
            assert!(found.is_err(), "{kind}: {text}: {found:?}");
        }
    }
    println!(
        "bitcoinjs: {} wrong for reasons outside the address",
        beyond.len()
    );
    assert_eq!(beyond.len(), 2);
}

#[test]
fn vectors_of_ethereum_hold() {
    let Some(folder) = vectors() else { return };
    let is_evm = |text: &str| assert_eq!(told(text), Ok((Chain::Evm, text.to_lowercase())));
    read(&folder, "ethereum/eip55_valid.txt")
        .lines()
        .for_each(is_evm);

    // ERC-1191: three lists, of Ethereum, of Rootstock, and of its test network.
    let text = read(&folder, "ethereum/erc-1191.md");
    let list = |name: &str| -> Vec<String> {
        let list = text.split_once(&format!("{name} = [")).unwrap().1;
        let list = list.split_once(']').unwrap().0;
        let words = list.split('"').skip(1).step_by(2);
        words.map(str::to_owned).collect()
    };
    let (mains, tests) = (
        [list("eth_mainnet"), list("rsk_mainnet")].concat(),
        list("rsk_testnet"),
    );
    assert_eq!((mains.len(), tests.len()), (26, 13));
    mains.iter().for_each(|text| is_evm(text));
    // Some look the same there, and one has capital letters only: nothing tells their network.
    let same = |text: &&String| mains.contains(text) || text[2..] == text[2..].to_uppercase();
    let (same, other): (Vec<&String>, Vec<&String>) = tests.iter().partition(same);
    same.iter().for_each(|text| is_evm(text));
    for text in &other {
        assert_eq!(told(text), Err(AddressError::Network), "{text}");
    }
    println!(
        "ethereum: {} of Rootstock's test network, {} look like its own",
        other.len(),
        same.len()
    );

    let file = std::fs::File::open(folder.join("ethereum/ethers_accounts.json.gz")).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(file)
        .read_to_string(&mut text)
        .unwrap();
    let accounts: Vec<Value> = serde_json::from_str(&text).unwrap();
    for account in &accounts {
        let address = account["address"].as_str().unwrap();
        is_evm(address);
        is_evm(&address.to_lowercase());
        assert_eq!(
            told(account["icap"].as_str().unwrap()),
            Err(AddressError::Unknown)
        );
    }
    println!(
        "ethereum: {} accounts; their ICAP form is unknown",
        accounts.len()
    );
    assert!(accounts.len() > 100);
}

/// Said to be of a test network of Bitcoin: its version byte is Bitcoin Gold's.
const GOLD: &str = "GSa5espVLNseXEfKt46zEdS6jrPkmFghBU";

/// Coins with Ethereum's addresses, as the tested library sorts them.
const EVM: &str = "arbitrum avax avalanche bera berachain binance binancesmartchain bkx \
    bnb callisto \
    celo clo erc20 eth ethereum ethereumclassic ethereumpow etc etherzero ethw \
    etz eurc exp expanse flare flr game mana op sonic \
    story usdc yfi";

/// Whose form a row is about, where it is one of ours; the option's chain comes before the coin.
fn meant(coin: &str, options: &str) -> Option<Chain> {
    let options = options.to_lowercase();
    let named = options
        .split('\'')
        .nth(1)
        .filter(|_| options.contains("chaintype"));
    match named.unwrap_or(coin) {
        "btc" | "bitcoin" | "omni" => Some(Chain::Bitcoin),
        "trx" | "tron" => Some(Chain::Tron),
        "sol" | "solana" => Some(Chain::Solana),
        name if EVM.split(' ').any(|coin| coin == name) => Some(Chain::Evm),
        _ => None,
    }
}

#[test]
fn vectors_of_many_coins_hold() {
    let Some(folder) = vectors() else { return };
    let text = read(&folder, "multicoin/flat.tsv");
    let mut counts = BTreeMap::<String, u32>::new();
    let mut unlike = Vec::new();
    for row in rows(&text) {
        let (coin, expect, text, options) = (row[0], row[1], row[2], row[3]);
        let found = told(text);
        let tells = match &found {
            Ok(_) => "has a known form",
            Err(error) => error.code(),
        };
        let chain = found.as_ref().ok().map(|(chain, _)| *chain);
        let (kind, fits) = match (meant(coin, options), expect) {
            (Some(Chain::Bitcoin), "valid") if found == Err(AddressError::Network) => {
                ("ours", options.contains("test") || options.contains("both"))
            }
            (Some(_), "valid") if text == GOLD => ("ours", found == Err(AddressError::Unknown)),
            (Some(meant), "valid") => ("ours", chain == Some(meant)),
            (Some(meant), _) => ("ours", chain != Some(meant)),
            // Never told to be a typing mistake.
            (None, "valid") => ("other", !matches!(found, Err(e) if e.is_typing_mistake())),
            (None, _) => ("other", true),
        };
        *counts
            .entry(format!("{kind} {expect}: {tells}"))
            .or_default() += 1;
        if !fits {
            unlike.push(format!("{coin} {expect} {text} {options}: {tells}"));
        }
    }
    for (what, count) in &counts {
        println!("multicoin: {what}: {count}");
    }
    assert!(unlike.is_empty(), "{unlike:#?}");
}
