//! The applicant's page: where the case is, why it waits, what comes next and by when.

use platform::contract::{AccountStatus, Dossier};
use recovery::case::{Case, SecuringVerb, State, hands_over_later};
use recovery::evidence::EvidenceKind;
use recovery::finding::{Audience, Region};
use recovery::id::CaseId;
use recovery::reason::reason;
use recovery::sensitive::Sensitive;
use recovery::time::Timestamp;

use crate::engine::{Engine, Rules};
use crate::error::Result;
use crate::record::piece;
use crate::takes::spoken;
use crate::views::{ApplicantView, Moment, NotOffered, SecuringLine, Task, TaskStatus, Why};
use crate::{summary, when};

impl ApplicantView {
    /// The task of a kind of evidence.
    #[must_use]
    pub fn task(&self, kind: EvidenceKind) -> Option<&Task> {
        self.tasks.iter().find(|task| task.kind == kind)
    }

    /// Whether they may add to their side now.
    #[must_use]
    pub fn may_prove(&self) -> bool {
        self.proof_until.is_some_and(|until| self.now < until)
    }
}

impl Engine {
    /// Everything the applicant's pages show.
    ///
    /// # Errors
    /// [`crate::EngineError::NotFound`] for no case.
    pub async fn applicant_view(&self, id: &CaseId) -> Result<ApplicantView> {
        let case = self.case(id).await?;
        let rules = self.rules(case.policy_version).await?;
        let now = self.now().await?;
        let contact = self.shown_contact(&case).await?;
        let due = summary::due(&case, &rules);
        let before = self.cases_before(&case, &rules, now).await?;
        let tasks = tasks(&case, &rules);
        let ready = case.missing(&rules.policy).is_empty() && case.contact.is_some();
        let later = hands_over_later(&case, &rules.policy, now);
        let why = why(&case, &rules, before, (&tasks, later));
        Ok(ApplicantView {
            case: id.clone(),
            code: case.code.to_string(),
            state: case.state,
            language: case.language.clone(),
            consented: case.consent_at.is_some(),
            identifier_given: case.identifier.is_some(),
            contact,
            contact_proved: case.contact.is_some(),
            clues_given: !case.clues.is_empty(),
            addresses_signed: self.signed_count(&case).await?,
            document: case.document,
            phrase: self.phrase(&case),
            ready,
            returned: case.state == State::Gathering && case.submitted_at.is_some(),
            submitted_at: case.submitted_at,
            finish_until: due.unwrap_or(case.finish_until),
            late: case.state == State::Reviewing && due.is_some_and(|due| now > due),
            due,
            locked: case.lock.is_some() || case.state == State::CoolingOff,
            why,
            timeline: timeline(&case, &rules),
            tier: case.tier,
            wait_until: case.wait.as_ref().and_then(|wait| wait.until),
            handover_later: later,
            ticket_until: case.handover.ticket_until,
            handover_begun: case.handover.begun_at.is_some(),
            handover_done: case.handover.completed_at.is_some(),
            securing: securing(&case),
            may_appeal_until: case.appeal_until.filter(|until| now < *until),
            may_dispute_until: case
                .stop
                .as_ref()
                .filter(|_| case.state == State::Stopped && !case.stopped_by_rival())
                .map(|stop| stop.dispute_until)
                .filter(|until| now < *until),
            rival: case.stopped_by_rival(),
            proof_until: case.proof_until(),
            erase_at: summary::told_erasure(&case, &rules),
            ladder: summary::ladder(&case, &rules)
                .into_iter()
                .filter(|rung| now < rung.until)
                .collect(),
            not_offered: self.not_offered(&case).await?,
            tasks,
            now,
        })
    }

    /// How many addresses signed, while more can.
    async fn signed_count(&self, case: &Case) -> Result<usize> {
        if case.state != State::Gathering && case.proof_until().is_none() {
            return Ok(0);
        }
        Ok(self.signed_addresses(&case.id).await?.len())
    }

