//! The objector's side of a stopped case: live factors, and an objection that was a mistake.

use platform::contract::{Channel, ChannelKind, Dossier, VetoHow};
use recovery::actor::ChannelRef;
use recovery::case::{Case, Command, LiveFactor, may_speak};
use recovery::id::CaseId;
use recovery::sensitive::Sensitive;

use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::handle::Attached;
use crate::holder::{ON_PAPER, Reach};
use crate::record::piece;
use crate::views::ObjectionView;

/// Characters of what somebody writes who stopped a recovery by mistake.
const TAKEN_BACK_CHARACTERS_MAX: usize = 500;

/// What use of a channel shows, by its kind at the platform.
const fn of_kind(kind: ChannelKind) -> Option<LiveFactor> {
    match kind {
        ChannelKind::Email => Some(LiveFactor::Mailbox),
        ChannelKind::Sms | ChannelKind::Push => Some(LiveFactor::Telephone),
        // A session or an API key reads these: that shows no factor, and may be what was stolen.
        ChannelKind::InApp | ChannelKind::RecoveryContact | ChannelKind::Other => None,
    }
}

impl Engine {
    /// What somebody shows who uses this channel; nothing where it is not known.
    async fn factor_of(
        &self,
        id: &CaseId,
        channel: &ChannelRef,
        how: Option<VetoHow>,
    ) -> Option<LiveFactor> {
        if how == Some(VetoHow::SignedIn) {
            return Some(LiveFactor::SignIn);
        }
        if channel.0 == ON_PAPER {
            return Some(LiveFactor::PrintedCode);
        }
        let dossier: Option<Dossier> = match self.unseal(id, piece::DOSSIER).await {
            Ok(dossier) => dossier,
            Err(error) => {
                tracing::warn!(case = %id, %error, "an objector's channel cannot be looked up");
                None
            }
        };
        // Whoever came into the account lately may have brought a telephone of their own.
        let before = self.case(id).await.ok()?.opened_at;
        let mut channels = dossier?.channels.into_iter();
        let named = |known: &Channel| known.id == channel.0 && known.known_since < before;
        of_kind(channels.find(named)?.kind)
    }

    /// Notes what somebody shows who uses this channel. Nothing depends on it but the burden, so
    /// nothing fails where it cannot be noted.
    pub(crate) async fn note_factor(
        &self,
        id: &CaseId,
        channel: &ChannelRef,
        how: Option<VetoHow>,
    ) -> Result<()> {
        let Some(factor) = self.factor_of(id, channel, how).await else {
            return Ok(());
        };
        let command = Command::ShowLiveFactor {
            factor,
            channel: channel.clone(),
        };
        match self
            .by_holder(id, channel, &command, Attached::default())
            .await
        {
            Err(EngineError::Refused(_)) => Ok(()),
            other => other,
        }
    }

    /// The case that a link or code objects to, while seniors may have to decide about it.
    async fn objected(&self, secret: &str) -> Result<Option<(Case, Reach)>> {
        let Some(reach) = self.reach_of(secret).await? else {
            return Ok(None);
        };
        for id in &reach.cases {
            let case = self.case(id).await?;
            if may_speak(&case, &reach.channel).is_ok() {
                return Ok(Some((case, reach)));
            }
        }
        Ok(None)
    }

    /// What an objector sees of their side; nothing where no objection stands.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn objection_view(&self, secret: &str) -> Result<Option<ObjectionView>> {
        let found = self.objected(secret).await?;
        Ok(found.and_then(|(case, _)| objection_of(&case)))
    }

    /// Another message's code, or a printed one, shows that its channel is in use too.
    ///
    /// # Errors
    /// [`EngineError::Input`] for a code that belongs to no message about this case;
    /// [`EngineError::NotFound`] where no objection stands.
    pub async fn show_factor(&self, secret: &str, typed: &str) -> Result<()> {
        let (case, _) = self.objected(secret).await?.ok_or(EngineError::NotFound)?;
        let other = self.reach_of(typed).await?;
        let other = other.filter(|other| other.cases.contains(&case.id));
        let Some(other) = other else {
            return Err(EngineError::Input {
                field: "code",
                code: "wrong",
                sentence: "That code does not fit. Look at the newest message on that phone"
                    .to_owned(),
            });
        };
        self.note_factor(&case.id, &other.channel, None).await
    }

    /// "I stopped it by mistake": seniors check before anything goes on.
    ///
    /// # Errors
    /// [`EngineError::Input`] without a sentence or with too long a one; [`EngineError::NotFound`]
    /// where no objection stands.
    pub async fn take_back(&self, secret: &str, text: &str) -> Result<()> {
        let text = text.trim();
        let length = text.chars().count();
        if length == 0 || length > TAKEN_BACK_CHARACTERS_MAX {
            return Err(EngineError::Input {
                field: "text",
                code: "sentence",
                sentence: if length == 0 {
                    "Write one sentence about what happened".to_owned()
                } else {
                    format!("Write at most {TAKEN_BACK_CHARACTERS_MAX} characters")
                },
            });
        }
        let (case, reach) = self.objected(secret).await?.ok_or(EngineError::NotFound)?;
        let said = Sensitive::new(text.to_owned());
        let sealed = self.seal(&case.id, piece::TAKEN_BACK, &said).await?;
        let command = Command::TakeBack {
            channel: reach.channel.clone(),
        };
        let attached = Attached {
            sealed: vec![(piece::TAKEN_BACK, sealed)],
            ..Attached::default()
        };
        // Twice is once: the first sentence stays.
        self.by_holder(&case.id, &reach.channel, &command, attached)
            .await
    }
}

fn objection_of(case: &Case) -> Option<ObjectionView> {
    let stop = case.stop.as_ref()?;
    Some(ObjectionView {
        stopped_at: stop.at,
        dispute_until: stop.dispute_until,
        evidence_until: stop.evidence_until,
        decided_by: stop.decided_by,
        shown: stop.live_factors.clone(),
        taken_back_at: stop.taken_back.as_ref().map(|(_, at)| *at),
        number: format!("{}-V", case.code),
    })
}
