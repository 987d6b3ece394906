//! What webhooks promise, on both engines.

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
use recovery::id::MessageId;
use recovery::time::{Span, Timestamp};
use store::{NewWebhook, Store, Webhook, WebhookState, WebhookTry};

on_both_engines! {
    a_webhook_is_claimed_once_and_by_its_endpoint_alone
    a_lease_that_ran_out_is_claimed_anew_and_its_first_worker_settles_nothing
    a_try_is_counted_and_the_next_one_waits_for_its_moment
    what_was_given_up_is_sent_again_one_by_one_or_since_a_moment
    an_endpoint_that_is_off_keeps_what_comes_and_gets_it_later
    a_rolled_back_step_tells_nothing
    webhooks_of_last_month_are_purged
}

const LEASE: Span = Span::minutes(5);

async fn put(world: &World, store: &Store, endpoint: &str) -> MessageId {
    let case = world.case_id();
    let id: MessageId = case.as_str().replace("case_", "msg_").parse().unwrap();
    let mut tx = store.begin().await.unwrap();
    tx.put_webhook(&NewWebhook {
        id: &id,
        endpoint,
        kind: "case.opened",
        case_id: &case,
        body: b"{}",
    })
    .await
    .unwrap();
    tx.commit().await.unwrap();
    id
}

async fn claim(store: &Store, endpoint: &str, token: &str) -> Vec<MessageId> {
    let mut tx = store.begin().await.unwrap();
    let claimed = tx.claim_webhooks(endpoint, 10, LEASE, token).await.unwrap();
    tx.commit().await.unwrap();
    claimed.into_iter().map(|webhook| webhook.id).collect()
}

/// Claims the one due webhook and settles it.
async fn tries(store: &Store, endpoint: &str, state: WebhookState, wait: Span, answer: &str) {
    let claimed = claim(store, endpoint, "t").await;
    assert_eq!(claimed.len(), 1);
    assert!(settle(store, &claimed[0], "t", state, wait, answer).await);
}

async fn settle(
    store: &Store,
    id: &MessageId,
    token: &str,
    state: WebhookState,
    wait: Span,
    answer: &str,
) -> bool {
    let mut tx = store.begin().await.unwrap();
    let next_at = tx.now().await.unwrap() + wait;
    let tried = WebhookTry {
        state,
        next_at,
        answer,
    };
    let settled = tx.settle_webhook(id, token, &tried).await.unwrap();
    tx.commit().await.unwrap();
    settled
}

async fn read(store: &Store, id: &MessageId) -> Webhook {
    let mut reader = store.read().await.unwrap();
    reader.webhook(id).await.unwrap().unwrap()
}

async fn a_webhook_is_claimed_once_and_by_its_endpoint_alone(world: World) {
    let store = world.demo().await;
    let books = put(&world, &store, "books").await;
    let desk = put(&world, &store, "desk").await;
    let claimed = claim(&store, "books", "a").await;
    assert_eq!(claimed, std::slice::from_ref(&books));
    assert_eq!(claim(&store, "books", "b").await, []);
    assert_eq!(claim(&store, "desk", "c").await, [desk]);
    let stored = read(&store, &books).await;
    assert_eq!((stored.state, stored.attempts), (WebhookState::Waiting, 0));
    assert_eq!(
        (stored.body.as_slice(), stored.last_answer),
        (&b"{}"[..], None)
    );
}

async fn a_lease_that_ran_out_is_claimed_anew_and_its_first_worker_settles_nothing(world: World) {
    let store = world.demo().await;
    let id = put(&world, &store, "books").await;
    assert_eq!(claim(&store, "books", "dead").await.len(), 1);
    store.advance_demo_clock(LEASE).await.unwrap();
    let claimed = claim(&store, "books", "next").await;
    assert_eq!(claimed, std::slice::from_ref(&id));
    let delivered = WebhookState::Delivered;
    assert!(!settle(&store, &id, "dead", delivered, Span::ZERO, "200").await);
    assert!(settle(&store, &id, "next", delivered, Span::ZERO, "200").await);
    assert!(!settle(&store, &id, "next", delivered, Span::ZERO, "200").await);
    let stored = read(&store, &id).await;
    assert_eq!((stored.state, stored.attempts), (delivered, 1));
    assert!(stored.delivered_at.is_some());
}

async fn a_try_is_counted_and_the_next_one_waits_for_its_moment(world: World) {
    let store = world.demo().await;
    let id = put(&world, &store, "books").await;
    let waiting = WebhookState::Waiting;
    tries(&store, "books", waiting, Span::hours(2), "503").await;
    assert_eq!(claim(&store, "books", "x").await, []);
    store.advance_demo_clock(Span::hours(2)).await.unwrap();
    tries(&store, "books", WebhookState::GivenUp, Span::ZERO, "late").await;
    let stored = read(&store, &id).await;
    assert_eq!((stored.state, stored.attempts), (WebhookState::GivenUp, 2));
    assert_eq!(stored.last_answer.as_deref(), Some("late"));
    assert!(stored.last_at.is_some() && stored.delivered_at.is_none());
    assert_eq!(claim(&store, "books", "x").await, []);
}

