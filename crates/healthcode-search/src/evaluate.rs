//! Evaluating queries against parsed Bundles, offline.
//!
//! An [`Index`] of Bundles is built once; [`Index::run`] evaluates a [query](crate::Query) on it, and
//! [`Index::misses`] says of each resource which parameters it does not satisfy.
//!
//! - **What cannot be told is said.** A role whose location has no position is neither near nor far:
//!   it is in [`Outcome::unknown`], with the reason. A parameter that is not supported is an error.
//! - **Distances** are geodesics of WGS84 (Karney's algorithm, to nanometres). Most are not
//!   measured: a haversine on a sphere that fits the surroundings bounds them, and only where the
//!   bounds do not decide, near the radius and among near equals, is the geodesic taken. Results are
//!   those that geodesics alone would give. Of several locations the nearest counts.
//! - **Sorting** by name is by prefix, given names and family name as displayed, without case and
//!   accents; equals stay in the order of the Bundles. What has no distance or name comes last.
//! - **Dates** without time zone are of UTC; `ap` is that spans overlap. Units are not converted.
//! - R4's parameters are those of a table for the common types of resource; composites, `_has`, `:in`,
//!   `:not-in` and hierarchies of codes are not supported yet.

mod asked;
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

pub use index::Index;
pub use outcome::{Hit, Outcome, Reason, Unknown};
pub use plan::Miss;
