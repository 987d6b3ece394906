//! What the platform declares, how it finds the account, and what it tells of it.

use url::Url;

use crate::contract::{
    ActionName, Channel, DOSSIER_LIST_MAX, Dossier, EnrolAt, PasskeyParty, PortraitInfo,
};
use crate::paths::{CONTRACT_VERSION, is_account_ref};
use recovery::id::ContentDigest;

use super::ground::{Ground, fresh_word};
use super::rows::{Must, Rows, Trial, ensure, fail, skip};
use super::wire::Call;

/// Actions without which a recovery would leave a way in.
const NEEDED: [&str; 2] = [ActionName::OLD_FACTORS, ActionName::SESSIONS];
const JPEG: &[u8] = &[0xff, 0xd8, 0xff];
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

pub(super) async fn run(ground: &Ground, rows: &mut Rows<'_>) {
    Box::pin(capabilities(ground, rows)).await;
    Box::pin(resolving(ground, rows)).await;
    Box::pin(telling(ground, rows)).await;
}

async fn capabilities(ground: &Ground, rows: &mut Rows<'_>) {
    let must = Must::new(
        "capabilities.version",
        "The platform speaks this version of the contract.",
        "Implement this version, or run the suite of the version that you speak.",
    );
    rows.check(must, async {
        let theirs = ground.declared()?.contract;
        ensure(theirs == CONTRACT_VERSION, || {
            format!("it speaks version {theirs}, this is version {CONTRACT_VERSION}")
        })
    })
    .await;
    let must = Must::new(
        "capabilities.actions",
        "At least old_factors and sessions can be secured, and no action is named twice.",
        "Declare every class of things that may still open the account, and implement it.",
    );
    rows.check(must, async {
        let actions = ground.actions();
        for needed in NEEDED {
            let named = actions.iter().filter(|action| action.as_str() == needed);
            ensure(named.count() > 0, || format!("{needed} is not declared"))?;
        }
        let mut once = actions.clone();
        once.sort();
        once.dedup();
        ensure(once.len() == actions.len(), || {
            "an action is named twice".to_owned()
        })
    })
    .await;
    let must = Must::new(
        "capabilities.passkey",
        "Where Regain makes passkeys, they are made for the domain on which you sign people in.",
        "Declare rp_id and origin so that the origin's host is the rp_id or below it.",
    );
    rows.check(must, async {
        let declared = ground.declared()?;
        match (declared.passkey, &declared.passkey_party) {
            (EnrolAt::AtRegain, Some(party)) => party_fits(party),
            (EnrolAt::AtRegain, None) | (EnrolAt::AtPlatform, _) => {
                skip("no passkeys are made at Regain")
            }
        }
    })
    .await;
    let must = Must::new(
        "capabilities.channels",
        "Notices are delivered on at least one kind of channel.",
        "Declare the kinds of channels on which you reach a holder.",
    );
    rows.check(must, async {
        let channels = &ground.declared()?.notice_channels;
        ensure(!channels.is_empty(), || "none is declared".to_owned())
    })
    .await;
}

fn party_fits(party: &PasskeyParty) -> Trial {
    let Ok(origin) = Url::parse(&party.origin) else {
        return fail("the origin is not an address");
    };
    let host = origin.host_str().unwrap_or_default();
    let below = host
        .strip_suffix(&party.rp_id)
        .is_some_and(|rest| rest.ends_with('.'));
    ensure(host == party.rp_id || below, || {
        format!("{host} is neither {} nor below it", party.rp_id)
    })?;
    ensure(origin.scheme() == "https" || host == "localhost", || {
        "browsers make passkeys on https only".to_owned()
    })
}

async fn resolving(ground: &Ground, rows: &mut Rows<'_>) {
    let typed = ground.options.identifier.as_str();
    let must = Must::new(
        "resolve.known",
        "The test account is found, twice as the same, by a reference without personal data.",
        "Answer with a stable reference of 1 to 128 letters, digits, `_` and `-`.",
    );
    rows.gate(must, async {
        let Some(account) = ground.resolve(typed).await? else {
            return fail("there is no such account (--identifier names the test account)");
        };
        ensure(is_account_ref(&account.0), || {
            "the reference is out of form".to_owned()
        })?;
        ensure(account.0 != typed, || {
            "the reference is what people type".to_owned()
        })?;
        let again = ground.resolve(typed).await?;
        ensure(again.as_ref() == Some(&account), || {
            "asked again, it differs".to_owned()
        })?;
        ground.account.get_or_init(|| account);
        Ok(())
    })
    .await;
    let must = Must::new(
        "resolve.as_typed",
        "Spaces around the identifier do not matter, nor capital letters in an e-mail address.",
        "Trim what people typed, and compare addresses without regard to case.",
    );
    rows.check(must, async {
        let mut variants = vec![format!("  {typed} ")];
        if typed.contains('@') {
            variants.push(typed.to_uppercase());
        }
        for variant in &variants {
            let found = ground.resolve(variant).await?;
            ensure(found.as_ref() == ground.account.get(), || {
                format!("typed with {} it is not found", spelled(variant))
            })?;
        }
        Ok(())
    })
    .await;
    let must = Must::new(
        "resolve.unknown",
        "An identifier that nobody has is answered 200 with no account.",
        "An unknown identifier is an answer and not an error.",
    );
    rows.check(must, async {
        for unknown in [format!("nobody-{}", fresh_word()), String::new()] {
            let found = ground.resolve(&unknown).await?;
            ensure(found.is_none(), || "an account was found".to_owned())?;
        }
        Ok(())
    })
    .await;
}

