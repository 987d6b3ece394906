//! Pages and calls: the applicant's portal, the holder's stop page, the reviewers' console, JSON.
//!
//! Every page is rendered here and works without JavaScript; nothing is decided here. A request
//! goes through [`guard`] (who is it, may they), a page's handler, the engine, and comes back
//! dressed with the headers of [`headers`]. Every address there is stands in [`routes`].

pub mod api;
pub mod assets;
pub mod client;
pub mod console;
pub mod csrf;
pub mod error;
pub mod form;
pub mod guard;
pub mod headers;
pub mod layout;
pub mod portal;
pub mod problem;
pub mod routes;
pub mod session;
pub mod visit;
pub mod when;

mod hear_out;

pub use error::Failure;
pub use routes::router;
pub use visit::{App, Visit};
