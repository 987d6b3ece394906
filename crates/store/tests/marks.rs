//! What stopped cases leave behind, on both engines.

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
use recovery::id::{BlindIndex, CaseId};
use recovery::time::{Span, Timestamp};
use store::{NewOrigin, Others, Store};

on_both_engines! {
    marks_are_counted_in_other_cases_until_they_are_lifted
    marks_outlive_an_origin_and_go_after_their_time
    a_mark_needs_its_case
}

const EVER: Timestamp = Timestamp::from_millis(0);

fn index(text: &str) -> BlindIndex {
    BlindIndex(text.to_owned())
}

async fn put(store: &Store, case: &CaseId, digests: &[&str]) {
    let mut tx = store.begin().await.unwrap();
    for digest in digests {
        tx.put_mark(case, &index(digest)).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn others(store: &Store, than: &CaseId, digest: &str) -> u64 {
    let others = Others { than, since: EVER };
    let mut reader = store.read().await.unwrap();
    reader.others_marked(&index(digest), others).await.unwrap()
}

async fn marks_are_counted_in_other_cases_until_they_are_lifted(world: World) {
    let store = world.demo().await;
    let one = world.case(&store, |_| {}).await.id;
    let two = world.case(&store, |_| {}).await.id;
    put(&store, &one, &["address", "device"]).await;
    // Marked again, it is one mark still.
    put(&store, &one, &["address"]).await;
    put(&store, &two, &["address"]).await;
    assert_eq!(others(&store, &one, "address").await, 1);
    assert_eq!(others(&store, &two, "address").await, 1);
    assert_eq!(others(&store, &two, "device").await, 1);
    assert_eq!(others(&store, &one, "device").await, 0, "its own is none");
    let mut tx = store.begin().await.unwrap();
    assert!(tx.has_marks(&one, EVER).await.unwrap());
    assert_eq!(tx.lift_marks(&one).await.unwrap(), 2);
    assert!(!tx.has_marks(&one, EVER).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(others(&store, &two, "address").await, 0);
    assert_eq!(others(&store, &one, "address").await, 1);
}

async fn marks_outlive_an_origin_and_go_after_their_time(world: World) {
    let store = world.demo().await;
    let one = world.case(&store, |_| {}).await.id;
    let two = world.case(&store, |_| {}).await.id;
    let (network, device) = (index("n"), index("d"));
    let origin = NewOrigin {
        network: &network,
        device: Some(&device),
    };
    let mut tx = store.begin().await.unwrap();
    tx.put_origin(&one, &origin).await.unwrap();
    assert_eq!(tx.device_of(&one).await.unwrap(), Some(device.clone()));
    assert_eq!(tx.device_of(&two).await.unwrap(), None);
    tx.put_mark(&one, &device).await.unwrap();
    tx.delete_origin(&one).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(others(&store, &two, "d").await, 1);
    store.advance_demo_clock(Span::days(9)).await.unwrap();
    put(&store, &two, &["d"]).await;
    store.advance_demo_clock(Span::days(2)).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let since = tx.now().await.unwrap() - Span::days(10);
    assert!(!tx.has_marks(&one, since).await.unwrap(), "too old");
    assert_eq!(tx.purge_marks(Span::days(10)).await.unwrap(), 1);
    assert_eq!(tx.purge_marks(Span::days(10)).await.unwrap(), 0);
    tx.commit().await.unwrap();
    assert_eq!(others(&store, &two, "d").await, 0);
    assert_eq!(others(&store, &one, "d").await, 1);
}

async fn a_mark_needs_its_case(world: World) {
    let store = world.demo().await;
    let mut tx = store.begin().await.unwrap();
    tx.put_mark(&world.case_id(), &index("d")).await.unwrap();
    assert!(tx.commit().await.is_err());
}
