//! Parameters that several endpoints have, those of endpoints without a builder, and those that all R4
//! searches take.

use crate::definition::{Definition, ValueForm};
use ValueForm::{Boolean, DateTime, Element, Include, Integer, Keyword, Text};

pub(crate) const fn p(name: &'static str, form: ValueForm) -> Definition {
    Definition::new(name, form)
}

pub(crate) const PAGE: Definition = p("page", Integer(1, u32::MAX));
pub(crate) const COUNT: Definition = p("count", Integer(1, u32::MAX));
pub(crate) const ONLINE: Definition = p("is-onlinebooking-available", Boolean);
pub(crate) const INSURER: Definition = p("insurerIdentifier", Text).required();
pub(crate) const NEAR: Definition = p(
    "near",
    ValueForm::Near {
        with_distance: true,
    },
);

/// `_sort`, in the order of these fields.
pub(crate) const fn sort(fields: &'static [&'static str]) -> Definition {
    let words = false;
    p("_sort", ValueForm::Sort { fields, words }).list()
}

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

/// Endpoints that have pages and no other parameters.
pub(super) static PAGES: &[Definition] = &[PAGE, COUNT];

/// What all searches of R4 take beside the parameters of the type of resource
/// (<https://hl7.org/fhir/R4/search.html#Summary>).
pub(crate) static SHARED: &[Definition] = &[
    sort(&[]),
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
