//! Text in XML and HTML.

use std::fmt;

/// Writes a text as XML or HTML content, or as a quoted attribute's value. Characters that XML 1.0
/// has no place for are written as U+FFFD; tabs and line ends stay.
pub(super) struct Escaped<'t>(pub(super) &'t str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write;
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\t' | '\n' => f.write_char(c)?,
                '\u{fffe}' | '\u{ffff}' => f.write_char('\u{fffd}')?,
                c if c.is_control() => f.write_char('\u{fffd}')?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Escaped;

    #[test]
    fn nothing_gets_out() {
        let text = "a<b>&\"'\u{0}\u{ffff}\n</script>";
        let shown = "a&lt;b&gt;&amp;&quot;&#39;\u{fffd}\u{fffd}\n&lt;/script&gt;";
        assert_eq!(Escaped(text).to_string(), shown);
    }
}
