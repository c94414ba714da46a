//! Rows of a resource: the view's selections, one inside the other.

use crate::cell::{Cell, Fitted, fit_constant, fit_item, fit_node};
use crate::columns::Columns;
use crate::decimal::Digits;
use crate::types::ColumnType;
use crate::view::{CellPath, Column, Constant, Each, Part, Select, View, ViewPath, Way};
use healthcode_core::{Element, Fields, PrimitiveKind, lexical};
use healthcode_fhirpath::{Collection, Environment, EvalError, Item, Node, Places, Temporal};
use std::io;
use std::ops::Range;
use thiserror::Error;

/// How deep `repeat` goes: elements are nested less deep, so what goes deeper never ends.
const MAX_REPEAT: usize = 1024;

/// Why a resource has no rows in a view, which ends the view.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RunError {
    /// There are several values where one was expected.
    #[error(
        "column {column} has several values: expected one; set `collection` to true, or add first() to the path"
    )]
    Several {
        /// The column's name.
        column: Box<str>,
    },
    /// A condition returns something else than a boolean.
    #[error("invalid where: expected a boolean; `{path}` returns something else")]
    Condition {
        /// The condition.
        path: Box<str>,
    },
    /// A path cannot be evaluated.
    #[error("`{path}`: {error}")]
    Path {
        /// The path.
        path: Box<str>,
        /// Why.
        error: EvalError,
    },
    /// `repeat` leads back to where it comes from.
    #[error("repeat is not allowed here: `{path}` does not end")]
    Endless {
        /// The path.
        path: Box<str>,
    },
    /// The rows cannot be written.
    #[error("{0}")]
    Write(#[from] io::Error),
}

/// A value that is not of its column's type, and became null.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Misfit {
    /// The number of the column.
    pub column: usize,
    /// What was expected.
    pub expected: String,
    /// The FHIRPath of the value; the view's path if the value was computed.
    pub path: String,
    /// Its JSON pointer in the resource, if it is a part of that.
    pub pointer: Option<String>,
}

/// What a run takes beside resources.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct RunOptions {
    /// What `now()` returns; without it, the function fails.
    pub now: Option<Temporal>,
    /// Whether decimals have to fit into the [digits](crate::Column::digits) that their column has, without rounding.
    pub exact_decimals: bool,
}

type Done = Result<(), RunError>;

impl View {
    /// Passes the rows of a resource to `columns`: none, if it is of another type or the view's conditions leave it
    /// out. Values that do not fit their columns go to `misfits`, after the rows.
    ///
    /// # Errors
    /// If the resource has what the view does not provide for, which ends the view.
    pub fn rows<'a>(
        &'a self,
        resource: &'a dyn Element,
        options: &RunOptions,
        columns: &mut dyn Columns,
        misfits: &mut dyn FnMut(Misfit),
    ) -> Done {
        if resource.schema().name != &*self.resource {
            return Ok(());
        }
        let item = Item::Node(Node::root(resource));
        let mut run = Run {
            view: self,
            resource,
            options: *options,
            fields: FIELDS.take().recycled(),
            row: vec![Cell::Null; self.columns.len()],
            environment: None,
            focus: 0,
            serial: 1,
            columns,
            misfits: Vec::new(),
        };
        let done = run.all(item);
        run.report(misfits);
        FIELDS.set(run.fields.recycled());
        done
    }
}

thread_local! {
    /// Memory for the fields of the next resource.
    static FIELDS: std::cell::Cell<Fields<'static>> = std::cell::Cell::default();
}

/// The rows of one resource.
struct Run<'a, 'r> {
    view: &'a View,
    resource: &'a dyn Element,
    options: RunOptions,
    /// The fields of the elements that are being gone through.
    fields: Fields<'a>,
    row: Vec<Cell<'a>>,
    /// For paths that are no chains.
    environment: Option<Environment<'a>>,
    /// The focus that the environment has.
    focus: u64,
    serial: u64,
    columns: &'r mut dyn Columns,
    /// The values that do not fit their columns, with their nodes.
    misfits: Vec<(&'a CellPath, Option<Node<'a>>)>,
}

