//! `minValue[x]`, `maxValue[x]` and `maxLength`, as expressions: FHIRPath defines how values of different precision
//! or with different units compare.

use super::constant::Constant;
use healthcode_core::{Element, Fields, ValueRef};
use healthcode_fhirpath::Expression;
use healthcode_r4::{ElementDefinition, Quantity};

/// The limits that a definition sets: in words, and as an expression; `None` for one that cannot be
/// checked, such as a duration relative to the current time.
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
        all.push((format!("at most {most} characters"), expression.ok()));
    }
    all
}

/// What a definition requires of the form of references: in words, and as an expression. `aggregation` restricts
/// where their targets are, `versioning` whether they name a version.
pub(super) fn forms(definition: &ElementDefinition) -> Vec<(String, Option<Expression>)> {
    let types = || {
        let all = definition.type_.iter();
        all.filter(|one| one.code.as_str() == Some("Reference"))
    };
    let mut all = Vec::new();
    let mut add = |words: &str, test: &str| {
        let expression = Expression::compile(&format!("reference.exists() implies ({test})"));
        all.push((words.to_owned(), expression.ok()));
    };
    let modes = types().flat_map(|one| &one.aggregation);
    let modes: Vec<&str> = modes.filter_map(|mode| mode.as_str()).collect();
    // Each of several types may require another form: only what all of them require is checked.
    let all_aggregate = types().all(|one| !one.aggregation.is_empty());
    let (contained, outside) = (
        "reference.startsWith('#')",
        "reference.startsWith('#').not()",
    );
    if !modes.is_empty() && all_aggregate {
        let has = |mode: &str| modes.contains(&mode);
        match (has("contained"), has("referenced"), has("bundled")) {
            (true, false, false) => add("to a contained resource", contained),
            (false, true, _) => add("to a resource that is not contained", outside),
            (true, false, true) => add(
                "to a contained resource, or one in the same Bundle",
                &format!("{contained} or resolve().exists()"),
            ),
            (false, false, true) => add(
                "to a resource in the same Bundle",
                &format!("{outside} and resolve().exists()"),
            ),
            _ => {}
        }
    }
    let versioned = "reference.contains('/_history/')";
    let mut versions = types().map(|one| one.versioning.as_str());
    match versions
        .next()
        .flatten()
        .filter(|first| versions.all(|version| version == Some(*first)))
    {
        Some("specific") => add("to a version", versioned),
        Some("independent") => add("not to a version", &format!("{versioned}.not()")),
        _ => {}
    }
    all
}

/// The value of a choice as FHIRPath writes it.
fn literal(definition: &ElementDefinition, name: &str) -> Option<String> {
    let schema = definition.schema();
    let (index, field) = schema.field(name)?;
    let mut fields = Fields::new();
    definition.fields(&mut fields);
    let of_name = |field: &&healthcode_core::FieldRef<'_>| usize::from(field.index) == index;
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

/// A quantity with a UCUM unit, or a number without a unit.
fn quantity(quantity: &Quantity) -> Option<String> {
    let value = quantity.value.as_str()?;
    match (quantity.system.as_str(), quantity.code.as_str()) {
        (Some("http://unitsofmeasure.org"), Some(code)) => {
            let plain = |byte: u8| byte.is_ascii_graphic() && !b"'\\".contains(&byte);
            code.bytes().all(plain).then(|| format!("{value} '{code}'"))
        }
        (None, None) => Some(format!("{value} '1'")),
        _ => None,
    }
}
