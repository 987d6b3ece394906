//! Rules broken on purpose. Each wraps the real function, and the check must find it.

use recovery::actor::Actor;
use recovery::case::{
    Case, Command, Decision, EndReason, Event, Facts, LockCause, Recorded, Refusal, SecuringVerb,
    State, StopCause, Winner,
};
use recovery::time::{Span, Timestamp};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mutant {
    /// 1: whoever makes a wait longer makes it shorter.
    WaitShrinks,
    /// 1: what the platform tells of an account that waits is not heard.
    ChangeIsForgotten,
    /// 1: the same change makes the wait longer each time it is told.
    ChangeCountsTwice,
    /// 1: changes make the wait longer without an end.
    ChangesHaveNoEnd,
    /// 1: the wait is half a day.
    WaitIsShort,
    /// 1: the wait starts when the notices are out, frozen or not.
    FreezeIsForgotten,
    /// 1: an acknowledgement counts whichever version of the restriction it is about.
    StaleFreezeCounts,
    /// 1: word of an earlier approval's notices counts for the newest.
    StaleNoticesCount,
    /// 2: the wait's end is enough.
    OpensBeforeSecured,
    /// 2: new credentials come into force before the platform's word that the account is frozen.
    HandoverBeforeFreeze,
    /// 2: an end forgets what has to be given back.
    RestoreIsForgotten,
    /// 2: everything is open when the wait ends.
    OpensAtOnce,
    /// 2: limits end before their time.
    LimitsEndEarly,
    /// 3: the first to approve approves the case.
    OneReviewerIsEnough,
    /// 3: whoever handed the case back for a conflict may look at it again.
    ConflictIsForgotten,
    /// 4: nobody can stop a recovered case.
    RecoveredIsFinal,
    /// 4: a veto gives the account back.
    VetoThaws,
    /// 4: a channel that lost may stop the case again.
    LostChannelStopsAgain,
    /// 4: one senior decides.
    OneSeniorDecides,
    /// 4: a live factor of the objector's changes nothing.
    BurdenIsForgotten,
    /// 4: seniors decide before the holder could show anything.
    HasteDecides,
    /// 4: reviewers of the case decide about the objection.
    ReviewersJudgeThemselves,
    /// 5: sending a request locks the account.
    AskingLocks,
    /// 5: a lock outlives a return.
    LockOutlivesReturn,
    /// 5: every case has the whole of the account's cap.
    CapPerCase,
    /// 6: nobody looks for rivals.
    RivalsAreUnseen,
}

type Decided = Result<Vec<Event>, Refusal>;

/// What the rules answer.
pub(crate) fn decide(
    mutant: Option<Mutant>,
    case: &Case,
    actor: &Actor,
    command: &Command,
    mut facts: Facts<'_>,
    now: Timestamp,
) -> Option<Vec<Event>> {
    let ask = |case: &Case, facts: &Facts<'_>| {
        recovery::case::decide(Some(case), actor, command, facts, now)
    };
    let Some(mutant) = mutant else {
        return ask(case, &facts).ok();
    };
    match mutant {
        Mutant::CapPerCase => facts.locked_before = Span::ZERO,
        Mutant::RivalsAreUnseen => facts.rivals.clear(),
        _ => {}
    }
    let mut pretended = case.clone();
    pretend(mutant, &mut pretended, command, now);
    rewrite(mutant, case, command, ask(&pretended, &facts), now).ok()
}

/// What a broken rule takes a case for.
fn pretend(mutant: Mutant, case: &mut Case, command: &Command, now: Timestamp) {
    let wait = case.wait.as_mut();
    match (mutant, wait) {
        (Mutant::StaleNoticesCount, Some(wait)) => {
            if let Command::AcknowledgeNotices { approval, .. } = command {
                wait.approval = *approval;
            }
        }
        (Mutant::HandoverBeforeFreeze, Some(wait)) if case.handover.completed_at.is_none() => {
            wait.frozen_at.get_or_insert(now);
        }
        (Mutant::ChangeCountsTwice, Some(wait)) => wait.changes.clear(),
        (Mutant::ReviewersJudgeThemselves, _) => case.review.involved.clear(),
        (Mutant::ConflictIsForgotten, _) => case.review.conflicted.clear(),
        (Mutant::BurdenIsForgotten, _) => {
            case.stop
                .iter_mut()
                .for_each(|stop| stop.live_factors.clear());
        }
        (Mutant::HasteDecides, _) => {
            case.stop
                .iter_mut()
                .for_each(|stop| stop.evidence_until = None);
        }
        _ => {}
    }
}