/// What paths are relative to.
struct Focus<'a> {
    item: Item<'a>,
    serial: u64,
    /// Its fields, if it is an element.
    known: Option<Range<usize>>,
    /// `%rowIndex`
    index: usize,
}

/// What follows once the cells of a selection are set.
type Next<'n, 'a, 'r> = &'n mut dyn FnMut(&mut Run<'a, 'r>) -> Done;

impl<'a, 'r> Run<'a, 'r> {
    fn all(&mut self, resource: Item<'a>) -> Done {
        let focus = self.enter(resource, 0);
        for condition in &self.view.conditions {
            if !self.holds(condition, &focus)? {
                return Ok(());
            }
        }
        self.parts(&self.view.root, 0, &focus, &mut |run| {
            run.columns.row(&run.row).map_err(RunError::from)
        })
    }

    fn enter(&mut self, item: Item<'a>, index: usize) -> Focus<'a> {
        self.serial += 1;
        let holder = item.as_node().and_then(Node::as_element);
        let known = holder.map(|element| {
            let start = self.fields.len();
            element.fields(&mut self.fields);
            start..self.fields.len()
        });
        Focus {
            item,
            serial: self.serial,
            known,
            index,
        }
    }

    fn leave(&mut self, focus: &Focus<'a>) {
        if let Some(known) = &focus.known {
            self.fields.truncate(known.start);
        }
    }

    /// Goes through what a selection is for; `next` follows for each row.
    fn select(&mut self, select: &'a Select, focus: &Focus<'a>, next: Next<'_, 'a, 'r>) -> Done {
        match &select.each {
            Each::This => {
                self.cells(select, focus)?;
                self.parts(select, 0, focus, next)
            }
            Each::For(path) | Each::ForOrNull(path) => {
                let items = self.items(path, focus)?;
                if items.is_empty() && matches!(select.each, Each::ForOrNull(_)) {
                    return self.nulls(select, next);
                }
                for (index, item) in items.into_iter().enumerate() {
                    self.one(select, item, index, next)?;
                }
                Ok(())
            }
            Each::Repeat(paths) => self.repeat(select, paths, focus, next),
        }
    }

    fn one(
        &mut self,
        select: &'a Select,
        item: Item<'a>,
        index: usize,
        next: Next<'_, 'a, 'r>,
    ) -> Done {
        let focus = self.enter(item, index);
        self.cells(select, &focus)?;
        self.parts(select, 0, &focus, next)?;
        self.leave(&focus);
        Ok(())
    }

    /// Goes through what paths lead to again and again: each item comes before what it leads to.
    fn repeat(
        &mut self,
        select: &'a Select,
        paths: &'a [ViewPath],
        focus: &Focus<'a>,
        next: Next<'_, 'a, 'r>,
    ) -> Done {
        let mut index = 0;
        // The items that are still to come at each level, the next one last.
        let mut levels = vec![self.children(paths, focus)?];
        while let Some(level) = levels.last_mut() {
            let Some(item) = level.pop() else {
                levels.pop();
                continue;
            };
            if levels.len() > MAX_REPEAT {
                let path = paths.first().map_or("".into(), |path| path.text.clone());
                return Err(RunError::Endless { path });
            }
            let inner = self.enter(item, index);
            index += 1;
            self.cells(select, &inner)?;
            self.parts(select, 0, &inner, next)?;
            let children = self.children(paths, &inner)?;
            self.leave(&inner);
            levels.push(children);
        }
        Ok(())
    }

    /// What paths lead to, in reverse.
    fn children(
        &mut self,
        paths: &'a [ViewPath],
        focus: &Focus<'a>,
    ) -> Result<Vec<Item<'a>>, RunError> {
        let mut children = Vec::new();
        for path in paths {
            children.extend(self.items(path, focus)?);
        }
        children.reverse();
        Ok(children)
    }

    /// The row of a selection that goes through nothing.
    fn nulls(&mut self, select: &'a Select, next: Next<'_, 'a, 'r>) -> Done {
        if let Some(cells) = self.row.get_mut(select.columns.clone()) {
            cells.fill(Cell::Null);
        }
        for index in &select.indexes {
            if let Some(cell) = self.row.get_mut(*index) {
                *cell = Cell::Integer(0);
            }
        }
        next(self)
    }

