//! P11: what the applicant remembers. Nothing is required and nothing is judged.

use askama::Template;
use axum::response::Response;
use axum::routing::get;
use engine::inputs::Clues;
use recovery::card::is_card_number;
use recovery::sensitive::Sensitive;

use crate::error::Failure;
use crate::form::{Errors, Posted};
use crate::layout::Frame;
use crate::portal::tasks;
use crate::routes::{Route, Who};
use crate::visit::Visit;
use crate::when;

/// What the applicant remembers.
pub(crate) const ROUTES: &[Route] = &[Route::page(
    "/case/clues",
    Who::Applicant,
    "Tell us what you remember",
    || get(show).post(answer),
)];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const CARDS: [(&str, &str); 3] = [("bank1", "last1"), ("bank2", "last2"), ("bank3", "last3")];
const PHONES: [&str; 2] = ["phone1", "phone2"];
const DEVICES: [(&str, &str); 5] = [
    ("iphone", "iPhone or iPad"),
    ("android", "Android"),
    ("windows", "Windows"),
    ("mac", "Mac"),
    ("other", "Something else"),
];
/// Most withdrawal addresses, and most symbols of one.
const ADDRESSES_MAX: usize = 5;
const ADDRESS_SYMBOLS_MAX: usize = 128;
/// Most symbols of a name of a bank, city or country.
const NAME_MAX: usize = 80;

#[derive(Template)]
#[template(path = "portal/clues.html")]
struct CluesPage<'a> {
    frame: Frame,
    errors: &'a Errors,
    form: &'a Posted,
    given: bool,
    months: &'a [&'a str],
    cards: &'a [(&'a str, &'a str)],
    phones: &'a [&'a str],
    devices: &'a [(&'a str, &'a str)],
}

