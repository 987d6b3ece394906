//! Walkthroughs of what the applicant recalls, and of accounts that are not in ordinary use.

use anyhow::{Result, bail};
use clap::ValueEnum;
use platform::contract::AccountStatus;
use recovery::id::CaseCode;
use recovery::policy::{self, Policy};
use recovery::time::Span;

use super::applicant::Applicant;
use super::papers::papers_of;
use super::reviewer::Reviewer;
use super::stage::Stage;
use super::{CHECKING, NEW_EMAIL, REVIEWING, enrol_staff, outcome_of, shows};
use crate::demo::seed::{KNOWN_ADDRESS, PEOPLE};
use crate::demo::{Args, Outcome};

/// What the applicant recalls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Recalls {
    /// Everything.
    Good,
    /// Little, and some of it wrong.
    Poor,
    /// Everything, because it was bought: somebody else stands before the camera (`--selfie`).
    Stolen,
}

/// The state of the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Standing {
    /// In use.
    Ordinary,
    /// On a list of accounts that may not be served.
    Restricted,
    /// Idle for years, its data archived.
    Archived,
}

impl Standing {
    /// As the platform calls it.
    pub(crate) const fn status(self) -> AccountStatus {
        match self {
            Self::Ordinary => AccountStatus::Ordinary,
            Self::Restricted => AccountStatus::Restricted,
            Self::Archived => AccountStatus::Archived,
        }
    }

    /// What the applicant is told in the end, where that is not access.
    const fn told(self) -> Option<&'static str> {
        match self {
            Self::Ordinary => None,
            Self::Restricted => Some("This account is on a list"),
            Self::Archived => Some("This account was unused since"),
        }
    }
}

/// Returns before an applicant gives up.
const RETURNS_MAX: u32 = 5;

impl Applicant<'_> {
    /// Answers the questions about the account.
    pub(super) async fn recalls(&mut self, what: Recalls, opened: (i16, i8)) -> Result<()> {
        let (year, month) = (opened.0.to_string(), opened.1.to_string());
        let right = [
            ("year", year.as_str()),
            ("month", month.as_str()),
            ("bank1", "banco exemplo"),
            ("last1", "4242"),
            ("addresses", KNOWN_ADDRESS),
            ("city", "Lisboa"),
            ("device", "android"),
            ("phone1", "5678"),
            ("do", "save"),
        ];
        let poor = [
            ("year", year.as_str()),
            ("bank1", "Sparkasse"),
            ("last1", "0001"),
            ("city", "Porto"),
            ("do", "save"),
        ];
        let (typed, said) = match what {
            Recalls::Good => (right.as_slice(), "recalls everything"),
            Recalls::Stolen => (right.as_slice(), "tells what was bought"),
            Recalls::Poor => (poor.as_slice(), "recalls little"),
        };
        self.fills("/case/clues", typed, said, "Your recovery request")
            .await
    }
}

/// The policy that ships, with the countries of high risk that the arguments name.
pub(super) fn policy(args: &Args) -> Result<Option<String>> {
    if args.high_risk.is_empty() {
        return Ok(None);
    }
    let empty = "high_risk_countries = []";
    let list = format!("high_risk_countries = {:?}", args.high_risk);
    let changed = policy::DEFAULT.replacen(empty, &list, 1);
    Policy::parse(&changed)?;
    Ok(Some(changed))
}

/// Whether the arguments ask for a refusal by people.
pub(super) fn ends_in_refusal(args: &Args) -> bool {
    args.clues == Some(Recalls::Stolen)
        || args
            .account
            .is_some_and(|standing| standing.told().is_some())
}

/// How a walkthrough with these arguments ends.
pub(super) fn expected(args: &Args) -> Outcome {
    if ends_in_refusal(args) {
        Outcome::Rejected
    } else {
        Outcome::Recovered
    }
}

/// Whether the case's tier gets its handover only after the wait.
pub(super) async fn hands_over_late(stage: &Stage<'_>, code: &str) -> Result<bool> {
    let explained = stage.world.engine.explain_rating(&code.parse()?).await?;
    let follows = explained.assessment.map(|(_, follows)| follows);
    Ok(follows.is_some_and(|follows| follows.handover_after_the_wait))
}

/// The wait first, then the handover, and then nothing keeps the account any more.
pub(super) async fn late_handover(
    stage: &Stage<'_>,
    mut applicant: Applicant<'_>,
) -> Result<Outcome> {
    let hours = wait_of(stage, &applicant.code).await?;
    let why = "the waiting period ends, and only then the handover begins";
    stage.passes(Span::hours(hours + 1), why).await?;
    applicant.sets_up_account().await?;
    let heading = applicant.status_after_time("Waiting period").await?;
    outcome_of(&heading)
}

