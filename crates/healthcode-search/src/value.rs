//! Values of parameters.

use crate::dialect::Dialect;
use crate::escape::escape;
use crate::issue::QueryError;
use crate::literal::{DateTime, Decimal, Prefix};
use crate::near::Near;
use crate::rules;
use healthcode_core::Str;
use smallvec::SmallVec;

/// One value of a parameter; several of one parameter are alternatives (OR).
///
/// Which it has to be is the parameter's business: [`crate::Query::push`] refuses others.
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Value {
    /// Text: of a string parameter, or of a parameter that a service documents as String.
    Text(Str),
    /// A URI.
    Uri(Str),
    /// A code or identifier.
    Token(Token),
    /// An identifier by the code of its type, for the modifier `:of-type`.
    OfType {
        /// The system of the type.
        system: Str,
        /// The type's code.
        code: Str,
        /// The identifier's value.
        value: Str,
    },
    /// A date or time.
    Date(Option<Prefix>, DateTime),
    /// A number.
    Number(Option<Prefix>, Decimal),
    /// A number with a unit.
    Quantity(Quantity),
    /// A reference.
    Reference(Reference),
    /// The parts of a composite, in their order.
    Composite(Vec<Value>),
    /// A place.
    Near(Near),
    /// From a day to a day, both included.
    Days(DateTime, DateTime),
    /// True or false.
    Boolean(bool),
    /// A count or page number.
    Integer(u32),
    /// A word of a closed list, or the name of an element.
    Word(Str),
    /// What results are sorted by.
    Sort(SortKey),
    /// What is included: `Source:parameter:Target`.
    Include(Include),
    /// What is included, by names: `practitioner:location`.
    Names(Vec<Str>),
    /// What was read and is not of the parameter's type, as it was written. Queries that have it are
    /// not encoded by [`crate::Query::encode`], but for parameters whose values are not read
    /// ([`crate::ValueForm::Opaque`]).
    Raw(Str),
}

/// The values of a parameter, any of which has to match: a list, most often of one.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Values(SmallVec<[Value; 1]>);

impl std::ops::Deref for Values {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        &self.0
    }
}

impl<'a> IntoIterator for &'a Values {
    type Item = &'a Value;
    type IntoIter = std::slice::Iter<'a, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl FromIterator<Value> for Values {
    fn from_iter<I: IntoIterator<Item = Value>>(values: I) -> Self {
        Values(values.into_iter().collect())
    }
}

impl From<Value> for Values {
    fn from(value: Value) -> Self {
        Values(SmallVec::from_buf([value]))
    }
}

impl std::fmt::Debug for Values {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

impl std::ops::DerefMut for Values {
    fn deref_mut(&mut self) -> &mut [Value] {
        &mut self.0
    }
}

/// A code or identifier, and in which system (<https://hl7.org/fhir/R4/search.html#token>).
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Token {
    /// `code`: in any system.
    Code(Str),
    /// `system|code`.
    Coded {
        /// The system's URI.
        system: Str,
        /// The code.
        code: Str,
    },
    /// `|code`: without system.
    NoSystem(Str),
    /// `system|`: any code of the system.
    System(Str),
}

/// A number with a unit, in UCUM or another system.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Quantity {
    /// How values compare.
    pub prefix: Option<Prefix>,
    /// The number.
    pub number: Decimal,
    /// The unit: system, which may be empty, and code. Without it, any unit.
    pub unit: Option<(Str, Str)>,
}

/// A reference (<https://hl7.org/fhir/R4/search.html#reference>).
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reference {
    /// An id alone.
    Id(Str),
    /// `Patient/23`.
    Typed {
        /// The type of resource.
        resource: Str,
        /// Its id.
        id: Str,
    },
    /// An absolute URL.
    Url(Str),
}

/// A field, and which way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SortKey {
    /// The parameter or field.
    pub field: Str,
    /// Which way, if it is said.
    pub order: Option<Order>,
}

/// A direction of sorting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// The least first.
    Ascending,
    /// The greatest first.
    Descending,
}

/// What `_include` and `_revinclude` follow
/// (<https://hl7.org/fhir/R4/search.html#revinclude>).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Include {
    /// The type of resource that has the reference.
    pub source: Str,
    /// Its search parameter; `*` for all.
    pub parameter: Str,
    /// The type of resource it points to, if only one is wanted.
    pub target: Option<Str>,
}