async fn what_was_given_up_is_sent_again_one_by_one_or_since_a_moment(world: World) {
    let store = world.demo().await;
    let old = put(&world, &store, "books").await;
    tries(&store, "books", WebhookState::GivenUp, Span::ZERO, "500").await;
    store.advance_demo_clock(Span::days(2)).await.unwrap();
    let since = store.now().await.unwrap();
    let new = put(&world, &store, "books").await;
    tries(&store, "books", WebhookState::GivenUp, Span::ZERO, "500").await;
    let taken = put(&world, &store, "books").await;
    tries(&store, "books", WebhookState::Delivered, Span::ZERO, "200").await;

    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.send_webhooks_again(since).await.unwrap(), 1);
    assert!(
        !tx.send_webhook_again(&new).await.unwrap(),
        "it waits already"
    );
    assert!(tx.send_webhook_again(&old).await.unwrap());
    assert!(tx.send_webhook_again(&taken).await.unwrap());
    tx.commit().await.unwrap();
    let mut again = claim(&store, "books", "x").await;
    again.sort();
    let mut all = vec![old.clone(), new, taken];
    all.sort();
    assert_eq!(again, all);
    assert_eq!(read(&store, &old).await.attempts, 0);
}

async fn an_endpoint_that_is_off_keeps_what_comes_and_gets_it_later(world: World) {
    let store = world.demo().await;
    let before = put(&world, &store, "books").await;
    let other = put(&world, &store, "desk").await;
    assert_eq!(claim(&store, "books", "sending").await.len(), 1);
    let mut tx = store.begin().await.unwrap();
    tx.disable_endpoint("books").await.unwrap();
    tx.commit().await.unwrap();
    let after = put(&world, &store, "books").await;
    let disabled = WebhookState::Disabled;
    for id in [&before, &after] {
        assert_eq!(read(&store, id).await.state, disabled);
    }
    let late = settle(&store, &before, "sending", disabled, Span::ZERO, "410").await;
    assert!(!late, "it was called off");
    assert_eq!(read(&store, &other).await.state, WebhookState::Waiting);
    let mut reader = store.read().await.unwrap();
    let off = reader.disabled_endpoints().await.unwrap();
    assert_eq!(off.len(), 1);
    assert_eq!(off[0].name, "books");
    let counts = reader.webhook_counts().await.unwrap();
    let counts: Vec<_> = counts
        .iter()
        .map(|one| (one.endpoint.as_str(), one.state, one.webhooks))
        .collect();
    let waiting = WebhookState::Waiting;
    assert_eq!(counts, [("books", disabled, 2), ("desk", waiting, 1)]);
    drop(reader);

    let mut tx = store.begin().await.unwrap();
    tx.enable_endpoints(Some("books")).await.unwrap();
    let again = tx.send_webhooks_again(Timestamp::from_millis(0)).await;
    assert_eq!(again.unwrap(), 2);
    tx.commit().await.unwrap();
    let new = put(&world, &store, "books").await;
    assert_eq!(read(&store, &new).await.state, waiting);
    assert_eq!(claim(&store, "books", "x").await.len(), 3);
}

async fn a_rolled_back_step_tells_nothing(world: World) {
    let store = world.demo().await;
    let case = world.case_id();
    let id: MessageId = case.as_str().replace("case_", "msg_").parse().unwrap();
    let mut tx = store.begin().await.unwrap();
    let webhook = NewWebhook {
        id: &id,
        endpoint: "books",
        kind: "case.opened",
        case_id: &case,
        body: b"{}",
    };
    tx.put_webhook(&webhook).await.unwrap();
    tx.rollback().await.unwrap();
    let mut reader = store.read().await.unwrap();
    assert_eq!(reader.newest_webhooks().await.unwrap(), []);
}

async fn webhooks_of_last_month_are_purged(world: World) {
    let store = world.demo().await;
    put(&world, &store, "books").await;
    store.advance_demo_clock(Span::days(29)).await.unwrap();
    let newer = put(&world, &store, "books").await;
    let purge = async || {
        let mut tx = store.begin().await.unwrap();
        let purged = tx.purge(Span::days(7)).await.unwrap();
        tx.commit().await.unwrap();
        purged.rows
    };
    assert_eq!(purge().await, 0);
    store.advance_demo_clock(Span::days(1)).await.unwrap();
    assert_eq!(purge().await, 1);
    let mut reader = store.read().await.unwrap();
    let left = reader.newest_webhooks().await.unwrap();
    let left: Vec<_> = left.into_iter().map(|webhook| webhook.id).collect();
    assert_eq!(left, [newer]);
}