    /// Goes through the parts of a selection from one on, each with each.
    fn parts(
        &mut self,
        select: &'a Select,
        at: usize,
        focus: &Focus<'a>,
        next: Next<'_, 'a, 'r>,
    ) -> Done {
        let Some(part) = select.parts.get(at) else {
            return next(self);
        };
        let mut rest = |run: &mut Self| run.parts(select, at + 1, focus, next);
        match part {
            Part::Select(inner) => self.select(inner, focus, &mut rest),
            Part::Union(branches) => branches
                .iter()
                .try_for_each(|branch| self.select(branch, focus, &mut rest)),
        }
    }

    fn cells(&mut self, select: &'a Select, focus: &Focus<'a>) -> Done {
        for cell in &select.cells {
            self.cell(cell, focus)?;
        }
        Ok(())
    }

    fn cell(&mut self, cell: &'a CellPath, focus: &Focus<'a>) -> Done {
        let Some(column) = self.view.columns.get(cell.column) else {
            return Ok(());
        };
        let of = &column.of;
        let exact = self.options.exact_decimals;
        let mut found = Gathered {
            digits: exact.then(|| column.digits()).flatten(),
            ..Gathered::default()
        };
        match &cell.path.way {
            Way::Chain(chain) => {
                if let Item::Node(node) = focus.item {
                    chain.walk(
                        node,
                        focus.known.clone(),
                        &mut self.fields,
                        &mut |node| match chain.end(node) {
                            Some(Item::Node(node)) => found.add(fit_node(&node, of), || Some(node)),
                            Some(item) => found.add(fit_item(&item, of), || None),
                            None => true,
                        },
                    );
                } else {
                    for item in self.items(&cell.path, focus)? {
                        found.add(fit_item(&item, of), || item.as_node().copied());
                    }
                }
            }
            Way::Index => {
                let index = i32::try_from(focus.index).unwrap_or(i32::MAX);
                found.add(fit_item(&Item::Integer(index), of), || None);
            }
            Way::Constant(number) => {
                if let Some(constant) = self.view.constants.get(*number) {
                    found.add(fit_constant(&constant.text, constant.of, of), || None);
                }
            }
            Way::Expression(_) => {
                for item in self.items(&cell.path, focus)? {
                    found.add(fit_item(&item, of), || item.as_node().copied());
                }
            }
        }
        for node in found.misfits.take().into_iter().flatten() {
            self.misfits.push((cell, node));
        }
        let value = if column.collection {
            Cell::List(found.all())
        } else {
            match found.count {
                0 | 1 => found.first,
                _ => {
                    let column = column.name.clone();
                    return Err(RunError::Several { column });
                }
            }
        };
        if let Some(place) = self.row.get_mut(cell.column) {
            *place = value;
        }
        Ok(())
    }

    /// Reports the values that do not fit, whose places one walk over the resource finds.
    fn report(&self, misfits: &mut dyn FnMut(Misfit)) {
        if self.misfits.is_empty() {
            return;
        }
        let nodes = self.misfits.iter().filter_map(|(_, node)| *node);
        let places = Places::find(self.resource, nodes);
        for (cell, node) in &self.misfits {
            let Some(column) = self.view.columns.get(cell.column) else {
                continue;
            };
            let place = node.as_ref().and_then(|node| places.of(node));
            let (path, pointer) = match place {
                Some((path, pointer)) => {
                    // A value of a wrong type in a primitive's place is kept with its metadata.
                    let pointer = match pointer.rsplit_once("/_") {
                        Some((before, name)) => format!("{before}/{name}"),
                        None => pointer.to_owned(),
                    };
                    (path.to_owned(), Some(pointer))
                }
                None => (cell.path.text.to_string(), None),
            };
            misfits(Misfit {
                column: cell.column,
                expected: self.expected(column),
                path,
                pointer,
            });
        }
    }

    /// What the values of a column have to be.
    fn expected(&self, column: &Column) -> String {
        match &column.of {
            ColumnType::Primitive(PrimitiveKind::Decimal) if self.options.exact_decimals => {
                match column.digits() {
                    Some(Digits { precision, scale }) => {
                        format!("a decimal number of {precision} digits, {scale} after the point")
                    }
                    None => "a decimal number".to_owned(),
                }
            }
            ColumnType::Primitive(kind) => lexical::expected_form(*kind).to_owned(),
            other => format!("a value of type {}", other.name()),
        }
    }

