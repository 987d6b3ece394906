//! Every address there is: one table, from which the router and the tests are made.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::MethodRouter;
use engine::Engine;
use http::Method;

use crate::headers::Powers;
use crate::visit::App;
use crate::{api, assets, console, guard, hear_out, portal};

/// Who may call an address. Everything else is refused before its handler runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Who {
    /// Anybody; a session is used if there is one.
    Visitor,
    /// Whoever holds the session of a case.
    Applicant,
    /// The same, or the phone that takes the case's pictures.
    Camera,
    /// Whoever holds the secret of a notice; no session.
    Holder,
    /// Staff who signed in.
    Staff,
    /// The platform, by its signature; its handler checks it.
    Platform,
}

/// One address.
pub struct Route {
    /// The path with axum's `{parameters}`.
    pub path: &'static str,
    /// Methods that do something; any other is answered 405.
    pub methods: &'static [Method],
    /// Who may call it.
    pub who: Who,
    /// The heading of the page, or what the call does.
    pub title: &'static str,
    /// What the browser may do there.
    pub powers: Powers,
    /// Most bytes of a body.
    pub body: usize,
    /// Asked a hundred thousand times a second: its handler alone stands between caller and answer,
    /// and puts on its headers itself.
    pub hot: bool,
    /// The handlers; the table's `methods` are checked against them by a test.
    pub serve: fn() -> MethodRouter<App>,
}

/// Most bytes of an ordinary form.
pub const FORM_BYTES: usize = 16 * 1024;
/// Most bytes of a page on which a message of 10 kB can be pasted (percent-encoded).
pub const PASTE_BYTES: usize = 64 * 1024;
/// Most bytes of a photo with its form (UX.md F: 12 MB).
pub const PHOTO_BYTES: usize = 12 * 1024 * 1024 + FORM_BYTES;
/// Most bytes of a video with its form (UX.md F: 48 MB).
pub const VIDEO_BYTES: usize = 48 * 1024 * 1024 + FORM_BYTES;
/// Most bytes of one chunk of a resumable upload (UX.md F: 2 MiB).
pub const CHUNK_BYTES: usize = 2 * 1024 * 1024;

/// Most bytes of a script's call about a take: 4 kB of camera, and its own few fields.
pub const TAKE_BYTES: usize = 8 * 1024;

/// Only looking.
pub const GET: &[Method] = &[Method::GET];
/// Only acting.
pub const POST: &[Method] = &[Method::POST];
/// A page with a form.
pub const BOTH: &[Method] = &[Method::GET, Method::POST];

impl Route {
    /// An ordinary page with one form.
    #[must_use]
    pub const fn page(
        path: &'static str,
        who: Who,
        title: &'static str,
        serve: fn() -> MethodRouter<App>,
    ) -> Self {
        Self {
            path,
            methods: BOTH,
            who,
            title,
            powers: Powers::Plain,
            body: FORM_BYTES,
            hot: false,
            serve,
        }
    }

    /// With other methods.
    #[must_use]
    pub const fn only(mut self, methods: &'static [Method]) -> Self {
        self.methods = methods;
        self
    }

    /// Without anything around its handler.
    #[must_use]
    pub const fn hot(mut self) -> Self {
        self.hot = true;
        self
    }

    /// With another limit of the body.
    #[must_use]
    pub const fn up_to(mut self, bytes: usize) -> Self {
        self.body = bytes;
        self
    }

    /// With more powers for the browser.
    #[must_use]
    pub const fn with(mut self, powers: Powers) -> Self {
        self.powers = powers;
        self
    }
}

/// The whole table.
pub fn all() -> impl Iterator<Item = &'static Route> {
    portal::TABLES
        .iter()
        .flat_map(|table| table.iter())
        .chain(console::ROUTES)
        .chain(api::ROUTES)
}

/// The service: every address of the table, the assets, and pages for what is not there.
pub fn router(engine: Engine) -> Router {
    let app = App::new(engine);
    let mut router = Router::new().route("/assets/{name}", axum::routing::get(assets::serve));
    for route in all().filter(|route| !route.hot) {
        // Only around the handlers: a method that no handler takes is 405 for everybody.
        let guarded = (route.serve)()
            .route_layer(DefaultBodyLimit::max(route.body))
            .route_layer(from_fn_with_state((app.clone(), route), guard::admit));
        router = router.route(route.path, guarded);
    }
    router = router
        .layer(from_fn_with_state(app.clone(), guard::finish))
        .layer(from_fn(hear_out::hear_out));
    // What is added after the layers is not wrapped in them.
    for route in all().filter(|route| route.hot) {
        router = router.route(route.path, (route.serve)());
    }
    router.with_state(app)
}
