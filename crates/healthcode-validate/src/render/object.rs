//! JSON objects with their members in the order in which they are written.

use super::Folded;
use super::mask::masked;
use super::place::{place, pointer};
use healthcode_core::{Detail, Edit, Fix, Issue, Position, printable_json, push_number};
use serde_json::{Value, json};
use std::borrow::Cow;

/// How many bytes an issue usually takes.
const USUAL: usize = 512;

/// A JSON object that is being written.
#[derive(Debug)]
pub(super) struct Object {
    text: String,
}

impl Object {
    pub(super) fn new() -> Self {
        let mut text = String::with_capacity(USUAL);
        text.push('{');
        Object { text }
    }

    /// How many bytes there are so far, for [`Object::truncate`].
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// Removes the members that were added after there were so many bytes.
    pub(super) fn truncate(&mut self, len: usize) {
        self.text.truncate(len);
    }

    pub(super) fn member(&mut self, name: &str, value: impl Into<Value>) {
        self.name(name);
        let value = value.into().to_string();
        self.text.push_str(&printable_json(&value));
    }

    /// A member that is a text.
    pub(super) fn text(&mut self, name: &str, text: &str) {
        if !is_plain(text) {
            return self.member(name, text);
        }
        self.name(name);
        self.text.push('"');
        self.text.push_str(text);
        self.text.push('"');
    }

    /// A member that is a number, or null.
    pub(super) fn number(&mut self, name: &str, number: Option<u64>) {
        self.name(name);
        match number {
            Some(number) => push_number(&mut self.text, number as usize),
            None => self.text.push_str("null"),
        }
    }

    fn name(&mut self, name: &str) {
        let begun = self.text.len() > 1;
        self.text.push_str(if begun { ",\"" } else { "\"" });
        self.text.push_str(name);
        self.text.push_str("\":");
    }

    /// The members of an issue.
    pub(super) fn issue(&mut self, issue: &Issue, show_values: bool) {
        let position = issue.position;
        self.text("severity", issue.severity.as_str());
        self.text("rule", issue.rule.id);
        self.text("code", issue.rule.code);
        self.text("path", &place(issue, show_values));
        self.text("pointer", &pointer(issue, show_values));
        self.number("line", position.map(|position| position.line));
        self.number("column", position.map(|position| position.column));
        self.number("offset", position.map(|position| position.offset));
        if let Some(xpath) = &issue.xpath {
            self.text("xpath", xpath);
        }
        match (issue.detail, &issue.constraint) {
            (Detail::None, None) => self.text("message", issue.rule.title),
            _ => self.text("message", &issue.message()),
        }
        if let Some(detail) = detail(issue.detail) {
            self.member("detail", detail);
        }
        if let Some(constraint) = &issue.constraint {
            let profile = json!({
                "url": *constraint.profile,
                "element": *constraint.element,
                "constraint": *constraint.text,
            });
            self.member("profile", profile);
        }
        if show_values && let Some(excerpt) = &issue.excerpt {
            self.member("value", excerpt.value());
        }
        if let Some(fix) = &issue.fix {
            self.member("fix", described(fix, show_values));
        }
    }

    /// The whole object.
    pub(super) fn end(&mut self) -> &str {
        self.text.push('}');
        &self.text
    }
}

/// Whether a text needs no escapes in JSON, and nothing in it steers a terminal or a build server.
fn is_plain(text: &str) -> bool {
    // Numbers rather than conditions, and no early end, so that many bytes are compared at once.
    let others = text.bytes().fold(0, |others, byte| {
        others
            | u8::from(byte.wrapping_sub(b' ') > b'~' - b' ')
            | u8::from(byte == b'"')
            | u8::from(byte == b'\\')
            | u8::from(byte == b'#')
    });
    others == 0
}

/// What was counted instead of shown.
pub(super) fn folded(folded: &Folded) -> Value {
    json!({
        "severity": folded.severity.as_str(),
        "rule": folded.rule.id,
        "path": folded.path,
        "more": folded.more,
        "files": folded.files,
    })
}

/// A fix; unless values are shown, its edits have their structure alone.
fn described(fix: &Fix, show_values: bool) -> Value {
    let place = |position: Position| json!({ "line": position.line, "column": position.column, "offset": position.offset });
    let edits = fix.edits.iter().map(|edit| {
        json!({
            "location": place(edit.location),
            "end_location": place(edit.end_location),
            "content": content(edit, show_values),
        })
    });
    json!({
        "applicability": fix.applicability.as_str(),
        "message": fix.message,
        "edits": edits.collect::<Vec<_>>(),
    })
}

/// The content of an edit; unless values are shown, without them.
pub(super) fn content(edit: &Edit, show_values: bool) -> Cow<'_, str> {
    if show_values {
        Cow::Borrowed(&edit.content)
    } else {
        Cow::Owned(masked(&edit.content))
    }
}

fn detail(detail: Detail) -> Option<Value> {
    Some(match detail {
        Detail::Expected(what) => json!({ "expected": what }),
        Detail::Nearest(name) => json!({ "nearest": name }),
        Detail::TooFew { found, min } => json!({ "found": found, "min": min }),
        Detail::Lengths { values, metadata } => json!({ "values": values, "metadata": metadata }),
        Detail::Name(name) => json!({ "name": name }),
        Detail::Limit(limit) => json!({ "limit": limit }),
        _ => return None,
    })
}
