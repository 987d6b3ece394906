//! What veto codes on paper promise, on both engines.

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
use recovery::id::{AccountRef, CaseId};
use store::{SecretDigest, Store};

on_both_engines! {
    a_code_is_replaced_by_its_own_maker_alone
    a_handover_that_stands_leaves_its_own_code_alone
}

const PAPER: &[u8] = b"the holder's own";

async fn put(store: &Store, text: &[u8], account: &AccountRef, maker: Option<&CaseId>) {
    let digest = SecretDigest::of(text);
    let mut tx = store.begin().await.unwrap();
    tx.put_veto_code(&digest, account, maker).await.unwrap();
    tx.commit().await.unwrap();
}

/// The account and the maker of a code that is known.
async fn known(store: &Store, text: &[u8]) -> Option<(AccountRef, Option<CaseId>)> {
    let mut reader = store.read().await.unwrap();
    let found = reader.veto_code(&SecretDigest::of(text)).await.unwrap();
    found.map(|code| (code.account_ref, code.case_id))
}

async fn a_code_is_replaced_by_its_own_maker_alone(world: World) {
    let store = world.demo().await;
    let (ann, ben) = (account("ann"), account("ben"));
    let case = world.case_id();
    put(&store, PAPER, &ann, None).await;
    put(&store, b"ben's", &ben, None).await;
    put(&store, b"a handover's", &ann, Some(&case)).await;
    assert_eq!(known(&store, PAPER).await, Some((ann.clone(), None)));
    put(&store, b"a newer one", &ann, None).await;
    assert_eq!(known(&store, PAPER).await, None);
    assert_eq!(
        known(&store, b"a newer one").await,
        Some((ann.clone(), None))
    );
    // Whoever hands an account over takes nothing from its holder.
    let made = Some((ann.clone(), Some(case.clone())));
    assert_eq!(known(&store, b"a handover's").await, made);
    put(&store, b"begun again", &ann, Some(&case)).await;
    assert_eq!(known(&store, b"a handover's").await, None);
    assert!(known(&store, b"a newer one").await.is_some());
    assert!(known(&store, b"ben's").await.is_some());
    // The same digest twice is refused, never shared.
    let mut tx = store.begin().await.unwrap();
    let twice = SecretDigest::of(b"ben's");
    let refused = tx.put_veto_code(&twice, &ann, None).await;
    assert!(matches!(refused, Err(store::StoreError::Taken(_))));
}

async fn a_handover_that_stands_leaves_its_own_code_alone(world: World) {
    let store = world.demo().await;
    let (ann, ben) = (account("ann"), account("ben"));
    let (stood, stopped) = (world.case_id(), world.case_id());
    put(&store, PAPER, &ann, None).await;
    put(&store, b"stopped", &ann, Some(&stopped)).await;
    put(&store, b"stood", &ann, Some(&stood)).await;
    put(&store, b"ben's", &ben, None).await;
    let mut tx = store.begin().await.unwrap();
    tx.forget_veto_code(&ann, Some(&stopped)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(known(&store, b"stopped").await, None);
    assert!(known(&store, PAPER).await.is_some());
    let mut tx = store.begin().await.unwrap();
    tx.keep_veto_code_of(&ann, &stood).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(known(&store, PAPER).await, None);
    assert!(known(&store, b"stood").await.is_some());
    assert!(known(&store, b"ben's").await.is_some());
}
