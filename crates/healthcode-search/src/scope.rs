//! What a query is for: an endpoint of the table, or a type of resource of R4.

use crate::definition::{Definition, ValueForm};
use crate::dialect::Dialect;
use crate::endpoint::{ENDPOINTS, Endpoint, SHARED};
use crate::issue::QueryError;
use crate::name::{Link, Modifier, Name};
use crate::rules;
use crate::table::{self, ParameterType, SearchParameter};
use healthcode_core::nearest;

/// What a parameter takes: a row of an endpoint's table, or made of R4's.
pub(crate) enum Resolved {
    Row(&'static Definition),
    Made(Box<Definition>),
}

impl From<Definition> for Resolved {
    fn from(definition: Definition) -> Self {
        Resolved::Made(Box::new(definition))
    }
}

impl std::ops::Deref for Resolved {
    type Target = Definition;

    #[inline]
    fn deref(&self) -> &Definition {
        match self {
            Resolved::Row(row) => row,
            Resolved::Made(made) => made,
        }
    }
}

/// Where a query goes, which decides its dialect and its parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Scope {
    /// A documented call.
    Endpoint(&'static Endpoint),
    /// R4's search of a type of resource, on any server.
    Resource(&'static str),
}

impl Scope {
    /// The endpoint of this name, or else the type of resource.
    ///
    /// # Errors
    /// If there is neither; with the name that was probably meant.
    pub fn named(name: &str) -> Result<Self, QueryError> {
        if let Some(endpoint) = Endpoint::named(name) {
            return Ok(Scope::Endpoint(endpoint));
        }
        if let Some(resource) = table::resource(name) {
            return Ok(Scope::Resource(resource));
        }
        let names = ENDPOINTS
            .iter()
            .map(|endpoint| endpoint.name)
            .chain(table::resources());
        Err(QueryError::new(&rules::QUERY_ENDPOINT).nearest(nearest(name, names)))
    }

    /// R4's search of a type of resource.
    ///
    /// # Errors
    /// If R4 has no such type.
    pub fn resource(name: &str) -> Result<Self, QueryError> {
        let found = table::resource(name).map(Scope::Resource);
        found.ok_or_else(|| {
            QueryError::new(&rules::QUERY_ENDPOINT).nearest(nearest(name, table::resources()))
        })
    }

    /// What an address says: `{discovery key}`, the key alone, the end of a path, or `/Type` of R4.
    #[must_use]
    pub fn of_address(address: &str) -> Option<Self> {
        let address = address.trim_end_matches('/');
        let braced = address
            .strip_prefix('{')
            .and_then(|rest| rest.split_once('}'));
        let key = braced.map_or(address, |(key, _)| key);
        if let Some(endpoint) = Endpoint::with_key(key) {
            return Some(Scope::Endpoint(endpoint));
        }
        // The longest path, so that those of one segment come last, and R4's before them.
        let ends = |path: &str| path.matches('/').count() > 1 && address.ends_with(path);
        let mut rows = ENDPOINTS.iter();
        if let Some(endpoint) = rows.find(|row| row.path.is_some_and(ends)) {
            return Some(Scope::Endpoint(endpoint));
        }
        let address = address.strip_suffix("/_search").unwrap_or(address);
        let last = address.rsplit('/').next().unwrap_or(address);
        table::resource(last).map(Scope::Resource)
    }

    /// Its name in the table, or the type of resource.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Scope::Endpoint(endpoint) => endpoint.name,
            Scope::Resource(resource) => resource,
        }
    }

    /// How it writes queries.
    #[must_use]
    pub fn dialect(self) -> Dialect {
        match self {
            Scope::Endpoint(endpoint) => endpoint.dialect,
            Scope::Resource(_) => Dialect::R4,
        }
    }

