//! Every state by every command, sent by the right actor: what happens, or why not.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]

mod common;

use common::*;
use recovery::actor::Actor;
use recovery::case::{
    ChangeKind, Command, CredentialKind, Event, LiveFactor, Pathway, Proof, Resolution,
    SecuringAction, SecuringVerb, Side, State, ToldChange, Winner,
};
use recovery::document::DocumentKind;
use recovery::evidence::{Capture, EvidenceItem, EvidenceKind};
use recovery::id::{AccountRef, AssignmentId, CaseCode, ContentDigest};
use recovery::restriction::Mode;
use recovery::risk::{Grounds, Stake};

/// A world in each state, as an ordinary case reaches it.
fn world(state: State) -> World {
    let mut w = World::new();
    w.policy.gallery.on = true;
    match state {
        State::Gathering => {
            w.gathers(Capture::Live);
        }
        State::Checking => {
            w.gathers(Capture::Live).submits();
        }
        State::Reviewing => {
            w.reviewing();
            w.takes("r1").unwrap();
        }
        State::CoolingOff => {
            w.cooling_off();
        }
        State::Recovered => {
            w.recovered();
        }
        State::Stopped => {
            w.cooling_off().vetoes("email").unwrap();
        }
        State::Contested => {
            w.cooling_off().contested();
            w.both_show();
            w.takes("s1").unwrap();
        }
        State::Rejected => {
            w.reviewing();
            w.verdict("r1", reject()).unwrap();
            w.verdict("r2", reject()).unwrap();
        }
        State::Blocked => {
            w.cooling_off().contested();
            w.votes("s1", Winner::Objector).unwrap();
            w.votes("s2", Winner::Objector).unwrap();
        }
        State::Withdrawn => {
            w.reviewing();
            w.applicant(&Command::Withdraw).unwrap();
        }
        State::Expired => {
            w.gathers(Capture::Live).days(14).timers();
        }
    }
    assert_eq!(w.state(), state);
    w
}

fn opening(w: &mut World) -> Vec<(Actor, Command)> {
    let item = EvidenceItem {
        digest: ContentDigest::of(b"new"),
        ..w.item(EvidenceKind::IdFront, Capture::Live)
    };
    let resolution = Resolution::Known {
        account: AccountRef("acc-1".to_owned()),
    };
    let code = CaseCode::new(&mut w.rng);
    let round = w.case().round;
    let applicant = |command| (Actor::Applicant, command);
    let system = |command| (Actor::System, command);
    vec![
        applicant(Command::Open {
            code,
            language: "en".to_owned(),
            entry: "login".to_owned(),
        }),
        applicant(Command::GiveConsent {
            text_version: "1".to_owned(),
            language: "en".to_owned(),
        }),
        applicant(Command::AnswerGallery {
            agreed: true,
            text_version: "1".to_owned(),
            language: "en".to_owned(),
        }),
        applicant(Command::GiveIdentifier {
            index: index("bob@example.test"),
        }),
        applicant(Command::ProveContact {
            index: index("other@example.test"),
        }),
        system(Command::ResolveAccount { resolution }),
        applicant(Command::ChooseDocument {
            document: DocumentKind::Passport,
        }),
        applicant(Command::AddEvidence { item }),
        applicant(Command::GiveClues {
            answered: vec!["cards".to_owned()],
        }),
        applicant(Command::Submit {
            pathway: Pathway::Remote,
        }),
        system(Command::FinishChecks {
            round,
            findings: passing(),
            grounds: Grounds::of_stake(Stake::Small),
        }),
        system(Command::GiveUpChecks { round }),
    ]
}

fn reviewing(w: &mut World) -> Vec<(Actor, Command)> {
    let held = w.case().review.assigned.clone();
    let assignment = held.as_ref().map_or_else(
        || AssignmentId::new(w.now, &mut w.rng),
        |held| held.assignment.clone(),
    );
    let who = held.map_or_else(
        || reviewer("r4"),
        |held| Actor::Reviewer {
            id: held.reviewer,
            rank: held.rank,
        },
    );
    let commands = [
        Command::Assign {
            assignment: AssignmentId::new(w.now, &mut w.rng),
        },
        Command::HandBack {
            assignment: assignment.clone(),
            conflict: false,
        },
        Command::View {
            assignment: assignment.clone(),
            subject: "dossier.city".to_owned(),
            reason: "verify".to_owned(),
        },
        Command::GiveVerdict {
            assignment: assignment.clone(),
            verdict: approve(),
        },
        Command::AskProof {
            assignment: assignment.clone(),
            side: Side::Objector,
        },
        Command::Vote {
            assignment: assignment.clone(),
            winner: Winner::Applicant,
            exception: None,
        },
    ];
    let mut all: Vec<_> = commands.map(|command| (who.clone(), command)).into();
    all.push((Actor::System, Command::EndLease { assignment }));
    all
}

