//! The restriction set: put whole, versioned, read back.

use std::sync::atomic::Ordering;

use crate::contract::{CapabilityName, RestrictionMode, RestrictionSet};

use super::ground::{Ground, names, same_set};
use super::rows::{Must, Rows, Trial, ensure};
use super::wire::Call;

/// What is usually allowed while an account cools off.
pub(super) const COOLING_OFF: [&str; 3] = [
    CapabilityName::LOGIN,
    CapabilityName::VIEW_ASSETS,
    CapabilityName::TRANSFER_OWN,
];
/// On which most rows of this and other groups stand.
pub(super) const READ_BACK: &str = "restrictions.read_back";

pub(super) async fn run(ground: &Ground, rows: &mut Rows<'_>) {
    Box::pin(put(ground, rows)).await;
    Box::pin(versions(ground, rows)).await;
}

async fn put(ground: &Ground, rows: &mut Rows<'_>) {
    let must = Must::new(
        READ_BACK,
        "A higher version is acknowledged, and then the set reads back as it was put.",
        "Store the set in one transaction, answer after it, and read from the same rows.",
    );
    rows.check(must, async {
        let before = ground.in_force().await?;
        ground.version.fetch_max(before.version, Ordering::SeqCst);
        let set = ground.set(RestrictionMode::CoolingOff, &names(&COOLING_OFF));
        ground.put(&set).await
    })
    .await;
    let must = Must::new(
        "restrictions.modes",
        "Every mode reads back, with names of your own in it too, and so does until_at_least.",
        "Keep the set as it came; names that you do not know allow nothing and stay.",
    );
    rows.check(must.needs(READ_BACK), async {
        for mode in [
            RestrictionMode::Locked,
            RestrictionMode::Frozen,
            RestrictionMode::None,
            RestrictionMode::CoolingOff,
        ] {
            let mut set = ground.set(mode, &names(&["login", "conformance_name"]));
            set.until_at_least = Some(set.since + recovery::time::Span::hours(24));
            ground.put(&set).await?;
        }
        Ok(())
    })
    .await;
}

async fn versions(ground: &Ground, rows: &mut Rows<'_>) {
    let must = Must::new(
        "restrictions.same_again",
        "The same set again gets the same acknowledgement.",
        "Keep the moment of the first acknowledgement with the set.",
    );
    rows.check(must.needs(READ_BACK), async {
        let set = ground.set(RestrictionMode::CoolingOff, &names(&COOLING_OFF));
        let (first, again) = (ground.restrict(&set).await?, ground.restrict(&set).await?);
        ensure(first == again, || {
            "the second acknowledgement differs".to_owned()
        })
    })
    .await;
    let must = Must::new(
        "restrictions.older_version",
        "A lower version changes nothing and is answered with the version in force.",
        "Compare versions in the transaction that puts the set in force.",
    );
    rows.check(must.needs(READ_BACK), async {
        let older = ground.set(RestrictionMode::None, &[]);
        let newer = ground.set(RestrictionMode::Frozen, &[]);
        ground.put(&newer).await?;
        let ack = ground.restrict(&older).await?;
        same_set(&newer, &ground.in_force().await?)?;
        ensure(ack.version == newer.version, || {
            format!(
                "version {} was acknowledged, {} is in force",
                ack.version, newer.version
            )
        })
    })
    .await;
    let must = Must::new(
        "restrictions.same_version",
        "Another set under the version in force is refused with 409 and changes nothing.",
        "Compare the contents too: whoever sent them has lost count.",
    );
    rows.check(must.needs(READ_BACK), async {
        let set = ground.set(RestrictionMode::Frozen, &[]);
        ground.put(&set).await?;
        let mut other = set.clone();
        other.mode = RestrictionMode::None;
        let call = Call::put(ground.path("restrictions")?, &other);
        ground.wire.refused(&call, &[409]).await?;
        same_set(&set, &ground.in_force().await?)
    })
    .await;
    let must = Must::new(
        "restrictions.racing",
        "Of versions that come at the same moment the highest is in force afterwards.",
        "Take a lock on the account's row before you compare versions.",
    );
    rows.check(must.needs("restrictions.older_version"), racing(ground))
        .await;
}

async fn racing(ground: &Ground) -> Trial {
    let make = || ground.set(RestrictionMode::CoolingOff, &names(&COOLING_OFF));
    let sets: [RestrictionSet; 6] = std::array::from_fn(|_| make());
    let [a, b, c, d, e, f] = &sets;
    let (highest, ..) = tokio::join!(
        ground.restrict(f),
        ground.restrict(c),
        ground.restrict(a),
        ground.restrict(e),
        ground.restrict(d),
        ground.restrict(b),
    );
    highest?;
    same_set(f, &ground.in_force().await?)
}

/// The end of a run: the account is free.
pub(super) async fn release(ground: &Ground, rows: &mut Rows<'_>) {
    let must = Must::new(
        "restrictions.released",
        "At the end the account is unrestricted again.",
        "Only a later version ends a restriction: put one with the mode none.",
    );
    rows.check(must.needs(READ_BACK), async {
        let set = ground.set(RestrictionMode::None, &[]);
        ground.put(&set).await
    })
    .await;
}
