//! Every text file: left-over notes and paths of somebody's machine.

use super::{Rules, listed};
use crate::violation::Violation;

pub(super) fn check(rules: &Rules, path: &str, text: &str, out: &mut Vec<Violation>) {
    for (index, line) in text.lines().enumerate() {
        if !listed(&rules.exempt.markers, path) {
            for word in rules
                .markers
                .words
                .iter()
                .filter(|word| has_word(line, word))
            {
                out.push(Violation::new(
                    path,
                    index + 1,
                    format!("{word}, write an issue"),
                ));
            }
        }
        if !listed(&rules.exempt.machine_paths, path) {
            for prefix in rules
                .machine_paths
                .prefixes
                .iter()
                .filter(|p| has_path(line, p))
            {
                let what = format!("path {prefix} of one machine, use a relative one");
                out.push(Violation::new(path, index + 1, what));
            }
        }
    }
}

/// Whether `word` stands alone in `line`: `REST` does not stand in `WREST`.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(start, found)| {
        let before = line.get(..start).and_then(|text| text.chars().next_back());
        let after = line
            .get(start + found.len()..)
            .and_then(|text| text.chars().next());
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

/// Whether an absolute path begins so in `line`; `../work/` and `example.com/home/` do not.
fn has_path(line: &str, prefix: &str) -> bool {
    line.match_indices(prefix).any(|(start, _)| {
        let before = line.get(..start).and_then(|text| text.chars().next_back());
        !before.is_some_and(|c| is_word(c) || matches!(c, '.' | '-' | '}' | ')' | '>' | '~' | '*'))
    })
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}
