//! Properties of all views and all extensions.

use healthcode_core::{List, Path, list};
use healthcode_extensions::codes::CodeSystem;
use healthcode_extensions::{
    BundleEntryExtensions, Coded, DecodeOptions, ExtensionView, InsurerRecognition, Item,
    OrganizationExtensions, PatientExtensions, PractitionerExtensions, PractitionerRoleExtensions,
    ProfessionGroup, Registration, Unrecognised,
};
use healthcode_json::{from_slice, to_string};
use healthcode_r4::{DateTime, Extension, OpenType, Practitioner, Str};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        select(vec![
            "",
            "N",
            "Y",
            "nuh",
            "bup",
            "GMC",
            "00U",
            "C0",
            "1234567",
            "08.05.1997",
            "31.02.2020"
        ])
        .prop_map(str::to_owned),
        "\\PC{0,30}",
    ]
}

fn item<T: std::fmt::Debug + Clone>(
    value: impl Strategy<Value = T>,
) -> impl Strategy<Value = Option<Item<T>>> {
    of(value.prop_map(Item::from))
}

fn string<T: for<'a> From<&'a str> + std::fmt::Debug + Clone>()
-> impl Strategy<Value = Option<Item<T>>> {
    item(text().prop_map(|text| T::from(&text)))
}

fn coded<C: CodeSystem>() -> impl Strategy<Value = Coded<C>> {
    (text(), of(text())).prop_map(|(code, display)| Coded {
        code: C::from_code(&code),
        display: display.map(Str::from),
    })
}

/// Somebody else's extensions, which are in no view.
fn others() -> impl Strategy<Value = Unrecognised> {
    let other = text()
        .prop_map(|text| Extension::new(&format!("urn:x:{text}"), OpenType::String(text.into())));
    vec(other, 0..3).prop_map(|others| Unrecognised::from(List::from(others)))
}

prop_compose! {
    fn profession()(profession in item(coded()), specialty in item(coded()), subspecialty in item(coded()), unrecognised in others()) -> Item<ProfessionGroup> {
        ProfessionGroup { profession, specialty, subspecialty, unrecognised }.into()
    }
}

prop_compose! {
    fn registration()(body in item(coded()), reference in string(), date in string(), unrecognised in others()) -> Item<Registration> {
        Registration { body, reference, date, unrecognised }.into()
    }
}

prop_compose! {
    fn recognition()(insurer in item(coded()), provider_code in string(), status in item(coded()), unrecognised in others()) -> Item<InsurerRecognition> {
        InsurerRecognition { insurer, provider_code, status, unrecognised }.into()
    }
}

prop_compose! {
    fn practitioner()(
        indemnity_status in string(),
        online_booking in item(any::<bool>()),
        professions in vec(profession(), 0..3),
        registrations in vec(registration(), 0..3),
        insurers in vec(recognition(), 0..3),
        unrecognised in others(),
    ) -> PractitionerExtensions {
        PractitionerExtensions {
            indemnity_status, online_booking, unrecognised,
            professions: professions.into(),
            registrations: registrations.into(),
            insurers: insurers.into(),
        }
    }
}

prop_compose! {
    fn patient()(insurer in string(), registration_id in string(), authorization_number in string(), unrecognised in others()) -> PatientExtensions {
        PatientExtensions { insurer, registration_id, authorization_number, unrecognised }
    }
}

/// The view that is decoded from what a view is encoded as is that view.
fn same<V: ExtensionView + std::fmt::Debug>(view: &V) -> Result<(), TestCaseError> {
    let extensions = view.encode();
    let decoded = V::decode(&extensions, &Path::root("X"), &DecodeOptions::new());
    prop_assert_eq!(&decoded.value, view);
    prop_assert_eq!(decoded.value.encode(), extensions);
    Ok(())
}

/// Any extensions are given back, whichever view they are read with.
fn kept<V: ExtensionView>(extensions: &[Extension]) -> Result<(), TestCaseError> {
    let decoded = V::decode(extensions, &Path::root("X"), &DecodeOptions::new());
    let back = decoded.value.encode();
    prop_assert_eq!(&back[..], extensions);
    let show = |extensions: &[Extension]| {
        let resource = Practitioner {
            extension: extensions.iter().cloned().collect(),
            ..Default::default()
        };
        to_string(&resource)
    };
    prop_assert_eq!(show(&back), show(extensions));
    Ok(())
}

const URLS: &[&str] = &[
    "indemnityStatus",
    "onlineBookingStatus",
    "profession",
    "profession",
    "specialty",
    "subspecialty",
    "registrationnumbers",
    "regulatorybody",
    "regulatorreference",
    "registrationdate",
    "insurers",
    "insurer",
    "insurerprovidercode",
    "recognitionstatus",
    "agestreated",
    "logoLink",
    "patient/insurer",
    "patient/registrationid",
    "newer",
];