async fn page(visit: &Visit, form: &Posted, errors: &Errors) -> Result<Response, Failure> {
    let view = match tasks::gathering(visit).await? {
        Ok(view) => view,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let page = CluesPage {
        frame: visit
            .own_frame()
            .back("/case")
            .script("clues.js")
            .failing(!errors.is_empty()),
        errors,
        form,
        given: view.clues_given,
        months: &MONTHS,
        cards: &CARDS,
        phones: &PHONES,
        devices: &DEVICES,
    };
    visit.form(errors, &page)
}

async fn show(visit: Visit) -> Result<Response, Failure> {
    page(&visit, &Posted::default(), &Errors::none()).await
}

fn opened(form: &Posted, start: u16, this: u16, errors: &mut Errors) -> Option<u16> {
    let typed = form.line("year");
    if typed.is_empty() {
        return None;
    }
    let year = form.digits("year").parse::<u16>().ok();
    match year.filter(|_| form.digits("year").len() == 4) {
        None => {
            errors.add("year", "shape", "Enter the year, for example 2019");
            None
        }
        Some(year) if year < start || year > this => {
            let sentence = format!("The year must be between {start} and {this}");
            errors.add("year", "range", sentence);
            None
        }
        Some(year) => Some(year),
    }
}

/// The last four digits in a field; nothing typed is nothing said.
fn last_four(
    form: &Posted,
    field: &'static str,
    words: &str,
    errors: &mut Errors,
) -> Option<String> {
    let typed = form.line(field);
    if typed.is_empty() {
        return None;
    }
    if is_card_number(&typed) {
        errors.add(field, "card_number", "Do not enter the whole card number");
        return None;
    }
    let digits = form.digits(field);
    if digits.len() != 4 || typed.chars().any(char::is_alphabetic) {
        errors.add(field, "digits", words);
        return None;
    }
    Some(digits)
}

fn cards(form: &Posted, errors: &mut Errors) -> Vec<(Sensitive<String>, Sensitive<String>)> {
    let mut cards = Vec::new();
    for (bank_field, last_field) in CARDS {
        let bank: String = form.line(bank_field).chars().take(NAME_MAX).collect();
        if is_card_number(&bank) {
            errors.add(
                last_field,
                "card_number",
                "Do not enter the whole card number",
            );
            continue;
        }
        let last = last_four(form, last_field, "Enter 4 digits only", errors);
        if !bank.is_empty() || last.is_some() {
            let last = last.unwrap_or_default();
            cards.push((Sensitive::new(bank), Sensitive::new(last)));
        }
    }
    cards
}

fn addresses(form: &Posted, errors: &mut Errors) -> Vec<Sensitive<String>> {
    let lines: Vec<String> = form
        .raw("addresses")
        .lines()
        .map(|line| crate::form::clean(line).replace(' ', ""))
        .filter(|line| !line.is_empty())
        .collect();
    if lines.len() > ADDRESSES_MAX {
        errors.add(
            "addresses",
            "too_many",
            "Enter up to 5 addresses, one a line",
        );
    }
    if lines
        .iter()
        .any(|line| line.chars().count() > ADDRESS_SYMBOLS_MAX)
    {
        errors.add(
            "addresses",
            "too_long",
            "One of these is too long to be an address",
        );
    }
    if lines.iter().any(|line| is_card_number(line)) {
        errors.add(
            "addresses",
            "card_number",
            "Do not enter the whole card number",
        );
    }
    lines.into_iter().map(Sensitive::new).collect()
}

fn name(form: &Posted, field: &str) -> Option<String> {
    let text: String = form.line(field).chars().take(NAME_MAX).collect();
    (!text.is_empty()).then_some(text)
}

fn read(form: &Posted, start: u16, this: u16) -> (Clues, Errors) {
    let mut errors = Errors::none();
    let month = form.digits("month").parse::<u8>().ok();
    let clues = Clues {
        opened_year: opened(form, start, this, &mut errors),
        opened_month: month.filter(|month| (1..=12).contains(month)),
        cards: cards(form, &mut errors),
        addresses: addresses(form, &mut errors),
        city: name(form, "city").map(Sensitive::new),
        country: name(form, "country"),
        device: form
            .choice("device", &DEVICES.map(|(device, _)| device))
            .map(str::to_owned),
        phones: PHONES
            .into_iter()
            .filter_map(|field| last_four(form, field, "Enter 4 digits", &mut errors))
            .map(Sensitive::new)
            .collect(),
    };
    (clues, errors)
}

async fn answer(mut visit: Visit, form: Posted) -> Result<Response, Failure> {
    if let Some(again) = visit.served(&form) {
        return Ok(again);
    }
    let clues = if form.line("do") == "none" {
        Clues::default()
    } else {
        let this = when::year(visit.engine().now().await?);
        let start = visit.app.settings().platform_start_year;
        let (clues, errors) = read(&form, start, this);
        if !errors.is_empty() {
            return page(&visit, &form, &errors).await;
        }
        clues
    };
    let case = visit.case()?.clone();
    let given = visit.engine().give_clues(&case, clues).await;
    if let Err(errors) = Errors::catch(given)? {
        return page(&visit, &form, &errors).await;
    }
    visit.done(&form, "/case").await
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use super::*;

    fn form(pairs: &[(&str, &str)]) -> Posted {
        let pairs = pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        Posted::from_pairs(pairs.collect())
    }

    #[test]
    fn gaps_are_fine_and_separators_do_not_matter() {
        let (clues, errors) = read(&form(&[]), 2017, 2026);
        assert!(errors.is_empty() && clues.opened_year.is_none() && clues.cards.is_empty());
        let typed = form(&[
            ("year", " 2019 "),
            ("month", "3"),
            ("bank1", "Example Bank"),
            ("last1", "12 34"),
            ("addresses", "bc1q example\n\n0xabc\n"),
            ("phone2", "\u{ff11}234"),
            ("device", "mac"),
        ]);
        let (clues, errors) = read(&typed, 2017, 2026);
        assert!(errors.is_empty(), "{errors:?}");
        assert_eq!(
            (clues.opened_year, clues.opened_month),
            (Some(2019), Some(3))
        );
        assert_eq!(clues.cards[0].1.reveal(), "1234");
        assert_eq!(clues.addresses[0].reveal(), "bc1qexample");
        assert_eq!(clues.phones[0].reveal(), "1234");
    }

    #[test]
    fn each_mistake_has_its_own_sentence_and_whole_cards_are_refused() {
        let typed = form(&[
            ("year", "19"),
            ("last1", "4111 1111 1111 1111"),
            ("last2", "12345"),
            ("bank3", "5555555555554444"),
            ("phone1", "12"),
            ("addresses", "a\nb\nc\nd\ne\nf"),
        ]);
        let (_, errors) = read(&typed, 2017, 2026);
        assert_eq!(errors.at("year"), "Enter the year, for example 2019");
        assert_eq!(errors.at("last1"), "Do not enter the whole card number");
        assert_eq!(errors.at("last2"), "Enter 4 digits only");
        assert_eq!(errors.at("last3"), "Do not enter the whole card number");
        assert_eq!(errors.at("phone1"), "Enter 4 digits");
        assert_eq!(
            errors.at("addresses"),
            "Enter up to 5 addresses, one a line"
        );
        let (_, errors) = read(&form(&[("year", "2001")]), 2017, 2026);
        assert_eq!(errors.at("year"), "The year must be between 2017 and 2026");
    }
}
