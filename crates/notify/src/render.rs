//! From words and slots to a mail: text and HTML that say the same.

use serde::{Deserialize, Serialize};

use crate::code::MessageCode;
use crate::copy::{self, FOOTER};
use crate::message::Message;

/// Whose recovery service this is, as people see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Brand {
    /// The operator's name, up to 12 characters of the GSM alphabet if SMS are to fit.
    pub platform: String,
    /// The recovery host as typed into a browser, without scheme: up to 24 characters for SMS.
    pub host: String,
    /// The address official mail comes from.
    pub mail_from: String,
}

/// A message ready to be handed over. Holds what its slots held: keep it sealed, never log it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rendered {
    /// Which text it is: A1 to A14, H1 to H6.
    pub id: String,
    /// Its checkable code, also in the footer and the `Message-ID`.
    pub code: MessageCode,
    /// One line, no line breaks.
    pub subject: String,
    /// Plain text, lines separated by `\n`.
    pub text: String,
    /// A whole HTML document without pictures, scripts or anything fetched.
    pub html: String,
}

impl std::fmt::Debug for Rendered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rendered")
            .field("id", &self.id)
            .field("code", &self.code)
            .finish()
    }
}

/// One piece of a paragraph.
#[derive(Debug, PartialEq)]
enum Piece {
    Text(String),
    Link(String),
    Strong,
}

type Slots = Vec<(&'static str, String)>;

/// Renders a message for this brand under this code.
#[must_use]
pub fn render(brand: &Brand, message: &Message, code: &MessageCode) -> Rendered {
    let words = copy::of(message);
    let mut slots = words.slots;
    slots.push(("platform", brand.platform.clone()));
    slots.push(("host", brand.host.clone()));
    slots.push(("message", code.to_string()));
    let subject = plain(&pieces(words.subject, &slots));
    let mut paragraphs: Vec<Vec<Piece>> = words
        .paragraphs
        .iter()
        .map(|template| pieces(template, &slots))
        .collect();
    paragraphs.push(pieces(FOOTER, &slots));
    paragraphs.extend(words.last_line.map(|template| pieces(template, &slots)));
    let text = paragraphs
        .iter()
        .map(|paragraph| plain(paragraph))
        .collect::<Vec<_>>()
        .join("\n\n");
    Rendered {
        id: message.id().to_owned(),
        code: code.clone(),
        html: document(&subject, &paragraphs),
        text: format!("{text}\n"),
        subject,
    }
}

/// Splits a template at its slots and strong marks. Values are never parsed again.
fn pieces(template: &str, slots: &Slots) -> Vec<Piece> {
    let mut found = Vec::new();
    for (index, part) in template.split("**").enumerate() {
        if index > 0 {
            found.push(Piece::Strong);
        }
        fill(part, slots, &mut found);
    }
    found
}

fn fill(part: &str, slots: &Slots, found: &mut Vec<Piece>) {
    let mut rest = part;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, following)) = after.split_once('}') else {
            break;
        };
        found.push(Piece::Text(before.to_owned()));
        let value = slots.iter().find(|(known, _)| *known == name);
        let value = one_line(value.map_or("", |(_, value)| value));
        found.push(if name == "link" {
            Piece::Link(value)
        } else {
            Piece::Text(value)
        });
        rest = following;
    }
    found.push(Piece::Text(rest.to_owned()));
}

/// A slot is one line: control characters would forge lines, headers or directions of writing.
fn one_line(value: &str) -> String {
    value
        .chars()
        .map(|c| {
            if c.is_control() || is_direction_mark(c) {
                ' '
            } else {
                c
            }
        })
        .collect()
}

const fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

fn plain(pieces: &[Piece]) -> String {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) | Piece::Link(text) => text.as_str(),
            Piece::Strong => "",
        })
        .collect()
}

fn document(subject: &str, paragraphs: &[Vec<Piece>]) -> String {
    let body: String = paragraphs
        .iter()
        .map(|paragraph| format!("<p>{}</p>\n", markup(paragraph)))
        .collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">\n\
         <title>{}</title></head>\n\
         <body>\n{body}</body>\n</html>\n",
        escape(subject)
    )
}

fn markup(pieces: &[Piece]) -> String {
    let mut strong = false;
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => escape(text),
            Piece::Link(link) if is_web_address(link) => {
                format!("<a href=\"{0}\">{0}</a>", escape(link))
            }
            Piece::Link(link) => escape(link),
            Piece::Strong => {
                strong = !strong;
                if strong { "<strong>" } else { "</strong>" }.to_owned()
            }
        })
        .collect()
}

/// Only such addresses become links; anything else stays text.
fn is_web_address(link: &str) -> bool {
    link.starts_with("https://") || link.starts_with("http://")
}

fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}
