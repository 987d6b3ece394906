//! Everything sealed: evidence objects, personal records, the key of each case, blind indexes.
