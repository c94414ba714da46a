//! The registry of this crate's rules; ids are never reused, and `rules.txt` lists them.

healthcode_core::rule_registry! {
    EXCHANGE_CAPTURE = "EXCHANGE-CAPTURE", Fatal, "structure",
        "invalid capture: it cannot be read",
        "HTTP Archive 1.2, or curl's manual. Give a HAR file (JSON with log.entries), or what curl -i or curl -v printed, the command before it.";
    EXCHANGE_LINE = "EXCHANGE-LINE", Warning, "structure",
        "unknown line: it and those after it, up to the next part of an exchange, were skipped",
        "curl's manual: a transcript has commands, what curl -i, -v or --trace prints, and prompts. Remove all other lines, or record the call again: curl -sS -i.";
    EXCHANGE_ENTRY = "EXCHANGE-ENTRY", Warning, "structure",
        "invalid part of the HAR file: the rest was read",
        "HTTP Archive 1.2: each of log.entries has a request and a response. Export the file again, or remove the entry.";
    EXCHANGE_UNKNOWN = "EXCHANGE-UNKNOWN", Information, "informational",
        "unknown address: no documented call has it, so only the bodies are checked",
        "The table of endpoints (healthcode query endpoints). Keep the exchange that fetched the discovery document in the capture: Healthcode's addresses are known by its keys alone.";
    EXCHANGE_NESTING = "EXCHANGE-NESTING", Error, "value",
        "invalid address: the provider's address is not within the proxy's as documented",
        "The Spine Secure Proxy's documentation: GP Connect appends the provider's address to the proxy's as the directory has it; NRL's retrieval percent-encodes it as a whole.";
    EXCHANGE_METHOD = "EXCHANGE-METHOD", Error, "not-supported",
        "the HTTP method differs from the documented one",
        "The services' documentation: the table of endpoints has the method of each call (healthcode query endpoints).";
    EXCHANGE_HEADER_MISSING = "EXCHANGE-HEADER-MISSING", Error, "required",
        "missing request header: the service requires it",
        "The services' documentation: Healthcode requires Authorization and SU-SiteId, Graphnet Authorization and Ocp-Apim-Subscription-Key, PDS Authorization, X-Request-ID and, for a change, If-Match, SDS apikey, the Spine's proxy Authorization, Ssp-TraceID, Ssp-From, Ssp-To and Ssp-InteractionID.";
    EXCHANGE_HEADER_RECOMMENDED = "EXCHANGE-HEADER-RECOMMENDED", Warning, "required",
        "missing request header: the service recommends it",
        "Healthcode's documentation: a request without HC-API-Version is taken for version 1, and to send it always is recommended.";
    EXCHANGE_HEADER_VALUE = "EXCHANGE-HEADER-VALUE", Error, "value",
        "invalid request header",
        "The services' documentation: Authorization is Bearer and a token; X-Request-ID of PDS, X-Correlation-Id of SDS and Ssp-TraceID are UUIDs; If-Match of PDS is W/ and a version in quotes.";
    EXCHANGE_MEDIA_TYPE = "EXCHANGE-MEDIA-TYPE", Error, "not-supported",
        "the media type of the request's body, or of the answer it accepts, differs from the documented one",
        "FHIR R4 http.html#mime-type: resources are application/fhir+json; searches with a body are application/x-www-form-urlencoded; SDS answers FHIR JSON only.";
    EXCHANGE_RESTRICTED = "EXCHANGE-RESTRICTED", Warning, "business-rule",
        "the call is documented as reserved for Healthcode's own products",
        "Healthcode's documentation: external integrators must not use it; a public call may have the same discovery key.";
    EXCHANGE_CREDENTIALS = "EXCHANGE-CREDENTIALS", Warning, "security",
        "the capture holds a credential that is not redacted",
        "RFC 6750 section 5: anyone who has the token can use it until it expires. Replace tokens, keys and secrets by [redacted] before the file is stored or sent.";
    EXCHANGE_NO_ANSWER = "EXCHANGE-NO-ANSWER", Warning, "incomplete",
        "missing answer to the request",
        "RFC 9110 section 3.4: each request has an answer. The connection failed, or the capture ended before the answer came.";
    EXCHANGE_STATUS = "EXCHANGE-STATUS", Error, "processing",
        "the status and the body contradict each other",
        "FHIR R4 http.html: an answer of 200 has no OperationOutcome that reports an error; an error of a FHIR service has an OperationOutcome. PDS answers 200 with TOO_MANY_MATCHES.";
    EXCHANGE_REDIRECT = "EXCHANGE-REDIRECT", Error, "processing",
        "missing Location of a redirect",
        "RFC 9110 section 10.2.2. Healthcode answers 301 and 302 with the endpoint's new address in Location; repeat the request there, with its method and body.";
    EXCHANGE_ANSWER_TYPE = "EXCHANGE-ANSWER-TYPE", Error, "structure",
        "the answer is a resource of another type than documented",
        "The services' documentation: the table of endpoints has the type that each call answers.";
    EXCHANGE_ANSWER_MEDIA_TYPE = "EXCHANGE-ANSWER-MEDIA-TYPE", Warning, "not-supported",
        "the answer has a body of FHIR JSON and another Content-Type",
        "FHIR R4 http.html#mime-type: FHIR JSON is application/fhir+json.";
    EXCHANGE_ANSWER_SIZE = "EXCHANGE-ANSWER-SIZE", Error, "processing",
        "the answer has more entries than the request allows",
        "FHIR R4 search.html#count: _count bounds the matches of a page, as Healthcode's count does.";
    EXCHANGE_ANSWER_MATCH = "EXCHANGE-ANSWER-MATCH", Warning, "processing",
        "a resource of the answer does not satisfy a parameter of the query",
        "FHIR R4 search.html: matches satisfy all parameters. healthcode query run --check names all that a resource misses. The service may compare more loosely than documented, or ignore the parameter.";
    EXCHANGE_ANSWER_ORDER = "EXCHANGE-ANSWER-ORDER", Warning, "processing",
        "an entry of the answer is out of order: it belongs before the previous one",
        "FHIR R4 search.html#sort: by the first field of _sort; names are compared without case and accents, and distances with one percent of tolerance.";
    EXCHANGE_ANSWER_DISTINCT = "EXCHANGE-ANSWER-DISTINCT", Error, "processing",
        "an entry of the answer repeats an earlier one, though distinct entries were requested",
        "Healthcode's documentation: distinct-by gives the first record of each practitioner, or of each location.";
    EXCHANGE_ANSWER_PAGE = "EXCHANGE-ANSWER-PAGE", Error, "processing",
        "a tag of the answer's page contradicts the query or the entries",
        "Healthcode's documentation: the tags page and count say what was requested; maxCount says how many match on all pages, which are not fewer than there were up to this one.";
    EXCHANGE_BODY_ENCODED = "EXCHANGE-BODY-ENCODED", Warning, "structure",
        "the body is compressed, so that it is not checked",
        "RFC 9110 section 8.4: Content-Encoding names how a body is compressed. Record the call with curl --compressed, which decodes the answer.";
    EXCHANGE_CORRELATION = "EXCHANGE-CORRELATION", Warning, "processing",
        "the request id or correlation id of the answer differs from that of the request",
        "The NHS's documentation: PDS and SDS mirror X-Request-ID and X-Correlation-ID; another id means that the exchanges were mixed up, or a proxy answered.";
}
