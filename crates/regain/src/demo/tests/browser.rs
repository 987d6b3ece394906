//! Pages in a real browser: a journey through portal, holder pages, console and exchange. Every
//! page is looked at on a phone (390 px) and on a desk (1280 px): nothing may scroll sideways,
//! every page has a title and one heading, and the browser's console has nothing to complain
//! about. Pictures go to the folder that `REGAIN_SCREENSHOTS` names.

mod ann;
mod axe;
mod camera;
mod consent;
mod driver;
mod elsewhere;
mod gallery;
mod handoff;
mod others;
mod person;
mod shop;
mod staff;
mod trouble;

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use http::Method;
use recovery::actor::Rank;
use recovery::time::Span;
use web::routes::Who;

use self::driver::Driver;
use self::gallery::Gallery;
use self::person::Person;
use self::staff::{Says, Staff};
use super::support::options;
use crate::demo::seed::PEOPLE;
use crate::demo::walkthrough::report::Report;
use crate::demo::walkthrough::shop::old_factors;
use crate::demo::walkthrough::stage::Stage;
use crate::demo::walkthrough::story;
use crate::demo::world::{Options, World};

/// Addresses for GET that are no pages, with the reason. This list may only shrink.
const NO_PAGES: [(&str, &str); 3] = [
    ("/case/dates.ics", "a file for a calendar"),
    ("/health", "an answer for probes, without a page"),
    (
        "/case/uploads/{upload}",
        "how far an upload came, for scripts",
    ),
];
/// The exchange's main pages.
const SHOP_PAGES: [&str; 15] = [
    "/login",
    "/help/access",
    "/register",
    "/reset",
    "/stop",
    "/assets",
    "/whitelist",
    "/api-keys",
    "/authorisations",
    "/history",
    "/activity",
    "/sessions",
    "/security",
    "/security/totp/start",
    "/security/stop-code",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_page_fits_a_phone_and_the_browser_has_no_complaint() -> Result<()> {
    let Some(driver) = Driver::start()? else {
        eprintln!("skipped: chromium or chromedriver is not installed");
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let pictures = std::env::var_os("REGAIN_SCREENSHOTS").map(PathBuf::from);
    let gallery = Gallery::new(pictures.unwrap_or_else(|| folder.path().join("pictures")))?;
    let world = World::start(&Options {
        portrait: Some(others::portrait()?),
        ..options(&folder.path().join("data"))
    })
    .await?;
    let stage = Stage {
        world: &world,
        report: Report { json: false },
    };
    let journey = travels(&stage, &driver, &gallery).await;
    let problems = gallery.problems();
    world.end().await;
    assert!(problems.is_empty(), "{}\n{journey:?}", problems.join("\n"));
    journey?;
    let missing = not_visited(&gallery.paths());
    assert!(missing.is_empty(), "nobody went to {missing:?}");
    Ok(())
}

async fn travels(stage: &Stage<'_>, driver: &Driver, gallery: &Gallery) -> Result<()> {
    let world = stage.world;
    let files = ann::Files::draw(driver.folder())?;
    let phone = Person::new(driver, gallery, &world.portal).await?;
    phone.has_passkeys().await?;
    let shop = phone.at(&world.exchange);
    ann::reads_around(&phone).await?;
    shop::looks_around(&shop).await?;
    let before = Person::new(driver, gallery, &world.exchange).await?;
    shop::adds_passkey(&before, stage, old_factors(&PEOPLE[0])).await?;
    let held = ann::opens_case(&phone, &shop, stage).await?;
    let second = Person::new(driver, gallery, &world.portal).await?;
    handoff::hands_over(&phone, &second, world, &held.code).await?;
    second.leaves().await?;
    ann::shows_everything(&phone, &files).await?;
    ann::submits(&phone).await?;
    phone
        .waits_for("/case/status", "People are reviewing")
        .await?;
    phone.looks("status-reviewing").await?;

    let tools = (driver, gallery, world);
    let iris = Staff::enrols(tools, ("Iris Reviewer", Rank::Reviewer), Some("first")).await?;
    let noor = Staff::enrols(tools, ("Noor Senior", Rank::Senior), Some("senior")).await?;
    let case = iris.takes_next().await?.context("a case waits")?;
    iris.studies(&case).await?;
    iris.reveals(&case).await?;
    iris.decides(&case, &Says::Approve).await?;
    let case = noor.takes_next().await?.context("a case waits")?;
    noor.answers(&case).await?;
    noor.decides(&case, &Says::Approve).await?;
    phone.waits_for("/case/status", "Approved").await?;
    phone.looks("status-approved").await?;
    let secret = ann::sets_up_account(&phone, stage, &held).await?;
    let new = (ann::NEW_EMAIL, ann::NEW_PASSWORD, secret.as_str());
    shop::only_new_ways_work((&shop, &before), stage, old_factors(&PEOPLE[0]), new).await?;
    before.leaves().await?;
    shop::signs_in(&shop, stage, new).await?;
    shop::meets_the_freeze(&shop).await?;

    let omar = Staff::enrols(tools, ("Omar Reviewer", Rank::Reviewer), None).await?;
    let luis = Staff::enrols(tools, ("Luis Senior", Rank::Senior), None).await?;
    others::contested(stage, tools, [&noor, &luis]).await?;
    for reviewer in [&iris, &omar] {
        reviewer.comes_back().await?;
    }
    others::asked_again_and_refused(stage, tools, [&iris, &omar, &noor, &luis]).await?;

    let person = &noor.person;
    person.sees("/console/securing", "console-securing").await?;
    let holder = Person::new(driver, gallery, &world.exchange).await?;
    shop::signs_in(&holder, stage, old_factors(&PEOPLE[2])).await?;
    shop::uses_everything(&holder).await?;
    let stranger = Person::new(driver, gallery, &world.portal).await?;
    shop::prepares(&holder, stage, old_factors(&PEOPLE[2]), &stranger).await?;
    stranger.leaves().await?;
    let hours = story::wait_of(stage, &held.code).await?;
    world.clock().advance(Span::hours(hours + 1)).await?;
    ann::comes_back(&phone, stage, &held).await?;
    for person in [
        holder,
        phone,
        iris.person,
        noor.person,
        omar.person,
        luis.person,
    ] {
        person.leaves().await?;
    }
    Ok(())
}

/// Pages of the route table, and of the exchange, on which nobody was.
fn not_visited(paths: &BTreeSet<String>) -> Vec<String> {
    let pages = web::routes::all()
        .filter(|route| route.methods.contains(&Method::GET) && route.who != Who::Platform)
        .map(|route| route.path)
        .filter(|path| !NO_PAGES.iter().any(|(known, _)| known == path));
    pages
        .chain(SHOP_PAGES)
        .filter(|pattern| !paths.iter().any(|path| fits(pattern, path)))
        .map(str::to_owned)
        .collect()
}

/// Whether a path is one of a pattern's, whose parameters hold anything that is no part of
/// another pattern's name.
fn fits(pattern: &str, path: &str) -> bool {
    let (wanted, given): (Vec<_>, Vec<_>) =
        (pattern.split('/').collect(), path.split('/').collect());
    wanted.len() == given.len()
        && wanted
            .iter()
            .zip(&given)
            .all(|(wanted, given)| wanted.starts_with('{') || wanted == given)
}
