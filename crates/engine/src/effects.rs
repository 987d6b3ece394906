//! Effects: what jobs do outside the database. Each is safe to do twice.

mod added;
mod checks;
mod contract;
mod ending;
mod mail;
mod notice;
mod resolve;
mod watch;
mod words;

pub(crate) use checks::video_take;
pub(crate) use watch::WATCH;
