//! The rules that hold for every FHIR version: of JSON (`JSON-…`) and XML (`XML-…`), and of FHIR in them
//! (`FHIR-…`).

/// Makes a registry: a static for each rule, and `ALL` of them. A row has the id, the severity, in brackets
/// the [`RuleDefault`](crate::RuleDefault) if it is not `On`, FHIR's issue type, the title and the help.
#[doc(hidden)]
#[macro_export]
macro_rules! rule_registry {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $severity:ident $([$default:ident])?, $code:literal, $title:literal, $help:expr;)+) => {
        $(
            $(#[$doc])*
            #[doc = concat!("`", $id, "`: ", $title, ".")]
            pub static $name: $crate::Rule = $crate::Rule::new(
                $id,
                $crate::Severity::$severity,
                $crate::rule_registry!(@default $($default)?),
                $code,
                $title,
                $help,
            );
        )+

        /// All rules of this registry, in the order of their documentation.
        pub static ALL: &[&$crate::Rule] = &[$(&$name),+];
    };
    (@default) => { $crate::RuleDefault::On };
    (@default $default:ident) => { $crate::RuleDefault::$default };
}

rule_registry! {
    JSON_SYNTAX = "JSON-SYNTAX", Fatal, "structure",
        "the text is not JSON",
        "RFC 8259. Comments, trailing commas, single quotes, NaN and numbers such as +1 or 01 are not JSON.";
    JSON_TRUNCATED = "JSON-TRUNCATED", Fatal, "incomplete",
        "the text ends before the value is complete",
        "RFC 8259. The payload was probably cut off in transfer or by a log.";
    JSON_EMPTY = "JSON-EMPTY", Fatal, "incomplete",
        "missing text: the input is empty",
        "RFC 8259: a text is one value. The answer had no body, or it was not captured.";
    JSON_TRAILING = "JSON-TRAILING", Fatal, "structure",
        "more text follows the value",
        "RFC 8259: a text is one value. Several resources, one a line, are NDJSON.";
    JSON_UTF8 = "JSON-UTF8", Fatal, "structure",
        "the text is not UTF-8",
        "FHIR R4 json.html: resources are always in UTF-8.";
    JSON_SURROGATE = "JSON-SURROGATE", Fatal, "structure",
        "invalid escape sequence: half of a surrogate pair",
        "RFC 8259 section 7: characters outside the basic plane are escaped as a pair.";
    JSON_ESCAPE = "JSON-ESCAPE", Fatal, "structure",
        "invalid escape sequence",
        "RFC 8259 section 7 has \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four hexadecimal digits.";
    JSON_CONTROL_CHARACTER = "JSON-CONTROL-CHARACTER", Fatal, "structure",
        "a control character is not allowed in a string: it must be escaped",
        "RFC 8259 section 7: characters below U+0020 are escaped.";
    JSON_SIZE = "JSON-SIZE", Fatal, "too-long",
        "the text is larger than the limit",
        "RFC 8259 section 9: a reader may limit the size of texts. The limit can be set; of the command with --max-resource.";
    JSON_BOM = "JSON-BOM", Information, "structure",
        "the text starts with a byte order mark",
        "RFC 8259 section 8.1: one must not be added, and may be passed over.";
    JSON_DEPTH = "JSON-DEPTH", Error, "too-long",
        "the element is nested deeper than the limit; its text is kept unread",
        "RFC 8259 section 9: a reader may limit the depth of nesting. FHIR sets no limit; this one guards the stack, and can be set up to 512; of the command with --max-depth.";
    JSON_REPEATED_NAME = "JSON-REPEATED-NAME", Error, "duplicate",
        "the name occurs more than once in its object",
        "FHIR R4 json.html: property names shall be unique within an object. The first one is used, the others are kept.";
    XML_SYNTAX = "XML-SYNTAX", Fatal, "structure",
        "the text is not well-formed XML",
        "XML 1.0 and Namespaces in XML 1.0. Every element is closed, attribute values are quoted, & and < are escaped, and prefixes are declared.";
    XML_TRUNCATED = "XML-TRUNCATED", Fatal, "incomplete",
        "the text ends before the document is complete",
        "XML 1.0 section 2.1. The payload was probably cut off in transfer or by a log.";
    XML_TRAILING = "XML-TRAILING", Fatal, "structure",
        "more text follows the document",
        "XML 1.0 section 2.1: a document has one root element. Several resources are the entries of a Bundle.";
    XML_CHARACTER = "XML-CHARACTER", Fatal, "structure",
        "a character is not allowed in XML",
        "XML 1.0 section 2.2: of the control characters, only tab and line ends are allowed, also as character references.";
    XML_ENTITY = "XML-ENTITY", Fatal, "structure",
        "unknown entity",
        "FHIR R4 xml.html: there are no entities but XML's own, &amp; &lt; &gt; &quot; &apos;, and character references such as &#160;.";
    XML_DTD = "XML-DTD", Fatal, "structure",
        "a document type declaration is not allowed in FHIR XML",
        "FHIR R4 security.html: declarations of entities are a way to attack readers, and are rejected.";
    XML_ENCODING = "XML-ENCODING", Fatal, "structure",
        "unsupported encoding",
        "FHIR R4 xml.html: resources are always in UTF-8. Convert the text and its XML declaration.";
    XML_NAMESPACE = "XML-NAMESPACE", Fatal, "structure",
        "wrong or missing namespace of the document",
        "FHIR R4 xml.html: the namespace of resources is http://hl7.org/fhir. Add xmlns=\"http://hl7.org/fhir\" to the root element.";
    XML_SIZE = "XML-SIZE", Fatal, "too-long",
        "the text is larger than the limit",
        "XML 1.0 sets no limit to the size of documents; this one is the reader's and can be set, of the command with --max-resource.";
    XML_DEPTH = "XML-DEPTH", Error, "too-long",
        "the element is nested deeper than the limit; its text is kept unread",
        "XML 1.0 and FHIR R4 set no limit to nesting; this one guards the stack, and can be set up to 512; of the command with --max-depth.";
    FHIR_XML_ORDER = "FHIR-XML-ORDER", Error, "structure",
        "the element is out of order",
        "FHIR R4 xml.html: elements appear in the order of the definition, and the repetitions of one stand together.";
    FHIR_XML_REPEATED = "FHIR-XML-REPEATED", Error, "structure",
        "the element does not repeat, and occurs again",
        "FHIR R4 xml.html: only elements that may repeat occur more than once. The first one is used, the others are kept.";
    FHIR_XML_ATTRIBUTE = "FHIR-XML-ATTRIBUTE", Error, "structure",
        "unknown attribute",
        "FHIR R4 xml.html: attributes are the value of primitives, the id of elements and the url of extensions; there are no others.";
    FHIR_XML_SCHEMA_LOCATION = "FHIR-XML-SCHEMA-LOCATION", Error, "structure",
        "xsi:schemaLocation is not allowed in FHIR XML",
        "FHIR R4 xml.html: instances shall not specify schemaLocation. Leave the attribute out.";
    FHIR_XML_ATTRIBUTE_EXPECTED = "FHIR-XML-ATTRIBUTE-EXPECTED", Error, "structure",
        "an element is not allowed here: expected an attribute of this name",
        "FHIR R4 xml.html: the id of elements and the url of extensions are attributes; the id of a resource is an element.";
    FHIR_XML_TEXT = "FHIR-XML-TEXT", Error, "structure",
        "text is not allowed between elements",
        "FHIR R4 xml.html: the value of a primitive is its attribute value; only narratives have text.";
    FHIR_XML_NAMESPACE = "FHIR-XML-NAMESPACE", Error, "structure",
        "the element is in another namespace than FHIR's",
        "FHIR R4 xml.html: all elements are in the namespace of FHIR, except the div of a narrative, which is in that of XHTML.";
    FHIR_XML_VALUE = "FHIR-XML-VALUE", Error, "value",
        "invalid value",
        "FHIR R4 datatypes.html: booleans are true or false; numbers have no plus sign and no leading zeros.";
    FHIR_XML_RESOURCE = "FHIR-XML-RESOURCE", Error, "structure",
        "an element of this name must hold exactly one resource",
        "FHIR R4 xml.html: a resource stands as an element of its type's name, such as <resource><Patient>...</Patient></resource>.";
    FHIR_NOT_IN_XML = "FHIR-NOT-IN-XML", Error, "not-supported",
        "XML has no form for this; it is left out",
        "FHIR R4 xml.html: XML holds the elements of the definition alone, in characters that XML 1.0 allows, and narratives that are well-formed.";
    FHIR_NOT_IN_JSON = "FHIR-NOT-IN-JSON", Error, "not-supported",
        "JSON has no form for this; it is left out",
        "FHIR R4 json.html: JSON holds the elements of the definition alone; unknown elements, attributes and text of XML have no place in it.";
    FHIR_NOT_OBJECT = "FHIR-NOT-OBJECT", Error, "structure",
        "invalid element: expected a JSON object",
        "FHIR R4 json.html: resources and complex elements are JSON objects.";
    FHIR_JSON_TYPE = "FHIR-JSON-TYPE", Error, "structure",
        "the value has the wrong JSON type",
        "FHIR R4 json.html: booleans and numbers stand without quotes, all other primitives with them.";
    FHIR_INTEGER = "FHIR-INTEGER", Error, "value",
        "invalid integer",
        "FHIR R4 datatypes.html#integer: no fraction, no exponent, no leading zero, -2147483648 to 2147483647.";
    FHIR_NULL = "FHIR-NULL", Error, "structure",
        "null is not allowed here",
        "FHIR R4 json.html: absent elements are left out; null only pads the arrays of repeating primitives.";
    FHIR_ARRAY_EXPECTED = "FHIR-ARRAY-EXPECTED", Error, "structure",
        "a single value is not allowed here: the element repeats",
        "FHIR R4 json.html: an element that may repeat is an array even when it holds one value.";
    FHIR_ARRAY_UNEXPECTED = "FHIR-ARRAY-UNEXPECTED", Error, "structure",
        "an array is not allowed here: the element does not repeat",
        "FHIR R4 json.html: only elements that may repeat are arrays.";
    FHIR_EMPTY_ARRAY = "FHIR-EMPTY-ARRAY", Error, "structure",
        "the array is empty",
        "FHIR R4 json.html: arrays are never empty; leave the element out.";
    FHIR_EMPTY_OBJECT = "FHIR-EMPTY-OBJECT", Error, "structure",
        "the element is empty",
        "FHIR R4 json.html: objects are never empty; leave the element out.";
    FHIR_ARRAY_PAIRING = "FHIR-ARRAY-PAIRING", Error, "structure",
        "the array and its _ sibling have different lengths",
        "FHIR R4 json.html: both arrays are padded with null so that their items pair by index.";
    FHIR_NULL_PAIR = "FHIR-NULL-PAIR", Error, "structure",
        "missing value: neither array has one at this index",
        "FHIR R4 json.html: null stands in one of the two arrays only.";
    FHIR_UNDERSCORE = "FHIR-UNDERSCORE", Error, "structure",
        "an _ sibling is not allowed here: the element is not primitive",
        "FHIR R4 json.html: ids and extensions of complex elements are members of their own object.";
    FHIR_UNKNOWN_MEMBER = "FHIR-UNKNOWN-MEMBER", Error, "structure",
        "unknown element",
        "FHIR R4 json.html: there are no undeclared properties. Names are case-sensitive; what FHIR does not define goes into an extension.";
    FHIR_SECOND_CHOICE = "FHIR-SECOND-CHOICE", Error, "structure",
        "the choice element already has a value of another type",
        "FHIR R4 formats.html#choice: one type is chosen, and the element occurs once.";
    FHIR_RESOURCE_TYPE_MISSING = "FHIR-RESOURCE-TYPE-MISSING", Error, "structure",
        "missing resourceType",
        "FHIR R4 json.html: every resource has a resourceType.";
    FHIR_RESOURCE_TYPE_UNKNOWN = "FHIR-RESOURCE-TYPE-UNKNOWN", Error, "structure",
        "unknown resource type; the text of the resource is kept unread",
        "FHIR R4 resourcelist.html. Names are case-sensitive.";
    FHIR_RESOURCE_TYPE_OTHER = "FHIR-RESOURCE-TYPE-OTHER", Fatal, "structure",
        "the resource has another type than the expected one",
        "FHIR R4 json.html: resourceType says what a resource is. Read it as Resource to take whatever type there is.";
    FHIR_RESOURCE_TYPE_LATE = "FHIR-RESOURCE-TYPE-LATE", Information, "structure",
        "resourceType is not the first member",
        "FHIR R4 json.html: the order of members has no meaning, but readers that stream are faster when the type comes first.";
    FHIR_MORE_ISSUES = "FHIR-MORE-ISSUES", Error, "too-costly",
        "there are more issues than can be listed",
        "A limit of this validator: the first 10,000 issues of a resource or an entry of a Bundle are listed, of a Bundle that is read whole the first 100,000, and never more than have 32 MiB of paths. Correct these first, then validate again.";
}
