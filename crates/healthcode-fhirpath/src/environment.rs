//! [`Environment`]: what an expression is evaluated on, with the services and settings of the evaluation.

use crate::item::{Collection, Item};
use crate::node::Node;
use crate::temporal::Temporal;
use healthcode_core::{Element, Fields, Schema};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;

/// Which resource a reference to something contained is relative to, by the reference's address.
pub(crate) type Homes<'a> = HashMap<(usize, usize), &'a dyn Element>;

/// What an expression is evaluated on, with variables, services and settings of the evaluation.
///
/// An environment is made once and used for many expressions; [`Environment::at`] moves it to
/// another element of the same resource.
pub struct Environment<'a> {
    pub(crate) focus: Item<'a>,
    pub(crate) resource: Item<'a>,
    pub(crate) root_resource: Item<'a>,
    pub(crate) variables: Vec<(&'a str, Collection<'a>)>,
    pub(crate) services: &'a dyn Services<'a>,
    pub(crate) now: Option<Temporal>,
    pub(crate) zone: Option<i16>,
    pub(crate) types: Option<Types>,
    pub(crate) strict: bool,
    pub(crate) casts_filter: bool,
    pub(crate) max_steps: u64,
    pub(crate) budget: Option<&'a Cell<u64>>,
    /// The steps that are left, where there is no budget.
    pub(crate) steps: Cell<u64>,
    /// Which resources hold the elements of the root, once that was needed.
    pub(crate) homes: RefCell<Homes<'a>>,
    /// Kept from one evaluation to the next, so that few allocate.
    pub(crate) fields: RefCell<Fields<'a>>,
    /// The element whose fields are the first of these, and how many there are: it is used again
    /// and again.
    pub(crate) base: Cell<Base>,
}

/// An element by its address and schema, and how many fields of it are kept.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Base {
    pub(crate) element: (usize, usize),
    pub(crate) count: usize,
}

impl std::fmt::Debug for Environment<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Environment")
            .field("focus", &self.focus.type_name())
            .field("resource", &self.resource.type_name())
            .finish_non_exhaustive()
    }
}

/// The resources and data types of a version of FHIR.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Types {
    pub(crate) version: &'static str,
    pub(crate) find: fn(&str) -> Option<&'static Schema>,
}

impl Types {
    /// Whether this is the version that a canonical URL names; `4.0` stands for `4.0.1`.
    pub(crate) fn is_version(self, version: &str) -> bool {
        let rest = self.version.strip_prefix(version);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

/// The steps that an evaluation may take unless set otherwise.
pub const DEFAULT_MAX_STEPS: u64 = 10_000_000;

/// The bytes of memory that an evaluation holds at most for each step that it has taken.
pub const BYTES_PER_STEP: u64 = 100;

/// The steps that an evaluation may still take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meter<'e> {
    left: &'e Cell<u64>,
    /// How many steps must be left, for others.
    floor: u64,
}

impl<'e> Meter<'e> {
    /// The steps of an evaluation that begins.
    pub(crate) fn of(environment: &'e Environment<'_>) -> Self {
        let left = environment.budget.unwrap_or_else(|| {
            environment.steps.set(environment.max_steps);
            &environment.steps
        });
        Meter {
            left,
            floor: left.get().saturating_sub(environment.max_steps),
        }
    }

    /// Takes steps; false if there are not as many left.
    #[inline]
    pub(crate) fn spend(self, steps: usize) -> bool {
        let left = self.left.get();
        match left.checked_sub(steps as u64) {
            Some(after) if after >= self.floor => {
                self.left.set(after);
                true
            }
            _ => {
                self.left.set(left.min(self.floor));
                false
            }
        }
    }
}

impl<'a> Environment<'a> {
    /// An environment whose focus, `%context`, `%resource` and `%rootResource` all are `root`.
    #[must_use]
    pub fn new(root: &'a dyn Element) -> Self {
        let item = Item::Node(Node::root(root));
        Environment {
            focus: item.clone(),
            resource: item.clone(),
            root_resource: item,
            variables: Vec::new(),
            services: &NoServices,
            now: None,
            zone: None,
            types: None,
            strict: false,
            casts_filter: false,
            max_steps: DEFAULT_MAX_STEPS,
            budget: None,
            steps: Cell::default(),
            homes: RefCell::default(),
            fields: RefCell::new(Fields::new()),
            base: Cell::default(),
        }
    }

    /// Moves the focus and `%context` to an element.
    pub fn at(&mut self, node: Node<'a>) {
        self.at_item(Item::Node(node));
    }

    /// Moves the focus and `%context` to an item, which may be a value that was computed.
    pub fn at_item(&mut self, item: Item<'a>) {
        self.focus = item;
        self.base.take();
        self.fields.get_mut().truncate(0);
    }

    /// Sets `%resource`: the resource that the focus is in.
    pub fn set_resource(&mut self, resource: &'a dyn Element) {
        self.resource = Item::Node(Node::root(resource));
    }

    /// Sets `%rootResource`: the resource that contains `%resource`, or is it.
    pub fn set_root_resource(&mut self, resource: &'a dyn Element) {
        self.root_resource = Item::Node(Node::root(resource));
        self.homes.get_mut().clear();
    }

    /// Sets the variable `%name`. A later value replaces an earlier one.
    #[must_use]
    pub fn variable(mut self, name: &'a str, value: Collection<'a>) -> Self {
        self.set_variable(name, value);
        self
    }

    /// Sets the variable `%name`. A later value replaces an earlier one.
    pub fn set_variable(&mut self, name: &'a str, value: Collection<'a>) {
        let mut known = self.variables.iter_mut();
        match known.find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => self.variables.push((name, value)),
        }
    }

