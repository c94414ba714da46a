//! [`Target`]: what the arguments ask for, if it may be called.

use super::args::CallArgs;
use super::closed;
use super::environment::System;
use super::words::{Words, bytes, number};
use crate::query::assemble;
use healthcode_json::from_slice;
use healthcode_r4::Resource;
use healthcode_search::{
    Audience, Carriage, ENDPOINTS, Endpoint, Method, Query, QueryError, Scope,
};
use healthcode_transport::JsonBody;
use healthcode_transport::nhs::Chosen;
use healthcode_uk::{Asid, InteractionId, NhsNumber, OdsCode, PartyKey};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What is called.
pub(super) enum Target {
    /// A search.
    Search(Query),
    /// What stands below an endpoint.
    Read(&'static Endpoint, Vec<String>),
    /// A new resource.
    Create(&'static Endpoint, Box<Resource>),
    /// A resource in place of the one with this id, if that has this version.
    Update(&'static Endpoint, String, Box<Resource>, Option<String>),
    /// No resource in place of the one with this id.
    Delete(&'static Endpoint, String, Option<String>),
    /// A patient, or who is related to one.
    Patient { number: NhsNumber, related: bool },
    /// Operations on a version of a patient.
    Patch(NhsNumber, JsonBody, String),
    /// JSON to a CareCentric API.
    Post(String, JsonBody),
    /// A call of a provider through the Spine's proxy.
    Spine(Box<SpineCall>),
    /// A token, and nothing else.
    Token,
}

/// What is asked of a provider, and who asks.
pub(super) struct SpineCall {
    pub(super) interaction: InteractionId,
    pub(super) provider: Provider,
    pub(super) path: String,
    pub(super) body: Option<JsonBody>,
    /// Claims of the unsigned token, but for its times.
    pub(super) claims: Map<String, Value>,
}

/// Whose the service is.
pub(super) enum Provider {
    /// An organisation's: the directory has the address.
    Of(OdsCode, Chosen),
    /// The service root and the ASID, as the directory has them.
    At(String, Asid),
}

/// Why nothing can be called.
pub(super) enum Wrong {
    Query(QueryError),
    Other(String),
}

impl From<QueryError> for Wrong {
    fn from(error: QueryError) -> Self {
        Wrong::Query(error)
    }
}

impl From<String> for Wrong {
    fn from(text: String) -> Self {
        Wrong::Other(text)
    }
}

impl From<&str> for Wrong {
    fn from(text: &str) -> Self {
        Wrong::Other(text.to_owned())
    }
}

type Result<T> = std::result::Result<T, Wrong>;

/// What is called, of which system, and the discovery key of its address.
pub(super) struct Plan {
    pub(super) system: System,
    pub(super) key: &'static str,
    pub(super) target: Target,
}

/// What the arguments ask for, if it may be called.
pub(super) fn plan(args: &CallArgs) -> Result<Plan> {
    let stdin = |path: &Option<String>| path.as_deref() == Some("-");
    let words = args.words.iter().filter(|it| *it == "-").count();
    if words + usize::from(stdin(&args.body)) + usize::from(stdin(&args.claims)) > 1 {
        return Err("standard input is read once".into());
    }
    let words = Words::read(&args.words)?;
    let plan = |system, target| Plan {
        system,
        key: "",
        target,
    };
    let plan = match args.endpoint.as_str() {
        "healthcode-token" => plan(System::Healthcode, token(args, &words)?),
        "nhs-token" => plan(System::Nhs, token(args, &words)?),
        "graphnet-token" => plan(System::Graphnet, token(args, &words)?),
        "graphnet-api" => plan(System::Graphnet, post(args, words)?),
        "ssp" => plan(System::Nhs, spine(args, words)?),
        _ => endpoint(args, &words)?,
    };
    fitting(args, &plan)?;
    Ok(plan)
}

/// That no option is there which would be passed over.
fn fitting(args: &CallArgs, plan: &Plan) -> Result<()> {
    let target = &plan.target;
    let bodied = matches!(
        target,
        Target::Create(..)
            | Target::Update(..)
            | Target::Patch(..)
            | Target::Post(..)
            | Target::Spine(_)
    );
    let versioned = matches!(
        target,
        Target::Update(..) | Target::Patch(..) | Target::Delete(..)
    );
    let as_user = plan.system == System::Nhs && !matches!(target, Target::Spine(_));
    let name = &args.endpoint;
    for (given, right, why) in [
        (args.body.is_some(), bodied, "takes no --body"),
        (
            args.if_match.is_some(),
            versioned,
            "takes no --if-match, which is for --update and --delete",
        ),
        (args.update || args.delete, versioned, "is not written"),
        (
            args.as_user,
            as_user,
            "takes no --as-user, which is for the NHS's platform",
        ),
        (
            args.product.is_some(),
            plan.system == System::Graphnet,
            "takes no --product, which is for Graphnet",
        ),
        (
            args.claims.is_some(),
            matches!(target, Target::Spine(_)),
            "takes no --claims, which is for ssp",
        ),
    ] {
        if given && !right {
            return Err(format!("{name} {why}").into());
        }
    }
    Ok(())
}

fn token(args: &CallArgs, words: &Words) -> Result<Target> {
    match words.is_empty() {
        true => Ok(Target::Token),
        false => Err(format!("{} takes no parameters", args.endpoint).into()),
    }
}

/// JSON of a file: as values, or as it is written.
fn json<T: DeserializeOwned>(path: Option<&String>) -> Result<Option<T>> {
    let Some(path) = path else { return Ok(None) };
    parse(path, &bytes(path)?).map(Some)
}

fn parse<'a, T: Deserialize<'a>>(path: &str, json: &'a [u8]) -> Result<T> {
    let read = serde_json::from_slice(json);
    let json = read.map_err(|error| {
        format!(
            "{path}: line {}, column {}: no JSON",
            error.line(),
            error.column()
        )
    })?;
    Ok(json)
}

/// JSON that is sent as it is written, digits of decimals included.
fn body(path: Option<&String>) -> Result<Option<JsonBody>> {
    let written = json::<Box<RawValue>>(path)?;
    Ok(written.map(JsonBody::from))
}

fn post(args: &CallArgs, words: Words) -> Result<Target> {
    let body = body(args.body.as_ref())?.ok_or("graphnet-api takes JSON: --body FILE has it")?;
    match (words.steps.as_slice(), words.parameters.is_empty()) {
        ([path], true) => Ok(Target::Post(path.clone(), body)),
        _ => Err("graphnet-api takes one word: the path below the base".into()),
    }
}

fn spine(args: &CallArgs, mut words: Words) -> Result<Target> {
    let needed = |value: Option<String>, name: &str| {
        value.ok_or_else(|| format!("ssp takes {name}=VALUE: healthcode help call"))
    };
    let interaction = needed(words.take("interaction")?, "interaction")?;
    let path = needed(words.take("path")?, "path")?;
    let unfit = |name: &'static str| move |_| Wrong::from(format!("{name} is none"));
    let found = (
        words.take("organization")?,
        words.take("root")?,
        words.take("to")?,
        words.take("party-key")?,
    );
    let provider = match found {
        (Some(code), None, to, party_key) => {
            if args.dry_run.is_some() {
                return Err(
                    "the directory tells the address and the ASID, and --dry-run asks nobody: give \
                     root=URL and to=ASID in place of organization=CODE"
                        .into(),
                );
            }
            let mut chosen = Chosen::default();
            if let Some(asid) = to {
                chosen = chosen.asid(Asid::parse(&asid).map_err(unfit("to"))?);
            }
            if let Some(key) = party_key {
                chosen = chosen.party_key(PartyKey::parse(&key).map_err(unfit("party-key"))?);
            }
            let code = OdsCode::parse(&code).map_err(unfit("organization"))?;
            Provider::Of(code, chosen)
        }
        (None, Some(root), Some(to), None) => {
            Provider::At(root, Asid::parse(&to).map_err(unfit("to"))?)
        }
        _ => {
            return Err(
                "ssp takes organization=CODE, whose service the directory finds, with party-key=KEY \
                 and to=ASID where it has several; or root=URL and to=ASID"
                    .into(),
            );
        }
    };
    if !words.is_empty() {
        return Err(
            "ssp takes interaction, path, and organization or root and to; healthcode help call"
                .into(),
        );
    }
    let claims =
        json::<Value>(args.claims.as_ref())?.ok_or("ssp takes --claims FILE: who asks, and why")?;
    Ok(Target::Spine(Box::new(SpineCall {
        interaction: InteractionId::parse(&interaction).map_err(unfit("interaction"))?,
        provider,
        path,
        body: body(args.body.as_ref())?,
        claims: known(claims)?,
    })))
}

/// Claims that say who asks, without times.
fn known(claims: Value) -> Result<Map<String, Value>> {
    let Value::Object(claims) = claims else {
        return Err("--claims: the file is no JSON object".into());
    };
    for name in ["iat", "exp"] {
        if claims.contains_key(name) {
            return Err(
                format!("--claims: {name} is set anew for each request: leave it out").into(),
            );
        }
    }
    for name in ["iss", "sub", "reason_for_request"] {
        if !claims.get(name).is_some_and(Value::is_string) {
            return Err(format!("--claims: {name} is missing").into());
        }
    }
    match claims.contains_key("requested_scope") == claims.contains_key("scope") {
        true => {
            Err("--claims: either requested_scope (GP Connect) or scope (Spine Core, NRL)".into())
        }
        false => Ok(claims),
    }
}

fn endpoint(args: &CallArgs, words: &Words) -> Result<Plan> {
    let Scope::Endpoint(endpoint) = Scope::named(&args.endpoint)? else {
        return Err(format!(
            "{} is a type of resource; healthcode query endpoints lists what can be called",
            args.endpoint
        )
        .into());
    };
    if endpoint.audience == Audience::Restricted && !args.restricted {
        return Err(restricted(endpoint).into());
    }
    let name = endpoint.name;
    let system = System::of(endpoint);
    let system = system.ok_or_else(|| format!("{name} is of no service that is called"))?;
    let target = match system {
        System::Healthcode => healthcode(args, endpoint, words)?,
        _ if words.steps.is_empty() && !args.update && !args.delete => {
            Target::Search(assemble(name, &words.parameters)?)
        }
        _ if !words.parameters.is_empty() => {
            return Err("parameters search, and a word without = reads: not both at once".into());
        }
        System::Nhs if name == "pds-patient" => patient(args, words)?,
        System::Nhs => return Err(format!("{name} reads nothing by id").into()),
        System::Graphnet => match words.steps.as_slice() {
            [_] if !args.update && !args.delete => Target::Read(endpoint, words.steps.clone()),
            [_] => return Err(format!("{name} is only read: no writes are offered").into()),
            _ => return Err(format!("{name} takes one id").into()),
        },
    };
    Ok(Plan {
        system,
        key: endpoint.discovery_key.unwrap_or_default(),
        target,
    })
}

fn healthcode(args: &CallArgs, endpoint: &'static Endpoint, words: &Words) -> Result<Target> {
    let name = endpoint.name;
    let (steps, searches) = (&words.steps, endpoint.carriage != Carriage::None);
    if args.update || args.delete {
        let ([id], true) = (steps.as_slice(), words.parameters.is_empty()) else {
            return Err("--update and --delete take one word: the id of the resource".into());
        };
        let tag = args.if_match.as_deref().map(tag);
        return Ok(match args.update {
            true => {
                let resource = resource(args, endpoint)?;
                Target::Update(endpoint, id.clone(), Box::new(resource), tag)
            }
            false => Target::Delete(endpoint, id.clone(), tag),
        });
    }
    match (steps.is_empty(), words.parameters.is_empty()) {
        (false, false) if searches => {
            Err("parameters search, and a word without = reads: not both at once".into())
        }
        (true, _) if searches => Ok(Target::Search(assemble(name, &words.parameters)?)),
        (false, _) if endpoint.carriage == Carriage::Form => {
            Err(format!("{name} reads nothing by id").into())
        }
        (_, false) => Err(format!(
            "{name} takes no parameters; a word without = is a step of the address"
        )
        .into()),
        (true, true) if endpoint.method == Method::Post => Ok(Target::Create(
            endpoint,
            Box::new(resource(args, endpoint)?),
        )),
        _ => Ok(Target::Read(endpoint, steps.clone())),
    }
}

/// The resource that is sent.
fn resource(args: &CallArgs, endpoint: &Endpoint) -> Result<Resource> {
    let name = endpoint.name;
    let path = args
        .body
        .as_ref()
        .ok_or_else(|| format!("{name} takes a resource: --body FILE has it"))?;
    let read = from_slice::<Resource>(&bytes(path)?);
    let read = read.map_err(|error| format!("{path}: {error}"))?;
    let found = read.value.resource_type();
    match (found, endpoint.resource) {
        (None, _) => Err(format!("{path}: no resource of FHIR R4").into()),
        (Some(found), Some(expected)) if found != expected => {
            Err(format!("{path}: {name} takes a {expected}, not a {found}").into())
        }
        _ => Ok(read.value),
    }
}

fn patient(args: &CallArgs, words: &Words) -> Result<Target> {
    let (text, related) = match words.steps.as_slice() {
        [number] => (number, false),
        [number, step] if step == "RelatedPerson" => (number, true),
        _ => return Err("pds-patient takes an NHS number, and RelatedPerson after it".into()),
    };
    let number = number(text).ok_or("the word is no NHS number")?;
    if args.delete || (args.update && related) {
        return Err("PDS changes patients, and deletes nothing".into());
    }
    if !args.update {
        return Ok(Target::Patient { number, related });
    }
    let path = args.body.as_ref();
    let path = path.ok_or("--update takes --body FILE: operations of JSON Patch")?;
    let operations = operations(path, &bytes(path)?)?;
    let needed = "--update takes --if-match: the version of the patient, as meta.versionId has it";
    let tag = tag(args.if_match.as_deref().ok_or(needed)?);
    Ok(Target::Patch(number, operations, tag))
}

/// The operations of a patch, as they are written.
fn operations(path: &str, json: &[u8]) -> Result<JsonBody> {
    let whole = parse::<&RawValue>(path, json)?;
    let written = match parse::<BTreeMap<String, &RawValue>>(path, json) {
        Ok(members) => members.get("patches").copied(),
        Err(_) => Some(whole),
    };
    let list = |it: &'_ RawValue| serde_json::from_str::<Vec<Box<RawValue>>>(it.get()).ok();
    let found = written.and_then(|it| Some((it, list(it).filter(|it| !it.is_empty())?)));
    let (written, operations) =
        found.ok_or("--body: the file has no array of operations, as it is or in patches")?;
    for (number, operation) in operations.iter().enumerate() {
        // What has numbers that only text can hold is sent unlooked at.
        let operation = serde_json::from_str(operation.get()).unwrap_or_default();
        if let Some((path, list)) = closed::unlisted(&operation) {
            let words = list.join(", ");
            return Err(format!(
                "--body: operation {}: invalid value of {}: expected one of {words}",
                number + 1,
                path.replace("/*/", ".")
            )
            .into());
        }
    }
    Ok(written.into())
}

/// A version as it goes into `If-Match`; a number alone is one.
fn tag(text: &str) -> String {
    match text.bytes().all(|it| it.is_ascii_digit()) {
        true => format!("W/\"{text}\""),
        false => text.to_owned(),
    }
}

/// Why a reserved endpoint is not called, and what to call in its place.
fn restricted(endpoint: &Endpoint) -> String {
    let name = endpoint.name;
    let public = ENDPOINTS.iter().find(|it| {
        it.audience == Audience::Public
            && it.discovery_key.is_some()
            && it.discovery_key == endpoint.discovery_key
    });
    let instead = public.map_or_else(String::new, |it| {
        format!("; {} is the public call of the same address", it.name)
    });
    format!(
        "{name} is documented as reserved for Healthcode's own products: external integrators must \
         not use it{instead}. Whoever may use it says --restricted"
    )
}
