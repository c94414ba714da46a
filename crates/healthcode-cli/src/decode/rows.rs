//! What is shown of payloads, as plain data for both formats.

use healthcode_core::Issue;
use healthcode_extensions::codes::CodeSystem;
use healthcode_extensions::{
    Coded, DateOrder, ErrorCode, Item, OrganizationExtensions, Paging, PatientExtensions, Photo,
    PractitionerExtensions, PractitionerRoleExtensions, ServiceDate, Verdict, telecom_system,
};
use healthcode_r4::{
    CodeableConcept, HumanName, Organization, Patient, Practitioner, PractitionerRole, Primitive,
    Reference, ReferenceTarget, Str,
};
use healthcode_validate::ProfileSet;
use healthcode_validate::render::Summary;
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

/// What a resource that does not say its type is counted as.
pub(super) const UNTYPED: &str = "resource without a type";

/// What all inputs say.
#[derive(Default, Serialize)]
pub(super) struct View {
    pub(super) files: Vec<FileView>,
    pub(super) practitioners: Vec<PractitionerRow>,
    /// The roles whose practitioners are in no input.
    pub(super) roles: Vec<RoleRow>,
    pub(super) organizations: Vec<OrganizationRow>,
    pub(super) patients: Vec<PatientRow>,
}

impl View {
    /// Puts roles under their practitioners, by id; the first one of an id gets them.
    pub(super) fn join(&mut self) {
        let mut by_id = HashMap::new();
        for (index, row) in self.practitioners.iter().enumerate() {
            if let Some(id) = &row.id {
                by_id.entry(id.clone()).or_insert(index);
            }
        }
        for role in std::mem::take(&mut self.roles) {
            let found = role.practitioner_id.as_ref().and_then(|id| by_id.get(id));
            match found {
                Some(index) => self.practitioners[*index].roles.push(role),
                None => self.roles.push(role),
            }
        }
    }

    pub(super) fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        for file in &self.files {
            summary.files += 1;
            summary.unreadable += u64::from(file.error.is_some());
            for issue in &file.issues {
                summary.count(issue.severity);
            }
        }
        summary
    }
}

/// What one input says beside the rows of the tables.
#[derive(Default, Serialize)]
pub(super) struct FileView {
    pub(super) file: String,
    /// The entries of the Bundle, if it is one.
    #[serde(rename = "entries")]
    pub(super) bundle: Option<usize>,
    pub(super) paging: Option<PagingRow>,
    pub(super) photos: Vec<PhotoRow>,
    /// The issues of an OperationOutcome.
    pub(super) outcome: Vec<OutcomeRow>,
    /// Whether something failed, by an outcome.
    pub(super) failed: bool,
    /// Whether all succeeded, by all outcomes. Neither is set where only the HTTP status decides.
    pub(super) succeeded: bool,
    /// Resources of other types, which are not shown.
    pub(super) others: BTreeMap<String, u64>,
    #[serde(serialize_with = "issue_rows")]
    pub(super) issues: Vec<Issue>,
    /// Why it could not be read to its end.
    pub(super) error: Option<String>,
}

/// An issue, as `healthcode validate` writes it.
#[derive(Serialize)]
struct IssueRow<'i> {
    severity: &'static str,
    rule: &'static str,
    code: &'static str,
    path: Cow<'i, str>,
    pointer: Cow<'i, str>,
    line: Option<u64>,
    column: Option<u64>,
    offset: Option<u64>,
    message: String,
}

fn issue_rows<S: Serializer>(issues: &[Issue], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(issues.iter().map(|issue| IssueRow {
        severity: issue.severity.as_str(),
        rule: issue.rule.id,
        code: issue.rule.code,
        path: issue.shown_path(),
        pointer: issue.shown_pointer(),
        line: issue.position.map(|position| position.line),
        column: issue.position.map(|position| position.column),
        offset: issue.position.map(|position| position.offset),
        message: issue.message(),
    }))
}

#[derive(Serialize)]
pub(super) struct PagingRow {
    pub(super) page: Option<u64>,
    pub(super) count: Option<u64>,
    pub(super) all: Option<u64>,
    pub(super) in_page: Option<u64>,
    pub(super) pages: Option<u64>,
    pub(super) next_page: Option<u64>,
}

