//! Evaluation: expressions over items.
//!
//! Paths are not collected step by step: [`Evaluator::each`] hands every item on to what comes
//! next, so that `name.given.exists()` takes no memory and stops at the first name.

use crate::ast::{Call, Expr, Literal, Operator, TypeName};
use crate::environment::{Environment, Meter};
use crate::equal::{DistinctItems, Equality};
use crate::error::{EvalError, EvalErrorKind};
use crate::functions::{Func, Group};
use crate::item::{Collection, Item};
use crate::quantity::Quantity;
use crate::text::Text;

pub(crate) type Result<T> = std::result::Result<T, EvalError>;
/// Whether more items are wanted.
pub(crate) type Flow = Result<bool>;
pub(crate) type Sink<'s, 'a> = &'s mut dyn FnMut(Item<'a>) -> Flow;

/// What names in an expression refer to.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'s, 'a> {
    pub(crate) this: &'s [Item<'a>],
    pub(crate) index: Option<usize>,
    pub(crate) total: Option<&'s Collection<'a>>,
}

impl<'s, 'a> Scope<'s, 'a> {
    pub(crate) fn item(self, item: &'s Item<'a>, index: usize) -> Self {
        Scope {
            this: std::slice::from_ref(item),
            index: Some(index),
            ..self
        }
    }
}

pub(crate) struct Evaluator<'e, 'a> {
    pub(crate) env: &'e Environment<'a>,
    meter: Meter<'e>,
}

impl<'e, 'a> Evaluator<'e, 'a> {
    pub(crate) fn new(env: &'e Environment<'a>) -> Self {
        // What an evaluation that failed has left.
        env.fields.borrow_mut().truncate(env.base.get().count);
        Evaluator {
            env,
            meter: Meter::of(env),
        }
    }

    pub(crate) fn root_scope(&self) -> Scope<'e, 'a> {
        Scope {
            this: std::slice::from_ref(&self.env.focus),
            index: None,
            total: None,
        }
    }

    #[inline]
    pub(crate) fn step(&self) -> Result<()> {
        self.spend(1)
    }

    #[inline]
    pub(crate) fn spend(&self, steps: usize) -> Result<()> {
        if self.meter.spend(steps) {
            Ok(())
        } else {
            Err(EvalErrorKind::TooManySteps.into())
        }
    }

    /// What keeping so many items costs, beside looking at them.
    pub(crate) fn spend_kept(&self, items: usize) -> Result<()> {
        self.spend(items.saturating_mul(3))
    }

    /// What making a text of so many bytes costs.
    pub(crate) fn spend_text(&self, bytes: usize) -> Result<()> {
        self.spend(bytes / 8)
    }

