//! SQL on FHIR: `ViewDefinition`s, checked, compiled and run over resources.
//!
//! A [`View`] says in FHIRPath which rows and columns are made of a type of resource
//! (<https://sql-on-fhir.org/ig/latest/>: 2.0, and what the ballot of 3.0 adds to it). Its rows go to
//! [`Columns`]: [`Csv`], [`Ndjson`], or whatever implements the trait.
//!
//! ```
//! use healthcode_core::Root;
//! use healthcode_r4::{Resource, schema};
//! use healthcode_views::{Csv, RunOptions, Version, View};
//!
//! let version = Version { number: schema::VERSION, find: schema::find };
//! let view = View::compile(r#"{
//!     "resourceType": "ViewDefinition", "resource": "Patient",
//!     "select": [
//!         {"column": [{"name": "id", "path": "getResourceKey()"}]},
//!         {"forEach": "name", "column": [{"name": "family", "path": "family"}]}
//!     ]
//! }"#, version).unwrap();
//!
//! let json = br#"{"resourceType": "Patient", "id": "p1", "name": [{"family": "Ash"}, {"family": "Birch"}]}"#;
//! let patient = healthcode_json::from_slice::<Resource>(json)?.value;
//! let mut csv = Csv::new(Vec::new());
//! csv.header(view.columns())?;
//! view.rows(patient.as_element(), &RunOptions::default(), &mut csv, &mut |_| {})?;
//! assert_eq!(csv.into_inner(), b"id,family\r\np1,Ash\r\np1,Birch\r\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - [`View::check`]: all that is wrong with a view, with positions: unknown members and elements, names that occur
//!   twice, paths that cannot return a value of their column's type.
//! - [`View::rows`]: the rows of a resource, which borrow from it. A value that is not of its column's type becomes
//!   null and is given to the caller as a [`Misfit`].
//! - [`View::add_wanted`]: what of a resource a view reads, so that a reader can pass over the rest.
//! - [`issues`]: the issues of validation as rows of the same form.
//! - [`bundled`]: views of practitioners, claims and others that come with this crate.
//!
//! What is decided where the specification leaves room:
//!
//! - The key of a resource is its id. `getReferenceKey()` returns the id of a reference that has a type and an id
//!   (`Patient/1`, with a version or as an absolute URL), and nothing else.
//! - Dates, times and decimals are written as in the resource.
//! - The row of a `forEachOrNull` that goes through nothing is null throughout, but for `%rowIndex`, which is 0.
//! - A column with `collection` that has no values is an empty list.
//! - Primitives that have extensions and no value are left out.
//! - A tag `ansi/type` of a decimal column, such as `DECIMAL(18,2)`, sets its type in Parquet.
//! - A column without `type` has the type that its path returns. An element that is no primitive is JSON.
//!
//! # Features
//!
//! - `arrow`: rows as Arrow record batches and as Parquet.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "arrow")]
mod arrow;
pub mod bundled;
mod cell;
mod chain;
mod columns;
mod compile;
mod decimal;
mod finding;
mod header;
pub mod issues;
mod json;
mod resources;
mod run;
mod text;
mod types;
mod view;

#[cfg(feature = "arrow")]
#[cfg_attr(docsrs, doc(cfg(feature = "arrow")))]
pub use arrow::{Batch, Parquet, arrow_schema};
#[cfg(feature = "arrow")]
#[cfg_attr(docsrs, doc(cfg(feature = "arrow")))]
pub use arrow_array::RecordBatch;
pub use cell::Cell;
pub use columns::Columns;
pub use decimal::Digits;
pub use finding::Finding;
pub use header::{is_view_type, versions};
pub use resources::{entry_resource, for_each_resource};
pub use run::{Misfit, RunError, RunOptions};
pub use text::{Csv, Ndjson};
pub use types::ColumnType;
pub use view::{Column, Version, View};
