//! What expressions can return and which elements they read: worked out from the schemas of a version,
//! without a value.

mod results;
mod texts;

use crate::ast::{Call, Expr, Member, Namespace, Operator, TypeName};
use crate::expression::Expression;
use crate::functions::Func;
use crate::node::element_is_a;
use healthcode_core::{PrimitiveKind, Schema, SchemaKind, nearest};
use results::{of_function, of_operator, type_of};
use texts::{mismatch, missing, one_of};

/// A type that items may have.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum StaticType {
    /// An element of this schema.
    Element(&'static Schema),
    /// A FHIR primitive.
    Primitive(PrimitiveKind),
    /// A type of the language: `String`.
    System(&'static str),
}

impl StaticType {
    /// The type's name: `Quantity`, `dateTime`, `String`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            StaticType::Element(schema) => schema.name,
            StaticType::Primitive(kind) => kind.name(),
            StaticType::System(name) => name,
        }
    }

    /// The type of the language that its values have, if they have one.
    #[must_use]
    pub fn system(self) -> Option<&'static str> {
        match self {
            StaticType::System(name) => Some(name),
            StaticType::Element(schema) => (schema.name == "Quantity").then_some("Quantity"),
            StaticType::Primitive(kind) => Some(match kind {
                PrimitiveKind::Boolean => "Boolean",
                PrimitiveKind::Integer
                | PrimitiveKind::PositiveInt
                | PrimitiveKind::UnsignedInt => "Integer",
                PrimitiveKind::Decimal => "Decimal",
                PrimitiveKind::Date => "Date",
                PrimitiveKind::DateTime | PrimitiveKind::Instant => "DateTime",
                PrimitiveKind::Time => "Time",
                _ => "String",
            }),
        }
    }
}

/// A type that items may have, the name of their field, and the place that they come from.
#[derive(Clone, Copy, Debug)]
struct Known {
    of: StaticType,
    code: &'static str,
    place: usize,
    /// The types that a reference may refer to; empty if that is not known.
    targets: &'static [&'static str],
}

/// What an expression can return.
#[derive(Clone, Debug, Default)]
pub struct Inferred {
    /// `None` if that is not known.
    types: Option<Vec<Known>>,
    many: bool,
}

impl Inferred {
    /// The types that items may have: none, if there can be no items. `None` if the types are not known.
    #[must_use]
    pub fn types(&self) -> Option<Vec<StaticType>> {
        let types = self.types.as_ref()?;
        Some(types.iter().map(|known| known.of).collect())
    }

    /// Whether there may be several items.
    #[must_use]
    pub fn is_many(&self) -> bool {
        self.many
    }

    /// The same, of which there is at most one item.
    #[must_use]
    pub fn single(mut self) -> Self {
        self.many = false;
        self
    }

    fn unknown(many: bool) -> Self {
        Inferred { types: None, many }
    }

    fn system(name: &'static str) -> Self {
        Inferred::of(StaticType::System(name), NOWHERE)
    }

    fn of(of: StaticType, place: usize) -> Self {
        let code = of.name();
        Inferred {
            types: Some(vec![Known {
                of,
                code,
                place,
                targets: &[],
            }]),
            many: false,
        }
    }

    fn several(mut self, many: bool) -> Self {
        self.many |= many;
        self
    }

    fn join(mut self, other: Inferred) -> Self {
        self.many |= other.many;
        match (&mut self.types, other.types) {
            (Some(types), Some(mut others)) => types.append(&mut others),
            (types, _) => *types = None,
        }
        self
    }

    fn only_system(&self) -> Option<&'static str> {
        let types = self.types.as_ref()?;
        let first = types.first()?.of.system()?;
        let same = types.iter().all(|known| known.of.system() == Some(first));
        same.then_some(first)
    }
}

/// Something that is wrong with an expression, whatever it is evaluated over.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StaticFinding {
    /// What is wrong, in a sentence.
    pub message: String,
    /// The byte of the expression at which it is wrong, where that is known.
    pub offset: Option<usize>,
}

