//! The registry of this crate's rules; ids are never reused, and `rules.txt` lists them.
//!
//! `QUERY-…` say what is wrong with a query, `SLIP-…` what went wrong when it was written down.

healthcode_core::rule_registry! {
    QUERY_ENDPOINT = "QUERY-ENDPOINT", Error, "not-found",
        "unknown endpoint: neither its name nor its address is documented",
        "Name an endpoint of the table, or a type of resource of R4.";
    QUERY_NAME = "QUERY-NAME", Error, "not-supported",
        "unknown parameter of the endpoint",
        "Servers ignore unknown parameters or refuse the query; both are worse than no query. Names are compared with case.";
    QUERY_MODIFIER = "QUERY-MODIFIER", Error, "not-supported",
        "the modifier, chain or _has is not allowed here: the parameter does not take it",
        "FHIR R4 search.html#modifiers: the parameter's type decides which modifiers it takes; Healthcode, PDS and SDS document none.";
    QUERY_VALUE = "QUERY-VALUE", Error, "value",
        "invalid value",
        "The table of the endpoint says which form its values have.";
    QUERY_EMPTY = "QUERY-EMPTY", Error, "value",
        "missing value of the parameter",
        "Leave the parameter out, or give it a value.";
    QUERY_UNREPRESENTABLE = "QUERY-UNREPRESENTABLE", Error, "value",
        "the value has a character that separates values here, and the service documents no escape for it",
        "Send one query for each value, or search by another parameter.";
    QUERY_LIST = "QUERY-LIST", Error, "value",
        "a list is not allowed here: the parameter takes one value",
        "Healthcode takes comma lists only where they are documented; the NHS's services repeat the parameter.";
    QUERY_REPEATED = "QUERY-REPEATED", Error, "duplicate",
        "a repetition is not allowed here: the parameter may occur once",
        "It is documented to stand once. Keep one of them.";
    QUERY_REQUIRED = "QUERY-REQUIRED", Error, "required",
        "missing mandatory parameter",
        "Add it.";
    QUERY_UNSUPPORTED = "QUERY-UNSUPPORTED", Error, "not-supported",
        "evaluation does not support this parameter, modifier or endpoint",
        "An answer that left it out would be wrong. Leave it out of the query, or ask a server.";
    QUERY_SORT_POINT = "QUERY-SORT-POINT", Error, "required",
        "missing point: a sort by distance needs one",
        "Add near=latitude:longitude, or sort by name.";
    QUERY_NEAR_POINT = "QUERY-NEAR-POINT", Error, "required",
        "missing point: near-distance needs one",
        "Add near, or leave near-distance out.";
    QUERY_NEAR_WINS = "QUERY-NEAR-WINS", Information, "informational",
        "near has a distance, so that near-distance is ignored",
        "Healthcode documents that near wins. Leave near-distance out.";
    QUERY_CONTRADICTION = "QUERY-CONTRADICTION", Error, "conflict",
        "two parameters contradict each other",
        "Keep one of them.";
    QUERY_SAMPLE_ONLY = "QUERY-SAMPLE-ONLY", Information, "informational",
        "the parameter is in the documented sample but not in the documented table",
        "The service may ignore it.";
    QUERY_RESTRICTED = "QUERY-RESTRICTED", Information, "security",
        "the API is documented as reserved for the service's own products",
        "Do not build an integration on it; ask Healthcode which public API to use.";
    QUERY_METHOD = "QUERY-METHOD", Warning, "not-supported",
        "the endpoint is documented with another method, or takes its parameters elsewhere",
        "See the endpoint's method: GET has its parameters in the query, POST in a form body.";
    QUERY_UNCHECKED = "QUERY-UNCHECKED", Information, "not-supported",
        "R4 defines the parameter, and it is not supported here: its value is not checked",
        "FHIR R4 search.html#filter: servers need not support it either; see the server's CapabilityStatement.";
    QUERY_COMMAND = "QUERY-COMMAND", Error, "incomplete",
        "no URL can be read from the command",
        "Put the URL itself into the command, in quotes, or give the URL alone: variables and files are not followed. curl, wget, Invoke-WebRequest and Invoke-RestMethod are read.";
    SLIP_AMPERSAND = "SLIP-AMPERSAND", Error, "structure",
        "missing & between two parameters",
        "The second name was found in the value of the first. Put & between them.";
    SLIP_SPACE = "SLIP-SPACE", Warning, "structure",
        "a raw space is not allowed in a value",
        "Write %20.";
    SLIP_OUTER_SPACE = "SLIP-OUTER-SPACE", Warning, "structure",
        "a raw space is not allowed beside a name or value; it was left out",
        "Remove it.";
    SLIP_LINE_BREAK = "SLIP-LINE-BREAK", Information, "structure",
        "the query is broken into lines; the breaks were left out",
        "Documentation does so. A URL stands in one line.";
    SLIP_UNDERSCORE = "SLIP-UNDERSCORE", Error, "structure",
        "missing underscore in the parameter's name; it was added",
        "Parameters of the search itself begin with _: _sort, _since, _include.";
    SLIP_CASE = "SLIP-CASE", Error, "structure",
        "the name differs from the documented one in case; the documented one was taken",
        "Names are compared with case, whatever their spelling: dateOfbirth has a small b.";
    SLIP_PROSE = "SLIP-PROSE", Error, "structure",
        "a remark of the documentation is not allowed in a query; it was left out",
        "Choose one of the alternatives and remove the remark.";
    SLIP_ENCODED_TWICE = "SLIP-ENCODED-TWICE", Warning, "structure",
        "the value looks percent-encoded after it was decoded; it is kept so",
        "Encode once: %20 inside --data-urlencode, or %2520 in a URL, arrives as the text %20.";
    SLIP_QUESTION_MARK = "SLIP-QUESTION-MARK", Warning, "structure",
        "a second ? is not allowed here; it was left out",
        "One ? stands between address and query, and none where parameters are in the body.";
    SLIP_FRAGMENT = "SLIP-FRAGMENT", Warning, "structure",
        "the URL has a #fragment, which is never sent; it was left out",
        "RFC 3986 section 3.5: a fragment stays with the client. Write %23 for a # that belongs to a value.";
    SLIP_PLUS = "SLIP-PLUS", Error, "structure",
        "a raw + arrives as a space; it was read as the sign of a time zone",
        "Write %2B.";
    SLIP_PERCENT = "SLIP-PERCENT", Error, "structure",
        "invalid percent-encoding: expected two hexadecimal digits after %; the text is kept",
        "Write %25 for a percent sign.";
    SLIP_UTF8 = "SLIP-UTF8", Error, "structure",
        "invalid percent-encoding: the bytes are not UTF-8; they were replaced",
        "FHIR R4 search.html: queries are in UTF-8.";
    SLIP_EMPTY_PIECE = "SLIP-EMPTY-PIECE", Information, "structure",
        "missing parameter between two &, or beside one; it was left out",
        "Remove the &.";
    SLIP_NO_EQUALS = "SLIP-NO-EQUALS", Error, "structure",
        "missing = in a part of the query; the part was left out",
        "Write name=value.";
    SLIP_LIST_SPACE = "SLIP-LIST-SPACE", Warning, "structure",
        "a space follows a comma of the list; it was left out",
        "Values of a list are separated by the comma alone.";
    SLIP_BRACES = "SLIP-BRACES", Warning, "structure",
        "missing braces around a discovery key",
        "Replace {key} by the address that the discovery document gives.";
    SLIP_QUOTE = "SLIP-QUOTE", Error, "structure",
        "missing closing quote",
        "Close it: shells wait for the rest.";
    SLIP_CONTINUATION = "SLIP-CONTINUATION", Warning, "structure",
        "missing \\ at the end of a line of the command",
        "Without it, shells take each line for a command of its own.";
    SLIP_HEADER = "SLIP-HEADER", Warning, "structure",
        "invalid header: expected 'Name: value'",
        "Put name and value into one pair of quotes.";
}
