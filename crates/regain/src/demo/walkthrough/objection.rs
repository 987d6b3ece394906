//! The holder objects, at every time at which something could still go wrong; and an objection that
//! is disputed, decided by two seniors, and not made again by the channel that lost.

use anyhow::{Context as _, Result, bail};
use clap::ValueEnum;
use recovery::actor::Rank;
use recovery::time::Span;
use reqwest::StatusCode;

use super::applicant::{Applicant, NEW_PASSWORD};
use super::browser::Browser;
use super::papers::papers_of;
use super::reviewer::Reviewer;
use super::shop::{Shopper, old_factors};
use super::stage::{POLLS_MAX, Stage};
use super::{CHECKING, NEW_EMAIL, REVIEWING};
use super::{after_handover, enrol_staff, outcome_of, review, shows};
use crate::demo::seed::PEOPLE;
use crate::demo::{Args, Outcome};

/// When the holder objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// While the applicant gathers evidence.
    Gathering,
    /// While the machine checks.
    Checking,
    /// After the first look.
    Reviewing,
    /// In the waiting period, after the handover.
    CoolingOff,
    /// After the recovery, within seven days.
    After,
}

/// Heading of a request that somebody objected to.
const PAUSED: &str = "Paused";
/// Heading of what the holder sees then.
const STOPPED: &str = "Stopped";

/// Plays an attacker whom the holder stops early; the later times are those of the whole way.
pub(super) async fn stops_early(stage: &Stage<'_>, args: &Args, when: When) -> Result<Outcome> {
    let [ann, ..] = &PEOPLE;
    let holder = Shopper::new(stage, "holder")?;
    let old = old_factors(ann);
    holder
        .must_sign_in(old, true, "signs in with the old factors")
        .await?;
    let before = holder.usdt().await?;
    let mut impostor =
        Applicant::new(stage, "eve", NEW_EMAIL, shows(args, 1)?)?.with(papers_of(args, ann, None)?);
    impostor.opens_case("/?from=link", ann.email).await?;
    impostor.shows_everything().await?;
    if when != When::Gathering {
        impostor.submits().await?;
    }
    if when == When::Reviewing {
        impostor.waits_while(&[CHECKING]).await?;
        let staff = enrol_staff(stage).await?;
        first_look(&staff).await?;
    }
    holder.objects(old).await?;
    stopped_in(stage, &impostor.code, when).await?;
    stays_stopped(stage, impostor, before).await
}

/// Nobody disputes the objection: the old factors work, and nothing was moved.
async fn stays_stopped(
    stage: &Stage<'_>,
    mut impostor: Applicant<'_>,
    before: i64,
) -> Result<Outcome> {
    let [ann, ..] = &PEOPLE;
    stage
        .passes(Span::days(8), "nobody disputes the objection")
        .await?;
    // The end closes the applicant's pages once more; whoever comes back before it sees that.
    is_over(stage, &impostor.code).await?;
    let heading = impostor.status_after_time(PAUSED).await?;
    let holder = Shopper::new(stage, "holder")?;
    let again = "signs in with the old factors again";
    holder
        .must_sign_in_soon(old_factors(ann), true, again)
        .await?;
    let after = holder.usdt().await?;
    let said = format!("{before} USDT before, {after} after");
    stage.step("holder", "counts the money", &said);
    if before != after {
        bail!("money moved: {said}");
    }
    outcome_of(&heading)
}

/// Fails unless the objection ended the applicant's session, and the page says how to come back.
async fn is_signed_out(applicant: &mut Applicant<'_>) -> Result<()> {
    let page = applicant
        .looks_at("/case/status", "finds their pages closed")
        .await?;
    if page.status != StatusCode::UNAUTHORIZED || !page.body.contains("href=\"/continue\"") {
        bail!("the objection must end the session: {}", page.heading());
    }
    Ok(())
}

async fn is_over(stage: &Stage<'_>, code: &str) -> Result<()> {
    let case = stage.world.case_of(code).await?;
    for _ in 0..POLLS_MAX {
        let mut reader = stage.world.store.read().await?;
        let row = reader.case_row(&case).await?;
        let due = reader.queue_health().await?.due;
        drop(reader);
        // What the end asks for, closing pages among it, is done when no job is due any more.
        if due == 0 && row.is_some_and(|row| row.state == "blocked") {
            return Ok(());
        }
        stage.pause().await;
    }
    bail!("the case did not end after nobody disputed the objection")
}

