//! After a walkthrough with a crash: the crash happened, and nothing happened twice.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use anyhow::{Result, bail, ensure};
use recovery::case::State;

use super::browser::{Browser, Form, Page};
use super::shop::{Shopper, WITHDRAWN};
use super::stage::{Stage, shape};
use crate::demo::mailbox::Mail;

/// How often somebody presses a button that works later; the case key may be typed ten times.
const PRESSES_MAX: usize = 9;
/// What may happen any number of times to one case. Everything else happens once: one approval,
/// one handover, one end.
const REPEATED: [&str; 8] = [
    "evidence_added",
    "evidence_viewed",
    "reviewer_assigned",
    "assignment_ended",
    "verdict_given",
    "credential_enrolled",
    "securing_acknowledged",
    "securing_verified",
];
/// Once in each round, and between two of them: now and then handwriting is misread, and the note
/// asked for again.
const BY_ROUND: [&str; 2] = ["case_submitted", "checks_finished"];
const RETURNED: &str = "case_returned";
/// Rounds of a walkthrough: a note is written again once.
const ROUNDS_MAX: usize = 2;
/// USDT of a seeded account, in both wallets together.
const SEEDED: i64 = 2000;
/// Mails that answer a press of a button: whoever had to press twice may get two.
const ASKED_FOR: &str = "your code";

/// Presses a form's button, again as long as the page says that something must happen first, each
/// time a little later: tries are counted.
pub(crate) async fn submit_in_time(
    stage: &Stage<'_>,
    browser: &Browser,
    form: &Form,
    typed: &[(&str, &str)],
) -> Result<Page> {
    for tries in 1..PRESSES_MAX {
        let page = browser.submit(form, typed).await?;
        if !page.heading().contains("This cannot be done now") {
            return Ok(page);
        }
        stage.pauses(tries * tries).await;
    }
    browser.submit(form, typed).await
}

/// The key page with its key: asks for a new one when the first was lost with its answer.
pub(crate) async fn with_key(browser: &Browser, page: Page) -> Result<Page> {
    if page.text_of("#case-key").is_some() {
        return Ok(page);
    }
    browser.submit(&page.form("/key")?, &[("do", "new")]).await
}

/// Fails unless portal and worker were killed at the failpoint, once and in no other way, and what
/// everybody received and the case's own history hold nothing twice.
pub(crate) async fn nothing_twice(
    stage: &Stage<'_>,
    code: &str,
    contact: &str,
    shopper: &Shopper<'_>,
    killed: &RangeInclusive<u32>,
) -> Result<()> {
    let crashes = stage.world.crashes();
    ensure!(crashes.odd() == 0, "portal and worker ended by themselves");
    let count = crashes.killed();
    ensure!(
        killed.contains(&count),
        "the failpoint was reached {count} times"
    );
    let (events, rounds) = check_history(stage, code).await?;
    let mails = stage.world.mailbox.all();
    let again = check_mails(&mails, contact, rounds)?;
    let (had, has) = (SEEDED, shopper.usdt().await?);
    ensure!(has == had - WITHDRAWN, "{has} USDT are left of {had}");
    stage.step(
        "outsider",
        "looks for anything that happened twice",
        &format!(
            "{} messages ({again} the very same again), {events} events: nothing",
            mails.len()
        ),
    );
    Ok(())
}

/// Mail to the applicant may come again, word for word, and in other words in each round; what the
/// platform hands over may not. Gives how many came again.
fn check_mails(mails: &[Mail], contact: &str, rounds: usize) -> Result<usize> {
    let mut seen = BTreeSet::new();
    let mut kinds: BTreeMap<(&str, &str, String), BTreeSet<&str>> = BTreeMap::new();
    let mut again = 0;
    for mail in mails {
        let what = shape(&mail.subject);
        // The exchange's own link is another one in each notice.
        let text = mail
            .text
            .split("This was not me: ")
            .next()
            .unwrap_or_default();
        let fresh = seen.insert((&mail.channel, &mail.to, &mail.subject, text));
        if !fresh && mail.to != contact {
            bail!("a notice came twice: {what}");
        }
        again += usize::from(!fresh);
        if mail.subject.contains(ASKED_FOR) {
            continue;
        }
        let told = kinds
            .entry((&mail.channel, &mail.to, what.clone()))
            .or_default();
        told.insert(text);
        let most = if mail.to == contact { rounds } else { 1 };
        ensure!(
            told.len() <= most,
            "a message came twice in other words: {what}\n{told:?}"
        );
    }
    Ok(again)
}

/// The case's events; gives how many, and how many rounds.
async fn check_history(stage: &Stage<'_>, code: &str) -> Result<(usize, usize)> {
    let case = stage.world.case_of(code).await?;
    let mut reader = stage.world.store.read().await?;
    let Some(loaded) = reader.load(&case).await? else {
        bail!("the case's history is gone");
    };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for event in &loaded.events {
        *counts.entry(event.kind.as_str()).or_default() += 1;
    }
    let rounds = counts.remove(RETURNED).unwrap_or(0) + 1;
    ensure!(rounds <= ROUNDS_MAX, "it was returned twice");
    for kind in BY_ROUND {
        let count = counts.remove(kind).unwrap_or(0);
        ensure!(
            count == rounds,
            "{kind} happened {count} times in {rounds} rounds"
        );
    }
    for (kind, count) in counts {
        let once = !REPEATED.contains(&kind);
        ensure!(count == 1 || !once, "{kind} happened {count} times");
    }
    // A press whose answer was lost before there was a session leaves an empty case behind; it
    // knows no account and no address, tells nobody, and expires.
    for other in reader.list_cases(None, None, store::MAX_PAGE).await? {
        let empty = other.account_ref.is_none()
            && other.contact_index.is_none()
            && other.state == State::Gathering.name();
        ensure!(other.id == case || empty, "a second case got on its way");
    }
    Ok((loaded.events.len(), rounds))
}
