//! Rows as Arrow record batches, and as Parquet.

use crate::cell::Cell;
use crate::columns::Columns;
use crate::decimal::Digits;
use crate::text::write_json;
use crate::types::ColumnType;
use crate::view::Column;
use arrow_array::builder::{
    ArrayBuilder, BooleanBuilder, Decimal128Builder, Int32Builder, Int64Builder, StringBuilder,
};
use arrow_array::{ArrayRef, ListArray, RecordBatch, RecordBatchOptions};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use healthcode_core::PrimitiveKind;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use std::io::{self, Write};
use std::sync::Arc;

/// How many bytes a row group of Parquet has before it is compressed.
const ROW_GROUP: usize = 8 * 1024 * 1024;

/// The Arrow schema of a view's rows. Dates and times are text, as they were written, and so are decimals, unless a tag
/// `ansi/type` states their precision and scale; all columns may be null.
#[must_use]
pub fn arrow_schema(columns: &[Column]) -> SchemaRef {
    let fields = columns.iter().map(|column| {
        let inner = data_type(column);
        let of = if column.collection {
            DataType::List(Arc::new(Field::new_list_field(inner, true)))
        } else {
            inner
        };
        Field::new(&*column.name, of, true)
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

fn data_type(column: &Column) -> DataType {
    let ColumnType::Primitive(kind) = column.of else {
        return DataType::Utf8;
    };
    match kind {
        PrimitiveKind::Boolean => DataType::Boolean,
        PrimitiveKind::Integer | PrimitiveKind::PositiveInt | PrimitiveKind::UnsignedInt => {
            DataType::Int32
        }
        PrimitiveKind::Integer64 => DataType::Int64,
        PrimitiveKind::Decimal => match column.digits() {
            Some(Digits { precision, scale }) => {
                DataType::Decimal128(precision, i8::try_from(scale).unwrap_or_default())
            }
            None => DataType::Utf8,
        },
        _ => DataType::Utf8,
    }
}

/// Collects rows in Arrow arrays. A decimal that its column's digits do not hold is null: see
/// [`RunOptions::exact_decimals`](crate::RunOptions::exact_decimals).
#[derive(Debug)]
pub struct Batch {
    schema: SchemaRef,
    builders: Vec<Builder>,
    rows: usize,
}

#[derive(Debug)]
struct Builder {
    values: Values,
    list: Option<Lists>,
}

#[derive(Debug)]
enum Values {
    Boolean(BooleanBuilder),
    Int32(Int32Builder),
    Int64(Int64Builder),
    Decimal(Decimal128Builder, Digits),
    Text(StringBuilder),
}

/// The lengths of lists, and which of them are there.
#[derive(Debug, Default)]
struct Lists {
    lengths: Vec<usize>,
    valid: Vec<bool>,
}

impl Batch {
    /// An empty batch for these columns.
    #[must_use]
    pub fn new(columns: &[Column]) -> Self {
        let builders = columns.iter().map(|column| Builder {
            values: Values::of(column),
            list: column.collection.then(Lists::default),
        });
        Batch {
            schema: arrow_schema(columns),
            builders: builders.collect(),
            rows: 0,
        }
    }

    /// How many rows it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The rows as a record batch.
    ///
    /// # Errors
    /// If they are more than Arrow's arrays hold.
    pub fn finish(self) -> Result<RecordBatch, ArrowError> {
        let arrays = self.builders.into_iter().map(Builder::finish);
        // Rows without columns have a number all the same.
        let options = RecordBatchOptions::new().with_row_count(Some(self.rows));
        RecordBatch::try_new_with_options(self.schema, arrays.collect::<Result<_, _>>()?, &options)
    }
}

impl Columns for Batch {
    fn row(&mut self, row: &[Cell<'_>]) -> io::Result<()> {
        self.rows += 1;
        for (builder, cell) in self.builders.iter_mut().zip(row) {
            builder.add(cell);
        }
        Ok(())
    }
}

impl Builder {
    fn add(&mut self, cell: &Cell<'_>) {
        let Some(lists) = &mut self.list else {
            return self.values.add(cell);
        };
        let items: &[Cell<'_>] = match cell {
            Cell::List(items) => items,
            _ => &[],
        };
        lists.lengths.push(items.len());
        lists.valid.push(matches!(cell, Cell::List(_)));
        for item in items {
            self.values.add(item);
        }
    }

    fn finish(mut self) -> Result<ArrayRef, ArrowError> {
        let values = self.values.finish();
        let Some(lists) = self.list else {
            return Ok(values);
        };
        let field = Arc::new(Field::new_list_field(values.data_type().clone(), true));
        let offsets = OffsetBuffer::from_lengths(lists.lengths);
        let nulls = NullBuffer::from(lists.valid);
        Ok(Arc::new(ListArray::try_new(
            field,
            offsets,
            values,
            Some(nulls),
        )?))
    }
}

impl Values {
    fn of(column: &Column) -> Self {
        match data_type(column) {
            DataType::Boolean => Values::Boolean(BooleanBuilder::new()),
            DataType::Int32 => Values::Int32(Int32Builder::new()),
            DataType::Int64 => Values::Int64(Int64Builder::new()),
            DataType::Decimal128(precision, scale) => {
                let builder = Decimal128Builder::new();
                let digits = column.digits();
                match (builder.with_precision_and_scale(precision, scale), digits) {
                    (Ok(builder), Some(digits)) => Values::Decimal(builder, digits),
                    _ => Values::Text(StringBuilder::new()),
                }
            }
            _ => Values::Text(StringBuilder::new()),
        }
    }

    fn add(&mut self, cell: &Cell<'_>) {
        match self {
            Values::Boolean(builder) => builder.append_option(match cell {
                Cell::Boolean(value) => Some(*value),
                _ => None,
            }),
            Values::Int32(builder) => builder.append_option(match cell {
                Cell::Integer(value) => i32::try_from(*value).ok(),
                _ => None,
            }),
            Values::Int64(builder) => builder.append_option(match cell {
                Cell::Integer(value) => Some(*value),
                _ => None,
            }),
            Values::Decimal(builder, digits) => builder.append_option(match cell {
                Cell::Decimal(text) => digits.scaled(text),
                _ => None,
            }),
            Values::Text(builder) => match cell {
                Cell::Null => builder.append_null(),
                Cell::Text(text) | Cell::Decimal(text) => builder.append_value(text),
                Cell::Json(json) => builder.append_value(json),
                other => {
                    let mut json = Vec::new();
                    write_json(other, &mut json);
                    builder.append_value(String::from_utf8(json).unwrap_or_default());
                }
            },
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Values::Boolean(builder) => ArrayBuilder::finish(builder),
            Values::Int32(builder) => ArrayBuilder::finish(builder),
            Values::Int64(builder) => ArrayBuilder::finish(builder),
            Values::Decimal(builder, _) => ArrayBuilder::finish(builder),
            Values::Text(builder) => ArrayBuilder::finish(builder),
        }
    }
}

/// Writes record batches as Parquet, compressed with Snappy, in row groups whose memory is bounded.
pub struct Parquet<W: Write + Send>(ArrowWriter<W>);

impl<W: Write + Send> std::fmt::Debug for Parquet<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Parquet")
    }
}

impl<W: Write + Send> Parquet<W> {
    /// A writer of rows with these columns.
    ///
    /// # Errors
    /// If the beginning of the file cannot be written.
    pub fn new(out: W, columns: &[Column]) -> io::Result<Self> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_max_row_group_bytes(Some(ROW_GROUP))
            .build();
        let writer = ArrowWriter::try_new(out, arrow_schema(columns), Some(properties));
        writer.map(Parquet).map_err(io_error)
    }

    /// Writes rows.
    ///
    /// # Errors
    /// If they cannot be written, or have other columns.
    pub fn write(&mut self, rows: &RecordBatch) -> io::Result<()> {
        self.0.write(rows).map_err(io_error)
    }

    /// Writes the end of the file, and returns what it was written to.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish(self) -> io::Result<W> {
        self.0.into_inner().map_err(io_error)
    }
}

fn io_error(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(error) => match error.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(error) => io::Error::other(error.to_string()),
        },
        error => io::Error::other(error.to_string()),
    }
}