/// An element that is read.
#[derive(Debug)]
struct Place {
    name: Box<str>,
    parent: usize,
    /// All that is in it is read.
    whole: bool,
}

/// The place of what is no part of the resource.
const NOWHERE: usize = usize::MAX;

/// Works out what expressions over one type of resource can return, and what they read of it.
///
/// ```
/// use healthcode_fhirpath::{Analysis, Expression};
/// use healthcode_r4::schema;
///
/// let mut analysis = Analysis::new(schema::find("Patient").unwrap(), schema::find);
/// let root = analysis.root();
/// let given = analysis.infer(&Expression::compile("name.given")?, &root);
/// assert_eq!(given.types().unwrap()[0].name(), "string");
/// assert!(given.is_many());
/// analysis.infer(&Expression::compile("name.surname")?, &root);
/// let findings = analysis.take_findings();
/// assert_eq!(findings[0].message, "HumanName has no element surname");
/// assert_eq!(findings[0].offset, Some(5));
/// assert_eq!(analysis.read_paths(), [vec!["name", "given"]]);
/// # Ok::<(), healthcode_fhirpath::ParseError>(())
/// ```
#[derive(Debug)]
pub struct Analysis {
    root: &'static Schema,
    find: fn(&str) -> Option<&'static Schema>,
    variables: Vec<(Box<str>, StaticType)>,
    /// Functions that have no result where the expressions are evaluated.
    unanswered: &'static [&'static str],
    places: Vec<Place>,
    findings: Vec<StaticFinding>,
}

/// What names in an expression refer to.
#[derive(Clone, Copy)]
struct Scope<'s> {
    this: &'s Inferred,
    focus: &'s Inferred,
}

impl Analysis {
    /// An analysis of expressions over resources of this schema; `find` returns the schemas of the version's types.
    #[must_use]
    pub fn new(root: &'static Schema, find: fn(&str) -> Option<&'static Schema>) -> Self {
        let place = Place {
            name: "".into(),
            parent: NOWHERE,
            whole: false,
        };
        Analysis {
            root,
            find,
            variables: Vec::new(),
            unanswered: &[],
            places: vec![place],
            findings: Vec::new(),
        }
    }

    /// The resource itself.
    #[must_use]
    pub fn root(&self) -> Inferred {
        Inferred::of(StaticType::Element(self.root), 0)
    }

    /// Makes a variable known, which is `%name` in expressions.
    pub fn variable(&mut self, name: &str, of: StaticType) {
        self.variables.push((name.into(), of));
    }

