//! [`View`]: a `ViewDefinition` that is ready to be run.

use crate::chain::Chain;
use crate::compile;
use crate::decimal::Digits;
use crate::finding::Finding;
use crate::types::ColumnType;
use healthcode_core::{Element, PrimitiveKind, Schema};
use healthcode_fhirpath::{Decimal, Expression, Item, Resolved, Services, Temporal};
use healthcode_json::Wanted;
use std::ops::Range;

/// A version of FHIR: its number, and what finds its resources and data types by their names.
#[derive(Clone, Copy, Debug)]
pub struct Version {
    /// `4.0.1`
    pub number: &'static str,
    /// Returns the schema of a resource or data type.
    pub find: fn(&str) -> Option<&'static Schema>,
}

/// What references refer to, as far as they state it: a view sees one resource at a time.
#[derive(Debug)]
pub(crate) struct StatedTypes(pub(crate) fn(&str) -> Option<&'static Schema>);

impl<'a> Services<'a> for StatedTypes {
    fn resolve(&self, reference: &str, _: Option<&'a dyn Element>) -> Option<Resolved<'a>> {
        let plain = reference.split("/_history/").next().unwrap_or(reference);
        let name = plain.rsplit('/').nth(1)?;
        let schema = (self.0)(name).filter(|schema| schema.is_resource())?;
        Some(Resolved::Type(schema))
    }
}

/// A `ViewDefinition` that was checked and compiled. It can be shared between threads.
///
/// ```
/// use healthcode_r4::schema;
/// use healthcode_views::{Version, View};
///
/// let version = Version { number: schema::VERSION, find: schema::find };
/// let view = r#"{"resource": "Patient", "select": [{"column": [{"name": "id", "path": "idd"}]}]}"#;
/// let findings = View::check(view, version);
/// assert_eq!(
///     findings[0].to_string(),
///     "1:72: select[0].column[0].path: Patient has no element idd; did you mean id?",
/// );
/// ```
#[derive(Debug)]
pub struct View {
    pub(crate) name: Option<Box<str>>,
    pub(crate) resource: Box<str>,
    pub(crate) version: Version,
    pub(crate) constants: Vec<Constant>,
    pub(crate) conditions: Vec<ViewPath>,
    pub(crate) columns: Vec<Column>,
    pub(crate) root: Select,
    /// Whether an expression names `%rowIndex`.
    pub(crate) uses_index: bool,
    /// The elements that are read of a resource.
    pub(crate) reads: Vec<Vec<Box<str>>>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) stated_types: StatedTypes,
}

/// A column of a view.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Column {
    /// Its name.
    pub name: Box<str>,
    /// Its path; of several branches of a union, the first one's.
    pub path: Box<str>,
    /// The type of its values.
    pub of: ColumnType,
    /// Whether values are lists.
    pub collection: bool,
    /// The names and values of its tags.
    pub tags: Vec<(Box<str>, Box<str>)>,
    /// Whether the view states the type.
    pub(crate) typed: bool,
    /// Its place in the view.
    pub(crate) at: usize,
    pub(crate) place: Box<str>,
}

impl Column {
    /// A column of a table that is not a view's.
    #[must_use]
    pub fn new(name: &str, of: ColumnType) -> Self {
        Column {
            name: name.into(),
            path: "".into(),
            of,
            collection: false,
            tags: Vec::new(),
            typed: true,
            at: 0,
            place: "".into(),
        }
    }

    /// Makes it hold the values of another branch of its union, too.
    pub(crate) fn join(&mut self, other: Column) {
        match (self.typed, other.typed) {
            (true, _) => {}
            (false, true) => {
                self.of = other.of;
                self.typed = true;
            }
            (false, false) => self.of = self.of.join(&other.of),
        }
    }

    /// The digits that a tag `ansi/type` states for the column's decimals: `DECIMAL(18,2)`.
    #[must_use]
    pub fn digits(&self) -> Option<Digits> {
        if self.of != ColumnType::Primitive(PrimitiveKind::Decimal) {
            return None;
        }
        let tag = self.tags.iter().find(|(name, _)| **name == *"ansi/type")?;
        Digits::of_sql(&tag.1)
    }
}

/// A constant: its name, the value for expressions, and the text that was written.
#[derive(Debug)]
pub(crate) struct Constant {
    pub(crate) name: Box<str>,
    pub(crate) value: Value,
    pub(crate) text: Box<str>,
    pub(crate) of: PrimitiveKind,
}