/// The first look alone: one reviewer approves.
pub(super) async fn first_look(staff: &[Reviewer<'_>]) -> Result<()> {
    let reviewers = staff.iter().filter(|one| one.rank() == Rank::Reviewer);
    for reviewer in reviewers.take(1) {
        if let Some(case) = reviewer.takes_next().await? {
            reviewer.approves(&case).await?;
        }
    }
    Ok(())
}

/// Fails unless the objection came when it was meant to.
async fn stopped_in(stage: &Stage<'_>, code: &str, when: When) -> Result<()> {
    let mut case = None;
    for recorded in stage.world.history(code).await? {
        let was = case.as_ref().map(|case: &recovery::case::Case| case.state);
        case = recovery::case::evolve(case, &recorded);
        if recorded.event.kind() == "case_stopped" {
            let was = was.map(recovery::case::State::name).unwrap_or_default();
            let wanted = match when {
                When::Gathering => "gathering",
                When::Checking => "checking",
                When::Reviewing => "reviewing",
                When::CoolingOff => "cooling_off",
                When::After => "recovered",
            };
            stage.step("regain", "stops the request", was);
            if was != wanted {
                bail!("the objection came in {was}, not in {wanted}");
            }
            return Ok(());
        }
    }
    bail!("the objection stopped nothing")
}

/// Opens the link of the newest notice and says no; gives the heading of what follows.
async fn by_link(stage: &Stage<'_>) -> Result<String> {
    let [ann, ..] = &PEOPLE;
    let link = stage.link_for(ann.email, "/stop/").await?;
    let holder = Browser::new(&stage.world.portal)?;
    let page = holder.get(&link).await?;
    stage.step("holder", "opens the link of the notice", &page.heading());
    let Ok(form) = page.form("/stop/answer") else {
        return Ok(page.heading());
    };
    let stopped = holder.submit(&form, &[("answer", "no")]).await?;
    stage.step("holder", "answers: no, stop it now", &stopped.heading());
    Ok(stopped.heading())
}

/// The word after "code".
fn code_in(text: &str) -> Option<&str> {
    let mut words = text.split_whitespace();
    words.find(|word| *word == "code")?;
    words.next().map(|code| code.trim_end_matches('.'))
}

/// Fails unless another channel of the holder's, by a code of its own, can still object.
async fn another_may_object(stage: &Stage<'_>) -> Result<()> {
    // The newest one may be the word of the stop, which holds no code: nothing is left to stop.
    let mails = stage.world.mailbox.all();
    let texts = mails.iter().rev().filter(|mail| mail.channel == "sms");
    let code = texts
        .filter_map(|mail| code_in(&mail.text))
        .next()
        .context("no text message with a code")?;
    let holder = Browser::new(&stage.world.portal)?;
    let page = holder.get("/stop").await?;
    let form = page.form("/stop")?;
    let asked = holder.submit(&form, &[("code", code)]).await?;
    stage.step(
        "holder",
        "types the code of a text message",
        &asked.heading(),
    );
    if asked.form("/stop/answer").is_err() {
        bail!(
            "one channel lost, and another cannot object: {}",
            asked.body
        );
    }
    Ok(())
}

/// Fails if a senior gets a contest before both sides had their time.
async fn nobody_decides_yet(staff: &[Reviewer<'_>]) -> Result<()> {
    for senior in staff.iter().filter(|one| one.rank() == Rank::Senior) {
        if senior.takes_next().await?.is_some() {
            bail!("nobody may decide before both sides had their time");
        }
    }
    Ok(())
}

/// The applicant is in the right, and somebody with the old mailbox objects.
pub(super) async fn disputed(stage: &Stage<'_>, args: &Args) -> Result<Outcome> {
    let [ann, ..] = &PEOPLE;
    let mut applicant =
        Applicant::new(stage, "ann", NEW_EMAIL, shows(args, 1)?)?.with(papers_of(args, ann, None)?);
    applicant.opens_case("/?from=link", ann.email).await?;
    applicant.shows_everything().await?;
    applicant.submits().await?;
    applicant.waits_while(&[CHECKING]).await?;
    let mut staff = enrol_staff(stage).await?;
    first_look(&staff).await?;
    if by_link(stage).await? != STOPPED {
        bail!("the objection must stop the request");
    }
    is_signed_out(&mut applicant).await?;
    applicant.status_after_time(REVIEWING).await?;
    applicant.disputes().await?;
    nobody_decides_yet(&staff).await?;
    stage.both_show().await?;
    for one in &mut staff {
        one.signs_in().await?;
    }
    applicant.status_after_time(REVIEWING).await?;
    let seniors = staff.iter().filter(|one| one.rank() == Rank::Senior);
    for senior in seniors.take(2) {
        match senior.takes_next().await? {
            Some(case) => senior.votes(&case, "applicant").await?,
            None => bail!("a senior without a part in the case must get the contest"),
        }
    }
    // It was never approved: those who decided about the objection have not reviewed it.
    review(&applicant, &staff).await?;
    let heading = applicant.waits_while(&[REVIEWING, PAUSED]).await?;
    if !heading.contains("Approved") {
        bail!("the review must go on after the contest: {heading}");
    }
    let again = by_link(stage).await?;
    let heading = applicant.waits_while(&[]).await?;
    if !heading.contains("Approved") {
        bail!("the channel that lost stopped it again: {again}, {heading}");
    }
    another_may_object(stage).await?;
    applicant.sets_up_account().await?;
    after_handover(stage, args, applicant, 0).await
}

/// The true holder reads a notice at the old address and stops what was handed over already: the
/// new factors open nothing any more.
pub(super) async fn stops_late(
    stage: &Stage<'_>,
    impostor: Applicant<'_>,
    new: &Shopper<'_>,
    before: i64,
    when: When,
) -> Result<Outcome> {
    if !by_link(stage).await?.contains(STOPPED) {
        bail!("the objection must stop the request");
    }
    stopped_in(stage, &impostor.code, when).await?;
    let secret = impostor.totp.clone();
    let factors = (NEW_EMAIL, NEW_PASSWORD, secret.as_str());
    let frozen = "tries the new factors: frozen";
    new.must_sign_in_soon(factors, false, frozen).await?;
    let ended = stays_stopped(stage, impostor, before).await?;
    new.must_sign_in(factors, false, "tries the new factors")
        .await?;
    Ok(ended)
}
