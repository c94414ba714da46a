//! The constants of a view.

use super::{Compiler, Place, child};
use crate::json::{Json, Member};
use crate::view::{Constant, Value};
use healthcode_core::{PrimitiveKind, lexical};
use healthcode_fhirpath::{Decimal, Temporal};

/// What a constant has beside its value.
pub(super) const MEMBERS: &[&str] = &["name"];

/// The types that constants may have, by the ends of their members' names.
const TYPES: [(&str, PrimitiveKind); 20] = [
    ("Base64Binary", PrimitiveKind::Base64Binary),
    ("Boolean", PrimitiveKind::Boolean),
    ("Canonical", PrimitiveKind::Canonical),
    ("Code", PrimitiveKind::Code),
    ("Date", PrimitiveKind::Date),
    ("DateTime", PrimitiveKind::DateTime),
    ("Decimal", PrimitiveKind::Decimal),
    ("Id", PrimitiveKind::Id),
    ("Instant", PrimitiveKind::Instant),
    ("Integer", PrimitiveKind::Integer),
    ("Integer64", PrimitiveKind::Integer64),
    ("Markdown", PrimitiveKind::Markdown),
    ("Oid", PrimitiveKind::Oid),
    ("PositiveInt", PrimitiveKind::PositiveInt),
    ("String", PrimitiveKind::String),
    ("Time", PrimitiveKind::Time),
    ("UnsignedInt", PrimitiveKind::UnsignedInt),
    ("Uri", PrimitiveKind::Uri),
    ("Url", PrimitiveKind::Url),
    ("Uuid", PrimitiveKind::Uuid),
];

/// Names that have a meaning of their own.
const RESERVED: [&str; 4] = ["rowIndex", "resource", "rootResource", "context"];

impl<'t> Compiler<'t> {
    pub(super) fn constants(&mut self, members: &[Member<'t>]) {
        for (path, json) in self.list(members, "", "constant") {
            if let Some(constant) = self.constant(json, &path) {
                self.constants.push(constant);
            }
        }
    }

    fn constant(&mut self, json: Json<'t>, path: &str) -> Option<Constant> {
        let members = self.members(json, path, MEMBERS)?;
        let name = self.required(json, &members, path, "name");
        if let Some((name, value)) = &name {
            let place = child(path, "name");
            self.sql_name(true, name, *value, &place);
            let at = value.at();
            let known = self.constants.iter().any(|other| *other.name == **name);
            if known {
                let message = format!("repeated constant {name}: expected names that differ");
                self.report(true, Place { path: &place, at }, message);
            }
            if RESERVED.contains(&name.as_str()) {
                let message =
                    format!("{name} is not allowed here: %{name} has a meaning of its own");
                self.report(true, Place { path: &place, at }, message);
            }
        }
        let at = json.at();
        let mut values = members
            .iter()
            .filter(|member| member.name.starts_with("value"));
        let Some(value) = values.next() else {
            let message = "missing value: expected a member such as valueString";
            self.report(true, Place { path, at }, message);
            return None;
        };
        let value_path = child(path, &value.name);
        let at = value.value.at();
        if let Some(other) = values.next() {
            let message = format!(
                "{} is not allowed here: a constant has one value",
                other.name
            );
            let at = other.value.at();
            self.report(true, Place { path, at }, message);
        }
        let suffix = value.name.strip_prefix("value").unwrap_or("");
        let Some((_, of)) = TYPES.iter().find(|(known, _)| *known == suffix) else {
            let message = format!("unknown type of constants {}", value.name);
            self.report(
                true,
                Place {
                    path: &value_path,
                    at,
                },
                message,
            );
            return None;
        };
        let Some((known, text)) = value_of_type(value.value, *of) else {
            let expected = lexical::expected_form(*of);
            self.invalid(value.value, &value_path, expected);
            return None;
        };
        Some(Constant {
            name: name?.0.into(),
            value: known,
            text: text.into(),
            of: *of,
        })
    }
}

/// The value of a constant, and its text.
fn value_of_type(json: Json<'_>, of: PrimitiveKind) -> Option<(Value, String)> {
    if of == PrimitiveKind::Boolean {
        let value = json.boolean()?;
        return Some((Value::Boolean(value), value.to_string()));
    }
    let text = match of.json_type() {
        "number" => json.number()?.to_owned(),
        // R5 writes integer64 as a string; a number is taken, too.
        _ => match json.string() {
            Some(text) => text.into_owned(),
            None if of == PrimitiveKind::Integer64 => json.number()?.to_owned(),
            None => return None,
        },
    };
    // Texts are what they are; the others have to be of their form.
    let is_text = matches!(of, PrimitiveKind::String | PrimitiveKind::Markdown);
    if !is_text && lexical::check(of, &text).is_err() {
        return None;
    }
    let value = match of {
        PrimitiveKind::Integer | PrimitiveKind::PositiveInt | PrimitiveKind::UnsignedInt => {
            Value::Integer(text.parse().ok()?)
        }
        PrimitiveKind::Integer64 => match text.parse::<i64>().ok()? {
            value if i32::try_from(value).is_ok() => Value::Integer(value as i32),
            value => Value::Decimal(Decimal::from(value)),
        },
        PrimitiveKind::Decimal => {
            let exact = text.parse::<Decimal>().ok();
            Value::Decimal(exact.or_else(|| Decimal::from_scientific(&text).ok())?)
        }
        PrimitiveKind::Date => Value::Temporal(Temporal::parse_date(&text)?),
        PrimitiveKind::DateTime | PrimitiveKind::Instant => {
            Value::Temporal(Temporal::parse_date_time(&text)?)
        }
        PrimitiveKind::Time => Value::Temporal(Temporal::parse_time(&text)?),
        _ => Value::Text,
    };
    Some((value, text))
}
