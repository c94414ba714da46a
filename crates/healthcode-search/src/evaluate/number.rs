//! Decimals compared as they are written, not as floating-point numbers; and how precise they are
//! (<https://hl7.org/fhir/R4/search.html#number>).

use crate::literal::Prefix;
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

    /// Whether a value matches a number that is searched for: within half a unit of its last digit if
    /// it has to be equal, within a tenth if approximately; compared as it is otherwise.
    pub(super) fn matches(self, prefix: Option<Prefix>, wanted: Exact) -> bool {
        let scale = self.scale.max(wanted.scale) + 1;
        let (value, middle) = (self.at(scale), wanted.at(scale));
        let unit = Exact {
            mantissa: 1,
            scale: wanted.scale,
        };
        let half = unit.at(scale) / 2;
        let equal = middle - half <= value && value < middle + half;
        let order = value.cmp(&middle);
        match prefix.unwrap_or(Prefix::Eq) {
            Prefix::Eq => equal,
            Prefix::Ne => !equal,
            Prefix::Gt | Prefix::Sa => order == Ordering::Greater,
            Prefix::Lt | Prefix::Eb => order == Ordering::Less,
            Prefix::Ge => order != Ordering::Less,
            Prefix::Le => order != Ordering::Greater,
            Prefix::Ap => (value - middle).abs() <= middle.abs() / 10,
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
            ("109.9", "ap", "100", true),
            ("111", "ap", "100", false),
            ("-109", "ap", "-100", true),
            ("1500.00", "ge", "1500.00", true),
            ("1499.99", "ge", "1500.00", false),
        ] {
            let (number, of) = (Exact::parse(value).unwrap(), Exact::parse(wanted).unwrap());
            let (prefix, _) = Prefix::split(prefix);
            assert_eq!(
                number.matches(prefix, of),
                matches,
                "{value} {prefix:?} {wanted}"
            );
        }
        for text in ["1e999", "1e99999999999", "12345678901234567890123", "x"] {
            assert!(Exact::parse(text).is_none(), "{text}");
        }
    }
}
