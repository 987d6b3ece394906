//! What the calls about cases, the queue and jobs promise, on both engines.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]
#![allow(missing_docs, clippy::disallowed_methods)]

#[macro_use]
mod common;

use common::{World, account, event};
use recovery::id::BlindIndex;
use recovery::time::{Span, Timestamp};
use store::{JobPriority, MAX_EVENTS_PER_APPEND, NewAssignment, PageKey, Rule, StoreError};

on_both_engines! {
    events_come_back_as_they_were_written
    an_append_refuses_what_cannot_be
    time_in_a_case_never_goes_back
    cases_are_found_by_account_code_and_contact
    pages_of_cases_neither_miss_nor_repeat
    the_queue_is_ordered_and_spares_who_had_the_case
    assignments_end_once_and_pairs_are_counted
    sealed_pieces_go_together
    jobs_run_by_urgency_then_age
    a_lost_lease_completes_nothing
    a_key_is_free_again_when_the_job_is_done
    kinds_of_jobs_are_matched_exactly
    dead_jobs_wait_for_an_operator
    a_job_that_keeps_failing_is_counted_and_one_that_waits_is_not
    cancelled_jobs_never_run
}

async fn events_come_back_as_they_were_written(world: World) {
    let store = world.serve().await;
    let case = world
        .case(&store, |row| row.wanted = Some("first".to_owned()))
        .await;
    let bodies = [
        vec![],
        vec![0, 255, 39, 92],
        b"{\"a\":\"\\u0000\"}".to_vec(),
    ];
    let events: Vec<_> = bodies
        .iter()
        .map(|body| store::NewEvent {
            kind: "odd",
            body: body.clone(),
        })
        .collect();
    let mut tx = store.begin().await.unwrap();
    let loaded = tx.load(&case.id).await.unwrap().unwrap();
    let now = loaded.not_before(tx.now().await.unwrap());
    let mut row = case.clone();
    row.wanted = None;
    row.state = "checking".to_owned();
    assert_eq!(
        tx.append(&case.id, loaded.version, now, &events, &row)
            .await
            .unwrap(),
        4
    );
    tx.commit().await.unwrap();

    let mut reader = store.read().await.unwrap();
    let loaded = reader.load(&case.id).await.unwrap().unwrap();
    assert_eq!(loaded.version, 4);
    let read: Vec<_> = loaded.events[1..]
        .iter()
        .map(|event| event.body.clone())
        .collect();
    assert_eq!(read, bodies);
    assert!(
        loaded.events[1..]
            .iter()
            .all(|event| event.at == now && event.kind == "odd")
    );
    let leaves = reader.leaves(&case.id).await.unwrap();
    let expected: Vec<_> = loaded
        .events
        .iter()
        .map(|event| ledger::leaf_digest(&event.body))
        .collect();
    assert_eq!(leaves, expected);
    let stored = reader.case_row(&case.id).await.unwrap().unwrap();
    assert_eq!((stored.version, stored.changed_at), (4, now));
    assert_eq!((stored.state.as_str(), &stored.wanted), ("checking", &None));
    assert_eq!(stored.opened_at, case.opened_at);
    assert!(reader.load(&world.case_id()).await.unwrap().is_none());
}

async fn an_append_refuses_what_cannot_be(world: World) {
    let store = world.serve().await;
    let case = world.case(&store, |_| {}).await;
    let now = store.now().await.unwrap();
    let many: Vec<_> = (0..=MAX_EVENTS_PER_APPEND).map(|_| event("x")).collect();
    for (version, events) in [(1, vec![]), (1, many)] {
        let mut tx = store.begin().await.unwrap();
        let refused = tx.append(&case.id, version, now, &events, &case).await;
        assert!(matches!(refused, Err(StoreError::Invalid(_))));
    }
    for stale in [0, 2, 7] {
        let mut tx = store.begin().await.unwrap();
        let refused = tx.append(&case.id, stale, now, &[event("x")], &case).await;
        assert!(
            matches!(refused, Err(StoreError::Conflict)),
            "expected version {stale}"
        );
    }
    let mut tx = store.begin().await.unwrap();
    let other = world.case_id();
    assert!(
        tx.append(&other, 0, now, &[event("x")], &case)
            .await
            .is_err()
    );
    drop(tx);
    // The same code for another case.
    let mut twin = world.row();
    twin.code = case.code.clone();
    let mut tx = store.begin().await.unwrap();
    let refused = tx.append(&twin.id, 0, now, &[event("x")], &twin).await;
    assert!(matches!(refused, Err(StoreError::Taken(Rule::UniqueKey))));
}

