//! Somebody at the exchange.

use anyhow::Result;
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
