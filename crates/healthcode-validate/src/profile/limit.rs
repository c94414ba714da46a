//! `minValue[x]`, `maxValue[x]` and `maxLength`, as expressions: FHIRPath knows how values compare that
//! are not equally precise, or of different units.

use super::constant::Constant;
use healthcode_core::{Element, Fields, ValueRef};
use healthcode_fhirpath::Expression;
use healthcode_r4::{ElementDefinition, Quantity};

/// The limits that a definition sets: in words, and as an expression; `None` for one that cannot be
/// judged, such as a time before or after now.
pub(super) fn limits(definition: &ElementDefinition) -> Vec<(String, Option<Expression>)> {
    let mut all = Vec::new();
    let bounds = [
        ("minValue", "at least", ">="),
        ("maxValue", "at most", "<="),
    ];
    for (field, words, operator) in bounds {
        if let Some(bound) = Constant::in_field(definition, field) {
            let expression = literal(definition, field).and_then(|literal| {
                Expression::compile(&format!("$this {operator} {literal}")).ok()
            });
            all.push((format!("{words} {bound}"), expression));
        }
    }
    if let Some(most) = definition.max_length.value() {
        let expression = Expression::compile(&format!("$this.toString().length() <= {most}"));
        all.push((format!("of at most {most} characters"), expression.ok()));
    }
    all
}

/// The value of a choice as FHIRPath writes it.
fn literal(definition: &ElementDefinition, name: &str) -> Option<String> {
    let schema = definition.schema();
    let (index, field) = schema.field(name)?;
    let mut fields = Fields::new();
    definition.fields(&mut fields);
    let of_name = |it: &&healthcode_core::FieldRef<'_>| usize::from(it.index) == index;
    let found = fields.since(0).iter().find(of_name)?;
    let code = field.types.get(usize::from(found.choice))?.code;
    match (code, found.value) {
        ("date", ValueRef::Text(text)) => Some(format!("@{text}")),
        ("dateTime" | "instant", ValueRef::Text(text)) if text.contains('T') => {
            Some(format!("@{text}"))
        }
        ("dateTime", ValueRef::Text(text)) => Some(format!("@{text}T")),
        ("time", ValueRef::Text(text)) => Some(format!("@T{text}")),
        (_, ValueRef::Decimal(text)) => Some(text.to_owned()),
        (_, ValueRef::Integer(number)) => Some(number.to_string()),
        (_, ValueRef::Element(element)) => quantity(element.downcast_ref()?),
        _ => None,
    }
}

/// A quantity of UCUM's, or a number without a unit.
fn quantity(it: &Quantity) -> Option<String> {
    let value = it.value.as_str()?;
    match (it.system.as_str(), it.code.as_str()) {
        (Some("http://unitsofmeasure.org"), Some(code)) => {
            let plain = |byte: u8| byte.is_ascii_graphic() && !b"'\\".contains(&byte);
            code.bytes().all(plain).then(|| format!("{value} '{code}'"))
        }
        (None, None) => Some(format!("{value} '1'")),
        _ => None,
    }
}
