//! [`IssueScan`]: the issues that validation finds.

use crate::scan::{Input, Sink, kind_of};
use arrow_schema::SchemaRef;
use healthcode_core::Issue;
use healthcode_validate::Validator;
use healthcode_views::{Batch, Cell, Column, Columns, issues};
use std::io;

/// How many rows a batch has.
const ROWS: usize = 8 * 1024;

/// The issues that validation finds, as rows of the columns that are wanted.
#[derive(Debug)]
pub struct IssueScan {
    validator: Validator,
    schema: SchemaRef,
    columns: Vec<Column>,
    /// The numbers of the columns in a whole row.
    numbers: Vec<usize>,
}

impl IssueScan {
    pub(crate) fn new(validator: Validator, numbers: &[usize], schema: SchemaRef) -> Self {
        let all = issues::columns();
        let columns = numbers
            .iter()
            .filter_map(|number| all.get(*number).cloned());
        IssueScan {
            validator,
            schema,
            columns: columns.collect(),
            numbers: numbers.to_vec(),
        }
    }

    pub(crate) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    pub(crate) fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> io::Result<()> {
        let kind = kind_of(&input);
        let (file, before) = (input.file, input.first_line.saturating_sub(1));
        let mut stream = self.validator.stream(input.reader);
        if let Some(kind) = kind {
            stream = stream.kind(kind);
        }
        let mut batch = Batch::new(&self.columns);
        let finished = |batch: Batch| batch.finish().map_err(io::Error::other);
        stream.for_each(|part| {
            for mut issue in part.issues {
                if let Some(position) = &mut issue.position {
                    position.line += before;
                }
                self.add(&mut batch, file, &issue)?;
                if batch.len() >= ROWS {
                    let full = std::mem::replace(&mut batch, Batch::new(&self.columns));
                    sink.rows(finished(full)?)?;
                }
            }
            Ok(())
        })?;
        if batch.is_empty() {
            return Ok(());
        }
        sink.rows(finished(batch)?)
    }

    fn add(&self, batch: &mut Batch, file: &str, issue: &Issue) -> io::Result<()> {
        let whole = issues::row(file, issue, false);
        let cells = self.numbers.iter().filter_map(|number| whole.get(*number));
        let cells: Vec<Cell<'_>> = cells.cloned().collect();
        batch.row(&cells)
    }
}
