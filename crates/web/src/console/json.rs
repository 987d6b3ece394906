//! The console for scripts: the same content as its pages, sealed and masked alike.

use engine::views::{CaseFile, WorkView};
use recovery::case::Part;
use recovery::finding::Finding;
use serde_json::{Value, json};

use super::exhibits::Figure;
use super::steps::Step;
use super::{exhibits, view};

/// The work list.
pub(crate) fn work(work: &WorkView) -> Value {
    let rows: Vec<Value> = work
        .rows
        .iter()
        .map(|row| {
            json!({
                "case": row.case,
                "code": row.code,
                "part": row.part.name(),
                "assignment": row.assignment,
                "lease_until": row.lease_until,
                "due": row.due,
                "parts_done": row.parts_done,
                "parts_all": row.parts_all,
                "changed_at": row.changed_at,
                "href": view::base(&row.case),
            })
        })
        .collect();
    json!({
        "rows": rows,
        "waiting": work.waiting,
        "oldest_since": work.oldest_since,
        "now": work.now,
    })
}

/// A case file.
pub(crate) fn case(file: &CaseFile) -> Value {
    json!({
        "case": file.case,
        "code": file.code,
        "state": file.state.name(),
        "part": file.part.name(),
        "contested": file.part == Part::Contest,
        "assignment": file.assignment,
        "lease_until": file.lease_until,
        "rank": file.rank.name(),
        "policy_version": file.policy_version,
        "opened_at": file.opened_at,
        "submitted_at": file.submitted_at,
        "due": file.due,
        "locked": file.locked,
        "appeal": file.appeal,
        "account_known": !file.phantom,
        "needs_exception": file.needs_exception,
        "steps": steps_of(file),
        "evidence": file.evidence.iter().map(|item| json!({
            "id": item.id,
            "kind": item.kind,
            "capture": item.capture,
            "media_type": item.media_type,
            "bytes": item.bytes,
        })).collect::<Vec<_>>(),
        "note_lines": file.note_lines,
        "phrase": file.phrase,
        "record": file.record.iter().map(|(field, masked)| json!({
            "field": field,
            "masked": masked,
        })).collect::<Vec<_>>(),
        "clues": file.clues.iter().map(|row| json!({
            "clue": row.clue,
            "result": row.result,
            "reason": row.reason,
        })).collect::<Vec<_>>(),
        "timeline": file.timeline.iter().map(|moment| json!({
            "at": moment.at,
            "code": moment.code,
            "expected": moment.expected,
        })).collect::<Vec<_>>(),
        "now": file.now,
    })
}

/// Every step with its exhibits, answer and findings; sealed findings are not there at all.
fn steps_of(file: &CaseFile) -> Vec<Value> {
    Step::ALL
        .into_iter()
        .map(|step| {
            let sealed = view::sealed(file, step);
            let figures = exhibits::figures(file, step);
            let findings: Vec<Value> = if sealed {
                Vec::new()
            } else {
                view::findings_of(file, step)
                    .into_iter()
                    .zip(1..)
                    .map(|(one, number)| finding(one, exhibits::outlined(&figures, number)))
                    .collect()
            };
            json!({
                "number": step.number(),
                "step": step.slug(),
                "open": step.open_in(file),
                "answer": step.answer_in(file),
                "answers": step.options().iter().map(|(code, _)| code).collect::<Vec<_>>(),
                "sealed": sealed,
                "findings": findings,
                "exhibits": figures
                    .into_iter()
                    .map(|figure| figure.src)
                    .collect::<Vec<_>>(),
            })
        })
        .collect()
}

/// A finding, and the exhibit on which it is outlined: a region alone does not say of which picture
/// it is.
fn finding(finding: &Finding, on: Option<&Figure>) -> Value {
    json!({
        "code": finding.code,
        "kind": finding.kind,
        "outcome": finding.outcome,
        "score_milli": finding.score_milli,
        "threshold_milli": finding.threshold_milli,
        "unit": finding.unit,
        "one_in": finding.one_in,
        "engine": finding.engine,
        "region": finding.region,
        "at_ms": finding.at_ms,
        "outlined_on": on.map(|figure| figure.src.as_str()),
    })
}
