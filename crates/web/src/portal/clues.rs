//! P11: what the applicant remembers. Nothing is required and nothing is judged.

use askama::Template;
use axum::response::Response;
use axum::routing::get;
use engine::inputs::Clues;
use recovery::card::holds_card_number;
use recovery::clues::address::{AddressError, parse};
use recovery::sensitive::Sensitive;

use crate::error::{Failure, FieldError};
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
/// Beside whatever field has one (UX.md P11); `clues.js` says the same on entry.
const WHOLE_CARD: &str = "Do not enter the whole card number";
/// Most symbols of a name of a bank, city or country.
const NAME_MAX: usize = 80;

#[derive(Template)]
#[template(path = "portal/clues.html")]
struct CluesPage<'a> {
    frame: Frame,
    errors: &'a Errors,
    form: &'a Posted,
    given: bool,
    /// Whether an address may be wrong, and the page asks to keep or to change it.
    keepable: bool,
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
        keepable: errors.list().iter().any(is_keepable),
        months: &MONTHS,
        cards: &CARDS,
        phones: &PHONES,
        devices: &DEVICES,
    };
    visit.form(errors, &page)
}

/// Whether it is not sure that an address is wrong: the page says so and lets it be kept.
fn is_keepable(error: &FieldError) -> bool {
    let kind = AddressError::ALL
        .iter()
        .find(|kind| kind.code() == error.code);
    error.field == "addresses" && kind.is_some_and(|kind| !kind.is_typing_mistake())
}

async fn show(visit: Visit) -> Result<Response, Failure> {
    page(&visit, &Posted::default(), &Errors::none()).await
}

/// Every field of the page into which text is typed.
fn typed_fields() -> impl Iterator<Item = &'static str> {
    let cards = CARDS.into_iter().flat_map(|(bank, last)| [bank, last]);
    ["year"]
        .into_iter()
        .chain(cards)
        .chain(["addresses", "city", "country"])
        .chain(PHONES)
}

/// Fields with a whole card number in them.
fn whole_cards(form: &Posted) -> Vec<&'static str> {
    typed_fields()
        .filter(|field| holds_card_number(&form.line(field)))
        .collect()
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
        let last = last_four(form, last_field, "Enter 4 digits only", errors);
        if !bank.is_empty() || last.is_some() {
            let last = last.unwrap_or_default();
            cards.push((Sensitive::new(bank), Sensitive::new(last)));
        }
    }
    cards
}

/// What to say of these addresses: a mistake before a doubt, and no doubt where they are kept.
fn wrong_kind(lines: &[String], keep: bool) -> Option<AddressError> {
    let found: Vec<AddressError> = lines.iter().filter_map(|line| parse(line).err()).collect();
    let mistake = found.iter().find(|error| error.is_typing_mistake());
    mistake.or_else(|| found.first().filter(|_| !keep)).copied()
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
    if errors.at("addresses").is_empty()
        && let Some(told) = wrong_kind(&lines, form.line("do") == "keep")
    {
        errors.add("addresses", told.code(), told.sentence());
    }
    lines.into_iter().map(Sensitive::new).collect()
}

fn name(form: &Posted, field: &str) -> Option<String> {
    let text: String = form.line(field).chars().take(NAME_MAX).collect();
    (!text.is_empty()).then_some(text)
}

/// Reads a form out of which whole card numbers were taken.
fn read(form: &Posted, whole: &[&'static str], start: u16, this: u16) -> (Clues, Errors) {
    let mut errors = Errors::none();
    for field in whole {
        errors.add(field, "card_number", WHOLE_CARD);
    }
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
    // Before anything else, so that no page of this answer has the number to show again.
    let whole = whole_cards(&form);
    let form = form.emptied(&whole);
    let clues = if form.line("do") == "none" {
        Clues::default()
    } else {
        let this = when::year(visit.engine().now().await?);
        let start = visit.app.settings().platform_start_year;
        let (clues, errors) = read(&form, &whole, start, this);
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
mod tests;
