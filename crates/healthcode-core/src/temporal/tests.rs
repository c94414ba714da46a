//! Tests of `temporal.rs`.

use super::*;
#[cfg(feature = "chrono")]
use crate::Instant;

#[test]
fn forms() {
    let date = |text| parse_date(text).err();
    let date_time = |text| parse_date_time(text).err();
    let instant = |text| parse_instant(text).err();
    let time = |text| parse_time(text).err();
    let form = Some(TemporalError::Form);
    let day = Some(TemporalError::NoSuchDay);
    for (text, expect) in [
        ("1974", None),
        ("1974-12", None),
        ("1974-12-25", None),
        ("2000-02-29", None),
        ("1900-02-29", day),
        ("2023-02-29", day),
        ("1974-04-31", day),
        ("1974-13-01", form),
        ("1974-1-5", form),
        ("0000", form),
        ("09.05.1977", form),
        ("1974-12-25T00:00:00Z", form),
        ("", form),
        ("19741225", form),
        ("1974-12-25 ", form),
    ] {
        assert_eq!(date(text), expect, "{text}");
    }
    for (text, expect) in [
        ("1974", None),
        ("1974-12-25", None),
        ("1974-12-25T14:35:45Z", None),
        ("1974-12-25T14:35:45.123+00:00", None),
        ("1974-12-25T14:35:60.123456789012345-14:00", None),
        ("1974-12-25T14:35Z", form),
        ("1974-12-25T14:35:45", form),
        ("1974-12-25T24:00:00Z", form),
        ("1974-12-25T14:35:45+14:01", form),
        ("1974-12-25T14:35:45.Z", form),
        ("1974-12T14:35:45Z", form),
        ("1974-12-25t14:35:45z", form),
        ("1974-02-30T14:35:45Z", day),
    ] {
        assert_eq!(date_time(text), expect, "{text}");
    }
    assert_eq!(instant("1974-12-25"), form);
    assert_eq!(instant("2015-02-07T13:28:17.239+02:00"), None);
    assert_eq!(time("14:35:45"), None);
    assert_eq!(time("14:35:45.5"), None);
    assert_eq!(time("14:35"), form);
    assert_eq!(time("14-35-45"), form);
    assert_eq!(time("14:35:45Z"), form);
}

#[cfg(feature = "chrono")]
#[test]
fn chrono_there_and_back() {
    let written = DateTime::from("1974-12-25T14:35:45.120+02:00");
    let moment = written.to_chrono().unwrap();
    assert_eq!(DateTime::from(moment), written);
    assert_eq!(
        Date::from("1974-12").to_naive(),
        Err(TemporalError::Partial)
    );
    let day = Date::from("1974-12-25").to_naive().unwrap();
    assert_eq!(Date::from(day), "1974-12-25");
    let leap = Instant::from("2016-12-31T23:59:60Z").to_chrono().unwrap();
    assert_eq!(Instant::from(leap), "2016-12-31T23:59:60Z");
}
