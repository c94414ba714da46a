//! Builders of the documented calls, with a method for each parameter. Queries are encoded in the documented
//! order, whatever the order of the calls.

mod healthcode;
mod nhs;

pub use healthcode::{
    FindMember, IcePractitionerSearch, PractitionerRoleSearch, PractitionerSearch, RemittanceSearch,
};
pub use nhs::{DeviceLookup, EndpointLookup, PatientTrace};

use crate::endpoint::Endpoint;
use crate::issue::QueryError;
use crate::query::Query;
use crate::value::Value;

/// What a builder has collected.
#[derive(Clone, Debug, PartialEq)]
struct Draft {
    endpoint: &'static str,
    parameters: Vec<(&'static str, Vec<Value>)>,
}

impl Draft {
    fn new(endpoint: &'static str) -> Self {
        Draft {
            endpoint,
            parameters: Vec::new(),
        }
    }

    /// Sets a parameter that occurs once.
    fn set(&mut self, name: &'static str, value: Value) {
        self.parameters.retain(|parameter| parameter.0 != name);
        self.add(name, value);
    }

    /// Adds a parameter that may be repeated.
    fn add(&mut self, name: &'static str, value: Value) {
        self.parameters.push((name, vec![value]));
    }

    /// Adds a value to a parameter that takes a list.
    fn join(&mut self, name: &'static str, value: Value) {
        match self
            .parameters
            .iter_mut()
            .find(|parameter| parameter.0 == name)
        {
            Some((_, values)) => values.push(value),
            None => self.add(name, value),
        }
    }

    /// The query, in the order of the endpoint's table.
    fn build(self) -> Result<Query, QueryError> {
        let endpoint = Endpoint::named(self.endpoint);
        let mut query =
            Query::of(endpoint.ok_or_else(|| QueryError::new(&crate::rules::QUERY_ENDPOINT))?);
        let scope = query.scope();
        let mut parameters = self.parameters;
        parameters.sort_by_key(|parameter| scope.names().position(|name| name == parameter.0));
        for (name, values) in parameters {
            query.push(name, values)?;
        }
        QueryError::check(query.check())?;
        Ok(query)
    }
}

/// One row a method: how it sets (`set`, `add` or `join`), the parameter of the endpoint's table, and the
/// method's documentation. Rows after `also` are other methods for parameters that are there.
macro_rules! builder {
    (
        $(#[$doc:meta])*
        $builder:ident of $endpoint:literal {
            $($how:ident $method:ident($($kind:tt)+) $definition:expr, $text:literal;)*
        } $(also {
            $($also:ident $other:ident($($other_kind:tt)+) $name:literal, $other_text:literal;)*
        })?
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $builder(crate::build::Draft);

        impl Default for $builder {
            fn default() -> Self {
                $builder(crate::build::Draft::new($endpoint))
            }
        }

        impl $builder {
            /// Without parameters.
            #[must_use]
            pub fn new() -> Self {
                Self::default()
            }

            /// The endpoint's parameters, in the documented order.
            pub(crate) const PARAMETERS: &[crate::Definition] = &[$($definition),*];

            $(crate::build::method!($text $method $how const { $definition }.name, $($kind)+);)*
            $($(crate::build::method!($other_text $other $also $name, $($other_kind)+);)*)?

            /// The query.
            ///
            /// # Errors
            /// If the parameter does not take a value, if a mandatory parameter is missing, or
            /// if parameters contradict each other.
            pub fn build(self) -> Result<crate::Query, crate::QueryError> {
                self.0.build()
            }
        }
    };
}

/// A method that sets a parameter.
macro_rules! method {
    ($text:literal $method:ident $how:ident $name:expr, $($kind:tt)+) => {
        #[doc = $text]
        #[must_use]
        pub fn $method(mut self, value: crate::build::argument!($($kind)+)) -> Self {
            let value = crate::build::value!($($kind)+, value);
            self.0.$how($name, value);
            self
        }
    };
}

/// The type of a method's argument.
macro_rules! argument {
    (text) => { impl Into<healthcode_core::Str> };
    (code) => { impl Into<healthcode_core::Str> };
    (word) => { impl Into<healthcode_core::Str> };
    (days) => { (crate::DateTime, crate::DateTime) };
    (date) => { crate::DateTime };
    (day) => { (Option<crate::Prefix>, crate::DateTime) };
    (amount) => { (Option<crate::Prefix>, crate::Decimal) };
    (number) => { crate::Decimal };
    (names) => { &[&str] };
    (sort) => { (impl Into<healthcode_core::Str>, crate::Order) };
    (identifier $argument:ty) => { &$argument };
    (bare $argument:ty) => { &$argument };
    ($argument:ty) => { $argument };
}

/// The value of a method's argument.
macro_rules! value {
    (text, $value:ident) => {
        crate::Value::Text($value.into())
    };
    (code, $value:ident) => {
        crate::Value::Token(crate::Token::Code($value.into()))
    };
    (word, $value:ident) => {
        crate::Value::Word($value.into())
    };
    (days, $value:ident) => {
        crate::Value::Days($value.0, $value.1)
    };
    (date, $value:ident) => {
        crate::Value::Date(None, $value)
    };
    (day, $value:ident) => {
        crate::Value::Date($value.0, $value.1)
    };
    (amount, $value:ident) => {
        crate::Value::Number($value.0, $value.1)
    };
    (number, $value:ident) => {
        crate::Value::Number(None, $value)
    };
    (names, $value:ident) => {
        crate::Value::Names($value.iter().map(|value| (*value).into()).collect())
    };
    (sort, $value:ident) => {
        crate::Value::Sort(crate::SortKey {
            field: $value.0.into(),
            order: Some($value.1),
        })
    };
    (identifier $argument:ty, $value:ident) => {
        crate::Value::Token(crate::Token::coded(
            <$argument as healthcode_uk::UkIdentifier>::SYSTEM.uri(),
            $value.as_str(),
        ))
    };
    (bare $argument:ty, $value:ident) => {
        crate::Value::Token(crate::Token::Code($value.as_str().into()))
    };
    ($argument:ty, $value:ident) => {
        crate::Value::from($value)
    };
}

pub(crate) use {argument, builder, method, value};
