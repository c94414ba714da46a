//! [`Path`]: where in a value a walker is, as FHIRPath and as JSON pointer.

use std::fmt::Write;

/// A place in a value, linked to the places around it.
///
/// Walkers keep these on the stack; text is made only when something is to be said.
///
/// ```
/// use healthcode_core::{Path, Step};
/// let patient = Path::root("Patient");
/// let name = patient.child(Step::field("name"));
/// let first = name.child(Step::Index(0));
/// let given = first.child(Step::metadata("given"));
/// assert_eq!(given.to_fhirpath(), "Patient.name[0].given");
/// assert_eq!(given.to_pointer(), "/name/0/_given");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    step: Step<'a>,
}

/// One step of a [`Path`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step<'a> {
    /// Where the path starts: the FHIRPath and the JSON pointer of its root.
    Root {
        /// FHIRPath, usually a type's name.
        path: &'a str,
        /// JSON pointer, usually empty.
        pointer: &'a str,
    },
    /// A field of the schema.
    Field {
        /// Its name.
        name: &'a str,
        /// For a choice, what its JSON name ends in.
        suffix: &'a str,
        /// Whether its `_` sibling is meant.
        metadata: bool,
    },
    /// An item of an array.
    Index(usize),
    /// A member that the schema does not define, under the name it has.
    Member(&'a str),
}

impl<'a> Step<'a> {
    /// A field that is no choice.
    #[must_use]
    pub const fn field(name: &'a str) -> Self {
        Step::Field {
            name,
            suffix: "",
            metadata: false,
        }
    }

    /// The `_` sibling of a field that is no choice.
    #[must_use]
    pub const fn metadata(name: &'a str) -> Self {
        Step::Field {
            name,
            suffix: "",
            metadata: true,
        }
    }
}

impl<'a> Path<'a> {
    /// The path of a document of the named type.
    #[must_use]
    pub const fn root(type_name: &'a str) -> Self {
        Path::with_root(type_name, "")
    }

    /// A path whose root lies inside a larger document.
    #[must_use]
    pub const fn with_root(path: &'a str, pointer: &'a str) -> Self {
        Path {
            parent: None,
            step: Step::Root { path, pointer },
        }
    }

    /// The place one step further in.
    #[must_use]
    pub const fn child<'b>(&'b self, step: Step<'b>) -> Path<'b> {
        Path {
            parent: Some(self),
            step,
        }
    }

    /// The last step.
    #[must_use]
    pub const fn step(&self) -> Step<'a> {
        self.step
    }

    /// The place around this one.
    #[must_use]
    pub const fn parent(&self) -> Option<&'a Path<'a>> {
        self.parent
    }

    /// The path in FHIRPath's notation, with array indexes: `Patient.name[0].given[1]`. A choice
    /// element goes by its name without type; an unknown member's name is in backticks unless it
    /// is an identifier.
    #[must_use]
    pub fn to_fhirpath(&self) -> String {
        let mut out = self.room();
        self.write(&mut out, &|out, step| match step {
            Step::Root { path, .. } => out.push_str(path),
            Step::Field { name, .. } => {
                out.push('.');
                out.push_str(name);
            }
            Step::Index(index) => {
                out.push('[');
                push_number(out, index);
                out.push(']');
            }
            Step::Member(key) => {
                out.push('.');
                push_member(out, key);
            }
        });
        out
    }

    /// The path as a JSON pointer (RFC 6901).
    #[must_use]
    pub fn to_pointer(&self) -> String {
        let mut out = self.room();
        self.write(&mut out, &|out, step| match step {
            Step::Root { pointer, .. } => out.push_str(pointer),
            Step::Field {
                name,
                suffix,
                metadata,
            } => {
                out.push('/');
                if metadata {
                    out.push('_');
                }
                out.push_str(name);
                if !suffix.is_empty() {
                    out.push_str(suffix);
                }
            }
            Step::Index(index) => {
                out.push('/');
                push_number(out, index);
            }
            Step::Member(key) => push_token(out, key),
        });
        out
    }

    /// An empty text with room for nearly every path of this form, so that it rarely grows.
    fn room(&self) -> String {
        let mut room = 0;
        let mut next = Some(self);
        while let Some(path) = next {
            room += match path.step {
                Step::Root { path, pointer } => path.len().max(pointer.len()),
                Step::Field { name, suffix, .. } => 2 + name.len() + suffix.len(),
                Step::Index(_) => 5,
                Step::Member(key) => 4 + key.len(),
            };
            next = path.parent;
        }
        String::with_capacity(room)
    }

    /// Adds all steps, from the root on.
    fn write(&self, out: &mut String, add: &impl Fn(&mut String, Step<'_>)) {
        // Few paths are longer; these are written by recursion.
        let mut paths = [self; 16];
        let mut first = paths.len();
        let mut next = Some(self);
        while let (Some(path), Some(at)) = (next, first.checked_sub(1)) {
            paths[at] = path;
            first = at;
            next = path.parent;
        }
        if let Some(path) = next {
            path.write(out, add);
        }
        for path in &paths[first..] {
            add(out, path.step);
        }
    }
}

