//! The consent page with its second question, as a browser shows it.

use std::path::PathBuf;

use anyhow::Result;

use super::driver::Driver;
use super::gallery::Gallery;
use super::person::Person;
use crate::demo::tests::gallery::policy;
use crate::demo::world::{Options, World};

#[tokio::test(flavor = "multi_thread")]
async fn the_question_about_the_gallery_stands_apart_and_empty() -> Result<()> {
    let Some(driver) = Driver::start()? else {
        eprintln!("skipped: chromium or chromedriver is not installed");
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let pictures = std::env::var_os("REGAIN_SCREENSHOTS").map(PathBuf::from);
    let gallery = Gallery::new(pictures.unwrap_or_else(|| folder.path().join("pictures")))?;
    let world = World::start(&Options {
        data: folder.path().join("data"),
        database: None,
        models: None,
        portrait: None,
        free_ports: true,
        policy: Some(policy()),
        crash_at: None,
    })
    .await?;
    let ann = Person::new(&driver, &gallery, &world.portal).await?;
    let answered = answers(&ann).await;
    let problems = gallery.problems();
    world.end().await;
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    answered
}

async fn answers(ann: &Person<'_>) -> Result<()> {
    ann.goes("/check-site").await?;
    ann.picks("address", "exact").await?;
    ann.goes_on().await?;
    ann.picks("way", "none").await?;
    ann.goes_on().await?;
    ann.goes_on().await?;
    ann.expects("May we compare").await?;
    assert!(!ann.has("input[name='keep_face']:checked").await?);
    ann.looks("consent-gallery").await?;
    ann.picks("keep_face", "yes").await?;
    ann.presses("main form button").await?;
    ann.looks_at_failure("consent-gallery-error").await?;
    assert!(ann.has("input[name='keep_face']:checked").await?);
    ann.picks("agree", "yes").await?;
    ann.goes_on().await?;
    ann.expects("Which account is it?").await
}
