//! Evaluating queries against parsed Bundles, offline.
//!
//! An [`Index`] of Bundles is built once; [`Index::run`] evaluates a [query](healthcode_search::Query) on it, and
//! [`Index::misses`] says of each resource which parameters it does not satisfy.
//!
//! - **What is unknown is reported as such.** A role whose location has no position is neither near nor far:
//!   it is in [`Outcome::unknown`], with the reason. A parameter that is not supported is an error.
//! - **Distances** are geodesics of WGS84 (Karney's algorithm, to nanometres). Most are not
//!   measured: a haversine on a sphere that fits the surroundings bounds them, and only where the
//!   bounds do not decide, near the radius and among near equals, is the geodesic taken. Results are
//!   those that geodesics alone would give. Of several locations the nearest counts.
//! - **Sorting** by name is by prefix, given names and family name as displayed, without case and
//!   accents; equals stay in the order of the Bundles. What has no distance or name comes last.
//! - **R4's parameters** are those with a FHIRPath expression in R4: each looks at what the
//!   expression returns, by the rules for its type and the data type it meets
//!   (<https://hl7.org/fhir/R4/search.html#ptypes>); composites require all parts of one element. Chains and
//!   `_has` go through what was given, each resource once for each step: 16 steps at most, and
//!   [`MAX_FOLLOWED`] references in all, after which the outcome is [incomplete](Outcome::incomplete).
//!   Not supported: `_text`, `_content`, `_query`, `_list`,
//!   `phonetic`, and `:above` and `:below` of references. `:in` and `:not-in` take value sets that are among the
//!   Bundles and list their codes, and any value sets with [`Index::terminology`], which `:above` and
//!   `:below` of codes need; what that does not decide is unknown.
//! - **Dates** without time zone are of UTC; `ap` is that spans overlap.
//! - **Numbers** are as precise as their significant digits: `1e2` is from 50 to 150, `1.0e2` from 95
//!   to 105. Units are compared as they are; none is converted.
//! - **Parts of resources** (`_summary`, `_elements`) are what [`Outcome::bundle`] writes; those of the
//!   outcome are whole.
//! - **Healthcode's** payloads of remittances and memberships are not documented, so that their
//!   parameters are not supported beyond `_since` and pages.

mod criterion;
mod effort;
mod filter;
mod healthcode;
mod include;
mod index;
mod matching;
mod number;
mod order;
mod outcome;
mod place;
mod plan;
mod source;
mod subset;
mod text;
mod time;
mod truth;
mod value_set;
mod walk;

pub use effort::MAX_FOLLOWED;
pub use index::Index;
pub use outcome::{Hit, Outcome, Reason, Unknown};
pub use plan::Miss;
pub use time::period_matches;
