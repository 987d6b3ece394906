//! The old factors: never suspended without new ones, and given back with everything.

use crate::contract::{ActionName, SecuringState, SecuringVerb};

use super::credentials::{NOT_ACTIVE, password_at_regain, resolves, stage};
use super::ground::{Ground, fresh_word};
use super::rows::{Must, Rows, ensure};
use super::securing::{gone, spendable};

use SecuringVerb::{Destroy, Restore, Suspend};

/// On which the doors of the old factors stand.
pub(super) const RESTORED: &str = "securing.old_factors";

pub(super) async fn run(ground: &Ground, rows: &mut Rows<'_>) {
    let factors = ActionName::fixed(ActionName::OLD_FACTORS);
    let must = Must::new(
        RESTORED,
        "suspend makes the staged factors active, restore brings the old back and drops the new.",
        "Do both halves in one transaction, each way.",
    );
    rows.check(must.needs(NOT_ACTIVE), async {
        password_at_regain(ground)?;
        let case = ground.case();
        let staged = stage(ground, &case).await?;
        ground.secured(&factors, &case, Suspend).await?;
        let active = resolves(ground, &staged).await?;
        ground.secured(&factors, &case, Restore).await?;
        ensure(active, || {
            "the new address does not name the account".to_owned()
        })?;
        ensure(!resolves(ground, &staged).await?, || {
            "after restore the new address still names the account".to_owned()
        })?;
        let old = ground.resolve(&ground.options.identifier).await?;
        ensure(old.as_ref() == ground.account.get(), || {
            "after restore the account is not found by its identifier".to_owned()
        })
    })
    .await;
    Box::pin(orders(ground, rows, &factors)).await;
}

async fn orders(ground: &Ground, rows: &mut Rows<'_>, factors: &ActionName) {
    let must = Must::new(
        "factors.nothing_staged",
        "suspend of old_factors before a new way in is staged is refused with 409.",
        "Look for the staged address and password first, or the account has no way in.",
    );
    rows.check(must.needs(RESTORED), async {
        let case = ground.case();
        let suspend = ground.secure_call(factors, &case, Suspend, &fresh_word())?;
        let refused = ground.wire.refused(&suspend, &[409]).await;
        let read = ground.reading(factors, &case).await?;
        if refused.is_err() || read.state != SecuringState::Active {
            // Do not leave the account without a way in.
            ground.secure(factors, &case, Restore).await?;
        }
        refused?;
        ensure(read.state == SecuringState::Active, || {
            "it was refused, but reads suspended".to_owned()
        })
    })
    .await;
    let must = Must::new(
        "factors.unsuspended",
        "destroy of old factors that were not suspended is refused with 409.",
        "Only what this case suspended is destroyed.",
    );
    rows.check(must.needs(RESTORED), async {
        let destroy = ground.secure_call(factors, &ground.case(), Destroy, &fresh_word())?;
        ground.wire.refused(&destroy, &[409]).await
    })
    .await;
    let must = Must::new(
        "factors.dropped",
        "restore drops what was staged: nothing can be activated afterwards.",
        "Forget the case's staged credentials when it restores.",
    );
    rows.check(must.needs(RESTORED), async {
        let case = ground.case();
        stage(ground, &case).await?;
        ground.secured(factors, &case, Restore).await?;
        let again = ground.secure_call(factors, &case, Suspend, &fresh_word())?;
        let refused = ground.wire.refused(&again, &[409]).await;
        ground.secured(factors, &case, Restore).await?;
        refused
    })
    .await;
}

/// What cannot be undone: only on an account that may be spent.
pub(super) async fn spend(ground: &Ground, rows: &mut Rows<'_>) {
    let factors = ActionName::fixed(ActionName::OLD_FACTORS);
    let must = Must::new(
        "destroyed.old_factors",
        "destroy of old factors reads back as destroyed, and nothing brings them back.",
        "Refuse restore and suspend of what is destroyed with 409, and forget the data.",
    );
    rows.check(must.needs(RESTORED), async {
        spendable(ground)?;
        let case = ground.case();
        let staged = stage(ground, &case).await?;
        ground.secured(&factors, &case, Suspend).await?;
        ground.secured(&factors, &case, Destroy).await?;
        gone(ground, &factors, &case).await?;
        ensure(resolves(ground, &staged).await?, || {
            "the new address does not name the account".to_owned()
        })
    })
    .await;
}
