//! One request as a page sees it.

use std::sync::{Arc, Mutex};

use askama::Template;
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use engine::Engine;
use engine::inputs::{Origin, PortalSettings, SessionKind, network};
use engine::views::StaffMember;
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use recovery::id::CaseId;
use recovery::sensitive::Sensitive;

use crate::client::Client;
use crate::csrf;
use crate::error::Failure;
use crate::form::{Errors, Posted};
use crate::layout::Frame;
use crate::routes::Route;
use crate::session::{Jar, Kept, Session, fresh_once};

/// What every handler shares.
#[derive(Clone)]
pub struct App {
    engine: Engine,
}

impl App {
    /// Over an engine.
    #[must_use]
    pub const fn new(engine: Engine) -> Self {
        Self { engine }
    }

    /// The engine.
    #[must_use]
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The operator as pages show it.
    #[must_use]
    pub fn settings(&self) -> &PortalSettings {
        self.engine.settings()
    }
}

/// Cookies to set on the answer.
pub(crate) type Outbox = Arc<Mutex<Vec<HeaderValue>>>;

/// One request: who it is, what they keep, and how to answer.
#[derive(Clone)]
pub struct Visit {
    /// What every handler shares.
    pub app: App,
    /// Which address of the table.
    pub route: &'static Route,
    /// Who calls.
    pub client: Client,
    /// Which cookie this page uses.
    pub jar: Jar,
    /// The session, if there is one.
    pub session: Option<Session>,
    /// The member of staff, on staff pages.
    pub staff: Option<StaffMember>,
    pub(crate) outbox: Outbox,
}

impl Visit {
    /// The engine.
    #[must_use]
    pub const fn engine(&self) -> &Engine {
        self.app.engine()
    }

    /// Where the request came from, for the case's record.
    #[must_use]
    pub fn origin(&self) -> Origin {
        let zone = self.kept().zone;
        let zone = (!zone.is_empty()).then_some(zone);
        Origin::new(self.client.ip, &self.client.user_agent, zone.as_deref())
    }

    /// The bucket of this caller for a rate limit.
    #[must_use]
    pub fn bucket(&self, what: &str) -> String {
        format!("{what}:{}", network(self.client.ip))
    }

    /// Slows a caller who guesses: `capacity` at once, then `per_hour`.
    ///
    /// # Errors
    /// [`Failure::Limited`] with the moment from which it can be tried again.
    pub async fn slow_down(&self, what: &str, capacity: u32, per_hour: u32) -> Result<(), Failure> {
        Ok(self
            .engine()
            .allow(&self.bucket(what), capacity, per_hour)
            .await?)
    }

    /// The case of this session.
    ///
    /// # Errors
    /// [`Failure::SignedOut`] without one.
    pub fn case(&self) -> Result<&CaseId, Failure> {
        self.session
            .as_ref()
            .and_then(|session| session.case.as_ref())
            .ok_or(Failure::SignedOut { staff: false })
    }

    /// Whether this is the session of a phone that only takes pictures.
    #[must_use]
    pub fn is_phone(&self) -> bool {
        self.session
            .as_ref()
            .is_some_and(|session| session.kind == SessionKind::Phone)
    }

    /// The member of staff.
    ///
    /// # Errors
    /// [`Failure::SignedOut`] without one.
    pub fn staff(&self) -> Result<&StaffMember, Failure> {
        self.staff
            .as_ref()
            .ok_or(Failure::SignedOut { staff: true })
    }

    /// What pages keep of this person; empty without a session.
    #[must_use]
    pub fn kept(&self) -> Kept {
        self.session
            .as_ref()
            .map(|session| session.kept.clone())
            .unwrap_or_default()
    }

    /// The browser's time zone, or nothing (then times are UTC and say so).
    #[must_use]
    pub fn zone(&self) -> String {
        self.kept().zone
    }

    /// Changes what is kept; starts a visitor's session where there is none.
    ///
    /// # Errors
    /// The engine's.
    pub async fn keep(&mut self, change: impl FnOnce(&mut Kept) + Send) -> Result<(), Failure> {
        let mut kept = self.kept();
        change(&mut kept);
        let Some(session) = self.session.as_mut() else {
            return self.start(SessionKind::Visitor, "", None, kept).await;
        };
        session.kept = kept;
        let token = session.token.clone();
        let bytes = session.kept.bytes();
        Ok(self.engine().save_session(token.reveal(), bytes).await?)
    }

