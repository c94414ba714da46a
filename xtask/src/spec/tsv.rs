//! The form of the facts on disk: tab-separated text, one record a line.
//!
//! The first line is `# ` and the column names. Cells hold their text as it is, without quotes, so
//! a cell never contains a tab or a line break; writing one that does is an error.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use csv::{QuoteStyle, ReaderBuilder, WriterBuilder};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_with::formats::{CommaSeparator, Separator, SpaceSeparator};
use serde_with::json::JsonString;
use serde_with::{As, BoolFromInt, DisplayFromStr, StringWithSeparator};

/// A cell that its type's `Display` writes and its `FromStr` reads.
pub(crate) type Text = As<DisplayFromStr>;
/// Such a cell, or an empty one for nothing.
pub(crate) type OptionalText = As<Option<DisplayFromStr>>;
/// A flag: `1` or `0`.
pub(crate) type Flag = As<BoolFromInt>;
/// A flag, or an empty cell for nothing.
pub(crate) type OptionalFlag = As<Option<BoolFromInt>>;
/// Values separated by `,`.
pub(crate) type Commas<T> = As<StringWithSeparator<CommaSeparator, T>>;
/// Values separated by spaces.
pub(crate) type Spaces<T> = As<StringWithSeparator<SpaceSeparator, T>>;
/// Values separated by `;`.
pub(crate) type Semicolons<T> = As<StringWithSeparator<Semicolon, T>>;
/// Values separated by `|`.
pub(crate) type Bars<T> = As<StringWithSeparator<Bar, T>>;

/// A cell that holds JSON.
pub(crate) type Json = As<JsonString>;

/// The separator `;`.
pub(crate) struct Semicolon;

impl Separator for Semicolon {
    fn separator() -> &'static str {
        ";"
    }
}

/// The separator `|`.
pub(crate) struct Bar;

impl Separator for Bar {
    fn separator() -> &'static str {
        "|"
    }
}

/// One line of a facts file; the names of its fields are the columns.
pub(crate) trait Record: Default + PartialEq + Serialize + DeserializeOwned {
    /// The file's name.
    const FILE: &'static str;
}

/// Records as the text of a file.
pub(crate) fn to_text<R: Record>(records: &[R]) -> Result<String> {
    let text = format!("# {}\n{}", header::<R>()?, lines(records, false)?);
    let kept = from_text(&text).is_ok_and(|read: Vec<R>| read == records);
    ensure!(
        kept,
        "cannot write {}: a cell contains a tab or a line break",
        R::FILE
    );
    Ok(text)
}

/// The names of the columns, separated by tabs.
fn header<R: Record>() -> Result<String> {
    let text = lines(&[R::default()], true)?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

fn lines<R: Record>(records: &[R], header: bool) -> Result<String> {
    let mut writer = WriterBuilder::new()
        .delimiter(b'\t')
        .quote_style(QuoteStyle::Never)
        .has_headers(header)
        .from_writer(Vec::new());
    for record in records {
        writer.serialize(record)?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

/// Records from the text of a file.
pub(crate) fn from_text<R: Record>(text: &str) -> Result<Vec<R>> {
    let header = header::<R>()?;
    let table = text
        .strip_prefix("# ")
        .filter(|table| table.lines().next() == Some(&header));
    let table = table.with_context(|| {
        let columns = header.replace('\t', ", ");
        format!("invalid first line: expected `# ` and the columns {columns}")
    })?;
    let mut reader = ReaderBuilder::new()
        .delimiter(b'\t')
        .quoting(false)
        .from_reader(table.as_bytes());
    reader
        .deserialize()
        .map(|record| record.map_err(Into::into))
        .collect()
}

/// Reads the records of one kind from their file in `dir`.
pub(crate) fn load<R: Record>(dir: &Path) -> Result<Vec<R>> {
    let path = dir.join(R::FILE);
    let bytes = super::read(&path)?;
    String::from_utf8(bytes)
        .map_err(Into::into)
        .and_then(|text| from_text(&text))
        .with_context(|| format!("in {}", path.display()))
}

#[cfg(test)]
mod tests;
