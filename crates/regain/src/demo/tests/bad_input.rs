//! Bad input: each gets a precise message, a 4xx, and nothing is stored half.
