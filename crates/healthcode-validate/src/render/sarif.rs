//! [`SarifRenderer`]: SARIF 2.1.0, the format of code scanners.

use super::object::content;
use super::place::place;
use super::{Folded, Renderer, Summary};
use healthcode_core::{Fix, Issue, Rule, Severity, printable_json};
use serde_json::{Value, json};
use std::io::{self, Write};

/// Writes a SARIF 2.1.0 log with one run.
///
/// Issues are `results`, as they come; the rules they name and what could not be read follow.
/// Columns are Unicode code points, as everywhere here.
#[derive(Debug)]
pub struct SarifRenderer<W> {
    out: W,
    show_values: bool,
    begun: bool,
    any: bool,
    uri: String,
    rules: Vec<&'static Rule>,
    notifications: Vec<Value>,
}

impl<W: Write> SarifRenderer<W> {
    /// A renderer into `out`. With `show_values`, values that issues carry are written.
    pub fn new(out: W, show_values: bool) -> Self {
        SarifRenderer {
            out,
            show_values,
            begun: false,
            any: false,
            uri: String::new(),
            rules: Vec::new(),
            notifications: Vec::new(),
        }
    }

    fn begin(&mut self) -> io::Result<()> {
        if self.begun {
            return Ok(());
        }
        self.begun = true;
        self.out.write_all(
            b"{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[{\"columnKind\":\"unicodeCodePoints\",\"results\":[",
        )
    }

    /// A fix as SARIF has it (section 3.55), which says nothing of whether it is safe: the properties do.
    fn fix(&self, fix: &Fix) -> Value {
        let replacements = fix.edits.iter().map(|edit| {
            json!({
                "deletedRegion": {
                    "startLine": edit.location.line,
                    "startColumn": edit.location.column,
                    "endLine": edit.end_location.line,
                    "endColumn": edit.end_location.column,
                },
                "insertedContent": { "text": content(edit, self.show_values) },
            })
        });
        json!({
            "description": { "text": fix.message },
            "artifactChanges": [{
                "artifactLocation": { "uri": self.uri },
                "replacements": replacements.collect::<Vec<_>>(),
            }],
            "properties": { "applicability": fix.applicability.as_str() },
        })
    }

    fn index_of(&mut self, rule: &'static Rule) -> usize {
        let known = self.rules.iter().position(|known| *known == rule);
        known.unwrap_or_else(|| {
            self.rules.push(rule);
            self.rules.len() - 1
        })
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Information => "note",
        Severity::Warning => "warning",
        _ => "error",
    }
}

/// A file's name as a URI reference.
fn uri(file: &str) -> String {
    let file = file.replace('\\', "/");
    let mut out = String::from(if file.starts_with('/') { "file://" } else { "" });
    for byte in file.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

fn described(rule: &Rule) -> Value {
    json!({
        "id": rule.id,
        "shortDescription": { "text": rule.title },
        "help": { "text": rule.help },
        "defaultConfiguration": { "level": level(rule.severity) },
    })
}

impl<W: Write> Renderer for SarifRenderer<W> {
    fn begin_file(&mut self, file: &str) -> io::Result<()> {
        self.begin()?;
        self.uri = uri(file);
        Ok(())
    }

    fn issue(&mut self, issue: &Issue) -> io::Result<()> {
        let mut physical = json!({ "artifactLocation": { "uri": self.uri } });
        if let Some(position) = issue.position {
            physical["region"] = json!({
                "startLine": position.line,
                "startColumn": position.column,
                "byteOffset": position.offset,
            });
        }
        let mut location = json!({ "physicalLocation": physical });
        if !issue.path.is_empty() {
            location["logicalLocations"] =
                json!([{ "fullyQualifiedName": place(issue, self.show_values), "kind": "member" }]);
        }
        let mut result = json!({
            "ruleId": issue.rule.id,
            "ruleIndex": self.index_of(issue.rule),
            "level": level(issue.severity),
            "message": { "text": issue.message() },
            "locations": [location],
        });
        if self.show_values
            && let Some(excerpt) = &issue.excerpt
        {
            result["properties"] = json!({ "value": excerpt.value() });
        }
        if let Some(fix) = &issue.fix {
            result["fixes"] = json!([self.fix(fix)]);
        }
        let separator = if self.any { ",\n" } else { "\n" };
        self.any = true;
        let result = result.to_string();
        write!(self.out, "{separator}{}", printable_json(&result))
    }

    fn unreadable(&mut self, file: &str, reason: &str) -> io::Result<()> {
        self.notifications.push(json!({
            "level": "error",
            "message": { "text": reason },
            "locations": [{ "physicalLocation": { "artifactLocation": { "uri": uri(file) } } }],
        }));
        Ok(())
    }

    fn folded(&mut self, folded: &Folded) -> io::Result<()> {
        let text = format!("{}: {}", folded.rule.id, folded.text());
        self.notifications
            .push(json!({ "level": "note", "message": { "text": text } }));
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.begin()?;
        let driver = json!({
            "name": "healthcode",
            "version": env!("CARGO_PKG_VERSION"),
            "rules": self.rules.iter().map(|rule| described(rule)).collect::<Vec<_>>(),
        });
        let invocation = json!({
            "executionSuccessful": summary.unreadable == 0 && !summary.interrupted,
            "toolExecutionNotifications": self.notifications,
        });
        let end =
            format!("\n],\"tool\":{{\"driver\":{driver}}},\"invocations\":[{invocation}]}}]}}");
        writeln!(self.out, "{}", printable_json(&end))?;
        self.out.flush()
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn names_as_uris() {
        for (file, expect) in [
            ("a.json", "a.json"),
            ("in/a b:c.json", "in/a%20b%3Ac.json"),
            ("in\\é.json", "in/%C3%A9.json"),
            ("/tmp/a.json", "file:///tmp/a.json"),
        ] {
            assert_eq!(uri(file), expect);
        }
    }
}
