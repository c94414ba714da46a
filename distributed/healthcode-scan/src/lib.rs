//! What the tables of DataFusion are made of, without DataFusion: rows of views and issues of validation as record
//! batches, from files or from ranges of NDJSON.
//!
//! - [`Definition`]: what a table is, as text that can be sent to another machine.
//! - [`Table`]: a definition that was checked, with its schema and its [digest](Table::digest).
//! - [`Scan`]: a table with the columns that are wanted, ready to read files.
//! - [`LineRange`]: the lines of a range of bytes; [`plain`]: compressed files.
//! - [`resource`]: the functions `fhirpath` and `fhir_valid`.

mod digest;
mod engine;
mod issues;
mod lines;
mod open;
mod release;
pub mod resource;
mod scan;
mod table;
mod view;

pub use engine::Engine;
pub use lines::{LineRange, count_lines};
pub use open::plain;
pub use scan::{Input, Problem, Scan, Sink};
pub use table::{Definition, PolicyName, Table};