    /// Why an account cannot come back, for a holder whom two reviewers believed; for anybody else
    /// it would tell that there is such an account.
    async fn not_offered(&self, case: &Case) -> Result<Option<NotOffered>> {
        if !case.is_not_offered() || case.erased_at.is_some() {
            return Ok(None);
        }
        let dossier: Option<Dossier> = self.unseal(&case.id, piece::DOSSIER).await?;
        Ok(dossier.and_then(|dossier| match dossier.status {
            AccountStatus::Archived => {
                let last = dossier.logins.iter().map(|login| login.at).max();
                let since = last.unwrap_or(dossier.registered_at);
                Some(NotOffered::Archived {
                    since: when::civil(since, None).year(),
                })
            }
            AccountStatus::Restricted | AccountStatus::Closed => Some(NotOffered::Restricted),
            AccountStatus::Ordinary | AccountStatus::NoKyc => None,
        }))
    }

    /// Six digits of this case that nobody outside can know before.
    pub(crate) fn case_digits(&self, case: &Case) -> String {
        let chance = self.derived_token("phrase", case.id.as_str());
        let number = u64::from_str_radix(chance.reveal().get(..12).unwrap_or("0"), 16);
        format!("{:06}", number.unwrap_or(0) % 1_000_000)
    }

    /// What a video must say that comes as a file, without a take: the purpose, then the digits of
    /// the case, so that no other case's video serves (M11).
    pub(crate) fn phrase(&self, case: &Case) -> String {
        spoken(&self.purpose(), &self.case_digits(case))
    }

    async fn shown_contact(&self, case: &Case) -> Result<Option<Sensitive<String>>> {
        if case.erased_at.is_some() {
            return Ok(None);
        }
        match self.unseal(&case.id, piece::CONTACT).await? {
            Some(contact) => Ok(Some(contact)),
            None => self.unseal(&case.id, piece::CONTACT_PENDING).await,
        }
    }

    async fn cases_before(&self, case: &Case, rules: &Rules, now: Timestamp) -> Result<u64> {
        if case.state != State::Reviewing {
            return Ok(0);
        }
        let row = summary::row(case, rules, now);
        Ok(self.0.store.read().await?.cases_before(&row).await?)
    }
}

fn tasks(case: &Case, rules: &Rules) -> Vec<Task> {
    EvidenceKind::ALL
        .into_iter()
        .map(|kind| task(case, rules, kind))
        .collect()
}

fn task(case: &Case, rules: &Rules, kind: EvidenceKind) -> Task {
    let asked = case.asked.iter().find(|(asked, _)| *asked == kind);
    let items: Vec<_> = case
        .evidence
        .iter()
        .filter(|item| item.kind == kind)
        .cloned()
        .collect();
    let open = asked.is_some() && !case.retaken.contains(&kind);
    let policy = &rules.policy;
    let required = case.required(policy).any(|needed| needed == kind);
    let status = if open {
        TaskStatus::TakeAgain
    } else if policy.gathering.required.contains(&kind) && !required {
        TaskStatus::NotNeeded
    } else if items.is_empty() {
        TaskStatus::ToDo
    } else if case.state == State::Checking {
        TaskStatus::Checking
    } else {
        TaskStatus::Done
    };
    let used = case.returns.get(&kind).copied().unwrap_or(0);
    Task {
        kind,
        required,
        status,
        reason: asked.filter(|_| open).and_then(|(_, code)| reason(code)),
        regions: asked
            .filter(|_| open)
            .map(|(_, code)| regions(case, kind, code))
            .unwrap_or_default(),
        items,
        tries_left: policy.gathering.returns_per_item_max.saturating_sub(used),
    }
}

/// Where the applicant may see what a code says of their picture.
fn regions(case: &Case, kind: EvidenceKind, code: &str) -> Vec<Region> {
    case.findings
        .iter()
        .filter(|finding| finding.audience == Audience::Applicant)
        .filter(|finding| finding.kind == Some(kind) && finding.code == code)
        .filter_map(|finding| finding.region)
        .collect()
}

fn securing(case: &Case) -> Vec<SecuringLine> {
    case.securing
        .iter()
        .map(|(action, progress)| SecuringLine {
            action: action.0.clone(),
            confirmed_at: progress.verified.get(&SecuringVerb::Suspend).copied(),
        })
        .collect()
}

