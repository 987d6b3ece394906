//! Opening an account with KYC: a document and a portrait from a camera or a file.

use std::collections::HashMap;
use std::io::Cursor;

use axum::extract::{Multipart, State};
use axum::response::{IntoResponse, Response};
use image::{ImageFormat, ImageReader};
use jiff::civil::Date;
use platform::Sensitive;
use platform::contract::{AccountStatus, DocumentKind, KycDocument, ValueClass};
use serde_json::json;

use super::views::{Frame, Register, render};
use super::visitor::Visitor;
use crate::accounts::{self, NewAccount, Portrait, from_word};
use crate::contract::{PASSWORD_MAX, PASSWORD_MIN};
use crate::error::{ExchangeError, Result};
use crate::money::{self, FUNDING, SPOT};
use crate::start::App;

/// Largest portrait, in bytes.
const PORTRAIT_MAX: usize = 8 * 1024 * 1024;
/// Longest side of a portrait, in pixels.
const SIDE_MAX: u32 = 12_000;
/// Most fields of a form.
const FIELDS_MAX: usize = 16;
/// Longest text field, in bytes.
const TEXT_MAX: usize = 256;
/// Play money that a new account begins with.
const GIFT: [(&str, &str, &str); 2] = [(SPOT, "BTC", "1"), (FUNDING, "USDT", "1000")];

/// A portrait by its first bytes and its dimensions; it is not decoded here.
pub(crate) fn sniff_portrait(bytes: Vec<u8>) -> Result<Portrait> {
    let wrong = || ExchangeError::field("The portrait must be a JPEG or PNG picture up to 8 MB");
    let reader = ImageReader::new(Cursor::new(&bytes))
        .with_guessed_format()
        .map_err(|_| wrong())?;
    let media_type = match reader.format() {
        Some(ImageFormat::Jpeg) => "image/jpeg",
        Some(ImageFormat::Png) => "image/png",
        _ => return Err(wrong()),
    };
    let (width, height) = reader.into_dimensions().map_err(|_| wrong())?;
    if bytes.len() > PORTRAIT_MAX || width.max(height) > SIDE_MAX {
        return Err(wrong());
    }
    Ok(Portrait { bytes, media_type })
}

pub(super) async fn form(State(app): State<App>) -> Result<Response> {
    let page = Register {
        frame: Frame::new(&app, "Open an account", false),
    };
    Ok(render(&page)?.into_response())
}

struct Fields {
    texts: HashMap<String, String>,
    portrait: Option<Vec<u8>>,
}

async fn fields(form: &mut Multipart) -> Result<Fields> {
    let wrong = || ExchangeError::field("The form did not arrive whole");
    let mut fields = Fields {
        texts: HashMap::new(),
        portrait: None,
    };
    for _ in 0..FIELDS_MAX {
        let Some(field) = form.next_field().await.map_err(|_| wrong())? else {
            return Ok(fields);
        };
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(|_| wrong())?;
        if name == "portrait" {
            fields.portrait = (!bytes.is_empty()).then(|| bytes.to_vec());
            continue;
        }
        let text = String::from_utf8(bytes.to_vec()).map_err(|_| wrong())?;
        if text.len() > TEXT_MAX {
            return Err(wrong());
        }
        fields.texts.insert(name, text.trim().to_owned());
    }
    Err(wrong())
}

impl Fields {
    fn text(&self, name: &str, asked: &str) -> Result<&str> {
        let text = self
            .texts
            .get(name)
            .map(String::as_str)
            .filter(|text| !text.is_empty());
        text.ok_or_else(|| ExchangeError::field(&format!("Enter {asked}")))
    }

    fn date(&self, name: &str, asked: &str) -> Result<String> {
        let text = self.text(name, asked)?;
        let wrong = || ExchangeError::field(&format!("Enter {asked}, for example 1990-05-31"));
        let date: Date = text.parse().map_err(|_| wrong())?;
        Ok(date.to_string())
    }

    fn document(&self) -> Result<KycDocument> {
        let kind: DocumentKind = from_word(self.text("document_kind", "the kind of document")?)
            .map_err(|_| ExchangeError::field("Choose the kind of document"))?;
        let country = self
            .text("document_country", "the issuing country")?
            .to_uppercase();
        if country.len() != 3 || !country.bytes().all(|b| b.is_ascii_uppercase()) {
            return Err(ExchangeError::field(
                "Enter the country in three letters, such as DEU",
            ));
        }
        let expiry = match self.texts.get("document_expiry").map(String::as_str) {
            None | Some("") => None,
            Some(_) => Some(self.date("document_expiry", "the date of expiry")?),
        };
        Ok(KycDocument {
            kind,
            country,
            number: self
                .text("document_number", "the document's number")?
                .to_owned()
                .into(),
            name: self.text("full_name", "your full name")?.to_owned().into(),
            birth_date: self.date("birth_date", "your date of birth")?.into(),
            expiry,
        })
    }
}

pub(super) async fn submit(
    State(app): State<App>,
    visitor: Visitor,
    mut form: Multipart,
) -> Result<Response> {
    let fields = fields(&mut form).await?;
    let document = fields.document()?;
    let missing = || ExchangeError::field("Add a portrait of yourself");
    let portrait = sniff_portrait(fields.portrait.clone().ok_or_else(missing)?)?;
    let password: Sensitive<String> = fields.text("password", "a password")?.to_owned().into();
    if !(PASSWORD_MIN..=PASSWORD_MAX).contains(&password.reveal().chars().count()) {
        return Err(ExchangeError::field(
            "Choose a password of 8 to 256 characters",
        ));
    }
    let new = NewAccount {
        user_name: fields.text("user_name", "a user name")?,
        email: fields.text("email", "an e-mail address")?,
        phone: fields
            .texts
            .get("phone")
            .map(String::as_str)
            .filter(|text| !text.is_empty()),
        password: &password,
        document: Some(&document),
        portrait: Some(&portrait),
        status: AccountStatus::Ordinary,
        value: ValueClass::Small,
        tier_hint: None,
        at: app.now(),
    };
    let mut db = app.db.begin().await?;
    let account = accounts::create(&mut db, &new).await?;
    for (wallet, asset, amount) in GIFT {
        money::give(&mut db, &account.0, wallet, asset, money::parse(amount)?).await?;
    }
    let jar = visitor.sign_in(&app, &mut db, &account.0).await?;
    db.commit().await?;
    let done = visitor.done(json!({ "account": account.0 }), "/security", "registered");
    Ok((jar, done).into_response())
}
