//! Which of two dates is earlier, and which of two decimals is less, as far as their texts say.

use crate::lexical::{is_json_number, normal_decimal};
use crate::temporal::{ParsedDateTime, parse_date_time};
use crate::{DateTime, Decimal};
use std::cmp::Ordering;

impl DateTime {
    /// Which is earlier, compared part by part as far as both are written; `None` if that does not
    /// decide (`2012` and `2012-04`), or one of them is no dateTime.
    ///
    /// Two that have times are compared as moments, each with its zone. The days of one that has a
    /// time and one that has none are compared as they are written.
    ///
    /// ```
    /// use healthcode_core::DateTime;
    /// use std::cmp::Ordering::{Equal, Less};
    /// let order = |a: &str, b: &str| DateTime::from(a).order(&DateTime::from(b));
    /// assert_eq!(order("2012-03", "2012-04-01"), Some(Less));
    /// assert_eq!(order("2012-04", "2012-04-01"), None);
    /// assert_eq!(order("2012-04-01T12:00:00+01:00", "2012-04-01T11:00:00Z"), Some(Equal));
    /// ```
    #[must_use]
    pub fn order(&self, other: &DateTime) -> Option<Ordering> {
        let (a, b) = (parse_date_time(self).ok()?, parse_date_time(other).ok()?);
        match (a.instant(), b.instant()) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            (a_time, b_time) => a.order_of_days(&b).and_then(|order| match order {
                Ordering::Equal if a_time.is_some() != b_time.is_some() => None,
                order => Some(order),
            }),
        }
    }
}

impl ParsedDateTime {
    /// Minutes since the year 0 in UTC, seconds, nanoseconds; `None` without a time.
    fn instant(&self) -> Option<(i64, u8, u32)> {
        let (time, zone) = self.time?;
        let (month, day) = (self.date.month?, self.date.day?);
        let minutes = i64::from(time.hour) * 60 + i64::from(time.minute) - i64::from(zone);
        let days = days_since_0(self.date.year, month, day);
        Some((days * 24 * 60 + minutes, time.second, time.nano))
    }

    fn order_of_days(&self, other: &ParsedDateTime) -> Option<Ordering> {
        let (a, b) = (&self.date, &other.date);
        let mut order = a.year.cmp(&b.year);
        for (a, b) in [(a.month, b.month), (a.day, b.day)] {
            if order.is_ne() {
                break;
            }
            order = match (a, b) {
                (Some(a), Some(b)) => a.cmp(&b),
                (None, None) => Ordering::Equal,
                _ => return None,
            };
        }
        Some(order)
    }
}

/// Days of the Gregorian calendar before this one, counted from 0000-03-01.
fn days_since_0(year: u16, month: u8, day: u8) -> i64 {
    let (month, day) = (i64::from(month), i64::from(day));
    let year = i64::from(year) - i64::from(month <= 2);
    let month = (month + 9) % 12;
    year * 365 + year / 4 - year / 100 + year / 400 + (month * 306 + 5) / 10 + day - 1
}

impl Decimal {
    /// Which is less, as numbers: `1.0` and `1.00` are equal. `None` if one of them is no number,
    /// or its exponent is beyond 64 bits.
    ///
    /// ```
    /// use healthcode_core::Decimal;
    /// use std::cmp::Ordering::{Equal, Less};
    /// let order = |a: &str, b: &str| Decimal::from(a).order(&Decimal::from(b));
    /// assert_eq!(order("-1.5", "0.1"), Some(Less));
    /// assert_eq!(order("1e2", "100.0"), Some(Equal));
    /// assert_eq!(order("1", "x"), None);
    /// ```
    #[must_use]
    pub fn order(&self, other: &Decimal) -> Option<Ordering> {
        if let (Some((a, a_scale)), Some((b, b_scale))) = (short(self), short(other)) {
            let scale = a_scale.max(b_scale);
            let widen = |value: i64, from: u32| i128::from(value) * 10i128.pow(scale - from);
            return Some(widen(a, a_scale).cmp(&widen(b, b_scale)));
        }
        let (a_negative, a_digits, a_power) = normal_decimal(self)?;
        let (b_negative, b_digits, b_power) = normal_decimal(other)?;
        // Zero has no digits and no sign.
        let sign = |negative: bool, digits: &str| match (digits.is_empty(), negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        let (a_sign, b_sign) = (sign(a_negative, &a_digits), sign(b_negative, &b_digits));
        if a_sign != b_sign || a_sign == 0 {
            return Some(a_sign.cmp(&b_sign));
        }
        // The power of ten of the first digit, then the digits, which do not end in zeros.
        let first = |digits: &str, power: i64| i128::from(power) + digits.len() as i128;
        let order = first(&a_digits, a_power)
            .cmp(&first(&b_digits, b_power))
            .then_with(|| a_digits.cmp(&b_digits));
        Some(if a_negative { order.reverse() } else { order })
    }

    /// Whether it is below, at or above zero; `None` if it is no number.
    ///
    /// ```
    /// use healthcode_core::Decimal;
    /// use std::cmp::Ordering::{Equal, Less};
    /// assert_eq!(Decimal::from("-0.00").sign(), Some(Equal));
    /// assert_eq!(Decimal::from("-1e-400").sign(), Some(Less));
    /// ```
    #[must_use]
    pub fn sign(&self) -> Option<Ordering> {
        if !is_json_number(self) {
            return None;
        }
        let mantissa = self.split(['e', 'E']).next().unwrap_or_default();
        if mantissa.bytes().all(|byte| !matches!(byte, b'1'..=b'9')) {
            Some(Ordering::Equal)
        } else if self.starts_with('-') {
            Some(Ordering::Less)
        } else {
            Some(Ordering::Greater)
        }
    }
}

/// A decimal of up to 18 digits and no exponent as an integer and the number of fraction digits.
fn short(text: &str) -> Option<(i64, u32)> {
    if text.len() > 18 || !is_json_number(text) {
        return None;
    }
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (mut value, mut scale, mut fraction) = (0i64, 0, false);
    for byte in digits.bytes() {
        match byte {
            b'.' => fraction = true,
            b'0'..=b'9' => {
                value = value * 10 + i64::from(byte - b'0');
                scale += u32::from(fraction);
            }
            _ => return None,
        }
    }
    Some((if negative { -value } else { value }, scale))
}

#[cfg(test)]
mod tests;