async fn time_in_a_case_never_goes_back(world: World) {
    let store = world.serve().await;
    let mut row = world.row();
    let late = Timestamp::from_millis(5_000_000);
    for (version, at) in [
        (0, late),
        (1, late - Span::hours(1)),
        (2, late + Span::hours(1)),
    ] {
        row.version = version;
        let mut tx = store.begin().await.unwrap();
        tx.append(&row.id, version, at, &[event("x")], &row)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }
    let loaded = store
        .read()
        .await
        .unwrap()
        .load(&row.id)
        .await
        .unwrap()
        .unwrap();
    let times: Vec<_> = loaded.events.iter().map(|event| event.at).collect();
    assert_eq!(times, [late, late, late + Span::hours(1)]);
    assert_eq!(loaded.not_before(late), late + Span::hours(1));
}

async fn cases_are_found_by_account_code_and_contact(world: World) {
    let store = world.serve().await;
    let contact = BlindIndex("c-1".to_owned());
    let mut found = Vec::new();
    for (name, open) in [
        ("acc-1", false),
        ("acc-1", false),
        ("acc-1", true),
        ("acc-2", true),
    ] {
        let case = world
            .case(&store, |row| {
                row.account_ref = Some(account(name));
                row.contact_index = Some(contact.clone());
                row.open = open;
            })
            .await;
        found.push(case);
    }
    let mut reader = store.read().await.unwrap();
    assert_eq!(
        reader
            .cases_of_account(&account("acc-1"))
            .await
            .unwrap()
            .len(),
        3
    );
    assert!(
        reader
            .cases_of_account(&account("acc-3"))
            .await
            .unwrap()
            .is_empty()
    );
    let open = reader
        .open_case_with(&account("acc-1"), &contact)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(open, found[2]);
    let by_code = reader.case_by_code(&found[3].code).await.unwrap().unwrap();
    assert_eq!(by_code, found[3]);
    // Unresolved and phantom cases have no account: as many as there are contacts.
    for _ in 0..2 {
        world
            .case(&store, |row| row.contact_index = Some(contact.clone()))
            .await;
    }
}

async fn pages_of_cases_neither_miss_nor_repeat(world: World) {
    let store = world.serve().await;
    for number in 0..23 {
        let state = if number % 2 == 0 { "even" } else { "odd" };
        world.case(&store, |row| row.state = state.to_owned()).await;
    }
    let mut reader = store.read().await.unwrap();
    for (state, expected) in [(None, 23), (Some("even"), 12), (Some("none"), 0)] {
        let (mut seen, mut after): (Vec<_>, Option<PageKey>) = (Vec::new(), None);
        loop {
            let page = reader.list_cases(state, after.as_ref(), 5).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(PageKey::after(last));
            seen.extend(page.into_iter().map(|row| (row.changed_at, row.id)));
        }
        assert_eq!(seen.len(), expected);
        assert!(
            seen.windows(2).all(|pair| pair[0] > pair[1]),
            "newest first, none twice"
        );
    }
    let counts = reader.state_counts().await.unwrap();
    let counts: Vec<_> = counts
        .iter()
        .map(|count| (count.state.as_str(), count.cases))
        .collect();
    assert_eq!(counts, [("even", 12), ("odd", 11)]);
}

