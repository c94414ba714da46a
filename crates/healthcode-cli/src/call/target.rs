//! [`Target`]: what is called, of any verb.

use super::get::Get;
use super::input::Inputs;
use super::plan::{Plan, Result};
use super::read::Read;
use super::search::Search;
use super::service::{CallEvent, OnEvent, SendError, Service, output};
use super::spine::SpineCall;
use super::token;
use super::write::{Post, Write};
use crate::args::call::Verb;

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

impl Target {
    /// The plan of a verb.
    ///
    /// # Errors
    /// If it cannot be called with these words, options and files.
    pub(super) fn plan(verb: &Verb, inputs: &mut Inputs, dry: bool) -> Result<Plan<Self>> {
        Ok(match verb {
            Verb::Search(args) => args.plan(inputs)?.map(Target::Search),
            Verb::Read(args) => args.plan(inputs)?.map(Target::Read),
            Verb::Create(args) => args.plan(inputs, dry)?.map(Target::Write),
            Verb::Update(args) => args.plan(inputs)?.map(Target::Write),
            Verb::Patch(args) => args.plan(inputs, dry)?.map(Target::Write),
            Verb::Delete(args) => args.plan(inputs)?.map(Target::Write),
            Verb::Token(args) => args.plan()?.map(|()| Target::Token),
            Verb::Post(args) => args.plan(inputs)?.map(Target::Post),
            Verb::Spine(args) => args
                .plan(inputs, dry)?
                .map(|call| Target::Spine(Box::new(call))),
            Verb::Get(args) => args.plan(inputs)?.map(Target::Get),
            Verb::EndpointFirst(_) => return Err("missing verb".into()),
        })
    }

    /// The URL that is called, where a URL was given.
    pub(super) fn url(&self) -> Option<&str> {
        match self {
            Target::Get(get) => Some(&get.url),
            _ => None,
        }
    }

    /// Sends what is meant, and reports what happens.
    ///
    /// # Errors
    /// If a call failed, or an answer could not be printed.
    pub(super) async fn send(
        &self,
        service: &Service,
        on_event: OnEvent<'_>,
    ) -> std::result::Result<(), SendError> {
        match self {
            Target::Search(search) => return search.send(service, on_event).await,
            Target::Read(read) => return read.send(service, on_event).await,
            Target::Token => return token::send(service, on_event).await,
            Target::Write(write) => write.send(service).await?,
            Target::Post(post) => post.send(service).await?,
            Target::Spine(call) => call.send(service).await?,
            Target::Get(get) => get.send(service).await?,
        }
        output(on_event, CallEvent::Answer)
    }
}
