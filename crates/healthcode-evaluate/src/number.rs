//! Decimals compared as they are written, not as floating-point numbers; and how precise they are
//! (<https://hl7.org/fhir/R4/search.html#number>).

use healthcode_search::Prefix;
use std::cmp::Ordering;

/// `mantissa` × 10 to the power of -`scale`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exact {
    mantissa: i128,
    scale: i32,
}

/// More digits than these are not compared exactly.
const DIGITS: i32 = 18;

impl Exact {
    /// Reads a JSON number of up to eighteen digits, with a small exponent.
    pub(super) fn parse(text: &str) -> Option<Exact> {
        let (number, exponent) = match text.split_once(['e', 'E']) {
            Some((number, exponent)) => (number, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let digits = format!("{whole}{fraction}");
        let scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
        let sound = digits.len() as i32 <= DIGITS + 1 && scale.abs() <= DIGITS;
        let mantissa = digits.parse().ok().filter(|_| sound)?;
        Some(Exact { mantissa, scale })
    }

    /// The same number with more digits after the point, and one more.
    fn at(self, scale: i32) -> i128 {
        let shift = u32::try_from(scale - self.scale).unwrap_or(0);
        self.mantissa
            .saturating_mul(10i128.saturating_pow(shift.min(38)))
    }

    /// Their product, if it has no more digits than are compared.
    pub(super) fn times(self, other: Exact) -> Option<Exact> {
        Exact {
            mantissa: self.mantissa.checked_mul(other.mantissa)?,
            scale: self.scale + other.scale,
        }
        .sound()
    }

    /// Their sum, if it has no more digits than are compared.
    pub(super) fn plus(self, other: Exact) -> Option<Exact> {
        let scale = self.scale.max(other.scale);
        let mantissa = self.at(scale).checked_add(other.at(scale))?;
        Exact { mantissa, scale }.sound()
    }

    fn sound(self) -> Option<Exact> {
        let small = self.mantissa.unsigned_abs() < 10u128.pow(DIGITS.unsigned_abs() + 1);
        (small && self.scale.abs() <= DIGITS).then_some(self)
    }

    pub(super) fn compare(self, other: Exact) -> Ordering {
        let scale = self.scale.max(other.scale);
        self.at(scale).cmp(&other.at(scale))
    }
}

/// From a number to another, both included; without one of them, without end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    pub(super) low: Option<Exact>,
    pub(super) high: Option<Exact>,
}

impl Extent {
    /// One number.
    pub(super) fn of(number: Exact) -> Self {
        Extent {
            low: Some(number),
            high: Some(number),
        }
    }

    /// What covers both; each has both ends.
    pub(super) fn with(self, other: Extent) -> Self {
        let least = |a: Exact, b: Exact| if a.compare(b).is_le() { a } else { b };
        let most = |a: Exact, b: Exact| if a.compare(b).is_ge() { a } else { b };
        Extent {
            low: self.low.zip(other.low).map(|(a, b)| least(a, b)),
            high: self.high.zip(other.high).map(|(a, b)| most(a, b)),
        }
    }

