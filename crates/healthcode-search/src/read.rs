//! Text of one value into the value, by the kind that the parameter has.

use crate::definition::ValueForm;
use crate::dialect::Dialect;
use crate::escape::{split, unescape};
use crate::issue::QueryError;
use crate::literal::{DateTime, Decimal, Prefix};
use crate::near::Near;
use crate::table::ParameterType;
use crate::value::{Include, Order, Quantity, Reference, SortKey, Token, Value, not_of_type};
use healthcode_core::Str;

/// Reads values as they are written before percent-encoding.
#[derive(Clone, Copy)]
pub(crate) struct Reader {
    pub(crate) dialect: Dialect,
    pub(crate) form: ValueForm,
}

impl Reader {
    fn wrong(self) -> QueryError {
        not_of_type(self.form.expected())
    }

    /// The text without escapes, where there are any.
    fn plain(self, text: &str) -> Result<Str, QueryError> {
        if self.dialect.escapes() {
            unescape(text).ok_or_else(|| not_of_type(r"\ only before \ , | and $"))
        } else {
            Ok(text.into())
        }
    }

    fn split(self, text: &str, separator: char) -> Vec<&str> {
        if self.dialect.escapes() {
            split(text, separator)
        } else {
            text.split(separator).collect()
        }
    }

    pub(crate) fn value(self, text: &str) -> Result<Value, QueryError> {
        let wrong = || self.wrong();
        Ok(match self.form {
            ValueForm::Fhir(kind) => self.of_type(kind, text)?,
            ValueForm::Composite(kinds) => {
                let parts = self.split(text, '$');
                if parts.len() != kinds.len() {
                    return Err(wrong());
                }
                let parts = parts.iter().zip(kinds);
                let read = parts.map(|(part, kind)| self.of_type(*kind, part));
                Value::Composite(read.collect::<Result<_, _>>()?)
            }
            ValueForm::Opaque => Value::Raw(text.into()),
            ValueForm::Text => Value::Text(self.plain(text)?),
            ValueForm::Boolean => match text {
                "true" => Value::Boolean(true),
                "false" => Value::Boolean(false),
                _ => return Err(wrong()),
            },
            ValueForm::Integer(..) => Value::Integer(text.parse().map_err(|_| wrong())?),
            ValueForm::Keyword(_) | ValueForm::Element => Value::Word(self.plain(text)?),
            ValueForm::DateWithPrefix | ValueForm::Date | ValueForm::DateTime => {
                let date = self.of_type(ParameterType::Date, text);
                date.map_err(|_| wrong())?
            }
            ValueForm::DateRange => {
                let (from, to) = text.split_once('_').ok_or_else(wrong)?;
                let day = |text| DateTime::day(text).map_err(|_| wrong());
                Value::Days(day(from)?, day(to)?)
            }
            ValueForm::Distance => self.of_type(ParameterType::Number, text)?,
            ValueForm::QuantityDistance => self.of_type(ParameterType::Quantity, text)?,
            ValueForm::Near { with_distance } => {
                let separator = self.dialect.near_separator();
                let near = Near::parse(text, separator, with_distance);
                Value::Near(near.map_err(|error| match separator {
                    _ if text.contains(separator) => error,
                    ':' => not_of_type("latitude:longitude:distance:unit, with colons"),
                    _ => not_of_type("latitude|longitude|distance|unit, with pipes"),
                })?)
            }
            ValueForm::Sort { words, .. } => Value::Sort(self.sort(text, words)?),
            ValueForm::Include => {
                let mut parts = text.split([':']);
                let (source, parameter) = (parts.next(), parts.next());
                let (Some(source), Some(parameter)) = (source, parameter) else {
                    return Err(wrong());
                };
                let target = parts.next().map(Str::from);
                if parts.next().is_some() {
                    return Err(wrong());
                }
                Value::Include(Include {
                    source: source.into(),
                    parameter: parameter.into(),
                    target,
                })
            }
            ValueForm::KeywordList(_) => Value::Names(text.split(':').map(Str::from).collect()),
            ValueForm::Code => Value::Token(Token::Code(self.plain(text)?)),
            ValueForm::OfType => {
                let parts = self.split(text, '|');
                let [system, code, value] = parts[..] else {
                    return Err(wrong());
                };
                Value::OfType {
                    system: self.plain(system)?,
                    code: self.plain(code)?,
                    value: self.plain(value)?,
                }
            }
        })
    }

    fn sort(self, text: &str, words: bool) -> Result<SortKey, QueryError> {
        let (field, order) = if words {
            match text.split_once(':') {
                Some((field, "asc")) => (field, Some(Order::Ascending)),
                Some((field, "desc")) => (field, Some(Order::Descending)),
                Some(_) => return Err(self.wrong()),
                None if text.starts_with('-') => return Err(self.wrong()),
                None => (text, None),
            }
        } else {
            match text.strip_prefix('-') {
                Some(field) => (field, Some(Order::Descending)),
                None => (text, None),
            }
        };
        let field = self.plain(field)?;
        Ok(SortKey { field, order })
    }

    fn of_type(self, kind: ParameterType, text: &str) -> Result<Value, QueryError> {
        let wrong = || self.wrong();
        Ok(match kind {
            ParameterType::String => Value::Text(self.plain(text)?),
            ParameterType::Uri => Value::Uri(self.plain(text)?),
            ParameterType::Token => {
                let parts = self.split(text, '|');
                Value::Token(match parts[..] {
                    [code] => Token::Code(self.plain(code)?),
                    ["", code] => Token::NoSystem(self.plain(code)?),
                    [system, ""] => Token::System(self.plain(system)?),
                    [system, code] => Token::coded(self.plain(system)?, self.plain(code)?),
                    _ => return Err(wrong()),
                })
            }
            ParameterType::Date => {
                let (prefix, date) = Prefix::split(text);
                Value::Date(prefix, DateTime::parse(date)?)
            }
            ParameterType::Number => {
                let (prefix, number) = Prefix::split(text);
                Value::Number(prefix, Decimal::parse(number)?)
            }
            ParameterType::Quantity => {
                let parts = self.split(text, '|');
                let (number, unit) = match parts[..] {
                    [number] => (number, None),
                    [number, system, code] => {
                        (number, Some((self.plain(system)?, self.plain(code)?)))
                    }
                    _ => return Err(wrong()),
                };
                let (prefix, number) = Prefix::split(number);
                Value::Quantity(Quantity {
                    prefix,
                    number: Decimal::parse(number).map_err(|_| wrong())?,
                    unit,
                })
            }
            ParameterType::Reference => {
                let text = self.plain(text)?;
                Value::Reference(if is_url(&text) {
                    Reference::Url(text)
                } else if let Some((resource, id)) = text.split_once('/') {
                    Reference::Typed {
                        resource: resource.into(),
                        id: id.into(),
                    }
                } else {
                    Reference::Id(text)
                })
            }
            ParameterType::Composite | ParameterType::Special => return Err(wrong()),
        })
    }
}

/// Whether a reference is absolute: a URL or a URN.
#[must_use]
pub fn is_url(text: &str) -> bool {
    text.contains("://") || text.starts_with("urn:")
}
