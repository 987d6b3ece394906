//! The reviewers' console.

use crate::routes::Route;

/// Every address of the console.
pub const ROUTES: &[Route] = &[];
