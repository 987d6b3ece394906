//! Whether a command is allowed, and what happens if it is. Every rule of the process is below.

mod approval;
mod checks;
mod contest;
mod gathering;
mod handover;
mod review;
mod stops;
mod thaw;

pub use contest::may_speak;
pub use handover::{faces_left, hands_over_later};
pub use stops::may_veto;

use crate::actor::Actor;
use crate::case::command::Command;
use crate::case::event::Event;
use crate::case::facts::Facts;
use crate::case::refusal::Refusal;
use crate::case::state::Case;
use crate::time::Timestamp;

/// What a rule answers.
type Decided = Result<Vec<Event>, Refusal>;

/// One question to the rules: who asks, what is known, and when.
struct Ask<'a> {
    case: &'a Case,
    actor: &'a Actor,
    facts: &'a Facts<'a>,
    now: Timestamp,
}

/// Decides a command.
///
/// # Errors
/// A [`Refusal`] when the rules do not allow it; nothing has happened then.
pub fn decide(
    case: Option<&Case>,
    actor: &Actor,
    command: &Command,
    facts: &Facts<'_>,
    now: Timestamp,
) -> Decided {
    let Some(case) = case else {
        return match command {
            Command::Open {
                code,
                language,
                entry,
            } => {
                only(actor, &[Who::Applicant])?;
                Ok(vec![Event::CaseOpened {
                    code: code.clone(),
                    policy_version: facts.policy.version,
                    language: coded(language, "und"),
                    entry: coded(entry, "other"),
                }])
            }
            _ => Err(Refusal::NoCase),
        };
    };
    if case.policy_version != facts.policy.version {
        return Err(Refusal::WrongPolicy);
    }
    if case.erased_at.is_some() {
        return Err(Refusal::WrongStep);
    }
    only(actor, allowed_actors(command))?;
    // One clock, never backwards (statement 12): a lagging caller shortens nothing.
    let now = now.max(case.changed_at);
    route(
        &Ask {
            case,
            actor,
            facts,
            now,
        },
        command,
    )
}

#[rustfmt::skip]
fn route(ask: &Ask<'_>, command: &Command) -> Decided {
    match command {
        Command::Open { .. } => Err(Refusal::CaseExists),
        Command::GiveConsent {
            text_version,
            language,
        } => gathering::give_consent(ask, text_version, language),
        Command::AnswerGallery {
            agreed,
            text_version,
            language,
        } => gathering::answer_gallery(ask, *agreed, text_version, language),
        Command::GiveIdentifier { index } => gathering::give_identifier(ask, index),
        Command::ProveContact { index } => gathering::prove_contact(ask, index),
        Command::ResolveAccount { resolution } => gathering::resolve(ask, resolution),
        Command::ChooseDocument { document } => gathering::choose_document(ask, *document),
        Command::AddEvidence { item } => gathering::add_evidence(ask, item),
        Command::GiveClues { answered } => gathering::give_clues(ask, answered),
        Command::Submit { pathway } => gathering::submit(ask, *pathway),
        Command::FinishChecks {
            round,
            findings,
            grounds,
        } => checks::finish(ask, *round, findings, grounds),
        Command::GiveUpChecks { round } => checks::give_up(ask, *round),
        Command::Assign { assignment } => review::assign(ask, assignment),
        Command::HandBack { assignment, conflict } => review::hand_back(ask, assignment, *conflict),
        Command::EndLease { assignment } => review::end_lease(ask, assignment),
        Command::View {
            assignment,
            subject,
            reason,
        } => review::view(ask, assignment, subject, reason),
        Command::GiveVerdict { assignment, verdict } => review::verdict(ask, assignment, verdict),
        Command::LapseLock => stops::lapse_lock(ask),
        Command::AcknowledgeFreeze { version, mode } => handover::frozen(ask, *version, *mode),
        Command::AcknowledgeNotices { approval, channels } => {
            handover::notified(ask, *approval, *channels)
        }
        Command::NoteChange { told } => handover::note_change(ask, told),
        Command::IssueTicket => handover::issue_ticket(ask),
        Command::ShowFace { findings } => handover::show_face(ask, findings),
        Command::BeginHandover { proof } => handover::begin(ask, *proof),
        Command::Enrol {
            credential,
            begun_at,
        } => handover::enrol(ask, *credential, *begun_at),
        Command::CompleteHandover => handover::complete(ask),
        Command::AcknowledgeSecuring { action, verb } => handover::secured(ask, action, *verb),
        Command::VerifySecuring { action, verb } => handover::verified(ask, action, *verb),
        Command::EndWait => handover::end_wait(ask),
        Command::Veto { channel } => stops::veto(ask, channel),
        Command::NoteRival { rival } => stops::note_rival(ask, rival),
        Command::Dispute => contest::dispute(ask),
        Command::OpenContest => contest::open(ask),
        Command::ShowLiveFactor { .. } | Command::TakeBack { .. } | Command::AskProof { .. } =>
            contest::sides(ask, command),
        Command::Vote {
            assignment,
            winner,
            exception,
        } => contest::vote(ask, assignment, *winner, exception.as_ref()),
        Command::Appeal => review::appeal(ask),
        Command::Withdraw => stops::withdraw(ask),
        Command::Expire => stops::expire(ask),
        Command::CloseVetoWindow => stops::close_veto_window(ask),
        Command::StepThaw => thaw::step(ask),
        Command::Erase => stops::erase(ask),
    }
}

