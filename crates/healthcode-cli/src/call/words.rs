//! The words of a call: steps of an address and parameters. What is patient data comes from a file or
//! from standard input, for command lines are kept by shells and shown to others.

use healthcode_uk::NhsNumber;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The most that a file of words, or of a body, may have.
const LIMIT: u64 = 32 * 1024 * 1024;

/// Steps and parameters, in their order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Words {
    /// What has no `=`.
    pub(super) steps: Vec<String>,
    /// `NAME=VALUE`.
    pub(super) parameters: Vec<String>,
}

impl Words {
    /// The words of a command line: `-` stands for the lines of standard input, `@FILE` for those of a
    /// file.
    ///
    /// # Errors
    /// If a file cannot be read or is no text, or the command line has an NHS number.
    pub(super) fn read(arguments: &[String]) -> Result<Self, String> {
        let mut words = Words::default();
        let mut begun = false;
        for argument in arguments {
            match argument.strip_prefix('@') {
                _ if argument == "-" => {
                    if std::mem::replace(&mut begun, true) {
                        return Err("standard input is read once".to_owned());
                    }
                    words.lines(&text("-")?);
                }
                Some(path) => words.lines(&text(path)?),
                None if has_number(argument) => {
                    return Err(
                        "an NHS number is patient data, and command lines are kept and shown: give \
                         the word by - (a line of standard input) or @FILE (a line of a file)"
                            .to_owned(),
                    );
                }
                None => words.push(argument),
            }
        }
        Ok(words)
    }

    fn lines(&mut self, text: &str) {
        for line in text.lines().map(str::trim).filter(|it| !it.is_empty()) {
            self.push(line);
        }
    }

    fn push(&mut self, word: &str) {
        match word.contains('=') {
            true => self.parameters.push(word.to_owned()),
            false => self.steps.push(word.to_owned()),
        }
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.parameters.is_empty()
    }

    /// Takes the value of a parameter, if there is one.
    ///
    /// # Errors
    /// If it is there twice, or has no value.
    pub(super) fn take(&mut self, name: &str) -> Result<Option<String>, String> {
        let value = |it: &String| {
            let (found, value) = it.split_once('=')?;
            (found == name).then(|| value.to_owned())
        };
        let mut values: Vec<String> = self.parameters.iter().filter_map(value).collect();
        self.parameters.retain(|it| value(it).is_none());
        match (values.pop(), values.is_empty()) {
            (Some(value), true) if !value.is_empty() => Ok(Some(value)),
            (None, _) => Ok(None),
            (_, true) => Err(format!("{name} has no value")),
            (_, false) => Err(format!("{name} is there twice")),
        }
    }
}

/// Whether a word has an NHS number where one is meant: alone, or after the name of its system.
fn has_number(word: &str) -> bool {
    let alone = word.split(['|', '=', '/', ',']).next_back();
    let meant = !word.contains('=') || word.contains("nhs-number") || word.contains("Patient/");
    meant && alone.is_some_and(|it| number(it).is_some())
}

/// An NHS number, also with the gaps that it is shown with.
pub(super) fn number(text: &str) -> Option<NhsNumber> {
    NhsNumber::parse(&text.replace([' ', '-'], "")).ok()
}

/// The bytes of a file, or of standard input.
///
/// # Errors
/// If it cannot be read, or is too large.
pub(super) fn bytes(path: &str) -> Result<Vec<u8>, String> {
    let at = |error: io::Error| match path {
        "-" => format!("standard input: {error}"),
        path => format!("{path}: {error}"),
    };
    let mut bytes = Vec::new();
    let read = match path {
        "-" => io::stdin().lock().take(LIMIT + 1).read_to_end(&mut bytes),
        path => {
            File::open(Path::new(path)).and_then(|it| it.take(LIMIT + 1).read_to_end(&mut bytes))
        }
    };
    match read.map_err(at)? as u64 > LIMIT {
        true => Err(at(io::Error::other(format!("more than {LIMIT} bytes")))),
        false => Ok(bytes),
    }
}

fn text(path: &str) -> Result<String, String> {
    let text = String::from_utf8(bytes(path)?);
    text.map_err(|_| format!("{path}: no UTF-8"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn numbers_on_the_command_line() {
        for (word, expect) in [
            ("9000000009", true),
            ("900 000 0009", true),
            ("Patient/9000000009", true),
            ("patient=Patient/9000000009", true),
            (
                "identifier=https://fhir.nhs.uk/Id/nhs-number|9000000009",
                true,
            ),
            (
                "patient.identifier=https://fhir.nhs.uk/Id/nhs-number%7C1",
                false,
            ),
            ("9000000000", false),
            ("SP09000", false),
            ("family=Smith", false),
            // Ten digits of something else.
            ("regulator-reference=9000000009", false),
        ] {
            assert_eq!(has_number(word), expect, "{word}");
            let read = Words::read(&[word.to_owned()]);
            assert_eq!(read.is_err(), expect, "{word}");
            let said = read.err().unwrap_or_default();
            assert!(!said.contains("900"), "{said}");
        }
    }

    #[test]
    fn values_are_taken_once() {
        let words = |all: &[&str]| Words {
            parameters: all.iter().map(|it| (*it).to_owned()).collect(),
            ..Words::default()
        };
        let check = |all: &[&str], expect: Result<Option<&str>, &str>| {
            let found = words(all).take("a");
            let found = found.as_ref().map(Option::as_deref);
            assert_eq!(found.map_err(String::as_str), expect, "{all:?}");
        };
        check(&["b=1"], Ok(None));
        check(&["a=1=2", "ab=3"], Ok(Some("1=2")));
        check(&["a=1", "b=2", "a=3"], Err("a is there twice"));
        check(&["a="], Err("a has no value"));
        let mut left = words(&["a=1", "b=2"]);
        left.take("a").unwrap();
        assert_eq!(left, words(&["b=2"]));
    }
}
