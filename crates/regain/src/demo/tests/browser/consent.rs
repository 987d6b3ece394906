//! The consent page with its second question, as a browser shows it.

use anyhow::Result;

use super::camera::Set;
use super::driver::Driver;
use super::person::Person;
use crate::demo::tests::gallery::policy;

#[tokio::test(flavor = "multi_thread")]
async fn the_question_about_the_gallery_stands_apart_and_empty() -> Result<()> {
    let Some(driver) = Driver::start()? else {
        eprintln!("skipped: chromium or chromedriver is not installed");
        return Ok(());
    };
    let set = Set::under("consent", Some(policy())).await?;
    let ann = Person::new(&driver, &set.gallery, &set.world.portal).await?;
    let answered = answers(&ann).await;
    drop(ann);
    set.ends(answered).await
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
