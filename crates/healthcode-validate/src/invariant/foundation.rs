//! The invariants of all resources, and of Bundle and Parameters.

use super::Method::{Elsewhere, Hot, Lenient};
use super::contained;
use super::exists::{Exists, in_order};
use crate::place::Place;
use crate::reference::has_history;
use healthcode_r4::{BundleEntry, ParametersParameter, Task, TestReportSetupAction};

invariants! {
    ELE_1 = "ele-1", Error,
        "an element has neither a value nor children besides its id",
        "FHIR R4 element.html#Element: give it a value, other elements or extensions, or leave it out. An object that holds nothing at all is reported as FHIR-EMPTY-OBJECT.",
        Elsewhere;
    DOM_2 = "dom-2", Error,
        "a contained resource contains resources",
        "FHIR R4 domainresource.html#DomainResource: put all contained resources into the one that is not contained.",
        Hot(contained::dom_2), if "contained";
    DOM_3 = "dom-3", Error,
        "no reference points at the contained resource",
        "FHIR R4 domainresource.html#DomainResource: refer to it by # and its id, or leave it out.",
        Hot(contained::dom_3), if "contained";
    DOM_4 = "dom-4", Error,
        "a contained resource has a versionId or lastUpdated of its own",
        "FHIR R4 domainresource.html#DomainResource: leave meta.versionId and meta.lastUpdated out of contained resources.",
        Hot(contained::dom_4), if "contained";
    DOM_5 = "dom-5", Error,
        "a contained resource has security labels of its own",
        "FHIR R4 domainresource.html#DomainResource: put the labels on the resource that contains it.",
        Hot(contained::dom_5), if "contained";
    DOM_6 = "dom-6", Warning [BestPractice],
        "missing narrative",
        "FHIR R4 domainresource.html#DomainResource: give text with a div that says what matters.",
        Hot(contained::dom_6);
    BDL_1 = "bdl-1", Error,
        "a total is not allowed here: the Bundle is neither search results nor a history",
        "FHIR R4 bundle.html#Bundle: leave total out.",
        Elsewhere;
    BDL_2 = "bdl-2", Error,
        "entry.search is not allowed here: the Bundle is not search results",
        "FHIR R4 bundle.html#Bundle: leave search out of the entries, or correct the type.",
        Elsewhere;
    BDL_3 = "bdl-3", Error,
        "an entry lacks the request that this type of Bundle requires, or has one that it does not allow",
        "FHIR R4 bundle.html#Bundle: give request in every entry of a batch, transaction or history, and in no other Bundle.",
        Elsewhere;
    BDL_4 = "bdl-4", Error,
        "an entry lacks the response that this type of Bundle requires, or has one that it does not allow",
        "FHIR R4 bundle.html#Bundle: give response in every entry of a batch-response, transaction-response or history, and in no other Bundle.",
        Elsewhere;
    BDL_5 = "bdl-5", Error,
        "an entry has neither resource nor request nor response",
        "FHIR R4 bundle.html#Bundle: fill the entry or leave it out.",
        Hot(of!(BundleEntry, |entry| entry.resource.exists() || entry.request.exists() || entry.response.exists())), unless "resource";
    BDL_7 = "bdl-7", Error,
        "two entries are the same version of the same resource",
        "FHIR R4 bundle.html#Bundle: leave one of them out, or distinguish them by fullUrl or meta.versionId.",
        Elsewhere;
    BDL_8 = "bdl-8", Error,
        "a fullUrl contains a version",
        "FHIR R4 bundle.html#Bundle: end fullUrl with type and id; the version belongs into meta.versionId.",
        Hot(of!(BundleEntry, |entry| entry.full_url.as_str().is_none_or(|url| !has_history(url)))), if "fullUrl";
    BDL_9 = "bdl-9", Error,
        "missing system or value of a document's identifier",
        "FHIR R4 bundle.html#Bundle: give the Bundle an identifier with system and value.",
        Elsewhere;
    BDL_10 = "bdl-10", Error,
        "missing date of a document",
        "FHIR R4 bundle.html#Bundle: give the Bundle a timestamp.",
        Elsewhere;
    BDL_11 = "bdl-11", Error,
        "a document does not begin with a Composition",
        "FHIR R4 bundle.html#Bundle: make the Composition the first entry.",
        Elsewhere;
    BDL_12 = "bdl-12", Error,
        "a message does not begin with a MessageHeader",
        "FHIR R4 bundle.html#Bundle: make the MessageHeader the first entry.",
        Elsewhere;
    INV_1 = "inv-1", Error,
        "parts of the element are missing or exclude each other",
        "FHIR R4 resourcelist.html: give a parameter one of value, resource and part; an action of a test report either operation or assert; a task a lastModified no earlier than authoredOn.",
        Lenient(inv_1);
}

/// The key stands for three invariants, of three types.
fn inv_1(place: &Place<'_, '_>) -> bool {
    if let Some(parameter) = place.get::<ParametersParameter>() {
        let contents = [
            parameter.value.exists(),
            parameter.resource.exists(),
            parameter.part.exists(),
        ];
        contents.into_iter().filter(|exists| *exists).count() == 1
    } else if let Some(action) = place.get::<TestReportSetupAction>() {
        action.operation.exists() != action.assert.exists()
    } else if let Some(task) = place.get::<Task>() {
        in_order(&task.authored_on, &task.last_modified)
    } else {
        true
    }
}