    /// Whether values of this extent match a number that is searched for: they are within half a unit
    /// of its last significant digit if they have to be equal, a part of them is within a tenth if
    /// approximately, and the number is taken as it is otherwise.
    ///
    /// The significant digits are those that are written, without leading zeros: `100` has three and
    /// `1e2` has one, so that it means 50 to 150. R4 states that rule and yet gives 95 to 105 as an
    /// example for `1e2`; R5 corrects the example.
    pub(super) fn matches(self, prefix: Option<Prefix>, wanted: Exact) -> bool {
        let scales = [self.low, self.high, Some(wanted)].into_iter().flatten();
        let scale = scales.map(|scale| scale.scale).max().unwrap_or_default() + 1;
        let low = self.low.map_or(i128::MIN, |low| low.at(scale));
        let high = self.high.map_or(i128::MAX, |high| high.at(scale));
        let middle = wanted.at(scale);
        let unit = Exact {
            mantissa: 1,
            scale: wanted.scale,
        };
        let half = unit.at(scale) / 2;
        let equal = middle.saturating_sub(half) <= low && high < middle.saturating_add(half);
        let tenth = middle.saturating_abs() / 10;
        match prefix.unwrap_or(Prefix::Eq) {
            Prefix::Eq => equal,
            Prefix::Ne => !equal,
            Prefix::Gt => high > middle,
            Prefix::Lt => low < middle,
            Prefix::Ge => high >= middle,
            Prefix::Le => low <= middle,
            Prefix::Sa => low > middle,
            Prefix::Eb => high < middle,
            Prefix::Ap => {
                low <= middle.saturating_add(tenth) && middle.saturating_sub(tenth) <= high
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precision_and_prefixes() {
        for (value, prefix, wanted, matches) in [
            // The examples of the specification.
            ("99.5", "eq", "100", true),
            ("99.4999", "eq", "100", false),
            ("100.5", "eq", "100", false),
            ("100.004", "eq", "100.00", true),
            ("100.005", "eq", "100.00", false),
            ("100", "lt", "100", false),
            ("100.0", "le", "100", true),
            ("100.01", "gt", "100", true),
            ("99.6", "ne", "100", false),
            ("0.04499", "eq", "0.05", false),
            ("0.045", "eq", "0.05", true),
            ("5.3949e-3", "eq", "5.40e-3", false),
            ("0.0054", "eq", "5.40e-3", true),
            ("49", "eq", "1e2", false),
            ("50", "eq", "1e2", true),
            ("149.99", "eq", "1e2", true),
            ("150", "eq", "1e2", false),
            ("149.99", "ne", "1e2", false),
            ("95", "eq", "1.0e2", true),
            ("94.9", "eq", "1.0e2", false),
            ("105", "eq", "1.0e2", false),
            ("100.5", "eq", "1.00e2", false),
            ("100.4", "eq", "1.00e2", true),
            ("0.75", "eq", "8e-1", true),
            ("0.8", "gt", "8e-1", false),
            ("0.81", "gt", "8e-1", true),
            ("0.4", "eq", "0", true),
            ("0.6", "eq", "0", false),
            ("-100.5", "eq", "-100", true),
            ("1e18", "gt", "1e-18", true),
            ("1e-18", "lt", "1e18", true),
            ("-1e18", "lt", "0.000000000000000001", true),
            ("109.9", "ap", "100", true),
            ("111", "ap", "100", false),
            ("-109", "ap", "-100", true),
            ("1500.00", "ge", "1500.00", true),
            ("1499.99", "ge", "1500.00", false),
        ] {
            let (number, of) = (Exact::parse(value).unwrap(), Exact::parse(wanted).unwrap());
            let (prefix, _) = Prefix::split(prefix);
            assert_eq!(
                Extent::of(number).matches(prefix, of),
                matches,
                "{value} {prefix:?} {wanted}"
            );
        }
        for text in ["1e999", "1e99999999999", "12345678901234567890123", "x"] {
            assert!(Exact::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn extents() {
        let end = |text: &str| match text {
            "" => None,
            text => Some(Exact::parse(text).unwrap()),
        };
        for (low, high, prefixes) in [
            // Of all that is searched for as 10.
            ("10", "10", "eq ge le ap"),
            ("9.5", "10.4", "eq gt lt ge le ap"),
            ("9", "11", "ne gt lt ge le ap"),
            ("10.1", "12", "ne gt ge sa ap"),
            ("11.1", "12", "ne gt ge sa"),
            ("", "8", "ne lt le eb"),
            ("", "10", "ne lt ge le ap"),
            ("12", "", "ne gt ge sa"),
            ("", "", "ne gt lt ge le ap"),
        ] {
            let extent = Extent {
                low: end(low),
                high: end(high),
            };
            let wanted = Exact::parse("10").unwrap();
            let matching = |prefix: &Prefix| extent.matches(Some(*prefix), wanted);
            let names = Prefix::ALL.into_iter().filter(matching).map(Prefix::as_str);
            let names: Vec<_> = names.collect();
            assert_eq!(names.join(" "), prefixes, "{low} to {high}");
        }
        let two = |a, b| (Exact::parse(a).unwrap(), Exact::parse(b).unwrap());
        let (a, b) = two("-0.25", "40");
        assert!(
            a.times(b)
                .unwrap()
                .compare(Exact::parse("-10").unwrap())
                .is_eq()
        );
        assert!(
            a.plus(b)
                .unwrap()
                .compare(Exact::parse("39.75").unwrap())
                .is_eq()
        );
        let (a, b) = two("123456789012345678", "1234567890");
        assert!(a.times(b).is_none());
    }
}
