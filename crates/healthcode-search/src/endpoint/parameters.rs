//! The parameters of Healthcode's endpoints, and those that all R4 searches take.

use crate::definition::{Definition, ValueForm};
use crate::table::ParameterType::Number;
use ValueForm::{
    Boolean, DateRange, DateTime, Distance, Element, Fhir, Include, Integer, Keyword, Text,
};

const fn p(name: &'static str, form: ValueForm) -> Definition {
    Definition::new(name, form)
}

const PAGE: Definition = p("page", Integer(1, u32::MAX));
const COUNT: Definition = p("count", Integer(1, u32::MAX));
const ONLINE: Definition = p("is-onlinebooking-available", Boolean);
const INSURER: Definition = p("insurerIdentifier", Text).required();
const NEAR: Definition = p(
    "near",
    ValueForm::Near {
        with_distance: true,
    },
);
const CREATED: Definition = p(
    "_sort",
    ValueForm::Sort {
        fields: &["createdOn"],
        words: false,
    },
)
.list();

/// Search Practitioners, of the Private Practice Register.
pub(super) static PRACTITIONER: &[Definition] = &[
    PAGE.sample_only(),
    COUNT.sample_only(),
    p("gender", Text),
    p("profession", Text),
    p("specialty", Text),
    p("subspecialty", Text),
    p("insurer-recognition-status", Text),
    p("insurer-provider-number", Text),
    p("insurer", Text),
    p("address-postalcode", Text),
    p("family", Text),
    p("given", Text),
    ONLINE,
    p("regulator-reference", Text),
];

/// Search PractitionerRole, of the Private Practice Register.
pub(super) static PRACTITIONER_ROLE: &[Definition] = &[
    p("practitioner", Text).list(),
    p("location", Text),
    p("ages-treated", Text),
    NEAR,
    p("near-distance", Distance),
    p("address-postalcode", Text),
    p("specialty", Text),
    p("subspecialty", Text),
    ONLINE,
    p("insurer", Text).list(),
    p("profession", Text),
    p("gender", Text).sample_only(),
    p("family", Text).sample_only(),
    p("given", Text).sample_only(),
    p(
        "_sort",
        ValueForm::Sort {
            fields: &["distance", "name"],
            words: true,
        },
    )
    .list(),
    p(
        "_include",
        ValueForm::KeywordList(&["practitioner", "location"]),
    ),
    p("distinct-by", Keyword(&["practitioner", "location"])),
    PAGE.sample_only(),
    COUNT.sample_only(),
];

/// Search Practitioner, of ICE.
pub(super) static ICE_PRACTITIONER: &[Definition] = &[
    p("family", Text),
    p("given", Text).sample_only(),
    p("gender", Text).sample_only(),
    p("id", Text).sample_only(),
    p("site", Text).sample_only(),
    p("profession", Text).sample_only(),
    p("registeredno", Text).sample_only(),
    p("channel", Text).sample_only(),
    p("location", Text).sample_only(),
    p("postcode", Text).sample_only(),
    NEAR.sample_only(),
    p("_since", DateTime).sample_only(),
    PAGE.sample_only(),
    COUNT.sample_only(),
];

/// Find Member.
pub(super) static MEMBER: &[Definition] = &[
    INSURER,
    p("firstName", Text),
    p("lastName", Text),
    p("sex", Text),
    p("dateOfbirth", ValueForm::Date),
    p("postCode", Text),
    p("membershipNumber", Text),
    p("groupId", Text),
    p("policyActiveOn", ValueForm::Date),
];

/// Search Remittance Summary: the basic filters, then those of the advanced tier.
pub(super) static REMITTANCE: &[Definition] = &[
    PAGE,
    COUNT,
    INSURER,
    CREATED,
    p("_since", DateTime),
    p("provider", Text),
    p("invoiceNumber", Text),
    p("patientName", Text),
    p("membershipNumber", Text),
    p("dateCreated", DateRange),
    p("datePaid", DateRange),
    p("paymentAmount", Fhir(Number)),
    p("amountInvoiced", Fhir(Number)),
    p("paymentReference", Text),
    p("hasShortFall", Boolean),
];

/// Retrieve Effective Prices.
pub(super) static PRICES: &[Definition] = &[
    p("site", Text),
    p("location", Text),
    p("payor", Text).list(),
    p("service-code", Text),
    PAGE,
    COUNT,
    p("_since", DateTime),
];

/// What has pages and nothing else.
pub(super) static PAGES: &[Definition] = &[PAGE, COUNT];

/// What all searches of R4 take beside the parameters of the type of resource
/// (<https://hl7.org/fhir/R4/search.html#Summary>).
pub(crate) static SHARED: &[Definition] = &[
    p(
        "_sort",
        ValueForm::Sort {
            fields: &[],
            words: false,
        },
    )
    .list(),
    p("_count", Integer(0, u32::MAX)),
    p("_include", Include).repeats(),
    p("_revinclude", Include).repeats(),
    p(
        "_summary",
        Keyword(&["true", "text", "data", "count", "false"]),
    ),
    p("_total", Keyword(&["none", "estimate", "accurate"])),
    p("_elements", Element).list(),
    p("_contained", Keyword(&["true", "false", "both"])),
    p("_containedType", Keyword(&["container", "contained"])),
    p("_format", Text),
    p("_pretty", Boolean),
    p("_list", Text),
    p("_filter", ValueForm::Opaque).repeats(),
    p("_type", Keyword(&[])).list(),
    p("_since", DateTime),
];
