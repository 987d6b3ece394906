//! One applicant's case in virtual time: every command goes through `decide`, every event through
//! `evolve` and `react`, every timer through `fired`. Nothing of the rules is copied here.

mod after;
mod begin;
mod review;

use recovery::actor::Actor;
use recovery::calendar::Calendar;
use recovery::case::{
    Case, Command, ENVELOPE, Effect, Event, Facts, Notice, Recorded, Refusal, SecuringAction,
    SecuringVerb, StaffFacts, State, Timer, decide, evolve, fired, react,
};
use recovery::id::CaseId;
use recovery::policy::Policy;
use recovery::risk::Grounds;
use recovery::time::{Span, Timestamp};

use crate::agenda::{Agenda, Doing};
use crate::applicant::Applicant;
use crate::measure::Outcome;
use crate::model::Compiled;
use crate::showing::Showing;
use crate::staff::Person;

/// Steps of one case: far more than any takes; a case that needs more is told as stuck.
const STEPS_MAX: usize = 2_000;
/// Events that one command leads to, at most.
const COMMANDS_MAX: u64 = 10_000;
/// What the simulated platform can secure.
const ACTIONS: [&str; 3] = ["credentials", "api_keys", "whitelist"];

/// What is the same for everybody.
#[derive(Debug)]
pub(crate) struct Scene<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) calendar: &'a Calendar,
    pub(crate) model: &'a Compiled,
    pub(crate) people: &'a [Person],
}

/// One case.
pub(crate) struct Run<'a> {
    scene: &'a Scene<'a>,
    who: &'a mut Applicant,
    case: Option<Case>,
    id: CaseId,
    seq: u64,
    now: Timestamp,
    agenda: Agenda,
    showing: Showing,
    grounds: Grounds,
    /// Requests for the same account before this one, and how long they locked it.
    earlier: usize,
    locked_before: Span,
    objected: bool,
    pub(crate) outcome: Outcome,
}

impl<'a> Run<'a> {
    /// A case that begins now.
    pub(crate) fn new(
        scene: &'a Scene<'a>,
        who: &'a mut Applicant,
        now: Timestamp,
        earlier: usize,
        locked_before: Span,
    ) -> Self {
        who.opens_a_case();
        let values = who.values(scene.model);
        let showing = Showing::new(values, earlier > 0, &mut who.checks);
        let grounds = crate::grounds::draw(values, earlier, &mut who.grounds);
        Self {
            id: CaseId::new(now, &mut who.names.rng),
            scene,
            case: None,
            seq: 0,
            now,
            agenda: Agenda::default(),
            showing,
            grounds,
            earlier,
            locked_before,
            objected: false,
            outcome: Outcome::default(),
            who,
        }
    }

    /// Runs it to its end; the answer is when that is, and how long the account was locked.
    pub(crate) fn play(&mut self) -> (Timestamp, Span) {
        if self.begins().is_err() {
            self.outcome.stuck = true;
            return (self.now, Span::ZERO);
        }
        for _ in 0..STEPS_MAX {
            self.plan_look();
            if self.is_over() {
                break;
            }
            let Some((at, doing)) = self.agenda.next() else {
                // Nothing comes any more: nobody is left to look, or an error of the simulation.
                self.outcome.stuck = !self.outcome.stranded;
                break;
            };
            self.now = self.now.max(at);
            self.happens(doing);
        }
        self.close()
    }

    fn state(&self) -> Option<State> {
        self.case.as_ref().map(|case| case.state)
    }

    /// Nothing that could still come changes how it ended.
    fn is_over(&self) -> bool {
        let Some(case) = &self.case else { return true };
        match case.state {
            State::Recovered => case.veto_window_closed,
            State::Rejected => !self.agenda.holds(&Doing::Appeal),
            state => !state.is_open(),
        }
    }

