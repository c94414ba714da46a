//! The registry of this crate's rules; ids are never reused, and `rules.txt` lists them.
//!
//! `QUERY-…` say what is wrong with a query, `SLIP-…` what went wrong when it was written down.

healthcode_core::rule_registry! {
    QUERY_ENDPOINT = "QUERY-ENDPOINT", Error, "not-found",
        "unknown endpoint: neither its name nor its address is documented",
        "The table of endpoints (healthcode query endpoints). Name an endpoint of the table, or a type of resource of R4.";
    QUERY_NAME = "QUERY-NAME", Error, "not-supported",
        "unknown parameter of the endpoint",
        "FHIR R4 search.html#errors: servers ignore unknown parameters or refuse the query; both are worse than no query. Names are compared with case.";
    QUERY_MODIFIER = "QUERY-MODIFIER", Error, "not-supported",
        "the modifier, chain or _has is not allowed here: the parameter does not take it",
        "FHIR R4 search.html#modifiers: the parameter's type decides which modifiers it takes; Healthcode, PDS and SDS document none.";
    QUERY_VALUE = "QUERY-VALUE", Error, "value",
        "invalid value",
        "The service's documentation, or FHIR R4 search.html#ptypes: the type of a parameter decides which form its values have.";
    QUERY_EMPTY = "QUERY-EMPTY", Error, "value",
        "missing value of the parameter",
        "FHIR R4 search.html#ptypes: a parameter has a value. Leave the parameter out, or give it one.";
    QUERY_UNREPRESENTABLE = "QUERY-UNREPRESENTABLE", Error, "value",
        "the value has a character that separates values here, and the service documents no escape for it",
        "The service's documentation has no escape for the separator. Send one query for each value, or search by another parameter.";
    QUERY_LIST = "QUERY-LIST", Error, "value",
        "a list is not allowed here: the parameter takes one value",
        "The services' documentation: Healthcode takes comma lists only where they are documented; the NHS's services repeat the parameter.";
    QUERY_REPEATED = "QUERY-REPEATED", Error, "duplicate",
        "a repetition is not allowed here: the parameter may occur once",
        "The service's documentation has the parameter once. Keep one of them.";
    QUERY_REQUIRED = "QUERY-REQUIRED", Error, "required",
        "missing mandatory parameter",
        "The service's documentation calls the parameter mandatory. Add it.";
    QUERY_UNSUPPORTED = "QUERY-UNSUPPORTED", Error, "not-supported",
        "evaluation does not support this parameter, modifier or endpoint",
        "A limit of this evaluator: an answer that left the parameter out would be wrong. Leave it out of the query, or ask a server.";
    QUERY_SORT_POINT = "QUERY-SORT-POINT", Error, "required",
        "missing point: a sort by distance needs one",
        "Healthcode's documentation: a distance is that from near. Add near=latitude:longitude, or sort by name.";
    QUERY_NEAR_POINT = "QUERY-NEAR-POINT", Error, "required",
        "missing point: near-distance needs one",
        "Healthcode's documentation: near-distance is that from near. Add near, or leave near-distance out.";
    QUERY_NEAR_WINS = "QUERY-NEAR-WINS", Information, "informational",
        "near has a distance, so that near-distance is ignored",
        "Healthcode's documentation: near wins. Leave near-distance out.";
    QUERY_CONTRADICTION = "QUERY-CONTRADICTION", Error, "conflict",
        "two parameters contradict each other",
        "FHIR R4 search.html#summary, or the service's documentation: the two are not used together. Keep one of them.";
    QUERY_SAMPLE_ONLY = "QUERY-SAMPLE-ONLY", Information, "informational",
        "the parameter is in the documented sample but not in the documented table",
        "Healthcode's documentation: the service may ignore what its table of parameters does not have.";
    QUERY_RESTRICTED = "QUERY-RESTRICTED", Information, "security",
        "the API is documented as reserved for the service's own products",
        "Healthcode's documentation: do not build an integration on it; ask Healthcode which public API to use.";
    QUERY_METHOD = "QUERY-METHOD", Warning, "not-supported",
        "the endpoint is documented with another method, or takes its parameters elsewhere",
        "The service's documentation has the endpoint's method: GET has its parameters in the query, POST in a form body.";
    QUERY_UNCHECKED = "QUERY-UNCHECKED", Information, "not-supported",
        "R4 defines the parameter, and it is not supported here: its value is not checked",
        "FHIR R4 search_filter.html: servers need not support it either; see the server's CapabilityStatement.";
    QUERY_COMMAND = "QUERY-COMMAND", Error, "incomplete",
        "no URL can be read from the command",
        "The manuals of curl, wget, Invoke-WebRequest and Invoke-RestMethod, which are read. Put the URL itself into the command, in quotes, or give the URL alone: variables and files are not followed.";
    SLIP_AMPERSAND = "SLIP-AMPERSAND", Error, "structure",
        "missing & between two parameters",
        "URL Standard, application/x-www-form-urlencoded: & separates parameters. The second name was found in the value of the first. Put & between them.";
    SLIP_SPACE = "SLIP-SPACE", Warning, "structure",
        "a raw space is not allowed in a value",
        "RFC 3986 section 2: URLs have no spaces. Write %20.";
    SLIP_OUTER_SPACE = "SLIP-OUTER-SPACE", Warning, "structure",
        "a raw space is not allowed beside a name or value; it was left out",
        "RFC 3986 section 2: URLs have no spaces. Remove it.";
    SLIP_LINE_BREAK = "SLIP-LINE-BREAK", Information, "structure",
        "the query is broken into lines; the breaks were left out",
        "RFC 3986 section 2: URLs have no line breaks. Documentation breaks them; a URL stands in one line.";
    SLIP_UNDERSCORE = "SLIP-UNDERSCORE", Error, "structure",
        "missing underscore in the parameter's name; it was added",
        "FHIR R4 search.html#all: parameters of the search itself begin with _: _sort, _since, _include.";
    SLIP_CASE = "SLIP-CASE", Error, "structure",
        "the name differs from the documented one in case; the documented one was taken",
        "RFC 3986 section 6.2.2.1: names are compared with case, whatever their spelling: dateOfbirth has a small b.";
    SLIP_PROSE = "SLIP-PROSE", Error, "structure",
        "a remark of the documentation is not allowed in a query; it was left out",
        "Healthcode's documentation has such remarks within its samples. Choose one of the alternatives and remove the remark.";
    SLIP_ENCODED_TWICE = "SLIP-ENCODED-TWICE", Warning, "structure",
        "the value looks percent-encoded after it was decoded; it is kept so",
        "RFC 3986 section 2.4: text is encoded once. %20 inside --data-urlencode, or %2520 in a URL, arrives as the text %20.";
    SLIP_QUESTION_MARK = "SLIP-QUESTION-MARK", Warning, "structure",
        "a second ? is not allowed here; it was left out",
        "RFC 3986 section 3.4: one ? stands between address and query, and none where parameters are in the body.";
    SLIP_FRAGMENT = "SLIP-FRAGMENT", Warning, "structure",
        "the URL has a #fragment, which is never sent; it was left out",
        "RFC 3986 section 3.5: a fragment stays with the client. Write %23 for a # that belongs to a value.";
    SLIP_PLUS = "SLIP-PLUS", Error, "structure",
        "a raw + arrives as a space; it was read as the sign of a time zone",
        "URL Standard, application/x-www-form-urlencoded: + stands for a space. Write %2B.";
    SLIP_PERCENT = "SLIP-PERCENT", Error, "structure",
        "invalid percent-encoding: expected two hexadecimal digits after %; the text is kept",
        "RFC 3986 section 2.1: % begins an encoded byte. Write %25 for a percent sign.";
    SLIP_UTF8 = "SLIP-UTF8", Error, "structure",
        "invalid percent-encoding: the bytes are not UTF-8; they were replaced",
        "FHIR R4 search.html: queries are in UTF-8.";
    SLIP_EMPTY_PIECE = "SLIP-EMPTY-PIECE", Information, "structure",
        "missing parameter between two &, or beside one; it was left out",
        "URL Standard, application/x-www-form-urlencoded: one & separates two parameters. Remove the other.";
    SLIP_NO_EQUALS = "SLIP-NO-EQUALS", Error, "structure",
        "missing = in a part of the query; the part was left out",
        "URL Standard, application/x-www-form-urlencoded: a parameter is name=value.";
    SLIP_LIST_SPACE = "SLIP-LIST-SPACE", Warning, "structure",
        "a space follows a comma of the list; it was left out",
        "FHIR R4 search.html#escaping: values of a list are separated by the comma alone.";
    SLIP_BRACES = "SLIP-BRACES", Warning, "structure",
        "missing braces around a discovery key",
        "Healthcode's documentation writes addresses as discovery keys in braces. Replace {key} by the address that the discovery document gives.";
    SLIP_QUOTE = "SLIP-QUOTE", Error, "structure",
        "missing closing quote",
        "POSIX, Shell Command Language, section 2.2: what is in quotes ends with the closing one. Close it: shells wait for the rest.";
    SLIP_CONTINUATION = "SLIP-CONTINUATION", Warning, "structure",
        "missing \\ at the end of a line of the command",
        "POSIX, Shell Command Language, section 2.2.1: a \\ continues a line. Without it, shells take each line for a command of its own.";
    SLIP_HEADER = "SLIP-HEADER", Warning, "structure",
        "invalid header: expected 'Name: value'",
        "RFC 9110 section 5: a header has a name and a value, and curl takes both in one text. Put them into one pair of quotes.";
}