impl From<Paging> for PagingRow {
    fn from(paging: Paging) -> Self {
        PagingRow {
            page: paging.page,
            count: paging.count,
            all: paging.all,
            in_page: paging.in_page,
            pages: paging.pages(),
            next_page: paging.next_page(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct PhotoRow {
    pub(super) title: Option<String>,
    pub(super) mime: Option<&'static str>,
    pub(super) bytes: usize,
    pub(super) complete: bool,
    /// Where it was written.
    pub(super) file: Option<String>,
    /// Why it was not.
    pub(super) error: Option<String>,
}

impl From<&Photo> for PhotoRow {
    fn from(photo: &Photo) -> Self {
        PhotoRow {
            title: photo.title.clone(),
            mime: photo.mime,
            bytes: photo.bytes.len(),
            complete: photo.is_complete,
            file: None,
            error: None,
        }
    }
}

#[derive(Serialize)]
pub(super) struct OutcomeRow {
    pub(super) severity: Option<String>,
    pub(super) code: Option<String>,
    pub(super) errors: Vec<ErrorRow>,
    pub(super) diagnostics: Option<String>,
    pub(super) location: Vec<String>,
    /// What the outcome that it is of says.
    #[serde(skip)]
    pub(super) verdict: Verdict,
}

/// A machine code, and the HTTP status that it is documented for.
#[derive(Serialize)]
pub(super) struct ErrorRow {
    pub(super) code: String,
    pub(super) http_status: Option<u16>,
}

impl From<ErrorCode> for ErrorRow {
    fn from(code: ErrorCode) -> Self {
        ErrorRow {
            code: code.to_string(),
            http_status: code.http_status(),
        }
    }
}

/// A code and what to show for it.
#[derive(Serialize)]
pub(super) struct Code {
    pub(super) code: String,
    pub(super) display: Option<String>,
}

/// What codes are called: as the payload has it, as it is documented, or as the code systems of packages do.
#[derive(Clone, Copy)]
pub(super) struct Names<'p>(pub(super) &'p ProfileSet);

impl Names<'_> {
    fn coded<C: CodeSystem>(self, coded: &Coded<C>) -> Code {
        self.code(&coded.code, coded.display.as_deref())
    }

    fn code<C: CodeSystem>(self, code: &C, display: Option<&str>) -> Code {
        let display = display.or_else(|| code.display());
        let display = display.or_else(|| self.0.display_of(C::SYSTEM, code.as_str()));
        Code {
            code: code.as_str().to_owned(),
            display: display.map(str::to_owned),
        }
    }

    fn item<C: CodeSystem>(self, item: &Option<Item<Coded<C>>>) -> Option<Code> {
        item.as_ref().map(|item| self.coded(item))
    }

    /// The text of a concept, or what its codes are called.
    fn label(self, concept: &CodeableConcept) -> Option<String> {
        let codings = || concept.coding.iter();
        let own = concept.text.as_str();
        let own = own.or_else(|| codings().find_map(|coding| coding.display.as_str()));
        let own = own.or_else(|| {
            codings().find_map(|coding| {
                let system = coding.system.as_str()?;
                self.0.display_of(system, coding.code.as_str()?)
            })
        });
        own.or_else(|| concept.label()).map(str::to_owned)
    }
}

#[derive(Serialize)]
pub(super) struct PractitionerRow {
    pub(super) id: Option<String>,
    pub(super) name: String,
    /// In FHIR's form if it could be read, else as it was written.
    pub(super) birth_date: Option<String>,
    pub(super) telecom: Vec<TelecomRow>,
    pub(super) indemnity_status: Option<String>,
    pub(super) online_booking: Option<bool>,
    pub(super) professions: Vec<ProfessionRow>,
    pub(super) registrations: Vec<RegistrationRow>,
    pub(super) insurers: Vec<InsurerRow>,
    pub(super) roles: Vec<RoleRow>,
}

#[derive(Serialize)]
pub(super) struct TelecomRow {
    pub(super) system: Option<String>,
    pub(super) value: Option<String>,
}

#[derive(Serialize)]
pub(super) struct ProfessionRow {
    pub(super) profession: Option<Code>,
    pub(super) specialty: Option<Code>,
    pub(super) subspecialty: Option<Code>,
}

#[derive(Serialize)]
pub(super) struct RegistrationRow {
    pub(super) body: Option<Code>,
    pub(super) reference: Option<String>,
    /// In FHIR's form if it could be read, else as it was written.
    pub(super) date: Option<String>,
}

#[derive(Serialize)]
pub(super) struct InsurerRow {
    pub(super) insurer: Option<Code>,
    pub(super) provider_code: Option<String>,
    pub(super) status: Option<Code>,
}

#[derive(Serialize)]
pub(super) struct RoleRow {
    pub(super) id: Option<String>,
    pub(super) practitioner_id: Option<String>,
    pub(super) practitioner: Option<String>,
    pub(super) specialties: Vec<String>,
    pub(super) locations: Vec<String>,
    pub(super) ages_treated: Vec<Code>,
}

#[derive(Serialize)]
pub(super) struct OrganizationRow {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) logo_link: Option<String>,
    pub(super) last_updated: Option<String>,
}

#[derive(Serialize)]
pub(super) struct PatientRow {
    pub(super) id: Option<String>,
    pub(super) name: String,
    pub(super) insurer: Option<Code>,
    pub(super) registration_id: Option<String>,
    pub(super) authorization_number: Option<String>,
}

pub(super) fn practitioner(
    practitioner: &Practitioner,
    view: &PractitionerExtensions,
    order: DateOrder,
    names: Names<'_>,
) -> PractitionerRow {
    PractitionerRow {
        id: practitioner.id.as_str().map(str::to_owned),
        name: name(&practitioner.name),
        birth_date: practitioner
            .birth_date
            .value()
            .map(|birth| date(&ServiceDate::from(birth), order)),
        telecom: practitioner
            .telecom
            .iter()
            .map(|point| TelecomRow {
                system: telecom_system(point).map(|system| system.to_string()),
                value: point.value.as_str().map(str::to_owned),
            })
            .collect(),
        indemnity_status: view.indemnity_status.as_ref().map(|item| item.to_string()),
        online_booking: view.online_booking.as_deref().copied(),
        professions: view
            .professions
            .iter()
            .map(|group| ProfessionRow {
                profession: names.item(&group.profession),
                specialty: names.item(&group.specialty),
                subspecialty: names.item(&group.subspecialty),
            })
            .collect(),
        registrations: view
            .registrations
            .iter()
            .map(|group| RegistrationRow {
                body: names.item(&group.body),
                reference: text(&group.reference),
                date: group.date.as_ref().map(|item| date(item, order)),
            })
            .collect(),
        insurers: view
            .insurers
            .iter()
            .map(|group| InsurerRow {
                insurer: names.item(&group.insurer),
                provider_code: text(&group.provider_code),
                status: names.item(&group.status),
            })
            .collect(),
        roles: Vec::new(),
    }
}

pub(super) fn role(
    role: &PractitionerRole,
    view: &PractitionerRoleExtensions,
    names: Names<'_>,
) -> RoleRow {
    let target = role.practitioner.as_deref().and_then(Reference::target);
    let practitioner_id = match target {
        Some(ReferenceTarget::Relative {
            resource_type: "Practitioner",
            id,
        }) => Some(id.to_owned()),
        _ => None,
    };
    RoleRow {
        id: role.id.as_str().map(str::to_owned),
        practitioner_id,
        practitioner: role.practitioner.as_deref().and_then(shown),
        specialties: role
            .specialty
            .iter()
            .filter_map(|code| names.label(code))
            .collect(),
        locations: role.location.iter().filter_map(shown).collect(),
        ages_treated: view
            .ages_treated
            .iter()
            .map(|item| names.coded(item))
            .collect(),
    }
}

pub(super) fn organization(
    organization: &Organization,
    view: &OrganizationExtensions,
) -> OrganizationRow {
    OrganizationRow {
        id: organization.id.as_str().map(str::to_owned),
        name: organization.name.as_str().map(str::to_owned),
        logo_link: text(&view.logo_link),
        last_updated: None,
    }
}

pub(super) fn patient(patient: &Patient, view: &PatientExtensions, names: Names<'_>) -> PatientRow {
    let insurer = view.insurer.as_deref();
    PatientRow {
        id: patient.id.as_str().map(str::to_owned),
        name: name(&patient.name),
        insurer: insurer.map(|insurer| names.code(insurer, None)),
        registration_id: text(&view.registration_id),
        authorization_number: text(&view.authorization_number),
    }
}

/// The texts of a repeating primitive.
pub(super) fn texts(list: &[Primitive<Str>]) -> Vec<String> {
    let texts = list.iter().filter_map(|text| text.as_str());
    texts.map(str::to_owned).collect()
}

fn name(names: &[HumanName]) -> String {
    names.first().map(HumanName::display).unwrap_or_default()
}

fn shown(reference: &Reference) -> Option<String> {
    let display = reference.display.as_str();
    display.or(reference.reference.as_str()).map(str::to_owned)
}

fn text(item: &Option<Item<Str>>) -> Option<String> {
    item.as_ref().map(|item| item.as_str().to_owned())
}

fn date(date: &ServiceDate, order: DateOrder) -> String {
    date.to_date(order)
        .map_or_else(|_| date.to_string(), |date| date.to_string())
}
