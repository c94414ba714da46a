//! `call token`: a token alone, and what is known of it.

use super::endpoint::AccountArgs;
use super::environment::System;
use super::service::{CallEvent, OnEvent, SendError, Service, output};
use super::target::{Plan, Target};
use clap::Args;
use healthcode_transport::Error;
use serde_json::{Value, json};
use std::time::SystemTime;

#[derive(Debug, Args)]
pub(super) struct TokenArgs {
    /// Whose token
    #[arg(value_enum)]
    system: System,
    /// Ask for the token of a user who has signed in: their id token is exchanged (NHS)
    #[arg(long)]
    as_user: bool,
}

impl TokenArgs {
    pub(super) fn plan(&self) -> super::target::Result<Plan> {
        let account = AccountArgs {
            as_user: self.as_user,
            ..AccountArgs::default()
        };
        account.check(self.system)?;
        Ok(Plan::of(self.system, Target::Token).account(account))
    }
}

/// Fetches a token.
///
/// # Errors
/// If no token was given out, or what is known of it could not be printed.
pub(super) async fn send(service: &Service, on_event: OnEvent<'_>) -> Result<(), SendError> {
    let summary = summary(service).await?;
    output(on_event, CallEvent::Token(summary))
}

/// What is known of a new token, but not the token.
async fn summary(service: &Service) -> Result<Value, Error> {
    let token = service.tokens()?.token(None).await?;
    let left = token.expires_at().map(|end| {
        let left = end.duration_since(SystemTime::now()).unwrap_or_default();
        left.as_secs_f64().ceil()
    });
    let mut summary = json!({"token_type": "Bearer", "access_token": "[redacted]"});
    if let Some(left) = left {
        summary["expires_in"] = json!(left as u64);
    }
    if let Some(claims) = token.unverified_claims() {
        summary["claims"] = json!(claims.to_string());
    }
    Ok(summary)
}