    pub(crate) fn equality(&self) -> Equality<'_> {
        Equality {
            zone: self.env.zone,
            equivalence: false,
            meter: self.meter,
        }
    }

    /// The items that an expression returns.
    pub(crate) fn eval(&self, expr: &Expr, scope: Scope<'_, 'a>) -> Result<Collection<'a>> {
        self.step()?;
        Ok(match expr {
            Expr::Literal(literal) => value_of(literal).into(),
            Expr::Nothing => Collection::new(),
            Expr::This => scope.this.into(),
            Expr::Index => match scope.index {
                Some(index) => Item::Integer(i32::try_from(index).unwrap_or(i32::MAX)).into(),
                None => Collection::new(),
            },
            Expr::Total => {
                self.spend_kept(scope.total.map_or(0, |total| total.len()))?;
                scope.total.cloned().unwrap_or_default()
            }
            Expr::Variable(name) => self.variable(name)?,
            Expr::Member(..) => self.collect(expr, scope)?,
            Expr::Call(input, call) => match call.function.group {
                Group::Streams => self.collect(expr, scope)?,
                Group::Decides => Collection::of_boolean(self.boolean(expr, scope)?),
                _ => {
                    self.check_order(input.as_deref(), call)?;
                    let items = match input {
                        Some(input) => self.eval(input, scope)?,
                        None => scope.this.into(),
                    };
                    self.call(call, items, scope)?
                }
            },
            Expr::Item(items, index) => {
                let index = self.eval(index, scope)?;
                let index = self.integer(&index, "an index")?;
                let wanted = index.and_then(|i| usize::try_from(i).ok());
                match wanted {
                    Some(wanted) => self.nth(items, scope, wanted)?.into(),
                    None => Collection::new(),
                }
            }
            Expr::Plus(inner) => self.sign(self.eval(inner, scope)?, false)?,
            Expr::Minus(inner) => self.sign(self.eval(inner, scope)?, true)?,
            Expr::Chain(Operator::Union, operands) => self.unite(operands, scope)?,
            Expr::Chain(..) => Collection::of_boolean(self.boolean(expr, scope)?),
            Expr::Binary(operator, left, right) => {
                if operator.decides() {
                    Collection::of_boolean(self.boolean(expr, scope)?)
                } else {
                    let left = self.eval(left, scope)?;
                    let right = self.eval(right, scope)?;
                    self.operate(*operator, left, right)?
                }
            }
            Expr::Is(..) => Collection::of_boolean(self.boolean(expr, scope)?),
            Expr::As(..) => self.collect(expr, scope)?,
        })
    }

    /// In strict mode: the order of children is not defined, so nothing may rely on it.
    fn check_order(&self, input: Option<&Expr>, call: &Call) -> Result<()> {
        let func = call.function.func;
        let relies = matches!(func, Func::Skip | Func::Take | Func::Tail | Func::Last);
        if self.env.strict
            && relies
            && let Some(Expr::Call(_, input)) = input
            && matches!(input.function.func, Func::Children | Func::Descendants)
        {
            let of = call.function.name;
            return Err(EvalErrorKind::Unordered { of }.into());
        }
        Ok(())
    }

    fn collect(&self, expr: &Expr, scope: Scope<'_, 'a>) -> Result<Collection<'a>> {
        let mut items = Collection::new();
        self.each(expr, scope, &mut |item| {
            self.spend_kept(1)?;
            items.push(item);
            Ok(true)
        })?;
        Ok(items)
    }

    fn nth(&self, expr: &Expr, scope: Scope<'_, 'a>, wanted: usize) -> Result<Option<Item<'a>>> {
        let mut found = None;
        let mut at = 0;
        self.each(expr, scope, &mut |item| {
            if at == wanted {
                found = Some(item);
                return Ok(false);
            }
            at += 1;
            Ok(true)
        })?;
        Ok(found)
    }

    /// Hands on the items that an expression returns, one by one, until no more are wanted.
    pub(crate) fn each(&self, expr: &Expr, scope: Scope<'_, 'a>, out: Sink<'_, 'a>) -> Flow {
        match expr {
            Expr::Member(None, member) => {
                self.step()?;
                for item in scope.this {
                    if !self.head(item, member, out)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Expr::Member(Some(input), member) => {
                self.step()?;
                if self.env.strict {
                    self.check_member(input, member)?;
                }
                self.each(input, scope, &mut |item| self.member(&item, member, out))
            }
            Expr::Call(input, call) if call.function.group == Group::Streams => {
                self.step()?;
                self.stream(input.as_deref(), call, scope, out)
            }
            Expr::As(input, name) => {
                self.step()?;
                self.cast(Some(input), name, scope, out)
            }
            Expr::This => pass(scope.this, out),
            expr => {
                for item in self.eval(expr, scope)? {
                    if !out(item)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
        }
    }

    /// Hands on the items that are before a function.
    pub(crate) fn input(
        &self,
        input: Option<&Expr>,
        scope: Scope<'_, 'a>,
        out: Sink<'_, 'a>,
    ) -> Flow {
        match input {
            Some(input) => self.each(input, scope, out),
            None => pass(scope.this, out),
        }
    }

    fn stream(
        &self,
        input: Option<&Expr>,
        call: &Call,
        scope: Scope<'_, 'a>,
        out: Sink<'_, 'a>,
    ) -> Flow {
        let mut index = 0;
        match (call.function.func, call.arguments.as_slice()) {
            (Func::Where, [criteria]) => self.input(input, scope, &mut |item| {
                self.step()?;
                let inner = scope.item(&item, index);
                index += 1;
                if self.criterion(criteria, inner)? {
                    out(item)
                } else {
                    Ok(true)
                }
            }),
            (Func::Select, [projection]) => self.input(input, scope, &mut |item| {
                self.step()?;
                let inner = scope.item(&item, index);
                index += 1;
                self.each(projection, inner, out)
            }),
            (func @ (Func::OfType | Func::As), _) => match &call.type_name {
                Some(name) if func == Func::As => self.cast(input, name, scope, out),
                Some(name) => self.of_type(input, name, scope, out),
                None => Ok(true),
            },
            (Func::Children, _) => self.input(input, scope, &mut |item| self.children(&item, out)),
            (Func::Descendants, _) => {
                self.input(input, scope, &mut |item| self.descendants(&item, out))
            }
            (Func::Extension, [url]) => {
                let url = self.eval(url, scope)?;
                let Some(url) = self.string(&url, "extension()")? else {
                    return Ok(true);
                };
                self.input(input, scope, &mut |item| self.extensions(&item, &url, out))
            }
            (Func::First, _) => {
                let mut more = true;
                self.input(input, scope, &mut |item| {
                    more = out(item)?;
                    Ok(false)
                })?;
                Ok(more)
            }
            _ => Ok(true),
        }
    }

    /// Whether a criterion is true of an item; empty is not.
    pub(crate) fn criterion(&self, criteria: &Expr, scope: Scope<'_, 'a>) -> Result<bool> {
        Ok(self.boolean(criteria, scope)? == Some(true))
    }

    /// The truth value of an expression; `None` if its result is empty. A single item that is
    /// no boolean counts as true.
    pub(crate) fn boolean(&self, expr: &Expr, scope: Scope<'_, 'a>) -> Result<Option<bool>> {
        match expr {
            Expr::Binary(operator, left, right) if operator.decides() => {
                self.step()?;
                self.decide(*operator, left, right, scope)
            }
            Expr::Chain(operator @ (Operator::And | Operator::Or), operands) => {
                self.step()?;
                self.chain(*operator == Operator::Or, operands, scope)
            }
            Expr::Is(input, name) => {
                self.step()?;
                self.check_type(name)?;
                is_type(&self.eval(input, scope)?, name)
            }
            Expr::Call(input, call) if call.function.group == Group::Decides => {
                self.step()?;
                self.judge(input.as_deref(), call, scope)
            }
            _ => {
                let items = self.eval(expr, scope)?;
                truth(&items, "a condition")
            }
        }
    }

    /// `or`, which one true operand decides, or `and`, which one false operand does.
    fn chain(
        &self,
        decisive: bool,
        operands: &[Expr],
        scope: Scope<'_, 'a>,
    ) -> Result<Option<bool>> {
        let mut known = true;
        for operand in operands {
            match self.boolean(operand, scope)? {
                Some(value) if value == decisive => return Ok(Some(decisive)),
                Some(_) => {}
                None => known = false,
            }
        }
        Ok(known.then_some(!decisive))
    }

    /// `|`: what the operands give, without repetitions.
    fn unite(&self, operands: &[Expr], scope: Scope<'_, 'a>) -> Result<Collection<'a>> {
        let mut seen = DistinctItems::new(self.equality());
        for operand in operands {
            let items = self.eval(operand, scope)?;
            self.spend(items.len().saturating_mul(4))?;
            for item in &items {
                seen.add(item);
            }
        }
        Ok(seen.into_collection())
    }

    fn decide(
        &self,
        operator: Operator,
        left: &Expr,
        right: &Expr,
        scope: Scope<'_, 'a>,
    ) -> Result<Option<bool>> {
        let truth_of = |expr| self.boolean(expr, scope);
        Ok(match operator {
            Operator::Xor => match (truth_of(left)?, truth_of(right)?) {
                (Some(a), Some(b)) => Some(a != b),
                _ => None,
            },
            Operator::Implies => match truth_of(left)? {
                Some(false) => Some(true),
                Some(true) => truth_of(right)?,
                None => truth_of(right)?.filter(|right| *right),
            },
            Operator::In => {
                let item = self.eval(left, scope)?;
                self.member_among(&item, right, scope, "in")?
            }
            Operator::Contains => {
                let item = self.eval(right, scope)?;
                self.member_among(&item, left, scope, "contains")?
            }
            _ => {
                let left = self.eval(left, scope)?;
                let right = self.eval(right, scope)?;
                self.relate(operator, &left, &right)?
            }
        })
    }

    fn member_among(
        &self,
        item: &[Item<'a>],
        items: &Expr,
        scope: Scope<'_, 'a>,
        of: &'static str,
    ) -> Result<Option<bool>> {
        match at_most_one(item, of)? {
            None => Ok(None),
            Some(item) => Ok(Some(self.is_among(item, items, scope)?)),
        }
    }

    /// Whether an expression returns an item that is equal to this one. A union need not be made.
    fn is_among(&self, item: &Item<'a>, items: &Expr, scope: Scope<'_, 'a>) -> Result<bool> {
        if let Expr::Chain(Operator::Union, operands) = items {
            for operand in operands {
                if self.is_among(item, operand, scope)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        let equality = self.equality();
        let mut found = false;
        self.each(items, scope, &mut |other| {
            self.step()?;
            found = equality.items(item, &other) == Some(true);
            Ok(!found)
        })?;
        Ok(found)
    }

    fn judge(
        &self,
        input: Option<&Expr>,
        call: &Call,
        scope: Scope<'_, 'a>,
    ) -> Result<Option<bool>> {
        let mut index = 0;
        match (call.function.func, call.arguments.as_slice()) {
            (func @ (Func::Exists | Func::All), [criteria]) => {
                // The first item that is so decides.
                let decisive = func == Func::Exists;
                let mut decided = false;
                self.input(input, scope, &mut |item| {
                    self.step()?;
                    let inner = scope.item(&item, index);
                    index += 1;
                    decided = self.criterion(criteria, inner)? == decisive;
                    Ok(!decided)
                })?;
                Ok(Some(decided == decisive))
            }
            (Func::Exists, _) => Ok(Some(self.any(input, scope)?)),
            (Func::Empty, _) => Ok(Some(!self.any(input, scope)?)),
            (Func::Not, _) => {
                let value = match input {
                    Some(input) => self.boolean(input, scope)?,
                    None => truth(scope.this, "not()")?,
                };
                Ok(value.map(|value| !value))
            }
            (Func::Is, _) => {
                let Some(name) = &call.type_name else {
                    return Ok(None);
                };
                self.check_type(name)?;
                match input {
                    Some(input) => is_type(&self.eval(input, scope)?, name),
                    None => is_type(scope.this, name),
                }
            }
            (Func::HasValue, _) => {
                let (mut count, mut value) = (0, false);
                self.input(input, scope, &mut |item| {
                    count += 1;
                    value = match &item {
                        Item::Node(node) => node.value().is_some(),
                        Item::Type(..) | Item::Unloaded(_) => false,
                        _ => true,
                    };
                    Ok(count < 2)
                })?;
                Ok(Some(count == 1 && value))
            }
            _ => Ok(None),
        }
    }

    fn any(&self, input: Option<&Expr>, scope: Scope<'_, 'a>) -> Result<bool> {
        let mut found = false;
        self.input(input, scope, &mut |_| {
            found = true;
            Ok(false)
        })?;
        Ok(found)
    }

    fn variable(&self, name: &str) -> Result<Collection<'a>> {
        let env = self.env;
        if let Some((_, value)) = env.variables.iter().find(|(known, _)| *known == name) {
            return Ok(value.clone());
        }
        let text = |text: &str| Item::String(Text::from(text.to_owned()));
        Ok(match name {
            "resource" => env.resource.clone().into(),
            "rootResource" => env.root_resource.clone().into(),
            "context" => env.focus.clone().into(),
            "ucum" => Item::String("http://unitsofmeasure.org".into()).into(),
            "sct" => Item::String("http://snomed.info/sct".into()).into(),
            "loinc" => Item::String("http://loinc.org".into()).into(),
            _ => {
                let (base, id) = if let Some(id) = name.strip_prefix("vs-") {
                    ("ValueSet", id)
                } else if let Some(id) = name.strip_prefix("ext-") {
                    ("StructureDefinition", id)
                } else {
                    return Err(EvalErrorKind::UnknownVariable(name.into()).into());
                };
                text(&format!("http://hl7.org/fhir/{base}/{id}")).into()
            }
        })
    }

    /// The string of a single item; `None` if the collection is empty.
    pub(crate) fn string(&self, items: &[Item<'a>], of: &'static str) -> Result<Option<Text<'a>>> {
        let Some(item) = at_most_one(items, of)? else {
            return Ok(None);
        };
        match (item.shared_text(), item) {
            (Some(text), _) => Ok(Some(text)),
            (None, Item::Node(node))
                if node.primitive_kind().is_some() && node.value().is_none() =>
            {
                Ok(None)
            }
            (None, item) => Err(wrong(of, "a string", item)),
        }
    }

    /// The integer of a single item; `None` if the collection is empty.
    pub(crate) fn integer(&self, items: &[Item<'a>], of: &'static str) -> Result<Option<i32>> {
        let Some(item) = at_most_one(items, of)? else {
            return Ok(None);
        };
        match item.system() {
            Some(Item::Integer(value)) => Ok(Some(value)),
            None => Ok(None),
            _ => Err(wrong(of, "an integer", item)),
        }
    }
}

/// Whether a single item is of a type; `None` if there is no item.
fn is_type(items: &[Item<'_>], name: &TypeName) -> Result<Option<bool>> {
    let item = at_most_one(items, "is")?;
    Ok(item.map(|item| item.is_of_type(name)))
}

/// The item, if there is one.
///
/// # Errors
/// If there are several; `of` is what needs a single one.
pub(crate) fn at_most_one<'c, 'a>(
    items: &'c [Item<'a>],
    of: &'static str,
) -> Result<Option<&'c Item<'a>>> {
    match items {
        [] => Ok(None),
        [item] => Ok(Some(item)),
        _ => Err(EvalErrorKind::NotSingle { of }.into()),
    }
}

fn pass<'a>(items: &[Item<'a>], out: Sink<'_, 'a>) -> Flow {
    for item in items {
        if !out(item.clone())? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// An error that says what an item is.
#[cold]
pub(crate) fn wrong(of: &'static str, expected: &'static str, item: &Item<'_>) -> EvalError {
    EvalErrorKind::WrongType {
        of,
        expected,
        found: item.kind(),
    }
    .into()
}

impl Operator {
    /// Whether its result is a truth value.
    fn decides(self) -> bool {
        self.binding() < crate::ast::TYPE_BINDING && self != Operator::Union
    }
}

/// The truth value of a single item: one that is no boolean is true.
pub(crate) fn truth(items: &[Item<'_>], of: &'static str) -> Result<Option<bool>> {
    let truth_of = |item: &Item<'_>| match (item.boolean(), item) {
        (Some(value), _) => Some(value),
        // A primitive that has extensions only has no value to be true.
        (None, Item::Node(node)) if node.as_element().is_none() && node.value().is_none() => None,
        _ => Some(true),
    };
    Ok(at_most_one(items, of)?.and_then(truth_of))
}

fn value_of<'a>(literal: &Literal) -> Item<'a> {
    match literal {
        Literal::Boolean(value) => Item::Boolean(*value),
        Literal::Integer(value) => Item::Integer(*value),
        Literal::Decimal(value) => Item::Decimal(*value),
        Literal::String(text) => Item::String(Text::Made(text.clone())),
        Literal::Temporal(value) => Item::Temporal(*value),
        Literal::Quantity(Quantity { value, unit }) => Item::Quantity(Quantity {
            value: *value,
            unit: unit.clone(),
        }),
    }
}
