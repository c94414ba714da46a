//! What a call takes from the command line, from files and from standard input. Patient data comes from
//! files or standard input, because shells keep command lines and show them to others.

use crate::input::{at_most, small};
use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use clap::{Arg, Command};
use healthcode_uk::NhsNumber;
use serde::Deserialize;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

/// A parser of values whose errors do not repeat the value, which may be patient data.
#[derive(Clone)]
pub(super) struct Quiet<T>(pub(super) fn(&str) -> Result<T, String>);

impl<T: Clone + Send + Sync + 'static> TypedValueParser for Quiet<T> {
    type Value = T;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<T, clap::Error> {
        let text = value.to_str().ok_or("the text is not UTF-8".to_owned());
        text.and_then(self.0).map_err(|message| {
            let name = argument.map_or_else(String::new, |argument| format!("{argument}: "));
            let error = clap::Error::raw(ErrorKind::ValueValidation, format!("{name}{message}\n"));
            error.with_cmd(command)
        })
    }
}

/// A word of the command line, or where words come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Literal(String),
    /// `-`: the lines of standard input.
    Stdin,
    /// `@FILE`: the lines of a file.
    File(PathBuf),
}

/// A word that is not an NHS number.
pub(super) fn word(text: &str) -> Result<Word, String> {
    match text.strip_prefix('@') {
        _ if text == "-" => Ok(Word::Stdin),
        Some(path) => Ok(Word::File(path.into())),
        None if has_number(text) => Err(ON_COMMAND_LINE.to_owned()),
        None => Ok(Word::Literal(text.to_owned())),
    }
}

/// A URL without an NHS number anywhere.
pub(super) fn url_word(text: &str) -> Result<Word, String> {
    let mut digits = text.split(|c: char| !c.is_ascii_digit());
    match word(text)? {
        Word::Literal(_) if digits.any(|run| number(run).is_some()) => {
            Err(ON_COMMAND_LINE.to_owned())
        }
        word => Ok(word),
    }
}

const ON_COMMAND_LINE: &str = "an NHS number is not allowed here: it is patient data, and command \
     lines are kept and shown; give the word by - (a line of standard input) or @FILE (a line of a file)";

/// Whether a word has an NHS number where one is meant: alone, or after the name of its system.
fn has_number(word: &str) -> bool {
    let alone = word.split(['|', '=', '/', ',']).next_back();
    let meant = !word.contains('=') || word.contains("nhs-number") || word.contains("Patient/");
    meant && alone.is_some_and(|text| number(text).is_some())
}

/// An NHS number, also with the gaps that it is shown with.
pub(super) fn number(text: &str) -> Option<NhsNumber> {
    NhsNumber::parse(&text.replace([' ', '-'], "")).ok()
}

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

/// Where a body comes from.
#[derive(Clone, Debug)]
pub(super) enum Source {
    Stdin,
    File(PathBuf),
}

/// A file's name, or `-` for standard input.
pub(super) fn source(text: &str) -> Result<Source, String> {
    Ok(match text {
        "-" => Source::Stdin,
        path => Source::File(path.into()),
    })
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
    /// As [`Inputs::lines`], and if there is none, or several.
    pub(super) fn line(&mut self, word: &Word, name: &str) -> Result<String, String> {
        let mut lines = self.lines(std::slice::from_ref(word))?;
        match (lines.pop(), lines.is_empty()) {
            (Some(line), true) => Ok(line),
            _ => Err(format!("invalid {name}: expected one line")),
        }
    }

    /// As [`Inputs::lines`], which gives the same once more.
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
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    Ok(lines.map(str::to_owned).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests;