/// Plays an applicant whom people refuse: a stranger with bought answers, or the holder of an
/// account that is not offered any more.
pub(super) async fn play(stage: &Stage<'_>, args: &Args) -> Result<Outcome> {
    let [ann, ..] = &PEOPLE;
    let told = args.account.and_then(Standing::told);
    let mut applicant = Applicant::new(stage, "ann", NEW_EMAIL, shows(args, 1)?)?
        .with(papers_of(args, ann, None)?)
        .behind_address(args.ip)?;
    applicant.opens_case("/?from=link", ann.email).await?;
    if let Some(clues) = args.clues {
        applicant.recalls(clues, stage.opened_at(900)?).await?;
    }
    applicant.shows_everything().await?;
    applicant.submits().await?;
    let mut heading = applicant.waits_while(&[CHECKING]).await?;
    rated(stage, &applicant.code).await?;
    let mut returns = 0;
    while heading.starts_with("Take ") && returns < RETURNS_MAX {
        returns += 1;
        applicant.shows_person(returns).await?;
        applicant.submits().await?;
        heading = applicant.waits_while(&[CHECKING]).await?;
    }
    let compared = stage.world.faces && args.selfie.is_some() && args.kyc_portrait.is_some();
    if args.clues == Some(Recalls::Stolen) && compared && returns == 0 {
        bail!("the machine must ask another person to show themselves again");
    }
    let staff = enrol_staff(stage).await?;
    let (code, answers, note) = match told {
        Some(_) => (
            "no.not_offered",
            ["yes", "yes", "yes"],
            "The person is the holder; the account is not offered any more.",
        ),
        None => (
            "no.person_differs",
            ["yes", "no", "yes"],
            "The person in note and video is not the person of the record.",
        ),
    };
    refuse(&staff, code, &answers, note).await?;
    let heading = applicant.waits_while(&[REVIEWING]).await?;
    let page = applicant.looks_at("/case/status", "reads why").await?;
    let words = told.unwrap_or("What you sent did not show us");
    if !page.body.contains(words) {
        bail!("the page must say: {words}");
    }
    outcome_of(&heading)
}

async fn refuse(staff: &[Reviewer<'_>], code: &str, answers: &[&str; 3], note: &str) -> Result<()> {
    for reviewer in staff {
        if let Some(case) = reviewer.takes_next().await? {
            reviewer.refuses(&case, code, answers, note).await?;
        }
    }
    Ok(())
}

/// Now and then handwriting is misread; whoever gets past the checks in this play writes it again.
/// Gives the heading of what follows.
pub(super) async fn writes_again(
    stage: &Stage<'_>,
    args: &Args,
    applicant: &mut Applicant<'_>,
    heading: String,
) -> Result<String> {
    if !heading.starts_with("Take ") {
        return Ok(heading);
    }
    let page = applicant
        .looks_at("/case/status", "looks once more")
        .await?;
    let why = page.text_of("main").unwrap_or_default();
    stage.step("ann", "reads what to take again", &why);
    let note = page.body.contains("/case/fix/note_photo") && heading.contains("Take 1 ");
    let goes_on = [Outcome::Recovered, Outcome::Blocked, Outcome::Stopped];
    if !args.expect.is_some_and(|wanted| goes_on.contains(&wanted)) || !note {
        return Ok(heading);
    }
    applicant.writes_again(1).await?;
    applicant.submits().await?;
    applicant.waits_while(&[CHECKING]).await
}

/// Hours of the wait that the approval set.
pub(crate) async fn wait_of(stage: &Stage<'_>, code: &str) -> Result<i64> {
    let code: CaseCode = code.parse()?;
    let explained = stage.world.engine.explain_rating(&code).await?;
    let rated = explained.assessment.map(|(_, follows)| follows.wait_hours);
    // Not rated is high.
    Ok(rated.unwrap_or(explained.policy.cooling_off.high_hours))
}

/// Says how the request was rated; staff and operator see this, applicants never.
pub(super) async fn rated(stage: &Stage<'_>, code: &str) -> Result<()> {
    let code: CaseCode = code.parse()?;
    let explained = stage.world.engine.explain_rating(&code).await?;
    let Some((assessment, follows)) = explained.assessment else {
        stage.step("machine", "rates the request", "not rated");
        return Ok(());
    };
    let said = format!(
        "tier {}, lane {}, {} points, a wait of {} hours",
        assessment.tier.name(),
        assessment.lane.name(),
        assessment.score_milli / 1000,
        follows.wait_hours
    );
    stage.step("machine", "rates the request", &said);
    let closed = assessment.gates.iter().filter(|gate| !gate.open);
    let closed: Vec<&str> = closed.map(|gate| gate.code).collect();
    if !closed.is_empty() {
        stage.step("machine", "finds not passed", &closed.join(", "));
    }
    let counts = assessment.contributions.iter();
    let counts: Vec<String> = counts
        .map(|part| format!("{} {} {}", part.code, part.was, part.points_milli / 1000))
        .collect();
    stage.step("machine", "counts", &counts.join(", "));
    Ok(())
}
