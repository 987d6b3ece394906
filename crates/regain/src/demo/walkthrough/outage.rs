//! A platform that fails from the approval on, for longer than the waiting period: nothing opens
//! early meanwhile, and when the fault ends the recovery goes on by itself.

use anyhow::{Context as _, Result, bail};
use exchange::Fault;
use recovery::time::Span;

use super::applicant::{Applicant, NEW_PASSWORD};
use super::objection::first_look;
use super::papers::papers_of;
use super::shop::{Shopper, old_factors};
use super::stage::{POLLS_MAX, Stage};
use super::{CHECKING, NEW_EMAIL, REVIEWING};
use super::{after_handover, enrol_staff, outcome_of, review, shows, story};
use crate::demo::seed::PEOPLE;
use crate::demo::{Args, Outcome};

/// Faults that Regain can meet after the yes.
const FAULTS: [Fault; 14] = [
    Fault::Hangs,
    Fault::Slow,
    Fault::Redirects,
    Fault::AnswersRubbish,
    Fault::SignsRubbish,
    Fault::Answers1Gb,
    Fault::Answers500,
    Fault::DropsAnswers,
    Fault::AnswersUnsigned,
    Fault::AcknowledgesRestrictions,
    Fault::AcknowledgesSecuring,
    Fault::AcknowledgesWithoutDoing,
    Fault::ForgetsApiKeys,
    Fault::UnfreezesOnRestart,
];
/// Hours that pass between two tries to move money.
const STEP_HOURS: i64 = 6;
/// Hours by which the fault outlasts the waiting period.
const LONGER_HOURS: i64 = 12;
/// Looks of a tenth of a second in which the worker does what is due.
const SETTLING: usize = 20;
/// The same where a call is under way that gets no answer: it is given up after ten seconds.
const GIVEN_UP: usize = 100 + SETTLING;
/// Longer than an urgent job rests after a failure, and than a freeze goes unread.
const TRIED_AGAIN: Span = Span::minutes(11);

/// The fault of that name, if it is one that can be met after the yes.
pub(crate) fn fault_named(name: &str) -> Result<Fault, String> {
    let found = Fault::named(name).filter(|fault| FAULTS.contains(fault));
    found.ok_or_else(|| {
        let names: Vec<&str> = FAULTS.iter().map(|fault| fault.name()).collect();
        format!("use one of {}", names.join(", "))
    })
}

/// Whether the freeze can be acknowledged, so that the handover takes place meanwhile.
const fn hands_over(fault: Fault) -> bool {
    matches!(
        fault,
        Fault::Slow
            | Fault::AcknowledgesSecuring
            | Fault::ForgetsApiKeys
            | Fault::UnfreezesOnRestart
    )
}

/// Whether the waiting period cannot end while the platform has this fault.
const fn outlasts_the_wait(fault: Fault) -> bool {
    !matches!(fault, Fault::Slow | Fault::UnfreezesOnRestart)
}

/// Plays the whole recovery with a fault in its midst.
pub(super) async fn play(stage: &Stage<'_>, args: &Args, fault: Fault) -> Result<Outcome> {
    let [ann, ..] = &PEOPLE;
    let holder = Shopper::new(stage, "holder")?;
    let old = old_factors(ann);
    holder
        .must_sign_in(old, true, "signs in with the old factors")
        .await?;
    let before = holder.usdt().await?;
    let mut applicant =
        Applicant::new(stage, "ann", NEW_EMAIL, shows(args, 1)?)?.with(papers_of(args, ann, None)?);
    applicant.opens_case("/?from=link", ann.email).await?;
    applicant.shows_everything().await?;
    applicant.submits().await?;
    applicant.waits_while(&[CHECKING]).await?;
    let staff = enrol_staff(stage).await?;
    first_look(&staff).await?;
    stage.restrictions_arrive().await?;
    holder.moves_nothing().await?;
    stage.world.faults.set(Some(fault));
    stage.step("platform", "has a fault", fault.name());
    review(&applicant, &staff).await?;
    let heading = applicant.waits_while(&[REVIEWING]).await?;
    if !heading.contains("Approved") {
        bail!("it must be approved: {heading}");
    }
    if hands_over(fault) {
        stage.restrictions_arrive().await?;
        applicant.sets_up_account().await?;
    }
    let new = Shopper::new(stage, "ann")?;
    let secret = applicant.totp.clone();
    let tries = [
        (&holder, old),
        (&new, (NEW_EMAIL, NEW_PASSWORD, secret.as_str())),
    ];
    outlasts(stage, &applicant.code, &tries, fault).await?;
    stage.world.faults.set(None);
    stage.step("platform", "has no fault any more", fault.name());
    // What was asked before must have failed before time passes, or it is due only after the end.
    let looks = if fault == Fault::Hangs {
        GIVEN_UP
    } else {
        SETTLING
    };
    stage.pauses(looks).await;
    stage
        .passes(TRIED_AGAIN, "what failed is tried again")
        .await?;
    if hands_over(fault) {
        goes_on(stage, applicant, fault).await
    } else {
        // The wait begins now: the freeze was not known to be in force before.
        applicant.status_after_time("\n").await?;
        new_link(stage, &mut applicant).await?;
        applicant.sets_up_account().await?;
        after_handover(stage, args, applicant, before).await
    }
}

