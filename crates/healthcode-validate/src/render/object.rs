//! JSON objects with their members in the order in which they are written.

use super::Folded;
use super::place::{place, pointer};
use healthcode_core::{Detail, Issue, printable_json};
use serde_json::{Value, json};
use std::fmt::Display;
use std::io::{self, Write};

/// How many bytes an issue usually takes.
const USUAL: usize = 512;

/// A JSON object that is being written, as a whole once it ends.
pub(super) struct Object<'w> {
    out: &'w mut dyn Write,
    text: Vec<u8>,
    any: bool,
}

impl<'w> Object<'w> {
    pub(super) fn begin(out: &'w mut dyn Write) -> io::Result<Self> {
        let mut text = Vec::with_capacity(USUAL);
        text.push(b'{');
        Ok(Object {
            out,
            text,
            any: false,
        })
    }

    pub(super) fn member(&mut self, name: &str, value: impl Into<Value>) -> io::Result<()> {
        self.name(name);
        let value = value.into().to_string();
        self.text.extend(printable_json(&value).as_bytes());
        Ok(())
    }

    /// A member that is a text.
    pub(super) fn text(&mut self, name: &str, text: &str) -> io::Result<()> {
        if !is_plain(text) {
            return self.member(name, text);
        }
        self.name(name);
        self.text.push(b'"');
        self.text.extend(text.as_bytes());
        self.text.push(b'"');
        Ok(())
    }

    /// A member that is a number, or null.
    pub(super) fn number(&mut self, name: &str, number: Option<impl Display>) -> io::Result<()> {
        self.name(name);
        match number {
            Some(number) => write!(self.text, "{number}"),
            None => self.text.write_all(b"null"),
        }
    }

    fn name(&mut self, name: &str) {
        let before = if self.any { &b",\""[..] } else { b"\"" };
        self.any = true;
        self.text.extend(before);
        self.text.extend(name.as_bytes());
        self.text.extend(b"\":");
    }

    /// The members that say what there is to say of an issue.
    pub(super) fn issue(&mut self, issue: &Issue, show_values: bool) -> io::Result<()> {
        let position = issue.position;
        self.text("severity", issue.severity.as_str())?;
        self.text("rule", issue.rule.id)?;
        self.text("code", issue.rule.code)?;
        self.text("path", &place(issue, show_values))?;
        self.text("pointer", &pointer(issue, show_values))?;
        self.number("line", position.map(|position| position.line))?;
        self.number("column", position.map(|position| position.column))?;
        self.number("offset", position.map(|position| position.offset))?;
        if let Some(xpath) = &issue.xpath {
            self.text("xpath", xpath)?;
        }
        self.text("message", &issue.message())?;
        if let Some(detail) = detail(issue.detail) {
            self.member("detail", detail)?;
        }
        if let Some(constraint) = &issue.constraint {
            let profile = json!({
                "url": *constraint.profile,
                "element": *constraint.element,
                "constraint": *constraint.text,
            });
            self.member("profile", profile)?;
        }
        if show_values && let Some(excerpt) = &issue.excerpt {
            self.member("value", excerpt.value())?;
        }
        Ok(())
    }

    pub(super) fn end(mut self) -> io::Result<()> {
        self.text.push(b'}');
        self.out.write_all(&self.text)
    }
}

/// Whether a text needs no escapes in JSON, and nothing in it steers a terminal or a build server.
fn is_plain(text: &str) -> bool {
    // Without an early end, so that many bytes are compared at once.
    text.bytes().fold(true, |plain, byte| {
        plain & (b' '..=b'~').contains(&byte) & !matches!(byte, b'"' | b'\\' | b'#')
    })
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
