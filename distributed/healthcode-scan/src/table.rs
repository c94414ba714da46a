//! [`Table`]: what a table is made of.

use crate::engine::{Engine, validator};
use crate::issues::IssueScan;
use crate::release::Release;
use crate::scan::Scan;
use crate::view::ViewScan;
use arrow_schema::SchemaRef;
use healthcode_validate::{Policy, Validator};
use healthcode_views::{RecordBatch, View, arrow_schema, issues};
use serde::{Deserialize, Serialize};
use std::io;
use std::sync::Arc;

/// What a table is, in a form that can be sent to another machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Definition {
    /// The rows of a view.
    #[non_exhaustive]
    View {
        /// What the view is called in messages.
        name: String,
        /// The `ViewDefinition`.
        text: String,
        /// What `now()` returns, in seconds since 1970: the same on all machines.
        now: i64,
    },
    /// The issues that validation finds.
    #[non_exhaustive]
    Issues {
        /// How documented deviations are judged.
        policy: PolicyName,
        /// Packages with profiles: `NAME#VERSION`, `NAME`, or a path.
        packages: Vec<String>,
    },
}

/// The name of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum PolicyName {
    /// FHIR R4 as it is written.
    R4,
    /// With the deviations that Healthcode documents.
    Healthcode,
}

impl PolicyName {
    /// The policy of this name: `r4` or `healthcode`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "r4" => Some(PolicyName::R4),
            "healthcode" => Some(PolicyName::Healthcode),
            _ => None,
        }
    }

    /// `r4` or `healthcode`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            PolicyName::R4 => "r4",
            PolicyName::Healthcode => "healthcode",
        }
    }
}

impl Definition {
    /// The rows of a view.
    #[must_use]
    pub fn view(name: &str, text: &str, now: i64) -> Self {
        Definition::View {
            name: name.to_owned(),
            text: text.to_owned(),
            now,
        }
    }

    /// The issues that validation finds.
    #[must_use]
    pub fn issues(policy: PolicyName, packages: Vec<String>) -> Self {
        Definition::Issues { policy, packages }
    }
}

/// A table whose definition was checked.
#[derive(Debug)]
pub struct Table {
    definition: Definition,
    digest: Arc<str>,
    schema: SchemaRef,
    validator: Option<Validator>,
}

impl Table {
    /// Checks a definition, and loads the packages that it names.
    ///
    /// # Errors
    /// If the view is invalid, or a package cannot be loaded.
    pub fn new(definition: Definition, engine: &Engine) -> io::Result<Self> {
        let (schema, validator, packages) = match &definition {
            Definition::View { name, text, .. } => {
                let view =
                    View::compile(text, Release::of_view(text).version()).map_err(|findings| {
                        let findings = findings.iter().filter(|finding| finding.fatal);
                        let findings: Vec<String> = findings
                            .map(|finding| format!("{name}:{finding}"))
                            .collect();
                        io::Error::new(io::ErrorKind::InvalidInput, findings.join("\n"))
                    })?;
                (arrow_schema(view.columns()), None, &[][..])
            }
            Definition::Issues { policy, packages } => {
                let policy = match policy {
                    PolicyName::R4 => Policy::R4,
                    PolicyName::Healthcode => Policy::Healthcode,
                };
                let set = engine.profiles(packages)?.set;
                let schema = arrow_schema(&issues::columns());
                (schema, Some(validator(policy, set)), &packages[..])
            }
        };
        let digest = engine.profiles(packages)?.digest;
        Ok(Table {
            definition,
            digest,
            schema,
            validator,
        })
    }

    /// What it is made of.
    #[must_use]
    pub fn definition(&self) -> &Definition {
        &self.definition
    }

    /// A digest of all that decides about its rows beside the definition: the rules, the code that applies them, and
    /// the packages. Where it differs, rows may differ.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The schema of its rows.
    #[must_use]
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Whether these columns have lines of files, for which the lines before a range have to be counted.
    #[must_use]
    pub fn has_lines(&self, columns: &[usize]) -> bool {
        let is_line = |column: &usize| {
            let field = self.schema.fields().get(*column);
            field.is_some_and(|field| field.name() == "line")
        };
        matches!(self.definition, Definition::Issues { .. }) && columns.iter().any(is_line)
    }

    /// Prepares to read these columns.
    ///
    /// # Errors
    /// If there is no such column.
    pub fn scan(&self, columns: &[usize]) -> io::Result<Scan> {
        let schema = self.schema.project(columns).map_err(io::Error::other)?;
        let schema = Arc::new(schema);
        Ok(match (&self.definition, &self.validator) {
            (Definition::View { name, text, now }, _) => {
                Scan::View(Box::new(ViewScan::new(name, text, *now, schema)?))
            }
            (Definition::Issues { .. }, Some(validator)) => {
                Scan::Issues(Box::new(IssueScan::new(validator.clone(), columns, schema)))
            }
            (Definition::Issues { .. }, None) => {
                return Err(io::Error::other("missing validator; please report this"));
            }
        })
    }
}

/// Columns of a batch in another order, or with the same values in fewer columns.
pub(crate) fn arrange(batch: RecordBatch, schema: &SchemaRef) -> io::Result<RecordBatch> {
    if batch.schema().fields() == schema.fields() {
        return Ok(batch);
    }
    let own = batch.schema();
    let fields = schema.fields().iter();
    let order: Result<Vec<usize>, _> = fields.map(|field| own.index_of(field.name())).collect();
    let order = order.map_err(io::Error::other)?;
    batch.project(&order).map_err(io::Error::other)
}
