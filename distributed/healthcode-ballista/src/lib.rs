//! FHIR tables on a [Ballista](https://datafusion.apache.org/ballista/) cluster.
//!
//! Ballista's own scheduler and executor do not have the tables and functions of `healthcode-datafusion`, so this
//! crate has two programs, `healthcode-scheduler` and `healthcode-executor`, which do. What travels between them are
//! the view's text, the names of packages, files and ranges, and a digest of rules, code and packages: a program whose
//! digest differs refuses the work, so that there is never a different result.
//!
//! ```no_run
//! use healthcode_ballista::{connect, ClientOptions};
//! use healthcode_datafusion::Engine;
//! use std::sync::Arc;
//!
//! # async fn count() -> datafusion::error::Result<()> {
//! let engine = Arc::new(Engine::new(None));
//! let context = connect("df://127.0.0.1:50050", &engine, &ClientOptions::default()).await?;
//! let sql = "select rule, count(*) from fhir_issues('/data/*.ndjson') group by rule";
//! context.sql(sql).await?.show().await
//! # }
//! ```

mod codec;
pub mod logger;
mod session;

pub use codec::{FhirLogicalCodec, FhirPhysicalCodec};
pub use session::{ClientOptions, connect, function_registry, session_config, session_state};
