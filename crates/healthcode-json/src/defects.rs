//! The defects that a value carries: what its [`Extras`](healthcode_core::Extras) and its empty
//! places say of the payload it came from.

use healthcode_core::{
    Detail, Element, Extra, ExtraKind, Field, FieldRef, Fields, Issue, Issues, Path,
    PrimitiveItems, PrimitiveKind, Root, Rule, Schema, SchemaKind, Step, ValueRef, XmlExtra, rules,
};
use std::collections::BTreeMap;

/// The defects of a value, without positions.
///
/// They are the issues that reading its text reports, except a byte order mark; a value that was
/// deserialised by serde has them too.
#[must_use]
pub fn issues_of<T: Root>(value: &T) -> Vec<Issue> {
    element_issues_of(value.as_element(), &Path::root(""))
}

/// The defects of an element and all below it. An empty root `path` stands for the element's type.
#[must_use]
pub fn element_issues_of(element: &dyn Element, path: &Path<'_>) -> Vec<Issue> {
    let named;
    let path = match path.step() {
        Step::Root { path: "", pointer } => {
            named = Path::with_root(element.schema().name, pointer);
            &named
        }
        _ => path,
    };
    let mut issues = Issues::new();
    visit(element, path, &mut |element, fields, path| {
        of_element(element, fields, path, &mut issues);
    });
    issues.into_vec(path)
}

/// What is called with an element, its fields, and its place.
type Visit<'v> = dyn FnMut(&dyn Element, &[FieldRef<'_>], &Path<'_>) + 'v;

/// Calls `each` with an element and all below it, the outer before the inner. Metadata of a primitive that
/// holds nothing but a malformed value is skipped.
pub fn visit(element: &dyn Element, path: &Path<'_>, each: &mut Visit<'_>) {
    walk(element, path, &mut Fields::new(), each);
}

fn walk<'a>(
    element: &'a dyn Element,
    path: &Path<'_>,
    fields: &mut Fields<'a>,
    each: &mut Visit<'_>,
) {
    let start = fields.len();
    element.fields(fields);
    let end = fields.len();
    each(element, fields.since(start), path);
    let schema = element.schema();
    for index in start..end {
        let field = fields.get(index);
        let definition = &schema.fields[field.index as usize];
        let place = path.child(step(definition, field.choice, false));
        match field.value {
            ValueRef::Element(child) => walk(child, &place, fields, each),
            ValueRef::Elements(items) => {
                for index in 0..items.count() {
                    let place = place.child(Step::Index(index));
                    walk(items.element_at(index), &place, fields, each);
                }
            }
            ValueRef::Metadata(metadata) if is_written(metadata) => {
                let place = path.child(step(definition, field.choice, true));
                walk(metadata, &place, fields, each);
            }
            ValueRef::Primitives(items) => {
                let place = path.child(step(definition, field.choice, true));
                for index in 0..items.count() {
                    if let Some(metadata) = items.metadata_at(index)
                        && is_written(metadata)
                    {
                        let place = place.child(Step::Index(index));
                        walk(metadata, &place, fields, each);
                    }
                }
            }
            _ => {}
        }
    }
    fields.truncate(start);
}

/// The step to a field.
#[must_use]
#[inline]
pub fn step(definition: &Field, choice: u16, metadata: bool) -> Step<'static> {
    let suffix = if definition.choice {
        definition.types[choice as usize].suffix
    } else {
        ""
    };
    Step::Field {
        name: definition.name(),
        suffix,
        metadata,
    }
}

/// Whether a primitive's metadata holds more than a kept malformed value.
#[must_use]
pub fn is_written(metadata: &dyn Element) -> bool {
    if metadata.extras().is_empty() {
        return true;
    }
    let of_value = |extra: &Extra| extra.kind().is_value();
    let mut fields = Fields::new();
    metadata.fields(&mut fields);
    !fields.is_empty() || !metadata.extras().iter().all(of_value)
}

