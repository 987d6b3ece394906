//! One value against what the table of keys says of it.

use toml::Spanned;
use toml::de::{DeArray, DeFloat, DeInteger, DeTable, DeValue};

use super::super::Limits;
use super::super::keys::{EVALUATION, Key, Kind};
use super::{Look, place, start};
use crate::nearest::nearest;

impl Look<'_> {
    pub(super) fn at_value(&mut self, key: &Key, whole: &str, value: &Spanned<DeValue<'_>>) {
        let at = start(value);
        match (key.kind, value.get_ref()) {
            (Kind::Whole, DeValue::Integer(number)) => self.at_whole(whole, at, number),
            (Kind::Number, DeValue::Integer(number)) => {
                let number: Option<f64> = number.to_string().parse().ok();
                self.at_number(whole, at, number);
            }
            (Kind::Number, DeValue::Float(number)) => self.at_number(whole, at, float(number)),
            (Kind::Switch, DeValue::Boolean(_)) | (Kind::Word, DeValue::String(_)) => {}
            (Kind::Choice(known), DeValue::String(text)) => self.at_choice(whole, at, text, known),
            (Kind::Points, DeValue::Table(table)) => self.at_points(whole, table),
            (Kind::Words, DeValue::Array(list)) => self.at_list(whole, list, &[]),
            (Kind::Choices(known), DeValue::Array(list)) => self.at_list(whole, list, known),
            (Kind::Evaluations, DeValue::Array(list)) => self.at_evaluations(whole, list),
            (kind, other) => {
                let found = said(other);
                self.tell_wrong(whole, at, &format!("this is {found}; write {kind}"));
            }
        }
    }

    fn at_whole(&mut self, whole: &str, at: usize, number: &DeInteger<'_>) {
        let Ok(value) = i64::from_str_radix(number.as_str(), number.radix()) else {
            return self.tell_wrong(whole, at, "this number is too long; write a shorter one");
        };
        self.at_limits(whole, at, &value, |limits| limits.hold_whole(value));
    }

    fn at_number(&mut self, whole: &str, at: usize, number: Option<f64>) {
        let Some(value) = number else {
            return self.tell_wrong(whole, at, "this number is too long; write a shorter one");
        };
        self.at_limits(whole, at, &value, |limits| limits.hold(value));
    }

    fn at_limits(
        &mut self,
        whole: &str,
        at: usize,
        value: &dyn std::fmt::Display,
        hold: impl Fn(&Limits) -> bool,
    ) {
        let Some(limits) = self.limits.get(whole).copied() else {
            return;
        };
        if !hold(&limits) {
            self.tell_wrong(whole, at, &format!("{value} is out of range; use {limits}"));
        }
    }

    fn at_choice(&mut self, whole: &str, at: usize, text: &str, known: &[&str]) {
        if known.contains(&text) {
            return;
        }
        let hint = match nearest(text, known.iter().copied()) {
            Some(meant) => format!("did you mean \"{meant}\"?"),
            None => format!("use one of: {}", known.join(", ")),
        };
        self.tell_wrong(whole, at, &format!("\"{text}\" is unknown; {hint}"));
    }

    /// Codes with a number each; how large it may be is told with the policy's meaning.
    fn at_points(&mut self, whole: &str, table: &DeTable<'_>) {
        for (code, value) in table {
            let number = matches!(value.get_ref(), DeValue::Integer(_) | DeValue::Float(_));
            if !number {
                let found = said(value.get_ref());
                let words = format!("\"{}\" is {found}; write a number", code.get_ref());
                self.tell_wrong(whole, start(value), &words);
            }
        }
    }

    /// A list of texts, each among the known ones where there are any.
    fn at_list(&mut self, whole: &str, list: &DeArray<'_>, known: &[&str]) {
        for entry in list {
            let at = start(entry);
            let Some(text) = entry.get_ref().as_str() else {
                let found = said(entry.get_ref());
                let words = format!("an entry is {found}; write a text in quotes");
                self.tell_wrong(whole, at, &words);
                continue;
            };
            if known.is_empty() || known.contains(&text) {
                continue;
            }
            let hint = match nearest(text, known.iter().copied()) {
                Some(meant) => format!("did you mean \"{meant}\"?"),
                None => format!("use some of: {}", known.join(", ")),
            };
            self.tell_wrong(whole, at, &format!("\"{text}\" is unknown; {hint}"));
        }
    }

    fn at_evaluations(&mut self, whole: &str, list: &DeArray<'_>) {
        for entry in list {
            let at = start(entry);
            let DeValue::Table(table) = entry.get_ref() else {
                self.tell_wrong(
                    whole,
                    at,
                    "an entry is no section; write [[checks.evaluations]]",
                );
                continue;
            };
            self.at_evaluation(whole, at, table);
        }
    }

    fn at_evaluation(&mut self, whole: &str, at: usize, table: &DeTable<'_>) {
        let mut meant = Vec::new();
        for (key, value) in table {
            let name: &str = key.get_ref();
            if !EVALUATION.contains(&name) {
                let near = nearest(name, EVALUATION);
                meant.extend(near);
                let hint = match near {
                    Some(near) => format!("did you mean {near}?"),
                    None => format!("known here: {}", EVALUATION.join(", ")),
                };
                let words = format!("the key {name} is unknown; {hint}");
                self.tell_wrong(whole, key.span().start, &words);
            } else if !value.get_ref().is_str() {
                let found = said(value.get_ref());
                let words = format!("{name} is {found}; write a text in quotes");
                self.tell_wrong(whole, start(value), &words);
            }
        }
        for name in EVALUATION {
            if place::key(table, name).is_none() && !meant.contains(&name) {
                let words = format!("an evaluation has no {name}; add it");
                self.tell_wrong(whole, at, &words);
            }
        }
    }
}

fn float(number: &DeFloat<'_>) -> Option<f64> {
    number.as_str().parse().ok()
}

/// What a value is, for somebody who meant another kind.
fn said(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) if text.chars().count() <= 40 => format!("the text \"{text}\""),
        DeValue::String(_) => "a text".to_owned(),
        DeValue::Integer(number) => format!("the number {number}"),
        DeValue::Float(number) => format!("the number {number}"),
        DeValue::Boolean(yes) => format!("the word {yes}"),
        DeValue::Datetime(_) => "a date".to_owned(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a section".to_owned(),
    }
}