    /// The names of its parameters, without modifiers and chains.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let (own, resource) = match self {
            Scope::Endpoint(endpoint) => (endpoint.parameters, ""),
            Scope::Resource(resource) => (SHARED, resource),
        };
        let table = table::search_parameters(resource).map(SearchParameter::name);
        table.chain(own.iter().map(|definition| definition.name))
    }

    /// The parameter of this name, without modifier or chain.
    #[must_use]
    pub fn definition(self, name: &str) -> Option<Definition> {
        match self {
            Scope::Endpoint(endpoint) => in_list(endpoint.parameters, name),
            Scope::Resource(resource) => match table::search_parameter(resource, name) {
                Some(parameter) => Some(of_table(parameter)),
                None => in_list(SHARED, name),
            },
        }
    }

    /// What a parameter of this name takes; its chain, reverse chain and modifier have to be
    /// such as there are.
    pub(crate) fn resolve(self, name: &Name) -> Result<Definition, QueryError> {
        self.resolve_by(name, &Near(true))
    }

    /// The same without looking for what was meant, which takes the longest.
    pub(crate) fn resolve_at_once(self, name: &Name) -> Result<Definition, QueryError> {
        self.resolve_by(name, &Near(false))
    }

    fn resolve_by(self, name: &Name, near: &Near) -> Result<Definition, QueryError> {
        if !name.is_plain() && !self.dialect().modifiers() {
            let known = self
                .definition(&name.code)
                .map(|definition| definition.name);
            let error = QueryError::new(&rules::QUERY_MODIFIER);
            return Err(match known {
                Some(name) => error.of(name),
                None => error,
            });
        }
        let end = self.follow(name, near)?;
        let Some(mut definition) = end.definition(&name.code) else {
            if name.code == "_has" && end.dialect().modifiers() {
                let error = QueryError::new(&rules::QUERY_MODIFIER);
                return Err(error.expected("_has:Type:reference:name"));
            }
            return Err(
                QueryError::new(&rules::QUERY_NAME).nearest(near.of(&name.code, end.names()))
            );
        };
        if let Some(modifier) = &name.modifier {
            definition.form = modified(definition, modifier, near)?;
        }
        Ok(definition)
    }

    /// What a parameter takes, looked for from a row on.
    pub(crate) fn resolve_from(self, next: &mut usize, name: &Name) -> Option<Resolved> {
        if name.is_plain()
            && let Some(row) = self.row_from(next, &name.code)
        {
            return Some(Resolved::Row(row));
        }
        self.resolve_at_once(name).ok().map(Resolved::from)
    }

    /// The row of an endpoint's parameter, looked for from a row on.
    pub(crate) fn row_from(self, next: &mut usize, name: &str) -> Option<&'static Definition> {
        let Scope::Endpoint(endpoint) = self else {
            return None;
        };
        let rows = endpoint.parameters;
        let (before, after) = rows.split_at_checked(*next).unwrap_or((rows, &[]));
        let same = |definition: &Definition| definition.name == name;
        let at = after.iter().position(same).map(|at| at + before.len());
        let at = at.or_else(|| before.iter().position(same))?;
        *next = at + 1;
        rows.get(at)
    }

    /// Where chains end.
    fn follow(self, name: &Name, near: &Near) -> Result<Scope, QueryError> {
        let mut scope = self;
        for has in &name.has {
            let wrong =
                || QueryError::new(&rules::QUERY_MODIFIER).expected("_has:Type:reference:name");
            let Scope::Resource(now) = scope else {
                return Err(wrong());
            };
            let next = table::resource(&has.resource)
                .ok_or_else(|| wrong().nearest(near.of(&has.resource, table::resources())))?;
            let reference = table::search_parameter(next, &has.reference).ok_or_else(|| {
                let names = table::search_parameters(next).map(SearchParameter::name);
                wrong().nearest(near.of(&has.reference, names))
            })?;
            if !reference.targets(now) {
                return Err(wrong());
            }
            scope = Scope::Resource(next);
        }
        for link in &name.chain {
            scope = scope.link(link, &name.code, near)?;
        }
        Ok(scope)
    }

    /// Where a reference leads: of several types, to the one that has the parameter `code`.
    fn link(self, link: &Link, code: &str, near: &Near) -> Result<Scope, QueryError> {
        let (reference, target) = (&link.reference[..], link.target.as_deref());
        let Some(definition) = self.definition(reference) else {
            let error = QueryError::new(&rules::QUERY_NAME);
            return Err(error.nearest(near.of(reference, self.names())));
        };
        let wrong = || QueryError::new(&rules::QUERY_MODIFIER).of(definition.name);
        match self {
            // Graphnet chains from a patient, to what it takes of patients.
            Scope::Endpoint(_) if reference == "patient" && target.is_none() => {
                let patient = Endpoint::named("graphnet-patient");
                patient.map(Scope::Endpoint).ok_or_else(wrong)
            }
            Scope::Endpoint(_) => Err(wrong()),
            Scope::Resource(resource) => {
                let parameter = table::search_parameter(resource, reference).ok_or_else(wrong)?;
                if parameter.parameter_type() != ParameterType::Reference {
                    return Err(wrong().expected("a reference before the dot"));
                }
                if let Some(target) = target {
                    let found =
                        table::resource(target).filter(|resource| parameter.targets(resource));
                    let listed = parameter.listed_targets().iter().copied();
                    let other = || wrong().nearest(near.of(target, listed));
                    return found.map(Scope::Resource).ok_or_else(other);
                }
                let targets = || table::resources().filter(|resource| parameter.targets(resource));
                let having = |text: &&'static str| Scope::Resource(text).definition(code).is_some();
                let any = targets().find(having).or_else(|| targets().next());
                any.map(Scope::Resource).ok_or_else(wrong)
            }
        }
    }
}

