//! Whether a value is one that its parameter takes.

use crate::definition::{Definition, ValueForm};
use crate::dialect::Dialect;
use crate::issue::QueryError;
use crate::literal::Prefix;
use crate::read::is_url;
use crate::rules;
use crate::scope::Scope;
use crate::table::{self, ParameterType, SearchParameter};
use crate::value::{Include, Order, Reference, SortKey, Token, Value, not_of_type};
use healthcode_core::{Str, nearest};

/// Checks values against what their parameter takes, in the scope of its query.
#[derive(Clone, Copy)]
pub(crate) struct Fit<'d> {
    pub(crate) scope: Scope,
    pub(crate) definition: &'d Definition,
}

impl Fit<'_> {
    fn wrong(self) -> QueryError {
        not_of_type(self.definition.form.expected())
    }

    fn all(self, texts: &[&str]) -> Result<(), QueryError> {
        for text in texts {
            self.text(text)?;
        }
        Ok(())
    }

    /// Checks that a text is not empty, and that the dialect can write it.
    fn text(self, text: &str) -> Result<(), QueryError> {
        if text.is_empty() {
            return Err(QueryError::new(&rules::QUERY_EMPTY));
        }
        let dialect = self.scope.dialect();
        let (comma, pipe) = match (dialect.escapes(), self.definition.form) {
            (true, _) => (false, false),
            (_, ValueForm::Fhir(ParameterType::Token) | ValueForm::Code) => (true, true),
            _ => (self.definition.list, false),
        };
        let separates = |byte| (comma && byte == b',') || (pipe && byte == b'|');
        if (comma || pipe) && text.bytes().any(separates) {
            Err(QueryError::new(&rules::QUERY_UNREPRESENTABLE))
        } else {
            Ok(())
        }
    }

    pub(crate) fn value(self, value: &Value) -> Result<(), QueryError> {
        let wrong = || Err(self.wrong());
        match (self.definition.form, value) {
            (ValueForm::Fhir(kind), value) => self.of_type(kind, value),
            (ValueForm::Composite(kinds), Value::Composite(parts))
                if kinds.len() == parts.len() =>
            {
                let mut parts = parts.iter().zip(kinds);
                parts.try_for_each(|(part, kind)| self.of_type(*kind, part))
            }
            (ValueForm::Text, Value::Text(text)) => {
                self.text(text)?;
                match self.scope.dialect() {
                    Dialect::Pds => wildcard(text),
                    _ => Ok(()),
                }
            }
            (ValueForm::Opaque, Value::Raw(text)) if !text.is_empty() => Ok(()),
            (ValueForm::Boolean, Value::Boolean(_)) => Ok(()),
            (ValueForm::Integer(from, to), Value::Integer(n)) if (from..=to).contains(n) => Ok(()),
            (ValueForm::Keyword(words), Value::Word(word)) => self.word(words, word),
            (ValueForm::Element, Value::Word(word)) if is_word(word) => Ok(()),
            (ValueForm::DateWithPrefix, Value::Date(prefix, date))
                if date.as_str().len() == 10
                    && matches!(prefix, None | Some(Prefix::Eq | Prefix::Ge | Prefix::Le)) =>
            {
                Ok(())
            }
            (ValueForm::Date, Value::Date(None, date)) if date.as_str().len() == 10 => Ok(()),
            (ValueForm::DateTime, Value::Date(None, _)) => Ok(()),
            (ValueForm::DateRange, Value::Days(from, to)) => match from.as_str() <= to.as_str() {
                true if from.as_str().len() == 10 && to.as_str().len() == 10 => Ok(()),
                true => wrong(),
                false => Err(not_of_type("a first day that is not after the last")),
            },
            (ValueForm::Distance, Value::Number(None, number)) if number.is_positive() => Ok(()),
            (ValueForm::QuantityDistance, Value::Quantity(quantity))
                if quantity.number.is_positive() =>
            {
                self.of_type(ParameterType::Quantity, value)
            }
            (ValueForm::Near { with_distance }, Value::Near(near)) => {
                if with_distance || near.distance.is_none() {
                    Ok(())
                } else {
                    Err(not_of_type(
                        "latitude:longitude, and near-distance beside it",
                    ))
                }
            }
            (ValueForm::Sort { fields, words }, Value::Sort(key)) => self.sort(fields, words, key),
            (ValueForm::Include, Value::Include(include)) => self.include(include),
            (ValueForm::KeywordList(names), Value::Names(given)) => {
                let known = |text: &Str| names.contains(&text.as_str());
                let twice = |(at, name): (usize, &Str)| given.iter().take(at).any(|b| b == name);
                match given.iter().find(|name| !known(name)) {
                    Some(other) => Err(self
                        .wrong()
                        .one_of(names, nearest(other, names.iter().copied()))),
                    None if given.is_empty() || given.iter().enumerate().any(twice) => wrong(),
                    None => Ok(()),
                }
            }
            (ValueForm::Code, Value::Token(Token::Code(code))) => self.text(code),
            (
                ValueForm::OfType,
                Value::OfType {
                    system,
                    code,
                    value,
                },
            ) => self.all(&[system, code, value]),
            _ => wrong(),
        }
    }

    fn word(self, words: &'static [&'static str], word: &str) -> Result<(), QueryError> {
        let found = if words.is_empty() {
            table::is_resource(word)
        } else {
            words.contains(&word)
        };
        if found {
            return Ok(());
        }
        let names = words.iter().copied();
        Err(self.wrong().one_of(words, nearest(word, names)))
    }

    fn of_type(self, kind: ParameterType, value: &Value) -> Result<(), QueryError> {
        match (kind, value) {
            (ParameterType::String, Value::Text(text)) => self.text(text),
            (ParameterType::Uri, Value::Uri(uri)) => self.text(uri),
            (ParameterType::Token, Value::Token(token)) => match token {
                Token::Code(text) | Token::NoSystem(text) | Token::System(text) => self.text(text),
                Token::Coded { system, code } => self.all(&[system, code]),
            },
            (ParameterType::Date, Value::Date(..)) => Ok(()),
            (ParameterType::Number, Value::Number(..)) => Ok(()),
            (ParameterType::Quantity, Value::Quantity(quantity)) => match &quantity.unit {
                Some((system, code)) if system.is_empty() => self.text(code),
                Some((system, code)) => self.all(&[system, code]),
                None => Ok(()),
            },
            (ParameterType::Reference, Value::Reference(reference)) => {
                let sound = match reference {
                    Reference::Id(id) => is_id(id),
                    Reference::Typed { resource, id } => table::is_resource(resource) && is_id(id),
                    Reference::Url(url) => is_url(url),
                };
                if sound {
                    Ok(())
                } else {
                    Err(not_of_type(ValueForm::Fhir(kind).expected()))
                }
            }
            _ => Err(not_of_type(ValueForm::Fhir(kind).expected())),
        }
    }

    fn sort(
        self,
        fields: &'static [&'static str],
        words: bool,
        key: &SortKey,
    ) -> Result<(), QueryError> {
        let SortKey { field, order } = key;
        let known = if fields.is_empty() {
            self.scope.names().any(|known| field == known)
        } else {
            fields.contains(&field.as_str())
        };
        if !known {
            let near = if fields.is_empty() {
                nearest(field, self.scope.names())
            } else {
                nearest(field, fields.iter().copied())
            };
            let error = not_of_type("a field that the endpoint sorts by");
            return Err(error.one_of(fields, near));
        }
        // The minus sign has no opposite to write.
        if !words && *order == Some(Order::Ascending) {
            Err(self.wrong())
        } else {
            Ok(())
        }
    }

    fn include(self, include: &Include) -> Result<(), QueryError> {
        let wrong = || self.wrong();
        let types = table::resources;
        let known = |name: &str| match table::resource(name) {
            Some(_) => Ok(()),
            None => Err(wrong().nearest(nearest(name, types()))),
        };
        if include.source == "*" && include.parameter.is_empty() {
            return Err(wrong());
        }
        known(&include.source)?;
        if let Some(target) = &include.target {
            known(target)?;
        }
        if include.parameter == "*" {
            return Ok(());
        }
        let references = || {
            table::search_parameters(&include.source)
                .filter(|parameter| parameter.parameter_type() == ParameterType::Reference)
        };
        let Some(parameter) = references().find(|reference| include.parameter == reference.name())
        else {
            let names = references().map(SearchParameter::name);
            return Err(wrong().nearest(nearest(&include.parameter, names)));
        };
        match &include.target {
            Some(target) if !parameter.targets(target) => {
                let listed = parameter.listed_targets().iter().copied();
                Err(wrong().nearest(nearest(target, listed)))
            }
            _ => Ok(()),
        }
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// FHIR's ids; longer ones occur too.
fn is_id(text: &str) -> bool {
    let part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
    !text.is_empty() && text.bytes().all(part)
}

/// PDS's wildcard may not be among the first two characters.
fn wildcard(text: &str) -> Result<(), QueryError> {
    if text.chars().take(2).any(|c| c == '*') {
        Err(not_of_type("text whose first two characters are not *"))
    } else {
        Ok(())
    }
}
