//! Attributes of any length, wherever the stage is.

use super::*;

/// An attribute's value, written plainly.
fn quoted(text: &str) -> String {
    let mut out = String::new();
    let start = text.len() - text.trim_start_matches(' ').len();
    let end = text.trim_end_matches(' ').len();
    for (at, c) in text.char_indices() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' => out.push_str("&#9;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            ' ' if at < start || at >= end => out.push_str("&#32;"),
            c => out.push(c),
        }
    }
    format!(" value=\"{out}\"")
}

#[test]
fn values() {
    let lengths = (0..40).chain(1015..1030).chain([2047, 2048, 5000]);
    for len in lengths {
        for before in [0, 7, 2047, 2048] {
            let plain = "x".repeat(len);
            let mut texts = vec![plain.clone()];
            for place in [0, 1, len / 2, len.saturating_sub(2), len] {
                for special in ["\"", "&", "\n", " ", "é", "\u{ff0f}", "'<>\t"] {
                    let mut text = plain.clone();
                    text.insert_str(place.min(len), special);
                    texts.push(text);
                }
            }
            for text in texts {
                let mut buffer = Buffer::new(None);
                for _ in 0..before {
                    buffer.raw("-");
                }
                assert!(buffer.value(&text));
                let expect = format!("{}{}", "-".repeat(before), quoted(&text));
                assert_eq!(buffer.finish(), expect, "{len} after {before}");
            }
        }
    }
}

#[test]
fn forbidden_values_leave_nothing() {
    for len in [0, 1, 5, 20, 3000] {
        for character in ["\u{1}", "\u{fffe}", "\u{ffff}", "\u{1f}"] {
            let text = format!("{}{character}", "x".repeat(len));
            let mut buffer = Buffer::new(None);
            buffer.raw("a");
            assert!(!buffer.value(&text));
            assert!(!buffer.attribute(Attribute::URL, &text));
            buffer.raw("b");
            assert_eq!(buffer.finish(), "ab");
        }
    }
}
