//! [`Plan`]: what is called, made from the options before any work starts.

use super::args::Verb;
use super::endpoint::AccountArgs;
use super::environment::System;
use super::get::Get;
use super::input::Inputs;
use super::read::Read;
use super::search::Search;
use super::spine::SpineCall;
use super::write::{Post, Write};
use healthcode_search::{Endpoint, QueryError};

/// What is called.
pub(super) enum Target {
    Search(Search),
    Read(Read),
    Write(Write),
    Post(Post),
    Spine(Box<SpineCall>),
    Token,
    Get(Get),
}

/// Why nothing can be called.
#[derive(derive_more::From)]
pub(super) enum TargetError {
    #[from]
    Query(QueryError),
    #[from(String, &str)]
    Other(String),
}

pub(super) type Result<T> = std::result::Result<T, TargetError>;

/// What is called, for whom, and where.
pub(super) struct Plan {
    /// The system; without one, that of the environment that has the URL.
    pub(super) system: Option<System>,
    /// The key of the address in the discovery document, if it has one.
    pub(super) discovery_key: Option<&'static str>,
    pub(super) account: AccountArgs,
    pub(super) target: Target,
}

impl Plan {
    /// The plan of a verb.
    ///
    /// # Errors
    /// If it cannot be called with these words, options and files.
    pub(super) fn new(verb: &Verb, inputs: &mut Inputs, dry: bool) -> Result<Self> {
        match verb {
            Verb::Search(args) => args.plan(inputs),
            Verb::Read(args) => args.plan(inputs),
            Verb::Create(args) => args.plan(inputs, dry),
            Verb::Update(args) => args.plan(inputs),
            Verb::Patch(args) => args.plan(inputs, dry),
            Verb::Delete(args) => args.plan(inputs),
            Verb::Token(args) => args.plan(),
            Verb::Post(args) => args.plan(inputs),
            Verb::Spine(args) => args.plan(inputs, dry),
            Verb::Get(args) => args.plan(inputs),
            Verb::EndpointFirst(_) => Err("missing verb".into()),
        }
    }

    /// A plan for a system without discovery.
    pub(super) fn of(system: System, target: Target) -> Self {
        Plan {
            system: Some(system),
            discovery_key: None,
            account: AccountArgs::default(),
            target,
        }
    }

    /// A plan for an endpoint.
    pub(super) fn of_endpoint(endpoint: &Endpoint, system: System, target: Target) -> Self {
        Plan {
            discovery_key: endpoint.discovery_key,
            ..Plan::of(system, target)
        }
    }

    /// The same for an account.
    pub(super) fn account(mut self, account: AccountArgs) -> Self {
        self.account = account;
        self
    }
}