    /// What a path returns.
    fn items(&mut self, path: &'a ViewPath, focus: &Focus<'a>) -> Result<Collection<'a>, RunError> {
        let expression = match &path.way {
            Way::Chain(chain) => {
                if let Item::Node(node) = focus.item {
                    let mut items = Collection::new();
                    chain.walk(node, focus.known.clone(), &mut self.fields, &mut |node| {
                        chain
                            .end(node)
                            .into_iter()
                            .for_each(|item| items.push(item));
                        true
                    });
                    return Ok(items);
                }
                // A value that was computed has no members.
                return Ok(if chain.is_this() {
                    focus.item.clone().into()
                } else {
                    Collection::new()
                });
            }
            Way::Index => {
                let index = i32::try_from(focus.index).unwrap_or(i32::MAX);
                return Ok(Item::Integer(index).into());
            }
            Way::Constant(number) => {
                let constant = self.view.constants.get(*number);
                return Ok(constant.map(Constant::item).into());
            }
            Way::Expression(expression) => expression,
        };
        let environment = self.environment_at(focus);
        let found = expression.evaluate(environment);
        found.map_err(|error| failed(path, error))
    }

    fn environment_at(&mut self, focus: &Focus<'a>) -> &Environment<'a> {
        let (view, resource, now) = (self.view, self.resource, self.options.now);
        let environment = self.environment.get_or_insert_with(|| {
            let version = view.version;
            let environment = Environment::new(resource).types(version.number, version.find);
            let mut environment = environment.services(&view.stated_types);
            if let Some(now) = now {
                environment = environment.now(now);
            }
            for constant in &view.constants {
                environment.set_variable(&constant.name, constant.item().into());
            }
            environment
        });
        if self.focus != focus.serial {
            self.focus = focus.serial;
            environment.at_item(focus.item.clone());
            if view.uses_index {
                let index = i32::try_from(focus.index).unwrap_or(i32::MAX);
                environment.set_variable("rowIndex", Item::Integer(index).into());
            }
        }
        environment
    }

    fn holds(&mut self, condition: &'a ViewPath, focus: &Focus<'a>) -> Result<bool, RunError> {
        let items = self.items(condition, focus)?;
        let not_boolean = || RunError::Condition {
            path: condition.text.clone(),
        };
        match items.as_slice() {
            [] => Ok(false),
            [item] => match item.system() {
                Some(Item::Boolean(value)) => Ok(value),
                Some(_) => Err(not_boolean()),
                None if item
                    .as_node()
                    .is_some_and(|node| node.as_element().is_none()) =>
                {
                    Ok(false)
                }
                None => Err(not_boolean()),
            },
            _ => Err(not_boolean()),
        }
    }
}

fn failed(path: &ViewPath, error: EvalError) -> RunError {
    RunError::Path {
        path: path.text.clone(),
        error,
    }
}

/// The values of a column. Most have one at most.
#[derive(Default)]
struct Gathered<'a> {
    first: Cell<'a>,
    more: Vec<Cell<'a>>,
    count: usize,
    misfits: Option<Vec<Option<Node<'a>>>>,
    digits: Option<Digits>,
}

impl<'a> Gathered<'a> {
    /// Adds a value; always continues.
    fn add(&mut self, fitted: Fitted<'a>, node: impl FnOnce() -> Option<Node<'a>>) -> bool {
        let fitted = match (fitted, self.digits) {
            (Fitted::Cell(Cell::Decimal(text)), Some(digits)) if digits.scaled(&text).is_none() => {
                Fitted::Misfit
            }
            (fitted, _) => fitted,
        };
        match fitted {
            Fitted::Nothing => {}
            Fitted::Misfit => self.misfits.get_or_insert_default().push(node()),
            Fitted::Cell(cell) => {
                match self.count {
                    0 => self.first = cell,
                    _ => self.more.push(cell),
                }
                self.count += 1;
            }
        }
        true
    }

    fn all(self) -> Vec<Cell<'a>> {
        let first = (self.count > 0).then_some(self.first);
        first.into_iter().chain(self.more).collect()
    }
}