/// Time passes, and everybody who might tries to move money.
async fn outlasts(
    stage: &Stage<'_>,
    code: &str,
    tries: &[(&Shopper<'_>, (&str, &str, &str)); 2],
    fault: Fault,
) -> Result<()> {
    let case = stage.world.case_of(code).await?;
    let hours = story::wait_of(stage, code).await? + LONGER_HOURS;
    for passed in (0..hours).step_by(usize::try_from(STEP_HOURS)?) {
        let reaches_the_end = passed + STEP_HOURS >= hours - LONGER_HOURS;
        if reaches_the_end && !outlasts_the_wait(fault) {
            return Ok(());
        }
        if fault == Fault::UnfreezesOnRestart {
            stage.world.shop.starts().await?;
            stage.step("platform", "is restarted", "its restrictions are lost");
        }
        let why = "the fault lasts";
        stage.passes(Span::hours(STEP_HOURS), why).await?;
        stage.pauses(SETTLING).await;
        for (shopper, (id, password, totp)) in tries {
            // Whether that works depends on the fault; money must not move either way.
            let signed_in = !totp.is_empty() && shopper.signs_in(id, password, totp).await?;
            if signed_in && fault == Fault::UnfreezesOnRestart {
                shopper.is_frozen_again().await?;
            }
            shopper.moves_nothing().await?;
        }
        let row = stage.world.store.read().await?.case_row(&case).await?;
        let state = row.context("the case is gone")?.state;
        stage.step("regain", "keeps the case", &state);
        if state != "cooling_off" {
            bail!("the case must wait, but is {state}");
        }
    }
    Ok(())
}

/// The first link to the handover ran out of time while the platform did not answer.
async fn new_link(stage: &Stage<'_>, applicant: &mut Applicant<'_>) -> Result<()> {
    // What was tried in vain is due again, and the freeze arrives before anybody goes on.
    stage
        .passes(Span::minutes(2), "the platform answers again")
        .await?;
    stage.restrictions_arrive().await?;
    let old = stage.link_for(NEW_EMAIL, "/handover/").await?;
    let what = "asks for a new link";
    applicant.fills("/handover", &[], what, "").await?;
    for _ in 0..POLLS_MAX {
        if stage.link_for(NEW_EMAIL, "/handover/").await? != old {
            return Ok(());
        }
        stage.pause().await;
    }
    bail!("no new link came")
}

/// What is left of a recovery whose handover took place while the platform had its fault.
async fn goes_on(stage: &Stage<'_>, mut applicant: Applicant<'_>, fault: Fault) -> Result<Outcome> {
    if !outlasts_the_wait(fault) {
        let hours = story::wait_of(stage, &applicant.code).await?;
        let why = "the waiting period ends";
        stage.passes(Span::hours(hours), why).await?;
    }
    let heading = applicant.status_after_time("Waiting period").await?;
    stage.restrictions_arrive().await?;
    for _ in 0..POLLS_MAX {
        let page = applicant
            .looks_at("/case/security", "looks at what was made safe")
            .await?;
        if !page.body.contains("Waiting for") {
            break;
        }
        stage.pause().await;
    }
    let new = Shopper::new(stage, "ann")?;
    let secret = applicant.totp.clone();
    let factors = (NEW_EMAIL, NEW_PASSWORD, secret.as_str());
    new.must_sign_in(factors, true, "signs in after the wait")
        .await?;
    new.finds_nothing_old().await?;
    new.withdraws().await?;
    outcome_of(&heading)
}
