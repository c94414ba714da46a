//! `call create`, `update`, `patch`, `delete` and `post`: what changes something, or may.

mod closed;

use super::endpoint::{AccountArgs, listed, system_of};
use super::environment::System;
use super::input::{Inputs, Quiet, Source, Word, numbers, parse, source, word};
use super::service::{NhsService, Service, unfit};
use super::target::{Plan, Result, Target};
use clap::Args;
use healthcode_json::from_slice;
use healthcode_r4::Resource;
use healthcode_search::{Endpoint, Method, ParameterLocation};
use healthcode_transport::healthcode::HealthcodeClient;
use healthcode_transport::nhs::superseded_by;
use healthcode_transport::{Call, Error, Head, Idempotency, JsonBody};
use healthcode_uk::NhsNumber;
use http::header::IF_MATCH;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

#[derive(Debug, Args)]
pub(super) struct CreateArgs {
    /// The endpoint: one that takes a resource, pds-patient, pds-birth-details (the Bundle of a birth
    /// notification) or pds-coverage
    #[arg(value_name = "ENDPOINT", value_parser = Quiet(creatable))]
    endpoint: Creatable,
    /// The resource: a file, or - for standard input
    #[arg(long, value_name = "FILE", value_parser = Quiet(source))]
    body: Source,
    /// For pds-coverage: create only if the coverage that is there still has this version; without it,
    /// the version is read first
    #[arg(long, value_name = "VERSION")]
    if_match: Option<String>,
    /// Call the NHS for a user who has signed in: their id token is exchanged
    #[arg(long)]
    as_user: bool,
    /// Call also what is reserved for Healthcode's own products
    #[arg(long)]
    restricted: bool,
}

#[derive(Debug, Args)]
pub(super) struct UpdateArgs {
    /// The endpoint of Healthcode
    #[arg(value_name = "ENDPOINT", value_parser = Quiet(listed))]
    endpoint: &'static Endpoint,
    /// The resource's id; - takes it from standard input, @FILE from a file
    #[arg(value_name = "ID", value_parser = Quiet(word))]
    id: Word,
    /// The resource: a file, or - for standard input
    #[arg(long, value_name = "FILE", value_parser = Quiet(source))]
    body: Source,
    /// Write only if the version is still this one: an ETag, or the number of meta.versionId
    #[arg(long, value_name = "VERSION")]
    if_match: Option<String>,
    /// Call also what is reserved for Healthcode's own products
    #[arg(long)]
    restricted: bool,
}

#[derive(Debug, Args)]
pub(super) struct DeleteArgs {
    /// The endpoint of Healthcode
    #[arg(value_name = "ENDPOINT", value_parser = Quiet(listed))]
    endpoint: &'static Endpoint,
    /// The resource's id; - takes it from standard input, @FILE from a file
    #[arg(value_name = "ID", value_parser = Quiet(word))]
    id: Word,
    /// Delete only if the version is still this one: an ETag, or the number of meta.versionId
    #[arg(long, value_name = "VERSION")]
    if_match: Option<String>,
    /// Call also what is reserved for Healthcode's own products
    #[arg(long)]
    restricted: bool,
}

#[derive(Debug, Args)]
pub(super) struct PatchArgs {
    /// The endpoint
    #[arg(value_name = "ENDPOINT", value_parser = ["pds-patient"])]
    endpoint: String,
    /// Where the NHS number is: - (a line of standard input) or @FILE
    #[arg(value_name = "NUMBER", value_parser = Quiet(word))]
    number: Word,
    /// The operations of JSON Patch, as an array or in the member patches: a file, or - for standard
    /// input
    #[arg(long, value_name = "FILE", value_parser = Quiet(source))]
    body: Source,
    /// Change the patient only if the version is still this one: an ETag, or the number of
    /// meta.versionId; without it, the version is read first, and what changed before that is not seen
    #[arg(long, value_name = "VERSION")]
    if_match: Option<String>,
    /// Call the NHS for a user who has signed in: their id token is exchanged
    #[arg(long)]
    as_user: bool,
}

#[derive(Debug, Args)]
pub(super) struct PostArgs {
    /// The path below the base of the APIs
    #[arg(value_name = "PATH", value_parser = Quiet(word))]
    path: Word,
    /// The JSON: a file, or - for standard input
    #[arg(long, value_name = "FILE", value_parser = Quiet(source))]
    body: Source,
    /// The product of Graphnet whose subscription key is sent
    #[arg(long, value_name = "NAME")]
    product: Option<String>,
}

