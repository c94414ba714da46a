//! Names of parameters: with chains, `_has` and modifiers.

use healthcode_core::{List, Str};
use std::fmt;

/// The name of a parameter as it is written before `=`: `_has:Observation:patient:code`,
/// `subject:Patient.name:exact`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Name {
    /// Reverse chains, outermost first.
    pub has: List<Has>,
    /// The references that are followed, in order.
    pub chain: List<Link>,
    /// The parameter itself.
    pub code: Str,
    /// Its modifier.
    pub modifier: Option<Modifier>,
}

/// A step of a reverse chain: resources of a type that refer to what is searched.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Has {
    /// The type of resource that refers.
    pub resource: Str,
    /// Its search parameter.
    pub reference: Str,
}

/// A step of a chain: a reference that is followed.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Link {
    /// The search parameter.
    pub reference: Str,
    /// The type of resource it has to point to.
    pub target: Option<Str>,
}

/// What changes how a parameter matches (<https://hl7.org/fhir/R4/search.html#modifiers>).
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Modifier {
    /// `:missing`: whether there is a value.
    Missing,
    /// `:exact`: the whole string with case and accents.
    Exact,
    /// `:contains`: anywhere in the string.
    Contains,
    /// `:text`: the text beside a code.
    Text,
    /// `:not`: another code.
    Not,
    /// `:in`: a code of the value set.
    In,
    /// `:not-in`: no code of the value set.
    NotIn,
    /// `:above`: the code or one that subsumes it.
    Above,
    /// `:below`: the code or one that it subsumes.
    Below,
    /// `:of-type`: an identifier of a type.
    OfType,
    /// `:identifier`: the identifier of what is referred to.
    Identifier,
    /// `:iterate`: follow references of what was included, too.
    Iterate,
    /// The type of resource that a reference points to, or a word that is no modifier.
    Type(Str),
}

const MODIFIERS: [(Modifier, &str); 12] = [
    (Modifier::Missing, "missing"),
    (Modifier::Exact, "exact"),
    (Modifier::Contains, "contains"),
    (Modifier::Text, "text"),
    (Modifier::Not, "not"),
    (Modifier::In, "in"),
    (Modifier::NotIn, "not-in"),
    (Modifier::Above, "above"),
    (Modifier::Below, "below"),
    (Modifier::OfType, "of-type"),
    (Modifier::Identifier, "identifier"),
    (Modifier::Iterate, "iterate"),
];

impl Modifier {
    /// The text after the colon.
    #[must_use]
    pub fn as_str(&self) -> &str {
        if let Modifier::Type(name) = self {
            return name;
        }
        let row = MODIFIERS.iter().find(|row| row.0 == *self);
        row.map_or("", |row| row.1)
    }

    /// The names of the modifiers that are no types.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        MODIFIERS.iter().map(|row| row.1)
    }

    fn parse(text: &str) -> Modifier {
        let row = MODIFIERS.iter().find(|row| row.1 == text);
        row.map_or_else(|| Modifier::Type(text.into()), |row| row.0.clone())
    }
}

impl Name {
    /// A parameter without chain and modifier.
    #[must_use]
    pub fn new(code: impl Into<Str>) -> Self {
        Name {
            has: List::new(),
            chain: List::new(),
            code: code.into(),
            modifier: None,
        }
    }

    /// With this modifier.
    #[must_use]
    pub fn modified(mut self, modifier: Modifier) -> Self {
        self.modifier = Some(modifier);
        self
    }

    /// Whether it is one parameter's name and no more.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.has.is_empty() && self.chain.is_empty() && self.modifier.is_none()
    }

    /// Reads a name. Any text is one; whether an endpoint has it is another matter.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut has = List::new();
        let mut rest = text;
        while let Some((resource, reference, after)) = rest
            .strip_prefix("_has:")
            .and_then(|rest| rest.split_once(':'))
            .and_then(|(resource, rest)| {
                let (reference, after) = rest.split_once(':')?;
                Some((resource, reference, after))
            })
        {
            has.push(Has {
                resource: resource.into(),
                reference: reference.into(),
            });
            rest = after;
        }
        let mut chain = List::new();
        while let Some((link, after)) = rest.split_once('.') {
            let (reference, target) = match link.split_once(':') {
                Some((reference, target)) => (reference, Some(target.into())),
                None => (link, None),
            };
            chain.push(Link {
                reference: reference.into(),
                target,
            });
            rest = after;
        }
        let (code, modifier) = match rest.split_once(':') {
            Some((code, modifier)) => (code, Some(Modifier::parse(modifier))),
            None => (rest, None),
        };
        Name {
            has,
            chain,
            code: code.into(),
            modifier,
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for has in &self.has {
            write!(f, "_has:{}:{}:", has.resource, has.reference)?;
        }
        for link in &self.chain {
            match &link.target {
                Some(target) => write!(f, "{}:{target}.", link.reference)?,
                None => write!(f, "{}.", link.reference)?,
            }
        }
        f.write_str(&self.code)?;
        match &self.modifier {
            Some(modifier) => write!(f, ":{}", modifier.as_str()),
            None => Ok(()),
        }
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Name::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn parts() {
        let name = Name::parse("_has:A:p:_has:B:q:r:Patient.s:exact");
        assert_eq!((name.has.len(), name.chain.len()), (2, 1));
        assert_eq!(name.chain[0].target.as_deref(), Some("Patient"));
        assert_eq!(name.modifier, Some(Modifier::Exact));
        assert!(Name::parse("family").is_plain());
        assert_eq!(
            Name::parse("_include:iterate").modifier,
            Some(Modifier::Iterate)
        );
    }

    proptest! {
        #[test]
        fn any_text_is_kept(text in "(_has:)?[a-zA-Z:._-]{0,24}|\\PC{0,12}") {
            let name = Name::parse(&text);
            prop_assert_eq!(name.to_string(), text);
        }
    }
}
