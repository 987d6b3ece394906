//! Somebody at the exchange.

use anyhow::{Result, ensure};
use recovery::time::Span;

use super::person::Person;
use crate::demo::walkthrough::stage::Stage;

/// Pages before signing in.
pub(super) async fn looks_around(shop: &Person<'_>) -> Result<()> {
    for (path, name) in [
        ("/register", "shop-register"),
        ("/reset", "shop-reset"),
        ("/stop", "shop-stop"),
    ] {
        shop.sees(path, name).await?;
    }
    Ok(())
}

/// Signs in; each code serves once, so time passes first.
pub(super) async fn signs_in(
    shop: &Person<'_>,
    stage: &Stage<'_>,
    (id, password, totp): (&str, &str, &str),
) -> Result<()> {
    stage.world.clock().advance(Span::seconds(61)).await?;
    shop.goes("/login").await?;
    shop.types("identifier", id).await?;
    shop.types("password", password).await?;
    shop.types("code", &stage.digits(totp)?).await?;
    shop.goes_on().await
}

/// Adds a passkey of this browser to an account, long before anything is lost.
pub(super) async fn adds_passkey(
    shop: &Person<'_>,
    stage: &Stage<'_>,
    factors: (&str, &str, &str),
) -> Result<()> {
    shop.has_passkeys().await?;
    signs_in(shop, stage, factors).await?;
    shop.goes("/security").await?;
    shop.presses("[data-passkey='enrol']").await?;
    ensure!(
        shop.path().await? == "/security",
        "the passkey was not added"
    );
    shop.goes("/assets").await?;
    shop.presses("form[action='/logout'] button").await
}

/// Signs in with this browser's passkey, or is refused; says whether it worked.
pub(super) async fn passkey_opens(shop: &Person<'_>, id: &str) -> Result<bool> {
    shop.goes("/login").await?;
    shop.types("identifier", id).await?;
    shop.touches("[data-passkey='login']").await?;
    shop.until(
        "location.pathname === '/assets' || \
         document.getElementById('passkey-said')?.textContent",
    )
    .await?;
    Ok(shop.path().await? == "/assets")
}

/// After the handover, in browsers: every old factor is refused, alone and beside new ones, and
/// so is the passkey of the browser that had one before.
pub(super) async fn only_new_ways_work(
    (shop, before): (&Person<'_>, &Person<'_>),
    stage: &Stage<'_>,
    old: (&str, &str, &str),
    new: (&str, &str, &str),
) -> Result<()> {
    for (what, password, totp) in [
        ("old-factors", old.1, old.2),
        ("old-password", old.1, new.2),
        ("old-authenticator", new.1, old.2),
    ] {
        signs_in(shop, stage, (new.0, password, totp)).await?;
        shop.looks_at_failure(&format!("shop-{what}")).await?;
        ensure!(shop.path().await? == "/login", "{what} opened the account");
    }
    for id in [old.0, new.0] {
        let opened = passkey_opens(before, id).await?;
        ensure!(
            !opened,
            "the passkey from before opened the account as {id}"
        );
    }
    ensure!(
        passkey_opens(shop, new.0).await?,
        "the new passkey opens nothing"
    );
    shop.presses("form[action='/logout'] button").await
}

/// What the waiting period shows and refuses.
pub(super) async fn meets_the_freeze(shop: &Person<'_>) -> Result<()> {
    shop.looks("shop-assets-frozen").await?;
    for (path, name) in [
        ("/whitelist", "shop-whitelist-cleared"),
        ("/api-keys", "shop-keys-cleared"),
        ("/authorisations", "shop-authorisations-cleared"),
    ] {
        shop.sees(path, name).await?;
    }
    shop.goes("/api-keys").await?;
    shop.types("label", "bot").await?;
    shop.presses("form[action='/api-keys'] button").await?;
    shop.looks_at_failure("shop-refused").await
}

/// Pages of an account without restrictions.
pub(super) async fn uses_everything(shop: &Person<'_>) -> Result<()> {
    for (path, name) in [
        ("/assets", "shop-assets"),
        ("/whitelist", "shop-whitelist"),
        ("/api-keys", "shop-keys"),
        ("/authorisations", "shop-authorisations"),
        ("/history", "shop-history"),
        ("/activity", "shop-activity"),
        ("/sessions", "shop-sessions"),
        ("/security", "shop-security"),
    ] {
        shop.sees(path, name).await?;
    }
    shop.presses("form[action='/security/totp/start'] button")
        .await?;
    shop.looks("shop-totp").await?;
    shop.goes("/api-keys").await?;
    shop.types("label", "bot").await?;
    shop.presses("form[action='/api-keys'] button").await?;
    shop.looks("shop-new-key").await
}

/// Names a recovery contact and makes a stop code; then somebody without a session types it in at
/// Regain.
pub(super) async fn prepares(
    shop: &Person<'_>,
    stage: &Stage<'_>,
    (_, password, totp): (&str, &str, &str),
    holder: &Person<'_>,
) -> Result<()> {
    shop.goes("/security").await?;
    shop.types("name", "Ben").await?;
    shop.types("email", "ben@friends.example").await?;
    shop.presses("form[action='/security/contacts'] button")
        .await?;
    shop.looks("shop-security-contact").await?;
    stage.world.clock().advance(Span::seconds(61)).await?;
    shop.types("password", password).await?;
    shop.types("code", &stage.digits(totp)?).await?;
    shop.presses("form[action='/security/stop-code'] button")
        .await?;
    shop.looks("shop-stop-code").await?;
    let code = shop.text_of("#stop-code").await?;
    holder.goes("/stop").await?;
    holder.types("code", &code).await?;
    holder.goes_on().await?;
    holder.looks("stop-ask-on-paper").await
}