/// The defects of one element and its primitives, without those of child elements; `fields` are the fields of the
/// element.
pub fn of_element(
    element: &dyn Element,
    fields: &[FieldRef<'_>],
    path: &Path<'_>,
    issues: &mut Issues,
) {
    let schema = element.schema();
    if !element.extras().is_empty() {
        of_extras(element, fields, path, issues);
    } else if fields.is_empty() && !schema.is_resource() {
        issues.push(Issue::new(&rules::FHIR_EMPTY_OBJECT, path, Detail::None));
    }
    if schema.kind == SchemaKind::UnknownResource {
        of_unknown(element, path, issues);
    }
    for field in fields {
        let definition = &schema.fields[field.index as usize];
        match field.value {
            ValueRef::Metadata(metadata) => {
                if let Some(value) = metadata.extras().malformed() {
                    let place = path.child(step(definition, field.choice, false));
                    let kind = definition.types[field.choice as usize].primitive;
                    issues.push(of_value(kind, value, &place));
                }
            }
            ValueRef::Primitives(items) => of_primitives(definition, items, path, issues),
            _ => {}
        }
    }
}

fn of_primitives(
    definition: &Field,
    items: &dyn PrimitiveItems,
    path: &Path<'_>,
    issues: &mut Issues,
) {
    let place = path.child(step(definition, 0, false));
    for index in 0..items.count() {
        if items.value_at(index).is_some() {
            continue;
        }
        let place = place.child(Step::Index(index));
        match items.metadata_at(index) {
            None => issues.push(Issue::new(&rules::FHIR_NULL_PAIR, &place, Detail::None)),
            Some(metadata) => {
                if let Some(value) = metadata.extras().malformed() {
                    let kind = definition.types[0].primitive;
                    issues.push(of_value(kind, value, &place));
                }
            }
        }
    }
}

/// The issue of a primitive's malformed value.
fn of_value(kind: Option<PrimitiveKind>, value: &Extra, path: &Path<'_>) -> Issue {
    if !value.kind().is_xml() {
        return malformed(kind, value.json(), path);
    }
    let form = match kind.unwrap_or(PrimitiveKind::String) {
        PrimitiveKind::Boolean => "true or false",
        kind => healthcode_core::lexical::expected_form(kind),
    };
    Issue::new(&rules::FHIR_XML_VALUE, path, Detail::Expected(form))
}

fn malformed(kind: Option<PrimitiveKind>, json: &str, path: &Path<'_>) -> Issue {
    let kind = kind.unwrap_or(PrimitiveKind::String);
    let expected = Detail::Expected(match kind.json_type() {
        "boolean" => "a JSON boolean",
        "number" => "a JSON number",
        _ => "a JSON string",
    });
    let number = json.starts_with(|c: char| c == '-' || c.is_ascii_digit());
    let (rule, detail): (&'static Rule, _) = match json.as_bytes().first() {
        Some(b'n') => (&rules::FHIR_NULL, expected),
        Some(b'[') => (&rules::FHIR_ARRAY_UNEXPECTED, expected),
        _ if number && kind.json_type() == "number" => {
            let form = healthcode_core::lexical::expected_form(kind);
            (&rules::FHIR_INTEGER, Detail::Expected(form))
        }
        _ => (&rules::FHIR_JSON_TYPE, expected),
    };
    Issue::new(rule, path, detail)
}

fn of_unknown(element: &dyn Element, path: &Path<'_>, issues: &mut Issues) {
    let extras = element.extras();
    if extras.iter().any(|extra| extra.kind().is_whole()) {
        return;
    }
    let place = path.child(Step::Member("resourceType"));
    issues.push(match extras.get("resourceType") {
        None => Issue::new(&rules::FHIR_RESOURCE_TYPE_MISSING, path, Detail::None),
        Some(name) if name.starts_with('"') => {
            Issue::new(&rules::FHIR_RESOURCE_TYPE_UNKNOWN, &place, Detail::None)
        }
        Some(json) => malformed(None, json, &place),
    });
}

#[cold]
fn of_extras(element: &dyn Element, fields: &[FieldRef<'_>], path: &Path<'_>, issues: &mut Issues) {
    let schema = element.schema();
    let extras = element.extras();
    // How often each name of a kept member has occurred.
    let mut occurred: BTreeMap<&str, u32> = BTreeMap::new();
    for extra in extras {
        let key = extra.key();
        let mut occurrence = 0;
        if extra.kind().is_member() {
            // The first of repeated names is in the value, unless it was kept for another reason.
            let in_value = u32::from(extra.kind() == ExtraKind::Repeated);
            let next = occurred.entry(key).or_insert(in_value);
            occurrence = *next;
            *next += 1;
        }
        let place = path.child(Step::Member(key));
        let found = match extra.kind() {
            ExtraKind::Xml(kind) => match of_xml(schema, extra, kind, path) {
                Some(mut issue) => {
                    if kind == XmlExtra::Repeated {
                        let next = occurred.entry(key).or_insert(1);
                        issue.occurrence = *next;
                        *next += 1;
                    }
                    issue
                }
                None => continue,
            },
            ExtraKind::Unknown if schema.kind == SchemaKind::UnknownResource => continue,
            ExtraKind::Unknown => {
                let sibling = key.strip_prefix('_').and_then(|key| schema.member(key));
                let mut issue = match sibling {
                    Some((_, t)) if t.primitive.is_none() => {
                        Issue::new(&rules::FHIR_UNDERSCORE, &place, Detail::None)
                    }
                    _ => {
                        let detail =
                            nearest_member(schema, key).map_or(Detail::None, Detail::Nearest);
                        Issue::new(&rules::FHIR_UNKNOWN_MEMBER, &place, detail)
                    }
                };
                issue.at_name = true;
                issue
            }
            ExtraKind::WrongShape => wrong_shape(schema, extra, &place, path),
            ExtraKind::Repeated => {
                let mut issue = Issue::new(&rules::JSON_REPEATED_NAME, &place, Detail::None);
                issue.occurrence = occurrence;
                issue.at_name = true;
                issue
            }
            ExtraKind::SecondChoice => {
                let mut issue = Issue::new(&rules::FHIR_SECOND_CHOICE, &place, Detail::None);
                issue.at_name = true;
                issue
            }
            ExtraKind::NotObject => match extra.json().as_bytes().first() {
                Some(b'n') => {
                    Issue::new(&rules::FHIR_NULL, path, Detail::Expected("a JSON object"))
                }
                Some(b'[') => {
                    let expected = if path.to_pointer().is_empty() {
                        "one JSON object; several are the entries of a Bundle, or lines of NDJSON"
                    } else {
                        "a JSON object"
                    };
                    Issue::new(
                        &rules::FHIR_ARRAY_UNEXPECTED,
                        path,
                        Detail::Expected(expected),
                    )
                }
                _ => Issue::new(&rules::FHIR_NOT_OBJECT, path, Detail::None),
            },
            ExtraKind::TooDeep => Issue::new(&rules::JSON_DEPTH, path, Detail::None),
            ExtraKind::Length(0) => Issue::new(&rules::FHIR_EMPTY_ARRAY, &place, Detail::None),
            ExtraKind::Length(length) => {
                let Some(detail) = unpaired(schema, fields, key, length) else {
                    continue;
                };
                Issue::new(&rules::FHIR_ARRAY_PAIRING, &place, detail)
            }
            ExtraKind::EmptyObject => Issue::new(&rules::FHIR_EMPTY_OBJECT, path, Detail::None),
            ExtraKind::LateResourceType => {
                let place = path.child(Step::Member("resourceType"));
                let mut issue = Issue::new(&rules::FHIR_RESOURCE_TYPE_LATE, &place, Detail::None);
                issue.at_name = true;
                issue
            }
            ExtraKind::MissingResourceType if extras.get("resourceType").is_none() => {
                Issue::new(&rules::FHIR_RESOURCE_TYPE_MISSING, path, Detail::None)
            }
            _ => continue,
        };
        issues.push(found);
    }
}

/// The issue of what was kept from XML.
fn of_xml(schema: &Schema, extra: &Extra, kind: XmlExtra, path: &Path<'_>) -> Option<Issue> {
    let key = extra.key();
    let place = path.child(Step::Member(key));
    let at_name = |rule, detail| {
        let mut issue = Issue::new(rule, &place, detail);
        issue.at_name = true;
        issue
    };
    Some(match kind {
        XmlExtra::Element => {
            if schema.member(key).is_some() {
                at_name(&rules::FHIR_XML_ATTRIBUTE_EXPECTED, Detail::None)
            } else {
                let nearest = nearest_member(schema, key);
                let detail = nearest.map_or(Detail::None, Detail::Nearest);
                at_name(&rules::FHIR_UNKNOWN_MEMBER, detail)
            }
        }
        XmlExtra::Foreign => at_name(&rules::FHIR_XML_NAMESPACE, Detail::None),
        XmlExtra::Repeated => at_name(&rules::FHIR_XML_REPEATED, Detail::None),
        XmlExtra::SecondChoice => at_name(&rules::FHIR_SECOND_CHOICE, Detail::None),
        XmlExtra::NotOneResource => at_name(&rules::FHIR_XML_RESOURCE, Detail::None),
        XmlExtra::Attribute if key.ends_with("chemaLocation") => {
            at_name(&rules::FHIR_XML_SCHEMA_LOCATION, Detail::None)
        }
        XmlExtra::Attribute => at_name(&rules::FHIR_XML_ATTRIBUTE, Detail::None),
        // Inside an element that holds a resource, it has the name of that.
        XmlExtra::Text => {
            let place = if key.is_empty() { path } else { &place };
            Issue::new(&rules::FHIR_XML_TEXT, place, Detail::None)
        }
        XmlExtra::Order(index) => {
            let (field, _) = schema.member(key)?;
            let step = Step::Field {
                name: field.name(),
                suffix: &key[field.name().len()..],
                metadata: false,
            };
            let place = path.child(step);
            let item = place.child(Step::Index(index as usize));
            let place = if field.repeats() { &item } else { &place };
            let mut issue = Issue::new(&rules::FHIR_XML_ORDER, place, Detail::None);
            issue.at_name = true;
            issue
        }
        XmlExtra::TooDeep => Issue::new(&rules::XML_DEPTH, path, Detail::None),
        _ => return None,
    })
}

fn wrong_shape(schema: &Schema, extra: &Extra, place: &Path<'_>, path: &Path<'_>) -> Issue {
    let key = extra.key();
    let (name, metadata) = match key.strip_prefix('_') {
        Some(name) => (name, true),
        None => (key, false),
    };
    let Some((definition, t)) = schema.member(name) else {
        return malformed(None, extra.json(), place);
    };
    let step = Step::Field {
        name: definition.name(),
        suffix: &name[definition.name().len()..],
        metadata,
    };
    let place = path.child(step);
    if definition.repeats() {
        let rule = if extra.json() == "null" {
            &rules::FHIR_NULL
        } else {
            &rules::FHIR_ARRAY_EXPECTED
        };
        return Issue::new(rule, &place, Detail::Expected("a JSON array"));
    }
    malformed(t.primitive, extra.json(), &place)
}

/// The lengths of a repeating primitive's two arrays, if one is noted to be shorter than the other.
fn unpaired(schema: &Schema, fields: &[FieldRef<'_>], key: &str, length: u32) -> Option<Detail> {
    let (name, metadata) = match key.strip_prefix('_') {
        Some(name) => (name, true),
        None => (key, false),
    };
    let list = fields.iter().find_map(|field| match field.value {
        ValueRef::Primitives(items) if schema.fields[field.index as usize].name() == name => {
            Some(items)
        }
        _ => None,
    })?;
    let count = u32::try_from(list.count()).unwrap_or(u32::MAX);
    if count == length {
        return None;
    }
    Some(if metadata {
        Detail::Lengths {
            values: count,
            metadata: length,
        }
    } else {
        Detail::Lengths {
            values: length,
            metadata: count,
        }
    })
}

/// The member that was probably meant by an unknown name.
fn nearest_member(schema: &Schema, key: &str) -> Option<&'static str> {
    let names = schema.fields.iter().copied().filter(|field| !field.choice);
    healthcode_core::nearest(key, names.map(Field::name))
}
