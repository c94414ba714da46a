//! What may be shown: text without sequences that terminals, logs and build servers interpret, and names of
//! members that are surely not values.

use crate::{Detail, Issue};
use std::borrow::Cow;
use std::fmt::Write;

/// What is shown in place of a name that may be a value.
const MASKED: &str = "***";

/// What the paths of issues in captured exchanges begin with.
const CAPTURED: &str = "exchange";

/// How long the name of an element may be.
const NAME: usize = 64;

/// How many digits the name of an element may have: `base64`, not an NHS number or a date.
const DIGITS: usize = 3;

/// How long the name of a log command may be, in `##name[`.
const COMMAND: usize = 24;

/// Whether a character moves a cursor, ends a line, or turns the direction of a text.
#[must_use]
pub fn is_steering(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}')
}

/// Whether what follows `##` makes it a command to a build server: `##[error]`, `##vso[…]`.
fn is_log_command(rest: &str) -> bool {
    let name = rest.bytes().take(COMMAND);
    let letters = name.take_while(u8::is_ascii_alphabetic).count();
    rest.as_bytes().get(letters) == Some(&b'[')
}

/// Whether all of a text is printable ASCII, of which only `#` and `:` can steer anything.
fn is_plain(text: &str) -> bool {
    // Without an early end, so that many bytes are compared at once.
    text.bytes()
        .fold(true, |plain, byte| plain & (b' '..=b'~').contains(&byte))
}

/// A text that can be shown on one line of a terminal, a log, a build server's annotations or XML:
/// what steers these is replaced by U+FFFD.
///
/// All that comes from outside goes through this or [`printable_json`] before it is shown: names of
/// files, texts of profiles and settings, what services answer.
///
/// ```
/// use healthcode_core::printable;
/// assert_eq!(printable("a\u{1b}[2J"), "a\u{fffd}[2J");
/// assert_eq!(printable("a.json\n::error::no"), "a.json\u{fffd}::error::no");
/// assert_eq!(printable("::error::no"), "\u{fffd}:error::no");
/// assert_eq!(printable("##vso[task.complete]"), "#\u{fffd}vso[task.complete]");
/// ```
#[must_use]
pub fn printable(text: &str) -> String {
    if is_plain(text) && !text.contains(['#', ':']) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    // Commands to build servers are the first thing in a line, spaces aside.
    let command = text.trim_start().starts_with("::");
    let first = text.len() - text.trim_start().len();
    for (at, c) in text.char_indices() {
        let hidden = is_steering(c)
            || command && at == first
            || c == '#' && text[..at].ends_with('#') && is_log_command(&text[at + 1..]);
        out.push(if hidden { '\u{fffd}' } else { c });
    }
    out
}

/// The same JSON with escapes for all that would steer a terminal or a build server. Of white space
/// between tokens, spaces and line feeds are taken to be there alone.
///
/// ```
/// use healthcode_core::printable_json;
/// assert_eq!(printable_json("\"a\u{9b}2J\u{202e}\""), r#""a\u009b2J\u202e""#);
/// assert_eq!(printable_json(r#""plain""#), r#""plain""#);
/// ```
#[must_use]
pub fn printable_json(json: &str) -> Cow<'_, str> {
    if is_plain(json) && !json.contains('#') {
        return Cow::Borrowed(json);
    }
    let steers = |c: char| c != '\n' && is_steering(c);
    if !json.contains(steers) && !json.contains("##") {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 16);
    for (at, c) in json.char_indices() {
        let command = c == '#' && json[..at].ends_with('#') && is_log_command(&json[at + 1..]);
        if command || steers(c) {
            // Writing to a string does not fail; all of these are in the basic plane.
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Whether the name of a member is surely a name: that of an element, or one like it.
///
/// Objects are also used as maps, with NHS numbers, names of people or dates as the names of their
/// members. What is shown where values are not requested begins with a small letter, is made of
/// letters, digits, `_` and `-`, and has at most three digits and 64 characters.
///
/// ```
/// use healthcode_core::is_plain_name;
/// assert!(["birthDate", "_given", "fhir_comments", "valueBase64Binary"].into_iter().all(is_plain_name));
/// assert!(!["9434765919", "Anna Jones", "Jones", "1977-05-09", "d1977"].into_iter().any(is_plain_name));
/// ```
#[must_use]
pub fn is_plain_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    let rest = match bytes {
        [b'_' | b'@' | b'$' | b'#', rest @ ..] => rest,
        all => all,
    };
    let mut digits = 0;
    let is_of_name = |byte: &u8| {
        digits += usize::from(byte.is_ascii_digit());
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
    };
    bytes.len() <= NAME
        && rest.first().is_some_and(u8::is_ascii_lowercase)
        && rest.iter().all(is_of_name)
        && digits <= DIGITS
}

impl Issue {
    /// The path, with names of members that may be values masked.
    ///
    /// ```
    /// use healthcode_core::{Detail, Issue, Path, Step, rules};
    /// let path = Path::root("Patient");
    /// let path = path.child(Step::Member("9434765919"));
    /// let issue = Issue::new(&rules::FHIR_UNKNOWN_MEMBER, &path, Detail::None);
    /// assert_eq!(issue.shown_path(), "Patient.***");
    /// assert_eq!(issue.shown_pointer(), "/***");
    /// ```
    #[must_use]
    pub fn shown_path(&self) -> Cow<'_, str> {
        if is_usual_path(&self.path, &self.pointer) {
            return Cow::Borrowed(&self.path);
        }
        let (first, _) = first_name(&self.path);
        // A text whose type is not known has no type at the start of its paths.
        let in_pointer = self.pointer.strip_prefix('/');
        let is_type = in_pointer.is_none_or(|rest| rest.split('/').next() != Some(first));
        if is_type && first == CAPTURED {
            // The path of a captured exchange, which is masked already.
            return Cow::Borrowed(&self.path);
        }
        let as_type = is_type && first.bytes().all(|b| b.is_ascii_alphanumeric());
        let shown =
            |at: usize, name: &str| (as_type && at == 0) || name.is_empty() || self.shows(name);
        let mut names = names(&self.path).enumerate();
        if names.all(|(at, (name, _))| shown(at, name)) {
            return Cow::Borrowed(&self.path);
        }
        let mut out = String::with_capacity(self.path.len());
        for (at, (name, between)) in self::names(&self.path).enumerate() {
            out.push_str(if shown(at, name) { name } else { MASKED });
            out.push_str(between);
        }
        Cow::Owned(out)
    }

    /// The JSON pointer, with names of members that may be values masked.
    #[must_use]
    pub fn shown_pointer(&self) -> Cow<'_, str> {
        if is_usual_pointer(&self.pointer) && !self.path.contains('`') {
            return Cow::Borrowed(&self.pointer);
        }
        // Paths have names that are numbers in backticks, and indexes without.
        let quoted = self.path.contains('`');
        let is_index = |step: &str| {
            step.bytes().all(|b| b.is_ascii_digit())
                && !(quoted && self.path.contains(&format!("`{step}`")))
        };
        let shown = |step: &str| is_index(step) || self.shows(step);
        let steps = self.pointer.split('/');
        if steps.clone().all(shown) {
            return Cow::Borrowed(&self.pointer);
        }
        let steps = steps.map(|step| if shown(step) { step } else { MASKED });
        Cow::Owned(steps.collect::<Vec<_>>().join("/"))
    }

    /// Whether a step, as paths and pointers have it, is surely a name: it looks like one, or is
    /// the one that was probably meant but for the case of its letters.
    fn shows(&self, step: &str) -> bool {
        let name = step
            .strip_prefix('`')
            .and_then(|name| name.strip_suffix('`'));
        let name = name.unwrap_or(step);
        let meant = match self.detail {
            Detail::Nearest(meant) => Some(meant),
            _ => None,
        };
        is_plain_name(name) || meant.is_some_and(|meant| meant.eq_ignore_ascii_case(name))
    }
}

