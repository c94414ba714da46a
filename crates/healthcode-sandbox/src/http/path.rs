//! [`PathText`]: what a path has in place of a parameter of its route.

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;
use serde::de::DeserializeOwned;
use std::convert::Infallible;

/// The decoded text of a path's parameters. What is not UTF-8 becomes a text that is no id and no name, so that the
/// handler answers as its service does, and to those who may ask.
pub(crate) struct PathText<T>(pub(crate) T);

/// What stands for parameters that are not UTF-8.
pub(crate) trait Undecoded: DeserializeOwned + Send {
    fn undecoded() -> Self;
}

impl Undecoded for String {
    fn undecoded() -> Self {
        char::REPLACEMENT_CHARACTER.to_string()
    }
}

impl Undecoded for (String, String) {
    fn undecoded() -> Self {
        (String::undecoded(), String::undecoded())
    }
}

impl<S: Send + Sync, T: Undecoded> FromRequestParts<S> for PathText<T> {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let path = Path::from_request_parts(parts, state).await;
        Ok(PathText(match path {
            Ok(Path(text)) => text,
            Err(_) => T::undecoded(),
        }))
    }
}
