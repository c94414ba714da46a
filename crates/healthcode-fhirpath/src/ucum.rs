//! Units of UCUM: whether two can be compared, and by what exact factor they differ.
//!
//! Units are products of powers of atoms, as <https://ucum.org/ucum> has them. The atoms that
//! health data commonly uses are known by an exact ratio to others; any other atom is a dimension
//! of its own, and so comparable with itself only. That goes for units with a zero of their own
//! (`Cel`, `[degF]`) and for arbitrary units (`[IU]`) too. Amount of substance is a dimension here,
//! and no number.

use rust_decimal::Decimal;
use std::collections::HashMap;
use std::sync::LazyLock;

/// A unit as a factor and powers of base atoms.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Unit {
    numerator: Decimal,
    denominator: Decimal,
    /// The factor's power of ten.
    tens: i32,
    /// Base atoms by name, with their powers; none is 0.
    powers: Vec<(Box<str>, i32)>,
}

/// Nested parentheses that are read.
const MAX_DEPTH: u8 = 16;
/// The longest code that is read, in bytes.
const MAX_LENGTH: usize = 200;

/// By name: whether an atom takes prefixes, and the unit that it stands for, or `base`.
static ATOMS: LazyLock<HashMap<&str, (bool, &str)>> = LazyLock::new(|| {
    let rows = include_str!("ucum.tsv").lines().skip(1);
    let atoms = rows.filter_map(|row| {
        let (name, row) = row.split_once('\t')?;
        let (prefixes, definition) = row.split_once('\t')?;
        Some((name, (prefixes == "yes", definition)))
    });
    atoms.collect()
});

const PREFIXES: &[(&str, i32)] = &[
    ("da", 1),
    ("Y", 24),
    ("Z", 21),
    ("E", 18),
    ("P", 15),
    ("T", 12),
    ("G", 9),
    ("M", 6),
    ("k", 3),
    ("h", 2),
    ("d", -1),
    ("c", -2),
    ("m", -3),
    ("u", -6),
    ("n", -9),
    ("p", -12),
    ("f", -15),
    ("a", -18),
    ("z", -21),
    ("y", -24),
];

impl Unit {
    fn number(value: i64) -> Self {
        Unit {
            numerator: Decimal::from(value),
            denominator: Decimal::ONE,
            tens: 0,
            powers: Vec::new(),
        }
    }

    /// The unit of this code; `None` if it is not written as UCUM says, or too large to be
    /// reckoned with.
    pub(crate) fn parse(code: &str) -> Option<Self> {
        if code.is_empty() || code.len() > MAX_LENGTH {
            return None;
        }
        let mut reader = Reader { rest: code };
        let unit = reader.term(0)?;
        reader.rest.is_empty().then_some(unit)
    }

    /// Whether values of both units measure the same.
    pub(crate) fn comparable(&self, other: &Self) -> bool {
        self.powers == other.powers
    }

    /// Multiplies values of `self` and `other` so that they can be compared. `None` if they are
    /// not comparable, or the numbers too large.
    pub(crate) fn align(
        &self,
        value: Decimal,
        other: &Self,
        other_value: Decimal,
    ) -> Option<(Decimal, Decimal)> {
        if !self.comparable(other) {
            return None;
        }
        let mut a = value
            .checked_mul(self.numerator)?
            .checked_mul(other.denominator)?;
        let mut b = other_value
            .checked_mul(other.numerator)?
            .checked_mul(self.denominator)?;
        let tens = self.tens - other.tens;
        if tens > 0 {
            a = times_ten(a, tens)?;
        } else {
            b = times_ten(b, -tens)?;
        }
        Some((a, b))
    }

    /// A value of this unit in the unit `other`.
    pub(crate) fn convert(&self, value: Decimal, other: &Self) -> Option<Decimal> {
        let (a, b) = self.align(value, other, Decimal::ONE)?;
        a.checked_div(b)
    }

    fn times(mut self, other: &Self, power: i32) -> Option<Self> {
        for _ in 0..power.abs() {
            let (up, down) = if power > 0 {
                (other.numerator, other.denominator)
            } else {
                (other.denominator, other.numerator)
            };
            self.numerator = self.numerator.checked_mul(up)?;
            self.denominator = self.denominator.checked_mul(down)?;
        }
        self.tens = self.tens.checked_add(other.tens.checked_mul(power)?)?;
        for (name, exponent) in &other.powers {
            let exponent = exponent.checked_mul(power)?;
            let found = self.powers.binary_search_by(|(n, _)| n.cmp(name));
            match found {
                Ok(at) => {
                    if let Some(entry) = self.powers.get_mut(at) {
                        entry.1 = entry.1.checked_add(exponent)?;
                    }
                }
                Err(at) => self.powers.insert(at, (name.clone(), exponent)),
            }
        }
        self.powers.retain(|(_, exponent)| *exponent != 0);
        Some(self)
    }

    fn atom(name: &str) -> Option<Self> {
        if let Some((_, definition)) = ATOMS.get(name) {
            return Self::defined(name, definition);
        }
        for (prefix, tens) in PREFIXES {
            if let Some(name) = name.strip_prefix(prefix)
                && let Some((true, definition)) = ATOMS.get(name)
            {
                let mut unit = Self::defined(name, definition)?;
                unit.tens += tens;
                return Some(unit);
            }
        }
        Some(Self::base(name))
    }

    fn defined(name: &str, definition: &str) -> Option<Self> {
        match definition {
            "base" => Some(Self::base(name)),
            definition => Unit::parse(definition),
        }
    }

    fn base(name: &str) -> Self {
        Unit {
            powers: vec![(name.into(), 1)],
            ..Unit::number(1)
        }
    }
}

