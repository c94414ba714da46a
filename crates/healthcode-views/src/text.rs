//! Rows as CSV and as NDJSON.

use crate::cell::Cell;
use crate::columns::Columns;
use crate::view::Column;
use std::io::{self, Write};

/// Writes rows as CSV (RFC 4180). Null is an empty field; quotes are written where they are needed, and around the empty
/// text; lists are JSON.
///
/// ```
/// use healthcode_views::{Cell, Columns, Csv};
/// let mut csv = Csv::new(Vec::new());
/// csv.row(&[Cell::Text("a, \"b\"".into()), Cell::Null, Cell::Text("".into()), Cell::Integer(7)])?;
/// assert_eq!(csv.into_inner(), b"\"a, \"\"b\"\"\",,\"\",7\r\n");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Csv<W> {
    out: W,
    line: Vec<u8>,
    json: Vec<u8>,
}

impl<W: Write> Csv<W> {
    /// A writer of rows, without a header.
    pub fn new(out: W) -> Self {
        Csv {
            out,
            line: Vec::new(),
            json: Vec::new(),
        }
    }

    /// Writes the names of the columns.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn header(&mut self, columns: &[Column]) -> io::Result<()> {
        self.line.clear();
        for (index, column) in columns.iter().enumerate() {
            if index > 0 {
                self.line.push(b',');
            }
            field(&column.name, &mut self.line);
        }
        self.line.extend_from_slice(b"\r\n");
        self.out.write_all(&self.line)
    }

    /// Passes on what is buffered.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// What it writes to.
    pub fn into_inner(self) -> W {
        self.out
    }
}

impl<W: Write> Columns for Csv<W> {
    fn row(&mut self, row: &[Cell<'_>]) -> io::Result<()> {
        self.line.clear();
        for (index, cell) in row.iter().enumerate() {
            if index > 0 {
                self.line.push(b',');
            }
            match cell {
                Cell::Null => {}
                Cell::Boolean(true) => self.line.extend_from_slice(b"true"),
                Cell::Boolean(false) => self.line.extend_from_slice(b"false"),
                Cell::Integer(value) => write!(self.line, "{value}")?,
                Cell::Decimal(text) => self.line.extend_from_slice(text.as_bytes()),
                Cell::Text(text) => field(text, &mut self.line),
                Cell::Json(json) => field(json, &mut self.line),
                Cell::List(_) => {
                    self.json.clear();
                    write_json(cell, &mut self.json);
                    let json = std::str::from_utf8(&self.json).unwrap_or_default();
                    field(json, &mut self.line);
                }
            }
        }
        self.line.extend_from_slice(b"\r\n");
        self.out.write_all(&self.line)
    }
}

/// Adds a text as a field.
fn field(text: &str, out: &mut Vec<u8>) {
    let special = |byte: &u8| matches!(byte, b',' | b'"' | b'\r' | b'\n');
    if !text.is_empty() && !text.as_bytes().iter().any(special) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.push(b'"');
    for byte in text.bytes() {
        if byte == b'"' {
            out.push(b'"');
        }
        out.push(byte);
    }
    out.push(b'"');
}

/// Writes rows as JSON objects, one a line, each with all columns.
///
/// ```
/// # use healthcode_r4::schema;
/// use healthcode_views::{Cell, Columns, Ndjson, Version, View};
/// let version = Version { number: schema::VERSION, find: schema::find };
/// let view = r#"{"resource": "Patient", "select": [{"column": [
///     {"name": "id", "path": "id"}, {"name": "active", "path": "active"}]}]}"#;
/// let view = View::compile(view, version).unwrap();
/// let mut ndjson = Ndjson::new(Vec::new(), view.columns());
/// ndjson.row(&[Cell::Text("7".into()), Cell::Null])?;
/// assert_eq!(ndjson.into_inner(), b"{\"id\":\"7\",\"active\":null}\n");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Ndjson<W> {
    out: W,
    /// What is written before each value.
    keys: Vec<Vec<u8>>,
    line: Vec<u8>,
}

impl<W: Write> Ndjson<W> {
    /// A writer of rows with these columns.
    pub fn new(out: W, columns: &[Column]) -> Self {
        let keys = columns.iter().enumerate().map(|(index, column)| {
            let mut key = vec![if index == 0 { b'{' } else { b',' }];
            write_text(&column.name, &mut key);
            key.push(b':');
            key
        });
        Ndjson {
            out,
            keys: keys.collect(),
            line: Vec::new(),
        }
    }

    /// What it writes to.
    pub fn into_inner(self) -> W {
        self.out
    }
}

impl<W: Write> Columns for Ndjson<W> {
    fn row(&mut self, row: &[Cell<'_>]) -> io::Result<()> {
        self.line.clear();
        for (key, cell) in self.keys.iter().zip(row) {
            self.line.extend_from_slice(key);
            write_json(cell, &mut self.line);
        }
        self.line.extend_from_slice(b"}\n");
        self.out.write_all(&self.line)
    }
}

/// Adds a value as JSON.
pub(crate) fn write_json(cell: &Cell<'_>, out: &mut Vec<u8>) {
    match cell {
        Cell::Null => out.extend_from_slice(b"null"),
        Cell::Boolean(value) => {
            out.extend_from_slice(if *value { b"true" } else { b"false" });
        }
        Cell::Integer(value) => out.extend_from_slice(value.to_string().as_bytes()),
        Cell::Decimal(text) => out.extend_from_slice(text.as_bytes()),
        Cell::Text(text) => write_text(text, out),
        Cell::Json(json) => out.extend_from_slice(json.as_bytes()),
        Cell::List(cells) => {
            out.push(b'[');
            for (index, cell) in cells.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_json(cell, out);
            }
            out.push(b']');
        }
    }
}

/// Adds a text as a JSON string.
pub(crate) fn write_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    while let Some(at) = rest
        .iter()
        .position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20))
    {
        let (plain, after) = rest.split_at(at);
        out.extend_from_slice(plain);
        let Some((byte, after)) = after.split_first() else {
            break;
        };
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            byte => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
        }
        rest = after;
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}
