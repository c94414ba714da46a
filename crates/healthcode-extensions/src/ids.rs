//! Identifiers in the shapes that the documentation's samples have.
//!
//! No page says what an identifier looks like, so that nothing is refused: the types hold any text,
//! say whether it has the observed shape, and keep one kind of identifier from being taken for
//! another. Upper and lower case differ.

use healthcode_core::Str;

/// A part of an identifier's shape.
#[derive(Clone, Copy)]
enum Part {
    /// This text.
    Text(&'static str),
    /// So many digits.
    Digits(usize),
    /// So many letters and digits.
    Alphanumeric(usize),
    /// One or more digits.
    SomeDigits,
}

fn has_shape(text: &str, shape: &[Part]) -> bool {
    let mut rest = text.as_bytes();
    let mut take = |count: usize, good: fn(&u8) -> bool| {
        let (now, later) = rest.split_at_checked(count)?;
        rest = later;
        now.iter().all(good).then_some(now)
    };
    for part in shape {
        let good = match *part {
            Part::Text(wanted) => take(wanted.len(), |_| true) == Some(wanted.as_bytes()),
            Part::Digits(count) => take(count, u8::is_ascii_digit).is_some(),
            Part::Alphanumeric(count) => take(count, u8::is_ascii_alphanumeric).is_some(),
            Part::SomeDigits => {
                let digits = text.len().saturating_sub(1);
                digits > 0 && take(digits, u8::is_ascii_digit).is_some()
            }
        };
        if !good {
            return false;
        }
    }
    rest.is_empty()
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $sample:literal, $shape:expr;)+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub struct $name(Str);

            impl $name {
                /// The text as it was written.
                #[must_use]
                pub fn as_str(&self) -> &str {
                    &self.0
                }

                #[doc = concat!("Whether it has the shape of `", $sample, "`.")]
                #[must_use]
                pub fn has_observed_shape(&self) -> bool {
                    has_shape(&self.0, $shape)
                }
            }

            healthcode_core::shows_text!($name);
        )+

        #[cfg(test)]
        mod tests {
            use super::*;

            #[test]
            fn shapes() {
                $(
                    let shaped = |text: &str| $name::from(text).has_observed_shape();
                    assert!(shaped($sample), "{}", $sample);
                    assert!(!shaped(""));
                    assert!(!shaped(&$sample[1..]), "{} cut", $sample);
                    assert!(!shaped(concat!($sample, "-")), "{} prolonged", $sample);
                    assert!(!shaped(concat!("\u{e9}", $sample)), "{} prolonged", $sample);
                )+
            }
        }
    };
}

ids! {
    /// A practitioner's id: `SP09000`.
    PractitionerId = "SP09000", &[Part::Text("SP"), Part::Alphanumeric(5)];
    /// A location's id: `HP005000`.
    LocationId = "HP005000", &[Part::Text("HP"), Part::Alphanumeric(6)];
    /// An organisation's id: `PR000003`.
    OrganizationId = "PR000003", &[Part::Text("PR"), Part::Alphanumeric(6)];
    /// A site's id, as in the header `SU-SiteId`: `HC010EO`.
    SiteId = "HC010EO", &[Part::Text("HC"), Part::Alphanumeric(5)];
    /// A contract's id: `0000037838`.
    ContractId = "0000037838", &[Part::Digits(10)];
    /// A provider's number in remittances: `P162345`.
    ProviderNumber = "P162345", &[Part::Text("P"), Part::SomeDigits];
    /// The id of a PractitionerRole, channel or batch of remittances, which begins with a moment:
    /// `201808281356174321LBf0241`.
    StampedId = "201808281356174321LBf0241", &[Part::Digits(17), Part::Alphanumeric(8)];
}

impl StampedId {
    /// The digits at the start, if it has the observed shape: year, month, day, hour, minute,
    /// second and millisecond, as it seems.
    ///
    /// ```
    /// use healthcode_extensions::ids::StampedId;
    /// let id = StampedId::from("202202240654449371AIY0045");
    /// assert_eq!(id.stamp(), Some("20220224065444937"));
    /// ```
    #[must_use]
    pub fn stamp(&self) -> Option<&str> {
        self.has_observed_shape().then(|| &self.0[..17])
    }
}
