//! `regain policy explain` and `regain policy replay`: why cases are rated as they are.

use std::path::Path;

use anyhow::Context as _;
use engine::explain::{Explained, FaresOtherwise, ReplayReport};
use recovery::id::CaseCode;
use recovery::policy::{Policy, Tier};
use recovery::risk::{Assessment, Follows, because, gate_words};
use serde_json::json;

use super::read_policy;
use crate::config::Config;
use crate::out;
use crate::wiring::{self, Faces};

/// Cases between two lines of progress.
const STEP: u64 = 100;

/// Explains one case.
pub(super) async fn explain(code: &str, json: bool, config: &Config) -> anyhow::Result<()> {
    let code: CaseCode = code
        .parse()
        .ok()
        .with_context(|| format!("{code} is not a request code; one looks like RG-7K2M-91QX"))?;
    let running = wiring::build(config, Faces::Skip).await?;
    let explained = running.engine.explain_rating(&code).await;
    running.store.close().await;
    let explained = match explained {
        Err(engine::EngineError::NotFound) => anyhow::bail!("no request has the code {code}"),
        other => other?,
    };
    if json {
        return out::line(&serde_json::to_string_pretty(&as_json(&explained))?);
    }
    out::whole(&in_words(&explained))
}

fn as_json(explained: &Explained) -> serde_json::Value {
    let (assessment, follows) = explained.assessment.clone().unzip();
    json!({
        "case": explained.code,
        "policy": explained.policy.version,
        "assessment": assessment,
        "follows": follows,
    })
}

/// Points with three decimals, as they are counted.
fn points(milli: i64) -> String {
    let sign = if milli < 0 { "-" } else { "" };
    let milli = milli.unsigned_abs();
    format!("{sign}{}.{:03}", milli / 1000, milli % 1000)
}

fn in_words(explained: &Explained) -> String {
    let version = explained.policy.version;
    let Some((assessment, follows)) = &explained.assessment else {
        return format!(
            "{} under policy {version}: not rated. The checks have not answered, or could not in \
             time: the tier is high and people decide.\n",
            explained.code
        );
    };
    let mut text = format!(
        "{} under policy {version}: tier {}, lane {}\n\ngates\n",
        explained.code,
        assessment.tier.name(),
        assessment.lane.name()
    );
    for gate in &assessment.gates {
        let state = if gate.open { "open  " } else { "closed" };
        text += &format!("  {state}  {:15}  {}\n", gate.code, gate_words(gate.code));
    }
    text += &counted(assessment, &explained.policy);
    text += "\nleast tiers\n";
    for floor in &assessment.floors {
        let tier = floor.tier.name();
        text += &format!("  {tier:11}  {}: {}\n", floor.code, floor.was);
    }
    text += &format!(
        "\nclues speak for the applicant with {} of at most {} points: a place in the queue, \
         nothing else\n",
        points(assessment.support_milli),
        explained.policy.clues.cap
    );
    text + &format!("what follows: {}\n", what_follows(follows))
}

fn counted(assessment: &Assessment, policy: &Policy) -> String {
    let mut text = "\npoints\n".to_owned();
    for part in &assessment.contributions {
        let name = format!("{} {}", part.code, part.was);
        let points = points(part.points_milli);
        text += &format!("  {points:>8}  {name:32}  {}\n", because(part));
    }
    let risk = &policy.risk;
    text + &format!(
        "  {:>8}  in all, never below 0; elevated from {}, high from {}, exceptional from {}\n",
        points(assessment.score_milli),
        risk.elevated_from,
        risk.high_from,
        risk.exceptional_from
    )
}

fn what_follows(follows: &Follows) -> String {
    format!(
        "{} reviewers must agree{}; people decide within {} business hours; a wait of {} hours; \
         handover {}",
        follows.reviewers,
        if follows.senior {
            ", one of them a senior"
        } else {
            ""
        },
        follows.review_hours,
        follows.wait_hours,
        if follows.handover_after_the_wait {
            "after the wait"
        } else {
            "at once"
        }
    )
}

/// Runs a changed policy over closed cases.
pub(super) async fn replay(path: &Path, json: bool, config: &Config) -> anyhow::Result<()> {
    let (text, policy) = read_policy(path)?;
    let running = wiring::build(config, Faces::Skip).await?;
    let progress = |done: u64, all: u64| {
        if done.is_multiple_of(STEP) || done == all {
            out::redraw(&format!("{done} of {all} cases"));
        }
    };
    let report = running.engine.replay_policy(&text, &progress).await;
    running.store.close().await;
    let report = report?;
    if report.rated + report.unrated > 0 {
        out::note("");
    }
    if json {
        return out::line(&serde_json::to_string_pretty(&report_json(&report))?);
    }
    out::whole(&report_words(&report, policy.version))
}

fn report_json(report: &ReplayReport) -> serde_json::Value {
    let rows = report.otherwise.iter().map(|row| {
        json!({ "case": row.code, "state": row.state, "was": row.replayed.was,
            "would_be": row.replayed.would_be, "not_approved": row.replayed.not_approved })
    });
    json!({
        "rated": report.rated,
        "unrated": report.unrated,
        "otherwise": rows.collect::<Vec<_>>(),
        "not_replayed": report.not_replayed,
    })
}

