//! The packed tables of a release whose types have no structs: one text, a record on each line.
//!
//! `healthcode-releases` unpacks it when the release is first requested; its module `unpack` documents
//! the records. What follows a number in the order of its kind is referred to by that number.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Context, Result, bail, ensure};

use super::terminology;
use crate::spec::facts::{
    ElementFact, Facts, InvariantFact, Max, Severity, Strength, TypeFact, TypeKind, TypeRef,
};

/// The table.
pub(super) fn table(name: &str, facts: &Facts) -> Result<String> {
    let version = facts.source.iter().find(|fact| fact.key == "version");
    let version = version.context("no version")?;
    let mut packer = Packer {
        types: facts.types.iter().map(|t| (t.name.as_str(), t)).collect(),
        paths: facts
            .elements
            .iter()
            .map(|e| (e.path.as_str(), e))
            .collect(),
        facts,
        out: format!("{}\t{}\n", name.to_uppercase(), version.value),
        invariants: Numbered::default(),
        bindings: Numbered::default(),
        fields: Numbered::default(),
    };
    for fact in &facts.types {
        if fact.is_abstract || fact.kind == TypeKind::Primitive {
            let base = fact.base.as_deref().unwrap_or_default();
            writeln!(packer.out, "h\t{}\t{base}", fact.name)?;
        }
    }
    for fact in &facts.types {
        let regex = fact.regex.as_deref().unwrap_or_default();
        if let Some((whole, fraction)) = digits(regex) {
            writeln!(packer.out, "n\t{}\t{whole}\t{fraction}", fact.name)?;
        }
    }
    for fact in &facts.types {
        if !fact.is_abstract && fact.kind != TypeKind::Primitive {
            packer
                .definition(fact)
                .with_context(|| format!("in {}", fact.name))?;
        }
    }
    packer.terminology()?;
    let mut out = packer.out;
    ensure!(!out.contains('\r'), "a record has a line break");
    out.truncate(out.trim_end_matches('\n').len());
    Ok(out + "\n")
}

/// Records of a kind, each written when it is first referred to.
#[derive(Default)]
struct Numbered(BTreeMap<String, usize>);

impl Numbered {
    /// The number of a record, which is written if it is new.
    fn of(&mut self, record: &str, out: &mut String) -> usize {
        let next = self.0.len();
        *self.0.entry(record.to_owned()).or_insert_with(|| {
            out.push_str(record);
            out.push('\n');
            next
        })
    }
}

struct Packer<'a> {
    facts: &'a Facts,
    types: BTreeMap<&'a str, &'a TypeFact>,
    paths: BTreeMap<&'a str, &'a ElementFact>,
    out: String,
    invariants: Numbered,
    bindings: Numbered,
    fields: Numbered,
}

impl<'a> Packer<'a> {
    fn definition(&mut self, fact: &'a TypeFact) -> Result<()> {
        let prefix = format!("{}.", fact.name);
        let elements = self.facts.elements.iter();
        let elements: Vec<_> = elements.filter(|e| e.path.starts_with(&prefix)).collect();
        let kind = match fact.kind {
            TypeKind::Resource => "R",
            TypeKind::Complex => "D",
            TypeKind::Profile => "P",
            TypeKind::Primitive => bail!("a primitive has no schema"),
        };
        let base = fact.base.as_deref().unwrap_or_default();
        let invariants = self.type_invariants(&fact.name)?;
        self.structure(&fact.name, kind, base, invariants, &elements)?;
        for element in &elements {
            if is_backbone(element) {
                self.structure(&element.path, "B", "", Vec::new(), &elements)?;
            }
        }
        Ok(())
    }

