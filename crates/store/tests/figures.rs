//! What counters promise, on both engines.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]
#![allow(missing_docs, clippy::disallowed_methods)]

#[macro_use]
mod common;

use common::World;
use recovery::figures::{Amount, Key, Row};
use store::Store;

on_both_engines! {
    counters_add_up_by_month_and_policy
    a_rolled_back_step_counts_nothing
    transactions_that_count_the_same_do_not_lose_each_other
}

fn step(label: &str, count: i64, total_ms: i64) -> (Key, Amount) {
    let key = Key {
        name: "end",
        label: label.to_owned(),
    };
    (key, Amount { count, total_ms })
}

async fn add(store: &Store, month: &str, policy: &str, moved: &[(Key, Amount)]) {
    let mut tx = store.begin().await.unwrap();
    tx.add_figures(month, policy, moved).await.unwrap();
    tx.commit().await.unwrap();
}

async fn since(store: &Store, month: &str) -> Vec<(String, String, String, i64, i64)> {
    let rows = store.read().await.unwrap().figures_since(month).await;
    let flat = |row: Row| (row.month, row.policy, row.label, row.count, row.total_ms);
    rows.unwrap().into_iter().map(flat).collect()
}

fn row(
    month: &str,
    policy: &str,
    label: &str,
    count: i64,
    ms: i64,
) -> (String, String, String, i64, i64) {
    (
        month.to_owned(),
        policy.to_owned(),
        label.to_owned(),
        count,
        ms,
    )
}

async fn counters_add_up_by_month_and_policy(world: World) {
    let store = world.demo().await;
    add(&store, "2026-10", "1", &[step("a.open", 1, 0)]).await;
    add(
        &store,
        "2026-10",
        "1",
        &[step("a.open", -1, 0), step("a.recovered", 1, 5_000)],
    )
    .await;
    add(&store, "2026-11", "2", &[step("a.recovered", 2, 7)]).await;
    add(&store, "2026-11", "1", &[step("a.recovered", 1, 1)]).await;
    add(&store, "2025-10", "1", &[step("a.recovered", 9, 9)]).await;
    let expected = [
        row("2026-11", "1", "a.recovered", 1, 1),
        row("2026-11", "2", "a.recovered", 2, 7),
        row("2026-10", "1", "a.open", 0, 0),
        row("2026-10", "1", "a.recovered", 1, 5_000),
    ];
    assert_eq!(since(&store, "2026-01").await, expected);
    assert_eq!(since(&store, "2026-12").await, []);
}

async fn a_rolled_back_step_counts_nothing(world: World) {
    let store = world.demo().await;
    let mut tx = store.begin().await.unwrap();
    let moved = [step("a.open", 1, 0)];
    tx.add_figures("2026-11", "1", &moved).await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(since(&store, "2026-11").await, []);
}

async fn transactions_that_count_the_same_do_not_lose_each_other(world: World) {
    let store = world.demo().await;
    let one = [step("a.open", 1, 0), step("b.open", 1, 0)];
    let add = || async {
        for _ in 0..4 {
            self::add(&store, "2026-11", "1", &one).await;
        }
    };
    tokio::join!(add(), add(), add());
    let expected = [
        row("2026-11", "1", "a.open", 12, 0),
        row("2026-11", "1", "b.open", 12, 0),
    ];
    assert_eq!(since(&store, "2026-11").await, expected);
}
