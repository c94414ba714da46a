//! `healthcode fhirpath`: an expression evaluated over payloads.

use crate::args::{FhirpathArgs, TableFormat};
use crate::input::{self, Input, Opened};
use crate::output::print_json;
use crate::packages;
use crate::releases::{AnyResource, Reader};
use healthcode_core::{Element, Root, ValueRef};
use healthcode_fhirpath::{
    Environment, Expression, Item, ParseError, Places, Resolved, Services, Temporal,
};
use healthcode_json::stream::{self, Kind, NdjsonReader};
use healthcode_json::write_element;
use healthcode_r4::{Bundle, Resource, schema};
use healthcode_validate::ProfileSet;
use healthcode_validate::render::printable;
use serde::Serialize;
use serde_json::value::RawValue;
use std::cell::OnceCell;
use std::collections::HashMap;
use std::io::{self, BufWriter, Read, Write};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

/// The version of the document; it grows when a member goes or changes its meaning.
const SCHEMA_VERSION: u32 = 1;

pub(crate) fn run(args: &FhirpathArgs) -> io::Result<ExitCode> {
    let expression = match Expression::compile(&args.expression) {
        Ok(expression) => expression,
        Err(error) => {
            write!(io::stderr(), "{}", explained(&args.expression, &error))?;
            return Ok(ExitCode::from(2));
        }
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok();
    let packages = packages::load_with_settings(&args.packages)?;
    let job = Job {
        args,
        expression,
        profiles: packages::profiles(packages.as_ref()),
        now: now.and_then(|now| {
            let seconds = i64::try_from(now.as_secs()).ok()?;
            Temporal::from_unix(seconds, now.subsec_nanos())
        }),
    };
    let mut files = Vec::new();
    for input in input::expand(&args.inputs.paths, &args.inputs.exclude) {
        let (file, read) = match input {
            Ok(input) => (input.name(), job.read(&input)),
            Err((name, error)) => (name, (Vec::new(), Err(error))),
        };
        let (resources, outcome) = read;
        files.push(FileRow {
            file,
            resources,
            error: outcome.err().map(|error| error.to_string()),
        });
    }
    if let Some(packages) = &packages {
        packages::warn(packages);
    }
    match args.format {
        TableFormat::Human => human(&files)?,
        TableFormat::Json => print_json(&Document {
            schema_version: SCHEMA_VERSION,
            expression: job.expression.to_string(),
            files: &files,
        })?,
    }
    let failed = |file: &FileRow| file.resources.iter().any(|row| row.error.is_some());
    Ok(if files.iter().any(|file| file.error.is_some()) {
        ExitCode::from(2)
    } else {
        ExitCode::from(u8::from(files.iter().any(failed)))
    })
}

/// The error below the line of the expression that it is in.
fn explained(text: &str, error: &ParseError) -> String {
    let line = usize::try_from(error.line()).unwrap_or(1).saturating_sub(1);
    let line = text.lines().nth(line).unwrap_or("");
    let column = usize::try_from(error.column()).unwrap_or(1);
    let (line, caret) = (printable(line), " ".repeat(column.saturating_sub(1)));
    let error = printable(&error.to_string());
    format!("healthcode: the expression: {error}\n  {line}\n  {caret}^\n")
}

#[derive(Serialize)]
struct Document<'f> {
    schema_version: u32,
    expression: String,
    files: &'f [FileRow],
}

#[derive(Serialize)]
struct FileRow {
    file: String,
    resources: Vec<ResourceRow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[derive(Serialize)]
struct ResourceRow {
    /// Which resource of the file it is, from 0.
    index: usize,
    #[serde(rename = "type")]
    type_name: &'static str,
    items: Vec<ItemRow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[derive(Serialize)]
struct ItemRow {
    #[serde(rename = "type")]
    type_name: String,
    /// Where in the resource it is; absent for what was computed, or is in another resource.
    path: Option<String>,
    pointer: Option<String>,
    value: Box<RawValue>,
}

struct Job<'a> {
    args: &'a FhirpathArgs,
    expression: Expression,
    profiles: ProfileSet,
    now: Option<Temporal>,
}

impl Job<'_> {
    /// The results of all resources that could be read, and whether that was all.
    fn read(&self, input: &Input) -> (Vec<ResourceRow>, io::Result<()>) {
        let mut rows = Vec::new();
        let outcome = self.each(input, &mut |resource| {
            rows.push(self.resource(rows.len(), resource));
        });
        (rows, outcome)
    }

