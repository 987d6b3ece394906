//! What must outlive a restart: left behind by one run, looked for by the next.

use std::sync::atomic::Ordering;

use recovery::id::{AccountRef, CaseId};
use serde::{Deserialize, Serialize};

use crate::contract::{
    ActionName, CapabilityName, ProbeResult, RestrictionMode, RestrictionSet, SecuringAnswer,
    SecuringState, SecuringVerb,
};

use super::ground::{Ground, fresh_word, same_set};
use super::restrictions::READ_BACK;
use super::rows::{Must, Rows, Trial, ensure, fail, skip};
use super::securing::row_of;

use SecuringVerb::{Restore, Suspend};

/// What the first run left behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    account: AccountRef,
    case: CaseId,
    set: RestrictionSet,
    action: Option<ActionName>,
    key: String,
    answer: Option<SecuringAnswer>,
}

/// Freezes the account and suspends its sessions, or the first action that works.
pub(super) async fn leave(ground: &Ground, rows: &mut Rows<'_>) -> Option<Left> {
    let account = ground.account.get()?.clone();
    let mut actions = ground.plain_actions();
    actions.retain(|action| rows.passed(&row_of(action)));
    let mut left = Left {
        account,
        case: ground.case(),
        set: ground.set(RestrictionMode::Frozen, &[]),
        action: actions.into_iter().next(),
        key: fresh_word(),
        answer: None,
    };
    let must = Must::new(
        "restart.prepared",
        "A freeze and a suspension are left in force for after the restart.",
        "See the rows before.",
    );
    rows.check(must.needs(READ_BACK), async {
        ground.put(&left.set).await?;
        if let Some(action) = &left.action {
            let call = ground.secure_call(action, &left.case, Suspend, &left.key)?;
            left.answer = Some(ground.wire.json(&call).await?);
        }
        Ok(())
    })
    .await;
    rows.passed("restart.prepared").then_some(left)
}

/// Looks whether it is still so, and clears it away.
pub(super) async fn look(ground: &Ground, rows: &mut Rows<'_>, left: &Left) {
    ground.account.get_or_init(|| left.account.clone());
    ground.version.fetch_max(left.set.version, Ordering::SeqCst);
    let must = Must::new(
        "restart.restriction",
        "The restriction outlives a restart as it was put.",
        "Acknowledge after the commit to disk, and never end a restriction by yourself.",
    );
    rows.check(must, async {
        same_set(&left.set, &ground.in_force().await?)
    })
    .await;
    let must = Must::new(
        "restart.guard",
        "After a restart the guard still refuses.",
        "Read the set from where it is stored; what cannot be read allows nothing.",
    );
    rows.check(must.needs("restart.restriction"), async {
        match ground
            .probe(None, &CapabilityName::fixed(CapabilityName::WITHDRAW))
            .await?
        {
            ProbeResult::Refused | ProbeResult::Nothing => Ok(()),
            ProbeResult::Allowed => fail("a withdrawal goes through"),
        }
    })
    .await;
    let must = Must::new(
        "restart.securing",
        "What is suspended is so after a restart.",
        "Store the state of each thing, and drop caches of sessions and keys.",
    );
    rows.check(must, async {
        let read = ground.reading(action(left)?, &left.case).await?;
        ensure(read.state == SecuringState::Suspended, || {
            format!("it reads {:?}", read.state).to_lowercase()
        })
    })
    .await;
    let must = Must::new(
        "restart.keys",
        "Idempotency keys outlive a restart: the same request gets the same answer.",
        "Keep key and answer for ever, in the transaction of the change.",
    );
    rows.check(must, async {
        let call = ground.secure_call(action(left)?, &left.case, Suspend, &left.key)?;
        let again: SecuringAnswer = ground.wire.json(&call).await?;
        ensure(left.answer == Some(again), || {
            "the answer differs".to_owned()
        })?;
        let other = ground.secure_call(action(left)?, &left.case, Restore, &left.key)?;
        ground.wire.refused(&other, &[409]).await
    })
    .await;
    let must = Must::new(
        "restart.released",
        "At the end the account is free again.",
        "Put a set with the mode none, and restore what is suspended.",
    );
    rows.check(must, async {
        if let Some(action) = &left.action {
            ground.secured(action, &left.case, Restore).await?;
        }
        ground.put(&ground.set(RestrictionMode::None, &[])).await
    })
    .await;
}

fn action(left: &Left) -> Trial<&ActionName> {
    match &left.action {
        Some(action) => Ok(action),
        None => skip("no action could be suspended before the restart"),
    }
}