async fn the_queue_is_ordered_and_spares_who_had_the_case(world: World) {
    let store = world.serve().await;
    let plan = [
        (1, Some(10)),
        (0, None),
        (0, Some(30)),
        (0, Some(20)),
        (9, Some(1)),
    ];
    let mut cases = Vec::new();
    for (priority, due) in plan {
        let case = world
            .case(&store, |row| {
                row.wanted = Some("first".to_owned());
                row.priority = priority;
                row.due_at = due.map(Timestamp::from_millis);
            })
            .await;
        cases.push(case);
    }
    let order: Vec<_> = [3, 2, 1, 0, 4]
        .map(|index: usize| cases[index].id.clone())
        .to_vec();
    let reviewer = world.reviewer_id();
    let mut tx = store.begin().await.unwrap();
    let all = tx.waiting_for("first", Some(&reviewer), 10).await.unwrap();
    assert_eq!(
        all.iter().map(|row| row.id.clone()).collect::<Vec<_>>(),
        order
    );
    for (place, row) in all.iter().enumerate() {
        assert_eq!(tx.cases_before(row).await.unwrap(), place as u64);
    }
    assert_eq!(tx.waiting_count("first").await.unwrap(), 5);
    assert_eq!(
        tx.overdue_count("first", Timestamp::from_millis(20))
            .await
            .unwrap(),
        2
    );
    assert!(tx.waiting_for("second", None, 10).await.unwrap().is_empty());

    let id = world.assignment_id();
    let lease_until = Timestamp::from_millis(99);
    let assignment = NewAssignment {
        id: &id,
        case_id: &order[0],
        reviewer_id: &reviewer,
        part: "first",
        lease_until,
    };
    tx.put_assignment(&assignment).await.unwrap();
    assert!(tx.end_assignment(&id, false).await.unwrap());
    let rest = tx.waiting_for("first", Some(&reviewer), 2).await.unwrap();
    assert_eq!(
        rest.iter().map(|row| row.id.clone()).collect::<Vec<_>>(),
        order[1..3]
    );
    assert_eq!(tx.waiting_for("first", None, 10).await.unwrap().len(), 5);
}

async fn assignments_end_once_and_pairs_are_counted(world: World) {
    let store = world.serve().await;
    let (ann, bob) = (world.reviewer_id(), world.reviewer_id());
    let began = store.now().await.unwrap();
    for number in 0..3 {
        let case = world.case(&store, |_| {}).await.id;
        let mut tx = store.begin().await.unwrap();
        let lease_until = tx.now().await.unwrap() + Span::hours(1);
        for reviewer_id in [&ann, &bob] {
            let id = world.assignment_id();
            let (case_id, part) = (&case, "first");
            let new = NewAssignment {
                id: &id,
                case_id,
                reviewer_id,
                part,
                lease_until,
            };
            tx.put_assignment(&new).await.unwrap();
            // In the last case nobody decides.
            if number < 2 {
                assert!(tx.end_assignment(&id, true).await.unwrap());
                assert!(!tx.end_assignment(&id, false).await.unwrap(), "ended twice");
            }
        }
        tx.commit().await.unwrap();
    }
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.pair_count(&ann, &bob, began).await.unwrap(), 2);
    let later = tx.now().await.unwrap() + Span::hours(1);
    assert_eq!(tx.pair_count(&ann, &bob, later).await.unwrap(), 0);
    let open = tx.open_assignments(&ann).await.unwrap();
    assert_eq!(open.len(), 1);
    let of_case = tx.assignments_of(&open[0].case_id).await.unwrap();
    assert_eq!(of_case.len(), 2);
    assert!(of_case.iter().all(|one| one.ended_at.is_none()));
    assert!(tx.extend_assignment(&open[0].id, later).await.unwrap());
    assert_eq!(
        tx.assignment(&open[0].id)
            .await
            .unwrap()
            .unwrap()
            .lease_until,
        later
    );
    let (id, case_id) = (world.assignment_id(), open[0].case_id.clone());
    let again = NewAssignment {
        id: &id,
        case_id: &case_id,
        reviewer_id: &ann,
        part: "second",
        lease_until: later,
    };
    let refused = tx.put_assignment(&again).await;
    assert!(matches!(refused, Err(StoreError::Taken(Rule::UniqueKey))));
}

