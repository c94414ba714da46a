//! The invariants of all resources, and of Bundle and Parameters.

healthcode_core::rule_registry! {
    ELE_1 = "ele-1", Error, "invariant",
        "an element has neither a value nor anything else beside its id",
        "FHIR R4 element.html#Element: give it a value, other elements or extensions, or leave it out. Of an object that holds nothing at all, FHIR-EMPTY-OBJECT tells.";
    DOM_2 = "dom-2", Error, "invariant",
        "a contained resource contains resources",
        "FHIR R4 domainresource.html#DomainResource: put all contained resources into the one that is not contained.";
    DOM_3 = "dom-3", Error, "invariant",
        "nothing refers to a contained resource",
        "FHIR R4 domainresource.html#DomainResource: refer to it by # and its id, or leave it out.";
    DOM_4 = "dom-4", Error, "invariant",
        "a contained resource has a version or time of change of its own",
        "FHIR R4 domainresource.html#DomainResource: leave meta.versionId and meta.lastUpdated out of contained resources.";
    DOM_5 = "dom-5", Error, "invariant",
        "a contained resource has security labels of its own",
        "FHIR R4 domainresource.html#DomainResource: put the labels on the resource that contains it.";
    DOM_6 = "dom-6", Warning [BestPractice], "invariant",
        "there is no narrative for people",
        "FHIR R4 domainresource.html#DomainResource: give text with a div that says what matters.";
    BDL_1 = "bdl-1", Error, "invariant",
        "a total stands in a Bundle that is no search result or history",
        "FHIR R4 bundle.html#Bundle: leave total out.";
    BDL_2 = "bdl-2", Error, "invariant",
        "entries say how they were found in a Bundle that is no search result",
        "FHIR R4 bundle.html#Bundle: leave search out of the entries, or mend the type.";
    BDL_3 = "bdl-3", Error, "invariant",
        "an entry lacks the request that this type of Bundle asks for, or has one that it excludes",
        "FHIR R4 bundle.html#Bundle: give request in every entry of a batch, transaction or history, and in no other Bundle.";
    BDL_4 = "bdl-4", Error, "invariant",
        "an entry lacks the response that this type of Bundle asks for, or has one that it excludes",
        "FHIR R4 bundle.html#Bundle: give response in every entry of a batch-response, transaction-response or history, and in no other Bundle.";
    BDL_5 = "bdl-5", Error, "invariant",
        "an entry has neither resource nor request nor response",
        "FHIR R4 bundle.html#Bundle: fill the entry or leave it out.";
    BDL_7 = "bdl-7", Error, "invariant",
        "two entries are the same version of the same resource",
        "FHIR R4 bundle.html#Bundle: leave one of them out, or tell them apart by fullUrl or meta.versionId.";
    BDL_8 = "bdl-8", Error, "invariant",
        "a fullUrl names a version",
        "FHIR R4 bundle.html#Bundle: end fullUrl with type and id; the version belongs into meta.versionId.";
    BDL_9 = "bdl-9", Error, "invariant",
        "a document has no whole identifier",
        "FHIR R4 bundle.html#Bundle: give the Bundle an identifier with system and value.";
    BDL_10 = "bdl-10", Error, "invariant",
        "a document has no date",
        "FHIR R4 bundle.html#Bundle: give the Bundle a timestamp.";
    BDL_11 = "bdl-11", Error, "invariant",
        "a document does not begin with a Composition",
        "FHIR R4 bundle.html#Bundle: make the Composition the first entry.";
    BDL_12 = "bdl-12", Error, "invariant",
        "a message does not begin with a MessageHeader",
        "FHIR R4 bundle.html#Bundle: make the MessageHeader the first entry.";
    INV_1 = "inv-1", Error, "invariant",
        "the parts of this element exclude each other, or lack one another: in Parameters, TestReport or Task",
        "FHIR R4 resourcelist.html: give a parameter one of value, resource and part; an action of a test report either operation or assert; a task a lastModified no earlier than authoredOn.";
    INV_2 = "inv-2", Error, "invariant",
        "an action of a test is both an operation and an assertion, or neither",
        "FHIR R4 testreport.html#TestReport: give each action either operation or assert.";
}
