//! Properties of NHS numbers, postcodes, and of all texts.

use healthcode_uk::*;
use proptest::prelude::*;

/// The check digit, by the definition written out: `None` if no digit is valid.
fn check_digit(nine: &[u8]) -> Option<u8> {
    let sum: usize = (0..9).map(|i| usize::from(nine[i]) * (10 - i)).sum();
    (0..10u8).find(|check| (sum + usize::from(*check)).is_multiple_of(11))
}

fn nhs_number() -> impl Strategy<Value = [u8; 10]> {
    let nine = prop::collection::vec(0..10u8, 9);
    nine.prop_filter_map("no check digit", |nine| {
        let mut ten = [0; 10];
        ten[..9].copy_from_slice(&nine);
        ten[9] = check_digit(&nine)?;
        Some(ten)
    })
}

fn text(digits: &[u8]) -> String {
    digits.iter().map(|d| char::from(b'0' + d)).collect()
}

/// Postcodes of all forms.
fn postcode() -> impl Strategy<Value = String> {
    let outward = "[A-Z][0-9]{1,2}|[A-Z]{2}[0-9]{1,2}|[A-Z]{1,2}[0-9][A-Z]";
    let ordinary = (outward, "[0-9][A-Z]{2}").prop_map(|(out, inward)| format!("{out} {inward}"));
    prop_oneof![8 => ordinary, 1 => "BFPO [0-9]{1,4}", 1 => Just("GIR 0AA".to_owned())]
}

/// The text with other case and with separators strewn in.
fn mangled(text: String) -> impl Strategy<Value = String> {
    let gaps = prop::collection::vec("[ \t\u{a0}\u{2013}-]{0,2}", text.chars().count());
    (gaps, any::<bool>()).prop_map(move |(gaps, lower)| {
        let text = if lower {
            text.to_lowercase()
        } else {
            text.clone()
        };
        let pairs = text.chars().zip(gaps);
        pairs.flat_map(|(c, gap)| [c.to_string(), gap]).collect()
    })
}

proptest! {
    #[test]
    fn one_wrong_digit_is_found(ten in nhs_number(), at in 0..10usize, other in 1..10u8) {
        prop_assert!(NhsNumber::parse(&text(&ten)).is_ok());
        let mut wrong = ten;
        wrong[at] = (wrong[at] + other) % 10;
        prop_assert!(NhsNumber::parse(&text(&wrong)).is_err());
    }

    #[test]
    fn two_swapped_digits_are_found(ten in nhs_number(), at in 0..9usize) {
        let mut wrong = ten;
        wrong.swap(at, at + 1);
        prop_assert_eq!(NhsNumber::parse(&text(&wrong)).is_ok(), wrong == ten);
    }

    #[test]
    fn strict_is_the_definition(ten in "[0-9]{10}") {
        let digits: Vec<u8> = ten.bytes().map(|b| b - b'0').collect();
        let expect = match check_digit(&digits[..9]) {
            None => Err(Problem::NoCheckDigit),
            Some(check) if check == digits[9] => Ok(()),
            Some(_) => Err(Problem::CheckDigit),
        };
        let found = NhsNumber::parse(&ten).map(|_| ()).map_err(|error| error.problem());
        prop_assert_eq!(found, expect);
    }

    #[test]
    fn nhs_numbers_are_read_back(
        (ten, mangled) in nhs_number().prop_flat_map(|ten| (Just(ten), mangled(text(&ten))))
    ) {
        let number = NhsNumber::parse(&text(&ten)).unwrap();
        for form in [number.formatted(), mangled] {
            let written = NhsNumber::from_payload(&form);
            prop_assert_eq!(written.value(), Some(&number));
            prop_assert_eq!(written.as_written(), form);
        }
        let formatted = number.formatted();
        let lengths: Vec<_> = formatted.split(' ').map(str::len).collect();
        prop_assert_eq!(lengths, [3, 3, 4]);
    }

    #[test]
    fn postcodes_are_read_back(
        (whole, mangled) in postcode().prop_flat_map(|whole| (Just(whole.clone()), mangled(whole)))
    ) {
        let postcode = Postcode::parse(&whole).unwrap();
        for form in [postcode.compact(), mangled] {
            let written = Postcode::from_payload(&form);
            prop_assert_eq!(written.value(), Some(&postcode));
        }
        prop_assert_eq!(OutwardCode::parse(postcode.outward().as_str()), Ok(postcode.outward()));
        prop_assert_eq!([postcode.outward().as_str(), postcode.inward()].join(" "), whole);
    }

    #[test]
    fn beginnings_of_postcodes_are_prefixes(whole in postcode(), length in 2..8usize) {
        let beginning = &whole[..length.min(whole.len() - 1)];
        let trimmed = beginning.trim_end();
        let prefix = PostcodePrefix::parse(trimmed).unwrap();
        prop_assert_eq!(PostcodePrefix::parse(beginning).is_ok(), trimmed == beginning);
        prop_assert!(prefix.matches(&Postcode::parse(&whole).unwrap()));
        let written = PostcodePrefix::from_payload(&prefix.with_wildcard().to_lowercase());
        prop_assert_eq!(written.value(), Some(&prefix));
    }

    #[test]
    fn any_text_can_be_read(text in prop_oneof![any::<String>(), "[ A-Za-z0-9*:\u{e9}-]{0,14}"]) {
        macro_rules! each {
            ($($name:ident $plain:ident)*) => {$({
                let written = $name::from_payload(&text);
                prop_assert_eq!(written.as_written(), &text);
                if let Some(value) = written.value() {
                    // What is read is canonical, and reading it again changes nothing.
                    prop_assert_eq!(&$name::parse(value.$plain()), &Ok(value.clone()));
                    let again = $name::from_payload(value.$plain());
                    prop_assert_eq!(again.value(), Some(value));
                } else {
                    prop_assert!($name::parse(&text).is_err());
                }
            })*};
        }
        each! {
            NhsNumber expose SdsUserId expose SdsRoleProfileId expose Postcode expose
            PostcodePrefix expose OutwardCode as_str OdsCode as_str Asid as_str PartyKey as_str
            InteractionId as_str GmcNumber as_str GmpNumber as_str NmcNumber as_str
            GphcNumber as_str HcpcNumber as_str
        }
    }
}
