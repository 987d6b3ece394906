//! Who may call what: every route by every kind of caller.
