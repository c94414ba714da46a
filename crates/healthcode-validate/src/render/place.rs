//! Where an issue is, as all renderers show it.

use healthcode_core::Issue;
use std::borrow::Cow;

/// The path of an issue; unless values are shown, without names that may be values.
pub(super) fn place(issue: &Issue, show_values: bool) -> Cow<'_, str> {
    if show_values {
        Cow::Borrowed(&issue.path)
    } else {
        issue.shown_path()
    }
}

/// The JSON pointer of an issue; unless values are shown, without names that may be values.
pub(super) fn pointer(issue: &Issue, show_values: bool) -> Cow<'_, str> {
    if show_values {
        Cow::Borrowed(&issue.pointer)
    } else {
        issue.shown_pointer()
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