    fn close(&mut self) -> (Timestamp, Span) {
        let Some(case) = &self.case else {
            return (self.now, self.locked_before);
        };
        self.outcome.recovered = case.state == State::Recovered && case.veto_window_closed;
        self.outcome.stopped_late = case.recovered_at.is_some() && !self.outcome.recovered;
        self.outcome.tier = case.tier;
        self.outcome.end = case.state;
        (self.now, self.locked_before + case.locked)
    }

    /// Asks the rules, and lets happen what they allow.
    fn send(&mut self, actor: &Actor, command: &Command) -> Result<(), Refusal> {
        let staff = match actor {
            Actor::Reviewer { rank, .. } => Some(StaffFacts {
                rank: *rank,
                conflict: false,
                held: 0,
                pair_this_week: 0,
            }),
            _ => None,
        };
        let facts = Facts {
            // Nothing here moves money after a recovery.
            thaws: false,
            policy: self.scene.policy,
            calendar: self.scene.calendar,
            rivals: Vec::new(),
            locked_before: self.locked_before,
            staff,
            securing: match command {
                Command::CompleteHandover => {
                    ACTIONS.map(|one| SecuringAction(one.to_owned())).to_vec()
                }
                _ => Vec::new(),
            },
        };
        if self.seq > COMMANDS_MAX {
            return Err(Refusal::TooMany);
        }
        let events = decide(self.case.as_ref(), actor, command, &facts, self.now)?;
        for event in events {
            self.event(actor, event);
        }
        Ok(())
    }

    fn event(&mut self, actor: &Actor, event: Event) {
        self.seq += 1;
        self.note(&event);
        let recorded = Recorded {
            v: ENVELOPE,
            case: self.id.clone(),
            seq: self.seq,
            at: self.now,
            actor: actor.clone(),
            event,
        };
        let before = self.case.as_mut().map(without_pieces);
        self.case = evolve(self.case.take(), &recorded);
        let Some(after) = &self.case else { return };
        let effects = react(
            before.as_ref(),
            after,
            &recorded.event,
            self.scene.policy,
            self.scene.calendar,
        );
        for effect in effects {
            self.asks(effect);
        }
    }

    /// What is measured on the way.
    fn note(&mut self, event: &Event) {
        let decided = match event {
            Event::CaseApproved { .. } => {
                self.outcome.approved = true;
                true
            }
            Event::CaseRejected { .. } => true,
            Event::CaseReturned { .. } => {
                self.outcome.returns += 1;
                false
            }
            Event::CaseStopped { .. } => {
                self.outcome.stopped = true;
                false
            }
            _ => false,
        };
        let sent = self.case.as_ref().and_then(|case| case.submitted_at);
        if let (true, None, Some(sent)) = (decided, self.outcome.decided_after, sent) {
            self.outcome.decided_after = Some(self.now.since(sent));
        }
    }

    /// What an effect leads to in this world, and when.
    fn asks(&mut self, effect: Effect) {
        match effect {
            // Nobody waits for these here: reminders, deadlines that are only told, erasure.
            Effect::At(
                _,
                Timer::Nudge | Timer::ReviewDue | Timer::LastHours(_) | Timer::Erasure,
            ) => {}
            Effect::At(at, timer) => self.agenda.add(at, Doing::Timer(timer)),
            Effect::RunChecks { round } => {
                let took = self.draw_minutes(crate::keys::Pace::Check);
                self.agenda.add(self.now + took, Doing::Checks(round));
            }
            Effect::IssueTicket => self.agenda.add(self.now, Doing::Ticket),
            Effect::PushRestriction if self.state() == Some(State::CoolingOff) => {
                let took = self.draw_minutes(crate::keys::Pace::Freeze);
                self.agenda.add(self.now + took, Doing::Freeze);
            }
            Effect::Secure(verb) => {
                let took = self.draw_minutes(crate::keys::Pace::Freeze);
                self.agenda.add(self.now + took, Doing::Secure(verb));
            }
            Effect::Send(notice) => self.mail(notice),
            Effect::PushRestriction
            | Effect::ResolveAccount
            | Effect::TellRivals
            | Effect::Join(_)
            | Effect::EndApplicantSessions
            | Effect::DestroyData => {}
        }
    }

