//! Queries: an endpoint and its parameters, in order.

use crate::definition::{Definition, ValueForm};
use crate::dialect::Dialect;
use crate::endpoint::{Audience, Endpoint};
use crate::fit::Fit;
use crate::issue::{QueryError, issue, of_query};
use crate::name::Name;
use crate::read::Reader;
use crate::rules;
use crate::scope::{Resolved, Scope};
use crate::value::{Order, Reference, SortKey, Token, Value, Values};
use healthcode_core::{Detail, Issue};

/// A query: where it goes, and its parameters. All parameters have to match (AND); of several
/// values of one, any (OR).
///
/// ```
/// use healthcode_search::{Query, Scope, Value};
/// let mut query = Query::new(Scope::resource("Patient")?);
/// query.push("family:exact", [Value::Text("O'Brien, Jr".into())])?;
/// query.set("birthdate", "ge1977")?;
/// assert_eq!(query.encode()?.as_str(), r"family:exact=O%27Brien%5C,%20Jr&birthdate=ge1977");
/// # Ok::<(), healthcode_search::QueryError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    scope: Scope,
    /// Whether it is R4's search by POST, whose parameters are a form.
    pub(crate) posted: bool,
    pub(crate) parameters: Vec<Parameter>,
}

/// Beyond so many parameters, what takes longer with each is left out or done otherwise: of so many
/// unknown names it is said what was probably meant.
const MANY: usize = 64;

/// A parameter and its values.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Parameter {
    /// Its name.
    pub name: Name,
    /// Its values, any of which has to match.
    pub values: Values,
}

impl Query {
    /// A query without parameters.
    #[must_use]
    pub fn new(scope: Scope) -> Self {
        Query {
            scope,
            posted: false,
            parameters: Vec::new(),
        }
    }

    /// A query of an endpoint, without parameters.
    #[must_use]
    pub fn of(endpoint: &'static Endpoint) -> Self {
        Query::new(Scope::Endpoint(endpoint))
    }

