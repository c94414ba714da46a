//! `healthcode decode`.

mod human;
mod json;
mod photos;
mod rows;

use crate::args::{DateOrderArg, DecodeArgs, FhirVersionArg, TableFormat};
use crate::input::{self, Input, Opened};
use crate::packages;
use healthcode_core::{Issue, Path, Step, rules};
use healthcode_extensions::{
    DateOrder, DecodeOptions, HasExtensions, Paging, Photo, Verdict, error_codes,
};
use healthcode_json::ReadOptions;
use healthcode_json::stream::{self, BundleReader, Kind, NdjsonReader};
use healthcode_r4::{
    Bundle, BundleEntry, OperationOutcome, Organization, Parameters, Patient, Practitioner,
    PractitionerRole, Resource,
};
use healthcode_validate::ProfileSet;
use healthcode_xml::either;
use photos::Photos;
use rows::{FileView, Names, OutcomeRow, PhotoRow, View};
use std::io::{self, Read};
use std::process::ExitCode;

pub(crate) fn run(args: &DecodeArgs) -> io::Result<ExitCode> {
    let order = match args.date_order {
        DateOrderArg::DayFirst => DateOrder::DayFirst,
        DateOrderArg::MonthFirst => DateOrder::MonthFirst,
    };
    if !matches!(
        args.inputs.fhir_version,
        FhirVersionArg::Auto | FhirVersionArg::R4
    ) {
        return Err(io::Error::other(
            "this --fhir-version is not allowed here: decode reads R4, which Healthcode's extensions are for",
        ));
    }
    let packages = packages::load_with_settings(&args.packages)?;
    let mut job = Job {
        args,
        profiles: packages::profiles(packages.as_ref()),
        decoding: DecodeOptions::new().date_order(order),
        photos: Photos::new(args.photo_dir.as_deref()),
        view: View::default(),
        file: FileView::default(),
    };
    for input in input::expand(&args.inputs.paths, &args.inputs.exclude) {
        let (name, outcome) = match input {
            Ok(input) => {
                job.file.file = input.name();
                (input.name(), job.decode(&input))
            }
            Err((name, error)) => (name, Err(error)),
        };
        let mut file = std::mem::take(&mut job.file);
        file.file = name;
        file.error = outcome.err().map(|error| error.to_string());
        job.view.files.push(file);
    }
    if let Some(packages) = &packages {
        packages::warn(packages);
    }
    let mut view = job.view;
    view.join();
    match args.format {
        TableFormat::Human => human::print(&view, args.color)?,
        TableFormat::Json => json::print(&view)?,
    }
    let unwritten = |file: &FileView| file.photos.iter().any(|photo| photo.error.is_some());
    Ok(
        if view
            .files
            .iter()
            .any(|file| file.error.is_some() || unwritten(file))
        {
            ExitCode::from(2)
        } else {
            ExitCode::from(u8::from(view.summary().errors > 0))
        },
    )
}

/// The code at the beginning of `Bundle.entry.response.status`: `201 Created`.
fn http_status(text: &str) -> Option<u16> {
    text.split_ascii_whitespace().next()?.parse().ok()
}

/// The work on all inputs.
struct Job<'a> {
    args: &'a DecodeArgs,
    /// The names of codes.
    profiles: ProfileSet,
    decoding: DecodeOptions,
    photos: Photos<'a>,
    view: View,
    /// What is known of the input that is being read.
    file: FileView,
}