/// JSON of extensions: the documented urls and ids with values of all sorts in any arrangement.
fn soup() -> impl Strategy<Value = String> {
    let url = prop_oneof![
        8 => select(URLS).prop_map(|name| format!("\"url\":\"https://ref.api.healthcode.co.uk/extension/{name}\"")),
        1 => Just("\"url\":\"https://example.org/x\"".to_owned()),
        1 => Just("\"url\":5".to_owned()),
        1 => Just("\"url\":null".to_owned()),
    ];
    let id = select(vec![
        "profession",
        "insurer",
        "lastUpdated",
        "lastUpdated",
        "x",
    ])
    .prop_map(|id| format!("\"id\":\"{id}\""));
    let scalar = select(vec![
        "\"N\"",
        "\"Y\"",
        "\"08.05.1997\"",
        "\"31.02.2020\"",
        "1234567",
        "1.50",
        "true",
        "\"true\"",
        "null",
        "{}",
        "[]",
        "\"\"",
        "\"2022-06-07T18:29:15+05:30\"",
        "{\"id\":\"m\"}",
    ]);
    let coding = (select(vec!["profession", "insurer", "recognitionstatus", "agestreated"]), scalar.clone(), of(Just(())))
        .prop_map(|(system, code, bare)| match bare {
            None => format!("{{\"system\":\"https://ref.api.healthcode.co.uk/{system}\",\"code\":{code},\"display\":\"d\"}}"),
            Some(()) => format!("{{\"code\":{code},\"nonsense\":1}}"),
        });
    let concept = (vec(coding, 0..3), of(Just("\"text\":\"t\""))).prop_map(|(codings, text)| {
        let text = text.map_or(String::new(), |text| format!(",{text}"));
        format!(
            "\"valueCodeableConcept\":{{\"coding\":[{}]{text}}}",
            codings.join(",")
        )
    });
    let simple = (
        select(vec![
            "valueString",
            "valueBoolean",
            "valueInteger",
            "valueCode",
            "valueDateTime",
            "valueDecimal",
            "_valueString",
            "_valueBoolean",
            "valueCoding",
            "valueCodeableConcept",
            "value",
            "nonsense",
        ]),
        scalar,
    )
        .prop_map(|(name, value)| format!("\"{name}\":{value}"));
    let value = prop_oneof![concept, simple];
    let leaf = (of(id), of(url), vec(value, 0..3)).prop_map(|(id, url, values)| {
        let members: Vec<String> = id.into_iter().chain(url).chain(values).collect();
        members.join(",")
    });
    let odd = select(vec!["5", "null", "\"x\"", "[]"]).prop_map(str::to_owned);
    leaf.clone()
        .prop_map(|members| format!("{{{members}}}"))
        .prop_recursive(3, 24, 5, move |inner| {
            let item = prop_oneof![12 => inner, 1 => odd.clone()];
            (leaf.clone(), vec(item, 0..5)).prop_map(|(members, children)| {
                let comma = if members.is_empty() { "" } else { "," };
                format!("{{{members}{comma}\"extension\":[{}]}}", children.join(","))
            })
        })
}

fn config(default: u32) -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|n| n.parse().ok());
    ProptestConfig {
        cases: cases.unwrap_or(default),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn views(
        practitioner in practitioner(),
        ages in vec(coded().prop_map(Item::from), 0..4),
        logo_link in string(),
        patient in patient(),
        moment in item(text().prop_map(|text| DateTime::from(text.as_str()))),
        unrecognised in others(),
    ) {
        same(&practitioner)?;
        same(&PractitionerRoleExtensions { ages_treated: ages.into(), unrecognised: unrecognised.clone() })?;
        same(&OrganizationExtensions { logo_link, unrecognised: unrecognised.clone() })?;
        same(&patient)?;
        same(&BundleEntryExtensions { last_updated: moment, unrecognised })?;
    }
}

proptest! {
    #![proptest_config(config(1024))]

    #[test]
    fn extensions(items in vec(soup(), 0..8)) {
        let json = format!(r#"{{"resourceType":"Practitioner","extension":[{}]}}"#, items.join(","));
        let practitioner: Practitioner = from_slice(json.as_bytes()).unwrap().value;
        let extensions = &practitioner.extension;
        kept::<PractitionerExtensions>(extensions)?;
        kept::<PractitionerRoleExtensions>(extensions)?;
        kept::<OrganizationExtensions>(extensions)?;
        kept::<PatientExtensions>(extensions)?;
        kept::<BundleEntryExtensions>(extensions)?;
        kept::<ProfessionGroup>(extensions)?;
        kept::<InsurerRecognition>(extensions)?;
    }

    /// An edited value is read again as it was set, whatever was kept of its extension.
    #[test]
    fn edits(items in vec(soup(), 0..8), code in coded(), flag: bool, reference in text()) {
        let json = format!(r#"{{"resourceType":"Practitioner","extension":[{}]}}"#, items.join(","));
        let practitioner: Practitioner = from_slice(json.as_bytes()).unwrap().value;
        let decode = |extensions: &[Extension]| {
            PractitionerExtensions::decode(extensions, &Path::root("X"), &DecodeOptions::new()).value
        };
        let mut view = decode(&practitioner.extension);
        if let Some(item) = &mut view.online_booking {
            **item = flag;
        }
        for group in &mut view.insurers {
            if let Some(item) = &mut group.insurer {
                **item = code.clone();
            }
        }
        for group in &mut view.registrations {
            if let Some(item) = &mut group.reference {
                **item = Str::from(reference.as_str());
            }
        }
        view.professions = list![ProfessionGroup::default().into()];
        let again = decode(&view.encode());
        prop_assert_eq!(again.online_booking.as_deref(), view.online_booking.as_deref());
        let insurers = |view: &PractitionerExtensions| -> Vec<_> {
            view.insurers.iter().map(|group| group.insurer.as_deref().cloned()).collect()
        };
        prop_assert_eq!(insurers(&again), insurers(&view));
        let references = |view: &PractitionerExtensions| -> Vec<_> {
            view.registrations.iter().map(|group| group.reference.as_deref().cloned()).collect()
        };
        prop_assert_eq!(references(&again), references(&view));
        prop_assert_eq!(again.unrecognised, view.unrecognised);
        prop_assert_eq!(again.professions.len(), 1);
    }
}
