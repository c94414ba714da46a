//! Postcodes, whole and in part.

use crate::error::Problem;
use crate::form::{compact, fit, is_separator, nearest};
use crate::id::identifier;

/// Outward codes: those of the government's pattern, Girobank's, and the forces' post office.
const OUTWARD: &[&str] = &["@#", "@##", "@@#", "@@##", "@#@", "@@#@", "GIR", "BFPO"];

/// Whole postcodes.
const WHOLE: &[&str] = &[
    "@# #@@",
    "@## #@@",
    "@@# #@@",
    "@@## #@@",
    "@#@ #@@",
    "@@#@ #@@",
    "GIR 0AA",
    "BFPO #",
    "BFPO ##",
    "BFPO ###",
    "BFPO ####",
];

identifier! {
    /// A whole postcode in its canonical form: outward code, one space, inward code, in capitals.
    ///
    /// The forms are those of the government's pattern (`A9`, `A99`, `AA9`, `AA99`, `A9A`, `AA9A`,
    /// then `9AA`; `GIR 0AA`), which the NHS's pseudo codes (`ZZ99 3VZ`) have too, and numbers of the
    /// British Forces Post Office (`BFPO 57`), which take the place of postcodes. The codes in
    /// use are in the Postcode Address File alone.
    ///
    /// ```
    /// use healthcode_uk::Postcode;
    /// let written = Postcode::from_payload("w1h3da");
    /// let postcode = written.value().unwrap();
    /// assert_eq!(postcode.expose(), "W1H 3DA");
    /// assert_eq!(postcode.outward().as_str(), "W1H");
    /// assert_eq!(format!("{postcode:?}"), "Postcode(W1H ***)");
    /// ```
    place Postcode {
        name: "postcode",
        form: "outward code, space, inward code in capitals, as in W1H 3DA",
        check: |text| fit(text, WHOLE),
        clean: clean_postcode,
    }
}

impl Postcode {
    /// The part before the space.
    #[must_use]
    pub fn outward(&self) -> OutwardCode {
        OutwardCode(self.halves().0.into())
    }

    /// The part after the space, in plain.
    #[must_use]
    pub fn inward(&self) -> &str {
        self.halves().1
    }

    /// Without the space, in plain: for comparing with what others store.
    #[must_use]
    pub fn compact(&self) -> String {
        self.0.replace(' ', "")
    }

    /// Whether it is a pseudo code of the NHS (`ZZ99`): no place, but a country or no fixed abode.
    #[must_use]
    pub fn is_pseudo(&self) -> bool {
        self.halves().0 == "ZZ99"
    }

    fn halves(&self) -> (&str, &str) {
        self.0.split_once(' ').unwrap_or((&self.0, ""))
    }
}

fn clean_postcode(text: &str) -> String {
    let mut text = compact(text);
    let inward = match text.strip_prefix("BFPO") {
        Some(number) => number.len(),
        None => 3,
    };
    // What is too short, or has other letters than those of ASCII there, stays as it is.
    if let Some(at) = text.len().checked_sub(inward)
        && text.is_char_boundary(at)
    {
        text.insert(at, ' ');
    }
    text
}

identifier! {
    /// The outward code of a postcode: its area and district, such as `W1H`.
    ///
    /// Reading leniently does not pass over a space inside, since `W1 3` is not `W13`.
    open OutwardCode {
        name: "outward code",
        form: "the part of a postcode before its space, in capitals, as in W1H",
        check: |text| fit(text, OUTWARD),
        clean: |text| text.trim_matches(is_separator).to_ascii_uppercase(),
    }
}

identifier! {
    /// The beginning of postcodes, for searches: two characters or more of a whole one, but not all.
    ///
    /// Its canonical text has no wildcard. Reading leniently accepts one (`W1H*`), and puts the space
    /// in where the text cannot be an outward code or a part of one; where it can, it is taken for
    /// that (`W13` is the district, not sector 3 of `W1`).
    ///
    /// ```
    /// use healthcode_uk::{Postcode, PostcodePrefix};
    /// let written = PostcodePrefix::from_payload("w1h3*");
    /// let prefix = written.value().unwrap();
    /// assert_eq!(prefix.expose(), "W1H 3");
    /// assert_eq!(prefix.with_wildcard(), "W1H 3*");
    /// assert!(prefix.matches(&Postcode::parse("W1H 3DA")?));
    /// assert!(!PostcodePrefix::parse("W1H 4")?.matches(&Postcode::parse("W1H 3DA")?));
    /// # Ok::<(), healthcode_uk::IdError>(())
    /// ```
    place PostcodePrefix {
        name: "postcode prefix",
        form: "the first two characters or more of a postcode, but not all of it, as in W1H or W1H 3",
        check: check_prefix,
        clean: clean_prefix,
    }
}

impl PostcodePrefix {
    /// For searches that take a wildcard, in plain. The Personal Demographics Service does, from the
    /// third character on.
    #[must_use]
    pub fn with_wildcard(&self) -> String {
        format!("{}*", self.0)
    }

    /// Whether a postcode begins with it.
    #[must_use]
    pub fn matches(&self, postcode: &Postcode) -> bool {
        postcode.0.starts_with(self.0.as_str())
    }
}

fn check_prefix(text: &str) -> Result<(), Problem> {
    let length = text.chars().count();
    match length {
        0 => return Err(Problem::Empty),
        1 => return Err(Problem::Length { found: 1 }),
        _ if text.ends_with(' ') => return Err(Problem::Separator { position: length }),
        _ => {}
    }
    match nearest(text, WHOLE, |mask| mask > length) {
        Err(Some(problem)) if fit(text, WHOLE).is_err() => Err(problem),
        Err(_) => Err(Problem::Length { found: length }),
        Ok(()) => Ok(()),
    }
}

fn clean_prefix(text: &str) -> String {
    let text = text.trim_end_matches(|c| c == '*' || is_separator(c));
    let words = text.split(is_separator).filter(|word| !word.is_empty());
    let spaced = words.map(compact).collect::<Vec<_>>().join(" ");
    let text = compact(text);
    let split = |inward: usize| {
        let (outward, rest) = text.split_at_checked(text.len().checked_sub(inward)?)?;
        Some(format!("{outward} {rest}"))
    };
    let candidates = [Some(spaced.clone()), Some(text.clone()), split(1), split(2)];
    let mut fitting = candidates.into_iter().flatten();
    let found = fitting.find(|candidate| check_prefix(candidate).is_ok());
    found.unwrap_or(spaced)
}
