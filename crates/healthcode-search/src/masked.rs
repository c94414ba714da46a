//! `Debug` that shows the form of a query and not what it holds: values may be NHS numbers.

use crate::capture::Captured;
use crate::encode::Encoded;
use crate::literal::{DateTime, Decimal};
use crate::name::{Has, Link, Modifier, Name};
use crate::value::{Quantity, Reference, Token, Value};
use std::fmt::{self, Debug, Formatter};

/// A text of which only the length is shown.
struct Masked<'a>(&'a str);

impl Debug for Masked<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

/// A word of a name. What has digits, spaces or the like may be no name but a value that was glued to
/// it, or was in its place.
struct Word<'a>(&'a str);

impl Debug for Word<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let plain = |c: char| c.is_ascii_alphabetic() || matches!(c, '-' | '_');
        if self.0.len() <= 40 && self.0.chars().all(plain) {
            f.write_str(self.0)
        } else {
            Debug::fmt(&Masked(self.0), f)
        }
    }
}

macro_rules! texts {
    ($($name:ident),*) => {$(
        impl Debug for $name {
            fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($name)).field(&Masked(self.as_str())).finish()
            }
        }
    )*};
}

texts!(Decimal, DateTime);

impl Debug for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut text = |name: &str, text: &str| f.debug_tuple(name).field(&Masked(text)).finish();
        match self {
            Value::Text(value) => text("Text", value),
            Value::Uri(value) => text("Uri", value),
            Value::Word(value) => text("Word", value),
            Value::Raw(value) => text("Raw", value),
            Value::Token(value) => Debug::fmt(value, f),
            Value::OfType {
                system,
                code,
                value,
            } => f
                .debug_struct("OfType")
                .field("system", &Masked(system))
                .field("code", &Masked(code))
                .field("value", &Masked(value))
                .finish(),
            Value::Date(prefix, value) => f.debug_tuple("Date").field(prefix).field(value).finish(),
            Value::Number(prefix, value) => {
                f.debug_tuple("Number").field(prefix).field(value).finish()
            }
            Value::Quantity(value) => Debug::fmt(value, f),
            Value::Reference(value) => Debug::fmt(value, f),
            Value::Composite(value) => f.debug_tuple("Composite").field(value).finish(),
            Value::Near(value) => Debug::fmt(value, f),
            Value::Days(from, to) => f.debug_tuple("Days").field(from).field(to).finish(),
            Value::Boolean(_) => f.write_str("Boolean"),
            Value::Integer(_) => f.write_str("Integer"),
            Value::Sort(value) => Debug::fmt(value, f),
            Value::Include(value) => Debug::fmt(value, f),
            Value::Names(value) => f.debug_tuple("Names").field(value).finish(),
        }
    }
}

impl Debug for Token {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut text = |name: &str, text: &str| f.debug_tuple(name).field(&Masked(text)).finish();
        match self {
            Token::Code(value) => text("Code", value),
            Token::NoSystem(value) => text("NoSystem", value),
            Token::System(value) => text("System", value),
            Token::Coded { system, code } => f
                .debug_struct("Coded")
                .field("system", &Masked(system))
                .field("code", &Masked(code))
                .finish(),
        }
    }
}

impl Debug for Quantity {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let unit = self
            .unit
            .as_ref()
            .map(|(system, code)| (Masked(system), Masked(code)));
        f.debug_struct("Quantity")
            .field("prefix", &self.prefix)
            .field("number", &self.number)
            .field("unit", &unit)
            .finish()
    }
}

impl Debug for Reference {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Reference::Id(id) => f.debug_tuple("Id").field(&Masked(id)).finish(),
            Reference::Url(url) => f.debug_tuple("Url").field(&Masked(url)).finish(),
            Reference::Typed { resource, id } => f
                .debug_struct("Typed")
                .field("resource", &Word(resource))
                .field("id", &Masked(id))
                .finish(),
        }
    }
}

impl Debug for Name {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for has in &self.has {
            write!(
                f,
                "_has:{:?}:{:?}:",
                Word(&has.resource),
                Word(&has.reference)
            )?;
        }
        for link in &self.chain {
            Debug::fmt(link, f)?;
            f.write_str(".")?;
        }
        Debug::fmt(&Word(&self.code), f)?;
        match &self.modifier {
            Some(modifier) => write!(f, ":{modifier:?}"),
            None => Ok(()),
        }
    }
}

impl Debug for Has {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "_has:{:?}:{:?}",
            Word(&self.resource),
            Word(&self.reference)
        )
    }
}

impl Debug for Link {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Debug::fmt(&Word(&self.reference), f)?;
        match &self.target {
            Some(target) => write!(f, ":{:?}", Word(target)),
            None => Ok(()),
        }
    }
}

impl Debug for Modifier {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Debug::fmt(&Word(self.as_str()), f)
    }
}

/// Addresses may end in an id.
impl Debug for Captured {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Captured")
            .field("address", &Masked(&self.address))
            .field("query", &self.query)
            .field("issues", &self.issues)
            .finish()
    }
}

impl Debug for Encoded {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encoded")
            .field("method", &self.method())
            .field("parameter_location", &self.parameter_location())
            .field("text", &Masked(self.as_str()))
            .finish()
    }
}
