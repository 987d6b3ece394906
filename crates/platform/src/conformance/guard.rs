//! The guard, and every door to it: what only a user sees, asked by the probe.

use crate::contract::{
    ActionName, CapabilityName, Limits, ProbeResult, RestrictionMode, SecuringVerb,
};

use super::credentials::stage;
use super::factors;
use super::ground::{Ground, names};
use super::restrictions::READ_BACK;
use super::rows::{Must, Rows, Trial, ensure, fail, skip};
use super::securing::row_of;

use SecuringVerb::{Restore, Suspend};

/// Classes of things that act by themselves.
const ACTING: [&str; 5] = [
    ActionName::SESSIONS,
    ActionName::API_KEYS,
    ActionName::OAUTH,
    ActionName::COPY_TRADING,
    ActionName::WEB3,
];
const ONE_GUARD: &str = "Put one guard in front of every action, by name; what is not named is \
                         refused.";

pub(super) async fn run(ground: &Ground, rows: &mut Rows<'_>) {
    let known = CapabilityName::known();
    for capability in &known {
        let must = Must::new(
            format!("guard.{capability}"),
            "A set that allows everything but this refuses it; one that allows it alone does not.",
            ONE_GUARD,
        );
        rows.check(must.needs(READ_BACK), one(ground, &known, capability))
            .await;
    }
    let must = Must::new(
        "guard.frozen",
        "A frozen account refuses everything, and a locked one too.",
        ONE_GUARD,
    );
    rows.check(must.needs(READ_BACK), async {
        for mode in [RestrictionMode::Frozen, RestrictionMode::Locked] {
            ground.put(&ground.set(mode, &[])).await?;
            for capability in &known {
                refused(ground, None, capability).await?;
            }
        }
        Ok(())
    })
    .await;
    let must = Must::new(
        "guard.thaw",
        "While limits rise no more leaves than their share: at 0 per cent nothing, and looking \
         stays open.",
        "Count what left within 24 hours in the transaction that moves it; or do not declare \
         `thaw`.",
    );
    rows.check(must.needs(READ_BACK), thaw(ground, &known))
        .await;
    Box::pin(doors(ground, rows)).await;
}

async fn thaw(ground: &Ground, known: &[CapabilityName]) -> Trial {
    if !ground.declared()?.thaw {
        return skip("the platform keeps to no limits: everything is open after the wait");
    }
    let mut set = ground.set(RestrictionMode::Thawing, known);
    set.limits = Some(Limits {
        daily_percent: 0,
        known_addresses_only: false,
        known_before: set.since,
    });
    ground.put(&set).await?;
    for name in [
        CapabilityName::WITHDRAW,
        CapabilityName::SEND_USER,
        CapabilityName::C2C_SELL,
    ] {
        refused(ground, None, &CapabilityName::fixed(name)).await?;
    }
    let looks = CapabilityName::fixed(CapabilityName::VIEW_ASSETS);
    let result = ground.probe(None, &looks).await?;
    ensure(result == ProbeResult::Allowed, || {
        "looking is refused although the set allows it".to_owned()
    })
}

async fn one(ground: &Ground, known: &[CapabilityName], one: &CapabilityName) -> Trial {
    let others: Vec<_> = known.iter().filter(|name| *name != one).cloned().collect();
    ground
        .put(&ground.set(RestrictionMode::CoolingOff, &others))
        .await?;
    if ground.probe(None, one).await? == ProbeResult::Nothing {
        return skip("the platform has no such capability");
    }
    refused(ground, None, one).await?;
    let alone = ground.set(RestrictionMode::CoolingOff, std::slice::from_ref(one));
    ground.put(&alone).await?;
    let result = ground.probe(None, one).await?;
    ensure(result == ProbeResult::Allowed, || {
        "it is refused although it is allowed".to_owned()
    })
}

async fn refused(ground: &Ground, door: Option<&ActionName>, capability: &CapabilityName) -> Trial {
    match ground.probe(door, capability).await? {
        ProbeResult::Refused | ProbeResult::Nothing => Ok(()),
        ProbeResult::Allowed => match door {
            Some(door) => fail(format!("{capability} goes through {door}")),
            None => fail(format!("{capability} goes through")),
        },
    }
}

async fn doors(ground: &Ground, rows: &mut Rows<'_>) {
    for door in ground.plain_actions() {
        let acting = ACTING.contains(&door.as_str());
        if acting {
            let must = Must::new(
                format!("doors.{door}.restricted"),
                "What acts by itself passes the same guard: a frozen account refuses it.",
                "Ask the guard in the side door too, with the name of what it does.",
            );
            rows.check(must.needs(READ_BACK), async {
                free(ground).await?;
                there(ground, &door).await?;
                ground
                    .put(&ground.set(RestrictionMode::Frozen, &[]))
                    .await?;
                for name in [CapabilityName::VIEW_ASSETS, CapabilityName::WITHDRAW] {
                    refused(ground, Some(&door), &CapabilityName::fixed(name)).await?;
                }
                Ok(())
            })
            .await;
        }
        let must = Must::new(
            format!("doors.{door}.suspended"),
            "What is suspended opens nothing, and after restore it does again.",
            "Whatever looks such a thing up takes active ones only.",
        );
        rows.check(must.needs(READ_BACK).needs(row_of(&door)), async {
            free(ground).await?;
            suspended(ground, &door).await
        })
        .await;
    }
    let must = Must::new(
        "doors.old_factors.suspended",
        "Suspended factors do not sign anybody in, and after restore they do again.",
        "Whatever proves a factor takes active ones only, apart from the stop page.",
    );
    rows.check(must.needs(READ_BACK).needs(factors::RESTORED), async {
        free(ground).await?;
        suspended(ground, &ActionName::fixed(ActionName::OLD_FACTORS)).await
    })
    .await;
}

async fn free(ground: &Ground) -> Trial {
    let known = CapabilityName::known();
    let set = ground.set(RestrictionMode::CoolingOff, &known);
    ground.put(&set).await
}

/// Something through which a door can be tried.
async fn there(ground: &Ground, door: &ActionName) -> Trial {
    match ground.probe(Some(door), &through(door)).await? {
        ProbeResult::Allowed => Ok(()),
        ProbeResult::Refused => fail(format!("{door} opens nothing although all is allowed")),
        ProbeResult::Nothing => skip(format!("give the test account something of {door}")),
    }
}

/// What is tried through a door.
fn through(door: &ActionName) -> CapabilityName {
    let name = match door.as_str() {
        ActionName::OLD_FACTORS | ActionName::DEVICES => CapabilityName::LOGIN,
        ActionName::WHITELIST => CapabilityName::WITHDRAW,
        _ => CapabilityName::VIEW_ASSETS,
    };
    names(&[name])
        .pop()
        .unwrap_or_else(|| CapabilityName::fixed(name))
}

async fn suspended(ground: &Ground, door: &ActionName) -> Trial {
    there(ground, door).await?;
    let case = ground.case();
    if door.as_str() == ActionName::OLD_FACTORS {
        stage(ground, &case).await?;
    }
    ground.secured(door, &case, Suspend).await?;
    let meanwhile = refused(ground, Some(door), &through(door)).await;
    ground.secured(door, &case, Restore).await?;
    meanwhile?;
    there(ground, door).await
}
