//! Decimals of a fixed precision and scale, which a column's tag can state.

/// The digits that a column's decimals have in a table: how many, and how many of them after the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digits {
    /// How many there are, up to 38.
    pub precision: u8,
    /// How many of them are after the point.
    pub scale: u8,
}

impl Digits {
    /// The digits that an SQL type has: `DECIMAL(18,6)`.
    pub(crate) fn of_sql(text: &str) -> Option<Self> {
        let (name, rest) = text.trim().split_once('(')?;
        let name = name.trim();
        let known = ["decimal", "numeric", "dec"].iter();
        known
            .into_iter()
            .find(|known| name.eq_ignore_ascii_case(known))?;
        let (precision, scale) = match rest.strip_suffix(')')?.split_once(',') {
            Some((precision, scale)) => (precision, scale),
            None => (rest.strip_suffix(')')?, "0"),
        };
        let digits = Digits {
            precision: precision.trim().parse().ok()?,
            scale: scale.trim().parse().ok()?,
        };
        let fits = (1..=38).contains(&digits.precision) && digits.scale <= digits.precision;
        fits.then_some(digits)
    }

    /// A number as a whole number of its last digit; `None` if that is not exact, or has more digits.
    #[must_use]
    pub fn scaled(self, number: &str) -> Option<i128> {
        let (number, exponent) = match number.split_once(['e', 'E']) {
            Some((number, exponent)) => (number, exponent.parse::<i32>().ok()?),
            None => (number, 0),
        };
        let (negative, number) = match number.strip_prefix('-') {
            Some(number) => (true, number),
            None => (false, number),
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        // Where the digits end that the table has.
        let length = i32::try_from(whole.len()).ok()?;
        let end = length
            .checked_add(exponent)?
            .checked_add(i32::from(self.scale))?;
        let mut value: i128 = 0;
        let mut at = 0;
        for digit in whole.bytes().chain(fraction.bytes()) {
            let digit = i128::from(digit.checked_sub(b'0').filter(|digit| *digit < 10)?);
            if at < end {
                value = value.checked_mul(10)?.checked_add(digit)?;
            } else if digit != 0 {
                return None;
            }
            at += 1;
        }
        while at < end && value != 0 {
            value = value.checked_mul(10)?;
            at += 1;
        }
        let limit = 10_i128.checked_pow(self.precision.into())?;
        (value < limit).then_some(if negative { -value } else { value })
    }
}

#[cfg(test)]
mod tests {
    use super::Digits;

    #[test]
    fn sql_types_have_digits() {
        for (text, expected) in [
            ("DECIMAL(18,6)", Some((18, 6))),
            ("numeric( 10 , 2 )", Some((10, 2))),
            ("DEC(5)", Some((5, 0))),
            ("DECIMAL(39,2)", None),
            ("DECIMAL(2,3)", None),
            ("DECIMAL", None),
            ("VARCHAR(64)", None),
        ] {
            let digits = Digits::of_sql(text).map(|digits| (digits.precision, digits.scale));
            assert_eq!(digits, expected, "{text}");
        }
    }

    #[test]
    fn numbers_are_exact_or_not_there() {
        let digits = Digits {
            precision: 6,
            scale: 2,
        };
        for (number, expected) in [
            ("1.50", Some(150)),
            ("-0.010", Some(-1)),
            ("0.0", Some(0)),
            ("100", Some(10_000)),
            ("1e2", Some(10_000)),
            ("15e-1", Some(150)),
            ("1.230000", Some(123)),
            ("9999.99", Some(999_999)),
            ("10000", None),
            ("1.234", None),
            ("1e-3", None),
            ("0e-99", Some(0)),
            ("1e999999999", None),
            ("0e999999999", Some(0)),
            ("x", None),
        ] {
            assert_eq!(digits.scaled(number), expected, "{number}");
        }
    }
}
