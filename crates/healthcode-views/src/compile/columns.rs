//! Columns: their types, and those that branches of a union and the whole view have in common; the versions of a view.

use super::{Compiler, Place, value_of};
use crate::json::{Json, Member};
use crate::types::{ColumnType, is_abstract};
use crate::view::{Column, Select};
use healthcode_fhirpath::Inferred;

impl<'t> Compiler<'t> {
    /// Reports versions of FHIR that the view is not checked for.
    pub(super) fn stated_versions(&mut self, members: &[Member<'t>]) {
        let Some(value) = value_of(members, "fhirVersion") else {
            return;
        };
        let Some(items) = value.items() else {
            return self.doubtful(value, "fhirVersion", "a list");
        };
        let number = self.version.number;
        let release = number
            .rsplit_once('.')
            .map_or(number, |(release, _)| release);
        let mut stated = items.iter().filter_map(|item| item.string());
        if !items.is_empty() && !stated.any(|version| version.starts_with(release)) {
            let place = Place {
                path: "fhirVersion",
                at: value.at(),
            };
            let message = format!("the view is not for FHIR {number}, for which it is read");
            self.report(false, place, message);
        }
    }

    /// The type that a column states. Values of one that is not known are what they are.
    pub(super) fn column_type(&mut self, name: &str, json: Json<'t>, path: &str) -> ColumnType {
        let of = ColumnType::named(name);
        let ColumnType::Complex(complex) = &of else {
            return of;
        };
        let outer = complex.split('.').next().unwrap_or_default();
        if self.analysis.is_none() || is_abstract(outer) || (self.version.find)(outer).is_some() {
            return of;
        }
        let place = Place {
            path,
            at: json.at(),
        };
        let message = format!(
            "unknown type {complex}: FHIR {} has no such type",
            self.version.number
        );
        self.report(false, place, message);
        ColumnType::Any
    }

    /// The branches of a union, which have the same columns.
    pub(super) fn union(
        &mut self,
        branches: Vec<(String, Json<'t>)>,
        focus: &Inferred,
        depth: usize,
    ) -> Vec<Select> {
        let start = self.columns.len();
        let mut selects = Vec::new();
        let mut first: Option<Vec<Column>> = None;
        for (path, json) in branches {
            let select = self.select(json, &path, focus, depth + 1);
            let own = self.columns.split_off(start);
            let complete = select.is_some();
            selects.extend(select);
            match &mut first {
                None => first = Some(own),
                Some(first) if complete => {
                    self.same_columns(first, &own, json, &path);
                    for (column, other) in first.iter_mut().zip(own) {
                        column.join(other);
                    }
                }
                Some(_) => {}
            }
        }
        self.columns.extend(first.unwrap_or_default());
        selects
    }

    fn same_columns(&mut self, first: &[Column], own: &[Column], json: Json<'t>, path: &str) {
        let names = |columns: &[Column]| {
            let names: Vec<&str> = columns.iter().map(|column| &*column.name).collect();
            names.join(", ")
        };
        let place = Place {
            path,
            at: json.at(),
        };
        let same = |(a, b): (&Column, &Column)| a.name == b.name;
        if first.len() != own.len() || !first.iter().zip(own).all(same) {
            let message = format!(
                "invalid unionAll: expected the columns of the first branch ({}); found {}",
                names(first),
                names(own)
            );
            self.report(true, place, message);
            return;
        }
        for (a, b) in first.iter().zip(own) {
            let place = Place {
                path: &b.place,
                at: b.at,
            };
            if a.collection != b.collection {
                let message = format!(
                    "invalid unionAll: {} is a collection in one branch alone",
                    b.name
                );
                self.report(false, place, message);
            } else if a.typed && b.typed && a.of != b.of || a.of.differs(&b.of) {
                let message = format!(
                    "invalid unionAll: expected {} of type {}, as in the first branch; found {}",
                    b.name,
                    a.of.name(),
                    b.of.name()
                );
                self.report(false, place, message);
            }
        }
    }

    pub(super) fn unique_names(&mut self) {
        let columns = std::mem::take(&mut self.columns);
        for (index, column) in columns.iter().enumerate() {
            let earlier = columns.get(..index).unwrap_or_default();
            if let Some(other) = earlier.iter().find(|other| other.name == column.name) {
                let message = format!(
                    "repeated column {}: expected names that differ; the other one is {}",
                    column.name, other.place
                );
                let place = Place {
                    path: &column.place,
                    at: column.at,
                };
                self.report(true, place, message);
            }
        }
        self.columns = columns;
    }
}
