//! Services: where they are, and the headers that their calls have.

use crate::dialect::Dialect;

/// The media type of FHIR's JSON.
pub const FHIR_JSON: &str = "application/fhir+json";
/// The media type of FHIR's XML.
pub const FHIR_XML: &str = "application/fhir+xml";
/// The media type of forms.
pub const FORM: &str = "application/x-www-form-urlencoded";
/// The media type of other JSON.
pub const JSON: &str = "application/json";
/// The media type of JSON Patch (RFC 6902).
pub const JSON_PATCH: &str = "application/json-patch+json";

/// Paths of services on the NHS's platform, as literals that paths below them are made of.
macro_rules! base {
    (pds) => {
        "/personal-demographics/FHIR/R4"
    };
    (sds) => {
        "/spine-directory/FHIR/R4"
    };
}

pub(super) use base;

/// Who runs a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// Healthcode.
    Healthcode,
    /// Graphnet.
    Graphnet,
    /// The NHS in England.
    Nhs,
}

/// A service that has documented calls.
#[derive(Debug, PartialEq)]
#[non_exhaustive]
pub struct Service {
    /// Who runs it.
    pub operator: Operator,
    /// How it writes queries, with the version of FHIR that it has.
    pub dialect: Dialect,
    /// The path of its base below the operator's platform; empty where an address of its own is
    /// documented, or none.
    pub base: &'static str,
    /// The methods for one resource below an endpoint's address, that of reading first.
    pub methods: &'static [&'static str],
    /// The headers of its requests, beside those of their bodies.
    pub headers: &'static [Header],
}

/// A header of a request.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Header {
    /// Its name, as the service documents it.
    pub name: &'static str,
    /// The same in lower case.
    pub lower: &'static str,
    /// Whether the service requires it.
    pub need: Need,
    /// The form of its value.
    pub form: HeaderForm,
}

/// Whether a service requires a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Need {
    /// Every request has it.
    Required,
    /// A request has it that changes what has versions.
    RequiredToChange,
    /// A request may do without it, which is advised against.
    Recommended,
    /// A request may have it.
    Optional,
}

/// The form of a header's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeaderForm {
    /// Any text.
    Text,
    /// `Bearer` and a token.
    Bearer,
    /// A UUID.
    Uuid,
    /// `W/` and a version in quotes.
    Version,
}

const fn header(name: &'static str, lower: &'static str) -> Header {
    Header {
        name,
        lower,
        need: Need::Required,
        form: HeaderForm::Text,
    }
}

/// Healthcode's site that a call is for.
pub const SU_SITE_ID: Header = header("SU-SiteId", "su-siteid");
/// The version of Healthcode's API.
pub const HC_API_VERSION: Header =
    header("HC-API-Version", "hc-api-version").need(Need::Recommended);
/// The key of a subscription to a product of Graphnet's gateway.
pub const SUBSCRIPTION_KEY: Header =
    header("Ocp-Apim-Subscription-Key", "ocp-apim-subscription-key");
/// The key of an application on the NHS's platform.
pub const APIKEY: Header = header("apikey", "apikey");
/// The id of a request, which stays the same when it is repeated.
pub const REQUEST_ID: Header = header("X-Request-ID", "x-request-id").form(HeaderForm::Uuid);
/// The id of a workflow.
pub const CORRELATION_ID: Header =
    header("X-Correlation-ID", "x-correlation-id").need(Need::Optional);
/// The role of a user of PDS.
pub const SESSION_URID: Header =
    header("NHSD-Session-URID", "nhsd-session-urid").need(Need::Optional);
/// The organisation of a user of PDS.
pub const END_USER_ORGANISATION: Header = header(
    "NHSD-End-User-Organisation-ODS",
    "nhsd-end-user-organisation-ods",
)
.need(Need::Optional);
/// The id of a request to the Spine's proxy.
pub const SSP_TRACE_ID: Header = header("Ssp-TraceID", "ssp-traceid").form(HeaderForm::Uuid);
/// The ASID of the consumer's system.
pub const SSP_FROM: Header = header("Ssp-From", "ssp-from");
/// The ASID of the provider's system.
pub const SSP_TO: Header = header("Ssp-To", "ssp-to");
/// What is requested of the provider.
pub const SSP_INTERACTION_ID: Header = header("Ssp-InteractionID", "ssp-interactionid");

/// What interactions of the National Record Locator begin with; all others behind the Spine's proxy are GP
/// Connect's.
pub const NRL_INTERACTIONS: &str = "urn:nhs:names:services:nrl:";

const AUTHORIZATION: Header = header("Authorization", "authorization").form(HeaderForm::Bearer);
const IF_MATCH: Header = header("If-Match", "if-match")
    .need(Need::RequiredToChange)
    .form(HeaderForm::Version);

