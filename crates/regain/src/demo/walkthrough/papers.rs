//! What somebody shows who says to be the holder of an account of the demo.

use anyhow::{Context as _, Result};
use specimen::{Identity, Papers, photo};

use super::attack::Attack;
use super::shows;
use crate::demo::Args;
use crate::demo::seed::{BIRTH_DATE, EXPIRY, Person};

/// The document of an account's holder and everything that goes with it.
pub(super) fn papers_of(args: &Args, person: &Person, attack: Option<Attack>) -> Result<Papers> {
    let (given, surname) = person.name.split_once(' ').context("a name of two words")?;
    let short = |date: &str| date.replace('-', "").chars().skip(2).collect();
    let identity = Identity {
        surname: surname.to_owned(),
        given: given.to_owned(),
        number: person.document.to_owned(),
        country: "PRT".to_owned(),
        birth: short(BIRTH_DATE),
        expiry: short(EXPIRY),
        sex: 'F',
    };
    let selfie = shows(args, 1)?.selfie;
    let portrait = match &args.kyc_portrait {
        Some(path) => photo::read(&std::fs::read(path)?)?,
        None => selfie.clone(),
    };
    Papers::new(identity, portrait, selfie, attack.and_then(Attack::forgery))
}
