//! The registry of rules: every id that an issue can have, but for those of invariants.
//!
//! `rules.txt` beside this crate's manifest is a snapshot of it. An id, once published, keeps its
//! meaning and is never reused.

use healthcode_core::PrimitiveKind;
use healthcode_core::Rule;
use healthcode_core::lexical::Defect;

pub mod profiles;
pub mod requested;
pub mod terminology;

healthcode_core::rule_registry! {
    R4_REQUIRED = "R4-REQUIRED", Error, "required",
        "missing required element",
        "FHIR R4 conformance-rules.html#cardinality: an element with a minimum of 1 or more is present in each occurrence of its parent. An element that has no value but an extension counts.";
    R4_MAXIMUM = "R4-MAXIMUM", Error, "structure",
        "the element occurs more often than its definition allows",
        "FHIR R4 conformance-rules.html#cardinality: remove the occurrences beyond the maximum.";
    R4_EMPTY_STRING = "R4-EMPTY-STRING", Error, "value",
        "empty text is not allowed here",
        "FHIR R4 datatypes.html#primitive: primitive values are never empty; leave the element out.";
    R4_BLANK_STRING = "R4-BLANK-STRING", Warning, "value",
        "the text consists of white space only",
        "FHIR R4 datatypes.html#string: a string has content besides white space; leave the element out.";
    R4_STRING_LENGTH = "R4-STRING-LENGTH", Error, "too-long",
        "the text is longer than 1 MB",
        "FHIR R4 datatypes.html#string: strings do not exceed 1 MB (1048576 bytes). Send long content as an Attachment or Binary.";
    R4_CONTROL_CHARACTER = "R4-CONTROL-CHARACTER", Error, "value",
        "a control character is not allowed in this text",
        "FHIR R4 datatypes.html#string: no characters below U+0020 except tab, carriage return and line feed.";
    R4_INTEGER_RANGE = "R4-INTEGER-RANGE", Error, "value",
        "invalid number: outside the range of its type",
        "FHIR R4 datatypes.html#integer: positiveInt begins at 1, unsignedInt at 0; both end at 2147483647.";
    R4_DECIMAL = "R4-DECIMAL", Error, "value",
        "invalid decimal",
        "FHIR R4 datatypes.html#decimal: digits with an optional sign, fraction and exponent; no leading zeros or plus sign.";
    R4_CODE = "R4-CODE", Error, "value",
        "invalid code",
        "FHIR R4 datatypes.html#code: no leading or trailing white space, and single spaces only inside.";
    R4_ID = "R4-ID", Error, "value",
        "invalid id",
        "FHIR R4 datatypes.html#id: 1 to 64 letters A-Z and a-z, digits, hyphens and dots; also for contained resources.";
    R4_ELEMENT_ID = "R4-ELEMENT-ID", Error, "value",
        "invalid element id: white space is not allowed in it",
        "FHIR R4 element-definitions.html#Element.id: any text without spaces.";
    R4_ELEMENT_ID_REPEATED = "R4-ELEMENT-ID-REPEATED", Error, "duplicate",
        "another element of the resource has the same id",
        "FHIR R4 element.html#id: an id is unique within its resource, apart from the resources that it contains.";
    R4_URI = "R4-URI", Error, "value",
        "invalid URI",
        "FHIR R4 datatypes.html#uri: no white space, nor other characters that are not seen, such as a zero-width space or a byte order mark; write a space in a URI as %20.";
    R4_OID = "R4-OID", Error, "value",
        "invalid OID",
        "FHIR R4 datatypes.html#oid: urn:oid: and numbers separated by dots, the first 0 to 2, none with leading zeros.";
    R4_UUID = "R4-UUID", Error, "value",
        "invalid UUID",
        "FHIR R4 datatypes.html#uuid: urn:uuid: and 32 hexadecimal digits in lower case, in groups of 8-4-4-4-12.";
    R4_DATE = "R4-DATE", Error, "value",
        "invalid date",
        "FHIR R4 datatypes.html#date: year, year and month, or year, month and day with hyphens and leading zeros; no time.";
    R4_DATETIME = "R4-DATETIME", Error, "value",
        "invalid dateTime",
        "FHIR R4 datatypes.html#dateTime: a time has seconds and a zone (Z or +hh:mm), and is never 24:00.";
    R4_INSTANT = "R4-INSTANT", Error, "value",
        "invalid instant",
        "FHIR R4 datatypes.html#instant: a whole date, a time with seconds, and a zone (Z or +hh:mm).";
    R4_TIME = "R4-TIME", Error, "value",
        "invalid time",
        "FHIR R4 datatypes.html#time: hours, minutes and seconds, without a zone; never 24:00.";
    R4_NO_SUCH_DAY = "R4-NO-SUCH-DAY", Error, "value",
        "invalid date: the calendar has no such day",
        "FHIR R4 datatypes.html#date: dates are valid dates; check the number of days of the month.";
    R4_BASE64 = "R4-BASE64", Error, "value",
        "invalid base64",
        "FHIR R4 datatypes.html#base64Binary: groups of four of A-Z a-z 0-9 + /, padded with = at the end only. The content may have been cut off.";
    R4_NARRATIVE_XML = "R4-NARRATIVE-XML", Error, "structure",
        "invalid narrative: not well-formed XML",
        "FHIR R4 narrative.html#xhtml: the div is XHTML; close each element, quote each attribute, and write & and < as &amp; and &lt;.";
    R4_NARRATIVE_ENTITY = "R4-NARRATIVE-ENTITY", Error, "structure",
        "invalid narrative: XML does not define the entity",
        "FHIR R4 narrative.html#xhtml: no entities but &amp; &lt; &gt; &quot; &apos; are known; write the character itself or its number, as &#174;.";
    R4_NARRATIVE_DIV = "R4-NARRATIVE-DIV", Error, "structure",
        "invalid narrative: expected one div element of XHTML",
        "FHIR R4 narrative.html#xhtml: wrap the narrative in <div xmlns=\"http://www.w3.org/1999/xhtml\">.";
    R4_NARRATIVE_CONTENT = "R4-NARRATIVE-CONTENT", Error, "structure",
        "invalid narrative: XHTML does not allow this element or text here",
        "FHIR R4 narrative.html#xhtml: elements hold what XHTML lets them: li stands in ul or ol, dt and dd in dl, tr in a table, td and th in tr; paragraphs, headings and what stands in a line hold no blocks such as p, ul or table.";
    R4_NARRATIVE_IMAGE = "R4-NARRATIVE-IMAGE", Error, "not-found",
        "the image that the narrative shows is not in the resource",
        "FHIR R4 narrative.html#id: a source that begins with # is the id of a contained resource, or of an element of the resource, such as an Attachment.";
    R4_REFERENCE = "R4-REFERENCE", Error, "value",
        "invalid reference",
        "FHIR R4 references.html#literal: Type/id, maybe with /_history/version; an absolute URL; urn:uuid: or urn:oid:; or #id for a contained resource. Type?parameters is for transactions alone (http.html#trules). What is known by an identifier only goes into identifier, what has but a name into display.";
    R4_REFERENCE_RESOURCE = "R4-REFERENCE-RESOURCE", Error, "value",
        "invalid reference: FHIR R4 has no such resource type",
        "FHIR R4 references.html#literal: the first part of a relative reference is the name of a resource type, as in resourceType.";
    R4_REFERENCE_TARGET = "R4-REFERENCE-TARGET", Error, "value",
        "a reference to this type of resource is not allowed here",
        "FHIR R4 references.html: the definition of the element lists the types that its references may point at.";
    R4_REFERENCE_TYPE = "R4-REFERENCE-TYPE", Error, "value",
        "Reference.type differs from the type of the target",
        "FHIR R4 references.html#Reference: Reference.type names the type of the resource that Reference.reference points at; leave it out or correct it.";
    R4_REFERENCE_UNRESOLVED = "R4-REFERENCE-UNRESOLVED", Warning, "not-found",
        "the target is not in the Bundle, and the reference does not show where else it is",
        "FHIR R4 bundle.html#references: an entry has it as fullUrl; Type/id is looked up, and found elsewhere, only where the fullUrl of the referring entry is a server's address that ends in type and id: from a urn:uuid: entry, refer by the full URL. In a document, and for what a message is about, this is an error.";
    R4_REFERENCE_VERSION = "R4-REFERENCE-VERSION", Warning, "not-found",
        "the Bundle has the target only in another version",
        "FHIR R4 bundle.html#references: the version after _history is compared with meta.versionId. In a document this is an error.";
    R4_CONTAINED_UNKNOWN = "R4-CONTAINED-UNKNOWN", Error, "not-found",
        "the resource contains no resource with this id",
        "FHIR R4 references.html#canonical: a canonical that begins with # names a resource in contained by its id.";
    R4_CONTAINED_ID = "R4-CONTAINED-ID", Error, "value",
        "missing or repeated id of a contained resource",
        "FHIR R4 references.html#contained: it has no identity of its own, and is referred to by # and its id within the resource that contains it.";
    R4_ENABLE_WHEN_QUESTION = "R4-ENABLE-WHEN-QUESTION", Error, "not-found",
        "the questionnaire has no item with the linkId that the condition names",
        "FHIR R4 questionnaire-definitions.html#Questionnaire.item.enableWhen.question: the question is named by the linkId of an item of the same questionnaire.";
    R4_DOCUMENT_UNREACHABLE = "R4-DOCUMENT-UNREACHABLE", Warning, "structure",
        "no chain of references links the document's Composition and the entry",
        "FHIR R4 documents.html#content: a document holds its Composition, what that refers to, directly or not, Provenance of these, and stylesheets as Binary. Refer to the entry, or leave it out.";
    R4_FULL_URL = "R4-FULL-URL", Error, "value",
        "invalid fullUrl",
        "FHIR R4 bundle.html#bundle-unique: fullUrl is an absolute URL, or urn:uuid: or urn:oid: where the resource has no address.";
    R4_FULL_URL_ID = "R4-FULL-URL-ID", Error, "value",
        "the fullUrl does not match the type and id of its resource",
        "FHIR R4 bundle-definitions.html#Bundle.entry.fullUrl: a fullUrl that looks like the address of a resource on a server, base/Type/id, has the type and id of the resource in the entry.";
    R4_FULL_URL_MISSING = "R4-FULL-URL-MISSING", Error, "required",
        "missing fullUrl of an entry with a resource",
        "FHIR R4 bundle-definitions.html#Bundle.entry.fullUrl: each resource in a Bundle has a full URL, but for one that a POST is to create, those in responses, and the results of operations. Give the address of the resource, or a urn:uuid: where it has none. Of a searchset the first such entry is reported.";
    R4_SEARCHSET_ID = "R4-SEARCHSET-ID", Error, "required",
        "missing id of a resource in search results",
        "FHIR R4 resource-definitions.html#Resource.id: every resource has an id but for one that is being created. An OperationOutcome about the search has the mode outcome.";
    R4_SEARCHSET_SELF = "R4-SEARCHSET-SELF", Warning, "required",
        "missing self link of search results",
        "FHIR R4 search.html#conformance: the link self has the parameters that the server has applied.";
    R4_LINK_REPEATED = "R4-LINK-REPEATED", Warning, "duplicate",
        "a second link with this relation is not allowed here",
        "FHIR R4 http.html#paging: self, first, previous, next and last are each one page; of two it is not known which to follow.";
    R4_REQUEST_URL = "R4-REQUEST-URL", Error, "value",
        "the URL of the request does not fit its method or resource",
        "FHIR R4 http.html#transaction: relative to the server's base; POST has Type or an operation, PUT, PATCH and DELETE have Type/id or Type?parameters. What POST and PUT send is of the type, and has the id, that the URL names.";
    R4_TRANSACTION_IDENTITY = "R4-TRANSACTION-IDENTITY", Error, "duplicate",
        "two entries of a transaction change the same resource",
        "FHIR R4 http.html#trules: in a transaction each resource is changed or deleted once at most.";
    R4_ATTACHMENT_SIZE = "R4-ATTACHMENT-SIZE", Error, "value",
        "the size of the attachment differs from that of its data",
        "FHIR R4 datatypes.html#Attachment: size is the number of bytes before base64 was applied. The data may have been cut off.";
    R4_ATTACHMENT_HASH = "R4-ATTACHMENT-HASH", Error, "value",
        "the hash of the attachment differs from that of its data",
        "FHIR R4 datatypes.html#Attachment: hash is the SHA-1 of the data before base64 was applied, in base64. The data may have been changed.";
    R4_ATTACHMENT_BASE64_TWICE = "R4-ATTACHMENT-BASE64-TWICE", Warning, "value",
        "base64 was applied twice to the data of the attachment",
        "FHIR R4 datatypes.html#Attachment: data is the content in base64. What it decodes to is base64 of an image or a PDF document again. Send the content in base64 once.";
    R4_LIMIT = "R4-LIMIT", Error, "too-costly",
        "a limit was reached, so some checks were left out",
        "A limit of this validator: FHIRPath steps are counted for each resource, over all invariants of profiles and extensions that it meets, which bounds the time and memory that it takes. An invariant that takes a fifth of them is given up. What was reported stands; whether the rest is kept is unknown. Simplify the invariants, divide the resource, or validate without the profile.";
    R4_OTHER_VERSION = "R4-OTHER-VERSION", Information, "informational",
        "the resource appears to be written for another FHIR version",
        "FHIR R4 versions.html: elements that FHIR R4 does not know and the named version does. Convert the resource, or validate it by that version.";
    HC_REFERENCE_TYPE = "HC-REFERENCE-TYPE", Information, "value",
        "the reference is to a resource type that Healthcode has added",
        "Healthcode's services refer to Site, Channel and ReserveSlot, which FHIR R4 does not have.";
    HC_NO_FULL_URL = "HC-NO-FULL-URL", Information, "not-found",
        "a relative reference in a Bundle without full URLs, as in Healthcode services",
        "Healthcode's searches give entries without fullUrl, so that relative references to what is not in the Bundle are relative to the service.";
    HC_FULL_URL = "HC-FULL-URL", Information, "value",
        "the fullUrl ends in the id but not in the type of the resource, as in Healthcode services",
        "Healthcode's List EDI Insurers has full URLs such as organization/ins/ followed by the id.";
    HC_DOTTED_DATE = "HC-DOTTED-DATE", Information, "value",
        "the date is written with dots, as in Healthcode services",
        "Healthcode's Practitioner samples write birthDate with dots where FHIR R4 has hyphens; day before month is assumed. Send YYYY-MM-DD yourself.";
    HC_BASE64_TWICE = "HC-BASE64-TWICE", Information, "value",
        "base64 was applied twice to the data, as in Healthcode's photos",
        "Healthcode's Get Profile Photo sample is base64 of base64, where FHIR R4 has the content in base64. Decode the data twice; send base64 of the content yourself.";
    HC_ENTRY_EXTENSION_URL = "HC-ENTRY-EXTENSION-URL", Information, "required",
        "the extension of a Bundle entry has an id instead of a url, as in Healthcode services",
        "Healthcode's List EDI Insurers sends lastUpdated on Bundle.entry without the url that FHIR R4 requires. Send a url yourself.";
    HC_CONTENT_TYPE_CHARSET = "HC-CONTENT-TYPE-CHARSET", Information, "code-invalid",
        "a content type names a character set, as in Healthcode services",
        "Healthcode's Get Profile Photo answers with contentType UTF-8 where FHIR R4 has a MIME type. Find the type by the data, and send a MIME type yourself.";
    HC_ENTRY_BUNDLE_TYPE = "HC-ENTRY-BUNDLE-TYPE", Information, "required",
        "a Bundle inside a Bundle has no type, as in Healthcode services",
        "Healthcode's List Pending Remittances sends its entries as Bundles without the type that FHIR R4 requires. Send a type yourself.";
    HC_CONTACT_POINT_ID = "HC-CONTACT-POINT-ID", Information, "invariant",
        "the contact point gives its system as its id, as in Healthcode services",
        "Healthcode's Search Practitioner sends telecom with the id phone or email where FHIR R4 requires system (cpt-2). Send a system yourself.";
    HC_COLLECTION_TOTAL = "HC-COLLECTION-TOTAL", Information, "invariant",
        "a collection has a total, as in Healthcode services",
        "Healthcode's lists are Bundles of the type collection with the length of the page as total, which FHIR R4 keeps for searchset and history (bdl-1). Leave it out yourself.";
    HC_CONTAINED_PARAMETERS = "HC-CONTAINED-PARAMETERS", Information, "invariant",
        "nothing refers to contained Parameters, as in Healthcode services",
        "Healthcode's List EDI Insurers sends Organizations with the parameters for finding members contained in them, and nothing that refers to these (dom-3). Refer to what you contain yourself.";
}

