//! What lines of files and of standard input are.

use super::*;

#[test]
fn numbers_of_lines() {
    let read = |lines: &[&str]| {
        let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        numbers(&lines)
    };
    assert_eq!(read(&["900 000 0009", "9000000017"]).unwrap().len(), 2);
    assert!(read(&[]).unwrap_err().starts_with("missing NHS number"));
    let wrong = "not an NHS number: check digit or length is wrong";
    assert_eq!(read(&["9000000000"]).unwrap_err(), wrong);
    let second = read(&["9000000009", "x"]).unwrap_err();
    assert_eq!(second, format!("line 2: {wrong}"));
}

#[test]
fn standard_input_is_read_once() {
    let mut inputs = Inputs {
        stdin_taken: true,
        ahead: Some(vec!["a".to_owned()]),
    };
    let words = [Word::Literal("b".to_owned()), Word::Stdin];
    assert_eq!(inputs.peek(&words).unwrap(), ["b", "a"]);
    assert_eq!(inputs.lines(&words).unwrap(), ["b", "a"]);
    assert!(inputs.lines(&words).is_err());
    assert!(inputs.bytes(&Source::Stdin).is_err());
}

#[test]
fn lists_may_begin_with_a_byte_order_mark() {
    let read = lines(
        "\u{feff}9000000009\r\n\n 9000000017\n".as_bytes(),
        &"a file",
    );
    assert_eq!(read.unwrap(), ["9000000009", "9000000017"]);
}
