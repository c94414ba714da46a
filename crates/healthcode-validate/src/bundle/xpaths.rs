//! [`XPaths`]: the XPaths of places in the entries of a Bundle in XML.

use std::collections::HashMap;

/// The bytes that may be kept; places beyond them have no XPath.
const MAX_BYTES: usize = 1 << 20;

/// What follows the entry in the XPaths of places, each text once, as many entries are alike.
#[derive(Default)]
pub(super) struct XPaths {
    rests: Vec<Box<str>>,
    numbers: HashMap<Box<str>, u16>,
    bytes: usize,
}

/// The XPath of an entry.
pub(super) fn of_entry(index: usize) -> String {
    format!("/f:Bundle/f:entry[{}]", index.saturating_add(1))
}

impl XPaths {
    /// The number of a place in an entry, by its XPath; 0 without one.
    pub(super) fn number_of(&mut self, xpath: Option<&str>, entry: usize) -> u16 {
        let start = of_entry(entry);
        let Some(rest) = xpath.and_then(|xpath| xpath.strip_prefix(start.as_str())) else {
            return 0;
        };
        if let Some(number) = self.numbers.get(rest) {
            return *number;
        }
        let next = u16::try_from(self.rests.len() + 1).unwrap_or(0);
        if next == 0 || self.bytes + rest.len() > MAX_BYTES {
            return 0;
        }
        self.bytes += rest.len();
        self.rests.push(rest.into());
        self.numbers.insert(rest.into(), next);
        next
    }

    /// The XPath of the place with this number in an entry.
    pub(super) fn get(&self, number: u16, entry: usize) -> Option<Box<str>> {
        let index = usize::from(number).checked_sub(1)?;
        let rest = self.rests.get(index)?;
        Some((of_entry(entry) + rest).into_boxed_str())
    }
}
