//! [`JunitRenderer`]: XML as test runners write it.

use super::markup::Escaped;
use super::place::{place, short};
use super::{Folded, Renderer, Summary};
use healthcode_core::Issue;
use std::fmt::Write as _;
use std::io::{self, Write};

/// Writes the XML that build servers take from test runners.
///
/// Each file is a `testsuite`, each of its issues a `testcase`: failed if it is an error, passed
/// with its message as `system-out` if not. A file without issues has one passed case; one that
/// could not be read has a case with an `error`, and so has a report that was interrupted.
#[derive(Debug)]
pub struct JunitRenderer<W> {
    out: W,
    begun: bool,
    file: String,
    cases: String,
    tests: u64,
    failures: u64,
    errors: u64,
}

impl<W: Write> JunitRenderer<W> {
    /// A renderer into `out`.
    pub fn new(out: W) -> Self {
        JunitRenderer {
            out,
            begun: false,
            file: String::new(),
            cases: String::new(),
            tests: 0,
            failures: 0,
            errors: 0,
        }
    }

    fn begin(&mut self) -> io::Result<()> {
        if self.begun {
            return Ok(());
        }
        self.begun = true;
        let start =
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"healthcode\">\n";
        self.out.write_all(start.as_bytes())
    }

    /// The start of a case of the file that has begun.
    fn case(&mut self, name: &str) {
        self.tests += 1;
        let (name, file) = (Escaped(name), Escaped(&self.file));
        // Writing to a string does not fail.
        let _ = write!(
            self.cases,
            "    <testcase name=\"{name}\" classname=\"{file}\""
        );
    }
}

impl<W: Write> Renderer for JunitRenderer<W> {
    fn begin_file(&mut self, file: &str) -> io::Result<()> {
        self.begin()?;
        file.clone_into(&mut self.file);
        self.cases.clear();
        (self.tests, self.failures, self.errors) = (0, 0, 0);
        Ok(())
    }

    fn issue(&mut self, issue: &Issue) -> io::Result<()> {
        let rule = issue.rule.id;
        let path = short(&place(issue, false));
        let place = match issue.position {
            Some(position) => format!("{rule} {path} ({position})"),
            None => format!("{rule} {path}"),
        };
        self.case(&place);
        let text = issue.message();
        let (text, help) = (Escaped(&text), Escaped(issue.rule.help));
        let _ = if issue.severity.is_error() {
            self.failures += 1;
            writeln!(
                self.cases,
                ">\n      <failure type=\"{rule}\" message=\"{text}\">{help}</failure>\n    </testcase>"
            )
        } else {
            let severity = issue.severity;
            writeln!(
                self.cases,
                ">\n      <system-out>{severity}: {text}. {help}</system-out>\n    </testcase>"
            )
        };
        Ok(())
    }

    fn unreadable(&mut self, _file: &str, reason: &str) -> io::Result<()> {
        self.case("readable");
        self.errors += 1;
        let _ = writeln!(
            self.cases,
            ">\n      <error type=\"unreadable\" message=\"{}\"/>\n    </testcase>",
            Escaped(reason)
        );
        Ok(())
    }

    fn end_file(&mut self) -> io::Result<()> {
        if self.tests == 0 {
            self.case("valid");
            self.cases.push_str("/>\n");
        }
        write!(
            self.out,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\">\n{}  </testsuite>\n",
            Escaped(&self.file),
            self.tests,
            self.failures,
            self.errors,
            self.cases
        )
    }

    fn folded(&mut self, folded: &Folded) -> io::Result<()> {
        self.begin()?;
        let (rule, text) = (folded.rule.id, folded.text());
        let (text, title) = (Escaped(&text), Escaped(folded.rule.title));
        let failures = u8::from(folded.severity.is_error());
        write!(
            self.out,
            "  <testsuite name=\"{rule}: {text}\" tests=\"1\" failures=\"{failures}\" errors=\"0\">\n    <testcase name=\"{text}\" classname=\"{rule}\">"
        )?;
        if failures > 0 {
            write!(
                self.out,
                "<failure type=\"{rule}\" message=\"{title}\">{text}</failure>"
            )?;
        }
        self.out.write_all(b"</testcase>\n  </testsuite>\n")
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.begin()?;
        if summary.interrupted {
            let text = summary.to_string();
            let text = Escaped(&text);
            write!(
                self.out,
                "  <testsuite name=\"interrupted\" tests=\"1\" failures=\"0\" errors=\"1\">\n    <testcase name=\"complete\" classname=\"healthcode\"><error type=\"interrupted\" message=\"{text}\"/></testcase>\n  </testsuite>\n"
            )?;
        }
        self.out.write_all(b"</testsuites>\n")?;
        self.out.flush()
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