    /// What answers `resolve()`, `memberOf()` and their like.
    #[must_use]
    pub fn services(mut self, services: &'a dyn Services<'a>) -> Self {
        self.services = services;
        self
    }

    /// What `now()` returns; `today()` and `timeOfDay()` are parts of it. Without it, these functions
    /// fail.
    #[must_use]
    pub fn now(mut self, now: Temporal) -> Self {
        self.now = Some(now);
        self
    }

    /// The zone of date-times which have none, in minutes east of UTC. Without it, comparing them
    /// with date-times that have one has an empty result.
    #[must_use]
    pub fn zone(mut self, minutes: i16) -> Self {
        self.zone = Some(minutes);
        self
    }

    /// Whether a member that a type does not have is an error, rather than empty; likewise
    /// relying on an order that is not defined.
    #[must_use]
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// The version of FHIR, and what finds its resources and data types by their names. With these,
    /// `is`, `as` and `ofType()` reject types that it does not have, and `conformsTo()` recognises
    /// the profiles of its types. Without them, only names that no version could have are rejected.
    ///
    /// ```
    /// use healthcode_fhirpath::{Environment, Expression};
    /// use healthcode_r4::schema;
    /// let patient = healthcode_r4::Patient::default();
    /// let environment = Environment::new(&patient).types(schema::VERSION, schema::find);
    /// let misspelt = Expression::compile("name is HumanNam")?;
    /// let error = misspelt.evaluate(&environment).unwrap_err();
    /// assert_eq!(error.to_string(), "unknown type HumanNam");
    /// # Ok::<(), healthcode_fhirpath::ParseError>(())
    /// ```
    #[must_use]
    pub fn types(
        mut self,
        version: &'static str,
        find: fn(&str) -> Option<&'static Schema>,
    ) -> Self {
        self.types = Some(Types { version, find });
        self
    }

    /// Whether `as` keeps those of several items that are of its type, as `ofType()` does, rather
    /// than fail. R4's own invariants and search parameters need it:
    /// `ActivityDefinition.useContext.value as CodeableConcept`.
    #[must_use]
    pub fn casts_filter(mut self, filter: bool) -> Self {
        self.casts_filter = filter;
        self
    }

    /// How many steps an evaluation may take; a step is an expression evaluated, an element looked
    /// at, two items compared, or eight bytes of text made. An item that is kept costs four. So steps
    /// bound memory as well: an evaluation holds at most [`BYTES_PER_STEP`] bytes for each.
    ///
    /// ```
    /// use healthcode_fhirpath::{Environment, EvalErrorKind, Expression};
    /// let patient = healthcode_r4::Patient::default();
    /// let endless = Expression::compile("1.repeat($this + 1)")?;
    /// let error = endless.evaluate(&Environment::new(&patient).max_steps(1000)).unwrap_err();
    /// assert_eq!(error.kind(), &EvalErrorKind::TooManySteps);
    /// # Ok::<(), healthcode_fhirpath::ParseError>(())
    /// ```
    #[must_use]
    pub fn max_steps(mut self, steps: u64) -> Self {
        self.max_steps = steps;
        self
    }

    /// Takes the steps from a budget that is shared: an evaluation takes as many as are left, and
    /// no more than [`Environment::max_steps`]. What it takes is gone for the next one, also where
    /// that has another environment.
    ///
    /// ```
    /// use healthcode_fhirpath::{Environment, EvalErrorKind, Expression};
    /// use std::cell::Cell;
    /// let patient = healthcode_r4::Patient::default();
    /// let budget = Cell::new(10);
    /// let environment = Environment::new(&patient).budget(&budget);
    /// let expression = Expression::compile("name.given.count()")?;
    /// while expression.evaluate(&environment).is_ok() {}
    /// assert_eq!(budget.get(), 0);
    /// # Ok::<(), healthcode_fhirpath::ParseError>(())
    /// ```
    #[must_use]
    pub fn budget(mut self, steps: &'a Cell<u64>) -> Self {
        self.budget = Some(steps);
        self
    }
}

/// What a reference resolves to.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Resolved<'a> {
    /// The resource.
    Resource(&'a dyn Element),
    /// Its type alone, as a relative reference names it.
    Type(&'static Schema),
}

/// What only the caller can answer. Each method has a default without an answer.
pub trait Services<'a> {
    /// What `reference` refers to, seen from the resource `from`. References to contained
    /// resources (`#id`) are resolved without it.
    fn resolve(&self, reference: &str, from: Option<&'a dyn Element>) -> Option<Resolved<'a>> {
        let _ = (reference, from);
        None
    }

    /// Whether a code, Coding or CodeableConcept is in a value set; `None` if that is not known.
    fn member_of(&self, item: &Item<'a>, value_set: &str) -> Option<bool> {
        let _ = (item, value_set);
        None
    }

    /// Whether the code or Coding `general` subsumes `special`; `None` if that is not known.
    fn subsumes(&self, general: &Item<'a>, special: &Item<'a>) -> Option<bool> {
        let _ = (general, special);
        None
    }

    /// Whether an element conforms to a profile; `None` if there is no such profile.
    fn conforms_to(&self, element: &'a dyn Element, profile: &str) -> Option<bool> {
        let _ = (element, profile);
        None
    }

    /// Whether the text of a narrative follows the rules for XHTML.
    fn html_checks(&self, xhtml: &str) -> bool {
        let _ = xhtml;
        true
    }

    /// Receives the arguments of `trace()`.
    fn trace(&self, name: &str, items: &[Item<'a>]) {
        let _ = (name, items);
    }
}

/// Services without answers.
#[derive(Clone, Copy, Debug)]
pub struct NoServices;

impl Services<'_> for NoServices {}
