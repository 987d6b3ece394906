//! How many withdrawals a second the restriction service answers, beside a bare handler of the same
//! framework in the same run, and how soon a freeze is felt.
//!
//! `cargo run --release -p regain --example restrictions -- [ACCOUNTS] [DATABASE]`; a million
//! accounts in a new SQLite file unless said otherwise. With the URL of an empty PostgreSQL
//! database two nodes share it, and the second one is asked what the first has committed.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures by the clock of this machine, on tasks of its own"
)]

mod load;
mod node;

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use platform::{AccountRef, Restrictions};
use store::Store;

use crate::load::{Round, Target};

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Accounts written in one transaction.
const BATCH: usize = 5_000;
/// Rounds of either server, by turns.
const ROUNDS: usize = 21;
/// How often a freeze is timed.
const FREEZES: usize = 40;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let accounts = match arguments.next() {
        Some(text) => text.replace('_', "").parse()?,
        None => 1_000_000,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(run(accounts, arguments.next()))
}

/// The name of the account of this number.
pub(crate) fn name(number: usize) -> AccountRef {
    AccountRef(format!("acc-{number:012}"))
}

async fn run(accounts: usize, database: Option<String>) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let shared = database.is_some();
    let file = folder.path().join("regain.db");
    let database = database.unwrap_or_else(|| format!("sqlite:{}", file.display()));
    let store = node::open(&database).await?;
    store.migrate().await?;
    let start = Instant::now();
    fill(&store, accounts).await?;
    println!(
        "{accounts} restricted accounts written in {:.0?}",
        start.elapsed()
    );

    let first = node::start(folder.path(), &database).await?;
    let start = Instant::now();
    first.warm().await?;
    let known = start.elapsed();
    println!(
        "a node that starts knows them after {known:.1?}, {}",
        node::memory()
    );
    throughput(&first, accounts).await?;
    // With files and a key of its own: nothing sealed is read here.
    let beside = tempfile::tempdir()?;
    let other = if shared {
        Some(node::start(beside.path(), &database).await?)
    } else {
        None
    };
    freezes(&first, &first, "the node that committed it", accounts).await?;
    if let Some(other) = &other {
        other.warm().await?;
        let unused = accounts + 2 * FREEZES;
        freezes(&first, other, "another node", unused).await?;
    }
    Ok(())
}

/// Writes sets as cases do: half of them locked, half in their wait.
async fn fill(store: &Store, accounts: usize) -> Result<()> {
    let numbers: Vec<usize> = (0..accounts).collect();
    for batch in numbers.chunks(BATCH) {
        let mut tx = store.begin().await?;
        for number in batch {
            let mode = if number % 2 == 0 {
                "locked"
            } else {
                "cooling_off"
            };
            tx.set_restriction(&name(*number), &body(mode)).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

fn body(mode: &str) -> Vec<u8> {
    let allow: &[&str] = match mode {
        "cooling_off" => &["login", "view_assets", "transfer_own"],
        _ => &[],
    };
    serde_json::json!({
        "mode": mode, "allow": allow, "since_ms": 1_790_000_000_000_i64,
        "until_ms": 1_790_086_400_000_i64,
    })
    .to_string()
    .into_bytes()
}

/// Both servers by turns, so that a busy machine slows both.
async fn throughput(node: &node::Node, accounts: usize) -> Result<()> {
    let sample = node.client.restrictions(&name(1)).await?;
    let bare = node::bare(serde_json::to_vec(&sample)?).await?;
    let service = Target::new(node.address, &node.keys, accounts);
    let bare = Target::new(bare, &node.keys, accounts);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(service.round().await?);
        theirs.push(bare.round().await?);
    }
    // Each round beside the one right after it: what slows the machine slows both.
    let pairs = ours.iter().zip(&theirs);
    let mut ratios: Vec<f64> = pairs.map(|(one, other)| one.rate / other.rate).collect();
    ratios.sort_by(f64::total_cmp);
    let ratio = |of: usize| ratios.get(ROUNDS * of / 100).copied().unwrap_or_default();
    let (low, half, high) = (ratio(10), ratio(50), ratio(90));
    let (ours, theirs) = (middle(ours)?, middle(theirs)?);
    println!("restriction checks: {ours}");
    println!("bare handler:       {theirs}");
    println!(
        "ratio of checks a second: {half:.2} in the middle of {ROUNDS} pairs of rounds, \
         {low:.2} to {high:.2} in 8 of 10"
    );
    Ok(())
}

fn middle(mut rounds: Vec<Round>) -> Result<Round> {
    rounds.sort_by(|a, b| a.rate.total_cmp(&b.rate));
    rounds.into_iter().nth(ROUNDS / 2).context("no round")
}

/// From the commit of a freeze (the transaction of an approval or a veto) to the first refusal.
async fn freezes(writer: &node::Node, asked: &node::Node, whom: &str, unused: usize) -> Result<()> {
    let guard = Restrictions::new(asked.client.clone());
    let following = guard.clone();
    let task = tokio::spawn(async move { following.follow(std::future::pending()).await });
    let (mut calls, mut heard) = (Vec::new(), Vec::new());
    for turn in 0..FREEZES {
        let account = name(unused + turn);
        anyhow::ensure!(
            asked
                .client
                .restrictions(&account)
                .await?
                .allows("withdraw")
        );
        let mut tx = writer.store.begin().await?;
        tx.set_restriction(&account, &body("frozen")).await?;
        tx.commit().await?;
        let committed = Instant::now();
        while asked
            .client
            .restrictions(&account)
            .await?
            .allows("withdraw")
        {}
        calls.push(committed.elapsed());
        // The memory of a platform that follows the stream, looked into without a call.
        let other = name(unused + FREEZES + turn);
        let mut tx = writer.store.begin().await?;
        tx.set_restriction(&other, &body("frozen")).await?;
        tx.commit().await?;
        let committed = Instant::now();
        while guard.allows(&other, "withdraw").await {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        heard.push(committed.elapsed());
    }
    task.abort();
    for (way, mut times) in [("by a call", calls), ("by the stream", heard)] {
        times.sort();
        let (half, most) = (times.get(FREEZES / 2), times.last());
        println!(
            "from a commit to a refusal at {whom}, {way}: half within {:.1?}, all of {FREEZES} \
             within {:.1?}",
            half.copied().unwrap_or_default(),
            most.copied().unwrap_or_default(),
        );
    }
    Ok(())
}
