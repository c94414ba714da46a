//! `call token`: a token alone, and what is known of it.

use super::plan::{self, Plan};
use super::service::{CallEvent, OnEvent, SendError, Service, output};
use crate::args::call::{AccountArgs, TokenArgs};
use healthcode_transport::Error;
use serde_json::{Value, json};
use std::time::SystemTime;

impl TokenArgs {
    pub(super) fn plan(&self) -> plan::Result<Plan<()>> {
        let account = AccountArgs {
            as_user: self.as_user,
            ..AccountArgs::default()
        };
        account.check(self.system)?;
        Ok(Plan::of(self.system, account, ()))
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