async fn sealed_pieces_go_together(world: World) {
    let store = world.serve().await;
    let row = world.row();
    let mut tx = store.begin().await.unwrap();
    // Before the case exists: the order inside a transaction is free.
    tx.put_sealed(&row.id, "person", b"old").await.unwrap();
    tx.put_sealed(&row.id, "person", b"new").await.unwrap();
    tx.put_sealed(&row.id, "clues", &[0; 100_000])
        .await
        .unwrap();
    let now = tx.now().await.unwrap();
    tx.append(&row.id, 0, now, &[event("opened")], &row)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.sealed(&row.id, "person").await.unwrap().unwrap(), b"new");
    assert_eq!(tx.sealed_names(&row.id).await.unwrap(), ["clues", "person"]);
    assert_eq!(tx.delete_sealed(&row.id).await.unwrap(), 2);
    assert!(tx.sealed(&row.id, "person").await.unwrap().is_none());
    drop(tx);
    let mut tx = store.begin().await.unwrap();
    let nobody = world.case_id();
    let refused = match tx.put_sealed(&nobody, "person", b"x").await {
        Ok(()) => tx.commit().await,
        refused => refused,
    };
    assert!(refused.is_err(), "sealed for a case that does not exist");
}

async fn jobs_run_by_urgency_then_age(world: World) {
    let store = world.demo().await;
    let mut tx = store.begin().await.unwrap();
    let now = tx.now().await.unwrap();
    let plan = [
        ("old", -2, JobPriority::Normal),
        ("low", -9, JobPriority::Low),
        ("older", -3, JobPriority::Normal),
        ("veto", 0, JobPriority::Urgent),
        ("later", 1, JobPriority::Urgent),
    ];
    for (kind, minutes, priority) in plan {
        let mut job = world.job(kind, now + Span::minutes(minutes));
        job.priority = priority;
        assert!(tx.enqueue(&job).await.unwrap());
    }
    assert_eq!(
        tx.next_run_at().await.unwrap(),
        Some(now - Span::minutes(9))
    );
    assert_eq!(tx.queue_health().await.unwrap().due, 4);
    let first = tx.claim_jobs(None, 2, Span::minutes(5), "t").await.unwrap();
    let kinds: Vec<_> = first.iter().map(|job| job.kind.as_str()).collect();
    assert_eq!(kinds, ["veto", "older"]);
    assert_eq!(
        (first[0].attempts, first[0].body.as_slice()),
        (1, b"veto".as_slice())
    );
    let rest = tx
        .claim_jobs(None, 100, Span::minutes(5), "t")
        .await
        .unwrap();
    let kinds: Vec<_> = rest.iter().map(|job| job.kind.as_str()).collect();
    assert_eq!(kinds, ["old", "low"]);
    tx.commit().await.unwrap();
    store.advance_demo_clock(Span::minutes(2)).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let due = tx
        .claim_jobs(None, 100, Span::minutes(5), "t")
        .await
        .unwrap();
    assert_eq!(
        due.iter().map(|job| job.kind.as_str()).collect::<Vec<_>>(),
        ["later"]
    );
}

