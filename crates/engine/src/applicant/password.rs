//! The new password of a handover: what we refuse ourselves, and what the platform says.

use platform::contract::{PasswordCheck, PasswordReason};
use recovery::case::{Case, CredentialKind};
use recovery::sensitive::Sensitive;

use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::inputs::BegunHandover;
use crate::passwords::{self, BreachedError};
use crate::record::piece;

/// Characters of a password (UX.md P23; STANDARDS CRD-04 allows at least 64).
const PASSWORD_MIN: usize = 15;
const PASSWORD_MAX: usize = 256;

/// Passwords weighed for one case at once, and per hour after that: each costs a moment of work.
const WEIGHED_AT_ONCE: u32 = 20;
const WEIGHED_PER_HOUR: u32 = 60;

/// Words by which anybody would begin who knows the applicant. No password may hold one.
struct KnownWords {
    /// The new e-mail address, and where the account is.
    address: Vec<String>,
    /// The account as it was named, and the request.
    account: Vec<String>,
}

impl KnownWords {
    /// All of them, and their parts, which are easy to guess.
    fn all(&self) -> Vec<&str> {
        let words = || self.address.iter().chain(&self.account).map(String::as_str);
        let parts = words().flat_map(|word| word.split(|c: char| !c.is_alphanumeric()));
        words()
            .chain(parts.filter(|part| !part.is_empty()))
            .collect()
    }

    /// What is wrong with a password that holds one.
    fn fault(&self, password: &str, platform: &str) -> Option<String> {
        let held = |words: &[String]| words.iter().any(|word| passwords::holds(password, word));
        let named = password.to_lowercase().contains(&platform.to_lowercase());
        if named || held(&self.address) {
            Some(format!(
                "This contains your e-mail or {platform}. Choose another"
            ))
        } else if held(&self.account) {
            let words = "This contains the name of your account or your request code";
            Some(format!("{words}. Choose another"))
        } else {
            None
        }
    }
}

/// An address without its domain; whatever is no address as it is.
fn local_part(typed: &str) -> String {
    let local = typed.rsplit_once('@').map(|(local, _)| local);
    local.unwrap_or(typed).to_owned()
}

/// What thieves try first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TooCommon {
    Easy,
    Breached,
}

impl Engine {
    /// Stages a new password that is hard to guess, did not leak as far as we know, and is not an
    /// old one, which only the platform can say.
    ///
    /// # Errors
    /// [`EngineError::Input`] with the words of UX.md P23; [`EngineError::Unavailable`] while a
    /// list that is configured cannot be read; [`EngineError::Limited`] after many tries.
    pub async fn set_password(
        &self,
        of: &BegunHandover,
        password: Sensitive<String>,
    ) -> Result<()> {
        let under_way = self.handing_over(of).await?;
        check_length(password.reveal())?;
        let known = self.known_words(&under_way.case).await?;
        let name = &self.settings().platform;
        if let Some(fault) = known.fault(password.reveal(), name) {
            return wrong_password(fault);
        }
        let bucket = format!("password/{}", of.case);
        self.allow(&bucket, WEIGHED_AT_ONCE, WEIGHED_PER_HOUR)
            .await?;
        if let Some(common) = self.too_common(&password, known).await? {
            return wrong_password(common.words());
        }
        let check = PasswordCheck {
            password: password.clone(),
        };
        let platform = &self.0.platform;
        let answer = platform.check_password(&under_way.account, &check).await?;
        if !answer.acceptable {
            return wrong_password(password_words(answer.reason, password.reveal()));
        }
        self.stage(&under_way, CredentialKind::Password, |r| {
            r.password = Some(password)
        })
        .await
    }

    async fn known_words(&self, case: &Case) -> Result<KnownWords> {
        let settings = self.settings();
        let contact: Option<Sensitive<String>> = self.unseal(&case.id, piece::CONTACT).await?;
        let named: Option<Sensitive<String>> = self.unseal(&case.id, piece::IDENTIFIER).await?;
        let local = |typed: Sensitive<String>| local_part(typed.reveal());
        let fixed = [settings.platform.clone(), settings.platform_domain.clone()];
        Ok(KnownWords {
            address: contact.map(local).into_iter().chain(fixed).collect(),
            account: named
                .map(local)
                .into_iter()
                .chain([case.code.to_string()])
                .collect(),
        })
    }

    /// Whether thieves would try this first. An answer that the list cannot give is none.
    async fn too_common(
        &self,
        password: &Sensitive<String>,
        known: KnownWords,
    ) -> Result<Option<TooCommon>> {
        let (password, breached) = (password.clone(), self.0.breached.clone());
        let work = move || {
            if passwords::is_easy(password.reveal(), &known.all()) {
                return Ok(Some(TooCommon::Easy));
            }
            let listed = breached.map(|list| list.holds(password.reveal()));
            let listed = listed.transpose()?.unwrap_or(false);
            Ok::<_, BreachedError>(listed.then_some(TooCommon::Breached))
        };
        let looked = tokio::task::spawn_blocking(work).await;
        let looked = looked.map_err(|error| EngineError::internal("password", &error))?;
        looked.map_err(|error| {
            tracing::error!(%error, "the list of breached passwords fails: no password is taken");
            EngineError::Unavailable {
                what: "the list of leaked passwords",
            }
        })
    }
}

impl TooCommon {
    fn words(self) -> String {
        let why = match self {
            Self::Easy => "This password is like those that thieves try first",
            Self::Breached => "This password is on a list of passwords that thieves try first",
        };
        format!("{why}. Choose another, such as four or five random words")
    }
}

fn check_length(password: &str) -> Result<()> {
    let length = password.chars().count();
    if length == 0 {
        return wrong_password("Enter a password".to_owned());
    }
    if length < PASSWORD_MIN {
        return wrong_password(format!("Use 15 characters or more, yours has {length}"));
    }
    if length > PASSWORD_MAX {
        return wrong_password(format!("Use {PASSWORD_MAX} characters or fewer"));
    }
    Ok(())
}

fn wrong_password<T>(sentence: String) -> Result<T> {
    Err(EngineError::Input {
        field: "password",
        code: "password",
        sentence,
    })
}

fn password_words(reason: Option<PasswordReason>, password: &str) -> String {
    match reason {
        Some(PasswordReason::TooShort) => {
            format!(
                "Use 15 characters or more, yours has {}",
                password.chars().count()
            )
        }
        Some(PasswordReason::TooCommon) => TooCommon::Breached.words(),
        Some(PasswordReason::UsedBefore) => {
            "You used this password before. Choose another".to_owned()
        }
        Some(PasswordReason::HoldsIdentity) => {
            "This contains your e-mail or the platform's name. Choose another".to_owned()
        }
        _ => "This password cannot be used. Choose another".to_owned(),
    }
}
