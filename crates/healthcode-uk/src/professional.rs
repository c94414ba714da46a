//! Numbers in the public registers of health professionals.

use crate::error::Problem;
use crate::form::{compact, digits, fit};
use crate::id::identifier;

identifier! {
    /// A number of the General Medical Council: seven digits, or `L` and six (UK Core Practitioner).
    ///
    /// Payloads also write it as the consultant code, `C` and the seven digits; reading leniently
    /// takes the `C` away.
    open GmcNumber {
        name: "GMC number",
        form: "seven digits, or L and six digits",
        check: |text| fit(text, &["#######", "L######"]),
        clean: clean_gmc,
        system: Gmc,
    }
}

fn clean_gmc(text: &str) -> String {
    let text = compact(text);
    match text.strip_prefix('C') {
        Some(number) if fit(number, &["#######"]).is_ok() => number.to_owned(),
        _ => text,
    }
}

identifier! {
    /// A GMP (or PPD) code of a general practitioner: `G`, the six digits of the doctor index
    /// number, and a check digit.
    ///
    /// The check digit is the last digit of the sum of the six, times 1, 3, 7, 1, 3 and 7 (NHS
    /// Business Services Authority). Numbers from 6 and 7 are spurious codes, which name no doctor.
    /// A doctor can have several: one for each practice.
    open GmpNumber {
        name: "GMP number",
        form: "G and seven digits, the first not 6 or 7 and the last a check digit, as in G9999998",
        check: check_gmp,
        clean: compact,
        system: Gmp,
    }
}

fn check_gmp(text: &str) -> Result<(), Problem> {
    fit(text, &["G#######"])?;
    let number = || digits(&text[1..]);
    if matches!(number().next(), Some(6 | 7)) {
        return Err(Problem::Character { position: 2 });
    }
    let weighted = number().zip([1, 3, 7, 1, 3, 7]);
    let sum: u32 = weighted.map(|(digit, weight)| digit * weight).sum();
    if number().last() == Some(sum % 10) {
        Ok(())
    } else {
        Err(Problem::CheckDigit)
    }
}

identifier! {
    /// A PIN of the Nursing and Midwifery Council: eight characters (UK Core Practitioner), which NHS
    /// England has as two digits, a letter, four digits and a letter.
    open NmcNumber {
        name: "NMC number",
        form: "two digits, a capital, four digits and a capital, as in 71A2998E",
        check: |text| fit(text, &["##@####@"]),
        clean: compact,
        system: Nmc,
    }
}

identifier! {
    /// A number of the General Pharmaceutical Council: seven digits, the first a 2 (UK Core
    /// Practitioner).
    open GphcNumber {
        name: "GPhC number",
        form: "seven digits, the first a 2, as in 2033467",
        check: |text| fit(text, &["2######"]),
        clean: compact,
        system: Gphc,
    }
}

identifier! {
    /// A number of the Health and Care Professions Council: two letters of the profession and up to
    /// six digits (UK Core Practitioner).
    ///
    /// Some systems fill the digits up with zeroes; `PH95159` and `PH095159` are not made equal.
    open HcpcNumber {
        name: "HCPC number",
        form: "two capitals and one to six digits, as in PH095159",
        check: |text| fit(text, &["@@#", "@@##", "@@###", "@@####", "@@#####", "@@######"]),
        clean: compact,
        system: Hcpc,
    }
}
