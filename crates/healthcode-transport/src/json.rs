//! [`JsonBody`]: JSON that is sent as it was written.

use bytes::Bytes;
use serde_json::Value;
use serde_json::value::RawValue;
use std::fmt;

/// JSON for a body. What was read as a [`RawValue`] keeps its text, so that decimals keep their digits:
/// `1.10` stays `1.10`.
///
/// `Debug` does not show it.
///
/// ```
/// use healthcode_transport::JsonBody;
/// use serde_json::value::RawValue;
/// let written: Box<RawValue> = serde_json::from_str(r#"{"value": 1.10}"#)?;
/// assert_eq!(JsonBody::from(written).as_str(), r#"{"value": 1.10}"#);
/// assert_eq!(JsonBody::from(serde_json::json!([1])).as_str(), "[1]");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct JsonBody(String);

impl fmt::Debug for JsonBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JsonBody({} bytes)", self.0.len())
    }
}

impl JsonBody {
    /// The JSON.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// An array of values.
    fn array(values: &[Value]) -> Self {
        let texts: Vec<String> = values.iter().map(Value::to_string).collect();
        JsonBody(format!("[{}]", texts.join(",")))
    }

    /// The text of an object with this as its only member.
    pub(crate) fn member(&self, name: &str) -> String {
        format!("{{\"{name}\":{}}}", self.0)
    }
}

impl From<JsonBody> for Bytes {
    fn from(body: JsonBody) -> Self {
        body.0.into()
    }
}

impl From<Value> for JsonBody {
    fn from(json: Value) -> Self {
        JsonBody(json.to_string())
    }
}

impl From<&Value> for JsonBody {
    fn from(json: &Value) -> Self {
        JsonBody(json.to_string())
    }
}

impl From<&[Value]> for JsonBody {
    fn from(values: &[Value]) -> Self {
        JsonBody::array(values)
    }
}

impl From<&Vec<Value>> for JsonBody {
    fn from(values: &Vec<Value>) -> Self {
        JsonBody::array(values)
    }
}

impl<const N: usize> From<&[Value; N]> for JsonBody {
    fn from(values: &[Value; N]) -> Self {
        JsonBody::array(values)
    }
}

impl From<&RawValue> for JsonBody {
    fn from(json: &RawValue) -> Self {
        JsonBody(json.get().to_owned())
    }
}

impl From<Box<RawValue>> for JsonBody {
    fn from(json: Box<RawValue>) -> Self {
        JsonBody(String::from(Box::<str>::from(json)))
    }
}
