//! Pages in a real browser, at the width of a phone.