fn report_words(report: &ReplayReport, version: u32) -> String {
    let mut text = String::new();
    for row in &report.otherwise {
        text += &format!("{} ({}): {}\n", row.code, row.state, otherwise(row));
    }
    let not_approved = report.otherwise.iter();
    let not_approved = not_approved.filter(|row| row.replayed.not_approved).count();
    text + &format!(
        "{} of {} closed cases would have fared otherwise under policy {version}, {not_approved} \
         of them would have wanted more verdicts before an approval; {} could not be rated\n",
        report.otherwise.len(),
        report.rated,
        report.unrated
    ) + &kept(report)
}

/// What the changed policy says and the replay leaves out.
fn kept(report: &ReplayReport) -> String {
    let keys: Vec<&str> = report.not_replayed.iter().map(String::as_str).collect();
    if keys.is_empty() {
        return String::new();
    }
    format!(
        "Except for comparisons of faces, what the checks found stays as it was found, so these \
         changes had no part in it: {}\n",
        keys.join(", ")
    )
}

/// What would have been otherwise, in words.
fn otherwise(row: &FaresOtherwise) -> String {
    let (was, would_be) = (&row.replayed.was, &row.replayed.would_be);
    let mut parts = Vec::new();
    let tier = |tier: Tier| tier.name();
    if was.tier != would_be.tier {
        parts.push(format!(
            "tier {}, not {}",
            tier(would_be.tier),
            tier(was.tier)
        ));
    }
    if was.lane != would_be.lane {
        parts.push(format!(
            "{} lane, not {}",
            would_be.lane.name(),
            was.lane.name()
        ));
    }
    if was.wait_hours != would_be.wait_hours {
        parts.push(format!(
            "a wait of {} hours, not {}",
            would_be.wait_hours, was.wait_hours
        ));
    }
    if (was.reviewers, was.senior) != (would_be.reviewers, would_be.senior) {
        let senior = if would_be.senior {
            " with a senior"
        } else {
            ""
        };
        parts.push(format!("{} reviewers{senior}", would_be.reviewers));
    }
    if was.review_hours != would_be.review_hours {
        parts.push(format!(
            "{} business hours to decide, not {}",
            would_be.review_hours, was.review_hours
        ));
    }
    if was.handover_after_the_wait != would_be.handover_after_the_wait {
        let when = if would_be.handover_after_the_wait {
            "after the wait"
        } else {
            "at once"
        };
        parts.push(format!("handover {when}"));
    }
    if row.replayed.not_approved {
        parts.push("its verdicts would not have been enough".to_owned());
    }
    parts.join("; ")
}

#[cfg(test)]
mod tests {
    use recovery::finding::{Finding, Outcome};
    use recovery::policy::DEFAULT;
    use recovery::risk::{Grounds, Stake, assess};
    use recovery::signal::{Bearing, Signal};

    use super::*;

    #[test]
    fn every_number_of_a_rating_is_printed() {
        let Ok(policy) = Policy::parse(DEFAULT) else {
            unreachable!("the default policy")
        };
        let findings = [Finding::reviewer("face.live", Outcome::Unsure, "test")];
        let grounds = Grounds {
            signals: vec![Signal::new("device.familiar", Bearing::Lowers)],
            ..Grounds::of_stake(Stake::Medium)
        };
        let assessment = assess(&policy, &findings, &grounds, true);
        let follows = Follows::of(&policy, &assessment);
        let words = in_words(&Explained {
            code: "RG-7K2M-91QX".to_owned(),
            policy,
            assessment: Some((assessment, follows)),
        });
        for line in [
            "RG-7K2M-91QX under policy 2: tier high, lane ordinary",
            "closed document.same The document is the one of the record",
            "5.000 face.live unsure This check leaves a doubt for people",
            "-5.000 device.familiar lowers The platform has seen this device before",
            "0.000 in all, never below 0; elevated from 25, high from 50, exceptional from 90",
            "high face.kyc_note: not passed",
            "elevated stake: medium",
            "what follows: 2 reviewers must agree, one of them a senior; people decide within 168 \
             business hours; a wait of 72 hours; handover at once",
        ] {
            let said = |said: &str| said.split_whitespace().collect::<Vec<_>>().join(" ") == line;
            assert!(words.lines().any(said), "{line}\n{words}");
        }
    }

    #[test]
    fn what_a_replay_leaves_out_is_told() {
        let mut report = ReplayReport::default();
        assert_eq!(report_words(&report, 2).lines().count(), 1);
        report.not_replayed.insert("checks.phrase.pass".to_owned());
        let said = report_words(&report, 2);
        assert!(
            said.ends_with("no part in it: checks.phrase.pass\n"),
            "{said}"
        );
        assert_eq!(
            report_json(&report)["not_replayed"][0],
            "checks.phrase.pass"
        );
    }
}
