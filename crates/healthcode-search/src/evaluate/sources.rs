//! Where the values of R4's common search parameters are, by hand.
//!
//! A path names elements below the resource, `a.b`; `|` joins several. `value:Quantity` is a choice of
//! that type, `telecom[email]` those of that `system`.

/// The path of a parameter's values in a type of resource.
pub(super) fn path(resource: &str, name: &str) -> Option<&'static str> {
    let find = |rows: &'static [(&str, &str)]| rows.iter().find(|row| row.0 == name);
    let own = ROWS.iter().find(|row| row.0 == resource);
    let row = own.and_then(|row| find(row.1)).or_else(|| find(SHARED))?;
    Some(row.1)
}

type Rows = &'static [(&'static str, &'static str)];

const SHARED: Rows = &[
    ("_id", "id"),
    ("_lastUpdated", "meta.lastUpdated"),
    ("_profile", "meta.profile"),
    ("_security", "meta.security"),
    ("_source", "meta.source"),
    ("_tag", "meta.tag"),
    ("identifier", "identifier"),
];

#[rustfmt::skip]
const ROWS: &[(&str, Rows)] = &[
    ("AllergyIntolerance", &[
        ("asserter", "asserter"), ("category", "category"), ("clinical-status", "clinicalStatus"),
        ("code", "code|reaction.substance"), ("criticality", "criticality"), ("date", "recordedDate"),
        ("last-date", "lastOccurrence"), ("manifestation", "reaction.manifestation"), ("patient", "patient"),
        ("recorder", "recorder"), ("severity", "reaction.severity"), ("type", "type"),
        ("verification-status", "verificationStatus"),
    ]),
    ("Appointment", &[
        ("actor", "participant.actor"), ("appointment-type", "appointmentType"), ("date", "start"),
        ("location", "participant.actor"), ("part-status", "participant.status"), ("patient", "participant.actor"),
        ("practitioner", "participant.actor"), ("service-type", "serviceType"), ("slot", "slot"),
        ("specialty", "specialty"), ("status", "status"),
    ]),
    ("Bundle", &[("timestamp", "timestamp"), ("type", "type")]),
    ("ChargeItem", &[
        ("account", "account"), ("code", "code"), ("entered-date", "enteredDate"), ("factor-override", "factorOverride"),
        ("patient", "subject"), ("quantity", "quantity"), ("subject", "subject"),
    ]),
    ("Condition", &[
        ("abatement-date", "abatement:dateTime|abatement:Period"), ("asserter", "asserter"), ("body-site", "bodySite"),
        ("category", "category"), ("clinical-status", "clinicalStatus"), ("code", "code"), ("encounter", "encounter"),
        ("onset-date", "onset:dateTime|onset:Period"), ("onset-info", "onset:string"), ("patient", "subject"),
        ("recorded-date", "recordedDate"), ("severity", "severity"), ("subject", "subject"),
        ("verification-status", "verificationStatus"),
    ]),
    ("Coverage", &[
        ("beneficiary", "beneficiary"), ("dependent", "dependent"), ("patient", "beneficiary"), ("payor", "payor"),
        ("policy-holder", "policyHolder"), ("status", "status"), ("subscriber", "subscriber"), ("type", "type"),
    ]),
    ("Device", &[
        ("device-name", "deviceName.name|type.coding.display|type.text"), ("location", "location"),
        ("manufacturer", "manufacturer"), ("model", "modelNumber"), ("organization", "owner"), ("patient", "patient"),
        ("status", "status"), ("type", "type"), ("url", "url"),
    ]),
    ("DiagnosticReport", &[
        ("based-on", "basedOn"), ("category", "category"), ("code", "code"), ("conclusion", "conclusionCode"),
        ("date", "effective"), ("encounter", "encounter"), ("issued", "issued"), ("patient", "subject"),
        ("performer", "performer"), ("result", "result"), ("status", "status"), ("subject", "subject"),
    ]),
    ("DocumentReference", &[
        ("author", "author"), ("category", "category"), ("contenttype", "content.attachment.contentType"),
        ("custodian", "custodian"), ("date", "date"), ("description", "description"),
        ("encounter", "context.encounter"), ("identifier", "masterIdentifier|identifier"),
        ("location", "content.attachment.url"), ("patient", "subject"), ("period", "context.period"),
        ("status", "status"), ("subject", "subject"), ("type", "type"),
    ]),
    ("Encounter", &[
        ("appointment", "appointment"), ("class", "class"), ("date", "period"), ("diagnosis", "diagnosis.condition"),
        ("length", "length"), ("location", "location.location"), ("participant", "participant.individual"),
        ("patient", "subject"), ("practitioner", "participant.individual"), ("reason-code", "reasonCode"),
        ("service-provider", "serviceProvider"), ("status", "status"), ("subject", "subject"), ("type", "type"),
    ]),
    ("Endpoint", &[
        ("connection-type", "connectionType"), ("name", "name"), ("organization", "managingOrganization"),
        ("payload-type", "payloadType"), ("status", "status"),
    ]),
    ("HealthcareService", &[
        ("active", "active"), ("location", "location"), ("name", "name"), ("organization", "providedBy"),
        ("service-category", "category"), ("service-type", "type"), ("specialty", "specialty"),
    ]),
    ("Immunization", &[
        ("date", "occurrence:dateTime"), ("location", "location"), ("lot-number", "lotNumber"), ("patient", "patient"),
        ("performer", "performer.actor"), ("status", "status"), ("target-disease", "protocolApplied.targetDisease"),
        ("vaccine-code", "vaccineCode"),
    ]),
    ("Location", &[
        ("address", "address"), ("address-city", "address.city"), ("address-country", "address.country"),
        ("address-postalcode", "address.postalCode"), ("address-state", "address.state"), ("address-use", "address.use"),
        ("name", "name|alias"), ("operational-status", "operationalStatus"), ("organization", "managingOrganization"),
        ("partof", "partOf"), ("status", "status"), ("type", "type"),
    ]),
    ("MedicationRequest", &[
        ("authoredon", "authoredOn"), ("category", "category"), ("code", "medication:CodeableConcept"),
        ("date", "dosageInstruction.timing.event"), ("encounter", "encounter"), ("intent", "intent"),
        ("medication", "medication:Reference"), ("patient", "subject"), ("priority", "priority"),
        ("requester", "requester"), ("status", "status"), ("subject", "subject"),
    ]),
    ("MedicationStatement", &[
        ("category", "category"), ("code", "medication:CodeableConcept"), ("context", "context"),
        ("effective", "effective"), ("medication", "medication:Reference"), ("patient", "subject"),
        ("source", "informationSource"), ("status", "status"), ("subject", "subject"),
    ]),
    ("Observation", &[
        ("based-on", "basedOn"), ("category", "category"), ("code", "code"), ("combo-code", "code|component.code"),
        ("combo-value-quantity", "value:Quantity|component.value:Quantity"), ("component-code", "component.code"),
        ("component-value-quantity", "component.value:Quantity"), ("data-absent-reason", "dataAbsentReason"),
        ("date", "effective"), ("device", "device"), ("encounter", "encounter"), ("has-member", "hasMember"),
        ("method", "method"), ("patient", "subject"), ("performer", "performer"), ("specimen", "specimen"),
        ("status", "status"), ("subject", "subject"), ("value-concept", "value:CodeableConcept"),
        ("value-date", "value:dateTime|value:Period"), ("value-quantity", "value:Quantity"),
        ("value-string", "value:string|value:CodeableConcept.text"),
    ]),
    ("Organization", &[
        ("active", "active"), ("address", "address"), ("address-city", "address.city"),
        ("address-country", "address.country"), ("address-postalcode", "address.postalCode"),
        ("address-state", "address.state"), ("address-use", "address.use"), ("name", "name|alias"),
        ("partof", "partOf"), ("type", "type"),
    ]),
    ("Patient", &[
        ("active", "active"), ("address", "address"), ("address-city", "address.city"),
        ("address-country", "address.country"), ("address-postalcode", "address.postalCode"),
        ("address-state", "address.state"), ("address-use", "address.use"), ("birthdate", "birthDate"),
        ("death-date", "deceased:dateTime"), ("email", "telecom[email]"), ("family", "name.family"),
        ("gender", "gender"), ("general-practitioner", "generalPractitioner"), ("given", "name.given"),
        ("language", "communication.language"), ("link", "link.other"), ("name", "name"),
        ("organization", "managingOrganization"), ("phone", "telecom[phone]"), ("telecom", "telecom"),
    ]),
    ("Practitioner", &[
        ("active", "active"), ("address", "address"), ("address-city", "address.city"),
        ("address-country", "address.country"), ("address-postalcode", "address.postalCode"),
        ("address-state", "address.state"), ("address-use", "address.use"), ("communication", "communication"),
        ("email", "telecom[email]"), ("family", "name.family"), ("gender", "gender"), ("given", "name.given"),
        ("name", "name"), ("phone", "telecom[phone]"), ("telecom", "telecom"),
    ]),
    ("PractitionerRole", &[
        ("active", "active"), ("date", "period"), ("email", "telecom[email]"), ("endpoint", "endpoint"),
        ("location", "location"), ("organization", "organization"), ("phone", "telecom[phone]"),
        ("practitioner", "practitioner"), ("role", "code"), ("service", "healthcareService"),
        ("specialty", "specialty"), ("telecom", "telecom"),
    ]),
    ("Procedure", &[
        ("based-on", "basedOn"), ("category", "category"), ("code", "code"), ("date", "performed:dateTime|performed:Period"),
        ("encounter", "encounter"), ("instantiates-uri", "instantiatesUri"), ("location", "location"),
        ("patient", "subject"), ("performer", "performer.actor"), ("reason-code", "reasonCode"), ("status", "status"),
        ("subject", "subject"),
    ]),
    ("RiskAssessment", &[
        ("condition", "condition"), ("date", "occurrence:dateTime"), ("patient", "subject"),
        ("performer", "performer"), ("probability", "prediction.probability:decimal"),
        ("risk", "prediction.qualitativeRisk"), ("subject", "subject"),
    ]),
    ("Schedule", &[
        ("active", "active"), ("actor", "actor"), ("date", "planningHorizon"), ("service-type", "serviceType"),
        ("specialty", "specialty"),
    ]),
    ("Slot", &[
        ("schedule", "schedule"), ("service-type", "serviceType"), ("specialty", "specialty"), ("start", "start"),
        ("status", "status"),
    ]),
    ("ValueSet", &[
        ("code", "expansion.contains.code|compose.include.concept.code"), ("date", "date"), ("name", "name"),
        ("publisher", "publisher"), ("reference", "compose.include.system"), ("status", "status"), ("title", "title"),
        ("url", "url"), ("version", "version"),
    ]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table;
    use healthcode_r4::schema::find;

    /// Whether there are such elements below the type.
    fn exists(resource: &str, path: &str) -> bool {
        let mut types = find(resource).into_iter().collect::<Vec<_>>();
        path.split('.').enumerate().all(|(at, segment)| {
            let name = segment.split([':', '[']).next().unwrap();
            let wanted = segment.split_once(':').map(|it| it.1);
            let fields = types.iter().filter_map(|it| it.field(name));
            let own = fields.flat_map(|it| it.1.types.iter());
            let fits: Vec<_> = own
                .filter(|it| wanted.is_none_or(|wanted| it.code == wanted))
                .collect();
            types = fits.iter().filter_map(|it| it.schema).collect();
            let last = at == path.matches('.').count();
            !fits.is_empty() && (last || !types.is_empty())
        })
    }

    #[test]
    fn parameters_and_paths_are_those_of_r4() {
        for (resource, rows) in ROWS {
            for (name, path) in rows.iter().chain(SHARED) {
                let found = table::find(resource, name).is_some();
                let own = !SHARED.iter().any(|row| row.0 == *name);
                assert!(found || !own, "{resource}: no parameter {name}");
                for path in path.split('|').filter(|_| own) {
                    assert!(exists(resource, path), "{resource}.{path}");
                }
            }
        }
    }
}
