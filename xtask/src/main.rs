//! Checks of the tree itself: `tidy` and `layers`.

fn main() {}
