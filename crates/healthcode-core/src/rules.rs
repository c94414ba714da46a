//! The rules that hold for every FHIR version: of JSON (`JSON-…`), and of FHIR in JSON (`FHIR-…`).

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
        "The limit is the reader's, and can be set; of the command with --max-resource.";
    JSON_BOM = "JSON-BOM", Information, "structure",
        "the text starts with a byte order mark",
        "RFC 8259 section 8.1: one must not be added, and may be passed over.";
    JSON_DEPTH = "JSON-DEPTH", Error, "too-long",
        "the element is nested deeper than the limit; its text is kept unread",
        "FHIR sets no limit; this one guards the stack, and can be set up to 512; of the command with --max-depth.";
    JSON_REPEATED_NAME = "JSON-REPEATED-NAME", Error, "duplicate",
        "the name occurs more than once in its object",
        "FHIR R4 json.html: property names shall be unique within an object. The first one is used, the others are kept.";
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
        "the object is empty",
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
        "Read it as Resource to take whatever type there is.";
    FHIR_RESOURCE_TYPE_LATE = "FHIR-RESOURCE-TYPE-LATE", Information, "structure",
        "resourceType is not the first member",
        "JSON objects have no order, but readers that stream are faster when the type comes first.";
    FHIR_MORE_ISSUES = "FHIR-MORE-ISSUES", Error, "too-costly",
        "there are more issues than can be listed",
        "The first 10,000 issues of a resource or an entry of a Bundle are listed, of a Bundle that is read whole the first 100,000, and never more than have 32 MiB of paths. Correct these first, then validate again.";
}