/// What a broken rule answers instead.
fn rewrite(
    mutant: Mutant,
    case: &Case,
    command: &Command,
    answer: Decided,
    now: Timestamp,
) -> Decided {
    let mut answer = answer;
    match (mutant, command, &mut answer) {
        (Mutant::WaitShrinks, _, Ok(events)) => {
            for event in events {
                if let Event::WaitExtended { until, .. } = event {
                    *until = now;
                }
            }
        }
        (Mutant::ChangeIsForgotten, Command::NoteChange { .. }, _) => answer = Ok(Vec::new()),
        (Mutant::ChangesHaveNoEnd, _, Ok(events)) => {
            for event in events {
                if let Event::WaitExtended { until, .. } = event {
                    *until = *until + Span::days(7);
                }
            }
        }
        (Mutant::WaitIsShort, _, Ok(events)) => {
            for event in events {
                if let Event::WaitStarted { until } = event {
                    *until = now + Span::hours(12);
                }
            }
        }
        (Mutant::FreezeIsForgotten, Command::AcknowledgeNotices { .. }, Ok(events)) => {
            let until = now + case.wait.as_ref().map_or(Span::ZERO, |wait| wait.span);
            if case
                .wait
                .as_ref()
                .is_some_and(|wait| wait.frozen_at.is_none())
            {
                events.push(Event::WaitStarted { until });
            }
        }
        (Mutant::OpensBeforeSecured, Command::EndWait, Err(Refusal::SecuringOpen)) => {
            let veto_until = now + Span::days(7);
            answer = Ok(vec![Event::CaseRecovered { veto_until }]);
        }
        (Mutant::OpensAtOnce, Command::EndWait, Ok(events)) => {
            events.retain(|event| !matches!(event, Event::LimitsSet { .. }));
        }
        (Mutant::LimitsEndEarly, Command::StepThaw, Err(Refusal::TooEarly { .. })) => {
            answer = Ok(vec![Event::LimitsEnded]);
        }
        (Mutant::OneReviewerIsEnough, Command::GiveVerdict { verdict, .. }, Ok(events)) => {
            let decided = events
                .iter()
                .any(|e| matches!(e, Event::CaseApproved { .. }));
            let who = case
                .review
                .assigned
                .as_ref()
                .map(|held| held.reviewer.clone());
            if verdict.decision == Decision::Approve && !decided {
                events.push(Event::CaseApproved {
                    approvers: who.into_iter().collect(),
                    tier: case.tier,
                    wait_hours: 24,
                });
            }
        }
        (Mutant::RecoveredIsFinal, Command::Veto { .. }, _) if case.state == State::Recovered => {
            answer = Err(Refusal::TooLate);
        }
        (Mutant::LostChannelStopsAgain, Command::Veto { channel }, Err(Refusal::ChannelLost))
            if case.state == State::CoolingOff =>
        {
            let cause = StopCause::Veto {
                channel: channel.clone(),
            };
            let dispute_until = now + Span::hours(24);
            answer = Ok(vec![Event::CaseStopped {
                cause,
                dispute_until,
            }]);
        }
        (Mutant::OneSeniorDecides, Command::Vote { winner, .. }, Ok(events))
            if events.len() == 1 && *winner == Winner::Objector =>
        {
            events.push(Event::ContestDecided { winner: *winner });
            let reason = EndReason::ObjectionUpheld;
            events.push(Event::CaseClosed { reason });
        }
        (Mutant::AskingLocks, Command::Submit { .. }, Ok(events)) => {
            let cause = LockCause::ChecksPassed;
            let until = now + Span::hours(24);
            events.push(Event::LockStarted { cause, until });
        }
        _ => {}
    }
    answer
}

/// What an event does.
pub(crate) fn evolve(mutant: Option<Mutant>, case: &Case, recorded: &Recorded) -> Case {
    let mut after = recovery::case::evolve(Some(case.clone()), recorded).unwrap();
    match (mutant, &recorded.event) {
        (Some(Mutant::VetoThaws), Event::CaseStopped { .. }) => after.froze_account = false,
        (Some(Mutant::LockOutlivesReturn), Event::CaseReturned { .. }) => {
            after.lock.clone_from(&case.lock);
        }
        (Some(Mutant::RestoreIsForgotten), Event::CaseClosed { .. }) => {
            for progress in after.securing.values_mut() {
                progress.verified.insert(SecuringVerb::Restore, recorded.at);
            }
        }
        _ => {}
    }
    after
}
