//! What to do about a call that failed.

use super::environment::{Environment, Service};
use healthcode_transport::{Error, ErrorKind, TransportFault};
use healthcode_validate::render::printable;
use std::io::{self, Write};
use std::time::SystemTime;

/// Says why a call failed, and what helps. Neither has anything that the service wrote but known
/// codes and what its server of tokens says, so that no patient data is told.
pub(super) fn tell(
    error: &Error,
    environment: &Environment,
    out: &mut impl Write,
) -> io::Result<()> {
    writeln!(out, "healthcode: {error}")?;
    // Servers of tokens are told of no patient.
    let said = error.oauth().and_then(|it| it.description.as_deref());
    let said = said.filter(|it| it.len() < 300 && !environment.is_betrayed_by(it));
    if let Some(said) = said.filter(|_| *error.kind() == ErrorKind::Token) {
        writeln!(out, "    it says: {}", printable(said))?;
    }
    if let Some(why) = cause(error) {
        writeln!(out, "    because: {why}")?;
    }
    writeln!(out, "    {}", advice(error, environment))
}

/// What the network said, without addresses: the last cause.
fn cause(error: &Error) -> Option<String> {
    if !matches!(error.kind(), ErrorKind::Transport(_)) {
        return None;
    }
    let mut last: &dyn std::error::Error = std::error::Error::source(error)?;
    while let Some(next) = last.source() {
        last = next;
    }
    Some(last.to_string())
}

fn advice(error: &Error, environment: &Environment) -> String {
    let name = &environment.name;
    let text = match error.kind() {
        ErrorKind::Transport(TransportFault::Connect) => {
            "Nothing was sent. Is the address right, and the service up? A private authority is \
             trusted by ca-file."
        }
        ErrorKind::Transport(_) => "No answer came. Try again.",
        ErrorKind::TooLarge(_) => "Ask for fewer entries: count=, _count= or narrower parameters.",
        ErrorKind::Origin(_) | ErrorKind::Redirect(Some(_)) => {
            "Credentials go to no other origin. If it is the service's own, add it to allow-origins \
             of the environment."
        }
        ErrorKind::Redirect(None) | ErrorKind::RedirectLoop => {
            "The service's redirects are not followed; tell its operator."
        }
        ErrorKind::Insecure(_) => {
            "Write https addresses; http is for addresses of this machine that the environment has."
        }
        ErrorKind::MissingKey(_) | ErrorKind::NoDiscoveryKey(_) => {
            "The environment does not offer this endpoint, or its discovery document has changed."
        }
        ErrorKind::Restricted(_) => "Whoever may use it says --restricted.",
        ErrorKind::Token | ErrorKind::NoToken | ErrorKind::Signer => {
            return format!("No token was given. {}", credentials(environment));
        }
        ErrorKind::Paging(_) => "What came so far is printed. Ask for single pages by page=.",
        ErrorKind::Outcome => "What the service says of it is printed in place of the answer.",
        ErrorKind::Body => "Keep it with --capture FILE.har and try healthcode validate FILE.har.",
        ErrorKind::Status => return by_status(error, environment),
        _ => return format!("Check the settings of the environment {name}."),
    };
    text.to_owned()
}

fn by_status(error: &Error, environment: &Environment) -> String {
    let wait = error
        .head()
        .and_then(|it| it.retry_delay(SystemTime::now()));
    let wait = wait.map(|it| it.as_secs());
    let text = match (error.status().map(|it| it.as_u16()), wait) {
        (Some(401), _) => return format!("The token was refused. {}", credentials(environment)),
        (Some(403), _) => {
            "The credentials are not for this call: check the site, organisation or product, and what \
             the account may use."
        }
        (Some(404), _) => "There is nothing under this address or id.",
        (Some(429 | 503), Some(seconds)) => {
            return format!("The service asks to come back in {seconds} s.");
        }
        (Some(429), None) => "Too many calls: wait, and ask for larger pages.",
        (Some(500..), _) => "The fault is the service's; the same call may succeed later.",
        _ => {
            "The request was refused; what the service says of it is printed, if it is FHIR. \
             healthcode call --dry-run shows the request."
        }
    };
    text.to_owned()
}

/// Where the credentials are set.
fn credentials(environment: &Environment) -> String {
    if environment.name == "sandbox" {
        return "Those of a sandbox end with it: is the file of the one that is running?"
            .to_owned();
    }
    let name = &environment.name;
    let settings = match &environment.service {
        Service::Healthcode { .. } => "key-id and the variable of the key",
        Service::Nhs { .. } => "kid, private-key-file and the variable of the api-key",
        Service::Graphnet { .. } => {
            "client-id and the variables of client-secret and subscription-key"
        }
    };
    format!("Check {settings} of the environment {name}.")
}
