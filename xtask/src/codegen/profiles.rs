//! The table of the standard's own profiles: for each its StructureDefinition as JSON, made of facts
//! alone, and the codes by which Observations are vital signs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value, json};

use crate::spec::definitions::unversioned;
use crate::spec::distil::profiles::path_and_slice;
use crate::spec::facts::{Facts, ProfileElementFact, ProfileFact};

/// The profile that all vital signs follow.
const VITAL_SIGNS: &str = "http://hl7.org/fhir/StructureDefinition/vitalsigns";

/// The system of the codes by which vital signs are known.
const LOINC: &str = "http://loinc.org";

/// What the profiles' invariants require, in our words.
const WORDS: &[(&str, &str)] = &[
    ("mqty-1", "an amount has a currency of ISO 4217 as its code"),
    ("sqty-1", "there is no comparator"),
    ("vs-1", "a time given as dateTime is precise to the day"),
    (
        "vs-2",
        "there is a value, a reason for its absence, components, or members",
    ),
    (
        "vs-3",
        "a component has a value or a reason for its absence",
    ),
];

/// Invariants whose published expressions do not say what their published texts say, with what they
/// are published as and what is evaluated.
const CORRECTED: &[(&str, &str, &str)] = &[
    // It would fail for a Period, and for a dateTime without a value.
    (
        "vs-1",
        "($this as dateTime).toString().length() >= 8",
        "($this is dateTime and $this.hasValue()) implies $this.toString().length() >= 8",
    ),
];

/// The file of the table.
pub(super) fn profiles(facts: &Facts) -> Result<String> {
    let mut elements: BTreeMap<&str, Vec<&ProfileElementFact>> = BTreeMap::new();
    for fact in &facts.profile_elements {
        elements.entry(&fact.profile).or_default().push(fact);
    }
    let mut out = String::from(
        "//! The standard's own profiles.\n\nuse crate::profile::VitalSign;\n\n\
         /// By URL, the version and the StructureDefinition of each.\n#[rustfmt::skip]\n\
         pub(crate) static PROFILES: &[(&str, &str, &str)] = &[\n",
    );
    let mut keys = BTreeSet::new();
    for profile in &facts.profiles {
        let own = elements.remove(profile.url.as_str()).unwrap_or_default();
        let definition = definition(profile, &own, &mut keys);
        let definition = definition.with_context(|| profile.url.clone())?;
        let (url, version) = (&profile.url, &profile.version);
        ensure!(!definition.contains("\"##"), "{url} ends the text");
        let _ = writeln!(out, "    ({url:?}, {version:?}, r##\"{definition}\"##),");
    }
    ensure!(elements.is_empty(), "elements of no profile");
    for (key, _) in WORDS {
        ensure!(
            keys.contains(*key),
            "unknown key {key}: no profile has it, remove its words"
        );
    }
    let corrected: Vec<_> = CORRECTED.iter().map(|(.., corrected)| corrected).collect();
    let _ = writeln!(
        out,
        "];\n\n/// Expressions that stand in place of published ones, which do not say what their texts say.\n\
         #[rustfmt::skip]\npub(crate) static CORRECTED: &[&str] = &{corrected:?};"
    );
    out.push_str(
        "\n/// By their LOINC codes, what makes Observations vital signs.\n#[rustfmt::skip]\n\
         pub(crate) static VITAL_SIGNS: &[VitalSign] = &[\n",
    );
    for sign in vital_signs(facts) {
        let Sign {
            code,
            profile,
            units,
            components,
        } = sign;
        let components = components.iter();
        let components = components.map(|(code, units)| format!("({code:?}, &{units:?})"));
        let components = components.collect::<Vec<_>>().join(", ");
        let _ = writeln!(
            out,
            "    VitalSign {{ code: {code:?}, profile: {profile:?}, units: &{units:?}, components: &[{components}] }},"
        );
    }
    out.push_str("];\n");
    Ok(out)
}

/// JSON with escapes for all that is not ASCII: some of it cannot be seen.
fn in_ascii(json: &str) -> String {
    let mut out = String::new();
    for c in json.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}

fn definition(
    profile: &ProfileFact,
    elements: &[&ProfileElementFact],
    keys: &mut BTreeSet<String>,
) -> Result<String> {
    let elements: Result<Vec<_>> = elements.iter().map(|fact| element(fact, keys)).collect();
    let definition = json!({
        "resourceType": "StructureDefinition",
        "url": profile.url,
        "version": profile.version,
        "type": profile.kind,
        "baseDefinition": profile.base,
        "derivation": "constraint",
        "differential": { "element": elements? },
    });
    Ok(in_ascii(&definition.to_string()))
}

