//! Words of the command line that may stand for lines of files and of standard input. Patient data comes
//! from there, because shells keep command lines and show them to others.

use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use clap::{Arg, Command};
use healthcode_uk::NhsNumber;
use std::ffi::OsStr;
use std::path::PathBuf;

/// A parser of values whose errors do not repeat the value, which may be patient data.
#[derive(Clone)]
pub(crate) struct Quiet<T>(pub(crate) fn(&str) -> Result<T, String>);

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
pub(crate) enum Word {
    Literal(String),
    /// `-`: the lines of standard input.
    Stdin,
    /// `@FILE`: the lines of a file.
    File(PathBuf),
}

/// A word that is not an NHS number.
pub(crate) fn word(text: &str) -> Result<Word, String> {
    match text.strip_prefix('@') {
        _ if text == "-" => Ok(Word::Stdin),
        Some(path) => Ok(Word::File(path.into())),
        None if has_number(text) => Err(ON_COMMAND_LINE.to_owned()),
        None => Ok(Word::Literal(text.to_owned())),
    }
}

/// A URL without an NHS number anywhere.
pub(crate) fn url_word(text: &str) -> Result<Word, String> {
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

/// An NHS number, also with the spaces or hyphens that it is shown with.
pub(crate) fn number(text: &str) -> Option<NhsNumber> {
    NhsNumber::parse(&text.replace([' ', '-'], "")).ok()
}

/// Where a body comes from.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    Stdin,
    File(PathBuf),
}

/// A file's name, or `-` for standard input.
pub(crate) fn source(text: &str) -> Result<Source, String> {
    Ok(match text {
        "-" => Source::Stdin,
        path => Source::File(path.into()),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests;
