//! The applicant's and the holder's pages.

use crate::routes::Route;

/// The tables of all groups of pages.
pub const TABLES: &[&[Route]] = &[];