    fn each(&self, input: &Input, work: &mut dyn FnMut(&AnyResource)) -> io::Result<()> {
        let Opened { kind, reader, .. } = input::open(input, &self.args.inputs, |reader| reader)?;
        let options = input::options(&self.args.inputs);
        if let Kind::Ndjson = kind {
            // A line that cannot be read does not keep the next ones from being read.
            let mut first = None;
            for line in NdjsonReader::<_, Resource>::new(reader, options) {
                match line {
                    Ok(read) => work(&AnyResource::R4(Box::new(read.value))),
                    Err(stream::Error::Io(error)) => return Err(error),
                    Err(error) => {
                        first.get_or_insert(error.to_string());
                    }
                }
            }
            return first.map_or(Ok(()), |error| Err(io::Error::other(error)));
        }
        let limit = self.args.inputs.resource_bytes();
        let mut text = Vec::new();
        reader
            .take(limit.saturating_add(1))
            .read_to_end(&mut text)?;
        let reader = Reader::new(self.args.inputs.fhir_version, options);
        work(&reader.read(&text).map_err(io::Error::other)?);
        Ok(())
    }

    fn resource(&self, index: usize, resource: &AnyResource) -> ResourceRow {
        let root = resource.as_element();
        let neighbours = BundleServices::of(root, &self.profiles);
        let (version, find) = resource.types();
        let mut environment = Environment::new(root)
            .services(&neighbours)
            .types(version, find)
            .strict(self.args.strict);
        if let Some(now) = self.now {
            environment = environment.now(now);
        }
        let (items, error) = match self.expression.evaluate(&environment) {
            Ok(found) => {
                let places = Places::find(root, found.iter().filter_map(Item::as_node).copied());
                let rows = found.iter().map(|item| row(item, &places));
                (rows.collect(), None)
            }
            Err(error) => (Vec::new(), Some(error.to_string())),
        };
        ResourceRow {
            index,
            type_name: root.schema().name,
            items,
            error,
        }
    }
}

fn row(item: &Item<'_>, places: &Places) -> ItemRow {
    let (namespace, name) = item.type_name();
    let place = item.as_node().and_then(|node| places.of(node));
    ItemRow {
        type_name: match namespace {
            "FHIR" => name.to_owned(),
            _ => format!("{namespace}.{name}"),
        },
        path: place.map(|(path, _)| path.to_owned()),
        pointer: place.map(|(_, pointer)| pointer.to_owned()),
        value: value(item),
    }
}

/// The item as JSON; a primitive without a value is null.
fn value(item: &Item<'_>) -> Box<RawValue> {
    let json = match item {
        Item::Node(node) => match (node.as_element(), node.value()) {
            (Some(element), _) => {
                let mut out = Vec::new();
                write_element(element, &mut out, None);
                String::from_utf8(out).unwrap_or_default()
            }
            (_, Some(ValueRef::Text(text))) => quoted(text),
            (_, Some(_)) => item.to_string(),
            (_, None) => "null".to_owned(),
        },
        Item::Boolean(_) | Item::Integer(_) | Item::Decimal(_) => item.to_string(),
        item => quoted(&item.to_string()),
    };
    // A number that was not one in the payload is shown as text.
    RawValue::from_string(json)
        .or_else(|_| RawValue::from_string(quoted(&item.to_string())))
        .unwrap_or_else(|_| RawValue::NULL.to_owned())
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn human(files: &[FileRow]) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    for file in files {
        let name = printable(&file.file);
        for resource in &file.resources {
            let count = match resource.items.len() {
                1 => "1 item".to_owned(),
                count => format!("{count} items"),
            };
            write!(out, "{name}")?;
            if file.resources.len() > 1 {
                write!(out, "[{}]", resource.index)?;
            }
            match &resource.error {
                None => writeln!(out, ": {}, {count}", resource.type_name)?,
                Some(error) => {
                    let error = printable(error);
                    writeln!(out, ": {}: error: {error}", resource.type_name)?;
                }
            }
            let place = |item: &ItemRow| item.path.clone().unwrap_or_else(|| "-".to_owned());
            let width = |of: &dyn Fn(&ItemRow) -> usize| resource.items.iter().map(of).max();
            let paths = width(&|item| place(item).chars().count()).unwrap_or(0);
            let types = width(&|item| item.type_name.len()).unwrap_or(0);
            for item in &resource.items {
                let path = printable(&place(item));
                let value = printable(item.value.get());
                writeln!(out, "  {path:paths$}  {:types$}  {value}", item.type_name)?;
            }
        }
        if let Some(error) = &file.error {
            writeln!(out, "{name}: cannot be read: {}", printable(error))?;
        }
    }
    out.flush()
}