fn spelled(variant: &str) -> &'static str {
    if variant.starts_with(' ') {
        "spaces"
    } else {
        "capital letters"
    }
}

async fn telling(ground: &Ground, rows: &mut Rows<'_>) {
    let must = Must::new(
        "dossier.form",
        "The dossier is in the contract's form and about the account that was asked for.",
        "Compare the answer with docs/reference/platform-openapi.json.",
    );
    rows.check(must, async {
        let call = Call::get(ground.path("dossier")?);
        let dossier: Dossier = ground.wire.json(&call).await?;
        ensure(Some(&dossier.account) == ground.account.get(), || {
            "it is another account's".to_owned()
        })?;
        ground.dossier.get_or_init(|| dossier);
        Ok(())
    })
    .await;
    let must = Must::new(
        "dossier.lists",
        "Lists are newest first, of the past, not too long; digits are the last four.",
        "Sort by time, leave out the oldest, and never tell a whole number.",
    );
    rows.check(must.needs("dossier.form"), async {
        lists(ground, told(ground)?)
    })
    .await;
    let must = Must::new(
        "dossier.channels",
        "Every channel has a name of its own without personal data, and was known since the past.",
        "Name channels by a stable identifier, and keep since when each belongs to the account.",
    );
    rows.check(must.needs("dossier.form"), async {
        channels(ground, &told(ground)?.channels)
    })
    .await;
    let must = Must::new(
        "dossier.portrait",
        "The portrait is the JPEG or PNG that the dossier describes, or both say that none is.",
        "Serve the verified bytes as they were; 404 where there are none.",
    );
    rows.check(must.needs("dossier.form"), portrait(ground))
        .await;
}

fn told(ground: &Ground) -> Trial<&Dossier> {
    match ground.dossier.get() {
        Some(dossier) => Ok(dossier),
        None => skip("there is no dossier"),
    }
}

fn lists(ground: &Ground, dossier: &Dossier) -> Trial {
    let now = ground.wire.now() + crate::verifier::SKEW_MAX;
    let logins: Vec<_> = dossier.logins.iter().map(|login| login.at).collect();
    let moves: Vec<_> = dossier.transactions.iter().map(|one| one.at).collect();
    let changes: Vec<_> = dossier.changes.iter().map(|one| one.at).collect();
    for (name, moments) in [
        ("logins", logins),
        ("transactions", moves),
        ("changes", changes),
    ] {
        ensure(moments.len() <= DOSSIER_LIST_MAX, || {
            format!("{name} has more than {DOSSIER_LIST_MAX} entries")
        })?;
        ensure(moments.iter().is_sorted_by(|one, next| one >= next), || {
            format!("{name} is not newest first")
        })?;
        ensure(moments.iter().all(|at| *at <= now), || {
            format!("{name} has an entry of the future")
        })?;
    }
    ensure(dossier.registered_at <= now, || {
        "registered in the future".to_owned()
    })?;
    let cards = dossier.cards.iter().map(|card| &card.last_four);
    let four = |text: &str| text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit());
    ensure(
        cards
            .chain(&dossier.phones)
            .all(|digits| four(digits.reveal())),
        || "a card or phone tells something else than four digits".to_owned(),
    )?;
    let Some(document) = &dossier.document else {
        return Ok(());
    };
    let country = &document.country;
    ensure(
        country.len() == 3 && country.bytes().all(|b| b.is_ascii_uppercase()),
        || "the document's country is not ISO 3166-1 alpha-3".to_owned(),
    )?;
    let born = document.birth_date.reveal().as_bytes();
    let dashes = born.get(4) == Some(&b'-') && born.get(7) == Some(&b'-');
    ensure(born.len() == 10 && dashes, || {
        "the date of birth is not YYYY-MM-DD".to_owned()
    })
}

fn channels(ground: &Ground, channels: &[Channel]) -> Trial {
    if channels.is_empty() {
        return skip("give the test account a channel: nobody would hear of a recovery");
    }
    let now = ground.wire.now() + crate::verifier::SKEW_MAX;
    let mut ids: Vec<&str> = channels.iter().map(|channel| channel.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    ensure(ids.len() == channels.len(), || {
        "two channels have one name".to_owned()
    })?;
    ensure(
        !ids.iter().any(|id| id.is_empty() || id.contains('@')),
        || "a channel's name is empty or an address".to_owned(),
    )?;
    ensure(
        channels.iter().all(|channel| channel.known_since <= now),
        || "a channel is known since the future".to_owned(),
    )
}

async fn portrait(ground: &Ground) -> Trial {
    let call = Call::get(ground.path("portrait")?);
    let Some(info) = &told(ground)?.portrait else {
        ground.wire.refused(&call, &[404]).await?;
        return skip("the test account has no portrait; that none is told is right");
    };
    let answer = ground.wire.ask(&call).await?;
    ensure(answer.status == 200, || {
        format!("answered {}", answer.status)
    })?;
    as_described(info, &answer.body)
}

fn as_described(info: &PortraitInfo, bytes: &[u8]) -> Trial {
    let begins = match info.media_type.as_str() {
        "image/jpeg" => JPEG,
        "image/png" => PNG,
        _ => return fail("it is described as neither image/jpeg nor image/png"),
    };
    ensure(bytes.starts_with(begins), || {
        format!("the bytes are no {}", info.media_type)
    })?;
    ensure(info.bytes == bytes.len() as u64, || {
        format!("{} bytes are described, {} came", info.bytes, bytes.len())
    })?;
    ensure(info.digest == ContentDigest::of(bytes), || {
        "the digest differs".to_owned()
    })
}