impl Token {
    /// `system|code`.
    #[must_use]
    pub fn coded(system: impl Into<Str>, code: impl Into<Str>) -> Self {
        Token::Coded {
            system: system.into(),
            code: code.into(),
        }
    }
}

impl From<Token> for Value {
    fn from(token: Token) -> Self {
        Value::Token(token)
    }
}

impl From<Near> for Value {
    fn from(near: Near) -> Self {
        Value::Near(near)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Boolean(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Value::Integer(value)
    }
}

impl From<SortKey> for Value {
    fn from(key: SortKey) -> Self {
        Value::Sort(key)
    }
}

/// Text of values as it is written before percent-encoding, in a dialect.
pub(crate) struct Writer<'a> {
    pub(crate) dialect: Dialect,
    /// Whether keys of sorting say `:asc` and `:desc`.
    pub(crate) sort_words: bool,
    pub(crate) out: &'a mut String,
}

impl Writer<'_> {
    /// Text of the user's, in which separators are escaped if the dialect has escapes.
    fn text(&mut self, text: &str) {
        if self.dialect.escapes() {
            escape(text, self.out);
        } else {
            self.out.push_str(text);
        }
    }

    fn parts(&mut self, first: &str, second: &str) {
        self.text(first);
        self.out.push('|');
        self.text(second);
    }

    fn prefix(&mut self, prefix: Option<Prefix>) {
        self.out.push_str(prefix.map_or("", Prefix::as_str));
    }

    pub(crate) fn value(&mut self, value: &Value) {
        match value {
            Value::Text(text) | Value::Uri(text) | Value::Word(text) => self.text(text),
            Value::Token(Token::Code(code)) => self.text(code),
            Value::Token(Token::Coded { system, code }) => self.parts(system, code),
            Value::Token(Token::NoSystem(code)) => self.parts("", code),
            Value::Token(Token::System(system)) => self.parts(system, ""),
            Value::OfType {
                system,
                code,
                value,
            } => {
                self.parts(system, code);
                self.out.push('|');
                self.text(value);
            }
            Value::Date(prefix, date) => {
                self.prefix(*prefix);
                self.out.push_str(date.as_str());
            }
            Value::Number(prefix, number) => {
                self.prefix(*prefix);
                self.out.push_str(number.as_str());
            }
            Value::Quantity(quantity) => {
                self.prefix(quantity.prefix);
                self.out.push_str(quantity.number.as_str());
                if let Some((system, code)) = &quantity.unit {
                    self.out.push('|');
                    self.parts(system, code);
                }
            }
            Value::Reference(Reference::Id(text) | Reference::Url(text)) => self.text(text),
            Value::Reference(Reference::Typed { resource, id }) => {
                self.text(resource);
                self.out.push('/');
                self.text(id);
            }
            Value::Composite(parts) => {
                for (index, part) in parts.iter().enumerate() {
                    if index > 0 {
                        self.out.push('$');
                    }
                    self.value(part);
                }
            }
            Value::Near(near) => near.write(self.dialect.near_separator(), self.out),
            Value::Days(from, to) => {
                self.out.push_str(from.as_str());
                self.out.push('_');
                self.out.push_str(to.as_str());
            }
            Value::Boolean(value) => self.out.push_str(if *value { "true" } else { "false" }),
            Value::Integer(number) => self.out.push_str(&number.to_string()),
            Value::Sort(key) => self.sort(key),
            Value::Include(include) => {
                self.text(&include.source);
                self.out.push(':');
                self.text(&include.parameter);
                if let Some(target) = &include.target {
                    self.out.push(':');
                    self.text(target);
                }
            }
            Value::Names(names) => self.out.push_str(&names.join(":")),
            Value::Raw(text) => self.out.push_str(text),
        }
    }

    fn sort(&mut self, key: &SortKey) {
        let words = self.sort_words;
        if !words && key.order == Some(Order::Descending) {
            self.out.push('-');
        }
        self.text(&key.field);
        match key.order {
            Some(Order::Ascending) if words => self.out.push_str(":asc"),
            Some(Order::Descending) if words => self.out.push_str(":desc"),
            _ => {}
        }
    }
}

/// An issue that a value is not of the parameter's type.
pub(crate) fn not_of_type(form: &'static str) -> QueryError {
    QueryError::new(&rules::QUERY_VALUE).expected(form)
}
