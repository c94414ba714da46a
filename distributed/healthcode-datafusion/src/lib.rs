//! FHIR resources as tables of [DataFusion](https://datafusion.apache.org): the rows of views of
//! [SQL on FHIR](https://sql-on-fhir.org/ig/latest/), and the issues that validation finds.
//!
//! - `fhir_view('view.json', 'data/*.ndjson')`: the rows of a view, of a file or one that comes with
//!   `healthcode-views`.
//! - `fhir_issues('data/*.ndjson' [, policy [, package]])`: the issues, with the columns that
//!   `healthcode validate --format csv` has.
//! - `fhirpath(resource, expression)`: what an expression returns for a resource, as a list of texts.
//! - `fhir_valid(resource)`: whether validation finds no error.
//!
//! ```
//! use datafusion::prelude::SessionContext;
//! use healthcode_datafusion::{Engine, register};
//! use std::sync::Arc;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> datafusion::error::Result<()> {
//! let context = SessionContext::new();
//! register(&context, &Arc::new(Engine::new(None)));
//! let sql = r#"select fhir_valid('{"resourceType": "Patient", "birthDate": "2021-02-29"}') as valid"#;
//! let rows = context.sql(sql).await?.collect().await?;
//! assert_eq!(rows[0].num_rows(), 1);
//! # Ok(())
//! # }
//! ```
//!
//! Files are JSON, NDJSON and XML, with resources and Bundles of them, plain or compressed with gzip or zstd, on this
//! machine or in a store like S3 (`s3://bucket/folder/*.ndjson`; see [`runtime`]). NDJSON that is not compressed is
//! divided into ranges of bytes, which are read at the same time.
//!
//! Lines that are malformed, and values that are not of their columns' types, are reported to `log` under the target
//! `healthcode` and do not end a query. Both are counted in the metrics of the scan, with the bytes that were read.

mod files;
mod functions;
mod plan;
mod read;
mod scalar;
mod scan;
mod store;
mod table;

pub use files::{Location, Piece};
pub use functions::register;
pub use healthcode_scan::{Definition, Engine, PolicyName, Table};
pub use scalar::scalar_functions;
pub use scan::FhirScanExec;
pub use store::runtime;
pub use table::FhirTable;
