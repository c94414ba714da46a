//! [`Constant`]: a value that a profile states, as fixed or as a pattern.

use healthcode_core::{Element, FieldRef, Fields, Schema, ValueRef};
use std::fmt::{self, Write};

/// A value of a profile.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Constant {
    Text(Box<str>),
    Boolean(bool),
    Integer(i32),
    /// As its text: the digits that are written count.
    Decimal(Box<str>),
    Object {
        members: Vec<Member>,
        /// How many fields it has, with the metadata of primitives, which members leave out.
        fields: usize,
    },
}

/// A member of a complex value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Member {
    /// The element's name, without the type of a choice.
    name: &'static str,
    /// For a choice, what its JSON name ends in.
    suffix: &'static str,
    repeats: bool,
    values: Vec<Constant>,
}

impl Constant {
    /// The constant that a value is.
    pub(super) fn of(value: ValueRef<'_>) -> Option<Constant> {
        Some(match value {
            ValueRef::Text(text) => Constant::Text(text.into()),
            ValueRef::Boolean(value) => Constant::Boolean(value),
            ValueRef::Integer(value) => Constant::Integer(value),
            ValueRef::Decimal(text) => Constant::Decimal(text.into()),
            ValueRef::Element(element) => Constant::of_element(element),
            _ => return None,
        })
    }

    /// The constant in the choice element of this name.
    pub(super) fn in_field(holder: &dyn Element, name: &str) -> Option<Constant> {
        let mut fields = Fields::new();
        holder.fields(&mut fields);
        let (index, _) = holder.schema().field(name)?;
        let of_name = |field: &&FieldRef<'_>| usize::from(field.index) == index;
        let mut found = fields.since(0).iter().filter(of_name);
        found.find_map(|field| Constant::of(field.value))
    }

    fn of_element(element: &dyn Element) -> Constant {
        let schema = element.schema();
        let mut fields = Fields::new();
        element.fields(&mut fields);
        let mut members = Vec::new();
        for field in fields.since(0) {
            let values: Vec<Constant> = values_of(field.value)
                .into_iter()
                .filter_map(Constant::of)
                .collect();
            if values.is_empty() {
                continue;
            }
            let Some((name, suffix, repeats)) = named(schema, field) else {
                continue;
            };
            members.push(Member {
                name,
                suffix,
                repeats,
                values,
            });
        }
        let fields = fields.since(0).len();
        Constant::Object { members, fields }
    }

    /// Whether a value is this one, with nothing more in it.
    pub(super) fn is(&self, value: ValueRef<'_>) -> bool {
        self.fits(value, true)
    }

    /// Whether a value holds all that this one states.
    pub(super) fn is_in(&self, value: ValueRef<'_>) -> bool {
        self.fits(value, false)
    }

    fn fits(&self, value: ValueRef<'_>, exactly: bool) -> bool {
        match (self, value) {
            (Constant::Text(a), ValueRef::Text(b)) => **a == *b,
            (Constant::Boolean(a), ValueRef::Boolean(b)) => *a == b,
            (Constant::Integer(a), ValueRef::Integer(b)) => *a == b,
            (Constant::Decimal(a), ValueRef::Decimal(b)) => **a == *b,
            (Constant::Object { members, fields }, ValueRef::Element(element)) => {
                let schema = element.schema();
                let mut own = Fields::new();
                element.fields(&mut own);
                let own = own.since(0);
                let held = members.iter().all(|member| {
                    own.iter().any(|field| {
                        let of_name = named(schema, field).is_some_and(|(name, suffix, _)| {
                            name == member.name && suffix == member.suffix
                        });
                        of_name && member.fits(field.value, exactly)
                    })
                });
                held && (!exactly || own.len() == *fields)
            }
            _ => false,
        }
    }

    /// What is at a path of names in this constant.
    pub(super) fn at<'c>(&'c self, path: &[&str], out: &mut Vec<&'c Constant>) {
        let Some((name, rest)) = path.split_first() else {
            out.push(self);
            return;
        };
        if let Constant::Object { members, .. } = self {
            for member in members.iter().filter(|member| member.name == *name) {
                for value in &member.values {
                    value.at(rest, out);
                }
            }
        }
    }

    /// The text, if it is one.
    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Constant::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl Member {
    fn fits(&self, value: ValueRef<'_>, exactly: bool) -> bool {
        let found = values_of(value);
        if exactly {
            let pairs = self.values.iter().zip(&found);
            return found.len() == self.values.len()
                && pairs.into_iter().all(|(a, &b)| a.fits(b, true));
        }
        let mut wanted = self.values.iter();
        wanted.all(|wanted| found.iter().any(|&value| wanted.fits(value, false)))
    }
}

/// The name of a field, what its JSON name ends in for a choice, and whether it repeats.
fn named(
    schema: &'static Schema,
    field: &FieldRef<'_>,
) -> Option<(&'static str, &'static str, bool)> {
    let definition = schema.fields.get(usize::from(field.index))?;
    let suffix = match definition.types.get(usize::from(field.choice)) {
        Some(of_type) if definition.choice => of_type.suffix,
        _ => "",
    };
    Some((definition.name(), suffix, definition.repeats()))
}

/// The values of a field, one by one, without metadata.
fn values_of(value: ValueRef<'_>) -> Vec<ValueRef<'_>> {
    match value {
        ValueRef::Primitives(items) => (0..items.count())
            .filter_map(|at| items.value_at(at))
            .collect(),
        ValueRef::Elements(items) => (0..items.count())
            .map(|at| ValueRef::Element(items.element_at(at)))
            .collect(),
        ValueRef::Metadata(_) => Vec::new(),
        value => vec![value],
    }
}

/// As JSON.
impl fmt::Display for Constant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Constant::Text(text) => write!(f, "{}", serde_json::Value::from(&**text)),
            Constant::Boolean(value) => write!(f, "{value}"),
            Constant::Integer(value) => write!(f, "{value}"),
            Constant::Decimal(text) => f.write_str(text),
            Constant::Object { members, .. } => {
                f.write_char('{')?;
                for (at, member) in members.iter().enumerate() {
                    let comma = if at > 0 { "," } else { "" };
                    write!(f, "{comma}\"{}{}\":", member.name, member.suffix)?;
                    if member.repeats {
                        f.write_char('[')?;
                    }
                    for (at, value) in member.values.iter().enumerate() {
                        let comma = if at > 0 { "," } else { "" };
                        write!(f, "{comma}{value}")?;
                    }
                    if member.repeats {
                        f.write_char(']')?;
                    }
                }
                f.write_char('}')
            }
        }
    }
}
