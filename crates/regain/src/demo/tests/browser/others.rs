//! Cases that do not go straight: asked again and refused; stopped by the holder and contested.

use anyhow::{Context as _, Result};
use recovery::actor::Rank;

use super::ann::Files;
use super::driver::Driver;
use super::gallery::Gallery;
use super::person::Person;
use super::staff::{Says, Staff};
use crate::demo::seed::PEOPLE;
use crate::demo::walkthrough::applicant::{Applicant, Shows};
use crate::demo::walkthrough::reviewer::Reviewer;
use crate::demo::walkthrough::stage::Stage;
use crate::demo::world::World;
use specimen::photo;

type Tools<'a> = (&'a Driver, &'a Gallery, &'a World);

/// A drawn portrait for the record of the first account.
pub(super) fn portrait() -> Result<Vec<u8>> {
    photo::jpeg(&photo::drawing(3))
}

/// Comes back to a request.
async fn comes_back(phone: &Person<'_>, code: &str, key: &str) -> Result<()> {
    phone.goes("/continue").await?;
    phone.types("code", code).await?;
    phone.types("key", key).await?;
    phone.presses("button[value='key']").await
}

/// Somebody who sent everything over HTTP, and comes back in a browser; with the request's code.
async fn sent<'a>(
    stage: &Stage<'_>,
    (driver, gallery, world): Tools<'a>,
    (name, account, salt): (&'static str, &str, u32),
) -> Result<(Person<'a>, String)> {
    let shows = Shows::drawn(u8::try_from(salt % 40)?, salt);
    let email = format!("{name}.new@example.org");
    let mut applicant = Applicant::new(stage, name, &email, shows)?;
    applicant.opens_case("/?from=link", account).await?;
    applicant.sends().await?;
    let phone = Person::new(driver, gallery, &world.portal).await?;
    comes_back(&phone, &applicant.code, &applicant.key).await?;
    phone.looks(&format!("{name}-continued")).await?;
    Ok((phone, applicant.code))
}

/// A reviewer asks for the note again; then two do not give access; then an appeal.
pub(super) async fn asked_again_and_refused(
    stage: &Stage<'_>,
    tools: Tools<'_>,
    staff: [&Staff<'_>; 4],
) -> Result<()> {
    let (phone, _) = sent(stage, tools, ("cleo", PEOPLE[2].email, 11)).await?;
    let [iris, ..] = staff;
    let case = iris.takes_next().await?.context("a case waits")?;
    iris.answers(&case).await?;
    iris.decides(&case, &Says::AskAgain("note_photo", "note.date"))
        .await?;
    phone.waits_for("/case/status", "Take ").await?;
    phone.looks("status-returned").await?;
    phone.presses("main .tasks a").await?;
    phone.looks("fix").await?;
    phone.touches("#broken").await?;
    phone
        .gives("file", &Files::another_note(tools.0.folder())?)
        .await?;
    phone.goes_on().await?;
    phone.looks("fix-taken").await?;
    phone.sees("/case", "tasks-returned").await?;
    phone.goes("/case/review").await?;
    phone.picks("own", "yes").await?;
    phone.goes_on().await?;
    phone
        .waits_for("/case/status", "People are reviewing")
        .await?;
    for reviewer in staff {
        if let Some(case) = reviewer.takes_next().await? {
            reviewer.answers(&case).await?;
            reviewer.decides(&case, &Says::Reject).await?;
        }
    }
    phone.waits_for("/case/status", "could not").await?;
    phone.looks("status-rejected").await?;
    phone.sees("/case/appeal", "appeal").await?;
    phone.goes_on().await?;
    phone.looks("status-appealed").await?;
    phone.sees("/case/pressure", "pressure").await?;
    phone.leaves().await
}

/// The holder's own side, and the page of somebody who stopped it by mistake.
async fn shows_whose_it_is(holder: Person<'_>) -> Result<()> {
    holder.sees("/contested", "objection").await?;
    holder.types("code", "ZZZZ-ZZZZ-ZZ").await?;
    holder.goes_on().await?;
    holder.looks_at_failure("objection-error").await?;
    holder
        .sees("/contested/mistake", "objection-mistake")
        .await?;
    holder.picks("answer", "yes").await?;
    holder.goes_on().await?;
    holder.looks_at_failure("objection-mistake-error").await?;
    holder.leaves().await
}

/// Approved, stopped by the holder, disputed, decided by two seniors.
pub(super) async fn contested(
    stage: &Stage<'_>,
    tools: Tools<'_>,
    seniors: [&Staff<'_>; 2],
) -> Result<()> {
    let (phone, code) = sent(stage, tools, ("ben", PEOPLE[1].email, 12)).await?;
    let key = phone.text_of("#case-key").await?;
    for (place, (name, rank)) in [
        ("Rita Reviewer", Rank::Reviewer),
        ("Omar Reviewer", Rank::Reviewer),
        ("Sara Senior", Rank::Senior),
    ]
    .into_iter()
    .enumerate()
    {
        let staff = Reviewer::enrols(stage, name, rank, u8::try_from(place)?).await?;
        if let Some(case) = staff.takes_next().await? {
            staff.approves(&case).await?;
        }
    }
    phone.waits_for("/case/status", "Approved").await?;
    let holder = Person::new(tools.0, tools.1, &tools.2.portal).await?;
    let link = stage.link_for(PEOPLE[1].email, "/stop/").await?;
    holder.sees(&link, "stop-ask").await?;
    holder.goes_on().await?;
    holder.looks_at_failure("stop-ask-error").await?;
    holder.picks("answer", "no").await?;
    holder.goes_on().await?;
    holder.looks("stopped").await?;
    phone
        .waits_for("/case/status", "We closed this page")
        .await?;
    phone.looks_at_failure("stopped-closed").await?;
    phone.presses("main a[href='/continue']").await?;
    comes_back(&phone, &code, &key).await?;
    phone.waits_for("/case/status", "Paused").await?;
    phone.looks("status-paused").await?;
    phone.sees("/case/dispute", "dispute").await?;
    phone.goes_on().await?;
    phone.looks("status-disputed").await?;
    shows_whose_it_is(holder).await?;
    stage.both_show().await?;
    for senior in seniors {
        senior.comes_back().await?;
        senior.settles("objector").await?;
    }
    // Nothing of a blocked request stays open: its sessions end with it.
    let closed = phone.waits_for("/case/status", "We closed this page").await;
    closed.context("two seniors decided")?;
    phone.looks_at_failure("blocked-closed").await?;
    phone.leaves().await
}
