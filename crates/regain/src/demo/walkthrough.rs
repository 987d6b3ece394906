//! A whole recovery with nobody at the keyboard, over HTTP, through the pages people use.

pub(super) mod applicant;
pub(super) mod attack;
#[path = "../../../web/tests/support/soft_authenticator.rs"]
pub(super) mod authenticator;
pub(super) mod browser;
mod crash;
pub(crate) mod objection;
pub(crate) mod outage;
mod papers;
mod recorder;
pub(super) mod report;
pub(super) mod reviewer;
pub(super) mod shop;
pub(super) mod stage;
pub(crate) mod story;
pub(crate) mod tus;

use anyhow::{Context as _, Result, bail};
use exchange::FaultSwitch;
use image::RgbImage;
use recovery::actor::Rank;
use recovery::time::Span;
use specimen::photo;

use self::applicant::{Applicant, NEW_PASSWORD, Shows};
use self::objection::When;
use self::papers::papers_of;
use self::report::{Report, print};
use self::reviewer::Reviewer;
use self::shop::{Shopper, old_factors};
use self::stage::Stage;
use self::story::Standing;
use super::seed::{PEOPLE, STAFF};
use super::world::{Options, World};
use super::{Args, Outcome};

/// Address of the applicant, one that the exchange never saw. Both have the same length, so that
/// pages can be compared.
const NEW_EMAIL: &str = "ann.new@example.org";
const OTHER_EMAIL: &str = "eve.new@example.org";
/// Reviews before the walkthrough gives up.
const LOOKS_MAX: usize = 6;

/// Headings of the status page.
const CHECKING: &str = "Automatic checks are running";
const REVIEWING: &str = "People are reviewing your request";
/// The wait counts from when freeze and notices are acknowledged, which a worker that was killed
/// may have to ask for again.
const UNDATED: &str = "Waiting period until a date we tell you by mail";

/// Runs it and prints the outcome; true when it was the expected one.
pub(crate) async fn run(args: &Args) -> Result<bool> {
    let folder = tempfile::tempdir()?;
    let portrait = args
        .kyc_portrait
        .as_deref()
        .map(std::fs::read)
        .transpose()?;
    let world = World::start(&Options {
        data: folder.path().to_owned(),
        database: args.database.clone(),
        models: args.models.clone(),
        portrait,
        free_ports: true,
        status: args.account.unwrap_or(Standing::Ordinary).status(),
        policy: story::policy(args)?,
        city_db: args.city_db.clone(),
        breached_list: None,
        behind_proxy: args.ip.is_some(),
        webhooks: Vec::new(),
        own_passkey_page: false,
        crash_at: args.crash_at.clone(),
        second_node: args.second_node.map(Span::hours),
        faults: FaultSwitch::default(),
    })
    .await?;
    if !world.faces && !args.json {
        print("no models: faces are not compared (REGAIN_MODELS_DIR is not set or not usable)");
    }
    let stage = Stage {
        world: &world,
        report: Report { json: args.json },
    };
    let result = play(&stage, args).await;
    world.end().await;
    let report = Report { json: args.json };
    match result {
        Ok(outcome) => {
            report.outcome(outcome.name());
            let any = args.unknown_account && args.expect.is_none();
            // What was found out comes back to the applicant or waits for people.
            let held = matches!(outcome, Outcome::Returned | Outcome::Reviewing);
            let found_out = args.attack.is_some() && args.expect.is_none() && held;
            let expected = args.expect.unwrap_or_else(|| story::expected(args));
            Ok(any || found_out || outcome == expected)
        }
        Err(error) => {
            print(&format!("stopped: {error:#}"));
            report.outcome("failed");
            Ok(false)
        }
    }
}

fn shows(args: &Args, salt: u32) -> Result<Shows> {
    let read = |path: &Option<std::path::PathBuf>| -> Result<Option<Vec<u8>>> {
        let bytes = path.as_deref().map(std::fs::read).transpose();
        bytes.with_context(|| format!("cannot read {path:?}"))
    };
    let selfie: RgbImage = match read(&args.selfie)? {
        Some(bytes) => photo::read(&bytes)?,
        None => photo::drawing(u8::try_from(salt % 40).unwrap_or(0)),
    };
    Ok(Shows {
        selfie,
        id_front: read(&args.id_front)?,
        id_back: read(&args.id_back)?,
        video: read(&args.video)?,
        salt,
    })
}

