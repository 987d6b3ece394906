//! Securing actions: suspend, restore, destroy, each read back, in whatever order they come.

use crate::contract::{ActionName, SecuringAnswer, SecuringReading, SecuringState, SecuringVerb};

use super::ground::{Ground, fresh_word};
use super::rows::{Must, Rows, Trial, ensure, skip};

use SecuringVerb::{Destroy, Restore, Suspend};

/// The row of an action.
pub(super) fn row_of(action: &ActionName) -> String {
    format!("securing.{action}")
}

pub(super) async fn run(ground: &Ground, rows: &mut Rows<'_>) {
    for action in ground.plain_actions() {
        let must = Must::new(
            row_of(&action),
            "suspend reads back as suspended, and restore as active.",
            "Tell what is in your rows, not what you were asked.",
        );
        rows.check(must, async {
            let case = ground.case();
            ground.secured(&action, &case, Suspend).await?;
            ground.secured(&action, &case, Restore).await
        })
        .await;
    }
    for known in ActionName::KNOWN {
        let declared = ground.actions();
        if !declared.iter().any(|action| action.as_str() == *known) {
            let must = Must::new(format!("securing.{known}"), "suspend and restore.", "");
            let why = "not declared: fine if the platform has no such thing";
            rows.check(must, async { skip(why) }).await;
        }
    }
    Box::pin(orders(ground, rows)).await;
    Box::pin(keys(ground, rows)).await;
}

/// Actions whose own row passed: what else they do wrong is told by the rows that follow.
fn sound(ground: &Ground, rows: &Rows<'_>) -> Vec<ActionName> {
    let mut actions = ground.plain_actions();
    actions.retain(|action| rows.passed(&row_of(action)));
    actions
}

async fn orders(ground: &Ground, rows: &mut Rows<'_>) {
    let actions = sound(ground, rows);
    let must = Must::new(
        "securing.unsuspended",
        "destroy of what was not suspended is refused with 409.",
        "Only what this case suspended is destroyed.",
    );
    rows.check(must, async {
        some(&actions)?;
        for action in &actions {
            let destroy = ground.secure_call(action, &ground.case(), Destroy, &fresh_word())?;
            ground.wire.refused(&destroy, &[409]).await?;
        }
        Ok(())
    })
    .await;
    let must = Must::new(
        "securing.other_case",
        "What one case suspended no other case restores or destroys.",
        "Keep with each suspended thing the case that suspended it.",
    );
    rows.check(must, async {
        some(&actions)?;
        for action in &actions {
            let (ours, other) = (ground.case(), ground.case());
            ground.secured(action, &ours, Suspend).await?;
            for verb in [Restore, Destroy] {
                // Whether it is refused or does nothing does not matter.
                let call = ground.secure_call(action, &other, verb, &fresh_word())?;
                ground.wire.ask(&call).await?;
            }
            let read = ground.reading(action, &ours).await?;
            ground.secure(action, &ours, Restore).await?;
            still_suspended(action, &read)?;
        }
        Ok(())
    })
    .await;
    let must = Must::new(
        "securing.again",
        "suspend under another key, when all is suspended, changes nothing and is done.",
        "Look at the state first: done is done.",
    );
    rows.check(must, async {
        some(&actions)?;
        for action in &actions {
            let case = ground.case();
            ground.secured(action, &case, Suspend).await?;
            ground.secured(action, &case, Suspend).await?;
            ground.secured(action, &case, Restore).await?;
        }
        Ok(())
    })
    .await;
}

async fn keys(ground: &Ground, rows: &mut Rows<'_>) {
    let actions = sound(ground, rows);
    let must = Must::new(
        "securing.twice",
        "The same request again gets the same answer.",
        "Keep key and answer in the transaction of the change.",
    );
    rows.check(must, async {
        some(&actions)?;
        for action in &actions {
            let case = ground.case();
            let call = ground.secure_call(action, &case, Suspend, &fresh_word())?;
            let first: SecuringAnswer = ground.wire.json(&call).await?;
            let again: SecuringAnswer = ground.wire.json(&call).await?;
            ground.secure(action, &case, Restore).await?;
            ensure(first == again, || {
                format!("the second answer of {action} differs")
            })?;
        }
        Ok(())
    })
    .await;
    let must = Must::new(
        "securing.late_repeat",
        "A suspend that is repeated after the restore, under its old key, suspends nothing.",
        "Keep keys for ever: a repeated request may come late.",
    );
    rows.check(must, async {
        some(&actions)?;
        for action in &actions {
            let case = ground.case();
            let call = ground.secure_call(action, &case, Suspend, &fresh_word())?;
            let _first: SecuringAnswer = ground.wire.json(&call).await?;
            ground.secured(action, &case, Restore).await?;
            ground.wire.ask(&call).await?;
            let read = ground.reading(action, &case).await?;
            ground.secure(action, &case, Restore).await?;
            ensure(read.state == SecuringState::Active, || {
                format!("{action} was suspended again")
            })?;
        }
        Ok(())
    })
    .await;
    let must = Must::new(
        "securing.key_reused",
        "Another request under a used key is refused with 409 and does nothing.",
        "Keep a digest of the request with its key.",
    );
    rows.check(must, async {
        some(&actions)?;
        for action in &actions {
            let (case, key) = (ground.case(), fresh_word());
            let suspend = ground.secure_call(action, &case, Suspend, &key)?;
            let _first: SecuringAnswer = ground.wire.json(&suspend).await?;
            let restore = ground.secure_call(action, &case, Restore, &key)?;
            let refused = ground.wire.refused(&restore, &[409]).await;
            ground.secure(action, &case, Restore).await?;
            refused?;
        }
        Ok(())
    })
    .await;
}

fn some(actions: &[ActionName]) -> Trial {
    if actions.is_empty() {
        return skip("no action could be suspended and restored");
    }
    Ok(())
}

fn still_suspended(action: &ActionName, read: &SecuringReading) -> Trial {
    ensure(read.state == SecuringState::Suspended, || {
        format!("{action} of one case was changed by another")
    })
}

/// What cannot be undone: only on an account that may be spent.
pub(super) async fn spend(ground: &Ground, rows: &mut Rows<'_>) {
    for action in ground.plain_actions() {
        let must = Must::new(
            format!("destroyed.{action}"),
            "destroy reads back as destroyed, and nothing brings it back.",
            "Refuse restore and suspend of what is destroyed with 409, and forget the data.",
        );
        rows.check(must.needs(row_of(&action)), async {
            spendable(ground)?;
            let case = ground.case();
            ground.secured(&action, &case, Suspend).await?;
            ground.secured(&action, &case, Destroy).await?;
            gone(ground, &action, &case).await
        })
        .await;
    }
}

pub(super) fn spendable(ground: &Ground) -> Trial {
    if ground.options.spend {
        return Ok(());
    }
    skip("it would destroy what the account has: --spend tries it on an account to throw away")
}

/// Fails unless what was destroyed stays destroyed.
pub(super) async fn gone(
    ground: &Ground,
    action: &ActionName,
    case: &recovery::id::CaseId,
) -> Trial {
    let restore = ground.secure_call(action, case, Restore, &fresh_word())?;
    ground.wire.refused(&restore, &[409]).await?;
    let read = ground.reading(action, case).await?;
    ensure(read.state == SecuringState::Destroyed, || {
        format!("{action} came back after it was destroyed")
    })
}