    /// Where it goes.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// Its parameters, in order.
    #[must_use]
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// Adds a parameter with its values.
    ///
    /// # Errors
    /// If the endpoint has no such parameter, or it takes no such modifier or value.
    pub fn push(
        &mut self,
        name: impl Into<Name>,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<&mut Self, QueryError> {
        self.add(name.into(), values.into_iter().collect())
    }

    fn add(&mut self, name: Name, mut values: Values) -> Result<&mut Self, QueryError> {
        let index = self.parameters.len();
        let definition = self.scope.resolve(&name).map_err(|error| error.at(index))?;
        let named = |error: QueryError| error.at(index).of(definition.name);
        let words = sorts_by_words(definition.form);
        for value in values.iter_mut() {
            if let (Value::Sort(SortKey { order, .. }), false) = (&mut *value, words) {
                // The lack of a minus sign says so.
                *order = order.filter(|order| *order == Order::Descending);
            }
        }
        let parameter = Parameter { name, values };
        self.check_as(&definition, &parameter).map_err(named)?;
        self.parameters.push(parameter);
        Ok(self)
    }

    /// Adds a parameter whose values are written as the dialect has them, before percent-encoding.
    ///
    /// # Errors
    /// If the endpoint has no such parameter, or the text is nothing that it takes.
    pub fn set(&mut self, name: impl Into<Name>, text: &str) -> Result<&mut Self, QueryError> {
        let name = name.into();
        let index = self.parameters.len();
        let values = self.read(&name, text).map_err(|error| error.at(index))?;
        self.add(name, values)
    }

    /// The values of a parameter from their text.
    pub(crate) fn read(&self, name: &Name, text: &str) -> Result<Values, QueryError> {
        self.read_as(&self.scope.resolve(name)?, text)
    }

    /// The values of a parameter that has been resolved.
    pub(crate) fn read_as(
        &self,
        definition: &Definition,
        text: &str,
    ) -> Result<Values, QueryError> {
        let dialect = self.scope.dialect();
        let reader = Reader {
            dialect,
            form: definition.form,
        };
        // Most have one value.
        let one = !definition.list || !text.bytes().any(|byte| byte == b',');
        if one && !text.is_empty() {
            let value = reader.value(text);
            return value
                .map(Values::from)
                .map_err(|error| error.of(definition.name));
        }
        let parts = match (definition.list, dialect.escapes()) {
            (false, _) => vec![text],
            (true, true) => crate::escape::split(text, ','),
            (true, false) => text.split(',').collect(),
        };
        let read = parts.into_iter().map(|part| {
            if part.is_empty() {
                Err(QueryError::new(&rules::QUERY_EMPTY))
            } else {
                reader.value(part)
            }
        });
        let values = read.collect::<Result<_, _>>();
        values.map_err(|error: QueryError| error.of(definition.name))
    }

    /// What each parameter takes; none where that fails. Those of an endpoint mostly are in the
    /// table's order, so that each is looked for from where the last was found.
    pub(crate) fn resolved(&self) -> Vec<Option<Resolved>> {
        let mut next = 0;
        let resolve = |parameter: &Parameter| self.scope.resolve_from(&mut next, &parameter.name);
        self.parameters.iter().map(resolve).collect()
    }

    /// Whether the parameter alone is such as it has been resolved to take.
    fn check_as(&self, definition: &Definition, parameter: &Parameter) -> Result<(), QueryError> {
        let named = |error: QueryError| error.of(definition.name);
        if parameter.values.is_empty() {
            return Err(named(QueryError::new(&rules::QUERY_EMPTY)));
        }
        if parameter.values.len() > 1 && !definition.list {
            return Err(named(QueryError::new(&rules::QUERY_LIST)));
        }
        if let [Value::Raw(text)] = &parameter.values[..]
            && definition.form != ValueForm::Opaque
        {
            self.read_as(definition, text)?;
            // It could be read, and would be written in another way.
            let form = definition.form.expected();
            return Err(named(QueryError::new(&rules::QUERY_VALUE).expected(form)));
        }
        let fit = Fit {
            scope: self.scope,
            definition,
        };
        let mut values = parameter.values.iter();
        values.try_for_each(|value| fit.value(value)).map_err(named)
    }

    /// All that is wrong, or worth knowing: of each parameter, and of the query as a whole.
    #[must_use]
    pub fn check(&self) -> Vec<Issue> {
        let definitions = self.resolved();
        let mut issues = Vec::new();
        self.check_all(&definitions, &mut issues);
        issues
    }

    /// The same where parameters have been resolved; none for those that could not be.
    pub(crate) fn check_all(&self, definitions: &[Option<Resolved>], issues: &mut Vec<Issue>) {
        let (mut includes, mut text) = (false, false);
        let mut places = Places::default();
        let mut unknown = 0;
        // A bit for each name that was met; two may share one.
        let mut met = 0u64;
        let many = self.parameters.len() > MANY;
        let mut earlier: Vec<(&'static str, &Name)> = Vec::new();
        for (index, parameter) in self.parameters.iter().enumerate() {
            let here;
            let definition = if let Some(Some(definition)) = definitions.get(index) {
                definition
            } else {
                let resolved = if unknown < MANY {
                    self.scope.resolve(&parameter.name)
                } else {
                    self.scope.resolve_at_once(&parameter.name)
                };
                match resolved {
                    Ok(definition) => {
                        here = definition;
                        &here
                    }
                    Err(error) => {
                        unknown += 1;
                        issues.extend(error.at(index));
                        continue;
                    }
                }
            };
            if matches!(
                definition.form,
                ValueForm::Near { .. }
                    | ValueForm::Distance
                    | ValueForm::QuantityDistance
                    | ValueForm::Sort { .. }
            ) {
                places.meet(parameter);
            }
            let bit = 1 << (definition.name.as_ptr().addr() % 64);
            let maybe_met = met & bit != 0;
            met |= bit;
            // One row of the table is one text.
            let same = |other: &'static str, name: &Name| {
                std::ptr::eq(other, definition.name) && *name == parameter.name
            };
            let again = match definition.repeats || !parameter.name.has.is_empty() {
                true => false,
                // Those of each name are looked through once, however many there are.
                false if many => {
                    let again = maybe_met && earlier.iter().any(|pair| same(pair.0, pair.1));
                    if !again {
                        earlier.push((definition.name, &parameter.name));
                    }
                    again
                }
                false if maybe_met => {
                    let mut before = definitions.iter().zip(&self.parameters).take(index);
                    before.any(|pair| {
                        pair.0
                            .as_ref()
                            .is_some_and(|at| same(at.name, &pair.1.name))
                    })
                }
                false => false,
            };
            if let Err(error) = self.check_as(definition, parameter) {
                issues.extend(error.at(index));
                continue;
            }
            let issue = |rule| issue(rule, Some(index), Some(definition.name), Detail::None);
            if again {
                issues.push(issue(&rules::QUERY_REPEATED));
            }
            if definition.form == ValueForm::Opaque {
                issues.push(issue(&rules::QUERY_UNCHECKED));
            }
            if definition.sample_only {
                issues.push(issue(&rules::QUERY_SAMPLE_ONLY));
            }
            includes |= definition.form == ValueForm::Include;
            text |= definition.name == "_summary"
                && parameter.values.first() == Some(&Value::Word("text".into()));
        }
        if let Scope::Endpoint(endpoint) = self.scope {
            for required in endpoint
                .parameters
                .iter()
                .filter(|parameter| parameter.required)
            {
                if self.plain(required.name).next().is_none() {
                    issues.push(issue(
                        &rules::QUERY_REQUIRED,
                        None,
                        Some(required.name),
                        Detail::None,
                    ));
                }
            }
            if endpoint.audience == Audience::Restricted {
                issues.push(of_query(&rules::QUERY_RESTRICTED));
            }
        }
        places.check(issues);
        match self.scope.dialect() {
            Dialect::Pds => self.check_pds(issues),
            Dialect::Sds => self.check_sds(issues),
            Dialect::Stu3 => self.check_graphnet(issues),
            _ => {}
        }
        if text && includes {
            let expected = Detail::Expected("no _include beside _summary=text");
            issues.push(issue(
                &rules::QUERY_CONTRADICTION,
                None,
                Some("_summary"),
                expected,
            ));
        }
    }

    /// The parameters of this name, without chain and modifier.
    fn plain(&self, name: &str) -> impl Iterator<Item = &Parameter> {
        let same =
            move |parameter: &&Parameter| parameter.name.code == name && parameter.name.is_plain();
        self.parameters.iter().filter(same)
    }

    /// The first value of the parameter of this name, if it has no modifier.
    #[must_use]
    pub fn first_value(&self, name: &str) -> Option<&Value> {
        self.plain(name).next()?.values.first()
    }

    fn check_pds(&self, issues: &mut Vec<Issue>) {
        let contradiction = |name, form| {
            issue(
                &rules::QUERY_CONTRADICTION,
                None,
                Some(name),
                Detail::Expected(form),
            )
        };
        let is = |name| self.first_value(name) == Some(&Value::Boolean(true));
        let has = |name| self.first_value(name).is_some();
        if has("address-postcode") && has("address-postalcode") {
            issues.push(contradiction(
                "address-postcode",
                "address-postalcode alone",
            ));
        }
        if is("_fuzzy-match") && is("_exact-match") {
            issues.push(contradiction("_exact-match", "one kind of matching"));
        }
        let values = self
            .parameters
            .iter()
            .flat_map(|parameter| &parameter.values);
        let wildcard = |value: &Value| matches!(value, Value::Text(text) if text.contains('*'));
        if is("_fuzzy-match") && values.into_iter().any(wildcard) {
            issues.push(contradiction("_fuzzy-match", "no * in values beside it"));
        }
    }

    fn check_sds(&self, issues: &mut Vec<Issue>) {
        let system = |parameter: &Parameter| match parameter.values.first() {
            Some(Value::Token(Token::Coded { system, .. } | Token::System(system))) => {
                Some(system.clone())
            }
            _ => None,
        };
        let mut systems: Vec<_> = self.plain("identifier").filter_map(system).collect();
        let count = systems.len();
        systems.sort();
        systems.dedup();
        if systems.len() < count {
            let expected = Detail::Expected("one identifier of each system: the last one wins");
            issues.push(issue(
                &rules::QUERY_CONTRADICTION,
                None,
                Some("identifier"),
                expected,
            ));
        }
        let organization = self.first_value("organization").is_some();
        if self.scope.name() == "sds-endpoint" && usize::from(organization) + systems.len() < 2 {
            let expected = Detail::Expected("two of organization, service and party key");
            issues.push(issue(
                &rules::QUERY_REQUIRED,
                None,
                Some("identifier"),
                expected,
            ));
        }
    }

    /// Every clinical search names exactly one patient.
    fn check_graphnet(&self, issues: &mut Vec<Issue>) {
        if self.scope.definition("patient").is_none() || self.first_value("_id").is_some() {
            return;
        }
        let of_patient = |parameter: &&Parameter| match parameter.name.chain.first() {
            // Which of a patient's records are meant says nothing of whose.
            _ if parameter.name.code == "getAllLinkedPatients" => false,
            Some(link) => link.reference == "patient",
            None => parameter.name.code == "patient" && parameter.name.modifier.is_none(),
        };
        let named = self.parameters.iter().filter(of_patient).count();
        if named == 0 {
            let expected = Detail::Expected("patient=Patient/id, or patient.identifier");
            issues.push(issue(
                &rules::QUERY_REQUIRED,
                None,
                Some("patient"),
                expected,
            ));
        }
    }
}

/// The parameters about places, each by its first.
#[derive(Default)]
struct Places<'q> {
    near: Option<&'q Value>,
    near_distance: bool,
    sorts_by_distance: bool,
}

