//! What is said of an issue, in words that all renderers share.

use healthcode_core::{Detail, Issue, printable};
use std::borrow::Cow;
use std::fmt::Write;

/// The message of an issue: the rule's title and what more there is to say. Shows no values of the
/// payload.
///
/// ```
/// use healthcode_core::{Detail, Issue, Path};
/// use healthcode_validate::{render::message, rule};
/// let rule = rule("R4-REQUIRED").unwrap();
/// let issue = Issue::new(rule, &Path::root("Group"), Detail::TooFew { found: 1, min: 2 });
/// assert_eq!(message(&issue), "missing required element; 1 of at least 2");
/// ```
#[must_use]
pub fn message(issue: &Issue) -> String {
    let mut out = issue.rule.title.to_owned();
    // Writing to a string does not fail.
    let _ = match issue.detail {
        Detail::Expected(what) => write!(out, "; expected {what}"),
        Detail::Nearest(name) => write!(out, "; did you mean {name}?"),
        Detail::TooFew { found, min } => write!(out, "; {found} of at least {min}"),
        Detail::Lengths { values, metadata } => {
            write!(out, "; {values} values, {metadata} in the _ array")
        }
        Detail::Name(name) | Detail::Limit(name) => write!(out, ": {name}"),
        _ => Ok(()),
    };
    if let Some(constraint) = &issue.constraint {
        // A profile's texts come from outside.
        let _ = write!(out, ": {}", printable(&constraint.to_string()));
    }
    out
}

/// The path of an issue; unless values are shown, without names that may be values.
pub(super) fn place(issue: &Issue, show_values: bool) -> Cow<'_, str> {
    match show_values {
        true => Cow::Borrowed(&issue.path),
        false => issue.shown_path(),
    }
}

/// The JSON pointer of an issue; unless values are shown, without names that may be values.
pub(super) fn pointer(issue: &Issue, show_values: bool) -> Cow<'_, str> {
    match show_values {
        true => Cow::Borrowed(&issue.pointer),
        false => issue.shown_pointer(),
    }
}

/// A path that fits on a line: what is very long, as that of deep nesting, is cut in its middle.
pub(super) fn short(path: &str) -> String {
    const SIDE: usize = 100;
    let start: String = path.chars().take(SIDE).collect();
    let rest = &path[start.len()..];
    match rest.char_indices().rev().nth(SIDE) {
        Some((cut, _)) => format!("{start}…{}", &rest[cut..]),
        None => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn long_paths_are_cut() {
        let path = "Ä.".repeat(50) + &"b.".repeat(60);
        assert_eq!(short(&path[..150]), path[..150]);
        let cut = short(&path);
        assert!(cut.starts_with("Ä.") && cut.ends_with("b.") && cut.contains('…'));
        assert_eq!(cut.chars().count(), 202);
        assert_eq!(short(""), "");
    }
}