async fn play(stage: &Stage<'_>, args: &Args) -> Result<Outcome> {
    if args.unknown_account {
        return compare_with_unknown(stage, args).await;
    }
    if let Some(attack) = args.attack {
        return attack::play(stage, args, attack).await;
    }
    if args.contest {
        return objection::disputed(stage, args).await;
    }
    if let Some(when @ (When::Gathering | When::Checking | When::Reviewing)) = args.veto_at {
        return objection::stops_early(stage, args, when).await;
    }
    if let Some(fault) = args.platform_fault {
        return outage::play(stage, args, fault).await;
    }
    if story::ends_in_refusal(args) {
        return story::play(stage, args).await;
    }
    let holder = Shopper::new(stage, "holder")?;
    let [ann, ..] = &PEOPLE;
    holder
        .must_sign_in(old_factors(ann), true, "signs in with the old factors")
        .await?;
    let before = holder.usdt().await?;
    let entry = Shopper::new(stage, "ann")?
        .follows_lost_everything()
        .await?;
    let mut applicant = Applicant::new(stage, "ann", NEW_EMAIL, shows(args, 1)?)?
        .with(papers_of(args, ann, None)?)
        .behind_address(args.ip)?;
    applicant.opens_case(&entry, ann.email).await?;
    if let Some(clues) = args.clues {
        applicant.recalls(clues, stage.opened_at(900)?).await?;
    }
    if args.live {
        applicant.shows_everything_live().await?;
    } else {
        applicant.shows_everything().await?;
    }
    applicant.submits().await?;
    let heading = applicant.waits_while(&[CHECKING]).await?;
    story::rated(stage, &applicant.code).await?;
    let heading = story::writes_again(stage, args, &mut applicant, heading).await?;
    if heading.starts_with("Take ") {
        return Ok(Outcome::Returned);
    }
    let staff = enrol_staff(stage).await?;
    if args.rival {
        return rival(stage, args, applicant, &staff).await;
    }
    review(&applicant, &staff).await?;
    let mut applicant = applicant;
    let heading = applicant.waits_while(&[REVIEWING]).await?;
    if !heading.contains("Approved") {
        return outcome_of(&heading);
    }
    holder
        .must_sign_in(old_factors(ann), false, "tries the old factors: locked")
        .await?;
    if story::hands_over_late(stage, &applicant.code).await? {
        return story::late_handover(stage, applicant).await;
    }
    applicant.sets_up_account().await?;
    after_handover(stage, args, applicant, before).await
}

async fn enrol_staff<'a>(stage: &'a Stage<'a>) -> Result<Vec<Reviewer<'a>>> {
    let mut staff = Vec::new();
    for (place, (name, rank)) in STAFF.into_iter().enumerate() {
        staff.push(Reviewer::enrols(stage, name, rank, u8::try_from(place)?).await?);
    }
    Ok(staff)
}

/// Everybody takes what waits for them and gives access, until nothing waits.
async fn review(_applicant: &Applicant<'_>, staff: &[Reviewer<'_>]) -> Result<()> {
    for reviewer in staff.iter().take(LOOKS_MAX) {
        if let Some(case) = reviewer.takes_next().await? {
            reviewer.approves(&case).await?;
        }
    }
    Ok(())
}

fn outcome_of(heading: &str) -> Result<Outcome> {
    let known = [
        ("Finished", Outcome::Recovered),
        ("Take ", Outcome::Returned),
        ("We could not give access", Outcome::Rejected),
        ("Stopped after an objection", Outcome::Blocked),
        ("Closed after a decision between two", Outcome::Blocked),
        ("Paused: ", Outcome::Stopped),
    ];
    let found = known.into_iter().find(|(words, _)| heading.contains(words));
    found
        .map(|(_, outcome)| outcome)
        .with_context(|| format!("unexpected status: {heading}"))
}

async fn after_handover(
    stage: &Stage<'_>,
    args: &Args,
    mut applicant: Applicant<'_>,
    before: i64,
) -> Result<Outcome> {
    let [ann, ..] = &PEOPLE;
    let new = Shopper::new(stage, "ann")?;
    let secret = applicant.totp.clone();
    for _ in 0..stage::POLLS_MAX {
        let page = applicant
            .looks_at("/case/security", "looks at what was made safe")
            .await?;
        if !page.body.contains("Waiting for") {
            break;
        }
        stage.pause().await;
    }
    let old = Shopper::new(stage, "thief")?;
    old.must_sign_in(old_factors(ann), false, "tries the old factors")
        .await?;
    new.must_sign_in(
        (NEW_EMAIL, NEW_PASSWORD, &secret),
        true,
        "signs in with the new factors",
    )
    .await?;
    if !new
        .passkey_works(NEW_EMAIL, &mut applicant.passkeys)
        .await?
    {
        bail!("the new passkey must open the account");
    }
    new.meets_the_freeze().await?;
    new.finds_nothing_old().await?;
    if args.impostor || args.veto_at == Some(When::CoolingOff) {
        return objection::stops_late(stage, applicant, &new, before, When::CoolingOff).await;
    }
    applicant.waits_while(&["Approved", UNDATED]).await?;
    waits_to_the_end(stage, &applicant, &new).await?;
    let heading = applicant.status_after_time("Waiting period").await?;
    stage.restrictions_arrive().await?;
    if args.veto_at == Some(When::After) {
        return objection::stops_late(stage, applicant, &new, before, When::After).await;
    }
    new.must_sign_in(
        (NEW_EMAIL, NEW_PASSWORD, &secret),
        true,
        "signs in after the wait",
    )
    .await?;
    new.withdraws().await?;
    if args.crash_at.is_some() || args.second_node.is_some() {
        let killed = match (&args.crash_at, args.second_node) {
            (None, _) => 0..=0,
            (Some(_), None) => 1..=1,
            // Either is killed when it comes there itself.
            (Some(_), Some(_)) => 1..=2,
        };
        crash::nothing_twice(stage, &applicant.code, NEW_EMAIL, &new, &killed).await?;
    }
    outcome_of(&heading)
}

