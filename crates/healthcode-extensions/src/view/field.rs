//! [`Field`]: a field of a view that decodes extensions and encodes them again.

use super::{Context, FieldDef, Item, Value};
use crate::rules;
use healthcode_core::{Detail, List, Path};
use healthcode_r4::Extension;
use std::fmt::Debug;

/// A field of a view, whatever it holds.
pub trait Field: Debug {
    /// Takes what an extension says; false if it has to be kept as it is.
    fn decode(
        &mut self,
        extension: &Extension,
        field: &FieldDef,
        path: &Path<'_>,
        context: &mut Context<'_>,
    ) -> bool;

    /// The extension of its value at `index`.
    fn encode(&self, index: usize, field: &FieldDef) -> Option<Extension>;

    /// Which of its values say again what an earlier one says.
    fn duplicates(&self) -> Vec<usize>;
}

impl<T: Value> Field for Option<Item<T>> {
    fn decode(
        &mut self,
        extension: &Extension,
        field: &FieldDef,
        path: &Path<'_>,
        context: &mut Context<'_>,
    ) -> bool {
        if self.is_some() {
            context.report(
                &rules::HC_EXTENSION_REPEATED,
                path,
                Detail::Name(field.name),
            );
            return false;
        }
        *self = Item::read(extension, field, path, context);
        self.is_some()
    }

    fn encode(&self, index: usize, field: &FieldDef) -> Option<Extension> {
        let item = self.as_ref().filter(|_| index == 0)?;
        Some(item.write(field))
    }

    fn duplicates(&self) -> Vec<usize> {
        Vec::new()
    }
}

impl<T: Value> Field for List<Item<T>> {
    fn decode(
        &mut self,
        extension: &Extension,
        field: &FieldDef,
        path: &Path<'_>,
        context: &mut Context<'_>,
    ) -> bool {
        let item = Item::read(extension, field, path, context);
        let taken = item.is_some();
        self.extend(item);
        taken
    }

    fn encode(&self, index: usize, field: &FieldDef) -> Option<Extension> {
        Some(self.get(index)?.write(field))
    }

    fn duplicates(&self) -> Vec<usize> {
        if self.len() < 2 {
            return Vec::new();
        }
        let keys = self.iter().enumerate();
        let keys = keys.filter_map(|(index, item)| Some((item.key()?, index)));
        let mut keys: Vec<([&str; 3], usize)> = keys.collect();
        keys.sort_unstable();
        let again = keys.windows(2).filter(|pair| pair[0].0 == pair[1].0);
        let mut again: Vec<usize> = again.map(|pair| pair[1].1).collect();
        again.sort_unstable();
        again
    }
}