/// Why the case waits; codes of UX.md C1. Reviewers' doings are told in general only.
fn why(case: &Case, rules: &Rules, before: u64, (tasks, later): (&[Task], bool)) -> Why {
    let missing = case.missing(&rules.policy).len() as u64;
    let open = tasks
        .iter()
        .filter(|task| task.status == TaskStatus::TakeAgain)
        .count() as u64;
    let (code, count) = match case.state {
        State::Gathering if open > 0 => ("wait.you_item", open),
        State::Gathering => ("wait.you", missing),
        // The checks begin when the platform has said which account is meant, and it is asked from
        // the first day on. Later failures are not told: only an account that exists has them.
        State::Checking if !case.resolved => ("wait.outage", 0),
        State::Checking => ("wait.checks", 0),
        State::Reviewing if case.review.assigned.is_some() => ("wait.reading", 0),
        State::Reviewing if case.review.verdicts.len() == 1 => ("wait.second", 0),
        State::Reviewing if case.review.verdicts.len() > 1 => ("wait.senior", 0),
        State::Reviewing => ("wait.queue", before),
        State::CoolingOff if later => ("wait.cooling", 0),
        State::CoolingOff if case.handover.completed_at.is_none() => ("wait.handover", 0),
        State::CoolingOff if !case.all_secured(SecuringVerb::Suspend) => (
            "wait.ack",
            securing(case)
                .iter()
                .filter(|l| l.confirmed_at.is_none())
                .count() as u64,
        ),
        State::CoolingOff if case.wait.as_ref().is_none_or(|wait| wait.until.is_none()) => {
            ("wait.platform", 0)
        }
        State::CoolingOff => ("wait.cooling", 0),
        State::Stopped | State::Contested if case.stopped_by_rival() => ("wait.rival", 0),
        State::Stopped | State::Contested => ("wait.dispute", 0),
        _ => ("wait.none", 0),
    };
    Why {
        code,
        count,
        since: Some(case.changed_at),
    }
}

/// What happened so far and what is expected, from the case itself.
pub(crate) fn timeline(case: &Case, rules: &Rules) -> Vec<Moment> {
    let mut moments = Vec::new();
    let mut add = |at: Option<Timestamp>, code| {
        if let Some(at) = at {
            moments.push(Moment {
                at,
                code,
                expected: false,
            });
        }
    };
    add(Some(case.opened_at), "opened");
    add(case.submitted_at, "sent");
    add(case.lock.as_ref().map(|lock| lock.since), "locked");
    add(case.wait.as_ref().map(|wait| wait.approved_at), "approved");
    add(case.handover.completed_at, "handover_done");
    add(
        case.wait.as_ref().and_then(|wait| wait.started_at),
        "wait_started",
    );
    add(
        case.wait.as_ref().and_then(|wait| wait.grew_at),
        "wait_longer",
    );
    add(case.stop.as_ref().map(|stop| stop.at), "stopped");
    add(case.recovered_at, "recovered");
    let ended = match case.state {
        State::Rejected => Some("rejected"),
        State::Blocked | State::Withdrawn | State::Expired => Some("closed"),
        _ => None,
    };
    if let Some(code) = ended {
        add(case.ended_at, code);
    }
    // For an unknown account the day itself would tell; see `told_erasure`.
    add(case.erased_at.filter(|_| !case.is_phantom()), "erased");
    moments.sort_by_key(|moment| moment.at);
    let expected = |at: Option<Timestamp>, code| {
        at.map(|at| Moment {
            at,
            code,
            expected: true,
        })
    };
    let due = summary::due(case, rules);
    let window = case
        .veto_until
        .filter(|_| case.state == State::Recovered && !case.veto_window_closed);
    moments.extend(expected(window, "veto_ends"));
    let next = match case.state {
        State::Gathering => expected(due, "closes"),
        State::Checking => expected(due, "checked"),
        State::Reviewing | State::Contested => expected(due, "decided"),
        State::CoolingOff => expected(due, "recovered"),
        State::Stopped if case.stopped_by_rival() => expected(due, "proof_ends"),
        State::Stopped => expected(due, "dispute_ends"),
        _ => expected(
            summary::told_erasure(case, rules)
                .filter(|_| case.erased_at.is_none() || case.is_phantom()),
            "erased",
        ),
    };
    moments.extend(next);
    moments
}
