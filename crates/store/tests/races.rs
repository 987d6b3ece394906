//! Many at once: versions, leases, tokens and secrets stay exact on both engines.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]
#![allow(missing_docs, clippy::disallowed_methods)]

#[macro_use]
mod common;

use std::collections::HashSet;
use std::future::Future;

use common::{World, account, event};
use recovery::id::{BlindIndex, JobId};
use recovery::time::Span;
use store::{Checked, NewSecret, Rule, SecretDigest, Store, StoreError, Taken};

on_both_engines! {
    sixteen_tasks_append_to_one_case
    eight_workers_claim_distinct_jobs
    a_token_bucket_gives_out_no_more_than_it_holds
    a_secret_is_taken_once
    a_nonce_is_used_once
    guesses_are_counted_one_by_one
    one_key_makes_one_job
    two_rivals_cannot_both_be_approved
    one_contact_opens_one_case
    restriction_versions_are_gapless
}

/// Runs as many tasks at once and gives what each returned.
async fn all<T, F>(count: usize, task: impl Fn(usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let tasks: Vec<_> = (0..count)
        .map(|number| tokio::spawn(task(number)))
        .collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}

const TASKS: usize = 16;
const APPENDS: usize = 25;

async fn append_one(store: &Store, row: &store::CaseRow) -> Result<u64, StoreError> {
    // Loaded outside the write, so that the expected version is often stale.
    let loaded = store
        .read()
        .await?
        .load(&row.id)
        .await?
        .expect("the case exists");
    let mut tx = store.begin().await?;
    let now = tx.now().await?;
    let version = tx
        .append(&row.id, loaded.version, now, &[event("added")], row)
        .await?;
    tx.commit().await?;
    Ok(version)
}

async fn sixteen_tasks_append_to_one_case(world: World) {
    let store = world.serve().await;
    let row = world.case(&store, |_| {}).await;
    let (shared, wanted) = (store.clone(), row.clone());
    let versions = all(TASKS, move |_| {
        let (store, row) = (shared.clone(), wanted.clone());
        async move {
            let mut mine = Vec::new();
            while mine.len() < APPENDS {
                match append_one(&store, &row).await {
                    Ok(version) => mine.push(version),
                    Err(StoreError::Conflict) => {}
                    Err(other) => panic!("{other}"),
                }
            }
            mine
        }
    })
    .await;
    let total = (TASKS * APPENDS) as u64;
    let distinct: HashSet<u64> = versions.into_iter().flatten().collect();
    assert_eq!(distinct, (2..=total + 1).collect());
    let mut reader = store.read().await.unwrap();
    let loaded = reader.load(&row.id).await.unwrap().unwrap();
    assert_eq!(loaded.version, total + 1);
    assert!(
        loaded
            .events
            .windows(2)
            .all(|w| w[0].seq + 1 == w[1].seq && w[0].at <= w[1].at)
    );
    assert_eq!(
        reader.case_row(&row.id).await.unwrap().unwrap().version,
        total + 1
    );
}

const JOBS: usize = 500;

async fn eight_workers_claim_distinct_jobs(world: World) {
    let store = world.serve().await;
    let mut tx = store.begin().await.unwrap();
    let now = tx.now().await.unwrap();
    for _ in 0..JOBS {
        assert!(tx.enqueue(&world.job("mail", now)).await.unwrap());
    }
    tx.commit().await.unwrap();
    let shared = store.clone();
    let claimed = all(8, move |worker| {
        let store = shared.clone();
        async move {
            let mut mine: Vec<JobId> = Vec::new();
            let token = format!("worker-{worker}");
            loop {
                let mut tx = store.begin().await.unwrap();
                let jobs = tx
                    .claim_jobs(None, 7, Span::minutes(10), &token)
                    .await
                    .unwrap();
                tx.commit().await.unwrap();
                if jobs.is_empty() {
                    return mine;
                }
                mine.extend(jobs.into_iter().map(|job| job.id));
            }
        }
    })
    .await;
    let all_claims: Vec<JobId> = claimed.into_iter().flatten().collect();
    assert_eq!(all_claims.len(), JOBS);
    assert_eq!(all_claims.iter().collect::<HashSet<_>>().len(), JOBS);
}

async fn a_token_bucket_gives_out_no_more_than_it_holds(world: World) {
    let store = world.serve().await;
    let shared = store.clone();
    let taken = all(40, move |_| {
        let store = shared.clone();
        async move {
            let mut tx = store.begin().await.unwrap();
            let taken = tx.take_token("ip:abc", 10, 1).await.unwrap();
            tx.commit().await.unwrap();
            taken
        }
    })
    .await;
    assert_eq!(
        taken
            .iter()
            .filter(|taken| **taken == Taken::Allowed)
            .count(),
        10
    );
}

async fn a_secret_is_taken_once(world: World) {
    let store = world.serve().await;
    let digest = SecretDigest::of(b"a ticket of many random bits");
    let mut tx = store.begin().await.unwrap();
    let expires_at = tx.now().await.unwrap() + Span::hours(1);
    let secret = NewSecret {
        digest,
        purpose: "handover",
        case_id: None,
        subject: "s",
        expires_at,
    };
    tx.put_secret(&secret).await.unwrap();
    tx.commit().await.unwrap();
    let shared = store.clone();
    let taken = all(TASKS, move |_| {
        let store = shared.clone();
        async move {
            let mut tx = store.begin().await.unwrap();
            let taken = tx.take_secret(&digest, "handover").await.unwrap();
            tx.commit().await.unwrap();
            taken.is_some()
        }
    })
    .await;
    assert_eq!(taken.iter().filter(|taken| **taken).count(), 1);
}

async fn a_nonce_is_used_once(world: World) {
    let store = world.serve().await;
    let shared = store.clone();
    let used = all(TASKS, move |_| {
        let store = shared.clone();
        async move {
            let mut tx = store.begin().await.unwrap();
            let until = tx.now().await.unwrap() + Span::minutes(5);
            let used = tx.use_nonce("n-1", until).await.unwrap();
            tx.commit().await.unwrap();
            used
        }
    })
    .await;
    assert_eq!(used.iter().filter(|used| **used).count(), 1);
}

async fn guesses_are_counted_one_by_one(world: World) {
    let store = world.serve().await;
    let case = world.case(&store, |_| {}).await.id;
    let mut tx = store.begin().await.unwrap();
    let expires_at = tx.now().await.unwrap() + Span::minutes(10);
    let right = SecretDigest::of(b"123456");
    tx.put_challenge(&case, "mail", &right, expires_at, 5)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let (shared, of) = (store.clone(), case.clone());
    let checked = all(20, move |number| {
        let (store, case) = (shared.clone(), of.clone());
        async move {
            let guess = SecretDigest::of(number.to_string().as_bytes());
            let mut tx = store.begin().await.unwrap();
            let checked = tx.check_challenge(&case, "mail", &guess).await.unwrap();
            tx.commit().await.unwrap();
            checked
        }
    })
    .await;
    for left in 1..=4 {
        let wrong = Checked::Wrong { left };
        assert_eq!(
            checked.iter().filter(|checked| **checked == wrong).count(),
            1,
            "{left}"
        );
    }
    let mut tx = store.begin().await.unwrap();
    let late = tx.check_challenge(&case, "mail", &right).await.unwrap();
    assert_eq!(
        late,
        Checked::Wrong { left: 0 },
        "the right code comes too late"
    );
}

async fn one_key_makes_one_job(world: World) {
    let store = world.serve().await;
    let (shared, ids) = (store.clone(), world.clone());
    let written = all(TASKS, move |_| {
        let (store, world) = (shared.clone(), ids.clone());
        async move {
            let mut tx = store.begin().await.unwrap();
            let now = tx.now().await.unwrap();
            let mut job = world.job("remind", now);
            job.unique_key = Some("remind:1");
            let written = tx.enqueue(&job).await.unwrap();
            tx.commit().await.unwrap();
            written
        }
    })
    .await;
    assert_eq!(written.iter().filter(|written| **written).count(), 1);
}

async fn two_rivals_cannot_both_be_approved(world: World) {
    let store = world.serve().await;
    let mut rivals = Vec::new();
    for number in 0..8 {
        let rival = world
            .case(&store, |row| {
                row.account_ref = Some(account("acc-1"));
                row.contact_index = Some(BlindIndex(format!("contact-{number}")));
            })
            .await;
        rivals.push(rival);
    }
    let (shared, rows) = (store.clone(), rivals.clone());
    let outcomes = all(rivals.len(), move |number| {
        let (store, mut row) = (shared.clone(), rows[number].clone());
        async move {
            row.holds_approval = true;
            let mut tx = store.begin().await.unwrap();
            let now = tx.now().await.unwrap();
            let version = row.version;
            tx.append(&row.id, version, now, &[event("approved")], &row)
                .await?;
            tx.commit().await
        }
    })
    .await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    for refused in outcomes.into_iter().filter_map(Result::err) {
        assert!(
            matches!(refused, StoreError::Taken(Rule::OneApprovalPerAccount)),
            "{refused}"
        );
    }
}

async fn one_contact_opens_one_case(world: World) {
    let store = world.serve().await;
    let (shared, of) = (store.clone(), world.clone());
    let outcomes = all(8, move |_| {
        let (store, mut row) = (shared.clone(), of.row());
        async move {
            row.account_ref = Some(account("acc-1"));
            row.contact_index = Some(BlindIndex("contact".to_owned()));
            let mut tx = store.begin().await.unwrap();
            let now = tx.now().await.unwrap();
            tx.append(&row.id, 0, now, &[event("opened")], &row).await?;
            tx.commit().await
        }
    })
    .await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    for refused in outcomes.into_iter().filter_map(Result::err) {
        assert!(
            matches!(refused, StoreError::Taken(Rule::OneOpenCasePerContact)),
            "{refused}"
        );
    }
}

async fn restriction_versions_are_gapless(world: World) {
    let store = world.serve().await;
    let shared = store.clone();
    let mut versions = all(TASKS, move |number| {
        let store = shared.clone();
        async move {
            let mut tx = store.begin().await.unwrap();
            let body = number.to_string().into_bytes();
            let version = tx.set_restriction(&account("acc-1"), &body).await.unwrap();
            tx.commit().await.unwrap();
            version
        }
    })
    .await;
    versions.sort_unstable();
    assert_eq!(versions, (1..=TASKS as u64).collect::<Vec<_>>());
}