async fn a_lost_lease_completes_nothing(world: World) {
    let store = world.demo().await;
    let mut tx = store.begin().await.unwrap();
    let now = tx.now().await.unwrap();
    let job = world.job("mail", now);
    tx.enqueue(&job).await.unwrap();
    tx.claim_jobs(None, 1, Span::minutes(5), "first")
        .await
        .unwrap();
    assert!(
        tx.extend_lease(&job.id, "first", Span::minutes(10))
            .await
            .unwrap()
    );
    tx.commit().await.unwrap();
    store.advance_demo_clock(Span::minutes(6)).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    assert!(
        tx.claim_jobs(None, 1, Span::minutes(5), "second")
            .await
            .unwrap()
            .is_empty()
    );
    tx.commit().await.unwrap();
    store.advance_demo_clock(Span::minutes(5)).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let again = tx
        .claim_jobs(None, 1, Span::minutes(5), "second")
        .await
        .unwrap();
    assert_eq!(again[0].attempts, 2);
    let at = tx.now().await.unwrap();
    assert!(!tx.complete_job(&job.id, "first").await.unwrap());
    assert!(!tx.fail_job(&job.id, "first", at, "late").await.unwrap());
    assert!(!tx.bury_job(&job.id, "first", "late").await.unwrap());
    assert!(
        !tx.extend_lease(&job.id, "first", Span::minutes(1))
            .await
            .unwrap()
    );
    assert!(
        tx.fail_job(&job.id, "second", at + Span::hours(1), "refused")
            .await
            .unwrap()
    );
    assert!(
        !tx.complete_job(&job.id, "second").await.unwrap(),
        "a failure ends the lease"
    );
    assert!(tx.reschedule(&job.id, at).await.unwrap());
    let third = tx
        .claim_jobs(None, 1, Span::minutes(5), "third")
        .await
        .unwrap();
    assert_eq!(third[0].last_error.as_deref(), Some("refused"));
    assert!(tx.complete_job(&job.id, "third").await.unwrap());
    assert!(!tx.complete_job(&job.id, "third").await.unwrap());
    assert!(!tx.reschedule(&job.id, at).await.unwrap());
}

async fn a_key_is_free_again_when_the_job_is_done(world: World) {
    let store = world.serve().await;
    let mut tx = store.begin().await.unwrap();
    let now = tx.now().await.unwrap();
    for round in 0..3 {
        let mut job = world.job("remind", now - Span::hours(1));
        job.unique_key = Some("remind:1");
        assert!(tx.enqueue(&job).await.unwrap(), "round {round}");
        let mut other = world.job("remind", now);
        other.unique_key = Some("remind:1");
        assert!(!tx.enqueue(&other).await.unwrap());
        assert!(tx.reschedule_key("remind:1", now).await.unwrap());
        let claimed = tx.claim_jobs(None, 5, Span::minutes(5), "t").await.unwrap();
        assert_eq!(
            claimed.iter().map(|job| &job.id).collect::<Vec<_>>(),
            [&job.id]
        );
        assert_eq!(claimed[0].run_at, now);
        let ended = match round {
            0 => tx.complete_job(&job.id, "t").await,
            _ => tx.bury_job(&job.id, "t", "gone").await,
        };
        assert!(ended.unwrap());
        assert!(!tx.reschedule_key("remind:1", now).await.unwrap());
    }
}

async fn kinds_of_jobs_are_matched_exactly(world: World) {
    let store = world.serve().await;
    let mut tx = store.begin().await.unwrap();
    let now = tx.now().await.unwrap();
    for kind in ["mail", "mail_late", "mailXlate", "face", "check"] {
        tx.enqueue(&world.job(kind, now)).await.unwrap();
    }
    let some = ["mail_late", "face", "mai", "eck"];
    let claimed = tx
        .claim_jobs(Some(&some), 10, Span::minutes(5), "t")
        .await
        .unwrap();
    let mut kinds: Vec<_> = claimed.iter().map(|job| job.kind.as_str()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["face", "mail_late"]);
    assert!(
        tx.claim_jobs(Some(&[]), 10, Span::minutes(5), "t")
            .await
            .unwrap()
            .is_empty()
    );
}

