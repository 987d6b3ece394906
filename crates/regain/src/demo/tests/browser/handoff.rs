//! A1 in two browsers: the computer shows a picture to scan, and the phone is asked whose request
//! it is before it may show anything.

use anyhow::{Context as _, Result};

use super::person::Person;
use crate::demo::world::World;

/// Goes from the computer to a phone and back.
pub(super) async fn hands_over(
    desk: &Person<'_>,
    phone: &Person<'_>,
    world: &World,
    code: &str,
) -> Result<()> {
    desk.sees("/case/phone", "phone-before").await?;
    desk.goes_on().await?;
    desk.looks("phone-picture").await?;
    // What the camera would read off the picture.
    let case = world.case_of(code).await?;
    let link = world.engine.phone_link(&case).await?;
    let link = link.context("no link was made")?;

    phone.sees("/p", "phone-code").await?;
    phone.goes_on().await?;
    phone.looks_at_failure("phone-code-error").await?;
    phone.goes(&format!("/p/{}", link.secret.reveal())).await?;
    phone.expects("Is this your own request?").await?;
    phone.looks("phone-ask").await?;
    phone.goes_on().await?;
    phone.looks_at_failure("phone-ask-error").await?;
    phone.picks("mine", "yes").await?;
    phone.goes_on().await?;
    phone.looks("phone-word").await?;
    let word = format!("button[value='{}']", link.word);
    phone.presses(&word).await?;
    phone.expects("Take these with your phone").await?;
    phone.looks("phone-parts").await?;
    // The computer asks every few seconds and says so by itself.
    let said = "document.getElementById('phone-state').textContent === 'A phone is connected'";
    desk.until(said).await?;
    let state = desk.asks("/case/phone/state").await?;
    anyhow::ensure!(state["state"] == "connected", "{state}");
    desk.sees("/case/phone", "phone-connected").await
}
