//! `regain staff`: who may decide. Only somebody with the machine's console can add people.

use anyhow::Context as _;
use engine::Engine;
use engine::views::StaffMember;
use recovery::sensitive::Sensitive;

use crate::cli::StaffCommand;
use crate::config::Config;
use crate::out;
use crate::wiring::{self, Faces};

/// Longest name.
const NAME_MAX: usize = 80;

/// Runs one of the commands.
pub(super) async fn run(command: StaffCommand, config: &Config) -> anyhow::Result<()> {
    let running = wiring::build(config, Faces::Skip).await?;
    let result = match command {
        StaffCommand::Add { name, rank } => add(&running.engine, &name, rank.into()).await,
        StaffCommand::Deactivate { id } => deactivate(&running.engine, &id).await,
        StaffCommand::List => list(&running.engine).await,
    };
    running.store.close().await;
    result
}

async fn add(engine: &Engine, name: &str, rank: recovery::actor::Rank) -> anyhow::Result<()> {
    let name = name.trim();
    let fits = (1..=NAME_MAX).contains(&name.chars().count());
    let plain = !name.chars().any(char::is_control);
    anyhow::ensure!(
        fits && plain,
        "use a name of 1 to {NAME_MAX} characters on one line"
    );
    let (member, token) = engine.add_staff(name, rank).await?;
    out::line(&format!(
        "added {} ({}, {})",
        member.name,
        member.rank.name(),
        member.id
    ))?;
    out::line(&format!(
        "enrolment link, works once within 24 hours: {}",
        enrolment_link(engine, &token)
    ))
}

async fn deactivate(engine: &Engine, id: &str) -> anyhow::Result<()> {
    let unknown = || format!("nobody has the identifier {id}; see: regain staff list");
    let parsed = id.parse().ok().with_context(unknown)?;
    let member = match engine.deactivate_staff(&parsed).await {
        Err(engine::EngineError::NotFound) => anyhow::bail!(unknown()),
        other => other?,
    };
    out::line(&row(&member))
}

/// The link by which a new member of staff enrols a passkey; from the configured origin alone.
pub(crate) fn enrolment_link(engine: &Engine, token: &Sensitive<String>) -> String {
    let origin = engine.settings().origin.as_str().trim_end_matches('/');
    format!("{origin}/console/enrol/{}", token.reveal())
}

async fn list(engine: &Engine) -> anyhow::Result<()> {
    let staff = engine.all_staff().await?;
    if staff.is_empty() {
        return out::line("nobody yet; add people with: regain staff add NAME --rank reviewer");
    }
    for member in &staff {
        out::line(&row(member))?;
    }
    Ok(())
}

fn row(member: &StaffMember) -> String {
    let state = if member.active { "active" } else { "inactive" };
    format!(
        "{}  {:8}  {state:8}  {}",
        member.id,
        member.rank.name(),
        member.name
    )
}
