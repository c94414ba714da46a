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
}

impl Ord for Exact {
    fn cmp(&self, other: &Self) -> Ordering {
        let scale = self.scale.max(other.scale);
        self.at(scale).cmp(&other.at(scale))
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Exact {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Exact {}

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
        Extent {
            low: self.low.zip(other.low).map(|(a, b)| a.min(b)),
            high: self.high.zip(other.high).map(|(a, b)| a.max(b)),
        }
    }

    /// Whether values of this extent match a number that is searched for: they are within half a unit
    /// of its last significant digit if they have to be equal, a part of them is within a tenth if
    /// approximately, and the number is taken as it is otherwise.
    ///
    /// The significant digits are those that are written, without leading zeros: `100` has three and
    /// `1e2` has one, so that it means 50 to 150. R4 states that rule and yet has 95 to 105 as an
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
mod tests;
