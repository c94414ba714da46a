//! Issues as a table: a row for each.

use healthcode_core::{Issue, Severity};
use healthcode_validate::render::{Folded, Renderer, Summary};
use healthcode_views::{Cell, Columns, Csv, issues};
use std::borrow::Cow;
use std::io::{self, Write};

/// A renderer of CSV.
///
/// # Errors
/// If the header cannot be written.
pub(super) fn csv<W: Write>(out: W, show_values: bool) -> io::Result<Issues<CsvTable<W>>> {
    let mut csv = Csv::new(out);
    csv.header(&issues::columns())?;
    Ok(Issues::new(CsvTable(csv), show_values))
}

/// A renderer of Parquet.
///
/// # Errors
/// If the command was built without it, or the beginning of the file cannot be written.
#[cfg(feature = "parquet")]
pub(super) fn parquet(
    out: Box<dyn Write + Send>,
    show_values: bool,
) -> io::Result<Box<dyn Renderer>> {
    let columns = issues::columns();
    let writer = healthcode_views::Parquet::new(out, &columns)?;
    let rows = healthcode_views::Batch::new(&columns);
    let table = ParquetTable {
        columns,
        writer: Some(writer),
        rows,
    };
    Ok(Box::new(Issues::new(table, show_values)))
}

#[cfg(not(feature = "parquet"))]
pub(super) fn parquet(_: Box<dyn Write + Send>, _: bool) -> io::Result<Box<dyn Renderer>> {
    Err(crate::view::table::without_parquet())
}

/// What takes the rows.
pub(super) trait Table: Columns {
    fn flush(&mut self) -> io::Result<()>;
    fn finish(&mut self) -> io::Result<()>;
}

pub(super) struct CsvTable<W>(Csv<W>);

impl<W: Write> Columns for CsvTable<W> {
    fn row(&mut self, row: &[Cell<'_>]) -> io::Result<()> {
        self.0.row(row)
    }
}

impl<W: Write> Table for CsvTable<W> {
    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }

    fn finish(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// How many issues are written at a time.
#[cfg(feature = "parquet")]
const ROWS: usize = 8 * 1024;

#[cfg(feature = "parquet")]
struct ParquetTable {
    columns: Vec<healthcode_views::Column>,
    writer: Option<healthcode_views::Parquet<Box<dyn Write + Send>>>,
    rows: healthcode_views::Batch,
}

#[cfg(feature = "parquet")]
impl ParquetTable {
    fn write(&mut self) -> io::Result<()> {
        let empty = healthcode_views::Batch::new(&self.columns);
        let rows = std::mem::replace(&mut self.rows, empty);
        let rows = rows
            .finish()
            .map_err(|error| io::Error::other(error.to_string()))?;
        match &mut self.writer {
            Some(writer) if rows.num_rows() > 0 => writer.write(&rows),
            _ => Ok(()),
        }
    }
}

#[cfg(feature = "parquet")]
impl Columns for ParquetTable {
    fn row(&mut self, row: &[Cell<'_>]) -> io::Result<()> {
        self.rows.row(row)?;
        if self.rows.len() < ROWS {
            return Ok(());
        }
        self.write()
    }
}

#[cfg(feature = "parquet")]
impl Table for ParquetTable {
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        self.write()?;
        match self.writer.take() {
            Some(writer) => writer.finish()?.flush(),
            None => Ok(()),
        }
    }
}

/// Writes a row for each issue. A file that cannot be read has a row whose rule is null.
pub(super) struct Issues<T> {
    table: T,
    file: String,
    show_values: bool,
}

impl<T: Table> Issues<T> {
    fn new(table: T, show_values: bool) -> Self {
        Issues {
            table,
            file: String::new(),
            show_values,
        }
    }
}

impl<T: Table> Renderer for Issues<T> {
    fn begin_file(&mut self, file: &str) -> io::Result<()> {
        file.clone_into(&mut self.file);
        Ok(())
    }

    fn issue(&mut self, issue: &Issue) -> io::Result<()> {
        self.table
            .row(&issues::row(&self.file, issue, self.show_values))
    }

    fn unreadable(&mut self, file: &str, reason: &str) -> io::Result<()> {
        self.table.row(&[
            Cell::Text(Cow::Borrowed(file)),
            Cell::Null,
            Cell::Null,
            Cell::Null,
            Cell::Null,
            Cell::Null,
            Cell::Text(Cow::Borrowed(Severity::Fatal.as_str())),
            Cell::Text(Cow::Borrowed("exception")),
            Cell::Text(Cow::Owned(format!("cannot be read: {reason}"))),
        ])
    }

    fn folded(&mut self, _: &Folded) -> io::Result<()> {
        // A table has all issues: `validate` does not fold them.
        Ok(())
    }

    fn finish(&mut self, _: &Summary) -> io::Result<()> {
        self.table.finish()
    }

    fn flush(&mut self) -> io::Result<()> {
        self.table.flush()
    }
}