    fn structure(
        &mut self,
        path: &str,
        kind: &str,
        base: &str,
        invariants: Vec<usize>,
        elements: &[&'a ElementFact],
    ) -> Result<()> {
        let mut fields = Vec::new();
        for element in elements.iter().filter(|e| parent(&e.path) == Some(path)) {
            let field = self.field(element);
            fields.push(field.with_context(|| format!("in `{}`", element.path))?);
        }
        ensure!(!fields.is_empty(), "`{path}` has no elements");
        writeln!(
            self.out,
            "s\t{path}\t{kind}\t{base}\t{}\t{}",
            numbers(&fields),
            numbers(&invariants)
        )?;
        Ok(())
    }

    fn field(&mut self, element: &'a ElementFact) -> Result<usize> {
        let last = element.path.rsplit('.').next().unwrap_or_default();
        let name = last.trim_end_matches("[x]");
        let mut flags = String::new();
        for (letter, is) in [
            ('x', last.ends_with("[x]")),
            ('?', element.flags.modifier),
            ('S', element.flags.summary),
        ] {
            flags.extend(is.then_some(letter));
        }
        let types = self.types_of(element)?;
        let max = match element.max {
            Max::Count(max) => max.to_string(),
            Max::Unbounded => "*".to_owned(),
        };
        let binding = match self.binding(element)? {
            Some(number) => number.to_string(),
            None => String::new(),
        };
        let invariants = self.field_invariants(element)?;
        let record = format!(
            "f\t\"{name}\":\t{}\t{max}\t{flags}\t{types}\t{binding}\t{}",
            element.min,
            numbers(&invariants)
        );
        Ok(self.fields.of(&record, &mut self.out))
    }

    fn types_of(&self, element: &ElementFact) -> Result<String> {
        if let Some(path) = &element.content_reference {
            let shared = self.paths.get(path.as_str());
            let shared = shared.with_context(|| format!("unknown element `{path}`"))?;
            ensure!(is_backbone(shared), "`{path}` is no backbone");
            return Ok(format!("{path}[{path}]"));
        }
        if is_backbone(element) {
            return Ok(format!("{0}[{0}]", element.path));
        }
        let types = element.types.iter().map(|one| self.type_of(one));
        let types = types.collect::<Result<Vec<_>>>()?;
        ensure!(
            types.len() == 1 || element.path.ends_with("[x]"),
            "has {} types but is no choice",
            types.len()
        );
        Ok(types.join(";"))
    }

    fn type_of(&self, one: &TypeRef) -> Result<String> {
        if one.code == "Resource" {
            return Ok(one.code.clone());
        }
        let code = match &one.fhir_type {
            Some(fhir_type) => fhir_type,
            None if one.code.starts_with("System.") => bail!("has a system type and no FHIR type"),
            None => &one.code,
        };
        let fact = self.types.get(code.as_str());
        let fact = fact.with_context(|| format!("unknown type `{code}`"))?;
        let mut text = code.clone();
        match (fact.kind, one.profiles.as_slice()) {
            (TypeKind::Primitive, _) => {}
            (TypeKind::Complex | TypeKind::Profile, []) => write!(text, "[{code}]")?,
            (TypeKind::Complex | TypeKind::Profile, [profile]) => write!(text, "[{profile}]")?,
            _ => bail!("`{code}` cannot be an element's type"),
        }
        // A reference to `Resource` is one to anything.
        if !one.targets.is_empty() && one.targets != ["Resource"] {
            write!(text, "({})", one.targets.join(","))?;
        }
        Ok(text)
    }

    fn binding(&mut self, element: &ElementFact) -> Result<Option<usize>> {
        let Some(strength) = element.strength else {
            return Ok(None);
        };
        let letter = match strength {
            Strength::Required => 'r',
            Strength::Extensible => 'e',
            Strength::Preferred => 'p',
            Strength::Example => 'x',
            Strength::Max => bail!("is bound by a maximum alone"),
        };
        let url = element.value_set.as_deref().unwrap_or_default();
        let max = element.max_value_set.as_deref().unwrap_or_default();
        let record = format!("b\t{letter}\t{url}\t{max}");
        Ok(Some(self.bindings.of(&record, &mut self.out)))
    }

    /// The invariants of a type and its bases, those of the bases first.
    fn type_invariants(&mut self, name: &str) -> Result<Vec<usize>> {
        let mut all = Vec::new();
        let mut next = Some(name);
        while let Some(name) = next {
            let element = self.paths.get(name).context("no element for the type")?;
            all.splice(0..0, self.declared(element)?);
            next = self.types.get(name).and_then(|fact| fact.base.as_deref());
        }
        Ok(self.write_invariants(&all))
    }

    /// The invariants declared on an element, and on the one whose content it shares.
    fn field_invariants(&mut self, element: &ElementFact) -> Result<Vec<usize>> {
        let mut rules = self.declared(element)?;
        if let Some(path) = &element.content_reference {
            let shared = self.paths.get(path.as_str()).context("no such element")?;
            for rule in self.declared(shared)? {
                if !rules.iter().any(|own| own.expression == rule.expression) {
                    rules.push(rule);
                }
            }
        }
        Ok(self.write_invariants(&rules))
    }

    fn declared(&self, element: &ElementFact) -> Result<Vec<&'a InvariantFact>> {
        let rule = |key: &String| {
            let mut rules = self.facts.invariants.iter();
            let found = rules.find(|rule| rule.key == *key && rule.paths.contains(&element.path));
            found.with_context(|| format!("no invariant `{key}`"))
        };
        element.invariants.iter().map(rule).collect()
    }

    fn write_invariants(&mut self, rules: &[&InvariantFact]) -> Vec<usize> {
        let mut numbers = Vec::new();
        for rule in rules {
            let severity = match rule.severity {
                Severity::Error => "E",
                Severity::Warning => "W",
            };
            let practice = if rule.best_practice { "b" } else { "" };
            let (key, expression) = (&rule.key, &rule.expression);
            let record = format!("i\t{key}\t{severity}{practice}\t{expression}");
            numbers.push(self.invariants.of(&record, &mut self.out));
        }
        numbers
    }