    fn mail(&mut self, notice: Notice) {
        match notice {
            Notice::HolderAsked => self.warns_holder(),
            Notice::HolderApproved => {
                let took = self.draw_minutes(crate::keys::Pace::Notice);
                let wait = self.case.as_ref().and_then(|case| case.wait.as_ref());
                let approval = wait.map_or(0, |wait| wait.approval);
                self.agenda.add(self.now + took, Doing::Notices(approval));
                self.warns_holder();
            }
            Notice::Again => self.asked_again(),
            Notice::Approved => self.may_hand_over(),
            Notice::Refused => self.refused(),
            Notice::Disputed => self.disputed(),
            _ => {}
        }
    }

    fn draw_minutes(&mut self, key: crate::keys::Pace) -> Span {
        let mean = self.scene.model.pace.of(key);
        self.who.pace.minutes(mean)
    }

    fn draw_hours(&mut self, key: crate::keys::Pace) -> Span {
        let mean = self.scene.model.pace.of(key);
        self.who.pace.hours(mean)
    }

    fn happens(&mut self, doing: Doing) {
        // A refusal is an answer: what came too late, twice or for nothing changes nothing.
        let _answer = match doing {
            Doing::Timer(timer) => self.fires(&timer),
            Doing::Checks(round) => self.checked(round),
            Doing::Ticket => self.send(&Actor::System, &Command::IssueTicket),
            Doing::Freeze => self.frozen(),
            Doing::Notices(approval) => {
                let channels = 3;
                let command = Command::AcknowledgeNotices { approval, channels };
                self.send(&Actor::System, &command)
            }
            Doing::Secure(verb) => self.secured(verb),
            Doing::Look => self.looks(),
            Doing::Retake => self.retakes(),
            Doing::HandOver => self.hands_over(),
            Doing::Dispute => self.send(&Actor::Applicant, &Command::Dispute),
            Doing::Appeal => self.send(&Actor::Applicant, &Command::Appeal),
            Doing::Veto(channel) => self.vetoes(channel),
        };
    }

    fn fires(&mut self, timer: &Timer) -> Result<(), Refusal> {
        let Some(case) = &self.case else {
            return Ok(());
        };
        let (command, effect) = fired(case, timer);
        let answer = match command {
            Some(command) => self.send(&Actor::System, &command),
            None => Ok(()),
        };
        if let Some(effect) = effect {
            self.asks(effect);
        }
        answer
    }

    fn secured(&mut self, verb: SecuringVerb) -> Result<(), Refusal> {
        for name in ACTIONS {
            let action = SecuringAction(name.to_owned());
            let said = Command::AcknowledgeSecuring {
                action: action.clone(),
                verb,
            };
            self.send(&Actor::System, &said)?;
            self.send(&Actor::System, &Command::VerifySecuring { action, verb })?;
        }
        Ok(())
    }
}

/// A copy without what `react` does not look at in the case before an event, which is most of what
/// there is to copy: state, lock, handover and securing stay.
fn without_pieces(case: &mut Case) -> Case {
    let evidence = std::mem::take(&mut case.evidence);
    let digests = std::mem::take(&mut case.digests);
    let findings = std::mem::take(&mut case.findings);
    let grounds = std::mem::take(&mut case.grounds);
    let clues = std::mem::take(&mut case.clues);
    let review = std::mem::take(&mut case.review);
    let deadline = std::mem::take(&mut case.deadline);
    let contact = std::mem::take(&mut case.contact);
    let identifier = std::mem::take(&mut case.identifier);
    let asked = std::mem::take(&mut case.asked);
    let copy = case.clone();
    case.evidence = evidence;
    case.digests = digests;
    case.findings = findings;
    case.grounds = grounds;
    case.clues = clues;
    case.review = review;
    case.deadline = deadline;
    case.contact = contact;
    case.identifier = identifier;
    case.asked = asked;
    copy
}
