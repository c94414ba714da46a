//! Views that come with this crate: of practitioners in private practice, and of booking and billing.
//!
//! Their columns follow Healthcode's documented payloads. Dates of birth are text, because the service writes some in
//! a form of its own.

/// The views, by name.
pub const VIEWS: &[(&str, &str)] = &[
    ("practitioners", include_str!("bundled/practitioners.json")),
    ("professions", include_str!("bundled/professions.json")),
    ("insurers", include_str!("bundled/insurers.json")),
    ("roles", include_str!("bundled/roles.json")),
    ("slots", include_str!("bundled/slots.json")),
    ("appointments", include_str!("bundled/appointments.json")),
    ("claims", include_str!("bundled/claims.json")),
];

/// The text of the view of this name.
///
/// ```
/// use healthcode_r4::schema;
/// use healthcode_views::{Version, View, bundled};
///
/// let version = Version { number: schema::VERSION, find: schema::find };
/// for (name, text) in bundled::VIEWS {
///     assert_eq!(View::check(text, version), [], "{name}");
///     let view = View::compile(text, version).unwrap();
///     assert_eq!(view.name(), Some(*name));
/// }
/// assert!(bundled::find("claims").is_some());
/// ```
#[must_use]
pub fn find(name: &str) -> Option<&'static str> {
    let mut views = VIEWS.iter();
    views
        .find(|(known, _)| *known == name)
        .map(|(_, text)| *text)
}
