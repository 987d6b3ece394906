//! Rust files: lengths of lines, files and functions, and words in identifiers.
//!
//! Works on tokens, not on the parsed tree, so that what stands inside a macro counts too.

use std::str::FromStr as _;

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};

use super::{Rules, listed};
use crate::violation::Violation;

pub(super) fn check(rules: &Rules, path: &str, text: &str, out: &mut Vec<Violation>) {
    let in_tests = is_test_file(path);
    check_lengths(rules, path, text, in_tests, out);
    match TokenStream::from_str(text) {
        Ok(tokens) => Walk { rules, path, out }.stream(tokens, in_tests),
        Err(error) => {
            let line = error.span().start().line.max(1);
            out.push(Violation::new(path, line, "unreadable, Rust tokens"));
        }
    }
}

/// Files that hold nothing but tests: in a folder `tests` or `benches`, or named so.
fn is_test_file(path: &str) -> bool {
    let mut parts = path.rsplit('/');
    let name = parts.next().unwrap_or_default();
    name == "tests.rs"
        || name.ends_with("_tests.rs")
        || parts.any(|folder| folder == "tests" || folder == "benches")
}

fn check_lengths(rules: &Rules, path: &str, text: &str, in_tests: bool, out: &mut Vec<Violation>) {
    let limits = &rules.limits;
    let limit = if in_tests {
        limits.test_file_lines
    } else {
        limits.file_lines
    };
    let lines = text.lines().count();
    if lines > limit {
        out.push(Violation::new(
            path,
            limit + 1,
            format!("file of {lines} lines, limit {limit}"),
        ));
    }
    let limit = limits.line_columns;
    for (index, line) in text.lines().enumerate() {
        let columns = line.chars().count();
        if columns > limit && !line.contains("https://") && !line.contains("http://") {
            let what = format!("line of {columns} columns, limit {limit}");
            out.push(Violation::new(path, index + 1, what));
        }
    }
}

struct Walk<'a> {
    rules: &'a Rules,
    path: &'a str,
    out: &'a mut Vec<Violation>,
}

impl Walk<'_> {
    /// One nesting level. `in_tests`: inside a test file, or inside what a test attribute marks.
    fn stream(&mut self, tokens: TokenStream, in_tests: bool) {
        // Of the item being read: does an attribute mark it as a test, which function is it.
        let mut marked = in_tests;
        let mut function: Option<(String, usize)> = None;
        let mut tokens = tokens.into_iter().peekable();
        let mut after_hash = false;
        while let Some(token) = tokens.next() {
            let mut hash = false;
            match token {
                TokenTree::Ident(word) => {
                    self.word(&word);
                    if word == "fn" {
                        let line = word.span().start().line;
                        function = function_name(tokens.peek()).map(|name| (name, line));
                    }
                }
                TokenTree::Punct(sign) if sign.as_char() == ';' => {
                    marked = in_tests;
                    function = None;
                }
                TokenTree::Punct(sign) => hash = sign.as_char() == '#',
                TokenTree::Group(group) if after_hash => marked |= marks_tests(&group),
                TokenTree::Group(group) => {
                    let body = group.delimiter() == Delimiter::Brace;
                    if let (true, Some((name, first))) = (body, &function) {
                        self.function(name, *first, &group, marked);
                    }
                    self.stream(group.stream(), marked);
                    if body {
                        marked = in_tests;
                        function = None;
                    }
                }
                TokenTree::Literal(_) => {}
            }
            after_hash = hash;
        }
    }

    fn function(&mut self, name: &str, first: usize, body: &Group, in_tests: bool) {
        let limits = &self.rules.limits;
        let limit = if in_tests {
            limits.test_function_lines
        } else {
            limits.function_lines
        };
        let lines = body.span_close().end().line + 1 - first;
        if lines > limit {
            let what = format!("function {name} of {lines} lines, limit {limit}");
            self.out.push(Violation::new(self.path, first, what));
        }
    }

    fn word(&mut self, identifier: &Ident) {
        if listed(&self.rules.exempt.words, self.path) {
            return;
        }
        for part in parts(&identifier.to_string()) {
            if let Some(better) = self.rules.words.get(&part) {
                let what = format!("\"{part}\" in {identifier}, say {better}");
                self.out.push(Violation::new(
                    self.path,
                    identifier.span().start().line,
                    what,
                ));
            }
        }
    }
}

/// What follows `fn`: a name, or `$name` in a macro; nothing for a type such as `fn(u8) -> u8`.
fn function_name(token: Option<&TokenTree>) -> Option<String> {
    match token? {
        TokenTree::Ident(name) => Some(name.to_string()),
        TokenTree::Punct(sign) if sign.as_char() == '$' => Some("of a macro".to_owned()),
        _ => None,
    }
}

/// `#[test]`, `#[tokio::test]`, `#[cfg(test)]`; not `#[cfg(not(test))]`.
fn marks_tests(attribute: &Group) -> bool {
    let has = |stream: TokenStream, word: &str| {
        stream
            .into_iter()
            .any(|token| matches!(token, TokenTree::Ident(found) if found == word))
    };
    has(attribute.stream(), "test")
        || attribute
            .stream()
            .into_iter()
            .any(|token| matches!(token, TokenTree::Group(group) if has(group.stream(), "test")))
}

/// The words of an identifier, in lower case: `ClaimantId` and `claimant_id` give the same two.
fn parts(identifier: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut previous_lower = false;
    for character in identifier.chars() {
        if character == '_' || (character.is_uppercase() && previous_lower) {
            parts.push(std::mem::take(&mut part));
        }
        if character != '_' {
            part.extend(character.to_lowercase());
        }
        previous_lower = character.is_lowercase();
    }
    parts.push(part);
    parts
}
