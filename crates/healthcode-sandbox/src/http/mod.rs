//! Requests and answers, whatever the service.

pub(crate) mod answer;
pub(crate) mod form;
