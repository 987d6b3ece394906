//! The templates and what they show.

use askama::Template;
use axum::response::Html;
use serde::{Deserialize, Serialize};

use crate::error::{ExchangeError, Result};
use crate::holdings::Holding;
use crate::messages::AppMessage;
use crate::start::App;

/// Renders a template.
pub(super) fn render(page: &impl Template) -> Result<Html<String>> {
    page.render()
        .map(Html)
        .map_err(|_| ExchangeError::Internal("template"))
}

/// What was just done, by its code in the address.
#[derive(Deserialize)]
pub(super) struct Said {
    said: Option<String>,
}

/// Sentences by code; an unknown code says nothing.
const SENTENCES: [(&str, &str); 14] = [
    ("added", "Added."),
    ("changed", "Changed."),
    ("ended", "Ended."),
    ("lent", "The loan is in your funding wallet."),
    (
        "mailed",
        "If that was right, we sent you a mail. Open the link in it.",
    ),
    ("moved", "Moved between your wallets."),
    (
        "registered",
        "Your account is open. Now set up an authenticator.",
    ),
    ("removed", "Removed."),
    ("sent", "Sent."),
    ("signed_in", "You are signed in."),
    ("signed_out", "You are signed out."),
    ("sold", "Sold."),
    ("traded", "Traded."),
    ("withdrawn", "The withdrawal is on its way."),
];

/// What surrounds every page.
pub(super) struct Frame {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) signed_in: bool,
    pub(super) said: Option<&'static str>,
}

impl Frame {
    pub(super) fn new(app: &App, title: &str, signed_in: bool) -> Self {
        Self {
            name: app.config.name.clone(),
            title: title.to_owned(),
            signed_in,
            said: None,
        }
    }

    pub(super) fn said(mut self, said: &Said) -> Self {
        let code = said.said.as_deref().unwrap_or_default();
        self.said = SENTENCES
            .iter()
            .find(|(known, _)| *known == code)
            .map(|(_, text)| *text);
        self
    }
}

/// One line of a list.
#[derive(Serialize)]
pub(super) struct Item {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) data: String,
}

impl From<Holding> for Item {
    fn from(row: Holding) -> Self {
        Self {
            id: row.id,
            label: row.label,
            data: row.data,
        }
    }
}

/// One balance.
#[derive(Serialize)]
pub(super) struct BalanceRow {
    pub(super) wallet: String,
    pub(super) asset: String,
    pub(super) amount: String,
}

/// A session or a device.
#[derive(Serialize)]
pub(super) struct Place {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) since: String,
    /// The one that asks.
    pub(super) here: bool,
}

/// A deposit, a withdrawal, or another movement.
#[derive(Serialize)]
pub(super) struct MoveRow {
    pub(super) at: String,
    pub(super) what: String,
    pub(super) asset: String,
    pub(super) amount: String,
    /// Address of a withdrawal.
    pub(super) to: String,
}

/// A line of the activity.
#[derive(Serialize)]
pub(super) struct TryRow {
    pub(super) at: String,
    pub(super) what: String,
    pub(super) done: bool,
    pub(super) device: String,
    pub(super) ip: String,
}

macro_rules! pages {
    ($($name:ident = $path:literal { $($field:ident: $type:ty,)* })*) => {$(
        #[derive(Template)]
        #[template(path = $path)]
        pub(super) struct $name {
            pub(super) frame: Frame,
            $(pub(super) $field: $type,)*
        }
    )*};
}

pages! {
    Message = "message.html" { text: String, restricted: bool, stop_page: Option<String>, }
    Login = "login.html" { passkeys: bool, }
    Register = "register.html" {}
    Help = "help.html" {}
    Stop = "stop.html" { passkeys: bool, }
    StopCode = "stop_code.html" { code: String, stop_page: String, }
    Reset = "reset.html" {}
    ResetLast = "reset_last.html" { ceremony: String, }
    Assets = "assets.html" {
        user_name: String, messages: Vec<AppMessage>, restriction: Option<String>,
        balances: Vec<BalanceRow>, addresses: Vec<String>,
    }
    Whitelist = "whitelist.html" { items: Vec<Item>, }
    Keys = "keys.html" { items: Vec<Item>, }
    NewKey = "new_key.html" { secret: String, }
    Authorisations = "authorisations.html" {
        groups: Vec<(&'static str, &'static str, Vec<Item>)>,
    }
    Sessions = "sessions.html" { sessions: Vec<Place>, devices: Vec<Place>, }
    History = "history.html" { rows: Vec<MoveRow>, }
    Activity = "activity.html" { rows: Vec<TryRow>, }
    NotMe = "not_me.html" { token: String, }
    Security = "security.html" {
        items: Vec<Item>, channels: Vec<Item>, contacts: Vec<Item>, passkeys: bool, codes: usize,
    }
    Enrol = "enrol.html" { back: String, }
    TotpSetup = "totp.html" { ceremony: String, secret: String, qr: String, }
}