/// Adds the name of a member to a path: in backticks unless it is an identifier.
#[doc(hidden)]
pub fn push_member(path: &mut String, name: &str) {
    if is_identifier(name) {
        path.push_str(name);
        return;
    }
    path.push('`');
    for c in name.chars() {
        match c {
            '`' | '\\' => {
                path.push('\\');
                path.push(c);
            }
            c if c.is_control() => {
                let _ = write!(path, "\\u{:04x}", u32::from(c));
            }
            c => path.push(c),
        }
    }
    path.push('`');
}

/// Adds the name of a member to a JSON pointer.
#[doc(hidden)]
pub fn push_token(pointer: &mut String, name: &str) {
    pointer.push('/');
    if !name.bytes().any(|byte| matches!(byte, b'~' | b'/')) {
        pointer.push_str(name);
        return;
    }
    for c in name.chars() {
        match c {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            c => pointer.push(c),
        }
    }
}

/// Adds an index to a path or pointer, without the formatting machinery: there are many.
#[doc(hidden)]
pub fn push_number(out: &mut String, number: usize) {
    /// The numbers of two digits.
    const PAIRS: &str = "00010203040506070809101112131415161718192021222324252627282930313233343536373839\
        40414243444546474849505152535455565758596061626364656667686970717273747576777879\
        8081828384858687888990919293949596979899";
    if number >= 100 {
        push_number(out, number / 100);
    }
    let pair = number % 100 * 2;
    let first = pair + usize::from(number < 10);
    out.push_str(&PAIRS[first..pair + 2]);
}

fn is_identifier(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes
        .next()
        .is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        for number in (0..2000).chain([10_007, 1_000_000, usize::MAX]) {
            let mut text = String::new();
            push_number(&mut text, number);
            assert_eq!(text, number.to_string());
        }
    }

    #[test]
    fn long_paths() {
        fn check(path: &Path<'_>, text: &str, length: usize) {
            assert_eq!(path.to_fhirpath(), text);
            if length < 40 {
                let inner = path.child(Step::Index(length));
                check(&inner, &format!("{text}[{length}]"), length + 1);
            }
        }
        check(&Path::root("Patient"), "Patient", 1);
    }

    #[test]
    fn notations() {
        let root = Path::with_root("Bundle.entry[3].resource", "/entry/3/resource");
        let value = root.child(Step::Field {
            name: "value",
            suffix: "Quantity",
            metadata: false,
        });
        assert_eq!(value.to_fhirpath(), "Bundle.entry[3].resource.value");
        assert_eq!(value.to_pointer(), "/entry/3/resource/valueQuantity");
        let odd = value.child(Step::Member("a/b~c `d`"));
        assert_eq!(
            odd.to_fhirpath(),
            "Bundle.entry[3].resource.value.`a/b~c \\`d\\``"
        );
        assert_eq!(
            odd.to_pointer(),
            "/entry/3/resource/valueQuantity/a~1b~0c `d`"
        );
    }
}
