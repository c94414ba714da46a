//! Where JSON ends.

/// Sees JSON byte by byte, as far as strings and nesting go.
#[derive(Clone, Copy, Default)]
pub(super) struct Scan {
    depth: usize,
    pub(super) in_string: bool,
    escaped: bool,
    before: u8,
}

impl Scan {
    /// Sees a byte; whether it ends the outermost object or array.
    pub(super) fn see(&mut self, byte: u8) -> bool {
        self.before = byte;
        if self.in_string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return false;
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                return self.depth == 0;
            }
            _ => {}
        }
        false
    }

    /// Whether a point here would be that of a number.
    pub(super) fn in_number(&self) -> bool {
        self.before.is_ascii_digit()
    }
}