fn times_ten(value: Decimal, power: i32) -> Option<Decimal> {
    let power = u32::try_from(power).ok().filter(|p| *p <= 28)?;
    value.checked_mul(Decimal::from_i128_with_scale(10_i128.pow(power), 0))
}

struct Reader<'t> {
    rest: &'t str,
}

impl<'t> Reader<'t> {
    fn take(&mut self, c: char) -> bool {
        match self.rest.strip_prefix(c) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn term(&mut self, depth: u8) -> Option<Unit> {
        if depth > MAX_DEPTH {
            return None;
        }
        let mut unit = Unit::number(1);
        let mut power = if self.take('/') { -1 } else { 1 };
        loop {
            unit = unit.times(&self.component(depth)?, power)?;
            power = if self.take('.') {
                1
            } else if self.take('/') {
                -1
            } else {
                return Some(unit);
            };
        }
    }

    fn component(&mut self, depth: u8) -> Option<Unit> {
        let unit = if self.take('(') {
            let unit = self.term(depth + 1)?;
            if !self.take(')') {
                return None;
            }
            unit
        } else if self.rest.starts_with('{') {
            Unit::number(1)
        } else {
            let (symbol, exponent) = self.symbol()?;
            let unit = match symbol {
                "10*" | "10^" => {
                    return Some(Unit {
                        tens: exponent,
                        ..Unit::number(1)
                    });
                }
                digits if digits.bytes().all(|b| b.is_ascii_digit()) => {
                    Unit::number(digits.parse().ok()?)
                }
                symbol => Unit::atom(symbol)?,
            };
            if exponent.abs() > 12 {
                return None;
            }
            Unit::number(1).times(&unit, exponent)?
        };
        self.annotation()?;
        Some(unit)
    }

    /// An annotation says what is measured, and changes nothing.
    fn annotation(&mut self) -> Option<()> {
        if let Some(rest) = self.rest.strip_prefix('{') {
            let (_, rest) = rest.split_once('}')?;
            self.rest = rest;
        }
        Some(())
    }

    /// An atom, with its exponent.
    fn symbol(&mut self) -> Option<(&'t str, i32)> {
        let mut inside = false;
        let end = self.rest.find(|c| {
            match c {
                '[' => inside = true,
                ']' => inside = false,
                _ => {}
            }
            !inside && matches!(c, '.' | '/' | '(' | ')' | '{')
        });
        let (text, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        if inside || text.is_empty() || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return None;
        }
        self.rest = rest;
        for ten in ["10*", "10^"] {
            if let Some(exponent) = text.strip_prefix(ten) {
                let exponent = match exponent {
                    "" => 1,
                    exponent => exponent.parse().ok()?,
                };
                return (-100..=100).contains(&exponent).then_some((ten, exponent));
            }
        }
        let symbol = text.trim_end_matches(|c: char| c.is_ascii_digit());
        if symbol.is_empty() {
            return Some((text, 1));
        }
        let symbol = if symbol.len() < text.len() {
            symbol.trim_end_matches(['+', '-'])
        } else {
            symbol
        };
        let exponent = match text.get(symbol.len()..)? {
            "" => 1,
            exponent => exponent.parse().ok()?,
        };
        (!symbol.is_empty()).then_some((symbol, exponent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors() {
        for (a, b, factor) in [
            ("kg", "g", Some("1000")),
            ("mg", "kg", Some("0.000001")),
            ("[lb_av]", "kg", Some("0.45359237")),
            ("[in_i]", "cm", Some("2.54")),
            ("wk", "d", Some("7")),
            ("d", "s", Some("86400")),
            ("a", "mo", Some("12")),
            ("L", "ml", Some("1000")),
            ("dL", "mL", Some("100")),
            ("mmol/L", "umol/mL", Some("1")),
            ("mg/dL", "g/L", Some("0.01")),
            ("10*3/uL", "10^9/L", Some("1")),
            ("/min", "Hz", Some("0.0166666666666666666666666667")),
            ("mm[Hg]", "kPa", Some("0.133322")),
            ("kg/m2", "g/cm2", Some("0.1")),
            ("kg.m.s-2", "N", Some("1")),
            ("dyn.s/cm5", "Pa.s/m3", Some("100000")),
            ("[in_i'H2O]", "Pa", Some("249.08891")),
            ("mSv", "REM", Some("0.1")),
            ("mS/cm", "S/m", Some("0.1")),
            ("cP", "mPa.s", Some("1")),
            ("{beats}/min", "/min", Some("1")),
            ("%", "1", Some("0.01")),
            ("k[IU]/L", "[iU]/mL", Some("1")),
            ("[foo]", "[foo]", Some("1")),
            ("(mg/kg)/d", "mg/kg/d", Some("1")),
            ("cm", "s", None),
            ("cm", "[s]", None),
            ("mol", "1", None),
            ("Cel", "K", None),
            ("k g", "kg", None),
            ("m)", "m", None),
            ("", "1", None),
            ("{a", "1", None),
        ] {
            let units = Unit::parse(a).zip(Unit::parse(b));
            let found = units.and_then(|(a, b)| a.convert(Decimal::ONE, &b));
            let found = found.map(|f| f.normalize().to_string());
            assert_eq!(found.as_deref(), factor, "{a} in {b}");
        }
    }

    #[test]
    fn every_atom_has_a_factor() {
        assert_eq!(ATOMS.len(), include_str!("ucum.tsv").lines().count() - 1);
        for (name, (_, definition)) in ATOMS.iter() {
            assert!(Unit::defined(name, definition).is_some(), "{name}");
        }
    }
}