fn after(w: &World) -> Vec<(Actor, Command)> {
    let action = SecuringAction("api_keys".to_owned());
    let verb = SecuringVerb::Suspend;
    let holder = Actor::Holder {
        channel: channel("phone"),
    };
    let veto = Command::Veto {
        channel: channel("phone"),
    };
    let show = Command::ShowLiveFactor {
        factor: LiveFactor::Telephone,
        channel: channel("phone"),
    };
    let take_back = Command::TakeBack {
        channel: channel("phone"),
    };
    let rival = w.sides[1].id.clone();
    let applicant = |command| (Actor::Applicant, command);
    let told = |command| (Actor::Platform, command);
    let system = |command| (Actor::System, command);
    vec![
        system(Command::LapseLock),
        system(Command::AcknowledgeFreeze {
            version: 3,
            mode: Mode::Locked,
        }),
        system(Command::AcknowledgeNotices {
            approval: w.approval(),
            channels: 2,
        }),
        told(Command::NoteChange {
            told: ToldChange {
                kind: ChangeKind::SuspiciousLogin,
                key: index("sign-in 1"),
                happened_at: w.now,
            },
        }),
        system(Command::IssueTicket),
        system(Command::ShowFace { findings: vec![] }),
        applicant(Command::BeginHandover {
            proof: Proof::CaseKey,
        }),
        applicant(w.enrol(CredentialKind::Totp)),
        applicant(Command::CompleteHandover),
        system(Command::AcknowledgeSecuring {
            action: action.clone(),
            verb,
        }),
        system(Command::VerifySecuring { action, verb }),
        system(Command::EndWait),
        (holder.clone(), veto),
        system(Command::NoteRival { rival }),
        applicant(Command::Dispute),
        system(Command::OpenContest),
        (holder.clone(), show),
        (holder, take_back),
        applicant(Command::Appeal),
        applicant(Command::Withdraw),
        system(Command::Expire),
        system(Command::CloseVetoWindow),
        system(Command::StepThaw),
        system(Command::Erase),
    ]
}

fn line(w: &World, actor: &Actor, command: &Command) -> String {
    let answer = match w.ask(actor, command) {
        Ok(events) if events.is_empty() => "ok: nothing new".to_owned(),
        Ok(events) => {
            let kinds: Vec<_> = events.iter().map(Event::kind).collect();
            format!("ok: {}", kinds.join(", "))
        }
        Err(refusal) => format!("refused: {}", refusal.code()),
    };
    format!("  {:<22} {answer}\n", command.name())
}

#[test]
fn every_state_answers_every_command() {
    let mut table = String::new();
    let mut cells = 0;
    for state in State::ALL {
        let mut w = world(state);
        table += &format!("{}\n", state.name());
        let mut commands = opening(&mut w);
        commands.extend(reviewing(&mut w));
        commands.extend(after(&w));
        for (actor, command) in &commands {
            table += &line(&w, actor, command);
            cells += 1;
        }
    }
    assert_eq!(cells, 11 * 43, "every command once per state");
    insta::assert_snapshot!("state_by_command", table);
}

#[test]
fn every_command_is_refused_to_everybody_else() {
    let who = |actor: &Actor| match actor {
        Actor::Applicant => "applicant",
        Actor::Holder { .. } => "holder",
        Actor::Reviewer { .. } => "reviewer",
        Actor::Platform => "platform",
        Actor::System => "system",
    };
    let mut table = String::new();
    let mut w = world(State::Reviewing);
    let mut commands = opening(&mut w);
    commands.extend(reviewing(&mut w));
    commands.extend(after(&w));
    let actors = [
        Actor::Applicant,
        Actor::Holder {
            channel: channel("phone"),
        },
        reviewer("s1"),
        Actor::Platform,
        Actor::System,
    ];
    for (_, command) in &commands {
        let may = actors.iter().filter(|actor| {
            !matches!(
                w.ask(actor, command),
                Err(recovery::case::Refusal::WrongActor)
            )
        });
        let names: Vec<_> = may.map(who).collect();
        table += &format!("{:<22} {}\n", command.name(), names.join(", "));
    }
    insta::assert_snapshot!("command_by_actor", table);
}
