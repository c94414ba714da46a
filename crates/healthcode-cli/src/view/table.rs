//! Tables: rows on their way to files.

use crate::args::ViewFormat;
use crate::output::temporary::Temporary;
use healthcode_core::printable;
use healthcode_views::{Cell, Columns, Csv, Ndjson, View};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

/// Rows as they go into a table.
pub(super) enum Rows {
    Text(Vec<u8>),
    #[cfg(feature = "parquet")]
    Batch(healthcode_views::RecordBatch),
}

/// Makes rows of the resources of a group.
pub(super) enum Encoder {
    Csv(Csv<Vec<u8>>),
    Ndjson(Ndjson<Vec<u8>>),
    #[cfg(feature = "parquet")]
    Parquet(Box<healthcode_views::Batch>),
}

impl Encoder {
    pub(super) fn new(format: ViewFormat, view: &View) -> Self {
        match format {
            ViewFormat::Csv => Encoder::Csv(Csv::new(Vec::new())),
            #[cfg(feature = "parquet")]
            ViewFormat::Parquet => {
                Encoder::Parquet(Box::new(healthcode_views::Batch::new(view.columns())))
            }
            _ => Encoder::Ndjson(Ndjson::new(Vec::new(), view.columns())),
        }
    }

    /// The rows, if there are any.
    ///
    /// # Errors
    /// If they are more than a table takes at a time.
    pub(super) fn finish(self) -> io::Result<Option<Rows>> {
        let text = match self {
            Encoder::Csv(csv) => csv.into_inner(),
            Encoder::Ndjson(ndjson) => ndjson.into_inner(),
            #[cfg(feature = "parquet")]
            Encoder::Parquet(batch) if batch.is_empty() => return Ok(None),
            #[cfg(feature = "parquet")]
            Encoder::Parquet(batch) => {
                let batch = batch
                    .finish()
                    .map_err(|error| io::Error::other(error.to_string()))?;
                return Ok(Some(Rows::Batch(batch)));
            }
        };
        Ok((!text.is_empty()).then_some(Rows::Text(text)))
    }
}

impl Columns for Encoder {
    fn row(&mut self, row: &[Cell<'_>]) -> io::Result<()> {
        match self {
            Encoder::Csv(csv) => csv.row(row),
            Encoder::Ndjson(ndjson) => ndjson.row(row),
            #[cfg(feature = "parquet")]
            Encoder::Parquet(batch) => batch.row(row),
        }
    }
}

/// A table that is being written.
pub(super) enum Table {
    Text(BufWriter<Target>),
    #[cfg(feature = "parquet")]
    Parquet(Box<healthcode_views::Parquet<BufWriter<Target>>>),
}

pub(super) enum Target {
    Stdout(io::Stdout),
    File(Temporary, PathBuf),
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Target::Stdout(out) => out.write(bytes),
            Target::File(file, _) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Target::Stdout(out) => out.flush(),
            Target::File(file, _) => file.flush(),
        }
    }
}

/// The same lines for a terminal, without what would steer it.
fn shown_lines(text: &str) -> String {
    let lines = text.split_inclusive('\n').map(|line| {
        let content = line.strip_suffix('\n').unwrap_or(line);
        let content = content.strip_suffix('\r').unwrap_or(content);
        printable(content) + &line[content.len()..]
    });
    lines.collect()
}

impl Table {
    /// A table in a file, or on standard output.
    ///
    /// # Errors
    /// If no file can be made there.
    pub(super) fn open(path: Option<&Path>, format: ViewFormat, view: &View) -> io::Result<Self> {
        let target = match path {
            None => Target::Stdout(io::stdout()),
            Some(path) => {
                let folder = path.parent().unwrap_or(Path::new("."));
                Target::File(Temporary::in_folder(folder)?, path.to_owned())
            }
        };
        let mut out = BufWriter::with_capacity(64 * 1024, target);
        match format {
            ViewFormat::Csv => Csv::new(&mut out).header(view.columns())?,
            ViewFormat::Ndjson => {}
            #[cfg(feature = "parquet")]
            ViewFormat::Parquet => {
                let writer = healthcode_views::Parquet::new(out, view.columns())?;
                return Ok(Table::Parquet(Box::new(writer)));
            }
            #[cfg(not(feature = "parquet"))]
            ViewFormat::Parquet => return Err(without_parquet()),
        }
        Ok(Table::Text(out))
    }

    pub(super) fn add(&mut self, rows: &Rows) -> io::Result<()> {
        match (self, rows) {
            (Table::Text(out), Rows::Text(text)) => {
                if matches!(out.get_ref(), Target::Stdout(out) if out.is_terminal()) {
                    out.write_all(shown_lines(&String::from_utf8_lossy(text)).as_bytes())
                } else {
                    out.write_all(text)
                }
            }
            #[cfg(feature = "parquet")]
            (Table::Parquet(writer), Rows::Batch(batch)) => writer.write(batch),
            #[cfg(feature = "parquet")]
            _ => Err(io::Error::other(
                "rows of another format; please report this",
            )),
        }
    }

    /// Writes what is left, and puts the table in its place if it is `complete`.
    ///
    /// # Errors
    /// If that is not allowed.
    pub(super) fn end(self, complete: bool) -> io::Result<()> {
        #[cfg_attr(
            not(feature = "parquet"),
            expect(
                clippy::infallible_destructuring_match,
                reason = "the feature has another variant"
            )
        )]
        let mut out = match self {
            Table::Text(out) => out,
            #[cfg(feature = "parquet")]
            Table::Parquet(writer) => writer.finish()?,
        };
        out.flush()?;
        let target = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        if complete && let Target::File(file, path) = target {
            file.persist(&path).map_err(|error| {
                let shown = crate::input::shown(&path);
                io::Error::new(error.kind(), format!("{shown}: {error}"))
            })?;
        }
        Ok(())
    }
}

/// The error of a format that this command was built without.
#[cfg(not(feature = "parquet"))]
pub(crate) fn without_parquet() -> io::Error {
    let message = "parquet is not allowed here: this command was built without the feature `parquet`; \
                   install it with `cargo install --features parquet`";
    crate::config::invalid(message.to_owned())
}

#[cfg(test)]
mod tests {
    use super::shown_lines;

    #[test]
    fn terminals_are_not_steered() {
        for (text, expect) in [
            ("", ""),
            ("a,b\r\n1,\r\n", "a,b\r\n1,\r\n"),
            ("{\"a\":1}\n", "{\"a\":1}\n"),
            ("\"two\nlines\",2\r\n", "\"two\nlines\",2\r\n"),
            ("a\u{1b}[2J,\u{9b}1m\r\n", "a\u{fffd}[2J,\u{fffd}1m\r\n"),
            ("over\rwritten\r\n", "over\u{fffd}written\r\n"),
            ("no end", "no end"),
        ] {
            assert_eq!(shown_lines(text), expect, "{text:?}");
        }
    }
}
