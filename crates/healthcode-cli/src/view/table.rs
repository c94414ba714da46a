//! Tables: rows on their way to files.

use crate::args::ViewFormat;
use crate::output::temporary::Temporary;
use healthcode_views::{Cell, Columns, Csv, Ndjson, View};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Rows as they go into a table.
pub(super) enum Rows {
    Text(Vec<u8>),
}

/// Makes rows of the resources of a group.
pub(super) enum Encoder {
    Csv(Csv<Vec<u8>>),
    Ndjson(Ndjson<Vec<u8>>),
}

impl Encoder {
    pub(super) fn new(format: ViewFormat, view: &View) -> Self {
        match format {
            ViewFormat::Csv => Encoder::Csv(Csv::new(Vec::new())),
            ViewFormat::Ndjson | ViewFormat::Parquet => {
                Encoder::Ndjson(Ndjson::new(Vec::new(), view.columns()))
            }
        }
    }

    /// The rows, if there are any.
    pub(super) fn finish(self) -> Option<Rows> {
        let text = match self {
            Encoder::Csv(csv) => csv.into_inner(),
            Encoder::Ndjson(ndjson) => ndjson.into_inner(),
        };
        (!text.is_empty()).then_some(Rows::Text(text))
    }
}

impl Columns for Encoder {
    fn row(&mut self, row: &[Cell<'_>]) -> io::Result<()> {
        match self {
            Encoder::Csv(csv) => csv.row(row),
            Encoder::Ndjson(ndjson) => ndjson.row(row),
        }
    }
}

/// A table that is being written.
pub(super) struct Table {
    out: BufWriter<Target>,
}

enum Target {
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
        if format == ViewFormat::Csv {
            Csv::new(&mut out).header(view.columns())?;
        }
        Ok(Table { out })
    }

    pub(super) fn add(&mut self, rows: &Rows) -> io::Result<()> {
        match rows {
            Rows::Text(text) => self.out.write_all(text),
        }
    }

    /// Writes what is left, without putting a file in its place.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// Puts the table in its place.
    ///
    /// # Errors
    /// If that is not allowed.
    pub(super) fn keep(self) -> io::Result<()> {
        let target = self
            .out
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        if let Target::File(file, path) = target {
            file.persist(&path).map_err(|error| {
                let shown = crate::input::shown(&path);
                io::Error::new(error.kind(), format!("{shown}: {error}"))
            })?;
        }
        Ok(())
    }
}