fn element(fact: &ProfileElementFact, keys: &mut BTreeSet<String>) -> Result<Value> {
    let mut element = Map::new();
    let (path, slice) = path_and_slice(&fact.id);
    element.insert("id".into(), fact.id.clone().into());
    element.insert("path".into(), path.into());
    if let Some(slice) = slice {
        element.insert("sliceName".into(), slice.into());
    }
    element.extend(fact.stated.clone());
    if let Some(Value::Array(all)) = element.get_mut("constraint") {
        for one in all {
            let key = one["key"].as_str().unwrap_or_default().to_owned();
            if let Some((_, published, corrected)) = CORRECTED.iter().find(|(of, ..)| *of == key) {
                ensure!(
                    one["expression"] == *published,
                    "{key} is no longer published as it was: see whether it needs to be corrected"
                );
                one["expression"] = (*corrected).into();
            }
            let words = WORDS.iter().find(|(of, ..)| *of == key);
            let (_, words) = words.with_context(|| format!("missing words for {key}"))?;
            one["human"] = (*words).into();
            keys.insert(key);
        }
    }
    Ok(element.into())
}

/// A vital sign: its code, the profile that fixes it, the units of its value, and its components by
/// their codes, with the units of their values.
struct Sign<'f> {
    code: &'f str,
    profile: &'f str,
    units: Vec<&'f str>,
    components: Vec<(&'f str, Vec<&'f str>)>,
}

/// The vital signs that profiles fix, by their codes.
fn vital_signs(facts: &Facts) -> Vec<Sign<'_>> {
    let profiles = facts.profiles.iter();
    let profiles = profiles.filter(|profile| profile.base == VITAL_SIGNS);
    let mut signs: Vec<_> = profiles
        .flat_map(|profile| {
            let stated = Stated::of(facts, &profile.url);
            let codes = stated.codes("Observation");
            let sign = move |(_, code)| Sign {
                code,
                profile: profile.url.as_str(),
                units: stated.units(facts, "Observation"),
                components: stated.components(facts),
            };
            codes.into_iter().map(sign)
        })
        .collect();
    signs.sort_by_key(|sign| sign.code);
    signs
}

/// What one profile states, by the ids of elements.
struct Stated<'f>(BTreeMap<&'f str, &'f Map<String, Value>>);

impl<'f> Stated<'f> {
    fn of(facts: &'f Facts, profile: &str) -> Self {
        let elements = facts.profile_elements.iter();
        let own = elements.filter(|element| element.profile == profile);
        let stated = own.map(|element| (element.id.as_str(), &element.stated));
        Stated(stated.collect())
    }

    fn text(&self, id: &str, name: &str) -> Option<&'f str> {
        self.0.get(id)?.get(name)?.as_str()
    }

    /// The LOINC codes that are fixed for the code of what has this id, or of slices of it.
    fn codes(&self, holder: &str) -> Vec<(&'f str, &'f str)> {
        let of_loinc = self.0.iter().filter_map(|(id, stated)| {
            let coding = id.strip_suffix(".code")?;
            let (of, slice) = coding.rsplit_once(".code.coding:")?;
            let slices = of.strip_prefix(holder)?;
            let own = slices.is_empty() || slices.starts_with(':');
            let system = self.text(&format!("{coding}.system"), "fixedUri")?;
            let good = own && system == LOINC && !slice.contains('.') && !slices.contains('.');
            Some((of, stated.get("fixedCode")?.as_str()?)).filter(|_| good)
        });
        of_loinc.collect()
    }

    fn components(&self, facts: &'f Facts) -> Vec<(&'f str, Vec<&'f str>)> {
        let codes = self.codes("Observation.component").into_iter();
        let all = codes.map(|(id, code)| (code, self.units(facts, id)));
        all.collect()
    }

    /// The units that the value of what has this id may have.
    fn units(&self, facts: &'f Facts, id: &str) -> Vec<&'f str> {
        let id = format!("{id}.valueQuantity.code");
        if let Some(unit) = self.text(&id, "fixedCode") {
            return vec![unit];
        }
        let stated = self.0.get(id.as_str());
        let set = stated.and_then(|stated| stated.get("binding")?.get("valueSet")?.as_str());
        let set = set.map(unversioned);
        let codes = facts.codes.iter();
        let codes = codes.filter(|code| Some(code.value_set.as_str()) == set);
        codes.map(|code| code.code.as_str()).collect()
    }
}
