//! Personal values of a whole recovery appear nowhere in clear.
