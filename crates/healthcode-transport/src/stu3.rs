//! [`Stu3`]: a resource of FHIR STU3, as raw JSON with what is common typed.

use crate::body;
use crate::call::{Call, FHIR_JSON, outcome};
use crate::error::{Error, ErrorKind};
use crate::reply::Head;
use bytes::Bytes;
use healthcode_core::Checked;
use http::header::ACCEPT;
use serde_json::Value;

/// A resource of FHIR STU3: its JSON, whole, with what is common to resources and Bundles typed.
///
/// Graphnet's payloads and those of GP Connect are STU3 (CareConnect), which this workspace has no
/// model of.
///
/// ```
/// use healthcode_transport::Stu3;
/// let bundle = Stu3::read(br#"{"resourceType": "Bundle", "total": 1, "entry": [
///     {"resource": {"resourceType": "Patient", "id": "p1", "identifier": [
///         {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9000000009"}]}}]}"#).unwrap();
/// let patient = bundle.resources().next().unwrap();
/// assert_eq!((patient.resource_type(), patient.id()), ("Patient", Some("p1")));
/// let number = patient.identifier("https://fhir.nhs.uk/Id/nhs-number");
/// assert_eq!(number, Some("9000000009"));
/// assert_eq!((bundle.total(), bundle.next_link()), (Some(1), None));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Stu3(Value);

impl Stu3 {
    /// Reads a resource; `None` if the text is no JSON object with a resource's type.
    #[must_use]
    pub fn read(json: &[u8]) -> Option<Self> {
        Self::from_json(serde_json::from_slice(json).ok()?)
    }

    /// A resource from JSON; `None` if it is no object with a resource's type.
    #[must_use]
    pub fn from_json(json: Value) -> Option<Self> {
        let is = json.get("resourceType").is_some_and(Value::is_string);
        is.then_some(Stu3(json))
    }

    /// The JSON.
    #[must_use]
    pub fn as_json(&self) -> &Value {
        &self.0
    }

    /// The JSON.
    #[must_use]
    pub fn into_json(self) -> Value {
        self.0
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// The type of resource.
    #[must_use]
    pub fn resource_type(&self) -> &str {
        self.text("resourceType").unwrap_or_default()
    }

    /// The id.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.text("id")
    }

    /// The version.
    #[must_use]
    pub fn version_id(&self) -> Option<&str> {
        self.0.pointer("/meta/versionId")?.as_str()
    }

    /// The profiles that it says it keeps to.
    pub fn profiles(&self) -> impl Iterator<Item = &str> {
        list(&self.0, "/meta/profile").filter_map(Value::as_str)
    }

    /// The tags, as system and code: Graphnet's say whose tenancy it is.
    pub fn tags(&self) -> impl Iterator<Item = (Option<&str>, Option<&str>)> {
        list(&self.0, "/meta/tag").map(|tag| {
            let text = |name| tag.get(name).and_then(Value::as_str);
            (text("system"), text("code"))
        })
    }

    /// The value of the first identifier with this system.
    #[must_use]
    pub fn identifier(&self, system: &str) -> Option<&str> {
        let mut all = list(&self.0, "/identifier");
        let found = all
            .find(|identifier| identifier.get("system").and_then(Value::as_str) == Some(system))?;
        found.get("value")?.as_str()
    }

    /// The resources of a Bundle's entries.
    pub fn resources(&self) -> impl Iterator<Item = Stu3> {
        let entries = list(&self.0, "/entry").filter_map(|entry| entry.get("resource"));
        entries.filter_map(|resource| Stu3::from_json(resource.clone()))
    }

    /// How many matches a Bundle says there are.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.0.get("total")?.as_u64()
    }

    /// Where the Bundle's next page is.
    #[must_use]
    pub fn next_link(&self) -> Option<&str> {
        let mut links = list(&self.0, "/link");
        let next = links.find(|link| {
            link.get("relation")
                .is_some_and(|relation| relation == "next")
        })?;
        next.get("url")?.as_str()
    }
}

fn list<'a>(json: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> {
    let items = json.pointer(pointer).and_then(Value::as_array);
    items.into_iter().flatten()
}

impl Call<Stu3> {
    /// A GET of a resource of STU3; an OperationOutcome in its place is an error, whatever the
    /// status. XML is read by the definitions of R4: elements that R4 lacks are issues of the reply.
    ///
    /// # Errors
    /// If the address is no URL.
    pub fn stu3(name: &'static str, address: &str) -> Result<Self, Error> {
        Call::new(name, address, parse)?.with_text_header(ACCEPT, FHIR_JSON)
    }
}

fn parse(head: &Head, body: &Bytes) -> Result<Checked<Stu3>, ErrorKind> {
    let json = body::json(body).ok_or(ErrorKind::Body)?;
    let resource = Stu3::read(&json.value).ok_or(ErrorKind::Body)?;
    if resource.resource_type() == "OperationOutcome" && outcome(head, body).is_some() {
        Err(ErrorKind::Outcome)
    } else {
        Ok(Checked::new(resource, json.issues))
    }
}