    /// Value sets, code systems and extensions, each by URL.
    fn terminology(&mut self) -> Result<()> {
        let mut sets: BTreeMap<&str, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
        for fact in &self.facts.codes {
            let systems = sets.entry(&fact.value_set).or_default();
            systems.entry(&fact.system).or_default().push(&fact.code);
        }
        for (url, systems) in sets {
            writeln!(self.out, "v\t{url}")?;
            for (system, mut codes) in systems {
                codes.sort_unstable();
                codes.dedup();
                let cut = codes.iter().any(|code| code.contains('|'));
                ensure!(!cut, "a code of {url} cannot be written");
                writeln!(self.out, "w\t{system}\t{}", codes.join("|"))?;
            }
        }
        let mut systems: Vec<_> = self.facts.systems.iter().collect();
        systems.sort_unstable_by_key(|system| &system.url);
        for system in systems {
            let case = u8::from(system.case_sensitive);
            writeln!(
                self.out,
                "y\t{}\t{case}\t{}",
                system.url,
                system.codes.join("|")
            )?;
        }
        for fact in &self.facts.extensions {
            let row = terminology::packed_extension(self.facts, fact);
            let row = row.with_context(|| fact.url.clone())?;
            writeln!(self.out, "e\t{row}")?;
        }
        Ok(())
    }
}

/// The greatest numbers of digits that the regular expression of a number or time allows before and behind the
/// decimal point, 0 for any; none if it limits neither.
fn digits(regex: &str) -> Option<(u8, u8)> {
    let limit = |start: &str| {
        let (_, rest) = regex.split_once(start)?;
        rest.split_once('}')?.0.parse::<u8>().ok()
    };
    // The first digit is not zero.
    let whole = limit("[1-9][0-9]{0,").map_or(0, |more| more + 1);
    let fraction = limit(r"(\.[0-9]{1,").unwrap_or(0);
    (fraction != 0).then_some((whole, fraction))
}

fn numbers(list: &[usize]) -> String {
    let texts: Vec<_> = list.iter().map(usize::to_string).collect();
    texts.join(" ")
}

/// The path of the type that has this element.
fn parent(path: &str) -> Option<&str> {
    path.rsplit_once('.').map(|(parent, _)| parent)
}

/// Whether the element is defined in place.
fn is_backbone(element: &ElementFact) -> bool {
    matches!(element.types.as_slice(), [one] if one.code == "BackboneElement" || one.code == "Element")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::facts::SourceFact;

    #[test]
    fn digits_are_limited() {
        for (regex, expect) in [
            (r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,17})?", Some((18, 17))),
            (r"[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]{1,9})?", Some((0, 9))),
            (r"-?(0|[1-9][0-9]*)(\.[0-9]+)?", None),
            ("[A-Za-z0-9]{1,64}", None),
        ] {
            assert_eq!(digits(regex), expect, "{regex}");
        }
    }

    #[test]
    fn records_are_shared() {
        let element = |path: &str, types: &str| ElementFact {
            path: path.into(),
            max: Max::Count(1),
            types: types
                .split_terminator(';')
                .map(|part| part.parse().unwrap())
                .collect(),
            ..ElementFact::default()
        };
        let kind = |name: &str, kind| TypeFact {
            name: name.into(),
            kind,
            ..TypeFact::default()
        };
        let facts = Facts {
            source: vec![SourceFact {
                key: "version".into(),
                value: "9.0".into(),
            }],
            types: vec![
                kind("A", TypeKind::Resource),
                kind("B", TypeKind::Complex),
                kind("id", TypeKind::Primitive),
            ],
            elements: vec![
                element("A", ""),
                element("A.id", "System.String/id"),
                element("A.b", "BackboneElement"),
                element("A.b.id", "System.String/id"),
                element("A.b.c[x]", "B;id"),
                element("B", ""),
                element("B.id", "System.String/id"),
            ],
            ..Facts::default()
        };
        let expected = [
            "TOY\t9.0",
            "h\tid\t",
            "f\t\"id\":\t0\t1\t\tid\t\t",
            "f\t\"b\":\t0\t1\t\tA.b[A.b]\t\t",
            "s\tA\tR\t\t0 1\t",
            "f\t\"c\":\t0\t1\tx\tB[B];id\t\t",
            "s\tA.b\tB\t\t0 2\t",
            "s\tB\tD\t\t0\t",
        ];
        let text = table("toy", &facts).unwrap();
        assert_eq!(text.lines().collect::<Vec<_>>(), expected);
    }
}
