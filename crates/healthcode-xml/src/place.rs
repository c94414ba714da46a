//! [`Place`]: a text with what must be known of the larger text around it.

use crate::scanner::Scanner;
use healthcode_core::source::Base;

/// A document, or an element of one with its place in it.
pub(crate) struct Place<'x> {
    pub(crate) text: &'x str,
    pub(crate) base: &'x Base,
    /// Of an element, the namespaces that are declared around it, as prefix and namespace.
    pub(crate) bindings: Option<&'x [(String, String)]>,
    /// The XPath of an element.
    pub(crate) xpath: String,
}

impl<'x> Place<'x> {
    pub(crate) fn document(text: &'x str, base: &'x Base) -> Self {
        Place {
            text,
            base,
            bindings: None,
            xpath: String::new(),
        }
    }

    pub(crate) fn scanner(&self) -> Scanner<'x> {
        let Some(bindings) = self.bindings else {
            return Scanner::new(self.text);
        };
        let mut scanner = Scanner::part(self.text, "");
        for (prefix, namespace) in bindings {
            scanner.declared_outside(prefix, namespace);
        }
        scanner
    }
}
