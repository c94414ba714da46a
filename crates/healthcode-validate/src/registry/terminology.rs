//! The rules of codes: bindings, codings, and what stands for codes in extensions.

healthcode_core::rule_registry! {
    R4_BINDING_REQUIRED = "R4-BINDING-REQUIRED", Error, "code-invalid",
        "the code is not in the required value set",
        "FHIR R4 terminologies.html#required: the code is one of the value set, in the same case; a concept has at least one coding from it, and text alone does not do.";
    R4_BINDING_EXTENSIBLE = "R4-BINDING-EXTENSIBLE", Warning, "code-invalid",
        "the code is not in the extensible value set",
        "FHIR R4 terminologies.html#extensible: use a code of the value set if one means what is meant; other codes, or text alone, are for what it has no code for. A code that its own system has, or one of another organisation's system, is reported for information: whether a code of the value set fits is left to people.";
    R4_BINDING_MAXIMUM = "R4-BINDING-MAXIMUM", Error, "code-invalid",
        "the code is not in the maximum value set",
        "FHIR R4 extension-elementdefinition-maxvalueset.html: codes other than the encouraged ones are still from this value set.";
    R4_BINDING_UNKNOWN = "R4-BINDING-UNKNOWN", Information [Off], "not-supported",
        "the code was not checked: the content of its value set is unknown here",
        "FHIR R4 terminologies.html#strength: the value set is that of another organisation, or too large to be shipped. A terminology server can check it.";
    R4_MIME_TYPE = "R4-MIME-TYPE", Error, "code-invalid",
        "invalid media type",
        "FHIR R4 valueset-mimetypes.html, BCP 13 (RFC 6838): type and subtype with a slash between, such as image/jpeg; a character set is a parameter: text/plain; charset=utf-8.";
    R4_LANGUAGE = "R4-LANGUAGE", Error, "code-invalid",
        "invalid language tag",
        "FHIR R4 valueset-all-languages.html, BCP 47 (RFC 5646): a language with subtags after hyphens, such as en-GB.";
    R4_UCUM = "R4-UCUM", Error, "code-invalid",
        "invalid UCUM unit",
        "FHIR R4 valueset-ucum-units.html: units are case-sensitive UCUM expressions, such as mg/dL or mm[Hg]; words are for Quantity.unit or text.";
    R4_CODING_WITHOUT_SYSTEM = "R4-CODING-WITHOUT-SYSTEM", Error, "code-invalid",
        "missing system of a code that is bound to a value set",
        "FHIR R4 datatypes.html#Coding: a code means nothing without its system. The value set names the systems of its codes.";
    R4_CODING_SYSTEM_RELATIVE = "R4-CODING-SYSTEM-RELATIVE", Error, "code-invalid",
        "invalid code system: expected an absolute URI",
        "FHIR R4 datatypes.html#Coding, #Quantity: the system is an absolute URI, such as http://snomed.info/sct or urn:oid:….";
    R4_CODING_SYSTEM_UNKNOWN = "R4-CODING-SYSTEM-UNKNOWN", Warning, "code-invalid",
        "unknown code system: FHIR R4 defines none with this URL",
        "FHIR R4 terminologies-systems.html: URLs that begin with http://hl7.org/fhir/ are those of the standard. A later edition may have the system.";
    R4_CODING_DISPLAY = "R4-CODING-DISPLAY", Warning, "code-invalid",
        "the display differs from the names that the code system gives the code",
        "FHIR R4 datatypes.html#Coding: display is a name that the system itself has for the code, in whatever case; other words go into the text of the concept. Either the display or the code may be the wrong one.";
    R4_CODING_SYSTEM_MISSPELT = "R4-CODING-SYSTEM-MISSPELT", Error, "code-invalid",
        "the code system's URL differs from the standard spelling",
        "FHIR R4 terminologies-systems.html: SNOMED CT is http://snomed.info/sct, LOINC http://loinc.org, UCUM http://unitsofmeasure.org, RxNorm http://www.nlm.nih.gov/research/umls/rxnorm, with nothing behind; systems are compared letter by letter. HL7's begin with http:// too.";
    R4_IDENTIFIER_SYSTEM_RELATIVE = "R4-IDENTIFIER-SYSTEM-RELATIVE", Error, "value",
        "invalid identifier system: expected an absolute URI",
        "FHIR R4 datatypes.html#Identifier: the system is an absolute URI, such as https://fhir.nhs.uk/Id/nhs-number or urn:oid:…; what is known by a name alone goes into type.";
    R4_IDENTIFIER_URI = "R4-IDENTIFIER-URI", Error, "value",
        "invalid identifier value: its system requires an absolute URI",
        "FHIR R4 datatypes.html#Identifier: with the system urn:ietf:rfc:3986 the value is a URI with its scheme: urn:oid:1.2.3 rather than 1.2.3, urn:uuid: before a UUID.";
    R4_CODING_SYSTEM_IS_VALUE_SET = "R4-CODING-SYSTEM-IS-VALUE-SET", Error, "code-invalid",
        "invalid code system: the URL is that of a value set",
        "FHIR R4 datatypes.html#Coding: the system is the code system that defines the code; a value set only selects codes.";
    R4_CODE_SYSTEM_UNKNOWN_CODE = "R4-CODE-SYSTEM-UNKNOWN-CODE", Warning, "code-invalid",
        "unknown code of the code system",
        "FHIR R4 terminologies-systems.html: HL7's code systems are published with the standard. FHIR R4 codesystem-definitions.html#CodeSystem.content: one that comes with profiles and is complete has all its codes. A later edition of the system may have the code. Codes of urn:ietf:rfc:3986 are absolute URIs.";
    R4_EXTENSION_URL = "R4-EXTENSION-URL", Error, "value",
        "invalid extension URL: expected an absolute URL",
        "FHIR R4 extensibility.html#Extension: only the parts of an extension have relative urls, which the extension itself defines.";
    R4_EXTENSION_UNKNOWN = "R4-EXTENSION-UNKNOWN", Warning, "extension",
        "unknown extension",
        "FHIR R4 extensibility.html: definitions are to be published. Known here are those of the standard, and Healthcode's where that is requested.";
    R4_MODIFIER_EXTENSION_UNKNOWN = "R4-MODIFIER-EXTENSION-UNKNOWN", Warning, "extension",
        "unknown modifier extension: its element cannot be interpreted safely",
        "FHIR R4 extensibility.html#modifierExtension: a system that does not understand a modifier extension must not process the element as if the extension were absent.";
    R4_MODIFIER_EXTENSION_PLACE = "R4-MODIFIER-EXTENSION-PLACE", Error, "structure",
        "modifierExtension is not allowed here",
        "FHIR R4 extensibility.html#modifierExtension: resources and backbone elements have modifier extensions; data types, contained primitives and extensions have not.";
    R4_EXTENSION_MODIFIES = "R4-EXTENSION-MODIFIES", Error, "extension",
        "the extension is not allowed here: it is defined as a modifier",
        "FHIR R4 extensibility.html#modifierExtension: move it to modifierExtension of the element.";
    R4_EXTENSION_NO_MODIFIER = "R4-EXTENSION-NO-MODIFIER", Error, "extension",
        "the extension is not allowed here: it is not defined as a modifier",
        "FHIR R4 extensibility.html#modifierExtension: move it to extension of the element.";
    R4_EXTENSION_CONTEXT = "R4-EXTENSION-CONTEXT", Error, "extension",
        "the extension is not allowed here: its definition names other contexts",
        "FHIR R4 defining-extensions.html#context: the definition lists the elements that may have the extension.";
    R4_EXTENSION_CONTEXT_INVARIANT = "R4-EXTENSION-CONTEXT-INVARIANT", Error, "extension",
        "the extension is not allowed here: a context invariant of its definition fails",
        "FHIR R4 defining-extensions.html#context: an expression in the definition is true of what has the extension. Of questionnaires: units are for quantities and numbers, references for reference items, choices for choice items; list-changeBase is for lists of changes.";
    R4_EXTENSION_VALUE = "R4-EXTENSION-VALUE", Error, "extension",
        "a value of this type is not allowed here: the extension's definition excludes it",
        "FHIR R4 extensibility.html: the definition says which type the value has, or that the extension has parts instead.";
    R4_EXTENSION_REPEATED = "R4-EXTENSION-REPEATED", Error, "extension",
        "the extension occurs more often than its definition allows",
        "FHIR R4 extensibility.html: the definition says how often an extension may stand in one place.";
    R4_EXTENSION_PART_MISSING = "R4-EXTENSION-PART-MISSING", Error, "required",
        "missing part that the extension's definition requires",
        "FHIR R4 extensibility.html: the definition of an extension lists its parts and which are required.";
    R4_EXTENSION_PART_UNKNOWN = "R4-EXTENSION-PART-UNKNOWN", Error, "extension",
        "unknown part of the extension",
        "FHIR R4 extensibility.html: the definition of an extension lists its parts.";
}
