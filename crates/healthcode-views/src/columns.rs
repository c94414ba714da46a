//! [`Columns`]: what takes rows.

use crate::cell::Cell;
use std::io;

/// Takes the rows of a view.
pub trait Columns {
    /// Takes a row, which has a cell for each column of the view, in their order.
    ///
    /// # Errors
    /// If the row cannot be written, which ends the view.
    fn row(&mut self, row: &[Cell<'_>]) -> io::Result<()>;
}
