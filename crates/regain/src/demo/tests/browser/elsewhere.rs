//! The passkey of a handover, made on the exchange's own page with the browser's authenticator.

use anyhow::{Result, ensure};

use super::ann::{NEW_EMAIL, NEW_PASSWORD, keeps_codes};
use super::camera::Set;
use super::driver::Driver;
use super::person::Person;
use super::shop;
use crate::demo::tests::handover::approved;
use crate::demo::walkthrough::report::Report;
use crate::demo::walkthrough::shop::Shopper;
use crate::demo::walkthrough::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_is_made_on_the_exchanges_own_page() -> Result<()> {
    let Some(driver) = Driver::start()? else {
        eprintln!("skipped: chromium or chromedriver is not installed");
        return Ok(());
    };
    let set = Set::with("elsewhere", None, true).await?;
    let stage = Stage {
        world: &set.world,
        report: Report { json: false },
    };
    let journey = sets_up(&set, &stage, &driver).await;
    set.ends(journey).await
}

async fn sets_up(set: &Set, stage: &Stage<'_>, driver: &Driver) -> Result<()> {
    let key = approved(stage, NEW_EMAIL).await.key;
    let ann = Person::new(driver, &set.gallery, &set.world.portal).await?;
    ann.has_passkeys().await?;
    let link = stage.link_for(NEW_EMAIL, "/handover/").await?;
    ann.goes(&link).await?;
    ann.types("key", &key).await?;
    ann.goes_on().await?;
    ann.types("password", NEW_PASSWORD).await?;
    ann.presses("main form .actions button").await?;
    let secret = ann.text_of("#secret").await?.replace(' ', "");
    ann.types("digits", &stage.digits(&secret)?).await?;
    ann.goes_on().await?;
    set.looks(&ann, "handover-passkey-elsewhere").await?;
    ann.presses("a[href='/handover/passkey/platform']").await?;
    let address = ann.client().current_url().await?;
    ensure!(address.origin() == set.world.exchange.origin(), "{address}");
    ensure!(address.query().is_none(), "the assertion stays: {address}");
    set.looks(&ann, "shop-enrol").await?;
    // Back without one, and again: each way needs an assertion of its own.
    ann.presses("main a[href*='made=1']").await?;
    ann.looks_at_failure("handover-passkey-none").await?;
    ensure!(ann.path().await? == "/handover/passkey", "it was believed");
    ann.presses("a[href='/handover/passkey/platform']").await?;
    ann.presses("[data-passkey='stage']").await?;
    let address = ann.client().current_url().await?;
    ensure!(address.origin() == set.world.portal.origin(), "{address}");
    let codes = keeps_codes(&ann).await?;
    ann.goes_on().await?;
    ann.expects("Your account is yours again").await?;
    // As soon as the exchange has everything in force.
    let new = (NEW_EMAIL, NEW_PASSWORD, secret.as_str());
    let elsewhere = Shopper::new(stage, "ann")?;
    elsewhere.must_sign_in_soon(new, true, "signs in").await?;
    signs_in(set, &ann, codes.first().map_or("", String::as_str)).await
}

/// With a recovery code, then with the passkey.
async fn signs_in(set: &Set, ann: &Person<'_>, code: &str) -> Result<()> {
    let shop = ann.at(&set.world.exchange);
    shop.goes("/login").await?;
    shop.types("identifier", NEW_EMAIL).await?;
    shop.types("password", NEW_PASSWORD).await?;
    shop.types("code", code).await?;
    shop.goes_on().await?;
    ensure!(shop.path().await? == "/assets", "the code opens nothing");
    shop.sees("/security", "shop-security-codes").await?;
    let said = shop.text_of("main").await?;
    ensure!(said.contains("Recovery codes left: 11"), "{said}");
    shop.presses("form[action='/logout'] button").await?;
    ensure!(shop::passkey_opens(&shop, NEW_EMAIL).await?, "the passkey");
    shop.leaves().await
}
