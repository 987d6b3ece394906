//! The demo: Regain, a small exchange and a mailbox on this machine, for looking around and for the
//! walkthrough that needs nobody.

mod mailbox;
mod page;
mod seed;
#[cfg(test)]
mod tests;
mod walkthrough;
mod world;

use std::io::Write as _;
use std::net::IpAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::ValueEnum;
use exchange::{Fault, FaultSwitch};
use platform::contract::AccountStatus;
use recovery::time::Span;

use self::seed::{PEOPLE, STAFF};
use self::world::{Options, World};
use crate::commands::models_for_demo;

/// How a walkthrough may end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Outcome {
    /// The account came back.
    Recovered,
    /// The machine asked for parts again.
    Returned,
    /// People look at it.
    Reviewing,
    /// No access.
    Rejected,
    /// An objection was upheld.
    Blocked,
    /// Everything stands still.
    Stopped,
}

impl Outcome {
    const fn name(self) -> &'static str {
        match self {
            Self::Recovered => "recovered",
            Self::Returned => "returned",
            Self::Reviewing => "reviewing",
            Self::Rejected => "rejected",
            Self::Blocked => "blocked",
            Self::Stopped => "stopped",
        }
    }
}

/// Options of the demo.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Drive a whole recovery over HTTP, on free ports, in a temporary folder.
    #[arg(long)]
    walkthrough: bool,
    /// Portrait of the KYC record of the first account.
    #[arg(long, value_name = "FILE")]
    kyc_portrait: Option<PathBuf>,
    /// The applicant's face; put into a note photo and a short clip.
    #[arg(long, value_name = "FILE")]
    selfie: Option<PathBuf>,
    /// Front of the ID instead of a drawn one.
    #[arg(long, value_name = "FILE")]
    id_front: Option<PathBuf>,
    /// Back of the ID instead of a drawn one.
    #[arg(long, value_name = "FILE")]
    id_back: Option<PathBuf>,
    /// The video instead of a clip of the selfie.
    #[arg(long, value_name = "FILE")]
    video: Option<PathBuf>,
    /// The applicant takes everything before the camera of the page instead of sending files.
    #[arg(long, requires = "walkthrough", conflicts_with_all =
          ["rival", "unknown_account", "attack", "id_front", "id_back", "video"])]
    live: bool,
    /// The holder objects during the waiting period.
    #[arg(long)]
    impostor: bool,
    /// When the holder objects; nobody disputes it, and the case ends blocked.
    #[arg(long, value_enum, value_name = "WHEN", requires = "walkthrough", conflicts_with_all =
          ["impostor", "rival", "unknown_account", "attack", "clues", "account", "contest"])]
    veto_at: Option<walkthrough::objection::When>,
    /// Somebody with the old mailbox objects, the applicant disputes it, two seniors decide, and
    /// the mailbox objects again.
    #[arg(long, requires = "walkthrough", conflicts_with_all =
          ["impostor", "rival", "unknown_account", "attack", "clues", "account"])]
    contest: bool,
    /// From the approval on the platform has this fault, for longer than the waiting period.
    #[arg(long, value_name = "NAME", requires = "walkthrough",
          value_parser = walkthrough::outage::fault_named, conflicts_with_all =
          ["impostor", "rival", "unknown_account", "attack", "clues", "account", "contest",
           "veto_at", "crash_at"])]
    platform_fault: Option<Fault>,
    /// A second person appeals for the same account.
    #[arg(long)]
    rival: bool,
    /// Somebody tries to get through with something false.
    #[arg(long, value_enum, value_name = "NAME", requires = "walkthrough",
          conflicts_with_all = ["impostor", "rival", "unknown_account"])]
    attack: Option<walkthrough::attack::Attack>,
    /// What the applicant recalls of the account.
    #[arg(long, value_enum, value_name = "HOW", requires = "walkthrough",
          conflicts_with_all = ["impostor", "rival", "unknown_account", "attack"])]
    clues: Option<walkthrough::story::Recalls>,
    /// The state of the account at the exchange.
    #[arg(long, value_enum, value_name = "STATE", requires = "walkthrough",
          conflicts_with_all = ["impostor", "rival", "unknown_account", "attack"])]
    account: Option<walkthrough::story::Standing>,
    /// The applicant's IP address, as a proxy before the portal would name it.
    #[arg(
        long,
        value_name = "ADDRESS",
        requires = "walkthrough",
        conflicts_with = "crash_at"
    )]
    ip: Option<IpAddr>,
    /// A database of places in MaxMind's format.
    #[arg(long, value_name = "FILE", env = "REGAIN_CITY_DB")]
    city_db: Option<PathBuf>,
    /// A country that the walkthrough's policy calls one of high risk (ISO 3166-1, two letters).
    #[arg(long, value_name = "COUNTRY", requires = "ip")]
    high_risk: Vec<String>,
    /// A stranger asks for a known and for an unknown account; everything must look the same.
    #[arg(long)]
    unknown_account: bool,
    /// How the walkthrough must end for exit code 0: recovered, unless something else is said. With
    /// --unknown-account alone it is enough that nothing differs.
    #[arg(long, value_enum)]
    expect: Option<Outcome>,
    /// A database of its own instead of a file, such as postgres://...
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Steps as JSON lines.
    #[arg(long)]
    json: bool,
    /// Folder of the demo's data.
    #[arg(long, value_name = "DIR", default_value = ".demo")]
    data: PathBuf,
    /// Folder of model files. Without it they are fetched when the demo starts; a walkthrough goes
    /// without.
    #[arg(long, value_name = "DIR", env = "REGAIN_MODELS_DIR")]
    models: Option<PathBuf>,
    /// Kills portal and worker of the walkthrough at a failpoint and starts them again (for tests
    /// of builds with debug assertions).
    #[arg(long, value_name = "NAME[:N]", hide = true, requires = "walkthrough",
          conflicts_with_all = ["impostor", "rival", "unknown_account"])]
    crash_at: Option<String>,
    /// A second node on the same database, whose own clock is so many hours off.
    #[arg(
        long,
        value_name = "HOURS",
        hide = true,
        requires = "walkthrough",
        allow_hyphen_values = true
    )]
    second_node: Option<i64>,
    /// How far the own clock of this node is off, in milliseconds.
    #[arg(
        long,
        value_name = "MS",
        hide = true,
        requires = "portal_child",
        default_value_t = 0,
        allow_hyphen_values = true
    )]
    clock_off: i64,
    /// Is portal and worker of a walkthrough; only started by it.
    #[arg(
        long,
        value_name = "PLACES",
        hide = true,
        conflicts_with = "walkthrough"
    )]
    portal_child: Option<String>,
}