/// Kinds of actors, for the table of who may send what.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    Applicant,
    Holder,
    Reviewer,
    Platform,
    System,
}

const fn who(actor: &Actor) -> Who {
    match actor {
        Actor::Applicant => Who::Applicant,
        Actor::Holder { .. } => Who::Holder,
        Actor::Reviewer { .. } => Who::Reviewer,
        Actor::Platform => Who::Platform,
        Actor::System => Who::System,
    }
}

/// Characters of a stable code or reference.
const CODE_CHARACTERS_MAX: usize = 64;

/// Whether a text can stand in an event: a code or a reference, never a sentence, a name or an
/// address (statement 10).
fn is_code(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-:".contains(&byte);
    !text.is_empty() && text.len() <= CODE_CHARACTERS_MAX && text.bytes().all(plain)
}

/// What came from a browser and is stored in an event, if it is a code at all.
fn coded(text: &str, otherwise: &str) -> String {
    if is_code(text) { text } else { otherwise }.to_owned()
}

fn only(actor: &Actor, allowed: &[Who]) -> Result<(), Refusal> {
    if allowed.contains(&who(actor)) {
        Ok(())
    } else {
        Err(Refusal::WrongActor)
    }
}

/// Who may send a command at all.
const fn allowed_actors(command: &Command) -> &'static [Who] {
    match command {
        Command::Open { .. }
        | Command::GiveConsent { .. }
        | Command::AnswerGallery { .. }
        | Command::GiveIdentifier { .. }
        | Command::ProveContact { .. }
        | Command::ChooseDocument { .. }
        | Command::AddEvidence { .. }
        | Command::GiveClues { .. }
        | Command::Submit { .. }
        | Command::BeginHandover { .. }
        | Command::Enrol { .. }
        | Command::CompleteHandover
        | Command::Dispute
        | Command::Appeal
        | Command::Withdraw => &[Who::Applicant],
        Command::Assign { .. }
        | Command::HandBack { .. }
        | Command::View { .. }
        | Command::GiveVerdict { .. }
        | Command::AskProof { .. }
        | Command::Vote { .. } => &[Who::Reviewer],
        Command::Veto { .. } => &[Who::Holder, Who::Platform],
        Command::ShowLiveFactor { .. } | Command::TakeBack { .. } => &[Who::Holder],
        Command::NoteChange { .. } => &[Who::Platform],
        Command::IssueTicket => &[Who::System, Who::Applicant],
        Command::ResolveAccount { .. }
        | Command::FinishChecks { .. }
        | Command::GiveUpChecks { .. }
        | Command::EndLease { .. }
        | Command::LapseLock
        | Command::AcknowledgeFreeze { .. }
        | Command::AcknowledgeNotices { .. }
        | Command::AcknowledgeSecuring { .. }
        | Command::VerifySecuring { .. }
        | Command::ShowFace { .. }
        | Command::EndWait
        | Command::NoteRival { .. }
        | Command::OpenContest
        | Command::Expire
        | Command::CloseVetoWindow
        | Command::StepThaw
        | Command::Erase => &[Who::System],
    }
}