/// The rule that a malformed primitive breaks, and the primitive whose form was expected.
pub(crate) fn of_defect(
    kind: PrimitiveKind,
    defect: Defect,
    text: &str,
) -> (&'static Rule, PrimitiveKind) {
    use PrimitiveKind as K;
    let rule = match (defect, kind) {
        (Defect::Empty, K::Decimal) => &R4_DECIMAL,
        (Defect::Empty, _) => &R4_EMPTY_STRING,
        (Defect::NoSuchDay, _) => &R4_NO_SUCH_DAY,
        (Defect::ControlCharacter, _) => &R4_CONTROL_CHARACTER,
        (Defect::Blank, _) => &R4_BLANK_STRING,
        (Defect::Range, _) => &R4_INTEGER_RANGE,
        (_, K::Integer | K::PositiveInt | K::UnsignedInt) => &R4_INTEGER_RANGE,
        (_, K::Decimal) => &R4_DECIMAL,
        (_, K::Code) => &R4_CODE,
        (_, K::Id) => &R4_ID,
        (_, K::Uri | K::Url | K::Canonical) if text.starts_with("urn:oid:") => {
            return (&R4_OID, K::Oid);
        }
        (_, K::Uri | K::Url | K::Canonical) if text.starts_with("urn:uuid:") => {
            return (&R4_UUID, K::Uuid);
        }
        (_, K::Uri | K::Url | K::Canonical) => &R4_URI,
        (_, K::Oid) => &R4_OID,
        (_, K::Uuid) => &R4_UUID,
        (_, K::Date) => &R4_DATE,
        (_, K::DateTime) => &R4_DATETIME,
        (_, K::Instant) => &R4_INSTANT,
        (_, K::Time) => &R4_TIME,
        (_, K::Base64Binary) => &R4_BASE64,
        _ => &R4_STRING_LENGTH,
    };
    (rule, kind)
}
