//! Writes record batches as CSV, NDJSON or a table for people.

use datafusion::arrow::array::{
    Array, AsArray, BooleanArray, FixedSizeListArray, LargeListArray, ListArray, RecordBatch,
};
use datafusion::arrow::datatypes::{DataType, Schema, SchemaRef};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::arrow::util::pretty::pretty_format_batches;
use healthcode_views::{Cell, Column, ColumnType, Columns, Csv, Ndjson};
use std::io::{self, Write};

/// How results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// A table for people, once all rows are there
    Table,
    /// As `healthcode view run` writes it, row by row
    Csv,
    /// A JSON object for each row
    Ndjson,
}

/// Writes rows as they come.
pub(crate) enum Writer<W: Write> {
    Table(W, SchemaRef, Vec<RecordBatch>),
    Csv(Csv<W>),
    Ndjson(Ndjson<W>),
}

impl<W: Write> Writer<W> {
    /// A writer of rows of this schema.
    ///
    /// # Errors
    /// If the header cannot be written.
    pub(crate) fn new(format: Format, schema: &SchemaRef, out: W) -> io::Result<Self> {
        let columns = columns(schema);
        Ok(match format {
            Format::Table => Writer::Table(out, schema.clone(), Vec::new()),
            Format::Csv => {
                let mut csv = Csv::new(out);
                csv.header(&columns)?;
                Writer::Csv(csv)
            }
            Format::Ndjson => Writer::Ndjson(Ndjson::new(out, &columns)),
        })
    }

    /// Writes rows, or keeps them for a table.
    ///
    /// # Errors
    /// If they cannot be written.
    pub(crate) fn write(&mut self, batch: RecordBatch) -> io::Result<()> {
        let columns: &mut dyn Columns = match self {
            Writer::Table(_, _, batches) => {
                batches.push(batch);
                return Ok(());
            }
            Writer::Csv(csv) => csv,
            Writer::Ndjson(ndjson) => ndjson,
        };
        for row in 0..batch.num_rows() {
            let cells = batch.columns().iter().map(|column| cell(column, row));
            let cells: Result<Vec<Cell<'_>>, ArrowError> = cells.collect();
            columns.row(&cells.map_err(io::Error::other)?)?;
        }
        Ok(())
    }

    /// Writes what was kept.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn finish(self) -> io::Result<()> {
        let mut out = match self {
            Writer::Table(mut out, schema, mut batches) => {
                if batches.is_empty() {
                    batches.push(RecordBatch::new_empty(schema));
                }
                let table = pretty_format_batches(&batches).map_err(io::Error::other)?;
                writeln!(out, "{table}")?;
                out
            }
            Writer::Csv(csv) => csv.into_inner(),
            Writer::Ndjson(ndjson) => ndjson.into_inner(),
        };
        out.flush()
    }
}

fn columns(schema: &Schema) -> Vec<Column> {
    let fields = schema.fields().iter();
    fields
        .map(|field| Column::new(field.name(), ColumnType::Any))
        .collect()
}

/// A value of an array.
fn cell(array: &dyn Array, row: usize) -> Result<Cell<'_>, ArrowError> {
    if array.is_null(row) || *array.data_type() == DataType::Null {
        return Ok(Cell::Null);
    }
    let list = |items: &dyn Array| -> Result<Cell<'static>, ArrowError> {
        let cells = (0..items.len()).map(|item| cell(items, item).map(owned));
        Ok(Cell::List(cells.collect::<Result<_, _>>()?))
    };
    let any = array.as_any();
    match array.data_type() {
        DataType::Utf8 => return Ok(Cell::Text(array.as_string::<i32>().value(row).into())),
        DataType::LargeUtf8 => return Ok(Cell::Text(array.as_string::<i64>().value(row).into())),
        DataType::Utf8View => return Ok(Cell::Text(array.as_string_view().value(row).into())),
        _ => {}
    }
    if let Some(array) = any.downcast_ref::<BooleanArray>() {
        return Ok(Cell::Boolean(array.value(row)));
    }
    if let Some(array) = any.downcast_ref::<ListArray>() {
        return list(&array.value(row));
    }
    if let Some(array) = any.downcast_ref::<LargeListArray>() {
        return list(&array.value(row));
    }
    if let Some(array) = any.downcast_ref::<FixedSizeListArray>() {
        return list(&array.value(row));
    }
    let options = FormatOptions::default();
    let text = ArrayFormatter::try_new(array, &options)?
        .value(row)
        .try_to_string()?;
    let is_number = array.data_type().is_numeric() && !text.contains(['N', 'i']);
    Ok(match text.parse() {
        Ok(number) if array.data_type().is_integer() => Cell::Integer(number),
        _ if is_number => Cell::Decimal(text.into()),
        _ => Cell::Text(text.into()),
    })
}

/// A cell that borrows nothing.
fn owned(cell: Cell<'_>) -> Cell<'static> {
    match cell {
        Cell::Boolean(value) => Cell::Boolean(value),
        Cell::Integer(value) => Cell::Integer(value),
        Cell::Decimal(text) => Cell::Decimal(text.into_owned().into()),
        Cell::Text(text) => Cell::Text(text.into_owned().into()),
        Cell::Json(json) => Cell::Json(json),
        Cell::List(cells) => Cell::List(cells.into_iter().map(owned).collect()),
        _ => Cell::Null,
    }
}
