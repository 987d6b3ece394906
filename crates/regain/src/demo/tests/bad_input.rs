//! Bad input: each gets a precise message, a 4xx, and nothing is stored half.

mod console;
mod files;
mod forms;
mod links;
mod requests;
mod strings;