/// Resolves references within a Bundle; any other relative reference is an empty resource of its type.
struct BundleServices<'a> {
    bundle: Option<&'a Bundle>,
    profiles: &'a ProfileSet,
    /// The resources of the Bundle by full URL, and by type and id, once they are requested.
    urls: OnceCell<HashMap<&'a str, &'a Resource>>,
    ids: OnceCell<HashMap<(&'a str, &'a str), &'a Resource>>,
}

impl<'a> BundleServices<'a> {
    fn of(resource: &'a dyn Element, profiles: &'a ProfileSet) -> Self {
        BundleServices {
            profiles,
            bundle: resource.downcast_ref(),
            urls: OnceCell::new(),
            ids: OnceCell::new(),
        }
    }

    fn by_url(&self, url: &str) -> Option<&'a Resource> {
        let urls = self.urls.get_or_init(|| {
            let entries = self.bundle.into_iter().flat_map(|bundle| &bundle.entry);
            // Of several the first counts.
            let entries = entries.rev();
            entries
                .filter_map(|entry| Some((entry.full_url.as_str()?, entry.resource.as_ref()?)))
                .collect()
        });
        urls.get(url).copied()
    }

    fn by_id(&self, type_name: &str, id: &str) -> Option<&'a Resource> {
        let ids = self.ids.get_or_init(|| {
            let entries = self.bundle.into_iter().flat_map(|bundle| &bundle.entry);
            let resources = entries.rev().filter_map(|entry| entry.resource.as_ref());
            resources
                .filter_map(|resource| {
                    Some(((resource.resource_type()?, resource.id()?), resource))
                })
                .collect()
        });
        ids.get(&(type_name, id)).copied()
    }
}

impl<'a> Services<'a> for BundleServices<'a> {
    fn resolve(&self, reference: &str, _: Option<&'a dyn Element>) -> Option<Resolved<'a>> {
        let plain = reference.split("/_history/").next().unwrap_or(reference);
        let mut parts = plain.rsplit('/');
        let (id, type_name) = (parts.next()?, parts.next());
        let relative = || match type_name {
            Some(type_name) if !plain.contains(':') => self.by_id(type_name, id),
            _ => None,
        };
        if let Some(resource) = self.by_url(plain).or_else(relative) {
            return Some(Resolved::Resource(resource.as_element()));
        }
        let schema = schema::find(type_name?).filter(|schema| schema.is_resource())?;
        Some(Resolved::Type(schema))
    }

    fn conforms_to(&self, element: &'a dyn Element, profile: &str) -> Option<bool> {
        self.profiles.conforms(element, profile)
    }

    fn member_of(&self, item: &Item<'a>, value_set: &str) -> Option<bool> {
        self.profiles.member_of(item, value_set)
    }

    fn subsumes(&self, general: &Item<'a>, special: &Item<'a>) -> Option<bool> {
        self.profiles.subsumes(general, special)
    }

    fn trace(&self, name: &str, items: &[Item<'a>]) {
        for item in items {
            let (name, item) = (printable(name), printable(value(item).get()));
            let _ = writeln!(io::stderr(), "{name}: {item}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_digits() {
        let item = Item::Decimal(healthcode_fhirpath::Decimal::new(100, 2));
        assert_eq!(value(&item).get(), "1.00");
        let bundle = Bundle::default();
        let node = Item::Node(healthcode_fhirpath::Node::root(&bundle));
        assert_eq!(value(&node).get(), r#"{"resourceType":"Bundle"}"#);
    }
}