/// An endpoint that takes a new resource.
#[derive(Clone, Copy, Debug)]
enum Creatable {
    Listed(&'static Endpoint),
    Patient,
    BirthDetails,
    Coverage,
}

fn creatable(name: &str) -> std::result::Result<Creatable, String> {
    Ok(match name {
        "pds-patient" => Creatable::Patient,
        "pds-birth-details" => Creatable::BirthDetails,
        "pds-coverage" => Creatable::Coverage,
        _ => Creatable::Listed(listed(name)?),
    })
}

/// What is written. Versions are those of `If-Match`.
pub(super) enum Write {
    Create(&'static Endpoint, Box<Resource>),
    /// A resource in place of the one with this id.
    Update(&'static Endpoint, String, Box<Resource>, Option<String>),
    Delete(&'static Endpoint, String, Option<String>),
    /// Operations on a patient.
    Patch(NhsNumber, JsonBody, Option<String>),
    Patient(JsonBody),
    BirthDetails(JsonBody),
    /// Coverage of a patient.
    Coverage(NhsNumber, JsonBody, Option<String>),
}

/// JSON to a path of the CareCentric APIs.
pub(super) struct Post {
    path: String,
    body: JsonBody,
}

impl CreateArgs {
    pub(super) fn plan(&self, inputs: &mut Inputs, dry: bool) -> Result<Plan> {
        let account = AccountArgs {
            as_user: self.as_user,
            restricted: self.restricted,
            product: None,
        };
        if self.if_match.is_some() && !matches!(self.endpoint, Creatable::Coverage) {
            return Err("--if-match is not allowed here: only pds-coverage has a version".into());
        }
        let mut sent = |expected: &str| written(inputs, &self.body, expected);
        let write = match self.endpoint {
            Creatable::Listed(endpoint) => return self.listed(endpoint, account, inputs),
            Creatable::Patient => Write::Patient(sent("Patient")?.0),
            Creatable::BirthDetails => Write::BirthDetails(sent("Bundle")?.0),
            Creatable::Coverage => {
                let (body, json) = sent("Coverage")?;
                let version = version(self.if_match.as_deref(), dry)?;
                let number = json.pointer("/subscriber/identifier/value");
                let number = number.and_then(Value::as_str).unwrap_or_default();
                let number = NhsNumber::parse(number).map_err(
                    |_| "--body: invalid subscriber.identifier.value: expected an NHS number",
                )?;
                Write::Coverage(number, body, version)
            }
        };
        account.check(System::Nhs)?;
        Ok(Plan::of(System::Nhs, Target::Write(write)).account(account))
    }

    fn listed(
        &self,
        endpoint: &'static Endpoint,
        account: AccountArgs,
        inputs: &mut Inputs,
    ) -> Result<Plan> {
        let system = system_of(endpoint, &account)?;
        if (endpoint.method, endpoint.parameter_location) != (Method::Post, ParameterLocation::None)
        {
            let name = endpoint.name;
            return Err(format!("{name} is not allowed here: it takes no resource").into());
        }
        let resource = resource(inputs, &self.body, endpoint)?;
        let target = Target::Write(Write::Create(endpoint, Box::new(resource)));
        Ok(Plan::of_endpoint(endpoint, system, target).account(account))
    }
}

impl UpdateArgs {
    pub(super) fn plan(&self, inputs: &mut Inputs) -> Result<Plan> {
        let endpoint = self.endpoint;
        written_system(endpoint, self.restricted)?;
        let id = inputs.line(&self.id, "ID")?;
        let resource = Box::new(resource(inputs, &self.body, endpoint)?);
        let version = self.if_match.as_deref().map(tag);
        let target = Target::Write(Write::Update(endpoint, id, resource, version));
        let plan = Plan::of_endpoint(endpoint, System::Healthcode, target);
        Ok(plan.account(restricted(self.restricted)))
    }
}

impl DeleteArgs {
    pub(super) fn plan(&self, inputs: &mut Inputs) -> Result<Plan> {
        let endpoint = self.endpoint;
        written_system(endpoint, self.restricted)?;
        let id = inputs.line(&self.id, "ID")?;
        let version = self.if_match.as_deref().map(tag);
        let target = Target::Write(Write::Delete(endpoint, id, version));
        let plan = Plan::of_endpoint(endpoint, System::Healthcode, target);
        Ok(plan.account(restricted(self.restricted)))
    }
}

impl PatchArgs {
    pub(super) fn plan(&self, inputs: &mut Inputs, dry: bool) -> Result<Plan> {
        let lines = inputs.lines(std::slice::from_ref(&self.number))?;
        let operations = operations(&self.body, &inputs.bytes(&self.body)?)?;
        let mut numbers = numbers(&lines)?;
        let (Some(number), true) = (numbers.pop(), numbers.is_empty()) else {
            return Err("invalid NUMBER: expected one line".into());
        };
        let version = version(self.if_match.as_deref(), dry)?;
        let account = AccountArgs {
            as_user: self.as_user,
            ..AccountArgs::default()
        };
        let target = Target::Write(Write::Patch(number, operations, version));
        Ok(Plan::of(System::Nhs, target).account(account))
    }
}

impl PostArgs {
    pub(super) fn plan(&self, inputs: &mut Inputs) -> Result<Plan> {
        let path = inputs.line(&self.path, "PATH")?;
        let body = inputs.json::<Box<RawValue>>(&self.body)?.into();
        let account = AccountArgs {
            product: self.product.clone(),
            ..AccountArgs::default()
        };
        let target = Target::Post(Post { path, body });
        Ok(Plan::of(System::Graphnet, target).account(account))
    }
}

fn restricted(restricted: bool) -> AccountArgs {
    AccountArgs {
        restricted,
        ..AccountArgs::default()
    }
}

/// That an endpoint's resources are replaced and deleted.
fn written_system(endpoint: &'static Endpoint, allowed: bool) -> Result<()> {
    let name = endpoint.name;
    match system_of(endpoint, &restricted(allowed))? {
        System::Healthcode => Ok(()),
        System::Nhs if name == "pds-patient" => Err(
            "pds-patient is not allowed here: PDS replaces and deletes nothing; call patch changes \
             a patient"
                .into(),
        ),
        _ => Err(format!("{name} is not allowed here: it is only read").into()),
    }
}

/// The resource that is sent.
fn resource(inputs: &mut Inputs, body: &Source, endpoint: &Endpoint) -> Result<Resource> {
    let (name, file) = (endpoint.name, body.name());
    let read = from_slice::<Resource>(&inputs.bytes(body)?);
    let read = read.map_err(|error| format!("{file}: {error}"))?;
    let found = read.value.resource_type();
    match (found, endpoint.resource) {
        (None, _) => Err(format!("{file}: not a resource of FHIR R4").into()),
        (Some(found), Some(expected)) if found != expected => {
            Err(format!("{file}: {name} takes a {expected}, not a {found}").into())
        }
        _ => Ok(read.value),
    }
}

/// A resource of this type, as it is written, and its values.
fn written(inputs: &mut Inputs, body: &Source, expected: &str) -> Result<(JsonBody, Value)> {
    let bytes = inputs.bytes(body)?;
    let text = parse::<&RawValue>(body, &bytes)?;
    // Numbers may have more digits than a value can hold: only the text is sent.
    let json: Value = serde_json::from_str(text.get()).unwrap_or_default();
    match json.get("resourceType").and_then(Value::as_str) {
        Some(found) if found == expected => Ok((text.into(), json)),
        _ => Err(format!("{}: invalid body: expected a {expected}", body.name()).into()),
    }
}

/// The operations of a patch, as they are written.
fn operations(body: &Source, json: &[u8]) -> Result<JsonBody> {
    let whole = parse::<&RawValue>(body, json)?;
    let written = match parse::<BTreeMap<String, &RawValue>>(body, json) {
        Ok(members) => members.get("patches").copied(),
        Err(_) => Some(whole),
    };
    let list = |text: &'_ RawValue| serde_json::from_str::<Vec<Box<RawValue>>>(text.get()).ok();
    let found = written.and_then(|text| {
        let operations = list(text).filter(|operations| !operations.is_empty())?;
        Some((text, operations))
    });
    let (written, operations) =
        found.ok_or("--body: invalid patch: expected an array of operations, or one in patches")?;
    for (index, operation) in operations.iter().enumerate() {
        // What has numbers that only text can hold is sent unchecked.
        let operation = serde_json::from_str(operation.get()).unwrap_or_default();
        if let Some((path, values)) = closed::unlisted(&operation) {
            let values = values.join(", ");
            return Err(format!(
                "--body: operation {}: invalid value of {}: expected one of {values}",
                index + 1,
                path.replace("/*/", ".")
            )
            .into());
        }
    }
    Ok(written.into())
}

/// The version for `If-Match`, if it is given; else it is read first, which a dry run cannot.
fn version(given: Option<&str>, dry: bool) -> Result<Option<String>> {
    match given {
        Some(text) => Ok(Some(tag(text))),
        None if dry => Err("missing --if-match: --dry-run reads no version".into()),
        None => Ok(None),
    }
}

/// A version as it goes into `If-Match`; a number alone is one.
fn tag(text: &str) -> String {
    match text.bytes().all(|c| c.is_ascii_digit()) {
        true => format!("W/\"{text}\""),
        false => text.to_owned(),
    }
}

impl Write {
    /// Sends it.
    ///
    /// # Errors
    /// If the call failed.
    pub(super) async fn send(&self, service: &Service) -> std::result::Result<(), Error> {
        match service {
            Service::Healthcode(healthcode) => self.to_healthcode(&healthcode.client).await,
            Service::Nhs(nhs) => self.to_pds(nhs).await,
            Service::Graphnet(_) => Err(other_system()),
        }
    }

    async fn to_healthcode(&self, client: &HealthcodeClient) -> std::result::Result<(), Error> {
        let discovery = client.discovery().await?;
        let service = client.service();
        match self {
            Write::Create(endpoint, resource) => {
                client.create(endpoint, &**resource).await.map(drop)
            }
            Write::Update(endpoint, id, resource, version) => {
                let call = service.update(&discovery, endpoint, id, &**resource)?;
                let call = versioned(call, version.as_deref())?;
                client.send(&call).await.map(drop)
            }
            Write::Delete(endpoint, id, version) => {
                let call = service.delete(&discovery, endpoint, id)?;
                let call = versioned(call, version.as_deref())?;
                client.send(&call).await.map(drop)
            }
            _ => Err(other_system()),
        }
    }

    async fn to_pds(&self, nhs: &NhsService) -> std::result::Result<(), Error> {
        let (client, pds) = (&nhs.signed, &nhs.pds);
        match self {
            Write::Patch(number, operations, version) => {
                let version = match version {
                    Some(version) => version.clone(),
                    None => patient_version(nhs, number).await?,
                };
                let call = pds.update(number, &version, operations.clone())?;
                client.send(&call).await.map(drop)
            }
            Write::Patient(patient) => client.send(&pds.create(patient.clone())?).await.map(drop),
            Write::BirthDetails(birth) => {
                let call = pds.create_from_birth(birth.clone())?;
                client.send(&call).await.map(drop)
            }
            Write::Coverage(number, coverage, version) => {
                let version = match version {
                    Some(version) => version.clone(),
                    None => etag(&client.send(&pds.coverage(number)?).await?.head)?,
                };
                let call = pds.add_coverage(&version, coverage.clone())?;
                client.send(&call).await.map(drop)
            }
            _ => Err(other_system()),
        }
    }
}

fn other_system() -> Error {
    unfit("the endpoint is not of the environment's system")
}

/// The version of a patient who has this number still.
async fn patient_version(
    nhs: &NhsService,
    number: &NhsNumber,
) -> std::result::Result<String, Error> {
    let reply = nhs.signed.send(&nhs.pds.read(number)?).await?;
    if superseded_by(number, &reply.value).is_some() {
        return Err(unfit(
            "the records were merged and the patient has another NHS number: nothing was changed",
        ));
    }
    etag(&reply.head)
}

fn etag(head: &Head) -> std::result::Result<String, Error> {
    let tag = head.etag().map(str::to_owned);
    tag.ok_or_else(|| unfit("the answer has no ETag: give the version by --if-match"))
}

fn versioned<T>(call: Call<T>, version: Option<&str>) -> std::result::Result<Call<T>, Error> {
    match version {
        Some(version) => call.with_text_header(IF_MATCH, version),
        None => Ok(call),
    }
}

impl Post {
    /// Sends it.
    ///
    /// # Errors
    /// If the call failed.
    pub(super) async fn send(&self, service: &Service) -> std::result::Result<(), Error> {
        let Service::Graphnet(graphnet) = service else {
            return Err(other_system());
        };
        let client = &graphnet.client;
        // Whether it changes something is not known.
        let (path, body) = (&self.path, self.body.clone());
        let call =
            client
                .service()
                .post(&graphnet.product, path, body, Idempotency::NotIdempotent)?;
        client.client().send(&call).await.map(drop)
    }
}
