//! People look: drawn at random from the pool, as often as the rules ask for one more.

use recovery::actor::{Actor, Rank};
use recovery::case::{Case, Command, Part, Refusal, State, Winner};
use recovery::id::AssignmentId;
use recovery::risk::of_case;
use recovery::time::Span;

use super::Run;
use crate::agenda::Doing;
use crate::keys::Staff;
use crate::staff::{Look, Person, approval};

/// Business hours of the longest promise that is still the fast lane's, per policy.
const FAST: Span = Span::hours(1);
/// Draws until somebody is found whom the rules let look; more often than not it is the first.
const DRAWS_MAX: usize = 400;

impl Run<'_> {
    /// Plans a look where the rules wait for one and none is planned.
    pub(super) fn plan_look(&mut self) {
        let Some(case) = &self.case else { return };
        let wanted = case.wanted_part(self.scene.policy).is_some();
        if !wanted || self.agenda.holds(&Doing::Look) || self.outcome.stranded {
            return;
        }
        let mean = self.scene.model.staff.of(queue(case, self.scene.policy));
        let waits = self.who.looks.hours(mean);
        // Of a contest nobody takes hold before both sides had their time.
        let shown = case.stop.as_ref().and_then(|stop| stop.evidence_until);
        let from = shown.map_or(self.now, |until| until.max(self.now));
        let at = self.scene.calendar.after(from, waits.max(FAST));
        self.agenda.add(at, Doing::Look);
    }

    /// Somebody takes the case, looks, and decides.
    pub(super) fn looks(&mut self) -> Result<(), Refusal> {
        let Some((person, assignment)) = self.drawn() else {
            return Ok(());
        };
        let Some(case) = &self.case else {
            return Ok(());
        };
        let part = case.review.assigned.as_ref().map(|held| held.part);
        let staff = &self.scene.model.staff;
        let minutes = staff.of(match part {
            Some(Part::Senior | Part::Contest) => Staff::MinutesSenior,
            _ => Staff::MinutesLook,
        });
        self.outcome.looks += 1;
        self.outcome.minutes += minutes;
        let command = self.conclusion(&person, &assignment, case);
        let actor = Actor::Reviewer {
            id: person.id,
            rank: person.rank,
        };
        self.now = self.now + Span::millis((minutes * 60_000.0) as i64);
        let answer = self.send(&actor, &command);
        if answer.is_err() {
            // Not among the rules' answers to what is sent here; a case is never left held.
            let conflict = true;
            let back = Command::HandBack {
                assignment,
                conflict,
            };
            return self.send(&actor, &back);
        }
        answer
    }

    /// Draws people until the rules let one take the case.
    fn drawn(&mut self) -> Option<(Person, AssignmentId)> {
        let part = self.case.as_ref()?.wanted_part(self.scene.policy)?;
        let fits = |person: &&Person| person.rank >= part.rank();
        let fitting: Vec<&Person> = self.scene.people.iter().filter(fits).collect();
        for _ in 0..DRAWS_MAX {
            let place = self.who.looks.below(fitting.len());
            let person = (*fitting.get(place)?).clone();
            let assignment = AssignmentId::new(self.now, &mut self.who.names.rng);
            let actor = Actor::Reviewer {
                id: person.id.clone(),
                rank: person.rank,
            };
            let take = Command::Assign {
                assignment: assignment.clone(),
            };
            if self.send(&actor, &take).is_ok() {
                return Some((person, assignment));
            }
        }
        self.outcome.stranded = true;
        None
    }

    fn conclusion(&self, person: &Person, assignment: &AssignmentId, case: &Case) -> Command {
        let assignment = assignment.clone();
        let model = self.scene.model;
        // The mind's draws were made when the applicant was: one for each look of the case.
        let (mind, bribed) = self.who.mind(self.outcome.looks, model, &person.id);
        let attacker = self.who.attacks();
        if case.state == State::Contested {
            let winner = if bribed {
                Winner::Applicant
            } else {
                mind.vote(&model.staff, attacker)
            };
            let exception = Some("contest".to_owned());
            return Command::Vote {
                assignment,
                winner,
                exception,
            };
        }
        let mut verdict = if bribed {
            approval()
        } else {
            let look = Look::at(case, of_case(case, self.scene.policy).as_ref());
            mind.verdict(&model.staff, attacker, look, case, self.scene.policy)
        };
        if person.rank == Rank::Reviewer {
            verdict.exception = None;
        }
        Command::GiveVerdict {
            assignment,
            verdict,
        }
    }
}

/// In which queue a case waits.
fn queue(case: &Case, policy: &recovery::policy::Policy) -> Staff {
    let promised = case.deadline.as_ref().map(|deadline| deadline.allowance);
    let fast = promised.is_some_and(|p| p <= Span::hours(policy.risk.fast_hours));
    if case.review.low_priority {
        Staff::QueueLow
    } else if fast {
        Staff::QueueFast
    } else {
        Staff::QueueOrdinary
    }
}
