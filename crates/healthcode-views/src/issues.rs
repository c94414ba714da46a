//! The issues of validation as a table: a row for each.

use crate::cell::Cell;
use crate::types::ColumnType;
use crate::view::Column;
use healthcode_core::{Issue, PrimitiveKind};
use std::borrow::Cow;

/// The columns of the table: their names and types.
pub const COLUMNS: [(&str, PrimitiveKind); 9] = [
    ("file", PrimitiveKind::String),
    ("line", PrimitiveKind::Integer64),
    ("column", PrimitiveKind::Integer64),
    ("path", PrimitiveKind::String),
    ("pointer", PrimitiveKind::String),
    ("rule", PrimitiveKind::String),
    ("severity", PrimitiveKind::Code),
    ("code", PrimitiveKind::Code),
    ("message", PrimitiveKind::String),
];

/// The columns of the table.
///
/// ```
/// let columns = healthcode_views::issues::columns();
/// let names: Vec<&str> = columns.iter().map(|column| &*column.name).collect();
/// let expected = ["file", "line", "column", "path", "pointer", "rule", "severity", "code", "message"];
/// assert_eq!(names, expected);
/// ```
#[must_use]
pub fn columns() -> Vec<Column> {
    let columns = COLUMNS.iter();
    columns
        .map(|(name, kind)| Column::new(name, ColumnType::Primitive(*kind)))
        .collect()
}

/// The row of an issue of a file. Names in paths that may be values are masked, unless `show_values` is set.
#[must_use]
pub fn row<'a>(file: &'a str, issue: &'a Issue, show_values: bool) -> [Cell<'a>; COLUMNS.len()] {
    let number = |number: Option<u64>| {
        let number = number.and_then(|number| i64::try_from(number).ok());
        number.map_or(Cell::Null, Cell::Integer)
    };
    let (path, pointer) = if show_values {
        (Cow::Borrowed(&*issue.path), Cow::Borrowed(&*issue.pointer))
    } else {
        (issue.shown_path(), issue.shown_pointer())
    };
    [
        Cell::Text(Cow::Borrowed(file)),
        number(issue.position.map(|position| position.line)),
        number(issue.position.map(|position| position.column)),
        Cell::Text(path),
        Cell::Text(pointer),
        Cell::Text(Cow::Borrowed(issue.rule.id)),
        Cell::Text(Cow::Borrowed(issue.severity.as_str())),
        Cell::Text(Cow::Borrowed(issue.rule.code)),
        Cell::Text(Cow::Owned(issue.message())),
    ]
}
