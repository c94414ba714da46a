//! The words that options take.

use clap::ValueEnum;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Source excerpts for people
    Human,
    /// One JSON object per issue
    Ndjson,
    /// One JSON document
    Json,
    /// SARIF 2.1.0, for code scanners
    Sarif,
    /// JUnit XML, for build servers
    Junit,
    /// Annotations of GitHub Actions
    Github,
    /// A report of GitLab's code quality
    Gitlab,
    /// A FHIR OperationOutcome
    OperationOutcome,
    /// A page for browsers, in one file
    Html,
    /// How often each rule was broken, for people
    Statistics,
    /// A table with a row for each issue (RFC 4180)
    Csv,
    /// The same table as Apache Parquet
    Parquet,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum FhirVersionArg {
    /// What the payload shows
    #[default]
    Auto,
    /// 3.0.2
    Stu3,
    /// 4.0.1
    R4,
    /// 4.3.0
    R4b,
    /// 5.0.0
    R5,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Syntax {
    /// FHIR JSON
    Json,
    /// FHIR XML
    Xml,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TableFormat {
    /// A table for people
    Human,
    /// One JSON document
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ViewFormat {
    /// Comma-separated values with a header (RFC 4180)
    Csv,
    /// One JSON object a row
    Ndjson,
    /// Apache Parquet
    Parquet,
}

impl ViewFormat {
    /// What names of files end in.
    pub(crate) fn ending(self) -> &'static str {
        match self {
            ViewFormat::Csv => "csv",
            ViewFormat::Ndjson => "ndjson",
            ViewFormat::Parquet => "parquet",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RulesFormat {
    /// A table for people
    Human,
    /// One JSON document
    Json,
    /// A page in Markdown with help and examples
    Markdown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PolicyArg {
    /// FHIR R4 as it is published
    R4,
    /// R4, with Healthcode's documented deviations as notes
    Healthcode,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SeverityArg {
    /// Notes
    Information,
    /// Warnings
    Warning,
    /// Errors
    Error,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Deny {
    /// Warnings
    Warnings,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DateOrderArg {
    /// dd.MM.yyyy
    DayFirst,
    /// MM.dd.yyyy
    MonthFirst,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DialectArg {
    /// FHIR R4
    R4,
    /// FHIR STU3, as Graphnet documents it
    Stu3,
    /// Healthcode
    Healthcode,
    /// The NHS's Personal Demographics Service
    Pds,
    /// The NHS's Spine Directory Service
    Sds,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AnswerFormat {
    /// A table for people
    Human,
    /// One JSON document
    Json,
    /// The answer that the service would give: a Bundle
    Bundle,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorArg {
    /// On terminals, unless NO_COLOR is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl ColorArg {
    /// Whether output is coloured that goes to a terminal, or elsewhere.
    pub(crate) fn colors(self, terminal: bool) -> bool {
        let no_color = || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        match self {
            ColorArg::Auto => terminal && !no_color(),
            ColorArg::Always => true,
            ColorArg::Never => false,
        }
    }
}
