//! The order of restriction changes: every node follows it, so nothing may ever appear below a
//! number that was read.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(missing_docs, clippy::disallowed_methods)]

#[macro_use]
mod common;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use common::{World, account};
use store::Store;

on_both_engines! {
    changes_are_read_in_the_order_of_their_commits
    what_is_given_up_leaves_no_number
    a_follower_misses_nothing_while_many_write
}

async fn set(store: &Store, name: &str, body: &[u8]) -> u64 {
    let mut tx = store.begin().await.unwrap();
    let version = tx.set_restriction(&account(name), body).await.unwrap();
    tx.commit().await.unwrap();
    version
}

async fn changes_are_read_in_the_order_of_their_commits(world: World) {
    let store = world.serve().await;
    let mut reader = store.read().await.unwrap();
    assert_eq!(reader.restriction_head().await.unwrap(), 0);
    drop(reader);
    set(&store, "b", b"1").await;
    set(&store, "a", b"2").await;
    set(&store, "b", b"3").await;
    let mut tx = store.begin().await.unwrap();
    assert!(tx.raise_restriction(&account("a"), 9).await.unwrap());
    assert_eq!(store.committed_change(), 3, "not before it is durable");
    tx.commit().await.unwrap();
    assert_eq!(store.committed_change(), 4);

    let mut reader = store.read().await.unwrap();
    assert_eq!(reader.restriction_head().await.unwrap(), 4);
    let all = reader.restrictions_after(0).await.unwrap();
    let seen: Vec<_> = all
        .iter()
        .map(|c| (c.account.0.as_str(), c.version, c.body.as_slice(), c.change))
        .collect();
    assert_eq!(
        seen,
        [("b", 2, b"3".as_slice(), 3), ("a", 10, b"2".as_slice(), 4)]
    );
    assert_eq!(reader.restrictions_after(3).await.unwrap().len(), 1);
    assert!(reader.restrictions_after(4).await.unwrap().is_empty());
}

async fn what_is_given_up_leaves_no_number(world: World) {
    let store = world.serve().await;
    let mut tx = store.begin().await.unwrap();
    tx.set_restriction(&account("a"), b"1").await.unwrap();
    tx.rollback().await.unwrap();
    // A lock total alone is no restriction.
    let mut tx = store.begin().await.unwrap();
    tx.add_locked(&account("b"), recovery::time::Span::hours(1))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let mut reader = store.read().await.unwrap();
    assert_eq!(reader.restriction_head().await.unwrap(), 0);
    assert!(reader.restrictions_after(0).await.unwrap().is_empty());
}

const WRITERS: usize = 4;
const WRITES: usize = 25;

async fn a_follower_misses_nothing_while_many_write(world: World) {
    let store = world.serve().await;
    let over = Arc::new(AtomicBool::new(false));
    let follower = tokio::spawn(follow(store.clone(), over.clone()));
    let writers = (0..WRITERS).map(|writer| {
        let store = store.clone();
        tokio::spawn(async move {
            for number in 0..WRITES {
                let name = format!("acc-{}", (writer + number) % 7);
                set(&store, &name, format!("{writer}/{number}").as_bytes()).await;
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    over.store(true, Ordering::SeqCst);
    let followed = follower.await.unwrap();
    let mut truth = BTreeMap::new();
    let mut reader = store.read().await.unwrap();
    for number in 0..7 {
        let name = account(&format!("acc-{number}"));
        let stored = reader.account(&name).await.unwrap().unwrap();
        truth.insert(name, (stored.version, stored.body));
    }
    assert_eq!(followed, truth);
    let head = reader.restriction_head().await.unwrap();
    assert_eq!(head, (WRITERS * WRITES) as u64);
}

type Known = BTreeMap<recovery::id::AccountRef, (u64, Vec<u8>)>;

/// Reads only what is above the highest number read so far, as a node does.
async fn follow(store: Store, over: Arc<AtomicBool>) -> Known {
    let (mut known, mut at) = (Known::new(), 0);
    loop {
        let last = over.load(Ordering::SeqCst);
        for change in store
            .read()
            .await
            .unwrap()
            .restrictions_after(at)
            .await
            .unwrap()
        {
            assert!(change.change > at);
            at = change.change;
            known.insert(change.account, (change.version, change.body));
        }
        if last {
            return known;
        }
    }
}