/// The value of a constant. Items of expressions cannot be shared between threads.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value {
    Boolean(bool),
    Integer(i32),
    Decimal(Decimal),
    Temporal(Temporal),
    /// The text that was written.
    Text,
}

impl Constant {
    /// The value as an item.
    pub(crate) fn item(&self) -> Item<'_> {
        match self.value {
            Value::Boolean(value) => Item::Boolean(value),
            Value::Integer(value) => Item::Integer(value),
            Value::Decimal(value) => Item::Decimal(value),
            Value::Temporal(value) => Item::Temporal(value),
            Value::Text => Item::String((&*self.text).into()),
        }
    }
}

/// A path of a view.
#[derive(Debug)]
pub(crate) struct ViewPath {
    pub(crate) text: Box<str>,
    pub(crate) way: Way,
}

/// How a path is evaluated.
#[derive(Debug)]
pub(crate) enum Way {
    /// Steps from member to member, which need no evaluator.
    Chain(Chain),
    /// `%rowIndex`
    Index,
    /// The constant of this number.
    Constant(usize),
    Expression(Expression),
}

/// A selection: what it goes through, and what it selects of each.
#[derive(Debug)]
pub(crate) struct Select {
    pub(crate) each: Each,
    pub(crate) cells: Vec<CellPath>,
    pub(crate) parts: Vec<Part>,
    /// Its columns, with those of its parts.
    pub(crate) columns: Range<usize>,
    /// Those of its columns that are `%rowIndex` of its own items.
    pub(crate) indexes: Vec<usize>,
}

#[derive(Debug)]
pub(crate) struct CellPath {
    pub(crate) column: usize,
    pub(crate) path: ViewPath,
}

#[derive(Debug)]
pub(crate) enum Each {
    /// The element that is there.
    This,
    For(ViewPath),
    ForOrNull(ViewPath),
    Repeat(Vec<ViewPath>),
}

#[derive(Debug)]
pub(crate) enum Part {
    Select(Select),
    Union(Vec<Select>),
}

const _: fn() = || {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<View>();
};

impl View {
    /// Checks and compiles a view.
    ///
    /// # Errors
    /// What is wrong with it, if it cannot be run.
    pub fn compile(text: &str, version: Version) -> Result<Self, Vec<Finding>> {
        View::compile_kept(text, version, None)
    }

    /// Checks and compiles a view, and leaves out all columns but those that are named. It has the same rows; the
    /// paths of other columns are not evaluated, and [`View::add_wanted`] does not add what they read.
    ///
    /// ```
    /// use healthcode_r4::schema;
    /// use healthcode_views::{Version, View};
    ///
    /// let version = Version { number: schema::VERSION, find: schema::find };
    /// let text = r#"{"resource": "Patient", "select": [
    ///     {"column": [{"name": "id", "path": "id"}, {"name": "gender", "path": "gender"}]}
    /// ]}"#;
    /// let view = View::compile_columns(text, version, &["gender"]).unwrap();
    /// assert_eq!(view.columns().len(), 1);
    /// ```
    ///
    /// # Errors
    /// What is wrong with it, if it cannot be run.
    pub fn compile_columns(
        text: &str,
        version: Version,
        names: &[&str],
    ) -> Result<Self, Vec<Finding>> {
        View::compile_kept(text, version, Some(names))
    }

    fn compile_kept(
        text: &str,
        version: Version,
        keep: Option<&[&str]>,
    ) -> Result<Self, Vec<Finding>> {
        let (view, findings) = compile::compile(text, version, keep);
        match view {
            Some(mut view) if findings.iter().all(|finding| !finding.fatal) => {
                view.findings = findings;
                Ok(view)
            }
            _ => Err(findings),
        }
    }

    /// All that is wrong with a view, in the order of its text.
    #[must_use]
    pub fn check(text: &str, version: Version) -> Vec<Finding> {
        compile::compile(text, version, None).1
    }

    /// What is wrong with the view though it can be run: paths that return nothing, for instance.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The type of the resources that it is of.
    #[must_use]
    pub fn resource(&self) -> &str {
        &self.resource
    }

    /// Its columns, in their order.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Adds what the view reads of resources of its type, so that a reader can pass over the rest.
    pub fn add_wanted(&self, wanted: &mut Wanted) {
        for path in &self.reads {
            let path: Vec<&str> = path.iter().map(|name| &**name).collect();
            wanted.add(&self.resource, &path);
        }
        // Without any, what is read is that the resource is there.
        wanted.add(&self.resource, &["id"]);
    }
}