/// The whole wait: an hour before its end the freeze still holds.
async fn waits_to_the_end(
    stage: &Stage<'_>,
    applicant: &Applicant<'_>,
    new: &Shopper<'_>,
) -> Result<()> {
    let hours = story::wait_of(stage, &applicant.code).await?;
    let nearly = Span::hours(hours - 1);
    stage
        .passes(nearly, "the waiting period is nearly over")
        .await?;
    let factors = (NEW_EMAIL, NEW_PASSWORD, applicant.totp.as_str());
    new.must_sign_in(factors, true, "signs in an hour before the end")
        .await?;
    new.meets_the_freeze().await?;
    stage
        .passes(Span::hours(2), "the waiting period ends")
        .await
}

/// A second person asks for the same account; both pass the first look; both stop.
async fn rival(
    stage: &Stage<'_>,
    args: &Args,
    mut first: Applicant<'_>,
    staff: &[Reviewer<'_>],
) -> Result<Outcome> {
    let [ann, ..] = &PEOPLE;
    let mut second = Applicant::new(stage, "eve", OTHER_EMAIL, shows(args, 1000)?)?;
    second.opens_case("/?from=link", ann.email).await?;
    second.shows_everything().await?;
    second.submits().await?;
    second.waits_while(&[CHECKING]).await?;
    // Two reviewers give both cases their first look.
    for reviewer in staff
        .iter()
        .filter(|reviewer| reviewer.rank() == Rank::Reviewer)
    {
        if let Some(case) = reviewer.takes_next().await? {
            reviewer.approves(&case).await?;
        }
    }
    let one = first.waits_while(&[REVIEWING]).await?;
    let other = second.waits_while(&[REVIEWING]).await?;
    match (outcome_of(&one)?, outcome_of(&other)?) {
        (Outcome::Stopped, Outcome::Stopped) => Ok(Outcome::Stopped),
        (one, other) => bail!("both must stop: {} and {}", one.name(), other.name()),
    }
}

/// A stranger asks for a known account and for one that does not exist: nothing may differ.
async fn compare_with_unknown(stage: &Stage<'_>, args: &Args) -> Result<Outcome> {
    let [ann, ben, _] = &PEOPLE;
    // The machine may know the holder; what must not differ is what a stranger sees.
    let stranger = attack::is_stranger(args)?;
    let account = if stranger { ann } else { ben };
    let unknown = account.email.replace(account.user_name, "dan");
    let mut known = Applicant::new(stage, "eve", NEW_EMAIL, shows(args, 1)?)?;
    let mut other = Applicant::new(stage, "dan", OTHER_EMAIL, shows(args, 1)?)?;
    let mut headings = Vec::new();
    for (applicant, account) in [(&mut known, account.email), (&mut other, unknown.as_str())] {
        applicant.opens_case("/?from=link", account).await?;
        applicant.shows_everything().await?;
        applicant.submits().await?;
        headings.push(applicant.waits_while(&[CHECKING]).await?);
        applicant
            .looks_at("/case", "looks at the task list")
            .await?;
    }
    stage.pause().await;
    for (one, two) in known.seen.iter().zip(&other.seen) {
        if one != two {
            bail!("a known and an unknown account differ: {one:?} and {two:?}");
        }
    }
    if known.seen.len() != other.seen.len() {
        bail!("a known and an unknown account take a different number of steps");
    }
    let (mails, others) = (stage.mails_of(NEW_EMAIL), stage.mails_of(OTHER_EMAIL));
    if mails != others {
        bail!("the mails differ: {mails:?} and {others:?}");
    }
    let steps = known.seen.len();
    stage.step(
        "outsider",
        "compares both",
        &format!("{steps} pages and {} mails equal", mails.len()),
    );
    match headings.first() {
        Some(heading) if heading.contains(REVIEWING) => Ok(Outcome::Reviewing),
        Some(heading) => outcome_of(heading),
        None => bail!("nothing was compared"),
    }
}
