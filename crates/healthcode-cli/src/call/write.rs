//! `call create`, `update`, `patch`, `delete` and `post`: what changes something, or may.

mod closed;

use super::endpoint::system_of;
use super::input::{Inputs, numbers, parse};
use super::plan::{Plan, Result};
use super::service::{NhsService, Service, unfit};
use crate::args::call::word::Source;
use crate::args::call::{
    AccountArgs, Creatable, CreateArgs, DeleteArgs, PatchArgs, PostArgs, System, UpdateArgs,
};
use healthcode_json::from_slice;
use healthcode_r4::Resource;
use healthcode_search::{Endpoint, Method, ParameterLocation};
use healthcode_transport::healthcode::HealthcodeClient;
use healthcode_transport::nhs::superseded_by;
use healthcode_transport::{Call, Error, ErrorKind, Head, Idempotency, JsonBody};
use healthcode_uk::NhsNumber;
use http::header::IF_MATCH;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

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
    pub(super) fn plan(&self, inputs: &mut Inputs, dry: bool) -> Result<Plan<Write>> {
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
        Ok(Plan::of(System::Nhs, account, write))
    }

    fn listed(
        &self,
        endpoint: &'static Endpoint,
        account: AccountArgs,
        inputs: &mut Inputs,
    ) -> Result<Plan<Write>> {
        let system = system_of(endpoint, &account)?;
        if (endpoint.method, endpoint.parameter_location) != (Method::Post, ParameterLocation::None)
        {
            let name = endpoint.name;
            return Err(format!("{name} is not allowed here: it takes no resource").into());
        }
        let resource = resource(inputs, &self.body, endpoint)?;
        let write = Write::Create(endpoint, Box::new(resource));
        Ok(Plan::of_endpoint(endpoint, system, account, write))
    }
}

impl UpdateArgs {
    pub(super) fn plan(&self, inputs: &mut Inputs) -> Result<Plan<Write>> {
        let endpoint = self.endpoint;
        let account = restricted(self.restricted);
        written_system(endpoint, &account)?;
        let id = inputs.line(&self.id, "ID")?;
        let resource = Box::new(resource(inputs, &self.body, endpoint)?);
        let version = self.if_match.as_deref().map(tag);
        let write = Write::Update(endpoint, id, resource, version);
        let system = System::Healthcode;
        Ok(Plan::of_endpoint(endpoint, system, account, write))
    }
}

impl DeleteArgs {
    pub(super) fn plan(&self, inputs: &mut Inputs) -> Result<Plan<Write>> {
        let endpoint = self.endpoint;
        let account = restricted(self.restricted);
        written_system(endpoint, &account)?;
        let id = inputs.line(&self.id, "ID")?;
        let version = self.if_match.as_deref().map(tag);
        let write = Write::Delete(endpoint, id, version);
        let system = System::Healthcode;
        Ok(Plan::of_endpoint(endpoint, system, account, write))
    }
}

impl PatchArgs {
    pub(super) fn plan(&self, inputs: &mut Inputs, dry: bool) -> Result<Plan<Write>> {
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
        let write = Write::Patch(number, operations, version);
        Ok(Plan::of(System::Nhs, account, write))
    }
}

impl PostArgs {
    pub(super) fn plan(&self, inputs: &mut Inputs) -> Result<Plan<Post>> {
        let path = inputs.line(&self.path, "PATH")?;
        let body = inputs.json::<Box<RawValue>>(&self.body)?.into();
        let account = AccountArgs {
            product: self.product.clone(),
            ..AccountArgs::default()
        };
        let post = Post { path, body };
        Ok(Plan::of(System::Graphnet, account, post))
    }
}

fn restricted(restricted: bool) -> AccountArgs {
    AccountArgs {
        restricted,
        ..AccountArgs::default()
    }
}

/// That an endpoint's resources are replaced and deleted.
fn written_system(endpoint: &Endpoint, account: &AccountArgs) -> Result<()> {
    let name = endpoint.name;
    match system_of(endpoint, account)? {
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
    let read = from_slice::<Resource>(&inputs.fhir(body)?);
    let read = read.map_err(|error| format!("{file}: {error}"))?;
    let found = read.value.resource_type();
    match (found, endpoint.resource) {
        (None, _) => Err(format!("{file}: not a resource of FHIR R4").into()),
        (Some(found), Some(expected)) if found != expected => Err(format!(
            "{file}: invalid body of {name}: expected a {expected}; found a {found}"
        )
        .into()),
        _ => Ok(read.value),
    }
}

/// A resource of this type, as it is written, and its values.
fn written(inputs: &mut Inputs, body: &Source, expected: &str) -> Result<(JsonBody, Value)> {
    let bytes = inputs.fhir(body)?;
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
    if text.bytes().all(|c| c.is_ascii_digit()) {
        format!("W/\"{text}\"")
    } else {
        text.to_owned()
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
        return Err(Error::new(ErrorKind::Answer(
            "the records were merged and the patient has another NHS number: nothing was changed",
        )));
    }
    etag(&reply.head)
}

fn etag(head: &Head) -> std::result::Result<String, Error> {
    let tag = head.etag().map(str::to_owned);
    let missing = ErrorKind::Answer("the answer has no ETag: give the version by --if-match");
    tag.ok_or_else(|| Error::new(missing))
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
