//! What a call takes from files and from standard input.

use crate::args::call::word::{Source, Word, number};
use crate::input::{at_most, small};
use healthcode_r4::Resource;
use healthcode_uk::NhsNumber;
use serde::Deserialize;
use std::io;
use std::path::Path;

/// The NHS numbers that lines are.
///
/// # Errors
/// If no line has an NHS number, or a line is something else.
pub(super) fn numbers(lines: &[String]) -> Result<Vec<NhsNumber>, String> {
    if lines.is_empty() {
        return Err("missing NHS number: - takes lines of standard input".to_owned());
    }
    let read = |(index, line): (usize, &String)| {
        number(line).ok_or_else(|| {
            let place = match lines.len() {
                1 => String::new(),
                _ => format!("line {}: ", index + 1),
            };
            format!("{place}not an NHS number: check digit or length is wrong")
        })
    };
    lines.iter().enumerate().map(read).collect()
}

impl Source {
    /// What it is called in messages.
    pub(super) fn name(&self) -> String {
        match self {
            Source::Stdin => "standard input".to_owned(),
            Source::File(path) => crate::input::shown(path),
        }
    }
}

/// Reads files, and standard input once.
#[derive(Default)]
pub(super) struct Inputs {
    stdin_taken: bool,
    /// Lines of standard input that were looked at, and are still to be read.
    ahead: Option<Vec<String>>,
}

impl Inputs {
    /// The words, with the lines of files and of standard input in their places.
    ///
    /// # Errors
    /// If a file cannot be read or is not text, or standard input was read before.
    pub(super) fn lines(&mut self, words: &[Word]) -> Result<Vec<String>, String> {
        let mut all = Vec::new();
        for word in words {
            match word {
                Word::Literal(text) => all.push(text.clone()),
                Word::File(path) => all.extend(lines(&file(path)?, &path.display())?),
                Word::Stdin => match self.ahead.take() {
                    Some(ahead) => all.extend(ahead),
                    None => all.extend(lines(&self.stdin()?, &"standard input")?),
                },
            }
        }
        Ok(all)
    }

    /// The one line that a word is, or that it stands for.
    ///
    /// # Errors
    /// As [`Inputs::lines`], and unless there is exactly one line.
    pub(super) fn line(&mut self, word: &Word, name: &str) -> Result<String, String> {
        let mut lines = self.lines(std::slice::from_ref(word))?;
        match (lines.pop(), lines.is_empty()) {
            (Some(line), true) => Ok(line),
            _ => Err(format!("invalid {name}: expected one line")),
        }
    }

    /// As [`Inputs::lines`], which returns the same once more.
    ///
    /// # Errors
    /// As [`Inputs::lines`].
    pub(super) fn peek(&mut self, words: &[Word]) -> Result<Vec<String>, String> {
        let mut all = Vec::new();
        for word in words {
            let lines = self.lines(std::slice::from_ref(word))?;
            if *word == Word::Stdin {
                self.ahead = Some(lines.clone());
            }
            all.extend(lines);
        }
        Ok(all)
    }

    /// The bytes of a body.
    ///
    /// # Errors
    /// If they cannot be read, are too many, or standard input was read before.
    pub(super) fn bytes(&mut self, source: &Source) -> Result<Vec<u8>, String> {
        match source {
            Source::Stdin => self.stdin(),
            Source::File(path) => file(path),
        }
    }

    /// JSON of a body: as values, or as it is written.
    ///
    /// # Errors
    /// As [`Inputs::bytes`], or if it is not JSON.
    pub(super) fn json<T: for<'a> Deserialize<'a>>(
        &mut self,
        source: &Source,
    ) -> Result<T, String> {
        parse(source, &self.bytes(source)?)
    }

    /// JSON of a body that is JSON or FHIR in XML.
    ///
    /// # Errors
    /// As [`Inputs::bytes`], or if it is XML that is not FHIR or has what JSON has no form for.
    pub(super) fn fhir(&mut self, source: &Source) -> Result<Vec<u8>, String> {
        let bytes = self.bytes(source)?;
        if !healthcode_xml::is_xml(&bytes) {
            return Ok(bytes);
        }
        let read = healthcode_xml::from_slice::<Resource>(&bytes);
        let read = read.map_err(|error| format!("{}: {error}", source.name()))?;
        match healthcode_xml::left_out_of_json(&read.value).first() {
            None => Ok(healthcode_json::to_vec(&read.value)),
            Some(issue) => Err(format!(
                "{}: {} is not allowed here: the body is sent as JSON, which has no form for it",
                source.name(),
                issue.shown_path()
            )),
        }
    }

    fn stdin(&mut self) -> Result<Vec<u8>, String> {
        if std::mem::replace(&mut self.stdin_taken, true) {
            return Err("standard input can be read only once".to_owned());
        }
        at_most(io::stdin().lock()).map_err(|error| format!("standard input: {error}"))
    }
}

/// JSON of a body's bytes.
pub(super) fn parse<'a, T: Deserialize<'a>>(source: &Source, json: &'a [u8]) -> Result<T, String> {
    serde_json::from_slice(json).map_err(|error| {
        format!(
            "{}: line {}, column {}: invalid JSON",
            source.name(),
            error.line(),
            error.column()
        )
    })
}

fn file(path: &Path) -> Result<Vec<u8>, String> {
    small(path).map_err(|error| error.to_string())
}

/// The lines that are not blank.
fn lines(bytes: &[u8], name: &dyn std::fmt::Display) -> Result<Vec<String>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| format!("{name}: the text is not UTF-8"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    Ok(lines.map(str::to_owned).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests;