    /// Starts a session with a new secret and ends the one before it, so that a secret known
    /// earlier never gains a right.
    ///
    /// # Errors
    /// The engine's.
    pub async fn start(
        &mut self,
        kind: SessionKind,
        subject: &str,
        case: Option<&CaseId>,
        kept: Kept,
    ) -> Result<(), Failure> {
        let token = self
            .engine()
            .start_session(kind, subject, case, kept.bytes())
            .await?;
        if let Some(old) = self.session.take() {
            self.engine().end_session(old.token.reveal()).await?;
        }
        self.send_cookie(token.reveal());
        self.session = Some(Session {
            token,
            kind,
            subject: subject.to_owned(),
            case: case.cloned(),
            kept,
        });
        Ok(())
    }

    /// Ends the session and removes the cookie.
    ///
    /// # Errors
    /// The engine's.
    pub async fn end(&mut self) -> Result<(), Failure> {
        if let Some(old) = self.session.take() {
            self.engine().end_session(old.token.reveal()).await?;
        }
        self.send_cookie("");
        Ok(())
    }

    fn send_cookie(&self, token: &str) {
        let secure = self.app.settings().secure_cookies();
        if let (Some(cookie), Ok(mut outbox)) = (self.jar.set(secure, token), self.outbox.lock()) {
            outbox.push(cookie);
        }
    }

    /// The frame of a page with this heading.
    #[must_use]
    pub fn frame(&self, title: impl Into<String>) -> Frame {
        let token = self
            .session
            .as_ref()
            .map(|session| csrf::token(session.token.reveal()))
            .unwrap_or_default();
        Frame::new(self.app.settings(), title.into())
            .with_form(token, fresh_once())
            .waiting(self.session.is_some())
    }

    /// The frame of this address's own title.
    #[must_use]
    pub fn own_frame(&self) -> Frame {
        self.frame(self.route.title)
    }

    /// A page.
    ///
    /// # Errors
    /// [`Failure::Internal`] if the template cannot be written.
    pub fn page(&self, template: &impl Template) -> Result<Response, Failure> {
        render(StatusCode::OK, template)
    }

    /// A page of a form that needs fixing (422).
    ///
    /// # Errors
    /// [`Failure::Internal`] if the template cannot be written.
    pub fn again(&self, template: &impl Template) -> Result<Response, Failure> {
        render(StatusCode::UNPROCESSABLE_ENTITY, template)
    }

    /// A page with a form: as it is, or again with what needs fixing (422; for scripts as a
    /// problem document).
    ///
    /// # Errors
    /// [`Failure::Internal`] if the template cannot be written.
    pub fn form(&self, errors: &Errors, template: &impl Template) -> Result<Response, Failure> {
        if errors.is_empty() {
            return self.page(template);
        }
        errors
            .for_scripts(self)
            .map_or_else(|| self.again(template), Ok)
    }

    /// On to another page (303).
    #[must_use]
    pub fn go(&self, to: &str) -> Response {
        redirect(to)
    }

    /// Where this very press already led, if it was served before.
    #[must_use]
    pub fn served(&self, posted: &Posted) -> Option<Response> {
        self.session
            .as_ref()
            .and_then(|session| session.kept.served(&posted.once))
            .map(redirect)
    }

    /// On to another page, remembering that this press was served.
    ///
    /// # Errors
    /// The engine's.
    pub async fn done(&mut self, posted: &Posted, to: &str) -> Result<Response, Failure> {
        if self.session.is_some() && !posted.once.is_empty() {
            let zone = posted.line("zone");
            self.keep(|kept| {
                kept.remember(&posted.once, to);
                if crate::when::is_zone(&zone) {
                    kept.zone = zone;
                }
            })
            .await?;
        }
        Ok(redirect(to))
    }

    /// The session's secret, to make or check tokens of forms.
    #[must_use]
    pub fn secret(&self) -> Option<&Sensitive<String>> {
        self.session.as_ref().map(|session| &session.token)
    }
}

/// Renders a template with a status.
///
/// # Errors
/// [`Failure::Internal`] if the template cannot be written.
pub fn render(status: StatusCode, template: &impl Template) -> Result<Response, Failure> {
    let html = template.render().map_err(|_| Failure::internal())?;
    let mut response = (
        status,
        [(header::CONTENT_TYPE, "text/html; charset=utf-8")],
        html,
    )
        .into_response();
    response.extensions_mut().insert(crate::error::Dressed);
    Ok(response)
}

/// 303 to a path of ours.
fn redirect(to: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, to.to_owned())]).into_response()
}

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(Failure::internal)
    }
}