/// Whether all names of a path are surely names, found in one pass: a type or a name, then names of few
/// letters that begin with a small one, and indexes. Other paths need a closer look.
fn is_usual_path(path: &str, pointer: &str) -> bool {
    let end = path.bytes().position(|byte| !byte.is_ascii_alphabetic());
    let (first, rest) = path.split_at(end.unwrap_or(path.len()));
    let begins_small = first.as_bytes().first().is_some_and(u8::is_ascii_lowercase);
    // Where the pointer begins with the same name, it is no type.
    let in_pointer = pointer.strip_prefix('/');
    let is_type = !begins_small && in_pointer.is_none_or(|rest| !rest.starts_with(first));
    if first.len() > NAME || !(begins_small || is_type) {
        return false;
    }
    let mut rest = rest.as_bytes();
    while !rest.is_empty() {
        let after = match rest {
            [b'.', after @ ..] => after_usual_name(after),
            [b'[', after @ ..] => after_index(after).and_then(|rest| rest.strip_prefix(b"]")),
            _ => None,
        };
        let Some(after) = after else {
            return false;
        };
        rest = after;
    }
    true
}

/// As [`is_usual_path`], of a JSON pointer.
fn is_usual_pointer(pointer: &str) -> bool {
    let mut rest = pointer.as_bytes();
    while let [b'/', step @ ..] = rest {
        let Some(after) = after_usual_name(step).or_else(|| after_index(step)) else {
            return false;
        };
        rest = after;
    }
    rest.is_empty()
}

/// What follows a name of few letters that begins with a small one.
fn after_usual_name(text: &[u8]) -> Option<&[u8]> {
    let end = text.iter().position(|byte| !byte.is_ascii_alphabetic());
    let (name, after) = text.split_at(end.unwrap_or(text.len()));
    let is_usual = name.first().is_some_and(u8::is_ascii_lowercase) && name.len() <= NAME;
    is_usual.then_some(after)
}

/// What follows digits.
fn after_index(text: &[u8]) -> Option<&[u8]> {
    let end = text.iter().position(|byte| !byte.is_ascii_digit());
    let (digits, after) = text.split_at(end.unwrap_or(text.len()));
    (!digits.is_empty()).then_some(after)
}

/// The names of a path, each with what follows it: indexes, and the dot before the next name.
fn names(path: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = path;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (name, after) = first_name(rest);
        let dot = after.bytes().position(|byte| byte == b'.');
        let (between, next) = after.split_at(dot.map_or(after.len(), |dot| dot + 1));
        rest = next;
        Some((name, between))
    })
}

/// The name that a path begins with, in its backticks if it has them, and what follows it.
fn first_name(path: &str) -> (&str, &str) {
    let end = if let Some(quoted) = path.strip_prefix('`') {
        let mut escaped = false;
        let close = quoted.find(|c| {
            let closes = c == '`' && !escaped;
            escaped = c == '\\' && !escaped;
            closes
        });
        close.map_or(path.len(), |close| close + 2)
    } else {
        let end = path.bytes().position(|byte| matches!(byte, b'.' | b'['));
        end.unwrap_or(path.len())
    };
    path.split_at(end)
}

#[cfg(test)]
mod tests;