/// Runs the demo.
///
/// # Errors
/// When something it needs cannot be started.
pub(crate) async fn run(args: Args) -> Result<ExitCode> {
    if let Some(places) = &args.portal_child {
        let (database, models) = (args.database.as_deref(), args.models.as_deref());
        let clock_off = Span::millis(args.clock_off);
        world::run_portal(places, &args.data, database, models, clock_off).await?;
        return Ok(ExitCode::SUCCESS);
    }
    if args.walkthrough {
        let fine = walkthrough::run(&args).await?;
        return Ok(if fine {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        });
    }
    let world = World::start(&Options {
        data: args.data.clone(),
        database: args.database.clone(),
        models: models_for_demo(args.models.clone()),
        portrait: args
            .kyc_portrait
            .as_deref()
            .map(std::fs::read)
            .transpose()?,
        free_ports: false,
        status: AccountStatus::Ordinary,
        policy: None,
        city_db: args.city_db.clone(),
        breached_list: None,
        behind_proxy: false,
        webhooks: Vec::new(),
        own_passkey_page: false,
        crash_at: None,
        second_node: None,
        faults: FaultSwitch::default(),
    })
    .await?;
    let links = staff_links(&world).await?;
    greet(&world, &links)?;
    tokio::signal::ctrl_c().await?;
    world.end().await;
    Ok(ExitCode::SUCCESS)
}

/// Enrolment links of everybody who has no passkey yet.
async fn staff_links(world: &World) -> Result<Vec<(String, String)>> {
    if world.engine.all_staff().await?.is_empty() {
        for (name, rank) in STAFF {
            world.engine.add_staff(name, rank).await?;
        }
    }
    let mut links = Vec::new();
    for member in world.engine.all_staff().await? {
        if let Some(token) = world.engine.enrol_again(&member.id).await? {
            let link = world
                .portal
                .join(&format!("console/enrol/{}", token.reveal()))?;
            links.push((
                format!("{} ({})", member.name, member.rank.name()),
                link.to_string(),
            ));
        }
    }
    Ok(links)
}

fn greet(world: &World, links: &[(String, String)]) -> Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "\nRegain's demo is running. Ctrl-C ends it.\n")?;
    writeln!(out, "  The exchange        {}", world.exchange)?;
    writeln!(out, "  Recovery            {}", world.portal)?;
    writeln!(out, "  Reviewers' console  {}console", world.portal)?;
    writeln!(out, "  Mailbox and clock   {}\n", world.mailbox_page)?;
    writeln!(
        out,
        "Accounts at the exchange (user name, password, authenticator secret):"
    )?;
    for person in &PEOPLE {
        let (name, password, totp) = (person.user_name, person.password, person.totp);
        writeln!(out, "  {name:<5} {password:<28} {totp}")?;
    }
    if links.is_empty() {
        writeln!(
            out,
            "\nEverybody of the staff has a passkey and signs in at the console."
        )?;
    } else {
        writeln!(out, "\nStaff enrol a passkey once, each with a link:")?;
        for (who, link) in links {
            writeln!(out, "  {who:<24} {link}")?;
        }
    }
    if !world.faces {
        writeln!(
            out,
            "\nMissing: model files. Faces are not compared and every case goes to people.\n\
             `regain models fetch` gets them, `regain doctor` says which."
        )?;
    }
    writeln!(
        out,
        "\nTo try it with your own face: register at the exchange with a portrait."
    )?;
    Ok(())
}