impl Job<'_> {
    fn decode(&mut self, input: &Input) -> io::Result<()> {
        let Opened { kind, reader, .. } = input::open(input, &self.args.inputs, |reader| reader)?;
        let options = input::options(&self.args.inputs);
        match kind {
            Kind::Bundle => self.entries(BundleReader::new(reader, options)),
            Kind::Ndjson => self.lines(NdjsonReader::new(reader, options)),
            _ => self.document(reader, options),
        }
    }

    fn document(&mut self, reader: impl Read, options: ReadOptions) -> io::Result<()> {
        let limit = self.args.inputs.resource_bytes().saturating_add(1);
        let mut text = Vec::new();
        reader.take(limit).read_to_end(&mut text)?;
        match either::read::<Resource>(&text, &options) {
            Err(error) => self.file.issues.push(error.into_issue()),
            Ok(mut read) => {
                read.issues.retain(|issue| issue.rule == &rules::JSON_BOM);
                self.file.issues.append(&mut read.issues);
                let mut issues = self.resource(&read.value);
                either::locate(&text, &mut issues, false);
                self.file.issues.append(&mut issues);
            }
        }
        Ok(())
    }

    fn lines(&mut self, mut lines: NdjsonReader<Box<dyn Read>, Resource>) -> io::Result<()> {
        while let Some(line) = lines.next() {
            match line {
                Err(error) => self.unread(error)?,
                Ok(read) => {
                    let mut issues = self.resource(&read.value);
                    lines.locate_in_last_line(&mut issues, false);
                    self.file.issues.append(&mut issues);
                }
            }
        }
        Ok(())
    }

    fn entries(&mut self, mut entries: BundleReader<Box<dyn Read>, BundleEntry>) -> io::Result<()> {
        let mut broken = false;
        while let Some(entry) = entries.next() {
            match entry {
                Err(error) => {
                    broken = true;
                    self.unread(error)?;
                }
                Ok(read) => {
                    let path = format!("Bundle.entry[{}]", entries.entry_count() - 1);
                    let pointer = format!("/entry/{}", entries.entry_count() - 1);
                    let mut issues = self.entry(&read.value, &Path::with_root(&path, &pointer));
                    entries.locate_in_last_entry(&mut issues, false);
                    self.file.issues.append(&mut issues);
                }
            }
        }
        let count = entries.entry_count();
        match entries.finish_with(|bundle| self.bundle(bundle, count), false) {
            Ok(mut read) => self.file.issues.append(&mut read.issues),
            // What is broken has been reported.
            Err(stream::Error::Json(_)) if broken => {}
            Err(error) => self.unread(error)?,
        }
        Ok(())
    }

    /// Reports what cannot be read.
    fn unread(&mut self, error: stream::Error) -> io::Result<()> {
        match error {
            stream::Error::Io(error) => return Err(error),
            stream::Error::Json(error) => self.file.issues.push(error.into_issue()),
            error => return Err(io::Error::other(error.to_string())),
        }
        Ok(())
    }

    /// Shows a resource; `status` is that of the answer that it came with, if that is known.
    fn resource_at(
        &mut self,
        resource: &Resource,
        path: &Path<'_>,
        status: Option<u16>,
    ) -> Vec<Issue> {
        let options = &self.decoding;
        let names = Names(&self.profiles);
        if let Some(practitioner) = resource.get::<Practitioner>() {
            let decoded = practitioner.decode_extensions_at(path, options);
            let row = rows::practitioner(practitioner, &decoded.value, options.date_order, names);
            self.view.practitioners.push(row);
            decoded.issues
        } else if let Some(role) = resource.get::<PractitionerRole>() {
            let decoded = role.decode_extensions_at(path, options);
            self.view
                .roles
                .push(rows::role(role, &decoded.value, names));
            decoded.issues
        } else if let Some(organization) = resource.get::<Organization>() {
            let decoded = organization.decode_extensions_at(path, options);
            let row = rows::organization(organization, &decoded.value);
            self.view.organizations.push(row);
            decoded.issues
        } else if let Some(patient) = resource.get::<Patient>() {
            let decoded = patient.decode_extensions_at(path, options);
            self.view
                .patients
                .push(rows::patient(patient, &decoded.value, names));
            decoded.issues
        } else if let Some(outcome) = resource.get::<OperationOutcome>() {
            self.outcome(outcome, status);
            Vec::new()
        } else if let Some(parameters) = resource.get::<Parameters>()
            && parameters
                .parameter
                .iter()
                .any(|parameter| parameter.name == *"photo")
        {
            let decoded = Photo::decode_at(parameters, path);
            let mut row = PhotoRow::from(&decoded.value);
            if !decoded.value.bytes.is_empty() {
                match self.photos.write(&decoded.value) {
                    Ok(file) => row.file = file,
                    Err(error) => row.error = Some(error.to_string()),
                }
            }
            self.file.photos.push(row);
            decoded.issues
        } else {
            let name = resource.resource_type().unwrap_or(rows::UNTYPED);
            *self.file.others.entry(name.to_owned()).or_default() += 1;
            Vec::new()
        }
    }

    fn outcome(&mut self, outcome: &OperationOutcome, status: Option<u16>) {
        let verdict = Verdict::of(outcome, status);
        let issues = outcome.issue.iter().map(|issue| OutcomeRow {
            severity: issue.severity.as_str().map(str::to_owned),
            code: issue.code.as_str().map(str::to_owned),
            errors: error_codes(issue).map(Into::into).collect(),
            diagnostics: issue.diagnostics.as_str().map(str::to_owned),
            location: rows::texts(&issue.location),
            verdict,
        });
        let first = self.file.outcome.is_empty();
        self.file.outcome.extend(issues);
        self.file.failed |= verdict == Verdict::Failed;
        self.file.succeeded = (first || self.file.succeeded) && verdict == Verdict::Succeeded;
    }

    fn resource(&mut self, resource: &Resource) -> Vec<Issue> {
        let root = Path::root(resource.resource_type().unwrap_or_default());
        self.resource_at(resource, &root, None)
    }

    fn entry(&mut self, entry: &BundleEntry, path: &Path<'_>) -> Vec<Issue> {
        let decoded = entry.decode_extensions_at(path, &self.decoding);
        let mut issues = decoded.issues;
        let response = entry.response.as_deref();
        let status = response.and_then(|response| http_status(response.status.as_str()?));
        if let Some(outcome) = response.and_then(|response| response.outcome.as_ref()?.get()) {
            self.outcome(outcome, status);
        }
        if let Some(resource) = &entry.resource {
            let before = self.view.organizations.len();
            let place = path.child(Step::field("resource"));
            issues.append(&mut self.resource_at(resource, &place, status));
            if let Some(row) = self.view.organizations.get_mut(before) {
                row.last_updated = decoded.value.last_updated.map(|item| item.to_string());
            }
        }
        issues
    }

    fn bundle(&mut self, bundle: &Bundle, entries: usize) -> Vec<Issue> {
        let decoded = Paging::decode_at(bundle, &Path::root("Bundle"), entries);
        self.file.bundle = Some(entries);
        let paging = (decoded.value != Paging::default()).then_some(decoded.value);
        self.file.paging = paging.map(Into::into);
        decoded.issues
    }
}