fn in_list(list: &[Definition], name: &str) -> Option<Definition> {
    list.iter().find(|list| list.name == name).copied()
}

/// The definition of a row of R4's table.
fn of_table(parameter: &SearchParameter) -> Definition {
    let kind = match parameter.parameter_type() {
        ParameterType::Composite => ValueForm::Composite(parameter.components()),
        ParameterType::Special => ValueForm::Near {
            with_distance: true,
        },
        other => ValueForm::Fhir(other),
    };
    Definition::new(parameter.name(), kind).many()
}

/// What a parameter takes under a modifier.
fn modified(
    definition: Definition,
    modifier: &Modifier,
    near: &Near,
) -> Result<ValueForm, QueryError> {
    use Modifier as M;
    use ParameterType as P;
    let kind = definition.form;
    let is = |wanted: &[P]| matches!(kind, ValueForm::Fhir(form) if wanted.contains(&form));
    let found = match modifier {
        M::Missing if matches!(kind, ValueForm::Fhir(_)) => Some(ValueForm::Boolean),
        M::Exact | M::Contains if is(&[P::String]) => Some(kind),
        M::Text if is(&[P::Token]) => Some(ValueForm::Fhir(P::String)),
        M::Not if is(&[P::Token]) => Some(kind),
        M::In | M::NotIn if is(&[P::Token]) => Some(ValueForm::Fhir(P::Uri)),
        M::Above | M::Below if is(&[P::Token, P::Uri, P::Reference]) => Some(kind),
        M::OfType if is(&[P::Token]) => Some(ValueForm::OfType),
        M::Identifier if is(&[P::Reference]) => Some(ValueForm::Fhir(P::Token)),
        M::Iterate if kind == ValueForm::Include => Some(kind),
        M::Type(name) if is(&[P::Reference]) && table::is_resource(name) => Some(kind),
        _ => None,
    };
    found.ok_or_else(|| {
        let names = Modifier::names().filter(|name| *name != modifier.as_str());
        QueryError::new(&rules::QUERY_MODIFIER)
            .of(definition.name)
            .nearest(near.of(modifier.as_str(), names.chain(table::resources())))
    })
}

/// Whether the name that was probably meant is looked for.
struct Near(bool);

impl Near {
    fn of(&self, text: &str, names: impl Iterator<Item = &'static str>) -> Option<&'static str> {
        self.0.then(|| nearest(text, names)).flatten()
    }
}

#[cfg(test)]
mod tests;
