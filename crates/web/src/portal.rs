//! The applicant's and the holder's pages, in the order in which people meet them.

use crate::routes::Route;

mod account;
mod address_proof;
mod begin;
mod camera_words;
mod capture;
mod carried;
mod clues;
mod codes;
mod consent;
mod dates;
mod document;
mod done;
mod email;
mod fresh_face;
mod handover;
mod holder;
mod inform;
mod key;
mod objection;
mod parts;
mod passkey;
mod phone;
mod phone_link;
mod qr;
mod resume;
mod review;
mod screenshots;
mod security;
mod status;
mod stop;
mod taken;
mod takes;
mod tasks;
mod ticket;
mod upload_form;
mod uploads;
mod words;

/// The tables of all groups of pages.
pub const TABLES: &[&[Route]] = &[
    begin::ROUTES,
    consent::ROUTES,
    account::ROUTES,
    email::ROUTES,
    key::ROUTES,
    tasks::ROUTES,
    address_proof::ROUTES,
    clues::ROUTES,
    document::ROUTES,
    capture::ROUTES,
    screenshots::ROUTES,
    phone::ROUTES,
    phone_link::ROUTES,
    takes::ROUTES,
    uploads::ROUTES,
    review::ROUTES,
    status::ROUTES,
    dates::ROUTES,
    stop::ROUTES,
    resume::ROUTES,
    fresh_face::ROUTES,
    handover::ROUTES,
    passkey::ROUTES,
    codes::ROUTES,
    done::ROUTES,
    security::ROUTES,
    holder::ROUTES,
    objection::ROUTES,
    inform::ROUTES,
];
