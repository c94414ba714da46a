//! Tests of `buffer.rs`.

use super::*;

/// A string written plainly.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out + "\""
}

fn written(before: usize, text: &str) -> String {
    let mut buffer = Buffer::new(b"before ".to_vec(), None);
    buffer.open(b'[');
    for _ in 0..before {
        buffer.raw("1");
    }
    buffer.string(text);
    buffer.close(b']');
    String::from_utf8(buffer.finish()).unwrap()
}

#[test]
fn writes_strings_of_any_length_wherever_the_stage_stands() {
    let lengths = (0..70).chain(1950..2060).chain([4000, 5000, 9999]);
    for len in lengths {
        for before in [0, 1, 7, 1000, 1020, 1023, 1024] {
            let plain = "x".repeat(len);
            let mut texts = vec![plain.clone()];
            for place in [0, 1, len / 2, len.saturating_sub(2), len.saturating_sub(1)] {
                for special in ["\"", "\\", "\n", "\u{1}", "é", "\"\t\\"] {
                    let mut text = plain.clone();
                    text.insert_str(place.min(len), special);
                    texts.push(text);
                }
            }
            for text in texts {
                let mut alone = Vec::new();
                write_string(&mut alone, &text);
                assert_eq!(alone, quoted(&text).into_bytes());
                let expect = format!("before [{}{}]", "1,".repeat(before), quoted(&text));
                assert_eq!(written(before, &text), expect, "{len} after {before}");
            }
        }
    }
}

#[test]
fn writes_raw_text_of_any_length_wherever_the_stage_stands() {
    for len in (0..140).chain([2000, 2048, 5000]) {
        for before in [0, 1, 1000, 1023, 1024, 1050] {
            let text = "7".repeat(len);
            let mut buffer = Buffer::new(Vec::new(), None);
            buffer.open(b'[');
            for _ in 0..before {
                buffer.raw("1");
            }
            buffer.raw(&text);
            buffer.close(b']');
            let expect = format!("[{}{text}]", "1,".repeat(before));
            let found = String::from_utf8(buffer.finish()).unwrap();
            assert_eq!(found, expect, "{len} after {before}");
        }
    }
}

#[test]
fn indents() {
    let mut buffer = Buffer::new(Vec::new(), Some(2));
    buffer.open(b'{');
    buffer.key("\"a\":");
    buffer.open(b'[');
    buffer.item();
    buffer.integer(i32::MIN);
    buffer.item();
    buffer.integer(0);
    buffer.close(b']');
    buffer.key_of(Some(b'_'), "value", "Integer");
    buffer.open(b'{');
    buffer.close(b'}');
    buffer.any_key("b\"");
    buffer.raw("null");
    buffer.close(b'}');
    let text = String::from_utf8(buffer.finish()).unwrap();
    let expect = r#"{
  "a": [
    -2147483648,
    0
  ],
  "_valueInteger": {},
  "b\"": null
}"#;
    assert_eq!(text, expect);
}
