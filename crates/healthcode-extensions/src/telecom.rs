//! Phone numbers and addresses whose `system` is missing.

use healthcode_core::CodeEnum;
use healthcode_r4::ContactPoint;
use healthcode_r4::codes::ContactPointSystem;

/// What a contact point is: its `system`, or else what its element id says.
///
/// The Private Practice Register sends no `system`; the element ids `phone` and `email` say it.
///
/// ```
/// use healthcode_extensions::telecom_system;
/// use healthcode_r4::{ContactPoint, codes::ContactPointSystem};
/// let point = ContactPoint { id: Some("phone".into()), value: "020 7789 0123".into(), ..Default::default() };
/// assert_eq!(telecom_system(&point), Some(ContactPointSystem::Phone));
/// ```
#[must_use]
pub fn telecom_system(point: &ContactPoint) -> Option<ContactPointSystem> {
    if let Some(system) = point.system.value() {
        return Some(system.clone());
    }
    let named = ContactPointSystem::from_code(point.id.as_deref()?);
    named.is_known().then_some(named)
}

/// Looking contact points up.
pub trait TelecomSlice {
    /// The values of all contact points of a system, which their ids alone may say.
    fn values_of(&self, system: ContactPointSystem) -> impl Iterator<Item = &str>;

    /// Writes the systems that ids name into the contact points without a system; returns how many.
    fn fill_systems(&mut self) -> usize;
}

impl TelecomSlice for [ContactPoint] {
    fn values_of(&self, system: ContactPointSystem) -> impl Iterator<Item = &str> {
        let of_system =
            move |point: &&ContactPoint| telecom_system(point).as_ref() == Some(&system);
        self.iter()
            .filter(of_system)
            .filter_map(|point| point.value.as_str())
    }

    fn fill_systems(&mut self) -> usize {
        let mut filled = 0;
        for point in self {
            let missing = point.system.value().is_none() && point.system.malformed().is_none();
            if missing && let Some(system) = telecom_system(point) {
                point.system.set(system);
                filled += 1;
            }
        }
        filled
    }
}
