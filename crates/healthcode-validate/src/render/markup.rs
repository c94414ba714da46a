//! Text in XML and HTML.

use healthcode_core::printable;
use std::fmt;

/// Writes a text as XML or HTML content, or as a quoted attribute's value: on one line, for what is
/// [`printable`] alone. Characters that XML 1.0 has no place for are written as U+FFFD.
pub(super) struct Escaped<'t>(pub(super) &'t str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write;
        for c in printable(self.0).chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\u{fffe}' | '\u{ffff}' => f.write_char('\u{fffd}')?,
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
        let text = "a<b>&\"'\u{0}\u{ffff}\n\u{202e}</script>";
        let shown = "a&lt;b&gt;&amp;&quot;&#39;\u{fffd}\u{fffd}\u{fffd}\u{fffd}&lt;/script&gt;";
        assert_eq!(Escaped(text).to_string(), shown);
    }
}
