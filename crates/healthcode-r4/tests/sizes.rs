//! The sizes of types that there are many of, in bytes on 64-bit machines.
#![cfg(target_pointer_width = "64")]

use healthcode_r4::*;

const fn is_shareable<T: Send + Sync + 'static>() {}
const _: () = is_shareable::<Resource>();

#[test]
fn sizes() {
    let sizes = [
        ("Primitive<bool>", size_of::<Primitive<bool>>(), 16),
        ("Primitive<Str>", size_of::<Primitive<Str>>(), 24),
        (
            "Primitive<AdministrativeGender>",
            size_of::<Primitive<codes::AdministrativeGender>>(),
            24,
        ),
        ("OpenType", size_of::<OpenType>(), 32),
        ("Extension", size_of::<Extension>(), 80),
        ("Coding", size_of::<Coding>(), 144),
        ("CodeableConcept", size_of::<CodeableConcept>(), 64),
        ("Identifier", size_of::<Identifier>(), 128),
        ("Reference", size_of::<Reference>(), 112),
        ("HumanName", size_of::<HumanName>(), 136),
        ("Quantity", size_of::<Quantity>(), 152),
        ("BundleEntry", size_of::<BundleEntry>(), 112),
        ("Observation", size_of::<Observation>(), 392),
        ("Patient", size_of::<Patient>(), 320),
        ("Resource", size_of::<Resource>(), 16),
    ];
    for (name, size, expected) in sizes {
        assert_eq!(size, expected, "{name}");
    }
}