impl<'q> Places<'q> {
    fn meet(&mut self, parameter: &'q Parameter) {
        let distance = |value: &Value| matches!(value, Value::Sort(key) if key.field == "distance");
        match parameter.name.code.as_str() {
            _ if !parameter.name.is_plain() => {}
            "near" => self.near = self.near.or(parameter.values.first()),
            "near-distance" => self.near_distance |= !parameter.values.is_empty(),
            "_sort" => self.sorts_by_distance |= parameter.values.iter().any(distance),
            _ => {}
        }
    }

    fn check(&self, issues: &mut Vec<Issue>) {
        let mut report = |rule, name| issues.push(issue(rule, None, Some(name), Detail::None));
        if self.near.is_none() && self.sorts_by_distance {
            report(&rules::QUERY_SORT_POINT, "_sort");
        }
        if !self.near_distance {
            return;
        }
        match self.near {
            None => report(&rules::QUERY_NEAR_POINT, "near-distance"),
            Some(Value::Near(near)) if near.distance.is_some() => {
                report(&rules::QUERY_NEAR_WINS, "near-distance");
            }
            Some(_) => {}
        }
    }
}

/// Whether keys of sorting are written with `:asc` and `:desc`.
pub(crate) fn sorts_by_words(kind: ValueForm) -> bool {
    matches!(kind, ValueForm::Sort { words: true, .. })
}

/// A reference to a resource by type and id.
impl From<(&str, &str)> for Value {
    fn from((resource, id): (&str, &str)) -> Self {
        Value::Reference(Reference::Typed {
            resource: resource.into(),
            id: id.into(),
        })
    }
}