    /// Names functions that have no result where the expressions are evaluated, such as `memberOf` where there are no
    /// value sets. Their uses are reported.
    pub fn without(&mut self, functions: &'static [&'static str]) {
        self.unanswered = functions;
    }

    /// What an expression can return where the focus is `focus`.
    pub fn infer(&mut self, expression: &Expression, focus: &Inferred) -> Inferred {
        let scope = Scope { this: focus, focus };
        self.expr(&expression.0, scope)
    }

    /// Notes that all is read of what an expression returns.
    pub fn read_whole(&mut self, inferred: &Inferred) {
        for known in inferred.types.iter().flatten() {
            if let Some(place) = self.places.get_mut(known.place) {
                place.whole = true;
            }
        }
    }

    /// What was found to be wrong since the last call.
    pub fn take_findings(&mut self) -> Vec<StaticFinding> {
        std::mem::take(&mut self.findings)
    }

    /// The elements that are read with all that is in them, each as the names that lead to it; an empty list of
    /// names is the resource itself. Elements of which only the presence matters are among them, too.
    #[must_use]
    pub fn read_paths(&self) -> Vec<Vec<&str>> {
        let mut paths = Vec::new();
        for (index, place) in self.places.iter().enumerate() {
            let is_parent = self.places.iter().any(|other| other.parent == index);
            if !place.whole && (is_parent || index == 0) {
                continue;
            }
            let mut names = Vec::new();
            let mut at = index;
            while let Some(place) = self.places.get(at).filter(|_| at > 0) {
                names.push(&*place.name);
                at = place.parent;
            }
            names.reverse();
            paths.push(names);
        }
        paths
    }

    fn report(&mut self, message: String, offset: Option<usize>) {
        let finding = StaticFinding { message, offset };
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    /// The place of a member of what is at a place.
    fn child(&mut self, parent: usize, name: &str) -> usize {
        if parent == NOWHERE {
            return NOWHERE;
        }
        let known = self.places.iter();
        let mut known = known.enumerate();
        let found = known.find(|(_, place)| place.parent == parent && &*place.name == name);
        if let Some((index, _)) = found {
            return index;
        }
        self.places.push(Place {
            name: name.into(),
            parent,
            whole: false,
        });
        self.places.len() - 1
    }

    fn expr(&mut self, expr: &Expr, scope: Scope<'_>) -> Inferred {
        match expr {
            Expr::Literal(literal) => Inferred::system(type_of(literal)),
            Expr::Nothing => Inferred {
                types: Some(Vec::new()),
                many: false,
            },
            Expr::This => scope.this.clone(),
            Expr::Index => Inferred::system("Integer"),
            Expr::Total => Inferred::unknown(true),
            Expr::Variable(name) => self.variable_type(name, scope),
            Expr::Member(None, member) => {
                let head = scope.this.clone();
                if member.name.starts_with(|c: char| c.is_ascii_uppercase())
                    && is_named(&head, &member.name)
                {
                    return head;
                }
                self.member(&head, member)
            }
            Expr::Member(Some(input), member) => {
                let input = self.expr(input, scope);
                self.member(&input, member)
            }
            Expr::Call(input, call) => {
                let input = match input {
                    Some(input) => self.expr(input, scope),
                    None => scope.this.clone(),
                };
                self.call(input, call, scope)
            }
            Expr::Item(input, index) => {
                self.expr(index, scope);
                self.expr(input, scope).single()
            }
            Expr::Plus(inner) | Expr::Minus(inner) => {
                let inner = self.expr(inner, scope);
                self.read_whole(&inner);
                match inner.only_system() {
                    Some(name) => Inferred::system(name),
                    None => Inferred::unknown(false),
                }
            }
            Expr::Binary(operator, left, right) => {
                let left = self.whole(left, scope);
                let right = self.whole(right, scope);
                if let Some(message) = mismatch(*operator, &left, &right) {
                    self.report(message, None);
                }
                of_operator(*operator, &left, &right)
            }
            Expr::Chain(Operator::Union, operands) => {
                let mut all: Option<Inferred> = None;
                for operand in operands {
                    let before = self.findings.len();
                    let one = self.whole(operand, scope);
                    // What does not exist adds nothing.
                    if self.findings.len() == before || one.types.is_some() {
                        all = Some(all.map_or(one.clone(), |all| all.join(one)));
                    }
                }
                all.unwrap_or_default().several(true)
            }
            Expr::Chain(_, operands) => {
                for operand in operands {
                    self.expr(operand, scope);
                }
                Inferred::system("Boolean")
            }
            Expr::Is(input, name) => {
                self.expr(input, scope);
                self.check_type(name);
                Inferred::system("Boolean")
            }
            Expr::As(input, name) => {
                let input = self.expr(input, scope);
                self.of_type(&input, name)
            }
        }
    }

    fn whole(&mut self, expr: &Expr, scope: Scope<'_>) -> Inferred {
        let inferred = self.expr(expr, scope);
        self.read_whole(&inferred);
        inferred
    }

    fn variable_type(&mut self, name: &str, scope: Scope<'_>) -> Inferred {
        let mut known = self.variables.iter();
        if let Some((_, of)) = known.find(|(known, _)| &**known == name) {
            return Inferred::of(*of, NOWHERE);
        }
        match name {
            "resource" | "rootResource" => self.root(),
            "context" => scope.focus.clone(),
            "ucum" | "sct" | "loinc" => Inferred::system("String"),
            _ if name.starts_with("vs-") || name.starts_with("ext-") => Inferred::system("String"),
            _ => {
                let names = self.variables.iter().map(|(name, _)| &**name);
                let near = nearest(name, names.filter(|known| *known != "rowIndex"));
                let near = near.map_or(String::new(), |near| format!("; did you mean %{near}?"));
                self.report(format!("unknown constant %{name}{near}"), None);
                Inferred::unknown(false)
            }
        }
    }

    fn member(&mut self, input: &Inferred, member: &Member) -> Inferred {
        let Some(types) = &input.types else {
            return Inferred::unknown(true);
        };
        let mut found = Vec::new();
        let mut many = input.many;
        let mut known = types.is_empty();
        for one in types {
            if let Some(one) = self.member_of(*one, &member.name) {
                known = true;
                many |= one.many;
                match one.types {
                    Some(mut types) => found.append(&mut types),
                    None => return Inferred::unknown(true),
                }
            }
        }
        if !known {
            let message = missing(types, &member.name);
            self.report(message, Some(member.at.get()));
            return Inferred::unknown(true);
        }
        Inferred {
            types: Some(found),
            many,
        }
    }

    /// What a member of a type can be; `None` if the type does not have it.
    fn member_of(&mut self, of: Known, name: &str) -> Option<Inferred> {
        let schema = match of.of {
            StaticType::Element(schema) => schema,
            StaticType::Primitive(_) => {
                return match (name, (self.find)("Extension")) {
                    ("id", _) => Some(Inferred::system("String")),
                    ("extension", Some(schema)) => {
                        let extension = StaticType::Element(schema);
                        Some(Inferred::of(extension, NOWHERE).several(true))
                    }
                    _ => None,
                };
            }
            StaticType::System("Quantity") => {
                return match name {
                    "value" => Some(Inferred::system("Decimal")),
                    "unit" | "code" => Some(Inferred::system("String")),
                    _ => None,
                };
            }
            StaticType::System("TypeInfo") => {
                let known = matches!(name, "namespace" | "name");
                return known.then(|| Inferred::system("String"));
            }
            StaticType::System(_) => return None,
        };
        if schema.kind == SchemaKind::UnknownResource {
            return Some(Inferred::unknown(true));
        }
        let (_, field) = schema.field(name)?;
        let place = self.child(of.place, name);
        let mut types = Vec::new();
        for one in field.types {
            let of = match (one.primitive, one.schema()) {
                (Some(kind), _) => {
                    if let Some(place) = self.places.get_mut(place) {
                        place.whole = true;
                    }
                    StaticType::Primitive(kind)
                }
                (None, Some(schema)) => StaticType::Element(schema),
                (None, None) => {
                    if let Some(place) = self.places.get_mut(place) {
                        place.whole = true;
                    }
                    return Some(Inferred::unknown(true));
                }
            };
            types.push(Known {
                of,
                code: one.code,
                place,
                targets: one.targets,
            });
        }
        Some(Inferred {
            types: Some(types),
            many: field.repeats(),
        })
    }

    /// Reports a type that neither FHIR nor the language has; whether it is known.
    fn check_type(&mut self, name: &TypeName) -> bool {
        let known = name.built_in || (self.find)(&name.name).is_some();
        if !known {
            let message = format!("unknown type {}", name.name);
            self.report(message, None);
        }
        known
    }

    fn of_type(&mut self, input: &Inferred, name: &TypeName) -> Inferred {
        if !self.check_type(name) {
            return Inferred::unknown(input.many);
        }
        let wanted = &*name.name;
        let Some(types) = &input.types else {
            let of = match (PrimitiveKind::of(wanted), (self.find)(wanted)) {
                _ if name.namespace == Namespace::System => return Inferred::unknown(input.many),
                (Some(kind), _) => StaticType::Primitive(kind),
                (None, Some(schema)) => StaticType::Element(schema),
                (None, None) => return Inferred::unknown(input.many),
            };
            return Inferred::of(of, NOWHERE).several(input.many);
        };
        let is = |known: &&Known| match known.of {
            StaticType::System(system) => system == wanted,
            _ if name.namespace == Namespace::System => false,
            StaticType::Primitive(kind) => kind.name() == wanted || wanted == "Element",
            StaticType::Element(schema) => element_is_a(schema, wanted) || known.code == wanted,
        };
        let found: Vec<Known> = types.iter().filter(is).copied().collect();
        if found.is_empty() && !types.is_empty() && !is_abstract(types) {
            let names: Vec<&str> = types.iter().map(|known| known.code).collect();
            let message = format!(
                "{wanted} is not allowed here: the type is {}",
                one_of(&names)
            );
            self.report(message, None);
        }
        Inferred {
            types: Some(found),
            many: input.many,
        }
    }

    fn call(&mut self, input: Inferred, call: &Call, scope: Scope<'_>) -> Inferred {
        let func = call.function.func;
        if self.unanswered.contains(&call.function.name) {
            let message = format!(
                "{}() is not allowed here: it has no result",
                call.function.name
            );
            self.report(message, None);
        }
        let item = input.clone().single();
        let inner = Scope {
            this: &item,
            focus: scope.focus,
        };
        let arguments = &call.arguments;
        let boolean = Inferred::system("Boolean");
        match func {
            Func::Where | Func::Exists | Func::All => {
                for argument in arguments {
                    self.expr(argument, inner);
                }
                if func == Func::Where { input } else { boolean }
            }
            Func::Empty | Func::Not | Func::HasValue => boolean,
            Func::Select => {
                let mut result = Inferred::unknown(true);
                for argument in arguments {
                    result = self.expr(argument, inner).several(input.many);
                }
                result
            }
            Func::OfType | Func::As => match &call.type_name {
                Some(name) => self.of_type(&input, name),
                None => input,
            },
            Func::Is => {
                if let Some(name) = &call.type_name {
                    self.check_type(name);
                }
                boolean
            }
            Func::First | Func::Last | Func::Single => input.single(),
            Func::Tail => input,
            Func::Skip | Func::Take => {
                for argument in arguments {
                    self.expr(argument, scope);
                }
                input
            }
            Func::Trace => {
                for (index, argument) in arguments.iter().enumerate() {
                    // The name, and a projection of each item.
                    self.expr(argument, if index == 0 { scope } else { inner });
                }
                input
            }
            Func::Sort => {
                for argument in arguments {
                    self.whole(argument, inner);
                }
                self.read_whole(&input);
                input
            }
            Func::Count => Inferred::system("Integer"),
            Func::Extension => {
                for argument in arguments {
                    self.expr(argument, scope);
                }
                self.extensions(&input)
            }
            Func::Iif => {
                let inner = Scope {
                    this: &input,
                    focus: scope.focus,
                };
                let mut result: Option<Inferred> = None;
                for (index, argument) in arguments.iter().enumerate() {
                    let one = self.expr(argument, inner);
                    if index > 0 {
                        result = Some(result.map_or(one.clone(), |all| all.join(one)));
                    }
                }
                result.unwrap_or_default()
            }
            Func::Children | Func::Descendants => {
                self.read_whole(&input);
                Inferred::unknown(true)
            }
            Func::Repeat | Func::Aggregate => {
                self.read_whole(&input);
                for argument in arguments {
                    self.expr(argument, inner);
                }
                Inferred::unknown(func == Func::Repeat)
            }
            Func::GetResourceKey => {
                self.key_of_resource(&input);
                Inferred::system("String").several(input.many)
            }
            Func::GetReferenceKey => {
                self.key_of_reference(&input);
                if let Some(name) = &call.type_name
                    && self.check_type(name)
                {
                    self.check_target(&input, &name.name);
                }
                Inferred::system("String").several(input.many)
            }
            Func::Resolve => {
                self.read_whole(&input);
                // What `#id` refers to.
                let contained = self.child(0, "contained");
                if let Some(place) = self.places.get_mut(contained) {
                    place.whole = true;
                }
                Inferred::unknown(input.many)
            }
            _ => {
                self.read_whole(&input);
                let mut others = Vec::new();
                for argument in arguments {
                    others.push(self.whole(argument, scope));
                }
                of_function(call, input, others)
            }
        }
    }

    fn extensions(&mut self, input: &Inferred) -> Inferred {
        let Some(schema) = (self.find)("Extension") else {
            return Inferred::unknown(true);
        };
        let mut places = Vec::new();
        for known in input.types.iter().flatten() {
            if let StaticType::Element(_) = known.of {
                places.push(self.child(known.place, "extension"));
            }
        }
        for place in places {
            if let Some(place) = self.places.get_mut(place) {
                place.whole = true;
            }
        }
        Inferred::of(StaticType::Element(schema), NOWHERE).several(true)
    }

    fn key_of_resource(&mut self, input: &Inferred) {
        let Some(types) = input.types.clone() else {
            return;
        };
        let is_resource =
            |known: &Known| matches!(known.of, StaticType::Element(schema) if schema.is_resource());
        if !types.is_empty() && !types.iter().any(is_resource) {
            let message = "getResourceKey() is not allowed here: expected a resource before it";
            self.report(message.to_owned(), None);
        }
        self.read_members(&types, &["id"]);
    }

    fn key_of_reference(&mut self, input: &Inferred) {
        let Some(types) = input.types.clone() else {
            return;
        };
        let is_reference = |known: &Known| matches!(known.of, StaticType::Element(schema) if schema.name == "Reference");
        if !types.is_empty() && !types.iter().any(is_reference) {
            let message = "getReferenceKey() is not allowed here: expected a Reference before it";
            self.report(message.to_owned(), None);
        }
        self.read_members(&types, &["reference"]);
    }

    /// Reports a type that references are never to.
    fn check_target(&mut self, input: &Inferred, name: &str) {
        let types = input.types.as_deref().unwrap_or_default();
        let takes = |known: &Known| {
            let mut targets = known.targets.iter();
            known.targets.is_empty()
                || targets
                    .any(|target| *target == name || *target == "Resource" || target.contains(':'))
        };
        if types.is_empty() || types.iter().any(takes) {
            return;
        }
        let mut targets: Vec<&str> = types
            .iter()
            .flat_map(|known| known.targets)
            .copied()
            .collect();
        targets.dedup();
        let message = format!(
            "{name} is not allowed here: the reference is to {}",
            one_of(&targets)
        );
        self.report(message, None);
    }

    fn read_members(&mut self, types: &[Known], names: &[&str]) {
        for known in types {
            for name in names {
                let place = self.child(known.place, name);
                if let Some(place) = self.places.get_mut(place) {
                    place.whole = true;
                }
            }
        }
    }
}

/// Whether some of these can be of the named type.
fn is_named(input: &Inferred, name: &str) -> bool {
    let types = input.types.as_deref().unwrap_or_default();
    types.iter().any(|known| match known.of {
        StaticType::Element(schema) => element_is_a(schema, name),
        StaticType::Primitive(_) => name == "Element",
        StaticType::System(_) => false,
    })
}

/// Whether values may be of types that are derived from these.
fn is_abstract(types: &[Known]) -> bool {
    types.iter().any(|known| {
        matches!(known.of, StaticType::Element(schema) if schema.kind == SchemaKind::UnknownResource)
    })
}