async fn dead_jobs_wait_for_an_operator(world: World) {
    let store = world.serve().await;
    let mut tx = store.begin().await.unwrap();
    let now = tx.now().await.unwrap();
    let job = world.job("mail", now);
    tx.enqueue(&job).await.unwrap();
    tx.claim_jobs(None, 1, Span::minutes(5), "t").await.unwrap();
    assert!(tx.bury_job(&job.id, "t", "no_such_host").await.unwrap());
    assert!(
        tx.claim_jobs(None, 1, Span::minutes(5), "t")
            .await
            .unwrap()
            .is_empty()
    );
    let dead = tx.dead_jobs(None, 10).await.unwrap();
    assert_eq!(dead[0].last_error.as_deref(), Some("no_such_host"));
    assert!(tx.dead_jobs(Some(&job.id), 10).await.unwrap().is_empty());
    assert!(tx.revive_job(&job.id, now).await.unwrap());
    assert!(!tx.revive_job(&job.id, now).await.unwrap());
    let claimed = tx.claim_jobs(None, 1, Span::minutes(5), "t").await.unwrap();
    assert_eq!(claimed[0].attempts, 1);
}

async fn a_job_that_keeps_failing_is_counted_and_one_that_waits_is_not(world: World) {
    let store = world.serve().await;
    let mut tx = store.begin().await.unwrap();
    let now = tx.now().await.unwrap();
    let (failing, waiting) = (world.job("secure", now), world.job("timer", now));
    tx.enqueue(&failing).await.unwrap();
    tx.enqueue(&waiting).await.unwrap();
    for tries in 1..=store::FAILING_FROM {
        let claimed = tx.claim_jobs(None, 2, Span::minutes(5), "t").await.unwrap();
        assert_eq!(claimed.len(), 2);
        for (job, code) in [(&failing, store::JOB_FAILED), (&waiting, "waits")] {
            assert!(tx.fail_job(&job.id, "t", now, code).await.unwrap());
        }
        let wanted = u64::from(tries >= store::FAILING_FROM);
        let health = tx.queue_health().await.unwrap();
        assert_eq!(health.failing, wanted, "{tries}");
    }
    let counts = |all, failed| store::Undone { all, failed };
    assert_eq!(tx.undone_count("secure").await.unwrap(), counts(1, 1));
    assert_eq!(tx.undone_count("timer").await.unwrap(), counts(1, 0));
    let undone = tx.undone_jobs("secure").await.unwrap();
    assert_eq!(undone.len(), 1);
    assert_eq!(undone[0].id, failing.id);
    let of = tx.undone_job(&failing.id, "secure").await.unwrap();
    assert_eq!(of.as_ref(), undone.first());
    assert_eq!(tx.undone_job(&failing.id, "timer").await.unwrap(), None);
    tx.claim_jobs(None, 2, Span::minutes(5), "t").await.unwrap();
    assert!(tx.complete_job(&failing.id, "t").await.unwrap());
    assert_eq!(tx.queue_health().await.unwrap().failing, 0);
    assert_eq!(tx.undone_count("secure").await.unwrap(), counts(0, 0));
    assert_eq!(tx.undone_job(&failing.id, "secure").await.unwrap(), None);
}

async fn cancelled_jobs_never_run(world: World) {
    let store = world.serve().await;
    let (case, other) = (world.case_id(), world.case_id());
    let mut tx = store.begin().await.unwrap();
    let now = tx.now().await.unwrap();
    for (case, kind) in [
        (&case, "wait"),
        (&case, "wait"),
        (&case, "mail"),
        (&other, "wait"),
    ] {
        let mut job = world.job(kind, now);
        job.case_id = Some(case);
        tx.enqueue(&job).await.unwrap();
    }
    let running = tx
        .claim_jobs(Some(&["wait"]), 1, Span::minutes(5), "t")
        .await
        .unwrap();
    assert_eq!(tx.jobs_of_case(&case).await.unwrap().len(), 3);
    assert_eq!(tx.cancel_jobs(&case, "wait").await.unwrap(), 2);
    let lost = running
        .iter()
        .filter(|job| job.case_id.as_ref() == Some(&case))
        .count();
    for job in &running {
        let mine = tx.complete_job(&job.id, "t").await.unwrap();
        assert_eq!(mine, lost == 0, "a cancelled job's lease is lost");
    }
    let left = tx.jobs_of_case(&case).await.unwrap();
    assert_eq!(
        left.iter().map(|job| job.kind.as_str()).collect::<Vec<_>>(),
        ["mail"]
    );
}
