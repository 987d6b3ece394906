//! What counting other cases promises, on both engines.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]
#![allow(missing_docs, clippy::disallowed_methods)]

#[macro_use]
mod common;

use common::{World, account};
use recovery::id::{BlindIndex, CaseId};
use recovery::time::{Span, Timestamp};
use store::{NewOrigin, Others, Store};

on_both_engines! {
    others_are_counted_by_network_and_device_until_they_are_forgotten
    others_are_counted_by_account_and_address
    an_origin_needs_its_case
}

const EVER: Timestamp = Timestamp::from_millis(0);

fn index(text: &str) -> BlindIndex {
    BlindIndex(text.to_owned())
}

async fn put(store: &Store, case: &CaseId, network: &str, device: Option<&str>) {
    let (network, device) = (index(network), device.map(index));
    let origin = NewOrigin {
        network: &network,
        device: device.as_ref(),
    };
    let mut tx = store.begin().await.unwrap();
    tx.put_origin(case, &origin).await.unwrap();
    tx.commit().await.unwrap();
}

async fn others_are_counted_by_network_and_device_until_they_are_forgotten(world: World) {
    let store = world.demo().await;
    let one = world.case(&store, |_| {}).await.id;
    let two = world.case(&store, |_| {}).await.id;
    let three = world.case(&store, |_| {}).await.id;
    put(&store, &one, "n", Some("d")).await;
    put(&store, &two, "n", None).await;
    put(&store, &three, "m", Some("d")).await;
    // A second word on the same case changes nothing.
    put(&store, &three, "n", None).await;
    let mut tx = store.begin().await.unwrap();
    let others = Others {
        than: &one,
        since: EVER,
    };
    assert_eq!(tx.others_from(&index("n"), others).await.unwrap(), 1);
    assert_eq!(tx.others_from(&index("m"), others).await.unwrap(), 1);
    assert_eq!(tx.others_of(&index("d"), others).await.unwrap(), 1);
    assert_eq!(tx.others_of(&index("n"), others).await.unwrap(), 0);
    let later = Others {
        since: tx.now().await.unwrap() + Span::seconds(1),
        ..others
    };
    assert_eq!(tx.others_from(&index("n"), later).await.unwrap(), 0);
    assert_eq!(tx.others_of(&index("d"), later).await.unwrap(), 0);
    assert_eq!(tx.delete_origin(&two).await.unwrap(), 1);
    assert_eq!(tx.delete_origin(&two).await.unwrap(), 0);
    assert_eq!(tx.others_from(&index("n"), others).await.unwrap(), 0);
    tx.commit().await.unwrap();
}

async fn others_are_counted_by_account_and_address(world: World) {
    let store = world.demo().await;
    let mut ids = Vec::new();
    // Whose address was proved for whom, and which of them are over.
    for (of, contact, open) in [
        (Some("a"), Some("x"), true),
        (Some("a"), Some("x"), false),
        (Some("b"), Some("x"), true),
        (None, Some("x"), true),
        (Some("a"), None, true),
        (Some("b"), Some("y"), true),
    ] {
        let row = world.case(&store, |row| {
            row.account_ref = of.map(account);
            row.contact_index = contact.map(index);
            row.open = open;
        });
        ids.push(row.await.id);
    }
    let mut reader = store.read().await.unwrap();
    let others = Others {
        than: &ids[0],
        since: EVER,
    };
    let (a, b, x) = (account("a"), account("b"), index("x"));
    assert_eq!(reader.others_for(&a, others).await.unwrap(), 2);
    assert_eq!(reader.others_for(&b, others).await.unwrap(), 2);
    assert_eq!(reader.others_with(&x, Some(&a), others).await.unwrap(), 2);
    assert_eq!(reader.others_with(&x, None, others).await.unwrap(), 3);
    let y = index("y");
    assert_eq!(reader.others_with(&y, Some(&b), others).await.unwrap(), 0);
    // Cases of this test were opened at 1 s.
    let later = Others {
        since: Timestamp::from_millis(1001),
        ..others
    };
    assert_eq!(reader.others_for(&a, later).await.unwrap(), 0);
    assert_eq!(reader.others_with(&x, None, later).await.unwrap(), 0);
}

async fn an_origin_needs_its_case(world: World) {
    let store = world.demo().await;
    let mut tx = store.begin().await.unwrap();
    let network = index("n");
    let origin = NewOrigin {
        network: &network,
        device: None,
    };
    tx.put_origin(&world.case_id(), &origin).await.unwrap();
    assert!(tx.commit().await.is_err());
}
