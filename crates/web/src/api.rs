//! Calls by the platform and by scripts.

use crate::routes::Route;

/// Every address that is no page.
pub const ROUTES: &[Route] = &[];
