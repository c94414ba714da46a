//! The sizes of types that there are many of, in bytes on 64-bit machines.
#![cfg(target_pointer_width = "64")]

use healthcode_r4::*;

const fn is_shareable<T: Send + Sync + 'static>() {}
const _: () = is_shareable::<Resource>();

#[test]
fn sizes() {
    let sizes = [
        ("Primitive<bool>", size_of::<Primitive<bool>>(), 16),
        ("Primitive<Str>", size_of::<Primitive<Str>>(), 32),
        (
            "Primitive<AdministrativeGender>",
            size_of::<Primitive<codes::AdministrativeGender>>(),
            32,
        ),
        ("OpenType", size_of::<OpenType>(), 40),
        ("Extension", size_of::<Extension>(), 104),
        ("Coding", size_of::<Coding>(), 184),
        ("CodeableConcept", size_of::<CodeableConcept>(), 80),
        ("Identifier", size_of::<Identifier>(), 160),
        ("Reference", size_of::<Reference>(), 144),
        ("HumanName", size_of::<HumanName>(), 168),
        ("Quantity", size_of::<Quantity>(), 200),
        ("BundleEntry", size_of::<BundleEntry>(), 128),
        ("Observation", size_of::<Observation>(), 448),
        ("Patient", size_of::<Patient>(), 368),
        ("Resource", size_of::<Resource>(), 16),
    ];
    for (name, size, expected) in sizes {
        assert_eq!(size, expected, "{name}");
    }
}