/// Healthcode's services, by its pages on headers.
pub static HEALTHCODE: Service = Service {
    operator: Operator::Healthcode,
    dialect: Dialect::Healthcode,
    base: "",
    methods: &["GET", "PUT", "DELETE"],
    headers: &[AUTHORIZATION, SU_SITE_ID, HC_API_VERSION],
};

/// The services behind Graphnet's gateway, by its portal.
pub static GRAPHNET: Service = Service {
    operator: Operator::Graphnet,
    dialect: Dialect::Stu3,
    base: "",
    methods: &["GET"],
    headers: &[AUTHORIZATION, SUBSCRIPTION_KEY],
};

/// The NHS's Personal Demographics Service, by its specification.
pub static PDS: Service = Service {
    operator: Operator::Nhs,
    dialect: Dialect::Pds,
    base: base!(pds),
    methods: &["GET", "PATCH"],
    headers: &[
        AUTHORIZATION,
        REQUEST_ID,
        IF_MATCH,
        CORRELATION_ID,
        SESSION_URID,
        END_USER_ORGANISATION,
    ],
};

/// The NHS's Spine Directory Service, by its specification.
pub static SDS: Service = Service {
    operator: Operator::Nhs,
    dialect: Dialect::Sds,
    base: base!(sds),
    methods: &["GET"],
    headers: &[
        APIKEY,
        header("X-Correlation-Id", CORRELATION_ID.lower)
            .need(Need::Optional)
            .form(HeaderForm::Uuid),
    ],
};

/// The Spine's proxy, by its guides; calls are the providers'.
pub static SPINE_PROXY: Service = Service {
    operator: Operator::Nhs,
    dialect: Dialect::Stu3,
    base: "",
    methods: &["GET", "POST"],
    headers: &[
        AUTHORIZATION,
        SSP_TRACE_ID,
        SSP_FROM,
        SSP_TO,
        SSP_INTERACTION_ID,
    ],
};

impl Header {
    const fn need(mut self, need: Need) -> Self {
        self.need = need;
        self
    }

    const fn form(mut self, form: HeaderForm) -> Self {
        self.form = form;
        self
    }
}

impl Service {
    /// Whether its calls have a token.
    #[must_use]
    pub fn takes_tokens(&self) -> bool {
        self.headers.contains(&AUTHORIZATION)
    }
}

impl HeaderForm {
    /// What is expected of a value, for messages.
    #[must_use]
    pub fn expected(self) -> &'static str {
        match self {
            HeaderForm::Text => "text",
            HeaderForm::Bearer => "Bearer and a token",
            HeaderForm::Uuid => "a UUID",
            HeaderForm::Version => "W/ and a version in quotes",
        }
    }

    /// Whether a value has the form.
    #[must_use]
    pub fn matches(self, value: &str) -> bool {
        match self {
            HeaderForm::Text => true,
            HeaderForm::Bearer => value.split_once(' ').is_some_and(|(scheme, token)| {
                let token = token.trim();
                scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && !token.contains(' ')
            }),
            HeaderForm::Uuid => {
                let lengths = value.split('-').map(str::len);
                let hex = |byte: u8| byte == b'-' || byte.is_ascii_hexdigit();
                lengths.eq([8, 4, 4, 4, 12]) && value.bytes().all(hex)
            }
            HeaderForm::Version => {
                let rest = value.strip_prefix("W/\"");
                let version = rest.and_then(|rest| rest.strip_suffix('"'));
                version.is_some_and(|version| {
                    !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit())
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_alike() {
        for service in [&HEALTHCODE, &GRAPHNET, &PDS, &SDS, &SPINE_PROXY] {
            for header in service.headers {
                assert_eq!(header.name.to_ascii_lowercase(), header.lower);
            }
        }
    }

    #[test]
    fn forms() {
        use HeaderForm::{Bearer, Uuid, Version};
        for (form, value, expect) in [
            (Bearer, "Bearer abc", true),
            (Bearer, "bearer  abc", true),
            (Bearer, "Bearer ", false),
            (Bearer, "Bearer a b", false),
            (Bearer, "Basic abc", false),
            (Uuid, "60e0b220-8136-4ca5-ae46-1d97ef59d068", true),
            (Uuid, "60E0B220-8136-4CA5-AE46-1D97EF59D068", true),
            (Uuid, "60e0b22081364ca5ae461d97ef59d068", false),
            (Uuid, "60e0b220-8136-4ca5-ae46-1d97ef59d06g", false),
            (Uuid, "60e0b220-8136-4ca5-ae46-1d97ef59d068-", false),
            (Uuid, "9000000009", false),
            (Uuid, "", false),
            (Version, "W/\"2\"", true),
            (Version, "\"2\"", false),
            (Version, "W/\"\"", false),
        ] {
            assert_eq!(form.matches(value), expect, "{form:?} {value}");
        }
    }
}
